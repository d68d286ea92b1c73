package keyspace

import "unsafe"

// streamNode is a run of entries in one listpack, laid out as in Redis:
//
//	entries | deleted | fields | field … | 0              the first entry's fields, its "master"
//	flags | ms | seq | value … | back                     an entry with the master's fields (streamSameFields)
//	flags | ms | seq | fields | field | value … | back    any other
//
// ms and seq are counted from the node's first ID, back is the number of elements before it that the entry has. Deleted entries are
// marked (streamDeleted) and stay; a node goes with its last entry.
type streamNode struct {
	master StreamID
	lp     listpack
	epoch  uint32
}

const (
	streamDeleted    = 1
	streamSameFields = 2
	streamNodeMax    = 1 << 30 // bytes, whatever stream-node-max-bytes says
)

// StreamEntryMax is the number of bytes, of fields and values, that an entry may have.
const StreamEntryMax = streamNodeMax

func newStreamNode(id StreamID, fields [][]byte) *streamNode {
	nd := &streamNode{master: id, lp: appendEmptyListpack(nil)}
	nd.lp = nd.lp.appendInt(0).appendInt(0).appendInt(int64(len(fields) / 2))
	for i := 0; i < len(fields); i += 2 {
		nd.lp = nd.lp.append(fields[i])
	}
	nd.lp = nd.lp.appendInt(0)
	return nd
}

func (nd *streamNode) memory() int64 {
	return int64(unsafe.Sizeof(*nd)) + int64(unsafe.Sizeof(nd)) + int64(cap(nd.lp))
}

// int is the integer at p.
func (nd *streamNode) int(p int) int64 {
	_, n, _ := nd.lp.value(p)
	return n
}

// skip is the offset n elements behind p.
func (nd *streamNode) skip(p, n int) int {
	for ; n > 0; n-- {
		p = nd.lp.next(p)
	}
	return p
}

func (nd *streamNode) setInt(p int, n int64) {
	var text [20]byte
	nd.lp = nd.lp.replace(p, appendInt(text[:0], n))
}

// live is the number of entries that are not deleted.
func (nd *streamNode) live() int { return int(nd.int(lpHeader)) }

// count adds n to the number of entries that are there; less than 0: deleted ones.
func (nd *streamNode) count(n int) {
	nd.setInt(lpHeader, nd.int(lpHeader)+int64(n))
	if n < 0 {
		p := nd.lp.next(lpHeader)
		nd.setInt(p, nd.int(p)-int64(n))
	}
}

// full tells whether another entry goes into a new node.
func (nd *streamNode) full(fields [][]byte, l *Limits) bool {
	most := l.StreamNodeMaxBytes
	if most <= 0 || most > streamNodeMax {
		most = streamNodeMax
	}
	size := len(nd.lp)
	for _, w := range fields {
		size += len(w)
	}
	if int64(size) >= most {
		return true
	}
	return l.StreamNodeMaxEntries > 0 && nd.int(lpHeader)+nd.int(nd.lp.next(lpHeader)) >= int64(l.StreamNodeMaxEntries)
}

// append adds an entry.
func (nd *streamNode) append(id StreamID, fields [][]byte) {
	nd.count(1)
	flags, back := int64(0), 4+len(fields)
	if nd.sameFields(fields) {
		flags, back = streamSameFields, 3+len(fields)/2
	}
	lp := nd.lp.appendInt(flags).appendInt(int64(id.Ms - nd.master.Ms)).appendInt(int64(id.Seq - nd.master.Seq))
	if flags == 0 {
		lp = lp.appendInt(int64(len(fields) / 2))
	}
	for i, w := range fields {
		if flags == 0 || i%2 == 1 {
			lp = lp.append(w)
		}
	}
	nd.lp = lp.appendInt(int64(back))
}

