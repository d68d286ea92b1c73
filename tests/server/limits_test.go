package server

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

// info gives a field of INFO.
func (s *server) info(c *redistest.Conn, field string) string {
	s.t.Helper()
	_, rest, found := strings.Cut(s.do(c, "INFO", "everything"), "\n"+field+":")
	require.True(s.t, found, field)
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// client gives a number of CLIENT LIST, of the client of this name.
func (s *server) client(c *redistest.Conn, name, field string) int {
	s.t.Helper()
	line := regexp.MustCompile(`name=` + name + ` .*`).FindString(s.do(c, "CLIENT", "LIST"))
	found := regexp.MustCompile(` ` + field + `=(\d+)`).FindStringSubmatch(line)
	require.NotNil(s.t, found, "%s of %s: %q", field, name, line)
	n, err := strconv.Atoi(found[1])
	require.NoError(s.t, err)
	return n
}

// until waits for something that is bound to happen.
func until(t *testing.T, what string, happens func() bool) {
	t.Helper()
	require.Eventually(t, happens, 30*time.Second, 5*time.Millisecond, what)
}

// ends reads what comes until the server ends the connection.
func ends(t *testing.T, c *redistest.Conn) string {
	t.Helper()
	rest, closed := c.ReadAll(30 * time.Second)
	require.True(t, closed, "it goes on")
	return string(rest)
}

func TestMaxClients(t *testing.T) {
	s := serve(t, t.TempDir(), "--maxclients", "3")
	a, b := s.connect(), s.connect()
	s.do(a, "PING")
	s.do(b, "PING")
	silent := s.connect()
	until(t, "one that says nothing counts", func() bool { return s.info(a, "connected_clients") == "3" })
	assert.Equal(t, "-ERR max number of clients reached\r\n", ends(t, s.connect()))
	assert.Equal(t, "1", s.info(a, "rejected_connections"))
	assert.Equal(t, "3", s.info(a, "maxclients"))
	require.NoError(t, silent.Close())
	until(t, "it is gone", func() bool { return s.info(a, "connected_clients") == "2" })
	assert.Equal(t, "+PONG\r\n", s.do(s.connect(), "PING"))
	assert.Equal(t, "+OK\r\n", s.do(a, "CONFIG", "SET", "maxclients", "100"))
	assert.Equal(t, "+PONG\r\n", s.do(s.connect(), "PING"))
	assert.Equal(t, "+OK\r\n", s.do(a, "CONFIG", "RESETSTAT"))
	assert.Equal(t, "0", s.info(a, "rejected_connections"))
	assert.Regexp(t, `^-ERR CONFIG SET failed \(possibly related to argument 'maxclients'\) - The operating system is not able to handle the specified number of clients, try with \d+\r\n$`,
		s.do(a, "CONFIG", "SET", "timeout", "5", "maxclients", "4294967295"))
	assert.Equal(t, "*4\r\n$10\r\nmaxclients\r\n$3\r\n100\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", s.do(a, "CONFIG", "GET", "maxclients", "timeout"), "none of them was set")
}

func TestIdleClientsAreDropped(t *testing.T) {
	s := serve(t, t.TempDir(), "--timeout", "1")
	idle, blocked, listening, watching := s.connect(), s.connect(), s.connect(), s.connect()
	s.do(idle, "PING")
	s.do(watching, "MONITOR")
	_, err := blocked.Write(redistest.Request("BLPOP", "k", "0"))
	require.NoError(t, err)
	s.do(listening, "SUBSCRIBE", "ch")
	assert.Empty(t, ends(t, idle))
	silent, err := redistest.Dial(s.addr) // who never says anything is idle too
	require.NoError(t, err)
	defer silent.Close()
	assert.Empty(t, ends(t, silent))
	c := s.connect()
	assert.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "timeout", "0"))
	assert.Equal(t, ":1\r\n", s.do(c, "PUBLISH", "ch", "m"))
	reply, err := listening.Reply()
	require.NoError(t, err)
	assert.Contains(t, string(reply), "message")
	s.do(c, "RPUSH", "k", "v")
	reply, err = blocked.Reply()
	require.NoError(t, err)
	assert.Contains(t, string(reply), "$1\r\nv\r\n")
	line, err := watching.Reply()
	require.NoError(t, err)
	assert.Contains(t, string(line), "[0 127.0.0.1:")
}

