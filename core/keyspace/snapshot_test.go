package keyspace

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modelValue is a value as plain Go.
type modelValue struct {
	t       Type
	expires int64
	text    string            // of a string
	list    []string          // of a list
	pairs   map[string]string // members of a set, hash or sorted set, with value or score
}

func (v *modelValue) copy() *modelValue {
	c := *v
	c.list, c.pairs = slices.Clone(v.list), maps.Clone(v.pairs)
	return &c
}

type modelDB map[string]*modelValue

// world is a keyspace and its model, both changed by the same random commands.
type world struct {
	t    *testing.T
	r    *rand.Rand
	ks   *Keyspace
	dbs  []modelDB
	now  int64
	keys int

	shrinking bool // most changes are deletes

	snap *Snapshot
	cut  []modelDB // the model at the cut
	got  []modelDB
	last []map[string]bool // complete, or expired
	late [][2]string       // what Expired named, to be removed at the end of the turn
}

func newWorld(t *testing.T, seed, mask uint64) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 4)), ks: New(Options{Databases: 3, Seed: seed}), now: 1000, keys: 120}
	w.ks.space.mask = mask
	w.ks.Limits.HashMaxListpackEntries = 10
	w.ks.Limits.SetMaxIntsetEntries = 10
	w.ks.Limits.SetMaxListpackEntries = 10
	w.ks.Limits.ZSetMaxListpackEntries = 10
	w.ks.Limits.ListMaxListpackSize = 8
	for range 3 {
		w.dbs = append(w.dbs, modelDB{})
	}
	return w
}

func copyModel(dbs []modelDB) []modelDB {
	out := make([]modelDB, len(dbs))
	for i, db := range dbs {
		out[i] = modelDB{}
		for k, v := range db {
			out[i][k] = v.copy()
		}
	}
	return out
}

func (w *world) beginSnapshot() {
	w.cut = copyModel(w.dbs)
	w.got, w.last = nil, nil
	for range w.dbs {
		w.got, w.last = append(w.got, modelDB{}), append(w.last, map[string]bool{})
	}
	w.snap = w.ks.Cut(w, func() int64 { return w.now })
}

func (w *world) String(db int, key, val []byte, expires int64) {
	require.False(w.t, w.last[db][string(key)], "emitted twice: %q", key)
	w.last[db][string(key)] = true
	w.got[db][string(key)] = &modelValue{t: String, text: string(val), expires: expires}
}

func (w *world) Part(db int, key []byte, t Type, items *Items, last bool, expires int64) {
	k := string(key)
	require.False(w.t, w.last[db][k], "emitted after the last part: %q", key)
	w.last[db][k] = last
	v := w.got[db][k]
	if v == nil {
		v = &modelValue{t: t, expires: expires}
		if t != List {
			v.pairs = map[string]string{}
		}
		w.got[db][k] = v
	}
	require.Equal(w.t, v.t, t)
	require.Equal(w.t, v.expires, expires)
	n := 0
	for items.Next() {
		n++
		a := string(items.A())
		if t == List {
			v.list = append(v.list, a)
			continue
		}
		require.NotContains(w.t, v.pairs, a)
		switch t {
		case Set:
			v.pairs[a] = ""
		case Hash:
			v.pairs[a] = string(items.B())
		case ZSet:
			v.pairs[a] = scoreText(items.Score())
		}
	}
	require.Equal(w.t, items.Len(), n)
}

func (w *world) Expired(db int, key []byte) {
	require.False(w.t, w.last[db][string(key)])
	w.last[db][string(key)] = true
	v := w.cut[db][string(key)]
	require.NotNil(w.t, v)
	require.LessOrEqual(w.t, v.expires, w.now)
	w.late = append(w.late, [2]string{strconv.Itoa(db), string(key)})
}

func scoreText(s float64) string { return strconv.FormatFloat(s, 'g', -1, 64) }

