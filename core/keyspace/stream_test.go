package keyspace

import (
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// streamModel is a stream as plain slices and maps.
type streamModel struct {
	entries              []modelEntry
	last, deleted, first StreamID
	added                uint64
	groups               map[string]*modelGroup
}

type modelEntry struct {
	id     StreamID
	fields string // joined by "|"
}

type modelGroup struct {
	last    StreamID
	read    int64
	pending map[StreamID]modelPending
	names   map[string]bool
}

type modelPending struct {
	who string
	d   Delivery
}

func (m *streamModel) clone() *streamModel {
	c := *m
	c.entries = slices.Clone(m.entries)
	c.groups = map[string]*modelGroup{}
	for name, g := range m.groups {
		n := &modelGroup{last: g.last, read: g.read, pending: map[StreamID]modelPending{}, names: map[string]bool{}}
		for id, p := range g.pending {
			n.pending[id] = p
		}
		for who := range g.names {
			n.names[who] = true
		}
		c.groups[name] = n
	}
	return &c
}

func (m *streamModel) find(id StreamID) (int, bool) {
	i := sort.Search(len(m.entries), func(i int) bool { return !m.entries[i].id.Less(id) })
	return i, i < len(m.entries) && m.entries[i].id == id
}

// readStream takes a stream apart by its view, forwards and backwards.
func readStream(t *testing.T, v *StreamValue) *streamModel {
	m := &streamModel{last: v.LastID(), deleted: v.MaxDeletedID(), first: v.FirstID(), added: v.EntriesAdded(), groups: map[string]*modelGroup{}}
	v.Range(StreamID{}, MaxStreamID, false, func(id StreamID, fields [][]byte) bool {
		m.entries = append(m.entries, modelEntry{id, joinFields(fields)})
		return true
	})
	var back []modelEntry
	v.Range(StreamID{}, MaxStreamID, true, func(id StreamID, fields [][]byte) bool {
		back = append(back, modelEntry{id, joinFields(fields)})
		return true
	})
	slices.Reverse(back)
	require.Equal(t, m.entries, back)
	require.Equal(t, len(m.entries), v.Len())
	for i := range v.Groups() {
		g := v.GroupAt(i)
		mg := &modelGroup{last: g.LastID(), read: g.EntriesRead(), pending: map[StreamID]modelPending{}, names: map[string]bool{}}
		held := 0
		for k := range g.Consumers() {
			c := g.ConsumerAt(k)
			mg.names[c.Name()] = true
			held += c.Pending()
			c.EachPending(StreamID{}, func(id StreamID, d Delivery) bool {
				mg.pending[id] = modelPending{c.Name(), d}
				return true
			})
		}
		seen := 0
		g.EachPending(StreamID{}, func(id StreamID, c StreamConsumer) bool {
			require.Equal(t, mg.pending[id].who, c.Name())
			seen++
			return true
		})
		require.Equal(t, []int{g.Pending(), g.Pending(), g.Pending()}, []int{held, seen, len(mg.pending)})
		m.groups[g.Name()] = mg
	}
	return m
}

func joinFields(fields [][]byte) string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = string(f)
	}
	return strings.Join(all, "|")
}

// checkStreamMemory counts the memory anew.
func checkStreamMemory(t *testing.T, s *stream) {
	var bytes int64
	live := 0
	for _, nd := range s.nodes {
		_, err := validateListpack(nd.lp)
		require.NoError(t, err)
		bytes += nd.memory()
		live += nd.live()
	}
	require.Equal(t, s.n, live)
	for _, g := range s.groups {
		bytes += g.memory()
		for _, c := range g.pending.chunks {
			require.NotEmpty(t, c.items)
			bytes += c.memory()
		}
		for _, c := range g.consumers {
			bytes += c.memory()
			for _, chunk := range c.pending.chunks {
				require.NotEmpty(t, chunk.items)
				bytes += chunk.memory()
			}
		}
	}
	require.Equal(t, bytes+blockOf(int(unsafe.Sizeof(*s))), s.memory())
}

