//go:build js && wasm

package opfs_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage"
	"tabdis/jsbridge/host"
	"tabdis/jsbridge/opfs"
)

// engine is the engine over OPFS, with one client and a clock of its own.
type engine struct {
	t      *testing.T
	fs     *opfs.FS
	core   *core.Engine
	client *core.Session
	now    int64
	logged []string
}

// pool is small, so that opening is quick: a rewrite and a fresh base still find their files.
var small = opfs.Options{Wait: 2 * time.Second, Pool: 8}

// start opens a store with the engine on it.
func start(t *testing.T, name string, config ...string) (*engine, error) {
	t.Helper()
	e := &engine{t: t, now: 1_700_000_000_000}
	var err error
	if e.fs, err = opfs.Open(ctx, name, small); err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = e.fs.Close() }) // of a test that failed
	params := map[string]string{"appendfsync": "always"}
	for i := 0; i+1 < len(config); i += 2 {
		params[config[i]] = config[i+1]
	}
	e.core, err = core.Open(ctx, core.Options{FS: e.fs, Config: params, Now: e.now, Seed: 7,
		Log: func(_ aof.Level, line string) { e.logged = append(e.logged, line) }})
	if err != nil {
		require.NoError(t, e.fs.Close())
		return nil, err
	}
	e.client = e.core.NewSession(core.SessionOptions{})
	return e, nil
}

func mustStart(t *testing.T, name string, config ...string) *engine {
	t.Helper()
	e, err := start(t, name, config...)
	require.NoError(t, err)
	return e
}

// do runs a command of plain words and gives the reply as RESP.
func (e *engine) do(line string) string {
	e.t.Helper()
	words := strings.Fields(line)
	b := "*" + strconv.Itoa(len(words)) + "\r\n"
	for _, w := range words {
		b += "$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n"
	}
	e.core.Turn(e.now)
	e.client.Feed([]byte(b))
	e.core.EndTurn()
	for n := 0; e.client.Waiting() > 0; n++ {
		require.Less(e.t, n, 5000, "the reply to %q is held back", line)
		time.Sleep(time.Millisecond)
		e.core.Turn(e.now)
		e.core.EndTurn()
	}
	out := string(e.client.Output())
	e.client.Take(len(out))
	return out
}

// get is the value of a key, "" if there is none.
func (e *engine) get(key string) string {
	e.t.Helper()
	parts := strings.Split(e.do("GET "+key), "\r\n")
	return parts[1]
}

// tick lets so many ms pass.
func (e *engine) tick(ms int64) {
	for end := e.now + ms; ; {
		e.core.Tick(e.now)
		time.Sleep(200 * time.Microsecond)
		if e.now >= end {
			return
		}
		e.now = min(end, e.now+50)
	}
}

func (e *engine) until(what string, done func() bool) {
	e.t.Helper()
	for n := 0; !done(); n++ {
		require.Less(e.t, n, 2000, "waiting for: %s; %q", what, e.logged)
		e.tick(50)
	}
}

