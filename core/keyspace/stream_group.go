package keyspace

import (
	"sort"
	"unsafe"
)

// streamGroup is a group of consumers. What it has been given and has not acknowledged stands in pending with its consumer, and once
// more with that consumer, with time and count.
type streamGroup struct {
	name      string
	last      StreamID
	read      int64 // entries, or UnknownRead
	pending   pendingList[*streamConsumer]
	consumers []*streamConsumer // by name
}

type streamConsumer struct {
	name    string
	seen    int64
	active  int64
	pending pendingList[Delivery]
}

// Delivery is when an entry was last given to a consumer, in Unix ms, and how often.
type Delivery struct {
	Time  int64
	Count uint64
}

// UnknownRead is the number of entries that a group has read when nobody knows.
const UnknownRead int64 = -1

// StreamGroup is a group of a stream; the zero value is none. It is valid as long as the view is, and the group is there.
type StreamGroup struct {
	v *StreamValue
	g *streamGroup
}

// StreamConsumer is a consumer of a group; the zero value is none.
type StreamConsumer struct {
	v *StreamValue
	c *streamConsumer
}

func (g *streamGroup) memory() int64 {
	return blockOf(int(unsafe.Sizeof(*g))) + int64(unsafe.Sizeof(g)) + blockOf(len(g.name))
}

func (c *streamConsumer) memory() int64 {
	return blockOf(int(unsafe.Sizeof(*c))) + int64(unsafe.Sizeof(c)) + blockOf(len(c.name))
}

func (s *stream) findGroup(name []byte) (i int, found bool) {
	i = sort.Search(len(s.groups), func(i int) bool { return s.groups[i].name >= string(name) })
	return i, i < len(s.groups) && s.groups[i].name == string(name)
}

// Groups is the number of groups.
func (v *StreamValue) Groups() int { return len(v.s.groups) }

// GroupAt is group i, in the order of names.
func (v *StreamValue) GroupAt(i int) StreamGroup { return StreamGroup{v, v.s.groups[i]} }

// Group finds a group.
func (v *StreamValue) Group(name []byte) (StreamGroup, bool) {
	if i, ok := v.s.findGroup(name); ok {
		return StreamGroup{v, v.s.groups[i]}, true
	}
	return StreamGroup{}, false
}

// CreateGroup makes a group; false when there is one of this name.
func (v *StreamValue) CreateGroup(name []byte, last StreamID, read int64) bool {
	i, found := v.s.findGroup(name)
	if found {
		return false
	}
	v.change()
	g := &streamGroup{name: string(name), last: last, read: read}
	v.s.groups = append(v.s.groups, nil)
	copy(v.s.groups[i+1:], v.s.groups[i:])
	v.s.groups[i] = g
	v.s.bytes += g.memory()
	return true
}

// DestroyGroup removes a group with all its consumers; false when there is none.
func (v *StreamValue) DestroyGroup(name []byte) bool {
	i, found := v.s.findGroup(name)
	if !found {
		return false
	}
	v.change()
	s := v.s
	g := s.groups[i]
	for _, c := range g.consumers {
		c.pending.release(s)
		s.bytes -= c.memory()
	}
	g.pending.release(s)
	s.bytes -= g.memory()
	copy(s.groups[i:], s.groups[i+1:])
	s.groups[len(s.groups)-1] = nil
	if s.groups = s.groups[:len(s.groups)-1]; len(s.groups) == 0 {
		s.groups = nil
	}
	return true
}

// Name is its name.
func (g StreamGroup) Name() string { return g.g.name }

// LastID is the last entry that the group was given.
func (g StreamGroup) LastID() StreamID { return g.g.last }

// EntriesRead is how many entries of the stream the group has read, counting those it skipped, or UnknownRead.
func (g StreamGroup) EntriesRead() int64 { return g.g.read }

// SetID sets LastID and EntriesRead.
func (g StreamGroup) SetID(last StreamID, read int64) {
	g.v.change()
	g.g.last, g.g.read = last, read
}

// Pending is the number of entries that were given and not acknowledged.
func (g StreamGroup) Pending() int { return g.g.pending.n }

// EachPending calls fn with the pending entries from an ID on until it returns false. fn must not change them.
func (g StreamGroup) EachPending(from StreamID, fn func(id StreamID, c StreamConsumer) bool) {
	g.g.pending.each(from, func(id StreamID, c *streamConsumer) bool { return fn(id, StreamConsumer{g.v, c}) })
}

// PendingRange is the first and the last pending entry; there is one.
func (g StreamGroup) PendingRange() (first, last StreamID) {
	chunks := g.g.pending.chunks
	end := chunks[len(chunks)-1].items
	return chunks[0].items[0].id, end[len(end)-1].id
}

// Holder is the consumer that has entry id pending.
func (g StreamGroup) Holder(id StreamID) (StreamConsumer, bool) {
	c, ok := g.g.pending.get(id)
	return StreamConsumer{g.v, c}, ok
}

