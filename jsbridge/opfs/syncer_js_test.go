//go:build js && wasm

package opfs_test

import (
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shares tells whether handles can be shared, so that another Worker syncs. Elsewhere everysec syncs in the turn.
func shares() bool {
	return js.Global().Get("Reflect").Call("has", js.Global().Get("FileSystemSyncAccessHandle").Get("prototype"), "mode").Bool()
}

// syncers are those of tests/browser/worker.mjs, whose fate a test decides. They are waited for so many ms.
func syncers(t *testing.T, patience int) js.Value {
	s, host := js.Global().Get("tabdisTest").Get("syncers"), js.Global().Get("tabdisHost")
	usual := host.Get("patience")
	host.Set("patience", patience)
	t.Cleanup(func() {
		host.Set("patience", usual)
		s.Set("mode", "")
		s.Call("release")
	})
	return s
}

// A sync under way holds no turn: what comes meanwhile is executed, and reads are answered in their turn. Writes wait for it at most
// two seconds, by the clock of turns, as with Redis.
func TestASyncUnderWayHoldsNoTurn(t *testing.T) {
	s := syncers(t, 60_000)
	s.Set("mode", "held")
	e := mustStart(t, newStore(t), "appendfsync", "everysec")
	require.Equal(t, "+OK\r\n", e.do("SET k v"))
	e.tick(1100)
	if !shares() {
		assert.Equal(t, "0", e.info("aof_pending_bio_fsync"), "it was made in the turn")
		e.close()
		return
	}
	require.Equal(t, 1, s.Get("held").Length(), "the sync is on its way")
	assert.Equal(t, "1", e.info("aof_pending_bio_fsync"))
	assert.Equal(t, "v", e.get("k"))
	turn := func(line string) string {
		e.core.Turn(e.now)
		e.client.Feed([]byte(line + "\r\n"))
		e.core.EndTurn()
		out := string(e.client.Output())
		e.client.Take(len(out))
		return out
	}
	assert.Equal(t, "", turn("SET k w"), "executed; its write waits for the disk")
	e.tick(2100)
	assert.Equal(t, "+OK\r\n", turn(""), "but not longer")
	assert.Equal(t, "w", e.get("k"))
	assert.Equal(t, "1", e.info("aof_delayed_fsync"))
	s.Set("mode", "")
	s.Call("release")
	e.until("the sync", func() bool { return e.info("aof_pending_bio_fsync") == "0" })
	e.close()
}

// The syncer keeps nothing open that the host has closed, though it lives on: a removed file's room would never come back.
func TestTheSyncerLetsGoOfWhatIsClosed(t *testing.T) {
	stays := open(t, newStore(t))
	defer func() { require.NoError(t, stays.Close()) }()
	name := newName()
	fs := open(t, name)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("x")))
	require.NoError(t, sync(f, false))
	require.NoError(t, fs.Close())
	remove(t, name)
}

// A sync that was on its way when its file was closed is waited for no more: its silence does not end the next file's.
func TestTheSilenceOfAClosedFile(t *testing.T) {
	if !shares() {
		t.Log("this browser has no syncer: everysec syncs in the turn")
		return
	}
	s := syncers(t, 1000)
	s.Set("mode", "held")
	underWay := func() *engine {
		e := mustStart(t, newStore(t), "appendfsync", "everysec")
		require.Equal(t, "+OK\r\n", e.do("SET k v"))
		e.tick(1100)
		require.Equal(t, "1", e.info("aof_pending_bio_fsync"))
		return e
	}
	e := underWay()
	e.die()
	js.Global().Get("tabdisHost").Set("patience", 60_000)
	e = underWay()
	time.Sleep(1200 * time.Millisecond)
	assert.Equal(t, "1", e.info("aof_pending_bio_fsync"))
	e.die()
}

// The syncer dies, or goes silent: the host flushes by itself, the log goes on with another syncer, and nothing is given up.
func TestASyncerThatDiesOrGoesSilent(t *testing.T) {
	if !shares() {
		t.Log("this browser has no syncer: everysec syncs in the turn")
	}
	faults := newFaults(t)
	for _, mode := range []string{"silent", "dead"} {
		s := syncers(t, 20)
		name := newStore(t)
		e := mustStart(t, name, "appendfsync", "everysec")
		durable := func() bool {
			return e.info("aof_durable_lsn") == e.info("aof_lsn") && e.info("aof_pending_bio_fsync") == "0"
		}
		e.until("all to be durable", durable)
		before := s.Get("started").Int()
		s.Set("mode", mode)
		for _, value := range []string{"one", "two"} {
			require.Equal(t, "+OK\r\n", e.do("SET k "+value))
			e.tick(1100)
			e.until("the host's own flush", durable)
		}
		if shares() {
			assert.Greater(t, s.Get("started").Int(), before, "another one took its place")
		}
		s.Set("mode", "")
		require.Equal(t, "+OK\r\n", e.do("SET k three"))
		e.until("a sync by a syncer that lives", durable)
		assert.NotContains(t, strings.Join(e.logged, "\n"), "not trusted")

		// Its own flush fails, too: the tail is never trusted again.
		s.Set("mode", mode)
		faults.set(rule{"op": "flush", "file": "pool-", "times": 1, "error": "UnknownError"})
		require.Equal(t, "+OK\r\n", e.do("SET k four"))
		e.tick(1100)
		e.until("distrust", func() bool { return strings.Contains(strings.Join(e.logged, "\n"), "not trusted") })
		s.Set("mode", "")
		e.until("the fresh base", func() bool { return e.do("SET k five") == "+OK\r\n" })
		e.die()
		e = mustStart(t, name)
		assert.Equal(t, "five", e.get("k"), mode)
		e.close()
	}
}
