//go:build js && wasm

package opfs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/opfs"
)

// Two that wait for a pool file, to make a file of the same name: one of them has it, the other is told.
func TestTwoThatWaitToMakeTheSameFile(t *testing.T) {
	faults := newFaults(t)
	fs, err := opfs.Open(ctx, newStore(t), opfs.Options{Pool: 2})
	require.NoError(t, err)
	defer func() { require.NoError(t, fs.Close()) }()
	for _, name := range []string{"a", "b"} {
		f, err := fs.Create(ctx, name)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	faults.set(rule{"op": "createSyncAccessHandle", "file": "pool-", "wait": 100})
	require.NoError(t, fs.Remove(ctx, "a"))
	require.NoError(t, fs.Remove(ctx, "b"))
	results := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := fs.Create(ctx, "same")
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first != nil {
		first, second = second, first
	}
	require.NoError(t, first)
	assert.ErrorIs(t, second, storage.ErrExist)
	assert.Equal(t, 1, fs.Free())
}
