package command

import (
	"bytes"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// Words that are propagated.
var (
	wordCreateconsumer = []byte("CREATECONSUMER")
	wordEntriesread    = []byte("ENTRIESREAD")
	wordForce          = []byte("FORCE")
	wordJustID         = []byte("JUSTID")
	wordLastID         = []byte("LASTID")
	wordRetrycount     = []byte("RETRYCOUNT")
	wordSetID          = []byte("SETID")
	wordTime           = []byte("TIME")
	wordXclaim         = []byte("XCLAIM")
	wordZero           = []byte("0")
	wordXgroup         = []byte("XGROUP")
)

// streamRead is what XREAD or XREADGROUP was asked for.
type streamRead struct {
	group, consumer []byte // nil: XREAD
	count           int64  // 0: all
	noAck           bool
	block           bool  // wait when there is nothing …
	timeout         int64 // … for so many ms, or for ever when 0
	keys            [][]byte
	after           []streamAfter
}

// streamAfter is where reading goes on: behind an ID, or with entries that the group has not been given.
type streamAfter struct {
	id     keyspace.StreamID
	undone bool // ">"
}

func cmdXread(c *Call)      { c.streamRead(false) }
func cmdXreadgroup(c *Call) { c.streamRead(true) }

func (c *Call) streamRead(grouped bool) {
	r, ok := c.parseStreamRead(grouped)
	if !ok || !c.resolveStreams(r) {
		return
	}
	if grouped {
		c.PreventPropagation()
	}
	n, m := 0, c.W.Mark()
	for i := range r.keys {
		if c.readStream(r, i) {
			n++
		}
	}
	switch {
	case n > 0 && c.W.Proto() == 3:
		c.W.InsertMap(m, n)
	case n > 0:
		c.W.InsertArray(m, n)
	case r.block:
		c.blockOnStreams(r)
	default:
		c.W.NullArray()
	}
}

// blockOnStreams makes the session wait until one of r's streams has something to read, whose IDs are resolved: "$" is no longer among them.
func (c *Call) blockOnStreams(r *streamRead) {
	grouped, after := r.group != nil, r.after
	w := Wait{From: len(c.Args) - 2*len(r.keys), N: len(r.keys), Gone: grouped}
	if r.timeout > 0 {
		w.Until = c.Now + r.timeout
	}
	w.Serve = func(c *Call, key []byte) bool {
		r, _ := c.parseStreamRead(grouped) // its words are those of this call
		r.after = after
		for i := range r.keys {
			if bytes.Equal(r.keys[i], key) && c.serveStream(r, i) { // a stream may be named twice
				return true
			}
		}
		return false
	}
	c.wait(w)
}

// serveStream answers one who waits for stream i; false when there is nothing to tell yet.
func (c *Call) serveStream(r *streamRead, i int) bool {
	if r.group != nil {
		c.PreventPropagation()
	}
	e, found := c.holds(keyspace.Stream, r.keys[i])
	switch {
	case !found && r.group == nil:
		return false
	case !found:
		c.W.Error("UNBLOCKED the stream key no longer exists")
		return true
	}
	id := r.after[i].id
	if r.group != nil {
		g, ok := e.Stream().Group(r.group)
		if !ok {
			c.W.Error("NOGROUP the consumer group this client was blocked on no longer exists")
			return true
		}
		id = g.LastID()
	}
	if !c.hasBehind(e.Stream(), id) {
		return false
	}
	m := c.W.Mark()
	c.readStream(r, i)
	if c.W.Proto() == 3 {
		c.W.InsertMap(m, 1)
	} else {
		c.W.InsertArray(m, 1)
	}
	return true
}

// parseStreamRead reads the words up to the streams and their IDs.
func (c *Call) parseStreamRead(grouped bool) (r *streamRead, ok bool) {
	r = &streamRead{}
	for i := 1; i < len(c.Args) && r.keys == nil; i++ {
		word, more := c.Args[i], len(c.Args)-i-1
		switch {
		case is(word, "block") && more > 0:
			i++
			if r.timeout, ok = c.blockArg(i); !ok {
				return nil, false
			}
			r.block = true
		case is(word, "count") && more > 0:
			i++
			if r.count, ok = c.intArg(i); !ok {
				return nil, false
			}
			r.count = max(r.count, 0)
		case is(word, "streams") && more > 0:
			if more%2 != 0 {
				c.W.Error(c.unbalanced(grouped))
				return nil, false
			}
			r.keys = c.Args[i+1 : i+1+more/2]
		case is(word, "group") && more >= 2 && grouped:
			r.group, r.consumer = c.Args[i+1], c.Args[i+2]
			i += 2
		case is(word, "group") && more >= 2:
			c.W.Error("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
			return nil, false
		case is(word, "noack") && grouped:
			r.noAck = true
		case is(word, "noack"):
			c.W.Error("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
			return nil, false
		default:
			c.W.Error(resp.ErrSyntax)
			return nil, false
		}
	}
	switch {
	case r.keys == nil:
		c.W.Error(resp.ErrSyntax)
	case grouped && r.group == nil:
		c.W.Error("ERR Missing GROUP option for XREADGROUP")
	default:
		return r, true
	}
	return nil, false
}

// blockArg is word i as the time to wait, in ms.
func (c *Call) blockArg(i int) (ms int64, ok bool) {
	ms, ok = c.intArgOr(i, "ERR timeout is not an integer or out of range")
	switch {
	case !ok:
	case ms < 0:
		c.W.Error("ERR timeout is negative")
		return 0, false
	case ms > math.MaxInt64-c.Now && !c.Server.Profile70():
		c.W.Error("ERR timeout is out of range")
		return 0, false
	}
	return ms, ok
}

// unbalanced is the error for streams without an ID each.
func (c *Call) unbalanced(grouped bool) resp.Error {
	name, sign := "'"+c.Cmd.Name+"'", "$"
	if grouped {
		sign = ">"
	}
	if c.Server.Profile70() {
		name, sign = "XREAD", "$"
	}
	return resp.Error("ERR Unbalanced " + name + " list of streams: for each stream key an ID or '" + sign + "' must be specified.")
}

// resolveStreams looks at every stream, and reads its ID.
func (c *Call) resolveStreams(r *streamRead) bool {
	r.after = make([]streamAfter, len(r.keys))
	first := len(c.Args) - len(r.keys)
	for i, key := range r.keys {
		e, found, ok := c.ReadOf(keyspace.Stream, key)
		if !ok {
			return false
		}
		if r.group != nil {
			if found {
				_, found = e.Stream().Group(r.group)
			}
			if !found {
				c.W.Error(resp.Error("NOGROUP No such key '" + cString(key, len(key)) + "' or consumer group '" + cString(r.group, len(r.group)) +
					"' in XREADGROUP with GROUP option"))
				return false
			}
		}
		to := &r.after[i]
		switch id := c.Args[first+i]; {
		case string(id) == "$" && r.group != nil:
			c.W.Error("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer " +
				"by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
			return false
		case string(id) == "$":
			if found {
				to.id = e.Stream().LastID()
			}
		case string(id) == ">" && r.group == nil:
			c.W.Error("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
			return false
		case string(id) == ">":
			to.undone = true
		default:
			if to.id, ok = c.idArg(first+i, idStrict); !ok {
				return false
			}
			to.undone = r.group != nil && to.id == keyspace.MaxStreamID // as in Redis
		}
	}
	return true
}

// readStream answers stream i with its entries; false when there is nothing to tell of it.
func (c *Call) readStream(r *streamRead, i int) bool {
	key := r.keys[i]
	e, found := c.LookupRead(key)
	if !found {
		return false
	}
	v, after := e.Stream(), r.after[i]
	var g keyspace.StreamGroup
	if r.group != nil {
		g, _ = v.Group(r.group)
		if after.undone {
			after.id = g.LastID()
		}
	}
	history := r.group != nil && !after.undone
	served := history || c.hasBehind(v, after.id)
	var to keyspace.StreamConsumer
	if r.group != nil && (served || !c.Server.Profile70()) {
		to = c.reader(r, key, g)
	}
	if served {
		c.streamHead(key)
		from, _ := after.id.Next()
		switch {
		case history:
			c.readHistory(r, v, to, from)
		case r.group != nil:
			c.readNew(r, key, v, g, to, from)
		default:
			c.writeRange(v, from, r.count)
		}
		if r.group != nil {
			c.Dirty(1)
		}
	}
	v.Commit()
	return served
}

// streamHead begins what is told of one stream: a pair in RESP2, an entry of the map in RESP3.
func (c *Call) streamHead(key []byte) {
	if c.W.Proto() != 3 {
		c.W.Array(2)
	}
	c.W.Bulk(key)
}

// hasBehind tells whether v has an entry behind id.
func (c *Call) hasBehind(v *keyspace.StreamValue, id keyspace.StreamID) (has bool) {
	from, ok := id.Next()
	if ok && v.Len() > 0 && !v.LastID().Less(from) {
		v.Range(from, keyspace.MaxStreamID, true, func(keyspace.StreamID, [][]byte) bool {
			has = true
			return false
		})
	}
	return has
}

// reader is the consumer that reads, made if need be.
func (c *Call) reader(r *streamRead, key []byte, g keyspace.StreamGroup) keyspace.StreamConsumer {
	to, fresh := g.CreateConsumer(r.consumer, c.Now)
	if fresh {
		c.consumerMade(key, r.group, r.consumer, r.noAck)
	}
	to.See(c.Now, false)
	return to
}

// consumerMade tells of a consumer that came to be by the way. Redis logs it only if no pending entry will make it anew (log);
// then one that gets nothing is lost when the log is loaded, so here it is always logged.
func (c *Call) consumerMade(key, group, consumer []byte, log bool) {
	c.Dirty(1)
	c.notify(key, ClassStream, "xgroup-createconsumer")
	if log || !c.Server.Profile70() {
		c.AlsoPropagate(wordXgroup, wordCreateconsumer, key, group, consumer)
	}
}

// writeRange answers entries from an ID on, count at most unless it is 0.
func (c *Call) writeRange(v *keyspace.StreamValue, from keyspace.StreamID, count int64) {
	n, m := int64(0), c.W.Mark()
	v.Range(from, keyspace.MaxStreamID, false, func(id keyspace.StreamID, fields [][]byte) bool {
		c.writeEntry(id, fields)
		n++
		return n != count
	})
	c.W.InsertArray(m, int(n))
}

// readNew answers entries that the group has not been given, and makes them pending with the consumer.
func (c *Call) readNew(r *streamRead, key []byte, v *keyspace.StreamValue, g keyspace.StreamGroup, to keyspace.StreamConsumer, from keyspace.StreamID) {
	n, m, advanced := int64(0), c.W.Mark(), false
	v.Range(from, keyspace.MaxStreamID, false, func(id keyspace.StreamID, fields [][]byte) bool {
		advanced = g.Advance(id) || advanced
		c.writeEntry(id, fields)
		if !r.noAck {
			d := keyspace.Delivery{Time: c.Now, Count: 1}
			g.Give(id, to, d)
			to.See(c.Now, true)
			c.logClaim(key, r.group, g, to, c.idWord(id), d)
		}
		n++
		return n != r.count
	})
	c.W.InsertArray(m, int(n))
	if advanced && (r.noAck || !c.Server.Profile70()) {
		c.logGroupID(key, r.group, g)
	}
}

// readHistory answers what is pending with the consumer, which counts as giving it once more. Of entries that are deleted there is only the ID.
func (c *Call) readHistory(r *streamRead, v *keyspace.StreamValue, to keyspace.StreamConsumer, from keyspace.StreamID) {
	n, m := int64(0), c.W.Mark()
	var given []keyspace.StreamID
	to.EachPending(from, func(id keyspace.StreamID, _ keyspace.Delivery) bool {
		if c.writeOne(v, id) {
			given = append(given, id)
		} else {
			c.W.Array(2)
			c.writeID(id)
			c.W.NullArray()
		}
		n++
		return n != r.count
	})
	c.W.InsertArray(m, int(n))
	for _, id := range given {
		to.Redeliver(id, c.Now)
	}
}

// writeOne answers entry id; false when it is not there, and then nothing is written.
func (c *Call) writeOne(v *keyspace.StreamValue, id keyspace.StreamID) (found bool) {
	v.Range(id, id, false, func(id keyspace.StreamID, fields [][]byte) bool {
		c.writeEntry(id, fields)
		found = true
		return false
	})
	return found
}

// logClaim propagates that an entry is pending with a consumer, or, if the entry is no longer there, with nobody.
func (c *Call) logClaim(key, group []byte, g keyspace.StreamGroup, to keyspace.StreamConsumer, id []byte, d keyspace.Delivery) {
	c.AlsoPropagate(wordXclaim, key, group, []byte(to.Name()), wordZero, id, wordTime, c.intWord(d.Time),
		wordRetrycount, c.intWord(int64(d.Count)), wordForce, wordJustID, wordLastID, c.idWord(g.LastID()))
}

// logGroupID propagates how far a group has come.
func (c *Call) logGroupID(key, group []byte, g keyspace.StreamGroup) {
	c.AlsoPropagate(wordXgroup, wordSetID, key, group, c.idWord(g.LastID()), wordEntriesread, c.intWord(g.EntriesRead()))
}
