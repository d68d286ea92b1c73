package keyspace

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testRand is a source of chance whose seed a failing test prints.
func testRand(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// testStrings are strings around every limit of the packed encodings.
var testStrings = func() []string {
	all := []string{"", "a", "-", "-0", "00", "01", "+1", "1 ", " 1", "1.5", "9223372036854775808", "-9223372036854775809",
		"99999999999999999999", "999999999999999999999"}
	for _, bits := range []int{0, 7, 12, 13, 15, 16, 23, 24, 31, 32, 62} {
		for d := int64(-2); d <= 2; d++ {
			all = append(all, strconv.FormatInt(1<<bits+d, 10), strconv.FormatInt(-(1<<bits)+d, 10))
		}
	}
	all = append(all, strconv.FormatInt(math.MaxInt64, 10), strconv.FormatInt(math.MinInt64, 10))
	for _, n := range []int{62, 63, 64, 125, 126, 127, 4094, 4095, 4096, 16377, 16378, 16383} {
		all = append(all, strings.Repeat("x", n))
	}
	slices.Sort(all)
	return slices.Compact(all)
}()

func listpackStrings(t testing.TB, lp listpack) []string {
	n, err := validateListpack(lp)
	require.NoError(t, err)
	require.Equal(t, n, lp.len())
	all := make([]string, 0, n)
	var text [20]byte
	for p := lpHeader; p < lp.end(); p = lp.next(p) {
		all = append(all, string(lp.text(p, text[:])))
	}
	i := n
	for p := lp.prev(lp.end()); p >= 0; p = lp.prev(p) {
		i--
		require.Equal(t, all[i], string(lp.text(p, text[:])))
	}
	require.Zero(t, i)
	return all
}

func TestListpackKeepsEveryString(t *testing.T) {
	lp := appendEmptyListpack(nil)
	for _, s := range testStrings {
		lp = lp.append([]byte(s))
	}
	require.Equal(t, testStrings, listpackStrings(t, lp))
	for i, s := range testStrings {
		x := newNeedle([]byte(s))
		require.Equal(t, lp.at(i), lp.find(lpHeader, &x, 0), s)
	}
}

// These are the bytes of a real redis-server.
func TestListpackIsRedis(t *testing.T) {
	for _, c := range goldenListpacks {
		t.Run(c.name, func(t *testing.T) {
			lp := appendEmptyListpack(nil)
			for _, s := range c.elements {
				lp = lp.append([]byte(s))
			}
			require.Equal(t, c.bytes, hex.EncodeToString(lp))
		})
	}
}

// listpackModel applies ops, two or three bytes each, to a listpack and to a slice of strings.
func listpackModel(t testing.TB, ops []byte) {
	lp, model := appendEmptyListpack(nil), []string{}
	next := func() int {
		if len(ops) == 0 {
			return 0
		}
		b := ops[0]
		ops = ops[1:]
		return int(b)
	}
	for len(ops) > 0 {
		op, at := next(), next()%(len(model)+1)
		s := testStrings[next()%len(testStrings)]
		p := lp.end()
		if at < len(model) {
			p = lp.at(at)
		}
		switch {
		case op%4 < 2 || at == len(model):
			lp = lp.insert(p, []byte(s))
			model = append(model[:at], append([]string{s}, model[at:]...)...)
		case op%4 == 2:
			lp = lp.replace(p, []byte(s))
			model[at] = s
		default:
			n := min(1+op/64, len(model)-at)
			lp = lp.delete(p, n)
			model = append(model[:at], model[at+n:]...)
		}
	}
	require.Equal(t, model, listpackStrings(t, lp))
}

func TestListpackAgainstModel(t *testing.T) {
	r := testRand(t)
	for range 50 {
		ops := make([]byte, 300)
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		listpackModel(t, ops)
	}
}

func FuzzListpack(f *testing.F) {
	f.Add([]byte("0a1b2c3d4e5f6g7h8i9j"))
	f.Add(hexBytes("1000000003008161028162020102ff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 3000 {
			listpackModel(t, b)
		}
		if n, err := validateListpack(b); err == nil { // then everything is safe
			lp := listpack(append([]byte(nil), b...))
			require.Len(t, listpackStrings(t, lp), n)
			lp = lp.append([]byte("end")).insert(lpHeader, []byte("1"))
			require.Len(t, listpackStrings(t, lp), n+2)
		}
	})
}

func hexBytes(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestListpackCountsBeyondItsHeader(t *testing.T) {
	lp := appendEmptyListpack(nil)
	for range lpUnknown + 1 {
		lp = lp.append([]byte("1"))
	}
	require.Equal(t, lpUnknown+1, lp.len())
	lp = lp.delete(lpHeader, 2)
	require.Equal(t, lpUnknown-1, lp.len())
	require.Len(t, listpackStrings(t, lp), lpUnknown-1)
}

func TestValidateListpackRefusesDamage(t *testing.T) {
	lp := appendEmptyListpack(nil)
	for _, s := range []string{"a", "12345", strings.Repeat("b", 100), strings.Repeat("c", 5000), "-7"} {
		lp = lp.append([]byte(s))
	}
	for i := range lp {
		_, err := validateListpack(lp[:i])
		require.Error(t, err, "cut at %d", i)
	}
	for _, s := range []string{"", "07000000000000", "0700000001ff", "08000000010080ff", "0a0000000100f0ffffffff",
		"0b0000000100f0ffffffffff", "0800000001007fff", "090000000100e001ff", "0900000001000102ff", "0900000002000101ff",
		"0900000001000101fe", "090000000100f501ff"} {
		_, err := validateListpack(hexBytes(s))
		require.Error(t, err, s)
	}
	r := testRand(t)
	for range 20000 { // flipped bits are refused, or harmless
		b := append(listpack(nil), lp...)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		if _, err := validateListpack(b); err == nil {
			listpackStrings(t, b)
		}
	}
}

func TestReadingListpackDoesNotAllocate(t *testing.T) {
	lp := appendEmptyListpack(nil)
	for _, s := range testStrings {
		lp = lp.append([]byte(s))
	}
	scratch, n := make([]byte, 20), 0
	m := []byte("not there")
	require.Zero(t, testing.AllocsPerRun(10, func() {
		for p := lpHeader; p < lp.end(); p = lp.next(p) {
			n += len(lp.text(p, scratch))
		}
		x := newNeedle(m)
		n += lp.find(lpHeader, &x, 0)
	}))
}

func TestParseIntTakesCanonicalTextOnly(t *testing.T) {
	for _, s := range testStrings {
		want, err := strconv.ParseInt(s, 10, 64)
		n, ok := parseInt([]byte(s))
		require.Equal(t, err == nil && strconv.FormatInt(want, 10) == s, ok, s)
		if ok {
			require.Equal(t, want, n)
		}
	}
}
