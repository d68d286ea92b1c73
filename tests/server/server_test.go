// Package server tests the native program as its users meet it: over TCP, with Redis's own tools, under signals.
package server

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// server is a running tabdis.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	addr   string
	stderr bytes.Buffer
	exited chan struct{}
}

// serve starts one on a free port and waits until it is ready.
func serve(t *testing.T, dir string, flags ...string) *server {
	t.Helper()
	return serveArgs(t, append([]string{"--port", "0", "--dir", dir}, flags...)...)
}

func serveArgs(t *testing.T, args ...string) *server {
	t.Helper()
	s := newServer(t, args...)
	s.start()
	return s
}

func newServer(t *testing.T, args ...string) *server {
	s := &server{t: t, exited: make(chan struct{})}
	s.cmd = exec.Command(program.Path(t), append([]string{"serve"}, args...)...)
	s.cmd.Stderr = &s.stderr
	return s
}

// start runs it and waits until it is ready.
func (s *server) start() {
	t := s.t
	t.Helper()
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { _ = s.cmd.Wait(); close(s.exited) }() // ProcessState tells how it ended
	t.Cleanup(func() { s.signal(syscall.SIGKILL) })
	if err != nil {
		<-s.exited
		require.NoError(t, err, "it is not ready: %s", s.stderr.String())
	}
	words := strings.Fields(line)
	require.Contains(t, line, "Ready to accept connections")
	s.addr = words[len(words)-1]
}

// signal sends one and waits for the end; it gives the exit code, -1 for a kill.
func (s *server) signal(sig syscall.Signal) int {
	_ = s.cmd.Process.Signal(sig) // it may have ended already
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill() // the failure below tells
		require.Fail(s.t, "it does not end", "after %v: %s", sig, s.stderr.String())
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) connect() *redistest.Conn {
	s.t.Helper()
	c, err := redistest.Dial(s.addr)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { c.Close() })
	return c
}

func (s *server) do(c *redistest.Conn, words ...string) string {
	s.t.Helper()
	b, err := c.Do(words...)
	require.NoError(s.t, err)
	return string(b)
}

// tool runs one of Redis's own programs against the server.
func (s *server) tool(stdin string, name string, args ...string) string {
	s.t.Helper()
	host, port, err := net.SplitHostPort(s.addr)
	require.NoError(s.t, err)
	cmd := exec.Command(name, append([]string{"-h", host, "-p", port}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "%s %q: %s", name, args, out)
	return string(out)
}

func TestRedisCLI(t *testing.T) {
	s := serve(t, t.TempDir())
	cli := func(args ...string) string { return strings.TrimSpace(s.tool("", "redis-cli", args...)) }
	assert.Equal(t, "PONG", cli("ping"))
	assert.Equal(t, "OK", cli("set", "k", "a value"))
	assert.Equal(t, "a value", cli("get", "k"))
	assert.Equal(t, "2", cli("-3", "-n", "1", "rpush", "l", "a", "b"))
	assert.Equal(t, "a\nb", cli("-n", "1", "lrange", "l", "0", "-1"))
	assert.Contains(t, cli("info", "server"), "tcp_port:"+s.addr[strings.LastIndexByte(s.addr, ':')+1:])
	assert.Equal(t, "l", cli("-n", "1", "--scan"))
	var mass strings.Builder
	for i := range 5000 {
		mass.Write(redistest.Request("SET", fmt.Sprintf("key:%d", i), strings.Repeat("v", i%100)))
	}
	assert.Contains(t, s.tool(mass.String(), "redis-cli", "--pipe"), "errors: 0, replies: 5000")
	assert.Equal(t, "5001", cli("dbsize"))
}

func TestRedisBenchmark(t *testing.T) {
	for _, policy := range []string{"everysec", "always"} {
		s := serve(t, t.TempDir(), "--appendfsync", policy)
		for _, extra := range [][]string{nil, {"-P", "16"}} {
			args := append([]string{"-q", "-n", "2000", "-r", "100", "-t", "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset"}, extra...)
			if policy == "always" {
				args[2] = "500"
			}
			out := s.tool("", "redis-benchmark", args...)
			assert.NotContains(t, strings.ToLower(out), "error")
			for _, name := range []string{"PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "SADD", "HSET", "SPOP", "ZADD", "ZPOPMIN", "LRANGE_600", "MSET"} {
				assert.Contains(t, out, name, "%s %v", policy, extra)
			}
		}
		assert.Contains(t, s.tool("", "redis-cli", "info", "stats"), "total_error_replies:0\r\n", policy)
	}
}

func TestPipeliningAndPieces(t *testing.T) {
	s := serve(t, t.TempDir(), "--appendfsync", "always")
	c := s.connect()
	var text []byte
	for range 3000 {
		text = append(text, redistest.Request("INCR", "n")...)
	}
	_, err := c.Write(text)
	require.NoError(t, err)
	for i := range 3000 {
		reply, err := c.Reply()
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf(":%d\r\n", i+1), string(reply))
	}
	for _, b := range redistest.Request("SET", "k", "in pieces") {
		_, err := c.Write([]byte{b})
		require.NoError(t, err)
	}
	reply, err := c.Reply()
	require.NoError(t, err)
	assert.Equal(t, "+OK\r\n", string(reply))
	_, err = c.Write([]byte("GET k\r\nBAD \"\r\nPING\r\n"))
	require.NoError(t, err)
	out, err := c.Reply()
	require.NoError(t, err)
	assert.Equal(t, "$9\r\nin pieces\r\n", string(out))
	rest, closed := c.ReadAll(5 * time.Second)
	assert.Equal(t, "-ERR Protocol error: unbalanced quotes in request\r\n", string(rest))
	assert.True(t, closed)
	assert.Equal(t, "+OK\r\n", s.do(s.connect(), "QUIT"))
}

