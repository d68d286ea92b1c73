package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func frequencies(logFactor, decay int) *DB {
	ks := New(Options{Seed: 1})
	ks.SetClock(60_000)
	ks.TrackFrequency(true, logFactor, decay, rand.New(rand.NewPCG(1, 2)))
	return ks.DB(0)
}

func entryOf(t *testing.T, db *DB, key string) Entry {
	t.Helper()
	e, ok := db.Find([]byte(key))
	require.True(t, ok)
	return e
}

// The values of Redis's documentation for the default factor: 100 hits make 10, 1000 make 18, 100,000 make 142.
func TestFrequencyIsLogarithmic(t *testing.T) {
	for hits, want := range map[int]float64{100: 10, 1000: 18, 100_000: 142} {
		sum := 0
		for i := range 8 {
			db := frequencies(10, 1)
			db.ks.space.lfu.chance = rand.New(rand.NewPCG(uint64(hits), uint64(i)))
			db.SetString([]byte("k"), []byte("v"), EncInt, NoExpiry)
			require.Equal(t, freshCounter, entryOf(t, db, "k").Frequency())
			for range hits {
				entryOf(t, db, "k").Touch()
			}
			sum += entryOf(t, db, "k").Frequency()
		}
		require.InEpsilon(t, want, float64(sum)/8, 0.25, hits)
	}
}

func TestFrequencyDecaysByTheMinute(t *testing.T) {
	db := frequencies(0, 2)
	db.SetString([]byte("k"), []byte("v"), EncInt, NoExpiry)
	for range 20 {
		db.Text([]byte("k"), true)
	}
	require.Equal(t, freshCounter+20, entryOf(t, db, "k").Frequency())
	db.ks.SetClock(60_000 + 9*60)
	require.Equal(t, freshCounter+16, entryOf(t, db, "k").Frequency())
	entryOf(t, db, "k").Touch()
	require.Equal(t, freshCounter+17, entryOf(t, db, "k").Frequency(), "the decay is taken with the access")
	db.ks.SetClock(60_000 + 1000*60)
	require.Zero(t, entryOf(t, db, "k").Frequency())
	db.ks.TrackFrequency(true, 0, 0, db.ks.space.lfu.chance)
	require.Equal(t, freshCounter+17, entryOf(t, db, "k").Frequency(), "no decay")
}

func TestFrequencyOverTheEndOfTheMinutes(t *testing.T) {
	f := frequency{decay: 1, minute: 3}
	require.Equal(t, uint32(100-3-4), f.counter(0xfffb<<8|100)) // as Redis counts: 65535 − then + now
}

func TestAccessCountsOnce(t *testing.T) {
	db := frequencies(0, 1)
	key := []byte("k")
	want := freshCounter
	is := func(more int) {
		t.Helper()
		want += more
		require.Equal(t, want, entryOf(t, db, "k").Frequency())
	}
	db.SetString(key, []byte("some text"), EncInt, NoExpiry)
	is(0)
	db.SetString(key, []byte("same size"), EncInt, NoExpiry)
	is(1)
	db.SetString(key, []byte("another one"), EncInt, NoExpiry)
	is(1)
	db.SetString(key, []byte("17"), EncInt, 1<<40)
	is(1)
	db.SetString(key, make([]byte, 5000), EncInt, NoExpiry)
	is(1)
	db.SetExpiry(key, 1<<41)
	is(0)
	entryOf(t, db, "k").SetFrequency(200)
	want = 200
	is(0)
	db.Rename(key, db.ks.DB(1), []byte("there"))
	require.Equal(t, 200, entryOf(t, db.ks.DB(1), "there").Frequency())
	db.ks.DB(1).Copy([]byte("there"), db, key)
	want = freshCounter
	is(0)
}

func TestIdleTimeIsSet(t *testing.T) {
	ks := New(Options{Seed: 1})
	ks.SetClock(1000)
	db := ks.DB(0)
	db.SetString([]byte("k"), []byte("v"), EncInt, NoExpiry)
	e := entryOf(t, db, "k")
	for set, want := range map[int64]int64{0: 0, 70: 70, 5000: 1000, -4: 0} {
		e.SetIdle(set)
		require.Equal(t, want, e.Idle())
	}
	e.SetFrequency(7)
	require.Zero(t, e.Frequency(), "an idle time is kept, no frequency")
}

// A sample has no key twice, and all keys when there are no more; over many samples each comes about as often as any other.
func TestSample(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 3, 50, 2000} {
		db := New(Options{Seed: 1}).DB(0)
		for i := range n {
			at := NoExpiry
			if i%3 == 0 {
				at = 1 << 40
			}
			db.SetString(fmt.Appendf(nil, "%d", i), []byte("v"), EncInt, at)
		}
		count := map[string]int{}
		for range 200 {
			seen := map[string]bool{}
			db.t.sample(10, r, func(s *segment, i int) {
				key := string(s.record(i).key)
				require.False(t, seen[key])
				seen[key] = true
				count[key]++
			})
			require.Len(t, seen, min(10, n))
			db.t.sampleVolatile(10, r, func(s *segment, i int) { require.NotEqual(t, NoExpiry, s.record(i).expires) })
		}
		require.GreaterOrEqual(t, len(count), n/2)
	}
}

func TestVictimsAreTheBestOfThePool(t *testing.T) {
	ks := New(Options{Seed: 1, Databases: 3})
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 900 {
		ks.SetClock(int64(i))
		ks.DB(i%3).SetString(fmt.Appendf(nil, "%d", i), []byte("v"), EncInt, NoExpiry)
	}
	ks.SetClock(1000)
	sum := 0
	for range 300 {
		e, ok := ks.Victim(Policy{Order: LeastRecent}, 10, r)
		require.True(t, ok)
		sum += int(e.Idle())
		require.True(t, e.DB().Evict(append([]byte(nil), e.Key()...)))
	}
	require.Greater(t, sum/300, 800, "the mean of the third that is idle longest is 850")
	_, ok := ks.Victim(Policy{Order: LeastRecent, Volatile: true}, 10, r)
	require.False(t, ok)
	for i := range 3 {
		ks.DB(i).Flush()
	}
	_, ok = ks.Victim(Policy{Order: LeastRecent}, 10, r)
	require.False(t, ok, "what the pool remembers has gone")
}

func TestSoonestExpiryIsExact(t *testing.T) {
	ks := New(Options{Seed: 1, Databases: 2})
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 1000 {
		key := fmt.Appendf(nil, "%d", i)
		ks.DB(i%2).SetString(key, []byte("v"), EncInt, 1+int64(i*7919%1000))
		if i%5 == 0 { // the heap's times are too early now
			ks.DB(i%2).SetExpiry(key, 5000+int64(i))
		}
	}
	last, n := int64(0), 0
	for {
		e, ok := ks.Victim(Policy{Order: SoonestExpiry, Volatile: true}, 1, r)
		if !ok {
			break
		}
		require.GreaterOrEqual(t, e.ExpiresAt(), last)
		last = e.ExpiresAt()
		e.DB().Evict(append([]byte(nil), e.Key()...))
		n++
	}
	require.Equal(t, 1000, n)
	require.Zero(t, ks.DB(0).Len()+ks.DB(1).Len())
}
