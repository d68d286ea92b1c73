package crash

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// fresh is a world whose story the test tells.
func fresh(t *testing.T, policy string) *world {
	w := &world{TB: t, what: t.Name(), rng: newRand(1, 1), disk: memfs.New(), policy: policy, now: 1_700_000_000_000, states: []state{newState()}}
	require.NoError(t, w.open(nil))
	return w
}

// do sends one command, which must be answered as expected.
func (w *world) command(words ...string) {
	w.turn(map[int]request{1: {commands: [][]string{words}}})
	for w.client(1).waiting != nil && len(w.client(1).waiting) > 0 {
		w.platform(nil)
		w.engine.Turn(w.now)
		w.engine.EndTurn()
		w.collect()
	}
}

// A rewrite's Replace took effect, and the process ended before anybody knew: the next one must not build on what a power cut undoes.
func TestAManifestIsMadeDurableByTheOpeningThatReadsIt(t *testing.T) {
	w := fresh(t, "always")
	w.command("SET", "s1", "before")
	w.fs.Inject(faultfs.At(1, faultfs.Replace, faultfs.Fault{Unsure: true}))
	w.command("BGREWRITEAOF")
	for range 20 {
		w.tick()
		for len(w.jobs) > 0 {
			w.tick()
		}
	}
	w.disk.Kill()
	require.NoError(t, w.open(nil))
	for len(w.jobs) > 0 { // the removal of files that the manifest does not name
		w.tick()
	}
	w.command("SET", "s1", "after")
	for _, p := range []memfs.Policy{memfs.Nothing(), memfs.Everything(), memfs.Random(1), memfs.Random(2)} {
		w.look(p, len(w.states)-1, "a power cut")
	}
	assert.Equal(t, len(w.states)-1, w.acked)
}
