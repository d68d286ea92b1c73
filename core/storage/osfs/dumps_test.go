//go:build !js && !wasip1

package osfs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var tempNumber = regexp.MustCompile(`temp-tabdis-\d+`)

// dumped writes a file in two pieces.
func dumped(d *Dumps, content string) error {
	f, err := d.Create("dump.rdb")
	if err != nil {
		return err
	}
	for _, p := range []string{content[:2], content[2:]} {
		if err := f.Write([]byte(p)); err != nil {
			f.Abort()
			return err
		}
	}
	return f.Commit()
}

func names(t *testing.T, dir string) string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// A crash between any two of these calls leaves the old file under the name, or the new one: the name changes once, by rename, when the
// content is durable, and the name is durable before Commit returns.
func TestADumpGetsItsNameWhenItIsDurable(t *testing.T) {
	calls := record(t, "", false)
	dir := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.Mkdir(dir, 0o755))
	d, err := OpenDumps(dir)
	require.NoError(t, err)
	require.NoError(t, dumped(d, "content"))
	for i, c := range *calls {
		(*calls)[i] = tempNumber.ReplaceAllString(c, "temp")
	}
	assert.Equal(t, []string{`write temp "co" at 0`, `write temp "ntent" at 2`, "sync temp 7", "rename temp dump.rdb", "syncdir data"}, take(calls))
	assert.Equal(t, "dump.rdb", names(t, dir))
}

// breaks lets a call fail.
func breaks(call string) {
	switch call {
	case "write":
		write = func(*os.File, syscall.RawConn, []byte, int64) (int, error) { return 0, errBroken }
	case "sync":
		syncFile = func(*os.File) error { return errBroken }
	case "rename":
		rename = func(string, string) error { return errBroken }
	case "syncdir":
		syncDir = func(string) error { return errBroken }
	}
}

func TestADumpThatFailsLeavesTheOldOne(t *testing.T) {
	for _, fail := range []string{"write", "sync", "rename", "syncdir"} {
		t.Run(fail, func(t *testing.T) {
			dir := t.TempDir()
			d, err := OpenDumps(dir)
			require.NoError(t, err)
			require.NoError(t, dumped(d, "old"))
			record(t, "", false) // what comes next is undone at the end
			breaks(fail)
			require.ErrorIs(t, dumped(d, "newer"), errBroken)
			b, err := os.ReadFile(filepath.Join(dir, "dump.rdb"))
			require.NoError(t, err)
			want := "old"
			if fail == "syncdir" { // it has its name; a crash may still take that back
				want = "newer"
			}
			assert.Equal(t, want, string(b))
			assert.Equal(t, "dump.rdb", names(t, dir), "no room is taken")
		})
	}
}

func TestAbortedDumps(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenDumps(dir)
	require.NoError(t, err)
	f, err := d.Create("dump.rdb")
	require.NoError(t, err)
	require.NoError(t, f.Write(make([]byte, dumpSync)))
	require.NoError(t, f.Write([]byte("and more while it is synced")))
	f.Abort()
	f.Abort()
	assert.ErrorIs(t, f.Commit(), errAborted)
	assert.Empty(t, names(t, dir))

	f, err = d.Create("dump.rdb")
	require.NoError(t, err)
	require.NoError(t, f.Write(make([]byte, dumpSync+1)))
	require.NoError(t, f.Commit())
	f.Abort()
	assert.Equal(t, "dump.rdb", names(t, dir))

	_, err = d.Create("dump.rdb") // a crash
	require.NoError(t, err)
	require.NotEqual(t, "dump.rdb", names(t, dir))
	_, err = OpenDumps(dir)
	require.NoError(t, err)
	assert.Equal(t, "dump.rdb", names(t, dir))
}
