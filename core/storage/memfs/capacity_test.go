package memfs

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

func TestADiskOfLimitedSize(t *testing.T) {
	ctx := context.Background()
	s := New()
	s.SetCapacity(4 * Page)
	fs, err := s.Open()
	require.NoError(t, err)
	space := func() [3]int64 {
		used, free, limit, err := fs.(storage.Spacer).Space(ctx)
		require.NoError(t, err)
		return [3]int64{used, free, limit}
	}
	f, err := fs.Create(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, [3]int64{0, 4 * Page, 4 * Page}, space(), "a name takes nothing")
	require.NoError(t, f.Append([]byte("x")))
	assert.Equal(t, [3]int64{Page, 3 * Page, 4 * Page}, space(), "whole pages")
	require.NoError(t, fs.Replace(ctx, "m", make([]byte, Page+1)))
	require.ErrorIs(t, fs.Replace(ctx, "m", make([]byte, Page+1)), storage.ErrQuota, "old and new")

	err = f.Append(make([]byte, 3*Page))
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.EqualValues(t, 2*Page, f.Size(), "a short write")
	assert.Equal(t, err, f.Append([]byte("y")), "it sticks")
	f.Sync(true, func(got error) { assert.Equal(t, err, got) })
	assert.Equal(t, [3]int64{4 * Page, 0, 4 * Page}, space())
	require.NoError(t, f.Truncate(ctx, 1))
	require.NoError(t, f.Append(make([]byte, Page-1)), "inside of its page")
	require.NoError(t, f.Append(make([]byte, Page)))
	require.ErrorIs(t, f.Append([]byte("y")), storage.ErrQuota)
	require.NoError(t, f.Truncate(ctx, 2*Page))
	require.NoError(t, fs.Remove(ctx, "m"))
	require.NoError(t, f.Append(make([]byte, 2*Page)), "room came back")

	s.SetCapacity(Page)
	require.ErrorIs(t, f.Append([]byte("y")), storage.ErrQuota)
	require.NoError(t, f.Truncate(ctx, 4*Page))
	assert.Equal(t, [3]int64{4 * Page, 0, Page}, space())
	assert.ErrorIs(t, fs.Replace(ctx, "m", []byte("y")), storage.ErrQuota)
	s.SetCapacity(0)
	assert.Equal(t, [3]int64{4 * Page, -1, -1}, space())
	require.NoError(t, f.Append(make([]byte, 9*Page)))
}

// A late writer hears of it later, and nothing of what did not fit is there.
func TestALateWriteThatFindsNoRoom(t *testing.T) {
	ctx := context.Background()
	s := New()
	s.SetLateWrites(true, false)
	s.SetCapacity(Page)
	fs, err := s.Open()
	require.NoError(t, err)
	f, err := fs.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("x")))
	require.NoError(t, f.Append(make([]byte, Page)))
	assert.EqualValues(t, Page+1, f.Size())
	assert.EqualValues(t, Page, s.Used())
	result := make(chan error, 1)
	f.(storage.LateWriter).Written(func(err error) { result <- err })
	require.ErrorIs(t, <-result, storage.ErrQuota)
	require.ErrorIs(t, f.Append([]byte("y")), storage.ErrQuota)
	f.Sync(true, func(err error) { require.ErrorIs(t, err, storage.ErrQuota) })
	require.NoError(t, f.Truncate(ctx, 1))
	require.NoError(t, f.Append([]byte("y")))
	s.Kill()
	assert.EqualValues(t, Page, s.Used())
}
