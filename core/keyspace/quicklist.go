package keyspace

import "unsafe"

// quicklist keeps a large list as listpacks of some KiB. They stand in chunks of up to 128, and chunks and nodes know how many
// elements they hold: the ends are O(1), an index skips chunk by chunk and node by node.
//
// A snapshot takes the nodes' bytes as they are (freeze); from then on a node is copied before its first change.
type quicklist struct {
	chunks []listChunk
	n      int
	bytes  int64  // of memory
	epoch  uint32 // nodes of a lower one may be shared with a snapshot
	frozen *listFreeze
}

type listChunk struct {
	n     int // elements
	nodes []listNode
}

type listNode struct {
	lp    listpack
	epoch uint32
}

const listChunkMax = 128

// listLimit is what list-max-listpack-size says of one node.
type listLimit struct{ bytes, count int }

const listSafeBytes = 8192 // of a node limited by its elements

func newListLimit(size int) listLimit {
	if size >= 0 {
		return listLimit{bytes: listSafeBytes, count: max(size, 1)}
	}
	return listLimit{bytes: 4096 << (min(-size, 5) - 1), count: int(^uint(0) >> 1)}
}

func (m listLimit) exceeded(bytes, count int) bool { return bytes > m.bytes || count > m.count }

// room tells whether a node takes n bytes more; 8 are what Redis reckons for the head and the back.
func (m listLimit) room(lp listpack, n int) bool {
	return !m.exceeded(len(lp)+n+8, lp.len()+1)
}

// listPos is a node of a quicklist.
type listPos struct{ chunk, node int }

func (q *quicklist) node(p listPos) *listNode { return &q.chunks[p.chunk].nodes[p.node] }

func (q *quicklist) first() listPos { return listPos{} }

func (q *quicklist) last() listPos {
	c := len(q.chunks) - 1
	return listPos{c, len(q.chunks[c].nodes) - 1}
}

func (q *quicklist) next(p listPos) (listPos, bool) {
	if p.node+1 < len(q.chunks[p.chunk].nodes) {
		return listPos{p.chunk, p.node + 1}, true
	}
	return listPos{p.chunk + 1, 0}, p.chunk+1 < len(q.chunks)
}

func (q *quicklist) prev(p listPos) (listPos, bool) {
	if p.node > 0 {
		return listPos{p.chunk, p.node - 1}, true
	}
	if p.chunk == 0 {
		return p, false
	}
	return listPos{p.chunk - 1, len(q.chunks[p.chunk-1].nodes) - 1}, true
}

// seek finds element i, 0 ≤ i < n: element k of the node at p.
func (q *quicklist) seek(i int) (p listPos, k int) {
	c := 0
	if i < q.n/2 {
		for ; i >= q.chunks[c].n; c++ {
			i -= q.chunks[c].n
		}
	} else {
		c = len(q.chunks) - 1
		from := q.n - q.chunks[c].n
		for ; i < from; from -= q.chunks[c].n {
			c--
		}
		i -= from
	}
	nodes := q.chunks[c].nodes
	if i < q.chunks[c].n/2 {
		j := 0
		for n := nodes[j].lp.len(); i >= n; n = nodes[j].lp.len() {
			i -= n
			j++
		}
		return listPos{c, j}, i
	}
	j := len(nodes) - 1
	from := q.chunks[c].n - nodes[j].lp.len()
	for ; i < from; from -= nodes[j].lp.len() {
		j--
	}
	return listPos{c, j}, i - from
}

