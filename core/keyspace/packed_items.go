package keyspace

// packedItems makes it walk over a packed collection.
func packedItems(it *Items, t Type, enc Encoding, b []byte) {
	src, ok := it.src.(*packedSource)
	if !ok {
		src = &packedSource{}
		it.src = src
	}
	it.a, it.b, it.score = nil, nil, 0
	src.t, src.b, src.ints, src.at = t, b, enc == EncIntset, 0
	if src.ints {
		it.n = intset(b).len()
		return
	}
	src.at = lpHeader
	if it.n = listpack(b).len(); t == Hash || t == ZSet {
		it.n /= 2
	}
}

// packedSource walks over a listpack or an intset.
type packedSource struct {
	t            Type
	b            []byte
	ints         bool
	at           int // index in an intset, offset in a listpack
	text1, text2 [20]byte
}

func (s *packedSource) nextItem(it *Items) bool {
	if s.ints {
		is := intset(s.b)
		if s.at >= is.len() {
			return false
		}
		it.a = appendInt(s.text1[:0], is.at(s.at))
		s.at++
		return true
	}
	lp := listpack(s.b)
	if s.at >= lp.end() {
		return false
	}
	it.a = lp.text(s.at, s.text1[:])
	s.at = lp.next(s.at)
	switch s.t {
	case Hash:
		it.b = lp.text(s.at, s.text2[:])
		s.at = lp.next(s.at)
	case ZSet:
		it.score = lpScore(lp, s.at)
		s.at = lp.next(s.at)
	}
	return true
}
