package keyspace

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireAccounted compares what is accounted with what Go's heap has grown by: a tenth is allowed, and what a keyspace has of its own.
func requireAccounted(t *testing.T, ks *Keyspace, was uint64, what string) {
	t.Helper()
	ks.Maintain(1 << 20)
	ks.ReleaseViews()
	heap := float64(heapInUse() - was)
	require.InDelta(t, heap, float64(ks.Memory()), heap/10+64<<10, what)
	runtime.KeepAlive(ks)
}

var sensor = [][]byte{[]byte("sensor"), []byte("s12345"), []byte("celsius"), []byte("22.5")}

func streamAt(i int) StreamID { return StreamID{Ms: uint64(1_700_000_000_000 + 7*i)} }

// Streams take what is accounted, with groups, consumers and what they have pending, and when much of it is gone.
func TestMemoryOfStreamsIsWhatTheCollectorSees(t *testing.T) {
	for _, shape := range []struct{ keys, entries, groups, consumers, pending int }{
		{1, 30_000, 0, 0, 0},
		{5000, 1, 0, 0, 0},
		{200, 200, 0, 0, 0},
		{1000, 10, 10, 0, 0},
		{1000, 10, 2, 10, 0},
		{1000, 10, 2, 2, 3},
		{2, 10_000, 2, 10, 5000},
		{1, 30_000, 1, 1, 30_000},
	} {
		t.Run(fmt.Sprintf("%+v", shape), func(t *testing.T) {
			was := heapInUse()
			ks := New(Options{Seed: 1})
			db := ks.DB(0)
			every := func(change func(v *StreamValue)) {
				for k := range shape.keys {
					ks.ReleaseViews()
					v := openStream(db, fmt.Sprintf("key:%d", k))
					change(v)
					v.Commit()
				}
			}
			for i := range shape.entries {
				every(func(v *StreamValue) { v.Append(streamAt(i), sensor) })
			}
			every(func(v *StreamValue) {
				for g := range shape.groups {
					name := fmt.Appendf(nil, "group-of-%d", g)
					v.CreateGroup(name, StreamID{}, 0)
					group, _ := v.Group(name)
					for c := range shape.consumers {
						consumer, _ := group.CreateConsumer(fmt.Appendf(nil, "consumer-%d", c), 1)
						for p := c; p < shape.pending; p += shape.consumers {
							group.Give(streamAt(p), consumer, Delivery{1, 1})
						}
					}
				}
			})
			requireAccounted(t, ks, was, "full")
			every(func(v *StreamValue) {
				for g := range shape.groups {
					for p := 0; p < shape.pending; p += 2 {
						v.GroupAt(g).Ack(streamAt(p))
					}
				}
				for i := 1; i < shape.entries; i += 3 {
					v.Delete(streamAt(i))
				}
				v.Trim(&StreamTrim{MaxLen: int64(shape.entries / 2)})
			})
			requireAccounted(t, ks, was, "half empty")
			every(func(v *StreamValue) {
				for v.Groups() > 0 {
					v.DestroyGroup([]byte(v.GroupAt(0).Name()))
				}
				v.Trim(&StreamTrim{MaxLen: int64(shape.entries / 4)})
			})
			requireAccounted(t, ks, was, "without groups")
			db.Flush()
			require.Less(t, ks.Memory(), int64(256<<10))
		})
	}
}

// Keys that come, grow, shrink, change their type, are copied, renamed and deleted leave no debt.
func TestMemoryIsAccountedThroughChurn(t *testing.T) {
	const seed, keys, changes = 11, 3000, 120_000
	was := heapInUse()
	ks := New(Options{Seed: seed})
	db, r := ks.DB(0), rand.New(rand.NewPCG(seed, 1))
	key := func() string { return fmt.Sprintf("key:%d", r.IntN(keys)) }
	for i := range changes {
		ks.ReleaseViews()
		churn(db, r, key(), key())
		if i == changes/10 || i == changes/2 {
			requireAccounted(t, ks, was, "under way")
		}
	}
	requireAccounted(t, ks, was, "all changes")
	for i := range keys {
		if i%5 != 0 {
			db.Delete(fmt.Appendf(nil, "key:%d", i))
		}
	}
	requireAccounted(t, ks, was, "a fifth is left")
	for i := range keys {
		db.Delete(fmt.Appendf(nil, "key:%d", i))
	}
	ks.Maintain(1 << 20)
	require.Less(t, ks.Memory(), int64(256<<10))
}

