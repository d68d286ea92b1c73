package keyspace

import (
	"sort"
	"unsafe"
)

// StreamID names an entry of a stream: a time in ms and a number within it.
type StreamID struct{ Ms, Seq uint64 }

// MaxStreamID is the largest there is; the zero value is the smallest.
var MaxStreamID = StreamID{1<<64 - 1, 1<<64 - 1}

// Compare is negative when a comes before b, positive when it comes behind, 0 when they are equal.
func (a StreamID) Compare(b StreamID) int {
	switch {
	case a == b:
		return 0
	case a.Ms < b.Ms || a.Ms == b.Ms && a.Seq < b.Seq:
		return -1
	}
	return 1
}

// Less tells whether a comes before b.
func (a StreamID) Less(b StreamID) bool { return a.Compare(b) < 0 }

// Next is the ID behind a; false behind the largest.
func (a StreamID) Next() (StreamID, bool) {
	if a.Seq++; a.Seq == 0 {
		a.Ms++
	}
	return a, a != StreamID{}
}

// Prev is the ID before a; false before the smallest.
func (a StreamID) Prev() (StreamID, bool) {
	if a == (StreamID{}) {
		return MaxStreamID, false
	}
	if a.Seq--; a.Seq == MaxStreamID.Seq {
		a.Ms--
	}
	return a, true
}

// stream keeps entries in the order of their IDs in nodes of some KiB, and the groups of consumers that read them.
//
// A snapshot takes the nodes as they are (freeze); from then on a node, or a chunk of pending entries, is copied before its first change.
type stream struct {
	nodes   []*streamNode
	n       int
	first   StreamID // of the entries that are there; zero when there are none
	last    StreamID // of all that were ever there
	deleted StreamID // the largest that was deleted; trimming doesn't count
	added   uint64   // how many were ever added

	groups []*streamGroup // by name
	bytes  int64          // of memory, but for this struct
	epoch  uint32         // nodes and chunks of a lower one may be shared with a snapshot
	frozen *streamFreeze
}

// StreamValue is a stream. Unlike other collections it stays when it is empty.
type StreamValue struct {
	view
	s     *stream
	words words
}

// Stream is the view of the stream at e.
func (e Entry) Stream() *StreamValue {
	v := e.db.ks.views.streams.get(&e.db.ks.views)
	v.open(e)
	v.s = e.object().(*stream)
	return v
}

// NewStream makes a stream for key, which is not there.
func (db *DB) NewStream(key []byte) *StreamValue {
	v := db.ks.views.streams.get(&db.ks.views)
	v.create(db, key, Stream, EncStream)
	v.packed, v.fresh, v.dirty, v.s = nil, true, true, &stream{}
	return v
}

// Commit stores the changes. A stream is never gone.
func (v *StreamValue) Commit() (gone bool) {
	v.commit(1, v.s)
	v.key, v.fresh = nil, false
	return false
}

// Len is the number of entries.
func (v *StreamValue) Len() int { return v.s.n }

// FirstID is the ID of the first entry, zero when there is none.
func (v *StreamValue) FirstID() StreamID { return v.s.first }

// LastID is the largest ID that was ever there, or what SetID made of it.
func (v *StreamValue) LastID() StreamID { return v.s.last }

// MaxDeletedID is the largest ID of an entry that was deleted, other than by trimming.
func (v *StreamValue) MaxDeletedID() StreamID { return v.s.deleted }

// EntriesAdded is how many entries were ever added.
func (v *StreamValue) EntriesAdded() uint64 { return v.s.added }

// SetID sets what LastID, EntriesAdded and MaxDeletedID tell.
func (v *StreamValue) SetID(last StreamID, added uint64, deleted StreamID) {
	v.change()
	v.s.last, v.s.added, v.s.deleted = last, added, deleted
}

// Append adds an entry of fields and values in turn. Its id is larger than LastID.
func (v *StreamValue) Append(id StreamID, fields [][]byte) {
	v.change()
	s := v.s
	if len(s.nodes) == 0 || s.nodes[len(s.nodes)-1].full(fields, v.limits()) {
		s.addNode(newStreamNode(id, fields))
	}
	i := len(s.nodes) - 1
	nd := s.own(i)
	nd.append(id, fields)
	s.bytes += nd.memory()
	if s.n++; s.n == 1 {
		s.first = id
	}
	s.last = id
	s.added++
}

func (s *stream) addNode(nd *streamNode) {
	if n := len(s.nodes); n > 0 { // what was the last one doesn't grow any more
		last := s.own(n - 1)
		if cap(last.lp)-len(last.lp) > len(last.lp)/16 {
			last.lp = append(listpack(roomFor(len(last.lp))), last.lp...)
		}
		s.bytes += last.memory()
	}
	nd.epoch = s.epoch
	s.nodes = append(s.nodes, nd)
	s.bytes += nd.memory()
}

// own gives node i to change, without its memory: the caller adds what it takes afterwards.
func (s *stream) own(i int) *streamNode {
	nd := s.nodes[i]
	s.bytes -= nd.memory()
	if nd.epoch != s.epoch {
		if s.frozen != nil {
			nd = &streamNode{master: nd.master, lp: append(listpack(roomFor(cap(nd.lp))), nd.lp...)}
			s.nodes[i] = nd
			s.copied(int64(cap(nd.lp)))
		}
		nd.epoch = s.epoch
	}
	return nd
}

