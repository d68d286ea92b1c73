package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// hashForWrite opens the hash at key, or a new one; ok is false when the key holds something else, and then the error is written.
func (c *Call) hashForWrite(key []byte) (h *keyspace.HashValue, found, ok bool) {
	e, found, ok := c.WriteOf(keyspace.Hash, key)
	switch {
	case !ok:
		return nil, found, false
	case found:
		return e.Hash(), true, true
	}
	return c.DB.NewHash(key), false, true
}

// hashForRead opens the hash at word 1, which is nil when there is none.
func (c *Call) hashForRead() (h *keyspace.HashValue, ok bool) {
	e, found, ok := c.ReadOf(keyspace.Hash, c.Args[1])
	if found && ok {
		h = e.Hash()
	}
	return h, ok
}

// hashChanged commits h after a change of it and says so.
func (c *Call) hashChanged(h *keyspace.HashValue, found bool, event string) {
	h.Commit()
	if !found {
		c.created(c.Args[1])
	}
	c.Changed(c.Args[1], ClassHash, event)
}

func cmdHset(c *Call) { c.hset(false) }

func cmdHmset(c *Call) { c.hset(true) }

func (c *Call) hset(old bool) {
	if len(c.Args)%2 == 1 {
		c.W.Error(c.Cmd.wrongArity())
		return
	}
	h, found, ok := c.hashForWrite(c.Args[1])
	if !ok {
		return
	}
	added := 0
	for i := 2; i < len(c.Args); i += 2 {
		if h.Set(c.Args[i], c.Args[i+1]) {
			added++
		}
	}
	c.Dirty((len(c.Args) - 2) / 2)
	c.hashChanged(h, found, "hset")
	if old {
		c.W.OK()
		return
	}
	c.W.Int(int64(added))
}

func cmdHsetnx(c *Call) {
	h, found, ok := c.hashForWrite(c.Args[1])
	if !ok {
		return
	}
	if _, exists := h.Get(c.Args[2]); exists {
		c.W.Int(0)
		return
	}
	h.Set(c.Args[2], c.Args[3])
	c.Dirty(1)
	c.hashChanged(h, found, "hset")
	c.W.Int(1)
}

func cmdHincrby(c *Call) {
	by, ok := c.intArg(3)
	if !ok {
		return
	}
	h, found, ok := c.hashForWrite(c.Args[1])
	if !ok {
		return
	}
	var n int64
	if text, exists := h.Get(c.Args[2]); exists {
		if n, ok = parseInt(text); !ok {
			c.W.Error("ERR hash value is not an integer")
			return
		}
	}
	if addOverflows(n, by) {
		c.W.Error(resp.ErrOverflow)
		return
	}
	n += by
	h.Set(c.Args[2], strconv.AppendInt(c.Scratch(20)[:0], n, 10))
	c.Dirty(1)
	c.hashChanged(h, found, "hincrby")
	c.W.Int(n)
}

func cmdHincrbyfloat(c *Call) {
	by, ok := parseLongDouble(c.Args[3])
	if !ok {
		c.W.Error(resp.ErrNotFloat)
		return
	}
	if by.inf {
		c.W.Error("ERR value is NaN or Infinity")
		return
	}
	key, field := c.Args[1], c.Args[2]
	h, found, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	var old longDouble
	if text, exists := h.Get(field); exists {
		if old, ok = parseLongDouble(text); !ok {
			c.W.Error("ERR hash value is not a float")
			return
		}
	}
	sum := old.add(by)
	if sum.inf {
		c.W.Error("ERR increment would produce NaN or Infinity")
		return
	}
	text := sum.append(nil)
	h.Set(field, text)
	c.Dirty(1)
	c.PropagateAs(wordHset, key, field, text)
	c.hashChanged(h, found, "hincrbyfloat")
	c.W.Bulk(text)
}

// field replies with the value of a field of h, which may be nil.
func (c *Call) field(h *keyspace.HashValue, name []byte) {
	if h != nil {
		if val, exists := h.Get(name); exists {
			c.W.Bulk(val)
			return
		}
	}
	c.W.Null()
}

func cmdHget(c *Call) {
	if h, ok := c.hashForRead(); ok {
		c.field(h, c.Args[2])
	}
}

func cmdHmget(c *Call) {
	h, ok := c.hashForRead()
	if !ok {
		return
	}
	from := c.W.Len()
	c.W.Array(len(c.Args) - 2)
	for _, name := range c.Args[2:] {
		if c.replyTooLarge(from) {
			return
		}
		c.field(h, name)
	}
}

