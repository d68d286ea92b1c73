package keyspace

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallLimits make random collections cross every threshold often.
var smallLimits = Limits{HashMaxListpackEntries: 8, HashMaxListpackValue: 20, ListMaxListpackSize: -1, SetMaxIntsetEntries: 10,
	SetMaxListpackEntries: 8, SetMaxListpackValue: 20, ZSetMaxListpackEntries: 8, ZSetMaxListpackValue: 20}

func limitedKeyspace(limits Limits) (*Keyspace, *DB) {
	ks := New(Options{Seed: 1})
	ks.Limits = limits
	return ks, ks.DB(0)
}

func openHash(db *DB, key string) *HashValue {
	if e, ok := db.Find([]byte(key)); ok {
		return e.Hash()
	}
	return db.NewHash([]byte(key))
}

func openSet(db *DB, key string) *SetValue {
	if e, ok := db.Find([]byte(key)); ok {
		return e.Set()
	}
	return db.NewSet([]byte(key))
}

func openList(db *DB, key string) *ListValue {
	if e, ok := db.Find([]byte(key)); ok {
		return e.List()
	}
	return db.NewList([]byte(key))
}

func openZSet(db *DB, key string) *ZSetValue {
	if e, ok := db.Find([]byte(key)); ok {
		return e.ZSet()
	}
	return db.NewZSet([]byte(key))
}

func encodingOf(t testing.TB, db *DB, key string) string {
	e, ok := db.Find([]byte(key))
	require.True(t, ok)
	return e.Encoding().String()
}

// member is one of a few hundred, some of them integers, a few long.
func member(r *rand.Rand, n int) string {
	switch i := r.IntN(n); {
	case i%3 == 0:
		return strconv.Itoa(i - n/2)
	case i == 1:
		return strings.Repeat("long", 6)
	default:
		return "m" + strconv.Itoa(i)
	}
}

func TestHashAgainstModel(t *testing.T) {
	r := testRand(t)
	seen := map[string]bool{}
	for _, n := range []int{6, 20, 600} {
		_, db := limitedKeyspace(smallLimits)
		model := map[string]string{}
		for step := range 2000 {
			h := openHash(db, "h")
			for range 1 + r.IntN(4) {
				f, v := member(r, n), member(r, n)
				if r.IntN(200) == 0 {
					v = strings.Repeat("v", r.IntN(3000))
				}
				_, there := model[f]
				if r.IntN(2+step/500) == 0 {
					require.Equal(t, !there, h.Set([]byte(f), []byte(v)))
					model[f] = v
				} else {
					require.Equal(t, there, h.Delete([]byte(f)))
					delete(model, f)
				}
				val, ok := h.Get([]byte(f))
				require.Equal(t, model[f], string(val))
				_, there = model[f]
				require.Equal(t, there, ok)
			}
			stored := db.Len() == 1
			require.Equal(t, stored && len(model) == 0, h.Commit())
			require.Equal(t, min(len(model), 1), db.Len())
			if len(model) == 0 {
				continue
			}
			seen[encodingOf(t, db, "h")] = true
			if step%10 == 0 {
				checkHash(t, openHash(db, "h"), model, r)
			}
		}
	}
	require.Equal(t, map[string]bool{"listpack": true, "hashtable": true}, seen)
}

func checkHash(t *testing.T, h *HashValue, model map[string]string, r *rand.Rand) {
	require.Equal(t, len(model), h.Len())
	all := map[string]string{}
	h.Each(func(f, v []byte) bool {
		all[string(f)] = string(v)
		return true
	})
	require.Equal(t, model, all)
	clear(all)
	for cursor := uint64(0); ; {
		cursor = h.Scan(cursor, 10, func(f, v []byte) { all[string(f)] = string(v) })
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, model, all)
	f, v := h.Random(r)
	require.Equal(t, model[string(f)], string(v))
	for _, n := range []int{1, len(model) / 2, len(model)} {
		picked := map[string]string{}
		h.Pick(r, n, func(f, v []byte) {
			require.NotContains(t, picked, string(f))
			picked[string(f)] = string(v)
		})
		require.Len(t, picked, n)
		for f, v := range picked {
			require.Equal(t, model[f], v)
		}
	}
}