// streamRecorder puts together what a snapshot emits of streams.
type streamRecorder struct {
	t      *testing.T
	m      map[string]*streamModel
	ended  map[string]bool
	stated map[string]int
	parts  int
}

func (w *streamRecorder) String(int, []byte, []byte, int64) { w.t.Fatal("no strings here") }
func (w *streamRecorder) Expired(int, []byte)               { w.t.Fatal("nothing expires here") }

func (w *streamRecorder) Part(_ int, key []byte, _ Type, it *Items, last bool, _ int64) {
	k := string(key)
	require.False(w.t, w.ended[k])
	w.ended[k] = last
	w.parts++
	m := w.m[k]
	if m == nil {
		m = &streamModel{groups: map[string]*modelGroup{}}
		w.m[k] = m
	}
	n := 0
	for ; it.Next(); n++ {
		switch r := it.Stream(); r.Kind {
		case StreamEntryRecord:
			m.entries = append(m.entries, modelEntry{r.ID, joinFields(r.Fields)})
		case StreamStateRecord:
			m.last, m.added, m.deleted = r.ID, r.Added, r.Deleted
			if len(m.entries) > 0 {
				m.first = m.entries[0].id
			}
			require.Equal(w.t, len(m.entries), r.Entries)
			w.stated[k]++
		case StreamGroupRecord:
			require.Equal(w.t, 1, w.stated[k])
			require.Nil(w.t, m.groups[r.Group])
			m.groups[r.Group] = &modelGroup{last: r.ID, read: r.Read, pending: map[StreamID]modelPending{}, names: map[string]bool{}}
		case StreamConsumerRecord:
			require.False(w.t, m.groups[r.Group].names[r.Consumer])
			m.groups[r.Group].names[r.Consumer] = true
		case StreamPendingRecord:
			g := m.groups[r.Group]
			require.True(w.t, g.names[r.Consumer])
			require.NotContains(w.t, g.pending, r.ID)
			g.pending[r.ID] = modelPending{r.Consumer, r.Delivery}
		}
	}
	require.Equal(w.t, it.Len(), n)
}

func openStream(db *DB, key string) *StreamValue {
	if e, ok := db.Find([]byte(key)); ok {
		return e.Stream()
	}
	return db.NewStream([]byte(key))
}

// change does something to a stream and its model.
func (m *streamModel) change(t *testing.T, r *rand.Rand, v *StreamValue) {
	id := func() StreamID {
		if len(m.entries) > 0 && r.IntN(4) > 0 {
			return m.entries[r.IntN(len(m.entries))].id
		}
		return StreamID{m.last.Ms - min(m.last.Ms, r.Uint64N(5)), r.Uint64N(4)}
	}
	switch op := r.IntN(20); {
	case op < 7:
		for range 1 + r.IntN(4) {
			m.add(r, v)
		}
	case op < 9:
		at := id()
		i, found := m.find(at)
		require.Equal(t, found, v.Has(at))
		require.Equal(t, found, v.Delete(at))
		if found {
			m.entries = slices.Delete(m.entries, i, i+1)
			if m.deleted.Less(at) {
				m.deleted = at
			}
		}
	case op == 9 && r.IntN(6) == 0:
		m.trim(t, r, v, id())
	case op == 10:
		v.SetID(m.last, m.added+3, m.deleted)
		m.added += 3
	default:
		m.changeGroup(t, r, v, id())
	}
	m.first = StreamID{}
	if len(m.entries) > 0 {
		m.first = m.entries[0].id
	} else {
		m.entries = nil // as of a stream that has none, for require.Equal
	}
}

func (m *streamModel) add(r *rand.Rand, v *StreamValue) {
	m.last.Seq++
	if r.IntN(3) == 0 {
		m.last = StreamID{m.last.Ms + r.Uint64N(300), m.last.Seq + r.Uint64N(200)}
	}
	fields := [][]byte{[]byte("field"), []byte(strconv.Itoa(r.IntN(1000) - 500))}
	for range r.IntN(3) {
		fields = append(fields, []byte(strconv.Itoa(r.IntN(3))), []byte(strings.Repeat("x", r.IntN(70))))
	}
	v.Append(m.last, fields)
	m.entries = append(m.entries, modelEntry{m.last, joinFields(fields)})
	m.added++
}

