//go:build unix

package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
)

// Somebody removes the directory under a running server: it does not go on acknowledging what no restart would find, and keeps its hands off
// the directory that the next server makes in its place.
func TestADirectoryThatVanishes(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "appendonlydir")
	first := serve(t, dir, "--appendfsync", "always")
	c := first.connect()
	require.Equal(t, "+OK\r\n", first.do(c, "SET", "k", "v"))
	require.NoError(t, os.RemoveAll(log))
	require.True(t, strings.HasPrefix(first.do(c, "SET", "k", "w"), "-NOTDURABLE The command ran, "))
	assert.True(t, strings.HasPrefix(first.do(c, "SET", "k", "x"), "-MISCONF Errors writing to the AOF file: "))
	assert.Equal(t, "$1\r\nw\r\n", first.do(c, "GET", "k"))
	assert.Equal(t, "broken", first.info(c, "aof_state"))

	second := serve(t, dir, "--appendfsync", "always")
	c2 := second.connect()
	require.Equal(t, "+OK\r\n", second.do(c2, "SET", "theirs", "1"))
	until(t, "the first one has tried again", func() bool {
		return strings.Count(first.do(c, "INFO", "persistence"), "aof_rewrites_consecutive_failures:0") == 0
	})
	assert.True(t, strings.HasPrefix(first.do(c, "SET", "k", "x"), "-MISCONF "))
	require.Equal(t, "+OK\r\n", second.do(c2, "SET", "theirs", "2"))
	assert.Equal(t, 1, strings.Count(first.stderr.String(), "Background AOF rewrite failed"), "once in a while is enough")
	assert.Equal(t, "-ERR Errors trying to SHUTDOWN. Check logs.\r\n", first.do(c, "SHUTDOWN"), "what it holds is nowhere")
	until(t, "the log tells why", func() bool {
		return strings.Contains(first.stderr.String(), "can't exit: Errors writing to the AOF file: ")
	})
	first.signal(syscall.SIGKILL)
	require.Equal(t, 0, second.signal(syscall.SIGTERM))
	second = serve(t, dir, "--aof-load-truncated", "no")
	c2 = second.connect()
	assert.Equal(t, "$1\r\n2\r\n", second.do(c2, "GET", "theirs"))
	assert.Equal(t, ":1\r\n", second.do(c2, "DBSIZE"))
}

// A limit of the size of files is an error like others: the system's signal does not end the server, and what was acknowledged is there.
func TestALimitOfTheSizeOfFiles(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, "--port", "0", "--dir", dir, "--appendfsync", "always")
	s.cmd = exec.Command("/bin/bash", "-c", `ulimit -f 1200; exec "$0" "$@"`, // KiB: a ballast may be there
		program.Path(t), "serve", "--port", "0", "--dir", dir, "--appendfsync", "always")
	s.cmd.Stderr = &s.stderr
	s.start()
	c := s.connect()
	value := strings.Repeat("v", 100<<10)
	acked, reply := 0, ""
	for i := 0; ; i++ {
		require.Less(t, i, 100)
		if reply = s.do(c, "APPEND", "k", value); !strings.HasPrefix(reply, ":") {
			break
		}
		acked++
	}
	require.True(t, strings.HasPrefix(reply, "-NOTDURABLE "), reply)
	assert.Equal(t, "-MISCONF Errors writing to the AOF file: File too large (errno 27)\r\n", s.do(c, "SET", "k", "x"))
	assert.Equal(t, "unwritten", s.info(c, "aof_state"))
	assert.Equal(t, "File too large (errno 27)", s.info(c, "aof_error"))
	s.signal(syscall.SIGKILL)
	s = serve(t, dir)
	c = s.connect()
	n := s.do(c, "STRLEN", "k")
	assert.Equal(t, n, ":"+strconv.Itoa(acked*len(value))+"\r\n", "the block that failed was cut off")
}
