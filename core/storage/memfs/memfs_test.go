package memfs_test

import (
	"testing"

	"tabdis/core/storage/memfs"
	"tabdis/core/storage/storagetest"
)

func TestConformance(t *testing.T) {
	for _, mode := range []struct {
		name string
		set  func(s *memfs.Store)
	}{
		{"inline", func(*memfs.Store) {}},
		{"background syncs", func(s *memfs.Store) { s.SetSync(memfs.SyncBackground) }},
		{"late writes", func(s *memfs.Store) {
			s.SetSync(memfs.SyncBackground)
			s.SetLateWrites(true, false)
		}},
	} {
		t.Run(mode.name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Store {
				s := memfs.New()
				mode.set(s)
				return s
			})
		})
	}
}