// Who has not told a password yet gets no room.
func TestLimitsOfTheUnauthenticated(t *testing.T) {
	redis := redistest.Start(t)
	_, err := redis.Connect(t).Do("CONFIG", "SET", "requirepass", "p")
	require.NoError(t, err)
	s := serve(t, t.TempDir(), "--requirepass", "p")
	for _, text := range []string{
		"*10\r\n" + strings.Repeat("$1\r\na\r\n", 10),
		"*11\r\n" + strings.Repeat("$1\r\na\r\n", 11),
		"*1000000\r\n",
		"*2\r\n$4\r\nECHO\r\n$16384\r\n" + strings.Repeat("x", 16384) + "\r\n",
		"*2\r\n$4\r\nECHO\r\n$16385\r\n",
		"*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*11\r\n$3\r\nDEL\r\n" + strings.Repeat("$1\r\na\r\n", 10),
		"*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*2\r\n$4\r\nECHO\r\n$20000\r\n" + strings.Repeat("x", 20000) + "\r\n",
		"*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n*1\r\n$5\r\nRESET\r\n*2\r\n$4\r\nECHO\r\n$16385\r\n",
	} {
		var replies [2]string
		for i, addr := range []string{redis.Addr, s.addr} {
			c, err := redistest.Dial(addr)
			require.NoError(t, err)
			_, err = c.Write([]byte(text + "*1\r\n$4\r\nQUIT\r\n"))
			require.NoError(t, err)
			replies[i] = ends(t, c)
			require.NoError(t, c.Close())
		}
		assert.Equal(t, replies[0], replies[1], "%.60q", text)
	}
}

func TestASubscriberThatDoesNotRead(t *testing.T) {
	for _, limit := range []string{"pubsub 20mb 0 0", "pubsub 0 10mb 1"} {
		s := serve(t, t.TempDir(), "--client-output-buffer-limit", "pubsub", "0", "0", "0")
		c, slow, quick := s.connect(), s.connect(), s.connect()
		assert.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "client-output-buffer-limit", limit))
		s.do(slow, "SUBSCRIBE", "ch")
		s.do(quick, "SUBSCRIBE", "ch")
		message := strings.Repeat("m", 100_000)
		for range 300 {
			s.do(c, "PUBLISH", "ch", message)
			_, err := quick.Reply()
			require.NoError(t, err)
		}
		until(t, "it is ended", func() bool { return s.info(c, "client_output_buffer_limit_disconnections") == "1" })
		assert.Less(t, len(ends(t, slow)), 300*len(message), "not all of it was kept for him")
		assert.Equal(t, ":1\r\n", s.do(c, "PUBLISH", "ch", message))
		until(t, "and gone", func() bool { return s.info(c, "connected_clients") == "2" })
	}
}

// Somebody who asks for much and reads nothing waits; all of it comes when he reads, and no more than so much is kept for him.
func TestAClientThatDoesNotReadIsNotReadFrom(t *testing.T) {
	s := serve(t, t.TempDir())
	c, slow := s.connect(), s.connect()
	const size, many = 1 << 20, 1000
	s.do(c, "SET", "k", strings.Repeat("v", size))
	s.do(slow, "CLIENT", "SETNAME", "slow")
	_, err := slow.Write(append(bytes.Repeat(redistest.Request("GET", "k"), many), redistest.Request("PING")...))
	require.NoError(t, err)
	held := func(field string) int { return s.client(c, "slow", field) }
	until(t, "replies pile up", func() bool { return held("omem") > 32<<20 })
	for range 50 {
		s.do(c, "PING")
		assert.Less(t, held("omem"), 80<<20)
		assert.Less(t, held("tot-mem"), 200<<20)
	}
	for range many {
		reply, err := slow.Reply()
		require.NoError(t, err)
		require.Len(t, reply, size+len("$1048576\r\n\r\n"))
	}
	reply, err := slow.Reply()
	require.NoError(t, err)
	assert.Equal(t, "+PONG\r\n", string(reply))
	assert.Equal(t, 0, held("omem"))
}

func TestAHardLimitForNormalClients(t *testing.T) {
	s := serve(t, t.TempDir(), "--client-output-buffer-limit", "normal", "1mb", "0", "0")
	c := s.connect()
	s.do(c, "SET", "k", strings.Repeat("v", 700_000))
	assert.Contains(t, s.do(c, "GET", "k"), "$700000", "one reply fits")
	_, err := c.Write(append(bytes.Repeat(redistest.Request("GET", "k"), 500), redistest.Request("SET", "last", "1")...))
	require.NoError(t, err)
	other := s.connect()
	until(t, "it is ended", func() bool { return s.info(other, "client_output_buffer_limit_disconnections") == "1" })
	ends(t, c)
	assert.Equal(t, "$-1\r\n", s.do(other, "GET", "last"), "it ended before that")
}

