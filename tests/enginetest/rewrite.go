package enginetest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
)

// rewrite runs BGREWRITEAOF to its end.
func (h *harness) rewrite() {
	h.Helper()
	h.expect(`BGREWRITEAOF => Background append only file rewriting started`)
	h.rewritten()
}

func (h *harness) rewritten() {
	h.Helper()
	h.until("the rewrite", func() bool { return h.info("aof_rewrite_in_progress") == "0" && h.info("aof_rewrite_scheduled") == "0" })
}

// fill writes some of everything.
func (h *harness) fill(n int) {
	h.Helper()
	var batch []byte
	for i := range n {
		for _, line := range []string{
			fmt.Sprintf("SET s:%d value-%d", i, i), fmt.Sprintf("SET ttl:%d v EX %d", i, 1000+i), fmt.Sprintf("SET short:%d v PX 50", i),
			fmt.Sprintf("RPUSH list m%d", i), fmt.Sprintf("HSET hash f%d %d", i, i), fmt.Sprintf("SADD set m%d", i),
			fmt.Sprintf("ZADD zset %d.5 m%d", i, i), fmt.Sprintf("HSET small:%d f v g w", i),
		} {
			batch = append(batch, request(h, line)...)
		}
	}
	h.turn(0, batch)
	require.True(h, h.settle(0))
	require.NotContains(h, h.take(0), "-ERR")
}