// addNode puts a node before position p; p may be one behind the last of its chunk. n is its number of elements.
func (q *quicklist) addNode(p listPos, lp listpack) listPos {
	if len(q.chunks) == 0 {
		q.chunks = append(q.chunks, listChunk{})
		q.bytes += int64(unsafe.Sizeof(listChunk{}))
	}
	if c := &q.chunks[p.chunk]; len(c.nodes) == listChunkMax {
		p = q.splitChunk(p)
	}
	c := &q.chunks[p.chunk]
	before := cap(c.nodes)
	c.nodes = append(c.nodes, listNode{})
	copy(c.nodes[p.node+1:], c.nodes[p.node:])
	c.nodes[p.node] = listNode{lp: lp, epoch: q.epoch}
	n := lp.len()
	c.n += n
	q.n += n
	q.bytes += int64(cap(lp)) + int64(cap(c.nodes)-before)*int64(unsafe.Sizeof(listNode{}))
	return p
}

// splitChunk splits the full chunk at p and gives the place that p has then. At either end of the list it opens an empty chunk.
func (q *quicklist) splitChunk(p listPos) listPos {
	at := listChunkMax / 2
	switch {
	case p.chunk == 0 && p.node == 0:
		at = 0
	case p.chunk == len(q.chunks)-1 && p.node == listChunkMax:
		at = listChunkMax
	}
	q.chunks = append(q.chunks, listChunk{})
	copy(q.chunks[p.chunk+1:], q.chunks[p.chunk:])
	l, r := &q.chunks[p.chunk], &q.chunks[p.chunk+1]
	q.bytes += int64(unsafe.Sizeof(*l)) - int64(cap(l.nodes))*int64(unsafe.Sizeof(listNode{}))
	nodes := l.nodes
	*l, *r = listChunk{}, listChunk{}
	l.nodes, r.nodes = append(l.nodes, nodes[:at]...), append(r.nodes, nodes[at:]...)
	for _, c := range []*listChunk{l, r} {
		for i := range c.nodes {
			c.n += c.nodes[i].lp.len()
		}
		q.bytes += int64(cap(c.nodes)) * int64(unsafe.Sizeof(listNode{}))
	}
	if p.node > at || at == listChunkMax {
		return listPos{p.chunk + 1, p.node - at}
	}
	return p
}

// removeNode removes the node at p, and its chunk with its last one; it returns where the next node is then.
func (q *quicklist) removeNode(p listPos) listPos {
	c := &q.chunks[p.chunk]
	lp := c.nodes[p.node].lp
	n := lp.len()
	c.n -= n
	q.n -= n
	q.bytes -= int64(cap(lp))
	copy(c.nodes[p.node:], c.nodes[p.node+1:])
	c.nodes[len(c.nodes)-1] = listNode{}
	c.nodes = c.nodes[:len(c.nodes)-1]
	if len(c.nodes) > 0 {
		if p.node == len(c.nodes) {
			return listPos{p.chunk + 1, 0}
		}
		return p
	}
	q.bytes -= int64(unsafe.Sizeof(*c)) + int64(cap(c.nodes))*int64(unsafe.Sizeof(listNode{}))
	copy(q.chunks[p.chunk:], q.chunks[p.chunk+1:])
	q.chunks[len(q.chunks)-1] = listChunk{}
	q.chunks = q.chunks[:len(q.chunks)-1]
	return listPos{p.chunk, 0}
}

// own gives the bytes of the node at p to change; store puts what became of them back.
func (q *quicklist) own(p listPos) listpack {
	nd := q.node(p)
	if nd.epoch < q.epoch && q.frozen != nil {
		nd.lp = append(listpack(roomFor(cap(nd.lp))), nd.lp...)
		if p := q.frozen.p; p != nil {
			p.snap.copied += int64(cap(nd.lp))
		}
	}
	nd.epoch = q.epoch
	q.bytes -= int64(cap(nd.lp))
	n := nd.lp.len()
	q.n -= n
	q.chunks[p.chunk].n -= n
	return nd.lp
}

func (q *quicklist) store(p listPos, lp listpack) {
	q.node(p).lp = lp
	n := lp.len()
	q.n += n
	q.chunks[p.chunk].n += n
	q.bytes += int64(cap(lp))
}

