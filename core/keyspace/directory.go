package keyspace

// split moves the records of the upper half of a segment's places to a new one. It refuses where the directory would grow out of
// proportion to the segments: places that are all alike (a weak hash, an attack) must not blow it up.
func (t *table) split(s *segment) bool {
	if s.depth == t.depth && !t.double() {
		return false
	}
	t.beforeAll(s)
	t.shape++
	old := &t.sp.unsplit
	*old = *s
	s.heap, s.over, s.live, s.n, s.groups = nil, nil, 0, 0, [groups]group{}
	t.at[s.depth]--
	s.depth++
	t.at[s.depth] += 2
	t.segs++
	upper := t.newSegment(s.prefix|s.span(), s.depth)
	first, n := t.stands(upper)
	for i := first; i < first+n; i++ {
		t.dir[i] = upper
	}
	half := int(old.live)/2 + int(old.live)/16
	t.compact(s, half)
	t.compact(upper, half)
	earliest := [2]int64{neverDue, neverDue}
	for c := old; c != nil; c = c.over {
		for i := c.next(0); i >= 0; i = c.next(i + 1) {
			r := c.record(i)
			to, at := s, 0
			h := t.sp.place(r.key)
			if h&s.span() != 0 {
				to, at = upper, 1
			}
			t.take(to, c, i, h, r.size)
			if r.expires != NoExpiry {
				earliest[at] = min(earliest[at], r.expires)
			}
		}
		t.dropHeap(c)
		if c != old {
			t.mem -= segmentSize
		}
	}
	*old = segment{}
	t.due.set(s, earliest[0])
	t.due.set(upper, earliest[1])
	return true
}

// stands tells where in the directory a segment stands.
func (t *table) stands(s *segment) (first, n int) {
	return int(s.prefix >> (64 - t.depth)), 1 << (t.depth - s.depth)
}

// take copies the record of slot i of from, size bytes, to the segment to, where h is.
func (t *table) take(to, from *segment, i int, h uint64, size int) {
	head := to
	for to.n == slots {
		if to.over == nil {
			to.over = t.newSegment(head.prefix, head.depth)
		}
		to = to.over
	}
	if cap(to.heap)-len(to.heap) < size {
		t.room(to, size)
	}
	sl := *from.slot(i)
	record := from.heap[sl.off:][:size]
	sl.off = uint32(len(to.heap))
	to.heap = append(to.heap, record...)
	to.live += uint32(size)
	to.add(h, sl)
}

func (t *table) double() bool {
	if t.depth == maxDepth || t.depth >= 6 && t.segs < 1<<t.depth/16 {
		return false
	}
	dir := make([]*segment, 2*len(t.dir))
	for i, s := range t.dir {
		dir[2*i], dir[2*i+1] = s, s
	}
	t.mem += 8 * int64(len(dir)-len(t.dir))
	t.dir = dir
	t.depth++
	return true
}

// Segments are merged when both together are far from full, so that a few changes do not split them again.
const (
	mergeRecords = slots / 3
	mergeBytes   = splitBytes / 3
)

// merge joins a segment that has become small with the other half of what they were split from.
func (t *table) merge(s *segment) {
	for s.depth > 0 && int(s.n) <= mergeRecords && s.live <= mergeBytes && s.over == nil {
		o := t.segment(s.prefix ^ s.span())
		if o.depth != s.depth || o.over != nil || int(o.n)+int(s.n) > mergeRecords || o.live+s.live > mergeBytes {
			return
		}
		t.beforeAll(s)
		t.beforeAll(o)
		t.shape++
		lower, upper := s, o
		if s.prefix > o.prefix {
			lower, upper = o, s
		}
		first, n := t.stands(upper)
		for i := first; i < first+n; i++ {
			t.dir[i] = lower
		}
		if size := int(lower.live + upper.live); size > cap(lower.heap) {
			t.compact(lower, size)
		}
		for i := upper.next(0); i >= 0; i = upper.next(i + 1) {
			r := upper.record(i)
			t.take(lower, upper, i, t.sp.place(r.key), r.size)
		}
		t.due.set(lower, min(t.due.earliest(lower), t.due.earliest(upper)))
		t.due.set(upper, neverDue)
		t.dropHeap(upper)
		t.mem -= segmentSize
		t.at[lower.depth] -= 2
		lower.depth--
		t.at[lower.depth]++
		t.segs--
		t.halve()
		s = lower
	}
}

// halve shrinks the directory to the depth that is needed.
func (t *table) halve() {
	depth := t.depth
	for depth > 0 && t.at[depth] == 0 {
		depth--
	}
	// Halving at once what is doubled again soon would cost more than what it gives back.
	if depth+2 > t.depth && depth > 0 {
		return
	}
	dir := make([]*segment, 1<<depth)
	for i := range dir {
		dir[i] = t.dir[i<<(t.depth-depth)]
	}
	t.mem += 8 * int64(len(dir)-len(t.dir))
	t.dir, t.depth = dir, depth
}
