package keyspace

import (
	"encoding/binary"
	"math"
	"strconv"
)

// SnapshotWriter takes the entries. What it is given is valid during the call. It must not change the keyspace.
// A collection may come in several parts, between which other keys may come; last marks the final one, which may be empty.
type SnapshotWriter interface {
	String(db int, key, val []byte, expiresAt int64)
	Part(db int, key []byte, t Type, items *Items, last bool, expiresAt int64)
	// Expired is told of a key that is past its time; it is not emitted. It must be removed (and logged) by the end of the turn,
	// if it is still there then and past its time.
	Expired(db int, key []byte)
}

// Snapshot emits every entry of the moment of its Cut exactly once, in slices, while commands go on.
//
// Each segment carries an epoch. The cut begins a new one; a segment below it has yet to be emitted, which happens when the walk comes by,
// or when it is about to change, whichever is first. New segments are of the new epoch, and a segment is emitted before it is split or merged, so
// no record can pass from below the cut to above it unseen, or be seen twice. The walk stays with the tables of the moment of the cut:
// what FLUSHDB replaced or SWAPDB moved does not matter to it. A large collection becomes pending when its record is emitted, with the key,
// database and expiry of that moment; its own segments or nodes are emitted in the same way, even if its key has gone meanwhile.
type Snapshot struct {
	sp      *space
	to      SnapshotWriter
	now     func() int64
	walks   []*walk // of the databases, those that are not done
	pending []*pending
	total   int // keys, at the cut
	emitted int
	copied  int64 // bytes
	items   Items
}

// walk is the way of a snapshot through one table.
type walk struct {
	t     *table
	epoch uint32
	at    uint64
	emit  func(s *segment)
}

// visit emits a segment unless it was.
func (w *walk) visit(s *segment) {
	if s.epoch != w.epoch {
		s.epoch = w.epoch
		w.emit(s)
	}
}

// step visits the next segment; false when all were.
func (w *walk) step() (more bool) {
	s := w.t.segment(w.at)
	w.visit(s)
	w.at = s.prefix + s.span()
	return w.at != 0
}

// pending is a large collection that a snapshot has met.
type pending struct {
	snap    *Snapshot
	db      int
	key     []byte
	t       Type
	expires int64
	obj     object
	items   Items
	members memberItems
}

// part emits some elements. It is called by the object, last with its final part.
func (p *pending) part(it *Items, last bool) {
	p.snap.to.Part(p.db, p.key, p.t, it, last, p.expires)
}

// Cut begins a snapshot of all databases at this moment. One snapshot at a time.
func (ks *Keyspace) Cut(to SnapshotWriter, now func() int64) *Snapshot {
	sp := ks.space
	if sp.snap != nil {
		panic("keyspace: a snapshot is under way")
	}
	sp.epoch++
	s := &Snapshot{sp: sp, to: to, now: now}
	for _, db := range ks.dbs {
		if t := db.t; t.count > 0 {
			s.total += t.count
			db := db.index
			t.walk = &walk{t: t, epoch: sp.epoch, emit: func(seg *segment) { s.segment(db, t, seg) }}
			s.walks = append(s.walks, t.walk)
		}
	}
	sp.snap = s
	return s
}

// segment emits the records of a segment.
func (s *Snapshot) segment(db int, t *table, head *segment) {
	now := s.now()
	for c := head; c != nil; c = c.over {
		for i := c.next(0); i >= 0; i = c.next(i + 1) {
			r := c.record(i)
			s.emitted++
			if r.expires != NoExpiry && r.expires <= now {
				s.to.Expired(db, r.key)
				continue
			}
			s.record(db, t, &r)
		}
	}
}

func (s *Snapshot) record(db int, t *table, r *record) {
	val := r.val
	if r.boxed() {
		b := t.boxes.at(binary.LittleEndian.Uint32(r.val))
		if b.obj != nil {
			p := &pending{snap: s, db: db, key: append([]byte(nil), r.key...), t: kinds[r.kind()].t, expires: r.expires, obj: b.obj}
			s.pending = append(s.pending, p)
			b.obj.freeze(p)
			return
		}
		val = b.bytes
	}
	switch k := kinds[r.kind()]; {
	case k.enc == EncInt:
		var digits [20]byte
		s.to.String(db, r.key, strconv.AppendInt(digits[:0], intOf(val), 10), r.expires)
	case k.t == String:
		s.to.String(db, r.key, val, r.expires)
	default:
		packedItems(&s.items, k.t, k.enc, val)
		s.to.Part(db, r.key, k.t, &s.items, true, r.expires)
	}
}

// Step emits some segments (or parts of large values) until more returns false; done when all is emitted.
func (s *Snapshot) Step(more func() bool) (done bool) {
	for len(s.pending)+len(s.walks) > 0 {
		if n := len(s.pending); n > 0 { // first: the longer one waits, the more of it is emitted at a bad moment
			if p := s.pending[n-1]; !p.obj.emitNext(p) {
				s.pending[n-1] = nil
				s.pending = s.pending[:n-1]
			}
		} else if w := s.walks[0]; !w.step() {
			w.t.walk = nil
			s.walks = s.walks[1:]
		}
		if !more() {
			break
		}
	}
	if len(s.pending)+len(s.walks) > 0 {
		return false
	}
	s.end()
	return true
}

// Cancel ends the snapshot early.
func (s *Snapshot) Cancel() {
	for _, w := range s.walks {
		w.t.walk = nil
	}
	for _, p := range s.pending {
		p.obj.thaw(p)
	}
	s.walks, s.pending = nil, nil
	s.end()
}

func (s *Snapshot) end() {
	if s.sp.snap == s {
		s.sp.snap = nil
	}
}

// Copied is the number of bytes that were copied because a command was about to change them. What has no order is emitted early instead,
// which takes no copy.
func (s *Snapshot) Copied() int64 { return s.copied }

// Progress is between 0 and 1: the share of the keys that were emitted.
func (s *Snapshot) Progress() float64 {
	if s.total == 0 {
		return 1
	}
	return float64(s.emitted) / float64(s.total)
}

// freeze lets p see each segment of members before it changes.
func (t *table) freeze(p *pending) {
	t.walk = &walk{t: t, epoch: t.sp.epoch, emit: func(s *segment) { p.segment(t, s, false) }}
}

// emitNext emits the next segment of members. The last part is emitted once the walk is over, and is empty.
func (t *table) emitNext(p *pending) (more bool) {
	if t.walk.step() {
		return true
	}
	t.walk = nil
	p.items = Items{}
	p.part(&p.items, true)
	return false
}

func (t *table) thaw(*pending) { t.walk = nil }

// segment emits a segment of members.
func (p *pending) segment(t *table, s *segment, last bool) {
	n := s.total()
	if n == 0 {
		return
	}
	p.members = memberItems{t: t, s: s, kind: p.t}
	p.items = Items{n: n, src: &p.members}
	p.part(&p.items, last)
}

// memberItems walks over the records of a segment.
type memberItems struct {
	t    *table
	s    *segment
	i    int
	kind Type
}

func (m *memberItems) nextItem(it *Items) bool {
	for ; m.s != nil; m.s, m.i = m.s.over, 0 {
		if m.i = m.s.next(m.i); m.i >= 0 {
			break
		}
	}
	if m.s == nil {
		return false
	}
	it.a = m.s.record(m.i).key
	switch m.kind {
	case Hash:
		it.b = m.t.value(m.s, m.i)
	case ZSet:
		it.score = math.Float64frombits(binary.LittleEndian.Uint64(m.t.value(m.s, m.i)))
	}
	m.i++
	return true
}
