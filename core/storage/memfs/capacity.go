package memfs

import (
	"context"

	"tabdis/core/storage"
)

// SetCapacity gives the disk so many bytes, from now on; 0: without end. They are taken in whole pages. What does not fit any more gives
// storage.ErrQuota, an Append after it has written what did fit; a removed or truncated file gives its pages back at once, and a Replace
// needs room for the old content and the new one. Lowering it below what is used takes nothing away: somebody else filled the disk.
func (s *Store) SetCapacity(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capacity = n
}

// Used is how many bytes of the capacity are taken.
func (s *Store) Used() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used()
}

func pages(n int) int64 { return (int64(n) + Page - 1) / Page * Page }

func (s *Store) used() (n int64) {
	for _, f := range s.names {
		n += pages(len(f.data) - f.over)
	}
	return n
}

// fits is how many of want bytes fit behind the end of n.
func (s *Store) fits(n *inode, want int) int {
	if s.capacity == 0 {
		return want
	}
	slack := pages(len(n.data)) - int64(len(n.data))
	return int(min(int64(want), slack+max(0, s.capacity-s.used())/Page*Page))
}

// Space tells of the capacity.
func (v *fs) Space(ctx context.Context) (used, free, limit int64, err error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return -1, -1, -1, err
	}
	defer v.store.mu.Unlock()
	s := v.store
	if s.capacity == 0 {
		return s.used(), -1, -1, nil
	}
	return s.used(), max(0, s.capacity-s.used()), s.capacity, nil
}

var _ storage.Spacer = (*fs)(nil)
