package keyspace

// How far a group has come is counted as Redis 7 does: exactly while nothing was deleted from what lies ahead of it, else by what can
// be told from the ends of the stream, else not at all.

// tombstonesFrom tells whether an entry at from or behind it may have been deleted.
func (s *stream) tombstonesFrom(from StreamID) bool {
	return s.n > 0 && s.deleted != StreamID{} && !s.deleted.Less(from)
}

// readUpTo is how many entries were added up to id, or UnknownRead.
func (s *stream) readUpTo(id StreamID) int64 {
	toLast := id.Compare(s.last)
	switch {
	case s.added == 0:
		return 0
	case s.n == 0 && toLast < 1, toLast == 0:
		return int64(s.added)
	case toLast > 0:
		return UnknownRead
	}
	if (s.deleted == StreamID{} || s.deleted.Less(s.first)) {
		switch c := id.Compare(s.first); {
		case c < 0:
			return int64(s.added) - int64(s.n)
		case c == 0:
			return int64(s.added) - int64(s.n) + 1
		}
	}
	return UnknownRead
}

// Lag is how many entries the group has still to be given; false when nobody knows.
func (g StreamGroup) Lag() (n int64, known bool) {
	s := g.v.s
	if s.added == 0 {
		return 0, true
	}
	read := g.g.read
	if read == UnknownRead || s.tombstonesFrom(g.g.last) {
		read = s.readUpTo(g.g.last)
	}
	return int64(s.added) - read, read != UnknownRead
}

// Advance says that the group was given entry id; false when that is none that it had not had before.
func (g StreamGroup) Advance(id StreamID) bool {
	if !g.g.last.Less(id) {
		return false
	}
	s, read := g.v.s, g.g.read
	switch {
	case read != UnknownRead && !s.tombstonesFrom(id):
		read++
	case s.added > 0:
		read = s.readUpTo(id)
	}
	g.SetID(id, read)
	return true
}
