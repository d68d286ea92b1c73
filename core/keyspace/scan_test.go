package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScanSeesWhatStays(t *testing.T) {
	for name, mask := range hashes {
		t.Run(name, func(t *testing.T) {
			seed := *testSeed
			t.Log("seed", seed)
			r := rand.New(rand.NewPCG(seed, 2))
			db := testKeyspace(seed, mask).DB(0)
			for round := range 8 {
				staying := map[string]bool{}
				for i := range 300 {
					k := fmt.Sprintf("stay:%d:%d", round, i)
					staying[k] = true
					db.SetString([]byte(k), []byte("v"), EncRaw, NoExpiry)
				}
				seen := map[string]bool{}
				cursor, calls := uint64(0), 0
				for {
					cursor = db.Scan(cursor, 1+r.IntN(30), func(e Entry) { seen[string(e.Key())] = true })
					if cursor == 0 {
						break
					}
					calls++
					require.Less(t, calls, 20_000)
					for range r.IntN(120) { // even rounds grow (splits), odd ones shrink (merges)
						k := fmt.Appendf(nil, "other:%d", r.IntN(4000))
						if round%2 == 0 {
							db.SetString(k, []byte("v"), EncRaw, NoExpiry)
						} else {
							db.Delete(k)
						}
					}
				}
				for k := range staying {
					require.True(t, seen[k], k)
				}
			}
			checkTable(t, db.t)
		})
	}
}

func TestScanOfAQuietTableGivesEachKeyOnceAndAboutCount(t *testing.T) {
	db := filled(10_000)
	seen := map[string]bool{}
	calls := 0
	for cursor, first := uint64(0), true; cursor != 0 || first; first = false {
		given := 0
		cursor = db.Scan(cursor, 10, func(e Entry) {
			require.False(t, seen[string(e.Key())])
			seen[string(e.Key())] = true
			given++
		})
		require.Less(t, given, 60)
		require.Less(t, cursor, uint64(1)<<24, "cursors are small numbers")
		calls++
	}
	require.Len(t, seen, 10_000)
	require.InDelta(t, 800, calls, 300)
	require.Zero(t, db.Scan(0, 1<<40, func(Entry) {}), "all at once")
	require.Zero(t, New(Options{}).DB(0).Scan(0, 10, func(Entry) { t.Fatal() }))
	db.Scan(^uint64(0), 10, func(Entry) {}) // any number is a cursor
	db.Scan(1<<63|12345, 10, func(Entry) {})
}

func TestScanOfOneSegmentInParts(t *testing.T) {
	db := filled(100)
	seen, calls := 0, 0
	for cursor, first := uint64(0), true; cursor != 0 || first; first = false {
		cursor = db.Scan(cursor, 10, func(Entry) { seen++ })
		calls++
	}
	require.Equal(t, 100, seen)
	require.Greater(t, calls, 4)
}

func TestRandomIsFair(t *testing.T) {
	for _, n := range []int{1, 10, 1000} {
		db := filled(n)
		r := rand.New(rand.NewPCG(1, 2))
		drawn := map[string]int{}
		const each = 200
		for range n * each {
			e, ok := db.Random(r)
			require.True(t, ok)
			drawn[string(e.Key())]++
		}
		require.Len(t, drawn, n)
		for k, d := range drawn {
			require.InDelta(t, each, d, 75, k) // 5 standard deviations
		}
	}
	_, ok := New(Options{}).DB(0).Random(rand.New(rand.NewPCG(1, 2)))
	require.False(t, ok)
}

func TestRandomOfAWeaklyHashedTableEnds(t *testing.T) {
	for _, mask := range hashes {
		db := testKeyspace(1, mask).DB(0)
		for i := range 1000 {
			db.SetInt(fmt.Appendf(nil, "%d", i), 1, NoExpiry)
		}
		for i := range 990 {
			db.Delete(fmt.Appendf(nil, "%d", i))
		}
		r := rand.New(rand.NewPCG(1, 2))
		drawn := map[string]bool{}
		for range 1000 {
			e, _ := db.Random(r)
			drawn[string(e.Key())] = true
		}
		require.Len(t, drawn, 10)
	}
}
