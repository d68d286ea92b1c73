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
	key := pick(r, "s", "n", "l", "h", "t", "z") + n
	number := strconv.Itoa(r.IntN(200) - 100)
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
		return request{commands: [][]string{{"GET", "s" + strconv.Itoa(r.IntN(3))}}}
	case 1, 2:
		q := request{multi: true, commands: [][]string{{"INCR", "n8"}}}
		for range 1 + r.IntN(3) {
			q.commands = append(q.commands, one())
		}
		return q
	case 3, 4:
		return request{commands: [][]string{{"INCR", "n9"}}}
	}
	return request{commands: [][]string{one()}}
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
	for _, c := range q.commands {
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
	return len(q.commands)
}
