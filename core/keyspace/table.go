package keyspace

import "encoding/binary"

// table maps keys to values: a directory of segments by the top bits of a key's place (extendible hashing, Fagin et al. 1979).
// It has no Go object for a key. Growth splits one segment at a time, deletes merge two: no change is longer than that, but for
// the directory itself, one pointer for some 87 keys.
//
// A database is a table, and so are the members of a large set, hash or sorted set.
type table struct {
	sp    *space
	dir   []*segment // 1<<depth of them; a segment of less depth stands in it several times
	depth uint8
	at    [maxDepth + 1]int32 // number of segments of each depth
	segs  int
	shape uint32 // changes with every split and merge

	count int
	mem   int64
	boxes boxes
	due   dueHeap
	walk  *walk // the snapshot that has yet to see some segments
}

const (
	maxDepth = 32
	// A segment whose records take more than this is split too, if it has a few of them.
	splitBytes   = 32 << 10
	splitRecords = 16
	// Longer values are boxed.
	maxInline = 1024
)

func newTable(sp *space) *table {
	t := &table{sp: sp, segs: 1}
	t.at[0] = 1
	t.dir = []*segment{t.newSegment(0, 0)}
	t.mem += 8
	return t
}

func (t *table) newSegment(prefix uint64, depth uint8) *segment {
	t.mem += segmentSize
	return &segment{prefix: prefix, depth: depth, epoch: t.sp.epoch}
}

// segment is the one for place h.
func (t *table) segment(h uint64) *segment { return t.dir[h>>(64-t.depth)] }

func (t *table) len() int      { return t.count }
func (t *table) memory() int64 { return t.mem }

// before must be called before the record of a cell changes or goes: the snapshot sees it as it was.
func (t *table) before(c cell) {
	if t.walk != nil {
		t.walk.before(c.head, c.s, c.i)
	}
}

// beforeAll must be called before the records of a segment (the head, where it overflowed) move to other segments.
func (t *table) beforeAll(head *segment) {
	if t.walk != nil {
		t.walk.visit(head)
	}
}

// cell is where a key is, or would be (i < 0).
type cell struct {
	h    uint64
	head *segment
	s    *segment // head or what overflowed from it
	i    int
}

func (t *table) find(key []byte) (c cell) {
	c.h = t.sp.place(key)
	c.head = t.segment(c.h)
	c.s, c.i = c.head.find(c.h, key)
	return c
}

// value is the value of slot i of s, wherever it is.
func (t *table) value(s *segment, i int) []byte {
	r := s.record(i)
	if r.boxed() {
		return t.boxes.at(binary.LittleEndian.Uint32(r.val)).bytes
	}
	return r.val
}

func (t *table) get(key []byte) (val []byte, ok bool) {
	c := t.find(key)
	if c.i < 0 {
		return nil, false
	}
	return t.value(c.s, c.i), true
}

// put sets the value of key and tells whether key is new. Both are copied.
func (t *table) put(key, val []byte) (added bool) {
	c := t.find(key)
	added = c.i < 0
	t.set(c, key, 0, NoExpiry, val)
	return added
}

func (t *table) delete(key []byte) bool {
	c := t.find(key)
	if c.i < 0 {
		return false
	}
	t.remove(c)
	return true
}

// set stores a value of bytes in cell c of key. What was there goes. val may be part of it, or of anything else in the table.
func (t *table) set(c cell, key []byte, k kind, expires int64, val []byte) {
	box := t.boxOf(c)
	if len(val) > maxInline {
		t.before(c)
		if box == noBox {
			box = t.boxes.alloc(t)
		}
		t.boxes.setBytes(t, box, val)
		binary.LittleEndian.PutUint32(t.reserve(c, key, k, true, expires, 4), box)
		return
	}
	copy(t.reserve(c, key, k, false, expires, len(val)), val)
	if box != noBox {
		t.boxes.release(t, box)
	}
}

