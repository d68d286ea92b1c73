package core

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// numbered opens a session of a client and takes its first output.
func numbered(e *Engine, client, next uint64) (*Session, string) {
	e.Turn(start)
	s := e.NewSession(SessionOptions{Client: client, Next: next})
	e.EndTurn()
	return s, take(s)
}

// greeting is what a client is told of these replies: number, reply, number, reply …
func greeting(highest int, replies ...any) string {
	text := fmt.Sprintf("*%d\r\n:%d\r\n", 1+len(replies)/2, highest)
	for i := 0; i < len(replies); i += 2 {
		if replies[i+1] == nil {
			text += fmt.Sprintf("*2\r\n:%d\r\n$-1\r\n", replies[i])
			continue
		}
		text += fmt.Sprintf("*2\r\n:%d\r\n$%d\r\n%s\r\n", replies[i], len(replies[i+1].(string)), replies[i+1])
	}
	return text
}

// afterKill opens the store anew as it is on disk.
func afterKill(t *testing.T, store *memfs.Store) *Engine {
	t.Helper()
	store.Kill()
	return open(t, store)
}

func TestWhatHadAnEffectIsKnownToTheNextLeader(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(0), first)
	do(e, s, "SET k v", "GET k", "INCR n", "SET k w NX", "LPUSH l a b c", "DEL none", "EXPIRE none 5", "PUBLISH c m", "LRANGE l 0 -1", "NONSENSE", "GET", "SET k "+strings.Repeat("v", 100)+" GET")
	do(e, s, "GETRANGE k 0 -1", "SET k x GET", "PING", "")
	other, first := numbered(e, 1<<63|8, 5)
	assert.Equal(t, greeting(0), first)
	do(e, other, "HSET h f v", "LPOP l")
	want := greeting(14, 1, "+OK\r\n", 3, ":1\r\n", 5, ":3\r\n", 12, "$1\r\nv\r\n", 14, nil)
	for range 3 {
		e = afterKill(t, store)
		_, first = numbered(e, 7, 1)
		assert.Equal(t, want, first)
		_, first = numbered(e, 1<<63|8, 5)
		assert.Equal(t, greeting(6, 5, ":1\r\n", 6, "$1\r\nc\r\n"), first)
		_, first = numbered(e, 9, 1)
		assert.Equal(t, greeting(0), first)
		assert.Equal(t, []uint64{7, 1<<63 | 8, 9}, e.Clients())
		do(e, e.NewSession(SessionOptions{}), "BGREWRITEAOF")
		for e.log.Rewriting() {
			e.Tick(start)
			runtime.Gosched() // elsewhere the control plane has this thread alone
		}
	}
}

func TestARequestThatComesAgainIsNotExecutedAgain(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	long := strings.Repeat("v", 100)
	requests := []string{"INCR n", "SET k " + long, "SET k w GET", "MULTI", "INCR n", "INCR n", "EXEC", "SET k z NX", "GET k", "PUBLISH c m", "INCR n"}
	want := ":1\r\n+OK\r\n$100\r\n" + long + "\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:2\r\n:3\r\n$-1\r\n$1\r\nw\r\n:0\r\n:4\r\n"
	require.Equal(t, want, do(e, s, requests...))
	lost, none := "-"+string(errReplyLost)+"\r\n", "-"+string(errNoEffect)+"\r\n"
	again := ":1\r\n+OK\r\n" + lost + "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:2\r\n:3\r\n" + none + "$1\r\nw\r\n" + lost + ":4\r\n"
	for _, way := range []string{"the same leader", "another", "one more"} {
		if way != "the same leader" {
			e = afterKill(t, store)
		}
		s, first := numbered(e, 7, 1)
		assert.Equal(t, greeting(11, 1, ":1\r\n", 2, "+OK\r\n", 3, nil, 7, "*2\r\n:2\r\n:3\r\n", 11, ":4\r\n"), first)
		listener := e.NewSession(SessionOptions{})
		do(e, listener, "SUBSCRIBE c")
		assert.Equal(t, again, do(e, s, requests...), way)
		assert.Equal(t, "$1\r\n4\r\n:5\r\n:0\r\n", do(e, s, "GET n", "APPEND n5 12345", "DEL n6"), "what is new runs")
		assert.Empty(t, take(listener), "the message is not sent again")
		do(e, e.NewSession(SessionOptions{}), "DEL n5")
		s.Close()
		e.requests.Forget(7)
		e = afterKill(t, store) // which knows number 13, too
		_, first = numbered(e, 7, 8)
		require.Equal(t, greeting(13, 11, ":4\r\n", 13, ":5\r\n"), first)
		store = memfs.New()
		e = open(t, store)
		s, _ = numbered(e, 7, 1)
		require.Equal(t, want, do(e, s, requests...))
	}
}

