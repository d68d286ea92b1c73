package keyspace

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// ZSetValue is a sorted set, ordered by score and then by the bytes of the member: a listpack of member, score, member, score …
// in that order, or a table of scores by member with an index in order. Ranks are from 0, lowest score first.
type ZSetValue struct {
	view
	full *zsetObject
}

// zsetObject is a large sorted set.
type zsetObject struct {
	table *table // member → score
	index *zsetIndex
}

// ZSet is the view of the sorted set at e.
func (e Entry) ZSet() *ZSetValue {
	z := e.db.ks.views.zsets.get(&e.db.ks.views)
	z.open(e)
	if o := e.object(); o != nil {
		z.full = o.(*zsetObject)
	} else {
		z.packed = e.packed()
	}
	return z
}

// NewZSet makes a sorted set for key, which is not there.
func (db *DB) NewZSet(key []byte) *ZSetValue {
	z := db.ks.views.zsets.get(&db.ks.views)
	z.create(db, key, ZSet, EncListpack)
	return z
}

// Expect tells before the first Set that n elements are about to be added, the longest of size bytes (ZADD: as many as it names,
// whether they are new or not). Redis 7.2 chooses the encoding by it; a set that is there only by n.
func (z *ZSetValue) Expect(n, size int) {
	limits := z.limits()
	if z.full == nil && (n > limits.ZSetMaxListpackEntries || z.Len() == 0 && size > limits.ZSetMaxListpackValue) {
		z.unpack()
	}
}

// Commit stores the changes; gone tells that the set became empty and its key was removed.
func (z *ZSetValue) Commit() (gone bool) {
	if z.full != nil {
		return z.commit(z.Len(), z.full)
	}
	return z.commit(z.Len(), nil)
}

// Len is the number of elements.
//
//go:noinline
func (z *ZSetValue) Len() int {
	if z.full != nil {
		return z.full.table.len()
	}
	return z.lp().len() / 2
}

func (z *ZSetValue) lp() listpack { return z.packed }

// lpScore is the score at p.
func lpScore(lp listpack, p int) float64 {
	text, n, isInt := lp.value(p)
	if isInt {
		return float64(n)
	}
	return parseScore(text)
}

func putScore(b []byte, score float64) []byte {
	binary.LittleEndian.PutUint64(b, math.Float64bits(score))
	return b[:8]
}

