package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// addOrTrim is what XADD and XTRIM were asked for.
type addOrTrim struct {
	trim       keyspace.StreamTrim
	threshold  int // the word with the length or the ID; 0: no trimming
	noMkStream bool
	idAt       int // XADD's word for the ID
	id         keyspace.StreamID
	anyID      bool // "*"
	anySeq     bool // "ms-*"
}

// parseAddOrTrim reads the words of XADD up to its ID, or those of XTRIM.
func (c *Call) parseAddOrTrim(add bool) (o addOrTrim, ok bool) {
	limited := false
	i := 2
	for ; i < len(c.Args) && o.idAt == 0; i++ {
		word, more := c.Args[i], i+1 < len(c.Args)
		switch {
		case add && len(word) == 1 && word[0] == '*':
			o.idAt, o.anyID = i, true
		case more && (is(word, "maxlen") || is(word, "minid")):
			if i, ok = c.parseTrim(&o, i); !ok {
				return o, false
			}
		case more && is(word, "limit"):
			i++
			if o.trim.Limit, ok = c.intArg(i); !ok {
				return o, false
			}
			if o.trim.Limit < 0 {
				c.W.Error("ERR The LIMIT argument must be >= 0.")
				return o, false
			}
			limited = true
		case add && is(word, "nomkstream"):
			o.noMkStream = true
		case add:
			if o.id, o.anySeq, ok = parseStreamID(word, idAuto, 0); !ok {
				c.W.Error(errStreamID)
				return o, false
			}
			o.idAt = i
		default:
			c.W.Error(resp.ErrSyntax)
			return o, false
		}
	}
	return o, c.checkTrim(&o, add, limited)
}

// parseTrim reads MAXLEN or MINID at word i; it gives the last word that it read.
func (c *Call) parseTrim(o *addOrTrim, i int) (last int, ok bool) {
	if o.threshold > 0 {
		c.W.Error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
		return i, false
	}
	o.trim.ByID = is(c.Args[i], "minid")
	i++
	if next := c.Args[i]; i+1 < len(c.Args) && len(next) == 1 && (next[0] == '~' || next[0] == '=') {
		o.trim.Approx = next[0] == '~'
		i++
	}
	o.threshold = i
	if o.trim.ByID {
		o.trim.MinID, ok = c.idArg(i, idStrict)
		return i, ok
	}
	if o.trim.MaxLen, ok = c.intArg(i); ok && o.trim.MaxLen < 0 {
		c.W.Error("ERR The MAXLEN argument must be >= 0.")
		return i, false
	}
	return i, ok
}

// checkTrim checks what the words ask for together. What the log says was limited when it was done.
func (c *Call) checkTrim(o *addOrTrim, add, limited bool) bool {
	switch {
	case o.trim.Limit > 0 && o.threshold == 0:
		c.W.Error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
		return false
	case !add && o.threshold == 0:
		c.W.Error("ERR syntax error, XTRIM must be called with a trimming strategy")
		return false
	case c.Server.Loading():
		o.trim.Limit = 0
	case limited && !o.trim.Approx:
		c.W.Error("ERR syntax error, LIMIT cannot be used without the special ~ option")
		return false
	case !limited && o.trim.Approx:
		if n := c.DB.Keyspace().Limits.StreamNodeMaxEntries; n > 0 {
			o.trim.Limit = int64(min(n, 10_000)) * 100
		} else {
			o.trim.Limit = 10_000
		}
	}
	return true
}

// logTrim makes the words that are propagated say exactly what was left.
func (c *Call) logTrim(o *addOrTrim, v *keyspace.StreamValue, words [][]byte) {
	words[o.threshold-1] = []byte{'='}
	if o.trim.ByID {
		words[o.threshold] = c.idWord(v.FirstStored())
	} else {
		words[o.threshold] = c.intWord(int64(v.Len()))
	}
}

