package command

import (
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

const (
	errNotHLL     resp.Error = "WRONGTYPE Key is not a valid HyperLogLog string value."
	errCorruptHLL resp.Error = "INVALIDOBJ Corrupted HLL object detected"
)

// hllOf is the HyperLogLog in e, the stored bytes; ok is false when it is none, and then the error is written.
func (c *Call) hllOf(e keyspace.Entry) (h hll, ok bool) {
	if e.Type() != keyspace.String {
		c.W.Error(resp.ErrWrongType)
		return nil, false
	}
	if _, isInt := e.Int(); !isInt {
		h = hll(e.Bytes(nil))
	}
	if !h.valid() {
		c.W.Error(errNotHLL)
		return nil, false
	}
	return h, true
}

// hllCopy is a copy of h to be changed, with room for some more runs.
func (c *Call) hllCopy(h hll) hll { return append(c.Scratch(len(h) + 64)[:0], h...) }

// sparseLimit is how long in bytes a sparse HyperLogLog may become.
func (c *Call) sparseLimit() int64 { return c.DB.Keyspace().Limits.HLLSparseMaxBytes }

func cmdPfadd(c *Call) {
	key := c.Args[1]
	h, updated, at := emptyHLL, 1, keyspace.NoExpiry
	e, found := c.LookupWrite(key)
	if found {
		var ok bool
		if h, ok = c.hllOf(e); !ok {
			return
		}
		updated, at = 0, e.ExpiresAt()
	}
	dense := h.dense()
	if dense {
		h = c.DB.Edit(key, len(h))
	} else {
		h = c.hllCopy(h) // nothing is changed when it turns out corrupt, so that nothing need be logged
	}
	for _, element := range c.Args[2:] {
		index, count := hllPlace(element)
		next, raised, ok := h.raise(index, count, c.sparseLimit())
		if !ok {
			c.W.Error(errCorruptHLL)
			return
		}
		if h = next; raised {
			updated++
		}
	}
	if updated > 0 {
		h.invalidate()
	}
	if !dense {
		c.DB.SetString(key, h, keyspace.EncRaw, at)
	}
	if !found {
		c.created(key)
	}
	if updated > 0 {
		c.Dirty(updated)
		c.Changed(key, ClassString, "pfadd")
	}
	c.flag(updated > 0)
}

func cmdPfcount(c *Call) {
	if len(c.Args) > 2 {
		var max hllMaxima
		if _, ok := c.mergeHLLs(&max); ok {
			c.W.Int(int64(max.count()))
		}
		return
	}
	key := c.Args[1]
	e, found := c.LookupRead(key)
	if !found {
		c.W.Int(0)
		return
	}
	h, ok := c.hllOf(e)
	if !ok {
		return
	}
	n, cached := h.cached()
	if !cached {
		if n, ok = h.count(); !ok {
			c.W.Error(errCorruptHLL)
			return
		}
	}
	if !cached || e.Encoding() != keyspace.EncRaw {
		h = c.DB.Edit(key, len(h))
	}
	if !cached {
		// The string has changed, so the command is logged though it only reads; but no event tells of it.
		h.cache(n)
		c.Dirty(1)
		c.Changed(key, 0, "")
	}
	c.W.Int(int64(n))
}

// mergeHLLs raises max to the registers of all keys from word 1 on. dense tells whether one of them is dense; ok is false when an error
// was written.
func (c *Call) mergeHLLs(max *hllMaxima) (dense, ok bool) {
	for _, key := range c.Args[1:] {
		e, found := c.LookupRead(key)
		if !found {
			continue
		}
		h, ok := c.hllOf(e)
		if !ok {
			return false, false
		}
		dense = dense || h.dense()
		if !h.mergeInto(max) {
			c.W.Error(errCorruptHLL)
			return false, false
		}
	}
	return dense, true
}

func cmdPfmerge(c *Call) {
	var max hllMaxima
	dense, ok := c.mergeHLLs(&max)
	if !ok {
		return
	}
	key := c.Args[1]
	h, at := emptyHLL, keyspace.NoExpiry
	e, found := c.LookupWrite(key)
	if found {
		h, at = hll(e.Bytes(nil)), e.ExpiresAt()
	}
	h = c.hllCopy(h)
	if dense {
		h, _ = h.toDense()
	}
	for i, count := range max {
		if count > 0 {
			h, _, _ = h.raise(i, count, c.sparseLimit())
		}
	}
	h.invalidate()
	c.DB.SetString(key, h, keyspace.EncRaw, at)
	if !found {
		c.created(key)
	}
	c.Dirty(1)
	c.Changed(key, ClassString, "pfadd")
	c.W.OK()
}

func cmdPfdebug(c *Call) {
	word, key := c.Args[1], c.Args[2]
	e, found := c.LookupWrite(key)
	if !found {
		c.W.Error("ERR The specified key does not exist")
		return
	}
	h, ok := c.hllOf(e)
	if !ok {
		return
	}
	if e.Encoding() != keyspace.EncRaw {
		h = c.DB.Edit(key, len(h))
	}
	switch {
	case is(word, "getreg"):
		if h, _, ok = c.makeDense(key, h); ok {
			c.W.Array(hllRegisters)
			for i := range hllRegisters {
				c.W.Int(int64(h.register(i)))
			}
		}
	case is(word, "decode"):
		c.decodeHLL(h)
	case is(word, "encoding"):
		if h.dense() {
			c.W.Simple("dense")
		} else {
			c.W.Simple("sparse")
		}
	case is(word, "todense"):
		if _, changed, ok := c.makeDense(key, h); ok {
			c.flag(changed)
		}
	default:
		c.W.Error(resp.Error("ERR Unknown PFDEBUG subcommand '" + cString(word, len(word)) + "'"))
	}
}

// makeDense makes the HyperLogLog at key dense, if it is not; ok is false when it is corrupt, and then the error is written.
func (c *Call) makeDense(key []byte, h hll) (dense hll, changed, ok bool) {
	if h.dense() {
		return h, false, true
	}
	dense, ok = h.toDense()
	if !ok {
		c.W.Error(errCorruptHLL)
		return nil, false, false
	}
	e, _ := c.Peek(key)
	c.DB.SetString(key, dense, keyspace.EncRaw, e.ExpiresAt())
	c.Dirty(1)
	return dense, true, true
}

// decodeHLL answers with the runs of a sparse HyperLogLog: z and Z for zeros in one byte and in two, v for a value and how many have it.
func (c *Call) decodeHLL(h hll) {
	if h.dense() {
		c.W.Error("ERR HLL encoding is not sparse")
		return
	}
	var text []byte
	for b := h[hllHeader:]; len(b) > 0; {
		value, n, size := hllRun(b)
		switch {
		case int64(len(text)) > c.Server.MaxBulkLen():
			c.W.Error(errReplyTooLarge)
			return
		case value > 0:
			text = append(text, "v:"...)
			text = strconv.AppendInt(text, int64(value), 10)
			text = append(text, ',')
		case size == 1:
			text = append(text, "z:"...)
		default:
			text = append(text, "Z:"...)
		}
		text = strconv.AppendInt(text, int64(n), 10)
		text = append(text, ' ')
		b = b[min(size, len(b)):]
	}
	c.W.Bulk(text[:max(0, len(text)-1)])
}

// PFSELFTEST: numbers are added to a dense and to a sparse HyperLogLog, which must agree and be as exact as the algorithm promises.
func cmdPfselftest(c *Call) {
	sparse := append(hll(nil), emptyHLL...)
	dense, _ := sparse.toDense()
	next := 1
	for i := 1; i <= 10_000; i++ {
		index, count := hllPlace(strconv.AppendInt(nil, int64(i), 10))
		sparse, _, _ = sparse.raise(index, count, hllHeader+2*hllRegisters)
		dense, _, _ = dense.raise(index, count, 0)
		if i < next {
			continue
		}
		next *= 10
		a, _ := sparse.count()
		b, _ := dense.count()
		// The standard error is 1.04/√16384 = 0.8 %: four times that, and little numbers may collide.
		if off := max(int64(b)-int64(i), int64(i)-int64(b)); a != b || off > int64(i)*33/1000+1 {
			c.W.Error(resp.Error("TESTFAILED of " + strconv.Itoa(i) + " numbers the sparse HyperLogLog counts " +
				strconv.FormatUint(a, 10) + ", the dense one " + strconv.FormatUint(b, 10)))
			return
		}
	}
	c.W.OK()
}
