package crash

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// files are those of a disk that nobody holds.
func files(t testing.TB, disk *memfs.Store) map[string][]byte {
	fs, err := disk.Open()
	require.NoError(t, err)
	defer fs.Close()
	names, err := fs.List(context.Background())
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, name := range names {
		f, err := fs.Open(context.Background(), name)
		require.NoError(t, err)
		all[name] = make([]byte, f.Size())
		if f.Size() > 0 {
			_, err = f.ReadAt(all[name], 0)
			require.NoError(t, err)
		}
	}
	return all
}

// with is a world on a disk with these files.
func (w *world) with(all map[string][]byte) *world {
	v := &world{TB: w.TB, what: w.what, rng: newRand(3, 4), disk: memfs.New(), policy: w.policy, now: w.now, states: w.states}
	fs, err := v.disk.Open()
	require.NoError(w, err)
	for name, data := range all {
		require.NoError(w, fs.Replace(context.Background(), name, data))
	}
	require.NoError(w, fs.Close())
	return v
}

// smallLog is a log with all types, a rewrite in its middle, left without a close.
func smallLog(t *testing.T) (*world, map[string][]byte) {
	w := fresh(t, "always")
	for _, half := range []string{"1", "2"} {
		for _, c := range [][]string{{"SET", "s" + half, "text\r\n"}, {"SET", "s0", "v" + half, "PX", "100000"}, {"INCR", "n1"}, {"RPUSH", "l" + half, "a", "b"},
			{"HSET", "h1", "f" + half, "v"}, {"SADD", "t1", "m", "17"}, {"ZADD", "z1", half, "m" + half}, {"PEXPIRE", "z1", "50000"}} {
			w.command(c...)
			w.tick()
		}
		w.turn(map[int]request{1: {multi: true, commands: [][]string{{"INCR", "n1"}, {"LPOP", "l" + half}}}, 2: {commands: [][]string{{"MOVE", "s" + half, "1"}}}})
		if half == "1" {
			w.command("BGREWRITEAOF")
			for n := 0; n < 40; n++ {
				w.tick()
			}
		}
	}
	w.command("INCR", "n1")
	w.disk.Kill()
	all := files(t, w.disk)
	require.Contains(t, all, "appendonly.aof.1.base.aof")
	return w, all
}

// The log may be cut at any place: then it ends there, and says so.
func TestALogCutAnywhereEndsThereAndSaysSo(t *testing.T) {
	w, all := smallLog(t)
	const name = "appendonly.aof.2.incr.aof"
	whole := all[name]
	first := 1 + strings.Index(string(whole[1:]), "#HDR:") // where the first block ends
	reached := map[int]bool{}
	for n := range whole {
		changed := maps.Clone(all)
		changed[name] = whole[:n]
		v := w.with(changed)
		if n < first { // the base is in force, so it was durable
			require.ErrorIs(t, v.open(nil), aof.ErrCorrupt, "cut at %d", n)
			continue
		}
		require.NoError(t, v.open(nil), "cut at %d", n)
		i := v.same(v.read(), 0, "cut")
		reached[i] = true
		if n > 0 && v.engine.Report().Truncated == nil {
			rest := whole[n:]
			require.True(t, strings.HasPrefix(string(rest), "#HDR:"), "cut at %d, inside of a block, and nothing is said", n)
		}
		if cut := v.engine.Report().Truncated; cut != nil {
			require.Equal(t, whole[cut.Offset:n], files(t, v.release())[cut.Kept], "cut at %d: the bytes are kept", n)
		}
	}
	assert.GreaterOrEqual(t, len(reached), 8, "the states are told apart")
}

// What is torn is set aside before anything is cut, and durably: wherever opening is interrupted, the bytes are somewhere.
func TestATornTailIsNeverGone(t *testing.T) {
	w, all := smallLog(t)
	const name = "appendonly.aof.2.incr.aof"
	end := strings.LastIndex(string(all[name]), "EXEC") // inside of a transaction
	from := strings.LastIndex(string(all[name][:end]), "#HDR:")
	torn := all[name][from:end]
	for k := 0; ; k++ {
		changed := maps.Clone(all)
		changed[name] = all[name][:end]
		v := w.with(changed)
		at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true})
		err := v.open(at)
		if !at.Fired() {
			require.NoError(t, err)
			assert.Greater(t, k, 5)
			break
		}
		for seed := range uint64(6) {
			policy := memfs.Nothing()
			if seed > 0 {
				policy = memfs.Random(seed)
			}
			found := false
			for _, data := range files(t, v.disk.CrashClone(policy)) {
				found = found || strings.Contains(string(data), string(torn))
			}
			require.True(t, found, "crash at operation %d", k)
		}
	}
}

// A flipped bit is refused, or harmless, or the log is cut before it, past what is proven, and says so.
func TestAFlippedBitIsNeverSilentlyWrong(t *testing.T) {
	w, all := smallLog(t)
	counts := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		whole := all[name]
		proven := strings.LastIndex(string(whole), "#HDR:") // the last seal proves what is before it
		if strings.HasSuffix(name, ".incr.aof") {
			proven = strings.LastIndex(string(whole[:proven]), "#HDR:")
		} else {
			proven = len(whole)
		}
		for i := range whole {
			changed := maps.Clone(all)
			changed[name] = slices.Clone(whole)
			changed[name][i] ^= 1 << w.rng.IntN(8)
			v := w.with(changed)
			err := v.open(nil)
			if err != nil {
				counts["refused"]++
				var why *aof.LoadError
				require.True(t, errors.As(err, &why), "%s, byte %d: %v", name, i, err)
				require.Equal(t, changed[name], files(t, v.release())[name], "nothing was changed")
				continue
			}
			found := v.same(v.read(), 0, name)
			if found == len(v.states)-1 && v.engine.Report().Truncated == nil {
				counts["harmless"]++
				continue
			}
			counts["cut"]++
			require.NotNil(t, v.engine.Report().Truncated, "%s, byte %d: cut, and nothing is said", name, i)
			require.GreaterOrEqual(t, i, proven, "%s: what was durable is cut", name)
		}
	}
	t.Log(counts)
	assert.Greater(t, counts["refused"], 500)
	assert.Positive(t, counts["cut"])
}

// release ends the process that holds the disk.
func (w *world) release() *memfs.Store {
	w.disk.Kill()
	return w.disk
}
