package command

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// hll is a HyperLogLog in the form in which Redis keeps it in a string:
//
//	"HYLL"  encoding  3 × 0  cardinality, 8 bytes little endian  registers
//
// The cardinality is what was counted last; its highest bit says that registers have changed since. The encoding is dense (0), where
// 16384 registers of 6 bits follow one another from the lowest bit of the first byte on, or sparse (1), a sequence of runs:
//
//	00nnnnnn            zeros: n+1
//	01nnnnnn nnnnnnnn   zeros: n+1
//	1vvvvvnn            n+1 times v+1
//
// A register holds the longest run of zeros that ended a hash which fell to it, plus 1 (Flajolet et al., "HyperLogLog", 2007). Anyone may
// store any bytes as a string, so nothing is taken for granted but what valid has checked.
type hll []byte

const (
	hllBits      = 14 // of the hash choose the register
	hllRegisters = 1 << hllBits
	hllHeader    = 16
	hllDenseSize = hllHeader + hllRegisters*6/8
	hllSparseMax = 32 // the largest value of a run

	hllDense, hllSparse = 0, 1
)

// emptyHLL is one without elements: a single run. Not to be changed.
var emptyHLL = hll("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x7f\xff")

// valid tells whether h has the header of a HyperLogLog and, when dense, the length.
func (h hll) valid() bool {
	return len(h) >= hllHeader && string(h[:4]) == "HYLL" && (h[4] == hllSparse || h[4] == hllDense && len(h) == hllDenseSize)
}

func (h hll) dense() bool { return h[4] == hllDense }

// cached is the cardinality that was counted last; ok tells whether it still holds.
func (h hll) cached() (n uint64, ok bool) {
	n = binary.LittleEndian.Uint64(h[8:])
	return n, n>>63 == 0
}

func (h hll) cache(n uint64) { binary.LittleEndian.PutUint64(h[8:], n) }

func (h hll) invalidate() { h[15] |= 0x80 }

// hllPlace is the register that an element falls to, and what it raises it to.
func hllPlace(element []byte) (index int, count uint8) {
	hash := murmur64(element)
	return int(hash & (hllRegisters - 1)), uint8(bits.TrailingZeros64(hash>>hllBits|1<<(64-hllBits)) + 1)
}

// murmur64 is MurmurHash64A (Austin Appleby, public domain) with Redis's seed.
func murmur64(b []byte) uint64 {
	const m, r, seed = 0xc6a4a7935bd1e995, 47, 0xadc83b19
	h := seed ^ uint64(len(b))*m
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * m
		k ^= k >> r
		h = (h ^ k*m) * m
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = (h ^ binary.LittleEndian.Uint64(tail[:])) * m
	}
	h ^= h >> r
	h *= m
	return h ^ h>>r
}

// register is register i of a dense h.
func (h hll) register(i int) uint8 {
	b := h[hllHeader+i/4*3:][:3]
	return uint8((uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16)>>(i%4*6)) & 63
}

// setRegister sets register i of a dense h.
func (h hll) setRegister(i int, value uint8) {
	b, shift := h[hllHeader+i/4*3:][:3], i%4*6
	four := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	four = four&^(63<<shift) | uint32(value)<<shift
	b[0], b[1], b[2] = byte(four), byte(four>>8), byte(four>>16)
}

// raise raises register i to count. A sparse h is changed in place or becomes another one; it becomes dense when count is too large for
// it or it would be longer than limit. ok is false when h is corrupt, and then it is as it was.
func (h hll) raise(i int, count uint8, limit int64) (_ hll, raised, ok bool) {
	if !h.dense() {
		return h.raiseSparse(i, count, limit)
	}
	if h.register(i) >= count {
		return h, false, true
	}
	h.setRegister(i, count)
	return h, true, true
}

// hllRun takes the first run of b apart: n registers of value in size bytes. A second byte that is missing is 0: Redis, in C, reads the NUL
// behind the string.
func hllRun(b []byte) (value uint8, n, size int) {
	switch op := b[0]; {
	case op&0x80 != 0:
		return op>>2&31 + 1, int(op&3) + 1, 1
	case op&0x40 == 0:
		return 0, int(op) + 1, 1
	case len(b) == 1:
		return 0, int(op&63)<<8 + 1, 2
	default:
		return 0, int(op&63)<<8 + int(b[1]) + 1, 2
	}
}

// appendRun appends n registers of value: a run, or none for n = 0.
func appendRun(b []byte, value uint8, n int) []byte {
	switch {
	case n == 0:
		return b
	case value > 0:
		return append(b, 0x80|(value-1)<<2|byte(n-1))
	case n <= 64:
		return append(b, byte(n-1))
	}
	return append(b, 0x40|byte((n-1)>>8), byte(n-1))
}

