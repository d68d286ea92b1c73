package keyspace

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// slots is how many records a segment holds. With it a segment takes 1,152 bytes, one of Go's allocation sizes.
const slots = 120

// segment holds the records whose places share their top depth bits. Slots are dense: n of them, in no order.
// A record in the heap is
//
//	kind and flags 1 | expiry 8, if flagged | key length | value length | key | value        (lengths as uvarints)
//
// where the value is a box's number (4 bytes) when it is boxed. What no slot refers to is garbage.
type segment struct {
	// A lookup reads the first three cache lines, one slot and one record.
	heap     []byte
	n        uint8
	depth    uint8
	live     uint32            // bytes of heap in use
	prints   [slots / 8]uint64 // the fingerprint of slot i is byte i; 0: free
	slot     [slots]slot
	over     *segment // more slots, where a split was of no use
	prefix   uint64   // the lowest place
	earliest int64    // no record's expiry is before it; neverDue: none has one
	epoch    uint32   // below the cut's: a snapshot has yet to emit it
	duePos   int32    // where it is in the table's due heap, + 1
}

type slot struct {
	off   uint32 // of the record in the heap
	clock uint32 // of the last access
}

const segmentSize = int64(unsafe.Sizeof(segment{}))

const (
	kindMask  = 0x0f
	hasExpiry = 0x10
	isBoxed   = 0x20

	neverDue = math.MaxInt64
	dead     = math.MaxUint32 // offset of a slot whose record is being replaced

	lowBytes = 0x0101010101010101
	highBits = 0x8080808080808080
)

// find looks for key, whose place is h, in the segment and what overflowed from it; i < 0 when it is not there.
func (s *segment) find(h uint64, key []byte) (at *segment, i int) {
	want := (h & 0xff) * lowBytes
	for c := s; c != nil; c = c.over {
		for w := 0; w*8 < int(c.n); w++ {
			x := c.prints[w] ^ want
			// A byte of x is 0 where the fingerprint is right; one above such a byte may be taken for 0 too.
			for m := (x - lowBytes) &^ x & highBits; m != 0; m &= m - 1 {
				if i := w*8 + bits.TrailingZeros64(m)>>3; c.keyIs(i, key) {
					return c, i
				}
			}
		}
	}
	return s, -1
}

func (s *segment) keyIs(i int, key []byte) bool {
	if i >= int(s.n) {
		return false
	}
	b := s.heap[s.slot[i].off:]
	p := 1 + int(b[0]&hasExpiry)>>1
	if len(key) < 0x80 {
		if int(b[p]) != len(key) {
			return false
		}
		p++
	} else {
		n, m := binary.Uvarint(b[p:])
		if n != uint64(len(key)) {
			return false
		}
		p += m
	}
	for b[p] >= 0x80 {
		p++
	}
	p++
	return string(b[p:p+len(key)]) == string(key)
}

// record is a record taken apart.
type record struct {
	head     byte
	expires  int64
	key, val []byte // val is as stored: for a boxed one the box's number
	size     int
}

func (r *record) kind() kind  { return kind(r.head & kindMask) }
func (r *record) boxed() bool { return r.head&isBoxed != 0 }

func (s *segment) record(i int) record {
	b := s.heap[s.slot[i].off:]
	r := record{head: b[0], expires: NoExpiry}
	p := 1
	if r.head&hasExpiry != 0 {
		r.expires = int64(binary.LittleEndian.Uint64(b[1:]))
		p = 9
	}
	k, p := uvarint(b, p)
	v, p := uvarint(b, p)
	r.key, r.val, r.size = b[p:p+k:p+k], b[p+k:p+k+v:p+k+v], p+k+v
	return r
}

func uvarint(b []byte, p int) (n, next int) {
	if b[p] < 0x80 {
		return int(b[p]), p + 1
	}
	v, m := binary.Uvarint(b[p:])
	return int(v), p + m
}

func uvarintLen(n int) int { return (bits.Len32(uint32(n)|1) + 6) / 7 }

func recordSize(expires int64, key, val int) int {
	n := 1 + uvarintLen(key) + uvarintLen(val) + key + val
	if expires != NoExpiry {
		n += 8
	}
	return n
}

// appendRecord writes a record at the end of the heap, which has room for it, all but the value's bytes, for which it returns the place.
func (s *segment) appendRecord(k kind, boxed bool, expires int64, key []byte, vlen int) (off uint32, val []byte) {
	off = uint32(len(s.heap))
	head := byte(k)
	if boxed {
		head |= isBoxed
	}
	b := append(s.heap, head)
	if expires != NoExpiry {
		b[off] |= hasExpiry
		b = binary.LittleEndian.AppendUint64(b, uint64(expires))
	}
	b = binary.AppendUvarint(b, uint64(len(key)))
	b = binary.AppendUvarint(b, uint64(vlen))
	b = append(b, key...)
	s.heap = b[:len(b)+vlen]
	s.live += uint32(len(s.heap)) - off
	return off, s.heap[len(b):]
}

func (s *segment) print(i int) uint64 { return s.prints[i>>3] >> (i & 7 * 8) & 0xff }

func (s *segment) setPrint(i int, fp uint64) {
	w, at := &s.prints[i>>3], i&7*8
	*w = *w&^(0xff<<at) | fp<<at
}

// dropSlot closes the gap that slot i leaves with the last one.
func (s *segment) dropSlot(i int) {
	last := int(s.n) - 1
	s.slot[i] = s.slot[last]
	s.setPrint(i, s.print(last))
	s.setPrint(last, 0)
	s.n--
}

// span is how many places the segment covers; 0 for all of them.
func (s *segment) span() uint64 { return 1 << (64 - s.depth) }

// total is the number of its records.
func (s *segment) total() (n int) {
	for ; s != nil; s = s.over {
		n += int(s.n)
	}
	return n
}

func (s *segment) garbage() int { return len(s.heap) - int(s.live) }