func cmdHdel(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Hash, key)
	if !ok {
		return
	}
	n := 0
	if found {
		h := e.Hash()
		for _, name := range c.Args[2:] {
			if h.Delete(name) {
				n++
			}
		}
		if n > 0 {
			gone := h.Commit()
			c.Changed(key, ClassHash, "hdel")
			if gone {
				c.removed(key)
			}
		}
	}
	c.Dirty(n)
	c.W.Int(int64(n))
}

func cmdHlen(c *Call) {
	h, ok := c.hashForRead()
	switch {
	case !ok:
	case h == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(h.Len()))
	}
}

func cmdHstrlen(c *Call) {
	h, ok := c.hashForRead()
	if !ok {
		return
	}
	var val []byte
	if h != nil {
		val, _ = h.Get(c.Args[2])
	}
	c.W.Int(int64(len(val)))
}

func cmdHexists(c *Call) {
	h, ok := c.hashForRead()
	if !ok {
		return
	}
	exists := false
	if h != nil {
		_, exists = h.Get(c.Args[2])
	}
	c.flag(exists)
}

func cmdHgetall(c *Call) {
	h, ok := c.hashForRead()
	switch {
	case !ok:
		return
	case h == nil:
		c.W.Map(0)
		return
	}
	c.W.Map(h.Len())
	h.Each(func(field, val []byte) bool {
		c.W.Bulk(field)
		c.W.Bulk(val)
		return true
	})
}

func cmdHkeys(c *Call) {
	c.hashColumn(func(field, _ []byte) { c.W.Bulk(field) })
}

func cmdHvals(c *Call) {
	c.hashColumn(func(_, val []byte) { c.W.Bulk(val) })
}

func (c *Call) hashColumn(write func(field, val []byte)) {
	h, ok := c.hashForRead()
	switch {
	case !ok:
		return
	case h == nil:
		c.W.Array(0)
		return
	}
	c.W.Array(h.Len())
	h.Each(func(field, val []byte) bool {
		write(field, val)
		return true
	})
}

func cmdHscan(c *Call) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	h, ok := c.hashForRead()
	if !ok {
		return
	}
	m, n := c.W.Mark(), 0
	if h == nil {
		c.scanned(m, 0, 0)
		return
	}
	o, ok := c.parseScan(3, false)
	if !ok {
		return
	}
	next := h.Scan(cursor, o.count, func(field, val []byte) {
		if o.matches(field) {
			c.W.Bulk(field)
			c.W.Bulk(val)
			n += 2
		}
	})
	c.scanned(m, next, n)
}

func cmdHrandfield(c *Call) {
	if len(c.Args) > 2 {
		c.hrandfieldMany()
		return
	}
	h, ok := c.hashForRead()
	switch {
	case !ok:
	case h == nil:
		c.W.Null()
	default:
		field, _ := h.Random(c.Server.Random())
		c.W.Bulk(field)
	}
}

func (c *Call) hrandfieldMany() {
	count, ok := c.rangeArg(2, -math.MaxInt64, math.MaxInt64, "")
	if !ok {
		return
	}
	withValues := len(c.Args) == 4 && is(c.Args[3], "withvalues")
	if len(c.Args) > 3 && !withValues {
		c.W.Error(resp.ErrSyntax)
		return
	}
	if withValues && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		c.W.Error("ERR value is out of range")
		return
	}
	h, ok := c.hashForRead()
	if !ok {
		return
	}
	if h == nil || count == 0 {
		c.W.Array(0)
		return
	}
	// With values, RESP2 has fields and values in one row, RESP3 in pairs.
	width := 1
	if withValues && c.W.Proto() == 2 {
		width = 2
	}
	write := func(field, val []byte) {
		if withValues && width == 1 {
			c.W.Array(2)
		}
		c.W.Bulk(field)
		if withValues {
			c.W.Bulk(val)
		}
	}
	r := c.Server.Random()
	switch size := h.Len(); {
	case count < 0:
		c.repeat(-count, width, func() { write(h.Random(r)) })
	case count >= int64(size):
		c.W.Array(size * width)
		h.Each(func(field, val []byte) bool {
			write(field, val)
			return true
		})
	default:
		c.W.Array(int(count) * width)
		h.Pick(r, int(count), write)
	}
}