func getScore(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// Score is the score of m.
func (z *ZSetValue) Score(m []byte) (float64, bool) {
	if z.full != nil {
		b, ok := z.full.table.get(m)
		if !ok {
			return 0, false
		}
		return getScore(b), true
	}
	x := newNeedle(m)
	p := z.lp().find(lpHeader, &x, 1)
	if p < 0 {
		return 0, false
	}
	return lpScore(z.lp(), z.lp().next(p)), true
}

// Set adds m or changes its score. added: m is new; changed: it had another score.
func (z *ZSetValue) Set(m []byte, score float64) (added, changed bool) {
	old, there := z.Score(m)
	if there && old == score {
		return false, false
	}
	if limits := z.limits(); z.full == nil && !there &&
		(z.Len()+1 > limits.ZSetMaxListpackEntries || len(m) > limits.ZSetMaxListpackValue || len(z.packed)+len(m) > lpSafe) {
		z.unpack()
	}
	z.change()
	if z.full != nil {
		z.full.table.put(m, putScore(z.text1(), score))
		if there {
			z.full.index.setScore(m, old, score)
		} else {
			z.full.index.insert(score, m)
		}
		return !there, there
	}
	x := newNeedle(m)
	if there {
		z.packed = z.lp().delete(z.lp().find(lpHeader, &x, 1), 2)
	}
	z.insertPacked(m, &x, score)
	return !there, there
}

func (z *ZSetValue) insertPacked(m []byte, x *needle, score float64) {
	lp := z.lp()
	p, _ := z.packedBelow(&zsetBound{beforeElement, score, m})
	size := lpEntrySize(x)
	lp = lp.insertNeedle(p, x)
	if n, ok := integral(score); ok {
		lp = lp.insertNeedle(p+size, &needle{n: n, isInt: true})
	} else {
		lp = lp.insert(p+size, appendScore(z.text2()[:0], score))
	}
	z.packed = lp
}

// packedBelow is where in the listpack the elements below b end, and their number.
func (z *ZSetValue) packedBelow(b *zsetBound) (p, rank int) {
	lp := z.lp()
	for p = lpHeader; p < lp.end(); rank++ {
		q := lp.next(p)
		score := lpScore(lp, q)
		switch {
		case b.kind < beforeMember && score != b.score:
			if score > b.score {
				return p, rank
			}
		case b.kind == beforeScore:
			return p, rank
		case b.kind == afterScore:
		default:
			if c := bytes.Compare(lp.text(p, z.text1()), b.member); c > 0 || c == 0 && b.kind&1 == 0 {
				return p, rank
			}
		}
		p = lp.next(q)
	}
	return p, rank
}

func (z *ZSetValue) below(b *zsetBound) int {
	if z.full != nil {
		return z.full.index.below(b)
	}
	_, rank := z.packedBelow(b)
	return rank
}

func (z *ZSetValue) unpack() {
	full := &zsetObject{newTable(z.db.ks.space), newZSetIndex()}
	var b [8]byte
	z.Each(func(m []byte, score float64) bool {
		full.table.put(m, putScore(b[:], score))
		full.index.insert(score, m)
		return true
	})
	z.unpacked(EncSkiplist)
	z.full = full
}

// Remove removes m; false when it was not there.
func (z *ZSetValue) Remove(m []byte) bool {
	if z.full != nil {
		score, ok := z.Score(m)
		if !ok {
			return false
		}
		z.change()
		rank := z.full.index.below(&zsetBound{beforeElement, score, m})
		z.full.table.delete(m) // first: m may lie in the index
		z.full.index.delete(rank, 1)
		return true
	}
	x := newNeedle(m)
	p := z.lp().find(lpHeader, &x, 1)
	if p < 0 {
		return false
	}
	z.change()
	z.packed = z.lp().delete(p, 2)
	return true
}

// Rank is the number of elements below m.
func (z *ZSetValue) Rank(m []byte) (rank int, score float64, ok bool) {
	if score, ok = z.Score(m); !ok {
		return 0, 0, false
	}
	return z.below(&zsetBound{beforeElement, score, m}), score, true
}

// Below is the number of elements with a score < s, or ≤ s when inclusive. O(log n).
func (z *ZSetValue) Below(s float64, inclusive bool) int {
	if inclusive {
		return z.below(&zsetBound{afterScore, s, nil})
	}
	return z.below(&zsetBound{beforeScore, s, nil})
}

// BelowLex is the number of elements with a member < m, or ≤ m when inclusive, all scores being equal. O(log n).
func (z *ZSetValue) BelowLex(m []byte, inclusive bool) int {
	if inclusive {
		return z.below(&zsetBound{afterMember, 0, m})
	}
	return z.below(&zsetBound{beforeMember, 0, m})
}

// Range calls fn with the elements of rank i, i+1 … (reverse: i, i-1 …) until it returns false.
func (z *ZSetValue) Range(i int, reverse bool, fn func(m []byte, score float64) bool) {
	if i < 0 || i >= z.Len() {
		return
	}
	if z.full != nil {
		z.full.index.iterate(i, reverse, fn)
		return
	}
	lp := z.lp()
	for p := lp.at(2 * i); p >= 0 && p < lp.end(); {
		q := lp.next(p)
		if !fn(lp.text(p, z.text1()), lpScore(lp, q)) {
			return
		}
		if !reverse {
			p = lp.next(q)
		} else if p = lp.prev(p); p >= 0 {
			p = lp.prev(p)
		}
	}
}

// iterate calls fn with the elements from rank on, or down from it, until it returns false.
func (t *zsetIndex) iterate(rank int, reverse bool, fn func(m []byte, score float64) bool) {
	for l, i := t.at(rank); l != nil; {
		if !fn(l.member(i), l.scores[i]) {
			return
		}
		if !reverse {
			if i++; i == l.n {
				l, i = l.next, 0
			}
		} else if i--; i < 0 {
			if l = l.prev; l != nil {
				i = l.n - 1
			}
		}
	}
}

// DeleteRange removes n elements from rank i on.
func (z *ZSetValue) DeleteRange(i, n int) {
	if n = min(n, z.Len()-i); n <= 0 {
		return
	}
	z.change()
	if z.full == nil {
		z.packed = z.lp().delete(z.lp().at(2*i), 2*n)
		return
	}
	left := n
	z.full.index.iterate(i, false, func(m []byte, _ float64) bool {
		z.full.table.delete(m)
		left--
		return left > 0
	})
	for n > 0 {
		n -= z.full.index.delete(i, n)
	}
}

// Each calls fn with all elements in order until it returns false.
//
//go:noinline
func (z *ZSetValue) Each(fn func(m []byte, score float64) bool) { z.Range(0, false, fn) }

// Scan is as DB.Scan; a packed value comes whole, with next 0, whatever cursor and count.
func (z *ZSetValue) Scan(cursor uint64, count int, fn func(m []byte, score float64)) (next uint64) {
	if z.full != nil {
		return z.full.table.scan(cursor, count, func(m, val []byte) { fn(m, getScore(val)) })
	}
	z.Each(func(m []byte, score float64) bool {
		fn(m, score)
		return true
	})
	return 0
}

// Random is one element chosen at random.
func (z *ZSetValue) Random(r *rand.Rand) (m []byte, score float64) {
	if i := r.IntN(z.Len()); z.full != nil {
		l, k := z.full.index.at(i)
		return l.member(k), l.scores[k]
	} else {
		lp := z.lp()
		p := lp.at(2 * i)
		return lp.text(p, z.text1()), lpScore(lp, lp.next(p))
	}
}

// Pick calls fn with n distinct random elements (n ≤ Len), without visiting far more than n of them when n is small.
func (z *ZSetValue) Pick(r *rand.Rand, n int, fn func(m []byte, score float64)) {
	n = min(n, z.Len())
	if z.full != nil && pickFew(n, z.Len()) {
		seen := make(map[int]struct{}, n)
		for len(seen) < n {
			i := r.IntN(z.Len())
			if _, ok := seen[i]; !ok {
				seen[i] = struct{}{}
				l, k := z.full.index.at(i)
				fn(l.member(k), l.scores[k])
			}
		}
		return
	}
	p := picker{r, n, z.Len()}
	z.Each(func(m []byte, score float64) bool {
		if p.take() {
			fn(m, score)
		}
		return p.need > 0
	})
}

// The object in a record. Its table is what a snapshot emits.

func (o *zsetObject) memory() int64            { return o.table.memory() + o.index.bytes }
func (o *zsetObject) clone() object            { return &zsetObject{o.table.clone(), o.index.clone()} }
func (o *zsetObject) freeze(p *pending)        { o.table.freeze(p) }
func (o *zsetObject) emitNext(p *pending) bool { return o.table.emitNext(p) }
func (o *zsetObject) thaw(p *pending)          { o.table.thaw(p) }
func (o *zsetObject) parts() int               { return o.table.parts() }
