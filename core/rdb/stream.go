package rdb

import (
	"encoding/binary"
	"math"
	"sort"

	"tabdis/core/keyspace"
)

// A stream. IDs are two lengths, or 16 bytes big endian where there are many; times are Unix ms in 64 bits.
//
//	length n | n × (string: first ID in 16 bytes | string: a node's listpack, drawn in core/keyspace)
//	entries length | last ID
//	first ID | largest deleted ID | entries added length                          since type 19
//	groups length n | n × group
//
//	group:    name string | last ID | entries read length (type 19; 2^64-1: unknown)
//	          length n | n × (16 bytes of ID | time | deliveries length)          all that is pending
//	          consumers length n | n × consumer
//	consumer: name string | seen | active (type 21) | length n | n × 16 bytes of ID
//
// What is pending stands in no order; each ID stands with exactly one consumer.

func appendStreamID(dst []byte, id keyspace.StreamID) []byte {
	return AppendLength(AppendLength(dst, id.Ms), id.Seq)
}

func appendRawID(dst []byte, id keyspace.StreamID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, id.Ms), id.Seq)
}

// appendNode appends a node with its first ID.
func appendNode(dst []byte, first keyspace.StreamID, lp []byte, o Options) []byte {
	return AppendString(appendRawID(append(dst, 16), first), lp, o.Compress)
}

// appendState appends what follows the nodes.
func appendState(dst []byte, r *keyspace.StreamRecord) []byte {
	dst = AppendLength(dst, uint64(r.Entries))
	dst = appendStreamID(dst, r.ID)
	dst = appendStreamID(appendStreamID(dst, r.First), r.Deleted)
	return AppendLength(AppendLength(dst, r.Added), uint64(r.Groups))
}

// appendGroup appends a group, up to how many of the entries it was given are pending.
func appendGroup(dst []byte, r *keyspace.StreamRecord) []byte {
	dst = appendStreamID(AppendString(dst, []byte(r.Group), false), r.ID)
	return AppendLength(AppendLength(dst, uint64(r.Read)), uint64(r.Pending))
}

func appendPending(dst []byte, id keyspace.StreamID, d keyspace.Delivery) []byte {
	dst = append64(appendRawID(dst, id), uint64(d.Time))
	return AppendLength(dst, d.Count)
}

// appendConsumer appends a consumer, up to how many entries it has pending.
func appendConsumer(dst []byte, r *keyspace.StreamRecord, o Options) []byte {
	dst = AppendString(dst, []byte(r.Consumer), false)
	dst = append64(dst, uint64(r.Seen))
	if o.Version >= 11 {
		dst = append64(dst, uint64(r.Active))
	}
	return AppendLength(dst, uint64(r.Pending))
}

// appendStream appends the stream v as TypeStream2, or since version 11 as TypeStream3.
func appendStream(dst []byte, v *keyspace.StreamValue, o Options) []byte {
	dst = AppendLength(dst, uint64(v.Nodes()))
	v.EachNode(func(first keyspace.StreamID, lp []byte) { dst = o.spill(appendNode(dst, first, lp, o)) })
	dst = appendState(dst, &keyspace.StreamRecord{Entries: v.Len(), ID: v.LastID(), First: v.FirstID(), Deleted: v.MaxDeletedID(),
		Added: v.EntriesAdded(), Groups: v.Groups()})
	for i := range v.Groups() {
		g := v.GroupAt(i)
		dst = appendGroup(dst, &keyspace.StreamRecord{Group: g.Name(), ID: g.LastID(), Read: g.EntriesRead(), Pending: g.Pending()})
		g.EachPending(keyspace.StreamID{}, func(id keyspace.StreamID, c keyspace.StreamConsumer) bool {
			dst = o.spill(appendPending(dst, id, c.Delivery(id)))
			return true
		})
		dst = AppendLength(dst, uint64(g.Consumers()))
		for k := range g.Consumers() {
			c := g.ConsumerAt(k)
			dst = appendConsumer(dst, &keyspace.StreamRecord{Consumer: c.Name(), Seen: c.SeenAt(), Active: c.ActiveAt(), Pending: c.Pending()}, o)
			c.EachPending(keyspace.StreamID{}, func(id keyspace.StreamID, _ keyspace.Delivery) bool {
				dst = o.spill(appendRawID(dst, id))
				return true
			})
		}
	}
	return dst
}

// streamReader reads a stream. Its methods give zeros once something was wrong.
type streamReader struct {
	*Reader
	t   Type
	err error
}

