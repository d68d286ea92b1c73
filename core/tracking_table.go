package core

import (
	"encoding/binary"
	"sort"

	"tabdis/core/keyspace"
)

// trackingTable remembers who has read which keys: a keyspace of its own, for what it does for the garbage collector, whose values
// are the ids of sessions, 8 bytes each, sorted. The ids of sessions that ended stay until their key changes.
type trackingTable struct {
	keys  *keyspace.DB // nil: empty
	items int          // ids
	bytes int          // of keys and ids
	tries int          // to make it smaller that were not enough
	ids   []int64      // what remove gave
}

const idSize = 8

func (t *trackingTable) len() int {
	if t.keys == nil {
		return 0
	}
	return t.keys.Len()
}

func (t *trackingTable) memory() int64 {
	if t.keys == nil {
		return 0
	}
	return t.keys.Keyspace().Memory()
}

// add notes that session id has read key.
func (t *trackingTable) add(key []byte, id int64, e *Engine) {
	if t.keys == nil {
		t.keys = keyspace.New(keyspace.Options{Databases: 1, Seed: e.rng.Uint64()}).DB(0)
	}
	entry, there := t.keys.Find(key)
	if !there {
		var text [idSize]byte
		binary.BigEndian.PutUint64(text[:], uint64(id))
		t.keys.SetString(key, text[:], keyspace.EncRaw, keyspace.NoExpiry)
		t.items++
		t.bytes += len(key) + idSize
		return
	}
	ids := entry.Bytes(nil)
	n := len(ids) / idSize
	at := sort.Search(n, func(i int) bool { return idAt(ids, i) >= id })
	if at < n && idAt(ids, at) == id {
		return
	}
	ids = t.keys.Edit(key, (n+1)*idSize)
	copy(ids[(at+1)*idSize:], ids[at*idSize:n*idSize])
	binary.BigEndian.PutUint64(ids[at*idSize:], uint64(id))
	t.items++
	t.bytes += idSize
}

func idAt(ids []byte, i int) int64 { return int64(binary.BigEndian.Uint64(ids[i*idSize:])) }

// remove takes key out and gives the ids of those who have read it, until the next call.
func (t *trackingTable) remove(key []byte) []int64 {
	if t.keys == nil {
		return nil
	}
	entry, there := t.keys.Find(key)
	if !there {
		return nil
	}
	ids := entry.Bytes(nil)
	t.ids = t.ids[:0]
	for i := range len(ids) / idSize {
		t.ids = append(t.ids, idAt(ids, i))
	}
	t.keys.Delete(key)
	t.items -= len(t.ids)
	t.bytes -= len(key) + len(t.ids)*idSize
	return t.ids
}

// How much the table may hold. Redis bounds the number of keys alone, which does not bound the memory: keys may be long, and read by many.
const (
	trackedKeySize = 256     // bytes for each of tracking-table-max-keys, on average
	trackedSpare   = 1 << 20 // and these
	trackingEffort = 100     // keys that one try forgets; twice as many the second time, and so on
)

// trackingOver tells whether the table holds more than it may.
func (e *Engine) trackingOver() bool {
	most, t := e.config.trackingKeys, &e.tracking.table
	return most > 0 && (t.len() > most || t.bytes > min(most, 1<<40)*trackedKeySize+trackedSpare)
}

// limitTracking forgets keys at random, and tells those who have read them as if they had changed. Whoever does not want to hear of its own
// changes is told all the same: it did not change these.
func (e *Engine) limitTracking() {
	t := &e.tracking.table
	if !e.trackingOver() {
		t.tries = 0
		return
	}
	t.tries++
	for range trackingEffort * t.tries {
		entry, _ := t.keys.Random(e.rng)
		e.forget(append([]byte{}, entry.Key()...), nil)
		if !e.trackingOver() {
			return
		}
	}
}
