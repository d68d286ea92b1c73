package keyspace

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is accounted is within a tenth of what Go's heap grows by, whatever the shape of the data: maxmemory is worth as much as that.
func TestMemoryOfAllShapesIsWhatTheCollectorSees(t *testing.T) {
	shapes := []struct {
		name          string
		keys, members int
		size          int // of a member, and of a value
	}{
		{"small", 100_000, 2, 10},
		{"packed", 1000, 100, 10},
		{"boxed", 1000, 60, 50},
		{"medium", 100, 1000, 10},
		{"wide", 1000, 40, 300},
		{"large", 1, 100_000, 10},
		{"long", 300, 30, 5000},
	}
	if runtime.GOARCH == "wasm" {
		shapes = shapes[3:] // the collector, asked after each, takes seconds there
	}
	for _, shape := range shapes {
		for _, kind := range []Type{List, Set, Hash, ZSet} {
			t.Run(shape.name+"/"+kind.String(), func(t *testing.T) {
				was := heapInUse()
				ks := New(Options{Seed: 1})
				fillShape(ks.DB(0), kind, shape.keys, shape.members, shape.size)
				require.InEpsilon(t, float64(heapInUse()-was), float64(ks.Memory()), 0.1)
			})
		}
	}
	for _, size := range []int{1, 20, 100, 900, 1100, 3000, 70_000} {
		t.Run(fmt.Sprintf("strings of %d", size), func(t *testing.T) {
			was := heapInUse()
			ks := New(Options{Seed: 1})
			for i := range min(100_000, 1<<25/size) {
				ks.DB(0).SetString(fmt.Appendf(nil, "key:%d", i), make([]byte, size), EncRaw, NoExpiry)
			}
			require.InEpsilon(t, float64(heapInUse()-was), float64(ks.Memory()), 0.1)
		})
	}
}

func fillShape(db *DB, kind Type, keys, members, size int) {
	var key string
	var m []byte
	for k := range keys {
		key = fmt.Sprintf("key:%d", k)
		for i := range members {
			m = fmt.Appendf(m[:0], "%0*d", size, i*7919+k)
			db.ks.ReleaseViews()
			switch kind {
			case List:
				l := openList(db, key)
				l.PushTail(m)
				l.Commit()
			case Set:
				s := openSet(db, key)
				s.Add(m)
				s.Commit()
			case Hash:
				h := openHash(db, key)
				h.Set(m, m)
				h.Commit()
			case ZSet:
				z := openZSet(db, key)
				z.Set(m, float64(i*31))
				z.Commit()
			}
		}
	}
}

// discard is a snapshot's writer that writes nothing.
type discard struct{}

func (discard) String(int, []byte, []byte, int64)           {}
func (discard) Part(int, []byte, Type, *Items, bool, int64) {}
func (discard) Expired(int, []byte)                         {}

func BenchmarkDeleteLarge(b *testing.B) {
	for _, kind := range []Type{List, Set, Hash, ZSet} {
		b.Run(kind.String(), func(b *testing.B) {
			full := grown(kind, million)
			e, _ := full.Find([]byte("key"))
			o := e.object()
			db := New(Options{Seed: 1}).DB(0)
			for b.Loop() { // with what it takes to put it there
				db.storeObject([]byte("key"), kind, e.Encoding(), o)
				db.Delete([]byte("key"))
			}
		})
	}
}
