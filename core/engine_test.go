package core

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/core/resp"
	"tabdis/core/storage/memfs"
)

const start = 1_700_000_000_000

func open(t *testing.T, store *memfs.Store) *Engine {
	t.Helper()
	fs, err := store.Open()
	require.NoError(t, err)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	return e
}

func do(e *Engine, s *Session, lines ...string) string {
	e.Turn(start)
	for _, line := range lines {
		s.Feed([]byte(line + "\r\n"))
	}
	e.EndTurn()
	out := string(s.Output())
	s.Take(len(out))
	return out
}

// A command that panics half-way must not reach the log, nor take along what was executed before it in the same turn.
func TestPanicInACommandStopsTheEngineAndLeavesTheLogWhole(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	ping := e.table.Named([]byte("ping"))
	was := ping.Do
	defer func() { ping.Do = was }()
	ping.Do = func(c *command.Call) {
		c.Server.(*Engine).feed(0, [][]byte{[]byte("SET"), []byte("half"), []byte("done")})
		panic("something impossible")
	}
	out := do(e, s, "SET k v", "PING", "SET after 1")
	assert.True(t, strings.HasPrefix(out, "+OK\r\n-ERR tabdis has stopped: a fault inside 'ping' (something impossible)"), out)
	assert.Contains(t, e.Dead(), "ping")
	for _, line := range []string{"GET k", "SET x 1", "PING"} {
		assert.True(t, strings.HasPrefix(do(e, other, line), "-ERR tabdis has stopped"), line)
	}
	require.NoError(t, e.Close(context.Background()))
	store.Kill()

	ping.Do = was
	e = open(t, store)
	s = e.NewSession(SessionOptions{})
	assert.Equal(t, "$1\r\nv\r\n$-1\r\n$-1\r\n", do(e, s, "GET k", "GET half", "GET after"))
	assert.Nil(t, e.Report().Truncated)
}

// What forbids a command is looked at once for a batch; what may change it in the middle of one is seen all the same.
func TestWhatForbidsACommandMayComeInTheMiddleOfABatch(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	out := func(lines ...string) string {
		var batch []byte
		for _, line := range lines {
			words := strings.Fields(line)
			batch = append(batch, "*"+strconv.Itoa(len(words))+"\r\n"...)
			for _, w := range words {
				batch = append(batch, "$"+strconv.Itoa(len(w))+"\r\n"+w+"\r\n"...)
			}
		}
		e.Turn(start)
		s.Feed(batch)
		e.EndTurn()
		text := string(s.Output())
		s.Take(len(text))
		return text
	}
	oom := "-" + string(resp.ErrOOM) + "\r\n"
	assert.Equal(t, "+OK\r\n+OK\r\n"+oom+"$1\r\nv\r\n", out("SET k v", "CONFIG SET maxmemory 1", "SET k w", "GET k"))
	assert.Equal(t, "+OK\r\n+OK\r\n", out("CONFIG SET maxmemory 0", "SET k w"))
	limit := strconv.FormatInt(e.ks.Memory()+1<<19, 10)
	assert.Equal(t, "+OK\r\n+OK\r\n:1000001\r\n"+oom, out("CONFIG SET maxmemory "+limit, "SET k w", "SETRANGE big 1000000 x", "SET k v"))
	assert.Equal(t, "+OK\r\n+OK\r\n", out("FLUSHALL", "SET k v"))
	assert.Equal(t, "+OK\r\n+QUEUED\r\n*1\r\n:1000001\r\n"+oom, out("MULTI", "SETRANGE big 1000000 x", "EXEC", "SET k v"))
}

// However many keys are watched, each is watched once, and nobody walks along all of them for one.
func TestManyAreWatched(t *testing.T) {
	e := open(t, memfs.New())
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	const n = 100_000
	batch := []byte("*" + strconv.Itoa(2*n+1) + "\r\n$5\r\nWATCH\r\n")
	for i := range 2 * n {
		key := "k" + strconv.Itoa(i%n)
		batch = append(batch, "$"+strconv.Itoa(len(key))+"\r\n"+key+"\r\n"...)
	}
	assert.Equal(t, "+OK\r\n", do(e, s, string(batch[:len(batch)-2])))
	assert.Len(t, s.watched, n)
	assert.Equal(t, "+OK\r\n", do(e, other, "SET k5 v"))
	assert.Equal(t, "+OK\r\n*-1\r\n", do(e, s, "MULTI", "EXEC"))
	assert.Empty(t, e.watches)
}

func TestOutputReleasesInOrderAndTakesBackWhatFailed(t *testing.T) {
	var o output
	write := func(text string, changes bool) {
		from := o.w.Len()
		o.w.Raw([]byte(text))
		if changes {
			o.changed(from)
		}
	}
	released := func() string {
		s := string(o.w.Bytes()[:o.released])
		o.take(o.released)
		return s
	}
	write("+r1\r\n", false)
	write("+w1\r\n", true)
	o.hold(1)
	write("+r2\r\n", false)
	o.hold(2)
	write("+w3\r\n", true)
	o.hold(3)
	write("+r4\r\n", false)
	o.hold(0) // waits for nothing but those before it
	assert.False(t, o.settle(0, nil))
	assert.Empty(t, released())
	assert.True(t, o.settle(1, nil))
	assert.Equal(t, "+r1\r\n+w1\r\n", released())
	assert.True(t, o.settle(3, errors.New("disk on fire")))
	out := released()
	assert.Regexp(t, `^\+r2\r\n-NOTDURABLE .*disk on fire.*\r\n\+r4\r\n$`, out)
	assert.Zero(t, o.w.Len())
	assert.Empty(t, o.holds)
	assert.Empty(t, o.effects)
}

func TestConfigSetIsAllOrNothing(t *testing.T) {
	e := open(t, memfs.New())
	err := e.ConfigSet([][2]string{{"maxmemory", "5mb"}, {"appendfsync", "never"}})
	require.Error(t, err)
	assert.Zero(t, e.config.maxmemory)
	require.NoError(t, e.ConfigSet([][2]string{{"maxmemory", "5mb"}, {"hash-max-ziplist-entries", "7"}}))
	assert.Equal(t, int64(5<<20), e.config.maxmemory)
	assert.Equal(t, 7, e.ks.Limits.HashMaxListpackEntries)
}

func TestAStoreInMemoryTakesConfigButNoLog(t *testing.T) {
	e, err := Open(context.Background(), Options{Now: start})
	require.NoError(t, err)
	require.NoError(t, e.ConfigSet([][2]string{{"maxmemory", "5mb"}}))
	require.ErrorContains(t, e.ConfigSet([][2]string{{"appendonly", "yes"}}), "kept in memory alone")
	s := e.NewSession(SessionOptions{})
	assert.Equal(t, "+OK\r\n", do(e, s, "SET k v"))
}

func TestParamsAreSortedAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	last := ""
	for _, p := range params {
		assert.Less(t, last, p.name)
		last = p.name
		for _, name := range []string{p.name, p.alias} {
			if name != "" {
				assert.False(t, seen[name], name)
				seen[name] = true
			}
		}
	}
}
