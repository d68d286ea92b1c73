package keyspace

import (
	"math"
	"strconv"
	"unsafe"
)

// roomFor is an empty slice for n bytes that has all that Go's allocator rounds that up to: so its capacity is what it takes.
func roomFor(n int) []byte { return append([]byte(nil), make([]byte, n)...)[:0] }

// blockOf is what Go's allocator gives for n bytes, of a few hundred at most.
func blockOf(n int) int64 {
	if n <= 8 {
		return 8
	}
	return int64(n+15) &^ 15
}

// growBytes makes b longer by n bytes. When it has to move, it leaves a quarter of room.
func growBytes(b []byte, n int) []byte {
	need := len(b) + n
	if need <= cap(b) {
		return b[:need]
	}
	return append(roomFor(need+need/4), b...)[:need]
}

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// appendScore appends the text of a score that is no integer, which parseScore reads back.
func appendScore(dst []byte, f float64) []byte {
	switch a := math.Abs(f); {
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case a >= 1e-5 && a < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	default:
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
}

// parseScore reads the text of a score.
func parseScore(b []byte) float64 {
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return f
}

// integral is f as an integer, when it is one that Redis stores as such.
func integral(f float64) (n int64, ok bool) {
	if !(f >= -math.MaxInt64/2 && f <= math.MaxInt64/2) {
		return 0, false
	}
	n = int64(f)
	return n, float64(n) == f
}
