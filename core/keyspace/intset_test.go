package keyspace

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var intsetValues = []int64{0, 1, -1, 100, math.MaxInt16, math.MaxInt16 + 1, math.MinInt16, math.MinInt16 - 1, math.MaxInt32,
	math.MaxInt32 + 1, math.MinInt32, math.MinInt32 - 1, math.MaxInt64, math.MinInt64}

// intsetModel adds and removes what ops say, in an intset and in a map.
func intsetModel(t testing.TB, ops []byte) {
	is, model := appendEmptyIntset(nil), map[int64]bool{}
	for i := 0; i+1 < len(ops); i += 2 {
		v := intsetValues[int(ops[i])%len(intsetValues)] ^ int64(ops[i+1]>>2)
		var done bool
		if ops[i+1]&3 > 0 {
			is, done = is.add(v)
			require.Equal(t, !model[v], done)
			model[v] = true
		} else {
			is, done = is.remove(v)
			require.Equal(t, model[v], done)
			delete(model, v)
		}
		require.NoError(t, validateIntset(is))
	}
	require.Equal(t, len(model), is.len())
	for v := range model {
		_, ok := is.find(v)
		require.True(t, ok, v)
	}
}

func TestIntsetAgainstModel(t *testing.T) {
	r := testRand(t)
	for range 100 {
		ops := make([]byte, 400)
		wide := 1 + r.IntN(len(intsetValues))
		for i := range ops {
			if ops[i] = byte(r.Uint32()); i%2 == 0 {
				ops[i] %= byte(wide)
			}
		}
		intsetModel(t, ops)
	}
}

func FuzzIntset(f *testing.F) {
	f.Add([]byte("a1b2c3d4e5f6"))
	f.Add([]byte("\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x02\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2000 {
			intsetModel(t, b)
		}
		if validateIntset(b) == nil {
			is := intset(slices.Clone(b))
			for i := range is.len() {
				at, ok := is.find(is.at(i))
				require.True(t, ok)
				require.Equal(t, i, at)
			}
			is, _ = is.add(math.MinInt64)
			is, _ = is.add(math.MaxInt64)
			require.NoError(t, validateIntset(is))
		}
	})
}

// Redis's layout: width, number, the integers.
func TestIntsetIsRedis(t *testing.T) {
	is := appendEmptyIntset(nil)
	for _, v := range []int64{3, 1, -2} {
		is, _ = is.add(v)
	}
	require.Equal(t, hexBytes("0200000003000000"+"feff"+"0100"+"0300"), []byte(is))
	is, _ = is.add(70000)
	require.Equal(t, hexBytes("0400000004000000"+"feffffff"+"01000000"+"03000000"+"70110100"), []byte(is))
	is, _ = is.add(math.MinInt64)
	require.Equal(t, hexBytes("0800000005000000"+"0000000000000080"+"feffffffffffffff"+"0100000000000000"+"0300000000000000"+
		"7011010000000000"), []byte(is))
}

func TestValidateIntsetRefusesDamage(t *testing.T) {
	for _, s := range []string{"", "02000000", "0300000000000000", "020000000100000001", "02000000020000000200" + "0100",
		"02000000020000000100" + "0100", "08000000ffffffff", "0200000000000080"} {
		require.Error(t, validateIntset(hexBytes(s)), s)
	}
}
