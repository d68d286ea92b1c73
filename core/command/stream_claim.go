package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// claim is XCLAIM or XAUTOCLAIM at work.
type claim struct {
	c      *Call
	v      *keyspace.StreamValue
	g      keyspace.StreamGroup
	to     keyspace.StreamConsumer
	known  bool // to is there
	idle   int64
	justID bool
}

// claimOf finds the group of XCLAIM, XAUTOCLAIM in what was found at its key.
func (c *Call) claimOf(e keyspace.Entry, found bool) (cl claim, ok bool) {
	if _, _, ok := c.check(keyspace.Stream, e, found); !ok {
		return cl, false
	}
	cl.c = c
	if found {
		cl.v = e.Stream()
		cl.g, found = cl.v.Group(c.Args[2])
	}
	if !found {
		c.W.Error(c.noGroup())
	}
	return cl, found
}

func (c *Call) noGroup() resp.Error {
	key, group := c.Args[1], c.Args[2]
	return resp.Error("NOGROUP No such key '" + cString(key, len(key)) + "' or consumer group '" + cString(group, len(group)) + "'")
}

// begin makes the consumer; Redis 7.0 did so only once there was something to claim.
func (cl *claim) begin() {
	if !cl.c.Server.Profile70() {
		cl.consumer()
	}
}

func (cl *claim) consumer() keyspace.StreamConsumer {
	if !cl.known {
		name := cl.c.Args[3]
		var fresh bool
		if cl.to, fresh = cl.g.CreateConsumer(name, cl.c.Now); fresh {
			cl.c.consumerMade(cl.c.Args[1], cl.c.Args[2], name, false)
		}
		cl.known = true
		cl.to.See(cl.c.Now, false)
	}
	return cl.to
}

// drop takes a pending entry off that is no longer in the stream.
func (cl *claim) drop(id keyspace.StreamID, word []byte) {
	from, _ := cl.g.Holder(id)
	cl.c.logClaim(cl.c.Args[1], cl.c.Args[2], cl.g, from, word, from.Delivery(id))
	cl.g.Ack(id)
	cl.c.Dirty(1)
}

// give makes entry id pending with the consumer, and answers it.
func (cl *claim) give(id keyspace.StreamID, word []byte, d keyspace.Delivery) {
	to := cl.consumer()
	cl.g.Give(id, to, d)
	to.See(cl.c.Now, true)
	if cl.justID || !cl.c.writeOne(cl.v, id) {
		cl.c.writeID(id)
	}
	cl.c.logClaim(cl.c.Args[1], cl.c.Args[2], cl.g, to, word, d)
	cl.c.Dirty(1)
}

// claimOptions are the words behind XCLAIM's IDs.
type claimOptions struct {
	time   int64 // -1: now
	retry  int64 // -1: one more
	force  bool
	justID bool
	last   keyspace.StreamID
	noLast bool // no LASTID
}

// parseClaim reads XCLAIM's words behind the IDs.
func (c *Call) parseClaim(i int) (o claimOptions, ok bool) {
	o = claimOptions{time: -1, retry: -1, noLast: true}
	for ; i < len(c.Args); i++ {
		word, more := c.Args[i], i+1 < len(c.Args)
		ok = true
		switch {
		case is(word, "force"):
			o.force = true
		case is(word, "justid"):
			o.justID = true
		case is(word, "idle") && more:
			i++
			if o.time, ok = c.intArgOr(i, "ERR Invalid IDLE option argument for XCLAIM"); ok {
				o.time = c.Now - o.time
			}
		case is(word, "time") && more:
			i++
			o.time, ok = c.intArgOr(i, "ERR Invalid TIME option argument for XCLAIM")
		case is(word, "retrycount") && more:
			i++
			o.retry, ok = c.intArgOr(i, "ERR Invalid RETRYCOUNT option argument for XCLAIM")
		case is(word, "lastid") && more:
			i++
			o.last, ok = c.idArg(i, idStrict)
			o.noLast = false
		default:
			c.W.Error(resp.Error("ERR Unrecognized XCLAIM option '" + cString(word, len(word)) + "'"))
			return o, false
		}
		if !ok {
			return o, false
		}
	}
	if o.time < 0 || o.time > c.Now && !c.Server.Loading() {
		o.time = c.Now
	}
	return o, true
}

