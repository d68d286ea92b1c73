package enginetest

import (
	"strings"

	"github.com/stretchr/testify/assert"
)

// limits: bad input gets an error and leaves the engine alive.
var limits = []enginetest{
	{"malformed requests end the connection, as in Redis", func(h *harness) {
		for _, c := range []struct{ in, want string }{
			{"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
			{"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
			{"*1\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
			{"*1\r\n:3\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"},
			{"SET \"unbalanced\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
		} {
			if h.engine == nil {
				h.open()
			}
			i := len(h.clients)
			h.turn(i, []byte("*1\r\n$4\r\nPING\r\n"+c.in+"*1\r\n$4\r\nPING\r\n"))
			h.settle(i)
			assert.Equal(h, "+PONG\r\n"+c.want, h.take(i))
			assert.True(h, h.client(i).Closing())
		}
	}},
	{"inline commands", func(h *harness) {
		h.open()
		h.turn(0, []byte("set k 'a b'\r\nget k\n\r\nPING\n"))
		h.settle(0)
		assert.Equal(h, "+OK\r\n$3\r\na b\r\n+PONG\r\n", h.take(0))
	}},
	{"a command in pieces", func(h *harness) {
		h.open()
		for _, c := range "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n" {
			h.turn(0, []byte(string(c)))
		}
		h.settle(0)
		assert.Equal(h, "+OK\r\n", h.take(0))
	}},
	{"wrong numbers", func(h *harness) {
		h.open()
		h.do(`SET max 9223372036854775807`)
		h.expect(
			`GET => ERR wrong number of arguments for 'get' command`,
			`INCR max => ERR increment or decrement would overflow`,
			`INCRBY max 9223372036854775808 => ERR value is not an integer or out of range`,
			`INCRBYFLOAT max nan => ERR value is not a valid float`,
			`ZADD z nan m => ERR value is not a valid float`,
			`SETRANGE k 536870912 x => ERR string exceeds maximum allowed size (proto-max-bulk-len)`,
			`SETRANGE k -1 x => ERR offset is out of range`,
			`EXPIRE max 9223372036854775807 => ERR invalid expire time in 'expire' command`,
			`LRANGE nokey -9223372036854775808 9223372036854775807 => []`,
			`SELECT 9223372036854775808 => ERR value is not an integer or out of range`,
			`CONFIG SET maxmemory x => ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value`,
		)
		h.expect(`PING => PONG`)
	}},
	{"maxmemory refuses what would grow, and nothing else", func(h *harness) {
		h.open("appendfsync", "no")
		h.do(`SET k ` + strings.Repeat("x", 100_000))
		h.expect(`CONFIG SET maxmemory 1000 => OK`, `SET j v => OOM command not allowed when used memory > 'maxmemory'.`, `STRLEN k => 100000`,
			`DEL k => 1`, `CONFIG SET maxmemory 0 => OK`, `SET j v => OK`)
	}},
	{"maxmemory refuses a value that does not fit", func(h *harness) {
		h.open("appendfsync", "no", "maxmemory", "3mb")
		value := strings.Repeat("x", 5<<20)
		h.expect(`SET k `+value+` => OOM command not allowed when used memory > 'maxmemory'.`, `EXISTS k => 0`, `SET k v => OK`)
	}},
	{"maxmemory refuses a few words that make a value too large", func(h *harness) {
		h.open("appendfsync", "no", "maxmemory", "3mb")
		const oom = ` => OOM command not allowed when used memory > 'maxmemory'.`
		h.expect(`SETRANGE k 5000000 x`+oom, `SETBIT k 40000000 1`+oom, `BITFIELD k SET u8 40000000 1`+oom, `EXISTS k => 0`,
			`SETRANGE k 1500000 x => 1500001`, `SETRANGE k 3500000 x`+oom, `SETRANGE k 1400000 y => 1500001`, `GETBIT k 40000000 => 0`,
			`CONFIG SET maxmemory-policy allkeys-lru => OK`, `SETRANGE k 5000000 x`+oom, `SETBIT k 16000000 1 => 0`)
	}},
	{"an engine in memory alone, when asked for", func(h *harness) {
		h.open("appendonly", "no")
		h.expect(`SET k v => OK`, `GET k => "v"`)
		assert.Equal(h, "0", h.info("aof_enabled"))
	}},
}
