package crash

import (
	"slices"
	"strconv"
	"strings"
)

// streamValue is a stream whose IDs are all 1-n, with a group g or none. It is never changed once it stands in a history.
type streamValue struct {
	seqs    []int
	fields  map[int]string
	next    int // the n of the next entry
	last    bool
	added   int
	deleted int // the largest n that was deleted, or -1
	group   *streamGroup
}

type streamGroup struct {
	last      int // the largest n that was given, or -1
	consumers []string
	pending   []streamPending
}

type streamPending struct {
	seq      int
	consumer string
	time     int64
	count    int
}

func streamID(n int) string {
	if n < 0 {
		return "0-0"
	}
	return "1-" + strconv.Itoa(n)
}

func (s *streamValue) copy() *streamValue {
	if s == nil {
		return &streamValue{deleted: -1}
	}
	c := *s
	c.seqs = slices.Clone(s.seqs)
	if s.group != nil {
		g := *s.group
		g.consumers, g.pending = slices.Clone(g.consumers), slices.Clone(g.pending)
		c.group = &g
	}
	return &c
}

// lastID is what was ever added last.
func (s *streamValue) lastID() string {
	if !s.last {
		return "0-0"
	}
	return streamID(s.next - 1)
}

func (s *streamValue) text(b *strings.Builder) {
	if s == nil {
		return
	}
	for _, n := range s.seqs {
		b.WriteString(streamID(n) + "=" + s.fields[n] + "|")
	}
	b.WriteString(" last " + s.lastID() + " added " + strconv.Itoa(s.added) + " deleted " + streamID(s.deleted))
	if g := s.group; g != nil {
		b.WriteString(" group " + streamID(g.last) + " of " + strings.Join(g.consumers, ","))
		for _, p := range g.pending {
			b.WriteString(" " + streamID(p.seq) + "@" + p.consumer + " at " + strconv.FormatInt(p.time, 10) + " x" + strconv.Itoa(p.count))
		}
	}
}

// stream executes what is about a stream; there tells whether it is there.
func (s *state) stream(keys map[string]value, now int64, words []string) (reply string, changed bool) {
	at := 1
	switch words[0] {
	case "XGROUP":
		at = 2
	case "XREADGROUP":
		at = 7
	}
	key := words[at]
	v, there := keys[key]
	if !there && words[0] != "XADD" && words[0] != "XGROUP" {
		return missingStream(words[0]), false
	}
	x := v.stream.copy()
	switch words[0] {
	case "XADD":
		reply, changed = x.add(words)
	case "XDEL":
		reply, changed = x.remove(seqOf(words[2]))
	case "XGROUP":
		if x.group != nil {
			return "-BUSYGROUP Consumer Group name already exists\r\n", false
		}
		x.group = &streamGroup{last: -1}
		reply, changed = ok, true
	case "XACK":
		if reply = integer(0); x.group != nil {
			reply, changed = x.group.ack(seqOf(words[3]))
		}
	default:
		if x.group == nil {
			return missingStream(words[0]), false
		}
		if words[0] == "XREADGROUP" {
			changed = x.give(words[3], now)
		} else {
			changed = x.claim(words[3], now)
		}
	}
	v.stream = x
	keys[key] = v
	return reply, changed
}

func missingStream(name string) string {
	if name == "XDEL" || name == "XACK" {
		return integer(0)
	}
	return "" // NOGROUP
}

func seqOf(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "1-"))
	return n
}

func (s *streamValue) add(words []string) (string, bool) {
	fields := make(map[int]string, len(s.seqs)+1)
	for _, n := range s.seqs {
		fields[n] = s.fields[n]
	}
	fields[s.next] = words[len(words)-1]
	s.fields = fields
	s.seqs = append(s.seqs, s.next)
	if words[2] == "MAXLEN" {
		s.seqs = s.seqs[max(0, len(s.seqs)-3):]
	}
	s.next, s.added, s.last = s.next+1, s.added+1, true
	return bulk(s.lastID()), true
}

func (s *streamValue) remove(n int) (string, bool) {
	i, found := slices.BinarySearch(s.seqs, n)
	if !found {
		return integer(0), false
	}
	s.seqs, s.deleted = slices.Delete(s.seqs, i, i+1), max(s.deleted, n)
	return integer(1), true
}

func (g *streamGroup) ack(n int) (string, bool) {
	was := len(g.pending)
	g.pending = slices.DeleteFunc(g.pending, func(p streamPending) bool { return p.seq == n })
	return integer(was - len(g.pending)), len(g.pending) < was
}

// consumer makes a consumer if need be; it tells whether that was needed.
func (g *streamGroup) consumer(name string) bool {
	i, found := slices.BinarySearch(g.consumers, name)
	if !found {
		g.consumers = slices.Insert(g.consumers, i, name)
	}
	return !found
}

func (s *streamValue) give(consumer string, now int64) (changed bool) {
	changed = s.group.consumer(consumer)
	n := 0
	for _, seq := range s.seqs {
		if seq > s.group.last && n < 2 {
			s.group.last = seq
			s.group.pending = append(s.group.pending, streamPending{seq, consumer, now, 1})
			n++
		}
	}
	return changed || n > 0
}

func (s *streamValue) claim(consumer string, now int64) (changed bool) {
	g := s.group
	changed = g.consumer(consumer)
	var left []streamPending
	for i, p := range g.pending {
		if i >= 3 {
			left = append(left, p)
			continue
		}
		if _, there := slices.BinarySearch(s.seqs, p.seq); there {
			p.consumer, p.time = consumer, now
			left = append(left, p)
		}
		changed = true
	}
	g.pending = left
	return changed
}

// readStream asks for all there is of a stream.
func readStream(ask func(words ...string) []string, key string, now int64) *streamValue {
	x := &streamValue{fields: map[int]string{}, deleted: -1}
	entries := ask("XRANGE", key, "-", "+")
	for i := 0; i+2 < len(entries); i += 3 {
		n := seqOf(entries[i])
		x.seqs, x.fields[n] = append(x.seqs, n), entries[i+2]
	}
	info := ask("XINFO", "STREAM", key)
	if last := after(info, "last-generated-id"); last != "0-0" {
		x.next, x.last = seqOf(last)+1, true
	}
	x.added, _ = strconv.Atoi(after(info, "entries-added"))
	if id := after(info, "max-deleted-entry-id"); id != "0-0" {
		x.deleted = seqOf(id)
	}
	groups := ask("XINFO", "GROUPS", key)
	if len(groups) == 0 {
		return x
	}
	x.group = &streamGroup{last: -1}
	if id := after(groups, "last-delivered-id"); id != "0-0" {
		x.group.last = seqOf(id)
	}
	consumers := ask("XINFO", "CONSUMERS", key, "g")
	for i, w := range consumers {
		if w == "name" {
			x.group.consumers = append(x.group.consumers, consumers[i+1])
		}
	}
	pending := ask("XPENDING", key, "g", "-", "+", "1000")
	for i := 0; i+3 < len(pending); i += 4 {
		idle, _ := strconv.ParseInt(pending[i+2], 10, 64)
		count, _ := strconv.Atoi(pending[i+3])
		x.group.pending = append(x.group.pending, streamPending{seqOf(pending[i]), pending[i+1], now - idle, count})
	}
	return x
}

// after is the word behind a name.
func after(words []string, name string) string {
	if i := slices.Index(words, name); i >= 0 {
		return words[i+1]
	}
	return ""
}
