package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

func cmdZpopmin(c *Call) { c.zpop(false) }
func cmdZpopmax(c *Call) { c.zpop(true) }

func (c *Call) zpop(max bool) {
	if len(c.Args) > 3 {
		c.W.Error(resp.ErrSyntax)
		return
	}
	count, withCount := int64(1), len(c.Args) == 3
	if withCount {
		var ok bool
		if count, ok = c.positiveArg(2); !ok {
			return
		}
	}
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.ZSet, key)
	if !ok {
		return
	}
	if !found || count == 0 {
		c.W.Array(0)
		return
	}
	z := e.ZSet()
	n := int(min(count, int64(z.Len())))
	nested := withCount && c.W.Proto() == 3
	if nested {
		c.W.Array(n)
	} else {
		c.W.Array(2 * n)
	}
	c.popElements(key, z, n, max, nested)
}

// popElements writes the n lowest (max: highest) elements of z, which is at key, and removes them.
func (c *Call) popElements(key []byte, z *keyspace.ZSetValue, n int, max, nested bool) {
	first, from, event := 0, 0, "zpopmin"
	if max {
		first, from, event = z.Len()-1, z.Len()-n, "zpopmax"
	}
	left := n
	z.Range(first, max, func(m []byte, score float64) bool {
		if nested {
			c.W.Array(2)
		}
		c.W.Bulk(m)
		c.W.Double(score)
		left--
		return left > 0
	})
	z.DeleteRange(from, n)
	gone := z.Commit()
	c.took(key, ClassZSet, event, false)
	if gone {
		c.removed(key)
	}
	c.Dirty(n)
}

func cmdZmpop(c *Call) { c.zmpop(1, 0, false) }

// zmpop pops from the first of several sorted sets, whose number is word n, or blocks until one is there.
func (c *Call) zmpop(n int, until int64, block bool) {
	numKeys, ok := c.rangeArg(n, 1, math.MaxInt64, "ERR numkeys should be greater than 0")
	if !ok {
		return
	}
	if numKeys >= int64(len(c.Args)-n-1) {
		c.W.Error(resp.ErrSyntax)
		return
	}
	where := n + 1 + int(numKeys)
	max := is(c.Args[where], "max")
	if !max && !is(c.Args[where], "min") {
		c.W.Error(resp.ErrSyntax)
		return
	}
	count := int64(-1)
	for i := where + 1; i < len(c.Args); i += 2 {
		if count != -1 || !is(c.Args[i], "count") || i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return
		}
		if count, ok = c.rangeArg(i+1, 1, math.MaxInt64, "ERR count should be greater than 0"); !ok {
			return
		}
	}
	if count == -1 {
		count = 1
	}
	pop := func(c *Call, key []byte) bool {
		e, ok := c.holds(keyspace.ZSet, key)
		if !ok {
			return false
		}
		z := e.ZSet()
		n := int(min(count, int64(z.Len())))
		c.W.Array(2)
		c.W.Bulk(key)
		c.W.Array(n)
		c.popElements(key, z, n, max, true)
		c.PropagateAs(zpopWord(max), key, c.scratchInt(int64(n)))
		return true
	}
	c.serveOrWait(keyspace.ZSet, c.Args[n+1:where], pop, Wait{From: n + 1, N: int(numKeys), Until: until}, block)
}

func cmdZrandmember(c *Call) {
	if len(c.Args) > 2 {
		c.zrandmemberMany()
		return
	}
	z, ok := c.readZSet()
	switch {
	case !ok:
	case z == nil:
		c.W.Null()
	default:
		m, _ := z.Random(c.Server.Random())
		c.W.Bulk(m)
	}
}

func (c *Call) zrandmemberMany() {
	count, ok := c.rangeArg(2, -math.MaxInt64, math.MaxInt64, "")
	if !ok {
		return
	}
	withScores := len(c.Args) > 3
	if len(c.Args) > 4 || withScores && !is(c.Args[3], "withscores") {
		c.W.Error(resp.ErrSyntax)
		return
	}
	if withScores && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		c.W.Error("ERR value is out of range")
		return
	}
	z, ok := c.readZSet()
	if !ok {
		return
	}
	if z == nil || count == 0 {
		c.W.Array(0)
		return
	}
	r := c.Server.Random()
	write := func(m []byte, score float64) { c.writeElement(m, score, withScores) }
	switch size := z.Len(); {
	case count < 0:
		c.repeat(-count, c.elementWords(1, withScores), func() { write(z.Random(r)) })
	case count >= int64(size):
		c.W.Array(c.elementWords(size, withScores))
		// Redis gives a whole sorted set from its highest element down.
		z.Range(size-1, true, func(m []byte, score float64) bool {
			write(m, score)
			return true
		})
	default:
		c.W.Array(c.elementWords(int(count), withScores))
		z.Pick(r, int(count), write)
	}
}