// A session is got back under whatever numbers: what only changes the session runs.
func TestASessionIsGotBackUnderNumbersThatWereExecuted(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	do(e, s, "SELECT 3", "HELLO 3", "CLIENT SETNAME me", "SET k v", "HSET h a 1", "INCR n")
	e = afterKill(t, store)
	s, _ = numbered(e, 7, 2)
	assert.Equal(t, "+OK\r\n", do(e, s, "SELECT 3"))
	do(e, s, "HELLO 3")
	assert.Equal(t, "+OK\r\n:1\r\n:1\r\n%1\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nme\r\n",
		do(e, s, "CLIENT SETNAME me", "HSET h a 1", "INCR n", "HGETALL h", "CLIENT GETNAME"), "5 and 6 are answered as they were")
	assert.Equal(t, ">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", do(e, s, "SUBSCRIBE c"))
}

// The reply is what was written to the session: RESP3 as it was sent.
func TestAReplyIsKeptAsItWasSent(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	do(e, s, "HELLO 3", "ZADD z 1 a 2 b", "ZPOPMIN z", "ZADD z INCR 1.5 b", "MULTI", "ZPOPMIN z", "GET none", "EXEC")
	want := greeting(8, 2, ":2\r\n", 3, "*2\r\n$1\r\na\r\n,1\r\n", 4, ",3.5\r\n", 8, "*2\r\n*2\r\n$1\r\nb\r\n,3.5\r\n_\r\n")
	e = afterKill(t, store)
	_, first := numbered(e, 7, 1)
	assert.Equal(t, want, first)
}

func TestWhoSilencedHisRepliesIsToldTheNumberAlone(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	assert.Equal(t, ":3\r\n", do(e, s, "CLIENT REPLY SKIP", "INCR n", "CLIENT REPLY OFF", "INCR n", "CLIENT REPLY ON", "INCR n")[len("+OK\r\n"):])
	e = afterKill(t, store)
	s, first := numbered(e, 7, 2)
	assert.Equal(t, greeting(6, 2, "", 4, "", 6, ":3\r\n"), first)
	assert.Equal(t, "-"+string(errReplyLost)+"\r\n", do(e, s, "INCR n"))
	assert.Equal(t, "+OK\r\n$1\r\n3\r\n", do(e, s, "CLIENT REPLY OFF", "INCR n", "CLIENT REPLY ON", "GET n"))
}

// An error behind effects counts: they are there.
func TestAnErrorBehindEffectsIsAReply(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	do(e, s, "LPUSH l a", "MULTI", "INCR n", "INCR l", "EXEC", "MULTI", "INCR l", "EXEC", "INCR l")
	e = afterKill(t, store)
	_, first := numbered(e, 7, 1)
	reply := "*2\r\n:1\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
	require.Greater(t, len(reply), 64)
	assert.Equal(t, greeting(5, 1, ":1\r\n", 5, nil), first)
}

// What a command only met on its way is not its effect.
func TestAKeyThatWasPastItsTimeIsNoEffectOfItsReader(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	plain := e.NewSession(SessionOptions{})
	do(e, plain, "DEBUG SET-ACTIVE-EXPIRE 0", "SET a 1 PX 5", "SET b 1 PX 5", "SET c 1 PX 5")
	s, _ := numbered(e, 7, 1)
	e.Turn(start + 10)
	s.Feed([]byte("GET a\r\nDEL b\r\nMULTI\r\nGET c\r\nEXEC\r\n"))
	e.EndTurn()
	assert.Equal(t, "$-1\r\n:0\r\n+OK\r\n+QUEUED\r\n*1\r\n$-1\r\n", take(s))
	e = afterKill(t, store)
	_, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(0), first)
}

