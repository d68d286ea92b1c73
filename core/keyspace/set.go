package keyspace

import "math/rand/v2"

// SetValue is a set: an intset, a listpack in order of insertion, or a table.
type SetValue struct {
	view
	full       *table
	noListpack bool // what is expected is too much for one
}

// Set is the view of the set at e.
func (e Entry) Set() *SetValue {
	s := e.db.ks.views.sets.get(&e.db.ks.views)
	s.open(e)
	if o := e.object(); o != nil {
		s.full = o.(members).table
	} else {
		s.packed = e.packed()
	}
	return s
}

// NewSet makes a set for key, which is not there.
func (db *DB) NewSet(key []byte) *SetValue {
	s := db.ks.views.sets.get(&db.ks.views)
	s.create(db, key, Set, EncIntset)
	s.packed = emptyIntset[:]
	return s
}

// Expect tells before the first Add that n elements are about to be added (SADD: as many as it names, whether they are new or not).
// Redis 7.2 chooses the encoding by it.
func (s *SetValue) Expect(n int) {
	limits := s.limits()
	if s.full != nil || limits.NoListpackSets {
		return
	}
	empty := s.Len() == 0
	switch {
	case n <= limits.SetMaxListpackEntries && n <= limits.SetMaxIntsetEntries:
	case empty && n > limits.SetMaxListpackEntries && n > limits.SetMaxIntsetEntries,
		!empty && s.enc == EncListpack && n > limits.SetMaxListpackEntries,
		!empty && s.enc == EncIntset && n > limits.SetMaxIntsetEntries:
		s.unpack()
	case empty && n > limits.SetMaxIntsetEntries:
		s.enc, s.packed = EncListpack, emptyListpack[:]
	case empty:
		s.noListpack = true
	}
}

// KeepOrder makes an empty set a listpack even if integers come first, and so keeps the order of what is added while it is one;
// TryIntset, at the end, makes an intset of a set of integers. Redis 7.2 does so for SINTERSTORE.
func (s *SetValue) KeepOrder() {
	if s.full == nil && s.Len() == 0 && !s.limits().NoListpackSets {
		s.enc, s.packed = EncListpack, emptyListpack[:]
	}
}

// TryIntset makes an intset of a set that was not stored yet, if it may be one; see KeepOrder.
func (s *SetValue) TryIntset() {
	if s.enc == EncIntset || s.key == nil || s.Len() == 0 || s.Len() > s.limits().SetMaxIntsetEntries || s.limits().NoListpackSets {
		return
	}
	is, integers := appendEmptyIntset(nil), true
	s.Each(func(m []byte) bool {
		var n int64
		if n, integers = parseInt(m); integers {
			is, _ = is.add(n)
		}
		return integers
	})
	if integers {
		s.keep()
		s.enc, s.packed, s.full, s.fresh = EncIntset, is, nil, false
	}
}

// Commit stores the changes; gone tells that the set became empty and its key was removed.
func (s *SetValue) Commit() (gone bool) {
	if s.full != nil {
		return s.commit(s.full.len(), members{s.full})
	}
	return s.commit(s.Len(), nil)
}

// Len is the number of members.
//
//go:noinline
func (s *SetValue) Len() int {
	switch {
	case s.full != nil:
		return s.full.len()
	case s.enc == EncIntset:
		return s.is().len()
	default:
		return s.lp().len()
	}
}

// Encoding is how the set is stored.
func (s *SetValue) Encoding() Encoding { return s.enc }

func (s *SetValue) lp() listpack { return s.packed }
func (s *SetValue) is() intset   { return s.packed }

// Has tells whether m is a member.
func (s *SetValue) Has(m []byte) bool {
	if s.full != nil {
		_, ok := s.full.get(m)
		return ok
	}
	x := newNeedle(m)
	if s.enc == EncIntset {
		if !x.isInt {
			return false
		}
		_, ok := s.is().find(x.n)
		return ok
	}
	return s.lp().find(lpHeader, &x, 0) >= 0
}

// Add adds m; false when it was there.
func (s *SetValue) Add(m []byte) bool {
	if s.full == nil {
		x := newNeedle(m)
		if s.enc == EncIntset && !x.isInt {
			s.leaveIntset(len(m))
		}
		switch s.enc {
		case EncIntset:
			return s.addInt(x.n)
		case EncListpack:
			if s.lp().find(lpHeader, &x, 0) >= 0 {
				return false
			}
			if s.Len() < s.limits().SetMaxListpackEntries && len(m) <= s.limits().SetMaxListpackValue && len(s.packed)+len(m) <= lpSafe {
				s.change()
				s.packed = s.lp().insertNeedle(s.lp().end(), &x)
				return true
			}
			s.unpack()
		}
	}
	if !s.dirty {
		if _, ok := s.full.get(m); ok {
			return false
		}
	}
	s.change()
	return s.full.put(m, nil)
}

