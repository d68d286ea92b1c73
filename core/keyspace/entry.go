package keyspace

import "encoding/binary"

// Entry is a key in its database with its value, found by Find and others. It is valid until the next change of the database.
type Entry struct {
	db *DB
	s  *segment
	i  int
}

// DB is the database it is in.
func (e Entry) DB() *DB { return e.db }

// Key is the key: the stored bytes.
func (e Entry) Key() []byte { return e.s.record(e.i).key }

func (e Entry) head() byte { return e.s.heap[e.s.slot(e.i).off] }
func (e Entry) kind() kind { return kind(e.head() & kindMask) }

// Type is the type of its value.
func (e Entry) Type() Type { return kinds[e.kind()].t }

// Encoding is how the value is stored.
func (e Entry) Encoding() Encoding { return kinds[e.kind()].enc }

// ExpiresAt is when the key expires, in Unix ms, or NoExpiry.
func (e Entry) ExpiresAt() int64 {
	b := e.s.heap[e.s.slot(e.i).off:]
	if b[0]&hasExpiry == 0 {
		return NoExpiry
	}
	return int64(binary.LittleEndian.Uint64(b[1:]))
}

// Memory is the bytes that key and value take, with a share of the segment: three quarters of its slots are in use by rule, and eight
// ninths of its heap.
func (e Entry) Memory() int64 {
	r := e.s.record(e.i)
	n := int64(r.size) + int64(r.size)/8 + segmentSize*4/(slots*3)
	if b := e.box(); b != nil {
		n += b.mem + chunkSize/boxChunk
	}
	return n
}

func (e Entry) box() *box {
	if r := e.s.record(e.i); r.boxed() {
		return e.db.t.boxes.at(binary.LittleEndian.Uint32(r.val))
	}
	return nil
}

// packed is the stored bytes of a packed collection, or a string's, wherever they are.
func (e Entry) packed() []byte { return e.db.t.value(e.s, e.i) }

// object is the large collection, nil when the value is packed.
func (e Entry) object() object {
	if b := e.box(); b != nil {
		return b.obj
	}
	return nil
}

// cell is where it is, found again by its key.
func (e Entry) cell() cell {
	h := e.db.ks.space.place(e.Key())
	return cell{h, e.db.t.segment(h), e.s, e.i}
}

// replacePacked replaces the value by another packed form of its type; b is copied. The entry is invalid afterwards.
func (e Entry) replacePacked(enc Encoding, b []byte) {
	c := e.cell()
	e.db.t.set(c, e.Key(), kindOf(e.Type(), enc), e.ExpiresAt(), b)
}

// willChange must be called before the object is changed in place: a snapshot that has yet to meet it does so now.
func (e Entry) willChange() {
	if t := e.db.t; t.walk != nil {
		t.before(e.cell())
	}
}

// changed accounts for the object after it was changed in place.
func (e Entry) changed() {
	r := e.s.record(e.i)
	e.db.t.boxes.changed(e.db.t, binary.LittleEndian.Uint32(r.val))
}
