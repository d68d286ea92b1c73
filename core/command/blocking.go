package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// Wait is what a command waits for that found nothing to work on: that one of its keys becomes fit for it.
type Wait struct {
	From, N int   // its keys: Args[From : From+N]
	Until   int64 // Unix ms; 0: for ever
	Gone    bool  // Serve is to be called for a key that has gone, too
	// Serve does what the command wanted with a key of which something became known, and answers; false when that is still not possible.
	// It is called with a Call of its own, which has the same words.
	Serve func(c *Call, key []byte) bool
	// Ready, if set, is asked whenever something may have become durable: true answers with EndWait.
	Ready func() bool
	// TimedOut answers when the time is over, Denied where nothing may wait, in a transaction; nil: the null array.
	TimedOut, Denied func(c *Call)
}

// EndWait answers as when the time is over.
func (c *Call) EndWait(w *Wait) {
	if w.TimedOut != nil {
		w.TimedOut(c)
		return
	}
	c.W.NullArray()
}

// wait parks the session until w is served or its time is over.
func (c *Call) wait(w Wait) {
	switch {
	case c.Session.Block(c, w):
	case w.Denied != nil:
		w.Denied(c)
	default:
		c.EndWait(&w)
	}
}

// untilSeconds reads word i as a time to wait in seconds, with fractions: 0 means for ever. It gives the end in Unix ms.
func (c *Call) untilSeconds(i int) (until int64, ok bool) {
	d, valid := parseLongDouble(c.Args[i])
	if !valid {
		c.W.Error("ERR timeout is not a float or out of range")
		return 0, false
	}
	ms := d.float() * 1000
	if ms >= math.MaxInt64 && c.Server.Profile70() {
		ms = -1 // it overflowed there
	}
	return c.until(math.Ceil(ms))
}

// untilMillis is untilSeconds for whole milliseconds.
func (c *Call) untilMillis(i int) (until int64, ok bool) {
	ms, valid := parseInt(c.Args[i])
	if !valid {
		c.W.Error("ERR timeout is not an integer or out of range")
		return 0, false
	}
	return c.until(float64(ms))
}

func (c *Call) until(ms float64) (until int64, ok bool) {
	switch {
	case ms < 0:
		c.W.Error("ERR timeout is negative")
		return 0, false
	case ms == 0:
		return 0, true
	case ms > float64(math.MaxInt64-c.Now):
		c.W.Error("ERR timeout is out of range")
		return 0, false
	}
	return c.Now + int64(ms), true
}

func cmdBlpop(c *Call) { c.blockingPop(head) }
func cmdBrpop(c *Call) { c.blockingPop(tail) }

func (c *Call) blockingPop(where end) {
	last := len(c.Args) - 1
	until, ok := c.untilSeconds(last)
	if !ok {
		return
	}
	pop := func(c *Call, key []byte) bool { return c.popOne(key, where) }
	c.serveOrWait(keyspace.List, c.Args[1:last], pop, Wait{From: 1, N: last - 1, Until: until}, true)
}

// serveOrWait tries the keys in order until one is served, and waits for them where none is and block is set. A key that holds another type
// than t is an error.
func (c *Call) serveOrWait(t keyspace.Type, keys [][]byte, serve func(c *Call, key []byte) bool, w Wait, block bool) {
	for _, key := range keys {
		if _, found, ok := c.WriteOf(t, key); !ok || found && serve(c, key) {
			return
		}
	}
	if w.Serve = serve; block {
		c.wait(w)
	} else {
		c.EndWait(&w)
	}
}

// holds finds the value of a key that a waiting command is to be served with; false when it is of another type, too.
func (c *Call) holds(t keyspace.Type, key []byte) (e keyspace.Entry, ok bool) {
	e, ok = c.LookupWrite(key)
	return e, ok && e.Type() == t
}

// popOne answers with a key and an element of its list; false when there is no list.
func (c *Call) popOne(key []byte, where end) bool {
	e, ok := c.holds(keyspace.List, key)
	if !ok {
		return false
	}
	l := e.List()
	v, _ := where.pop(l)
	c.W.Array(2)
	c.W.Bulk(key)
	c.W.Bulk(v)
	c.shortened(key, l, where.event("lpop", "rpop"), 1)
	c.PropagateAs(where.popWord(), key)
	return true
}

func (e end) popWord() []byte {
	if e == head {
		return wordLpop
	}
	return wordRpop
}

func cmdBlmove(c *Call) {
	from, ok := c.endArg(3)
	if !ok {
		return
	}
	to, ok := c.endArg(4)
	if !ok {
		return
	}
	if until, ok := c.untilSeconds(5); ok {
		c.blockingMove(from, to, until, wordLmove, 5)
	}
}

func cmdBrpoplpush(c *Call) {
	if until, ok := c.untilSeconds(3); ok {
		c.blockingMove(tail, head, until, wordRpoplpush, 3)
	}
}