// Give makes entry id pending with c, and with no other.
func (g StreamGroup) Give(id StreamID, c StreamConsumer, d Delivery) {
	g.v.change()
	s := g.v.s
	if was, ok := g.g.pending.get(id); !ok || was != c.c {
		if ok {
			was.pending.remove(s, id)
		}
		g.g.pending.set(s, id, c.c)
	}
	c.c.pending.set(s, id, d)
}

// Ack takes entry id off; false when it is not pending.
func (g StreamGroup) Ack(id StreamID) bool {
	c, ok := g.g.pending.get(id)
	if !ok {
		return false
	}
	g.v.change()
	g.g.pending.remove(g.v.s, id)
	c.pending.remove(g.v.s, id)
	return true
}

func (g *streamGroup) find(name []byte) (i int, found bool) {
	i = sort.Search(len(g.consumers), func(i int) bool { return g.consumers[i].name >= string(name) })
	return i, i < len(g.consumers) && g.consumers[i].name == string(name)
}

// Consumers is the number of consumers.
func (g StreamGroup) Consumers() int { return len(g.g.consumers) }

// ConsumerAt is consumer i, in the order of names.
func (g StreamGroup) ConsumerAt(i int) StreamConsumer { return StreamConsumer{g.v, g.g.consumers[i]} }

// Consumer finds a consumer.
func (g StreamGroup) Consumer(name []byte) (StreamConsumer, bool) {
	if i, ok := g.g.find(name); ok {
		return StreamConsumer{g.v, g.g.consumers[i]}, true
	}
	return StreamConsumer{}, false
}

// CreateConsumer finds a consumer or makes it, as of a time in Unix ms.
func (g StreamGroup) CreateConsumer(name []byte, now int64) (c StreamConsumer, fresh bool) {
	i, found := g.g.find(name)
	if found {
		return StreamConsumer{g.v, g.g.consumers[i]}, false
	}
	g.v.change()
	n := &streamConsumer{name: string(name), seen: now, active: -1}
	g.g.consumers = append(g.g.consumers, nil)
	copy(g.g.consumers[i+1:], g.g.consumers[i:])
	g.g.consumers[i] = n
	g.v.s.bytes += n.memory()
	return StreamConsumer{g.v, n}, true
}

// DeleteConsumer removes a consumer and what it has pending; it tells how much that was, and false when there is no such consumer.
func (g StreamGroup) DeleteConsumer(name []byte) (pending int, ok bool) {
	i, found := g.g.find(name)
	if !found {
		return 0, false
	}
	g.v.change()
	s, c := g.v.s, g.g.consumers[i]
	pending = c.pending.n
	c.pending.each(StreamID{}, func(id StreamID, _ Delivery) bool {
		return g.g.pending.remove(s, id)
	})
	c.pending.release(s)
	s.bytes -= c.memory()
	copy(g.g.consumers[i:], g.g.consumers[i+1:])
	g.g.consumers[len(g.g.consumers)-1] = nil
	g.g.consumers = g.g.consumers[:len(g.g.consumers)-1]
	return pending, true
}

// Name is its name.
func (c StreamConsumer) Name() string { return c.c.name }

// SeenAt is when it last asked for anything, ActiveAt when it last got something, or -1; in Unix ms. The log keeps neither.
func (c StreamConsumer) SeenAt() int64 { return c.c.seen }

// ActiveAt is when it last got something, in Unix ms, or -1.
func (c StreamConsumer) ActiveAt() int64 { return c.c.active }

// See sets SeenAt, and with active ActiveAt.
func (c StreamConsumer) See(now int64, active bool) {
	if c.c.seen = now; active {
		c.c.active = now
	}
}

// Pending is the number of entries that it was given and has not acknowledged.
func (c StreamConsumer) Pending() int { return c.c.pending.n }

// Delivery tells of an entry that it has pending.
func (c StreamConsumer) Delivery(id StreamID) Delivery {
	d, _ := c.c.pending.get(id)
	return d
}

// EachPending calls fn with what it has pending from an ID on until it returns false. fn must not change it.
func (c StreamConsumer) EachPending(from StreamID, fn func(id StreamID, d Delivery) bool) {
	c.c.pending.each(from, fn)
}

func (g *streamGroup) clone(s *stream) *streamGroup {
	n := &streamGroup{name: g.name, last: g.last, read: g.read}
	s.bytes += n.memory()
	same := make(map[*streamConsumer]*streamConsumer, len(g.consumers))
	for _, c := range g.consumers {
		to := &streamConsumer{name: c.name, seen: c.seen, active: c.active}
		to.pending = c.pending.clone(s, func(d Delivery) Delivery { return d })
		s.bytes += to.memory()
		same[c] = to
		n.consumers = append(n.consumers, to)
	}
	n.pending = g.pending.clone(s, func(c *streamConsumer) *streamConsumer { return same[c] })
	return n
}

// Redeliver says that an entry that it has pending was given to it once more.
func (c StreamConsumer) Redeliver(id StreamID, now int64) {
	if d, ok := c.c.pending.get(id); ok {
		c.v.change()
		c.c.pending.set(c.v.s, id, Delivery{now, d.Count + 1})
	}
}
