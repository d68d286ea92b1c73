package core

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// reloadable opens an engine with values of every type and encoding.
func reloadable(t *testing.T, store *memfs.Store) (*Engine, *Session) {
	e := openWith(t, store, nil, map[string]string{"enable-debug-command": "yes"})
	s := e.NewSession(SessionOptions{})
	do(e, s, "SET str v", "SET int 12", "SET raw "+strings.Repeat("x", 5000), "PEXPIREAT int "+strconv.Itoa(start+100000),
		"RPUSH l a b 3", "SADD ints 1 2", "SADD some a b", "HSET h f v", "ZADD z 1.5 m", "SELECT 3", "SET other 1", "SELECT 0")
	for i := range 600 {
		n := strconv.Itoa(i)
		do(e, s, "RPUSH biglist "+strings.Repeat(n, 40), "SADD bigset m"+n, "HSET bighash f"+n+" "+n, "ZADD bigzset "+n+" m"+n, "XADD bigstream 1-"+n+"1 f "+n)
	}
	do(e, s, "XGROUP CREATE bigstream g 0", "XREADGROUP GROUP g c COUNT 10 STREAMS bigstream >", "XACK bigstream g 1-11",
		"XGROUP CREATECONSUMER bigstream g idle", "XDEL bigstream 1-21")
	return e, s
}

// contents is what a session may see of all of it.
func contents(e *Engine, s *Session) string {
	out := do(e, s, "DEBUG DIGEST", "PEXPIRETIME int", "XINFO STREAM bigstream FULL COUNT 0", "XINFO CONSUMERS bigstream g", "XINFO GROUPS bigstream")
	for _, k := range strings.Fields("str int raw l ints some h z biglist bigset bighash bigzset bigstream") {
		out += do(e, s, "OBJECT ENCODING "+k, "OBJECT FREQ "+k)
	}
	for _, k := range strings.Fields("str int raw l ints some h z biglist bigstream") { // what has an order
		out += do(e, s, "DUMP "+k)
	}
	return out
}

func TestDebugReloadBringsBackAllThatWasThere(t *testing.T) {
	store := memfs.New()
	e, s := reloadable(t, store)
	do(e, s, "CONFIG SET maxmemory-policy allkeys-lfu", "CONFIG SET rdb-write-version 11")
	for range 50 {
		do(e, s, "GET str")
	}
	do(e, s, "CLIENT NO-TOUCH ON")
	before := contents(e, s)
	lsn := e.log.Stats().LSN
	assert.Equal(t, "+OK\r\n", do(e, s, "DEBUG RELOAD"))
	assert.Equal(t, before, contents(e, s))
	assert.Equal(t, "+OK\r\n+OK\r\n", do(e, s, "DEBUG RELOAD MERGE", "DEBUG RELOAD NOFLUSH MERGE"))
	assert.Equal(t, before, contents(e, s))
	assert.Equal(t, lsn, e.log.Stats().LSN, "the log need not hear of it")
	assert.Contains(t, do(e, s, "INFO persistence"), "rdb_last_load_keys_loaded:14\r\n")

	assert.Equal(t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n+OK\r\n$1\r\n1\r\n",
		do(e, s, "MULTI", "SET new 1", "DEBUG RELOAD", "GET new", "EXEC"))
	digest := do(e, s, "DEBUG DIGEST")
	again := openWith(t, store.CrashClone(memfs.Everything()), nil, map[string]string{"enable-debug-command": "yes"})
	assert.Equal(t, digest, do(again, again.NewSession(SessionOptions{}), "DEBUG DIGEST"))
}

// What a snapshot under way has yet to emit is the old data's, which go on for it.
func TestDebugReloadWhileTheLogIsRewritten(t *testing.T) {
	store := memfs.New()
	e, s := reloadable(t, store)
	assert.Contains(t, do(e, s, "BGREWRITEAOF"), "+Background")
	for i := 0; e.log.Stats().RewriteInProgress || i == 0; i++ {
		require.Less(t, i, 10_000)
		assert.Equal(t, "+OK\r\n", do(e, s, "DEBUG RELOAD"))
		do(e, s, "INCR n", "HSET bighash f1 "+strconv.Itoa(i), "DEL biglist")
		e.Tick(start)
		time.Sleep(time.Millisecond) // the control plane's turn
	}
	digest := do(e, s, "DEBUG DIGEST")
	again := openWith(t, store.CrashClone(memfs.Everything()), nil, map[string]string{"enable-debug-command": "yes"})
	assert.Equal(t, digest, do(again, again.NewSession(SessionOptions{}), "DEBUG DIGEST"))
}

// As in Redis a key that is past its time does not come back; the log must hear of that, or it would have it still.
func TestDebugReloadLeavesOutWhatIsPastItsTime(t *testing.T) {
	store := memfs.New()
	e := openWith(t, store, nil, map[string]string{"enable-debug-command": "yes"})
	s, w := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "DEBUG SET-ACTIVE-EXPIRE 0", "SET k 7 PX 10", "SET stays 1")
	do(e, w, "WATCH k", "MULTI")
	at := func(line string) string {
		e.Turn(start + 100)
		s.Feed([]byte(line + "\r\n"))
		e.EndTurn()
		out := string(s.Output())
		s.Take(len(out))
		return out
	}
	assert.Equal(t, ":2\r\n", at("DBSIZE"))
	assert.Equal(t, "+OK\r\n", at("DEBUG RELOAD"))
	assert.Equal(t, ":1\r\n", at("DBSIZE"))
	info := at("INFO persistence")
	assert.Contains(t, info, "rdb_last_load_keys_expired:1\r\n")
	assert.Contains(t, info, "rdb_last_load_keys_loaded:1\r\n")
	assert.Equal(t, ":1\r\n", at("INCR k"))
	assert.Equal(t, "*-1\r\n", do(e, w, "EXEC"))
	again := openWith(t, store.CrashClone(memfs.Everything()), nil, nil)
	assert.Equal(t, "$1\r\n1\r\n", do(again, again.NewSession(SessionOptions{}), "GET k"))
}

// What would make memory hold something else than the log is refused.
func TestDebugReloadRefusesWhatTheLogDoesNotHave(t *testing.T) {
	e, s := reloadable(t, memfs.New())
	before := contents(e, s)
	for _, options := range []string{"NOSAVE", "NOSAVE NOFLUSH MERGE", "NOFLUSH"} {
		assert.Regexp(t, `^-ERR DEBUG RELOAD takes`, do(e, s, "DEBUG RELOAD "+options))
	}
	assert.Equal(t, before, contents(e, s))
}