// churn does something to a key.
func churn(db *DB, r *rand.Rand, key, other string) {
	e, there := db.Find([]byte(key))
	m := fmt.Appendf(nil, "member:%d", r.IntN(300))
	long := []byte(strings.Repeat("v", r.IntN(200)))
	switch at := r.IntN(16); {
	case at == 0:
		db.Delete([]byte(key))
	case at == 1 && there && key != other:
		db.Rename([]byte(key), db, []byte(other))
	case at == 2 && there && key != other:
		db.Copy([]byte(key), db, []byte(other))
	case at == 3:
		db.SetString([]byte(key), make([]byte, r.IntN(3000)), EncRaw, int64(r.IntN(2))*1000-1)
	case !there:
		newOfAnyType(db, r, key, m, long)
	default:
		changeOfAnyType(db, r, e, m, long)
	}
}

func newOfAnyType(db *DB, r *rand.Rand, key string, m, long []byte) {
	switch Type(r.IntN(7)) {
	case String, Module:
		db.SetString([]byte(key), long, EncInt, NoExpiry)
	case List:
		v := openList(db, key)
		v.PushTail(long)
		v.Commit()
	case Set:
		v := openSet(db, key)
		v.Add(m)
		v.Commit()
	case ZSet:
		v := openZSet(db, key)
		v.Set(m, 1)
		v.Commit()
	case Hash:
		v := openHash(db, key)
		v.Set(m, long)
		v.Commit()
	case Stream:
		v := openStream(db, key)
		v.Append(StreamID{1, 1}, sensor)
		v.Commit()
	}
}

func changeOfAnyType(db *DB, r *rand.Rand, e Entry, m, long []byte) {
	more := r.IntN(3) > 0
	switch e.Type() {
	case String:
		db.Append(append([]byte(nil), e.Key()...), long)
	case List:
		if v := e.List(); more {
			v.PushTail(long)
			v.PushHead(m)
			v.Commit()
		} else {
			v.Delete(r.IntN(v.Len()), 2)
			v.Commit()
		}
	case Set:
		if v := e.Set(); more {
			v.Add(m)
			v.Commit()
		} else {
			v.Remove(m)
			v.Commit()
		}
	case ZSet:
		if v := e.ZSet(); more {
			v.Set(m, float64(r.IntN(1000)))
			v.Commit()
		} else {
			v.Remove(m)
			v.Commit()
		}
	case Hash:
		if v := e.Hash(); more {
			v.Set(m, long)
			v.Commit()
		} else {
			v.Delete(m)
			v.Commit()
		}
	case Stream:
		if v := e.Stream(); more {
			id, _ := v.LastID().Next()
			v.Append(id, sensor)
			v.Commit()
		} else {
			v.Trim(&StreamTrim{MaxLen: int64(v.Len() / 2)})
			v.Commit()
		}
	}
}

// What MEMORY USAGE tells of all keys is together about what is accounted.
func TestKeysHaveTheirShareOfTheMemory(t *testing.T) {
	for _, shape := range []struct{ keys, members, size int }{{10_000, 1, 10}, {10_000, 2, 10}, {1000, 12, 20}, {300, 60, 50}, {100, 1000, 10}} {
		for _, kind := range []Type{List, Set, Hash, ZSet} {
			t.Run(fmt.Sprintf("%+v/%s", shape, kind), func(t *testing.T) {
				ks := New(Options{Seed: 1})
				fillShape(ks.DB(0), kind, shape.keys, shape.members, shape.size)
				sum := int64(0)
				for k := range shape.keys {
					e, ok := ks.DB(0).Find(fmt.Appendf(nil, "key:%d", k))
					require.True(t, ok)
					sum += e.Memory()
				}
				require.InEpsilon(t, float64(ks.Memory()-ks.space.pool.bytes), float64(sum), 0.2)
			})
		}
	}
}
