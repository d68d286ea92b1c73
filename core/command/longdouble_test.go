package command

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSumsAreThoseOfALongDouble checks what a real server on x86 answered to SET k a, INCRBYFLOAT k b.
func TestSumsAreThoseOfALongDouble(t *testing.T) {
	data, err := os.ReadFile("testdata/longdouble.tsv")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	require.Greater(t, len(lines), 300)
	for _, line := range lines {
		words := strings.Split(line, "\t")
		require.Len(t, words, 3, line)
		assert.Equal(t, words[2], sumText(words[0], words[1]), "%s + %s", words[0], words[1])
	}
}

func sumText(x, y string) string {
	a, okA := parseLongDouble([]byte(x))
	b, okB := parseLongDouble([]byte(y))
	if !okA || !okB {
		return "invalid"
	}
	sum := a.add(b)
	if sum.inf {
		return "infinite"
	}
	return string(sum.append(nil))
}

func TestLongDoublesKeepWhatDoublesLose(t *testing.T) {
	for _, c := range [][3]string{
		{"0.1", "0.2", "0.3"},
		{"0.3", "-0.1", "0.2"},
		{"9223372036854775807", "1", "9223372036854775808"},
		{"18446744073709551615", "1", "18446744073709551616"},
		{"1e4932", "1e4932", "infinite"},
		{"inf", "-inf", "infinite"},
		{"-1e-30", "0", "0"},
		{"0.000000000000000005", "0", "0"},
		{"0.0000000000000000051", "0", "0.00000000000000001"},
		{"2e-4951", "0", "0"}, // the least that is not nothing: it rounds up to 2^-16445
		{"1e-4951", "0", "invalid"},
		{"1e4933", "0", "invalid"},
		{"0e99999999999999999999", "1", "1"},
		{"0." + strings.Repeat("0", 5116) + "1", "0", "invalid"},
		{strings.Repeat("0", 5118) + "1", "2", "3"},
		{strings.Repeat("0", 5119) + "1", "2", "invalid"},
	} {
		assert.Equal(t, c[2], sumText(c[0], c[1]), "%.60s + %s", c[0], c[1])
	}
}
