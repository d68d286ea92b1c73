package crash

import (
	"strings"

	"tabdis/core/storage/memfs"
)

// worstChoices are crashes that leave of what is not durable just one thing, or all but one.
func worstChoices(seed uint64) []memfs.Policy {
	last := func(_ string, n int) int { return n - 1 }
	now := func(_ string, s memfs.Sizes) int64 { return s.Now }
	whole := func(_ string, _ int64, n int) int { return n - 1 }
	named := func(is func(name string) bool) memfs.Policy { // only what these names lead to, and what is in them
		pick := func(name string, n int) int {
			if is(name) {
				return n - 1
			}
			return 0
		}
		return memfs.Policy{Name: pick, Page: func(name string, _ int64, n int) int { return pick(name, n) }, Size: func(name string, s memfs.Sizes) int64 {
			if is(name) {
				return s.Now
			}
			return s.Durable
		}}
	}
	ends := func(end string) func(string) bool {
		return func(name string) bool { return strings.HasSuffix(name, end) }
	}
	not := func(is func(string) bool) func(string) bool { return func(name string) bool { return !is(name) } }
	return []memfs.Policy{
		{Size: now, Page: whole}, // data, and no directory entry
		{Name: last, Size: now, Page: newest()},
		{Name: last, Size: now, Page: oldest()},
		{Name: last, Size: now, Page: butOne(seed)},
		{Name: last, Size: now, Page: one(seed)},
		{Name: last, Page: whole, Size: func(_ string, s memfs.Sizes) int64 { return s.Low }},
		{Name: last, Page: whole, Size: func(_ string, s memfs.Sizes) int64 { return s.High }}, // a truncation came undone
		named(ends(".manifest")), named(not(ends(".manifest"))),
		named(ends(".incr.aof")), named(not(ends(".incr.aof"))),
		named(func(name string) bool { return strings.Contains(name, ".base.") }), named(func(name string) bool { return strings.Contains(name, ".torn-") }),
	}
}

// pages choose what a page holds, of n states: n-1 the newest. They are asked for the pages of a file in order, once each.
type pages = func(name string, page int64, n int) int

// oldest lets only the first page of each file that is not durable stay: the first one of the block under way, most of the time.
func oldest() pages {
	seen := map[string]bool{}
	return func(name string, _ int64, n int) int {
		if first := !seen[name]; first {
			seen[name] = true
			return n - 1
		}
		return 0
	}
}

// newest lets only pages behind the first one stay.
func newest() pages {
	seen := map[string]bool{}
	return func(name string, _ int64, n int) int {
		if seen[name] {
			return n - 1
		}
		seen[name] = true
		return 0
	}
}

// one lets one page stay, of all; butOne loses one.
func one(seed uint64) pages {
	left := seed % 7
	return func(_ string, _ int64, n int) int {
		if left--; left+1 == 0 {
			return n - 1
		}
		return 0
	}
}

func butOne(seed uint64) pages {
	left := seed % 7
	return func(_ string, _ int64, n int) int {
		if left--; left+1 == 0 {
			return 0
		}
		return n - 1
	}
}
