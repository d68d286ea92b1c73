package keyspace

import (
	"encoding/binary"
	"math/bits"
)

// hasher maps keys to places in a table. The top bits of a place choose the segment, its lowest byte is the fingerprint.
//
// The hash multiplies words to 128 bits and folds the halves (the family of wyhash, https://github.com/wangyi-fudan/wyhash), with secrets
// drawn from the seed. Its result is then bent so that the density of keys falls by half from the first place to the last, as 1/(1+x):
// the idea of spiral storage (Martin 1979). With even density all segments of a growing table would fill, grow their heaps and split at
// the same time, the memory would swing between 60 and 120 keys a segment, and no heap that one gives up would suit another one.
type hasher struct {
	k0, k1, k2 uint64
	mask       uint64 // all ones, but for tests that want collisions
}

func newHasher(seed uint64) hasher {
	next := func() uint64 { // splitmix64
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	return hasher{k0: next(), k1: next(), k2: next() | 1, mask: ^uint64(0)}
}

// place is where key belongs.
func (hs *hasher) place(key []byte) uint64 {
	h := bend(hs.hash(key)) & hs.mask
	if byte(h) == 0 { // of a free slot
		h |= 0x5a
	}
	return h
}

func (hs *hasher) hash(b []byte) uint64 {
	h, n := hs.k0, uint64(len(b))
	for len(b) > 16 {
		h = fold(binary.LittleEndian.Uint64(b)^hs.k1, binary.LittleEndian.Uint64(b[8:])^h)
		b = b[16:]
	}
	var x, y uint64
	switch m := len(b); {
	case m >= 8:
		x, y = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[m-8:])
	case m >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[m-4:]))
	case m > 0:
		x = uint64(b[0])<<16 | uint64(b[m/2])<<8 | uint64(b[m-1])
	}
	return fold(fold(x^hs.k1, y^h)^n, hs.k2)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// bends holds (2^(i/16) − 1) · 2^32.
var bends = [17]uint64{0, 190154448, 388727752, 596092647, 812638371, 1038771393, 1274916179, 1521515989, 1779033704,
	2047952703, 2328777763, 2622036010, 2928277910, 3248078296, 3582037456, 3930782250, 4294967296}

// bend maps 0 … 2^64−1 to 2^x − 1 of it, in 16 straight pieces. The lowest byte stays: it is the fingerprint.
func bend(h uint64) uint64 {
	i := h >> 60
	from := bends[i]
	return (from<<32+(h>>28&0xffffffff)*(bends[i+1]-from))&^0xff | h&0xff
}
