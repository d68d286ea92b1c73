package command

import (
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// pendingRange is what XPENDING asks for beyond a summary.
type pendingRange struct {
	idle, count int64
	from, to    keyspace.StreamID
	consumer    []byte // nil: all
}

func (c *Call) parsePending() (p pendingRange, ok bool) {
	if len(c.Args) < 6 || len(c.Args) > 9 {
		c.W.Error(resp.ErrSyntax)
		return p, false
	}
	i := 3
	if is(c.Args[3], "idle") {
		if p.idle, ok = c.intArg(4); !ok {
			return p, false
		}
		if len(c.Args) < 8 {
			c.W.Error(resp.ErrSyntax)
			return p, false
		}
		i += 2
	}
	if p.count, ok = c.intArg(i + 2); !ok {
		return p, false
	}
	if p.from, ok = c.firstIDArg(i); !ok {
		return p, false
	}
	if p.to, ok = c.lastIDArg(i + 1); !ok {
		return p, false
	}
	if i+3 < len(c.Args) {
		p.consumer = c.Args[i+3]
	}
	return p, true
}

func cmdXpending(c *Call) {
	var p pendingRange
	ok := true
	if len(c.Args) != 3 {
		if p, ok = c.parsePending(); !ok {
			return
		}
	}
	e, found, ok := c.ReadOf(keyspace.Stream, c.Args[1])
	if !ok {
		return
	}
	var g keyspace.StreamGroup
	if found {
		g, found = e.Stream().Group(c.Args[2])
	}
	switch {
	case !found:
		c.W.Error(c.noGroup())
	case len(c.Args) == 3:
		c.pendingSummary(g)
	default:
		c.pendingEntries(g, &p)
	}
}

func (c *Call) pendingSummary(g keyspace.StreamGroup) {
	c.W.Array(4)
	c.W.Int(int64(g.Pending()))
	if g.Pending() == 0 {
		c.W.Null()
		c.W.Null()
		c.W.NullArray()
		return
	}
	first, last := g.PendingRange()
	c.writeID(first)
	c.writeID(last)
	n, m := 0, c.W.Mark()
	for i := range g.Consumers() {
		if to := g.ConsumerAt(i); to.Pending() > 0 {
			c.W.Array(2)
			c.W.BulkString(to.Name())
			c.W.BulkInt(int64(to.Pending()))
			n++
		}
	}
	c.W.InsertArray(m, n)
}

func (c *Call) pendingEntries(g keyspace.StreamGroup, p *pendingRange) {
	n, m := int64(0), c.W.Mark()
	one := func(id keyspace.StreamID, to keyspace.StreamConsumer, d keyspace.Delivery) bool {
		if n >= p.count || p.to.Less(id) {
			return false
		}
		if p.idle > 0 && c.Now-d.Time < p.idle {
			return true
		}
		c.W.Array(4)
		c.writeID(id)
		c.W.BulkString(to.Name())
		c.W.Int(max(c.Now-d.Time, 0))
		c.W.Int(int64(d.Count))
		n++
		return true
	}
	if p.consumer == nil {
		g.EachPending(p.from, func(id keyspace.StreamID, to keyspace.StreamConsumer) bool { return one(id, to, to.Delivery(id)) })
	} else if to, ok := g.Consumer(p.consumer); ok {
		to.EachPending(p.from, func(id keyspace.StreamID, d keyspace.Delivery) bool { return one(id, to, d) })
	}
	c.W.InsertArray(m, int(n))
}

// infoOf finds the stream that an XINFO subcommand names.
func (c *Call) infoOf() (v *keyspace.StreamValue, ok bool) {
	e, found, ok := c.ReadOf(keyspace.Stream, c.Args[2])
	if ok && !found {
		c.W.Error(resp.ErrNoSuchKey)
	}
	if !ok || !found {
		return nil, false
	}
	return e.Stream(), true
}

func (c *Call) numberField(name string, n int64) {
	c.W.BulkString(name)
	c.W.Int(n)
}

func (c *Call) idField(name string, id keyspace.StreamID) {
	c.W.BulkString(name)
	c.writeID(id)
}

func cmdXinfoStream(c *Call) {
	v, ok := c.infoOf()
	if !ok {
		return
	}
	full, count := len(c.Args) > 3, int64(10)
	if full {
		if len(c.Args) != 4 && len(c.Args) != 6 || !is(c.Args[3], "full") || len(c.Args) == 6 && !is(c.Args[4], "count") {
			c.wrongSubcommand()
			return
		}
		if len(c.Args) == 6 {
			if count, ok = c.intArg(5); !ok {
				return
			}
			if count < 0 {
				count = 10
			}
		}
	}
	if full {
		c.W.Map(9)
	} else {
		c.W.Map(10)
	}
	c.numberField("length", int64(v.Len()))
	c.numberField("radix-tree-keys", int64(v.Nodes()))
	c.numberField("radix-tree-nodes", int64(v.TreeNodes()))
	c.idField("last-generated-id", v.LastID())
	c.idField("max-deleted-entry-id", v.MaxDeletedID())
	c.numberField("entries-added", int64(v.EntriesAdded()))
	c.idField("recorded-first-entry-id", v.FirstID())
	if full {
		c.W.BulkString("entries")
		c.writeRange(v, keyspace.StreamID{}, count)
		c.W.BulkString("groups")
		c.W.Array(v.Groups())
		for i := range v.Groups() {
			c.groupInfo(v.GroupAt(i), count)
		}
		return
	}
	c.numberField("groups", int64(v.Groups()))
	c.edge("first-entry", v, false)
	c.edge("last-entry", v, true)
}

// edge tells the first or the last entry.
func (c *Call) edge(name string, v *keyspace.StreamValue, last bool) {
	c.W.BulkString(name)
	if v.Len() == 0 {
		c.W.Null()
		return
	}
	v.Range(keyspace.StreamID{}, keyspace.MaxStreamID, last, func(id keyspace.StreamID, fields [][]byte) bool {
		c.writeEntry(id, fields)
		return false
	})
}

// progress tells how far a group has come.
func (c *Call) progress(g keyspace.StreamGroup) {
	c.idField("last-delivered-id", g.LastID())
	c.W.BulkString("entries-read")
	if n := g.EntriesRead(); n == keyspace.UnknownRead {
		c.W.Null()
	} else {
		c.W.Int(n)
	}
	c.W.BulkString("lag")
	if n, known := g.Lag(); known {
		c.W.Int(n)
	} else {
		c.W.Null()
	}
}

// groupInfo tells all of a group, with at most count pending entries (0: all) of each list.
func (c *Call) groupInfo(g keyspace.StreamGroup, count int64) {
	c.W.Map(7)
	c.W.BulkString("name")
	c.W.BulkString(g.Name())
	c.progress(g)
	c.numberField("pel-count", int64(g.Pending()))
	c.W.BulkString("pending")
	n, m := int64(0), c.W.Mark()
	g.EachPending(keyspace.StreamID{}, func(id keyspace.StreamID, to keyspace.StreamConsumer) bool {
		d := to.Delivery(id)
		c.W.Array(4)
		c.writeID(id)
		c.W.BulkString(to.Name())
		c.W.Int(d.Time)
		c.W.Int(int64(d.Count))
		n++
		return n != count
	})
	c.W.InsertArray(m, int(n))
	c.W.BulkString("consumers")
	c.W.Array(g.Consumers())
	for i := range g.Consumers() {
		c.consumerInfo(g.ConsumerAt(i), count)
	}
}

func (c *Call) consumerInfo(to keyspace.StreamConsumer, count int64) {
	old := c.Server.Profile70()
	if old {
		c.W.Map(4)
	} else {
		c.W.Map(5)
	}
	c.W.BulkString("name")
	c.W.BulkString(to.Name())
	c.numberField("seen-time", to.SeenAt())
	if !old {
		c.numberField("active-time", to.ActiveAt())
	}
	c.numberField("pel-count", int64(to.Pending()))
	c.W.BulkString("pending")
	n, m := int64(0), c.W.Mark()
	to.EachPending(keyspace.StreamID{}, func(id keyspace.StreamID, d keyspace.Delivery) bool {
		c.W.Array(3)
		c.writeID(id)
		c.W.Int(d.Time)
		c.W.Int(int64(d.Count))
		n++
		return n != count
	})
	c.W.InsertArray(m, int(n))
}

func cmdXinfoGroups(c *Call) {
	v, ok := c.infoOf()
	if !ok {
		return
	}
	c.W.Array(v.Groups())
	for i := range v.Groups() {
		g := v.GroupAt(i)
		c.W.Map(6)
		c.W.BulkString("name")
		c.W.BulkString(g.Name())
		c.numberField("consumers", int64(g.Consumers()))
		c.numberField("pending", int64(g.Pending()))
		c.progress(g)
	}
}

func cmdXinfoConsumers(c *Call) {
	v, ok := c.infoOf()
	if !ok {
		return
	}
	g, ok := v.Group(c.Args[3])
	if !ok {
		c.noSuchGroup()
		return
	}
	c.W.Array(g.Consumers())
	for i := range g.Consumers() {
		to := g.ConsumerAt(i)
		old := c.Server.Profile70()
		if old {
			c.W.Map(3)
		} else {
			c.W.Map(4)
		}
		c.W.BulkString("name")
		c.W.BulkString(to.Name())
		c.numberField("pending", int64(to.Pending()))
		c.numberField("idle", max(c.Now-to.SeenAt(), 0))
		if !old {
			inactive := int64(-1)
			if to.ActiveAt() >= 0 {
				inactive = max(c.Now-to.ActiveAt(), 0)
			}
			c.numberField("inactive", inactive)
		}
	}
}

func cmdXinfoHelp(c *Call) {
	c.help(
		"CONSUMERS <key> <groupname>|The consumers of a group, with what they have pending.",
		"GROUPS <key>|The groups of a stream, with how far they have come.",
		"STREAM <key> [FULL [COUNT <count>]|What a stream is made of; FULL: its entries, groups and consumers too.",
	)
}
