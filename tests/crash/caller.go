package crash

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"tabdis/core"
)

// caller is a client whose requests have numbers. It outlives the engines that it calls: what one has not answered it brings to the next, as a
// tab does whose leader has died.
type caller struct {
	*world
	id    uint64
	s     *core.Session // nil: it has none
	buf   []byte
	skip  int  // replies that come before those of its calls
	waits bool // for the first output, by which it settles its calls; else it sends all of them again at once
	next  uint64
	open  []*call // not settled, in order
	calls []*call // all
}

// result is what became of a call.
type result uint8

const (
	pending result = iota
	answered
	executed // its reply is lost
	notRun   // or without effect
	unsure   // NOTDURABLE
)

// call is a request: a command, or MULTI to EXEC.
type call struct {
	words  [][]string
	number uint64 // of its first command
	unique string // what it writes
	got    []string
	result result
	reply  string
}

func (q *call) last() uint64 { return q.number + uint64(len(q.words)) - 1 }

// is tells whether a command of this name is what the call is for.
func (q *call) is(name, key string) bool {
	return slices.ContainsFunc(q.words, func(w []string) bool { return w[0] == name && len(w) > 1 && w[1] == key })
}

// call makes a call, and sends it if it can be sent.
func (c *caller) call(words ...[]string) *call {
	q := &call{words: words, number: c.next}
	c.next = q.last() + 1
	c.open, c.calls = append(c.open, q), append(c.calls, q)
	if c.s != nil && !c.waits {
		c.send(q)
	}
	return q
}

func (c *caller) send(q *call) {
	q.got = nil
	c.s.Feed(request{commands: q.words}.text())
}

// invent makes a new call of some kind.
func (c *caller) invent() {
	r := c.rng
	unique := strconv.FormatUint(c.id, 16) + "-" + strconv.FormatUint(c.next, 10)
	if r.IntN(4) == 0 {
		unique += strings.Repeat("-long", 12) // a reply of it is not kept
	}
	push := []string{"LPUSH", "l", unique}
	var q *call
	switch r.IntN(11) {
	case 0:
		q = c.call([]string{"GET", "n"})
	case 1, 2:
		q = c.call([]string{"INCR", "n"})
	case 3:
		q = c.call([]string{"MULTI"}, []string{"INCR", "n"}, push, []string{"EXEC"})
	case 4:
		q = c.call([]string{"SET", "x" + strconv.Itoa(r.IntN(30)), unique, "NX"})
	case 5:
		q = c.call([]string{"BLPOP", "q", "0"})
	case 6, 7:
		q = c.call([]string{"LPUSH", "q", unique})
	case 8:
		q = c.call([]string{"MULTI"}, []string{"GET", "n"}, []string{"EXEC"})
	default:
		q = c.call(push)
	}
	q.unique = unique
}

// connect opens a session. Its state, the database, was got under number 1, and is got back under it. What is not settled follows at once, to be
// executed or answered from the table, or when the first output has told what is to be sent.
func (c *caller) connect() {
	c.s = c.engine.NewSession(core.SessionOptions{Client: c.id, Next: c.first()})
	c.buf, c.skip, c.waits = nil, 2, c.rng.IntN(2) == 0
	require.True(c, c.s.GoOn(1), "%s", c.what)
	c.s.Feed([]byte("SELECT 1\r\n"))
	if !c.waits {
		c.goOn()
	}
}

// first is the lowest number that may come again.
func (c *caller) first() uint64 {
	if len(c.open) > 0 {
		return c.open[0].number
	}
	return c.next
}

// goOn sends what is open, from the number of the first on.
func (c *caller) goOn() {
	require.True(c, c.s.GoOn(c.first()), "%s", c.what)
	for _, q := range c.open {
		c.send(q)
	}
}

