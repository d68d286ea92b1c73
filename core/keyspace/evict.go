package keyspace

import "math/rand/v2"

// Policy says which key goes when memory is full. The zero value: none.
type Policy struct {
	Order    Order
	Volatile bool // only keys with an expiry go
}

// Order is who goes first.
type Order uint8

// The orders of eviction.
const (
	Nobody Order = iota
	Anybody
	LeastRecent
	LeastFrequent
	SoonestExpiry // of keys with an expiry, in any case
)

// victims is the pool of candidates that Redis keeps: of each database some keys are sampled, and the best of these and those before are
// remembered, so that few samples find keys about as good as a true order would.
type victims struct {
	policy Policy
	pool   [16]candidate // the best last
	n      int
	turn   int // of the databases, where anybody goes
}

type candidate struct {
	score uint32
	db    int
	key   []byte
}

// Victim is a key that goes next by the policy, chosen with so many samples of each database; false when there is none.
// The keys are remembered under the numbers of their databases: one that moved since is not found, no more.
func (ks *Keyspace) Victim(p Policy, samples int, r *rand.Rand) (Entry, bool) {
	v := &ks.victims
	if v.policy != p {
		v.policy, v.n = p, 0 // scores of another kind
	}
	switch p.Order {
	case Anybody:
		return ks.anybody(r)
	case SoonestExpiry:
		return ks.soonest()
	case LeastRecent, LeastFrequent:
	default:
		return Entry{}, false
	}
	for {
		some := false
		for _, db := range ks.dbs {
			some = v.sample(db, samples, r) || some
		}
		for v.n > 0 {
			v.n--
			c := &v.pool[v.n]
			if e, ok := ks.dbs[c.db].Find(c.key); ok && (!p.Volatile || e.ExpiresAt() != NoExpiry) {
				return e, true
			}
		}
		if !some {
			return Entry{}, false
		}
	}
}

// sample lets some keys of db into the pool; false when db has none.
func (v *victims) sample(db *DB, n int, r *rand.Rand) bool {
	consider := func(s *segment, i int) {
		e := Entry{db, s, i}
		score := uint32(255 - e.Frequency())
		if v.policy.Order == LeastRecent {
			score = uint32(e.Idle())
		}
		v.add(score, db.index, s, i)
	}
	if v.policy.Volatile {
		return db.t.sampleVolatile(n, r, consider)
	}
	return db.t.sample(n, r, consider)
}

// add lets a key into the pool if there is room, or if it is better than the worst one there, which goes.
func (v *victims) add(score uint32, db int, s *segment, i int) {
	at := 0
	for at < v.n && v.pool[at].score < score {
		at++
	}
	full := v.n == len(v.pool)
	if full && at == 0 {
		return
	}
	key := s.record(i).key
	for k := range v.n {
		if c := &v.pool[k]; c.db == db && string(c.key) == string(key) {
			return
		}
	}
	var room []byte
	if full {
		room = v.pool[0].key
		at--
		copy(v.pool[:at], v.pool[1:])
	} else {
		room = v.pool[v.n].key
		copy(v.pool[at+1:v.n+1], v.pool[at:])
		v.n++
	}
	v.pool[at] = candidate{score, db, append(room[:0:min(cap(room), maxInline)], key...)}
}

// anybody is any key, of one database after the other.
func (ks *Keyspace) anybody(r *rand.Rand) (found Entry, ok bool) {
	v := &ks.victims
	for range ks.dbs {
		v.turn = (v.turn + 1) % len(ks.dbs)
		db := ks.dbs[v.turn]
		if !v.policy.Volatile {
			if e, ok := db.Random(r); ok {
				return e, true
			}
			continue
		}
		db.t.sampleVolatile(1, r, func(s *segment, i int) { found, ok = Entry{db, s, i}, true })
		if ok {
			return found, true
		}
	}
	return Entry{}, false
}

// soonest is the key that expires first of all.
func (ks *Keyspace) soonest() (found Entry, ok bool) {
	for _, db := range ks.dbs {
		if s, i := db.t.soonest(); s != nil {
			if e := (Entry{db, s, i}); !ok || e.ExpiresAt() < found.ExpiresAt() {
				found, ok = e, true
			}
		}
	}
	return found, ok
}

// soonest is the record that expires first. The due heap knows its segment, once what it holds of those before is put right.
func (t *table) soonest() (at *segment, i int) {
	for len(t.due.segs) > 0 {
		first := t.due.segs[0]
		earliest := int64(neverDue)
		for s := first.s; s != nil; s = s.over {
			for k := s.next(0); k >= 0; k = s.next(k + 1) {
				if r := s.record(k); r.expires != NoExpiry && r.expires < earliest {
					earliest, at, i = r.expires, s, k
				}
			}
		}
		if earliest == first.at {
			return at, i
		}
		t.due.set(first.s, earliest)
	}
	return nil, 0
}

// sample gives n records, all different, or as many as there are: those that lie behind a random slot, which says nothing of their use,
// since it is the hash that puts them there. It tells whether there are any.
func (t *table) sample(n int, r *rand.Rand, fn func(s *segment, i int)) bool {
	if n = min(n, t.count); n == 0 {
		return false
	}
	h := r.Uint64()
	for range t.segs {
		head := t.segment(h)
		for s := head; s != nil && n > 0; s = s.over {
			s.around(r, func(i int) bool {
				fn(s, i)
				n--
				return n > 0
			})
		}
		if n == 0 {
			break
		}
		h = head.prefix + head.span()
	}
	return true
}

// sampleVolatile is sample among records with an expiry, which it takes from at most n segments.
func (t *table) sampleVolatile(n int, r *rand.Rand, fn func(s *segment, i int)) bool {
	n = min(n, t.due.volatile)
	for tries := n; n > 0 && tries > 0 && len(t.due.segs) > 0; {
		head := t.due.segs[r.IntN(len(t.due.segs))].s
		found := false
		for s := head; s != nil && n > 0; s = s.over {
			s.around(r, func(i int) bool {
				if s.heap[s.slot(i).off]&hasExpiry != 0 {
					fn(s, i)
					found = true
					n--
				}
				return n > 0
			})
		}
		if found {
			tries--
		} else {
			t.due.set(head, neverDue) // what it had has gone
		}
	}
	return t.due.volatile > 0
}

// around goes through the slots in use once, from a random one on, until fn returns false.
func (s *segment) around(r *rand.Rand, fn func(i int) bool) {
	from := r.IntN(groups * 8)
	for i := s.next(from); i >= 0; i = s.next(i + 1) {
		if !fn(i) {
			return
		}
	}
	for i := s.next(0); i >= 0 && i < from; i = s.next(i + 1) {
		if !fn(i) {
			return
		}
	}
}

// Evict removes a key for the memory it takes, and gives that back at once, while Delete leaves small gaps for what comes next.
func (db *DB) Evict(key []byte) bool {
	t := db.t
	c := t.find(key)
	if c.i < 0 {
		return false
	}
	t.remove(c)
	for s := t.segment(c.h); s != nil; s = s.over {
		if n := cap(s.heap); n <= maxPooled && s.live > 0 && heapSizes[sizeClass(int(s.live))] < n {
			t.compact(s, int(s.live))
		}
	}
	return true
}

// DropSpare hands up to n of the heaps that are kept for reuse to the collector; false when they take no more than keep bytes.
func (ks *Keyspace) DropSpare(keep int64, n int) bool {
	p := &ks.space.pool
	if p.bytes <= keep {
		p.limit = keep
		return false
	}
	p.trim(keep, n)
	return true
}
