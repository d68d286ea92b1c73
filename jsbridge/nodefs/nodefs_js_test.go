//go:build js && wasm

package nodefs_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/storagetest"
	"tabdis/jsbridge/nodefs"
)

var ctx = context.Background()

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		dir := t.TempDir()
		return storagetest.Opener(func() (storage.FS, error) { return nodefs.Open(ctx, dir) })
	})
}

func TestOpenMakesTheDirectory(t *testing.T) {
	fs, err := nodefs.Open(ctx, filepath.Join(t.TempDir(), "missing", "store"))
	require.NoError(t, err, "and its parents")
	require.NoError(t, fs.Close())
}

func TestLockOfADeadProcessIsTakenOver(t *testing.T) {
	me := strconv.Itoa(os.Getpid())
	for name, lock := range map[string]string{
		"no such process":            "4194304 1\n",
		"another process since then": me + " 1\n",
		"not written by a process":   "",
		"the directory was copied":   strconv.Itoa(os.Getppid()) + "  0 1\n",
		"given up by tabdis serve":   "-" + me[1:] + "  0 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, ".lock"), []byte(lock), 0o644))
			fs, err := nodefs.Open(ctx, dir)
			require.NoError(t, err)
			_, err = nodefs.Open(ctx, dir)
			require.ErrorIs(t, err, storage.ErrLocked)
			require.NoError(t, fs.Close())
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			assert.Empty(t, entries, "nothing is left behind")
		})
	}
}

func TestLockOfALivingProcessHolds(t *testing.T) {
	dir := t.TempDir()
	parent := strconv.Itoa(os.Getppid())
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".lock"), []byte(parent+" \n"), 0o644))
	_, err := nodefs.Open(ctx, dir)
	require.ErrorIs(t, err, storage.ErrLocked)
}

func TestUnfinishedReplaceIsForgotten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest"), []byte("old"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".new-manifest"), []byte("ne"), 0o644))
	fs, err := nodefs.Open(ctx, dir)
	require.NoError(t, err)
	defer fs.Close()
	list, err := fs.List(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"manifest"}, list)
	_, err = os.Stat(filepath.Join(dir, ".new-manifest"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestErrorsOfTheSystemKeepTheirNames(t *testing.T) {
	fs, err := nodefs.Open(ctx, t.TempDir())
	require.NoError(t, err)
	defer fs.Close()
	_, err = fs.Open(ctx, "missing")
	require.ErrorIs(t, err, storage.ErrNotExist)
	assert.Contains(t, err.Error(), "ENOENT")
}

func TestFilesAreOrdinaryFiles(t *testing.T) {
	dir := t.TempDir()
	fs, err := nodefs.Open(ctx, dir)
	require.NoError(t, err)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("*1\r\n$4\r\nPING\r\n")))
	data, err := os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	assert.Equal(t, "*1\r\n$4\r\nPING\r\n", string(data), "in the file when Append returns")
	require.NoError(t, f.(storage.Truncater).TruncateNow(4))
	data, err = os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	assert.Equal(t, "*1\r\n", string(data), "cut when TruncateNow returns")
	require.NoError(t, fs.Close())
}
