//go:build linux || darwin

package osfs

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

func TestAFullDiskIsErrQuota(t *testing.T) {
	for _, number := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		err := failed("append", "a", 7, &os.PathError{Op: "write", Path: "/dir/a", Err: number})
		require.ErrorIs(t, err, storage.ErrQuota)
		require.ErrorIs(t, err, number)
	}
	err := failed("append", "a", 7, &os.PathError{Op: "write", Path: "/dir/a", Err: syscall.EROFS})
	require.ErrorIs(t, err, syscall.EROFS)
	require.NotErrorIs(t, err, storage.ErrQuota)
	assert.Equal(t, "append a at 7: read-only file system (errno 30)", err.Error())

	if runtime.GOOS != "linux" {
		return // the rest needs a device that is always full
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	require.NoError(t, err)
	f := broken(t, open(t, t.TempDir()), "a", full)
	err = f.Append([]byte("data"))
	require.ErrorIs(t, err, storage.ErrQuota)
	assert.Equal(t, "append a at 0: 0 of 4 bytes written: no space left on device (errno 28)", err.Error())
	assert.EqualValues(t, 0, f.Size())
}

// limitFileSize makes writes beyond n bytes fail, the one across the limit after a part.
func limitFileSize(t *testing.T, n uint64) (lift func()) {
	t.Helper()
	var old syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	signal.Ignore(syscall.SIGXFSZ)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: old.Max}))
	return func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)) }
}

func TestAShortWriteSticksUntilTruncate(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append(make([]byte, 1000)))
	lift := limitFileSize(t, 1300)
	defer lift()
	err = f.Append(make([]byte, 500))
	require.ErrorContains(t, err, "append a at 1000: 300 of 500 bytes written: ")
	require.ErrorIs(t, err, syscall.EFBIG)
	assert.EqualValues(t, 1000, f.Size())

	lift()
	assert.Equal(t, err, f.Append([]byte("x")), "sticky")
	results := make(chan error, 2)
	f.Sync(true, func(err error) { results <- err })
	f.Sync(false, func(err error) { results <- err })
	assert.Equal(t, err, <-results)
	assert.Equal(t, err, <-results)

	require.NoError(t, f.(storage.Truncater).TruncateNow(1000))
	info, err := os.Stat(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.EqualValues(t, 1000, info.Size(), "the part that was written is gone")
	require.NoError(t, f.Append([]byte("tail")))
	f.Sync(true, func(err error) { results <- err })
	require.NoError(t, <-results)
	require.NoError(t, f.Close())
	data, err := os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "tail", string(data[1000:]))
}