// raiseSparse is raise for a sparse h. The run of the register is split, then neighbours of one value are joined, just as Redis does it:
// the bytes come out the same.
func (h hll) raiseSparse(i int, count uint8, limit int64) (_ hll, raised, ok bool) {
	if count > hllSparseMax {
		return h.promote(i, count)
	}
	prev, at, first := hllHeader, hllHeader, 0
	var value uint8
	var n, size int
	for ; ; prev, at, first = at, at+size, first+n {
		if at >= len(h) {
			return h, false, false
		}
		if value, n, size = hllRun(h[at:]); i < first+n {
			break
		}
	}
	if at+size > len(h) { // Redis would write behind the string
		return h, false, false
	}
	if value >= count {
		return h, false, true
	}
	var room [5]byte
	runs := appendRun(room[:0], value, i-first)
	runs = appendRun(runs, count, 1)
	runs = appendRun(runs, value, first+n-1-i)
	if more := len(runs) - size; more > 0 && int64(len(h)+more) > limit {
		return h.promote(i, count)
	}
	h = slices.Replace(h, at, at+size, runs...)
	return h.join(prev), true, true
}

// join joins runs of one value, where the sum of their lengths is a run, looking at five runs from at on.
func (h hll) join(at int) hll {
	for looks := 5; at < len(h) && looks > 0; looks-- {
		op := h[at]
		if op&0x80 == 0 {
			at += 1 + int(op>>6)
			continue
		}
		if at+1 < len(h) && h[at+1]>>2 == op>>2 { // another run, of the same value
			if n := op&3 + h[at+1]&3 + 1; n <= 3 {
				h[at] = op&^3 | n
				h = slices.Delete(h, at+1, at+2)
				continue
			}
		}
		at++
	}
	return h
}

// promote is raise by way of becoming dense.
func (h hll) promote(i int, count uint8) (_ hll, raised, ok bool) {
	dense, ok := h.toDense()
	if !ok {
		return h, false, false
	}
	return dense.raise(i, count, 0)
}

// toDense is h in the dense encoding; ok is false when it is corrupt.
func (h hll) toDense() (dense hll, ok bool) {
	if h.dense() {
		return h, true
	}
	dense = make(hll, hllDenseSize)
	copy(dense, h[:hllHeader])
	dense[4] = hllDense
	ok = h.runs(func(from, n int, value uint8) {
		for i := from; value > 0 && i < from+n; i++ {
			dense.setRegister(i, value)
		}
	})
	return dense, ok
}

// runs gives the runs of a sparse h in order, until they are more than the registers; false when they are not just as many.
func (h hll) runs(fn func(from, n int, value uint8)) bool {
	from := 0
	for b := h[hllHeader:]; len(b) > 0; {
		value, n, size := hllRun(b)
		if from+n > hllRegisters {
			return false
		}
		fn(from, n, value)
		from += n
		b = b[min(size, len(b)):]
	}
	return from == hllRegisters
}

// hllMaxima are the registers of a union.
type hllMaxima [hllRegisters]uint8

// mergeInto raises m to the registers of h; false when h is corrupt.
func (h hll) mergeInto(m *hllMaxima) bool {
	if h.dense() {
		for i := range m {
			m[i] = max(m[i], h.register(i))
		}
		return true
	}
	return h.runs(func(from, n int, value uint8) {
		for i := from; value > 0 && i < from+n; i++ {
			m[i] = max(m[i], value)
		}
	})
}

// hllHistogram tells how many registers have each value.
type hllHistogram [64]int

func (m *hllMaxima) count() uint64 {
	var histogram hllHistogram
	for _, v := range m {
		histogram[v]++
	}
	return histogram.cardinality()
}

// count estimates how many elements were added to h; false when it is corrupt.
func (h hll) count() (n uint64, ok bool) {
	var histogram hllHistogram
	if h.dense() {
		for b := h[hllHeader:]; len(b) >= 3; b = b[3:] {
			histogram[b[0]&63]++
			histogram[b[0]>>6|b[1]&15<<2]++
			histogram[b[1]>>4|b[2]&3<<4]++
			histogram[b[2]>>2]++
		}
	} else if !h.runs(func(_, n int, value uint8) { histogram[value] += n }) {
		return 0, false
	}
	return histogram.cardinality(), true
}

// cardinality is the estimator of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6. The
// conversions keep a compiler from fusing operations: every machine must come to the same number, which goes into the string.
func (h *hllHistogram) cardinality() uint64 {
	const m, alpha, q = hllRegisters, 0.721347520444481703680, 64 - hllBits
	z := float64(m * ertlTau(float64(m-h[q+1])/m))
	for k := q; k >= 1; k-- {
		z = float64(z+float64(h[k])) * 0.5
	}
	z += float64(m * ertlSigma(float64(h[0])/m))
	n := math.Round(alpha * m * m / z)
	if !(n < 1<<63) { // registers that no element makes; C's conversion gives this
		return 1 << 63
	}
	return uint64(n)
}

func ertlTau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		was := z
		y *= 0.5
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == was {
			return z / 3
		}
	}
}

func ertlSigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		was := z
		z += float64(x * y)
		y += y
		if z == was {
			return z
		}
	}
}
