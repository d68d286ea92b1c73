package keyspace

import (
	"encoding/binary"
	"strconv"
)

// An integer is stored in 1, 2, 4 or 8 bytes, little endian and signed.

// maxDigits is the length of the longest text of an int64.
const maxDigits = 20

// maxEmbstr is the length up to which Redis keeps a string's text in one piece with its header.
const maxEmbstr = 44

// SetString stores a string under key in place of whatever was there. enc says how: EncInt encodes as an integer when the
// text is one (the normal case), EncEmbstr never does but chooses embstr or raw by length, EncRaw is raw.
// expiresAt is in Unix ms, NoExpiry for none. val is copied.
func (db *DB) SetString(key, val []byte, enc Encoding, expiresAt int64) {
	t := db.t
	c := t.find(key)
	if t.sp.lfu != nil && c.i >= 0 {
		Entry{db, c.s, c.i}.Touch()
	}
	if enc == EncInt && len(val) <= maxDigits {
		if n, ok := parseInt(val); ok {
			db.setInt(c, key, n, expiresAt)
			return
		}
	}
	k := kindRaw
	if enc != EncRaw && len(val) <= maxEmbstr {
		k = kindEmbstr
	}
	switch {
	case expiresAt == NoExpiry && c.i >= 0 && t.overwrite(&c, k, val):
	case expiresAt == NoExpiry && c.i < 0 && t.append(&c, k, key, val):
	default:
		t.set(c, key, k, expiresAt, val)
	}
}

// Text is the text of the string at key, in the case that comes most: small, no integer, no expiry. Else ok is false, whatever
// is there. With touch the access clock is stamped. The bytes are the stored ones.
func (db *DB) Text(key []byte, touch bool) (text []byte, ok bool) {
	t := db.t
	h := t.sp.place(key)
	s, i := t.dir[h>>(64-t.depth)].find(h, key)
	if i < 0 {
		return nil, false
	}
	sl := s.slot(i)
	b := s.heap[sl.off:]
	if b[0] != byte(kindRaw) && b[0] != byte(kindEmbstr) {
		return nil, false
	}
	if touch {
		sl.clock = t.sp.accessed(sl.clock)
	}
	k, p := uvarint(b, 1)
	v, p := uvarint(b, p)
	return b[p+k : p+k+v], true
}

// SetInt stores an integer string. With NoExpiry an existing key keeps its expiry.
func (db *DB) SetInt(key []byte, n int64, expiresAt int64) {
	c := db.t.find(key)
	if expiresAt == NoExpiry {
		expiresAt = c.expires()
	}
	db.setInt(c, key, n, expiresAt)
}

func (db *DB) setInt(c cell, key []byte, n int64, expiresAt int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	size := 8
	switch {
	case n == int64(int8(n)):
		size = 1
	case n == int64(int16(n)):
		size = 2
	case n == int64(int32(n)):
		size = 4
	}
	box := db.t.boxOf(c)
	copy(db.t.reserve(c, key, kindInt, false, expiresAt, size), b[:size])
	if box != noBox {
		db.t.boxes.release(db.t, box)
	}
}

func intOf(b []byte) int64 {
	switch len(b) {
	case 1:
		return int64(int8(b[0]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// parseInt reads the decimal text of an int64 exactly as it would be printed.
func parseInt(b []byte) (int64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		} else {
			n = n*10 + uint64(c)
		}
	}
	if neg {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}

// Append appends to the string at key, which exists and is a string, and returns the new length. It becomes raw. Amortised O(len(tail)).
func (db *DB) Append(key, tail []byte) int {
	c := db.t.find(key)
	n := Entry{db, c.s, c.i}.StringLen()
	copy(db.stretch(c, key, n, n+len(tail))[n:], tail)
	return n + len(tail)
}

// SetRange writes val at off into the string at key, zero-padding it; the key exists and is a string. It becomes raw. Returns the new length.
func (db *DB) SetRange(key []byte, off int, val []byte) int {
	b := db.Edit(key, off+len(val))
	copy(b[off:], val)
	return len(b)
}

// Edit makes the string at key, which exists and is a string, raw and n bytes long at least, zero-padding it, and returns its bytes to be
// changed in place until the database changes otherwise.
func (db *DB) Edit(key []byte, n int) []byte {
	c := db.t.find(key)
	was := Entry{db, c.s, c.i}.StringLen()
	return db.stretch(c, key, was, max(was, n))
}

// SetRaw stores a raw string without expiry under key in place of whatever was there. val is the database's from now on.
func (db *DB) SetRaw(key, val []byte) {
	if len(val) <= maxInline {
		db.SetString(key, val, EncRaw, NoExpiry)
		return
	}
	db.t.setBox(db.t.find(key), key, kindRaw, NoExpiry, box{bytes: val})
}

// stretch makes the string in cell c raw and n bytes long, was or more, and returns its bytes; the new ones are 0.
func (db *DB) stretch(c cell, key []byte, was, n int) []byte {
	t := db.t
	var digits [20]byte
	e := Entry{db, c.s, c.i}
	old, expires, box := e.Bytes(digits[:0]), e.ExpiresAt(), t.boxOf(c)
	t.before(c)
	if n <= maxInline && box == noBox {
		b := t.reserve(c, key, kindRaw, false, expires, n)
		clear(b[copy(b, old):])
		return b
	}
	if box == noBox {
		t.setBox(c, key, kindRaw, expires, boxOfBytes(old, n))
		// The cell still stands: the record of a key that exists stays in its slot.
		return t.boxes.at(t.boxOf(c)).bytes
	}
	b := t.boxes.at(box)
	b.bytes = grow(b.bytes, n)
	t.boxes.changed(t, box)
	binary.LittleEndian.PutUint32(t.reserve(c, key, kindRaw, true, expires, 4), box)
	return b.bytes
}

func boxOfBytes(old []byte, n int) box {
	b := roomFor(n)[:n]
	copy(b, old)
	return box{bytes: b}
}

// grow lengthens b to n bytes, with room for as much again as append finds good; the new ones are 0.
func grow(b []byte, n int) []byte {
	was := len(b)
	if n > cap(b) {
		b = append(b, make([]byte, n-was)...)
	}
	b = b[:n]
	clear(b[was:])
	return b
}

// Int is the value of an integer-encoded string.
func (e Entry) Int() (int64, bool) {
	if e.kind() != kindInt {
		return 0, false
	}
	return intOf(e.packed()), true
}

// StringLen is the length of the string's text.
func (e Entry) StringLen() int {
	if n, ok := e.Int(); ok {
		var digits [20]byte
		return len(strconv.AppendInt(digits[:0], n, 10))
	}
	return len(e.packed())
}

// Bytes is the string's text: the stored bytes themselves, or for an integer its text in scratch, which must have room for 20 bytes.
func (e Entry) Bytes(scratch []byte) []byte {
	if n, ok := e.Int(); ok {
		return strconv.AppendInt(scratch[:0], n, 10)
	}
	return e.packed()
}
