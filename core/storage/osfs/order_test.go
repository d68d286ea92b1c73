//go:build !js && !wasip1

package osfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("broken")

// record notes the calls that make things durable, in their order; the one named by fail fails, before or after it took effect.
func record(t *testing.T, fail string, after bool) *[]string {
	t.Helper()
	calls := &[]string{}
	note := func(call string, run func() error) error {
		*calls = append(*calls, call)
		if call != fail {
			return run()
		}
		if after {
			return errors.Join(errBroken, run())
		}
		return errBroken
	}
	write = func(f *os.File, raw syscall.RawConn, p []byte, off int64) (n int, err error) {
		err = note(fmt.Sprintf("write %s %q at %d", filepath.Base(f.Name()), p, off), func() (err error) {
			n, err = pwrite(f, raw, p, off)
			return err
		})
		return n, err
	}
	syncFile = func(f *os.File) error {
		info, err := f.Stat()
		require.NoError(t, err)
		return note("sync "+filepath.Base(f.Name())+" "+string('0'+byte(info.Size())), f.Sync)
	}
	datasync = func(f *os.File, raw syscall.RawConn, now bool) error {
		return note("datasync "+filepath.Base(f.Name()), func() error { return fdatasync(f, raw, now) })
	}
	syncDir = func(dir string) error {
		return note("syncdir "+filepath.Base(dir), func() error { return fsyncDir(dir) })
	}
	rename = func(from, to string) error {
		return note("rename "+filepath.Base(from)+" "+filepath.Base(to), func() error { return os.Rename(from, to) })
	}
	t.Cleanup(func() {
		write, syncFile, datasync, syncDir, rename = pwrite, (*os.File).Sync, fdatasync, fsyncDir, os.Rename
	})
	return calls
}

// take returns what was recorded and begins anew.
func take(calls *[]string) []string {
	taken := *calls
	*calls = nil
	return taken
}

func TestTheOrderThatMakesDurable(t *testing.T) {
	calls := record(t, "", false)
	dir := filepath.Join(t.TempDir(), "parent", "store")
	v := open(t, dir)
	assert.Equal(t, []string{"syncdir 001", "syncdir parent", "syncdir store"}, take(calls), "each new directory's name, then what a predecessor left")

	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, []string{"syncdir store"}, take(calls), "the name")
	require.NoError(t, f.Append([]byte("data")))
	assert.Equal(t, []string{`write a "data" at 0`}, take(calls))

	f.Sync(true, func(err error) {
		require.NoError(t, err)
		assert.Equal(t, []string{"datasync a"}, take(calls), "before done")
	})
	result := make(chan error, 1)
	f.Sync(false, func(err error) { result <- err })
	require.NoError(t, <-result)
	assert.Equal(t, []string{"datasync a"}, take(calls), "on the syncer")
	require.NoError(t, f.Harden(ctx, 1))
	assert.Equal(t, []string{`write a "ata" at 1`, "datasync a"}, take(calls), "the same bytes again")

	require.NoError(t, v.Replace(ctx, "manifest", []byte("content")))
	assert.Equal(t, []string{"sync .tmp-manifest 7", "rename .tmp-manifest manifest", "syncdir store"}, take(calls))
}

func TestAReplaceThatFailsAtAnyStep(t *testing.T) {
	for _, c := range []struct {
		fail  string
		after bool
		want  string
	}{
		{"sync .tmp-manifest 3", false, "old"},
		{"sync .tmp-manifest 3", true, "old"},
		{"rename .tmp-manifest manifest", false, "old"},
		{"rename .tmp-manifest manifest", true, "new"},
		{"syncdir store", false, "new"},
	} {
		t.Run(c.fail, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			v := open(t, dir)
			require.NoError(t, v.Replace(ctx, "manifest", []byte("old")))
			record(t, c.fail, c.after)
			err := v.Replace(ctx, "manifest", []byte("new"))
			require.ErrorIs(t, err, errBroken)
			require.ErrorContains(t, err, "replace manifest: ")
			data, err := os.ReadFile(filepath.Join(dir, "manifest"))
			require.NoError(t, err)
			assert.Equal(t, c.want, string(data))
			assert.NoFileExists(t, filepath.Join(dir, tempPrefix+"manifest"))
		})
	}
}

func TestACreateWhoseNameIsNotDurableFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	v := open(t, dir)
	record(t, "syncdir store", false)
	_, err := v.Create(ctx, "a")
	require.ErrorIs(t, err, errBroken)
	assert.NoFileExists(t, filepath.Join(dir, "a"))
}

func TestASyncServesAllThatAskedBeforeItBegan(t *testing.T) {
	v := open(t, t.TempDir())
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	begun, release := make(chan struct{}), make(chan struct{})
	n := 0
	datasync = func(*os.File, syscall.RawConn, bool) error {
		n++
		begun <- struct{}{}
		<-release
		return nil
	}
	t.Cleanup(func() { datasync = fdatasync })
	results := make(chan int, 8)
	f.Sync(false, func(error) { results <- 0 })
	<-begun
	for i := 1; i <= 4; i++ {
		require.NoError(t, f.Append([]byte("x")), "while a sync runs")
		f.Sync(false, func(error) { results <- i })
	}
	assert.Empty(t, results)
	release <- struct{}{}
	assert.Equal(t, 0, <-results)
	<-begun
	assert.Empty(t, results, "they asked after the first began")
	release <- struct{}{}
	for i := 1; i <= 4; i++ {
		assert.Equal(t, i, <-results)
	}
	require.NoError(t, f.Close())
	assert.Equal(t, 2, n)
}
