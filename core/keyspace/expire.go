package keyspace

// dueHeap orders the segments of a table by their earliest expiry (a binary heap of those that have one), and counts expiries.
// A segment's earliest may be too early, when the key in question has gone or was given more time: it is put right when its time comes.
type dueHeap struct {
	segs     []due
	volatile int
	sum      float64 // of all expiries, for their mean
}

type due struct {
	at int64 // no record of the segment expires before
	s  *segment
}

// replaced notes that a record of the segment head expires at now instead of at was.
func (d *dueHeap) replaced(head *segment, was, now int64) {
	if was != NoExpiry {
		d.volatile--
		d.sum -= float64(was)
	}
	if now != NoExpiry {
		d.volatile++
		d.sum += float64(now)
		if now < d.earliest(head) {
			d.set(head, now)
		}
	}
	if d.volatile == 0 {
		d.sum = 0
	}
}

// earliest is the time before which nothing expires in s, neverDue when nothing does at all.
func (d *dueHeap) earliest(s *segment) int64 {
	if s.duePos == 0 {
		return neverDue
	}
	return d.segs[s.duePos-1].at
}

// set puts a segment where its earliest expiry belongs.
func (d *dueHeap) set(s *segment, at int64) {
	i, last := int(s.duePos)-1, len(d.segs)-1
	switch {
	case at == neverDue && i < 0:
		return
	case at == neverDue:
		s.duePos = 0
		moved := d.segs[last]
		d.segs[last] = due{}
		d.segs = d.segs[:last]
		if i == last {
			return
		}
		d.put(i, moved)
	case i < 0:
		d.segs = append(d.segs, due{})
		i = last + 1
		d.put(i, due{at, s})
	default:
		d.segs[i].at = at
	}
	d.down(d.up(i))
}

func (d *dueHeap) put(i int, x due) {
	d.segs[i] = x
	x.s.duePos = int32(i + 1)
}

func (d *dueHeap) up(i int) int {
	for i > 0 {
		p := (i - 1) / 2
		if d.segs[p].at <= d.segs[i].at {
			break
		}
		d.swap(i, p)
		i = p
	}
	return i
}

func (d *dueHeap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(d.segs) {
			return
		}
		if c+1 < len(d.segs) && d.segs[c+1].at < d.segs[c].at {
			c++
		}
		if d.segs[i].at <= d.segs[c].at {
			return
		}
		d.swap(i, c)
		i = c
	}
}

func (d *dueHeap) swap(i, j int) {
	a, b := d.segs[i], d.segs[j]
	d.put(i, b)
	d.put(j, a)
}

// SetExpiry sets or, with NoExpiry, takes away the expiry of key; false when there is no such key.
func (db *DB) SetExpiry(key []byte, at int64) bool {
	t := db.t
	c := t.find(key)
	if c.i < 0 {
		return false
	}
	r := c.s.record(c.i)
	clock := c.s.slot(c.i).clock
	copy(t.reserve(c, key, r.kind(), r.boxed(), at, len(r.val)), r.val)
	c.s.slot(c.i).clock = clock
	return true
}

// Due calls fn with keys that are past their time at now, until fn returns false or at most max keys were named; fn may delete that
// key and must not change others. It tells whether more may be due. Only segments with something due are visited.
func (db *DB) Due(now int64, max int, fn func(key []byte) bool) (more bool) {
	t := db.t
	for len(t.due.segs) > 0 && t.due.segs[0].at <= now {
		if max <= 0 {
			return true
		}
		named, goOn := t.dueIn(t.due.segs[0].s, now, max, fn)
		if !goOn || db.t != t {
			return true
		}
		max -= named
	}
	return false
}

// dueIn names the keys of one segment that are due, and sets its earliest expiry right. When a deletion merges the segment with another
// one it stops: the caller goes on with whatever is first now.
func (t *table) dueIn(head *segment, now int64, max int, fn func(key []byte) bool) (named int, goOn bool) {
	shape := t.shape
	earliest := int64(neverDue)
	var key []byte
	for s := head; s != nil; s = s.over {
		for i := s.next(0); i >= 0; i = s.next(i + 1) {
			r := s.record(i)
			if r.expires == NoExpiry {
				continue
			}
			if r.expires > now {
				earliest = min(earliest, r.expires)
				continue
			}
			if named == max {
				return named, true
			}
			named++
			key = append(t.sp.scratch[:0], r.key...)
			t.sp.scratch = key
			count := t.count
			if !fn(key) {
				return named, false
			}
			if t.shape != shape {
				return named, true
			}
			if t.count == count { // it was kept
				earliest = min(earliest, r.expires)
			}
		}
	}
	t.due.set(head, earliest)
	return named, true
}

// AverageTTL is the mean of the times left at now in ms, estimated, for INFO.
func (db *DB) AverageTTL(now int64) int64 {
	d := &db.t.due
	if d.volatile == 0 {
		return 0
	}
	return max(0, int64(d.sum/float64(d.volatile))-now)
}
