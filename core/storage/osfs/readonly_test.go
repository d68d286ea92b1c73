//go:build !js && !wasip1

package osfs

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

func TestLookingChangesNothing(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.aof"), []byte("text"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".tmp-b"), []byte("left"), 0o644))
	v, err := OpenReadOnly(dir)
	require.NoError(t, err)
	names, err := v.List(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a.aof"}, names)
	f, err := v.Open(ctx, "a.aof")
	require.NoError(t, err)
	assert.EqualValues(t, 4, f.Size())
	b := make([]byte, 6)
	n, err := f.ReadAt(b, 0)
	assert.Equal(t, "text", string(b[:n]))
	assert.ErrorIs(t, err, io.EOF)
	f.Sync(true, func(e error) { err = e })
	_, create := v.Create(ctx, "c")
	for _, err := range []error{err, create, f.Append(b), f.Truncate(ctx, 0), f.Harden(ctx, 0), v.Remove(ctx, "a.aof"), v.Replace(ctx, "a.aof", b)} {
		assert.ErrorIs(t, err, ErrReadOnly)
	}
	_, err = v.Open(ctx, "none")
	assert.ErrorIs(t, err, storage.ErrNotExist)
	require.NoError(t, errors.Join(f.Close(), v.Close()))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2)
	_, err = OpenReadOnly(filepath.Join(dir, "none"))
	assert.ErrorIs(t, err, storage.ErrNotExist)
}

func TestAWriterAndOneWhoLooksKeepEachOtherAway(t *testing.T) {
	dir := t.TempDir()
	w, err := Open(dir)
	require.NoError(t, err)
	_, err = OpenReadOnly(dir)
	assert.ErrorIs(t, err, storage.ErrLocked)
	require.NoError(t, w.Close())
	v, err := OpenReadOnly(dir)
	require.NoError(t, err)
	other, err := OpenReadOnly(dir)
	require.NoError(t, err, "two may look")
	_, err = Open(dir)
	assert.ErrorIs(t, err, storage.ErrLocked)
	require.NoError(t, errors.Join(v.Close(), other.Close()))
}

func TestOneFileIsADirectoryOfItsOwn(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "my dump.rdb")
	require.NoError(t, os.WriteFile(path, []byte("REDIS"), 0o644))
	v, name, err := OpenFileReadOnly(path)
	require.NoError(t, err)
	f, err := v.Open(ctx, name)
	require.NoError(t, err)
	assert.EqualValues(t, 5, f.Size())
	names, err := v.List(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{name}, names)
	require.NoError(t, errors.Join(f.Close(), v.Close()))
}
