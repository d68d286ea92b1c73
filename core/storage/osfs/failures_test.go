//go:build linux || darwin

package osfs

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var errnos = []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EFBIG, syscall.ESTALE}

// failing lets the calls of one kind fail with a number while the test's function runs.
func failing(t *testing.T, call string, number syscall.Errno, run func() error) error {
	t.Helper()
	defer func() {
		write, syncFile, datasync, syncDir, rename = pwrite, (*os.File).Sync, fdatasync, fsyncDir, os.Rename
	}()
	switch call {
	case "write":
		write = func(*os.File, syscall.RawConn, []byte, int64) (int, error) { return 0, number }
	case "datasync":
		datasync = func(*os.File, syscall.RawConn, bool) error { return number }
	case "sync":
		syncFile = func(f *os.File) error { return &os.PathError{Op: "sync", Path: f.Name(), Err: number} }
	case "syncdir":
		syncDir = func(dir string) error { return &os.PathError{Op: "sync", Path: dir, Err: number} }
	case "rename":
		rename = func(from, to string) error { return &os.LinkError{Op: "rename", Old: from, New: to, Err: number} }
	default:
		require.Fail(t, "no such call", call)
	}
	return run()
}

func syncNow(f storage.File, now bool) error {
	result := make(chan error, 1)
	f.Sync(now, func(err error) { result <- err })
	return <-result
}

// Every call that fails is told, with the system's number, and no number is taken for something else.
func TestNoFailureOfTheSystemIsSwallowed(t *testing.T) {
	for _, c := range []struct {
		op, call string
		run      func(v *FS, f storage.File) error
	}{
		{"append", "write", func(_ *FS, f storage.File) error { return f.Append([]byte("x")) }},
		{"harden", "write", func(_ *FS, f storage.File) error { return f.Harden(ctx, 0) }},
		{"harden", "datasync", func(_ *FS, f storage.File) error { return f.Harden(ctx, 0) }},
		{"sync", "datasync", func(_ *FS, f storage.File) error { return syncNow(f, true) }},
		{"sync", "datasync", func(_ *FS, f storage.File) error { return syncNow(f, false) }},
		{"create", "syncdir", func(v *FS, _ storage.File) error { _, err := v.Create(ctx, "b"); return err }},
		{"replace", "sync", func(v *FS, _ storage.File) error { return v.Replace(ctx, "m", []byte("new")) }},
		{"replace", "rename", func(v *FS, _ storage.File) error { return v.Replace(ctx, "m", []byte("new")) }},
		{"replace", "syncdir", func(v *FS, _ storage.File) error { return v.Replace(ctx, "m", []byte("new")) }},
		{"open", "syncdir", func(v *FS, _ storage.File) error { _, err := Open(filepath.Join(v.dir, "new")); return err }},
	} {
		for _, number := range errnos {
			t.Run(c.op+" "+c.call+" "+number.Error(), func(t *testing.T) {
				v := open(t, t.TempDir())
				require.NoError(t, v.Replace(ctx, "m", []byte("old")))
				f, err := v.Create(ctx, "a")
				require.NoError(t, err)
				require.NoError(t, f.Append([]byte("data")))
				err = failing(t, c.call, number, func() error { return c.run(v, f) })
				require.ErrorIs(t, err, number)
				require.Equal(t, number == syscall.ENOSPC || number == syscall.EDQUOT, errors.Is(err, storage.ErrQuota), "%v", err)
				for _, other := range []error{storage.ErrNotExist, storage.ErrExist, storage.ErrLocked, storage.ErrClosed, storage.ErrCorrupt} {
					require.NotErrorIs(t, err, other)
				}
				require.Contains(t, err.Error(), "(errno ")
				require.True(t, strings.HasPrefix(err.Error(), c.op+" ") || c.call == "datasync", err.Error())

				entries, err := os.ReadDir(v.dir)
				require.NoError(t, err)
				for _, e := range entries {
					assert.NotContains(t, []string{"b", tempPrefix + "m"}, e.Name(), "what failed leaves nothing")
				}
				switch c.call {
				case "datasync": // for ever: what the kernel dropped no later sync brings back
					assert.ErrorIs(t, syncNow(f, true), number)
					assert.ErrorIs(t, syncNow(f, false), number)
					assert.ErrorIs(t, f.Append([]byte("x")), number)
				case "write":
					if c.op == "append" {
						require.ErrorIs(t, f.Append([]byte("x")), number, "until a Truncate")
						require.NoError(t, f.(storage.Truncater).TruncateNow(4))
					}
					require.NoError(t, f.Append([]byte("x")))
					require.NoError(t, syncNow(f, true))
				}
				require.NoError(t, v.Replace(ctx, "m", []byte("newer")))
			})
		}
	}
}

