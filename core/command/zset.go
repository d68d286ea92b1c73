package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// zaddOptions are the options of ZADD.
type zaddOptions struct{ nx, xx, gt, lt, ch, incr bool }

func cmdZadd(c *Call)    { c.zadd(zaddOptions{}) }
func cmdZincrby(c *Call) { c.zadd(zaddOptions{incr: true}) }

func (c *Call) zadd(o zaddOptions) {
	pairs, ok := c.parseZadd(&o)
	if !ok {
		return
	}
	var few [8]float64
	scores := few[:0]
	for i := 0; i < len(pairs); i += 2 {
		score, ok := parseFloat(pairs[i])
		if !ok {
			c.W.Error(resp.ErrNotFloat)
			return
		}
		scores = append(scores, score)
	}
	c.zaddScores(&o, scores, pairs, 2)
}

// zaddScores gives scores to members, which are the last of each stride words. It is the rest of ZADD, and of GEOADD; changed tells
// whether there is something to propagate.
func (c *Call) zaddScores(o *zaddOptions, scores []float64, words [][]byte, stride int) (changed bool) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.ZSet, key)
	if !ok {
		return false
	}
	var added, updated, processed int
	var score float64
	if found || !o.xx {
		var z *keyspace.ZSetValue
		if found {
			z = e.ZSet()
		} else {
			z = c.DB.NewZSet(key)
		}
		z.Expect(len(scores), len(words[stride-1]))
		for i, s := range scores {
			r := o.set(z, words[stride*i+stride-1], s)
			if r.nan {
				c.W.Error(resp.ErrNaN)
				return false // INCR has but one pair: nothing was changed
			}
			added += r.added
			updated += r.updated
			processed += r.processed
			score = r.score
		}
		if added+updated > 0 {
			z.Commit()
			if !found {
				c.created(key)
			}
		}
	}
	c.Dirty(added + updated)
	c.replyZadd(o, added, updated, processed, score)
	if added+updated > 0 {
		event := "zadd"
		if o.incr {
			event = "zincr"
		}
		c.Changed(key, ClassZSet, event)
	}
	return added+updated > 0
}

func (c *Call) replyZadd(o *zaddOptions, added, updated, processed int, score float64) {
	switch {
	case o.incr && processed > 0:
		c.W.Double(score)
	case o.incr:
		c.W.Null()
	case o.ch:
		c.W.Int(int64(added + updated))
	default:
		c.W.Int(int64(added))
	}
}

// parseZadd reads the options and gives the words behind them: score, member, score, member …
func (c *Call) parseZadd(o *zaddOptions) (pairs [][]byte, ok bool) {
	i := 2
options:
	for ; i < len(c.Args); i++ {
		switch w := c.Args[i]; {
		case is(w, "nx"):
			o.nx = true
		case is(w, "xx"):
			o.xx = true
		case is(w, "ch"):
			o.ch = true
		case is(w, "incr"):
			o.incr = true
		case is(w, "gt"):
			o.gt = true
		case is(w, "lt"):
			o.lt = true
		default:
			break options
		}
	}
	pairs = c.Args[i:]
	switch {
	case len(pairs) == 0 || len(pairs)%2 != 0:
		c.W.Error(resp.ErrSyntax)
	case o.nx && o.xx:
		c.W.Error("ERR XX and NX options at the same time are not compatible")
	case o.gt && o.nx || o.lt && o.nx || o.gt && o.lt:
		c.W.Error("ERR GT, LT, and/or NX options at the same time are not compatible")
	case o.incr && len(pairs) > 2:
		c.W.Error("ERR INCR option supports a single increment-element pair")
	default:
		return pairs, true
	}
	return nil, false
}

// zaddResult is what became of one pair: of the counts at most one element each, and the new score.
type zaddResult struct {
	added, updated, processed int
	score                     float64
	nan                       bool
}

// set does one pair of ZADD.
func (o *zaddOptions) set(z *keyspace.ZSetValue, m []byte, score float64) (r zaddResult) {
	r.score = score
	old, exists := z.Score(m)
	if !exists {
		if !o.xx {
			z.Set(m, score)
			r.added, r.processed = 1, 1
		}
		return r
	}
	if o.nx {
		return r
	}
	if o.incr {
		score += old
		if math.IsNaN(score) {
			r.nan = true
			return r
		}
	}
	if o.lt && score >= old || o.gt && score <= old {
		return r
	}
	r.score, r.processed = score, 1
	if score != old {
		z.Set(m, score)
		r.updated = 1
	}
	return r
}

