package keyspace

// StreamRecord is a part of a stream in a snapshot. They come in an order in which the stream can be made anew: entries, state, then each
// group followed by its consumers, each of them followed by what it has pending.
type StreamRecord struct {
	Kind      StreamRecordKind
	ID        StreamID // of an entry, of a pending one; the last ID of the stream or a group
	Fields    [][]byte // of an entry: fields and values in turn
	Entries   int      // of the stream
	First     StreamID // of its entries
	Groups    int
	Added     uint64   // to the stream
	Deleted   StreamID // the stream's largest
	Group     string
	Read      int64 // by the group
	Consumer  string
	Pending   int // of the consumer, or the group
	Seen      int64
	Active    int64
	Consumers int // of the group
	Delivery  Delivery
}

// StreamRecordKind is what a StreamRecord tells of.
type StreamRecordKind uint8

// The kinds of records.
const (
	StreamEntryRecord StreamRecordKind = iota
	StreamStateRecord
	StreamGroupRecord
	StreamConsumerRecord
	StreamPendingRecord
)

// streamFreeze is a stream at the cut; what was emitted of it is forgotten.
type streamFreeze struct {
	p      *pending
	nodes  []*streamNode
	state  StreamRecord
	stated bool
	groups []frozenGroup
	src    streamSource
	items  Items
}

type frozenGroup struct {
	record    StreamRecord
	begun     bool
	consumers []frozenConsumer
}

type frozenConsumer struct {
	record StreamRecord
	begun  bool
	chunks []*pendingChunk[Delivery]
}

func (s *stream) freeze(p *pending) {
	s.epoch++
	f := &streamFreeze{p: p, nodes: append([]*streamNode(nil), s.nodes...)}
	f.state = StreamRecord{Kind: StreamStateRecord, ID: s.last, Entries: s.n, First: s.first, Added: s.added,
		Deleted: s.deleted, Groups: len(s.groups)}
	f.groups = make([]frozenGroup, len(s.groups))
	for i, g := range s.groups {
		to := &f.groups[i]
		to.record = StreamRecord{Kind: StreamGroupRecord, ID: g.last, Group: g.name, Read: g.read, Pending: g.pending.n, Consumers: len(g.consumers)}
		to.consumers = make([]frozenConsumer, len(g.consumers))
		for k, c := range g.consumers {
			to.consumers[k] = frozenConsumer{
				record: StreamRecord{Kind: StreamConsumerRecord, Group: g.name, Consumer: c.name, Pending: c.pending.n, Seen: c.seen, Active: c.active},
				chunks: append([]*pendingChunk[Delivery](nil), c.pending.chunks...),
			}
		}
	}
	s.frozen = f
}

// copied tells the snapshot of bytes that were copied for it.
func (s *stream) copied(n int64) {
	if p := s.frozen.p; p.snap != nil {
		p.snap.copied += n
	}
}

func (s *stream) thaw(*pending) { s.frozen = nil }

func (s *stream) parts() int { return len(s.nodes) }

// emitNext emits a node, a chunk of pending entries, or a record of the rest.
func (s *stream) emitNext(p *pending) (more bool) {
	f := s.frozen
	if f == nil {
		return false
	}
	f.src = streamSource{words: f.src.words}
	n := 1
	switch {
	case len(f.nodes) > 0:
		nd := f.nodes[0]
		f.nodes[0] = nil
		f.nodes = f.nodes[1:]
		f.src.nd, f.src.at, n = nd, nd.begin(), nd.live()
	case !f.stated:
		f.stated, f.src.record = true, f.state
	default:
		n = f.emitGroups()
	}
	f.items = Items{n: n, src: &f.src}
	if more = len(f.nodes) > 0 || !f.stated || len(f.groups) > 0; !more {
		s.frozen = nil
	}
	p.part(&f.items, !more)
	return more
}

// emitGroups makes src the next records of groups, which are n.
func (f *streamFreeze) emitGroups() (n int) {
	g := &f.groups[0]
	if !g.begun {
		g.begun, f.src.record = true, g.record
		if len(g.consumers) == 0 {
			f.groups = f.groups[1:]
		}
		return 1
	}
	c := &g.consumers[0]
	n = 1
	if !c.begun {
		c.begun, f.src.record = true, c.record
	} else {
		f.src.record = c.record
		f.src.record.Kind = StreamPendingRecord
		f.src.pending, n = c.chunks[0].items, len(c.chunks[0].items)
		c.chunks[0] = nil
		c.chunks = c.chunks[1:]
	}
	if len(c.chunks) == 0 {
		if g.consumers = g.consumers[1:]; len(g.consumers) == 0 {
			f.groups = f.groups[1:]
		}
	}
	return n
}

// streamSource gives the entries of a node, pending entries, or one record.
type streamSource struct {
	record  StreamRecord
	nd      *streamNode
	at      streamCursor
	pending []pendingItem[Delivery]
	done    bool
	words   words
}

func (src *streamSource) nextItem(it *Items) bool {
	it.record = &src.record
	switch {
	case src.nd != nil:
		for src.nd.next(&src.at) {
			if !src.at.deleted() {
				src.record = StreamRecord{Kind: StreamEntryRecord, ID: src.at.id, Fields: src.words.entry(src.nd, &src.at)}
				return true
			}
		}
		return false
	case src.record.Kind == StreamPendingRecord:
		if len(src.pending) == 0 {
			return false
		}
		src.record.ID, src.record.Delivery = src.pending[0].id, src.pending[0].v
		src.pending = src.pending[1:]
		return true
	}
	more := !src.done
	src.done = true
	return more
}
