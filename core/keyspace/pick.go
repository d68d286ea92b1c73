package keyspace

import "math/rand/v2"

// picker chooses n of total elements in one walk over all of them, each subset as likely as any other
// (selection sampling, Knuth, TAOCP 2, 3.4.2, algorithm S).
type picker struct {
	r           *rand.Rand
	need, total int
}

// take tells whether the next element is chosen.
func (p *picker) take() bool {
	chosen := p.need > 0 && p.r.IntN(p.total) < p.need
	p.total--
	if chosen {
		p.need--
	}
	return chosen
}

// pickFew tells whether n of total are so few that drawing with repetition beats a walk over all.
func pickFew(n, total int) bool { return n < total/3 }

// pickTable calls fn with n distinct random members of t.
func pickTable(t *table, r *rand.Rand, n int, fn func(key, val []byte)) {
	n = min(n, t.len())
	if !pickFew(n, t.len()) {
		p := picker{r, n, t.len()}
		t.each(func(key, val []byte) bool {
			if p.take() {
				fn(key, val)
			}
			return p.need > 0
		})
		return
	}
	seen := make(map[string]struct{}, n)
	for len(seen) < n {
		key, val := t.random(r)
		if _, ok := seen[string(key)]; !ok {
			seen[string(key)] = struct{}{}
			fn(key, val)
		}
	}
}
