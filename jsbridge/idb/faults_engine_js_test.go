//go:build js && wasm

package idb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage"
)

// world is an engine on a store that meets with faults, and what should be in it.
type world struct {
	testing.TB
	what   string
	name   string
	policy string
	faults *faults
	rng    *rand.Rand
	now    int64

	fs      *FS
	engine  *core.Engine
	session *core.Session
	logged  []string
	still   func() // parks as long as the Worker would stand still

	done    []string // what ran, in order
	acked   int      // so many of them were acknowledged: no end of the process may lose them
	durable int      // and so many are safe from a power cut
}

// open opens the store, which may fail only when it met with a fault.
func (w *world) open() error {
	fs, err := Open(ctx, w.name, Options{})
	if err != nil {
		return err
	}
	w.engine, err = core.Open(ctx, core.Options{FS: fs, Now: w.now, Seed: 7,
		Config: map[string]string{"appendfsync": w.policy, "auto-aof-rewrite-percentage": "0"},
		Log:    func(_ aof.Level, msg string) { w.logged = append(w.logged, msg) }})
	if err != nil {
		_ = fs.Close() // the error that matters is the one above
		return err
	}
	w.fs, w.session = fs, w.engine.NewSession(core.SessionOptions{})
	return nil
}

// turn runs a turn, and lets the platform work.
func (w *world) turn(text string) {
	w.now += 20
	w.engine.Turn(w.now)
	w.session.Feed([]byte(text))
	w.engine.EndTurn()
	w.engine.Tick(w.now)
	pause()
	if w.still != nil {
		w.still()
	}
}

// ask sends commands and gives what is answered, the replies one behind the other; what is held back for ever is an error.
func (w *world) ask(commands ...[]string) string {
	w.Helper()
	w.turn(text(commands...))
	for from := time.Now(); w.session.Waiting() > 0; w.turn("") {
		require.Less(w, time.Since(from), 30*time.Second, "%s: a reply is held back for ever", w)
	}
	out := string(w.session.Output())
	w.session.Take(len(out))
	return out
}

func text(commands ...[]string) string {
	var b strings.Builder
	for _, words := range commands {
		b.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
		for _, word := range words {
			b.WriteString("$" + strconv.Itoa(len(word)) + "\r\n" + word + "\r\n")
		}
	}
	return b.String()
}

// write makes one unit of several effects; it tells whether it was acknowledged.
func (w *world) write() bool {
	w.Helper()
	item := strconv.Itoa(len(w.done)) + "-" + strings.Repeat("x", w.rng.IntN(3000))
	reply := w.ask([]string{"MULTI"}, []string{"RPUSH", "l", item}, []string{"SET", "s", item}, []string{"HSET", "h", "f", item}, []string{"EXEC"})
	lines := strings.SplitN(reply, "\r\n", 5)
	last := reply[strings.LastIndex(strings.TrimSuffix(reply, "\r\n"), "\n")+1:]
	switch {
	case len(lines) == 5 && lines[3] == "+QUEUED" && strings.HasPrefix(lines[4], "*3\r\n"):
		w.done = append(w.done, item)
		w.acked = len(w.done)
		if w.policy == "always" {
			w.durable = w.acked
		}
		return true
	case strings.HasPrefix(last, "-NOTDURABLE "):
		w.done = append(w.done, item)
	case strings.HasPrefix(last, "-EXECABORT ") && strings.Contains(reply, "-MISCONF Errors writing to the AOF file: "):
	default:
		require.Fail(w, "unexpected", "%s: %q", w, reply)
	}
	require.True(w, w.faults.fired(), "%s: %q, and nothing had failed", w, reply)
	return false
}

// info is a field of INFO.
func (w *world) info(name string) string {
	_, rest, _ := strings.Cut(w.ask([]string{"INFO", "persistence"}), "\r\n"+name+":")
	v, _, _ := strings.Cut(rest, "\r\n")
	return v
}

// second lets a second pass, and what is due in it.
func (w *world) second() {
	w.now += 1100
	for range 6 {
		w.turn("")
	}
}

// rewrite runs a BGREWRITEAOF to its end, with writes meanwhile; after a fault it may have no end.
func (w *world) rewrite() {
	w.ask([]string{"BGREWRITEAOF"})
	for n := 0; n < 40 && !w.faults.crashed(); n++ {
		if n%4 == 0 {
			w.write()
		}
		w.turn("")
		if w.info("aof_rewrite_in_progress")+w.info("aof_rewrite_scheduled") == "00" {
			return
		}
	}
	require.True(w, w.faults.fired(), "%s: a rewrite without end", w)
}

