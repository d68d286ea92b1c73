package crash

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// request is what one session sends in one turn: a command, or a transaction.
type request struct {
	commands [][]string
	multi    bool
}

// Payloads of DUMP, of a string and of a list.
const (
	dumpedString = "\x00\x08\x72\x65\x73\x74\x6f\x72\x65\x64\x0a\x00\xb5\x65\xb8\xd8\xd2\x6f\x0a\xf4"
	dumpedList   = "\x12\x01\x02\x17\x17\x00\x00\x00\x03\x00\x81\x61\x02\x81\x62\x02\x88\x72\x65\x73\x74\x6f\x72\x65\x64\x09\xff\x0a\x00\x78\xac\xc2\x81\x19\xed\x67\xd3"
)

// places are members of sorted sets, with what GEOADD takes for them and what it makes of that.
var places = []struct{ longitude, latitude, member, score string }{
	{"13.361389", "38.115556", "Palermo", "3479099956230698"},
	{"15.087269", "37.502669", "Catania", "3479447370796909"},
	{"-122.4", "37.7", "SF", "1367856741552540"},
}

// contents are values that a reader of the log might mistake for something else, and some that span pages.
var contents = []string{"", "v", "\r\n", "*1\r\n$4\r\nEXEC\r\n", "#HDR:v1;file:0123456789abcdef;at:0;len:3;lsn:1;epoch:1;sync:0;",
	"\x00\xff\x00", "#TS:1700000000\r\n", strings.Repeat("x", 700), strings.Repeat("\x00", 5000), strings.Repeat("long ", 2500)}

func newRand(seed, more uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, more)) }

// pick gives one of several words.
func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// content is a value: a short one, most of the time.
func content(r *rand.Rand) string {
	if r.IntN(3) > 0 {
		return "v" + strconv.Itoa(r.IntN(1000))
	}
	return contents[r.IntN(len(contents))]
}

// command makes one command that writes. The first letter of a key tells its type.
func command(r *rand.Rand) []string {
	n, m := strconv.Itoa(r.IntN(3)), "m"+strconv.Itoa(r.IntN(6))
	key := pick(r, "s", "n", "l", "h", "t", "z", "b", "p", "g", "x") + n
	number := strconv.Itoa(r.IntN(200) - 100)
	if r.IntN(5) < 2 {
		return newerCommand(r, n, m)
	}
	switch r.IntN(26) {
	case 0, 1, 2:
		return []string{"SET", "s" + n, content(r)}
	case 3:
		return []string{"SET", "s" + n, content(r), "PX", strconv.Itoa(1 + r.IntN(4000))}
	case 4:
		return []string{"APPEND", "s" + n, pick(r, "+", "-", "\r\n")}
	case 5, 6:
		return []string{"INCR", "n" + n}
	case 7, 8:
		return []string{pick(r, "RPUSH", "LPUSH"), "l" + n, content(r), m}
	case 9:
		return []string{pick(r, "LPOP", "RPOP"), "l" + n}
	case 10, 11:
		return []string{"HSET", "h" + n, m, content(r)}
	case 12:
		return []string{"HINCRBY", "h" + n, "count", number}
	case 13:
		return []string{"SADD", "t" + n, m, strconv.Itoa(r.IntN(100))}
	case 14, 15:
		return []string{"ZADD", "z" + n, number, m}
	case 16:
		return []string{"ZINCRBY", "z" + n, number, m}
	case 17:
		i := r.IntN(3)
		return []string{[]string{"HDEL", "SREM", "ZREM"}[i], "htz"[i:i+1] + n, m}
	case 18:
		return []string{"PEXPIRE", key, strconv.Itoa(1 + r.IntN(4000))}
	case 19:
		return []string{"PERSIST", key}
	case 20:
		return []string{"DEL", key}
	case 21:
		return []string{"RENAME", key, key[:1] + strconv.Itoa(r.IntN(3))}
	case 22:
		return []string{"MOVE", key, strconv.Itoa(r.IntN(databases))}
	case 23:
		return []string{"SPOP", "t" + n, "1000"}
	case 24:
		return []string{pick(r, "FLUSHDB", "FLUSHDB", "FLUSHALL")}
	}
	return []string{"SWAPDB", strconv.Itoa(r.IntN(databases)), strconv.Itoa(r.IntN(databases))}
}

