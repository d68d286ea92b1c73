package conformance

import (
	"context"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// target is the engine in this process, with a log in memory, on the wall clock.
type target struct {
	t      *testing.T
	store  *memfs.Store
	fs     storage.FS
	engine *core.Engine
	dumps  *memfs.Dumps
	conns  map[int]*core.Session
}

// openTarget opens it with these parameters: name, value, name, value …
func openTarget(t *testing.T, store *memfs.Store, params ...string) *target {
	t.Helper()
	config := map[string]string{"enable-debug-command": "yes"}
	for i := 0; i+1 < len(params); i += 2 {
		config[params[i]] = params[i+1]
	}
	fs, err := store.Open()
	require.NoError(t, err)
	dumps := &memfs.Dumps{}
	engine, err := core.Open(context.Background(), core.Options{
		FS: fs, Dumps: dumps, Now: time.Now().UnixMilli(), Profile70: true, Config: config,
	})
	require.NoError(t, err)
	return &target{t: t, store: store, fs: fs, engine: engine, dumps: dumps, conns: map[int]*core.Session{}}
}

func (x *target) session(n int) *core.Session {
	if x.conns[n] == nil {
		x.conns[n] = x.engine.NewSession(core.SessionOptions{Addr: "127.0.0.1:1", LocalAddr: "127.0.0.1:2"})
	}
	return x.conns[n]
}

// do sends a command on connection n and gives the whole output.
func (x *target) do(n int, words ...string) []byte {
	return x.raw(n, redistest.Request(words...))
}

func (x *target) raw(n int, b []byte) []byte {
	s := x.session(n)
	x.engine.Turn(time.Now().UnixMilli())
	s.Feed(b)
	x.engine.EndTurn()
	return x.take(n)
}

// pushed runs the cron and gives the messages that have come on connection n.
func (x *target) pushed(n int) []byte {
	x.engine.Tick(time.Now().UnixMilli())
	return x.take(n)
}

// take gives what may leave on connection n, once nothing of it is held back.
func (x *target) take(n int) []byte {
	s := x.session(n)
	for i := 0; x.engine.Stalled() || s.Waiting() > 0; i++ {
		require.Less(x.t, i, 5000, "the reply is held back for ever")
		time.Sleep(time.Millisecond)
		x.engine.Turn(time.Now().UnixMilli())
		x.engine.EndTurn()
	}
	out := append([]byte(nil), s.Output()...)
	s.Take(len(out))
	return out
}

// awaitReply gives what a session that waits is answered, by others or when its time is over.
func (x *target) awaitReply(n int) []byte {
	s := x.session(n)
	for i := 0; len(s.Output()) == 0; i++ {
		require.Less(x.t, i, 5000, "no reply comes")
		if i > 0 {
			time.Sleep(time.Millisecond)
		}
		x.engine.Tick(time.Now().UnixMilli())
	}
	out := append([]byte(nil), s.Output()...)
	s.Take(len(out))
	return out
}

func (x *target) close() {
	require.NoError(x.t, x.engine.Close(context.Background()))
	require.NoError(x.t, x.fs.Close())
}

func sortStrings(s []string) { sort.Strings(s) }
