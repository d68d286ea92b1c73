package rdb

import (
	"encoding/binary"
	"strconv"

	"tabdis/core/keyspace"
)

// The packed forms that listpacks replaced (https://github.com/redis/redis/wiki, redis-rdb-tools). A ziplist:
//
//	bytes u32 | offset of the last entry u32 | entries u16, 65535: count them | entry … | 0xFF
//
//	entry: length of the one before: u8, or 0xFE and u32 | head | text
//	00nnnnnn                       text of n bytes
//	01nnnnnn n                     14 bits, big endian
//	10______ n n n n               32 bits, big endian
//	11000000, 11010000, 11100000   integer of 16, 32, 64 bits
//	11110000, 11111110             of 24, 8 bits
//	1111nnnn, 0001 … 1101          n - 1
//
// A zipmap, with a length in u8, or 0xFE and u32:
//
//	pairs u8, 254: count them | (length | field | length | free u8 | value | free bytes) … | 0xFF

const ziplistHeader = 10

// eachZiplist calls fn with the elements of a ziplist, which are valid during the call.
func eachZiplist(b []byte, fn func(text []byte)) error {
	end := len(b) - 1
	if end < ziplistHeader || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[end] != 0xFF {
		return ErrFormat
	}
	tail, count := int64(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint16(b[8:]))
	last, before, n := int64(-1), int64(0), 0
	var digits [20]byte
	for p := ziplistHeader; p < end; n++ {
		prev, head := readSmallOrU32(b[p:end])
		if head == 0 || prev != before {
			return ErrFormat
		}
		text, size := ziplistEntry(b[p+head:end], digits[:0])
		if size == 0 {
			return ErrFormat
		}
		fn(text)
		last, before = int64(p), int64(head+size)
		p += head + size
	}
	if n > 0 && last != tail || tail > int64(end) || count != 65535 && count != n {
		return ErrFormat
	}
	return nil
}

// readSmallOrU32 reads a number in one byte, or in four behind 0xFE; size 0: there is none.
func readSmallOrU32(b []byte) (n int64, size int) {
	switch {
	case len(b) == 0 || b[0] == 0xFF:
		return 0, 0
	case b[0] < 0xFE:
		return int64(b[0]), 1
	case len(b) < 5:
		return 0, 0
	}
	return int64(binary.LittleEndian.Uint32(b[1:])), 5
}

// ziplistEntry reads head and text of an entry; an integer becomes text in scratch. size 0: there is none.
func ziplistEntry(b, scratch []byte) (text []byte, size int) {
	if len(b) == 0 {
		return nil, 0
	}
	head, n := 1, int64(b[0]&0x3F)
	switch b[0] >> 6 {
	case 0:
	case 1:
		if head = 2; len(b) >= head {
			n = n<<8 | int64(b[1])
		}
	case 2:
		if head = 5; len(b) >= head {
			n = int64(binary.BigEndian.Uint32(b[1:]))
		}
	default:
		n, size = ziplistInt(b)
		return strconv.AppendInt(scratch, n, 10), size
	}
	if n > int64(len(b)-head) {
		return nil, 0
	}
	return b[head : head+int(n)], head + int(n)
}

func ziplistInt(b []byte) (n int64, size int) {
	h := b[0]
	switch h {
	case 0xC0:
		size = 3
	case 0xD0:
		size = 5
	case 0xE0:
		size = 9
	case 0xF0:
		size = 4
	case 0xFE:
		size = 2
	case 0xFF:
		return 0, 0
	default:
		if h < 0xF1 {
			return 0, 0
		}
		return int64(h&0x0F) - 1, 1
	}
	if len(b) < size {
		return 0, 0
	}
	var wide [8]byte // the bytes at the upper end, so that the sign comes down with the shift
	copy(wide[8-(size-1):], b[1:size])
	return int64(binary.LittleEndian.Uint64(wide[:])) >> (8 * (9 - size)), size
}

// listpackOf is a ziplist as a listpack.
func listpackOf(b []byte) ([]byte, error) {
	var lp keyspace.Listpack
	err := eachZiplist(b, lp.Add)
	return lp.Bytes(), err
}

// readListZiplist makes a quicklist however small, as Redis does.
func readListZiplist(b []byte, l *keyspace.ListValue) error {
	l.Unpack()
	if err := eachZiplist(b, l.PushTail); err != nil {
		return err
	}
	if l.Len() == 0 {
		return ErrFormat
	}
	return nil
}

func readZipmap(b []byte, h *keyspace.HashValue) error {
	end := len(b) - 1
	if end < 1 || b[end] != 0xFF {
		return ErrFormat
	}
	pairs := 0
	for p := 1; p < end; pairs++ {
		field, next := zipmapText(b[:end], p, 0)
		if next == 0 {
			return ErrFormat
		}
		val, next := zipmapText(b[:end], next, 1)
		if next == 0 || !h.Set(field, val) {
			return ErrFormat
		}
		p = next
	}
	if pairs == 0 || b[0] != 0xFE && int(b[0]) != pairs {
		return ErrFormat
	}
	return nil
}

// zipmapText reads the string at p, behind whose length stands the number of free bytes if it has some. next 0: there is none.
func zipmapText(b []byte, p, free int) (text []byte, next int) {
	n, size := readSmallOrU32(b[p:])
	from := p + size + free
	if size == 0 || size > 1 && n < 0xFE || n > int64(len(b)-from) {
		return nil, 0
	}
	next = from + int(n)
	if free > 0 {
		if next += int(b[from-1]); next > len(b) {
			return nil, 0
		}
	}
	return b[from : from+int(n)], next
}
