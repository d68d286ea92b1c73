package core

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// failingLog opens an engine on a disk that can be made to fail.
func failingLog(t *testing.T, store *memfs.Store, policy string) (*Engine, *faultfs.FS) {
	inner, err := store.Open()
	require.NoError(t, err)
	fs := faultfs.Wrap(inner, nil)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Go: func(job func()) { job() },
		Config: map[string]string{"appendfsync": policy, "notify-keyspace-events": "KEA"}})
	require.NoError(t, err)
	return e, fs
}

const ranAndFailed = "-NOTDURABLE The command ran, but its effect could not be made durable (Errors writing to the AOF file: Injected fault). " +
	"It may become durable yet, or be lost by a crash; do not retry blindly.\r\n"

var refusedAsBroken = "-MISCONF Errors writing to the AOF file: Injected fault\r\n"

// Whatever a command did, if its block fails nobody is told that it is done, nor that it is not.
func TestWhatRanAndWhoseBlockFailedIsToldSo(t *testing.T) {
	for _, fault := range []faultfs.Op{faultfs.Append, faultfs.Sync} {
		for _, c := range []struct{ send, want string }{
			{"SET k w", ranAndFailed},
			{"GET k|SET k w|GET k", "$1\r\nv\r\n" + ranAndFailed + "$1\r\nw\r\n"},
			{"FLUSHALL", ranAndFailed},
			{"FLUSHDB ASYNC|DBSIZE", ranAndFailed + ":0\r\n"},
			{"SWAPDB 0 1", ranAndFailed},
			{"GETDEL k|EXISTS k", ranAndFailed + ":0\r\n"},
			{"MULTI|SET a 1|GET k|INCR a|EXEC|GET a", "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n" + ranAndFailed + "$1\r\n2\r\n"},
			{"MULTI|GET k|EXEC|SET k w", "+OK\r\n+QUEUED\r\n*1\r\n$1\r\nv\r\n" + ranAndFailed},
			{"CLIENT REPLY SKIP|SET k w|GET k|DEL k", "$1\r\nw\r\n" + ranAndFailed},
			{"SET k w|SET k w NX|DEL none", ranAndFailed + "$-1\r\n:0\r\n"},
			{"SET k w|QUIT", ranAndFailed + "+OK\r\n"},
			{"SET k w|NONSENSE", ranAndFailed + "-ERR unknown command 'NONSENSE', with args beginning with: \r\n"},
			{"SET k w|CONFIG SET appendonly no|SET k x", "" /* below */},
		} {
			e, fs := failingLog(t, memfs.New(), "always")
			s := e.NewSession(SessionOptions{})
			require.Equal(t, "+OK\r\n", do(e, s, "SET k v"))
			fs.Inject(faultfs.From(0, fault, faultfs.Fault{}))
			got := do(e, s, strings.Split(c.send, "|")...)
			if c.want == "" { // what was logged before the log was turned off waits for its last sync
				e.Tick(start)
				got += string(s.Output())
				assert.True(t, strings.HasPrefix(got, "-NOTDURABLE "), got)
				continue
			}
			assert.Equal(t, c.want, got, "%s, %s fails", c.send, fault)
		}
	}
}

// In the error state reads see memory, writes and PING are refused, and so is an EXEC that would write.
func TestWhatGoesOnWhileTheLogCannotBeWritten(t *testing.T) {
	for _, fault := range []faultfs.Op{faultfs.Append, faultfs.Sync} {
		e, fs := failingLog(t, memfs.New(), "always")
		s := e.NewSession(SessionOptions{})
		do(e, s, "SET k v")
		fs.Inject(faultfs.From(0, fault, faultfs.Fault{}))
		require.Equal(t, ranAndFailed, do(e, s, "SET k w"))
		for send, want := range map[string]string{
			"GET k":                           "$1\r\nw\r\n",
			"SET k x":                         refusedAsBroken,
			"DEL k":                           refusedAsBroken,
			"FLUSHALL":                        refusedAsBroken,
			"PING":                            refusedAsBroken,
			"PUBLISH c m":                     ":0\r\n",
			"MULTI|GET k|EXEC":                "+OK\r\n+QUEUED\r\n*1\r\n$1\r\nw\r\n",
			"MULTI|SET k x|EXEC":              "+OK\r\n" + refusedAsBroken + "-EXECABORT Transaction discarded because of previous errors.\r\n",
			"CONFIG SET appendfsync everysec": "+OK\r\n",
			"SHUTDOWN":                        "-ERR SHUTDOWN is not for this store: the page that opened it closes it\r\n",
			"BGREWRITEAOF":                    "+Background append only file rewriting scheduled\r\n",
		} {
			assert.Equal(t, want, do(e, s, strings.Split(send, "|")...), send)
		}
		assert.Equal(t, "$1\r\nw\r\n", do(e, s, "GET k"))
	}
}

// Who waits for the sync by WAITAOF does not hear of one when the block failed; nor does a listener get his message late or never.
func TestWaitaofAndMessagesOfABlockThatFailed(t *testing.T) {
	for _, fault := range []faultfs.Op{faultfs.Append, faultfs.Sync} {
		store := memfs.New()
		e, fs := failingLog(t, store, "always")
		s, w, l := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
		do(e, l, "SUBSCRIBE __keyspace@0__:k")
		take(l)
		fs.Inject(faultfs.From(0, fault, faultfs.Fault{}))
		require.Equal(t, ranAndFailed, do(e, w, "SET k v", "WAITAOF 1 0 0"))
		assert.Equal(t, "*3\r\n$7\r\nmessage\r\n$16\r\n__keyspace@0__:k\r\n$3\r\nset\r\n", take(l), "what memory holds")
		for i := range int64(5) {
			e.Tick(start + 1000*i)
		}
		require.Empty(t, take(w), "it is not durable")
		assert.Equal(t, refusedAsBroken, do(e, s, "SET k x"))
		fs.Inject(nil)
		for i := range int64(20) {
			e.Tick(start + 10000 + 100*i)
		}
		assert.Equal(t, "*2\r\n:1\r\n:0\r\n", take(w), "by the block that was tried again, or a fresh base")
		again := open(t, store.CrashClone(memfs.Nothing()))
		assert.Equal(t, "$1\r\nv\r\n", do(again, again.NewSession(SessionOptions{}), "GET k"))
	}
}