// sameFields tells whether these are the master's.
func (nd *streamNode) sameFields(fields [][]byte) bool {
	p := nd.skip(lpHeader, 2)
	if nd.int(p) != int64(len(fields)/2) {
		return false
	}
	for i := 0; i < len(fields); i += 2 {
		p = nd.lp.next(p)
		if x := newNeedle(fields[i]); !nd.lp.is(p, &x) {
			return false
		}
	}
	return true
}

// streamCursor is an entry of a node.
type streamCursor struct {
	id     StreamID
	flags  int64
	at     int // offset of its flags …
	values int // … and of what follows its ID
	after  int // … and of what follows it: where to go on
	fields int // how many
	shared int // offset of the number of the master's fields
	first  int // offset of the first entry
}

func (e *streamCursor) deleted() bool { return e.flags&streamDeleted != 0 }

// begin is the place before the first entry, end that behind the last.
func (nd *streamNode) begin() streamCursor {
	p := nd.skip(lpHeader, 2)
	first := nd.skip(p, int(nd.int(p))+2)
	return streamCursor{shared: p, first: first, after: first}
}

func (nd *streamNode) end() streamCursor {
	e := nd.begin()
	e.at = nd.lp.end()
	return e
}

// next moves to the entry behind e; false when there is none.
func (nd *streamNode) next(e *streamCursor) bool {
	if e.after >= nd.lp.end() {
		return false
	}
	nd.read(e, e.after)
	return true
}

// prev moves to the entry before e; false when there is none.
func (nd *streamNode) prev(e *streamCursor) bool {
	if e.at <= e.first {
		return false
	}
	p := nd.lp.prev(e.at)
	for back := nd.int(p); back > 0; back-- {
		p = nd.lp.prev(p)
	}
	nd.read(e, p)
	return true
}

// read makes e the entry at p.
func (nd *streamNode) read(e *streamCursor, p int) {
	e.at, e.flags = p, nd.int(p)
	p = nd.lp.next(p)
	e.id.Ms = nd.master.Ms + uint64(nd.int(p))
	p = nd.lp.next(p)
	e.id.Seq = nd.master.Seq + uint64(nd.int(p))
	e.values = nd.lp.next(p)
	if e.flags&streamSameFields != 0 {
		e.fields = int(nd.int(e.shared))
		e.after = nd.skip(e.values, e.fields+1)
		return
	}
	e.fields = int(nd.int(e.values))
	e.values = nd.lp.next(e.values)
	e.after = nd.skip(e.values, 2*e.fields+1)
}

// find finds entry id that is not deleted.
func (nd *streamNode) find(id StreamID) (e streamCursor, ok bool) {
	for e = nd.begin(); nd.next(&e); {
		if c := e.id.Compare(id); c >= 0 {
			return e, c == 0 && !e.deleted()
		}
	}
	return e, false
}

// lastID is that of the last entry, deleted or not.
func (nd *streamNode) lastID() StreamID {
	e := nd.end()
	nd.prev(&e)
	return e.id
}

// mark marks an entry as deleted. The flag takes no more room than before.
func (nd *streamNode) mark(e *streamCursor) {
	e.flags |= streamDeleted
	nd.setInt(e.at, e.flags)
}

// words gives the words of entries.
type words struct {
	list   [][]byte
	digits []byte
}

// entry gives the fields and values of an entry in turn, until the next call.
func (w *words) entry(nd *streamNode, e *streamCursor) [][]byte {
	w.list, w.digits = w.list[:0], w.digits[:0]
	field, p := nd.lp.next(e.shared), e.values
	for range e.fields {
		if e.flags&streamSameFields != 0 {
			w.add(nd.lp, field)
			field = nd.lp.next(field)
		} else {
			w.add(nd.lp, p)
			p = nd.lp.next(p)
		}
		w.add(nd.lp, p)
		p = nd.lp.next(p)
	}
	return w.list
}

func (w *words) add(lp listpack, p int) {
	text, n, isInt := lp.value(p)
	if isInt {
		from := len(w.digits)
		w.digits = appendInt(w.digits, n)
		text = w.digits[from:len(w.digits):len(w.digits)]
	}
	w.list = append(w.list, text)
}
