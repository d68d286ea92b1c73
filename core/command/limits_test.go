package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const tooLarge = "the reply would be too large"

func TestRepliesThatRepeatAreBounded(t *testing.T) {
	x := newEngine(t, "proto-max-bulk-len", "1048576")
	x.do("HSET h f v")
	x.do("SADD s m")
	for _, line := range []string{
		"HRANDFIELD h -9223372036854775807", "HRANDFIELD h -4611686018427387903 WITHVALUES", "SRANDMEMBER s -9223372036854775807",
	} {
		assert.Contains(t, x.do(line), tooLarge, line)
	}
	x.do("SETRANGE big 199999 x")
	x.do("HSET h big " + strings.Repeat("v", 1<<16))
	x.do("RPUSH l " + strings.Repeat("e ", 10))
	assert.Contains(t, x.do("MGET"+strings.Repeat(" big", 10)), tooLarge)
	assert.Contains(t, x.do("HMGET h"+strings.Repeat(" big", 20)), tooLarge)
	assert.Contains(t, x.do("SORT l BY nosort GET bi*"+strings.Repeat(" GET big*", 2)), "$-1")
	x.do("RENAME big bige")
	assert.Contains(t, x.do("SORT l BY nosort GET big*"), tooLarge)
	assert.Contains(t, x.do("SORT l BY nosort GET big* STORE dst"), tooLarge)
	assert.Equal(t, ":0\r\n", x.do("EXISTS dst"))
	assert.Equal(t, "$1\r\nv\r\n", x.do("HGET h f"), "the engine lives on")
}

func TestLengthsThatCannotBeAreRefusedBeforehand(t *testing.T) {
	x := newEngine(t, "proto-max-bulk-len", "1048576")
	x.do("SETRANGE k 1048575 x")
	for _, line := range []string{"SETRANGE k 1048576 x", "SETRANGE k 9223372036854775807 x", "SETRANGE none 536870911 x", "APPEND k x"} {
		assert.Contains(t, x.do(line), "ERR string exceeds maximum allowed size (proto-max-bulk-len)", line)
	}
	assert.Equal(t, ":1048576\r\n", x.do("STRLEN k"))
	assert.Contains(t, x.do("LCS k k"), "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
}