// Who is served inside of a command by another's push has executed his own request.
func TestAServedPopCarriesTheNumberOfThePopper(t *testing.T) {
	for _, c := range []struct{ wait, push, reply string }{
		{"BLPOP l 0", "RPUSH l a", "*2\r\n$1\r\nl\r\n$1\r\na\r\n"},
		{"BLMOVE l m LEFT RIGHT 0", "RPUSH l a", "$1\r\na\r\n"},
		{"BZPOPMIN z 0", "ZADD z 1 a", "*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n"},
		{"XREADGROUP GROUP g c BLOCK 0 STREAMS x >", "XADD x 1-1 a b", "*1\r\n*2\r\n$1\r\nx\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
	} {
		store := memfs.New()
		e := open(t, store)
		plain := e.NewSession(SessionOptions{})
		do(e, plain, "XGROUP CREATE x g $ MKSTREAM")
		popper, _ := numbered(e, 7, 3)
		pusher, _ := numbered(e, 8, 1)
		require.Empty(t, do(e, popper, "GET none", c.wait, "INCR n")[len("$-1\r\n"):])
		do(e, pusher, c.push)
		require.Equal(t, c.reply+":1\r\n", take(popper))
		e = afterKill(t, store)
		_, first := numbered(e, 7, 1)
		assert.Equal(t, greeting(5, 4, c.reply, 5, ":1\r\n"), first, c.wait)
		_, first = numbered(e, 8, 1)
		assert.Contains(t, first, greeting(1)[len("*1\r\n"):], c.wait)
	}
}

func TestAWaitThatEndsWithoutEffectIsNotExecuted(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	do(e, s, "BLPOP l 0.01", "BLPOP l 0")
	e.Tick(start + 20)
	assert.Equal(t, "*-1\r\n", take(s))
	plain := e.NewSession(SessionOptions{})
	do(e, plain, "CLIENT UNBLOCK "+fmt.Sprint(s.ID()), "RPUSH l a")
	e = afterKill(t, store)
	_, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(0), first)
}

// The same client again, at the same leader: the older session has ended, what it was fed and did not execute comes again.
func TestAClientComesBackToTheSameLeader(t *testing.T) {
	for _, memory := range []bool{false, true} {
		var e *Engine
		if memory {
			var err error
			e, err = Open(context.Background(), Options{Now: start, Seed: 1})
			require.NoError(t, err)
		} else {
			e = open(t, memfs.New())
		}
		s, _ := numbered(e, 7, 1)
		do(e, s, "INCR n", "GET n", "BLPOP l 0", "INCR n")
		again, first := numbered(e, 7, 3)
		assert.Equal(t, greeting(1), first)
		assert.True(t, s.Closed())
		plain := e.NewSession(SessionOptions{})
		assert.Equal(t, ":1\r\n", do(e, plain, "RPUSH l a"), "nobody waits any more")
		assert.Equal(t, "$1\r\na\r\n:2\r\n", do(e, again, "LPOP l", "INCR n"))
		assert.Empty(t, do(e, s, "INCR n"), "who has ended says nothing")
		again.Acknowledged(3)
		_, first = numbered(e, 7, 1)
		assert.Equal(t, greeting(4, 4, ":2\r\n"), first)

		e.Forget(7)
		_, first = numbered(e, 7, 1)
		assert.Equal(t, greeting(0), first)
	}
}

func TestAClientOfWhichNothingIsKnownIsForgottenWithItsSession(t *testing.T) {
	e := open(t, memfs.New())
	s, _ := numbered(e, 7, 1)
	assert.Equal(t, []uint64{7}, e.Clients())
	do(e, s, "GET k")
	s.Close()
	assert.Empty(t, e.Clients())
	s, _ = numbered(e, 7, 2)
	do(e, s, "INCR n")
	s.Close()
	assert.Equal(t, []uint64{7}, e.Clients())
	s, _ = numbered(e, 7, 3)
	e.Forget(7)
	assert.True(t, s.Closed())
	assert.Empty(t, e.Clients())
	s.Acknowledged(7)
	e.Forget(7)
}