// live is a life: writes, a rewrite, time, more writes.
func (w *world) live() {
	steps := []func(){w.write2, w.second, w.write2, w.rewrite, w.write2, w.second, w.write2}
	for _, step := range steps {
		if w.faults.crashed() {
			return
		}
		step()
	}
}

func (w *world) write2() { w.write(); w.write() }

func (w *world) String() string {
	return fmt.Sprintf("%s (%d ran, %d acknowledged, %d durable; log: %q)", w.what, len(w.done), w.acked, w.durable, w.logged[max(0, len(w.logged)-6):])
}

// same compares a store that was opened with what ran: it must be what had been after so many, at least least.
func (w *world) same(v *world, least int, how string) {
	w.Helper()
	reply := v.ask([]string{"LRANGE", "l", "0", "-1"}, []string{"GET", "s"}, []string{"HGET", "h", "f"})
	for n := len(w.done); n >= least; n-- {
		want := "*" + strconv.Itoa(n) + "\r\n"
		last := "$-1\r\n"
		for _, item := range w.done[:n] {
			last = "$" + strconv.Itoa(len(item)) + "\r\n" + item + "\r\n"
			want += last
		}
		if reply == want+last+last {
			return
		}
	}
	require.Fail(w, "a state that never was, or less than was acknowledged", "%s: %s: at least %d: %.300q", w, how, least, reply)
}

// look opens a copy of the store as a crash leaves it.
func (w *world) look(powerCut bool, rng *rand.Rand, least int, how string) {
	w.Helper()
	name := newName()
	w.faults.after(w.name, name, powerCut, rng)
	v := &world{TB: w.TB, what: w.what + ": " + how, name: name, policy: w.policy, faults: w.faults, now: w.now}
	was := w.faults.control.Get("crashed")
	w.faults.control.Set("crashed", false)
	require.NoError(w, v.open(), "%s: %s: crashes alone never lead to a refusal", w, how)
	w.same(v, least, how)
	v.shut()
	w.faults.control.Set("crashed", was)
	require.NoError(w, Delete(ctx, name))
}

// shut ends it, as well as it can.
func (w *world) shut() {
	err := w.engine.Close(ctx)
	err = errors.Join(err, w.fs.Close())
	require.True(w, err == nil || w.faults.fired(), "%s: %v", w, err)
}

// kinds of faults; those that last lose the store for good.
var kinds = []struct {
	kind  string
	count int
	lasts bool
}{
	{"crash", 1, false}, {"crashed", 1, false},
	{"abort:QuotaExceededError", 1, false}, {"abort:UnknownError", 3, false}, {"abort:", 1, false}, {"abort:", 5, false},
	{"doubt:UnknownError", 1, false}, {"doubt:AbortError", 1, false}, {"doubt:QuotaExceededError", 2, false},
	{"put:QuotaExceededError", 1, false}, {"put:DataError", 2, false},
	{"closed", 1, false}, {"closed", 4, false}, {"dropped", 1, false}, {"committed", 1, false}, {"committed", 4, false},
	{"silent", 1, false}, {"mute", 1, false}, {"mute", 2, false},
	{"stolen", 1, true}, {"deleted", 1, true},
}

// Every writing transaction of a life meets with every fault, under every policy: what was acknowledged is there afterwards, nothing is
// half there, and the engine goes on by itself, unless it has lost the store to another one. TABDIS_IDB_STRIDE=1 tries all places, 5
// every fifth; without it each fault has one, under one policy.
func TestFaultsEverywhere(t *testing.T) {
	seed, stride := number64(t, "TABDIS_IDB_SEED", 1), int(number64(t, "TABDIS_IDB_STRIDE", 0))
	lives := 0
	for p, policy := range []string{"always", "everysec", "no"} {
		for i, kind := range kinds {
			if stride == 0 && i%3 != p {
				continue // a third of them
			}
			t.Run(fmt.Sprintf("%s, %s x %d", policy, kind.kind, kind.count), func(t *testing.T) {
				if kind.kind == "silent" || kind.kind == "mute" {
					hurry(t)
				}
				story := func(k int) bool {
					lives++
					w := &world{TB: t, what: fmt.Sprintf("%s, %s x %d at %d", policy, kind.kind, kind.count, k), name: newName(), policy: policy,
						rng: rand.New(rand.NewPCG(seed, uint64(k))), now: 1_700_000_000_000}
					return w.story(k, kind.kind, kind.count, kind.lasts)
				}
				if place := p*len(kinds) + i; stride == 0 {
					require.True(t, story(place*11%fewest), "a place too far")
				} else {
					k := place % stride
					for ; story(k); k += stride {
					}
					require.GreaterOrEqual(t, k, fewest, "it is over too early")
				}
			})
		}
	}
	t.Logf("TABDIS_IDB_SEED=%d TABDIS_IDB_STRIDE=%d: %d lives", seed, stride, lives)
}

