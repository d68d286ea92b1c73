package keyspace

import (
	"encoding/binary"
	"errors"
	"math"
)

// listpack is a sequence of strings in one flat run of bytes, laid out as Redis's listpack
// (https://github.com/antirez/listpack/blob/master/listpack.md), so that DUMP and RDB files carry it as it is:
//
//	total bytes u32 | elements u16, 65535: count them | entry … | 0xFF
//
//	entry: head [text] back        back: length of head and text, 7 bits a byte, read from its end
//	0xxxxxxx                       integer 0 … 127
//	10llllll text                  text of up to 63 bytes
//	110xxxxx x                     integer of 13 bits
//	1110llll l text                text of up to 4,095 bytes
//	11110000 l l l l text          longer text
//	11110001 … 11110100            integer of 16, 24, 32, 64 bits
//
// Numbers are little endian, those inside a head byte big endian. A string is an integer exactly when it is the canonical
// text of an int64. Entries are named by their offset; an offset lives until the next change. Changes work as append does:
// in place while there is room.
type listpack []byte

const (
	lpHeader  = 6
	lpEOF     = 0xFF
	lpSafe    = 1 << 30        // no listpack of a hash, set or sorted set grows beyond
	lpUnknown = math.MaxUint16 // this many or more elements: not counted in the header
)

var emptyListpack = [...]byte{lpHeader + 1, 0, 0, 0, 0, 0, lpEOF}

// appendEmptyListpack appends an empty listpack to dst.
func appendEmptyListpack(dst []byte) listpack { return append(dst, emptyListpack[:]...) }

// end is the offset of the end mark, where appending inserts.
func (lp listpack) end() int { return len(lp) - 1 }

// len is the number of elements: O(1) below 65,535.
func (lp listpack) len() int {
	if n := int(binary.LittleEndian.Uint16(lp[4:])); n != lpUnknown {
		return n
	}
	n := 0
	for p := lpHeader; p < lp.end(); p = lp.next(p) {
		n++
	}
	return n
}

func (lp listpack) setHeader(elements int) {
	binary.LittleEndian.PutUint32(lp, uint32(len(lp)))
	binary.LittleEndian.PutUint16(lp[4:], uint16(min(elements, lpUnknown)))
}

// lpBody is the length of the head and the text of the entry at b[0].
func lpBody(b []byte) int {
	switch h := b[0]; {
	case h < 0x80:
		return 1
	case h < 0xC0:
		return 1 + int(h&0x3F)
	case h < 0xE0:
		return 2
	case h < 0xF0:
		return 2 + int(h&0x0F)<<8 + int(b[1])
	case h == 0xF0:
		return 5 + int(binary.LittleEndian.Uint32(b[1:]))
	case h == 0xF1:
		return 3
	case h == 0xF2:
		return 4
	case h == 0xF3:
		return 5
	default:
		return 9
	}
}

// lpBackSize is the length of the back that names a body of n bytes. The limits are Redis's, which are one short of what would fit.
func lpBackSize(n int) int {
	switch {
	case n <= 127:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	default:
		return 5
	}
}

// lpPutBack writes the back of a body of n bytes at b and returns its length.
func lpPutBack(b []byte, n int) int {
	size := lpBackSize(n)
	for i := size - 1; i > 0; i-- {
		b[i] = byte(n)&0x7F | 0x80
		n >>= 7
	}
	b[0] = byte(n)
	return size
}

// next is the offset of the entry behind the one at p.
func (lp listpack) next(p int) int {
	switch h := lp[p]; { // most are small
	case h < 0x80:
		return p + 2
	case h < 0xC0:
		return p + 2 + int(h&0x3F)
	default:
		return lp.nextLong(p)
	}
}

func (lp listpack) nextLong(p int) int {
	n := lpBody(lp[p:])
	return p + n + lpBackSize(n)
}

// prev is the offset of the entry before the one at p (or before the end), -1 when there is none.
func (lp listpack) prev(p int) int {
	if p <= lpHeader {
		return -1
	}
	i, n, shift := p-1, 0, 0
	for ; ; i, shift = i-1, shift+7 {
		n |= int(lp[i]&0x7F) << shift
		if lp[i] < 0x80 {
			return i - n
		}
	}
}