// While the log is off the table goes on in memory, and the log that is turned on again begins with it.
func TestTheTableOutlivesALogThatIsTurnedOffAndOn(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"CONFIG SET appendonly no|INCR n|CONFIG SET appendonly yes|INCR n", greeting(5, 1, ":1\r\n", 3, ":2\r\n", 5, ":3\r\n")},
		{"MULTI|INCR n|CONFIG SET appendonly no|EXEC|CONFIG SET appendonly yes|INCR n", greeting(7, 1, ":1\r\n", 5, "*2\r\n:2\r\n+OK\r\n", 7, ":3\r\n")},
		{"MULTI|INCR n|CONFIG SET appendonly no|CONFIG SET appendonly yes|INCR n|EXEC", greeting(7, 1, ":1\r\n", 7, "*4\r\n:2\r\n+OK\r\n+OK\r\n:3\r\n")},
		{"FLUSHALL|DEBUG RELOAD", greeting(2, 1, ":1\r\n", 2, "+OK\r\n")},
	} {
		store := memfs.New()
		e := openWith(t, store, func(job func()) { job() }, map[string]string{"appendfsync": "always", "enable-debug-command": "yes"})
		s, _ := numbered(e, 7, 1)
		do(e, s, "INCR n")
		do(e, s, strings.Split(c.lines, "|")...)
		for i := range int64(20) {
			e.Tick(start + 100*i)
		}
		n := do(e, s, "GET n")
		_, first := numbered(e, 7, 1)
		require.NoError(t, e.Close(context.Background()))
		e = afterKill(t, store)
		_, again := numbered(e, 7, 1)
		assert.Equal(t, c.want, first, c.lines)
		assert.Equal(t, c.want, again, c.lines)
		assert.Equal(t, n, do(e, e.NewSession(SessionOptions{}), "GET n"))
	}
}

func TestDebugLoadaofKeepsWhatIsKnown(t *testing.T) {
	store := memfs.New()
	e := openWith(t, store, nil, map[string]string{"appendfsync": "always", "enable-debug-command": "yes"})
	s, _ := numbered(e, 7, 1)
	do(e, s, "INCR n", "INCR n")
	s.Acknowledged(1)
	do(e, s, "DEBUG LOADAOF", "INCR n")
	out := await(t, e, s)
	for !strings.Contains(out, ":") {
		out += await(t, e, s)
	}
	assert.Equal(t, "+OK\r\n:3\r\n", out)
	_, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(4, 2, ":2\r\n", 4, ":3\r\n"), first)
}

// What a command was told to be is not what its caller heard: its block failed. The fresh base brings the effect back, with the number and the
// true reply. Without one, neither is there.
func TestARequestWhoseBlockFailedIsKnownIfAndOnlyIfItsEffectIsThere(t *testing.T) {
	for _, fault := range []faultfs.Op{faultfs.Append, faultfs.Sync} {
		store := memfs.New()
		e, fs := failingLog(t, store, "always")
		s, _ := numbered(e, 7, 1)
		require.Equal(t, ":1\r\n", do(e, s, "INCR n"))
		fs.Inject(faultfs.From(0, fault, faultfs.Fault{}))
		require.Equal(t, ranAndFailed, do(e, s, "INCR n"))
		require.Equal(t, refusedAsBroken+"$1\r\n2\r\n", do(e, s, "INCR n", "GET n"))
		s, first := numbered(e, 7, 2)
		require.Equal(t, ranAndFailed, first, "nobody is told of what a crash undoes")
		require.Equal(t, ranAndFailed, do(e, s, "INCR n"), "who sends it again hears that it ran, not that it did not")
		require.True(t, s.GoOn(1))
		other, first := numbered(e, 8, 1)
		require.Equal(t, greeting(0)+"$1\r\n2\r\n", first+do(e, other, "GET n"), "others may read")

		crashed := open(t, store.CrashClone(memfs.Nothing()))
		_, first = numbered(crashed, 7, 1)
		require.Equal(t, greeting(1, 1, ":1\r\n"), first, fault)
		require.Equal(t, "$1\r\n1\r\n", do(crashed, crashed.NewSession(SessionOptions{}), "GET n"))

		fs.Inject(nil)
		for i := range int64(20) {
			e.Tick(start + 2000 + 100*i)
		}
		s, first = numbered(e, 7, 2)
		require.Equal(t, greeting(2, 2, ":2\r\n"), first)
		require.Equal(t, ":2\r\n:3\r\n", do(e, s, "INCR n", "INCR n"))
		crashed = open(t, store.CrashClone(memfs.Nothing()))
		_, first = numbered(crashed, 7, 2)
		require.Equal(t, greeting(3, 2, ":2\r\n", 3, ":3\r\n"), first, fault)
		require.Equal(t, "$1\r\n3\r\n", do(crashed, crashed.NewSession(SessionOptions{}), "GET n"))
	}
}

