package keyspace

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// numbers are n different strings with prefix.
func numbers(prefix string, from, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = prefix + strconv.Itoa(from+i)
	}
	return all
}

func sadd(db *DB, members ...string) {
	s := openSet(db, "k")
	s.Expect(len(members))
	for _, m := range members {
		s.Add([]byte(m))
	}
	s.Commit()
}

func TestSetEncodings(t *testing.T) {
	long := strings.Repeat("x", 65)
	steps := func(adds ...[]string) [][]string { return adds }
	for _, c := range []struct {
		name  string
		adds  [][]string // one SADD each
		want  string
		old   string // Redis 7.0
		limit func(l *Limits)
	}{
		{name: "integers", adds: steps(numbers("", 0, 512)), want: "intset", old: "intset"},
		{name: "one integer too many", adds: steps(numbers("", 0, 512), []string{"1000"}), want: "hashtable", old: "hashtable"},
		{name: "too many integers at once", adds: steps(numbers("", 0, 513)), want: "hashtable", old: "hashtable"},
		{name: "as many again", adds: steps(numbers("", 0, 3), slices.Repeat(numbers("", 0, 3), 171)), want: "hashtable", old: "intset"},
		{name: "integer and string", adds: steps([]string{"1", "a"}), want: "listpack", old: "hashtable"},
		{name: "string and integer", adds: steps([]string{"a", "1"}), want: "listpack", old: "hashtable"},
		{name: "not canonical", adds: steps([]string{"1", "01"}), want: "listpack", old: "hashtable"},
		{name: "strings", adds: steps(numbers("m", 0, 128)), want: "listpack", old: "hashtable"},
		{name: "one string too many", adds: steps(numbers("m", 0, 128), []string{"m128"}), want: "hashtable", old: "hashtable"},
		{name: "the same strings too often", adds: steps(append(numbers("m", 0, 100), numbers("m", 0, 29)...)), want: "hashtable", old: "hashtable"},
		{name: "many integers and a string", adds: steps(numbers("", 0, 128), []string{"a"}), want: "hashtable", old: "hashtable"},
		{name: "not so many", adds: steps(numbers("", 0, 127), []string{"a"}), want: "listpack", old: "hashtable"},
		{name: "long string", adds: steps([]string{long}), want: "hashtable", old: "hashtable"},
		{name: "long string later", adds: steps([]string{"a"}, []string{long}), want: "hashtable", old: "hashtable"},
		{name: "long string and integer", adds: steps([]string{"1"}, []string{long}), want: "hashtable", old: "hashtable"},
		{name: "64 bytes", adds: steps([]string{"1"}, []string{long[1:]}), want: "listpack", old: "hashtable"},
		{name: "integers longer than strings may be", adds: steps([]string{"-123456"}, []string{"a"}), want: "hashtable", old: "hashtable",
			limit: func(l *Limits) { l.SetMaxListpackValue = 6 }},
		{name: "integers past the intset at once, but not the listpack", adds: steps(numbers("", 0, 20)), want: "listpack", old: "hashtable",
			limit: func(l *Limits) { l.SetMaxIntsetEntries = 10 }},
		{name: "integers past the intset one by one", adds: steps(numbers("", 0, 10), []string{"99"}), want: "hashtable", old: "hashtable",
			limit: func(l *Limits) { l.SetMaxIntsetEntries = 10 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, old := range []bool{false, true} {
				limits := DefaultLimits()
				if c.limit != nil {
					c.limit(&limits)
				}
				limits.NoListpackSets = old
				want := c.want
				if old {
					want = c.old
				}
				_, db := limitedKeyspace(limits)
				for _, add := range c.adds {
					sadd(db, add...)
				}
				require.Equal(t, want, encodingOf(t, db, "k"), "old: %v", old)
				s := openSet(db, "k")
				require.Equal(t, want, s.Encoding().String())
				all := slices.Concat(c.adds...)
				for _, m := range all {
					require.True(t, s.Has([]byte(m)))
				}
				for _, m := range all {
					s.Remove([]byte(m))
				}
				require.Equal(t, want, s.Encoding().String(), "nothing goes back")
				require.True(t, s.Commit())
			}
		})
	}
}

func TestIntersectionKeepsItsOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		add   []string
		want  string
		first string
	}{
		{"mixed", []string{"3", "1", "a"}, "listpack", "3"},
		{"integers", []string{"3", "1"}, "intset", "1"},
		{"many integers", numbers("", 0, 300), "intset", "0"},
		{"too many integers", numbers("", 0, 513), "hashtable", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, db := limitedKeyspace(DefaultLimits())
			s := db.NewSet([]byte("k"))
			s.KeepOrder()
			for _, m := range c.add {
				s.Add([]byte(m))
			}
			s.TryIntset()
			require.Equal(t, len(c.add), s.Len())
			s.Commit()
			require.Equal(t, c.want, encodingOf(t, db, "k"))
			openSet(db, "k").Each(func(m []byte) bool {
				if c.first != "" {
					require.Equal(t, c.first, string(m))
				}
				return false
			})
			require.Equal(t, len(c.add), openSet(db, "k").Len())
		})
	}
}

