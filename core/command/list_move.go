package command

import (
	"bytes"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

func cmdRpoplpush(c *Call) { c.moveElement(tail, head) }

func cmdLmove(c *Call) {
	from, ok := c.endArg(3)
	if !ok {
		return
	}
	if to, ok := c.endArg(4); ok {
		c.moveElement(from, to)
	}
}

// moveElement takes an element from one end of the list at word 1 and puts it to one end of the list at word 2, which may be the same.
func (c *Call) moveElement(from, to end) {
	src, dst := c.Args[1], c.Args[2]
	l, ok := c.listForWrite(c.W.Null)
	if !ok {
		return
	}
	if bytes.Equal(src, dst) {
		c.rotate(l, from, to)
		return
	}
	if _, _, ok := c.WriteOf(keyspace.List, dst); !ok {
		return
	}
	// The second lookup may have removed a key, so the source is opened again.
	e, _ := c.Peek(src)
	l = e.List()
	v, _ := from.pop(l)
	v = append(c.Scratch(len(v))[:0], v...)
	gone := l.Commit()
	e, found := c.Peek(dst)
	if found {
		l = e.List()
	} else {
		l = c.DB.NewList(dst)
	}
	to.push(l, v)
	l.Commit()
	if !found {
		c.created(dst)
	}
	c.Dirty(1)
	c.Changed(dst, ClassList, to.event("lpush", "rpush"))
	c.W.Bulk(v)
	c.took(src, ClassList, from.event("lpop", "rpop"), gone)
}

func (c *Call) rotate(l *keyspace.ListValue, from, to end) {
	key := c.Args[1]
	v, _ := from.pop(l)
	v = append(c.Scratch(len(v))[:0], v...)
	to.push(l, v)
	l.Commit()
	c.Dirty(1)
	c.Changed(key, ClassList, to.event("lpush", "rpush"))
	c.notify(key, ClassList, from.event("lpop", "rpop"))
	c.W.Bulk(v)
}

func cmdLmpop(c *Call) { c.lmpop(1, 0, false) }

// lmpop pops from the first of several lists, whose number is word n, or blocks until one is there.
func (c *Call) lmpop(n int, until int64, block bool) {
	numKeys, ok := c.rangeArg(n, 1, math.MaxInt64, "ERR numkeys should be greater than 0")
	if !ok {
		return
	}
	if numKeys > int64(len(c.Args)-n-2) {
		c.W.Error(resp.ErrSyntax)
		return
	}
	i := n + 1 + int(numKeys)
	keys := c.Args[n+1 : i]
	where, ok := c.endArg(i)
	if !ok {
		return
	}
	count := int64(1)
	if rest := c.Args[i+1:]; len(rest) > 0 {
		if len(rest) < 2 || !is(rest[0], "count") {
			c.W.Error(resp.ErrSyntax)
			return
		}
		if count, ok = c.rangeArg(i+2, 1, math.MaxInt64, "ERR count should be greater than 0"); !ok {
			return
		}
		if len(rest) > 2 {
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	pop := func(c *Call, key []byte) bool {
		e, ok := c.holds(keyspace.List, key)
		if !ok {
			return false
		}
		c.W.Array(2)
		c.W.Bulk(key)
		n := c.popMany(key, e.List(), where, count)
		c.PropagateAs(where.popWord(), key, c.scratchInt(int64(n)))
		return true
	}
	c.serveOrWait(keyspace.List, keys, pop, Wait{From: n + 1, N: len(keys), Until: until}, block)
}

// lposOptions are the options of LPOS.
type lposOptions struct {
	rank, count, maxLen int64 // count is -1 without COUNT
}

func (c *Call) parseLpos() (o lposOptions, ok bool) {
	o = lposOptions{rank: 1, count: -1}
	for i := 3; i < len(c.Args); i += 2 {
		if i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return o, false
		}
		switch word := c.Args[i]; {
		case is(word, "rank"):
			if o.rank, ok = c.rangeArg(i+1, -math.MaxInt64, math.MaxInt64, ""); ok && o.rank == 0 {
				c.W.Error("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
					"or use negative to start from the end of the list")
				ok = false
			}
		case is(word, "count"):
			o.count, ok = c.rangeArg(i+1, 0, math.MaxInt64, "ERR COUNT can't be negative")
		case is(word, "maxlen"):
			o.maxLen, ok = c.rangeArg(i+1, 0, math.MaxInt64, "ERR MAXLEN can't be negative")
		default:
			c.W.Error(resp.ErrSyntax)
			ok = false
		}
		if !ok {
			return o, false
		}
	}
	return o, true
}

func cmdLpos(c *Call) {
	o, ok := c.parseLpos()
	if !ok {
		return
	}
	l, ok := c.listForRead(func() {
		if o.count >= 0 {
			c.W.Array(0)
		} else {
			c.W.Null()
		}
	})
	if !ok {
		return
	}
	m, n := c.W.Mark(), int64(0)
	wanted := max(o.count, 1)
	if o.count == 0 {
		wanted = math.MaxInt64
	}
	positions(l, c.Args[2], o, func(i int) bool {
		c.W.Int(int64(i))
		n++
		return n < wanted
	})
	switch {
	case o.count >= 0:
		c.W.InsertArray(m, int(n))
	case n == 0:
		c.W.Null()
	}
}

// positions calls fn with the indexes of the elements equal to v, from the one of the rank on, until it returns false.
func positions(l *keyspace.ListValue, v []byte, o lposOptions, fn func(i int) bool) {
	first, reverse, skip := 0, o.rank < 0, max(o.rank, -o.rank)-1
	if reverse {
		first = l.Len() - 1
	}
	seen := int64(0)
	l.Range(first, reverse, func(i int, x []byte) bool {
		if seen++; o.maxLen > 0 && seen > o.maxLen {
			return false
		}
		if !bytes.Equal(x, v) {
			return true
		}
		if skip > 0 {
			skip--
			return true
		}
		return fn(i)
	})
}
