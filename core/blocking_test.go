package core

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

func take(s *Session) string {
	out := string(s.Output())
	s.Take(len(out))
	return out
}

func TestAWaitEndsWhenItsTimeIsOver(t *testing.T) {
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	assert.Empty(t, do(e, a, "BLPOP k 0.25", "PING"))
	assert.Empty(t, do(e, b, "BZPOPMIN k 5", "PING"))
	assert.Equal(t, 250, e.Tick(start))
	assert.Equal(t, 1, e.Tick(start+249))
	assert.Empty(t, take(a))
	e.Tick(start + 250)
	assert.Equal(t, "*-1\r\n+PONG\r\n", take(a))
	assert.Empty(t, take(b))
	e.Turn(start + 5000) // a turn will do
	e.EndTurn()
	assert.Equal(t, "*-1\r\n+PONG\r\n", take(b))
	assert.Equal(t, tickIdle, e.Tick(start+5001))
}

func TestClientUnblock(t *testing.T) {
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	unblock := "CLIENT UNBLOCK 1"
	assert.Equal(t, ":0\r\n", do(e, b, unblock))
	for line, reply := range map[string]string{
		unblock: "*-1\r\n", unblock + " timeout": "*-1\r\n", unblock + " ERROR": "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n",
	} {
		assert.Empty(t, do(e, a, "BLPOP k 0", "PING"))
		assert.Contains(t, do(e, b, "CLIENT LIST"), "flags=b")
		assert.Contains(t, do(e, b, "INFO clients"), "blocked_clients:1\r\n")
		assert.Equal(t, ":1\r\n:0\r\n", do(e, b, line, line))
		assert.Equal(t, reply+"+PONG\r\n", take(a))
	}
	assert.Empty(t, do(e, a, "BLPOP k 0"))
	assert.Equal(t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:0\r\n", do(e, b, "MULTI", unblock, unblock, "EXEC"))
	assert.Equal(t, "*-1\r\n", take(a))
	assert.Empty(t, e.waiting.on)
	assert.Zero(t, e.waiting.all.Len())
}

func TestWhoHasGoneIsNotServed(t *testing.T) {
	e := open(t, memfs.New())
	a, b, c := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "BLPOP k 0", "SET lost 1")
	do(e, b, "BLPOP k 0")
	a.Close()
	assert.Equal(t, ":1\r\n", do(e, c, "CLIENT KILL ID 2"))
	assert.True(t, b.Closing())
	assert.Equal(t, ":1\r\n:1\r\n:0\r\n", do(e, c, "RPUSH k v", "LLEN k", "EXISTS lost"))
	assert.Zero(t, e.waiting.all.Len())
}

func TestAServedReplyMayBeSilenced(t *testing.T) {
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "CLIENT REPLY OFF", "BLPOP k 0")
	do(e, b, "RPUSH k v")
	assert.Equal(t, "+OK\r\n", do(e, a, "CLIENT REPLY ON"))
	assert.Equal(t, ":0\r\n", do(e, b, "LLEN k"))
}

// A served pop is acknowledged no sooner than it is durable, with what filled the key.
func TestAServedPopIsLoggedBeforeItIsAnswered(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "BLMOVE k other LEFT LEFT 0", "SET after 1")
	e.Turn(start)
	b.Feed([]byte("RPUSH k v w\r\n"))
	assert.Empty(t, a.Output())
	e.EndTurn()
	assert.Equal(t, "$1\r\nv\r\n+OK\r\n", take(a))
	store.Kill()
	e = open(t, store)
	s := e.NewSession(SessionOptions{})
	assert.Equal(t, "*1\r\n$1\r\nw\r\n*1\r\n$1\r\nv\r\n$1\r\n1\r\n", do(e, s, "LRANGE k 0 -1", "LRANGE other 0 -1", "GET after"))
}

func TestAPanicWhileServingStopsTheEngineAndLeavesTheLogWhole(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "BLPOP k 0")
	a.blocked.wait.Serve = func(c *command.Call, key []byte) bool {
		c.DB.Delete(key)
		panic("something impossible")
	}
	assert.Equal(t, ":1\r\n", do(e, b, "RPUSH k v"))
	assert.True(t, strings.HasPrefix(take(a), "-ERR tabdis has stopped: a fault inside 'blpop'"))
	require.NoError(t, e.Close(context.Background()))
	store.Kill()
	e = open(t, store)
	assert.Equal(t, ":1\r\n", do(e, e.NewSession(SessionOptions{}), "LLEN k"))
}

