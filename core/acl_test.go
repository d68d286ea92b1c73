package core

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/core/resp"
)

// aclEngine is an engine with the ACL file f, which may be nil.
func aclEngine(t *testing.T, f ACLFile, config map[string]string) (*Engine, error) {
	t.Helper()
	if config == nil {
		config = map[string]string{}
	}
	config["appendonly"] = "no"
	e, err := Open(context.Background(), Options{Config: config, Now: 1_700_000_000_000, ACLFile: f})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, e.Close(context.Background())) })
	}
	return e, err
}

// say runs lines on a session and gives what the last was answered.
func say(t *testing.T, s *Session, lines ...string) (out string) {
	t.Helper()
	for _, line := range lines {
		words, ok := resp.SplitWords([]byte(line))
		require.True(t, ok, line)
		s.e.Turn(1_700_000_000_000)
		var w resp.Writer
		w.Array(len(words))
		for _, word := range words {
			w.Bulk(word)
		}
		s.Feed(w.Bytes())
		s.e.EndTurn()
		out = string(s.Output())
		s.Take(len(out))
	}
	return out
}

func TestUsersCostNothingToWhoMayDoEverything(t *testing.T) {
	e, err := aclEngine(t, nil, nil)
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	assert.False(t, s.guarded)
	say(t, s, "ACL SETUSER default -flushall")
	assert.True(t, s.guarded)
	say(t, s, "ACL SETUSER default +@all")
	assert.False(t, s.guarded)
	say(t, s, "CONFIG SET requirepass x")
	assert.False(t, s.guarded, "it was there before")
	late := e.NewSession(SessionOptions{})
	assert.True(t, late.guarded)
	assert.Equal(t, "-NOAUTH Authentication required.\r\n", say(t, late, "GET a"))
	assert.Equal(t, "+OK\r\n", say(t, late, "AUTH x"))
	assert.False(t, late.guarded)
}

func TestABlockedCommandIsCheckedAgainWhenItIsServed(t *testing.T) {
	e, err := aclEngine(t, nil, nil)
	require.NoError(t, err)
	admin, s, next := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	say(t, admin, "ACL SETUSER u on nopass ~l +blpop")
	assert.Empty(t, say(t, s, "AUTH u x", "BLPOP l 0"))
	assert.Empty(t, say(t, next, "BLPOP l 0"))
	say(t, admin, "ACL SETUSER u -blpop")
	assert.Equal(t, ":1\r\n", say(t, admin, "RPUSH l x"))
	assert.Equal(t, "-NOPERM User u has no permissions to run the 'blpop' command\r\n", string(s.Output()))
	assert.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\nx\r\n", string(next.Output()), "the element goes to who waits next")
	assert.False(t, s.parked)
}

func TestSessionsEndWithTheirUser(t *testing.T) {
	e, err := aclEngine(t, nil, nil)
	require.NoError(t, err)
	admin, s := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	say(t, admin, "ACL SETUSER u on nopass +@all ~*")
	assert.Empty(t, say(t, s, "AUTH u x", "BLPOP l 0"))
	assert.Contains(t, say(t, admin, "CLIENT LIST"), " user=u ")
	assert.Equal(t, ":1\r\n", say(t, admin, "ACL DELUSER u"))
	assert.True(t, s.Closing())
	assert.Empty(t, say(t, s, "GET a"))
}

func TestACLLogGroupsWhatIsTheSame(t *testing.T) {
	e, err := aclEngine(t, nil, map[string]string{"acllog-max-len": "2"})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	say(t, s, "AUTH a x", "AUTH b x", "auth a x", "AUTH a x")
	require.Len(t, e.acl.log.entries, 2)
	assert.Equal(t, "AUTH", e.acl.log.entries[0].Object)
	assert.EqualValues(t, 1, e.acl.log.entries[0].Count, "the older one had gone")
	assert.Equal(t, "auth", e.acl.log.entries[1].Object)
	say(t, s, "auth a x")
	assert.EqualValues(t, 2, e.acl.log.entries[0].Count)
	assert.EqualValues(t, 2, e.acl.log.entries[0].ID)
	long := strings.Repeat("x", 1<<20)
	say(t, s, "AUTH "+long+" x")
	assert.LessOrEqual(t, len(e.acl.log.entries[0].User), maxACLObject)
}