// at is the offset of element i, 0 ≤ i < len, walking from the nearer end.
func (lp listpack) at(i int) int {
	n := lp.len()
	if i <= n/2 {
		p := lpHeader
		for ; i > 0; i-- {
			p = lp.next(p)
		}
		return p
	}
	p := lp.end()
	for ; i < n; i++ {
		p = lp.prev(p)
	}
	return p
}

// value is the element at p: its text, or n when isInt.
func (lp listpack) value(p int) (text []byte, n int64, isInt bool) {
	b := lp[p:]
	switch h := b[0]; {
	case h < 0x80:
		return nil, int64(h), true
	case h < 0xC0:
		return b[1 : 1+h&0x3F : 1+h&0x3F], 0, false
	case h < 0xE0:
		return nil, int64(int16(uint16(h)<<11|uint16(b[1])<<3) >> 3), true
	case h < 0xF0:
		end := 2 + int(h&0x0F)<<8 + int(b[1])
		return b[2:end:end], 0, false
	case h == 0xF0:
		end := 5 + int(binary.LittleEndian.Uint32(b[1:]))
		return b[5:end:end], 0, false
	case h == 0xF1:
		return nil, int64(int16(binary.LittleEndian.Uint16(b[1:]))), true
	case h == 0xF2:
		return nil, int64(int32(uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24) >> 8), true
	case h == 0xF3:
		return nil, int64(int32(binary.LittleEndian.Uint32(b[1:]))), true
	default:
		return nil, int64(binary.LittleEndian.Uint64(b[1:])), true
	}
}

// text is the element at p as a string: bytes of the listpack itself, or an integer's text in scratch (room for 20 bytes).
func (lp listpack) text(p int, scratch []byte) []byte {
	text, n, isInt := lp.value(p)
	if isInt {
		return appendInt(scratch[:0], n)
	}
	return text
}

// needle is a string to look for: as an integer if it is one.
type needle struct {
	text  []byte
	n     int64
	isInt bool
}

func newNeedle(text []byte) needle {
	n, isInt := parseInt(text)
	return needle{text, n, isInt}
}

// is tells whether the element at p is the needle.
func (lp listpack) is(p int, v *needle) bool {
	if h := lp[p]; h >= 0x80 && h < 0xC0 {
		n := int(h & 0x3F)
		return n == len(v.text) && string(lp[p+1:p+1+n]) == string(v.text) && !v.isInt
	}
	text, n, isInt := lp.value(p)
	if isInt || v.isInt {
		return isInt && v.isInt && n == v.n
	}
	return string(text) == string(v.text)
}

// find is the offset of the first element from p on that is v, looking at one and skipping skip in turn; -1 when there is none.
func (lp listpack) find(p int, v *needle, skip int) int {
	for end := lp.end(); p < end; {
		if lp.is(p, v) {
			return p
		}
		p = lp.next(p)
		for i := 0; i < skip && p < end; i++ {
			p = lp.next(p)
		}
	}
	return -1
}

// lpEntrySize is the length of the whole entry of v.
func lpEntrySize(v *needle) int {
	n := lpBodySize(v)
	return n + lpBackSize(n)
}

func lpBodySize(v *needle) int {
	if !v.isInt {
		switch n := len(v.text); {
		case n < 1<<6:
			return 1 + n
		case n < 1<<12:
			return 2 + n
		default:
			return 5 + n
		}
	}
	switch n := v.n; {
	case 0 <= n && n < 1<<7:
		return 1
	case -1<<12 <= n && n < 1<<12:
		return 2
	case n == int64(int16(n)):
		return 3
	case -1<<23 <= n && n < 1<<23:
		return 4
	case n == int64(int32(n)):
		return 5
	default:
		return 9
	}
}

// lpPut writes the entry of v at b, which has its length.
func lpPut(b []byte, v *needle) {
	body := lpBodySize(v)
	if v.isInt {
		n := v.n
		switch body {
		case 1:
			b[0] = byte(n)
		case 2:
			b[0], b[1] = 0xC0|byte(n>>8)&0x1F, byte(n)
		case 3:
			b[0], b[1], b[2] = 0xF1, byte(n), byte(n>>8)
		case 4:
			b[0], b[1], b[2], b[3] = 0xF2, byte(n), byte(n>>8), byte(n>>16)
		case 5:
			b[0] = 0xF3
			binary.LittleEndian.PutUint32(b[1:], uint32(n))
		default:
			b[0] = 0xF4
			binary.LittleEndian.PutUint64(b[1:], uint64(n))
		}
	} else {
		n := len(v.text)
		switch body - n {
		case 1:
			b[0] = 0x80 | byte(n)
		case 2:
			b[0], b[1] = 0xE0|byte(n>>8), byte(n)
		default:
			b[0] = 0xF0
			binary.LittleEndian.PutUint32(b[1:], uint32(n))
		}
		copy(b[body-n:], v.text)
	}
	lpPutBack(b[body:], body)
}

