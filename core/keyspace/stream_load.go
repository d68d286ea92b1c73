package keyspace

// Streams in the form in which they travel, as packed.go has it for other collections.

// EachNode calls fn with the first ID and the listpack of each node, in order.
func (v *StreamValue) EachNode(fn func(first StreamID, lp []byte)) {
	for _, nd := range v.s.nodes {
		fn(nd.master, nd.lp)
	}
}

// LoadNode puts a node from outside behind those that a new stream has; its last entry is the stream's last.
func (v *StreamValue) LoadNode(first StreamID, b []byte) error {
	s := v.s
	lp, _, err := readListpack(b)
	if err != nil || len(s.nodes) > 0 && !s.last.Less(first) {
		return ErrDamaged
	}
	nd := &streamNode{master: first, lp: append(listpack(nil), lp...)}
	last, ok := nd.check()
	if !ok || last == (StreamID{}) {
		return ErrDamaged
	}
	v.change()
	s.addNode(nd)
	s.last = last
	if s.n += nd.live(); s.first == (StreamID{}) {
		s.setFirst()
	}
	return nil
}

// check tells whether the listpack is a node: one that all else here can walk through. Its entries have fields, and their IDs grow.
func (nd *streamNode) check() (last StreamID, ok bool) {
	c := nodeCheck{lp: nd.lp, p: lpHeader}
	live, dead, shared := c.int(), c.int(), c.count()
	c.skip(shared)
	if c.int() != 0 || live < 1 || dead < 0 {
		return last, false
	}
	for !c.bad && c.p < c.lp.end() {
		flags := c.int()
		id := StreamID{nd.master.Ms + uint64(c.int()), nd.master.Seq + uint64(c.int())}
		back := 3 + shared
		if flags&streamSameFields != 0 {
			c.skip(shared)
		} else {
			n := c.count()
			c.skip(2 * n)
			back = 4 + 2*n
		}
		if c.int() != back || flags&^(streamDeleted|streamSameFields) != 0 || id.Less(nd.master) || last != (StreamID{}) && !last.Less(id) || id == (StreamID{}) {
			return last, false
		}
		last = id
		if flags&streamDeleted != 0 {
			dead--
		} else {
			live--
		}
	}
	return last, !c.bad && live == 0 && dead == 0
}

// nodeCheck takes the elements of a listpack one after another; bad: one is missing, or not what was asked for.
type nodeCheck struct {
	lp  listpack
	p   int
	bad bool
}

func (c *nodeCheck) int() int64 {
	if c.bad = c.bad || c.p >= c.lp.end(); c.bad {
		return -1
	}
	_, n, isInt := c.lp.value(c.p)
	c.bad = !isInt
	c.p = c.lp.next(c.p)
	return n
}

// count is a number of fields: at least one, and not more than there can be.
func (c *nodeCheck) count() int64 {
	n := c.int()
	c.bad = c.bad || n < 1 || n > int64(len(c.lp))
	return n
}

func (c *nodeCheck) skip(n int64) {
	for ; n > 0 && !c.bad; n-- {
		if c.bad = c.p >= c.lp.end(); !c.bad {
			c.p = c.lp.next(c.p)
		}
	}
}

// ReadUpTo is how many entries were added up to id, or UnknownRead.
func (v *StreamValue) ReadUpTo(id StreamID) int64 { return v.s.readUpTo(id) }

// SetTimes sets SeenAt and ActiveAt.
func (c StreamConsumer) SetTimes(seen, active int64) { c.c.seen, c.c.active = seen, active }
