package crash

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
	"tabdis/tests/fromenv"
)

// faults are what is made to happen at the k-th operation that changes something.
var faults = []struct {
	name  string
	fault faultfs.Fault
	count int  // operations that fail
	lies  bool // it is reported as done, and is not
}{
	{"crash", faultfs.Fault{Crash: true}, 1, false},
	{"crash behind it", faultfs.Fault{Crash: true, After: true}, 1, false},
	{"crash in its middle", faultfs.Fault{Crash: true, Short: 90, Unsure: true}, 1, false},
	{"error", faultfs.Fault{}, 1, false},
	{"error, the pages stay dirty", faultfs.Fault{Keep: true}, 1, false},
	{"error, and it took effect", faultfs.Fault{After: true}, 1, false},
	{"error, nobody knows", faultfs.Fault{Unsure: true, Short: 300}, 1, false},
	{"short write", faultfs.Fault{Short: 20}, 1, false},
	{"late error", faultfs.Fault{Late: true, Short: 40}, 1, false},
	{"several errors", faultfs.Fault{}, 4, false},
	{"full disk for a while", faultfs.Fault{Err: storage.ErrQuota, Short: 10}, 12, false},
	{"errors to the end", faultfs.Fault{Short: 7}, 1 << 20, false},
	{"lost", faultfs.Fault{Lost: true}, 1, true},
}

// runs is how many runs there are to be at least: TABDIS_CRASHES.
func runs(t *testing.T) int64 { return int64(fromenv.Number(t, "TABDIS_CRASHES", 0)) }

// Every operation of a run fails, in every way, under every policy; then come crashes.
func TestNothingHeardOfIsLostWhereverItFails(t *testing.T) {
	seed := seed(t)
	var done atomic.Int64
	budget, step := runs(t), 1
	if budget == 0 {
		step = 3 // a third of the places of each story
	}
	for round := seed; ; round++ {
		t.Run(fmt.Sprintf("seed %d", round), func(t *testing.T) {
			for p, policy := range []string{"always", "everysec", "no"} {
				for f := range faults {
					t.Run(policy+", "+faults[f].name, func(t *testing.T) {
						t.Parallel()
						for k := (p + f) % step; ; k += step {
							done.Add(1)
							if !story(t, policy, f, k, round<<32|uint64(p)<<24|uint64(f)<<16) {
								break
							}
						}
					})
				}
			}
		})
		if done.Load() >= budget || t.Failed() {
			break
		}
	}
	t.Logf("%d runs", done.Load())
}

// story is one run with a fault at operation k, and the crashes that follow; false when there is no such operation.
func story(t testing.TB, policy string, f, k int, seed uint64) bool {
	r := newRand(seed, 7) // the same for every k: the same run up to the fault
	kind := faults[f]
	w := &world{TB: t, rng: r, policy: policy, disk: memfs.New(), now: 1_700_000_000_000, states: []state{newState()},
		what: fmt.Sprintf("%s, %s at operation %d, seed %d", policy, kind.name, k, seed>>32)}
	w.mode = []memfs.SyncMode{memfs.SyncInline, memfs.SyncHeldLater, memfs.SyncHeld}[(int(seed>>16)+f)%3]
	w.late, w.ballast = (int(seed>>16)+f)%2 == 1, f == 10
	w.auto, w.noSync = r.IntN(3) == 0, r.IntN(3) == 0
	w.config = map[string]string{"enable-debug-command": "yes", "aof-use-rdb-preamble": pick(r, "yes", "no"), "aof-timestamp-enabled": pick(r, "yes", "no"),
		"aof-history-keep": pick(r, "0", "0", "2")}
	left := kind.count
	at := faultfs.From(k, faultfs.Changes, kind.fault)
	injector := faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		fault := at.Fault(c)
		if at.Fired() {
			if left--; left < 0 {
				return nil
			}
			w.faulty, w.lying = true, kind.lies
		}
		return fault
	})
	if err := w.open(injector); err != nil {
		require.True(t, at.Fired(), "%s: %v", w.what, err)
	} else {
		w.live(20)
		if w.faulty && !w.fs.Crashed() && w.engine.Dead() == "" {
			w.heal()
		}
	}
	fired := at.Fired()
	w.rng = newRand(seed, uint64(k)+100)
	for generation := range 3 {
		if !w.end() {
			return fired
		}
		w.moody = true
		w.live(3 + w.rng.IntN(8))
		w.what += fmt.Sprintf(", then %d", generation+1)
	}
	return fired
}