// newerCommand makes one of the types and commands that came later.
func newerCommand(r *rand.Rand, n, m string) []string {
	to, seq := strconv.Itoa(r.IntN(3)), "1-"+strconv.Itoa(r.IntN(8))
	consumer := pick(r, "alice", "bob")
	switch r.IntN(17) {
	case 0, 1:
		return []string{"SETBIT", "b" + n, strconv.Itoa(r.IntN(200)), pick(r, "0", "1", "1")}
	case 2:
		return []string{"BITOP", pick(r, "OR", "AND"), "b" + to, "b" + n, "b1"}
	case 3: // always the first so many: how many there are tells which
		return append([]string{"PFADD", "p" + n}, []string{"m0", "m1", "m2", "m3", "m4"}[:1+r.IntN(5)]...)
	case 4:
		return []string{"PFMERGE", "p" + to, "p" + n}
	case 5:
		p := places[r.IntN(len(places))]
		return []string{"GEOADD", "g" + n, p.longitude, p.latitude, p.member}
	case 6:
		return []string{"GEOSEARCHSTORE", "g" + to, "g" + n, "FROMLONLAT", "14", "38", "BYRADIUS", "500", "km"}
	case 7:
		return []string{"RESTORE", "s" + n, pick(r, "0", strconv.Itoa(1+r.IntN(4000))), dumpedString, "REPLACE"}
	case 8:
		return []string{"RESTORE", "l" + n, "0", dumpedList}
	case 9, 10:
		return []string{"XADD", "x" + n, "1-*", "f", m}
	case 11:
		return []string{"XADD", "x" + n, "MAXLEN", "3", "1-*", "f", content(r)}
	case 12:
		return []string{"XDEL", "x" + n, seq}
	case 13:
		return []string{"XGROUP", "CREATE", "x" + n, "g", "0", "MKSTREAM"}
	case 14:
		return []string{"XREADGROUP", "GROUP", "g", consumer, "COUNT", "2", "STREAMS", "x" + n, ">"}
	case 15:
		return []string{"XACK", "x" + n, "g", seq}
	}
	return []string{"XAUTOCLAIM", "x" + n, "g", consumer, "0", "0", "COUNT", "3", "JUSTID"}
}

// waitingCommand makes a command that may wait: for ever, or for a while. Each waits for one key, and none for what another one makes.
func waitingCommand(r *rand.Rand) []string {
	n, timeout := strconv.Itoa(r.IntN(3)), pick(r, "0", "0.05", "3")
	switch r.IntN(4) {
	case 0:
		return []string{"BLMOVE", "l" + n, "l9", "LEFT", "RIGHT", timeout}
	case 1:
		return []string{"BZPOPMIN", "z" + n, timeout}
	}
	return []string{"BLPOP", "l" + n, timeout}
}

// evict makes memory full for the length of a command, EVICT here: all that the policy lets go goes.
func evict(r *rand.Rand) request {
	return request{commands: [][]string{{"EVICT", pick(r, "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-random", "allkeys-lfu")}}}
}

// evictCommands is what stands for EVICT.
func evictCommands(policy string) [][]string {
	return [][]string{
		{"CONFIG", "SET", "maxmemory", "1", "maxmemory-policy", policy, "maxmemory-eviction-tenacity", "100"},
		{"EXISTS", "s0"},
		{"CONFIG", "SET", "maxmemory", "0"},
	}
}

// makeRequest makes what a session sends. A counter in most of them makes states distinct.
func makeRequest(r *rand.Rand, db int) request {
	one := func() []string {
		c := command(r)
		switch {
		case c[0] == "FLUSHDB" || c[0] == "FLUSHALL" || c[0] == "SWAPDB":
			if r.IntN(3) > 0 {
				c = []string{"INCR", "n9"}
			}
		case c[0] == "MOVE" && c[2] == strconv.Itoa(db):
			c[2] = strconv.Itoa((db + 1) % databases)
		}
		return c
	}
	switch r.IntN(8) {
	case 0:
		n := strconv.Itoa(r.IntN(3))
		if r.IntN(4) == 0 {
			return request{commands: [][]string{{"PFCOUNT", "p" + n}}}
		}
		return request{commands: [][]string{{"GET", "s" + n}}}
	case 1, 2:
		q := request{multi: true, commands: [][]string{{"INCR", "n8"}}}
		for range 1 + r.IntN(3) {
			q.commands = append(q.commands, one())
		}
		return q
	case 3, 4:
		return request{commands: [][]string{{"INCR", "n9"}}}
	case 5:
		switch r.IntN(6) {
		case 0:
			return evict(r)
		case 3:
			return request{commands: [][]string{{"WAITAOF", "1", "0", pick(r, "0", "500")}}}
		case 4:
			return request{multi: true, commands: [][]string{{"INCR", "n8"}, {"PUBLISH", "news", ""}}}
		case 1, 2:
			return request{commands: [][]string{waitingCommand(r)}}
		}
	}
	return request{commands: [][]string{one()}}
}

// sent are the commands that the session sends.
func (q request) sent() [][]string {
	if q.commands[0][0] == "EVICT" {
		return evictCommands(q.commands[0][1])
	}
	return q.commands
}

// text is the request as the session sends it.
func (q request) text() (b []byte) {
	add := func(words ...string) {
		b = append(b, "*"+strconv.Itoa(len(words))+"\r\n"...)
		for _, w := range words {
			b = append(b, bulk(w)...)
		}
	}
	if q.multi {
		add("MULTI")
	}
	for _, c := range q.sent() {
		add(c...)
	}
	if q.multi {
		add("EXEC")
	}
	return b
}

// replies is how many replies it gets.
func (q request) replies() int {
	if q.multi {
		return len(q.commands) + 2
	}
	return len(q.sent())
}