func (w *world) endTurn() {
	for _, l := range w.late {
		db, _ := strconv.Atoi(l[0])
		if v := w.dbs[db][l[1]]; v != nil && v.expires != NoExpiry && v.expires <= w.now {
			delete(w.dbs[db], l[1])
			w.ks.DB(db).Delete([]byte(l[1]))
		}
	}
	w.late = nil
}

// step goes on with the snapshot, and when it is done compares what it emitted with the model at the cut.
func (w *world) step(units int) {
	done := w.snap.Step(func() bool { units--; return units > 0 })
	w.endTurn()
	require.LessOrEqual(w.t, w.snap.Progress(), 1.0)
	if !done {
		return
	}
	w.snap = nil
	for i, db := range w.cut {
		for k, v := range db {
			require.True(w.t, w.last[i][k], "not emitted to its end: %d %q %v", i, k, v.t)
			if got := w.got[i][k]; got != nil {
				require.Equal(w.t, v, got, "%d %q", i, k)
			}
			delete(w.got[i], k)
		}
		require.Empty(w.t, w.got[i], "what was not there at the cut")
	}
	for _, db := range w.ks.dbs {
		require.Nil(w.t, db.t.walk)
	}
}

func (w *world) key() string { return string(randomKey(w.r, w.keys)) }

func (w *world) expiry() int64 {
	if w.r.IntN(3) > 0 {
		return NoExpiry
	}
	return w.now + w.r.Int64N(300)
}

// change executes a random command on both.
func (w *world) change() {
	r := w.r
	i := r.IntN(3)
	db, m, k := w.ks.DB(i), w.dbs[i], w.key()
	v := m[k]
	if w.shrinking && r.IntN(4) > 0 {
		require.Equal(w.t, v != nil, db.Delete([]byte(k)))
		delete(m, k)
		return
	}
	switch op := r.IntN(100); {
	case op < 15:
		val, at := randomValue(r), w.expiry()
		if r.IntN(4) == 0 {
			val = make([]byte, maxInline+r.IntN(2000))
		}
		db.SetString([]byte(k), val, EncInt, at)
		m[k] = &modelValue{t: String, text: string(val), expires: at}
	case op < 20:
		n := r.Int64() >> r.IntN(64)
		if v == nil || v.t != String {
			m[k] = &modelValue{t: String, expires: NoExpiry}
			db.Delete([]byte(k))
		}
		db.SetInt([]byte(k), n, NoExpiry)
		m[k].text = strconv.FormatInt(n, 10)
	case op < 25 && v != nil && v.t == String && len(v.text) < 10_000:
		tail := string(randomValue(r))
		db.Append([]byte(k), []byte(tail))
		v.text += tail
	case op < 28 && v != nil && v.t == String && len(v.text) > 0:
		off := r.IntN(len(v.text))
		db.SetRange([]byte(k), off, []byte("R"))
		v.text = v.text[:off] + "R" + v.text[off+1:]
	case op < 34:
		require.Equal(w.t, v != nil, db.Delete([]byte(k)))
		delete(m, k)
	case op < 38 && v != nil:
		v.expires = w.expiry()
		require.True(w.t, db.SetExpiry([]byte(k), v.expires))
	case op < 45 && v != nil:
		j, k2 := r.IntN(3), w.key()
		if i == j && k == k2 {
			return
		}
		if r.IntN(2) == 0 {
			db.Rename([]byte(k), w.ks.DB(j), []byte(k2))
			delete(m, k)
		} else {
			db.Copy([]byte(k), w.ks.DB(j), []byte(k2))
		}
		w.dbs[j][k2] = v.copy()
	case op == 45 && r.IntN(30) == 0:
		db.Flush()
		w.dbs[i] = modelDB{}
	case op == 46:
		j := r.IntN(3)
		w.ks.Swap(i, j)
		w.dbs[i], w.dbs[j] = w.dbs[j], w.dbs[i]
	case op == 47:
		w.now += r.Int64N(20)
		db.Due(w.now, 20, func(key []byte) bool {
			delete(m, string(key))
			return db.Delete(key)
		})
	case op == 48:
		w.ks.Maintain(10)
	default:
		w.changeCollection(db, m, k, v)
	}
	w.endTurn()
}