func cmdXadd(c *Call) {
	o, ok := c.parseAddOrTrim(true)
	if !ok {
		return
	}
	fields := c.Args[min(o.idAt+1, len(c.Args)):]
	if o.idAt == 0 || len(fields) < 2 || len(fields)%2 == 1 {
		c.W.Error(c.Cmd.wrongArity())
		return
	}
	if !o.anyID && !o.anySeq && o.id == (keyspace.StreamID{}) {
		c.W.Error("ERR The ID specified in XADD must be greater than 0-0")
		return
	}
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Stream, key)
	if !ok {
		return
	}
	if !found && o.noMkStream {
		c.W.Null()
		return
	}
	var last keyspace.StreamID
	if found {
		last = e.Stream().LastID()
	}
	id, wrong := c.newID(&o, last)
	if wrong == "" && sizeOf(fields) > keyspace.StreamEntryMax {
		wrong = "ERR Elements are too large to be stored"
	}
	if wrong != "" {
		c.W.Error(wrong)
		return
	}
	var v *keyspace.StreamValue
	if found {
		v = e.Stream()
	} else {
		v = c.DB.NewStream(key)
	}
	c.add(&o, v, id, fields, !found)
}

// add is XADD once all is known.
func (c *Call) add(o *addOrTrim, v *keyspace.StreamValue, id keyspace.StreamID, fields [][]byte, fresh bool) {
	key := c.Args[1]
	v.Append(id, fields)
	c.Dirty(1)
	trimmed := o.threshold > 0 && v.Trim(&o.trim) > 0
	if o.anyID || o.anySeq || o.trim.Approx {
		words := append([][]byte(nil), c.Args...)
		words[o.idAt] = c.idWord(id)
		if o.trim.Approx {
			c.logTrim(o, v, words)
		}
		c.PropagateAs(words...)
	}
	v.Commit()
	if fresh {
		c.created(key)
	}
	c.Changed(key, ClassStream, "xadd")
	if trimmed {
		c.notify(key, ClassStream, "xtrim")
	}
	c.writeID(id)
}

func sizeOf(words [][]byte) (n int) {
	for _, w := range words {
		n += len(w)
	}
	return n
}

// newID is the ID of the entry that XADD adds behind last.
func (c *Call) newID(o *addOrTrim, last keyspace.StreamID) (id keyspace.StreamID, wrong resp.Error) {
	const small = "ERR The ID specified in XADD is equal or smaller than the target stream top item"
	if last == keyspace.MaxStreamID {
		return id, "ERR The stream has exhausted the last possible ID, unable to add more items"
	}
	switch id = o.id; {
	case o.anyID && uint64(c.Now) > last.Ms:
		id = keyspace.StreamID{Ms: uint64(c.Now)}
	case o.anyID:
		id, _ = last.Next()
	case o.anySeq && id.Ms == last.Ms:
		if last.Seq == math.MaxUint64 {
			return id, small
		}
		id.Seq = last.Seq + 1
	}
	if !last.Less(id) {
		return id, small
	}
	return id, ""
}

func cmdXtrim(c *Call) {
	o, ok := c.parseAddOrTrim(false)
	if !ok {
		return
	}
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Stream, key)
	if !ok {
		return
	}
	if !found {
		c.W.Int(0)
		return
	}
	v := e.Stream()
	removed := v.Trim(&o.trim)
	if removed > 0 {
		if o.trim.Approx {
			words := append([][]byte(nil), c.Args...)
			c.logTrim(&o, v, words)
			c.PropagateAs(words...)
		}
		c.took(key, ClassStream, "xtrim", false)
	}
	v.Commit()
	c.Dirty(int(removed))
	c.W.Int(removed)
}

func cmdXdel(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Stream, key)
	if !ok {
		return
	}
	if !found {
		c.W.Int(0)
		return
	}
	ids, ok := c.idArgs(2)
	if !ok {
		return
	}
	v := e.Stream()
	removed := 0
	for _, id := range ids {
		if v.Delete(id) {
			removed++
		}
	}
	v.Commit()
	if removed > 0 {
		c.Changed(key, ClassStream, "xdel")
	}
	c.Dirty(removed)
	c.W.Int(int64(removed))
}

