package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// spopBatch is the number of members that one SREM takes away in the log for SPOP with a count.
const spopBatch = 1024

var (
	wordSREM = []byte("SREM")
	wordDEL  = []byte("DEL")
)

func cmdSpop(c *Call) {
	switch {
	case len(c.Args) == 2:
		c.spopOne()
	case len(c.Args) == 3:
		c.spopMany()
	default:
		c.W.Error(resp.ErrSyntax)
	}
}

func (c *Call) spopOne() {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.Set, key)
	if !ok {
		return
	}
	if !found {
		c.W.Null()
		return
	}
	s := e.Set()
	m := append([]byte(nil), s.Random(c.Server.Random())...)
	s.Remove(m)
	gone := s.Commit()
	c.took(key, ClassSet, "spop", gone)
	c.PropagateAs(wordSREM, key, m)
	c.W.Bulk(m)
	c.Dirty(1)
}

func (c *Call) spopMany() {
	key := c.Args[1]
	count, ok := c.positiveArg(2)
	if !ok {
		return
	}
	e, found, ok := c.WriteOf(keyspace.Set, key)
	if !ok {
		return
	}
	if !found || count == 0 {
		c.W.Set(0)
		return
	}
	s := e.Set()
	if size := s.Len(); count >= int64(size) {
		c.writeSet(s)
		c.DB.Delete(key)
		c.took(key, ClassSet, "spop", true)
		c.PropagateAs(wordDEL, key)
		c.Dirty(size)
		return
	}
	popped := make([][]byte, 0, count)
	s.Pick(c.Server.Random(), int(count), func(m []byte) { popped = append(popped, append([]byte(nil), m...)) })
	c.W.Set(len(popped))
	for _, m := range popped {
		s.Remove(m)
		c.W.Bulk(m)
	}
	s.Commit()
	c.took(key, ClassSet, "spop", false)
	c.PreventPropagation()
	for rest := popped; len(rest) > 0; {
		n := min(len(rest), spopBatch)
		c.AlsoPropagate(append([][]byte{wordSREM, key}, rest[:n]...)...)
		rest = rest[n:]
	}
	c.Dirty(len(popped))
}

func cmdSrandmember(c *Call) {
	if len(c.Args) == 3 {
		c.srandmemberMany()
		return
	}
	if len(c.Args) > 3 {
		c.W.Error(resp.ErrSyntax)
		return
	}
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	switch {
	case !ok:
	case !found:
		c.W.Null()
	default:
		c.W.Bulk(e.Set().Random(c.Server.Random()))
	}
}

func (c *Call) srandmemberMany() {
	count, ok := c.rangeArg(2, -math.MaxInt64, math.MaxInt64, "")
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.Set, c.Args[1])
	if !ok {
		return
	}
	if !found || count == 0 {
		c.W.Array(0)
		return
	}
	s, r := e.Set(), c.Server.Random()
	switch size := s.Len(); {
	case count < 0:
		c.repeat(-count, 1, func() { c.W.Bulk(s.Random(r)) })
	case count >= int64(size):
		c.W.Array(size)
		s.Each(func(m []byte) bool {
			c.W.Bulk(m)
			return true
		})
	default:
		c.W.Array(int(count))
		s.Pick(r, int(count), c.W.Bulk)
	}
}

// maxRepeat bounds, in bytes, the reply that holds the same elements again and again because the count is negative. Redis has no such
// bound and grows until its client's output limit or the memory of the machine ends it.
const maxRepeat = 64 << 20

// repeat answers with an array of count times what one writes, each time width elements; an error when that gets larger than maxRepeat.
func (c *Call) repeat(count int64, width int, one func()) {
	const least = 6 // "$0\r\n\r\n"
	from := c.W.Len()
	if count <= maxRepeat/int64(least*width) {
		c.W.Array(int(count) * width)
		for ; count > 0 && c.W.Len()-from <= maxRepeat; count-- {
			one()
		}
	}
	if count > 0 {
		c.W.Truncate(from)
		c.W.Error("ERR value is out of range, the reply would be too large")
	}
}
