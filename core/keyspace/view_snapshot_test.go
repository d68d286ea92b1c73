package keyspace

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// image is what collections hold, as text: what a list holds in order, what others hold sorted.
type image map[string][]string

func (im image) sorted() image {
	for key, all := range im {
		if key[0] != 'l' {
			slices.Sort(all)
		}
	}
	return im
}

// takeImage reads all collections by their views.
func takeImage(db *DB) image {
	im := image{}
	db.Each(func(e Entry) bool {
		key, all := string(e.Key()), []string{}
		switch e.Type() {
		case Hash:
			e.Hash().Each(func(f, v []byte) bool { all = append(all, string(f)+"="+string(v)); return true })
		case Set:
			e.Set().Each(func(m []byte) bool { all = append(all, string(m)); return true })
		case List:
			e.List().Range(0, false, func(_ int, v []byte) bool { all = append(all, string(v)); return true })
		case ZSet:
			e.ZSet().Each(func(m []byte, s float64) bool {
				all = append(all, string(m)+"="+strconv.FormatFloat(s, 'g', -1, 64))
				return true
			})
		}
		im[key] = all
		return true
	})
	return im.sorted()
}

// imageWriter puts together what a snapshot emits.
type imageWriter struct {
	t     *testing.T
	im    image
	ended map[string]bool
	parts int
}

func (w *imageWriter) String(int, []byte, []byte, int64) { w.t.Fatal("no strings here") }
func (w *imageWriter) Expired(int, []byte)               { w.t.Fatal("nothing expires here") }

func (w *imageWriter) Part(_ int, key []byte, t Type, it *Items, last bool, _ int64) {
	w.parts++
	k := string(key)
	require.False(w.t, w.ended[k])
	w.ended[k] = last
	n := 0
	for ; it.Next(); n++ {
		s := string(it.A())
		switch t {
		case Hash:
			s += "=" + string(it.B())
		case ZSet:
			s += "=" + strconv.FormatFloat(it.Score(), 'g', -1, 64)
		}
		w.im[k] = append(w.im[k], s)
	}
	require.Equal(w.t, it.Len(), n)
}

// changeAny changes one of the collections, or deletes or renames it.
func changeAny(r *rand.Rand, db *DB) {
	key := string("hslz"[r.IntN(4)]) + strconv.Itoa(r.IntN(6))
	size := 1 + r.IntN(5)
	if e, ok := db.Find([]byte(key)); ok && r.IntN(60) == 0 {
		switch r.IntN(3) {
		case 0:
			db.Delete([]byte(key))
		case 1:
			db.Rename([]byte(key), db, append([]byte(nil), key[0], '9'))
		default:
			db.Copy(slices.Clone(e.Key()), db, append([]byte(nil), key[0], '8'))
		}
		return
	} else if !ok || r.IntN(3) == 0 {
		size = 300
	}
	switch key[0] {
	case 'h':
		v := openHash(db, key)
		for range size {
			if r.IntN(3) > 0 {
				v.Set([]byte(member(r, 2000)), []byte(member(r, 2000)))
			} else {
				v.Delete([]byte(member(r, 2000)))
			}
		}
		v.Commit()
	case 's':
		v := openSet(db, key)
		for range size {
			if r.IntN(3) > 0 {
				v.Add([]byte(member(r, 2000)))
			} else {
				v.Remove([]byte(member(r, 2000)))
			}
		}
		v.Commit()
	case 'l':
		v := openList(db, key)
		for range size {
			switch m := []byte(member(r, 2000)); r.IntN(7) {
			case 0:
				v.PushHead(m)
			case 1:
				v.PopHead()
			case 2:
				v.Insert(r.IntN(v.Len()+1), m)
			case 3:
				v.RemoveEqual(m, 1, false)
			default:
				v.PushTail(m)
			}
		}
		if r.IntN(10) == 0 {
			v.Delete(r.IntN(v.Len()+1), v.Len()/2)
		}
		v.Commit()
	default:
		v := openZSet(db, key)
		for range size {
			if r.IntN(3) > 0 {
				v.Set([]byte(member(r, 2000)), float64(r.IntN(5)))
			} else {
				v.Remove([]byte(member(r, 2000)))
			}
		}
		if r.IntN(10) == 0 {
			v.DeleteRange(r.IntN(v.Len()+1), v.Len()/2)
		}
		v.Commit()
	}
}

func TestSnapshotOfCollectionsIsTheMomentOfItsCut(t *testing.T) {
	r := testRand(t)
	ks, db := limitedKeyspace(smallLimits)
	for range 300 {
		changeAny(r, db)
	}
	parts := 0
	for round := range 15 {
		want := takeImage(db)
		w := &imageWriter{t: t, im: image{}, ended: map[string]bool{}}
		s := ks.Cut(w, func() int64 { return 0 })
		if round%5 == 4 {
			for range 20 {
				changeAny(r, db)
			}
			s.Cancel()
			continue
		}
		for done := false; !done; {
			for range r.IntN(4) {
				changeAny(r, db)
			}
			n := r.IntN(3)
			done = s.Step(func() bool { n--; return n >= 0 })
		}
		require.Equal(t, want, w.im.sorted())
		for key := range want {
			require.True(t, w.ended[key])
		}
		parts += w.parts - len(want)
		memory := ks.Memory()
		require.Positive(t, memory)
	}
	require.Positive(t, parts, "large ones come in parts")
	db.Flush()
}

func TestSnapshotTellsWhatWasCopied(t *testing.T) {
	ks, db := limitedKeyspace(smallLimits)
	l := openList(db, "list")
	for range 1000 {
		l.PushTail([]byte("element"))
	}
	l.Commit()
	w := &imageWriter{t: t, im: image{}, ended: map[string]bool{}}
	s := ks.Cut(w, func() int64 { return 0 })
	l = openList(db, "list")
	l.Set(500, []byte("changed"))
	l.Commit()
	l = openList(db, "list")
	l.Set(500, []byte("again"))
	l.Commit()
	node := s.Copied()
	require.Positive(t, node, "the node is copied before its first change")
	require.Less(t, node, int64(8000), "and no other one")
	for !s.Step(func() bool { return true }) {
	}
	require.Equal(t, node, s.Copied())
}
