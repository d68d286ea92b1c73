package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// poison takes what a large collection is made of away, behind its back: whoever walks over it from now on panics.
func poison(o object) {
	table := func(t *table) {
		clear(t.dir)
		clear(t.boxes.chunks)
	}
	switch o := o.(type) {
	case members:
		table(o.table)
	case *zsetObject:
		table(o.table)
		o.index.root = nil
	case *quicklist:
		for i := range o.chunks {
			clear(o.chunks[i].nodes)
		}
	case *stream:
		clear(o.nodes)
		for _, g := range o.groups {
			clear(g.pending.chunks)
			for _, c := range g.consumers {
				clear(c.pending.chunks)
			}
		}
	}
}

// grownObject is a large collection: members with values in boxes of their own, a stream with much that is pending.
func grownObject(t *testing.T, kind Type) object {
	db := New(Options{Seed: 1}).DB(0)
	if kind == Stream {
		v := openStream(db, "key")
		v.CreateGroup([]byte("group"), StreamID{}, 0)
		g, _ := v.Group([]byte("group"))
		c, _ := g.CreateConsumer([]byte("consumer"), 1)
		for i := range 5000 {
			v.Append(streamAt(i), sensor)
			g.Give(streamAt(i), c, Delivery{1, 1})
		}
		v.Commit()
	} else {
		fillShape(db, kind, 1, 2000, 1500)
	}
	e, ok := db.Random(rand.New(rand.NewPCG(1, 1))) // the only one
	require.True(t, ok)
	require.NotNil(t, e.object())
	return e.object()
}

// To let a collection go is to forget it: however it goes, nobody walks over what it holds, also when a snapshot has yet to see it.
func TestNobodyWalksOverWhatIsDeleted(t *testing.T) {
	key, other := []byte("key"), []byte("other")
	ways := map[string]func(ks *Keyspace, o object, kind Type){
		"Delete": func(ks *Keyspace, _ object, _ Type) { require.True(t, ks.DB(0).Delete(key)) },
		"Evict":  func(ks *Keyspace, _ object, _ Type) { require.True(t, ks.DB(0).Evict(key)) },
		"Victim": func(ks *Keyspace, _ object, _ Type) {
			e, ok := ks.Victim(Policy{Order: LeastRecent}, 5, rand.New(rand.NewPCG(1, 1)))
			require.True(t, ok)
			require.True(t, ks.DB(0).Evict(append([]byte(nil), e.Key()...)))
		},
		"Flush":     func(ks *Keyspace, _ object, _ Type) { ks.DB(0).Flush() },
		"SetString": func(ks *Keyspace, _ object, _ Type) { ks.DB(0).SetString(key, []byte("small"), EncRaw, NoExpiry) },
		"SetInt":    func(ks *Keyspace, _ object, _ Type) { ks.DB(0).SetInt(key, 7, NoExpiry) },
		"long":      func(ks *Keyspace, _ object, _ Type) { ks.DB(0).SetString(key, make([]byte, 5000), EncRaw, NoExpiry) },
		"Rename small over": func(ks *Keyspace, _ object, _ Type) {
			ks.DB(0).SetString(other, []byte("small"), EncRaw, NoExpiry)
			ks.DB(0).Rename(other, ks.DB(0), key)
		},
		"Rename large over": func(ks *Keyspace, o object, kind Type) {
			ks.DB(0).storeObject(other, kind, fullEncoding(kind), o)
			ks.DB(0).Rename(other, ks.DB(0), key)
		},
		"Copy over": func(ks *Keyspace, _ object, _ Type) {
			ks.DB(0).SetString(other, []byte("small"), EncRaw, NoExpiry)
			ks.DB(0).Copy(other, ks.DB(0), key)
		},
		"Swap": func(ks *Keyspace, _ object, _ Type) {
			ks.Swap(0, 1)
			ks.DB(1).Flush()
		},
		"Commit of another": func(ks *Keyspace, o object, kind Type) { ks.DB(0).storeObject(key, kind, fullEncoding(kind), o) },
		"packed over":       func(ks *Keyspace, _ object, _ Type) { ks.DB(0).storePacked(key, Set, EncIntset, emptyIntset[:]) },
	}
	for _, kind := range []Type{List, Set, Hash, ZSet, Stream} {
		o := grownObject(t, kind)
		most := o.memory() + 64<<10
		poison(o)
		for name, gone := range ways {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/%v", kind, name, cut), func(t *testing.T) {
					ks := New(Options{Seed: 1})
					ks.DB(0).storeObject(key, kind, fullEncoding(kind), o)
					require.Greater(t, ks.Memory(), o.memory())
					var s *Snapshot
					if cut {
						s = ks.Cut(discard{}, func() int64 { return 0 })
					}
					require.NotPanics(t, func() { gone(ks, o, kind) })
					require.Less(t, ks.Memory(), most, "it is paid back, whatever it was")
					if cut {
						s.Cancel()
					}
					ks.DB(0).Flush()
					ks.DB(1).Flush()
					require.Less(t, ks.Memory(), int64(64<<10))
				})
			}
		}
	}
}

func fullEncoding(t Type) Encoding {
	return map[Type]Encoding{List: EncQuicklist, Set: EncHashtable, Hash: EncHashtable, ZSet: EncSkiplist, Stream: EncStream}[t]
}

// The poison works on whoever reads.
func TestWalkingOverAPoisonedCollectionPanics(t *testing.T) {
	for _, kind := range []Type{List, Set, Hash, ZSet, Stream} {
		o := grownObject(t, kind)
		poison(o)
		db := New(Options{Seed: 1}).DB(0)
		db.storeObject([]byte("key"), kind, fullEncoding(kind), o)
		e, _ := db.Find([]byte("key"))
		require.Panics(t, func() {
			switch kind {
			case List:
				e.List().Range(0, false, func(int, []byte) bool { return true })
			case Set:
				e.Set().Each(func([]byte) bool { return true })
			case Hash:
				e.Hash().Each(func(_, _ []byte) bool { return true })
			case ZSet:
				e.ZSet().Each(func([]byte, float64) bool { return true })
			case Stream:
				e.Stream().Range(StreamID{}, MaxStreamID, false, func(StreamID, [][]byte) bool { return true })
			}
		}, kind.String())
	}
}