// A fault outside of any session's command stops the engine, too, and no more than that.
func TestAPanicOfNobodyStopsTheEngine(t *testing.T) {
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "BLPOP k 0")
	e.waiting.asked++
	a.blocked.wait.Ready = func() bool { panic("something impossible") }
	assert.Equal(t, "+PONG\r\n", do(e, b, "PING"))
	assert.Contains(t, e.Dead(), "something impossible")
	assert.True(t, strings.HasPrefix(do(e, b, "PING"), "-ERR tabdis has stopped: "))
}

func TestAPauseHoldsCommandsBack(t *testing.T) {
	e := open(t, memfs.New())
	a, b, c := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	assert.Equal(t, "+OK\r\n+OK\r\n", do(e, a, "SET k v PX 50", "CLIENT PAUSE 100 WRITE"))
	assert.Equal(t, "$1\r\nv\r\n", do(e, b, "GET k", "SET k w", "GET k"))
	assert.Equal(t, "+OK\r\n+QUEUED\r\n", do(e, c, "MULTI", "GET k", "SET other 1", "EXEC", "PING"), "what would be queued, too")
	assert.Contains(t, do(e, a, "INFO clients"), "blocked_clients:2\r\n")
	assert.Equal(t, 40, e.Tick(start+60))
	e.Turn(start + 60)
	a.Feed([]byte("GET k\r\nDBSIZE\r\n"))
	e.EndTurn()
	assert.Equal(t, "$-1\r\n:1\r\n", take(a), "it is past its time, and stays")
	assert.Empty(t, take(b))
	e.Tick(start + 100)
	assert.Equal(t, "+OK\r\n$1\r\nw\r\n", take(b))
	assert.Equal(t, "+QUEUED\r\n*2\r\n$1\r\nw\r\n+OK\r\n+PONG\r\n", take(c))

	e.Pause(start+200, true)
	assert.Equal(t, "-ERR unknown command 'NOSUCH', with args beginning with: \r\n", do(e, c, "NOSUCH"), "what is refused does not wait")
	e.Turn(start + 100)
	for _, s := range []*Session{a, b} {
		s.Feed([]byte("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\nx\r\nPING\r\n"))
	}
	e.EndTurn()
	assert.Empty(t, take(a)+take(b))
	b.Close()
	e.Turn(start + 150)
	e.Unpause()
	e.EndTurn()
	assert.Equal(t, "+PONG\r\n$1\r\nx\r\n+PONG\r\n", take(a))
	assert.Empty(t, e.pause.postponed)
	assert.Empty(t, take(b))
}

// WAITAOF answers when a sync has succeeded, not before.
func TestWaitaofWaitsForTheSync(t *testing.T) {
	e := openWith(t, memfs.New(), nil, map[string]string{"appendfsync": "everysec"})
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n", do(e, b, "WAITAOF 1 0 0"), "it wrote nothing")
	assert.Equal(t, "+OK\r\n", do(e, a, "SET k v", "WAITAOF 1 0 0", "PING"))
	c := e.NewSession(SessionOptions{})
	assert.Equal(t, "+OK\r\n*2\r\n:0\r\n:0\r\n", do(e, c, "SET other v", "WAITAOF 0 0 0"))
	e.Tick(start + 500)
	assert.Empty(t, take(a))
	await := func(s *Session) (out string) {
		for i := int64(0); out == ""; i++ {
			require.Less(t, i, int64(5000))
			e.Tick(start + 1100 + i)
			out = take(s)
			time.Sleep(time.Millisecond)
		}
		return out
	}
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n+PONG\r\n", await(a))
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n", do(e, b, "WAITAOF 0 0 0"))
	assert.Empty(t, do(e, b, "WAITAOF 1 1 5"), "there are no replicas")
	assert.Equal(t, "*2\r\n:1\r\n:0\r\n", await(b))
	assert.Equal(t, "+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n*2\r\n:0\r\n:0\r\n", do(e, b, "SET k w", "MULTI", "WAITAOF 1 0 0", "EXEC"))

	e = open(t, memfs.New()) // always
	s := e.NewSession(SessionOptions{})
	assert.Equal(t, "+OK\r\n*2\r\n:1\r\n:0\r\n+PONG\r\n", do(e, s, "SET k v", "WAITAOF 1 0 0", "PING"))
	for line, reply := range map[string]string{
		"WAITAOF 2 0 0":  "-ERR value is out of range, value must between 0 and 1\r\n",
		"WAITAOF 0 -1 0": "-ERR value is out of range, must be positive\r\n",
		"WAITAOF 0 0 -1": "-ERR timeout is negative\r\n",
		"WAITAOF x 0 0":  "-ERR value is not an integer or out of range\r\n",
	} {
		assert.Equal(t, reply, do(e, s, line))
	}
	e, err := Open(context.Background(), Options{Now: start})
	require.NoError(t, err)
	s = e.NewSession(SessionOptions{})
	assert.Equal(t, "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n", do(e, s, "WAITAOF 1 0 0"))
	assert.Equal(t, "+OK\r\n*2\r\n:0\r\n:0\r\n", do(e, s, "SET k v", "WAITAOF 0 0 0"))
}

