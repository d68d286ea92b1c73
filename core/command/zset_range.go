package command

import (
	"bytes"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// zrangeBy is what the ends of a range of a sorted set mean.
type zrangeBy uint8

const (
	byAny zrangeBy = iota // what an option says, else byRank
	byRank
	byScore
	byLex
)

// zrange is a range of a sorted set.
type zrange struct {
	by         zrangeBy
	reverse    bool // from the highest to the lowest
	withScores bool
	offset     int64
	limit      int64 // -1: none

	start, stop  int64 // byRank: from either end
	min, max     float64
	minLex       []byte
	maxLex       []byte
	minEx, maxEx bool // the end itself is not in the range
	minEnd       int8 // byLex: the end is -1: below all (-), 1: above all (+), 0: minLex
	maxEnd       int8
}

// parseEnds reads the two ends, the lower one first except by rank.
func (r *zrange) parseEnds(c *Call, min, max []byte) bool {
	switch r.by {
	case byScore:
		var ok1, ok2 bool
		r.min, r.minEx, ok1 = parseScoreEnd(min)
		r.max, r.maxEx, ok2 = parseScoreEnd(max)
		if !ok1 || !ok2 {
			c.W.Error(resp.ErrMinMaxFloat)
			return false
		}
	case byLex:
		var ok1, ok2 bool
		r.minLex, r.minEx, r.minEnd, ok1 = parseLexEnd(min)
		r.maxLex, r.maxEx, r.maxEnd, ok2 = parseLexEnd(max)
		if !ok1 || !ok2 {
			c.W.Error(resp.ErrMinMaxLex)
			return false
		}
	default:
		var ok1, ok2 bool
		r.start, ok1 = parseInt(min)
		r.stop, ok2 = parseInt(max)
		if !ok1 || !ok2 {
			c.W.Error(resp.ErrNotInteger)
			return false
		}
	}
	return true
}

// parseScoreEnd reads "1.5", "(1.5", "-inf" with C's strtod, up to a NUL: an empty word is 0.
func parseScoreEnd(b []byte) (f float64, exclusive, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		b, exclusive = b[1:], true
	}
	f, n, _ := floatPrefix(b)
	return f, exclusive, (n == len(b) || b[n] == 0) && !math.IsNaN(f)
}

// parseLexEnd reads "-", "+", "[member", "(member".
func parseLexEnd(b []byte) (m []byte, exclusive bool, end int8, ok bool) {
	if len(b) == 0 {
		return nil, false, 0, false
	}
	alone := len(b) == 1 || b[1] == 0
	switch b[0] {
	case '-':
		return nil, true, -1, alone
	case '+':
		return nil, true, 1, alone
	case '(':
		return b[1:], true, 0, true
	case '[':
		return b[1:], false, 0, true
	}
	return nil, false, 0, false
}

// ranks gives the ranks [from, to) that the range takes in, before offset and limit.
func (r *zrange) ranks(z *keyspace.ZSetValue) (from, to int) {
	n := z.Len()
	switch r.by {
	case byScore:
		if r.min > r.max || r.min == r.max && (r.minEx || r.maxEx) {
			return 0, 0
		}
		return z.Below(r.min, r.minEx), z.Below(r.max, !r.maxEx)
	case byLex:
		if r.minEnd > r.maxEnd || r.minEnd == r.maxEnd && r.noLex() {
			return 0, 0
		}
		from, to = lexRank(z, r.minLex, r.minEnd, r.minEx), lexRank(z, r.maxLex, r.maxEnd, !r.maxEx)
		return from, to
	}
	return rankRange(r.start, r.stop, n, r.reverse)
}

// noLex tells that nothing lies between two ends of the same kind.
func (r *zrange) noLex() bool {
	if r.minEnd != 0 {
		return true
	}
	cmp := bytes.Compare(r.minLex, r.maxLex)
	return cmp > 0 || cmp == 0 && (r.minEx || r.maxEx)
}

func lexRank(z *keyspace.ZSetValue, m []byte, end int8, inclusive bool) int {
	switch end {
	case -1:
		return 0
	case 1:
		return z.Len()
	}
	return z.BelowLex(m, inclusive)
}

// rankRange makes ranks [from, to) of two inclusive ones that may count from the end, where rank 0 is the highest when reverse.
func rankRange(start, stop int64, n int, reverse bool) (from, to int) {
	size := int64(n)
	if start < 0 {
		start += size
	}
	if stop < 0 {
		stop += size
	}
	start, stop = max(start, 0), min(stop, size-1)
	if start > stop || start >= size {
		return 0, 0
	}
	if reverse {
		return int(size - 1 - stop), int(size - start)
	}
	return int(start), int(stop + 1)
}

// each calls fn with the elements of the range in its order.
func (r *zrange) each(z *keyspace.ZSetValue, fn func(m []byte, score float64)) {
	from, to := r.ranks(z)
	n := int64(max(to-from, 0))
	if r.by != byRank {
		if r.offset < 0 || r.offset >= n {
			return
		}
		n -= r.offset
		if r.limit >= 0 {
			n = min(n, r.limit)
		}
	}
	if n == 0 {
		return
	}
	first := from
	if r.reverse {
		first = to - 1
	}
	if r.by != byRank {
		if r.reverse {
			first -= int(r.offset)
		} else {
			first += int(r.offset)
		}
	}
	z.Range(first, r.reverse, func(m []byte, score float64) bool {
		fn(m, score)
		n--
		return n > 0
	})
}

