package keyspace

// StreamTrim is what XTRIM and XADD ask for: entries are removed from the first on while there are more than MaxLen, or, with ByID,
// while they come before MinID. Approx removes whole nodes only, and at most Limit entries unless that is 0.
type StreamTrim struct {
	ByID   bool
	MaxLen int64
	MinID  StreamID
	Approx bool
	Limit  int64
}

// Trim removes entries; it tells how many. MaxDeletedID is left alone.
func (v *StreamValue) Trim(t *StreamTrim) (removed int64) {
	s := v.s
	whole := 0
	for ; whole < len(s.nodes) && (t.ByID || int64(s.n) > t.MaxLen); whole++ {
		nd := s.nodes[whole]
		live := int64(nd.live())
		if t.Limit > 0 && removed+live > t.Limit {
			break
		}
		if t.ByID && !nd.lastID().Less(t.MinID) || !t.ByID && int64(s.n)-live < t.MaxLen {
			if !t.Approx {
				v.change()
				removed += s.trimInside(whole, t)
			}
			break
		}
		v.change()
		s.n -= int(live)
		removed += live
	}
	if whole > 0 {
		s.removeNodes(0, whole)
	}
	if removed > 0 {
		s.setFirst()
	}
	return removed
}

// trimInside removes entries of node i, in which some will stay.
func (s *stream) trimInside(i int, t *StreamTrim) (removed int64) {
	nd := s.own(i)
	for e := nd.begin(); nd.next(&e); {
		if t.ByID && !e.id.Less(t.MinID) || !t.ByID && int64(s.n) <= t.MaxLen {
			break
		}
		if !e.deleted() {
			nd.mark(&e)
			removed++
			s.n--
		}
	}
	if removed > 0 {
		nd.count(-int(removed))
	}
	s.bytes += nd.memory()
	return removed
}

// FirstStored is the ID of the first entry that is stored, deleted or not; MaxStreamID when there is none.
// It is what Redis logs as the MINID of an approximate trimming.
func (v *StreamValue) FirstStored() StreamID {
	if len(v.s.nodes) == 0 {
		return MaxStreamID
	}
	return v.s.nodes[0].master
}
