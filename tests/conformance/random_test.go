package conformance

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSameRepliesToRandomCommands sends commands on sets and sorted sets, put together by chance, to both. They hit the
// same few keys and members, so that types collide, collections empty and encodings change. The seed names a failing run.
func TestSameRepliesToRandomCommands(t *testing.T) {
	for seed := range uint64(4) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			x := openTarget(t, memfs.New())
			defer x.close()
			conn := server.Connect(t)
			both := func(how byte, words []string) {
				want, err := conn.Do(words...)
				require.NoError(t, err)
				compare(t, step{how: how, text: strings.Join(words, " ")}, string(want), string(x.do(0, words...)))
			}
			both('?', []string{"HELLO", strconv.Itoa(2 + int(seed%2))})
			if seed >= 2 {
				both('=', strings.Fields("CONFIG SET zset-max-listpack-entries 4 set-max-intset-entries 4"))
			}
			g := &chance{rand.New(rand.NewPCG(seed, seed))}
			for i := 0; i < 3000 && !t.Failed(); i++ {
				how := byte('=')
				line := g.pick(randomCommands...)
				if line[0] == '~' {
					how, line = '~', line[1:]
				}
				both(how, g.fill(line))
			}
			both('=', []string{"DEBUG", "DIGEST"})
		})
	}
}

// randomCommands are lines to be filled: $z and $s a key, $m a member, $f a score, $e an end of scores, $l an end of members, $n an integer;
// a word with * stands for one to four of its kind, $Z and $S for a number of keys and the keys, [x y] is there or not, {a|b} one of several.
var randomCommands = []string{
	"ZADD $z [NX] [XX] [GT] [LT] [CH] [INCR] $f $m [$f $m]", "ZADD {z1|z2|z3} $f $m $f $m $f $m", "ZINCRBY $z $f $m", "ZREM $z $m*",
	"ZRANGE $z $n $n [REV] [WITHSCORES]", "ZRANGE $z $e $e BYSCORE [REV] [LIMIT $n $n] [WITHSCORES]",
	"{ZRANGEBYSCORE|ZREVRANGEBYSCORE} $z $e $e [LIMIT $n $n] [WITHSCORES]", "ZADD lex 0 $m 0 $m", "ZADD lex 0 $m 0 $m",
	"{ZRANGEBYLEX|ZREVRANGEBYLEX} lex $l $l [LIMIT $n $n]", "ZLEXCOUNT lex $l $l", "ZREMRANGEBYLEX lex $l $l",
	"ZREMRANGEBYSCORE $z $e $e", "ZREMRANGEBYRANK $z $n $n", "ZCOUNT $z $e $e", "ZRANGESTORE {z4|z1} $z $e $e [BYSCORE] [REV] [LIMIT $n $n]",
	"{ZPOPMIN|ZPOPMAX} $z [$n]", "ZMPOP $Z {MIN|MAX} [COUNT $n]", "{ZRANK|ZREVRANK|ZSCORE} $z $m", "ZMSCORE $z $m*", "~ZSCAN $z 0 COUNT 100",
	"ZRANDMEMBER $z 100 [WITHSCORES]", "{ZUNION|ZINTER} $Z [AGGREGATE {SUM|MIN|MAX|FOO}] [WITHSCORES]", "{ZUNION|ZINTER} 2 $z $z WEIGHTS $f $f [WITHSCORES]",
	"{ZUNIONSTORE|ZINTERSTORE} {z1|z4} 2 $z $z [WEIGHTS $f $f] [AGGREGATE {SUM|MIN|MAX}]", "ZDIFF $Z [WITHSCORES]", "ZDIFFSTORE z4 $Z", "ZINTERCARD $Z [LIMIT $n]",
	"SADD $s $m*", "SADD $s $m*", "SADD {s1|s2} $n $n $n", "SREM $s $m*", "SMOVE $s $s $m", "SISMEMBER $s $m", "SMISMEMBER $s $m*", "SCARD $s", "~SMEMBERS $s",
	"~{SINTER|SUNION|SDIFF} $s*", "{SINTERSTORE|SUNIONSTORE|SDIFFSTORE} {s4|s1|z3} $s*", "SINTERCARD $S [LIMIT $n]", "~SPOP $s 100", "~SRANDMEMBER $s 100",
	"~SSCAN $s 0 COUNT 100", "DEL {z4|s4|lex}", "OBJECT ENCODING {z1|z2|z3|z4}", "SET str x",
}

var randomWords = map[byte]string{
	'z': "z1 z2 z3 z4 s1 str none", 's': "s1 s2 s3 s4 z1 str none",
	'm': "a b c aa 1 2 3 10 -5 007 x y zz q 4 5 6 7 8 9 longer-than-the-others", 'f': "1 2 3 -1 0 1.5 2.25 inf -inf 1e10 0.1 4 5 6 7 8 foo",
	'e': "1 (2 3 (-1 0 1.5 (2.25 inf -inf (4 5 7 foo", 'l': "- + [a (a [b (c [x (zz [1 (3 x", 'n': "0 1 2 -1 -2 3 5 -100 100 x",
}

type chance struct{ *rand.Rand }

func (g *chance) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *chance) fill(line string) (words []string) {
	for line != "" {
		var word string
		if line[0] == '[' {
			end := strings.IndexByte(line, ']')
			if g.IntN(3) == 0 {
				words = append(words, g.fill(line[1:end])...)
			}
			line = strings.TrimPrefix(line[end+1:], " ")
			continue
		}
		word, line, _ = strings.Cut(line, " ")
		n := 1 + g.IntN(4)
		switch {
		case word[0] == '{':
			words = append(words, g.pick(strings.Split(strings.Trim(word, "{}"), "|")...))
		case word == "$Z" || word == "$S":
			words = append(words, strconv.Itoa(n))
			for range n {
				words = append(words, g.word(word[1]|0x20))
			}
		case word[0] == '$' && strings.HasSuffix(word, "*"):
			for range n {
				words = append(words, g.word(word[1]))
			}
		case word[0] == '$':
			words = append(words, g.word(word[1]))
		default:
			words = append(words, word)
		}
	}
	return words
}

func (g *chance) word(kind byte) string { return g.pick(strings.Fields(randomWords[kind])...) }