func (w *world) changeCollection(db *DB, m modelDB, k string, v *modelValue) {
	r := w.r
	if v == nil || v.t == String {
		if v != nil {
			db.Delete([]byte(k))
		}
		v = &modelValue{t: []Type{List, Set, Hash, ZSet}[r.IntN(4)], expires: NoExpiry, pairs: map[string]string{}}
		if v.t == List {
			v.pairs = nil
		}
		m[k] = v
	}
	e, found := db.Find([]byte(k))
	n := 1 + r.IntN(3)
	if r.IntN(8) == 0 {
		n = r.IntN(150)
	}
	grow := r.IntN(5) > 0
	var gone bool
	switch v.t {
	case List:
		gone = w.changeList(db, k, v, e, found, n, grow)
	case Set:
		s := db.NewSet([]byte(k))
		if found {
			s = e.Set()
		}
		for range n {
			if m := w.member(); grow {
				s.Add([]byte(m))
				v.pairs[m] = ""
			} else {
				s.Remove([]byte(m))
				delete(v.pairs, m)
			}
		}
		gone = s.Commit()
	case Hash:
		h := db.NewHash([]byte(k))
		if found {
			h = e.Hash()
		}
		for range n {
			if m := w.member(); grow {
				val := string(randomValue(r))
				h.Set([]byte(m), []byte(val))
				v.pairs[m] = val
			} else {
				h.Delete([]byte(m))
				delete(v.pairs, m)
			}
		}
		gone = h.Commit()
	case ZSet:
		z := db.NewZSet([]byte(k))
		if found {
			z = e.ZSet()
		}
		for range n {
			if m := w.member(); grow {
				score := float64(r.IntN(100)) / 4
				z.Set([]byte(m), score)
				v.pairs[m] = scoreText(score)
			} else {
				z.Remove([]byte(m))
				delete(v.pairs, m)
			}
		}
		gone = z.Commit()
	}
	if len(v.list)+len(v.pairs) == 0 {
		require.Equal(w.t, found, gone)
		delete(m, k)
	}
}

func (w *world) changeList(db *DB, k string, v *modelValue, e Entry, found bool, n int, grow bool) (gone bool) {
	l := db.NewList([]byte(k))
	if found {
		l = e.List()
	}
	for range n {
		x := w.member()
		switch at := w.r.IntN(4); {
		case grow && at == 0:
			l.PushHead([]byte(x))
			v.list = slices.Insert(v.list, 0, x)
		case grow && at == 1 && len(v.list) > 0:
			i := w.r.IntN(len(v.list))
			l.Insert(i, []byte(x))
			v.list = slices.Insert(v.list, i, x)
		case grow && at == 2 && len(v.list) > 0:
			i := w.r.IntN(len(v.list))
			l.Set(i, []byte(x))
			v.list[i] = x
		case grow:
			l.PushTail([]byte(x))
			v.list = append(v.list, x)
		case len(v.list) > 0:
			i := w.r.IntN(len(v.list))
			l.Delete(i, 1)
			v.list = slices.Delete(v.list, i, i+1)
		}
	}
	return l.Commit()
}

func (w *world) member() string {
	n := w.r.IntN(400)
	switch {
	case n%100 == 0:
		return fmt.Sprintf("%01200d", n) // boxed as a value, long as a member
	case n%2 == 0:
		return strconv.Itoa(n)
	}
	return "m" + strconv.Itoa(n)
}

