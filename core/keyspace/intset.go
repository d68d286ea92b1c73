package keyspace

import (
	"encoding/binary"
	"errors"
)

// intset is a sorted set of integers in one flat run of bytes, laid out as Redis's:
//
//	width u32: 2, 4 or 8 | number u32 | the integers, ascending, of that width each
//
// all little endian. The width grows to what the widest integer needs and never shrinks. Changes work as append does.
type intset []byte

const isHeader = 8

var emptyIntset = [...]byte{2, 0, 0, 0, 0, 0, 0, 0}

func appendEmptyIntset(dst []byte) intset { return append(dst, emptyIntset[:]...) }

func (is intset) width() int { return int(is[0]) }
func (is intset) len() int   { return int(binary.LittleEndian.Uint32(is[4:])) }

func (is intset) setHeader(width, n int) {
	binary.LittleEndian.PutUint32(is, uint32(width))
	binary.LittleEndian.PutUint32(is[4:], uint32(n))
}

func intsetWidth(v int64) int {
	switch {
	case v == int64(int16(v)):
		return 2
	case v == int64(int32(v)):
		return 4
	default:
		return 8
	}
}

// at is integer i, in ascending order.
func (is intset) at(i int) int64 { return is.get(i, is.width()) }

func (is intset) get(i, width int) int64 {
	b := is[isHeader+i*width:]
	switch width {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	default:
		return int64(binary.LittleEndian.Uint64(b))
	}
}

func (is intset) put(i, width int, v int64) {
	b := is[isHeader+i*width:]
	switch width {
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, uint64(v))
	}
}

// find is the place of v, or where it belongs.
func (is intset) find(v int64) (i int, ok bool) {
	width, lo, hi := is.width(), 0, is.len()
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch x := is.get(mid, width); {
		case x == v:
			return mid, true
		case x < v:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false
}

// add adds v; false when it was there.
func (is intset) add(v int64) (intset, bool) {
	width, n := is.width(), is.len()
	i, ok := is.find(v)
	if ok {
		return is, false
	}
	if wide := intsetWidth(v); wide > width {
		is = growBytes(is, (n+1)*wide-n*width)
		// v is beyond all others: from the last on, so that none is overwritten before it was read
		shift := 0
		if i == 0 {
			shift = 1
		}
		for j := n - 1; j >= 0; j-- {
			is.put(j+shift, wide, is.get(j, width))
		}
		width = wide
	} else {
		is = growBytes(is, width)
		copy(is[isHeader+(i+1)*width:], is[isHeader+i*width:isHeader+n*width])
	}
	is.put(i, width, v)
	is.setHeader(width, n+1)
	return is, true
}

// remove removes v; false when it was not there.
func (is intset) remove(v int64) (intset, bool) {
	i, ok := is.find(v)
	if !ok {
		return is, false
	}
	width, n := is.width(), is.len()
	copy(is[isHeader+i*width:], is[isHeader+(i+1)*width:])
	is = is[:len(is)-width]
	is.setHeader(width, n-1)
	return is, true
}

var errIntset = errors.New("damaged intset")

// validateIntset checks b, which may come from anywhere.
func validateIntset(b []byte) error {
	if len(b) < isHeader {
		return errIntset
	}
	width := binary.LittleEndian.Uint32(b)
	if width != 2 && width != 4 && width != 8 {
		return errIntset
	}
	n := uint64(binary.LittleEndian.Uint32(b[4:]))
	if n*uint64(width) != uint64(len(b)-isHeader) {
		return errIntset
	}
	is := intset(b)
	for i := 1; i < int(n); i++ {
		if is.at(i-1) >= is.at(i) {
			return errIntset
		}
	}
	return nil
}