func (m *streamModel) trim(t *testing.T, r *rand.Rand, v *StreamValue, id StreamID) {
	trim := StreamTrim{ByID: r.IntN(2) == 0, MaxLen: int64(len(m.entries) - r.IntN(40)), MinID: id, Approx: r.IntN(2) == 0}
	trim.MaxLen = max(trim.MaxLen, 0)
	keep := 0
	if trim.ByID {
		keep, _ = m.find(id)
	} else {
		keep = max(len(m.entries)-int(trim.MaxLen), 0)
	}
	n := int(v.Trim(&trim))
	if trim.Approx {
		require.LessOrEqual(t, n, keep)
	} else {
		require.Equal(t, keep, n)
	}
	m.entries = m.entries[n:]
}

func (m *streamModel) changeGroup(t *testing.T, r *rand.Rand, v *StreamValue, id StreamID) {
	name, who := "g"+strconv.Itoa(r.IntN(3)), "c"+strconv.Itoa(r.IntN(4))
	g, ok := v.Group([]byte(name))
	mg := m.groups[name]
	require.Equal(t, mg != nil, ok)
	switch op := r.IntN(40); {
	case !ok:
		require.True(t, v.CreateGroup([]byte(name), id, UnknownRead))
		m.groups[name] = &modelGroup{last: id, read: UnknownRead, pending: map[StreamID]modelPending{}, names: map[string]bool{}}
	case op == 0:
		require.True(t, v.DestroyGroup([]byte(name)))
		delete(m.groups, name)
	case op == 1:
		pending, ok := g.DeleteConsumer([]byte(who))
		require.Equal(t, mg.names[who], ok)
		delete(mg.names, who)
		for id, p := range mg.pending {
			if p.who == who {
				delete(mg.pending, id)
				pending--
			}
		}
		require.Zero(t, pending)
	case op == 2:
		g.SetID(id, 5)
		mg.last, mg.read = id, 5
	case op < 12:
		_, had := mg.pending[id]
		require.Equal(t, had, g.Ack(id))
		delete(mg.pending, id)
	default:
		c, fresh := g.CreateConsumer([]byte(who), 1)
		require.Equal(t, !mg.names[who], fresh)
		mg.names[who] = true
		for range 1 + r.IntN(30) {
			d := Delivery{r.Int64N(1000), r.Uint64N(5)}
			g.Give(id, c, d)
			mg.pending[id] = modelPending{who, d}
			id.Seq += r.Uint64N(3)
		}
	}
}

func TestStreamAgainstModel(t *testing.T) {
	r := testRand(t)
	for _, entries := range []int{1, 3, 100, 0} {
		ks := New(Options{Seed: r.Uint64()})
		ks.Limits.StreamNodeMaxEntries, ks.Limits.StreamNodeMaxBytes = entries, 700
		db := ks.DB(0)
		m := &streamModel{groups: map[string]*modelGroup{}}
		var w *streamRecorder
		var snap *Snapshot
		var cut *streamModel
		for step := range 3000 {
			v := openStream(db, "s")
			m.change(t, r, v)
			v.Commit()
			ks.ReleaseViews()
			if step%50 == 0 {
				require.Equal(t, m, readStream(t, openStream(db, "s")))
				checkStreamMemory(t, openStream(db, "s").s)
			}
			switch {
			case snap == nil:
				w = &streamRecorder{t: t, m: map[string]*streamModel{}, ended: map[string]bool{}, stated: map[string]int{}}
				cut = m.clone()
				snap = ks.Cut(w, func() int64 { return 0 })
			case r.IntN(4) == 0:
				if r.IntN(200) == 0 {
					snap.Cancel()
					snap = nil
				} else if snap.Step(func() bool { return false }) {
					require.Equal(t, cut, w.m["s"], "step %d", step)
					require.True(t, w.ended["s"])
					snap = nil
				}
			}
		}
	}
}