// check compares the keyspace with the model as it is now.
func (w *world) check() {
	for i, db := range w.ks.dbs {
		checkTable(w.t, db.t)
		require.Equal(w.t, len(w.dbs[i]), db.Len())
		db.Each(func(e Entry) bool {
			v := w.dbs[i][string(e.Key())]
			require.NotNil(w.t, v)
			require.Equal(w.t, v.t, e.Type())
			require.Equal(w.t, v.expires, e.ExpiresAt())
			got := modelValue{t: v.t, expires: v.expires}
			if v.t != List && v.t != String {
				got.pairs = map[string]string{}
			}
			switch v.t {
			case String:
				got.text = string(e.Bytes(make([]byte, 0, 20)))
			case List:
				e.List().Range(0, false, func(_ int, x []byte) bool { got.list = append(got.list, string(x)); return true })
			case Set:
				e.Set().Each(func(m []byte) bool { got.pairs[string(m)] = ""; return true })
			case Hash:
				e.Hash().Each(func(f, x []byte) bool { got.pairs[string(f)] = string(x); return true })
			case ZSet:
				e.ZSet().Each(func(m []byte, s float64) bool { got.pairs[string(m)] = scoreText(s); return true })
			}
			require.Equal(w.t, *v, got, "%q", e.Key())
			return true
		})
	}
}

// TestSnapshotIsTheMomentOfItsCut changes a keyspace at random while snapshots are taken, and proves that each of them has every
// entry of the moment of its cut exactly once, with its value then.
func TestSnapshotIsTheMomentOfItsCut(t *testing.T) {
	for name, mask := range hashes {
		t.Run(name, func(t *testing.T) {
			seed := *testSeed
			t.Log("seed", seed)
			w := newWorld(t, seed, mask)
			for snaps := 0; snaps < 12; {
				w.keys = 40 + 600*(snaps%3/2) // few keys and large collections, or many keys
				w.shrinking = w.r.IntN(12) == 0
				for range w.r.IntN(60) {
					w.change()
				}
				if w.snap == nil {
					snaps++
					w.beginSnapshot()
				} else if w.r.IntN(100) == 0 {
					w.snap.Cancel()
					w.snap = nil
				} else {
					w.step(w.r.IntN(6))
				}
			}
			w.check()
		})
	}
}

func TestSnapshotSeesSegmentsBeforeTheyAreMerged(t *testing.T) {
	w := newWorld(t, 9, ^uint64(0))
	db := w.ks.DB(0)
	for i := range 10_000 {
		k := strconv.Itoa(i)
		db.SetString([]byte(k), []byte(k), EncRaw, NoExpiry)
		w.dbs[0][k] = &modelValue{t: String, text: k, expires: NoExpiry}
	}
	deleteOne := func() {
		k := strconv.Itoa(w.r.IntN(10_000))
		require.Equal(t, w.dbs[0][k] != nil, db.Delete([]byte(k)))
		delete(w.dbs[0], k)
	}
	for segs := db.t.segs; db.t.segs > segs*3/4; {
		deleteOne()
	}
	w.beginSnapshot()
	for w.snap != nil {
		for range 50 {
			deleteOne()
		}
		w.step(1)
	}
	w.check()
}

