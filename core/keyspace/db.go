package keyspace

import (
	"encoding/binary"
	"unsafe"
)

// DB is one database. It has one owner and no locks.
type DB struct {
	ks    *Keyspace
	index int
	t     *table
}

// Index is the number of the database.
func (db *DB) Index() int { return db.index }

// Keyspace is what it belongs to.
func (db *DB) Keyspace() *Keyspace { return db.ks }

// Len is the number of keys.
func (db *DB) Len() int { return db.t.count }

// Volatile is the number of keys with an expiry.
func (db *DB) Volatile() int { return db.t.due.volatile }

// Overhead is what the table itself takes of the memory, and what is kept to find the keys that expire. O(1).
func (db *DB) Overhead() (table, expiries int64) {
	t := db.t
	return int64(t.segs)*segmentSize + 8*int64(len(t.dir)), int64(cap(t.due.segs)) * int64(unsafe.Sizeof(due{}))
}

// Find finds key, whether it is past its time or not.
func (db *DB) Find(key []byte) (Entry, bool) {
	c := db.t.find(key)
	if c.i < 0 {
		return Entry{}, false
	}
	return Entry{db, c.s, c.i}, true
}

// Delete removes key; false when it was not there.
func (db *DB) Delete(key []byte) bool { return db.t.delete(key) }

// Flush removes all keys.
func (db *DB) Flush() {
	db.t = newTable(db.ks.space)
	db.ks.space.prefetch = prefetch{} // it looks at segments that are gone
}

// Rename moves the value and expiry of src to dst of database to (which may be db itself), replacing what is there. src exists; src ≠ dst.
func (db *DB) Rename(src []byte, to *DB, dst []byte) {
	c := db.t.find(src)
	r := c.s.record(c.i)
	k, expires, clock := r.kind(), r.expires, c.s.slot(c.i).clock
	if !r.boxed() {
		val := db.hold(r.val)
		db.t.remove(c)
		to.storeInline(dst, k, expires, clock, val)
		return
	}
	db.t.before(c) // the snapshot sees what is in the box before it is empty
	b := db.t.boxes.at(binary.LittleEndian.Uint32(r.val))
	moved := box{bytes: b.bytes, obj: b.obj}
	b.bytes, b.obj = nil, nil
	db.t.remove(c)
	to.storeBox(dst, k, expires, clock, moved)
}

// Copy copies the value and expiry of src, replacing what is at dst of database to.
func (db *DB) Copy(src []byte, to *DB, dst []byte) {
	c := db.t.find(src)
	r := c.s.record(c.i)
	if !r.boxed() {
		to.storeInline(dst, r.kind(), r.expires, db.ks.space.fresh, db.hold(r.val))
		return
	}
	b := *db.t.boxes.at(binary.LittleEndian.Uint32(r.val))
	if b.obj != nil {
		b.obj = b.obj.clone()
	} else {
		b.bytes = append([]byte(nil), b.bytes...)
	}
	to.storeBox(dst, r.kind(), r.expires, db.ks.space.fresh, b)
}

// hold keeps a small value while the table changes.
func (db *DB) hold(val []byte) []byte {
	sp := db.ks.space
	sp.scratch = append(sp.scratch[:0], val...)
	return sp.scratch
}

// storeInline stores a value as it stands in records.
func (db *DB) storeInline(key []byte, k kind, expires int64, clock uint32, val []byte) {
	t := db.t
	c := t.find(key)
	t.set(c, key, k, expires, val)
	t.stamp(key, clock)
}

// storeBox stores what was in another box.
func (db *DB) storeBox(key []byte, k kind, expires int64, clock uint32, b box) {
	t := db.t
	c := t.find(key)
	t.setBox(c, key, k, expires, b)
	t.stamp(key, clock)
}

func (t *table) stamp(key []byte, clock uint32) {
	if clock != t.sp.clock || t.sp.lfu != nil {
		c := t.find(key)
		c.s.slot(c.i).clock = clock
	}
}

// setBox stores what b holds in cell c of key.
func (t *table) setBox(c cell, key []byte, k kind, expires int64, b box) {
	t.before(c)
	i := t.boxOf(c)
	if i == noBox {
		i = t.boxes.alloc(t)
	}
	to := t.boxes.at(i)
	to.bytes, to.obj = b.bytes, b.obj
	t.boxes.changed(t, i)
	binary.LittleEndian.PutUint32(t.reserve(c, key, k, true, expires, 4), i)
}

// storePacked creates or replaces the value of key by the bytes of a packed collection. An existing key keeps its expiry; b is copied.
func (db *DB) storePacked(key []byte, t Type, enc Encoding, b []byte) {
	c := db.t.find(key)
	db.t.set(c, key, kindOf(t, enc), c.expires(), b)
}

// storeObject creates or replaces the value of key by a large collection. An existing key keeps its expiry.
func (db *DB) storeObject(key []byte, t Type, enc Encoding, o object) {
	c := db.t.find(key)
	db.t.setBox(c, key, kindOf(t, enc), c.expires(), box{obj: o})
}

// expires is the expiry of what is in the cell.
func (c *cell) expires() int64 {
	if c.i < 0 {
		return NoExpiry
	}
	return c.s.record(c.i).expires
}