// live lets the engine work for so many turns.
func (w *world) live(turns int) {
	for range turns {
		if w.fs.Crashed() || w.engine.Dead() != "" {
			return
		}
		w.step()
	}
}

// step is a turn, with all that goes on around it.
func (w *world) step() {
	r := w.rng
	w.now += int64([]int{0, 0, 1, 40, 900, 2500}[r.IntN(6)])
	w.answer()
	requests := map[int]request{}
	for i := 1; i <= sessions; i++ {
		if r.IntN(2) == 0 && !w.waits(i) {
			requests[i] = makeRequest(r, w.client(i).db)
		}
	}
	if n := r.IntN(9); n < 2 {
		requests[operator] = request{commands: [][]string{{[]string{"BGREWRITEAOF", "BGSAVE"}[n]}}}
	}
	if r.IntN(25) == 0 {
		w.turn(requests)
		requests = nil
		next := pick(r, "always", "everysec", "no")
		w.policy = "changing"
		w.turn(map[int]request{operator: {commands: [][]string{{"CONFIG", "SET", "appendfsync", next}}}})
		w.policy = next
	}
	w.turn(requests)
	if r.IntN(30) == 0 {
		w.loadAOF()
	}
	for range r.IntN(4) {
		w.tick()
	}
	if w.moody && r.IntN(25) == 0 { // what was only started fails late
		w.faulty = true
		w.platform(faultfs.ErrInjected)
	}
	if r.IntN(3) > 0 {
		w.disk.ReleaseWrites(nil)
	}
	for n := r.IntN(3); n > 0 && w.disk.ReleaseSync(nil); n-- {
	}
	w.checkDump()
}

// tick lets the cron run, and some of the work that it started.
func (w *world) tick() {
	w.engine.Tick(w.now)
	w.collect()
	for n := w.rng.IntN(3); n > 0 && len(w.jobs) > 0; n-- {
		job := w.jobs[0]
		w.jobs = w.jobs[1:]
		w.run(job)
	}
}

// loadAOF lets the operator ask for DEBUG LOADAOF, when no other job is under way.
func (w *world) loadAOF() {
	for len(w.jobs) > 0 {
		w.tick()
	}
	w.engine.Turn(w.now)
	var a *answer
	w.whileStalled(func() { a = w.ask(operator, request{commands: [][]string{{"DEBUG", "LOADAOF"}}}) })
	w.collect()
	w.execute([]*answer{a})
}

// heal ends the faults; the engine must accept writes again by itself.
func (w *world) heal() {
	w.fs.Inject(nil)
	for n, from := 0, len(w.states); w.acked < from; n++ {
		require.Less(w, n, 2000, "%s: it does not recover", w)
		w.now += 50
		w.tick()
		w.turn(map[int]request{operator: {commands: [][]string{{"INCR", "n9"}}}})
		w.platform(nil)
	}
}

// end ends the engine in one of several ways, checks what is left, and opens it again; false when nothing can be said any more.
func (w *world) end() bool {
	if w.lying {
		w.liar()
		return false
	}
	w.checkDump()
	heard, proven := w.acked, w.durable
	w.look(memfs.Everything(), heard, "the process ends")
	w.look(w.somePolicy(), proven, "a power cut")
	switch n := w.rng.IntN(4); {
	case n == 0 && w.engine != nil && !w.faulty && w.engine.Dead() == "" && w.close():
		if w.lying { // while it closed
			w.liar()
			return false
		}
		return w.reopen(len(w.states)-1, len(w.states)-1, "closed")
	case n <= 1:
		w.disk.Kill()
		return w.reopen(heard, proven, "killed")
	}
	w.disk = w.disk.CrashClone(w.somePolicy())
	return w.reopen(proven, proven, "crashed")
}

