//go:build unix && !js

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func request(words ...string) (text string) {
	text = "*" + string(rune('0'+len(words))) + "\r\n"
	for _, w := range words {
		text += "$" + string(rune('0'+len(w)/10)) + string(rune('0'+len(w)%10)) + "\r\n" + w + "\r\n"
	}
	return text
}

// What serve refuses is not clean: functions stand in a Redis's log as commands that are known here, and cannot run.
func TestCheckFindsFunctionsThatServeRefuses(t *testing.T) {
	for _, lua := range [][]string{
		{"FUNCTION", "LOAD", "#!lua name=mylib\nx"}, {"function", "load", "replace", "#!lua name=mylib\nx"}, {"FUNCTION", "DELETE", "mylib"}, {"SCRIPT", "LOAD", "return 1"},
	} {
		path := filepath.Join(t.TempDir(), "appendonly.aof")
		require.NoError(t, os.WriteFile(path, []byte(request("SET", "a", "1")+request(lua...)), 0o644))
		code, out, _ := run(t, "", checker{path: path})
		assert.Equal(t, exitUnreadable, code, lua)
		assert.Contains(t, out, "here begins what only a Redis with Lua", lua)
		assert.Contains(t, out, "skip-functions", lua)
		code, _, _ = run(t, "", checker{path: path, skip: true})
		assert.Equal(t, exitClean, code, lua)
	}
	path := filepath.Join(t.TempDir(), "appendonly.aof")
	require.NoError(t, os.WriteFile(path, []byte(request("EVAL", "return 1", "0")), 0o644))
	code, _, _ := run(t, "", checker{path: path, skip: true})
	assert.Equal(t, exitUnreadable, code, "what a script did is not known")
}

// Reading a pipe would wait for ever.
func TestPipesAreNotRead(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "appendonly.aof")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, path := range []string{pipe, dir} {
		code, _, errs := run(t, "", checker{path: path})
		assert.Equal(t, exitUnreadable, code)
		assert.Contains(t, errs, "is no regular file")
		code, _, errs = printed(t, path)
		assert.Equal(t, exitUnreadable, code)
		assert.Contains(t, errs, "is no regular file")
	}
	assert.Equal(t, 1, exportStore([]string{"--dir", copied(t, "closed"), "--rdb", pipe}))
	assert.Equal(t, 1, exportStore([]string{"--dir", copied(t, "closed"), "--rdb", dir}), "a directory is no file")
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestTheFirstErrorOfWritingIsKept(t *testing.T) {
	w := &watched{Writer: fullDisk{}}
	_, err := io.WriteString(w, "x")
	assert.Error(t, err)
	assert.ErrorContains(t, w.err, "no space left")
}

func TestWrongUsageIsToldByItsCode(t *testing.T) {
	for _, c := range []struct {
		got  int
		want int
	}{
		{checkAOF([]string{"--bogus"}), exitUsage}, {catAOF([]string{"--from-lsn", "9", "--to-lsn", "5", "x"}), exitUsage}, {catAOF([]string{"--key"}), exitUsage},
		{restoreStore([]string{"--bogus"}), 2}, {exportStore([]string{"--dir", "x"}), 2}, {help([]string{"bogus"}), 2}, {help([]string{"cat-aof"}), 0}, {help(nil), 0},
		{restoreStore([]string{"--dir", "/none/such"}), 1},
	} {
		assert.Equal(t, c.want, c.got)
	}
}
