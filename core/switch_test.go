package core

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// openWith opens with parameters and a control plane of the test's.
func openWith(t *testing.T, store *memfs.Store, control func(func()), config map[string]string) *Engine {
	t.Helper()
	fs, err := store.Open()
	require.NoError(t, err)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: config, Go: control})
	require.NoError(t, err)
	return e
}

// await turns until the session was answered.
func await(t *testing.T, e *Engine, s *Session) string {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		e.Tick(start)
		if out := string(s.Output()); out != "" {
			s.Take(len(out))
			return out
		}
	}
	require.Fail(t, "no reply")
	return ""
}

// The log must not end inside of a transaction that turns it off.
func TestATransactionTurnsTheLogOff(t *testing.T) {
	for _, on := range []string{"", "CONFIG SET appendonly yes"} {
		store := memfs.New()
		e := open(t, store)
		s := e.NewSession(SessionOptions{})
		require.Equal(t, "+OK\r\n", do(e, s, "SET k v"))
		lines := []string{"MULTI", "SET a 1", "SET b 2", "CONFIG SET appendonly no", "SET c 3"}
		if on != "" {
			lines = append(lines, on)
		}
		do(e, s, append(lines, "SET d 4", "SET e 5", "EXEC")...)
		require.NoError(t, e.Close(context.Background()))
		store.Kill()
		e = open(t, store)
		s = e.NewSession(SessionOptions{})
		if on == "" {
			assert.Equal(t, "$1\r\nv\r\n$-1\r\n", do(e, s, "GET k", "GET a"))
		} else { // what is on has a base when it is closed
			assert.Equal(t, "$1\r\nv\r\n$1\r\n1\r\n$1\r\n5\r\n", do(e, s, "GET k", "GET a", "GET e"))
		}
	}
}

// What was written under always is durable before anybody hears of it, though the log is turned off in the same turn.
func TestTurningTheLogOffHoldsRepliesUntilItsLastSync(t *testing.T) {
	for _, line := range []string{"PING", "CONFIG SET appendonly yes"} {
		var jobs []func()
		e := openWith(t, memfs.New(), func(job func()) { jobs = append(jobs, job) }, map[string]string{"appendfsync": "always"})
		s := e.NewSession(SessionOptions{})
		assert.Empty(t, do(e, s, "SET k v", "CONFIG SET appendonly no", line))
		e.Tick(start)
		assert.Empty(t, string(s.Output()))
		for _, job := range jobs {
			job()
		}
		assert.True(t, strings.HasPrefix(await(t, e, s), "+OK\r\n+OK\r\n"))
	}
}

// Memory is not dropped for a log that does not hold what it held.
func TestLoadAOFKeepsMemoryWhenTheLogIsNotInForce(t *testing.T) {
	e := openWith(t, memfs.New(), nil, map[string]string{"enable-debug-command": "yes"})
	s := e.NewSession(SessionOptions{})
	do(e, s, "CONFIG SET appendonly no", "SET k v")
	assert.Regexp(t, `^\+OK\r\n-ERR .*\r\n$`, do(e, s, "CONFIG SET appendonly yes", "DEBUG LOADAOF"))
	assert.Equal(t, "$1\r\nv\r\n", do(e, s, "GET k"))
	assert.Empty(t, e.Dead())
	assert.Regexp(t, `^\+OK\r\n\+QUEUED\r\n\*1\r\n-ERR .*\r\n$`, do(e, s, "MULTI", "DEBUG LOADAOF", "EXEC"))
}

// The owner takes turns while the log is loaded; the race detector looks on.
func TestTurnsGoOnWhileTheLogIsLoaded(t *testing.T) {
	e := openWith(t, memfs.New(), nil, map[string]string{"enable-debug-command": "yes"})
	s := e.NewSession(SessionOptions{})
	for i := 0; i < 2000; i++ {
		do(e, s, "APPEND k v")
	}
	do(e, s, "SELECT 1", "SET one 1", "SELECT 0", "SET zero 0")
	var watchers []*Session
	for i := 0; i < 100; i++ {
		w := e.NewSession(SessionOptions{})
		do(e, w, "WATCH k other")
		watchers = append(watchers, w)
	}
	assert.Empty(t, do(e, s, "DEBUG LOADAOF"))
	now := int64(start)
	answers := "" // none until the log is loaded
	for _, w := range watchers {
		now++
		e.Tick(now)
		answers += do(e, watchers[0], "DBSIZE")
		assert.True(t, !e.stalled || answers == "", "it waits, and its session is not the log's")
		if w != watchers[0] {
			w.Close()
		}
	}
	assert.Equal(t, "+OK\r\n", await(t, e, s))
	e.Turn(now)
	e.EndTurn()
	assert.Equal(t, strings.Repeat(":2\r\n", len(watchers)), answers+string(watchers[0].Output()))
	assert.Equal(t, ":1\r\n", do(e, s, "EXISTS zero one"))
	assert.Equal(t, now, e.now)
	assert.Equal(t, ":2000\r\n", do(e, s, "STRLEN k"))
}