func (w *world) somePolicy() memfs.Policy {
	seed := w.rng.Uint64()
	switch w.rng.IntN(10) {
	case 0:
		return memfs.Zeros()
	case 1:
		return memfs.Names()
	case 2:
		return memfs.Prefix(int64(seed % 400))
	case 3:
		return memfs.Nothing()
	case 4, 5:
		worst := worstChoices(seed)
		return worst[w.rng.IntN(len(worst))]
	}
	return memfs.Random(seed)
}

// look opens a copy of the disk as a crash leaves it, and compares.
func (w *world) look(p memfs.Policy, least int, how string) {
	v := &world{TB: w.TB, what: w.what + ": " + how, rng: newRand(1, 2), disk: w.disk.CrashClone(p), policy: w.policy, now: w.now}
	require.NoError(w, v.open(nil), "%s: %s: crashes alone never lead to a refusal", w, how)
	w.same(v.read(), least, how)
}

// same finds the state that the store has come back with.
func (w *world) same(got state, least int, how string) int {
	for i := len(w.states) - 1; i >= 0; i-- {
		want := w.states[i].at(w.now)
		if want.difference(&got) == "" {
			require.GreaterOrEqual(w, i, least, "%s: %s: what was acknowledged is lost", w, how)
			return i
		}
	}
	want := w.states[least].at(w.now)
	require.Fail(w, "a state that never was", "%s: %s: beside state %d: %s", w, how, least, want.difference(&got))
	return 0
}

// reopen opens the disk, with more crashes and errors while it does, and goes on from what is there: least, or after another
// power cut what is proven.
func (w *world) reopen(least, proven int, how string) bool {
	for range w.rng.IntN(3) {
		fault := []faultfs.Fault{{Crash: true}, {Crash: true, After: true}, {Crash: true, Short: 30, Unsure: true}, {}, {Short: 11}, {After: true}}[w.rng.IntN(6)]
		at := faultfs.At(w.rng.IntN(12), faultfs.Changes, fault)
		err := w.open(at)
		if err != nil {
			require.True(w, at.Fired(), "%s: %s: refused: %v", w, how, err)
		} else {
			w.states = w.states[:w.same(w.read(), least, how)+1]
			least, proven = len(w.states)-1, len(w.states)-1
		}
		how += ", opened with a fault"
		if w.rng.IntN(2) == 0 {
			w.disk.Kill()
		} else {
			w.disk, least = w.disk.CrashClone(w.somePolicy()), proven
		}
	}
	w.faulty = false
	require.NoError(w, w.open(nil), "%s: %s: crashes alone never lead to a refusal", w, how)
	got := w.read()
	if i := w.same(got, least, how); how == "closed" {
		require.Nil(w, w.engine.Report().Truncated, "%s", w)
		require.Equal(w, len(w.states)-1, i, "%s: closed", w)
	}
	w.states, w.acked, w.durable, w.written = []state{got}, 0, 0, nil
	return true
}

// close ends the engine cleanly, unless a fault comes in between.
func (w *world) close() bool {
	for len(w.jobs) > 0 {
		job := w.jobs[0]
		w.jobs = w.jobs[1:]
		w.run(job)
	}
	w.inline = true
	w.platform(nil)
	w.disk.SetSync(memfs.SyncInline)
	w.engine.Turn(w.now)
	w.engine.EndTurn()
	w.checkDump()
	if err := w.engine.Close(context.Background()); err != nil {
		require.True(w, w.faulty, "%s: %v", w, err)
		return false
	}
	w.collect()
	w.checkDump()
	require.NoError(w, w.fs.Close(), "%s", w)
	return true
}

// liar: a disk that reports as done what it did not do may lose what was acknowledged. It is refused, or an earlier state is found.
func (w *world) liar() {
	for _, p := range []memfs.Policy{memfs.Everything(), memfs.Nothing(), w.somePolicy()} {
		v := &world{TB: w.TB, what: w.what, rng: w.rng, disk: w.disk.CrashClone(p), policy: w.policy, now: w.now}
		if v.open(nil) == nil {
			w.same(v.read(), 0, "a disk that lies")
		}
	}
}