// A stream that goes with its time, or is evicted, ends the waiting of those who read it for a group, as if it had been deleted.
func TestWhoWaitsForAGroupHearsThatTheKeyHasGone(t *testing.T) {
	const gone = "-UNBLOCKED the stream key no longer exists\r\n"
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	prepare := func() {
		do(e, b, "XADD s 1 f v", "XGROUP CREATE s g $")
		assert.Empty(t, do(e, a, "XREADGROUP GROUP g c BLOCK 0 STREAMS s >", "PING"))
	}
	prepare()
	do(e, b, "PEXPIRE s 100")
	e.Tick(start + 99)
	assert.Empty(t, take(a))
	e.Tick(start + 100)
	assert.Equal(t, gone+"+PONG\r\n", take(a))
	assert.Equal(t, "# Errorstats\r\nerrorstat_UNBLOCKED:count=1\r\n", info(e, b, "errorstats"))

	prepare()
	e.noExpire = true
	do(e, b, "PEXPIRE s 100")
	e.Turn(start + 200)
	b.Feed([]byte("GET s\r\n"))
	e.EndTurn()
	assert.Equal(t, "$-1\r\n", take(b))
	assert.Equal(t, gone+"+PONG\r\n", take(a), "met by a reader")

	prepare()
	assert.Equal(t, "+OK\r\n$-1\r\n", do(e, b, "CONFIG SET maxmemory 1 maxmemory-policy allkeys-lru", "GET s"))
	assert.Equal(t, gone+"+PONG\r\n", take(a), "evicted")
	do(e, b, "CONFIG SET maxmemory 0")
	prepare()
	do(e, b, "CONFIG SET maxmemory 1")
	e.Tick(start + 300)
	assert.Equal(t, gone+"+PONG\r\n", take(a), "evicted in a tick")
}

// info gives a section of INFO.
func info(e *Engine, s *Session, section string) string {
	_, text, _ := strings.Cut(do(e, s, "INFO "+section), "\r\n")
	return strings.TrimSuffix(text, "\r\n")
}

// What a command that waits has changed by the way may fail to become durable; the one reply that is due is that of its end.
func TestNobodyIsAnsweredWhileHeWaits(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := faultfs.Wrap(inner, nil)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	a, b, c := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, b, "XADD s 1 f v", "XGROUP CREATE s g $")
	fs.Inject(faultfs.From(0, faultfs.Changes, faultfs.Fault{}))
	assert.Empty(t, do(e, a, "XREADGROUP GROUP g new BLOCK 0 STREAMS s >", "PING"), "the consumer was made")
	assert.Empty(t, do(e, c, "CLIENT REPLY OFF", "XREADGROUP GROUP g other BLOCK 0 STREAMS s >"))
	require.NotNil(t, a.blocked)
	assert.True(t, strings.HasPrefix(do(e, b, "XADD s 2 f v"), "-MISCONF "))
	fs.Inject(nil)
	for i := range int64(50) {
		e.Tick(start + 1000*i)
		time.Sleep(time.Millisecond)
	}
	require.Equal(t, "$3\r\n2-0\r\n", do(e, b, "XADD s 2 f v"))
	assert.Equal(t, "*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n+PONG\r\n", take(a))
}

