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

// SnapshotAnnounced is a SnapshotWriter that hears of each key before its value comes: right before, or with InParts in any number of
// calls from then on. Those in parts come to their ends in the order in which they were announced.
type SnapshotAnnounced interface {
	SnapshotWriter
	Key(k *SnapshotKey)
}

// SnapshotKey is a key at the cut. It is valid during the call.
type SnapshotKey struct {
	DB        int
	Key       []byte
	Type      Type
	Encoding  Encoding
	InParts   bool
	Count     int // of elements, of a list's or a stream's nodes; 0 unless it comes in parts
	ExpiresAt int64
	Idle      int64 // seconds
	Frequency int
}

// Snapshot emits every entry of the moment of its Cut exactly once, in slices, while commands go on.
//
// Each segment carries an epoch. The cut begins a new one; a segment below it has yet to be emitted, which happens when the walk comes by.
// A record of such a segment that is about to change is emitted alone, right before, and marked as seen; so is a record that comes to such a
// segment, which the walk must not take for one of the cut. New segments are of the new epoch, and a segment is emitted before it is split or
// merged, so no record can pass from below the cut to above it unseen, or be seen twice. The walk stays with the tables of the moment of the
// cut: what FLUSHDB replaced or SWAPDB moved does not matter to it. A large collection becomes pending when its record is emitted, with the
// key, database and expiry of that moment; its own members or nodes are emitted in the same way, even if its key has gone meanwhile.
type Snapshot struct {
	sp      *space
	to      SnapshotWriter
	hears   SnapshotAnnounced // to, if it is one
	now     func() int64
	walks   []*walk // of the databases, those that are not done
	pending []*pending
	total   int // keys, at the cut
	emitted int
	copied  int64 // bytes
	items   Items
	key     SnapshotKey // reused
}

// walk is the way of a snapshot through one table.
type walk struct {
	t     *table
	epoch uint32
	at    uint64
	seen  map[*segment]marks // in segments below the cut
	to    emitter
}

// emitter takes the records that a walk meets.
type emitter interface {
	// segment emits the records of a segment that w has not seen.
	segment(w *walk, head *segment)
	// record emits one.
	record(w *walk, s *segment, i int)
}

// marks has a bit for each slot of a segment, overflow not included.
type marks [groups]uint8

func (m *marks) has(i int) bool { return m[i>>3]>>(i&7)&1 != 0 }

// count is how many of the slots in use have a mark.
func (m *marks) count(s *segment) (n int) {
	for g := range m {
		for b := range groupSize {
			if m[g]>>b&1 != 0 && s.groups[g].ctrl>>(8*b)&0xff != 0 {
				n++
			}
		}
	}
	return n
}

func newWalk(t *table, to emitter) *walk {
	return &walk{t: t, epoch: t.sp.epoch, seen: map[*segment]marks{}, to: to}
}

// visit emits what was not seen of a segment, with what overflowed from it, unless the whole of it was.
func (w *walk) visit(head *segment) {
	if head.epoch == w.epoch {
		return
	}
	head.epoch = w.epoch
	w.to.segment(w, head)
	if len(w.seen) > 0 {
		for s := head; s != nil; s = s.over {
			delete(w.seen, s)
		}
	}
}

// before is told of a record that is about to change.
func (w *walk) before(head, s *segment, i int) {
	if head.epoch != w.epoch && i >= 0 && w.mark(s, i) {
		w.to.record(w, s, i)
	}
}

// mark marks a slot as seen; false when it was.
func (w *walk) mark(s *segment, i int) bool {
	m := w.seen[s]
	if m.has(i) {
		return false
	}
	m[i>>3] |= 1 << (i & 7)
	w.seen[s] = m
	return true
}

// next is the index of the first slot of s in use from i on that has no mark; -1 when there is none.
func (m *marks) next(s *segment, i int) int {
	for i = s.next(i); i >= 0 && m.has(i); {
		i = s.next(i + 1)
	}
	return i
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
	s.hears, _ = to.(SnapshotAnnounced)
	for _, db := range ks.dbs {
		if t := db.t; t.count > 0 {
			s.total += t.count
			db := db.index
			t.walk = newWalk(t, &keys{s, db})
			s.walks = append(s.walks, t.walk)
		}
	}
	sp.snap = s
	return s
}