// usersFile is an ACL file in memory.
type usersFile struct {
	text string
	err  error
}

func (f *usersFile) Read() ([]byte, error) { return []byte(f.text), f.err }
func (f *usersFile) Replace(text []byte) error {
	if f.err == nil {
		f.text = string(text)
	}
	return f.err
}

func TestACLFile(t *testing.T) {
	f := &usersFile{text: "\n user a on nopass ~k  +get \r\nuser b on nopass +@all (+get ~x)\n"}
	e, err := aclEngine(t, f, map[string]string{"aclfile": "users.acl"})
	require.NoError(t, err)
	admin, a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	say(t, a, "AUTH a x")
	say(t, b, "AUTH b x")
	assert.Equal(t, "+OK\r\n", say(t, admin, "ACL SAVE"))
	assert.Equal(t, "user a on nopass sanitize-payload ~k resetchannels -@all +get\n"+
		"user b on nopass sanitize-payload resetchannels +@all (~x resetchannels -@all +get)\n"+
		"user default on nopass sanitize-payload ~* &* +@all\n", f.text)

	f.text = "user a on nopass ~other +get\nuser default on nopass ~* &* +@all"
	assert.Equal(t, "+OK\r\n", say(t, admin, "ACL LOAD"))
	assert.Equal(t, "-NOPERM No permissions to access a key\r\n", say(t, a, "GET k"))
	assert.Equal(t, "$-1\r\n", say(t, a, "GET other"))
	assert.True(t, b.Closing(), "its user is no more")

	for text, want := range map[string]string{
		"foo bar":                   "users.acl:1 should start with user keyword followed by the username. ",
		"user":                      "users.acl:1 should start with user keyword followed by the username. ",
		"user a foo":                "users.acl:1: Syntax error. ",
		"user a +nosuch\nuser a on": "users.acl:1: Error in applying operation '+nosuch': Unknown command or category name in ACL. WARNING: Duplicate user 'a' found on line 2. ",
	} {
		f.text = text
		assert.Equal(t, "-ERR "+want+aclFileRefused+"\r\n", say(t, admin, "ACL LOAD"))
		assert.Equal(t, "*2\r\n$1\r\na\r\n$7\r\ndefault\r\n", say(t, admin, "ACL USERS"))
	}
	_, err = aclEngine(t, f, map[string]string{"aclfile": "users.acl"})
	assert.Error(t, err, "a store does not open with other rights than the file's")
	_, err = aclEngine(t, nil, map[string]string{"aclfile": "users.acl"})
	assert.Error(t, err)
	f.err = errors.New("no room")
	assert.Equal(t, "-"+string(errACLSave)+"\r\n", say(t, admin, "ACL SAVE"))
	assert.Contains(t, say(t, admin, "ACL LOAD"), "-ERR Error loading ACLs, opening file 'users.acl': no room")
}

