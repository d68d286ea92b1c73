package keyspace

import (
	"math/bits"
	"math/rand/v2"
)

// A cursor is a place in the table, its bits reversed, so that it is a small number. All keys of places below it were given before,
// and as long as a key stays, so does its place, whatever is split or merged: that is the whole proof of Scan's guarantee.

// Scan calls fn for about count entries from cursor on (0: from the start) and returns where to go on, 0 at the end.
// Every key that stays from the first call to the last is seen at least once. fn must not change the database.
func (db *DB) Scan(cursor uint64, count int, fn func(e Entry)) (next uint64) {
	return db.t.scanSlots(cursor, count, func(s *segment, i int) { fn(Entry{db, s, i}) })
}

func (t *table) scan(cursor uint64, count int, fn func(key, val []byte)) (next uint64) {
	return t.scanSlots(cursor, count, func(s *segment, i int) { fn(s.record(i).key, t.value(s, i)) })
}

// scanEmpty bounds the empty parts that one call passes.
const scanEmpty = 32

func (t *table) scanSlots(cursor uint64, count int, fn func(s *segment, i int)) (next uint64) {
	at := bits.Reverse64(cursor)
	count = min(max(count, 1), 1<<40)
	for empty := 0; count > 0 && empty < scanEmpty; {
		s := t.segment(at)
		n := s.total()
		if at == s.prefix && n <= count+count/2 {
			for c := s; c != nil; c = c.over {
				for i := c.next(0); i >= 0; i = c.next(i + 1) {
					fn(c, i)
				}
			}
			if count -= n; n == 0 {
				empty++
			}
			if at += s.span(); at == 0 {
				return 0
			}
			continue
		}
		// A segment of more keys than wanted is given in parts, as many as would hold about count each if the keys lay evenly.
		halvings := min(bits.Len(uint(2*n/(3*count))), 8)
		part := uint64(1) << (64 - int(s.depth) - halvings)
		end := (at | (part - 1)) + 1
		if given := t.scanPart(s, at, end, fn); given == 0 {
			empty++
		} else {
			count -= given
		}
		if at = end; at == 0 {
			return 0
		}
	}
	return bits.Reverse64(at)
}

// scanPart gives the records of places from ≤ p < end (0: to the last).
func (t *table) scanPart(s *segment, from, end uint64, fn func(s *segment, i int)) (n int) {
	for ; s != nil; s = s.over {
		for i := s.next(0); i >= 0; i = s.next(i + 1) {
			if p := t.sp.place(s.record(i).key); p >= from && p <= end-1 {
				fn(s, i)
				n++
			}
		}
	}
	return n
}

// Each calls fn for all entries until it returns false. fn must not change the database.
func (db *DB) Each(fn func(e Entry) bool) {
	db.t.eachSlot(func(s *segment, i int) bool { return fn(Entry{db, s, i}) })
}

func (t *table) each(fn func(key, val []byte) bool) {
	t.eachSlot(func(s *segment, i int) bool { return fn(s.record(i).key, t.value(s, i)) })
}

func (t *table) eachSlot(fn func(s *segment, i int) bool) {
	at := uint64(0)
	for {
		head := t.segment(at)
		for s := head; s != nil; s = s.over {
			for i := s.next(0); i >= 0; i = s.next(i + 1) {
				if !fn(s, i) {
					return
				}
			}
		}
		if at += head.span(); at == 0 {
			return
		}
	}
}

// Random is an entry chosen at random, each about as likely as any other.
func (db *DB) Random(r *rand.Rand) (Entry, bool) {
	if db.t.count == 0 {
		return Entry{}, false
	}
	s, i := db.t.randomSlot(r)
	return Entry{db, s, i}, true
}

func (t *table) random(r *rand.Rand) (key, val []byte) {
	if t.count == 0 {
		return nil, nil
	}
	s, i := t.randomSlot(r)
	return s.record(i).key, t.value(s, i)
}

// randomTries is how often a segment may be refused. Of two tries about one succeeds.
const randomTries = 128

// randomSlot draws a place; the segment there is drawn with a probability of 2^-depth, so it is taken in proportion to n · 2^depth.
func (t *table) randomSlot(r *rand.Rand) (*segment, int) {
	deepest := t.depth
	for deepest > 0 && t.at[deepest] == 0 {
		deepest--
	}
	for try := 0; ; try++ {
		s := t.segment(r.Uint64())
		n := s.total()
		if n == 0 {
			continue
		}
		if try < randomTries && n < slots && t.segs > 1 && r.Uint64N(slots<<(deepest-s.depth)) >= uint64(n) {
			continue
		}
		for at := r.IntN(n); at >= int(s.n); s = s.over {
			at -= int(s.n)
		}
		for {
			if i := r.IntN(groups * 8); s.groups[i>>3].ctrl&prints>>(i&7*8)&0xff != 0 {
				return s, i
			}
		}
	}
}
