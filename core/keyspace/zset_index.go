package keyspace

import (
	"bytes"
	"unsafe"
)

// zsetIndex keeps the elements of a large sorted set in order of score, then of the bytes of the member: a B+tree whose inner
// nodes count what is below each child, so that rank and element find each other in O(log n). A leaf holds scores and members
// flat: some 25 elements share one object of Go.
type zsetIndex struct {
	root  *zsetInner
	bytes int64 // of memory
}

const (
	zsetLeafMax   = 64
	zsetLeafBytes = 1 << 16 // a leaf of more bytes is split, too
	zsetInnerMax  = 32
)

type zsetLeaf struct {
	prev, next *zsetLeaf
	n          int
	scores     [zsetLeafMax]float64
	ends       [zsetLeafMax]uint32 // in members
	members    []byte
}

// zsetInner is an inner node. Child i is down[i], or at height 1 the leaf first[i]; first[i] is its leftmost leaf.
type zsetInner struct {
	height int
	n      int
	counts [zsetInnerMax]int
	first  [zsetInnerMax]*zsetLeaf
	down   [zsetInnerMax]*zsetInner
	scores [zsetInnerMax]float64 // of the first element
}

func newZSetIndex() *zsetIndex {
	t := &zsetIndex{root: &zsetInner{height: 1, n: 1}}
	t.root.first[0] = &zsetLeaf{}
	t.bytes = int64(unsafe.Sizeof(*t.root) + unsafe.Sizeof(zsetLeaf{}))
	return t
}

// zsetBound is a place between elements: behind all that are below it.
type zsetBound struct {
	kind   zsetBoundKind
	score  float64
	member []byte
}

type zsetBoundKind uint8

const (
	beforeElement zsetBoundKind = iota
	afterElement
	beforeScore
	afterScore
	beforeMember // whatever the score
	afterMember
)

// above tells whether the element (score, member i of l) is below b.
func (b *zsetBound) above(score float64, l *zsetLeaf, i int) bool {
	if b.kind < beforeMember {
		if score != b.score {
			return score < b.score
		}
		if b.kind >= beforeScore {
			return b.kind == afterScore
		}
	}
	c := bytes.Compare(l.member(i), b.member)
	return c < 0 || c == 0 && b.kind&1 == 1
}

func (l *zsetLeaf) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(l.ends[i-1])
}

func (l *zsetLeaf) member(i int) []byte { return l.members[l.start(i):l.ends[i]:l.ends[i]] }