func TestSnapshotSeesWhatIsChangedInPlace(t *testing.T) {
	long := func(c byte) []byte { return bytes.Repeat([]byte{c}, 2000) }
	for name, change := range map[string]func(db *DB, k []byte){
		"SetString": func(db *DB, k []byte) { db.SetString(k, long('b'), EncRaw, NoExpiry) },
		"shorter":   func(db *DB, k []byte) { db.SetString(k, []byte("b"), EncRaw, NoExpiry) },
		"SetInt":    func(db *DB, k []byte) { db.SetInt(k, 7, NoExpiry) },
		"Append":    func(db *DB, k []byte) { db.Append(k, long('b')) },
		"SetRange":  func(db *DB, k []byte) { db.SetRange(k, 5, long('b')) },
		"Edit":      func(db *DB, k []byte) { db.Edit(k, 0)[1] = 'b' },
		"longer":    func(db *DB, k []byte) { db.Edit(k, 5000)[4000] = 'b' },
		"SetRaw":    func(db *DB, k []byte) { db.SetRaw(k, long('b')) },
		"SetExpiry": func(db *DB, k []byte) { db.SetExpiry(k, 99_999) },
		"Delete":    func(db *DB, k []byte) { db.Delete(k) },
		"Flush":     func(db *DB, k []byte) { db.Flush() },
		"Rename":    func(db *DB, k []byte) { db.Rename(k, db.ks.DB(1), []byte("other")) },
		"onto it": func(db *DB, k []byte) {
			db.SetString([]byte("other"), long('b'), EncRaw, NoExpiry)
			db.Rename([]byte("other"), db, k)
		},
		"copied onto": func(db *DB, k []byte) {
			db.ks.DB(2).SetString(k, long('b'), EncRaw, NoExpiry)
			db.ks.DB(2).Copy(k, db, k)
		},
		"storeObject": func(db *DB, k []byte) {
			db.storeObject(k, Set, EncHashtable, members{newTable(db.ks.space)})
		},
		"storePacked": func(db *DB, k []byte) { db.storePacked(k, Set, EncIntset, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, val := range []string{"short", string(long('a'))} {
				w := newWorld(t, 1, ^uint64(0))
				w.dbs[0]["k"] = &modelValue{t: String, text: val, expires: NoExpiry}
				w.ks.DB(0).SetString([]byte("k"), []byte(val), EncRaw, NoExpiry)
				w.beginSnapshot()
				change(w.ks.DB(0), []byte("k"))
				w.step(100)
				require.Nil(t, w.snap)
			}
		})
	}
}

// countingWriter counts what it is given.
type countingWriter struct{ strings, items int }

func (w *countingWriter) String(int, []byte, []byte, int64) { w.strings++ }
func (w *countingWriter) Part(_ int, _ []byte, _ Type, it *Items, _ bool, _ int64) {
	w.items += it.Len()
}
func (w *countingWriter) Expired(int, []byte) {}

// A change costs the snapshot one record, not the segment that it is in.
func TestSnapshotEmitsNoMoreThanWhatChanges(t *testing.T) {
	db := New(Options{Seed: 1}).DB(0)
	for i := range 2000 {
		db.SetString(benchKey(nil, i), benchValue, EncInt, NoExpiry)
	}
	h := db.NewHash([]byte("h"))
	for i := range 2000 {
		h.Set(benchKey(nil, i), benchValue)
	}
	h.Commit()
	w := &countingWriter{}
	snap := db.ks.Cut(w, func() int64 { return 0 })
	for range 3 {
		db.SetString(benchKey(nil, 7), benchValue[1:], EncInt, NoExpiry)
		e, _ := db.Find([]byte("h"))
		h := e.Hash()
		h.Set(benchKey(nil, 7), benchValue[1:])
		h.Commit()
	}
	assert.Equal(t, countingWriter{strings: 1, items: 1}, *w)
	for !snap.Step(func() bool { return true }) {
	}
	assert.Equal(t, countingWriter{strings: 2000, items: 2000}, *w)
}

func TestCanceledSnapshotLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, 5, ^uint64(0))
	for range 3000 {
		w.change()
	}
	w.beginSnapshot()
	w.step(2)
	w.snap.Cancel()
	require.Nil(t, w.ks.space.snap)
	for _, db := range w.ks.dbs {
		require.Nil(t, db.t.walk)
		db.Each(func(e Entry) bool {
			if m, ok := e.object().(members); ok {
				require.Nil(t, m.walk)
			}
			return true
		})
	}
	w.beginSnapshot()
	w.step(1 << 30)
	require.Nil(t, w.snap)
}