// A served reply is taken back with the block that holds it, as that of whom it was served by.
func TestAServedPopWhoseBlockFailsIsNotAcknowledged(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := faultfs.Wrap(inner, nil)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	assert.Empty(t, do(e, a, "BLPOP k 0", "PING"))
	fs.Inject(faultfs.From(0, faultfs.Changes, faultfs.Fault{}))
	assert.True(t, strings.HasPrefix(do(e, b, "RPUSH k v"), "-NOTDURABLE "))
	assert.Regexp(t, "^-NOTDURABLE [^\r\n]*\r\n\\+PONG\r\n$", take(a))
}

// In a pause a key stays that is past its time. What the transaction that began the pause makes in its place must not stand on top of it in the log.
func TestAWriteInAPauseRemovesWhatIsPastItsTime(t *testing.T) {
	store := memfs.New()
	e := open(t, store)
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "SET k v PX 50", "SET l v PX 50", "SET dst v PX 50", "SET stays v PX 50")
	do(e, b, "BLMOVE q dst LEFT LEFT 0")
	e.noExpire = true
	e.Turn(start + 100)
	a.Feed([]byte("MULTI\r\nCLIENT PAUSE 1000 WRITE\r\nHSET k f v\r\nRPUSH l x\r\nRPUSH q y\r\nGET stays\r\nPTTL k\r\nEXEC\r\n"))
	e.EndTurn()
	assert.True(t, strings.HasSuffix(take(a), "*6\r\n+OK\r\n:1\r\n:1\r\n:1\r\n$-1\r\n:-1\r\n"))
	assert.Equal(t, "$1\r\ny\r\n", take(b))
	store.Kill()
	e = open(t, store)
	s := e.NewSession(SessionOptions{})
	assert.Equal(t, "$1\r\nv\r\n*1\r\n$1\r\nx\r\n*1\r\n$1\r\ny\r\n", do(e, s, "HGET k f", "LRANGE l 0 -1", "LRANGE dst 0 -1"))
}

// Where all keys are past their time and stay, one of them is told: there is no other.
func TestRandomkeyInAPause(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "SET k v PX 50", "SET l v PX 50", "CLIENT PAUSE 1000 WRITE")
	e.Turn(start + 100)
	s.Feed([]byte("RANDOMKEY\r\n"))
	e.EndTurn()
	assert.Regexp(t, "^\\$1\r\n[kl]\r\n$", take(s))
}

// WAITAOF of one who waits for a log that is turned off gets no answer from it any more.
func TestWaitaofEndsWithTheLog(t *testing.T) {
	e := openWith(t, memfs.New(), nil, map[string]string{"appendfsync": "no"})
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	assert.Equal(t, "+OK\r\n", do(e, a, "SET k v", "WAITAOF 1 0 0"))
	assert.Equal(t, "+OK\r\n", do(e, b, "CONFIG SET appendonly no"))
	assert.Equal(t, "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n", take(a))
}

