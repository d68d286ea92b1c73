//go:build linux || darwin

package osfs

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

// lockOf makes a lock file as Node's processes do, of this owner, and gives its inode.
func lockOf(t *testing.T, dir, owner string, inode func(string) string) string {
	t.Helper()
	path := filepath.Join(dir, lockName)
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	number, err := inodeOf(f)
	require.NoError(t, err)
	_, err = f.WriteString(owner + " 3 " + inode(number) + "\n")
	require.NoError(t, err)
	return path
}

func TestALivingProcessOfNodeKeepsTheDirectory(t *testing.T) {
	parent := os.Getppid()
	own := func(inode string) string { return inode }
	another := func(inode string) string { return inode + "0" }
	living := strconv.Itoa(parent) + " " + started(parent)
	for name, c := range map[string]struct {
		owner  string
		inode  func(string) string
		locked bool
	}{
		"it lives":                   {living, own, true},
		"it lives, without /proc":    {strconv.Itoa(parent) + " ", own, true},
		"the directory was copied":   {living, another, false},
		"it is dead":                 {"4194304 1", own, false},
		"another process since then": {strconv.Itoa(parent) + " 1", own, false},
		"no owner":                   {"", own, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := lockOf(t, dir, c.owner, c.inode)
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			v, err := Open(dir)
			if c.locked {
				require.ErrorIs(t, err, storage.ErrLocked)
				after, err := os.ReadFile(path)
				require.NoError(t, err)
				assert.Equal(t, string(before), string(after))
				_, err = OpenReadOnly(dir)
				require.ErrorIs(t, err, storage.ErrLocked)
				return
			}
			require.NoError(t, err)
			require.NoError(t, v.Close())
		})
	}
}

func TestTheLockNamesItsProcessWhileItHasIt(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	text := func() string {
		b, err := os.ReadFile(filepath.Join(dir, lockName))
		require.NoError(t, err)
		return string(b)
	}
	inode, err := inodeOf(v.lock)
	require.NoError(t, err)
	pid := strconv.Itoa(os.Getpid())
	assert.Equal(t, pid+" "+started(os.Getpid())+" 0 "+inode+"\n", text())
	require.NoError(t, v.Close())
	assert.Equal(t, "-"+pid[1:], text()[:len(pid)], "nobody's, in the room that it had")
}
