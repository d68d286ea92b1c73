package enginetest

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/assert"
)

// types tries each type a little, packed and full; every option and error is tests/conformance's.
var types = []enginetest{
	{"strings", func(h *harness) {
		h.open()
		h.expect(
			`SET k v => OK`, `GET k => "v"`, `SET k w NX => nil`, `SET k w XX GET => "v"`, `APPEND k 123 => 4`, `STRLEN k => 4`,
			`INCR n => 1`, `INCRBY n 41 => 42`, `OBJECT ENCODING n => "int"`, `INCR k => ERR value is not an integer or out of range`,
			`INCRBYFLOAT f 0.1 => "0.1"`, `INCRBYFLOAT f 0.2 => "0.3"`, `SETRANGE k 6 x => 7`, `GETRANGE k 0 -1 => "w123\x00\x00x"`,
			`MSET a 1 b 2 => OK`, `MGET a b nokey => ["1" "2" nil]`, `GETDEL a => "1"`, `EXISTS a b => 1`, `TYPE b => string`,
			`OBJECT ENCODING k => "raw"`, `LCS k b => "2"`,
		)
	}},
	{"big values", func(h *harness) {
		h.open()
		for _, size := range []int{100, 1023, 1024, 1025, 70_000, 3 << 20} {
			value := strings.Repeat("x", size)
			h.expect(fmt.Sprintf("SET big%d %s => OK", size, value), fmt.Sprintf("STRLEN big%d => %d", size, size))
		}
		h.reopen()
		h.expect(`STRLEN big100 => 100`, `STRLEN big1025 => 1025`, fmt.Sprintf(`STRLEN big%d => %d`, 3<<20, 3<<20))
	}},
	{"bitmaps", func(h *harness) {
		h.open()
		h.expect(`SETBIT b 7 1 => 0`, `SETBIT b 100000 1 => 0`, `GETBIT b 7 => 1`, `STRLEN b => 12501`, `BITCOUNT b => 2`, `BITPOS b 1 1 => 100000`,
			`BITCOUNT b 8 -1 BIT => 1`, `BITOP NOT c b => 12501`, `BITCOUNT c => 100006`, `BITOP AND b b c => 12501`, `BITPOS b 1 => -1`,
			`BITFIELD b SET i64 3 -2 INCRBY u5 #40 33 OVERFLOW FAIL INCRBY i8 3 -128 => [0 1 nil]`,
			`SETBIT b 4294967296 1 => ERR bit offset is not an integer or out of range`)
		h.reopen()
		h.expect(`BITFIELD_RO b GET i64 3 GET u5 #40 => [-2 1]`, `BITCOUNT c => 100006`)
	}},
	{"hyperloglogs", func(h *harness) {
		h.open()
		h.expect(`PFADD h a b c => 1`, `PFADD h c => 0`, `PFCOUNT h => 3`, `PFDEBUG ENCODING h => sparse`)
		for i := range 3000 {
			h.do(fmt.Sprintf("PFADD big e%d", i))
		}
		// What Redis counts: the estimate must be the same on every machine.
		h.expect(`PFDEBUG ENCODING big => dense`, `PFCOUNT big => 2979`, `PFCOUNT h big => 2983`, `PFMERGE m h big => OK`,
			`SETRANGE h 16 xxx => 27`, `PFCOUNT h big => INVALIDOBJ Corrupted HLL object detected`)
		h.reopen()
		h.expect(`PFCOUNT m => 2983`, `PFCOUNT big => 2979`, `PFADD b x => 1`)
	}},
	{"lists", func(h *harness) {
		h.open()
		h.expect(`RPUSH l a b c => 3`, `LPUSH l z => 4`, `LRANGE l 0 -1 => ["z" "a" "b" "c"]`, `LINSERT l BEFORE b x => 5`,
			`LPOS l b => 3`, `LREM l 0 x => 1`, `LPOP l => "z"`, `RPOP l 2 => ["c" "b"]`, `LLEN l => 1`, `LMOVE l l2 LEFT RIGHT => "a"`,
			`EXISTS l => 0`, `OBJECT ENCODING l2 => "listpack"`)
		for i := range 1000 {
			h.do(fmt.Sprintf("RPUSH long %d-%s", i, strings.Repeat("e", 50)))
		}
		h.expect(`OBJECT ENCODING long => "quicklist"`, `LLEN long => 1000`)
		assert.Contains(h, h.do(`LINDEX long 500`), "500-eee")
		h.reopen()
		assert.Contains(h, h.do(`LINDEX long 999`), "999-eee")
	}},
	{"hashes", func(h *harness) {
		h.open()
		h.expect(`HSET h f v g 2 => 2`, `HGETALL h => ["f" "v" "g" "2"]`, `HINCRBY h g 5 => 7`, `HDEL h f => 1`, `HGET h g => "7"`,
			`OBJECT ENCODING h => "listpack"`, `HSET k:h x 1 => 1`)
		for i := range 600 {
			h.do(fmt.Sprintf("HSET big f%d %d", i, i))
		}
		h.expect(`OBJECT ENCODING big => "hashtable"`, `HLEN big => 600`, `HGET big f150 => "150"`)
		h.reopen()
		h.expect(`HLEN big => 600`, `HGET big f150 => "150"`, `HGET h g => "7"`)
	}},
	{"sets", func(h *harness) {
		h.open()
		h.expect(`SADD s 3 1 2 => 3`, `OBJECT ENCODING s => "intset"`, `SMEMBERS s => ["1" "2" "3"]`, `SADD s x => 1`,
			`OBJECT ENCODING s => "listpack"`, `SISMEMBER s x => 1`, `SREM s 1 2 3 => 3`, `SCARD s => 1`, `SADD t x y => 2`,
			`SINTER s t => ["x"]`, `SDIFF t s => ["y"]`, `SPOP s => "x"`, `EXISTS s => 0`)
		for i := range 1000 {
			h.do(fmt.Sprintf("SADD big m%d", i))
		}
		h.expect(`OBJECT ENCODING big => "hashtable"`, `SCARD big => 1000`)
		h.reopen()
		h.expect(`SCARD big => 1000`, `SISMEMBER big m999 => 1`, `EXISTS s => 0`)
	}},
	{"sorted sets", func(h *harness) {
		h.open()
		h.expect(`ZADD z 2 b 1 a 3 c => 3`, `ZRANGE z 0 -1 WITHSCORES => ["a" "1" "b" "2" "c" "3"]`, `ZRANK z c => 2`, `ZINCRBY z 5.5 a => "6.5"`,
			`ZRANGEBYSCORE z (2 +inf => ["c" "a"]`, `ZPOPMIN z => ["b" "2"]`, `ZCARD z => 2`, `OBJECT ENCODING z => "listpack"`)
		for i := range 300 {
			h.do(fmt.Sprintf("ZADD big %d m%d", i, i))
		}
		h.expect(`OBJECT ENCODING big => "skiplist"`, `ZRANK big m250 => 250`, `ZREVRANGE big 0 0 => ["m299"]`, `ZCOUNT big 10 19 => 10`)
		h.reopen()
		h.expect(`ZRANK big m250 => 250`, `ZSCORE z a => "6.5"`)
	}},
	{"streams", func(h *harness) {
		h.open()
		h.expect(`XADD s 1-1 a 1 b 2 => "1-1"`, `XADD s 1-* a 3 => "1-2"`, `XADD s 1-1 a 1 => ERR The ID specified in XADD is equal or smaller than the target stream top item`,
			`XRANGE s - + => [["1-1" ["a" "1" "b" "2"]] ["1-2" ["a" "3"]]]`, `XLEN s => 2`, `TYPE s => stream`, `OBJECT ENCODING s => "stream"`,
			`XGROUP CREATE s g 0 => OK`, `XREADGROUP GROUP g c COUNT 1 STREAMS s > => [["s" [["1-1" ["a" "1" "b" "2"]]]]]`,
			`XPENDING s g => [1 "1-1" "1-1" [["c" "1"]]]`)
		for i := range 1000 {
			h.do(fmt.Sprintf("XADD big %d-1 n %d", i+1, i))
		}
		h.do(`XREADGROUP GROUP g idle STREAMS s >`)
		h.do(`XADD big MAXLEN ~ 500 * n 1`)
		h.do(`XGROUP CREATE big g 700`)
		h.do(`XREADGROUP GROUP g c COUNT 200 STREAMS big >`)
		h.do(`XDEL big 710-1 750-1`)
		h.do(`XACK big g 705-1`)
		h.sameStreamsAfterReopen("s", "big")
		h.expect(`XACK s g 1-1 => 1`, `XREADGROUP GROUP g c STREAMS s > => nil`, `XLEN big => 499`)
	}},
	{"many keys, SCAN sees each", func(h *harness) {
		h.open("appendfsync", "no")
		const n = 5000
		var batch []byte
		for i := range n {
			batch = append(batch, request(h, fmt.Sprintf("SET key:%d %d", i, i))...)
		}
		h.turn(0, batch)
		h.settle(0)
		assert.Equal(h, n, strings.Count(h.take(0), "+OK"))
		seen := map[string]bool{}
		for cursor := "0"; ; {
			reply := h.do("SCAN " + cursor + " COUNT 100")
			parts := strings.Fields(strings.NewReplacer("[", " ", "]", " ", `"`, "").Replace(short(reply)))
			cursor = parts[0]
			for _, key := range parts[1:] {
				seen[key] = true
			}
			if cursor == "0" {
				break
			}
		}
		assert.Len(h, seen, n)
		h.expect(fmt.Sprintf(`DBSIZE => %d`, n), `SELECT 3 => OK`, `DBSIZE => 0`)
	}},
	{"databases", func(h *harness) {
		h.open()
		h.expect(`SET k zero => OK`, `SELECT 15 => OK`, `SET k fifteen => OK`, `SWAPDB 0 15 => OK`, `GET k => "zero"`, `SELECT 0 => OK`,
			`GET k => "fifteen"`, `MOVE k 1 => 1`, `SELECT 16 => ERR DB index is out of range`, `COPY nokey x => 0`)
		h.reopen()
		h.expect(`GET k => nil`, `SELECT 1 => OK`, `GET k => "fifteen"`, `SELECT 15 => OK`, `GET k => "zero"`, `FLUSHALL => OK`)
		h.reopen()
		h.expect(`SELECT 15 => OK`, `DBSIZE => 0`)
	}},
	{"RESP3", func(h *harness) {
		h.open()
		assert.Contains(h, h.do("HELLO 3"), "%")
		assert.Equal(h, "_\r\n", h.do("GET nokey"))
		h.do("ZADD z 1.5 m")
		assert.Equal(h, ",1.5\r\n", h.do("ZSCORE z m"))
		h.do("HSET h f v")
		assert.Equal(h, "%1\r\n$1\r\nf\r\n$1\r\nv\r\n", h.do("HGETALL h"))
	}},
}
