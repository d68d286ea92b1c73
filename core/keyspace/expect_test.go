package keyspace

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExpectSplitsAheadAndChangesNothing(t *testing.T) {
	const all = 50_000
	db, other := New(Options{Seed: 1}).DB(0), filled(all)
	for i := range 2000 {
		db.SetString(benchKey(nil, i), benchValue, EncInt, NoExpiry)
	}
	db.Expect(all)
	require.Equal(t, 2000, db.Len())
	for i := range 2000 {
		text, ok := db.Text(benchKey(nil, i), false)
		require.True(t, ok)
		require.Equal(t, benchValue, text)
	}
	segments, shape := db.t.segs, db.t.shape
	for i := range all {
		db.SetString(benchKey(nil, i), benchValue, EncInt, NoExpiry)
	}
	require.Equal(t, all, db.Len())
	assert.Less(t, int(db.t.shape-shape), segments/20, "splits that were left to do")
	assert.InEpsilon(t, other.t.mem, db.t.mem, 0.05, "bytes of the table")
	checkTable(t, db.t)
}

// What was expected and does not come costs a bounded room.
func TestExpectOfWhatDoesNotCome(t *testing.T) {
	for _, value := range [][]byte{benchValue, make([]byte, 1000)} {
		db := New(Options{Seed: 1}).DB(0)
		db.Expect(1 << 40) // nothing is known of their size
		require.Equal(t, 1, db.t.segs)
		for i := range 1000 {
			db.SetString(benchKey(nil, i), value, EncInt, NoExpiry)
		}
		was := db.t.mem
		db.Expect(1000)
		assert.Less(t, db.t.mem, 2*was)
		db.Expect(1 << 40)
		assert.Less(t, db.t.mem, int64(2*maxExpectedBytes))
		checkTable(t, db.t)
		for i := range 1000 {
			require.True(t, db.Delete(benchKey(nil, i)))
		}
		checkTable(t, db.t)
	}
}
