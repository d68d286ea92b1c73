package conformance

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// pair is both sides; each command's replies must be the same.
type pair struct {
	t    *testing.T
	conn *redistest.Conn
	x    *target
}

func newPair(t *testing.T) *pair {
	p := &pair{t, redistest.Start(t).Connect(t), openTarget(t, memfs.New())}
	p.same("CONFIG", "SET", "rdbcompression", "no") // DUMP shows how a value lies
	return p
}

func (p *pair) same(words ...string) {
	p.t.Helper()
	want, err := p.conn.Do(words...)
	require.NoError(p.t, err)
	if got := p.x.do(0, words...); string(got) != string(want) {
		require.FailNow(p.t, "the replies differ", "%.300q\nRedis: %.300q\nours:  %.300q", words, want, got)
	}
}

// line is same for words without blanks.
func (p *pair) line(format string, args ...any) {
	p.t.Helper()
	p.same(strings.Fields(fmt.Sprintf(format, args...))...)
}

// config sets a parameter by its name or its alias, and reads it by both.
func (p *pair) config(name, value string) {
	p.t.Helper()
	alias := strings.Replace(name, "listpack", "ziplist", 1)
	p.same("CONFIG", "SET", name, "1")
	p.same("CONFIG", "SET", alias, value)
	p.same("CONFIG", "GET", name)
	p.same("CONFIG", "GET", alias)
}

// letters is a word of n bytes that is no number.
func letters(n int) string { return strings.Repeat("v", n) }

// A hash and a sorted set leave their listpack with the entry, or the byte, that is one too many, whoever brings it, and never return. What
// the parameter says later holds for the next change.
func TestHashesAndSortedSetsSwitchWhereRedisDoes(t *testing.T) {
	p := newPair(t)
	for _, kind := range []struct{ prefix, add, other string }{
		{"hash", "HSET k %[1]s %[2]d", "HINCRBY k %[1]s %[2]d"}, {"hash", "HSETNX k %[1]s %[2]d", "HINCRBYFLOAT k %[1]s %[2]d.5"},
		{"zset", "ZADD k %[2]d %[1]s", "ZINCRBY k %[2]d %[1]s"}, {"zset", "ZADD k GT %[2]d %[1]s", "GEOADD k %[2]d 1 %[1]s"},
	} {
		for _, n := range []int{0, 1, 2, 5, 64, 128} {
			p.config(kind.prefix+"-max-listpack-entries", strconv.Itoa(n))
			for _, last := range []string{kind.add, kind.other} {
				p.line("DEL k copy")
				for i := range n + 2 {
					how := kind.add
					if i >= n-1 {
						how = last
					}
					p.line(how, "m"+strconv.Itoa(i), i)
					p.line("OBJECT ENCODING k")
					p.line(how, "m"+strconv.Itoa(i), i+1) // again: no entry more
					p.line("OBJECT ENCODING k")
				}
				p.line("COPY k copy")
				p.line("OBJECT ENCODING copy")
				p.line("%s copy m1", map[string]string{"hash": "HDEL", "zset": "ZREM"}[kind.prefix])
				p.line("OBJECT ENCODING copy")
			}
		}
		p.config(kind.prefix+"-max-listpack-entries", "128")
		for _, v := range []int{0, 1, 16, 63, 64, 65, 200, 5000} {
			p.config(kind.prefix+"-max-listpack-value", strconv.Itoa(v))
			for _, size := range []int{max(v-1, 1), max(v, 1), v + 1} {
				for _, how := range []string{kind.add, kind.other} {
					p.line("DEL k")
					p.line(how, letters(size), 7)
					p.line("OBJECT ENCODING k")
					p.line(kind.add, "a", 7)
					p.line("OBJECT ENCODING k")
				}
				if kind.prefix == "hash" {
					p.line("DEL k")
					p.line("HSET k a %s", letters(size))
					p.line("OBJECT ENCODING k")
					p.line("HSET k b 1 a b")
					p.line("OBJECT ENCODING k")
				}
			}
		}
		p.config(kind.prefix+"-max-listpack-value", "64")
	}
	p.x.close()
}

// What makes a sorted set of others looks at both parameters too.
func TestStoredSortedSetsSwitchWhereRedisDoes(t *testing.T) {
	p := newPair(t)
	for i := range 12 {
		p.line("ZADD a %d m%d", i, i)
		p.line("ZADD b %d %s", i, letters(i+1))
	}
	for n := range 14 {
		p.config("zset-max-listpack-entries", strconv.Itoa(n))
		for v := range 14 {
			p.config("zset-max-listpack-value", strconv.Itoa(v))
			for _, how := range []string{"ZUNIONSTORE d 1 a", "ZUNIONSTORE d 1 b", "ZINTERSTORE d 2 b b", "ZDIFFSTORE d 2 a b", "ZRANGESTORE d b 0 5", "ZRANGESTORE d a 0 -1", "COPY b d REPLACE"} {
				p.line("%s", how)
				p.line("OBJECT ENCODING d")
			}
		}
	}
	p.x.close()
}