// Who listens to what he may no longer listen to is sent away, and nobody else.
func TestLosingAChannelEndsWhoListensToIt(t *testing.T) {
	file := &usersFile{}
	e, err := aclEngine(t, file, map[string]string{"aclfile": "users.acl"})
	require.NoError(t, err)
	admin := e.NewSession(SessionOptions{})
	say(t, admin, "ACL SETUSER u on nopass +@all ~* &a* &b (&s* +@all)")
	as := func(lines ...string) *Session {
		s := e.NewSession(SessionOptions{})
		say(t, s, append([]string{"AUTH u x"}, lines...)...)
		return s
	}
	a, b, pattern, shard, idle := as("SUBSCRIBE a1"), as("SUBSCRIBE b"), as("PSUBSCRIBE a*"), as("SSUBSCRIBE s1"), as("PING")
	me := as("HELLO 3", "SUBSCRIBE a1")
	ended := func() (which string) {
		for i, s := range []*Session{a, b, pattern, shard, idle, me} {
			if s.Closing() {
				which += string("abpsim"[i])
			}
		}
		return which
	}
	say(t, admin, "ACL SETUSER u &more")
	assert.Empty(t, ended())
	say(t, admin, "ACL SETUSER u resetchannels &a1 &b &more")
	assert.Equal(t, "p", ended(), "a pattern is allowed word for word")
	say(t, admin, "ACL SETUSER u clearselectors")
	assert.Equal(t, "ps", ended())
	assert.Equal(t, "+OK\r\n", say(t, me, "ACL SETUSER u resetchannels &b"), "he is answered first")
	assert.Equal(t, "apsm", ended())
	assert.Zero(t, e.Subscribers(command.Channel, []byte("a1")))

	say(t, admin, "ACL SETUSER u allchannels", "ACL SETUSER default resetchannels &b", "SUBSCRIBE b")
	file.text = "user u on nopass +@all ~* &b\nuser default on nopass +@all ~* &b\n"
	other := as("SUBSCRIBE z")
	assert.Equal(t, "+OK\r\n", say(t, e.NewSession(SessionOptions{}), "ACL LOAD"))
	assert.True(t, other.Closing())
	assert.Equal(t, "apsm", ended())
	assert.False(t, admin.Closing())
	assert.Equal(t, "+PONG\r\n", say(t, idle, "PING"))
	file.text = "user u on nopass +@all ~* &b\nuser default on nopass +@all ~* resetchannels\n"
	assert.Equal(t, "+OK\r\n", say(t, idle, "ACL LOAD"))
	assert.True(t, admin.Closing())
}

// INFO counts what was refused.
func TestRefusalsAreCounted(t *testing.T) {
	e, err := aclEngine(t, nil, nil)
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	say(t, s, "ACL SETUSER u on nopass +@all -incr ~a &c", "AUTH u x", "INCR a", "GET b", "GET b", "PUBLISH d x", "PUBLISH d x", "PUBLISH d x",
		"AUTH nobody x", "AUTH nobody x", "AUTH nobody x", "AUTH nobody x", "ACL DRYRUN u get b")
	assert.Contains(t, say(t, s, "INFO stats"), "acl_access_denied_auth:4\r\nacl_access_denied_cmd:1\r\nacl_access_denied_key:2\r\nacl_access_denied_channel:3\r\n")
}

// Words that look like keywords lead the key specs astray, in Redis too; here that opens no key.
func TestNoKeyIsTouchedPastTheRights(t *testing.T) {
	e, err := aclEngine(t, nil, nil)
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	say(t, s, "GEOADD src 1 1 m", "XADD secret 1 f v", "XGROUP CREATE secret g 0", "ACL SETUSER u on nopass +@all ~src ~a ~STOREDIST ~STREAMS", "AUTH u x")
	const denied = "-NOPERM No permissions to access a key\r\n"
	for _, line := range []string{
		"GEORADIUS src 0 0 1000 km STORE a STORE secret", "GEORADIUS src 0 0 1000 km STORE STOREDIST STOREDIST secret",
		"GEORADIUSBYMEMBER src m 1 km STORE a STOREDIST secret", "GEORADIUSBYMEMBER src m 1 km STORE STOREDIST STOREDIST secret",
		"XREADGROUP NOACK GROUP g streams STREAMS secret >", "XREADGROUP COUNT 1 GROUP g streams STREAMS secret >",
		"XREADGROUP GROUP streams streams STREAMS secret >", "XREAD COUNT 1 STREAMS a secret 0 0",
		"SORT src BY nosort GET # STORE a STORE secret", "SORT src LIMIT 0 1 STORE secret", "GEOSEARCHSTORE secret src FROMMEMBER m BYRADIUS 1 km",
		"ZUNIONSTORE a 1 secret", "LMPOP 2 a secret LEFT", "BLMPOP 0 2 a secret LEFT", "BITOP NOT secret src", "COPY src secret", "MIGRATE h 1 secret 0 1",
	} {
		assert.Equal(t, denied, say(t, s, line), line)
	}
	assert.Equal(t, ":1\r\n", say(t, s, "GEORADIUS src 0 0 1000 km STORE STOREDIST"))
}