func cmdZrem(c *Call) {
	key := c.Args[1]
	e, found, ok := c.WriteOf(keyspace.ZSet, key)
	if !ok {
		return
	}
	removed := 0
	if found {
		z := e.ZSet()
		for _, m := range c.Args[2:] {
			if z.Remove(m) {
				removed++
				if z.Len() == 0 {
					break
				}
			}
		}
		if removed > 0 {
			c.took(key, ClassZSet, "zrem", z.Commit())
		}
	}
	c.Dirty(removed)
	c.W.Int(int64(removed))
}

// readZSet opens the sorted set at the first key; nil when there is none. ok is false when the error is written.
func (c *Call) readZSet() (z *keyspace.ZSetValue, ok bool) {
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[1])
	if !ok || !found {
		return nil, ok
	}
	return e.ZSet(), true
}

func cmdZcard(c *Call) {
	z, ok := c.readZSet()
	switch {
	case !ok:
	case z == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(z.Len()))
	}
}

func cmdZscore(c *Call) {
	z, ok := c.readZSet()
	if ok {
		c.writeScore(z, c.Args[2])
	}
}

func cmdZmscore(c *Call) {
	z, ok := c.readZSet()
	if !ok {
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.writeScore(z, m)
	}
}

func (c *Call) writeScore(z *keyspace.ZSetValue, m []byte) {
	if z != nil {
		if score, ok := z.Score(m); ok {
			c.W.Double(score)
			return
		}
	}
	c.W.Null()
}

func cmdZrank(c *Call)    { c.zrank(false) }
func cmdZrevrank(c *Call) { c.zrank(true) }

func (c *Call) zrank(reverse bool) {
	withScore := len(c.Args) > 3
	if len(c.Args) > 4 || withScore && !is(c.Args[3], "withscore") {
		c.W.Error(resp.ErrSyntax)
		return
	}
	z, ok := c.readZSet()
	if !ok {
		return
	}
	if z != nil {
		if rank, score, ok := z.Rank(c.Args[2]); ok {
			if reverse {
				rank = z.Len() - 1 - rank
			}
			if withScore {
				c.W.Array(2)
			}
			c.W.Int(int64(rank))
			if withScore {
				c.W.Double(score)
			}
			return
		}
	}
	if withScore {
		c.W.NullArray()
	} else {
		c.W.Null()
	}
}

func cmdZscan(c *Call) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[1])
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
	// Redis prints the score of a listpack as it is stored there, that of a skip list with 17 digits.
	text := resp.AppendDouble17
	if e.Encoding() == keyspace.EncListpack {
		text = c.appendPacked
	}
	n, m := 0, c.W.Mark()
	var b [40]byte
	next := e.ZSet().Scan(cursor, o.count, func(member []byte, score float64) {
		if o.matches(member) {
			c.W.Bulk(member)
			c.W.Bulk(text(b[:0], score))
			n += 2
		}
	})
	c.scanned(m, next, n)
}

// appendPacked appends a score as a listpack keeps it: a whole number is an integer there.
func (c *Call) appendPacked(dst []byte, score float64) []byte {
	if score == math.Trunc(score) && math.Abs(score) <= math.MaxInt64/2 {
		return strconv.AppendInt(dst, int64(score), 10)
	}
	return c.W.AppendDouble(dst, score)
}

// writeElement writes an element of a sorted set, with its score if asked: a pair of its own in RESP3, two words of the flat array in
// RESP2.
func (c *Call) writeElement(m []byte, score float64, withScores bool) {
	if withScores && c.W.Proto() == 3 {
		c.W.Array(2)
	}
	c.W.Bulk(m)
	if withScores {
		c.W.Double(score)
	}
}

// elementWords is how many elements of the reply's array n elements with or without scores take.
func (c *Call) elementWords(n int, withScores bool) int {
	if withScores && c.W.Proto() != 3 {
		return 2 * n
	}
	return n
}
