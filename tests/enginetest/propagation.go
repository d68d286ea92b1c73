package enginetest

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// propagates checks the commands that the log of a fresh store holds after these lines.
func propagates(lines, want []string) func(h *harness) {
	return func(h *harness) {
		h.open("appendfsync", "no")
		for _, line := range lines {
			reply := short(h.do(line))
			require.NotContains(h, reply, "ERR ", line)
		}
		h.close()
		assert.Equal(h, want, h.commands("incr"))
	}
}

// propagation: what is logged is the effect, in absolute terms, with the database. start is 1700000000000.
var propagation = []enginetest{
	{"the words as sent, behind SELECT", propagates(
		[]string{`set k v`, `SELECT 2`, `SET k v`, `LPUSH l a b`, `SELECT 0`, `GET k`, `DEL k nokey`},
		[]string{"SELECT 0", "set k v", "SELECT 2", "SET k v", "LPUSH l a b", "SELECT 0", "DEL k nokey"})},
	{"nothing for what changes nothing", propagates(
		[]string{`GET k`, `DEL nokey`, `SET k v XX`, `SADD s a`, `SADD s a`, `EXPIRE nokey 10`, `PERSIST s`, `LREM nokey 0 x`},
		[]string{"SELECT 0", "SADD s a"})},
	{"expiries become absolute", propagates(
		[]string{`SET a v EX 10`, `SETEX b 10 v`, `PSETEX c 1500 v`, `EXPIRE a 20`, `PEXPIRE a 2500`, `EXPIREAT a 1700000100`, `GETEX a EX 3`, `GETEX a PERSIST`,
			`SET d v KEEPTTL`, `EXPIRE d -1`},
		[]string{"SELECT 0", "SET a v PXAT 1700000010000", "SET b v PXAT 1700000010000", "SET c v PXAT 1700000001500",
			"PEXPIREAT a 1700000020000", "PEXPIREAT a 1700000002500", "PEXPIREAT a 1700000100000", "PEXPIREAT a 1700000003000", "PERSIST a",
			"SET d v KEEPTTL", "DEL d"})},
	{"floats become their results", propagates(
		[]string{`INCRBYFLOAT f 0.1`, `INCRBYFLOAT f 0.2`, `HINCRBYFLOAT h f 1.5`},
		[]string{"SELECT 0", "SET f 0.1 KEEPTTL", "SET f 0.3 KEEPTTL", "HSET h f 1.5"})},
	{"chance becomes what it chose", propagates(
		[]string{`SADD s a`, `SPOP s`, `SADD t a b c`, `SPOP t 3`},
		[]string{"SELECT 0", "SADD s a", "SREM s a", "SADD t a b c", "DEL t"})},
	{"a transaction is one unit", propagates(
		[]string{`MULTI`, `SET a 1`, `GET a`, `SELECT 1`, `SET b 2`, `EXEC`, `MULTI`, `SET c 3`, `EXEC`, `MULTI`, `GET c`, `EXEC`},
		[]string{"SELECT 0", "MULTI", "SET a 1", "SELECT 1", "SET b 2", "EXEC", "SET c 3"})},
	{"FLUSHALL of an empty store too", propagates(
		[]string{`FLUSHALL`, `FLUSHDB`, `SWAPDB 0 1`},
		[]string{"SELECT 0", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1"})},
	{"moves", propagates(
		[]string{`SET a 1`, `RENAME a b`, `COPY b c`, `MOVE c 1`, `GETDEL b`, `RPUSH l a b`, `RPOPLPUSH l m`, `LMOVE l m LEFT LEFT`, `UNLINK m`},
		[]string{"SELECT 0", "SET a 1", "RENAME a b", "COPY b c", "MOVE c 1", "DEL b", "RPUSH l a b", "RPOPLPUSH l m", "LMOVE l m LEFT LEFT", "UNLINK m"})},
	{"a key that is past its time is deleted", func(h *harness) {
		h.open("appendfsync", "no")
		h.do(`SET k v PX 10`)
		h.do(`SET j v PX 10`)
		h.now += 20
		h.do(`GET k`)
		h.tick(200)
		h.close()
		assert.Equal(h, []string{"SELECT 0", "SET k v PXAT 1700000000010", "SET j v PXAT 1700000000010", "DEL k", "DEL j"}, h.commands("incr"))
	}},
	{"the bytes of the log, block by block", func(h *harness) {
		h.open("appendfsync", "always")
		h.do(`SET k v`)
		h.close()
		data := h.files()["appendonly.aof.1.incr.aof"]
		require.Contains(h, data, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n")
		for _, line := range strings.SplitAfter(data, "\r\n") {
			if strings.HasPrefix(line, "#") {
				assert.Regexp(h, `^#HDR:v1;file:[0-9a-f]{16};at:\d+;len:\d+;lsn:\d+;epoch:\d+;sync:\d+;prev:[0-9a-f]{16};xxh64:[0-9a-f]{16};\r\n$`, line)
			}
		}
	}},
	{"binary words", func(h *harness) {
		h.open()
		h.expect(`SET "\x00\r\n#HDR:\xff" "\r\n*1\r\n" => OK`, `SET "" "" => OK`)
		h.reopen()
		h.expect(`GET "\x00\r\n#HDR:\xff" => "\r\n*1\r\n"`, `GET "" => ""`)
	}},
}