func cmdXlen(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Stream, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Int(0)
	default:
		c.W.Int(int64(e.Stream().Len()))
	}
}

func cmdXrange(c *Call)    { c.streamRange(2, 3, false) }
func cmdXrevrange(c *Call) { c.streamRange(3, 2, true) }

// streamRange is XRANGE and XREVRANGE, whose words at from and to hold the ends.
func (c *Call) streamRange(from, to int, reverse bool) {
	start, ok := c.firstIDArg(from)
	if !ok {
		return
	}
	end, ok := c.lastIDArg(to)
	if !ok {
		return
	}
	count := int64(-1)
	for i := 4; i < len(c.Args); i += 2 {
		if !is(c.Args[i], "count") || i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return
		}
		if count, ok = c.intArg(i + 1); !ok {
			return
		}
		count = max(count, 0)
	}
	e, found, ok := c.ReadOf(keyspace.Stream, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Array(0)
	case count == 0:
		c.W.NullArray()
	default:
		n, m := int64(0), c.W.Mark()
		e.Stream().Range(start, end, reverse, func(id keyspace.StreamID, fields [][]byte) bool {
			c.writeEntry(id, fields)
			n++
			return n != count
		})
		c.W.InsertArray(m, int(n))
	}
}

// writeEntry answers an entry: its ID, and fields and values in turn.
func (c *Call) writeEntry(id keyspace.StreamID, fields [][]byte) {
	c.W.Array(2)
	c.writeID(id)
	c.W.Array(len(fields))
	for _, f := range fields {
		c.W.Bulk(f)
	}
}

func cmdXsetid(c *Call) {
	id, ok := c.idArg(2, idStrict)
	if !ok {
		return
	}
	added := int64(-1)
	var deleted keyspace.StreamID
	for i := 3; i < len(c.Args); i += 2 {
		more := i+1 < len(c.Args)
		switch {
		case more && is(c.Args[i], "entriesadded"):
			if added, ok = c.intArg(i + 1); !ok {
				return
			}
			if added < 0 {
				c.W.Error("ERR entries_added must be positive")
				return
			}
		case more && is(c.Args[i], "maxdeletedid"):
			if deleted, ok = c.idArg(i+1, idStrict); !ok {
				return
			}
			if id.Less(deleted) && !c.Server.Loading() { // 7.0 may come to that, and logs it
				c.W.Error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
				return
			}
		default:
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	e, found, ok := c.WriteOf(keyspace.Stream, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Error(resp.ErrNoSuchKey)
	default:
		c.setStreamID(e.Stream(), id, added, deleted)
	}
}

// setStreamID is XSETID; added -1 and deleted 0-0 leave what is there.
func (c *Call) setStreamID(v *keyspace.StreamValue, id keyspace.StreamID, added int64, deleted keyspace.StreamID) {
	top := keyspace.StreamID{}
	v.Range(top, keyspace.MaxStreamID, true, func(last keyspace.StreamID, _ [][]byte) bool {
		top = last
		return false
	})
	switch {
	case id.Less(v.MaxDeletedID()) && !c.Server.Profile70() && !c.Server.Loading(): // 7.0 doesn't mind, and may have logged it
		c.W.Error("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id")
		return
	case v.Len() > 0 && id.Less(top):
		c.W.Error("ERR The ID specified in XSETID is smaller than the target stream top item")
		return
	case v.Len() > 0 && added >= 0 && int64(v.Len()) > added:
		c.W.Error("ERR The entries_added specified in XSETID is smaller than the target stream length")
		return
	}
	if added < 0 {
		added = int64(v.EntriesAdded())
	}
	if deleted == (keyspace.StreamID{}) {
		deleted = v.MaxDeletedID()
	}
	v.SetID(id, uint64(added), deleted)
	v.Commit()
	c.notify(c.Args[1], ClassStream, "xsetid")
	c.Dirty(1)
	c.W.OK()
}
