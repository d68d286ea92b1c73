package keyspace

import (
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
)

// million is the number of keys of the benchmarks: of 10 bytes, with values of 32.
const million = 1_000_000

func benchKey(dst []byte, i int) []byte {
	dst = append(dst[:0], "k:00000000"...)
	for p := len(dst) - 1; i > 0; p-- {
		dst[p] = byte('0' + i%10)
		i /= 10
	}
	return dst
}

var benchValue = []byte("a value of thirty-two bytes, raw")

func filled(n int) *DB {
	db := New(Options{Seed: 1}).DB(0)
	var k []byte
	for i := range n {
		k = benchKey(k, i)
		db.SetString(k, benchValue, EncInt, NoExpiry)
	}
	return db
}

func filledMap(n int) map[string][]byte {
	m := map[string][]byte{}
	var k []byte
	for i := range n {
		k = benchKey(k, i)
		m[string(k)] = append([]byte(nil), benchValue...)
	}
	return m
}

func heapInUse() uint64 {
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	return ms.HeapAlloc
}

func BenchmarkFill(b *testing.B) {
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			was := heapInUse()
			db := filled(million)
			b.ReportMetric(float64(heapInUse()-was)/1e6, "MB")
			b.ReportMetric(float64(db.ks.Memory())/1e6, "accounted-MB")
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/key")
	})
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			was := heapInUse()
			m := filledMap(million)
			b.ReportMetric(float64(heapInUse()-was)/1e6, "MB")
			runtime.KeepAlive(m)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/key")
	})
}

func BenchmarkGet(b *testing.B) {
	db, m, r := filled(million), filledMap(million), rand.New(rand.NewPCG(1, 1))
	var k []byte
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k = benchKey(k, int(r.Uint32()%million))
			if e, ok := db.Find(k); !ok || len(e.Bytes(nil)) != 32 {
				b.Fatal()
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k = benchKey(k, int(r.Uint32()%million))
			if len(m[string(k)]) != 32 {
				b.Fatal()
			}
		}
	})
	b.Run("missing", func(b *testing.B) {
		for b.Loop() {
			k = benchKey(k, million+int(r.Uint32()%million))
			if _, ok := db.Find(k); ok {
				b.Fatal()
			}
		}
	})
}

func BenchmarkOverwrite(b *testing.B) {
	db, m, r := filled(million), filledMap(million), rand.New(rand.NewPCG(1, 1))
	var k []byte
	b.Run("table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k = benchKey(k, int(r.Uint32()%million))
			db.SetString(k, benchValue, EncInt, NoExpiry)
		}
	})
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k = benchKey(k, int(r.Uint32()%million))
			copy(m[string(k)], benchValue)
		}
	})
	b.Run("other-size", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			k = benchKey(k, int(r.Uint32()%million))
			db.SetString(k, benchValue[:16+r.IntN(17)], EncInt, NoExpiry)
		}
	})
}

func BenchmarkIncr(b *testing.B) {
	db := New(Options{Seed: 1}).DB(0)
	k := []byte("counter")
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		db.SetInt(k, i, NoExpiry)
	}
}

func BenchmarkHash(b *testing.B) {
	hs, seed := newHasher(1), maphash.MakeSeed()
	for _, n := range []int{4, 10, 32, 200} {
		k := make([]byte, n)
		b.Run("place-"+strconv.Itoa(n), func(b *testing.B) {
			var sum uint64
			for b.Loop() {
				k[0]++
				sum += hs.place(k)
			}
			sink = sum
		})
		b.Run("maphash-"+strconv.Itoa(n), func(b *testing.B) {
			var sum uint64
			for b.Loop() {
				k[0]++
				sum += maphash.Bytes(seed, k)
			}
			sink = sum
		})
	}
}

var sink uint64

func BenchmarkCollect(b *testing.B) {
	db := filled(million)
	for b.Loop() {
		runtime.GC()
	}
	runtime.KeepAlive(db)
}

// nowhere is a writer that only counts.
type nowhere struct{ keys int }

func (n *nowhere) String(int, []byte, []byte, int64)           { n.keys++ }
func (n *nowhere) Part(int, []byte, Type, *Items, bool, int64) { n.keys++ }
func (n *nowhere) Expired(int, []byte)                         {}

func BenchmarkSnapshot(b *testing.B) {
	db := filled(million)
	b.ReportAllocs()
	for b.Loop() {
		to := &nowhere{}
		for s := db.ks.Cut(to, func() int64 { return 0 }); !s.Step(func() bool { return true }); {
		}
		if to.keys != million {
			b.Fatal(to.keys)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/key")
}