// newNode makes a listpack of one element, with room for as many bytes as its neighbour has.
func (q *quicklist) newNode(v []byte, room int) listpack {
	return appendEmptyListpack(roomFor(max(room, lpHeader+1+len(v)+10))).append(v)
}

func (q *quicklist) pushTail(v []byte, m listLimit) {
	if q.n == 0 {
		q.addNode(listPos{}, q.newNode(v, 0))
		return
	}
	p := q.last()
	if lp := q.node(p).lp; !m.room(lp, len(v)) {
		q.addNode(listPos{p.chunk, p.node + 1}, q.newNode(v, min(len(lp), m.bytes)))
		return
	}
	lp := q.own(p)
	q.store(p, lp.append(v))
}

func (q *quicklist) pushHead(v []byte, m listLimit) {
	if q.n == 0 {
		q.addNode(listPos{}, q.newNode(v, 0))
		return
	}
	p := q.first()
	if lp := q.node(p).lp; !m.room(lp, len(v)) {
		q.addNode(p, q.newNode(v, min(len(lp), m.bytes)))
		return
	}
	lp := q.own(p)
	q.store(p, lp.insert(lpHeader, v))
}

// insert puts v before element i, 0 ≤ i ≤ n.
func (q *quicklist) insert(i int, v []byte, m listLimit) {
	switch i {
	case 0:
		q.pushHead(v, m)
		return
	case q.n:
		q.pushTail(v, m)
		return
	}
	p, k := q.seek(i)
	lp := q.node(p).lp
	if m.room(lp, len(v)) {
		lp = q.own(p)
		q.store(p, lp.insert(lp.at(k), v))
		return
	}
	if k == 0 { // between two nodes
		if before, _ := q.prev(p); m.room(q.node(before).lp, len(v)) {
			lp = q.own(before)
			q.store(before, lp.append(v))
			return
		}
		q.addNode(p, q.newNode(v, 0))
		return
	}
	right := q.splitNode(p, k)
	left, _ := q.prev(right)
	if m.room(q.node(left).lp, len(v)) {
		lp = q.own(left)
		q.store(left, lp.append(v))
		return
	}
	q.addNode(right, q.newNode(v, 0))
}

// splitNode moves the elements from k on of the node at p into a new node behind it, whose place it returns.
func (q *quicklist) splitNode(p listPos, k int) listPos {
	old := q.own(p)
	at, n := old.at(k), old.len()
	right := appendEmptyListpack(roomFor(len(old)-at+lpHeader)).appendEntries(old[at:old.end()], n-k)
	left := appendEmptyListpack(roomFor(at+1)).appendEntries(old[lpHeader:at], k)
	q.store(p, left)
	return q.addNode(listPos{p.chunk, p.node + 1}, right)
}

// set puts v in place of element i.
func (q *quicklist) set(i int, v []byte, m listLimit) {
	p, k := q.seek(i)
	lp := q.node(p).lp
	at := lp.at(k)
	if n := lp.len(); n > 1 && m.exceeded(len(lp)-(lp.next(at)-at)+len(v)+8, n) {
		q.delete(i, 1)
		q.insert(i, v, m)
		return
	}
	lp = q.own(p)
	q.store(p, lp.replace(at, v))
}

// delete removes n elements from i on.
func (q *quicklist) delete(i, n int) {
	for n > 0 {
		p, k := q.seek(i)
		here := q.node(p).lp.len()
		if k == 0 && here <= n {
			q.removeNode(p)
			n -= here
			continue
		}
		cut := min(n, here-k)
		lp := q.own(p)
		lp = lp.delete(lp.at(k), cut)
		if cap(lp) > 256 && len(lp) < cap(lp)/2 {
			lp = append(listpack(nil), lp...)
		}
		q.store(p, lp)
		n -= cut
	}
}

