package command_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/resp"
)

// FuzzBitfieldWords sends any words behind BITFIELD k: there is one reply, and an error changes nothing.
func FuzzBitfieldWords(f *testing.F) {
	f.Add("GET u8 0 OVERFLOW SAT INCRBY i5 #3 -7 SET u63 100 9223372036854775807")
	f.Add("SET i64 8388607 -1")
	f.Add("OVERFLOW FAIL SET u1 #9223372036854775807 2")
	f.Fuzz(func(t *testing.T, line string) {
		if words, ok := resp.SplitWords([]byte(line)); !ok || len(words) > 100 {
			return
		}
		x := newEngine(t, "proto-max-bulk-len", "1mb")
		x.do("SET k abcdefgh")
		reply := x.do("BITFIELD k " + line)
		require.NotContains(t, reply, "has stopped")
		if strings.HasPrefix(reply, "-") {
			require.Equal(t, "$8\r\nabcdefgh\r\n", x.do("GET k"))
		}
		if only := x.do("BITFIELD_RO k " + line); strings.HasPrefix(only, "*") {
			require.Equal(t, x.do("BITFIELD k "+line), only)
		}
	})
}

// FuzzHLLStrings stores any string that begins as a HyperLogLog does and sends every command to it: there is one reply to each, and an
// error changes nothing.
func FuzzHLLStrings(f *testing.F) {
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff", "a")
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe\x40", "b")
	f.Add("\x00\x00", "c")
	f.Fuzz(func(t *testing.T, tail, element string) {
		x := newEngine(t)
		x.do("PFADD sound 1 2 3")
		set := "SET k " + strconv.Quote("HYLL"+tail)
		if words, ok := resp.SplitWords([]byte(set)); !ok || len(words) != 3 {
			return
		}
		for _, line := range []string{"PFCOUNT k", "PFCOUNT sound k", "PFADD k", "PFADD k x " + strconv.Quote(element), "PFMERGE k sound",
			"PFMERGE sound k", "PFDEBUG DECODE k", "PFDEBUG ENCODING k", "PFDEBUG GETREG k", "PFDEBUG TODENSE k"} {
			x.do(set)
			before := x.do("MGET k sound")
			reply := x.do(line)
			require.NotContains(t, reply, "has stopped", line)
			if strings.HasPrefix(reply, "-") {
				require.Equal(t, before, x.do("MGET k sound"), line)
			}
		}
	})
}

func TestBitmapsAreBounded(t *testing.T) {
	const tooFar = "-ERR bit offset is not an integer or out of range\r\n"
	x := newEngine(t, "proto-max-bulk-len", "1048576")
	assert.Equal(t, ":0\r\n", x.do("SETBIT k 8388607 1"))
	assert.Equal(t, tooFar, x.do("SETBIT k 8388608 1"))
	assert.Equal(t, tooFar, x.do("SETBIT k 9223372036854775807 1"))
	assert.Equal(t, tooFar, x.do("BITFIELD k SET u8 #1048576 1"))
	assert.Equal(t, "*1\r\n:-9223372036854775808\r\n", x.do("BITFIELD k SET i64 8388607 0"), "a field may end behind the limit, as in Redis")
	assert.Equal(t, ":1048584\r\n", x.do("STRLEN k"))
}

// What PFDEBUG DECODE says of a long string may be eight times as long.
func TestPfdebugDecodeIsBounded(t *testing.T) {
	x := newEngine(t, "proto-max-bulk-len", "1048576")
	x.do(`SET k "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"`)
	x.do("SETRANGE k 1000000 x")
	assert.Contains(t, x.do("PFDEBUG DECODE k"), tooLarge)
	assert.Contains(t, x.do("PFCOUNT k k"), "INVALIDOBJ")
	assert.Equal(t, ":0\r\n", x.do("PFCOUNT k"), "the cardinality in the header holds")
}