// The log is read on the control plane, while sessions may end: what it holds must not touch those who wait. They are served behind it.
func TestLoadingTouchesNobodyWhoWaits(t *testing.T) {
	var jobs []func()
	e := openWith(t, memfs.New(), func(job func()) { jobs = append(jobs, job) }, map[string]string{"enable-debug-command": "yes"})
	a, b, c := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, a, "SET x 1", "FLUSHALL", "SWAPDB 0 1", "XGROUP CREATE s g $ MKSTREAM", "XGROUP CREATE s h $", "XGROUP DESTROY s g", "MULTI", "RPUSH l v", "LPOP l", "RPUSH l v", "EXEC", "DEL l")
	do(e, b, "XREADGROUP GROUP h me BLOCK 0 STREAMS s >")
	do(e, c, "BLPOP l 0")
	require.Len(t, e.waiting.on, 2)
	do(e, a, "DEBUG LOADAOF")
	require.True(t, e.stalled)
	require.Len(t, e.waiting.ready, 2, "the databases were emptied")
	for _, r := range e.waiting.ready {
		r.ready = false
	}
	e.waiting.ready = nil
	done := make(chan bool)
	for len(jobs) > 0 {
		job := jobs[0]
		jobs = jobs[1:]
		go func() { job(); done <- true }()
		for over := false; !over; {
			select {
			case over = <-done:
				assert.Empty(t, e.waiting.ready)
			case <-time.After(time.Millisecond):
				e.Tick(start)
			}
		}
	}
	assert.Equal(t, "+OK\r\n", await(t, e, a))
	require.Empty(t, e.dead)
	do(e, a, "RPUSH l v")
	assert.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\nv\r\n", take(c))
	assert.Empty(t, take(b))
}

// A stopped engine reads its memory no more: no rewrite may take it for the data.
func TestAStoppedEngineRewritesNothing(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "SET k v", "BGREWRITEAOF")
	e.stop("for the test")
	for i := 0; i < 300; i++ {
		e.Tick(start)
		time.Sleep(time.Millisecond)
	}
	assert.Zero(t, e.log.Stats().Rewrites)
	require.NoError(t, e.Close(context.Background()))
}

// Small commands that make much data are noticed.
func TestMaxmemoryIsLookedAtAfterCommandsThatCopy(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "CONFIG SET maxmemory 8mb", "SETRANGE k 1000000 x")
	refused := false
	for i := 0; i < 20 && !refused; i++ {
		refused = strings.HasPrefix(do(e, s, "COPY k k"+string(rune('a'+i))), "-OOM")
	}
	assert.True(t, refused)
	assert.Less(t, e.ks.Memory(), int64(12<<20))
}

// Nobody is told that the log is on when it could not be turned on, nor left to believe that what it was to hold is on disk.
func TestALogThatIsNotInForceIsNotSaidToBe(t *testing.T) {
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	const name = "appendonly.aof.manifest"
	require.NoError(t, fs.Replace(context.Background(), name, []byte("file nonsense\n")))
	var lines []string
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Config: map[string]string{"appendonly": "no"}, Go: func(job func()) { job() },
		Log: func(_ aof.Level, msg string) { lines = append(lines, msg) }})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	require.Equal(t, "+OK\r\n", do(e, s, "CONFIG SET appendonly yes"))
	e.Tick(start)
	assert.Contains(t, do(e, s, "CONFIG GET appendonly"), "\r\nno\r\n")
	require.NoError(t, fs.Remove(context.Background(), name))
	require.Equal(t, "+OK\r\n", do(e, s, "CONFIG SET appendonly yes"))
	do(e, s, "SET k v")
	lines = nil
	require.NoError(t, e.Close(context.Background()))
	assert.Contains(t, strings.Join(lines, "\n"), "Writing initial AOF before exiting.")
	store.Kill()
	e = open(t, store)
	assert.Equal(t, "$1\r\nv\r\n", do(e, e.NewSession(SessionOptions{}), "GET k"), "it was on, so it is there")
}