// overwrite is set in the case that comes most, where only the bytes change: a record without expiry and box, key and value short, and
// a value of the same length. Else it does nothing.
func (t *table) overwrite(c *cell, k kind, val []byte) bool {
	sl := c.s.slot(c.i)
	b := c.s.heap[sl.off:]
	if len(b) < 3 || b[0]&(hasExpiry|isBoxed) != 0 || b[1] >= 0x80 || b[2] >= 0x80 || int(b[2]) != len(val) {
		return false
	}
	sp := t.sp
	if t.walk != nil {
		t.before(*c)
	}
	if len(sp.pool.retired) > 0 {
		sp.pool.settle()
	}
	sl.clock = sp.rewritten(sl.clock)
	b[0] = byte(k)
	copy(b[3+int(b[1]):][:len(val)], val)
	return true
}

// append is set in the other case that comes often: a new key, short as its value, in a segment that has room for both. Else it does nothing.
func (t *table) append(c *cell, k kind, key, val []byte) bool {
	s, size := c.head, 3+len(key)+len(val)
	from := len(s.heap)
	if t.walk != nil || len(key) >= 0x80 || len(val) >= 0x80 || s.over != nil || cap(s.heap)-from < size || s.garbage() >= 1024 || s.full(size) {
		return false
	}
	if len(t.sp.pool.retired) > 0 {
		t.sp.pool.settle()
	}
	s.heap = s.heap[:from+size]
	b := s.heap[from:]
	b[0], b[1], b[2] = byte(k), byte(len(key)), byte(len(val))
	copyShort(b[3:], key)
	copyShort(b[3+len(key):], val)
	s.live += uint32(size)
	s.add(c.h, slot{uint32(from), t.sp.fresh})
	t.count++
	return true
}

// copyShort is copy, without a call for the lengths that most keys have.
func copyShort(to, from []byte) {
	if n := len(from); n >= 8 && n <= 16 {
		x, y := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[n-8:])
		binary.LittleEndian.PutUint64(to, x)
		binary.LittleEndian.PutUint64(to[n-8:], y)
		return
	}
	copy(to, from)
}

// boxOf is the box that the record of c refers to.
func (t *table) boxOf(c cell) uint32 {
	if c.i >= 0 {
		if r := c.s.record(c.i); r.boxed() {
			return binary.LittleEndian.Uint32(r.val)
		}
	}
	return noBox
}

// reserve makes or remakes the record of key in cell c and returns the place for the vlen bytes of its value. It does not care for boxes.
func (t *table) reserve(c cell, key []byte, k kind, boxed bool, expires int64, vlen int) []byte {
	t.before(c)
	t.sp.pool.settle()
	if c.i < 0 {
		return t.insert(c, key, k, boxed, expires, vlen)
	}
	s, i := c.s, c.i
	r := s.record(i)
	t.due.replaced(c.head, r.expires, expires)
	s.slot(i).clock = t.sp.rewritten(s.slot(i).clock)
	if vlen <= len(r.val) && uvarintLen(vlen) == uvarintLen(len(r.val)) && (expires == NoExpiry) == (r.expires == NoExpiry) {
		return t.rewrite(s, i, r, k, boxed, expires, vlen)
	}
	s.live -= uint32(r.size)
	s.slot(i).off = dead
	t.room(s, recordSize(expires, len(key), vlen))
	off, val := s.appendRecord(k, boxed, expires, key, vlen)
	s.slot(i).off = off
	return val
}

// rewrite changes a record where it stands.
func (t *table) rewrite(s *segment, i int, r record, k kind, boxed bool, expires int64, vlen int) []byte {
	b := s.heap[s.slot(i).off:]
	b[0] = byte(k) | r.head&hasExpiry
	if boxed {
		b[0] |= isBoxed
	}
	if expires != NoExpiry {
		binary.LittleEndian.PutUint64(b[1:], uint64(expires))
	}
	if less := len(r.val) - vlen; less > 0 {
		at := r.size - len(r.val) - len(r.key) - uvarintLen(len(r.val))
		binary.PutUvarint(b[at:], uint64(vlen))
		s.live -= uint32(less)
		t.tidy(s)
		r = s.record(i)
	}
	return r.val[:vlen]
}