func (s *streamReader) fail() { s.err = ErrFormat }

func (s *streamReader) length() (n uint64) {
	if s.err == nil {
		n, s.err = s.Length()
	}
	return n
}

func (s *streamReader) text(slot int) (b []byte) {
	if s.err == nil {
		b, s.err = s.Reader.text(slot)
	}
	return b
}

func (s *streamReader) id() keyspace.StreamID {
	ms := s.length()
	return keyspace.StreamID{Ms: ms, Seq: s.length()}
}

func rawID(b []byte) keyspace.StreamID {
	return keyspace.StreamID{Ms: binary.BigEndian.Uint64(b), Seq: binary.BigEndian.Uint64(b[8:])}
}

func (s *streamReader) rawID() (id keyspace.StreamID) {
	if s.err == nil {
		var b []byte
		if b, s.err = s.take(16); s.err == nil {
			id = rawID(b)
		}
	}
	return id
}

func (s *streamReader) time() (ms int64) {
	if s.err == nil {
		var b []byte
		if b, s.err = s.take(8); s.err == nil {
			ms = int64(binary.LittleEndian.Uint64(b))
		}
	}
	return ms
}

// stream reads a stream into v, which is new. What commands could not have made is damage: the log could not be written anew from it.
func (r *Reader) stream(v *keyspace.StreamValue, t Type) error {
	s := &streamReader{Reader: r, t: t}
	for n := s.length(); n > 0 && s.err == nil; n-- {
		if b := s.text(0); len(b) != 16 {
			s.fail()
		} else if first, lp := rawID(b), s.text(1); s.err == nil {
			s.err = v.LoadNode(first, lp)
		}
	}
	entries, last := s.length(), s.id()
	deleted, added := keyspace.StreamID{}, entries
	if t != TypeStream {
		s.id() // the first; the nodes tell it
		deleted = s.id()
		added = s.length()
	}
	if entries != uint64(v.Len()) || added < entries || added > math.MaxInt64 || last.Less(v.LastID()) || last.Less(deleted) {
		s.fail()
	}
	if s.err == nil {
		v.SetID(last, added, deleted)
	}
	for n := s.length(); n > 0 && s.err == nil; n-- {
		s.group(v)
	}
	return s.err
}

// pendingEntry is an entry that a group has given, before its consumer is known.
type pendingEntry struct {
	id    keyspace.StreamID
	d     keyspace.Delivery
	taken bool
}

func (s *streamReader) group(v *keyspace.StreamValue) {
	name := s.text(0)
	last := s.id()
	read := v.ReadUpTo(last)
	if s.t != TypeStream {
		read = int64(s.length())
	}
	if s.err == nil && (read < keyspace.UnknownRead || !v.CreateGroup(name, last, read)) {
		s.fail()
	}
	if s.err != nil {
		return
	}
	g, _ := v.Group(name)
	var list []pendingEntry
	inOrder := true
	for n := s.length(); n > 0 && s.err == nil; n-- {
		e := pendingEntry{id: s.rawID()}
		e.d.Time = s.time()
		if e.d.Count = s.length(); e.d.Count > math.MaxInt64 || e.d.Time < 0 {
			s.fail()
		}
		inOrder = inOrder && (len(list) == 0 || list[len(list)-1].id.Less(e.id))
		list = append(list, e)
	}
	if !inOrder {
		sort.Slice(list, func(i, j int) bool { return list[i].id.Less(list[j].id) })
		for i := 1; i < len(list); i++ {
			if list[i-1].id == list[i].id {
				s.fail()
			}
		}
	}
	for n := s.length(); n > 0 && s.err == nil; n-- {
		s.consumer(g, list)
	}
	if g.Pending() != len(list) {
		s.fail()
	}
}

func (s *streamReader) consumer(g keyspace.StreamGroup, list []pendingEntry) {
	name := s.text(0)
	seen := s.time()
	active := seen // Redis's guess
	if s.t == TypeStream3 {
		active = s.time()
	}
	if s.err != nil {
		return
	}
	c, fresh := g.CreateConsumer(name, seen)
	if !fresh {
		s.fail()
		return
	}
	c.SetTimes(seen, active)
	for n := s.length(); n > 0 && s.err == nil; n-- {
		id := s.rawID()
		i := sort.Search(len(list), func(i int) bool { return !list[i].id.Less(id) })
		if s.err == nil && (i == len(list) || list[i].id != id || list[i].taken) {
			s.fail()
		}
		if s.err == nil {
			list[i].taken = true
			g.Give(id, c, list[i].d)
		}
	}
}