// The first output waits like every reply: what it tells must not be undone by a crash.
func TestTheFirstOutputWaitsForTheLog(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	store.SetSync(memfs.SyncHeld)
	assert.Empty(t, do(e, s, "INCR n"))
	again, first := numbered(e, 7, 1)
	assert.Empty(t, first)
	store.ReleaseSync(nil)
	e.Turn(start)
	e.EndTurn()
	assert.Equal(t, greeting(1, 1, ":1\r\n"), take(again))
}

// WAITAOF waits for what the client wrote in an older session, and for nothing else.
func TestWaitaofOfAClientThatComesBack(t *testing.T) {
	store := memfs.New()
	e := openWith(t, store, func(job func()) { job() }, map[string]string{"appendfsync": "everysec"})
	store.SetSync(memfs.SyncHeld)
	s, _ := numbered(e, 7, 1)
	assert.Equal(t, ":1\r\n", do(e, s, "INCR n"))
	s, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(1, 1, ":1\r\n"), first)
	assert.Empty(t, do(e, s, "WAITAOF 1 0 0"))
	e.Tick(start + 1500)
	assert.Empty(t, take(s))
	store.ReleaseSync(nil)
	e.Turn(start + 1500)
	e.EndTurn()
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n", take(s))
	s, _ = numbered(e, 7, 3)
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n", do(e, s, "WAITAOF 1 0 0"))
}

func TestAPausedCommandCountsOnce(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	plain := e.NewSession(SessionOptions{})
	s, _ := numbered(e, 7, 1)
	do(e, plain, "CLIENT PAUSE 50 WRITE")
	assert.Equal(t, "$-1\r\n", do(e, s, "GET n", "INCR n", "INCR n"))
	e.Tick(start + 60)
	assert.Equal(t, ":1\r\n:2\r\n", take(s))
	e = afterKill(t, store)
	_, first := numbered(e, 7, 1)
	assert.Equal(t, greeting(3, 2, ":1\r\n", 3, ":2\r\n"), first)
}

// A command that panics has no effect that anybody will see, and no number.
func TestWhatPanickedWasNotExecuted(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	s, _ := numbered(e, 7, 1)
	del := e.table.Named([]byte("getdel"))
	was := del.Do
	defer func() { del.Do = was }()
	del.Do = func(c *command.Call) {
		was(c)
		panic("something impossible")
	}
	do(e, s, "SET k v", "GETDEL k", "SET after 1")
	require.NotEmpty(t, e.Dead())
	del.Do = was
	e = afterKill(t, store)
	s, first := numbered(e, 7, 2)
	assert.Equal(t, greeting(1), first)
	assert.Equal(t, "$1\r\nv\r\n", do(e, s, "GETDEL k"))
}

// Requests without numbers cost the log nothing.
func TestASessionWithoutNumbersLeavesNothingInTheLog(t *testing.T) {
	sizes := map[uint64]int64{}
	for _, next := range []uint64{0, 1} {
		e := open(t, memfs.New())
		s := e.NewSession(SessionOptions{Client: 7, Next: next})
		do(e, s, "SET k v", "MULTI", "INCR n", "INCR n", "EXEC")
		sizes[next] = e.log.Stats().CurrentSize
	}
	line := len("#REQ:0000000000000007=1,K09LDQo=;0000000000000007=5,KjINCjoxDQo6Mg0K;\r\n")
	assert.EqualValues(t, line, sizes[1]-sizes[0])
}
