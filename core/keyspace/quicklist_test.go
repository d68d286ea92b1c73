package keyspace

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func quicklistStrings(t testing.TB, q *quicklist) []string {
	all := []string{}
	var bytes int64
	n := 0
	for _, c := range q.chunks {
		require.NotEmpty(t, c.nodes)
		require.LessOrEqual(t, len(c.nodes), listChunkMax)
		sum := 0
		for _, nd := range c.nodes {
			s := listpackStrings(t, nd.lp)
			require.NotEmpty(t, s)
			all = append(all, s...)
			sum += len(s)
			bytes += int64(cap(nd.lp))
		}
		require.Equal(t, sum, c.n)
		bytes += int64(cap(c.nodes))*32 + 32
		n += sum
	}
	require.Equal(t, n, q.n)
	require.Equal(t, bytes, q.bytes)
	return all
}

func TestQuicklistAgainstModel(t *testing.T) {
	r := testRand(t)
	for _, size := range []int{1, 2, 5, 100, -1, -2} {
		t.Run(strconv.Itoa(size), func(t *testing.T) { quicklistAgainstModel(t, r, newListLimit(size), 1500) })
	}
}

func quicklistAgainstModel(t *testing.T, r *rand.Rand, m listLimit, steps int) {
	q, model := &quicklist{}, []string{}
	var frozen []string
	big := m.bytes / 3
	text := func() string {
		if m.count < 100 {
			return strconv.Itoa(r.IntN(20))
		}
		return strings.Repeat("v", r.IntN(big)) + strconv.Itoa(r.IntN(20))
	}
	for step := range steps {
		s := text()
		v := []byte(s)
		grow := step < steps*2/3
		switch op := r.IntN(10); {
		case op == 0 || op == 1 && grow:
			q.pushHead(v, m)
			model = slices.Insert(model, 0, s)
		case op == 1 || op == 2 && grow:
			q.pushTail(v, m)
			model = append(model, s)
		case op <= 4:
			i := r.IntN(len(model) + 1)
			q.insert(i, v, m)
			model = slices.Insert(model, i, s)
		case len(model) == 0:
		case op == 5:
			i := r.IntN(len(model))
			q.set(i, v, m)
			model[i] = s
		case op == 6 && (!grow || step%20 == 0):
			x := newNeedle(v)
			max, reverse := 1+r.IntN(3), r.IntN(2) == 0
			require.Equal(t, removeModel(&model, s, max, reverse), q.removeEqual(&x, max, reverse))
		case op == 7 || !grow:
			i := r.IntN(len(model))
			n := min(len(model)-i, 1+r.IntN(4))
			q.delete(i, n)
			model = slices.Delete(model, i, i+n)
		case op == 8 && step%7 == 0:
			if q.frozen != nil { // what a snapshot holds is as it was
				got := []string{}
				for _, lp := range q.frozen.nodes {
					got = append(got, listpackStrings(t, lp)...)
				}
				require.Equal(t, frozen, got)
				q.thaw(nil)
			} else {
				q.freeze(nil)
				frozen = slices.Clone(model)
			}
		}
		if len(model) > 0 {
			i, reverse := r.IntN(len(model)), r.IntN(2) == 0
			q.iterate(i, reverse, make([]byte, 20), func(j int, v []byte) bool {
				require.Equal(t, i, j)
				require.Equal(t, model[i], string(v))
				if i++; reverse {
					i -= 2
				}
				return r.IntN(50) > 0
			})
		}
		if step%100 == 0 {
			require.Equal(t, model, quicklistStrings(t, q))
			require.Equal(t, model, quicklistStrings(t, q.clone().(*quicklist)))
		}
	}
	require.Equal(t, model, quicklistStrings(t, q))
}

func removeModel(model *[]string, s string, max int, reverse bool) (n int) {
	if reverse {
		slices.Reverse(*model)
		defer func() { slices.Reverse(*model) }()
	}
	*model = slices.DeleteFunc(*model, func(e string) bool {
		if e == s && n < max {
			n++
			return true
		}
		return false
	})
	return n
}

func TestQuicklistWithManyChunks(t *testing.T) {
	q, m, n := &quicklist{}, newListLimit(1), 1000
	for i := range n {
		q.pushTail([]byte(strconv.Itoa(i)), m)
		q.pushHead([]byte(strconv.Itoa(-i)), m)
	}
	require.Greater(t, len(q.chunks), 4)
	for i := range 2 * n {
		p, k := q.seek(i)
		want := i - n
		if i < n {
			want = i - n + 1
		}
		_, got, _ := q.node(p).lp.value(q.node(p).lp.at(k))
		require.EqualValues(t, want, got)
	}
	for i := range n {
		q.insert(n, []byte("middle"+strconv.Itoa(i)), m)
	}
	require.Len(t, quicklistStrings(t, q), 3*n)
	q.delete(10, 3*n-20)
	require.Len(t, quicklistStrings(t, q), 20)
	q.delete(0, 20)
	require.Zero(t, q.n)
	require.Zero(t, q.bytes)
}