// removeNodes removes nodes [i, j).
func (s *stream) removeNodes(i, j int) {
	for _, nd := range s.nodes[i:j] {
		s.bytes -= nd.memory()
	}
	if i == 0 {
		clear(s.nodes[:j])
		s.nodes = s.nodes[j:]
	} else {
		n := copy(s.nodes[i:], s.nodes[j:])
		clear(s.nodes[i+n:])
		s.nodes = s.nodes[:i+n]
	}
	if len(s.nodes) == 0 {
		s.nodes = nil
	}
}

// seek is the index of the node where id is, if it is anywhere: the last one that begins at it or before; -1 when all begin behind.
func (s *stream) seek(id StreamID) int {
	return sort.Search(len(s.nodes), func(i int) bool { return id.Less(s.nodes[i].master) }) - 1
}

// setFirst finds what is the first entry now.
func (s *stream) setFirst() {
	s.first = StreamID{}
	for _, nd := range s.nodes {
		for e := nd.begin(); nd.next(&e); {
			if !e.deleted() {
				s.first = e.id
				return
			}
		}
	}
}

// Has tells whether there is an entry id.
func (v *StreamValue) Has(id StreamID) bool {
	if i := v.s.seek(id); i >= 0 {
		_, ok := v.s.nodes[i].find(id)
		return ok
	}
	return false
}

// Delete removes entry id; false when it is not there.
func (v *StreamValue) Delete(id StreamID) bool {
	s := v.s
	i := s.seek(id)
	if i < 0 {
		return false
	}
	e, ok := s.nodes[i].find(id)
	if !ok {
		return false
	}
	v.change()
	if s.nodes[i].live() == 1 {
		s.removeNodes(i, i+1)
	} else {
		nd := s.own(i)
		nd.mark(&e)
		nd.count(-1)
		s.bytes += nd.memory()
	}
	s.n--
	if s.deleted.Less(id) {
		s.deleted = id
	}
	if id == s.first {
		s.setFirst()
	}
	return true
}

// Range calls fn with the entries from the first to the last ID, both included, until it returns false; backwards when reverse.
// fields are fields and values in turn, valid until fn returns. fn must not change the entries; groups it may.
func (v *StreamValue) Range(from, to StreamID, reverse bool, fn func(id StreamID, fields [][]byte) bool) {
	if to.Less(from) {
		return
	}
	nodes := v.s.nodes
	i, step := max(v.s.seek(from), 0), 1
	if reverse {
		i, step = v.s.seek(to), -1
	}
	for ; 0 <= i && i < len(nodes); i += step {
		nd := nodes[i]
		e, move := nd.begin(), nd.next
		if reverse {
			e, move = nd.end(), nd.prev
		}
		for move(&e) {
			switch {
			case !reverse && to.Less(e.id) || reverse && e.id.Less(from):
				return
			case e.deleted() || e.id.Less(from) || to.Less(e.id):
			case !fn(e.id, v.words.entry(nd, &e)):
				return
			}
		}
	}
}

// Nodes is the number of nodes that the entries are in; TreeNodes that of a radix tree of their first IDs, which XINFO tells.
func (v *StreamValue) Nodes() int { return len(v.s.nodes) }

// TreeNodes counts the nodes of a compressed radix tree of the nodes' first IDs, 16 bytes each, big endian.
func (v *StreamValue) TreeNodes() int {
	if len(v.s.nodes) == 0 {
		return 1
	}
	return treeNodes(v.s.nodes, 0)
}

// treeNodes counts the tree of nodes that have the first depth bytes of their IDs in common.
func treeNodes(nodes []*streamNode, depth int) int {
	a, b := nodes[0].master, nodes[len(nodes)-1].master
	same := depth
	for same < 16 && a.byteAt(same) == b.byteAt(same) {
		same++
	}
	n := 0
	if same > depth {
		n++
	}
	n++
	if same == 16 {
		return n
	}
	for len(nodes) > 0 {
		x := nodes[0].master.byteAt(same)
		end := sort.Search(len(nodes), func(i int) bool { return nodes[i].master.byteAt(same) > x })
		n += treeNodes(nodes[:end], same+1)
		nodes = nodes[end:]
	}
	return n
}

func (a StreamID) byteAt(i int) byte {
	if i < 8 {
		return byte(a.Ms >> (56 - 8*i))
	}
	return byte(a.Seq >> (120 - 8*i))
}

// The object in a record.

func (s *stream) memory() int64 { return blockOf(int(unsafe.Sizeof(*s))) + s.bytes }

func (s *stream) clone() object {
	c := &stream{n: s.n, first: s.first, last: s.last, deleted: s.deleted, added: s.added}
	c.nodes = make([]*streamNode, len(s.nodes))
	for i, nd := range s.nodes {
		c.nodes[i] = &streamNode{master: nd.master, lp: append(listpack(nil), nd.lp...)}
		c.bytes += c.nodes[i].memory()
	}
	c.groups = make([]*streamGroup, len(s.groups))
	for i, g := range s.groups {
		c.groups[i] = g.clone(c)
	}
	return c
}
