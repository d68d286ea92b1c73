package crash

import (
	"strconv"
	"strings"
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

// command sends one command, which must be answered as expected.
func (w *world) command(words ...string) {
	w.turn(map[int]request{1: {commands: [][]string{words}}})
	for len(w.client(1).waiting) > 0 {
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

// The log is turned off and on again, and every operation of that fails or is the last one: off it keeps what it held, and what it
// promises begins when INFO says that it is on and no base is pending.
func TestTurningTheLogOffAndOn(t *testing.T) {
	for _, fault := range []faultfs.Fault{{Crash: true}, {Crash: true, After: true}, {Crash: true, Unsure: true, Short: 50}, {}, {After: true}, {Unsure: true, Short: 9}} {
		for k := 0; ; k++ {
			w := fresh(t, "always")
			w.command("RPUSH", "l1", "before", "a", "b")
			for len(w.jobs) > 0 {
				w.tick()
			}
			at := faultfs.At(k, faultfs.Changes, fault)
			w.fs.Inject(at)
			w.faulty = true
			w.command("CONFIG", "SET", "appendonly", "no")
			promised := w.acked
			w.command("SET", "s1", "while it is off")
			w.command("CONFIG", "SET", "appendonly", "yes")
			for range 60 {
				w.now += 100
				w.tick()
			}
			w.command("SET", "s1", "it may be on")
			if w.on() {
				w.command("SET", "s2", "it is on")
				promised = w.acked
			}
			for _, p := range []memfs.Policy{memfs.Everything(), memfs.Nothing(), memfs.Names(), memfs.Random(uint64(k))} {
				w.look(p, promised, "operation "+strconv.Itoa(k))
			}
			if !at.Fired() {
				assert.True(t, w.on())
				assert.Greater(t, k, 8)
				break
			}
		}
	}
}

// on tells whether the log promises something.
func (w *world) on() bool {
	c := w.client(2)
	w.engine.Turn(w.now)
	c.Feed(request{commands: [][]string{{"INFO", "persistence"}}}.text())
	w.engine.EndTurn()
	info := string(c.Output())
	c.Take(len(info))
	return strings.Contains(info, "aof_enabled:1\r\n") && strings.Contains(info, "aof_pending_rewrite:0\r\n") &&
		strings.Contains(info, "aof_last_write_status:ok\r\n")
}