var rewrites = []enginetest{
	{"the base holds what was there, in commands of at most 64 items", func(h *harness) {
		h.open("appendfsync", "no")
		h.fill(300)
		h.now += 60 // short:* is past its time
		h.rewrite()
		h.do(`KEYS *`) // what is past its time goes
		digest := h.do(`DEBUG DIGEST`)
		assert.Equal(h, "ok", h.info("aof_last_bgrewrite_status"))
		assert.Equal(h, "1", h.info("aof_rewrites"))
		h.close()
		for _, c := range h.commands("base") {
			words := strings.Fields(c)
			assert.NotContains(h, c, "short:", "expired keys are not written")
			switch words[0] {
			case "HSET", "HMSET", "ZADD":
				assert.LessOrEqual(h, len(words), 2+2*64)
			default:
				assert.LessOrEqual(h, len(words), 2+64)
			}
		}
		h.open()
		assert.Equal(h, digest, h.do(`DEBUG DIGEST`))
	}},
	{"commands go on, and the base is of the moment of the cut", func(h *harness) {
		h.open("appendfsync", "everysec")
		h.fill(200)
		h.expect(`SET counter 0 => OK`, `BGREWRITEAOF => Background append only file rewriting started`)
		assert.Contains(h, h.do(`BGREWRITEAOF`), "already in progress")
		for n := 1; h.info("aof_rewrite_in_progress") == "1" || n < 200; n++ {
			require.Less(h, n, 100_000)
			i := n % 200
			for _, line := range []string{`INCR counter`, `RPUSH list x`, fmt.Sprintf(`HINCRBY hash f%d 1`, i), fmt.Sprintf(`ZINCRBY zset 1 m%d`, i),
				fmt.Sprintf(`SREM set m%d`, i), fmt.Sprintf(`APPEND s:%d !`, i), fmt.Sprintf(`RENAME small:%d renamed:%d`, i, n)} {
				h.do(line)
			}
			h.tick(2)
		}
		h.sameAfterReopen()
	}},
	{"streams change during a rewrite", func(h *harness) {
		h.open("appendfsync", "everysec", "stream-node-max-entries", "7")
		for i := range 400 {
			h.do(fmt.Sprintf("XADD s %d n %d", i+1, i))
		}
		h.do(`XGROUP CREATE s g 0 ENTRIESREAD 0`)
		h.do(`XGROUP CREATE empty g $ MKSTREAM`)
		h.do(`XGROUP CREATE s none 0`)
		h.do(`XREADGROUP GROUP g c0 COUNT 200 STREAMS s >`)
		h.do(`XDEL s 50 60`) // pending, and deleted
		h.do(`XTRIM s MAXLEN 390`)
		h.do(`BGREWRITEAOF`)
		for n := 1; h.info("aof_rewrite_in_progress") == "1" || n < 200; n++ {
			require.Less(h, n, 100_000)
			for _, line := range []string{fmt.Sprintf(`XADD s %d n x`, 1000+n), fmt.Sprintf(`XDEL s %d`, n*2), fmt.Sprintf(`XACK s g %d`, n), `XTRIM s MAXLEN 390`,
				fmt.Sprintf(`XREADGROUP GROUP g c%d COUNT 2 STREAMS s >`, n%5), fmt.Sprintf(`XAUTOCLAIM s g c%d 0 %d COUNT 2`, n%7, n),
				fmt.Sprintf(`XGROUP CREATECONSUMER s none c%d`, n%30), `XREADGROUP GROUP none x NOACK COUNT 1 STREAMS s >`} {
				require.NotContains(h, h.do(line), "ERR", line)
			}
			h.tick(2)
		}
		h.sameStreamsAfterReopen("s", "empty")
		h.rewrite()
		h.sameStreamsAfterReopen("s", "empty")
	}},
	{"INFO tells what a rewrite had to copy", func(h *harness) {
		h.open("appendfsync", "no", "list-max-listpack-size", "8")
		h.fill(300)
		h.rewrite()
		assert.Equal(h, "0", h.info("aof_last_cow_size"), "nobody wrote meanwhile")
		h.do(`BGREWRITEAOF`)
		for n := 0; h.info("aof_rewrite_in_progress") == "1"; n++ {
			require.Less(h, n, 10_000)
			h.do(fmt.Sprintf(`LSET list %d x`, n*8%300))
			h.tick(1)
		}
		h.sameAfterReopen()
	}},
	{"FLUSHALL and SWAPDB during a rewrite", func(h *harness) {
		h.open("appendfsync", "no")
		h.fill(200)
		h.expect(`SELECT 1 => OK`, `SET one 1 => OK`, `SELECT 0 => OK`, `BGREWRITEAOF => Background append only file rewriting started`,
			`SWAPDB 0 1 => OK`, `SET k v => OK`, `FLUSHALL => OK`, `SET after 1 => OK`)
		h.rewritten()
		h.sameAfterReopen()
		h.expect(`GET after => "1"`, `DBSIZE => 1`)
	}},
	{"it begins by itself when the log has grown", func(h *harness) {
		h.open("appendfsync", "no", "auto-aof-rewrite-min-size", "20000", "auto-aof-rewrite-percentage", "100")
		for range 600 {
			h.do(`SET k ` + strings.Repeat("x", 100))
		}
		h.until("an automatic rewrite", func() bool { return h.info("aof_rewrites") != "0" && h.info("aof_rewrite_in_progress") == "0" })
		h.sameAfterReopen()
	}},
	{"a failure leaves the chain in force, and the next one succeeds", func(h *harness) {
		for k := 0; ; k += stride {
			fs := h.faulty("appendfsync", "no")
			h.do(`FLUSHALL`)
			h.fill(20)
			at := faultfs.At(k, faultfs.Changes, faultfs.Fault{})
			fs.Inject(at)
			h.do(`BGREWRITEAOF`)
			h.tick(3000)
			fs.Inject(nil)
			h.recovered()
			h.rewritten()
			h.do(`SET after 1`)
			if !at.Fired() {
				break
			}
			h.sameAfterReopen()
			h.do(`BGREWRITEAOF`)
			h.rewritten()
			assert.Equal(h, "ok", h.info("aof_last_bgrewrite_status"), "after a fault at operation %d", k)
			h.sameAfterReopen()
			h.close()
		}
	}},
}

// streamTimes are the times of consumers that the log doesn't keep, and what depends on how a stream came to be.
var streamTimes = regexp.MustCompile(`((seen|active)-time|radix-tree-(keys|nodes))\r\n:\S+`)

// sameStreamsAfterReopen is sameAfterReopen for all that streams have.
func (h *harness) sameStreamsAfterReopen(keys ...string) {
	h.Helper()
	before := map[string]string{}
	for _, key := range keys {
		before[key] = streamTimes.ReplaceAllString(h.do(`XINFO STREAM `+key+` FULL COUNT 0`), "$1")
	}
	h.sameAfterReopen()
	for _, key := range keys {
		assert.Equal(h, before[key], streamTimes.ReplaceAllString(h.do(`XINFO STREAM `+key+` FULL COUNT 0`), "$1"), key)
	}
}

// sameAfterReopen checks that what is in memory is what the log gives.
func (h *harness) sameAfterReopen() {
	h.Helper()
	before := h.do(`DEBUG DIGEST`)
	h.reopen()
	assert.Equal(h, before, h.do(`DEBUG DIGEST`))
}
