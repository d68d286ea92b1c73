package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// expireDue removes key if it is past its time. Where no key can expire it costs no lookup.
func (c *Call) expireDue(key []byte) {
	if c.DB.Volatile() > 0 {
		c.Peek(key)
	}
}

// setString stores val under key in place of whatever was there, and says so.
func (c *Call) setString(key, val []byte, at int64) {
	n := c.DB.Len()
	c.DB.SetString(key, val, keyspace.EncInt, at)
	if c.DB.Len() > n {
		c.created(key)
	}
	c.Dirty(1)
	c.Changed(key, ClassString, "set")
}

// bulkString replies with the text of a string.
func (c *Call) bulkString(e keyspace.Entry) {
	if n, ok := e.Int(); ok {
		c.W.BulkInt(n)
		return
	}
	c.W.Bulk(e.Bytes(nil))
}

// get replies with the string at key, or null; false when it is no string.
func (c *Call) get(key []byte) bool {
	e, found, ok := c.ReadOf(keyspace.String, key)
	if !ok {
		return false
	}
	if found {
		c.bulkString(e)
	} else {
		c.W.Null()
	}
	return true
}

// outcome of set.
type outcome uint8

const (
	failed  outcome = iota // an error was written
	refused                // NX or XX did not hold
	done
)

// set is what SET and its older sisters share. With setGet it has replied in any case.
func (c *Call) set(key, val []byte, f setFlag, timeArg int) outcome {
	at, ok := c.deadline(timeArg, f)
	if !ok {
		return failed
	}
	if f&setGet != 0 && !c.get(key) {
		return failed
	}
	if f&(setNX|setXX|setKeepTTL) != 0 {
		e, found := c.LookupWrite(key)
		if f&setNX != 0 && found || f&setXX != 0 && !found {
			return refused
		}
		if f&setKeepTTL != 0 && found {
			at = e.ExpiresAt()
		}
	} else {
		c.expireDue(key)
	}
	c.setString(key, val, at)
	switch {
	case f&setExpiry != 0:
		c.PropagateAs(wordSet, key, val, wordPxat, c.scratchInt(at))
		c.notify(key, ClassGeneric, "expire")
	case f&setGet != 0:
		c.PropagateAs(c.Args[:3]...)
		for _, word := range c.Args[3:] {
			if !is(word, "get") {
				c.Effects.Rewrite = append(c.Effects.Rewrite, word)
			}
		}
	}
	return done
}

func cmdSet(c *Call) {
	if len(c.Args) == 3 {
		c.expireDue(c.Args[1])
		c.setString(c.Args[1], c.Args[2], keyspace.NoExpiry)
		c.W.OK()
		return
	}
	f, timeArg, ok := c.setOptions(3, false)
	if !ok {
		return
	}
	switch o := c.set(c.Args[1], c.Args[2], f, timeArg); {
	case o == failed || f&setGet != 0:
	case o == refused:
		c.W.Null()
	default:
		c.W.OK()
	}
}

func cmdSetnx(c *Call) {
	if c.set(c.Args[1], c.Args[2], setNX, 0) == done {
		c.W.Int(1)
		return
	}
	c.W.Int(0)
}

func cmdSetex(c *Call) { c.setWithTime(setEX) }

func cmdPsetex(c *Call) { c.setWithTime(setPX) }

func (c *Call) setWithTime(f setFlag) {
	if c.set(c.Args[1], c.Args[3], f, 2) == done {
		c.W.OK()
	}
}

func cmdGet(c *Call) {
	if val, ok := c.DB.Text(c.Args[1], !c.NoTouch); ok {
		c.Lookups.Hits++
		c.W.Bulk(val)
		return
	}
	c.get(c.Args[1])
}

func cmdGetset(c *Call) {
	if !c.get(c.Args[1]) {
		return
	}
	c.setString(c.Args[1], c.Args[2], keyspace.NoExpiry)
	c.PropagateAs(wordSet, c.Args[1], c.Args[2])
}

func cmdGetdel(c *Call) {
	key := c.Args[1]
	if c.get(key) && c.DB.Delete(key) {
		c.Dirty(1)
		c.PropagateAs(wordDel, key)
		c.Changed(key, ClassGeneric, "del")
	}
}