func TestStreamCopyIsItsOwn(t *testing.T) {
	r := testRand(t)
	ks := New(Options{Seed: 1})
	ks.Limits.StreamNodeMaxEntries = 5
	db := ks.DB(0)
	m := &streamModel{groups: map[string]*modelGroup{}}
	for range 500 {
		v := openStream(db, "s")
		m.change(t, r, v)
		v.Commit()
	}
	db.Copy([]byte("s"), db, []byte("copy"))
	copied := m.clone()
	db.Rename([]byte("s"), db, []byte("t"))
	for range 300 {
		v := openStream(db, "t")
		m.change(t, r, v)
		v.Commit()
	}
	require.Equal(t, m, readStream(t, openStream(db, "t")))
	require.Equal(t, copied, readStream(t, openStream(db, "copy")))
	checkStreamMemory(t, openStream(db, "copy").s)
	db.Delete([]byte("t"))
	db.Delete([]byte("copy"))
	require.Zero(t, db.Len())
}

// A stream that goes or moves while it is being emitted is emitted all the same.
func TestStreamIsEmittedThoughItsKeyGoes(t *testing.T) {
	r := testRand(t)
	for _, after := range []func(db *DB){
		func(db *DB) { db.Delete([]byte("s")) },
		func(db *DB) { db.Rename([]byte("s"), db, []byte("x")) },
		func(db *DB) { db.Flush() },
		func(db *DB) { db.Copy([]byte("s"), db, []byte("x")) },
	} {
		ks := New(Options{Seed: 1})
		ks.Limits.StreamNodeMaxEntries = 5
		db := ks.DB(0)
		m := &streamModel{groups: map[string]*modelGroup{}}
		for range 500 {
			v := openStream(db, "s")
			m.change(t, r, v)
			v.Commit()
		}
		w := &streamRecorder{t: t, m: map[string]*streamModel{}, ended: map[string]bool{}, stated: map[string]int{}}
		snap := ks.Cut(w, func() int64 { return 0 })
		cut := m.clone()
		snap.Step(func() bool { return w.parts < 4 })
		after(db)
		for range 50 {
			for _, key := range []string{"s", "x"} {
				if e, ok := db.Find([]byte(key)); ok {
					v := e.Stream()
					v.Append(StreamID{1 << 40, v.EntriesAdded() + v.LastID().Seq + 1}, [][]byte{[]byte("a"), []byte("b")})
					v.Commit()
				}
			}
		}
		for !snap.Step(func() bool { return true }) {
		}
		require.Equal(t, cut, w.m["s"])
	}
}

// The tree of the nodes' IDs has as many nodes as Redis's; the figures are a redis-server's.
func TestTreeNodes(t *testing.T) {
	ks := New(Options{Seed: 1})
	ks.Limits.StreamNodeMaxEntries = 1
	v := ks.DB(0).NewStream([]byte("s"))
	require.Equal(t, 1, v.TreeNodes())
	for _, step := range []struct {
		id    StreamID
		nodes int
	}{{StreamID{1, 1}, 2}, {StreamID{1, 2}, 4}, {StreamID{1, 256}, 7}} {
		v.Append(step.id, [][]byte{[]byte("a"), []byte("b")})
		require.Equal(t, step.nodes, v.TreeNodes())
	}
}

func TestStreamIDs(t *testing.T) {
	next, ok := StreamID{5, 1<<64 - 1}.Next()
	require.True(t, ok)
	require.Equal(t, StreamID{6, 0}, next)
	_, ok = MaxStreamID.Next()
	require.False(t, ok)
	prev, ok := next.Prev()
	require.True(t, ok)
	require.Equal(t, StreamID{5, 1<<64 - 1}, prev)
	_, ok = StreamID{}.Prev()
	require.False(t, ok)
}
