package crash

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// Every operation of a run fails, in every way, under every policy; then come crashes, and the callers go on with the next engine.
func TestARequestIsExecutedOnceWhereverItFails(t *testing.T) {
	seed := seed(t)
	var done, lost atomic.Int64
	budget, step := runs(t), 1
	if budget == 0 {
		step = 7 // a seventh of the places of each story
	}
	for round := seed; ; round++ {
		t.Run(fmt.Sprintf("seed %d", round), func(t *testing.T) {
			for p, policy := range []string{"always", "everysec", "no"} {
				for f := range faults {
					if faults[f].lies {
						continue
					}
					t.Run(policy+", "+faults[f].name, func(t *testing.T) {
						t.Parallel()
						for k := (p + f) % step; ; k += step {
							done.Add(1)
							fired, n := callStory(t, policy, f, k, round<<32|uint64(p)<<24|uint64(f)<<16)
							lost.Add(n)
							if !fired {
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
	assert.Positive(t, lost.Load(), "the replies of some are lost: else the longer ones are not tried")
	t.Logf("%d runs, in which %d replies were lost", done.Load(), lost.Load())
}

// callStory is one run with a fault at operation k, and the crashes that follow.
func callStory(t testing.TB, policy string, f, k int, seed uint64) (fired bool, lost int64) {
	r := newRand(seed, 11) // the same for every k: the same run up to the fault
	kind := faults[f]
	w := &world{TB: t, rng: r, policy: policy, disk: memfs.New(), now: 1_700_000_000_000, states: []state{newState()},
		what: fmt.Sprintf("%s, %s at operation %d, seed %d", policy, kind.name, k, seed>>32)}
	w.mode = []memfs.SyncMode{memfs.SyncInline, memfs.SyncHeldLater, memfs.SyncHeld}[(int(seed>>16)+f)%3]
	w.late, w.ballast = (int(seed>>16)+f)%2 == 1, f == 10
	w.auto, w.noSync = r.IntN(3) == 0, policy != "always" && r.IntN(3) == 0
	w.config = map[string]string{"aof-use-rdb-preamble": pick(r, "yes", "no"), "aof-timestamp-enabled": pick(r, "yes", "no"), "aof-history-keep": pick(r, "0", "0", "2")}
	left := kind.count
	at := faultfs.From(k, faultfs.Changes, kind.fault)
	injector := faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		fault := at.Fault(c)
		if at.Fired() {
			if left--; left < 0 {
				return nil
			}
			w.faulty = true
		}
		return fault
	})
	callers := []*caller{{world: w, id: 1, next: 2}, {world: w, id: 1 << 63, next: 2}, {world: w, id: 0xabcdef, next: 2}}
	if err := w.open(injector); err != nil {
		require.True(t, at.Fired(), "%s: %v", w.what, err)
	} else {
		w.talk(callers, 20)
	}
	fired = at.Fired()
	w.rng = newRand(seed, uint64(k)+100)
	for generation := range 3 {
		w.succeed(callers)
		w.moody = true
		w.talk(callers, 3+w.rng.IntN(8))
		w.what += fmt.Sprintf(", then %d", generation+1)
	}
	w.succeed(callers)
	return fired, w.audit(callers, w.finish(callers))
}

// talk lets the callers speak for so many turns.
func (w *world) talk(callers []*caller, turns int) {
	for range turns {
		if w.engine == nil || w.fs.Crashed() || w.engine.Dead() != "" {
			return
		}
		w.callTurn(callers, (*caller).speak)
		for range w.rng.IntN(4) {
			w.tick()
		}
		if w.moody && w.rng.IntN(25) == 0 { // what was only started fails late
			w.faulty = true
			w.platform(faultfs.ErrInjected)
		}
		if w.rng.IntN(3) > 0 {
			w.disk.ReleaseWrites(nil)
		}
		for n := w.rng.IntN(3); n > 0 && w.disk.ReleaseSync(nil); n-- {
		}
	}
}

// callTurn is a turn in which the callers speak. Whether they hear what is released is a matter of chance: it may die with the engine.
func (w *world) callTurn(callers []*caller, speak func(*caller)) {
	w.now += int64([]int{0, 0, 1, 40, 900, 2500}[w.rng.IntN(6)])
	w.answer()
	w.engine.Turn(w.now)
	for _, i := range w.rng.Perm(len(callers)) {
		speak(callers[i])
	}
	if w.rng.IntN(9) == 0 {
		w.client(operator).Feed([]byte("BGREWRITEAOF\r\n"))
	}
	w.engine.EndTurn()
	w.collect()
	for _, c := range callers {
		if w.rng.IntN(3) > 0 {
			c.hear()
		}
	}
}

// succeed ends the engine, and opens another one, perhaps with faults on the way. Of an engine that does not promise more than that what was heard
// outlives its process, no more is asked.
func (w *world) succeed(callers []*caller) {
	for tries := w.rng.IntN(3); ; tries-- {
		for _, c := range callers {
			c.s = nil
		}
		switch n := w.rng.IntN(4); {
		case n == 0 && w.engine != nil && !w.faulty && !w.fs.Crashed() && w.engine.Dead() == "" && w.close():
		case n > 1 && w.policy == "always":
			w.disk.Kill()
			w.disk = w.disk.CrashClone(w.somePolicy())
		default:
			w.disk.Kill()
		}
		w.faulty = false
		if tries <= 0 {
			require.NoError(w, w.open(nil), "%s: crashes alone never lead to a refusal", w.what)
			return
		}
		fault := []faultfs.Fault{{Crash: true}, {Crash: true, After: true}, {Crash: true, Short: 30, Unsure: true}, {}, {Short: 11}, {After: true}}[w.rng.IntN(6)]
		at := faultfs.At(w.rng.IntN(20), faultfs.Changes, fault)
		w.faulty = true
		if err := w.open(at); err != nil {
			require.True(w, at.Fired(), "%s: refused: %v", w.what, err)
			continue
		}
		w.talk(callers, 3)
	}
}

// finish lets the callers settle all that is open. Who waits is given something; it tells how often.
func (w *world) finish(callers []*caller) (given int) {
	for n := 0; ; n++ {
		require.Less(w, n, 1000, "%s: it does not come to an end", w.what)
		open, waiting := 0, false
		w.callTurn(callers, func(c *caller) {
			if c.s == nil || c.waits {
				c.speak()
			}
			open += len(c.open)
			waiting = waiting || len(c.open) > 0 && c.open[0].is("BLPOP", "q")
		})
		w.tick()
		w.platform(nil)
		if open == 0 {
			return given
		}
		if waiting && n%5 == 4 {
			given++
			w.engine.Turn(w.now)
			w.client(1).Feed([]byte("SELECT 1\r\nLPUSH q given-" + strconv.Itoa(n) + "\r\n"))
			w.engine.EndTurn()
		}
	}
}

// audit compares what the callers heard with what is there.
func (w *world) audit(callers []*caller, given int) (lost int64) {
	s := w.engine.NewSession(core.SessionOptions{})
	ask := func(words ...string) []string {
		w.engine.Turn(w.now)
		s.Feed(request{commands: [][]string{words}}.text())
		w.engine.EndTurn()
		for n := 0; s.Waiting() > 0; n++ {
			require.Less(w, n, 1000, "%s: a read is held back for ever", w.what)
			w.platform(nil)
			w.engine.Turn(w.now)
			w.engine.EndTurn()
		}
		out := append([]byte(nil), s.Output()...)
		s.Take(len(out))
		return bulks(out)
	}
	ask("SELECT", "1")
	list, queue := ask("LRANGE", "l", "0", "-1"), ask("LRANGE", "q", "0", "-1")
	there, queued, popped := map[string]int{}, map[string]int{}, map[string]int{}
	for i, v := range list {
		require.Zero(w, there[v], "%s: %s was pushed twice", w.what, v)
		there[v] = len(list) - i
	}
	for _, v := range queue {
		queued[v]++
	}
	count := 0
	if n := ask("GET", "n"); n[0] != "-1" {
		count, _ = strconv.Atoi(n[0])
	}
	sure, maybe, counted := 0, 0, map[string]bool{}
	pushes, pops, perhaps := 0, 0, 0
	for _, c := range callers {
		before := 0
		for _, q := range c.calls {
			require.NotEqual(w, pending, q.result, "%s", w.what)
			did := q.result == answered || q.result == executed
			if q.result == executed {
				lost++
			}
			switch {
			case q.is("INCR", "n") && did:
				sure++
				if q.result == answered {
					reply := strings.TrimPrefix(q.reply, "*2\r\n")
					reply = reply[:strings.Index(reply, "\r\n")]
					require.False(w, counted[reply], "%s: %s was counted twice", w.what, reply)
					counted[reply] = true
					n, _ := strconv.Atoi(reply[1:])
					require.LessOrEqual(w, n, count, "%s", w.what)
				}
			case q.is("INCR", "n") && q.result == unsure:
				maybe++
			}
			if q.is("LPUSH", "l") {
				at := there[q.unique]
				switch {
				case did:
					require.Positive(w, at, "%s: %s is gone", w.what, q.unique)
					if q.result == answered {
						require.True(w, strings.HasSuffix(q.reply, ":"+strconv.Itoa(at)+"\r\n"), "%s: %s is at %d, and the reply was %q", w.what, q.unique, at, q.reply)
					}
				case q.result == notRun:
					require.Zero(w, at, "%s: %s did not run", w.what, q.unique)
				}
				if at > 0 {
					require.Greater(w, at, before, "%s: out of order", w.what)
					before = at
				}
				delete(there, q.unique)
			}
			switch {
			case q.is("BLPOP", "q") && q.result == answered:
				v := bulks([]byte(q.reply))[1]
				require.Zero(w, popped[v]+queued[v], "%s: %s was popped and is there, or was popped twice", w.what, v)
				popped[v]++
				pops++
			case q.is("BLPOP", "q") && did:
				pops++
			case q.is("LPUSH", "q") && did:
				pushes++
			case (q.is("BLPOP", "q") || q.is("LPUSH", "q")) && q.result == unsure:
				perhaps++
			case q.words[0][0] == "SET" && q.reply == ok:
				require.Equal(w, q.unique, ask("GET", q.words[0][1])[0], "%s", w.what)
			}
		}
	}
	require.Empty(w, there, "%s", w.what)
	require.GreaterOrEqual(w, count, sure, "%s: an INCR is lost", w.what)
	require.LessOrEqual(w, count, sure+maybe, "%s: an INCR ran twice", w.what)
	require.InDelta(w, pushes+given, pops+len(queue), float64(perhaps), "%s: of the queue something is lost, or was popped twice", w.what)
	return lost
}