func cmdXclaim(c *Call) {
	cl, ok := c.claimOf(c.LookupRead(c.Args[1]))
	if !ok {
		return
	}
	if cl.idle, ok = c.intArgOr(4, "ERR Invalid min-idle-time argument for XCLAIM"); !ok {
		return
	}
	var ids []keyspace.StreamID
	for i := 5; i < len(c.Args); i++ {
		id, _, isID := parseStreamID(c.Args[i], idStrict, 0)
		if !isID {
			break
		}
		ids = append(ids, id)
	}
	o, ok := c.parseClaim(5 + len(ids))
	if !ok {
		return
	}
	cl.justID = o.justID
	c.PreventPropagation()
	moved := cl.g.LastID().Less(o.last)
	if moved {
		cl.g.SetID(o.last, cl.g.EntriesRead())
	}
	cl.begin()
	n, m := 0, c.W.Mark()
	for k, id := range ids {
		if cl.one(id, c.Args[5+k], &o) {
			n++
		}
	}
	c.W.InsertArray(m, n)
	if moved && n == 0 {
		c.logGroupID(c.Args[1], c.Args[2], cl.g)
		c.Dirty(1)
	}
	cl.v.Commit()
}

// one claims one entry; false when that is not to be.
func (cl *claim) one(id keyspace.StreamID, word []byte, o *claimOptions) bool {
	from, pending := cl.g.Holder(id)
	// A rewritten log says FORCE without LASTID, and may tell of entries that had been deleted while they were pending.
	if !cl.v.Has(id) && !(cl.c.Server.Loading() && o.force && o.noLast) {
		if pending {
			cl.drop(id, word)
		}
		return false
	}
	d := keyspace.Delivery{Count: 1}
	switch {
	case pending:
		if d = from.Delivery(id); cl.idle > 0 && cl.c.Now-d.Time < cl.idle {
			return false
		}
	case !o.force:
		return false
	}
	d.Time = o.time
	switch {
	case o.retry >= 0:
		d.Count = uint64(o.retry)
	case !o.justID:
		d.Count++
	}
	cl.give(id, word, d)
	return true
}

const autoclaimTries = 10 // entries looked at for each that was asked for

func cmdXautoclaim(c *Call) {
	e, found := c.LookupRead(c.Args[1]) // whatever is wrong with the words, a miss is told
	idle, ok := c.intArgOr(4, "ERR Invalid min-idle-time argument for XAUTOCLAIM")
	if !ok {
		return
	}
	start, ok := c.firstIDArg(5)
	if !ok {
		return
	}
	count, justID := int64(100), false
	for i := 6; i < len(c.Args); i++ {
		switch {
		case is(c.Args[i], "count") && i+1 < len(c.Args):
			i++
			if count, ok = c.rangeArg(i, 1, math.MaxInt64/16, "ERR COUNT must be > 0"); !ok {
				return
			}
		case is(c.Args[i], "justid"):
			justID = true
		default:
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	cl, ok := c.claimOf(e, found)
	if !ok {
		return
	}
	cl.idle, cl.justID = idle, justID
	c.PreventPropagation()
	cl.begin()
	cl.auto(start, count)
	cl.v.Commit()
}

// auto claims up to count entries from start on, and answers where to go on, what was claimed, and what was pending but is deleted.
func (cl *claim) auto(start keyspace.StreamID, count int64) {
	c := cl.c
	tries := int64(math.MaxInt64)
	if count < math.MaxInt64/autoclaimTries {
		tries = count * autoclaimTries
	}
	c.W.Array(3)
	n, m := 0, c.W.Mark()
	var gone []keyspace.StreamID
	next := keyspace.StreamID{}
	id, more := cl.pendingFrom(start)
	for ; more && tries > 0 && count > 0; tries-- {
		from, _ := cl.g.Holder(id)
		d := from.Delivery(id)
		switch {
		case !cl.v.Has(id):
			cl.drop(id, c.idWord(id))
			gone = append(gone, id)
			count--
		case cl.idle > 0 && c.Now-d.Time < cl.idle:
		default:
			if d.Time = c.Now; !cl.justID {
				d.Count++
			}
			cl.give(id, c.idWord(id), d)
			n++
			count--
		}
		if next, more = id.Next(); more {
			id, more = cl.pendingFrom(next)
		}
	}
	if next = (keyspace.StreamID{}); more {
		next = id
	}
	c.W.InsertArray(m, n)
	var b [64]byte
	text := appendStreamID(b[:0], next)
	w := resp.Writer{}
	w.Bulk(text)
	c.W.Replace(int(m), int(m), w.Bytes())
	c.W.Array(len(gone))
	for _, id := range gone {
		c.writeID(id)
	}
}

// pendingFrom is the first pending entry from an ID on.
func (cl *claim) pendingFrom(from keyspace.StreamID) (id keyspace.StreamID, found bool) {
	cl.g.EachPending(from, func(at keyspace.StreamID, _ keyspace.StreamConsumer) bool {
		id, found = at, true
		return false
	})
	return id, found
}
