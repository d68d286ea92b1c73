package keyspace

import (
	"math/rand/v2"
	"testing"
)

// grown is one collection of n members of 10 bytes (k:00000000 …), as Fill in bench_test.go has keys.
func grown(t Type, n int) *DB {
	ks := New(Options{Seed: 1})
	ks.Limits = DefaultLimits()
	db, key := ks.DB(0), "key"
	r := rand.New(rand.NewPCG(1, 1))
	var m []byte
	for i := range n {
		m = benchKey(m, i)
		ks.ReleaseViews()
		switch t {
		case Hash:
			h := openHash(db, key)
			h.Set(m, benchValue)
			h.Commit()
		case Set:
			s := openSet(db, key)
			s.Add(m)
			s.Commit()
		case List:
			l := openList(db, key)
			l.PushTail(m)
			l.Commit()
		case ZSet:
			z := openZSet(db, key)
			z.Set(m, float64(r.IntN(1<<30)))
			z.Commit()
		}
	}
	return db
}

// Memory of a million members: of Go's heap, and as accounted.
func BenchmarkGrow(b *testing.B) {
	for _, t := range []Type{Hash, Set, List, ZSet} {
		b.Run(t.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				was := heapInUse()
				db := grown(t, million)
				b.ReportMetric(float64(heapInUse()-was)/1e6, "MB")
				b.ReportMetric(float64(db.ks.Memory())/1e6, "accounted-MB")
			}
		})
	}
}

// One change of a collection, opened by its key: a packed one of 50 members and a large one of 100,000.
func BenchmarkChange(b *testing.B) {
	for name, n := range map[string]int{"packed": 50, "large": 100_000} {
		var m []byte
		key := []byte("key")
		run := func(t Type, change func(e Entry, i int)) {
			b.Run(t.String()+"/"+name, func(b *testing.B) {
				db := grown(t, n)
				r := rand.New(rand.NewPCG(1, 1))
				b.ReportAllocs()
				for b.Loop() {
					i := r.IntN(n)
					m = benchKey(m, i)
					e, _ := db.Find(key)
					change(e, i)
					db.ks.ReleaseViews()
				}
			})
		}
		run(Hash, func(e Entry, _ int) {
			h := e.Hash()
			h.Set(m, benchValue)
			h.Commit()
		})
		run(Set, func(e Entry, _ int) {
			s := e.Set()
			if !s.Add(m) {
				s.Remove(m)
			}
			s.Commit()
		})
		run(List, func(e Entry, _ int) {
			l := e.List()
			l.PushHead(m)
			l.PopTail()
			l.Commit()
		})
		run(ZSet, func(e Entry, i int) {
			z := e.ZSet()
			z.Set(m, float64(i)+rand.Float64())
			z.Commit()
		})
	}
}

// Rank of a random member among a million, and the range behind it.
func BenchmarkZSetRank(b *testing.B) {
	db := grown(ZSet, million)
	var m []byte
	b.ReportAllocs()
	for b.Loop() {
		m = benchKey(m, rand.IntN(million))
		z := openZSet(db, "key")
		rank, _, _ := z.Rank(m)
		n := 0
		z.Range(rank, false, func([]byte, float64) bool { n++; return n < 10 })
		db.ks.ReleaseViews()
	}
}