// A client that sends much and reads nothing is served when it reads; others are served meanwhile.
func TestASlowReaderHoldsNobodyUp(t *testing.T) {
	s := serve(t, t.TempDir())
	slow, quick := s.connect(), s.connect()
	require.Equal(t, "+OK\r\n", s.do(quick, "SET", "k", strings.Repeat("v", 100_000)))
	_, err := slow.Write(bytes.Repeat(redistest.Request("GET", "k"), 300))
	require.NoError(t, err)
	assert.Equal(t, "+PONG\r\n", s.do(quick, "PING"))
	for range 300 {
		reply, err := slow.Reply()
		require.NoError(t, err)
		require.Len(t, reply, 100_000+len("$100000\r\n\r\n"))
	}
}

func TestASecondServerOfTheSameDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	second := exec.Command(program.Path(t), "serve", "--port", "0", "--dir", dir)
	out, err := second.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, second.ProcessState.ExitCode())
	assert.Contains(t, string(out), "a server uses appendonlydir: stop it")
	assert.NotContains(t, string(out), "Ready")
	assert.Equal(t, "+PONG\r\n", s.do(s.connect(), "PING"))

	third := exec.Command(program.Path(t), "serve", "--port", s.addr[strings.LastIndexByte(s.addr, ':')+1:], "--dir", t.TempDir())
	out, err = third.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, third.ProcessState.ExitCode())
	assert.Contains(t, string(out), "address already in use")
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "tabdis serve"},
		{[]string{"sevre"}, `unknown command "sevre"`},
		{[]string{"serve", "port"}, "can't open config file"},
		{[]string{"serve", "--port"}, "wrong number of arguments"},
		{[]string{"serve", "--port", "0", "--no-such-parameter", "1"}, "no-such-parameter"},
		{[]string{"serve", "--port", "0", "--appendfsync", "sometimes"}, "appendfsync"},
	} {
		cmd := exec.Command(program.Path(t), c.args...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "%q", c.args)
		want := 1
		if len(c.args) == 0 || c.args[0] != "serve" {
			want = 2
		}
		assert.Equal(t, want, cmd.ProcessState.ExitCode(), "%q: %s", c.args, out)
		assert.Contains(t, string(out), c.says, "%q", c.args)
	}
}

func TestConnectionsWaitForEachOther(t *testing.T) {
	s := serve(t, t.TempDir())
	connect := func() *redistest.Conn {
		c, err := redistest.Dial(s.addr)
		require.NoError(t, err)
		return c
	}
	a, b := connect(), connect()
	defer a.Close()
	defer b.Close()
	ask := func(c *redistest.Conn, words ...string) string {
		reply, err := c.Do(words...)
		require.NoError(t, err)
		return string(reply)
	}
	waits := func() {
		require.Eventually(t, func() bool { return strings.Contains(ask(b, "INFO", "clients"), "blocked_clients:1\r\n") }, 5*time.Second, time.Millisecond)
	}
	_, err := a.Write(redistest.Request("BLPOP", "k", "0"))
	require.NoError(t, err)
	waits()
	assert.Equal(t, ":1\r\n", ask(b, "RPUSH", "k", "v"))
	reply, err := a.Reply()
	require.NoError(t, err)
	assert.Equal(t, "*2\r\n$1\r\nk\r\n$1\r\nv\r\n", string(reply))
	assert.Equal(t, "*-1\r\n", ask(a, "BLPOP", "k", "0.02"))
	_, err = a.Write(redistest.Request("BLPOP", "k", "0"))
	require.NoError(t, err)
	waits()
	require.NoError(t, a.Close())
	require.Eventually(t, func() bool { return strings.Contains(ask(b, "INFO", "clients"), "blocked_clients:0\r\n") }, 5*time.Second, time.Millisecond)
	assert.Equal(t, ":1\r\n:1\r\n", ask(b, "RPUSH", "k", "v")+ask(b, "LLEN", "k"))
}

func TestShutdownClosesTheLogAndEnds(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "--appendfsync", "no")
	c, err := redistest.Dial(s.addr)
	require.NoError(t, err)
	_, err = c.Write(append(redistest.Request("SET", "a", "1"), redistest.Request("SHUTDOWN", "NOSAVE")...))
	require.NoError(t, err)
	reply, err := c.Reply()
	require.NoError(t, err)
	assert.Equal(t, "+OK\r\n", string(reply))
	_, err = c.Reply()
	assert.Error(t, err, "the connection ends without a reply")
	select {
	case <-s.exited:
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
	assert.Equal(t, 0, s.cmd.ProcessState.ExitCode())
	again, err := redistest.Dial(serve(t, dir).addr)
	require.NoError(t, err)
	reply, err = again.Do("GET", "a")
	require.NoError(t, err)
	assert.Equal(t, "$1\r\n1\r\n", string(reply))
}
