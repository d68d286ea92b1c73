//go:build !js

package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// logFiles are the files of the log, and whether the manifest names each.
func logFiles(t *testing.T, dir string) map[string]bool {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"))
	require.NoError(t, err)
	names, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "appendonly.aof.*.*"))
	require.NoError(t, err)
	all := map[string]bool{}
	for _, name := range names {
		all[filepath.Base(name)] = strings.Contains(string(manifest), " "+filepath.Base(name)+" ") || strings.HasPrefix(string(manifest), "file "+filepath.Base(name)+" ")
	}
	return all
}

// A signal ends the server in the middle of a rewrite: nothing is lost, and no file is left that no manifest names. CONFIG REWRITE keeps the
// form of a base.
func TestASignalInTheMiddleOfARewrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.conf")
	require.NoError(t, os.WriteFile(file, []byte("port 0\ndir "+dir+"\n"), 0o644))
	s := serveArgs(t, file)
	c := s.connect()
	var mass strings.Builder
	for i := range 20_000 {
		mass.Write(redistest.Request("SET", fmt.Sprintf("key:%d", i), "v"))
	}
	assert.Contains(t, s.tool(mass.String(), "redis-cli", "--pipe"), "errors: 0, replies: 20000")
	require.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "aof-use-rdb-preamble", "yes"))
	require.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "REWRITE"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "\naof-use-rdb-preamble yes\n")
	require.Equal(t, "+Background append only file rewriting started\r\n", s.do(c, "BGREWRITEAOF"))
	require.Equal(t, 0, s.signal(syscall.SIGTERM), s.stderr.String())
	for name, named := range logFiles(t, dir) {
		assert.True(t, named, "%s is a stray", name)
	}

	s = serveArgs(t, file)
	c = s.connect()
	assert.Equal(t, ":20000\r\n", s.do(c, "DBSIZE"))
	s.do(c, "BGREWRITEAOF")
	for n := 0; !strings.Contains(s.do(c, "INFO", "persistence"), "aof_rewrites:1\r\n"); n++ {
		require.Less(t, n, 20_000)
		time.Sleep(time.Millisecond)
	}
	require.Equal(t, 0, s.signal(syscall.SIGTERM), s.stderr.String())
	all := logFiles(t, dir)
	assert.Len(t, all, 2, "%v", all)
	for name, named := range all {
		assert.True(t, named, "%s is a stray", name)
		if strings.Contains(name, ".base.") {
			assert.True(t, strings.HasSuffix(name, ".rdb"), name)
		}
	}
	log := s.stderr.String()
	assert.Contains(t, log, "Background append only file rewriting started")
	assert.Regexp(t, `Background AOF rewrite finished successfully: appendonly\.aof\.\d+\.base\.rdb of \d+ bytes in \d+\.\d seconds, \d+ bytes were copied meanwhile`, log)
}