// blockingMove moves an element, or waits for one. It is logged under its other name, without the time behind its first n words.
func (c *Call) blockingMove(from, to end, until int64, name []byte, n int) {
	move := func(c *Call, key []byte) bool {
		if _, ok := c.holds(keyspace.List, key); !ok {
			return false
		}
		c.moveElement(from, to) // or says that the other key holds no list
		if c.Effects.Any() {
			c.Effects.Rewrite = append(append(c.Effects.Rewrite[:0], name), c.Args[1:n]...)
		}
		return true
	}
	c.serveOrWait(keyspace.List, c.Args[1:2], move, Wait{From: 1, N: 1, Until: until, Denied: func(c *Call) { c.W.Null() }}, true)
}

func cmdBlmpop(c *Call) {
	if until, ok := c.untilSeconds(1); ok {
		c.lmpop(2, until, true)
	}
}

func cmdBzmpop(c *Call) {
	if until, ok := c.untilSeconds(1); ok {
		c.zmpop(2, until, true)
	}
}

func cmdBzpopmin(c *Call) { c.blockingZpop(false) }
func cmdBzpopmax(c *Call) { c.blockingZpop(true) }

func (c *Call) blockingZpop(max bool) {
	last := len(c.Args) - 1
	until, ok := c.untilSeconds(last)
	if !ok {
		return
	}
	pop := func(c *Call, key []byte) bool { return c.zpopOne(key, max) }
	c.serveOrWait(keyspace.ZSet, c.Args[1:last], pop, Wait{From: 1, N: last - 1, Until: until}, true)
}

// zpopOne answers with a key and the lowest (max: highest) element of its sorted set; false when there is none.
func (c *Call) zpopOne(key []byte, max bool) bool {
	e, ok := c.holds(keyspace.ZSet, key)
	if !ok {
		return false
	}
	c.W.Array(3)
	c.W.Bulk(key)
	c.popElements(key, e.ZSet(), 1, max, false)
	c.PropagateAs(zpopWord(max), key)
	return true
}

func zpopWord(max bool) []byte {
	if max {
		return wordZpopmax
	}
	return wordZpopmin
}

// cmdWait waits for replicas, of which there are none.
func cmdWait(c *Call) {
	replicas, ok := c.intArg(1)
	if !ok {
		return
	}
	until, ok := c.untilMillis(2)
	if !ok {
		return
	}
	if replicas <= 0 {
		c.W.Int(0)
		return
	}
	c.wait(Wait{Until: until, TimedOut: (*Call).replyZero})
}

// cmdWaitaof waits until what this session wrote is durable here, and, with replicas wanted, for ever: there are none.
func cmdWaitaof(c *Call) {
	local, ok := c.rangeArg(1, 0, 1, "")
	if !ok {
		return
	}
	replicas, ok := c.positiveArg(2)
	if !ok {
		return
	}
	until, ok := c.untilMillis(3)
	if !ok {
		return
	}
	durable, _ := c.Session.Durable()
	reply := func(c *Call) {
		_, logging := c.Session.Durable() // the log may have been turned off meanwhile
		if local > 0 && !logging {
			c.W.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
			return
		}
		c.W.Array(2)
		if logging && durable() {
			c.W.Int(1)
		} else {
			c.W.Int(0)
		}
		c.W.Int(0)
	}
	s := c.Session
	enough := func() bool {
		_, logging := s.Durable()
		return local > 0 && !logging || replicas == 0 && (local == 0 || durable())
	}
	if enough() {
		reply(c)
		return
	}
	c.wait(Wait{Until: until, Ready: enough, TimedOut: reply, Denied: reply})
}

func cmdClientPause(c *Call) {
	all := true
	if len(c.Args) == 4 {
		if w := c.Args[3]; is(w, "write") {
			all = false
		} else if !is(w, "all") {
			c.W.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
			return
		}
	} else if len(c.Args) > 4 {
		c.clientSyntax()
		return
	}
	if until, ok := c.untilMillis(2); ok {
		c.Server.Operations().Pause(until, all)
		c.W.OK()
	}
}

func cmdClientUnpause(c *Call) {
	c.Server.Operations().Unpause()
	c.W.OK()
}

// clientSyntax is the error for a number of words that the row of a subcommand allows and it does not.
func (c *Call) clientSyntax() {
	c.W.Error(resp.Error("ERR unknown subcommand or wrong number of arguments for '" + cString(c.Args[1], quoteMax) + "'. Try CLIENT HELP."))
}

const errUnblocked resp.Error = "UNBLOCKED client unblocked via CLIENT UNBLOCK"

func cmdClientUnblock(c *Call) {
	withError := false
	if len(c.Args) == 4 {
		switch w := c.Args[3]; {
		case is(w, "error"):
			withError = true
		case !is(w, "timeout"):
			c.W.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
			return
		}
	} else if len(c.Args) > 4 {
		c.clientSyntax()
		return
	}
	id, ok := c.intArg(2)
	if !ok {
		return
	}
	end := (*Call).EndWait
	if withError {
		end = func(c *Call, _ *Wait) { c.W.Error(errUnblocked) }
	}
	if c.Server.Operations().Unblock(id, end) {
		c.W.Int(1)
	} else {
		c.W.Int(0)
	}
}