// keys emits the records of a database.
type keys struct {
	snap *Snapshot
	db   int
}

func (k *keys) segment(w *walk, head *segment) {
	for s := head; s != nil; s = s.over {
		seen := w.seen[s]
		for i := seen.next(s, 0); i >= 0; i = seen.next(s, i+1) {
			k.record(w, s, i)
		}
	}
}

func (k *keys) record(w *walk, s *segment, i int) {
	r := s.record(i)
	k.snap.emitted++
	if r.expires != NoExpiry && r.expires <= k.snap.now() {
		k.snap.to.Expired(k.db, r.key)
		return
	}
	k.snap.record(k.db, w.t, &r, s.slot(i).clock)
}

// announce tells of the key whose value comes.
func (s *Snapshot) announce(db int, r *record, clock uint32, o object) {
	if s.hears == nil {
		return
	}
	kind := &kinds[r.kind()]
	s.key = SnapshotKey{DB: db, Key: r.key, Type: kind.t, Encoding: kind.enc, ExpiresAt: r.expires, Idle: s.sp.idle(clock), Frequency: s.sp.frequency(clock)}
	if o != nil {
		s.key.InParts, s.key.Count = true, o.parts()
	}
	s.hears.Key(&s.key)
}

func (s *Snapshot) record(db int, t *table, r *record, clock uint32) {
	val := r.val
	if r.boxed() {
		b := t.boxes.at(binary.LittleEndian.Uint32(r.val))
		if b.obj != nil {
			p := &pending{snap: s, db: db, key: append([]byte(nil), r.key...), t: kinds[r.kind()].t, expires: r.expires, obj: b.obj}
			s.pending = append(s.pending, p)
			s.announce(db, r, clock, b.obj)
			b.obj.freeze(p)
			return
		}
		val = b.bytes
	}
	s.announce(db, r, clock, nil)
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
		if len(s.pending) > 0 { // first: the longer one waits, the more of it is emitted at a bad moment
			if p := s.pending[0]; !p.obj.emitNext(p) {
				s.pending[0] = nil
				s.pending = s.pending[1:]
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

// SnapshotKeys is how many keys the snapshot under way has emitted, and how many it will in all; 0 without one.
func (ks *Keyspace) SnapshotKeys() (emitted, total int) {
	if s := ks.space.snap; s != nil {
		return s.emitted, s.total
	}
	return 0, 0
}

// Progress is between 0 and 1: the share of the keys that were emitted.
func (s *Snapshot) Progress() float64 {
	if s.total == 0 {
		return 1
	}
	return float64(s.emitted) / float64(s.total)
}

// freeze lets p see each member before it changes.
func (t *table) freeze(p *pending) {
	t.walk = newWalk(t, p)
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

func (t *table) parts() int { return t.count }

// segment emits a segment of members.
func (p *pending) segment(w *walk, head *segment) {
	n := 0
	for s := head; s != nil; s = s.over {
		seen := w.seen[s]
		n += int(s.n) - seen.count(s)
	}
	if n > 0 {
		p.emit(memberItems{w: w, s: head, seen: w.seen[head], kind: p.t}, n)
	}
}

// record emits one member.
func (p *pending) record(w *walk, s *segment, i int) {
	p.emit(memberItems{w: w, s: s, i: i, kind: p.t, only: true}, 1)
}

func (p *pending) emit(m memberItems, n int) {
	p.members = m
	p.items = Items{n: n, src: &p.members}
	p.part(&p.items, false)
}

// memberItems walks over the records of a segment that were not seen, or is at one record only.
type memberItems struct {
	w    *walk
	s    *segment
	seen marks // of s
	i    int
	kind Type
	only bool
}

func (m *memberItems) nextItem(it *Items) bool {
	for m.s != nil && !m.only {
		if m.i = m.seen.next(m.s, m.i); m.i >= 0 {
			break
		}
		m.s, m.i = m.s.over, 0
		m.seen = m.w.seen[m.s]
	}
	if m.s == nil {
		return false
	}
	it.a = m.s.record(m.i).key
	switch m.kind {
	case Hash:
		it.b = m.w.t.value(m.s, m.i)
	case ZSet:
		it.score = math.Float64frombits(binary.LittleEndian.Uint64(m.w.t.value(m.s, m.i)))
	}
	if m.i++; m.only {
		m.s = nil
	}
	return true
}
