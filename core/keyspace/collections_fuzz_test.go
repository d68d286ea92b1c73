package keyspace

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// chosen is a source of chance that a fuzzer steers: a byte of its input decides each choice, and gives texts.
type chosen struct {
	b    []byte
	rest *rand.PCG // below the byte, for what would wait for another value
}

func choices(b []byte) (*chosen, *rand.Rand) {
	c := &chosen{b, rand.NewPCG(1, 1)}
	return c, rand.New(c)
}

// Uint64 implements rand.Source.
func (c *chosen) Uint64() uint64 {
	v := c.rest.Uint64()
	if len(c.b) > 0 {
		v = uint64(c.b[0])<<56 | v>>8
		c.b = c.b[1:]
	}
	return v
}

// text is the next bytes, up to a NUL or as many as are left, now and then many times over.
func (c *chosen) text() []byte {
	end := bytes.IndexByte(c.b, 0)
	if end < 0 {
		end = len(c.b)
	}
	text := bytes.Clone(c.b[:end])
	if c.b = c.b[min(end+1, len(c.b)):]; len(text) > 0 && text[0] == '*' {
		return bytes.Repeat(text, 40)
	}
	return text
}

var fuzzSeeds = []string{"", "a1\x00b-7\x00ab", "\x801234567890123\x00\x40x\x00\xff*long\x00\x20x\x00", "zzzzzzzzzzzzzzzz\x00\x00\x00\x01\x02\x03127\x00128\x00-129\x00",
	"\x0032767\x00\x0032768\x00\x00-8388609\x00\x009223372036854775807\x00\x00*\x00\x00-9223372036854775808\x00"}

const fuzzMax = 300 // bytes: all of a value is compared again and again

// FuzzCollections changes a hash, a set and a sorted set of any texts, packed and full, and their plain models.
func FuzzCollections(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > fuzzMax {
			return
		}
		_, db := limitedKeyspace(smallLimits)
		hash, set, zset := map[string]string{}, map[string]bool{}, map[string]float64{}
		for c, r := choices(b); len(c.b) > 0; {
			add, m, v, score := r.IntN(8) < 6, c.text(), c.text(), testScores[r.IntN(len(testScores))]
			_, there := hash[string(m)]
			h := openHash(db, "h") // one view at a time: a change moves what others look at
			if add {
				require.Equal(t, !there, h.Set(m, v))
				hash[string(m)] = string(v)
			} else {
				require.Equal(t, there, h.Delete(m))
				delete(hash, string(m))
			}
			h.Commit()
			s := openSet(db, "s")
			if add {
				require.Equal(t, !there, s.Add(m))
				set[string(m)] = true
			} else {
				require.Equal(t, there, s.Remove(m))
				delete(set, string(m))
			}
			s.Commit()
			z, old := openZSet(db, "z"), zset[string(m)]
			if add {
				added, changed := z.Set(m, score)
				require.Equal(t, []bool{!there, there && old != score}, []bool{added, changed})
				if !there || old != score {
					zset[string(m)] = score
				}
			} else {
				require.Equal(t, there, z.Remove(m))
				delete(zset, string(m))
			}
			z.Commit()
			if len(hash) > 0 && (len(c.b)%8 == 0 || len(c.b) < 8) {
				checkHash(t, openHash(db, "h"), hash, r)
				checkSet(t, openSet(db, "s"), set, r)
				checkZSet(t, openZSet(db, "z"), zset, r)
			}
			require.Equal(t, 3*min(len(hash), 1), db.Len())
		}
	})
}

// FuzzList does the same with a list.
func FuzzList(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s), int8(3))
		f.Add([]byte(s), int8(-1))
	}
	f.Fuzz(func(t *testing.T, b []byte, size int8) {
		if len(b) > fuzzMax {
			return
		}
		limits := smallLimits
		limits.ListMaxListpackSize = max(int(size), -5)
		_, db := limitedKeyspace(limits)
		model := []string{}
		for c, r := choices(b); len(c.b) > 0; {
			l := openList(db, "l")
			changeList(t, r, l, &model, string(c.text()), r.IntN(2) == 0)
			l.Commit()
			if require.Equal(t, min(len(model), 1), db.Len()); len(model) == 0 {
				continue
			}
			got := []string{}
			openList(db, "l").Range(0, false, func(_ int, v []byte) bool { got = append(got, string(v)); return true })
			require.Equal(t, model, got)
		}
	})
}

// FuzzStream does the same with a stream, its groups and what they have pending.
func FuzzStream(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, entries uint8) {
		if len(b) > fuzzMax {
			return
		}
		ks := New(Options{Seed: 1})
		ks.Limits.StreamNodeMaxEntries, ks.Limits.StreamNodeMaxBytes = int(entries), 700
		db := ks.DB(0)
		m := &streamModel{groups: map[string]*modelGroup{}}
		for c, r := choices(b); len(c.b) > 0; {
			v := openStream(db, "s")
			m.change(t, r, v)
			v.Commit()
			ks.ReleaseViews()
		}
		if len(m.entries) == 0 {
			m.entries = nil
		}
		if e, ok := db.Find([]byte("s")); ok {
			require.Equal(t, m, readStream(t, e.Stream()))
			checkStreamMemory(t, openStream(db, "s").s)
		}
	})
}
