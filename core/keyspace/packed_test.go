package keyspace

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listpackOf makes a listpack of the elements.
func listpackOf(elements ...string) []byte {
	var b Listpack
	for _, v := range elements {
		b.Add([]byte(v))
	}
	return append([]byte(nil), b.Bytes()...)
}

// numbered are n elements, each followed by what follow says.
func numbered(n int, follow ...string) (all []string) {
	for i := range n {
		all = append(append(all, "m"+strconv.Itoa(i)), follow...)
	}
	return all
}

func TestListpacksFromOutsideBecomeValues(t *testing.T) {
	db := New(Options{Seed: 1}).DB(0)
	load := func(how string, b []byte) error {
		switch key := []byte("k"); how {
		case "set":
			s := db.NewSet(key)
			if err := s.LoadListpack(b); err != nil {
				return err
			}
			s.Commit()
		case "hash":
			h := db.NewHash(key)
			if err := h.LoadListpack(b); err != nil {
				return err
			}
			h.Commit()
		default:
			z := db.NewZSet(key)
			if err := z.LoadListpack(b); err != nil {
				return err
			}
			z.Commit()
		}
		return nil
	}
	for _, c := range []struct {
		how      string
		elements []string
		enc      Encoding
		n        int // 0: damage
	}{
		{"set", numbered(128), EncListpack, 128},
		{"set", numbered(129), EncHashtable, 129},
		{"set", append(numbered(128), "m5"), EncHashtable, 0},
		{"set", []string{"a", "1", "a"}, EncListpack, 0},
		{"set", nil, EncListpack, 0},
		{"hash", numbered(512, "v"), EncListpack, 512},
		{"hash", numbered(513, "v"), EncHashtable, 513},
		{"hash", append(numbered(512, "v"), "m5", "v"), EncHashtable, 0},
		{"hash", []string{"a", "1", "b", "1"}, EncListpack, 2},
		{"hash", []string{"a", "1", "a", "2"}, EncListpack, 0},
		{"hash", []string{"a", "1", "b"}, EncListpack, 0},
		{"zset", numbered(128, "1"), EncListpack, 128}, // m10 stands behind m2: in disorder
		{"zset", numbered(129, "1.5"), EncSkiplist, 129},
		{"zset", append(numbered(128, "1"), "m5", "2"), EncSkiplist, 0},
		{"zset", []string{"a", "nan"}, EncListpack, 0},
		{"zset", []string{"a", "1", "b", "x"}, EncListpack, 0},
		{"zset", []string{"a", "1e999", "b", "-inf"}, EncListpack, 2},
	} {
		db.Flush()
		err := load(c.how, listpackOf(c.elements...))
		if c.n == 0 {
			assert.Equal(t, ErrDamaged, err, "%s %v", c.how, c.elements)
			assert.Zero(t, db.Len())
			continue
		}
		require.NoError(t, err, "%s %v", c.how, c.elements)
		e, ok := db.Find([]byte("k"))
		require.True(t, ok)
		assert.Equal(t, c.enc, e.Encoding(), "%s of %d", c.how, c.n)
		switch c.how {
		case "set":
			assert.Equal(t, c.n, e.Set().Len())
		case "hash":
			assert.Equal(t, c.n, e.Hash().Len())
		default:
			z, rank := e.ZSet(), 0
			assert.Equal(t, c.n, z.Len())
			z.Each(func(m []byte, score float64) bool {
				got, at, ok := z.Rank(append([]byte(nil), m...))
				require.True(t, ok)
				require.Equal(t, rank, got)
				require.Equal(t, score, at)
				rank++
				return true
			})
		}
	}
}

func TestIntsetsFromOutsideFollowTheLimit(t *testing.T) {
	db := New(Options{Seed: 1}).DB(0)
	is := appendEmptyIntset(nil)
	for i := range 513 {
		is, _ = is.add(int64(i))
	}
	s := db.NewSet([]byte("k"))
	require.NoError(t, s.LoadIntset(is))
	assert.Equal(t, EncHashtable, s.Encoding())
	assert.Equal(t, 513, s.Len())
	is, _ = is.remove(512)
	s = db.NewSet([]byte("k"))
	require.NoError(t, s.LoadIntset(is))
	assert.Equal(t, EncIntset, s.Encoding())
	assert.Equal(t, ErrDamaged, db.NewSet([]byte("k")).LoadIntset(emptyIntset[:]))
}

func TestNodesOfAListAreThoseThatCame(t *testing.T) {
	db := New(Options{Seed: 1}).DB(0)
	l := db.NewList([]byte("k"))
	for _, n := range []int{2, 0, 3} {
		require.NoError(t, l.AddNode(listpackOf(numbered(n)...)))
	}
	require.Equal(t, ErrDamaged, l.AddNode([]byte("x")))
	l.Settle() // two nodes stay two
	l.Commit()
	e, _ := db.Find([]byte("k"))
	assert.Equal(t, EncQuicklist, e.Encoding())
	assert.Nil(t, e.Packed())
	assert.Equal(t, 2, e.List().Nodes())
	var got []int
	e.List().EachNode(func(lp []byte) { got = append(got, listpack(lp).len()) })
	assert.Equal(t, []int{2, 3}, got)

	l = db.NewList([]byte("one"))
	require.NoError(t, l.AddNode(listpackOf("a")))
	l.Settle()
	l.Commit()
	e, _ = db.Find([]byte("one"))
	assert.Equal(t, EncListpack, e.Encoding())
	assert.Equal(t, 1, e.List().Nodes())
}

func TestSetIdleSetsTheAccessClockBack(t *testing.T) {
	ks := New(Options{Seed: 1})
	ks.SetClock(1000)
	db := ks.DB(0)
	db.SetString([]byte("k"), []byte("v"), EncInt, NoExpiry)
	e, _ := db.Find([]byte("k"))
	for seconds, want := range map[int64]int64{0: 0, 10: 10, 1000: 1000, 5000: 1000, 1 << 62: 1000} {
		e.SetIdle(seconds)
		assert.Equal(t, want, e.Idle())
	}
}
