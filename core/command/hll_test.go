package command

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Elements go into a sparse HyperLogLog, a dense one and plain registers: all must agree at every step.
func TestSparseAndDenseAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	sparse := append(hll(nil), emptyHLL...)
	dense, ok := sparse.toDense()
	require.True(t, ok)
	var plain hllMaxima
	for n := range 20_000 {
		i, count := hllPlace(strconv.AppendUint(nil, r.Uint64(), 36))
		var raised [2]bool
		sparse, raised[0], ok = sparse.raise(i, count, 1<<20)
		require.True(t, ok)
		dense, raised[1], ok = dense.raise(i, count, 0)
		require.True(t, ok)
		require.Equal(t, [2]bool{plain[i] < count, plain[i] < count}, raised)
		plain[i] = max(plain[i], count)
		if n%500 > 0 {
			continue
		}
		for _, h := range []hll{sparse, dense} {
			var got hllMaxima
			require.True(t, h.mergeInto(&got))
			require.Equal(t, plain, got)
			c, ok := h.count()
			require.True(t, ok)
			require.Equal(t, plain.count(), c)
			d, ok := h.toDense()
			require.True(t, ok)
			require.Equal(t, dense[hllHeader:], d[hllHeader:])
		}
	}
	require.False(t, sparse.dense(), "no element had a run of 32 zeros")
}

func TestEstimatesAreAsExactAsPromised(t *testing.T) {
	h, _ := emptyHLL.toDense()
	for n := 1; n <= 1_000_000; n++ {
		i, count := hllPlace(strconv.AppendInt(nil, int64(n), 10))
		h, _, _ = h.raise(i, count, 0)
		if n == 1 || n == 10 || n == 1000 || n == 30_000 || n == 100_000 || n == 1_000_000 {
			c, _ := h.count()
			assert.InDelta(t, n, float64(c), float64(n)*0.02, "%d", n)
		}
	}
}

func TestRegistersThatNoElementMakesGiveWhatRedisGives(t *testing.T) {
	var none, all hllMaxima
	assert.Zero(t, none.count())
	for i := range all {
		all[i] = 63
	}
	assert.Equal(t, uint64(1)<<63, all.count())
	assert.Zero(t, ertlTau(1))
	assert.True(t, math.IsInf(ertlSigma(1), 1))
}

func TestRunsJoinUpToFour(t *testing.T) {
	h := append(hll(nil), emptyHLL...)
	for i := range 6 {
		var raised, ok bool
		h, raised, ok = h.raise(i, 7, 3000)
		require.True(t, raised && ok)
	}
	assert.Equal(t, []byte{0x80 | 6<<2 | 3, 0x80 | 6<<2 | 1, 0x40 | 0x3f, 0xf9}, []byte(h[hllHeader:]))
	h, raised, ok := h.raise(1, 7, 3000)
	assert.True(t, ok)
	assert.False(t, raised)
	h, _, ok = h.raise(1, 33, 3000)
	assert.True(t, ok && h.dense(), "33 is no value of a run")
	assert.Equal(t, uint8(33), h.register(1))
	assert.Equal(t, uint8(7), h.register(5))
}

// FuzzHLL takes any bytes behind the header. None may panic; what is said to be sound must count the same in every form.
func FuzzHLL(f *testing.F) {
	f.Add([]byte{0x7f, 0xff}, uint16(5), uint8(3), true)
	f.Add([]byte{0x7f, 0xfe}, uint16(16383), uint8(3), true)
	f.Add([]byte{0x83, 0x80, 0x80, 0x7f, 0xf9, 0x40}, uint16(0), uint8(40), true)
	f.Add([]byte{0x40}, uint16(0), uint8(1), true)
	f.Add([]byte{0xff}, uint16(1), uint8(63), false)
	f.Fuzz(func(t *testing.T, registers []byte, i uint16, count uint8, sparse bool) {
		h := append(append(hll(nil), emptyHLL[:hllHeader]...), registers...)
		if !sparse {
			h = make(hll, hllDenseSize)
			copy(h, emptyHLL[:hllHeader])
			h[4] = hllDense
			for at := hllHeader; len(registers) > 0 && at < len(h); at += len(registers) {
				copy(h[at:], registers)
			}
		}
		require.True(t, h.valid())
		n, sound := h.count()
		var plain hllMaxima
		require.Equal(t, sound, h.mergeInto(&plain))
		dense, ok := h.toDense()
		require.Equal(t, sound, ok)
		if sound {
			require.Equal(t, n, plain.count())
			m, _ := dense.count()
			require.Equal(t, n, m)
		}
		before := append(hll(nil), h...)
		index, value := int(i%hllRegisters), count&63
		if value == 0 {
			return
		}
		after, raised, ok := h.raise(index, value, 3000)
		require.True(t, ok || !sound || len(registers) > 0 && registers[len(registers)-1]>>6 == 1)
		if !ok || !raised {
			require.Equal(t, before, after)
			return
		}
		require.True(t, after.valid())
		if sound {
			plain[index] = max(plain[index], value)
			var got hllMaxima
			require.True(t, after.mergeInto(&got))
			require.Equal(t, plain, got)
		}
	})
}