// fewest is how many writing transactions a life has at least.
const fewest = 20

func number64(t *testing.T, name string, unset uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return unset
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, name)
	return n
}

// story is one life with its fault, and what comes after; it tells whether the fault found its transaction.
func (w *world) story(k int, kind string, count int, lasts bool) (fired bool) {
	w.Helper()
	w.faults = installFaults(w.TB)
	defer w.faults.uninstall()
	w.faults.at(k, count, kind)
	err := w.open()
	if err != nil {
		require.True(w, w.faults.fired(), "%s: %v", w, err)
	} else {
		w.live()
	}
	fired = w.faults.fired()
	switch {
	case w.faults.crashed():
		w.crash(err)
	case lasts && fired && !(kind == "stolen" && k == 0): // before this one has begun
		w.lost(kind, err)
	default:
		w.heal(err)
	}
	w.faults.off()
	w.faults.control.Set("crashed", false)
	require.NoError(w, Delete(ctx, w.name))
	return fired
}

// crash looks at what is left.
func (w *world) crash(openErr error) {
	w.look(false, nil, w.acked, "the process ended")
	w.look(true, nil, w.durable, "a power cut")
	w.look(true, w.rng, w.durable, "another power cut")
	if openErr == nil {
		w.shut()
	}
}

// lost: another Worker has taken the store, or a tab has deleted it. What this engine had queued never lands, and it says why.
func (w *world) lost(kind string, openErr error) {
	w.faults.off()
	if openErr != nil {
		require.ErrorIs(w, openErr, storage.ErrLocked, "%s", w)
		return
	}
	before := w.faults.committed(w.name)
	for range 3 {
		require.False(w, w.write(), "%s: acknowledged by a store that is another's", w)
		w.second()
	}
	require.Equal(w, before, w.faults.committed(w.name), "%s: what a fenced engine had queued has landed", w)
	why := map[string]string{"stolen": errFenced.Error(), "deleted": errDeleted.Error()}[kind]
	reply := w.ask([]string{"SET", "s", "x"})
	require.Equal(w, "-MISCONF Errors writing to the AOF file: "+strings.ToUpper(why[:1])+why[1:], cutMisconf(reply), "%s", w)
	told, asked := len(w.logged), w.faults.seen()
	for range 5 {
		w.second()
	}
	require.Equal(w, told, len(w.logged), "%s: it is told again", w)
	require.Equal(w, asked, w.faults.seen(), "%s: it is tried again", w)
	if kind == "stolen" {
		w.look(false, nil, w.acked, "taken over")
	}
	w.shut()
	require.Equal(w, before, w.faults.committed(w.name), "%s: what a fenced engine had queued has landed", w)
}

// cutMisconf is a refusal without its last words.
func cutMisconf(reply string) string {
	reply, _, _ = strings.Cut(reply, "\r\n")
	reply, _, _ = strings.Cut(reply, ". ")
	return strings.TrimSuffix(reply, ".")
}

// heal ends the faults: the engine accepts writes again by itself, and nothing is missing.
func (w *world) heal(openErr error) {
	w.faults.off()
	if openErr != nil {
		require.NoError(w, w.open(), "%s: it opens when nothing fails", w)
		w.same(w, w.acked, "opened at the second try")
	}
	for from := time.Now(); !w.write(); w.second() {
		require.Less(w, time.Since(from), time.Minute, "%s: it does not recover", w)
	}
	w.same(w, w.acked, "recovered")
	w.look(false, nil, w.acked, "the process ends")
	if w.policy != "no" {
		for from := time.Now(); w.info("aof_durable_lsn") != w.info("aof_lsn"); w.second() {
			require.Less(w, time.Since(from), time.Minute, "%s: it does not become durable", w)
		}
		w.look(true, nil, w.acked, "a power cut")
		w.look(true, w.rng, w.acked, "another power cut")
	}
	require.NoError(w, w.engine.Close(ctx), "%s", w)
	_ = w.fs.Close() // it may tell of a fault of then
	require.NoError(w, w.open(), "%s", w)
	w.same(w, len(w.done), "closed and opened")
	require.NoError(w, w.engine.Close(ctx), "%s", w)
	require.NoError(w, w.fs.Close(), "%s", w)
}