func TestHashEncodings(t *testing.T) {
	limits := DefaultLimits()
	long := strings.Repeat("x", 65)
	for _, c := range []struct {
		name   string
		fields []string
		value  string
		want   string
	}{
		{"512 fields", numbers("f", 0, 512), "v", "listpack"},
		{"513 fields", numbers("f", 0, 513), "v", "hashtable"},
		{"64 bytes", []string{"f"}, long[1:], "listpack"},
		{"long value", []string{"f"}, long, "hashtable"},
		{"long field", []string{long}, "v", "hashtable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, db := limitedKeyspace(limits)
			for _, f := range c.fields {
				h := openHash(db, "k")
				h.Set([]byte(f), []byte(c.value))
				h.Commit()
			}
			require.Equal(t, c.want, encodingOf(t, db, "k"))
			h := openHash(db, "k")
			h.Set([]byte("one more"), nil)
			for _, f := range c.fields {
				h.Delete([]byte(f))
			}
			h.Commit()
			if len(c.fields) < 512 {
				require.Equal(t, c.want, encodingOf(t, db, "k"))
			}
		})
	}
}

func TestPackedHashKeepsItsOrder(t *testing.T) {
	_, db := limitedKeyspace(DefaultLimits())
	h := db.NewHash([]byte("k"))
	for _, f := range []string{"b", "a", "1", "c", "d"} {
		h.Set([]byte(f), []byte("0"))
	}
	h.Set([]byte("a"), []byte("a longer value"))
	h.Delete([]byte("1"))
	h.Set([]byte("1"), []byte("last"))
	h.Commit()
	var got []string
	openHash(db, "k").Each(func(f, v []byte) bool { got = append(got, string(f)+"="+string(v)); return true })
	require.Equal(t, []string{"b=0", "a=a longer value", "c=0", "d=0", "1=last"}, got)
}

func TestZSetEncodings(t *testing.T) {
	limits := DefaultLimits()
	zadd := func(db *DB, expect bool, members ...string) {
		z := openZSet(db, "k")
		if expect {
			longest := 0
			for _, m := range members {
				longest = max(longest, len(m))
			}
			z.Expect(len(members), longest)
		}
		for i, m := range members {
			z.Set([]byte(m), float64(i))
		}
		z.Commit()
	}
	long := strings.Repeat("x", 65)
	for _, c := range []struct {
		name   string
		add    []string
		expect bool
		want   string
	}{
		{"128 members", numbers("m", 0, 128), true, "listpack"},
		{"129 members", numbers("m", 0, 129), false, "skiplist"},
		{"129 members, some the same", append(numbers("m", 0, 100), numbers("m", 0, 29)...), true, "skiplist"},
		{"the same, not told", append(numbers("m", 0, 100), numbers("m", 0, 29)...), false, "listpack"},
		{"64 bytes", []string{long[1:]}, true, "listpack"},
		{"65 bytes", []string{long}, false, "skiplist"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, db := limitedKeyspace(limits)
			zadd(db, c.expect, c.add...)
			require.Equal(t, c.want, encodingOf(t, db, "k"))
			zadd(db, false, "another")
			z := openZSet(db, "k")
			for _, m := range c.add {
				z.Remove([]byte(m))
			}
			require.False(t, z.Commit())
			if len(c.add) < 128 {
				require.Equal(t, c.want, encodingOf(t, db, "k"))
			}
		})
	}
}

