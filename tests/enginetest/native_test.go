//go:build !js

package enginetest

import (
	"testing"

	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
	"tabdis/core/storage/osfs"
	"tabdis/core/storage/storagetest"
)

func TestEngineOverMemory(t *testing.T) {
	Run(t, func(*testing.T) storagetest.Store { return memfs.New() })
}

func TestEngineOverBackgroundSyncs(t *testing.T) {
	Run(t, func(*testing.T) storagetest.Store {
		store := memfs.New()
		store.SetSync(memfs.SyncBackground)
		store.SetLateWrites(true, false)
		return store
	})
}

func TestEngineOverFiles(t *testing.T) {
	Run(t, func(t *testing.T) storagetest.Store {
		dir := t.TempDir()
		return storagetest.Opener(func() (storage.FS, error) { return osfs.Open(dir) })
	})
}
