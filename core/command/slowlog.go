package command

import (
	"math"
	"strconv"
)

// Slowlog keeps the latest commands that took long.
type Slowlog struct {
	entries []SlowEntry // the latest last
	nextID  int64
}

// SlowEntry is a command that took long.
type SlowEntry struct {
	ID         int64
	Time       int64 // Unix seconds
	Micros     int64
	Args       []string // cut as Redis cuts them
	Addr, Name string   // of the client
}

// How much of a command is kept: so many words, and so many bytes of each.
const (
	slowWords = 32
	slowBytes = 128
)

// Add appends a command and drops what is more than limit.
func (l *Slowlog) Add(e SlowEntry, words [][]byte, limit int) {
	kept := min(len(words), slowWords)
	if len(words) > slowWords {
		kept--
	}
	e.Args = make([]string, 0, kept+1)
	for _, w := range words[:kept] {
		if over := len(w) - slowBytes; over > 0 {
			e.Args = append(e.Args, string(w[:slowBytes])+"... ("+strconv.Itoa(over)+" more bytes)")
		} else {
			e.Args = append(e.Args, string(w))
		}
	}
	if over := len(words) - kept; over > 0 {
		e.Args = append(e.Args, "... ("+strconv.Itoa(over)+" more arguments)")
	}
	e.ID = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	if over := len(l.entries) - limit; over > 0 {
		l.entries = append(l.entries[:0], l.entries[over:]...)
	}
}

func cmdSlowlogGet(c *Call) {
	n := int64(10)
	switch len(c.Args) {
	case 2:
	case 3:
		var ok bool
		if n, ok = c.rangeArg(2, -1, math.MaxInt64, "ERR count should be greater than or equal to -1"); !ok {
			return
		}
	default:
		c.wrongWords("SLOWLOG")
		return
	}
	entries := c.Server.Operations().Slowlog().entries
	if n < 0 || n > int64(len(entries)) {
		n = int64(len(entries))
	}
	c.W.Array(int(n))
	for i := range int(n) {
		e := &entries[len(entries)-1-i]
		c.W.Array(6)
		c.W.Int(e.ID)
		c.W.Int(e.Time)
		c.W.Int(e.Micros)
		c.W.Array(len(e.Args))
		for _, a := range e.Args {
			c.W.BulkString(a)
		}
		c.W.BulkString(e.Addr)
		c.W.BulkString(e.Name)
	}
}

func cmdSlowlogLen(c *Call) { c.W.Int(int64(len(c.Server.Operations().Slowlog().entries))) }

func cmdSlowlogReset(c *Call) {
	c.Server.Operations().Slowlog().entries = nil
	c.W.OK()
}

func cmdSlowlogHelp(c *Call) {
	c.help(
		"GET [<count>]|The latest entries, 10 or so many, -1 for all: id, time, microseconds, words, address and name of the client.",
		"LEN|How many entries there are.",
		"RESET|Forget them.",
	)
}

// Shown are the words of a command as others may see them: what is secret is hidden.
func (cmd *Command) Shown(words [][]byte) [][]byte {
	shown := words
	hide := func(from, to int) {
		for i := from; i < min(to, len(words)); i++ {
			if &shown[0] == &words[0] {
				shown = append([][]byte(nil), words...)
			}
			shown[i] = []byte("(redacted)")
		}
	}
	switch cmd.FullName() {
	case "auth":
		hide(1, len(words))
	case "acl|setuser":
		hide(2, len(words))
	case "hello", "migrate":
		for i, w := range words {
			switch {
			case is(w, "auth") && cmd.Name == "migrate":
				hide(i+1, i+2)
			case is(w, "auth"), is(w, "auth2"):
				hide(i+1, i+3)
			}
		}
	case "config|set":
		for i := 2; i < len(words); i += 2 {
			if is(words[i], "requirepass") || is(words[i], "masterauth") || is(words[i], "masteruser") {
				hide(i+1, i+2)
			}
		}
	}
	return shown
}
