package command

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/resp"
)

// bitAt is the plain model of all that follows.
func bitAt(b []byte, i int64) byte { return b[i/8] >> (7 - i%8) & 1 }

func randomBits(r *rand.Rand, max int) []byte {
	b := make([]byte, r.IntN(max))
	fill := []byte{0, 0xff}[r.IntN(2)]
	for i := range b {
		b[i] = fill
		if r.IntN(20) == 0 {
			b[i] = byte(r.Uint32())
		}
	}
	return b
}

func TestCountAndFindBits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		b := randomBits(r, 100)
		span := bitRange{start: r.Int64N(220) - 110, end: r.Int64N(220) - 110, inBits: r.IntN(2) == 0}
		if span.inBits {
			span.start, span.end = span.start*8+r.Int64N(8), span.end*8+r.Int64N(8)
		}
		first, last := span.in(len(b))
		found, n := [2]int64{-1, -1}, int64(0)
		for i := last; i >= first; i-- {
			bit := bitAt(b, i)
			found[bit] = i
			n += int64(bit)
		}
		require.Equal(t, n, countBits(b, span), "%x %+v", b, span)
		require.Equal(t, found[0], findBit(b, 0, first, last), "%x %+v", b, span)
		require.Equal(t, found[1], findBit(b, 1, first, last), "%x %+v", b, span)
	}
}

func TestCombineBits(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 5_000 {
		a, b := randomBits(r, 60), randomBits(r, 60)
		if len(a) < len(b) {
			a, b = b, a
		}
		for name, op := range map[string]struct{ fast, plain func(a, b []byte) }{
			"and": {andBits, func(a, b []byte) { a[0] &= b[0] }},
			"or":  {orBits, func(a, b []byte) { a[0] |= b[0] }},
			"xor": {xorBits, func(a, b []byte) { a[0] ^= b[0] }},
			"not": {func(a, _ []byte) { invertBits(a) }, func(a, _ []byte) { a[0] = ^a[0] }},
		} {
			got, want := append([]byte(nil), a...), append([]byte(nil), a...)
			op.fast(got, b)
			for i := range want {
				op.plain(want[i:i+1], append(append([]byte(nil), b...), make([]byte, 61)...)[i:i+1])
			}
			require.Equal(t, want, got, "%x %s %x", a, name, b)
		}
	}
}

// FuzzBitfield compares one operation with arithmetic on integers of any size.
func FuzzBitfield(f *testing.F) {
	f.Add([]byte("abcdefghijkl"), uint16(3), uint8(64), true, uint8(5), int64(math.MinInt64))
	f.Add([]byte{0xff}, uint16(7), uint8(63), false, uint8(4), int64(-1))
	f.Add([]byte{1, 2, 3}, uint16(9), uint8(5), true, uint8(1), int64(-17))
	f.Fuzz(func(t *testing.T, b []byte, off uint16, width uint8, signed bool, how uint8, arg int64) {
		op := bitfieldOp{kind: bitfieldKind(how % 3), overflow: bitfieldOverflow(how / 3 % 3), signed: signed,
			width: uint(width)%63 + 1, off: uint64(off), arg: arg}
		if signed && width >= 64 {
			op.width = 64
		}
		checkBitfield(t, b, op)
	})
}

func TestBitfieldOperations(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 50_000 {
		op := bitfieldOp{kind: bitfieldKind(r.IntN(3)), overflow: bitfieldOverflow(r.IntN(3)), signed: r.IntN(2) == 0,
			width: uint(r.IntN(63) + 1), off: r.Uint64N(200), arg: int64(r.Uint64()) >> r.IntN(64)}
		if op.signed && r.IntN(10) == 0 {
			op.width = 64
		}
		checkBitfield(t, randomBits(r, 40), op)
	}
}

func checkBitfield(t *testing.T, b []byte, op bitfieldOp) {
	t.Helper()
	size := int(op.off+uint64(op.width)+7) / 8
	b = append(append([]byte(nil), b...), make([]byte, max(0, size-len(b)))...)
	before := append([]byte(nil), b...)

	old := new(big.Int)
	for i := range int64(op.width) {
		old.Lsh(old, 1).Or(old, big.NewInt(int64(bitAt(b, int64(op.off)+i))))
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), op.width)
	least, most := new(big.Int), new(big.Int).Sub(modulus, big.NewInt(1))
	if op.signed {
		least, most = new(big.Int).Rsh(modulus, 1), new(big.Int).Rsh(modulus, 1)
		least.Neg(least)
		most.Sub(most, big.NewInt(1))
		if old.Cmp(most) > 0 {
			old.Sub(old, modulus)
		}
	}
	next := big.NewInt(op.arg)
	switch op.kind {
	case bitfieldGet:
		next = old
	case bitfieldIncrby:
		next = new(big.Int).Add(old, next)
	}
	reply, wrote := next, op.kind != bitfieldGet
	under, over := next.Cmp(least) < 0, next.Cmp(most) > 0
	if op.kind == bitfieldSet && under {
		// Redis: a negative number is too large for an unsigned field, and so is the least of all for a signed one.
		over = !op.signed || new(big.Int).Sub(most, next).Cmp(big.NewInt(math.MaxInt64)) > 0
	}
	if under || over {
		switch {
		case op.overflow == overflowFail:
			reply, wrote = nil, false
		case op.overflow == overflowWrap:
			next = new(big.Int).Sub(next, least)
			next.Mod(next, modulus).Add(next, least)
		case over:
			next = most
		default:
			next = least
		}
	}
	if reply != nil {
		reply = next
		if op.kind == bitfieldSet {
			reply = old
		}
	}

	var w resp.Writer
	gotWrote, gotChanged := op.run(&w, b)
	want := "$-1\r\n"
	if reply != nil {
		want = ":" + reply.String() + "\r\n"
	}
	require.Equal(t, want, string(w.Bytes()), "%+v on %x", op, before)
	require.Equal(t, wrote, gotWrote)
	require.Equal(t, wrote && old.Cmp(next) != 0, gotChanged)
	if wrote {
		bits := new(big.Int).Mod(next, modulus)
		for i := range op.width {
			at := op.off + uint64(op.width-1-i)
			before[at/8] = before[at/8]&^(1<<(7-at%8)) | byte(bits.Bit(int(i)))<<(7-at%8)
		}
	}
	require.Equal(t, before, b, "%+v", op)
}

func BenchmarkBitcount(b *testing.B) {
	text := make([]byte, 1<<20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		countBits(text, bitRange{end: -1})
	}
}

func BenchmarkBitop(b *testing.B) {
	dst, src := make([]byte, 1<<20), make([]byte, 1<<20)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		xorBits(dst, src)
	}
}

func BenchmarkPfadd(b *testing.B) {
	h, _ := emptyHLL.toDense()
	b.ReportAllocs()
	var element [20]byte
	for i := 0; b.Loop(); i++ {
		index, count := hllPlace(strconv.AppendInt(element[:0], int64(i), 10))
		h, _, _ = h.raise(index, count, 0)
	}
}

func BenchmarkPfcount(b *testing.B) {
	h, _ := emptyHLL.toDense()
	b.ReportAllocs()
	for b.Loop() {
		h.count()
	}
}