// search is the number of elements of l below b.
func (l *zsetLeaf) search(b *zsetBound) int {
	lo, hi := 0, l.n
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if b.above(l.scores[mid], l, mid) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// search is the child in which the elements below b end.
func (x *zsetInner) search(b *zsetBound) int {
	lo, hi := 1, x.n
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if b.above(x.scores[mid], x.first[mid], 0) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// below is the number of elements below b.
func (t *zsetIndex) below(b *zsetBound) int {
	rank := 0
	for x := t.root; ; {
		i := x.search(b)
		for _, n := range x.counts[:i] {
			rank += n
		}
		if x.height == 1 {
			return rank + x.first[i].search(b)
		}
		x = x.down[i]
	}
}

// at finds the element of rank, which exists: element i of l.
func (t *zsetIndex) at(rank int) (l *zsetLeaf, i int) {
	for x := t.root; ; {
		c := 0
		for rank >= x.counts[c] {
			rank -= x.counts[c]
			c++
		}
		if x.height == 1 {
			return x.first[c], rank
		}
		x = x.down[c]
	}
}

// insert adds an element that is not there.
func (t *zsetIndex) insert(score float64, member []byte) {
	b := zsetBound{beforeElement, score, member}
	right := t.insertInto(t.root, &b)
	if right == nil {
		return
	}
	root := &zsetInner{height: t.root.height + 1, n: 2}
	root.down[0], root.down[1] = t.root, right
	root.refresh(0)
	root.refresh(1)
	t.root = root
	t.bytes += int64(unsafe.Sizeof(*root))
}

// insertInto inserts below x; when x had to be split, it returns the right half.
func (t *zsetIndex) insertInto(x *zsetInner, b *zsetBound) (right *zsetInner) {
	i := x.search(b)
	if x.height == 1 {
		newLeaf := t.insertLeaf(x.first[i], b)
		x.refresh(i)
		if newLeaf == nil {
			return nil
		}
		return t.addChild(x, i+1, newLeaf, nil)
	}
	newDown := t.insertInto(x.down[i], b)
	x.refresh(i)
	if newDown == nil {
		return nil
	}
	return t.addChild(x, i+1, newDown.first[0], newDown)
}

// refresh brings what x knows of child i up to date.
//
//go:noinline
func (x *zsetInner) refresh(i int) {
	if x.height == 1 {
		x.counts[i] = x.first[i].n
	} else {
		down := x.down[i]
		x.first[i], x.counts[i] = down.first[0], down.count()
	}
	x.scores[i] = x.first[i].scores[0]
}

func (x *zsetInner) count() (n int) {
	for _, c := range x.counts[:x.n] {
		n += c
	}
	return n
}

// addChild makes (first, down) child i of x.
func (t *zsetIndex) addChild(x *zsetInner, i int, first *zsetLeaf, down *zsetInner) (right *zsetInner) {
	to := x
	if x.n == zsetInnerMax {
		keep := zsetInnerMax / 2
		if i == x.n {
			keep = x.n // elements that come in order fill the nodes
		}
		right = &zsetInner{height: x.height}
		t.bytes += int64(unsafe.Sizeof(*right))
		right.take(x, keep)
		if i > keep || keep == zsetInnerMax {
			to, i = right, i-keep
		}
	}
	to.shift(i, 1)
	to.first[i], to.down[i] = first, down
	to.refresh(i)
	return right
}

// shift moves the children from i on by one place: up to make room (by 1), or down over child i-1 (by -1).
func (x *zsetInner) shift(i, by int) {
	copy(x.counts[i+by:], x.counts[i:x.n])
	copy(x.first[i+by:], x.first[i:x.n])
	copy(x.down[i+by:], x.down[i:x.n])
	copy(x.scores[i+by:], x.scores[i:x.n])
	x.n += by
	if by < 0 {
		x.first[x.n], x.down[x.n] = nil, nil
	}
}

// take appends the children of y from i on to x, taking them from y.
func (x *zsetInner) take(y *zsetInner, i int) {
	copy(x.counts[x.n:], y.counts[i:y.n])
	copy(x.first[x.n:], y.first[i:y.n])
	copy(x.down[x.n:], y.down[i:y.n])
	copy(x.scores[x.n:], y.scores[i:y.n])
	x.n += y.n - i
	clear(y.first[i:y.n])
	clear(y.down[i:y.n])
	y.n = i
}

// insertLeaf inserts into l; when l had to be split, it returns the right half.
func (t *zsetIndex) insertLeaf(l *zsetLeaf, b *zsetBound) (right *zsetLeaf) {
	i, to := l.search(b), l
	if l.n == zsetLeafMax || l.n > 0 && len(l.members)+len(b.member) > zsetLeafBytes {
		keep := l.n / 2
		if i == l.n && (l.next == nil || l.n == 1) {
			keep = l.n // elements that come in order fill the leaves
		}
		right = &zsetLeaf{prev: l, next: l.next}
		t.bytes += int64(unsafe.Sizeof(*right))
		if l.next != nil {
			l.next.prev = right
		}
		l.next = right
		t.take(right, l, keep)
		if i > keep || i == l.n && right.n == 0 {
			to, i = right, i-keep
		}
	}
	before := cap(to.members)
	to.insert(i, b.score, b.member)
	t.bytes += int64(cap(to.members) - before)
	return right
}

func (l *zsetLeaf) insert(i int, score float64, member []byte) {
	from, size := l.start(i), len(l.members)
	l.members = growBytes(l.members, len(member))
	copy(l.members[from+len(member):], l.members[from:size])
	copy(l.members[from:], member)
	copy(l.scores[i+1:], l.scores[i:l.n])
	for j := l.n; j > i; j-- {
		l.ends[j] = l.ends[j-1] + uint32(len(member))
	}
	l.scores[i], l.ends[i] = score, uint32(from+len(member))
	l.n++
}

// take appends the elements of m from i on to l, taking them from m.
func (t *zsetIndex) take(l, m *zsetLeaf, i int) {
	before := cap(l.members) + cap(m.members)
	from, base := m.start(i), len(l.members)
	copy(l.scores[l.n:], m.scores[i:m.n])
	for j := i; j < m.n; j++ {
		l.ends[l.n+j-i] = uint32(base + int(m.ends[j]) - from)
	}
	l.n += m.n - i
	l.members = growBytes(l.members, len(m.members)-from)
	copy(l.members[base:], m.members[from:])
	m.members, m.n = m.members[:from], i
	m.shrink()
	t.bytes += int64(cap(l.members) + cap(m.members) - before)
}

// shrink gives memory back when most of it is unused.
func (l *zsetLeaf) shrink() {
	if cap(l.members) > 64 && len(l.members) < cap(l.members)*5/8 {
		l.members = growBytes(append([]byte(nil), l.members...), 0)
	}
}

// delete removes n elements of l from i on.
func (t *zsetIndex) deleteLeaf(l *zsetLeaf, i, n int) {
	before := cap(l.members)
	from, to := l.start(i), int(l.ends[i+n-1])
	l.members = append(l.members[:from], l.members[to:]...)
	copy(l.scores[i:], l.scores[i+n:l.n])
	for j := i + n; j < l.n; j++ {
		l.ends[j-n] = l.ends[j] - uint32(to-from)
	}
	l.n -= n
	l.shrink()
	t.bytes += int64(cap(l.members) - before)
}

// delete removes up to n elements from rank on and returns how many: those that share a leaf with the first.
func (t *zsetIndex) delete(rank, n int) int {
	n = t.deleteFrom(t.root, rank, n)
	for t.root.height > 1 && t.root.n == 1 {
		t.root = t.root.down[0]
		t.bytes -= int64(unsafe.Sizeof(*t.root))
	}
	return n
}

func (t *zsetIndex) deleteFrom(x *zsetInner, rank, n int) int {
	i := 0
	for rank >= x.counts[i] {
		rank -= x.counts[i]
		i++
	}
	if x.height > 1 {
		n = t.deleteFrom(x.down[i], rank, n)
	} else {
		n = min(n, x.counts[i]-rank)
		t.deleteLeaf(x.first[i], rank, n)
	}
	t.rebalance(x, i)
	return n
}

// rebalance drops child i of x when it is empty, joins it with a neighbour when both fit into three quarters of a node, and
// brings x up to date.
func (t *zsetIndex) rebalance(x *zsetInner, i int) {
	x.refresh(i)
	if x.n == 1 {
		return
	}
	if x.counts[i] == 0 {
		t.drop(x, i)
		return
	}
	if i+1 < x.n && t.join(x, i) {
		x.refresh(i)
	} else if i > 0 && t.join(x, i-1) {
		x.refresh(i - 1)
	}
}

// drop removes child i of x, which holds nothing but one empty leaf.
func (t *zsetIndex) drop(x *zsetInner, i int) {
	l := x.first[i]
	for y := x.down[i]; y != nil; y = y.down[0] {
		t.bytes -= int64(unsafe.Sizeof(*y))
	}
	if l.prev != nil {
		l.prev.next = l.next
	}
	if l.next != nil {
		l.next.prev = l.prev
	}
	t.bytes -= int64(unsafe.Sizeof(*l)) + int64(cap(l.members))
	x.shift(i+1, -1)
}

func (t *zsetIndex) join(x *zsetInner, i int) bool {
	if x.height > 1 {
		l, r := x.down[i], x.down[i+1]
		if l.n+r.n > zsetInnerMax*3/4 {
			return false
		}
		l.take(r, 0)
		t.bytes -= int64(unsafe.Sizeof(*r))
	} else {
		l, r := x.first[i], x.first[i+1]
		if l.n+r.n > zsetLeafMax*3/4 || len(l.members)+len(r.members) > zsetLeafBytes*3/4 {
			return false
		}
		t.take(l, r, 0)
		if l.next = r.next; l.next != nil {
			l.next.prev = l
		}
		t.bytes -= int64(unsafe.Sizeof(*r)) + int64(cap(r.members))
	}
	x.shift(i+2, -1)
	return true
}

// setScore moves an element to another score.
func (t *zsetIndex) setScore(member []byte, old, score float64) {
	b := zsetBound{beforeElement, old, member}
	rank := t.below(&b)
	l, i := t.at(rank)
	b.score = score
	if 0 < i && i < l.n-1 && b.above(l.scores[i-1], l, i-1) && !b.above(l.scores[i+1], l, i+1) {
		l.scores[i] = score
		return
	}
	t.delete(rank, 1)
	t.insert(score, member)
}

// clone is a deep copy.
func (t *zsetIndex) clone() *zsetIndex {
	c := &zsetIndex{}
	var last *zsetLeaf
	c.root = c.copyInner(t.root, &last)
	return c
}

// copyInner copies x and all below it; last is the leaf copied before.
func (t *zsetIndex) copyInner(x *zsetInner, last **zsetLeaf) *zsetInner {
	y := &zsetInner{}
	*y = *x
	t.bytes += int64(unsafe.Sizeof(*y))
	for i := range y.n {
		if y.height > 1 {
			y.down[i] = t.copyInner(x.down[i], last)
			y.first[i] = y.down[i].first[0]
			continue
		}
		l := &zsetLeaf{}
		*l = *x.first[i]
		l.members = append([]byte(nil), l.members...)
		l.prev, l.next = *last, nil
		if *last != nil {
			(*last).next = l
		}
		*last, y.first[i] = l, l
		t.bytes += int64(unsafe.Sizeof(*l)) + int64(cap(l.members))
	}
	return y
}
