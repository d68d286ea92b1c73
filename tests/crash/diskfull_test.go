package crash

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
)

// A disk with real accounting: it fills up at any page, every removal gives room back, a rewrite and a Replace need room for the old and the
// new, and the ballast counts. The engine lives on the brink, with crashes; opening on the full disk succeeds or says why. For each
// hundred of TABDIS_CRASHES there is one run; TABDIS_CRASH_SEED is the first seed.
func TestNothingHeardOfIsLostOnADiskThatIsReallyFull(t *testing.T) {
	first, n := seed(t), uint64(12)
	if runs := runs(t); runs > 0 {
		n = uint64(max(12, runs/100))
	}
	total := &fullFigures{}
	for seed := first; seed < first+n && !t.Failed(); seed++ {
		fullStory(t, seed, total)
	}
	t.Logf("%d runs: %+v", n, *total)
	require.Positive(t, total.Full, "the ballast was given up")
	require.Positive(t, total.Unwritten)
	require.Positive(t, total.OpenedFull)
}

type fullFigures struct{ Turns, Full, Unwritten, Broken, OpenedFull, NotOpened, Recovered int }

func fullStory(t testing.TB, seed uint64, f *fullFigures) {
	r := newRand(seed, 77)
	policy := pick(r, "always", "everysec", "no")
	w := &world{TB: t, rng: r, policy: policy, disk: memfs.New(), now: 1_700_000_000_000, states: []state{newState()}, ballast: true,
		what: fmt.Sprintf("%s, really full, seed %d", policy, seed)}
	w.mode = []memfs.SyncMode{memfs.SyncInline, memfs.SyncHeldLater, memfs.SyncHeld}[r.IntN(3)]
	w.late, w.auto, w.noSync = r.IntN(3) == 0, r.IntN(2) == 0, r.IntN(3) == 0
	require.NoError(t, w.open(nil), w.what)
	for range 3 {
		for range 3 { // the ballast is filled
			w.live(2)
			w.tick()
		}
		for range 2 + r.IntN(3) {
			w.brink(f)
		}
		if r.IntN(2) == 0 {
			w.disk.SetCapacity([]int64{0, w.disk.Used() + 8<<20}[r.IntN(2)])
			w.heal()
			f.Recovered++
		}
		w.lookFull(f)
		w.disk.SetCapacity(0)
		if !w.end() {
			return
		}
		w.what += ", again"
	}
}

// brink leaves the disk a few pages, lets the engine work on it, and counts in which state it is.
func (w *world) brink(f *fullFigures) {
	w.faulty = true
	w.disk.SetCapacity(max(1, w.disk.Used()+int64(w.rng.IntN(12)-3)*memfs.Page))
	for range 6 {
		w.live(1)
		f.Turns++
		switch w.condition() {
		case "full":
			f.Full++
		case "unwritten":
			f.Unwritten++
		case "broken":
			f.Broken++
		}
	}
}

// condition is what INFO tells of the log.
func (w *world) condition() string {
	e := w.engine
	s := e.NewSession(core.SessionOptions{})
	defer s.Close()
	e.Turn(w.now)
	s.Feed([]byte("INFO persistence\r\n"))
	e.EndTurn()
	for n := 0; s.Waiting() > 0 && n < 100; n++ {
		w.platform(nil)
		e.Turn(w.now)
		e.EndTurn()
	}
	out := string(s.Output())
	s.Take(len(out))
	w.collect()
	for _, state := range []string{"full", "unwritten", "broken"} {
		if strings.Contains(out, "\r\naof_state:"+state+"\r\n") {
			return state
		}
	}
	return ""
}

// lookFull opens copies of the full disk.
func (w *world) lookFull(f *fullFigures) {
	for _, p := range []memfs.Policy{memfs.Everything(), w.somePolicy()} {
		least := w.durable
		clone := w.disk.CrashClone(p)
		v := &world{TB: w.TB, what: w.what + ": on the full disk", rng: newRand(1, 2), disk: clone, policy: w.policy, now: w.now, ballast: true}
		if err := v.open(nil); err != nil {
			require.ErrorIs(w, err, storage.ErrQuota, "%s", w)
			f.NotOpened++
			clone.Kill()
			clone.SetCapacity(0)
			require.NoError(w, v.open(nil), "%s: with room it opens", w)
		} else {
			f.OpenedFull++
		}
		w.same(v.read(), least, "opened on the full disk")
	}
}
