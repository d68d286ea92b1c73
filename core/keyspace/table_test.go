package keyspace

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// testSeed is of the random tests: another one is another test.
var testSeed = flag.Uint64("seed", 1, "of the tests by chance")

// hashes are the strong hash and weak ones, under which many keys share a place.
var hashes = map[string]uint64{"strong": ^uint64(0), "16 places": 0xf << 60, "256 low places": 0xff, "one place": 0, "narrow": 0xffff<<32 | 0xff}

func testKeyspace(seed, mask uint64) *Keyspace {
	ks := New(Options{Seed: seed})
	ks.space.mask = mask
	return ks
}

// checkTable proves what must always hold of a table.
func checkTable(t testing.TB, tb *table) {
	t.Helper()
	require.Len(t, tb.dir, 1<<tb.depth)
	var segs, count, volatile int
	var mem int64
	var depths [maxDepth + 1]int32
	boxed := map[uint32]bool{}
	for at, end := uint64(0), false; !end; {
		head := tb.segment(at)
		require.Equal(t, at, head.prefix)
		first, n := tb.stands(head)
		for i := first; i < first+n; i++ {
			require.Same(t, head, tb.dir[i])
		}
		segs++
		depths[head.depth]++
		earliest := int64(neverDue)
		for s := head; s != nil; s = s.over {
			mem += segmentSize + int64(cap(s.heap))
			live := 0
			var passed [groups]int
			used := 0
			for i := s.next(0); i >= 0; i = s.next(i + 1) {
				r := s.record(i)
				live += r.size
				count++
				used++
				h := tb.sp.place(r.key)
				require.Equal(t, byte(h), byte(s.groups[i>>3].ctrl>>(i&7*8)))
				require.Same(t, head, tb.segment(h))
				for g := home(h); g != i>>3; g = (g + 1) % groups {
					passed[g]++
				}
				if r.expires != NoExpiry {
					volatile++
					earliest = min(earliest, r.expires)
				}
				if r.boxed() {
					b := binary.LittleEndian.Uint32(r.val)
					require.False(t, boxed[b], "a box of two records")
					boxed[b] = true
					mem += tb.boxes.at(b).mem
				}
			}
			for g := range groups {
				require.EqualValues(t, passed[g], s.groups[g].ctrl>>56)
			}
			require.EqualValues(t, used, s.n)
			require.EqualValues(t, live, s.live)
			require.LessOrEqual(t, live, len(s.heap))
			require.False(t, s != head && s.n == 0, "an empty overflow")
		}
		require.LessOrEqual(t, tb.due.earliest(head), earliest)
		if head.duePos > 0 {
			require.Same(t, head, tb.due.segs[head.duePos-1].s)
		}
		at += head.span()
		end = at == 0
	}
	for i := 1; i < len(tb.due.segs); i++ {
		require.LessOrEqual(t, tb.due.segs[(i-1)/2].at, tb.due.segs[i].at)
	}
	mem += 8*int64(len(tb.dir)) + chunkSize*int64(len(tb.boxes.chunks))
	require.Equal(t, tb.segs, segs)
	require.Equal(t, tb.at, depths)
	require.Equal(t, tb.count, count)
	require.Equal(t, tb.due.volatile, volatile)
	require.Equal(t, tb.boxes.live, len(boxed))
	require.Equal(t, mem, tb.mem)
}

func randomValue(r *rand.Rand) []byte {
	n := r.IntN(60)
	switch r.IntN(40) {
	case 0:
		n = r.IntN(5000)
	case 1:
		n = r.IntN(600)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func randomKey(r *rand.Rand, keys int) []byte {
	n := r.IntN(keys)
	k := fmt.Appendf(nil, "key:%d", n)
	if n%50 == 0 {
		k = append(k, make([]byte, n%300)...)
	}
	if n == 0 {
		k = k[:0]
	}
	return k
}

func TestTableIsAMap(t *testing.T) {
	for name, mask := range hashes {
		t.Run(name, func(t *testing.T) {
			seed := *testSeed
			t.Log("seed", seed)
			r := rand.New(rand.NewPCG(seed, 1))
			sp := newSpace(seed)
			sp.mask = mask
			tb := newTable(sp)
			model := map[string][]byte{}
			for phase := range 6 {
				keys := 1500
				for range 4000 {
					k := randomKey(r, keys)
					if r.IntN(10) < []int{9, 5, 1}[phase%3] {
						v := randomValue(r)
						_, had := model[string(k)]
						require.Equal(t, !had, tb.put(k, v))
						model[string(k)] = v
					} else {
						_, had := model[string(k)]
						require.Equal(t, had, tb.delete(k))
						delete(model, string(k))
					}
					k = randomKey(r, keys)
					v, ok := tb.get(k)
					want, had := model[string(k)]
					require.Equal(t, had, ok)
					require.Equal(t, string(want), string(v))
				}
				checkTable(t, tb)
				clone := tb.clone()
				checkTable(t, clone)
				for _, tb := range []*table{tb, clone} {
					seen := map[string]bool{}
					tb.each(func(k, v []byte) bool {
						require.Equal(t, string(model[string(k)]), string(v))
						require.False(t, seen[string(k)])
						seen[string(k)] = true
						return true
					})
					require.Len(t, seen, len(model))
				}
			}
			for k := range model {
				require.True(t, tb.delete([]byte(k)))
			}
			checkTable(t, tb)
			require.Equal(t, 1, tb.segs)
			require.Equal(t, segmentSize+8, tb.mem, "an empty table gives everything back")
		})
	}
}

func TestTableOfAMillionGivesItsMemoryBack(t *testing.T) {
	tb := newTable(newSpace(1))
	var k [8]byte
	const n = 200_000
	for i := range n {
		binary.LittleEndian.PutUint64(k[:], uint64(i))
		tb.put(k[:], k[:])
	}
	full := tb.mem
	for i := range n - 1000 {
		binary.LittleEndian.PutUint64(k[:], uint64(i))
		tb.delete(k[:])
	}
	checkTable(t, tb)
	require.Less(t, tb.mem, full/40)
}

func TestSegmentIsOneAllocationWithoutWaste(t *testing.T) {
	require.EqualValues(t, 1152, segmentSize)
	require.EqualValues(t, 64, unsafe.Sizeof(group{}))
	require.EqualValues(t, 56, unsafe.Offsetof(segment{}.groups))
}

func TestPlacesAreSpread(t *testing.T) {
	hs := newHasher(7)
	var k [10]byte
	var count [64]int
	prints := map[byte]int{}
	for i := range 1 << 16 {
		p := hs.place(fmt.Appendf(k[:0], "key:%06d", i))
		count[p>>58]++
		prints[byte(p)]++
	}
	for i := range 63 {
		// The density falls as 1/(1+x), from the first place to the last by half.
		want := float64(1<<16) / 64 / (1 + (float64(i)+0.5)/64) / 0.6931
		require.InEpsilon(t, want, count[i], 0.2, i)
	}
	require.Len(t, prints, 255)
	require.NotEqual(t, hs.place([]byte("a")), hs.place([]byte("b")))
	other := newHasher(8)
	require.NotEqual(t, hs.place([]byte("a")), other.place([]byte("a")), "the seed matters")
}
