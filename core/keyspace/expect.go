package keyspace

import "math"

// What Expect makes room for at the most beside what there is. The room of keys that do not come is lost.
const (
	maxExpected      = 300_000
	maxExpectedBytes = 16 << 20
)

// Expect makes room for n keys in all, of the size of those that there are: they come then without splits, and without heaps that grow with
// each of them. A guess is good enough.
func (db *DB) Expect(n int) {
	t := db.t
	if t.count == 0 || t.walk != nil {
		return
	}
	live := 0
	t.heads(func(s *segment) { live += int(s.live) })
	each := live/t.count + 1
	n = min(n, t.count+min(maxExpected, maxExpectedBytes/each))
	full := min(slots, max(splitRecords, splitBytes/each))
	t.heads(func(s *segment) {
		// Some get more than is expected of them, and grow as usual: room for all would be a tenth more memory.
		for s.expected(n) > full*11/12 && s.over == nil && t.split(s) {
		}
		if room := min(s.expected(n)*each*3/4, splitBytes); s.over == nil && room > cap(s.heap) {
			t.sp.pool.settle()
			t.compact(s, room)
		}
	})
}

// heads calls fn for each segment, by place. fn may split it: the upper half comes next.
func (t *table) heads(fn func(s *segment)) {
	for h := uint64(0); ; {
		s := t.segment(h)
		fn(s)
		if h += s.span(); h == 0 {
			return
		}
	}
}

// expected is how many of n keys belong in the segment, by the density of bend.
func (s *segment) expected(n int) int {
	share := 1 / float64(uint64(1)<<s.depth)
	middle := float64(s.prefix)/(1<<32)/(1<<32) + share/2
	return int(float64(n) * share / (1 + middle) / math.Ln2)
}