func (s *SetValue) addInt(n int64) bool {
	if _, ok := s.is().find(n); ok {
		return false
	}
	s.change()
	s.packed, _ = s.is().add(n)
	if s.Len() > min(s.limits().SetMaxIntsetEntries, 1<<30) {
		s.unpack()
	}
	return true
}

// leaveIntset turns the intset into what also holds a string of n bytes: a listpack if all that is in it fits, else a table.
func (s *SetValue) leaveIntset(n int) {
	is, limits := s.is(), s.limits()
	if count := is.len(); count > 0 {
		n = max(n, len(appendInt(s.text1()[:0], is.at(0))), len(appendInt(s.text1()[:0], is.at(count-1))))
	}
	if limits.NoListpackSets || s.noListpack && is.len() == 0 || is.len() >= limits.SetMaxListpackEntries || n > limits.SetMaxListpackValue {
		s.unpack()
		return
	}
	lp := appendEmptyListpack(nil)
	for i := range is.len() {
		lp = lp.appendInt(is.at(i))
	}
	s.keep()
	s.enc, s.packed, s.dirty = EncListpack, lp, true
}

func (s *SetValue) unpack() {
	full := newTable(s.db.ks.space)
	s.Each(func(m []byte) bool {
		full.put(m, nil)
		return true
	})
	s.unpacked(EncHashtable)
	s.full = full
}

// Remove removes m; false when it was not there.
func (s *SetValue) Remove(m []byte) bool {
	if s.full != nil {
		if !s.dirty {
			if _, ok := s.full.get(m); !ok {
				return false
			}
		}
		s.change()
		return s.full.delete(m)
	}
	x := newNeedle(m)
	if s.enc == EncIntset {
		if !x.isInt {
			return false
		}
		if _, ok := s.is().find(x.n); !ok {
			return false
		}
		s.change()
		s.packed, _ = s.is().remove(x.n)
		return true
	}
	p := s.lp().find(lpHeader, &x, 0)
	if p < 0 {
		return false
	}
	s.change()
	s.packed = s.lp().delete(p, 1)
	return true
}

// Each calls fn with all members until it returns false: an intset's ascending.
func (s *SetValue) Each(fn func(m []byte) bool) {
	switch {
	case s.full != nil:
		s.full.each(func(m, _ []byte) bool { return fn(m) })
	case s.enc == EncIntset:
		is := s.is()
		for i := range is.len() {
			if !fn(appendInt(s.text1()[:0], is.at(i))) {
				return
			}
		}
	default:
		lp := s.lp()
		for p := lpHeader; p < lp.end(); p = lp.next(p) {
			if !fn(lp.text(p, s.text1())) {
				return
			}
		}
	}
}

// Scan is as DB.Scan; a packed value comes whole, with next 0, whatever cursor and count.
func (s *SetValue) Scan(cursor uint64, count int, fn func(m []byte)) (next uint64) {
	if s.full != nil {
		return s.full.scan(cursor, count, func(m, _ []byte) { fn(m) })
	}
	s.Each(func(m []byte) bool {
		fn(m)
		return true
	})
	return 0
}

// Random is one member chosen at random.
func (s *SetValue) Random(r *rand.Rand) []byte {
	switch {
	case s.full != nil:
		m, _ := s.full.random(r)
		return m
	case s.enc == EncIntset:
		return appendInt(s.text1()[:0], s.is().at(r.IntN(s.Len())))
	default:
		return s.lp().text(s.lp().at(r.IntN(s.Len())), s.text1())
	}
}

// Pick calls fn with n distinct random members (n ≤ Len), without visiting far more than n of them when n is small.
func (s *SetValue) Pick(r *rand.Rand, n int, fn func(m []byte)) {
	if s.full != nil {
		pickTable(s.full, r, n, func(m, _ []byte) { fn(m) })
		return
	}
	p := picker{r, n, s.Len()}
	s.Each(func(m []byte) bool {
		if p.take() {
			fn(m)
		}
		return p.need > 0
	})
}