func TestSetAgainstModel(t *testing.T) {
	r := testRand(t)
	seen := map[string]bool{}
	for _, n := range []int{6, 20, 600} {
		for _, ints := range []bool{false, true} {
			_, db := limitedKeyspace(smallLimits)
			model := map[string]bool{}
			for step := range 1500 {
				s := openSet(db, "s")
				for range 1 + r.IntN(4) {
					m := member(r, n)
					if ints && r.IntN(50) > 0 {
						m = strconv.Itoa(r.IntN(n) << r.IntN(40))
					}
					if r.IntN(2+step/500) == 0 {
						require.Equal(t, !model[m], s.Add([]byte(m)))
						model[m] = true
					} else {
						require.Equal(t, model[m], s.Remove([]byte(m)))
						delete(model, m)
					}
					require.Equal(t, model[m], s.Has([]byte(m)))
				}
				stored := db.Len() == 1
				require.Equal(t, stored && len(model) == 0, s.Commit())
				if require.Equal(t, min(len(model), 1), db.Len()); len(model) == 0 {
					continue
				}
				seen[encodingOf(t, db, "s")] = true
				if step%10 == 0 {
					checkSet(t, openSet(db, "s"), model, r)
				}
			}
		}
	}
	require.Equal(t, map[string]bool{"intset": true, "listpack": true, "hashtable": true}, seen)
}

func checkSet(t *testing.T, s *SetValue, model map[string]bool, r *rand.Rand) {
	require.Equal(t, len(model), s.Len())
	all := map[string]bool{}
	s.Each(func(m []byte) bool {
		all[string(m)] = true
		return true
	})
	require.Equal(t, model, all)
	clear(all)
	for cursor := uint64(0); ; {
		cursor = s.Scan(cursor, 10, func(m []byte) { all[string(m)] = true })
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, model, all)
	require.True(t, model[string(s.Random(r))])
	for _, n := range []int{1, len(model) / 2, len(model)} {
		picked := map[string]bool{}
		s.Pick(r, n, func(m []byte) { picked[string(m)] = model[string(m)] })
		require.Len(t, picked, n)
		require.NotContains(t, slices.Collect(maps.Values(picked)), false)
	}
}

func TestListAgainstModel(t *testing.T) {
	r := testRand(t)
	for _, size := range []int{-1, 3, 100} {
		seen := map[string]bool{}
		limits := smallLimits
		limits.ListMaxListpackSize = size
		_, db := limitedKeyspace(limits)
		model := []string{}
		for step := range 1500 {
			l := openList(db, "l")
			for range 1 + r.IntN(3) {
				v := member(r, 30)
				if r.IntN(4) == 0 {
					v = strings.Repeat("v", r.IntN(700))
				}
				changeList(t, r, l, &model, v, step/300%2 == 0)
			}
			stored := db.Len() == 1
			require.Equal(t, stored && len(model) == 0, l.Commit())
			if require.Equal(t, min(len(model), 1), db.Len()); len(model) == 0 {
				continue
			}
			seen[encodingOf(t, db, "l")] = true
			if l = openList(db, "l"); step%10 == 0 {
				got := []string{}
				l.Range(0, false, func(_ int, v []byte) bool { got = append(got, string(v)); return true })
				require.Equal(t, model, got)
				slices.Reverse(got)
				i := len(model) - 1
				l.Range(i, true, func(j int, v []byte) bool {
					require.Equal(t, i, j)
					require.Equal(t, model[i], string(v))
					i--
					return true
				})
			}
		}
		require.Equal(t, map[string]bool{"listpack": true, "quicklist": true}, seen)
	}
}

func changeList(t *testing.T, r *rand.Rand, l *ListValue, model *[]string, v string, grow bool) {
	m := *model
	switch op := r.IntN(12); {
	case op < 2 || op < 4 && grow:
		l.PushHead([]byte(v))
		m = slices.Insert(m, 0, v)
	case op < 4 || op < 7 && grow:
		l.PushTail([]byte(v))
		m = append(m, v)
	case op == 7 || len(m) == 0:
		i := r.IntN(len(m) + 1)
		l.Insert(i, []byte(v))
		m = slices.Insert(m, i, v)
	case op == 4:
		got, ok := l.PopHead()
		require.True(t, ok)
		require.Equal(t, m[0], string(got))
		m = m[1:]
	case op < 7:
		got, ok := l.PopTail()
		require.True(t, ok)
		require.Equal(t, m[len(m)-1], string(got))
		m = m[:len(m)-1]
	case op == 8:
		i := r.IntN(len(m))
		l.Set(i, []byte(v))
		m[i] = v
	case op == 9:
		max, reverse := r.IntN(3), r.IntN(2) == 0
		want := max
		if max == 0 {
			want = len(m)
		}
		require.Equal(t, removeModel(&m, v, want, reverse), l.RemoveEqual([]byte(v), max, reverse))
	case op == 10 && !grow:
		i := r.IntN(len(m))
		n := min(1+r.IntN(5), len(m)-i)
		l.Delete(i, n)
		m = slices.Delete(m, i, i+n)
	default:
		i := r.IntN(len(m))
		got, ok := l.Index(i)
		require.True(t, ok)
		require.Equal(t, m[i], string(got))
	}
	require.Equal(t, len(m), l.Len())
	*model = m
}