// A signal is no failure, nor is a write in pieces.
func TestSignalsAndPiecesAreNoFailure(t *testing.T) {
	defer func() { sysPwrite, sysFlock = syscall.Pwrite, syscall.Flock }()
	calls := 0
	sysFlock = func(fd, how int) error {
		if calls++; calls < 3 {
			return syscall.EINTR
		}
		return syscall.Flock(fd, how)
	}
	v := open(t, t.TempDir())
	require.Equal(t, 3, calls)
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	calls = 0
	sysPwrite = func(fd int, p []byte, off int64) (int, error) {
		calls++
		if calls%3 == 1 {
			return -1, syscall.EINTR
		}
		return syscall.Pwrite(fd, p[:1], off)
	}
	require.NoError(t, f.Append([]byte("0123456789")))
	assert.Equal(t, 15, calls)
	b := make([]byte, 10)
	_, err = f.ReadAt(b, 0)
	require.NoError(t, err)
	assert.Equal(t, "0123456789", string(b))

	sysPwrite = func(int, []byte, int64) (int, error) { return 0, nil }
	assert.ErrorIs(t, f.Append([]byte("x")), io.ErrShortWrite, "no progress is no success")
	require.NoError(t, f.Truncate(ctx, 10))
	sysPwrite = func(fd int, p []byte, off int64) (int, error) {
		if off > 10 {
			return 0, syscall.ENOSPC
		}
		return syscall.Pwrite(fd, p[:2], off)
	}
	err = f.Append([]byte("abcd"))
	assert.EqualError(t, err, "append a at 10: 2 of 4 bytes written: no space left on device (errno 28)")
	assert.EqualValues(t, 10, f.Size())
	var e *storage.Error
	require.ErrorAs(t, err, &e)
	assert.EqualError(t, e.Err.(interface{ Reason() error }).Reason(), "no space left on device (errno 28)", "Redis's words")
}

// Two syncs at once: the kernel tells only one of them that pages were lost.
func TestASyncBesideOneThatFailsDoesNotSucceed(t *testing.T) {
	defer func() { datasync = fdatasync }()
	f, err := open(t, t.TempDir()).Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("data")))
	began, end := make(chan struct{}), make(chan struct{})
	datasync = func(_ *os.File, _ syscall.RawConn, now bool) error {
		if now {
			return nil
		}
		close(began)
		<-end
		return syscall.EIO
	}
	background := make(chan error, 1)
	f.Sync(false, func(err error) { background <- err })
	<-began
	inCall := make(chan error, 1)
	go f.Sync(true, func(err error) { inCall <- err })
	close(end)
	require.ErrorIs(t, <-background, syscall.EIO)
	require.ErrorIs(t, <-inCall, syscall.EIO)
}

// What has no name any more is written to nobody.
func TestAFileThatSomebodyRemovedIsNotDurable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	v := open(t, dir)
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("data")))
	require.NoError(t, syncNow(f, true))
	require.NoError(t, os.Remove(filepath.Join(dir, "a")))
	require.ErrorIs(t, syncNow(f, true), errGone)
	require.ErrorIs(t, f.Append([]byte("x")), errGone)
	_, err = v.Create(ctx, "b")
	require.NoError(t, err, "the directory is still ours")
}

// A directory that was removed and made again belongs to who made it.
func TestADirectoryRemadeIsNotTouched(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	v := open(t, dir)
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	_, err = v.Create(ctx, "b")
	require.ErrorIs(t, err, errOther)
	require.NotErrorIs(t, err, storage.ErrNotExist)
	require.ErrorIs(t, syncNow(f, false), errGone)

	next := open(t, dir)
	require.NoError(t, next.Replace(ctx, "m", []byte("theirs")))
	for _, err := range []error{
		v.Replace(ctx, "m", []byte("ours")), v.Remove(ctx, "m"),
		func() error { _, err := v.Create(ctx, "b"); return err }(),
		func() error { _, err := v.Open(ctx, "m"); return err }(),
	} {
		require.ErrorIs(t, err, errOther)
	}
	b, err := os.ReadFile(filepath.Join(dir, "m"))
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(b))
	require.NoError(t, next.Close())
	require.NoError(t, os.Remove(filepath.Join(dir, lockName)))
	require.NoError(t, os.WriteFile(filepath.Join(dir, lockName), nil, 0o644))
	require.ErrorIs(t, v.Replace(ctx, "m", nil), errOther)
}

func TestSpaceIsTheFileSystems(t *testing.T) {
	v := open(t, t.TempDir())
	used, free, limit, err := v.Space(ctx)
	require.NoError(t, err)
	assert.Positive(t, used)
	assert.Positive(t, free)
	assert.GreaterOrEqual(t, limit, free)
	stopped, stop := context.WithCancel(ctx)
	stop()
	_, _, _, err = v.Space(stopped)
	require.ErrorIs(t, err, context.Canceled)
	v.dir = filepath.Join(v.dir, "gone")
	_, _, _, err = v.Space(ctx)
	require.ErrorIs(t, err, storage.ErrNotExist)
}