func cmdGetex(c *Call) {
	f, timeArg, ok := c.setOptions(2, true)
	if !ok {
		return
	}
	key := c.Args[1]
	e, found, ok := c.ReadOf(keyspace.String, key)
	if !ok {
		return
	}
	if !found {
		c.W.Null()
		return
	}
	at, ok := c.deadline(timeArg, f)
	if !ok {
		return
	}
	c.bulkString(e)
	switch {
	case f&setExpiry != 0:
		c.setDeadline(key, at)
	case f&setPersist != 0 && e.ExpiresAt() != keyspace.NoExpiry:
		c.DB.SetExpiry(key, keyspace.NoExpiry)
		c.Dirty(1)
		c.PropagateAs(wordPersist, key)
		c.Changed(key, ClassGeneric, "persist")
	}
}

// setDeadline gives key, which exists, the time at, or removes it when that has passed; either is propagated as such.
func (c *Call) setDeadline(key []byte, at int64) {
	c.Dirty(1)
	if c.past(at) {
		c.DB.Delete(key)
		c.PropagateAs(wordDel, key)
		c.Changed(key, ClassGeneric, "del")
		return
	}
	c.DB.SetExpiry(key, at)
	c.PropagateAs(wordPexpireat, key, c.scratchInt(at))
	c.Changed(key, ClassGeneric, "expire")
}

func cmdMget(c *Call) {
	from := c.W.Len()
	c.W.Array(len(c.Args) - 1)
	for _, key := range c.Args[1:] {
		if c.replyTooLarge(from) {
			return
		}
		if e, ok := c.LookupRead(key); ok && e.Type() == keyspace.String {
			c.bulkString(e)
		} else {
			c.W.Null()
		}
	}
}

const errReplyTooLarge resp.Error = "ERR the reply would be too large"

// replyTooLarge tells whether the reply written since from has grown past proto-max-bulk-len, as one can that names the same large value
// again and again; then the error stands in its place. Redis goes on until memory ends.
func (c *Call) replyTooLarge(from int) bool {
	if int64(c.W.Len()-from) <= c.Server.MaxBulkLen() {
		return false
	}
	c.W.Truncate(from)
	c.W.Error(errReplyTooLarge)
	return true
}

func cmdMset(c *Call) { c.mset(false) }

func cmdMsetnx(c *Call) { c.mset(true) }

func (c *Call) mset(nx bool) {
	if len(c.Args)%2 == 0 {
		c.W.Error(c.Cmd.wrongArity())
		return
	}
	if nx {
		for i := 1; i < len(c.Args); i += 2 {
			if _, found := c.LookupWrite(c.Args[i]); found {
				c.W.Int(0)
				return
			}
		}
	}
	for i := 1; i < len(c.Args); i += 2 {
		c.expireDue(c.Args[i])
		c.setString(c.Args[i], c.Args[i+1], keyspace.NoExpiry)
	}
	if nx {
		c.W.Int(1)
		return
	}
	c.W.OK()
}

func cmdIncr(c *Call) { c.incrBy(1) }

func cmdDecr(c *Call) { c.incrBy(-1) }

func cmdIncrby(c *Call) {
	if n, ok := c.intArg(2); ok {
		c.incrBy(n)
	}
}

func cmdDecrby(c *Call) {
	n, ok := c.intArg(2)
	if !ok {
		return
	}
	if n == math.MinInt64 {
		c.W.Error("ERR decrement would overflow")
		return
	}
	c.incrBy(-n)
}

func (c *Call) incrBy(by int64) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.String, key)
	if !ok {
		return
	}
	var n int64
	at := keyspace.NoExpiry
	if found {
		at = e.ExpiresAt()
		if n, ok = e.Int(); !ok {
			if n, ok = parseInt(e.Bytes(nil)); !ok {
				c.W.Error(resp.ErrNotInteger)
				return
			}
		}
	}
	if addOverflows(n, by) {
		c.W.Error(resp.ErrOverflow)
		return
	}
	n += by
	c.DB.SetInt(key, n, at)
	if !found {
		c.created(key)
	}
	c.Dirty(1)
	c.Changed(key, ClassString, "incrby")
	c.W.Int(n)
}

func addOverflows(a, b int64) bool {
	return b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b
}

