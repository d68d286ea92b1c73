package command

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIntegersAreReadStrictly(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "7": 7, "-7": -7, "10": 10,
		"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
	} {
		n, ok := parseInt([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "-", "+1", "-0", "01", "-01", " 1", "1 ", "1.0", "1e3", "0x1", "a", "1\x00", "--1",
		"9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999", "111111111111111111111"} {
		_, ok := parseInt([]byte(text))
		assert.False(t, ok, "%q", text)
	}
}

func TestDoublesAreReadAsStrtodReadsThem(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "-0": 0, "1": 1, "+1": 1, ".5": .5, "5.": 5, "1e3": 1000, "1E+3": 1000, "-1.5e-3": -.0015,
		"inf": math.Inf(1), "-INF": math.Inf(-1), "+Infinity": math.Inf(1),
		"0x10": 16, "0X1.8p1": 3, "-0x.8": -.5, "0x1P-2": .25,
		"4.9406564584124654e-324": 5e-324, "1e-310": 1e-310, "007": 7,
	} {
		f, ok := parseFloat([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, f, text)
	}
	for _, text := range []string{"", " 1", "1 ", "\t1", "nan", "NaN", "-nan", "nan(1)", "e1", "1e", "1e+", "0x", "0xg", ".", "+", "-.", "1.2.3",
		"1_000", "1e400", "-1e400", "1e-400", "infi", "1\x00", "0x1p", "0x1p99999", "0b1"} {
		_, ok := parseFloat([]byte(text))
		assert.False(t, ok, "%q", text)
	}
}

func TestFloatPrefixTellsWhereANumberEndsAndWhetherItFits(t *testing.T) {
	for _, c := range []struct {
		text       string
		want       float64
		n          int
		outOfRange bool
	}{
		{"", 0, 0, false}, {"abc", 0, 0, false}, {"  ", 0, 0, false},
		{" 12abc", 12, 3, false}, {"0x", 0, 1, false}, {"0xg", 0, 1, false}, {"1e", 1, 1, false}, {"1e+x", 1, 1, false},
		{"0x1p", 1, 3, false}, {"infinite", math.Inf(1), 3, false}, {"1e400", math.Inf(1), 5, true}, {"1e-400", 0, 6, true},
		{"1e-310", 1e-310, 6, true}, {"0e-400", 0, 6, false}, {"0x0p-9999", 0, 9, false}, {"0x1p-9999", 0, 9, true},
	} {
		f, n, outOfRange := floatPrefix([]byte(c.text))
		assert.Equal(t, c.want, f, "%q", c.text)
		assert.Equal(t, c.n, n, "%q", c.text)
		assert.Equal(t, c.outOfRange, outOfRange, "%q", c.text)
	}
}

func TestCursorsAreReadAsStrtoulReadsThem(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 0, "0": 0, "+5": 5, "007": 7, "-1": math.MaxUint64, "18446744073709551615": math.MaxUint64,
	} {
		n, ok := parseCursor([]byte(text))
		assert.True(t, ok, "%q", text)
		assert.Equal(t, want, n, "%q", text)
	}
	for _, text := range []string{"-", "+", "a", "1a", " 1", "1 ", "18446744073709551616", "-18446744073709551616", "+-1"} {
		_, ok := parseCursor([]byte(text))
		assert.False(t, ok, "%q", text)
	}
}
