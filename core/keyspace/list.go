package keyspace

// ListValue is a list: a listpack, or a quicklist of listpacks. Indexes are from 0.
type ListValue struct {
	view
	full    *quicklist
	base    int  // length of the listpack before the elements that are being added …
	added   int  // … and the sum of their lengths: what Redis compares with the limit beforehand
	growing bool // base and added are in use
	shrink  bool // something was removed or replaced: Commit tries to make a listpack of a quicklist
}

// List is the view of the list at e.
func (e Entry) List() *ListValue {
	l := e.db.ks.views.lists.get(&e.db.ks.views)
	l.open(e)
	if o := e.object(); o != nil {
		l.full = o.(*quicklist)
	} else {
		l.packed = e.packed()
	}
	return l
}

// NewList makes a list for key, which is not there.
func (db *DB) NewList(key []byte) *ListValue {
	l := db.ks.views.lists.get(&db.ks.views)
	l.create(db, key, List, EncListpack)
	return l
}

// Commit stores the changes; gone tells that the list became empty and its key was removed.
func (l *ListValue) Commit() (gone bool) {
	if l.shrink {
		l.tryPack(2)
	}
	l.growing, l.shrink = false, false
	if l.full != nil {
		return l.commit(l.full.n, l.full)
	}
	if l.enc = EncListpack; l.limits().ListsAlwaysQuicklist {
		l.enc = EncQuicklist
	}
	return l.commit(l.Len(), nil)
}

// Len is the number of elements.
//
//go:noinline
func (l *ListValue) Len() int {
	if l.full != nil {
		return l.full.n
	}
	return l.lp().len()
}

func (l *ListValue) lp() listpack { return l.packed }

func (l *ListValue) limit() listLimit { return newListLimit(l.limits().ListMaxListpackSize) }

// grow is called before an element of n bytes is added, or replaces another (then Redis reckons with both).
func (l *ListValue) grow(n int) {
	if l.full != nil {
		return
	}
	if !l.growing {
		l.growing, l.base, l.added = true, len(l.packed), 0
	}
	l.added += n
	if !l.limit().exceeded(l.base+l.added, l.Len()+1) {
		return
	}
	l.Unpack()
}

// removing is called before elements are removed.
func (l *ListValue) removing() {
	l.change()
	l.growing, l.shrink = false, true
}

// tryPack makes a listpack of a quicklist of a single node that is at most 1/share as large as a node may be.
func (l *ListValue) tryPack(share int) {
	if l.full == nil || l.full.n == 0 || len(l.full.chunks) > 1 || len(l.full.chunks[0].nodes) > 1 {
		return
	}
	lp := l.full.chunks[0].nodes[0].lp
	limit := l.limit()
	if l.limits().ListMaxListpackSize < 0 && len(lp) > limit.bytes/share || l.full.n > limit.count/share {
		return
	}
	l.packed = append(l.buffers().packed[:0], lp...)
	l.full, l.fresh = nil, false
}

// PushHead puts v before the first element.
func (l *ListValue) PushHead(v []byte) {
	l.grow(len(v))
	l.change()
	if l.full != nil {
		l.full.pushHead(v, l.limit())
	} else {
		l.packed = l.lp().insert(lpHeader, v)
	}
}

// PushTail puts v behind the last element.
func (l *ListValue) PushTail(v []byte) {
	l.grow(len(v))
	l.change()
	if l.full != nil {
		l.full.pushTail(v, l.limit())
	} else {
		l.packed = l.lp().append(v)
	}
}

// PopHead removes the first element.
func (l *ListValue) PopHead() ([]byte, bool) { return l.pop(0) }

// PopTail removes the last element.
func (l *ListValue) PopTail() ([]byte, bool) { return l.pop(l.Len() - 1) }

func (l *ListValue) pop(i int) ([]byte, bool) {
	v, ok := l.Index(i)
	if !ok {
		return nil, false
	}
	b := l.buffers()
	if cap(b.popped) > viewKeep {
		b.popped = nil
	}
	b.popped = append(b.popped[:0], v...)
	l.Delete(i, 1)
	return b.popped, true
}

// Index is element i.
func (l *ListValue) Index(i int) ([]byte, bool) {
	if i < 0 || i >= l.Len() {
		return nil, false
	}
	lp, k := l.lp(), i
	if l.full != nil {
		var p listPos
		p, k = l.full.seek(i)
		lp = l.full.node(p).lp
	}
	return lp.text(lp.at(k), l.text1()), true
}

// Set puts v in place of element i.
func (l *ListValue) Set(i int, v []byte) {
	l.growing = false
	l.grow(len(v))
	l.removing()
	if l.full != nil {
		l.full.set(i, v, l.limit())
		return
	}
	l.packed = l.lp().replace(l.lp().at(i), v)
}

// Insert puts v before element i; i = Len appends.
func (l *ListValue) Insert(i int, v []byte) {
	l.grow(len(v))
	l.change()
	if l.full != nil {
		l.full.insert(i, v, l.limit())
		return
	}
	l.packed = l.lp().insert(l.lp().at(i), v)
}

// Delete removes n elements from i on.
func (l *ListValue) Delete(i, n int) {
	if n = min(n, l.Len()-i); n <= 0 {
		return
	}
	l.removing()
	if l.full != nil {
		l.full.delete(i, n)
		return
	}
	l.packed = l.lp().delete(l.lp().at(i), n)
}

// Range calls fn with elements i, i+1 … (reverse: i, i-1 …) until it returns false.
func (l *ListValue) Range(i int, reverse bool, fn func(i int, v []byte) bool) {
	switch {
	case i < 0 || i >= l.Len():
	case l.full != nil:
		l.full.iterate(i, reverse, l.text1(), fn)
	default:
		lpEach(l.lp(), l.lp().at(i), reverse, i, l.text1(), fn)
	}
}

// RemoveEqual removes up to max elements equal to v (max 0: all), from the tail when reverse; it returns how many.
func (l *ListValue) RemoveEqual(v []byte, max int, reverse bool) int {
	if max == 0 {
		max = l.Len()
	}
	x := newNeedle(v)
	if l.full != nil {
		if l.dirty || l.full.has(&x) {
			l.removing()
			return l.full.removeEqual(&x, max, reverse)
		}
		return 0
	}
	if l.lp().find(lpHeader, &x, 0) < 0 {
		return 0
	}
	l.removing()
	var n int
	l.packed, n = lpRemoveEqual(l.lp(), &x, max, reverse)
	return n
}

// lpRemoveEqual removes up to max elements that are x in one walk.
func lpRemoveEqual(lp listpack, x *needle, max int, reverse bool) (listpack, int) {
	n := 0
	p := lpHeader
	if reverse {
		p = lp.prev(lp.end())
	}
	for p >= 0 && p < lp.end() && n < max {
		hit := lp.is(p, x)
		switch {
		case hit:
			n++
			lp = lp.delete(p, 1)
			if reverse {
				p = lp.prev(p)
			}
		case reverse:
			p = lp.prev(p)
		default:
			p = lp.next(p)
		}
	}
	return lp, n
}
