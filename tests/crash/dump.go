package crash

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"tabdis/core/rdb"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// failDump lets every fifth operation on RDB files fail.
func (w *world) failDump(string) error {
	if w.dumpOps++; w.dumpOps%5 == 0 {
		return faultfs.ErrInjected
	}
	return nil
}

// checkDump reads the RDB file, if it is a new one: it is whole, and holds a state that was.
func (w *world) checkDump() {
	file := w.dumps.File("dump.rdb")
	if bytes.Equal(file, w.dumped) || len(w.states) == 0 {
		return
	}
	w.dumped = file
	v := &world{TB: w.TB, what: w.what + ": an RDB file", rng: newRand(1, 2), disk: memfs.New(), policy: "no", now: w.now}
	require.NoError(w, v.open(nil))
	require.NoError(w, rdb.ReadFile(bytes.NewReader(file), v.engine.Keyspace(), rdb.ReadOptions{MaxString: 1 << 20}), "%s: a torn RDB file", w)
	got := v.read()
	for i := len(w.states) - 1; i >= 0; i-- {
		if want := w.states[i].at(w.now); want.difference(&got) == "" {
			return
		}
	}
	require.Fail(w, "an RDB file with a state that never was", "%s", w)
}