func cmdIncrbyfloat(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.String, key)
	if !ok {
		return
	}
	var old longDouble
	at := keyspace.NoExpiry
	if found {
		at = e.ExpiresAt()
		old, ok = parseLongDouble(e.Bytes(c.Scratch(20)))
	}
	by, valid := parseLongDouble(c.Args[2])
	if !ok || !valid {
		c.W.Error(resp.ErrNotFloat)
		return
	}
	sum := old.add(by)
	if sum.inf {
		c.W.Error("ERR increment would produce NaN or Infinity")
		return
	}
	text := sum.append(nil)
	c.DB.SetString(key, text, keyspace.EncEmbstr, at)
	if !found {
		c.created(key)
	}
	c.Dirty(1)
	// The result, not the sum to be done: replay must not depend on how floats are added.
	c.PropagateAs(wordSet, key, text, wordKeepTTL)
	c.Changed(key, ClassString, "incrbyfloat")
	c.W.Bulk(text)
}

// fits tells whether a string may have size + more bytes; if not the error is written. The log was checked when it was written.
func (c *Call) fits(size, more int64) bool {
	if limit := c.Server.MaxBulkLen(); !c.Server.Loading() && (size > limit || more > limit-size) {
		c.W.Error(resp.ErrStringTooBig)
		return false
	}
	return true
}

// mayGrow tells whether the string at e, if found, may become n bytes long where a few words may make it as long as they like; if not the error
// is written.
func (c *Call) mayGrow(e keyspace.Entry, found bool, n int) bool {
	if found {
		n -= e.StringLen()
	}
	if !c.Server.Fits(int64(n)) {
		c.W.Error(resp.ErrOOM)
		return false
	}
	return true
}

func cmdAppend(c *Call) {
	key, tail := c.Args[1], c.Args[2]
	e, found, ok := c.WriteOf(keyspace.String, key)
	if !ok {
		return
	}
	n := len(tail)
	if !found {
		c.DB.SetString(key, tail, keyspace.EncInt, keyspace.NoExpiry)
		c.created(key)
	} else {
		if !c.fits(int64(e.StringLen()), int64(len(tail))) {
			return
		}
		n = c.DB.Append(key, tail)
	}
	c.Dirty(1)
	c.Changed(key, ClassString, "append")
	c.W.Int(int64(n))
}

func cmdStrlen(c *Call) {
	e, found, ok := c.ReadOf(keyspace.String, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Int(0)
	default:
		c.W.Int(int64(e.StringLen()))
	}
}

func cmdSetrange(c *Call) {
	key, val := c.Args[1], c.Args[3]
	off, ok := c.intArg(2)
	if !ok {
		return
	}
	if off < 0 {
		c.W.Error("ERR offset is out of range")
		return
	}
	e, found, ok := c.WriteOf(keyspace.String, key)
	switch {
	case !ok:
		return
	case len(val) == 0 && found:
		c.W.Int(int64(e.StringLen()))
		return
	case len(val) == 0:
		c.W.Int(0)
		return
	case !c.fits(off, int64(len(val))) || !c.mayGrow(e, found, int(off)+len(val)):
		return
	case !found:
		c.DB.SetString(key, nil, keyspace.EncRaw, keyspace.NoExpiry)
		c.created(key)
	}
	n := c.DB.SetRange(key, int(off), val)
	c.Dirty(1)
	c.Changed(key, ClassString, "setrange")
	c.W.Int(int64(n))
}

func cmdGetrange(c *Call) {
	start, ok := c.intArg(2)
	if !ok {
		return
	}
	end, ok := c.intArg(3)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.String, c.Args[1])
	if !ok {
		return
	}
	var text []byte
	if found {
		text = e.Bytes(c.Scratch(20))
	}
	size := int64(len(text))
	empty := size == 0 || start < 0 && end < 0 && start > end
	if start < 0 {
		start = max(start+size, 0)
	}
	if end < 0 {
		end = max(end+size, 0) // so 0 -100 of a short string is its first byte
	}
	if end = min(end, size-1); empty || start > end {
		c.W.Bulk(nil)
		return
	}
	c.W.Bulk(text[start : end+1])
}

func cmdSubstr(c *Call) { cmdGetrange(c) }