// splice makes [p, p+old) room for size bytes.
func (lp listpack) splice(p, old, size int) listpack {
	n := len(lp)
	if grow := size - old; grow > 0 {
		lp = growBytes(lp, grow)
		copy(lp[p+size:], lp[p+old:n])
	} else if grow < 0 {
		copy(lp[p+size:], lp[p+old:])
		lp = lp[:n+grow]
	}
	return lp
}

// insert puts v before the entry at p. v must not be bytes of lp itself.
func (lp listpack) insert(p int, v []byte) listpack {
	x := newNeedle(v)
	return lp.insertNeedle(p, &x)
}

func (lp listpack) insertNeedle(p int, v *needle) listpack {
	n := int(binary.LittleEndian.Uint16(lp[4:]))
	size := lpEntrySize(v)
	lp = lp.splice(p, 0, size)
	lpPut(lp[p:p+size], v)
	lp.setHeader(min(n+1, lpUnknown))
	return lp
}

// append puts v at the end.
func (lp listpack) append(v []byte) listpack { return lp.insert(lp.end(), v) }

func (lp listpack) appendInt(n int64) listpack {
	return lp.insertNeedle(lp.end(), &needle{n: n, isInt: true})
}

// replace puts v in place of the entry at p.
func (lp listpack) replace(p int, v []byte) listpack {
	x := newNeedle(v)
	n := int(binary.LittleEndian.Uint16(lp[4:]))
	size := lpEntrySize(&x)
	lp = lp.splice(p, lp.next(p)-p, size)
	lpPut(lp[p:p+size], &x)
	lp.setHeader(n)
	return lp
}

// delete removes n entries from the one at p on; there are that many.
func (lp listpack) delete(p, n int) listpack {
	q := p
	for i := 0; i < n; i++ {
		q = lp.next(q)
	}
	return lp.cut(p, q, n)
}

// cut removes the bytes [p, q), which are n entries.
func (lp listpack) cut(p, q, n int) listpack {
	left := lp.len() - n
	lp = lp.splice(p, q-p, 0)
	lp.setHeader(left)
	return lp
}

// appendEntries appends the bytes of n entries of another listpack.
func (lp listpack) appendEntries(entries []byte, n int) listpack {
	all := lp.len() + n
	p := lp.end()
	lp = lp.splice(p, 0, len(entries))
	copy(lp[p:], entries)
	lp.setHeader(all)
	return lp
}

var errListpack = errors.New("damaged listpack")

// validateListpack checks b, which may come from anywhere, so that all other methods are safe on it, and tells the number of elements.
func validateListpack(b []byte) (elements int, err error) {
	if len(b) < lpHeader+1 || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != lpEOF {
		return 0, errListpack
	}
	p, end := lpHeader, len(b)-1
	for ; p < end; elements++ {
		n := lpBodyChecked(b[p:end])
		if n == 0 || n+lpBackSize(n) > end-p {
			return 0, errListpack
		}
		var back [5]byte
		size := lpPutBack(back[:], n)
		if string(back[:size]) != string(b[p+n:p+n+size]) {
			return 0, errListpack
		}
		p += n + size
	}
	if n := int(binary.LittleEndian.Uint16(b[4:])); n != lpUnknown && n != elements {
		return 0, errListpack
	}
	return elements, nil
}

// lpBodyChecked is lpBody for bytes that may be anything; 0: not an entry.
func lpBodyChecked(b []byte) int {
	h := b[0]
	if h > 0xF4 {
		return 0
	}
	if h >= 0xE0 && h < 0xF0 && len(b) < 2 || h == 0xF0 && len(b) < 5 {
		return 0
	}
	if h == 0xF0 && uint64(binary.LittleEndian.Uint32(b[1:])) > uint64(len(b)) {
		return 0
	}
	if n := lpBody(b); n <= len(b) {
		return n
	}
	return 0
}
