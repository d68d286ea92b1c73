package crash

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"tabdis/tests/fromenv"
)

// damages is how much damage there is to be: 0 for a sample, else all of what can be enumerated and so many random ones (TABDIS_DAMAGES).
func damages(t testing.TB) int { return int(fromenv.Number(t, "TABDIS_DAMAGES", 0)) }

// seed is that of stories, specimens and what is random: TABDIS_CRASH_SEED.
func seed(t testing.TB) uint64 { return fromenv.Seed(t, "TABDIS_CRASH_SEED", 1) }

// census counts what came of damage.
type census struct{ refused, harmless, cut, ended atomic.Int64 }

func (c *census) count(o outcome) {
	switch o {
	case refused:
		c.refused.Add(1)
	case harmless:
		c.harmless.Add(1)
	case cut:
		c.cut.Add(1)
	default:
		c.ended.Add(1)
	}
}

func (c *census) String() string {
	return fmt.Sprintf("%d refused, %d harmless, %d cut and reported, %d ended where a block ends; 0 silently wrong",
		c.refused.Load(), c.harmless.Load(), c.cut.Load(), c.ended.Load())
}

// endings are the ways in which specimens end, and in which form their base is written.
var endings = []struct {
	name string
	rdb  bool
}{{killed, false}, {rewriting, true}, {closed, false}, {killed, true}}

// sizes of the logs that are cut and shuffled.
var sizes = map[bool]int{false: 14 << 10, true: 64 << 10}

// onSpecimens runs a test on specimens of all kinds, side by side.
func onSpecimens(t *testing.T, size int, run func(t *testing.T, s *specimen, r *rand.Rand)) {
	from := seed(t)
	t.Run("on", func(t *testing.T) { // which ends when all of them have ended
		for i, e := range endings {
			t.Run(fmt.Sprintf("%s, RDB base %v", e.name, e.rdb), func(t *testing.T) {
				t.Parallel()
				s := newSpecimen(t, from+uint64(i), size, e.name, e.rdb)
				s.first = i == 0
				t.Logf("%d bytes in %d files, %d blocks, %d units", s.size(), len(s.files), len(s.blocks), len(s.states))
				run(t, s, newRand(from, uint64(i)))
			})
		}
	})
}

// tails are what may stand in place of the bytes of a file from n on.
var tails = []struct {
	name string
	make func(s *specimen, b []byte, n int, r *rand.Rand) []byte
}{
	{"nothing", func(*specimen, []byte, int, *rand.Rand) []byte { return nil }},
	{"zeros", func(_ *specimen, b []byte, n int, _ *rand.Rand) []byte { return make([]byte, len(b)-n) }},
	{"zeros beyond the end", func(_ *specimen, b []byte, n int, _ *rand.Rand) []byte { return make([]byte, len(b)-n+5000) }},
	{"a page of zeros", func(_ *specimen, b []byte, n int, _ *rand.Rand) []byte {
		tail := bytes.Clone(b[n:])
		clear(tail[:min(len(tail), 4096)])
		return tail
	}},
	{"garbage", func(_ *specimen, b []byte, n int, r *rand.Rand) []byte {
		tail := make([]byte, 1+r.IntN(600))
		for i := range tail {
			tail[i] = byte(r.Uint32())
		}
		return tail
	}},
	{"old bytes of another file", func(s *specimen, b []byte, n int, _ *rand.Rand) []byte { return tailOf(s.stale, n) }},
	{"a page later of the same file", func(_ *specimen, b []byte, n int, _ *rand.Rand) []byte { return tailOf(b, n+4096) }},
	{"a page earlier of the same file", func(_ *specimen, b []byte, n int, _ *rand.Rand) []byte { return tailOf(b, max(n-4096, 0)) }},
}

func tailOf(b []byte, n int) []byte { return bytes.Clone(b[min(n, len(b)):]) }

// Each file is cut at every place, and other bytes may follow there.
func TestDamageBehindAnyPlace(t *testing.T) {
	var seen census
	full := damages(t) > 0
	t.Cleanup(func() { t.Log("cut at any place: ", &seen) })
	onSpecimens(t, sizes[full], func(t *testing.T, s *specimen, r *rand.Rand) {
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			b := s.files[name]
			for n, i := 0, 0; n <= len(b); i++ {
				for k, tail := range tails {
					switch {
					case full && s.first && k < 2: // the first one is cut at every byte, and zeroed from every byte
					case (i+k)%len(tails) > 0: // otherwise they take turns
						continue
					}
					changed := maps.Clone(s.files)
					changed[name] = append(bytes.Clone(b[:n]), tail.make(s, b, n, r)...)
					if s.readsAsRedis(changed) {
						continue
					}
					seen.count(s.judge(changed, fmt.Sprintf("%s, %s from %d on", name, tail.name, n)))
				}
				if n++; !full {
					n += r.IntN(2 * len(b) / 30)
				}
			}
		}
	})
	assert.Positive(t, seen.refused.Load()*seen.cut.Load(), &seen)
}

// Blocks are left out, doubled and swapped, within their file and across files.
func TestDamageOfTheOrderOfBlocks(t *testing.T) {
	var seen census
	full := damages(t) > 0
	t.Cleanup(func() { t.Log("blocks in another order: ", &seen) })
	onSpecimens(t, sizes[full], func(t *testing.T, s *specimen, r *rand.Rand) {
		for i, one := range s.blocks {
			for j, two := range s.blocks {
				near := i-j < 3 && j-i < 3 && (i > len(s.blocks)-8 || i%9 == 0)
				if !full && (!near || r.IntN(4) > 0) && r.IntN(900) > 0 {
					continue
				}
				for k, kind := range []string{"swapped", "doubled", "moved", "put over"} {
					if !near && (i+j+k)%4 > 0 {
						continue
					}
					changed := maps.Clone(s.files)
					s.shuffle(changed, kind, one, two)
					seen.count(s.judge(changed, fmt.Sprintf("block %d and %d %s", one.lsn, two.lsn, kind)))
				}
			}
		}
	})
	assert.Positive(t, seen.refused.Load()*seen.cut.Load()*seen.harmless.Load(), &seen)
}

// shuffle puts block one in another place: where block two stands.
func (s *specimen) shuffle(all map[string][]byte, kind string, one, two block) {
	text := func(b block) []byte { return s.files[b.file][b.at:b.end] }
	splice := func(b block, with []byte) { // later places first
		old := all[b.file]
		all[b.file] = slices.Concat(old[:b.at], with, old[b.end:])
	}
	if one.file == two.file && one.at == two.at && kind != "doubled" {
		kind = "left out"
	}
	switch kind {
	case "left out":
		splice(one, nil)
	case "doubled":
		splice(two, slices.Concat(text(two), text(one)))
	case "put over":
		b := bytes.Clone(all[two.file])
		copy(b[two.at:], text(one))
		all[two.file] = b
	default:
		with := text(two)
		if kind == "moved" {
			with = nil
		}
		first, second := one, two
		firstText, secondText := with, text(one)
		if kind == "moved" {
			secondText = slices.Concat(text(two), text(one))
		}
		if first.file == second.file && first.at < second.at {
			first, second, firstText, secondText = second, first, secondText, firstText
		}
		splice(first, firstText)
		splice(second, secondText)
	}
}