func TestZSetAgainstModel(t *testing.T) {
	r := testRand(t)
	seen := map[string]bool{}
	for _, n := range []int{6, 20, 900} {
		_, db := limitedKeyspace(smallLimits)
		model := map[string]float64{}
		for step := range 1500 {
			z := openZSet(db, "z")
			for range 1 + r.IntN(4) {
				m, score := member(r, n), testScores[r.IntN(len(testScores))]
				old, there := model[m]
				if r.IntN(2+step/500) == 0 {
					added, changed := z.Set([]byte(m), score)
					require.Equal(t, !there, added)
					require.Equal(t, there && old != score, changed)
					if !there || old != score {
						model[m] = score
					}
				} else {
					require.Equal(t, there, z.Remove([]byte(m)))
					delete(model, m)
				}
				want, there := model[m]
				score, ok := z.Score([]byte(m))
				require.Equal(t, there, ok)
				require.Equal(t, want, score)
			}
			if len(model) > 0 && r.IntN(20) == 0 {
				sorted := sortedModel(model)
				i := r.IntN(len(sorted))
				k := min(1+r.IntN(5), len(sorted)-i)
				z.DeleteRange(i, k)
				for _, e := range sorted[i : i+k] {
					delete(model, e.member)
				}
			}
			stored := db.Len() == 1
			require.Equal(t, stored && len(model) == 0, z.Commit())
			if require.Equal(t, min(len(model), 1), db.Len()); len(model) == 0 {
				continue
			}
			seen[encodingOf(t, db, "z")] = true
			if step%10 == 0 {
				checkZSet(t, openZSet(db, "z"), model, r)
			}
		}
	}
	require.Equal(t, map[string]bool{"listpack": true, "skiplist": true}, seen)
}

var testScores = []float64{0, 1, 2, 3, -1, 1.5, 0.1, -2.25, 1e300, -1e300, 5e-324, math.MaxFloat64, 1 << 53, 1<<62 + 1<<20,
	math.MaxInt64, math.Inf(1), math.Inf(-1), 123456789.125}

func sortedModel(model map[string]float64) []scored {
	var sorted []scored
	for m, s := range model {
		sorted = append(sorted, scored{s, m})
	}
	slices.SortFunc(sorted, scored.compare)
	return sorted
}

func checkZSet(t *testing.T, z *ZSetValue, model map[string]float64, r *rand.Rand) {
	sorted := sortedModel(model)
	require.Equal(t, len(sorted), z.Len())
	var all []scored
	z.Each(func(m []byte, s float64) bool { all = append(all, scored{s, string(m)}); return true })
	require.Equal(t, sorted, all)
	i, reverse := r.IntN(len(sorted)), r.IntN(2) == 0
	z.Range(i, reverse, func(m []byte, s float64) bool {
		require.Equal(t, sorted[i], scored{s, string(m)})
		if i++; reverse {
			i -= 2
		}
		return true
	})
	i = r.IntN(len(sorted))
	rank, score, ok := z.Rank([]byte(sorted[i].member))
	require.True(t, ok)
	require.Equal(t, i, rank)
	require.Equal(t, sorted[i].score, score)
	for _, s := range testScores {
		below := slices.IndexFunc(sorted, func(e scored) bool { return e.score >= s })
		upTo := slices.IndexFunc(sorted, func(e scored) bool { return e.score > s })
		if below < 0 {
			below = len(sorted)
		}
		if upTo < 0 {
			upTo = len(sorted)
		}
		require.Equal(t, below, z.Below(s, false))
		require.Equal(t, upTo, z.Below(s, true))
	}
	scanned := map[string]float64{}
	for cursor := uint64(0); ; {
		cursor = z.Scan(cursor, 10, func(m []byte, s float64) { scanned[string(m)] = s })
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, model, scanned)
	m, s := z.Random(r)
	require.Equal(t, model[string(m)], s)
	for _, n := range []int{1, len(model) / 4, len(model)} {
		picked := map[string]float64{}
		z.Pick(r, n, func(m []byte, s float64) { picked[string(m)] = s })
		require.Len(t, picked, n)
	}
}

func TestBelowLexWithEqualScores(t *testing.T) {
	for _, n := range []int{5, 500} {
		_, db := limitedKeyspace(smallLimits)
		z := db.NewZSet([]byte("z"))
		for i := range n {
			z.Set([]byte(strconv.Itoa(1000+2*i)), 3)
		}
		z.Commit()
		z = openZSet(db, "z")
		require.Zero(t, z.BelowLex(nil, true))
		require.Equal(t, n, z.BelowLex([]byte("zzz"), false))
		require.Equal(t, 2, z.BelowLex([]byte("1004"), false))
		require.Equal(t, 3, z.BelowLex([]byte("1004"), true))
		require.Equal(t, 3, z.BelowLex([]byte("1005"), false))
	}
}
