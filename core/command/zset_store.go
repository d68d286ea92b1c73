package command

import (
	"math"
	"sort"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// zsetOp is one of ZUNION, ZINTER, ZDIFF with their STORE forms, and ZINTERCARD.
type zsetOp struct {
	kind       zsetKind
	card       bool // ZINTERCARD: only the number counts
	store      bool
	aggregate  func(a, b float64) float64
	withScores bool
	limit      int64
	inputs     []zsetInput
}

type zsetKind uint8

const (
	zsetUnion zsetKind = iota
	zsetInter
	zsetDiff
)

// zsetInput is a sorted set, a set (whose members all have score 1), or, with both nil, nothing.
type zsetInput struct {
	key    []byte
	z      *keyspace.ZSetValue
	s      *keyspace.SetValue
	weight float64
}

func (in *zsetInput) len() int {
	switch {
	case in.z != nil:
		return in.z.Len()
	case in.s != nil:
		return in.s.Len()
	}
	return 0
}

func (in *zsetInput) each(fn func(m []byte, score float64) bool) {
	switch {
	case in.z != nil:
		in.z.Each(fn)
	case in.s != nil:
		in.s.Each(func(m []byte) bool { return fn(m, 1) })
	}
}

func (in *zsetInput) score(m []byte) (float64, bool) {
	switch {
	case in.z != nil:
		return in.z.Score(m)
	case in.s != nil:
		return 1, in.s.Has(m)
	}
	return 0, false
}

func cmdZunion(c *Call)      { c.zsetOp(zsetOp{kind: zsetUnion}) }
func cmdZunionstore(c *Call) { c.zsetOp(zsetOp{kind: zsetUnion, store: true}) }
func cmdZinter(c *Call)      { c.zsetOp(zsetOp{kind: zsetInter}) }
func cmdZinterstore(c *Call) { c.zsetOp(zsetOp{kind: zsetInter, store: true}) }
func cmdZintercard(c *Call)  { c.zsetOp(zsetOp{kind: zsetInter, card: true}) }
func cmdZdiff(c *Call)       { c.zsetOp(zsetOp{kind: zsetDiff}) }
func cmdZdiffstore(c *Call)  { c.zsetOp(zsetOp{kind: zsetDiff, store: true}) }

func (c *Call) zsetOp(op zsetOp) {
	numKeys := 1
	if op.store {
		numKeys = 2
	}
	if !c.parseZsetOp(&op, numKeys) {
		return
	}
	if op.card {
		n := int64(0)
		op.inter(func([]byte, float64) bool {
			n++
			return n != op.limit
		})
		c.W.Int(n)
		return
	}
	result := c.DB.NewZSet(c.Args[1])
	result.Expect(math.MaxInt, 0) // as in Redis not packed, which would make -0 a 0
	op.run(result)
	if op.store {
		event := [...]string{"zunionstore", "zinterstore", "zdiffstore"}[op.kind]
		c.storeZSet(c.packed(result), event)
		return
	}
	c.W.Array(c.elementWords(result.Len(), op.withScores))
	result.Each(func(m []byte, score float64) bool {
		c.writeElement(m, score, op.withScores)
		return true
	})
}

// packed is z in packed form if it fits, else z itself.
func (c *Call) packed(z *keyspace.ZSetValue) *keyspace.ZSetValue {
	limits := &c.Server.Keyspace().Limits
	fits := z.Len() <= limits.ZSetMaxListpackEntries
	if fits {
		z.Each(func(m []byte, _ float64) bool {
			fits = len(m) <= limits.ZSetMaxListpackValue
			return fits
		})
	}
	if !fits {
		return z
	}
	p := c.DB.NewZSet(c.Args[1])
	z.Each(func(m []byte, score float64) bool {
		p.Set(m, score)
		return true
	})
	return p
}

// parseZsetOp reads the words from numkeys on, at index i, and opens the inputs. As in Redis the keys are looked at
// before the options.
func (c *Call) parseZsetOp(op *zsetOp, i int) bool {
	n, ok := c.intArg(i)
	if !ok {
		return false
	}
	if n < 1 {
		c.W.Error(resp.Error("ERR at least 1 input key is needed for '" + c.Cmd.FullName() + "' command"))
		return false
	}
	i++
	if n > int64(len(c.Args)-i) {
		c.W.Error(resp.ErrSyntax)
		return false
	}
	return c.openInputs(op, c.Args[i:i+int(n)]) && c.parseZsetOptions(op, i+int(n))
}

func (c *Call) openInputs(op *zsetOp, keys [][]byte) bool {
	for _, key := range keys { // a lookup may remove a key past its time: views are opened when all is looked up
		if e, found := c.LookupRead(key); found && e.Type() != keyspace.ZSet && e.Type() != keyspace.Set {
			c.W.Error(resp.ErrWrongType)
			return false
		}
	}
	op.inputs = make([]zsetInput, len(keys))
	for i, key := range keys {
		in := &op.inputs[i]
		in.key, in.weight = key, 1
		if e, found := c.Peek(key); found {
			if e.Type() == keyspace.ZSet {
				in.z = e.ZSet()
			} else {
				in.s = e.Set()
			}
		}
	}
	return true
}

func (c *Call) parseZsetOptions(op *zsetOp, i int) bool {
	op.aggregate = aggregateSum
	weighted := op.kind != zsetDiff && !op.card
	for i < len(c.Args) {
		left := len(c.Args) - i
		switch w := c.Args[i]; {
		case weighted && left > len(op.inputs) && is(w, "weights"):
			for j := range op.inputs {
				var ok bool
				if op.inputs[j].weight, ok = c.floatArg(i+1+j, "ERR weight value is not a float"); !ok {
					return false
				}
			}
			i += 1 + len(op.inputs)
		case weighted && left >= 2 && is(w, "aggregate"):
			if op.aggregate = aggregateNamed(c.Args[i+1]); op.aggregate == nil {
				c.W.Error(resp.ErrSyntax)
				return false
			}
			i += 2
		case !op.store && !op.card && is(w, "withscores"):
			op.withScores = true
			i++
		case op.card && left >= 2 && is(w, "limit"):
			var ok bool
			if op.limit, ok = c.rangeArg(i+1, 0, math.MaxInt64, "ERR LIMIT can't be negative"); !ok {
				return false
			}
			i += 2
		default:
			c.W.Error(resp.ErrSyntax)
			return false
		}
	}
	return true
}

func aggregateNamed(word []byte) func(a, b float64) float64 {
	switch {
	case is(word, "sum"):
		return aggregateSum
	case is(word, "min"):
		return func(a, b float64) float64 {
			if b < a {
				return b
			}
			return a
		}
	case is(word, "max"):
		return func(a, b float64) float64 {
			if b > a {
				return b
			}
			return a
		}
	}
	return nil
}

func aggregateSum(a, b float64) float64 { return orZero(a + b) }

// orZero is Redis's convention for infinities that cancel out and infinite weights of 0.
func orZero(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return f
}

func (op *zsetOp) run(result *keyspace.ZSetValue) {
	set := func(m []byte, score float64) bool {
		result.Set(m, score)
		return true
	}
	switch op.kind {
	case zsetInter:
		op.inter(set)
	case zsetDiff:
		op.diff(set)
	default:
		op.union(result)
	}
}

// bySize puts the smallest inputs first; sums of doubles depend on the order.
func (op *zsetOp) bySize() {
	sort.SliceStable(op.inputs, func(i, j int) bool { return op.inputs[i].len() < op.inputs[j].len() })
}

func (op *zsetOp) union(result *keyspace.ZSetValue) {
	op.bySize()
	for i := range op.inputs {
		in := &op.inputs[i]
		in.each(func(m []byte, score float64) bool {
			score = orZero(in.weight * score)
			if old, ok := result.Score(m); ok {
				score = op.aggregate(old, score)
			}
			result.Set(m, score)
			return true
		})
	}
}

func (op *zsetOp) inter(fn func(m []byte, score float64) bool) {
	op.bySize()
	first := &op.inputs[0]
	first.each(func(m []byte, score float64) bool {
		sum := orZero(first.weight * score)
		for i := 1; i < len(op.inputs); i++ {
			in := &op.inputs[i]
			value, ok := in.score(m)
			if !ok {
				return true
			}
			// A product that is no number goes into the aggregate as it is, unlike the first one: so does Redis.
			sum = op.aggregate(sum, value*in.weight)
		}
		return fn(m, sum)
	})
}

func (op *zsetOp) diff(fn func(m []byte, score float64) bool) {
	first, others := &op.inputs[0], op.inputs[1:]
	first.each(func(m []byte, score float64) bool {
		for i := range others {
			if _, ok := others[i].score(m); ok {
				return true
			}
		}
		return fn(m, score)
	})
}