// chunkKeys are all keys of chunks of a store.
func chunkKeys(t *testing.T, name string) (keys [][2]float64) {
	t.Helper()
	c, err := connect(ctx, name, true)
	require.NoError(t, err)
	require.NoError(t, c.run("readonly", "", func(t *tx) error {
		return t.call(chunksStore, "getAllKeys", func(result safejs.Value) error {
			return each(result, func(_ int, k safejs.Value) error {
				v := safejs.Unsafe(k)
				keys = append(keys, [2]float64{v.Index(0).Float(), v.Index(1).Float()})
				return nil
			})
		})
	}))
	require.NoError(t, c.close())
	return keys
}

// A store that was closed, and each of its chunks missing, doubled, cut or lengthened: the log is refused, never shorter, and nothing
// is changed but the epoch.
func TestADamagedChunkOfAClosedStoreIsRefused(t *testing.T) {
	faults := installFaults(t)
	w := &world{TB: t, what: t.Name(), name: newStore(t), policy: "everysec", faults: faults, rng: rand.New(rand.NewPCG(1, 1)), now: 1_700_000_000_000}
	require.NoError(t, w.open())
	w.live()
	names := map[float64]string{}
	for name, number := range w.fs.names {
		names[number] = name
	}
	ballast := w.fs.names["appendonly.aof.ballast"]
	require.NotZero(t, ballast)
	w.shut()
	damages := map[string]func(t *tx, k [2]float64, data []byte) error{
		"missing": func(t *tx, k [2]float64, _ []byte) error { return remove(t, chunksStore, []any{k[0], k[1]}) },
		"doubled": func(t *tx, k [2]float64, data []byte) error {
			return t.putChunks(k[0], []chunk{{int64(k[1]) + int64(len(data)), data}})
		},
		"cut": func(t *tx, k [2]float64, data []byte) error {
			return t.putChunks(k[0], []chunk{{int64(k[1]), data[:len(data)-1]}})
		},
		"longer": func(t *tx, k [2]float64, data []byte) error {
			return t.putChunks(k[0], []chunk{{int64(k[1]), append(data, 'x')}})
		},
	}
	refused := 0
	for _, k := range chunkKeys(t, w.name) {
		if k[0] == ballast { // which is made anew
			continue
		}
		for what, damage := range damages {
			name := newName()
			faults.after(w.name, name, false, nil)
			var data []byte
			alter(t, name, func(t *tx) error {
				return t.call(chunksStore, "get", func(array safejs.Value) (err error) {
					if data, err = toGo(array); err == nil {
						err = damage(t, k, data)
					}
					return err
				}, []any{k[0], k[1]})
			})
			before := faults.committed(name)
			v := &world{TB: t, what: what, name: name, policy: w.policy, faults: faults, now: w.now}
			err := v.open()
			switch {
			case err == nil && (what == "longer" || what == "doubled"): // behind the last seal: cut, and told; behind a base: slack
				require.True(t, v.engine.Report().Truncated != nil || strings.HasSuffix(names[k[0]], ".base.aof"), "%s: chunk %v %s", names[k[0]], k, what)
				w.same(v, len(w.done), what)
				v.shut()
			default:
				require.Error(t, err, "%s: chunk %v %s", names[k[0]], k, what)
				require.True(t, errors.Is(err, storage.ErrCorrupt) || errors.Is(err, aof.ErrCorrupt), "%s: chunk %v %s: %v", names[k[0]], k, what, err)
				require.Equal(t, before+1, faults.committed(name), "%s: chunk %v %s: something but the epoch was changed", names[k[0]], k, what)
				refused++
			}
			require.NoError(t, Delete(ctx, name))
		}
	}
	t.Logf("%d refused", refused)
	require.Greater(t, refused, 25)
}
