//go:build !js && !wasip1

package osfs

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/storagetest"
)

var ctx = context.Background()

// holdEnv makes the test binary a process that holds the directory it names until it is killed.
const holdEnv = "OSFS_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		hold(dir)
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	v, err := Open(dir)
	if err == nil {
		var f storage.File
		if f, err = v.Create(ctx, "a"); err == nil {
			err = f.Append([]byte("written, not synced"))
		}
	}
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("held\n")
	io.Copy(io.Discard, os.Stdin) // until killed, or the parent is gone
	os.Exit(1)
}

func open(t *testing.T, dir string) *FS {
	t.Helper()
	v, err := Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { v.Close() })
	return v
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		dir := filepath.Join(t.TempDir(), "not", "there", "yet")
		return storagetest.Opener(func() (storage.FS, error) {
			v, err := Open(dir)
			if err != nil {
				return nil, err
			}
			return v, nil
		})
	})
}

func TestTheLockDiesWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), holdEnv+"="+dir)
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	defer child.Process.Kill()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "held\n", line)

	_, err = Open(dir)
	require.ErrorIs(t, err, storage.ErrLocked)
	assert.Contains(t, err.Error(), dir)

	require.NoError(t, child.Process.Kill())
	child.Wait()
	v := open(t, dir)
	f, err := v.Open(ctx, "a")
	require.NoError(t, err)
	assert.EqualValues(t, len("written, not synced"), f.Size())
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "subdirectory"), 0o755))
	for _, name := range []string{"appendonly.aof.manifest", ".hidden", "with space"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644))
	}
	v := open(t, dir)
	names, err := v.List(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"appendonly.aof.manifest"}, names)
	_, err = v.Open(ctx, "subdirectory")
	assert.Error(t, err)
	assert.NotErrorIs(t, err, storage.ErrNotExist)
	assert.DirExists(t, filepath.Join(dir, "subdirectory"))
	assert.FileExists(t, filepath.Join(dir, ".hidden"))
	assert.FileExists(t, filepath.Join(dir, "with space"))
}

func TestAnUnfinishedReplaceIsSweptAway(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, tempPrefix+"manifest"), []byte("half"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest"), []byte("old"), 0o644))
	v := open(t, dir)
	assert.NoFileExists(t, filepath.Join(dir, tempPrefix+"manifest"))
	data, err := os.ReadFile(filepath.Join(dir, "manifest"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
	require.NoError(t, v.Replace(ctx, "manifest", []byte("new")))
	assert.NoFileExists(t, filepath.Join(dir, tempPrefix+"manifest"))
}

func TestAReplaceThatFailsLeavesTheOldContent(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	require.NoError(t, v.Replace(ctx, "manifest", []byte("old")))
	// A directory in the temporary file's place makes the write fail.
	require.NoError(t, os.Mkdir(filepath.Join(dir, tempPrefix+"manifest"), 0o755))
	err := v.Replace(ctx, "manifest", []byte("new"))
	require.ErrorContains(t, err, "replace manifest: ")
	data, err := os.ReadFile(filepath.Join(dir, "manifest"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
}

func TestADirectoryThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		_, err := Open(dir)
		require.Error(t, err)
		assert.NotErrorIs(t, err, storage.ErrLocked)
		assert.NotErrorIs(t, err, storage.ErrNotExist)
	}
}

func TestAFileThatSomebodyCutIsUnreadableNotShorter(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	f, err := v.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("0123456789")))
	require.NoError(t, os.Truncate(filepath.Join(dir, "a"), 4))
	n, err := f.ReadAt(make([]byte, 10), 0)
	assert.Equal(t, 4, n)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NotEqual(t, io.EOF, err)
	assert.ErrorIs(t, f.Harden(ctx, 0), io.ErrUnexpectedEOF)
}

// broken gives an open file whose descriptor is another one, on which some operations fail.
func broken(t *testing.T, v *FS, name string, with *os.File) *File {
	t.Helper()
	t.Cleanup(func() { with.Close() })
	f, err := v.file(name, with, 0)
	require.NoError(t, err)
	return f.(*File)
}

func TestAFailedSyncSticks(t *testing.T) {
	r, w, err := os.Pipe() // a pipe cannot be synced
	require.NoError(t, err)
	defer r.Close()
	f := broken(t, open(t, t.TempDir()), "a", w)
	results := make(chan error, 8)
	for range 3 {
		f.Sync(false, func(err error) { results <- err })
	}
	for range 3 {
		require.ErrorContains(t, <-results, "sync a: ")
	}
	f.Sync(true, func(err error) { results <- err })
	first := <-results
	require.ErrorContains(t, first, "errno ")
	assert.Equal(t, first, f.Append([]byte("x")), "nothing is appended behind it")
	f.Sync(false, func(err error) { results <- err })
	assert.Equal(t, first, <-results)
	assert.Empty(t, results)
}