func TestListEncodings(t *testing.T) {
	value := func(n int) string { return strings.Repeat("x", n) }
	push := func(values ...string) func(l *ListValue) {
		return func(l *ListValue) {
			for _, v := range values {
				l.PushTail([]byte(v))
			}
		}
	}
	remove := func(i, n int) func(l *ListValue) { return func(l *ListValue) { l.Delete(i, n) } }
	type steps = []func(l *ListValue)
	for _, c := range []struct {
		name string
		size int
		do   steps // each in a view of its own
		want string
	}{
		{"8 KiB with what is there", -2, steps{push(value(4000)), push(value(4096 - 4000 + 4096 - 7 - 8))}, "listpack"},
		{"a little more", -2, steps{push(value(4000)), push(value(4096 - 4000 + 4096))}, "quicklist"},
		{"8 KiB at once", -2, steps{push(value(8185))}, "listpack"},
		{"a byte more", -2, steps{push(value(8186))}, "quicklist"},
		{"three at once reckoned by their lengths", -2, steps{push(value(2728), value(2728), value(2729))}, "listpack"},
		{"a byte more", -2, steps{push(value(2728), value(2729), value(2729))}, "quicklist"},
		{"4 KiB", -1, steps{push(value(4090))}, "quicklist"},
		{"by number", 3, steps{push("1", "2", "3")}, "listpack"},
		{"one more than that", 3, steps{push("1", "2", "3", "4")}, "quicklist"},
		{"by number, but safe", 3, steps{push(value(8186))}, "quicklist"},
		{"back at half a node", -1, steps{push(numbers("123456", 0, 500)...), remove(0, 300), push("1")}, "listpack"},
		{"not back above half a node", -1, steps{push(numbers("abcdef", 100, 500)...), remove(0, 300)}, "quicklist"},
		{"not back by pushing", -1, steps{push(value(4090))}, "quicklist"},
		{"back at half the number", 4, steps{push("1", "2", "3", "4"), push("5"), remove(2, 3)}, "listpack"},
		{"not back at more", 4, steps{push("1", "2", "3", "4"), push("5"), remove(2, 2)}, "quicklist"},
		{"back when an element is replaced", -1, steps{push(value(4090)), func(l *ListValue) { l.Set(0, []byte("small")) }}, "listpack"},
		{"replaced by one that would fit beside the old", -1, steps{push(value(3000)), func(l *ListValue) { l.Set(0, []byte(value(3000))) }}, "quicklist"},
		{"back when elements are removed", 4, steps{push("a", "b", "b", "b", "b"), func(l *ListValue) { l.RemoveEqual([]byte("b"), 0, false) }}, "listpack"},
		{"back by a pop", 2, steps{push("a", "b", "c"), func(l *ListValue) { l.PopTail(); l.PopTail() }}, "listpack"},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := DefaultLimits()
			limits.ListMaxListpackSize = c.size
			for _, old := range []bool{false, true} {
				limits.ListsAlwaysQuicklist = old
				_, db := limitedKeyspace(limits)
				for _, do := range c.do {
					l := openList(db, "k")
					do(l)
					l.Commit()
				}
				if old {
					require.Equal(t, "quicklist", encodingOf(t, db, "k"))
				} else {
					require.Equal(t, c.want, encodingOf(t, db, "k"))
				}
			}
		})
	}
}

func TestScoresKeepWhatRedisKeeps(t *testing.T) {
	_, db := limitedKeyspace(DefaultLimits())
	for i, s := range testScores {
		z := openZSet(db, "z")
		z.Set([]byte(strconv.Itoa(i)), s)
		z.Commit()
	}
	for i, s := range testScores {
		got, ok := openZSet(db, "z").Score([]byte(strconv.Itoa(i)))
		require.True(t, ok)
		require.Equal(t, s, got)
	}
}

func TestManyViewsAreReadAtOnce(t *testing.T) {
	_, db := limitedKeyspace(DefaultLimits())
	for i := range 100 {
		s := db.NewSet([]byte("s" + strconv.Itoa(i)))
		s.Add([]byte(strconv.Itoa(i)))
		s.Commit()
	}
	var open []*SetValue
	var members [][]byte
	for i := range 100 {
		s := openSet(db, "s"+strconv.Itoa(i))
		open = append(open, s)
		s.Each(func(m []byte) bool { members = append(members, m); return true })
	}
	for i, s := range open {
		require.Equal(t, strconv.Itoa(i), string(members[i]))
		require.True(t, s.Has(members[i]))
	}
}

func TestViewsDoNotAllocate(t *testing.T) {
	ks, db := limitedKeyspace(DefaultLimits())
	v := []byte("12345")
	for range 2 {
		for _, c := range []struct {
			name string
			op   func()
		}{
			{"HSET", func() { h := openHash(db, "h"); h.Set(v, v); h.Commit() }},
			{"HGET", func() { openHash(db, "h").Get(v) }},
			{"SADD", func() { s := openSet(db, "s"); s.Add(v); s.Remove(v); s.Add(v); s.Commit() }},
			{"LPUSH", func() {
				l := openList(db, "l")
				l.PushHead(v)
				l.PushTail(v)
				l.PopHead()
				l.Set(0, v)
				l.Insert(0, v)
				l.Delete(0, 2)
				l.PushHead(v)
				l.Commit()
			}},
			{"ZADD", func() { z := openZSet(db, "z"); z.Set(v, 1.5); z.Set(v, 2); z.Commit() }},
		} {
			c.op()
			require.Zero(t, testing.AllocsPerRun(100, func() { c.op(); ks.ReleaseViews() }), c.name)
		}
		ks.Limits = Limits{ListMaxListpackSize: -2} // now large ones, but for the list
	}
}
