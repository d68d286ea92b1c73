package keyspace

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The first change of a giant collection costs a snapshot one member, or one node, however large it is. Counted, not timed.
func TestTheFirstChangeOfAGiantCollectionIsSmall(t *testing.T) {
	const members = 1_000_000 // of all four
	ks := New(Options{Seed: 1})
	ks.Limits = DefaultLimits()
	db := ks.DB(0)
	h, s, z, l := db.NewHash([]byte("h")), db.NewSet([]byte("s")), db.NewZSet([]byte("z")), db.NewList([]byte("l"))
	for i := range members {
		m := strconv.AppendInt([]byte("m"), int64(i), 10)
		switch i % 4 {
		case 0:
			h.Set(m, m)
		case 1:
			s.Add(m)
		case 2:
			z.Set(m, float64(i))
		case 3:
			l.PushTail(m)
		}
	}
	h.Commit()
	s.Commit()
	z.Commit()
	l.Commit()
	for name, change := range map[string]func(e Entry){
		"h": func(e Entry) { v := e.Hash(); v.Set([]byte("m0"), []byte("other")); v.Commit() },
		"s": func(e Entry) { v := e.Set(); v.Remove([]byte("m1")); v.Commit() },
		"z": func(e Entry) { v := e.ZSet(); v.Set([]byte("m2"), -1); v.Commit() },
		"l": func(e Entry) { v := e.List(); v.Set(members/8, []byte("other")); v.Commit() },
	} {
		w := &countingWriter{}
		snap := ks.Cut(w, func() int64 { return 0 })
		e, _ := db.Find([]byte(name))
		change(e)
		assert.LessOrEqual(t, w.items, 1, name)
		assert.LessOrEqual(t, snap.Copied(), int64(16<<10), name)
		steps := 0
		for done := false; !done; steps++ { // and no step is large either
			before := w.items
			done = snap.Step(func() bool { return false })
			assert.LessOrEqual(t, w.items-before, 2000 /* of a list's node */, name)
		}
		assert.Greater(t, steps, 1000, name)
	}
}
