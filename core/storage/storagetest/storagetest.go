// Package storagetest is the suite that every storage.FS passes.
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storagetest.Store {
//			dir := t.TempDir()
//			return storagetest.Opener(func() (storage.FS, error) { return osfs.Open(dir) })
//		})
//	}
//
// Each test gets a new, empty store, and opens it as often as it needs. What only a crash shows is beyond this suite: see memfs.
package storagetest

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

// Store is a place that can be opened again and again: one directory, one database.
type Store interface {
	Open() (storage.FS, error)
}

// Opener is a Store that is a function.
type Opener func() (storage.FS, error)

// Open calls o.
func (o Opener) Open() (storage.FS, error) { return o() }

// Run runs the suite. newStore makes a new, empty store, different from all others, and cleans up with t.Cleanup. Tests run one
// after another.
func Run(t *testing.T, newStore func(t *testing.T) Store) {
	for _, group := range [][]test{names, files, syncs, replaces} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				h := &handle{T: t, store: newStore(t)}
				h.open()
				t.Cleanup(h.cleanup)
				c.run(h)
			})
		}
	}
}

type test struct {
	name string
	run  func(h *handle)
}

var ctx = context.Background()

// handle is one test's store, open.
type handle struct {
	*testing.T
	store Store
	fs    storage.FS
}

func (h *handle) open() {
	h.Helper()
	fs, err := h.store.Open()
	require.NoError(h, err, "open the store")
	h.fs = fs
}

func (h *handle) close() {
	h.Helper()
	require.NoError(h, h.fs.Close(), "close the store")
	h.fs = nil
}

// reopen is a clean end and a new start.
func (h *handle) reopen() {
	h.Helper()
	h.close()
	h.open()
}

func (h *handle) cleanup() {
	if h.fs != nil {
		assert.NoError(h, h.fs.Close())
	}
}

// create makes a file that holds data.
func (h *handle) create(name string, data []byte) storage.File {
	h.Helper()
	f, err := h.fs.Create(ctx, name)
	require.NoError(h, err)
	require.NoError(h, f.Append(data))
	return f
}

func (h *handle) openFile(name string) storage.File {
	h.Helper()
	f, err := h.fs.Open(ctx, name)
	require.NoError(h, err)
	return f
}

// sync waits for a sync and returns its result.
func (h *handle) sync(f storage.File, now bool) error {
	h.Helper()
	result := make(chan error, 2)
	f.Sync(now, func(err error) { result <- err })
	return <-result
}

// content reads a whole open file.
func (h *handle) content(f storage.File) []byte {
	h.Helper()
	data := make([]byte, f.Size())
	if len(data) == 0 {
		return data
	}
	n, err := f.ReadAt(data, 0)
	if err != io.EOF {
		require.NoError(h, err)
	}
	require.Equal(h, len(data), n, "bytes read")
	return data
}

// read opens, reads and closes a file.
func (h *handle) read(name string) []byte {
	h.Helper()
	f := h.openFile(name)
	data := h.content(f)
	require.NoError(h, f.Close())
	return data
}

func (h *handle) list() []string {
	h.Helper()
	list, err := h.fs.List(ctx)
	require.NoError(h, err)
	return list
}

// same compares large contents without printing them.
func (h *handle) same(want, got []byte, what string) {
	h.Helper()
	require.Equal(h, len(want), len(got), "size of %s", what)
	for i := range want {
		if want[i] != got[i] {
			require.Failf(h, "contents differ", "%s: first at byte %d", what, i)
		}
	}
}

// pattern is n bytes that tell where they stand: a shifted or doubled piece does not compare equal.
func pattern(seed, n int) []byte {
	p := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range p {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		p[i] = byte(x >> 8)
	}
	return p
}
