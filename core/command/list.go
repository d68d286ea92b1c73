package command

import (
	"bytes"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// end is one of a list's two ends.
type end uint8

const (
	head end = iota
	tail
)

func (e end) push(l *keyspace.ListValue, v []byte) {
	if e == head {
		l.PushHead(v)
		return
	}
	l.PushTail(v)
}

func (e end) pop(l *keyspace.ListValue) ([]byte, bool) {
	if e == head {
		return l.PopHead()
	}
	return l.PopTail()
}

// event is "lpush" or "rpush", "lpop" or "rpop".
func (e end) event(headEvent, tailEvent string) string {
	if e == head {
		return headEvent
	}
	return tailEvent
}

// endArg is word i as LEFT or RIGHT.
func (c *Call) endArg(i int) (e end, ok bool) {
	switch word := c.Args[i]; {
	case is(word, "left"):
		return head, true
	case is(word, "right"):
		return tail, true
	}
	c.W.Error(resp.ErrSyntax)
	return 0, false
}

// listForWrite opens the list at word 1. Without a list, ok is false and nothing says what: the key is missing and absent is
// run, or it holds something else and the error is written.
func (c *Call) listForWrite(absent func()) (l *keyspace.ListValue, ok bool) {
	e, found, ok := c.WriteOf(keyspace.List, c.Args[1])
	switch {
	case !ok:
		return nil, false
	case !found:
		absent()
		return nil, false
	}
	return e.List(), true
}

// listForRead is listForWrite for commands that only read.
func (c *Call) listForRead(absent func()) (l *keyspace.ListValue, ok bool) {
	e, found, ok := c.ReadOf(keyspace.List, c.Args[1])
	switch {
	case !ok:
		return nil, false
	case !found:
		absent()
		return nil, false
	}
	return e.List(), true
}

func (c *Call) replyZero() { c.W.Int(0) }

// shortened commits l after n elements were taken from it, and says so.
func (c *Call) shortened(key []byte, l *keyspace.ListValue, event string, n int) {
	gone := l.Commit()
	c.Dirty(n)
	c.took(key, ClassList, event, gone)
}

func cmdLpush(c *Call)  { c.push(head, false) }
func cmdRpush(c *Call)  { c.push(tail, false) }
func cmdLpushx(c *Call) { c.push(head, true) }
func cmdRpushx(c *Call) { c.push(tail, true) }

func (c *Call) push(where end, onlyExisting bool) {
	key, values := c.Args[1], c.Args[2:]
	e, found, ok := c.WriteOf(keyspace.List, key)
	if !ok {
		return
	}
	if !found && onlyExisting {
		c.W.Int(0)
		return
	}
	var l *keyspace.ListValue
	if found {
		l = e.List()
	} else {
		l = c.DB.NewList(key)
	}
	for _, v := range values {
		where.push(l, v)
	}
	n := l.Len()
	l.Commit()
	if !found {
		c.created(key)
	}
	c.Dirty(len(values))
	c.Changed(key, ClassList, where.event("lpush", "rpush"))
	c.W.Int(int64(n))
}

func cmdLpop(c *Call) { c.pop(head) }
func cmdRpop(c *Call) { c.pop(tail) }

func (c *Call) pop(where end) {
	key := c.Args[1]
	if len(c.Args) > 3 {
		c.W.Error(c.Cmd.wrongArity())
		return
	}
	if len(c.Args) == 2 {
		if l, ok := c.listForWrite(c.W.Null); ok {
			v, _ := where.pop(l)
			c.W.Bulk(v)
			c.shortened(key, l, where.event("lpop", "rpop"), 1)
		}
		return
	}
	count, ok := c.positiveArg(2)
	if !ok {
		return
	}
	l, ok := c.listForWrite(c.W.NullArray)
	if !ok {
		return
	}
	if count == 0 {
		c.W.Array(0)
		return
	}
	c.popMany(key, l, where, count)
}

// popMany takes up to count elements from l, answers with them, and tells how many they were.
func (c *Call) popMany(key []byte, l *keyspace.ListValue, where end, count int64) (n int) {
	n = int(min(count, int64(l.Len())))
	if where == head {
		c.writeList(l, 0, n, false)
		l.Delete(0, n)
	} else {
		c.writeList(l, l.Len()-1, n, true)
		l.Delete(l.Len()-n, n)
	}
	c.shortened(key, l, where.event("lpop", "rpop"), n)
	return n
}

// writeList answers with n elements of l from i on.
func (c *Call) writeList(l *keyspace.ListValue, i, n int, reverse bool) {
	c.W.Array(n)
	if n == 0 {
		return
	}
	l.Range(i, reverse, func(_ int, v []byte) bool {
		c.W.Bulk(v)
		n--
		return n > 0
	})
}

func cmdLlen(c *Call) {
	if l, ok := c.listForRead(c.replyZero); ok {
		c.W.Int(int64(l.Len()))
	}
}

// listIndex turns an index as users give it into one from 0; false when there is no such element.
func listIndex(i int64, n int) (int, bool) {
	if i < 0 {
		i += int64(n)
	}
	return int(i), 0 <= i && i < int64(n)
}

func cmdLindex(c *Call) {
	l, ok := c.listForRead(c.W.Null)
	if !ok {
		return
	}
	index, ok := c.intArg(2)
	if !ok {
		return
	}
	if i, ok := listIndex(index, l.Len()); ok {
		v, _ := l.Index(i)
		c.W.Bulk(v)
		return
	}
	c.W.Null()
}

func cmdLset(c *Call) {
	l, ok := c.listForWrite(func() { c.W.Error(resp.ErrNoSuchKey) })
	if !ok {
		return
	}
	index, ok := c.intArg(2)
	if !ok {
		return
	}
	i, ok := listIndex(index, l.Len())
	if !ok {
		c.W.Error(resp.ErrOutOfRange)
		return
	}
	l.Set(i, c.Args[3])
	l.Commit()
	c.Dirty(1)
	c.Changed(c.Args[1], ClassList, "lset")
	c.W.OK()
}

func cmdLinsert(c *Call) {
	after := is(c.Args[2], "after")
	if !after && !is(c.Args[2], "before") {
		c.W.Error(resp.ErrSyntax)
		return
	}
	l, ok := c.listForWrite(c.replyZero)
	if !ok {
		return
	}
	at := -1
	l.Range(0, false, func(i int, v []byte) bool {
		if bytes.Equal(v, c.Args[3]) {
			at = i
		}
		return at < 0
	})
	if at < 0 {
		c.W.Int(-1)
		return
	}
	if after {
		at++
	}
	l.Insert(at, c.Args[4])
	n := l.Len()
	l.Commit()
	c.Dirty(1)
	c.Changed(c.Args[1], ClassList, "linsert")
	c.W.Int(int64(n))
}

// clampRange turns a range as users give it, ends included and negative numbers counting from the end, into [from, to)
// of n elements.
func clampRange(start, stop int64, n int) (from, to int) {
	size := int64(n)
	if start < 0 {
		start = max(start+size, 0)
	}
	if stop < 0 {
		stop += size
	}
	stop = min(stop, size-1)
	if start > stop {
		return 0, 0
	}
	return int(start), int(stop) + 1
}

func cmdLrange(c *Call) {
	start, ok := c.intArg(2)
	if !ok {
		return
	}
	stop, ok := c.intArg(3)
	if !ok {
		return
	}
	if l, ok := c.listForRead(func() { c.W.Array(0) }); ok {
		from, to := clampRange(start, stop, l.Len())
		c.writeList(l, from, to-from, false)
	}
}

func cmdLtrim(c *Call) {
	start, ok := c.intArg(2)
	if !ok {
		return
	}
	stop, ok := c.intArg(3)
	if !ok {
		return
	}
	l, ok := c.listForWrite(c.W.OK)
	if !ok {
		return
	}
	n := l.Len()
	from, to := clampRange(start, stop, n)
	l.Delete(to, n-to)
	l.Delete(0, from)
	c.shortened(c.Args[1], l, "ltrim", n-(to-from))
	c.W.OK()
}

func cmdLrem(c *Call) {
	count, ok := c.intArg(2)
	if !ok {
		return
	}
	l, ok := c.listForWrite(c.replyZero)
	if !ok {
		return
	}
	limit := 0 // all; of the least integer too, which has no positive one
	if count != math.MinInt64 {
		limit = int(min(max(count, -count), int64(l.Len())))
	}
	n := l.RemoveEqual(c.Args[3], limit, count < 0)
	if n > 0 {
		gone := l.Commit()
		c.Dirty(n)
		c.Changed(c.Args[1], ClassList, "lrem")
		if gone {
			c.removed(c.Args[1])
		}
	}
	c.W.Int(int64(n))
}