// A fault inside EXEC is answered in whole, not behind half of a reply.
func TestAFaultInsideExecIsOneReply(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	ping := e.table.Named([]byte("ping"))
	was := ping.Do
	defer func() { ping.Do = was }()
	ping.Do = func(*command.Call) { panic("something impossible") }
	assert.Regexp(t, `^\+OK\r\n(\+QUEUED\r\n){2}-ERR tabdis has stopped.*\r\n$`, do(e, s, "MULTI", "SET k v", "PING", "EXEC"))
}

// In the batch that turns the log on again what is left of a full disk is kept for commands that free room, as in any other.
func TestAFullDiskForbidsWhatComesBehindTheSwitch(t *testing.T) {
	for _, lines := range [][]string{{"CONFIG SET appendonly yes"}, {"MULTI", "CONFIG SET appendonly yes", "EXEC"}} {
		inner, err := memfs.New().Open()
		require.NoError(t, err)
		fs := faultfs.Wrap(inner, nil)
		e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Go: func(job func()) { job() },
			Config: map[string]string{"appendfsync": "always"}})
		require.NoError(t, err)
		s := e.NewSession(SessionOptions{})
		e.Tick(start) // fills the ballast
		e.Tick(start)
		fs.Inject(faultfs.At(0, faultfs.Changes, faultfs.Fault{Err: storage.ErrQuota}))
		do(e, s, "SET k v")
		for i := range int64(10) { // it is given, and the block fits
			e.Tick(start + 300*i)
		}
		require.True(t, e.log.Full())
		assert.Equal(t, "+OK\r\n+OK\r\n", do(e, s, "CONFIG SET appendonly no", "SET free 1"))
		out := do(e, s, strings.Join(append(lines, "GET free", "SET k w", "DEL k"), "\r\n"))
		assert.True(t, strings.HasSuffix(out, "$1\r\n1\r\n-MISCONF "+e.log.FullReason().Error()+"\r\n:1\r\n"), out)
		assert.Contains(t, out, "-MISCONF Errors writing to the AOF file: No space left: the log has ")
		assert.Contains(t, out, "B; DEL, FLUSHALL, expiry and BGREWRITEAOF still work\r\n")
	}
}

// A value larger than all the room there is, and than the ballast: nothing can be written, but FLUSHALL runs, and gets the log going again.
func TestAFlushAllEndsTheTroubleOfAValueTooLarge(t *testing.T) {
	disk := memfs.New()
	disk.SetCapacity(4 << 20)
	fs, err := disk.Open()
	require.NoError(t, err)
	config := map[string]string{"appendfsync": "always"}
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Go: func(job func()) { job() }, Config: config})
	require.NoError(t, err)
	s, now := e.NewSession(SessionOptions{}), int64(start)
	tick := func() {
		for range 40 {
			now += 400
			e.Tick(now)
		}
	}
	tick()
	assert.Equal(t, "+OK\r\n", do(e, s, "SET k v"))
	e.Turn(now)
	s.Feed([]byte("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$8388608\r\n" + strings.Repeat("v", 8<<20) + "\r\n"))
	e.EndTurn()
	assert.Equal(t, "-NOTDURABLE", strings.Fields(string(s.Output()))[0])
	s.Take(len(s.Output()))
	tick()
	for _, refused := range []string{"SET k w", "PING", "LPUSH l 1"} {
		assert.Regexp(t, `^-MISCONF .*: No space left: [0-9.]+[BKM] of 4.00M free, the log has \d+B; DEL and FLUSHALL still run, NOTDURABLE\r\n$`, do(e, s, refused))
	}
	assert.Regexp(t, `^-NOTDURABLE .*\r\n\$-1\r\n$`, do(e, s, "FLUSHALL", "GET k"))
	tick()
	assert.Equal(t, "+OK\r\n", do(e, s, "SET k after"))
	disk.Kill()
	fs, err = disk.Open()
	require.NoError(t, err)
	e, err = Open(context.Background(), Options{FS: fs, Now: now, Seed: 1, Go: func(job func()) { job() }, Config: config})
	require.NoError(t, err)
	assert.Equal(t, "$5\r\nafter\r\n:1\r\n", do(e, e.NewSession(SessionOptions{}), "GET k", "DBSIZE"))
}