func (t *table) insert(c cell, key []byte, k kind, boxed bool, expires int64, vlen int) []byte {
	size := recordSize(expires, len(key), vlen)
	head := c.head
	for head.full(size) && t.split(head) {
		head = t.segment(c.h)
	}
	s := head
	for s.n == slots {
		if s.over == nil {
			s.over = t.newSegment(head.prefix, head.depth)
		}
		s = s.over
	}
	t.room(s, size)
	off, val := s.appendRecord(k, boxed, expires, key, vlen)
	i := s.add(c.h, slot{off, t.sp.fresh})
	if t.walk != nil && head.epoch != t.walk.epoch {
		t.walk.mark(s, i)
	}
	t.due.replaced(head, NoExpiry, expires)
	t.count++
	return val
}

// full tells that a segment should be split before it takes another record of that size.
func (s *segment) full(size int) bool {
	live := int(s.live) + size
	return s.n == slots || live > splitBytes && s.n >= splitRecords || live > 32*splitBytes && s.n > 1
}

// remove removes the record of cell c.
func (t *table) remove(c cell) {
	t.before(c)
	t.sp.pool.settle()
	if box := t.boxOf(c); box != noBox {
		t.boxes.release(t, box)
	}
	s := c.s
	r := s.record(c.i)
	t.due.replaced(c.head, r.expires, NoExpiry)
	s.live -= uint32(r.size)
	s.drop(c.h, c.i)
	t.count--
	for p := c.head; p.over != nil; p = p.over {
		if p.over.n == 0 {
			t.dropHeap(p.over)
			t.mem -= segmentSize
			p.over = p.over.over
			break
		}
	}
	t.tidy(s)
	t.merge(c.head)
}

// room makes room for size bytes in the heap: one of the next size, or one without the garbage. A third of it may be garbage where records
// became shorter: large values that went into boxes.
func (t *table) room(s *segment, size int) {
	if g := s.garbage(); cap(s.heap)-len(s.heap) >= size && (g < 1024 || g*3 < len(s.heap)) {
		return
	}
	want := int(s.live) + size
	if s.garbage() > 0 {
		want += int(s.live) / 6 // records change their sizes here: some air, or every few changes would compact
	}
	t.compact(s, want)
}

// tidy compacts the heap when a quarter of it is garbage.
func (t *table) tidy(s *segment) {
	if s.live == 0 {
		t.dropHeap(s)
	} else if g := s.garbage(); g > 256 && g*4 > len(s.heap) {
		t.compact(s, int(s.live))
	}
}

// compact moves the records to a heap with room for want bytes.
func (t *table) compact(s *segment, want int) {
	old, b := s.heap, t.sp.pool.get(want)
	if s.garbage() == 0 {
		b = append(b, old...)
	} else {
		for i := s.next(0); i >= 0; i = s.next(i + 1) {
			if sl := s.slot(i); sl.off != dead {
				from := old[sl.off:]
				sl.off = uint32(len(b))
				b = append(b, from[:sizeOf(from)]...)
			}
		}
	}
	t.mem += int64(cap(b) - cap(old))
	s.heap = b
	t.sp.pool.put(old)
}

func (t *table) dropHeap(s *segment) {
	t.mem -= int64(cap(s.heap))
	t.sp.pool.put(s.heap)
	s.heap = nil
}

// clone is a deep copy without the boxes' objects, for members: theirs are bytes only.
func (t *table) clone() *table {
	n := *t
	n.walk, n.due, n.boxes = nil, dueHeap{}, t.boxes.clone(&n)
	n.dir = make([]*segment, len(t.dir))
	copies := func(s *segment) *segment {
		var head *segment
		for at := &head; s != nil; s, at = s.over, &(*at).over {
			c := *s
			c.epoch = t.sp.epoch
			c.heap = append(t.sp.pool.get(cap(s.heap)), s.heap...)
			n.mem += int64(cap(c.heap) - cap(s.heap))
			*at = &c
		}
		return head
	}
	for i, s := range t.dir {
		if i > 0 && s == t.dir[i-1] {
			n.dir[i] = n.dir[i-1]
		} else {
			n.dir[i] = copies(s)
		}
	}
	return &n
}
