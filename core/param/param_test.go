package param

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestValuesAreReadAsRedisReadsThem(t *testing.T) {
	const max = 1<<63 - 1
	tooMuch := "argument must be between 0 and 9223372036854775807 inclusive"
	for _, c := range []struct {
		v     string
		n     int64
		wrong string
	}{
		{"0", 0, ""}, {"", 0, ""}, {"mb", 0, ""}, {"007", 7, ""}, {"1k", 1000, ""}, {"1KB", 1024, ""}, {"2Gb", 2 << 30, ""}, {"5b", 5, ""}, {"3m", 3_000_000, ""},
		{"9223372036854775807", max, ""}, {"9223372036854775808", 0, tooMuch}, {"9223372036854775807kb", 0, tooMuch},
		{"-1", 0, NotMemory}, {" 1", 0, NotMemory}, {"1 mb", 0, NotMemory}, {"1.5g", 0, NotMemory}, {"1tb", 0, NotMemory}, {"1mbb", 0, NotMemory},
		{strings.Repeat("0", 128), 0, NotMemory},
	} {
		n, wrong := Memory(c.v, 0, max)
		assert.Equal(t, c.n, n, "%q", c.v)
		assert.Equal(t, c.wrong, wrong, "%q", c.v)
	}
	for _, v := range []string{"", "+5", "05", "-0", " 5", "5 ", "0x5", "1e3", "99999999999999999999"} {
		_, wrong := Int(v, -10, 10)
		assert.Equal(t, "argument couldn't be parsed into an integer", wrong, "%q", v)
	}
	n, wrong := Int("-10", -10, 10)
	assert.Equal(t, int64(-10), n)
	assert.Empty(t, wrong)
	_, wrong = Int("11", -10, 10)
	assert.Equal(t, "argument must be between -10 and 10 inclusive", wrong)
	n, wrong = Octal("0770", 0o777)
	assert.Equal(t, int64(0o770), n)
	assert.Empty(t, wrong)
	_, wrong = Octal("1000", 0o777)
	assert.Equal(t, "argument must be between 0 and 777 inclusive", wrong)
	i, wrong := OneOf("B", []string{"a", "b"})
	assert.Equal(t, 1, i)
	assert.Empty(t, wrong)
	_, wrong = OneOf("c", []string{"a", "b"})
	assert.Equal(t, "argument(s) must be one of the following: a, b", wrong)
	on, wrong := Bool("YES")
	assert.True(t, on)
	assert.Empty(t, wrong)
	_, wrong = Bool("true")
	assert.Equal(t, "argument must be 'yes' or 'no'", wrong)
}
