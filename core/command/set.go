package command

import (
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// created says that key, which wasn't there, is now.
//
//go:noinline
func (c *Call) created(key []byte) { c.notify(key, ClassNew, "new") }

// removed says that a command on its last element left nothing of key.
//
//go:noinline
func (c *Call) removed(key []byte) { c.notify(key, ClassGeneric, "del") }

func cmdSadd(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Set, key)
	if !ok {
		return
	}
	var s *keyspace.SetValue
	if found {
		s = e.Set()
	} else {
		s = c.DB.NewSet(key)
	}
	s.Expect(len(c.Args) - 2)
	added := 0
	for _, m := range c.Args[2:] {
		if s.Add(m) {
			added++
		}
	}
	if added > 0 {
		s.Commit()
		if !found {
			c.created(key)
		}
		c.Changed(key, ClassSet, "sadd")
	}
	c.Dirty(added)
	c.W.Int(int64(added))
}

func cmdSrem(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Set, key)
	if !ok {
		return
	}
	removed := 0
	if found {
		s := e.Set()
		for _, m := range c.Args[2:] {
			if s.Remove(m) {
				removed++
				if s.Len() == 0 {
					break
				}
			}
		}
		if removed > 0 {
			gone := s.Commit()
			c.Changed(key, ClassSet, "srem")
			if gone {
				c.removed(key)
			}
		}
	}
	c.Dirty(removed)
	c.W.Int(int64(removed))
}

func cmdSmove(c *Call) {
	from, to, m := c.Args[1], c.Args[2], c.Args[3]
	_, found := c.LookupWrite(from)
	dst, dstFound := c.LookupWrite(to)
	if !found {
		c.W.Int(0)
		return
	}
	src, _ := c.Peek(from) // the second lookup may have removed a key past its time
	if src.Type() != keyspace.Set || dstFound && dst.Type() != keyspace.Set {
		c.W.Error(resp.ErrWrongType)
		return
	}
	if string(from) == string(to) {
		c.flag(src.Set().Has(m))
		return
	}
	s := src.Set()
	if !s.Remove(m) {
		c.W.Int(0)
		return
	}
	gone := s.Commit()
	c.took(from, ClassSet, "srem", gone)
	c.Dirty(1)
	c.moveInto(to, m)
	c.W.Int(1)
}

// moveInto is the second half of SMOVE.
func (c *Call) moveInto(key, m []byte) {
	e, found := c.Peek(key)
	var s *keyspace.SetValue
	if found {
		s = e.Set()
	} else {
		s = c.DB.NewSet(key)
	}
	if !s.Add(m) {
		return
	}
	s.Commit()
	if !found {
		c.created(key)
	}
	c.Dirty(1)
	c.Changed(key, ClassSet, "sadd")
}

// flag answers 1 or 0.
func (c *Call) flag(v bool) {
	if v {
		c.W.Int(1)
	} else {
		c.W.Int(0)
	}
}

func cmdScard(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Int(0)
	default:
		c.W.Int(int64(e.Set().Len()))
	}
}

func cmdSismember(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	if ok {
		c.flag(found && e.Set().Has(c.Args[2]))
	}
}

func cmdSmismember(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	if !ok {
		return
	}
	var s *keyspace.SetValue
	if found {
		s = e.Set()
	}
	c.W.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.flag(found && s.Has(m))
	}
}

func cmdSmembers(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	if !ok {
		return
	}
	if !found {
		c.W.Set(0)
		return
	}
	c.writeSet(e.Set())
}

// writeSet answers with all members, in the order of the set.
func (c *Call) writeSet(s *keyspace.SetValue) {
	c.W.Set(s.Len())
	s.Each(func(m []byte) bool {
		c.W.Bulk(m)
		return true
	})
}

func cmdSscan(c *Call) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	if !ok {
		return
	}
	if !found {
		c.scanned(c.W.Mark(), 0, 0)
		return
	}
	o, ok := c.parseScan(3, false)
	if !ok {
		return
	}
	n, m := 0, c.W.Mark()
	next := e.Set().Scan(cursor, o.count, func(member []byte) {
		if o.matches(member) {
			c.W.Bulk(member)
			n++
		}
	})
	c.scanned(m, next, n)
}

// scanned ends the reply of a SCAN command, whose n words have been written from m on.
func (c *Call) scanned(m resp.Mark, next uint64, n int) {
	c.W.InsertArray(m, n)
	var b, digits [32]byte
	cursor := strconv.AppendUint(digits[:0], next, 10)
	head := append(b[:0], "*2\r\n$"...)
	head = strconv.AppendInt(head, int64(len(cursor)), 10)
	head = append(head, "\r\n"...)
	head = append(head, cursor...)
	head = append(head, "\r\n"...)
	c.W.Replace(int(m), int(m), head)
}