// Each WAITAOF of a batch ends by itself, many in one turn where syncs are quick, but not all: others are to have their turn.
func TestManyWaitaofInABatch(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	var woken atomic.Int32 // the ballast's job wakes, too
	e, err := Open(context.Background(), Options{FS: inner, Now: start, Wake: func() { woken.Add(1) }, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	const n = 100
	out := do(e, s, strings.Repeat("SET k v\r\nWAITAOF 1 0 0\r\n", n)+"PING")
	turns := 1
	for ; woken.Swap(0) > 0; turns++ {
		out += do(e, s)
	}
	assert.Equal(t, strings.Repeat("+OK\r\n*2\r\n:1\r\n:0\r\n", n)+"+PONG\r\n", out)
	assert.Equal(t, (n+maxRounds-1)/maxRounds, turns)
}

// Who is served has memory and rights looked at again, as he who sends a command has; Redis 7.0 did not.
func TestWhatForbidsACommandForbidsServingIt(t *testing.T) {
	e := open(t, memfs.New())
	a, b := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, b, "RPUSH other v", "SET k "+strings.Repeat("x", 1000))
	do(e, a, "BLMOVE q dst LEFT LEFT 0")
	assert.Equal(t, "+OK\r\n+OK\r\n", do(e, b, "CONFIG SET maxmemory 1", "RENAME other q"))
	assert.Equal(t, "-OOM command not allowed when used memory > 'maxmemory'.\r\n", take(a))
	assert.Equal(t, ":1\r\n", do(e, b, "LLEN q"))
	assert.Regexp(t, `cmdstat_blmove:calls=1,.*rejected_calls=1,failed_calls=0`, info(e, b, "commandstats"))

	do(e, b, "CONFIG SET maxmemory 0", "SET dst 1", "DEL q")
	do(e, a, "BLMOVE q dst LEFT LEFT 0")
	do(e, b, "RPUSH q v")
	assert.True(t, strings.HasPrefix(take(a), "-WRONGTYPE "))
	assert.Regexp(t, `cmdstat_blmove:calls=2,.*rejected_calls=1,failed_calls=1`, info(e, b, "commandstats"))
	assert.Equal(t, "errorstat_OOM:count=1\r\nerrorstat_WRONGTYPE:count=1\r\n", info(e, b, "errorstats")[len("# Errorstats\r\n"):])
}

// Before somebody is served keys may be evicted. Whoever woke him hears what concerns himself, and he what concerns him.
func TestWhatIsEvictedBeforeServingIsToldToWhomItConcerns(t *testing.T) {
	for _, served := range []bool{true, false} {
		e, a := evictor(t, "volatile-lru")
		b := e.NewSession(SessionOptions{})
		do(e, a, "CONFIG SET notify-keyspace-events Ee", "HELLO 3", "CLIENT TRACKING ON", "RPUSH q w", "SET a1 v EX 99", "GET a1", "SUBSCRIBE __keyevent@0__:evicted")
		do(e, b, "HELLO 3", "CLIENT TRACKING ON", "SET b1 v EX 99", "GET b1")
		wait := "BLPOP key 0"
		if !served {
			wait = "BZPOPMIN key 0"
		}
		require.Empty(t, do(e, b, wait))
		const event = ">3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n$2\r\n"
		e.Turn(start)
		a.Feed([]byte("MULTI\r\nCONFIG SET maxmemory 1\r\nRENAME q key\r\nEXEC\r\n"))
		e.EndTurn()
		out := strings.TrimPrefix(takeOut(a), "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n")
		for _, message := range []string{event + "a1\r\n", event + "b1\r\n", invalidation("a1")} {
			assert.Equal(t, 1, strings.Count(out, message), message)
			out = strings.Replace(out, message, "", 1)
		}
		assert.Empty(t, out)
		reply := "*2\r\n$3\r\nkey\r\n$1\r\nw\r\n"
		if !served {
			reply = ""
		}
		assert.Equal(t, invalidation("b1")+reply, takeOut(b))
		assert.Zero(t, e.late.Len()+len(e.tracking.pending))
	}
}

// However many wait, for however many keys, nobody walks along all of them for one: none is left in any row, and all are served in order.
func TestManyWait(t *testing.T) {
	e := open(t, memfs.New())
	const n = 10_000
	var sessions []*Session
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = "k" + strconv.Itoa(i)
	}
	for i := range n {
		s := e.NewSession(SessionOptions{})
		sessions = append(sessions, s)
		do(e, s, "BLPOP k "+keys[i%len(keys)]+" "+keys[i%len(keys)]+" 0")
	}
	assert.Len(t, e.waiting.on, len(keys)+1)
	b := e.NewSession(SessionOptions{})
	assert.Empty(t, do(e, b, "BLPOP "+strings.Repeat("a ", 30_000)+"0"))
	require.NotNil(t, b.blocked)
	c := e.NewSession(SessionOptions{})
	do(e, c, "MULTI", "RPUSH k"+strings.Repeat(" v", n-100), "RPUSH "+keys[7]+" x y", "RPUSH k z", "EXEC")
	for i, s := range sessions {
		switch out := take(s); {
		case i < n-100+1:
			assert.Contains(t, out, "$1\r\nk\r\n", i)
		case i == n-100+7:
			assert.Contains(t, out, keys[7])
		default:
			assert.Empty(t, out)
		}
	}
	for _, s := range append(sessions, b) {
		s.Close()
	}
	assert.Zero(t, e.waiting.all.Len())
	assert.Empty(t, e.waiting.on)
}
