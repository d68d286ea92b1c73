package core

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/param"
	"tabdis/core/storage/memfs"
)

func TestASessionStopsAtItsOutputLimit(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	s.SetOutputLimit(20)
	e.Turn(start)
	s.Feed([]byte(strings.Repeat("INCR n\r\n", 12)))
	e.EndTurn()
	require.True(t, s.Stuffed())
	total := ""
	for turns := 0; s.Stuffed(); turns++ {
		require.Less(t, turns, 10)
		assert.Less(t, len(s.Output()), 24)
		total += string(s.Output())
		s.Take(len(s.Output()))
		e.Turn(start)
		s.Resume()
		e.EndTurn()
	}
	total += string(s.Output())
	assert.Equal(t, 12, strings.Count(total, "\r\n"))
	assert.True(t, strings.HasSuffix(total, ":12\r\n"))
	s.SetOutputLimit(0)
	s.Close()
	assert.False(t, s.Stuffed())
	s.Resume()
}

// fakeProgram has two parameters, of which one can be made to fail.
type fakeProgram struct {
	a, b    string
	fails   bool
	rewrote ConfigState
	params  []*Parameter
}

func newFakeProgram() *fakeProgram {
	p := &fakeProgram{a: "1", b: "1"}
	for name, at := range map[string]*string{"a": &p.a, "b": &p.b} {
		p.params = append(p.params, &Parameter{Name: name, Alias: "old-" + name, Default: "1", Get: func() string { return *at },
			Check: func(v string) string { _, wrong := param.Int(v, 0, 9); return wrong },
			Set: func(v string) error {
				if p.fails && name == "b" && v != "1" {
					return errors.New("it does not work")
				}
				*at = v
				return nil
			}})
	}
	p.params = append(p.params, &Parameter{Name: "kept", Protected: true, Immutable: true, Get: func() string { return "x" }})
	return p
}

func (p *fakeProgram) Parameters() []*Parameter { return p.params }
func (p *fakeProgram) ResetStat()               {}
func (p *fakeProgram) Rewrite(e *Engine) error  { p.rewrote = e.ConfigState(); return nil }
func (p *fakeProgram) Info(section string, field func(name, value string)) {
	if section == "clients" {
		field("maxclients", "7")
	}
}

func TestParametersOfTheProgram(t *testing.T) {
	p := newFakeProgram()
	e, err := Open(context.Background(), Options{Program: p, Now: start})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	assert.Equal(t, "*4\r\n$1\r\na\r\n$1\r\n1\r\n$5\r\nold-a\r\n$1\r\n1\r\n", do(e, s, "CONFIG GET a old-a"))
	assert.Equal(t, "+OK\r\n", do(e, s, "CONFIG SET old-a 2 hz 20"))
	assert.Equal(t, "2", p.a)
	p.fails = true
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'b') - it does not work\r\n", do(e, s, "CONFIG SET hz 30 a 3 b 3 maxmemory 1gb"))
	assert.Equal(t, []string{"2", "1"}, []string{p.a, p.b}, "what was set is as before")
	assert.Zero(t, e.config.maxmemory)
	assert.Equal(t, 20, e.config.hz)
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'a') - argument must be between 0 and 9 inclusive\r\n", do(e, s, "CONFIG SET hz 30 a 10"))
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'appendonly') - this store is kept in memory alone\r\n", do(e, s, "CONFIG SET a 5 appendonly yes"))
	assert.Equal(t, "2", p.a)
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'kept') - can't set protected config\r\n", do(e, s, "CONFIG SET kept 1"))
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'A') - duplicate parameter\r\n", do(e, s, "CONFIG SET a 1 old-a 2 A 1"))
	assert.Contains(t, do(e, s, "INFO clients"), "maxclients:7\r\n")
	assert.Equal(t, "+OK\r\n", do(e, s, "CONFIG REWRITE"))
	assert.Contains(t, p.rewrote.Values, ConfigValue{"a", "old-a", "2", "1", Plain})
	assert.Contains(t, p.rewrote.Values, ConfigValue{"hz", "", "20", "10", Plain})
	assert.Empty(t, p.rewrote.Users, "the default user is as requirepass makes it")
	do(e, s, "ACL SETUSER u on")
	do(e, s, "CONFIG REWRITE")
	require.Len(t, p.rewrote.Users, 1)
	assert.Contains(t, p.rewrote.Users[0], "user u on ")
}

func TestProtectedParameters(t *testing.T) {
	for allow, want := range map[string]string{"no": "protected", "yes": "immutable", "local": "immutable"} {
		e, err := Open(context.Background(), Options{Program: newFakeProgram(), Now: start, Config: map[string]string{"enable-protected-configs": allow}})
		require.NoError(t, err)
		assert.Contains(t, do(e, e.NewSession(SessionOptions{Addr: "127.0.0.1:1"}), "CONFIG SET kept 1"), "can't set "+want+" config", allow)
		if allow == "local" {
			assert.Contains(t, do(e, e.NewSession(SessionOptions{Addr: "10.0.0.1:1"}), "CONFIG SET kept 1"), "can't set protected config")
		}
	}
}

func TestUsersOfTheConfiguration(t *testing.T) {
	e, err := Open(context.Background(), Options{Now: start, Config: map[string]string{"requirepass": "x"}, Users: [][]string{{"default", "on", ">y", "+ping"}, {"bob", "off"}}})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	assert.Contains(t, do(e, s, "AUTH x"), "-WRONGPASS", "the user's line counts")
	assert.Equal(t, "+OK\r\n+PONG\r\n", do(e, s, "AUTH y")+do(e, s, "PING"))
	_, err = Open(context.Background(), Options{Now: start, Users: [][]string{{"bob", "nonsense"}}})
	require.ErrorContains(t, err, "user 'bob': Error in ACL SETUSER modifier 'nonsense'")
}

func TestLatencyTracking(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "CONFIG SET latency-tracking-info-percentiles \"50 99.99\"")
	do(e, s, "GET a")
	assert.Regexp(t, `latency_percentiles_usec_get:p50=[0-9.]+,p99.99=[0-9.]+\r\n`, do(e, s, "INFO latencystats"))
	do(e, s, "CONFIG SET latency-tracking no")
	do(e, s, "STRLEN a")
	assert.NotContains(t, do(e, s, "INFO latencystats"), "usec")
	do(e, s, "CONFIG SET latency-tracking yes")
	assert.NotContains(t, do(e, s, "INFO latencystats"), "strlen")
}

func TestPeaksOfTheBuffers(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	field := func(at int64) string {
		e.Turn(at)
		s2 := e.NewSession(SessionOptions{})
		s2.Feed([]byte("INFO clients\r\n"))
		e.EndTurn()
		defer s2.Close()
		return string(s2.Output())
	}
	e.Turn(start)
	s.Feed([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n" + strings.Repeat("x", 50_000)))
	e.EndTurn()
	e.Tick(start + 200)
	assert.Regexp(t, `client_recent_max_input_buffer:[5-9]\d{4}`, field(start+300))
	s.Close()
	assert.Regexp(t, `client_recent_max_input_buffer:[5-9]\d{4}`, field(start+3000), "a moment ago it was so")
	assert.Regexp(t, `client_recent_max_input_buffer:\d{1,4}\r`, field(start+20_000))
}
