package rdb

// LZF, after the format of liblzf (http://oldhome.schmorp.de/marc/liblzf.html):
//
//	000nnnnn bytes                 n + 1 bytes as they are
//	nnnooooo o                     n + 2 bytes again, n from 1 to 6, from o + 1 bytes before
//	111ooooo n o                   n + 9 bytes again
//
// An offset has its upper bits in the first byte. What is repeated may reach into itself.

const (
	lzfMaxLiteral = 32
	lzfMaxOffset  = 1 << 13
	lzfMaxMatch   = 255 + 9
)

// lzfExpand appends to dst, which is empty, the n bytes that b stands for; false when b is something else.
func lzfExpand(dst, b []byte, n uint64) ([]byte, bool) {
	for i := 0; i < len(b); {
		c := int(b[i])
		i++
		if c < lzfMaxLiteral {
			if i+c+1 > len(b) {
				return dst, false
			}
			dst = append(dst, b[i:i+c+1]...)
			i += c + 1
		} else {
			size := c >> 5
			if size == 7 && i < len(b) {
				size += int(b[i])
				i++
			}
			if i == len(b) {
				return dst, false
			}
			from := len(dst) - (c&0x1F<<8 | int(b[i])) - 1
			i++
			if from < 0 {
				return dst, false
			}
			for end := from + size + 2; from < end; from++ {
				dst = append(dst, dst[from])
			}
		}
		if uint64(len(dst)) > n {
			return dst, false
		}
	}
	return dst, uint64(len(dst)) == n
}

const lzfTable = 1 << 12

// lzfCompress appends b compressed to dst; false, and dst as it was, when that would take more than limit bytes.
func lzfCompress(dst, b []byte, limit int) ([]byte, bool) {
	var table [lzfTable]uint32 // by three bytes: where they were last, + 1
	from, literal := len(dst), 0
	for i := 0; i+2 < len(b); {
		slot := &table[lzfHash(b[i:])]
		ref := int(*slot) - 1
		*slot = uint32(i + 1)
		if ref < 0 || i-ref > lzfMaxOffset || b[ref] != b[i] || b[ref+1] != b[i+1] || b[ref+2] != b[i+2] {
			i++
			if i-literal == 8*lzfMaxLiteral { // write, to see in time that it does not help
				dst, literal = lzfLiterals(dst, b[literal:i]), i
			}
		} else {
			dst = lzfLiterals(dst, b[literal:i])
			n := 3
			for n < lzfMaxMatch && i+n < len(b) && b[ref+n] == b[i+n] {
				n++
			}
			dst = lzfMatch(dst, n, i-ref-1)
			for k := i + 1; k < i+n && k+2 < len(b); k++ {
				table[lzfHash(b[k:])] = uint32(k + 1)
			}
			i += n
			literal = i
		}
		if len(dst)-from > limit {
			return dst[:from], false
		}
	}
	dst = lzfLiterals(dst, b[literal:])
	if len(dst)-from > limit {
		return dst[:from], false
	}
	return dst, true
}

func lzfHash(b []byte) uint32 {
	return (uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])) * 2654435761 >> 20
}

func lzfLiterals(dst, b []byte) []byte {
	for len(b) > 0 {
		n := min(len(b), lzfMaxLiteral)
		dst = append(append(dst, byte(n-1)), b[:n]...)
		b = b[n:]
	}
	return dst
}

func lzfMatch(dst []byte, n, offset int) []byte {
	if n < 9 {
		return append(dst, byte((n-2)<<5|offset>>8), byte(offset))
	}
	return append(dst, byte(7<<5|offset>>8), byte(n-9), byte(offset))
}