// Sets of Redis 7.0 know integers and tables.
func TestIntsetsSwitchWhereRedisDoes(t *testing.T) {
	p := newPair(t)
	for _, n := range []int{0, 1, 2, 5, 64, 512} {
		p.same("CONFIG", "SET", "set-max-intset-entries", strconv.Itoa(n))
		for _, last := range []string{"SADD k %d", "SMOVE from k %d"} {
			p.line("DEL k from")
			for i := range n + 2 {
				how := "SADD k %d"
				if i >= n-1 {
					how = last
				}
				p.line("SADD from %d", i*i*1000)
				p.line(how, i*i*1000)
				p.line("OBJECT ENCODING k")
			}
			p.line("SUNIONSTORE d k")
			p.line("OBJECT ENCODING d")
			p.line("SREM k 0")
			p.line("OBJECT ENCODING k")
			p.line("SDIFFSTORE d k none")
			p.line("OBJECT ENCODING d")
			p.line("SINTERSTORE d k k")
			p.line("OBJECT ENCODING d")
		}
	}
	for _, m := range []string{"32767", "32768", "-32768", "-32769", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808"} {
		p.line("DEL k")
		p.line("SADD k 1 2")
		p.line("SADD k %s", m)
		p.line("DUMP k")
	}
	for _, m := range []string{"9223372036854775808", "01", "-0", "+1", "1.0", "x"} {
		p.line("DEL k")
		p.line("SADD k 1 2")
		p.line("SADD k %s", m)
		p.line("OBJECT ENCODING k")
	}
	p.x.close()
}

// huge is an element that has a node for itself. A list that holds one is a quicklist, in 7.0 and in 7.2: only smaller ones may differ.
var huge = letters(70_000)

// A list's nodes end where Redis ends them, for every kind of list-max-listpack-size: DUMP shows each.
func TestListNodesEndWhereRedisEndsThem(t *testing.T) {
	for _, size := range []string{"-1", "-2", "-3", "-4", "-5", "0", "1", "2", "7", "128", "10000"} {
		t.Run(size, func(t *testing.T) {
			t.Parallel()
			p := newPair(t)
			p.config("list-max-listpack-size", size)
			r := rand.New(rand.NewPCG(5, uint64(len(size))+uint64(size[len(size)-1])))
			p.growToTheByte(size)
			for round := range 4 {
				p.line("DEL k")
				p.same("RPUSH", "k", huge)
				for range 40 {
					p.changeList(r, 1<<(round*4))
				}
			}
			p.x.close()
		})
	}
}

// growToTheByte lets a list of one node grow to its limit in bytes, from a little below to a little above.
func (p *pair) growToTheByte(size string) {
	limit := map[string]int{"-1": 4096, "-2": 8192, "-3": 16384, "-4": 32768, "-5": 65536}[size]
	if limit == 0 {
		limit = 8192
	}
	for gap := -24; gap <= 4; gap++ {
		for _, push := range []string{"RPUSH", "LPUSH"} {
			p.line("DEL k")
			p.same(push, "k", huge)
			p.line("%s k %s", push, letters(limit/2))
			p.line("%s k %s", push, letters(limit-limit/2+gap))
			p.line("DUMP k")
			p.line("%s k 1", push)
			p.line("DUMP k")
		}
	}
}

// changeList does something to the ends of a list, as queues do, and compares how it lies. What Redis makes of nodes that are changed in the
// middle, which it splits and joins, nobody can see but by DUMP; ours differ there.
func (p *pair) changeList(r *rand.Rand, most int) {
	v := letters(1 + r.IntN(most))
	if r.IntN(3) == 0 {
		v = strconv.Itoa(r.IntN(1 << 20))
	}
	end := func() string { return []string{"LEFT", "RIGHT"}[r.IntN(2)] }
	switch r.IntN(8) {
	case 0, 1, 2:
		p.line("RPUSH k %s a %s", v, v)
	case 3, 4:
		p.line("LPUSH k %s b", v)
	case 5:
		p.line("LMPOP 1 k %s COUNT %d", end(), 1+r.IntN(3))
		p.same("RPUSH", "k", huge)
	case 6:
		p.line("LMOVE k k %s %s", end(), end())
	case 7:
		p.line("LTRIM k %d -%d", r.IntN(2), 1+r.IntN(2))
		p.same("LPUSH", "k", huge)
	}
	p.line("DUMP k")
}

// list-compress-depth changes nothing that can be seen.
func TestCompressDepthIsAccepted(t *testing.T) {
	p := newPair(t)
	for _, depth := range []string{"0", "1", "3", "2147483647", "-1", "2147483648", "x"} {
		p.same("CONFIG", "SET", "list-compress-depth", depth)
		p.same("CONFIG", "GET", "list-compress-depth")
		p.line("DEL k")
		for i := range 50 {
			p.line("RPUSH k %s%d", letters(2000), i)
		}
		p.line("OBJECT ENCODING k")
		p.line("LINDEX k 25")
		p.line("LRANGE k 3 9")
	}
	p.x.close()
}

// A stream's nodes end where Redis ends them: XINFO counts them, and trimming takes whole ones.
func TestStreamNodesEndWhereRedisEndsThem(t *testing.T) {
	p := newPair(t)
	for _, entries := range []int{0, 1, 2, 3, 100} {
		for _, bytes := range []int{0, 1, 64, 300, 301, 302, 4096} {
			p.line("CONFIG SET stream-node-max-entries %d stream-node-max-bytes %d", entries, bytes)
			p.line("DEL s")
			r := rand.New(rand.NewPCG(uint64(entries), uint64(bytes)))
			for i := range 250 {
				switch r.IntN(8) {
				case 0:
					p.line("XADD s %d-0 other %s", i+1, letters(1+r.IntN(60)))
				case 1:
					p.line("XDEL s %d-0", i-r.IntN(5))
				default:
					p.line("XADD s %d-0 f %s g %d", i+1, letters(1+r.IntN(30)), i)
				}
			}
			p.line("XINFO STREAM s")
			p.line("XADD s MAXLEN ~ 100 1000-0 f v")
			p.line("XINFO STREAM s FULL")
		}
	}
	p.x.close()
}
