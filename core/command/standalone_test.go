package command_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The scripts of tests/conformance read one reply for each command; these are two in RESP3.
func TestDebugProtocolOfAttributesAndPushes(t *testing.T) {
	same(t, nil, [][3]string{
		{"DEBUG PROTOCOL attrib", "$39 Some_real_reply_following_the_attribute", "|1 $14 key-popularity *2 $7 key:123 :90 $39 Some_real_reply_following_the_attribute"},
		{"DEBUG PROTOCOL push", "-ERR_RESP2_is_not_supported_by_this_command", ">2 $16 server-cpu-usage :42 $40 Some_real_reply_following_the_push_reply"},
	})
}

// FUNCTION DUMP follows rdb-write-version, as DUMP does; CLUSTER MYSHARDID and DEBUG HTSTATS … full came with it.
func TestStandalone72(t *testing.T) {
	x := newEngine(t)
	assert.True(t, strings.HasPrefix(x.do("FUNCTION DUMP"), "$10\r\n\x0a\x00"))
	x.do("CONFIG SET rdb-write-version 11")
	assert.True(t, strings.HasPrefix(x.do("FUNCTION DUMP"), "$10\r\n\x0b\x00"))
	assert.Equal(t, "-ERR This instance has cluster support disabled\r\n", x.do("CLUSTER MYSHARDID"))
	debug := newEngine(t, "enable-debug-command", "yes")
	assert.Contains(t, debug.do("DEBUG HTSTATS 0 full"), "[Expires HT]")
}

func TestADumpOfNothingIsRestored(t *testing.T) {
	x := newEngine(t)
	words := func(dump string) string {
		var b strings.Builder
		for _, c := range []byte(dump) {
			b.WriteString(`\x` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		}
		return `FUNCTION RESTORE "` + b.String() + `"`
	}
	dump := strings.TrimSuffix(strings.TrimPrefix(x.do("FUNCTION DUMP"), "$10\r\n"), "\r\n")
	assert.Equal(t, "+OK\r\n", x.do(words(dump)))
	assert.Equal(t, "+OK\r\n", x.do(words(dump)+" flush"))
	assert.Equal(t, "-ERR DUMP payload version or checksum are wrong\r\n", x.do(words(dump[:9]+"\x00")))
}

func TestShutdownIsRefusedWhereNobodyTakesIt(t *testing.T) {
	x := newEngine(t)
	assert.Equal(t, "-ERR SHUTDOWN is not for this store: the page that opened it closes it\r\n", x.do("SHUTDOWN"))
	assert.Equal(t, "+PONG\r\n", x.do("PING"))
}

func TestLolwutEndsWithTheVersion(t *testing.T) {
	x := newEngine(t)
	for _, line := range []string{"LOLWUT", "LOLWUT VERSION 6 1 2"} {
		got := x.do(line)
		assert.Contains(t, got, "Redis ver. 7.2.", got)
		assert.True(t, strings.HasSuffix(got, "\n\r\n"))
	}
}

// Whatever is restored, the answer is one of three and the engine goes on.
func FuzzFunctionRestore(f *testing.F) {
	f.Add([]byte("\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte(""))
	f.Add([]byte("\xf5\x03abc\x0a\x00\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Fuzz(func(t *testing.T, dump []byte) {
		x := newEngine(t)
		quoted := ""
		for _, c := range dump {
			quoted += `\x` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
		}
		got := x.do(`FUNCTION RESTORE "` + quoted + `"`)
		assert.True(t, got == "+OK\r\n" || strings.HasPrefix(got, "-ERR DUMP payload") || strings.HasPrefix(got, "-ERR tabdis has no Lua"), got)
	})
}
