package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDueNamesWhatIsDue(t *testing.T) {
	for name, mask := range hashes {
		t.Run(name, func(t *testing.T) {
			seed := *testSeed
			t.Log("seed", seed)
			r := rand.New(rand.NewPCG(seed, 3))
			db := testKeyspace(seed, mask).DB(0)
			model := map[string]int64{}
			now := int64(1000)
			for range 40 {
				for range 300 {
					k := randomKey(r, 1000)
					at := NoExpiry
					if r.IntN(3) > 0 {
						at = now + r.Int64N(500)
					}
					_, had := model[string(k)]
					switch r.IntN(4) {
					case 0:
						require.Equal(t, had, db.SetExpiry(k, at))
						if !had {
							continue
						}
					case 1:
						db.Delete(k)
						delete(model, string(k))
						continue
					default:
						db.SetString(k, randomValue(r), EncInt, at)
					}
					model[string(k)] = at
				}
				now += r.Int64N(150)
				volatile, sum := 0, int64(0)
				for _, at := range model {
					if at != NoExpiry {
						volatile++
						sum += at
					}
				}
				require.Equal(t, volatile, db.Volatile())
				if volatile > 0 {
					require.InDelta(t, max(0, sum/int64(volatile)-now), db.AverageTTL(now), 1)
				}
				for more := true; more; {
					most := 1 + r.IntN(50)
					more = db.Due(now, most, func(k []byte) bool {
						at, ok := model[string(k)]
						require.True(t, ok)
						require.NotEqual(t, NoExpiry, at)
						require.LessOrEqual(t, at, now)
						delete(model, string(k))
						require.True(t, db.Delete(k))
						most--
						require.GreaterOrEqual(t, most, 0)
						return r.IntN(20) > 0
					})
				}
				for _, at := range model {
					require.True(t, at == NoExpiry || at > now)
				}
				require.Equal(t, len(model), db.Len())
				checkTable(t, db.t)
			}
		})
	}
}

func TestDueEndsThoughNothingIsDeleted(t *testing.T) {
	db := testKeyspace(1, ^uint64(0)).DB(0)
	for i := range 500 {
		db.SetString(fmt.Appendf(nil, "%d", i), nil, EncRaw, 10)
	}
	named := 0
	require.True(t, db.Due(10, 700, func([]byte) bool { named++; return true }))
	require.Equal(t, 700, named)
}

func TestDueVisitsOnlySegmentsThatAreDue(t *testing.T) {
	db := testKeyspace(1, ^uint64(0)).DB(0)
	for i := range 20_000 {
		db.SetString(fmt.Appendf(nil, "%d", i), nil, EncRaw, 1_000_000+int64(i))
	}
	db.SetExpiry([]byte("7"), 5)
	require.EqualValues(t, 5, db.t.due.segs[0].at)
	require.Greater(t, db.t.due.segs[1].at, int64(999_999))
	var named []string
	require.False(t, db.Due(5, 10, func(k []byte) bool { named = append(named, string(k)); return db.Delete(k) }))
	require.Equal(t, []string{"7"}, named)
}

func BenchmarkDue(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		db := filled(200_000)
		var k []byte
		for i := range 100_000 {
			k = benchKey(k, i*2)
			db.SetExpiry(k, 5)
		}
		b.StartTimer()
		for db.Due(5, 1000, db.Delete) {
		}
		if db.Len() != 100_000 {
			b.Fatal(db.Len())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/key")
}
