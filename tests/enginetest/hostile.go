package enginetest

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile: counts, offsets and limits that no honest client sends get an error or a reply of bounded size. The engine lives on, and no memory
// stays taken.
var hostile = []enginetest{
	{"numbers at every edge", func(h *harness) { h.storm(hostileLines, edges) }},
	{"calls that would take too much memory or time", func(h *harness) { h.storm(hostileCalls, []string{""}) }},
	{"MULTI in MULTI, and a transaction of edges", func(h *harness) {
		h.everyType()
		h.expect(`MULTI => OK`, `MULTI => ERR MULTI calls can not be nested`, `WATCH k => ERR WATCH inside MULTI is not allowed`)
		for _, line := range hostileLines {
			h.do(strings.ReplaceAll(line, "%", "-9223372036854775807"))
		}
		reply := h.do(`EXEC`)
		assert.True(h, len(reply) < maxHostileReply, "%d bytes", len(reply))
		h.expect(`PING => PONG`)
	}},
}

// edges are put in the place of each %.
var edges = []string{"9223372036854775807", "-9223372036854775808", "-9223372036854775807", "4611686018427387904", "-4611686018427387904",
	"4294967295", "4294967296", "-4294967296", "2147483647", "2147483648", "-2147483648", "-2147483649", "536870911", "536870912", "4294967294",
	"18446744073709551615", "9223372036854775808", "-1", "0", "1e300", "-inf", "nan", "x"}

var hostileLines = strings.Split(strings.TrimSpace(`
SRANDMEMBER set %
HRANDFIELD hash %
HRANDFIELD hash % WITHVALUES
ZRANDMEMBER zset %
ZRANDMEMBER zset % WITHSCORES
SPOP copy %
SETRANGE k % x
SETBIT k % 1
GETBIT k %
GETRANGE k % %
GETRANGE k 0 %
SUBSTR k % -1
INCRBY n %
DECRBY n %
INCRBYFLOAT n %
HINCRBY hash n %
HINCRBYFLOAT hash n %
BITCOUNT k % %
BITCOUNT k % % BIT
BITPOS k 1 % %
BITPOS k 0 0 % BIT
BITFIELD k GET u63 %
BITFIELD k SET u8 % 1
BITFIELD k INCRBY i64 #% %
BITFIELD_RO k GET i64 #%
LRANGE list % %
LRANGE list 0 %
LTRIM copylist % -1
LINDEX list %
LSET list % x
LREM copylist % x
LPOS list x RANK % COUNT %
LPOS list x COUNT % MAXLEN %
LPOP copylist %
RPOP copylist %
LMPOP 1 copylist LEFT COUNT %
LMPOP % list LEFT
LINSERT list BEFORE % x
ZPOPMIN copyzset %
ZPOPMAX copyzset %
ZMPOP 1 copyzset MIN COUNT %
ZMPOP % zset MIN
ZRANGE zset % %
ZRANGE zset -inf +inf BYSCORE LIMIT % %
ZRANGE zset - + BYLEX LIMIT % %
ZRANGEBYSCORE zset % % LIMIT % %
ZRANGEBYLEX zset - + LIMIT % %
ZREVRANGE zset % %
ZREVRANGEBYSCORE zset % %
ZRANGESTORE d zset % %
ZCOUNT zset % %
ZLEXCOUNT zset [% [%
ZREMRANGEBYRANK copyzset % %
ZREMRANGEBYSCORE copyzset % %
ZADD copyzset % m
ZINCRBY copyzset % m
ZUNION % zset
ZUNION 1 zset WEIGHTS %
ZINTERCARD 1 zset LIMIT %
ZINTERCARD % zset
SINTERCARD 1 set LIMIT %
SINTERCARD % set
ZDIFFSTORE d % zset
SCAN %
SCAN 0 COUNT %
SSCAN set % COUNT %
HSCAN hash 0 COUNT %
ZSCAN zset 0 COUNT %
SORT list ALPHA LIMIT % %
SORT list BY nosort LIMIT % % GET # GET *
XRANGE stream - + COUNT %
XREVRANGE stream + - COUNT %
XRANGE stream % %-%
XREAD COUNT % STREAMS stream 0
XREADGROUP GROUP g c COUNT % STREAMS stream >
XADD copystream MAXLEN % * a b
XADD copystream MAXLEN ~ 10 LIMIT % * a b
XADD copystream MINID % * a b
XTRIM copystream MAXLEN %
XTRIM copystream MINID %
XSETID copystream % ENTRIESADDED % MAXDELETEDID %
XAUTOCLAIM stream g c % 0 COUNT %
XCLAIM stream g c % 1-1 IDLE % RETRYCOUNT %
XCLAIM stream g c 0 1-1 TIME %
XPENDING stream g IDLE % - + %
XGROUP CREATE stream h % ENTRIESREAD %
XGROUP SETID stream g % ENTRIESREAD %
XINFO STREAM stream FULL COUNT %
GEOSEARCH geo FROMLONLAT 1 1 BYRADIUS % km COUNT % ANY
GEOSEARCH geo FROMLONLAT % % BYBOX % % km
GEOSEARCH geo FROMLONLAT 1 1 BYBOX % % mi COUNT %
GEORADIUS geo 1 1 % km COUNT %
GEOADD geo % % m
EXPIRE n %
PEXPIRE n %
EXPIREAT n %
PEXPIREAT n %
SET n 1 EX %
SET n 1 PXAT %
SETEX n % 1
GETEX n PX %
RESTORE r % x
RESTORE r 0 x IDLETIME %
RESTORE r 0 x FREQ %
OBJECT FREQ k
COPY k c DB %
MOVE n %
SELECT %
SWAPDB 0 %
BLPOP none %
BLMPOP % 1 none LEFT
BZPOPMIN none %
WAIT % 1
WAITAOF 0 % 1
CLIENT KILL ID %
CLIENT UNBLOCK %
CLIENT LIST ID %
SLOWLOG GET %
ACL GENPASS %
ACL LOG %
MEMORY USAGE zset SAMPLES %
LATENCY HISTORY %
COMMAND GETKEYS ZUNION % a b
COMMAND GETKEYS EVAL x % a
EVAL x % a
LOLWUT VERSION 5 %
LOLWUT VERSION 6 % %
PFADD hll %
PFDEBUG GETREG k
DEBUG SLEEP -1
CONFIG SET maxmemory-samples %
CONFIG SET hash-max-listpack-entries %
CONFIG SET list-max-listpack-size %
CONFIG SET slowlog-max-len %
`), "\n")