// parseRange reads a range from word i on: two ends, then options. What r holds already is fixed: no option chooses it.
func (c *Call) parseRange(r *zrange, i int, store bool) bool {
	anyOrder := r.by == byAny
	r.limit = -1
	for j := i + 2; j < len(c.Args); j++ {
		switch w := c.Args[j]; {
		case !store && is(w, "withscores"):
			r.withScores = true
		case is(w, "limit") && j+2 < len(c.Args):
			var ok bool
			if r.offset, ok = c.intArg(j + 1); !ok {
				return false
			}
			if r.limit, ok = c.intArg(j + 2); !ok {
				return false
			}
			j += 2
		case anyOrder && is(w, "rev"):
			r.reverse, anyOrder = true, false
		case r.by == byAny && is(w, "bylex"):
			r.by = byLex
		case r.by == byAny && is(w, "byscore"):
			r.by = byScore
		default:
			c.W.Error(resp.ErrSyntax)
			return false
		}
	}
	if r.by == byAny {
		r.by = byRank
	}
	switch {
	case r.limit != -1 && r.by == byRank:
		c.W.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
		return false
	case r.withScores && r.by == byLex:
		c.W.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
		return false
	}
	lo, hi := c.Args[i], c.Args[i+1]
	if r.reverse && r.by != byRank {
		lo, hi = hi, lo
	}
	return r.parseEnds(c, lo, hi)
}

func cmdZrange(c *Call)           { c.zrange(zrange{}) }
func cmdZrevrange(c *Call)        { c.zrange(zrange{by: byRank, reverse: true}) }
func cmdZrangebyscore(c *Call)    { c.zrange(zrange{by: byScore}) }
func cmdZrevrangebyscore(c *Call) { c.zrange(zrange{by: byScore, reverse: true}) }
func cmdZrangebylex(c *Call)      { c.zrange(zrange{by: byLex}) }
func cmdZrevrangebylex(c *Call)   { c.zrange(zrange{by: byLex, reverse: true}) }

func (c *Call) zrange(r zrange) {
	if !c.parseRange(&r, 2, false) {
		return
	}
	z, ok := c.readZSet()
	if !ok {
		return
	}
	if z == nil {
		c.W.Array(0)
		return
	}
	mark, n := c.W.Mark(), 0
	r.each(z, func(m []byte, score float64) {
		c.writeElement(m, score, r.withScores)
		n++
	})
	c.W.InsertArray(mark, c.elementWords(n, r.withScores))
}

func cmdZrangestore(c *Call) {
	var r zrange
	if !c.parseRange(&r, 3, true) {
		return
	}
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[2])
	if !ok {
		return
	}
	result := c.DB.NewZSet(c.Args[1])
	if found {
		r.each(e.ZSet(), func(m []byte, score float64) { result.Set(m, score) })
	}
	c.storeZSet(result, "zrangestore")
}

// storeZSet stores a result, which was made for the first key, in place of whatever is there, and answers with its size.
func (c *Call) storeZSet(result *keyspace.ZSetValue, event string) {
	n, existed := result.Len(), c.clear(c.Args[1])
	if n == 0 {
		c.storedNothing(c.Args[1], existed)
		return
	}
	result.Commit()
	c.stored(c.Args[1], existed, ClassZSet, event, n)
}

func cmdZcount(c *Call)    { c.zcount(byScore) }
func cmdZlexcount(c *Call) { c.zcount(byLex) }

func (c *Call) zcount(by zrangeBy) {
	r := zrange{by: by}
	if !r.parseEnds(c, c.Args[2], c.Args[3]) {
		return
	}
	z, ok := c.readZSet()
	if !ok {
		return
	}
	n := 0
	if z != nil {
		from, to := r.ranks(z)
		n = max(to-from, 0)
	}
	c.W.Int(int64(n))
}

func cmdZremrangebyrank(c *Call)  { c.zremrange(byRank, "zremrangebyrank") }
func cmdZremrangebyscore(c *Call) { c.zremrange(byScore, "zremrangebyscore") }
func cmdZremrangebylex(c *Call)   { c.zremrange(byLex, "zremrangebylex") }

func (c *Call) zremrange(by zrangeBy, event string) {
	r := zrange{by: by}
	if !r.parseEnds(c, c.Args[2], c.Args[3]) {
		return
	}
	e, found, ok := c.WriteOf(keyspace.ZSet, c.Args[1])
	if !ok {
		return
	}
	n := 0
	if found {
		z := e.ZSet()
		from, to := r.ranks(z)
		if n = max(to-from, 0); n > 0 {
			z.DeleteRange(from, n)
			gone := z.Commit()
			c.Changed(c.Args[1], ClassZSet, event)
			if gone {
				c.removed(c.Args[1])
			}
		}
	}
	c.Dirty(n)
	c.W.Int(int64(n))
}
