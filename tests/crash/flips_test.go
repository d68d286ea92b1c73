package crash

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Every bit of every file is flipped: it is refused, or the log is cut there, past all that is proven, and that is said.
func TestDamageOfAnyBit(t *testing.T) {
	full := damages(t) > 0
	seen := map[string]*census{"base": {}, "incr": {}, "manifest": {}, "history": {}}
	t.Cleanup(func() {
		for _, kind := range []string{"base", "incr", "manifest", "history"} {
			t.Logf("bits of %s: %v", kind, seen[kind])
		}
	})
	onSpecimens(t, 12<<10, func(t *testing.T, s *specimen, r *rand.Rand) {
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			kind := s.kind(name)
			b := s.files[name]
			for bit := 0; bit < 8*len(b); bit++ {
				if !full && r.IntN(map[string]int{"manifest": 12, "base": 150, "incr": 250, "history": 900}[kind]) > 0 {
					continue
				}
				changed := maps.Clone(s.files)
				changed[name] = bytes.Clone(b)
				changed[name][bit/8] ^= 1 << (bit % 8)
				seen[kind].count(s.judge(changed, fmt.Sprintf("%s, bit %d of byte %d", name, bit%8, bit/8)))
			}
		}
	})
	for kind, c := range seen {
		assert.Equal(t, kind == "history", c.harmless.Load()+c.ended.Load() > 0, "%s: %v", kind, c)
		assert.Equal(t, kind == "incr", c.cut.Load() > 0, "%s: %v", kind, c)
	}
}

// kind is what a file is for.
func (s *specimen) kind(name string) string {
	switch {
	case name == s.base:
		return "base"
	case slices.Contains(s.chain, name):
		return "incr"
	case strings.HasSuffix(name, ".manifest"):
		return "manifest"
	}
	return "history"
}

// strikes are kinds of damage to several bytes: what drives, caches and cables do.
var strikes = []struct {
	name   string
	strike func(all map[string][]byte, name string, r *rand.Rand)
}{
	{"a burst", func(all map[string][]byte, name string, r *rand.Rand) {
		at, n := r.IntN(len(all[name])), 2+r.IntN(63)
		for i := at; i < min(at+n, len(all[name])); i++ {
			all[name][i] = byte(r.Uint32())
		}
	}},
	{"several bits", func(all map[string][]byte, name string, r *rand.Rand) {
		for range 2 + r.IntN(6) {
			all[name][r.IntN(len(all[name]))] ^= 1 << r.IntN(8)
		}
	}},
	{"a zeroed sector", func(all map[string][]byte, name string, r *rand.Rand) { clear(sector(all[name], r)) }},
	{"a sector of ones", func(all map[string][]byte, name string, r *rand.Rand) {
		b := sector(all[name], r)
		copy(b, bytes.Repeat([]byte{0xff}, len(b)))
	}},
	{"two sectors swapped", func(all map[string][]byte, name string, r *rand.Rand) {
		one, two := sector(all[name], r), sector(all[name], r)
		n := min(len(one), len(two))
		kept := bytes.Clone(one[:n])
		copy(one[:n], two[:n])
		copy(two[:n], kept)
	}},
	{"a sector of another file", func(all map[string][]byte, name string, r *rand.Rand) {
		names := slices.Sorted(maps.Keys(all))
		copy(sector(all[name], r), sector(all[names[r.IntN(len(names))]], r))
	}},
	{"cut, then garbage", func(all map[string][]byte, name string, r *rand.Rand) {
		b := all[name][:r.IntN(len(all[name]))]
		for range 1 + r.IntN(2000) {
			b = append(b, byte(r.Uint32()))
		}
		all[name] = b
	}},
	{"bytes left out", func(all map[string][]byte, name string, r *rand.Rand) {
		at := r.IntN(len(all[name]))
		all[name] = slices.Delete(all[name], at, min(at+1+r.IntN(40), len(all[name])))
	}},
	{"bytes put in", func(all map[string][]byte, name string, r *rand.Rand) {
		at, more := r.IntN(len(all[name])), bytes.Repeat([]byte{byte(r.Uint32())}, 1+r.IntN(40))
		all[name] = slices.Insert(all[name], at, more...)
	}},
	{"two files swapped", func(all map[string][]byte, name string, r *rand.Rand) {
		names := slices.Sorted(maps.Keys(all))
		other := names[r.IntN(len(names))]
		all[name], all[other] = all[other], all[name]
	}},
	{"a file emptied", func(all map[string][]byte, name string, _ *rand.Rand) { all[name] = []byte{} }},
}

func sector(b []byte, r *rand.Rand) []byte {
	at := r.IntN(len(b)/512+1) * 512
	return b[at:min(at+512, len(b))]
}

// Damage of many kinds, one or two of them at once.
func TestDamageAtRandom(t *testing.T) {
	count := damages(t)
	if count == 0 {
		count = 880
	}
	seen := make([]census, len(strikes))
	t.Cleanup(func() {
		for i, s := range strikes {
			t.Logf("%s: %v", s.name, &seen[i])
		}
	})
	onSpecimens(t, 24<<10, func(t *testing.T, s *specimen, r *rand.Rand) {
		names := slices.Sorted(maps.Keys(s.files))
		for n := range count / len(endings) {
			changed := map[string][]byte{}
			for name, b := range s.files {
				changed[name] = bytes.Clone(b)
			}
			k := n % len(strikes)
			what := fmt.Sprintf("damage %d: %s", n, strikes[k].name)
			name := s.victim(names, r)
			strikes[k].strike(changed, name, r)
			if r.IntN(4) == 0 && len(changed[name]) > 0 {
				again := r.IntN(len(strikes) - 2) // those that leave all files where they are
				what += " and " + strikes[again].name
				strikes[again].strike(changed, name, r)
			}
			if s.readsAsRedis(changed) {
				continue
			}
			seen[k].count(s.judge(changed, what+" in "+name))
		}
	})
}

// victim is a file to be damaged: mostly the last one.
func (s *specimen) victim(names []string, r *rand.Rand) string {
	if r.IntN(3) > 0 {
		return s.chain[len(s.chain)-1]
	}
	return names[r.IntN(len(names))]
}

// readsAsRedis tells whether by chance commands stand exactly behind a block of the last file that has any bytes, where nothing proves that there
// was another block: they are taken for a Redis's (LOG §5.4).
func (s *specimen) readsAsRedis(all map[string][]byte) bool {
	if damage, _, _ := s.want(all); damage {
		return false
	}
	last := len(s.chain) - 1
	for last > 0 && len(all[s.chain[last]]) == 0 {
		last--
	}
	name, now := s.chain[last], all[s.chain[last]]
	return slices.ContainsFunc(s.blocks, func(b block) bool {
		return b.file == name && len(now) > b.end && bytes.Equal(now[:b.end], s.files[name][:b.end]) &&
			(now[b.end] == '*' || bytes.HasPrefix(now[b.end:], []byte("#TS:")))
	})
}