// greeted takes the first output: [highest, [number, reply] …].
func (c *caller) greeted(first []byte) {
	if first[0] == '-' {
		require.True(c, c.faulty && strings.HasPrefix(string(first), "-NOTDURABLE "), "%s: %q", c.what, first)
		if c.waits { // to come again
			c.s.Close()
			c.s = nil
		}
		return
	}
	rest := first[bytes.IndexByte(first, '\n')+1:]
	n := replyLen(rest)
	highest, _ := strconv.ParseUint(string(rest[1:n-2]), 10, 64)
	kept := map[uint64]string{}
	for rest = rest[n:]; len(rest) > 0; rest = rest[n:] {
		n = replyLen(rest)
		pair := bulks(rest[:n])
		number, _ := strconv.ParseUint(pair[0], 10, 64)
		if kept[number] = pair[1]; pair[1] == "-1" {
			kept[number] = "-REPLYLOST "
		}
	}
	for _, q := range c.calls { // what was settled is known, and nothing else of it than what was heard
		require.False(c, q.result == answered && q.last() > highest && q.changes(), "%s: %q was answered and is not known", c.what, q.words)
		require.True(c, q.number > highest || q.last() <= highest, "%s: half of %q", c.what, q.words)
		if reply, ok := kept[q.last()]; ok && q.result == answered {
			if reply == "-REPLYLOST " {
				require.Greater(c, len(q.reply), 64, "%s: %q", c.what, q.words)
				continue
			}
			require.Equal(c, q.reply, reply, "%s: %q", c.what, q.words)
		}
	}
	for c.waits && len(c.open) > 0 && c.open[0].last() <= highest {
		if reply, ok := kept[c.open[0].last()]; ok {
			c.settle(reply)
		} else {
			c.settle("-NOEFFECT ")
		}
	}
}

// changes tells that a call that was answered has certainly changed something.
func (q *call) changes() bool {
	return q.is("INCR", "n") || q.is("LPUSH", "l") || q.is("LPUSH", "q") || q.is("BLPOP", "q") || q.words[0][0] == "SET" && q.reply == ok
}

// settle settles the first open call.
func (c *caller) settle(reply string) {
	q := c.open[0]
	c.open = c.open[1:]
	q.reply = reply
	switch {
	case strings.HasPrefix(reply, "-MISCONF "), strings.HasPrefix(reply, "-EXECABORT "):
		require.True(c, c.faulty, "%s: %q, and nothing had failed", c.what, reply)
		q.result = notRun
	case strings.HasPrefix(reply, "-NOEFFECT "):
		q.result = notRun
	case strings.HasPrefix(reply, "-NOTDURABLE "):
		require.True(c, c.faulty, "%s: %q, and nothing had failed", c.what, reply)
		q.result = unsure
	case strings.HasPrefix(reply, "-REPLYLOST "):
		q.result = executed
	default:
		require.NotEqual(c, "-", reply[:1], "%s: %q: %s", c.what, q.words, reply)
		q.result = answered
	}
}

// hear takes what was released.
func (c *caller) hear() {
	if c.s == nil {
		return
	}
	out := c.s.Output()
	c.buf = append(c.buf, out...)
	c.s.Take(len(out))
	for len(c.buf) > 0 {
		n := replyLen(c.buf)
		text := string(c.buf[:n])
		c.buf = c.buf[n:]
		switch c.skip {
		case 2:
			if c.greeted([]byte(text)); c.s == nil {
				return
			}
			c.skip--
		case 1:
			require.Equal(c, ok, text, "%s: the database", c.what)
			c.skip--
		default:
			q := c.open[0]
			if q.got = append(q.got, text); len(q.got) == len(q.words) {
				c.settle(text)
			}
		}
	}
	if c.skip == 0 && c.rng.IntN(3) == 0 {
		c.s.Acknowledged(c.first() - 1)
	}
}

// speak is the caller's part of a turn.
func (c *caller) speak() {
	switch r := c.rng.IntN(12); {
	case c.s == nil, r == 0 && c.skip == 0:
		c.connect()
	case c.skip == 0 && c.waits:
		c.waits = false
		c.goOn()
	case len(c.open) < 4:
		for range c.rng.IntN(3) {
			c.invent()
		}
	}
}
