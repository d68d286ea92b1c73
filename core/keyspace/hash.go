package keyspace

import "math/rand/v2"

// HashValue is a hash: a listpack of field, value, field, value …, in order of insertion, or a table.
type HashValue struct {
	view
	full *table
}

// Hash is the view of the hash at e.
func (e Entry) Hash() *HashValue {
	h := e.db.ks.views.hashes.get(&e.db.ks.views)
	h.open(e)
	if o := e.object(); o != nil {
		h.full = o.(members).table
	} else {
		h.packed = e.packed()
	}
	return h
}

// NewHash makes a hash for key, which is not there.
func (db *DB) NewHash(key []byte) *HashValue {
	h := db.ks.views.hashes.get(&db.ks.views)
	h.create(db, key, Hash, EncListpack)
	return h
}

// Commit stores the changes; gone tells that the hash became empty and its key was removed.
func (h *HashValue) Commit() (gone bool) {
	if h.full != nil {
		return h.commit(h.full.len(), members{h.full})
	}
	return h.commit(h.Len(), nil)
}

// Len is the number of fields.
//
//go:noinline
func (h *HashValue) Len() int {
	if h.full != nil {
		return h.full.len()
	}
	return h.lp().len() / 2
}

func (h *HashValue) lp() listpack { return h.packed }

// find is the place of the value of field in the listpack, -1 when there is none.
func (h *HashValue) find(field []byte) int {
	x := newNeedle(field)
	p := h.lp().find(lpHeader, &x, 1)
	if p < 0 {
		return p
	}
	return h.lp().next(p)
}

// Get is the value of field.
func (h *HashValue) Get(field []byte) (val []byte, ok bool) {
	if h.full != nil {
		return h.full.get(field)
	}
	p := h.find(field)
	if p < 0 {
		return nil, false
	}
	return h.lp().text(p, h.text2()), true
}

// Set gives field a value.
func (h *HashValue) Set(field, val []byte) (added bool) {
	limits := h.limits()
	if h.full == nil && (max(len(field), len(val)) > limits.HashMaxListpackValue || len(h.packed)+len(field)+len(val) > lpSafe) {
		h.unpack()
	}
	h.change()
	if h.full != nil {
		return h.full.put(field, val)
	}
	p := h.find(field)
	if p >= 0 {
		h.packed = h.lp().replace(p, val)
	} else {
		h.packed = h.lp().append(field).append(val)
	}
	if h.Len() > limits.HashMaxListpackEntries {
		h.unpack()
	}
	return p < 0
}

func (h *HashValue) unpack() {
	full := newTable(h.db.ks.space)
	h.Each(func(field, val []byte) bool {
		full.put(field, val)
		return true
	})
	h.unpacked(EncHashtable)
	h.full = full
}

// Delete removes field; false when it was not there.
func (h *HashValue) Delete(field []byte) bool {
	if h.full != nil {
		if !h.dirty {
			if _, ok := h.full.get(field); !ok {
				return false
			}
		}
		h.change()
		return h.full.delete(field)
	}
	x := newNeedle(field)
	p := h.lp().find(lpHeader, &x, 1)
	if p < 0 {
		return false
	}
	h.change()
	h.packed = h.lp().delete(p, 2)
	return true
}

// Each calls fn with all pairs until it returns false.
func (h *HashValue) Each(fn func(field, val []byte) bool) {
	if h.full != nil {
		h.full.each(fn)
		return
	}
	lp := h.lp()
	for p := lpHeader; p < lp.end(); {
		q := lp.next(p)
		if !fn(lp.text(p, h.text1()), lp.text(q, h.text2())) {
			return
		}
		p = lp.next(q)
	}
}

// Scan is as DB.Scan; a packed value comes whole, with next 0, whatever cursor and count.
func (h *HashValue) Scan(cursor uint64, count int, fn func(field, val []byte)) (next uint64) {
	if h.full != nil {
		return h.full.scan(cursor, count, fn)
	}
	h.Each(func(field, val []byte) bool {
		fn(field, val)
		return true
	})
	return 0
}

// Random is one pair chosen at random.
func (h *HashValue) Random(r *rand.Rand) (field, val []byte) {
	if h.full != nil {
		return h.full.random(r)
	}
	lp := h.lp()
	p := lp.at(2 * r.IntN(h.Len()))
	return lp.text(p, h.text1()), lp.text(lp.next(p), h.text2())
}

// Pick calls fn with n distinct random pairs (n ≤ Len), without visiting far more than n of them when n is small.
func (h *HashValue) Pick(r *rand.Rand, n int, fn func(field, val []byte)) {
	if h.full != nil {
		pickTable(h.full, r, n, fn)
		return
	}
	p := picker{r, n, h.Len()}
	h.Each(func(field, val []byte) bool {
		if p.take() {
			fn(field, val)
		}
		return p.need > 0
	})
}
