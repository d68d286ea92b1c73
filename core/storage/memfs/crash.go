package memfs

import (
	"math/rand/v2"
)

// Page is the unit in which content reaches the disk.
const Page = 4096

// Policy decides what a crash leaves of what is not durable. A nil function chooses 0: the durable state.
type Policy struct {
	// Name chooses which file the name leads to, of n: 0 the durable one (or none), n-1 the current one (or none).
	Name func(name string, n int) int
	// Size chooses the size, from s.Low to s.High.
	Size func(name string, s Sizes) int64
	// Page chooses what a page holds, of n different states in their order: 0 the durable one, n-1 the current one.
	Page func(name string, page int64, n int) int
}

// Sizes are those a file had since its last sync: the durable one, the current one, the smallest and the largest.
type Sizes struct{ Durable, Now, Low, High int64 }

// Nothing is the policy by which nothing stays that is not durable.
func Nothing() Policy { return Policy{Size: durableSize} }

// Everything is the policy by which all stays as it is: the end of a process, not of power.
func Everything() Policy { return Policy{Name: lastName, Size: sizeNow, Page: lastPage} }

// Zeros is the policy by which names and sizes stay and contents do not: what was not durable reads as zeros.
func Zeros() Policy { return Policy{Name: lastName, Size: sizeNow} }

// Names is the policy by which names stay and new content does not.
func Names() Policy { return Policy{Name: lastName, Size: durableSize} }

// Prefix is the policy by which names stay, and n bytes behind the durable part of each file.
func Prefix(n int64) Policy {
	return Policy{Name: lastName, Page: lastPage, Size: func(_ string, s Sizes) int64 {
		return max(s.Durable, min(s.Now, s.Durable+n))
	}}
}

// Random is the policy that tosses a coin for everything. The same seed gives the same crash.
func Random(seed uint64) Policy {
	r := rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	return Policy{
		Name: func(_ string, n int) int { return r.IntN(n) },
		Page: func(_ string, _ int64, n int) int { return r.IntN(n) },
		Size: func(_ string, s Sizes) int64 {
			switch r.IntN(4) { // the ends are the likely ones
			case 0:
				return s.Durable
			case 1:
				return s.Now
			}
			return s.Low + r.Int64N(s.High-s.Low+1)
		},
	}
}

func durableSize(_ string, s Sizes) int64   { return s.Durable }
func sizeNow(_ string, s Sizes) int64       { return s.Now }
func lastName(_ string, n int) int          { return n - 1 }
func lastPage(_ string, _ int64, n int) int { return n - 1 }

// CrashClone is the disk as a power cut at this moment leaves it. The store itself goes on.
func (s *Store) CrashClone(p Policy) *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]bool{}
	for name := range s.names {
		all[name] = true
	}
	for name := range s.durable {
		all[name] = true
	}
	clone := New()
	clone.capacity = s.capacity
	for _, name := range sortedNames(all) {
		states := []*inode{s.durable[name]}
		if now := s.names[name]; now != states[0] {
			if now != nil && states[0] != nil && !now.replaced {
				states = append(states, nil) // removed, and the new one not there yet
			}
			states = append(states, now)
		}
		choice := 0
		if len(states) > 1 && p.Name != nil {
			choice = p.Name(name, len(states))
		}
		if n := states[choice]; n != nil {
			data := n.crash(name, p)
			left := &inode{data: data, durable: append([]byte(nil), data...), arrived: len(data), clean: len(data)}
			clone.names[name], clone.durable[name] = left, left
		}
	}
	return clone
}

// crash builds what stays of the content.
func (n *inode) crash(name string, p Policy) []byte {
	states := append([][]byte{n.durable}, n.ghosts...)
	states = append(states, n.data[:min(n.arrived, len(n.data))])
	sizes := Sizes{Durable: int64(len(n.durable)), Now: int64(len(states[len(states)-1]))}
	sizes.Low, sizes.High = sizes.Durable, sizes.Durable
	for _, state := range states {
		sizes.Low, sizes.High = min(sizes.Low, int64(len(state))), max(sizes.High, int64(len(state)))
	}
	size := sizes.Durable
	if p.Size != nil && sizes.Low < sizes.High {
		size = p.Size(name, sizes)
	}
	data := make([]byte, size)
	for at := int64(0); at < size; at += Page {
		end := min(at+Page, size)
		// The different states this page went through, in their order.
		var pages [][]byte
		for _, state := range states {
			page := make([]byte, end-at)
			if at < int64(len(state)) {
				copy(page, state[at:])
			}
			if len(pages) == 0 || string(pages[len(pages)-1]) != string(page) {
				pages = append(pages, page)
			}
		}
		choice := 0
		if len(pages) > 1 && p.Page != nil {
			choice = p.Page(name, at/Page, len(pages))
		}
		copy(data[at:], pages[choice])
	}
	return data
}