// Where a sync is asynchronous the engine goes on meanwhile. When it fails, all that waited for it hears so, each in its place; reads are
// answered, and what was asked before it under the same sync is not lost.
func TestASyncThatFailsLaterFailsAllThatWaitedForIt(t *testing.T) {
	store := memfs.New()
	e, _ := failingLog(t, store, "always")
	s, r := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	store.SetSync(memfs.SyncHeld)
	assert.Empty(t, do(e, s, "SET k v"))
	assert.Empty(t, do(e, s, "GET k", "INCR n"))
	assert.Empty(t, do(e, r, "GET k"), "nobody sees what a crash may undo")
	assert.Empty(t, do(e, s, "CONFIG SET appendfsync everysec", "GET n"), "what was asked under always is answered as always does")
	store.SetSync(memfs.SyncInline)
	require.True(t, store.ReleaseSync(faultfs.ErrInjected))
	e.Turn(start)
	e.EndTurn()
	assert.Equal(t, ranAndFailed+"$1\r\nv\r\n"+ranAndFailed+"+OK\r\n$1\r\n1\r\n", take(s))
	assert.Equal(t, "$1\r\nv\r\n", take(r))
}

// What an engine that has stopped has in memory is no base; what is on disk stays, and closing says so.
func TestAStoppedEngineWritesNoFirstBase(t *testing.T) {
	e := openWith(t, memfs.New(), func(job func()) { job() }, map[string]string{"appendonly": "no"})
	s := e.NewSession(SessionOptions{})
	require.Equal(t, "+OK\r\n", do(e, s, "CONFIG SET appendonly yes"))
	e.stop("a test")
	require.ErrorContains(t, e.Close(context.Background()), "the first base of the append only file is not finished")
}

// A first base that finds no room when the store is closed is an error, not a word in the log.
func TestAFirstBaseThatFailsAtClosingIsAnError(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := faultfs.Wrap(inner, nil)
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Go: func(job func()) { job() }, Config: map[string]string{"appendonly": "no"}})
	require.NoError(t, err)
	s := e.NewSession(SessionOptions{})
	do(e, s, "SET k v", "CONFIG SET appendonly yes")
	fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{Err: storage.ErrQuota}))
	require.ErrorIs(t, e.Close(context.Background()), storage.ErrQuota)
}

// DEBUG LOADAOF empties memory. When the log fails before, meanwhile or behind it, what is in memory is never made a base of: what was
// acknowledged stays on disk, and the next start finds it.
func TestLoadAOFWhileTheLogFails(t *testing.T) {
	for _, c := range []struct {
		name string
		fail func(store *memfs.Store, fs *faultfs.FS)
		op   faultfs.Op // fails from the moment of the command on
		want string
		dead bool
	}{
		{"the write of its own turn", nil, faultfs.Append, "-NOTDURABLE ", false},
		{"a read", nil, faultfs.Read, "-ERR Error trying to load the AOF, check server logs.\r\n", true},
		{"a sync under way", func(store *memfs.Store, _ *faultfs.FS) { store.ReleaseSync(faultfs.ErrInjected) }, 0,
			"-ERR Error trying to load the AOF, check server logs.\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := memfs.New()
			inner, err := store.Open()
			require.NoError(t, err)
			fs := faultfs.Wrap(inner, nil)
			var jobs []func()
			e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Go: func(job func()) { jobs = append(jobs, job) },
				Config: map[string]string{"enable-debug-command": "yes", "auto-aof-rewrite-percentage": "0"}})
			require.NoError(t, err)
			s := e.NewSession(SessionOptions{})
			require.Equal(t, "+OK\r\n", do(e, s, "SET k v"))
			if c.fail != nil {
				store.SetSync(memfs.SyncHeldLater)
				e.Tick(start + 1000)
				require.Equal(t, 1, store.HeldSyncs())
			} else {
				e.Tick(start + 1000)
			}
			jobs = nil
			if c.op != 0 {
				fs.Inject(faultfs.From(0, c.op, faultfs.Fault{}))
			}
			s.Feed([]byte("SET j w\r\nDEBUG LOADAOF\r\n"))
			e.EndTurn()
			if c.fail != nil {
				c.fail(store, fs)
			}
			for i := range int64(5) { // the owner's turns go on
				e.Tick(start + 2000 + 1000*i)
			}
			if len(jobs) > 0 && c.dead {
				go jobs[0]()
			}
			out := take(s)
			for end := time.Now().Add(20 * time.Second); strings.Count(out, "\r\n") < 2 && time.Now().Before(end); time.Sleep(time.Millisecond) {
				e.Tick(start + 10000)
				out += take(s)
			}
			assert.Contains(t, out, c.want)
			assert.Equal(t, c.dead, e.Dead() != "", e.Dead())
			for i := range int64(20) {
				e.Tick(start + 20000 + 1000*i)
			}
			if !c.dead {
				assert.Equal(t, "$1\r\nv\r\n", do(e, s, "GET k"), "memory was kept")
			}
			again := open(t, store.CrashClone(memfs.Everything()))
			assert.Equal(t, "$1\r\nv\r\n", do(again, again.NewSession(SessionOptions{}), "GET k"))
		})
	}
}
