package keyspace

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// A segment holds up to so many records, in groups of seven. A group is a cache line, and so is what a segment has before them, with the word
// that Go's allocator puts before that: a lookup touches these two and the record. Altogether it is 1,152 bytes, one of Go's allocation sizes.
const (
	groups    = 17
	groupSize = 7
	slots     = groups * groupSize
)

// segment holds the records whose places share their top depth bits.
// A record in the heap is
//
//	kind and flags 1 | expiry 8, if flagged | key length | value length | key | value        (lengths as uvarints)
//
// where the value is a box's number (4 bytes) when it is boxed. What no slot refers to is garbage.
type segment struct {
	heap   []byte
	over   *segment // more slots, where a split was of no use
	prefix uint64   // the lowest place
	live   uint32   // bytes of heap in use
	epoch  uint32   // below the cut's: a snapshot has yet to emit it
	duePos int32    // where it is in the table's due heap, + 1
	n      uint8
	depth  uint8

	groups [groups]group
}

// group is seven slots. A record goes into the first group with a free one from its home group on.
type group struct {
	ctrl uint64 // bytes 0 … 6: the slots' fingerprints, 0: free; byte 7: how many records passed by to a later group
	slot [groupSize]slot
}

type slot struct {
	off   uint32 // of the record in the heap
	clock uint32 // of the last access
}

const segmentSize = 8 + int64(unsafe.Sizeof(segment{}))

const (
	kindMask  = 0x0f
	hasExpiry = 0x10
	isBoxed   = 0x20

	neverDue = math.MaxInt64
	dead     = math.MaxUint32 // offset of a slot whose record is being replaced

	lowBytes = 0x0101010101010101
	highBits = 0x0080808080808080 // of the fingerprints
	prints   = 0x00ffffffffffffff
	passedBy = 1 << 56
)

// A slot's index is its group's times 8, plus where it is in the group.

func (s *segment) slot(i int) *slot { return &s.groups[i>>3].slot[i&7] }

// next is the index of the first slot in use from i on, -1 when there is none.
func (s *segment) next(i int) int {
	for g := i >> 3; g < groups; g++ {
		if used := s.groups[g].ctrl & prints >> (i & 7 * 8); used != 0 {
			return g<<3 + i&7 + bits.TrailingZeros64(used)>>3
		}
		i = 0
	}
	return -1
}

// home is the group that a place belongs in.
func home(h uint64) int { return int(uint32(uint16(h>>8)) * groups >> 16) }

// find looks for key, whose place is h, in the segment and what overflowed from it; i < 0 when it is not there.
func (s *segment) find(h uint64, key []byte) (at *segment, i int) {
	want := (h & 0xff) * lowBytes
	for c := s; c != nil; c = c.over {
		g := home(h)
		for range groups {
			ctrl := c.groups[g].ctrl
			x := ctrl ^ want
			// A byte of x is 0 where the fingerprint is right; one above such a byte may be taken for 0 too.
			for m := (x - lowBytes) &^ x & highBits; m != 0; m &= m - 1 {
				b := bits.TrailingZeros64(m) &^ 7
				if byte(ctrl>>b) == byte(h) && c.keyIs(c.groups[g].slot[b>>3].off, key) {
					return c, g<<3 | b>>3
				}
			}
			if ctrl < passedBy {
				break
			}
			if g++; g == groups {
				g = 0
			}
		}
	}
	return s, -1
}

// add puts a record, whose place is h, into a slot; one is free.
func (s *segment) add(h uint64, sl slot) (i int) {
	s.n++
	for g := home(h); ; {
		gr := &s.groups[g]
		if free := (gr.ctrl - lowBytes) &^ gr.ctrl & highBits; free != 0 {
			b := bits.TrailingZeros64(free) &^ 7
			gr.ctrl |= h & 0xff << b
			gr.slot[b>>3] = sl
			return g<<3 | b>>3
		}
		gr.ctrl += passedBy
		if g++; g == groups {
			g = 0
		}
	}
}

// drop frees slot i of a record whose place is h.
func (s *segment) drop(h uint64, i int) {
	s.n--
	for g := home(h); g != i>>3; {
		s.groups[g].ctrl -= passedBy
		if g++; g == groups {
			g = 0
		}
	}
	s.groups[i>>3].ctrl &^= 0xff << (i & 7 * 8)
}

// keyIs tells whether the record at off has this key.
func (s *segment) keyIs(off uint32, key []byte) bool {
	b := s.heap[off:]
	if n := len(key); n >= 8 && n <= 16 && b[0]&hasExpiry == 0 && b[2] < 0x80 { // most keys: four loads
		if int(b[1]) != n {
			return false
		}
		b = b[3 : 3+n]
		return binary.LittleEndian.Uint64(b) == binary.LittleEndian.Uint64(key) &&
			binary.LittleEndian.Uint64(b[n-8:]) == binary.LittleEndian.Uint64(key[n-8:])
	}
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
	b := s.heap[s.slot(i).off:]
	if len(b) >= 3 && b[0]&hasExpiry == 0 && b[1]|b[2] < 0x80 { // most records: no call
		k := 3 + int(b[1])
		v := k + int(b[2])
		return record{b[0], NoExpiry, b[3:k:k], b[k:v:v], v}
	}
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

// sizeOf is the size of the record at the start of b.
func sizeOf(b []byte) int {
	k, p := uvarint(b, 1+int(b[0]&hasExpiry)>>1)
	v, p := uvarint(b, p)
	return p + k + v
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