func TestQueryBufferLimit(t *testing.T) {
	s := serve(t, t.TempDir(), "--client-query-buffer-limit", "1mb")
	c, greedy := s.connect(), s.connect()
	_, err := greedy.Write([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5000000\r\n"))
	require.NoError(t, err)
	_, _ = greedy.Write(bytes.Repeat([]byte("x"), 4_000_000)) // it may be ended while we write
	until(t, "it is ended", func() bool { return s.info(c, "client_query_buffer_limit_disconnections") == "1" })
	until(t, "and gone", func() bool { return s.info(c, "connected_clients") == "1" })
	assert.Equal(t, "$-1\r\n", s.do(c, "GET", "k"))
}

func TestClientsAreEvicted(t *testing.T) {
	s := serve(t, t.TempDir(), "--maxmemory-clients", "3mb")
	c, spared, greedy := s.connect(), s.connect(), s.connect()
	s.do(spared, "CLIENT", "NO-EVICT", "on")
	part := func(conn *redistest.Conn, n int) {
		_, err := conn.Write(append([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10000000\r\n"), bytes.Repeat([]byte("x"), n)...))
		require.NoError(t, err)
	}
	part(spared, 1_500_000)
	part(greedy, 1_000_000)
	_, _ = greedy.Write(bytes.Repeat([]byte("x"), 3_000_000)) // it may be ended while we write
	until(t, "it is evicted", func() bool { return s.info(c, "evicted_clients") == "1" })
	assert.Contains(t, s.do(c, "CLIENT", "LIST"), " flags=e ")
	assert.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "maxmemory-clients", "0"))
}

func TestUnixSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.sock")
	stale, err := net.Listen("unix", path)
	require.NoError(t, err)
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, stale.Close()) // a server that was killed leaves this
	s := serve(t, dir, "--unixsocket", path, "--unixsocketperm", "700")
	assert.Equal(t, path, s.addr)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	raw, err := net.Dial("unix", path)
	require.NoError(t, err)
	defer raw.Close()
	_, err = raw.Write([]byte("CLIENT LIST\r\nINFO server\r\nQUIT\r\n"))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, raw.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = out.ReadFrom(raw)
	require.NoError(t, err)
	assert.Regexp(t, `id=1 addr=`+regexp.QuoteMeta(path)+`:0 laddr=`+regexp.QuoteMeta(path)+`:0 fd=\d+ name= age=0 idle=0 flags=U db=0`, out.String())
	assert.Contains(t, out.String(), "tcp_port:0\r\n")
	second := startOutput(t, program.Path(t), "serve", "--port", "0", "--unixsocket", path)
	assert.Contains(t, second, "another server listens there")
	assert.Equal(t, 0, s.signal(syscall.SIGTERM))
	_, err = os.Stat(path)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestPortAndBindMayChange(t *testing.T) {
	s := serve(t, t.TempDir())
	first := s.connect()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	number := func(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.\r\n",
		s.do(first, "CONFIG", "SET", "timeout", "55", "port", number(taken)))
	old := s.info(first, "tcp_port")
	assert.Equal(t, "*4\r\n$4\r\nport\r\n$"+strconv.Itoa(len(old))+"\r\n"+old+"\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", s.do(first, "CONFIG", "GET", "port", "timeout"))
	assert.Equal(t, "+PONG\r\n", s.do(s.connect(), "PING"), "it listens as before")
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.\r\n", s.do(first, "CONFIG", "SET", "bind", "192.0.2.1"))
	require.NoError(t, taken.Close())
	next := number(taken)
	assert.Equal(t, "+OK\r\n", s.do(first, "CONFIG", "SET", "port", next, "bind", "127.0.0.1 -192.0.2.1"))
	before := s.addr
	s.addr = "127.0.0.1:" + next
	assert.Equal(t, "+PONG\r\n", s.do(s.connect(), "PING"))
	assert.Equal(t, "+PONG\r\n", s.do(first, "PING"), "who is here stays")
	_, err = net.Dial("tcp", before)
	assert.Error(t, err)
	assert.Equal(t, "+OK\r\n", s.do(first, "CONFIG", "SET", "port", "0"))
	_, err = net.Dial("tcp", s.addr)
	assert.Error(t, err)
	assert.Equal(t, "+PONG\r\n", s.do(first, "PING"))
}

func TestFilesOfAServer(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "notify")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
	require.NoError(t, err)
	defer systemd.Close()
	s := newServer(t, "--port", "0", "--dir", dir, "--pidfile", "t.pid", "--logfile", "t.log", "--loglevel", "verbose", "--supervised", "auto")
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+at)
	s.start()
	b := make([]byte, 100)
	require.NoError(t, systemd.SetReadDeadline(time.Now().Add(20*time.Second)))
	n, err := systemd.Read(b)
	require.NoError(t, err)
	assert.Contains(t, string(b[:n]), "READY=1\n")
	pid, err := os.ReadFile(filepath.Join(dir, "t.pid"))
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("%d\n", s.cmd.Process.Pid), string(pid))
	c := s.connect()
	assert.Equal(t, "systemd", s.info(c, "process_supervised"))
	assert.Equal(t, strconv.Itoa(s.cmd.Process.Pid), s.info(c, "process_id"))
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config\r\n", s.do(c, "CONFIG", "SET", "dir", "/"))
	require.NoError(t, os.Rename(filepath.Join(dir, "t.log"), filepath.Join(dir, "old.log")))
	assert.Equal(t, 0, s.signal(syscall.SIGTERM))
	assert.Empty(t, s.stderr.String())
	before, err := os.ReadFile(filepath.Join(dir, "old.log"))
	require.NoError(t, err)
	assert.Contains(t, string(before), "Accepted 127.0.0.1:")
	after, err := os.ReadFile(filepath.Join(dir, "t.log"))
	require.NoError(t, err)
	assert.Contains(t, string(after), "Received SIGTERM scheduling shutdown...")
	_, err = os.Stat(filepath.Join(dir, "t.pid"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestShutdownForms(t *testing.T) {
	redis := redistest.Start(t).Connect(t)
	s := serve(t, t.TempDir())
	c := s.connect()
	for _, words := range [][]string{{"FOO"}, {"SAVE", "NOSAVE"}, {"ABORT"}, {"ABORT", "NOW"}, {"NOSAVE", "NOSAVE", "FOO"}} {
		want, err := redis.Do(append([]string{"SHUTDOWN"}, words...)...)
		require.NoError(t, err)
		assert.Equal(t, string(want), s.do(c, append([]string{"SHUTDOWN"}, words...)...), "%q", words)
	}
	for _, words := range [][]string{{}, {"SAVE"}, {"NOSAVE"}, {"NOW", "FORCE"}, {"nosave", "now", "force"}} {
		s := serve(t, t.TempDir())
		_, err := s.connect().Write(redistest.Request(append([]string{"SHUTDOWN"}, words...)...))
		require.NoError(t, err)
		select {
		case <-s.exited:
		case <-time.After(20 * time.Second):
			t.Fatalf("it goes on after SHUTDOWN %q", words)
		}
		assert.Equal(t, 0, s.cmd.ProcessState.ExitCode(), "%q: %s", words, s.stderr.String())
	}
}

func TestUsersOfTheConfiguration(t *testing.T) {
	file := writeFile(t, "user bob on >secret ~b:* +get +set\nuser default off\n")
	s := serveFile(t, file)
	c := s.connect()
	assert.Equal(t, "-NOAUTH Authentication required.\r\n", s.do(c, "PING"))
	assert.Equal(t, "+OK\r\n", s.do(c, "AUTH", "bob", "secret"))
	assert.Equal(t, "+OK\r\n", s.do(c, "SET", "b:1", "v"))
	assert.Contains(t, s.do(c, "SET", "a", "v"), "-NOPERM ")
}

// What a signal does is the operator's choice. A save that fails keeps the server running, unless it is forced.
func TestSignalsShutDownAsConfigured(t *testing.T) {
	for _, x := range []struct {
		options string
		points  string
		saves   bool
	}{{"default", "", false}, {"default", "3600 1", true}, {"save", "", true}, {"nosave", "3600 1", false}, {"save now force", "", true}} {
		for _, on := range []string{"shutdown-on-sigterm", "shutdown-on-sigint"} {
			dir := t.TempDir()
			s := serve(t, dir, "--save", x.points, "--"+on, x.options)
			s.do(s.connect(), "SET", "k", "v")
			sig := syscall.SIGTERM
			if on == "shutdown-on-sigint" {
				sig = syscall.SIGINT
			}
			assert.Equal(t, 0, s.signal(sig), s.stderr.String())
			assert.Equal(t, x.saves, exists(filepath.Join(dir, "dump.rdb")), "%s %s, save %q", on, x.options, x.points)
		}
	}
	dir := t.TempDir()
	s := serve(t, dir, "--save", "", "--shutdown-on-sigterm", "save")
	c := s.connect()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dump.rdb"), 0o755)) // nothing can take its place
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dump.rdb", "x"), nil, 0o644))
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	time.Sleep(200 * time.Millisecond)
	assert.Equal(t, "+PONG\r\n", s.do(c, "PING"), "it goes on")
	assert.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "shutdown-on-sigterm", "save force"))
	assert.Equal(t, 0, s.signal(syscall.SIGTERM), s.stderr.String())
	assert.Contains(t, s.stderr.String(), "Errors trying to shut down the server.")
}

func TestThreads(t *testing.T) {
	s := serve(t, t.TempDir(), "--io-threads", "3")
	c := s.connect()
	assert.Equal(t, "*2\r\n$10\r\nio-threads\r\n$1\r\n3\r\n", s.do(c, "CONFIG", "GET", "io-threads"))
	assert.Equal(t, "1", s.info(c, "io_threads_active"))
	assert.Contains(t, s.do(c, "CONFIG", "SET", "io-threads", "2"), "can't set immutable config")
}