// iterate calls fn with element i and those behind it, or before it, until fn returns false.
func (q *quicklist) iterate(i int, reverse bool, scratch []byte, fn func(i int, v []byte) bool) {
	if i < 0 || i >= q.n {
		return
	}
	p, k := q.seek(i)
	for ok := true; ok; {
		lp := q.node(p).lp
		at := 0
		switch {
		case k >= 0:
			at = lp.at(k)
			k = -1
		case reverse:
			at = lp.prev(lp.end())
		default:
			at = lpHeader
		}
		n := lpEach(lp, at, reverse, i, scratch, fn)
		if n < 0 {
			return
		}
		if reverse {
			i -= n
			p, ok = q.prev(p)
		} else {
			i += n
			p, ok = q.next(p)
		}
	}
}

// lpEach calls fn with the elements of lp from the one at p on, which is number i; it returns how many, or -1 when fn returned false.
func lpEach(lp listpack, p int, reverse bool, i int, scratch []byte, fn func(i int, v []byte) bool) int {
	n := 0
	for ; p >= 0 && p < lp.end(); n++ {
		if !fn(i, lp.text(p, scratch)) {
			return -1
		}
		if reverse {
			p = lp.prev(p)
			i--
		} else {
			p = lp.next(p)
			i++
		}
	}
	return n
}

// has tells whether an element is x.
func (q *quicklist) has(x *needle) bool {
	for _, c := range q.chunks {
		for _, nd := range c.nodes {
			if nd.lp.find(lpHeader, x, 0) >= 0 {
				return true
			}
		}
	}
	return false
}

// removeEqual removes up to max elements that are x, from the tail when reverse, and tells how many.
func (q *quicklist) removeEqual(x *needle, max int, reverse bool) (removed int) {
	if q.n == 0 {
		return 0
	}
	p := q.first()
	if reverse {
		p = q.last()
	}
	for ok := true; ok && removed < max; {
		emptied := false
		if lp := q.node(p).lp; lp.find(lpHeader, x, 0) >= 0 {
			lp, n := lpRemoveEqual(q.own(p), x, max-removed, reverse)
			q.store(p, lp)
			removed += n
			emptied = lp.len() == 0
		}
		here := p
		switch {
		case reverse:
			if p, ok = q.prev(p); emptied {
				q.removeNode(here)
			}
		case emptied:
			p = q.removeNode(p)
			ok = p.chunk < len(q.chunks)
		default:
			p, ok = q.next(p)
		}
	}
	return removed
}

// The object in a record.

func (q *quicklist) memory() int64 { return int64(unsafe.Sizeof(*q)) + q.bytes }

func (q *quicklist) clone() object {
	c := &quicklist{}
	for _, chunk := range q.chunks {
		for _, nd := range chunk.nodes {
			at := listPos{}
			if len(c.chunks) > 0 {
				at = c.last()
				at.node++
			}
			c.addNode(at, append(listpack(nil), nd.lp...))
		}
	}
	return c
}

// listFreeze is a list at the cut: its nodes in order, those before next being emitted.
type listFreeze struct {
	p     *pending
	nodes []listpack
	next  int
	items Items
}

func (q *quicklist) freeze(p *pending) {
	q.epoch++
	q.frozen = &listFreeze{p: p, nodes: make([]listpack, 0, q.parts())}
	for _, c := range q.chunks {
		for _, nd := range c.nodes {
			q.frozen.nodes = append(q.frozen.nodes, nd.lp)
		}
	}
}

func (q *quicklist) emitNext(p *pending) (more bool) {
	f := q.frozen
	if f == nil {
		return false
	}
	packedItems(&f.items, List, EncListpack, f.nodes[f.next])
	f.nodes[f.next] = nil
	f.next++
	if more = f.next < len(f.nodes); !more {
		q.frozen = nil
	}
	p.part(&f.items, !more)
	return more
}

func (q *quicklist) thaw(*pending) { q.frozen = nil }

func (q *quicklist) parts() (n int) {
	for i := range q.chunks {
		n += len(q.chunks[i].nodes)
	}
	return n
}