func (e *engine) info(field string) string {
	_, rest, _ := strings.Cut(e.do("INFO everything"), "\r\n"+field+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

func (e *engine) close() {
	e.t.Helper()
	require.NoError(e.t, e.core.Close(ctx))
	require.NoError(e.t, e.fs.Close())
}

// die ends it as a closed tab would: nothing more is written.
func (e *engine) die() {
	e.t.Helper()
	require.NoError(e.t, e.fs.Close())
}

// story is a run of the engine, and what its client knows of each key's value.
type story struct {
	acked map[string]string // the last value acknowledged
	maybe map[string]string // a later one of which nobody said that it is durable
}

// set writes a key and notes what the reply promises.
func (s *story) set(e *engine, key, value string) {
	e.t.Helper()
	switch reply := e.do("SET " + key + " " + value); {
	case reply == "+OK\r\n":
		s.acked[key] = value
		delete(s.maybe, key)
	case strings.HasPrefix(reply, "-NOTDURABLE "):
		s.maybe[key] = value
	default:
		require.True(e.t, strings.HasPrefix(reply, "-MISCONF "), reply)
	}
}

// run writes, rewrites and writes on, faults or not.
func (s *story) run(e *engine) {
	for i := range 4 {
		s.set(e, "k"+strconv.Itoa(i), "one")
	}
	e.do("BGREWRITEAOF")
	for n := 0; n < 40 && (e.info("aof_rewrite_in_progress") == "1" || n < 4); n++ {
		s.set(e, "k"+strconv.Itoa(n%6), "two-"+strconv.Itoa(n))
		e.tick(1100)
	}
	s.set(e, "k1", "three")
}

// check compares what is there with what is known.
func (s *story) check(e *engine, what string) {
	e.t.Helper()
	for _, key := range []string{"before", "k0", "k1", "k2", "k3", "k4", "k5"} {
		got := e.get(key)
		if got != s.acked[key] {
			require.Equal(e.t, s.maybe[key], got, "%s: %s", what, key)
		}
	}
}

// callFaults are the faults of one call to the platform.
var callFaults = []rule{
	{"op": "write", "short": 7},
	{"op": "write", "count": float64(noSpace)},
	{"op": "write", "error": "QuotaExceededError"},
	{"op": "write", "error": "NoModificationAllowedError", "after": true},
	{"op": "flush", "error": "InvalidStateError"},
	{"op": "flush", "error": "UnknownError", "after": true},
	{"op": "truncate", "error": "InvalidStateError"},
	{"op": "truncate", "lost": true},
	{"op": "getSize", "error": "NotFoundError"},
	{"op": "getSize", "add": -1},
	{"op": "getSize", "add": 1},
	{"op": "read", "error": "NotReadableError"},
}

// stride is how many calls are passed over between two that fail: TABDIS_STRIDE, 1 in full.
func stride(t *testing.T) int {
	s := os.Getenv("TABDIS_STRIDE")
	if s == "" {
		return 23
	}
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// The k-th call to a handle fails, once, thrice or from then on, while a store is opened, written, rewritten and written on. What was
// acknowledged is there after the tab has died, and if the engine has come through, all that its clients could read.
func TestTheEngineOutlivesAFaultOfEachCall(t *testing.T) {
	faults := newFaults(t)
	step, n := stride(t), 0
	runs, refused, recovered := 0, 0, 0
	for _, fault := range callFaults {
		for k := n % step; ; k += step {
			n++
			r := with(fault, rule{"from": k})
			if times := []int{1, 3, 0}[n%3]; times > 0 {
				r["times"] = times
			}
			what := "fault " + strconv.Itoa(n) + ", " + r["op"].(string) + " " + strconv.Itoa(k)
			opened, through, struck := outlive(t, faults, r, what)
			runs++
			if !opened {
				refused++
			}
			if through {
				recovered++
			}
			if !struck {
				break
			}
		}
	}
	t.Logf("stride %d: %d runs, %d refused to open, %d recovered; 0 acknowledged lost", step, runs, refused, recovered)
}

func outlive(t *testing.T, faults faults, r rule, what string) (opened, through, struck bool) {
	t.Helper()
	name := newStore(t)
	s := &story{acked: map[string]string{}, maybe: map[string]string{}}
	e := mustStart(t, name)
	s.set(e, "before", "kept")
	require.Equal(t, "kept", s.acked["before"])
	e.close()
	faults.set(r)
	e, err := start(t, name)
	if err == nil {
		opened = true
		s.run(e)
	} else {
		assert.NotErrorIs(t, err, storage.ErrNotExist, what)
		assert.NotErrorIs(t, err, storage.ErrLocked, what)
	}
	struck = faults.struck() > 0
	faults.set()
	if opened && len(r["op"].(string))%2 == 0 { // half of them go on when all is well again
		through = true
		e.until("recovery of "+what, func() bool { return e.do("SET probe 1") == "+OK\r\n" })
		for key, value := range s.maybe { // they ran: a fresh base, or the block at the second try, holds them
			require.Equal(t, value, e.get(key), what)
			s.acked[key] = value
		}
		s.maybe = map[string]string{}
	}
	if opened {
		e.die()
	}
	for again := range 2 { // the second opening sees what the first made of it
		e, err = start(t, name)
		require.NoError(t, err, what)
		if through || again > 0 { // else the tab may have died before a file with half a block was given up for another
			require.Nil(t, e.core.Report().Truncated, what)
		}
		s.check(e, what)
		e.die()
	}
	return opened, through, struck
}

// A handle that fails for good takes its file out of use; the log goes on in others.
func TestAHandleThatFailsForGood(t *testing.T) {
	faults := newFaults(t)
	for _, op := range []string{"write", "flush", "truncate", "write flush truncate getSize read"} {
		name := newStore(t)
		e := mustStart(t, name)
		require.Equal(t, "+OK\r\n", e.do("SET k before"))
		var bad string
		for i := range 8 { // the incr file's: the one that SET writes to
			bad = "pool-0" + strconv.Itoa(i)
			faults.set(rule{"op": "write", "file": bad, "count": 1 << 20})
			reply := e.do("SET k " + bad)
			if faults.struck() > 0 {
				assert.True(t, strings.HasPrefix(reply, "-NOTDURABLE "), reply)
				break
			}
		}
		faults.set(rule{"op": op, "file": bad, "error": "InvalidStateError"})
		e.do("SET k again")
		e.until("recovery from a broken "+bad, func() bool { return e.do("SET k after") == "+OK\r\n" })
		e.do("BGREWRITEAOF")
		e.tick(3000)
		require.Equal(t, "+OK\r\n", e.do("SET k last"), op)
		e.die()
		faults.set()
		e = mustStart(t, name)
		assert.Equal(t, "last", e.get("k"), op)
		e.close()
	}
}

// The storage is evicted while the store is open: nothing more is acknowledged, reads go on, and nothing is begun anew.
func TestStorageEvictedWhileOpen(t *testing.T) {
	faults := newFaults(t)
	for _, exception := range []string{"InvalidStateError", "NotFoundError"} {
		e := mustStart(t, newName()) // its files are never closed: see lose in host.mjs
		require.Equal(t, "+OK\r\n", e.do("SET k before"))
		faults.set(rule{"op": "write flush truncate getSize read getFileHandle createSyncAccessHandle", "error": exception})
		reply := e.do("SET k ran")
		assert.True(t, strings.HasPrefix(reply, "-NOTDURABLE ") && strings.Contains(reply, exception), reply)
		for range 5 {
			e.tick(4000)
			reply = e.do("SET k refused")
			assert.Regexp(t, "^-MISCONF Errors writing to the AOF file: ("+exception+"|The browser has removed the storage of this store)", reply)
			assert.Equal(t, "ran", e.get("k"))
		}
		assert.Equal(t, "err", e.info("aof_last_write_status"))
		require.Error(t, e.core.Close(ctx), "a close that says it")
		require.NoError(t, e.fs.Close())
		faults.set()
	}
}

// A pool file that comes back empty is damage, whatever of the log it held.
func TestAPoolFileThatComesBackEmpty(t *testing.T) {
	for _, held := range []int{1, 2} { // an incr file, and a base with an incr file
		name := newStore(t)
		e := mustStart(t, name)
		require.Equal(t, "+OK\r\n", e.do("SET k v"))
		if held == 2 {
			e.do("BGREWRITEAOF")
			e.until("the rewrite", func() bool { return e.info("aof_rewrites") == "1" && e.info("aof_rewrite_in_progress") == "0" })
		}
		require.Equal(t, "+OK\r\n", e.do("SET k w"))
		e.tick(3000)
		e.die() // no clean close: the manifest does not say how far the log went
		assert.Equal(t, held, emptyEach(t, name))
		e = mustStart(t, name)
		assert.Equal(t, "w", e.get("k"))
		e.close()
	}
}

// emptyEach empties each pool file of the log in its turn, sees that the store is refused, and puts its bytes back.
func emptyEach(t *testing.T, name string) (held int) {
	t.Helper()
	for i := range 8 {
		file := "pool-0" + strconv.Itoa(i)
		var kept []byte
		edit(t, name, file, func(h host.Handle) {
			size, err := h.Size()
			require.NoError(t, err)
			kept = make([]byte, size)
			require.NoError(t, h.Read(kept, 0))
			if strings.HasPrefix(string(kept), "#HDR:") { // else it is free, or the ballast
				require.NoError(t, h.Truncate(0))
			}
		})
		if !strings.HasPrefix(string(kept), "#HDR:") {
			continue
		}
		held++
		for range 2 {
			_, err := start(t, name)
			require.ErrorIs(t, err, aof.ErrCorrupt, file)
		}
		edit(t, name, file, func(h host.Handle) {
			size, err := h.Size()
			require.NoError(t, err)
			assert.Zero(t, size, "nothing was changed")
			require.NoError(t, h.Write(kept, 0))
		})
	}
	return held
}

// With the pool used up a rewrite is refused with the reason, and the fresh base that ends an error state still finds its files.
func TestAPoolThatIsUsedUp(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	e := mustStart(t, name)
	require.Equal(t, "+OK\r\n", e.do("SET k v"))
	e.until("the ballast", func() bool { return e.fs.Free() == 6 })
	for i := range 3 { // kept bytes of torn tails, say
		f, err := e.fs.Create(ctx, "torn."+strconv.Itoa(i))
		require.NoError(t, err)
		require.NoError(t, f.Append([]byte("x")))
		require.NoError(t, f.Close())
	}
	assert.Equal(t, "-ERR no files are free for a rewrite and for one more base\r\n", e.do("BGREWRITEAOF"))
	assert.Equal(t, "err", e.info("aof_last_bgrewrite_status"))
	require.Equal(t, "+OK\r\n", e.do("SET k w"))
	faults.set(rule{"op": "flush", "file": "pool-", "times": 1, "error": "InvalidStateError"})
	assert.True(t, strings.HasPrefix(e.do("SET k x"), "-NOTDURABLE "))
	e.until("the fresh base", func() bool { return e.do("SET k y") == "+OK\r\n" })
	assert.Equal(t, "ok", e.info("aof_last_write_status"))
	e.die()
	e = mustStart(t, name)
	assert.Equal(t, "y", e.get("k"))
	e.close()
}

// Torn tails are kept, but not at the price of the log: whatever their number, it opens, and is rewritten.
func TestManyTornTailsDoNotUseUpThePool(t *testing.T) {
	name := newStore(t)
	for i := range 6 {
		e := mustStart(t, name)
		if i > 0 {
			torn := e.core.Report().Truncated
			require.NotNil(t, torn, i)
			list, err := e.fs.List(ctx)
			require.NoError(t, err)
			assert.Contains(t, list, torn.Kept)
		}
		require.Equal(t, "+OK\r\n", e.do("SET k "+strconv.Itoa(i)))
		before := e.info("aof_rewrites")
		e.until("a rewrite", func() bool {
			e.do("BGREWRITEAOF") // refused while files of before are being removed
			return e.info("aof_rewrites") != before
		})
		require.Equal(t, "+OK\r\n", e.do("SET k again"))
		e.die()
		for n := range 8 {
			edit(t, name, "pool-0"+strconv.Itoa(n), func(h host.Handle) {
				size, err := h.Size()
				require.NoError(t, err)
				kept := make([]byte, size)
				require.NoError(t, h.Read(kept, 0))
				if strings.HasSuffix(string(kept), "again\r\n") && strings.HasPrefix(string(kept), "#HDR:") {
					require.NoError(t, h.Write([]byte("#HDR:v1;"), size)) // of the next block, torn
				}
			})
		}
	}
	e := mustStart(t, name)
	assert.Equal(t, "again", e.get("k"))
	e.close()
}
