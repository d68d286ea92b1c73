package keyspace

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type scored struct {
	score  float64
	member string
}

func (a scored) compare(b scored) int {
	switch {
	case a.score < b.score:
		return -1
	case a.score > b.score:
		return 1
	}
	return strings.Compare(a.member, b.member)
}

// checkIndex walks over all of the tree, whose every count, separator and link has to be right.
func checkIndex(t testing.TB, index *zsetIndex, model []scored) {
	var got []scored
	var prev *zsetLeaf
	var size int64
	var walk func(x *zsetInner) int
	leaf := func(l *zsetLeaf) int {
		require.Same(t, prev, l.prev)
		if prev != nil {
			require.Same(t, l, prev.next)
			require.NotZero(t, l.n)
		}
		prev = l
		size += int64(unsafe.Sizeof(*l)) + int64(cap(l.members))
		for i := range l.n {
			got = append(got, scored{l.scores[i], string(l.member(i))})
		}
		require.Equal(t, l.start(l.n), len(l.members))
		return l.n
	}
	walk = func(x *zsetInner) (n int) {
		size += int64(unsafe.Sizeof(*x))
		require.NotZero(t, x.n)
		for i := range x.n {
			c := 0
			if x.height == 1 {
				c = leaf(x.first[i])
			} else {
				require.Equal(t, x.height-1, x.down[i].height)
				c = walk(x.down[i])
				require.Same(t, x.down[i].first[0], x.first[i])
			}
			if c > 0 {
				require.Equal(t, x.first[i].scores[0], x.scores[i])
			}
			require.Equal(t, c, x.counts[i])
			n += c
		}
		for i := x.n; i < zsetInnerMax; i++ {
			require.Nil(t, x.first[i])
			require.Nil(t, x.down[i])
		}
		return n
	}
	require.Equal(t, len(model), walk(index.root))
	require.Nil(t, prev.next)
	require.True(t, slices.Equal(model, got))
	require.Equal(t, size, index.bytes)
}

func TestZSetIndexAgainstModel(t *testing.T) {
	for name, scores := range map[string]int{"few scores": 3, "many scores": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			r := testRand(t)
			index, model := newZSetIndex(), []scored{}
			steps := 30000
			for step := range steps {
				e := scored{float64(r.IntN(scores)) - 1, strconv.Itoa(r.IntN(1 << 20))}
				if r.IntN(1000) == 0 {
					e.member += strings.Repeat("x", r.IntN(40000))
				}
				i, there := slices.BinarySearchFunc(model, e, scored.compare)
				require.Equal(t, i, index.below(&zsetBound{beforeElement, e.score, []byte(e.member)}))
				switch op := r.IntN(100); {
				case op < 70 && step < steps/2 || op < 40:
					if !there {
						index.insert(e.score, []byte(e.member))
						model = slices.Insert(model, i, e)
					}
				case len(model) == 0:
				case op < 80:
					i = r.IntN(len(model))
					old := model[i]
					model = slices.Delete(model, i, i+1)
					moved := scored{e.score, old.member}
					j, clash := slices.BinarySearchFunc(model, moved, scored.compare)
					if clash {
						model = slices.Insert(model, i, old)
						continue
					}
					model = slices.Insert(model, j, moved)
					index.setScore([]byte(old.member), old.score, moved.score)
				default:
					i = r.IntN(len(model))
					n := min(1+r.IntN(3), len(model)-i)
					if r.IntN(200) == 0 {
						n = min(len(model)-i, 300)
					}
					for left := n; left > 0; {
						left -= index.delete(i, left)
					}
					model = slices.Delete(model, i, i+n)
				}
				if step%1000 == 0 {
					checkIndex(t, index, model)
					checkIndex(t, index.clone(), model)
				}
			}
			checkIndex(t, index, model)
			for i, e := range model {
				l, k := index.at(i)
				require.Equal(t, e, scored{l.scores[k], string(l.member(k))})
			}
			checkBounds(t, index, model)
			for len(model) > 0 {
				i := r.IntN(len(model))
				index.delete(i, 1)
				model = slices.Delete(model, i, i+1)
			}
			checkIndex(t, index, nil)
		})
	}
}

func checkBounds(t *testing.T, index *zsetIndex, model []scored) {
	for _, score := range []float64{math.Inf(-1), -1, -0.5, 0, 1, 17, 1 << 19, math.Inf(1)} {
		n := map[zsetBoundKind]int{}
		for _, e := range model {
			if e.score < score {
				n[beforeScore]++
			}
			if e.score <= score {
				n[afterScore]++
			}
		}
		for _, kind := range []zsetBoundKind{beforeScore, afterScore} {
			require.Equal(t, n[kind], index.below(&zsetBound{kind: kind, score: score}))
		}
	}
}

func TestZSetIndexByMember(t *testing.T) {
	index := newZSetIndex()
	for i := range 1000 {
		index.insert(7, []byte(strconv.Itoa(1000+i*2)))
	}
	for i := range 1000 {
		m := []byte(strconv.Itoa(1000 + i*2))
		require.Equal(t, i, index.below(&zsetBound{beforeMember, 0, m}))
		require.Equal(t, i+1, index.below(&zsetBound{afterMember, 0, m}))
		m = bytes.Clone(m)
		m[3]++
		require.Equal(t, i+1, index.below(&zsetBound{beforeMember, 0, m}))
	}
}

func TestZSetIndexFillsUpInOrder(t *testing.T) {
	up, down := newZSetIndex(), newZSetIndex()
	var model []scored
	n := 20000
	for i := range n {
		model = append(model, scored{float64(i), strconv.Itoa(i)})
		up.insert(float64(i), []byte(strconv.Itoa(i)))
		down.insert(float64(n-1-i), []byte(strconv.Itoa(n-1-i)))
	}
	checkIndex(t, up, model)
	checkIndex(t, down, model)
	require.Less(t, up.bytes, int64(n*24))
	for i := range n - 1 { // leave one, from the front
		require.Equal(t, 1, up.delete(0, 1))
		if i%1000 == 0 {
			checkIndex(t, up, model[i+1:])
		}
	}
	checkIndex(t, up, model[n-1:])
}
