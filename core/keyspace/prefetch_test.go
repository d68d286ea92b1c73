package keyspace

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// prefetchAll lets tables of a test's size be looked at, as they are natively.
func prefetchAll(t *testing.T) {
	usual := prefetchFrom
	prefetchFrom = 1 << 19
	t.Cleanup(func() { prefetchFrom = usual })
}

func TestPrefetchReadsTheRecords(t *testing.T) {
	prefetchAll(t)
	db := filled(20_000)
	var keys [][]byte
	for i := range maxPrefetch {
		keys = append(keys, benchKey(nil, i*600))
	}
	db.Prefetch(keys)
	read := 0
	for i, key := range keys {
		e, ok := db.Find(key)
		if assert.True(t, ok) && db.ks.space.prefetch.at[i].first == &e.s.heap[e.s.slot(e.i).off] {
			read++
		}
	}
	assert.Greater(t, read, maxPrefetch*9/10, "but for fingerprints that are alike")
}

// Prefetch looks at whatever stands where a key belongs: nothing, another key with its fingerprint, a box.
func TestPrefetchChangesNothing(t *testing.T) {
	prefetchAll(t)
	db := New(Options{Seed: 1}).DB(0)
	var keys [][]byte
	for i := range maxPrefetch + 8 {
		keys = append(keys, benchKey(nil, i*700))
	}
	db.Prefetch(keys) // a small table is not looked at
	long := make([]byte, maxInline+1)
	for i := range 20_000 {
		val := benchValue
		if i%500 == 0 {
			val = long
		}
		db.SetString(benchKey(nil, i), val, EncInt, NoExpiry)
	}
	assert.Greater(t, db.t.mem, prefetchFrom)
	was := contents(db)
	db.Prefetch(keys[:1])
	db.Prefetch(keys)
	for i := range 20_000 {
		if i%3 != 0 {
			db.Delete(benchKey(nil, i))
			delete(was, string(benchKey(nil, i)))
		}
	}
	db.Prefetch(keys)
	assert.Equal(t, was, contents(db))
	db.Flush()
	db.t.mem = prefetchFrom // a segment without a heap
	db.Prefetch(keys)
	assert.Empty(t, contents(db))
}

func contents(db *DB) map[string]string {
	m := map[string]string{}
	for cursor, more := uint64(0), true; more; more = cursor != 0 {
		cursor = db.Scan(cursor, 1000, func(e Entry) { m[string(e.Key())] = string(e.Bytes(make([]byte, 0, 20))) })
	}
	return m
}