var hostileCalls = []string{
	"SETRANGE k 536870911 x", "SETRANGE new 536870911 x", "SETBIT k 4294967295 1", "SETBIT new 4294967295 1", "BITFIELD new SET u1 4294967295 1",
	"SETRANGE k 60000000 x", "SETRANGE new 60000000 x", "SETBIT new 480000000 1", "BITFIELD k SET u1 480000000 1",
	"BITOP NOT d k", "BITOP OR d half half", "BITOP AND d half k",
	"LCS half half", "LCS half half IDX", "LCS some some LEN", "APPEND half half",
	"MGET" + strings.Repeat(" half", 300), "HMGET wide" + strings.Repeat(" half", 300), "SORT list BY nosort" + strings.Repeat(" GET half", 300),
	"SORT list BY nosort STORE d" + strings.Repeat(" GET half", 300),
	"SRANDMEMBER wideset -1000000", "HRANDFIELD wide -1000000 WITHVALUES", "ZRANDMEMBER widezset -1000000 WITHSCORES",
	"KEYS " + strings.Repeat("a*", 5000) + "b", "SCAN 0 MATCH " + strings.Repeat("*?", 5000), "KEYS " + strings.Repeat("[", 10000),
	"PSUBSCRIBE " + strings.Repeat("*a", 5000), "PUBLISH " + strings.Repeat("a", 5000) + " x", "PUNSUBSCRIBE",
	"RESTORE r 0 \"\\x00\\x80\\xff\\xff\\xff\\xff\\x0b\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"",
	"OBJECT HELP", "DEBUG DIGEST", "DEBUG PROTOCOL attrib", "COMMAND DOCS",
}

const (
	maxHostileReply  = 64<<20 + 1000 // proto-max-bulk-len
	maxHostileMemory = 128 << 20     // with what maxmemory allows
)

// everyType makes values of every type.
func (h *harness) everyType() {
	h.open("maxmemory", "32mb", "proto-max-bulk-len", "64mb", "appendfsync", "no")
	ids := func(format string) (all string) {
		for i := range 100 {
			all += strings.ReplaceAll(format, "I", strconv.Itoa(i+1))
		}
		return all
	}
	for _, line := range []string{
		"SET k abc", "SET n 1", "RPUSH list" + ids(" eI"), "SADD set" + ids(" mI"), "HSET hash" + ids(" fI vI"), "ZADD zset" + ids(" I mI"),
		"GEOADD geo 1 1 a 1.1 1 b 50 50 c", "PFADD hll a b c", "SETRANGE half 524287 x", "SETRANGE some 2000 x", "SADD wideset " + strings.Repeat("x", 1000),
		"HSET wide f " + strings.Repeat("x", 1000) + " half " + strings.Repeat("y", 300_000), "ZADD widezset 1 " + strings.Repeat("x", 1000),
		"SET " + strings.Repeat("a", 10_000) + " v",
	} {
		require.NotEqual(h, "-", h.do(line)[:1], "%.50s", line)
	}
	for i := range 100 {
		h.do("XADD stream " + strconv.Itoa(i+1) + "-1 f v")
	}
	h.do("XGROUP CREATE stream g 0")
	h.do("XREADGROUP GROUP g c COUNT 50 STREAMS stream >")
	for _, name := range []string{"list", "set", "zset", "stream"} {
		h.do("COPY " + name + " copy" + strings.TrimPrefix(name, "set"))
	}
}

// storm sends each line with each number in place of %. A call that blocks is ended by another session.
func (h *harness) storm(lines, numbers []string) {
	h.everyType()
	h.do("CLIENT ID")
	before := heap()
	for _, line := range lines {
		for _, n := range numbers {
			words := strings.ReplaceAll(line, "%", n)
			h.turn(0, request(h, words))
			require.True(h, h.settle(0), "the reply to %.100q is held back for ever", words)
			reply := h.take(0)
			if reply == "" { // it blocks
				h.on(1, "CLIENT UNBLOCK 1 ERROR")
				reply = h.take(0)
			}
			require.NotEmpty(h, reply, "%.100q", words)
			require.NotContains(h, reply[:min(len(reply), 100)], "has stopped", "%.100q", words)
			require.Less(h, len(reply), maxHostileReply, "%.100q", words)
			require.Empty(h, h.engine.Dead(), "%.100q", words)
			require.Equal(h, "+PONG\r\n", h.on(1, "PING"), "%.100q", words)
			h.do("SELECT 0")
		}
		require.Less(h, heap()-before, int64(maxHostileMemory), "memory after %.100q", line)
	}
	h.expect(`EXISTS zset => 1`)
	require.NotEqual(h, "-", h.do("DEBUG DIGEST")[:1])
	h.reopen()
	h.expect(`EXISTS zset => 1`)
}

// heap is what Go's heap holds.
func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 100<<20 {
		runtime.GC()
		runtime.ReadMemStats(&m)
	}
	return int64(m.HeapAlloc)
}
