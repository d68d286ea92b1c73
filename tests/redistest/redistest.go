// Package redistest runs a real redis-server beside a test and talks to it in bytes.
package redistest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Server is a running redis-server.
type Server struct {
	Addr string
	Dir  string

	exited chan struct{}
}

// Wait waits for its end, which somebody has asked for.
func (s *Server) Wait(t testing.TB) {
	t.Helper()
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		require.Fail(t, "redis-server does not end")
	}
}

// Start runs a redis-server on a free port of the loopback address, in a directory of its own, until the test ends.
// Without one installed the test fails: what it would prove stays unproven.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	return start(t, nil, append([]string{"--save", "", "--enable-debug-command", "yes"}, flags...))
}

// StartWith runs one on a configuration file.
func StartWith(t testing.TB, file string, flags ...string) *Server {
	t.Helper()
	return start(t, []string{file}, flags)
}

func start(t testing.TB, first, flags []string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	require.NoError(t, err, "redis-server is needed: apt-get install redis-server")
	dir := t.TempDir()
	for try := 0; ; try++ {
		port := freePort(t)
		args := slices.Concat(first, []string{"--port", port, "--bind", "127.0.0.1", "--dir", dir}, flags)
		cmd := exec.Command(path, args...)
		require.NoError(t, cmd.Start())
		exited := make(chan struct{})
		go func() { _ = cmd.Wait(); close(exited) }() // its end is what counts, not how it ended
		addr := net.JoinHostPort("127.0.0.1", port)
		if waitFor(addr, exited) {
			t.Cleanup(func() {
				_ = cmd.Process.Signal(os.Interrupt) // it ends its child, which would go on to write; it may have ended already
				select {
				case <-exited:
				case <-time.After(5 * time.Second):
				}
				_ = cmd.Process.Kill()
				<-exited
			})
			return &Server{addr, dir, exited}
		}
		require.Less(t, try, 3, "redis-server does not start with %s", strings.Join(args, " "))
	}
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func waitFor(addr string, exited chan struct{}) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		select {
		case <-exited:
			return false
		default:
		}
		if c, err := Dial(addr); err == nil {
			reply, err := c.Do("PING")
			c.Close()
			if err == nil && string(reply) == "+PONG\r\n" {
				return true
			}
		}
	}
	return false
}

// Conn is a connection that gives replies as the bytes they came in.
type Conn struct {
	net.Conn
	r *bufio.Reader
}

// Dial connects.
func Dial(addr string) (*Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Conn{c, bufio.NewReaderSize(c, 1<<16)}, nil
}

// Connect connects for as long as the test runs.
func (s *Server) Connect(t testing.TB) *Conn {
	t.Helper()
	c, err := Dial(s.Addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// Request is a command in RESP.
func Request(words ...string) []byte {
	b := []byte("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		b = append(b, "$"+strconv.Itoa(len(w))+"\r\n"+w+"\r\n"...)
	}
	return b
}

// Do sends a command and reads its reply.
func (c *Conn) Do(words ...string) ([]byte, error) {
	if _, err := c.Write(Request(words...)); err != nil {
		return nil, err
	}
	return c.Reply()
}

// Reply reads one whole reply.
func (c *Conn) Reply() ([]byte, error) {
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	return readReply(c.r, nil)
}

// ReadAll reads what comes until the peer closes or is silent for so long; closed tells which.
func (c *Conn) ReadAll(silence time.Duration) (b []byte, closed bool) {
	buf := make([]byte, 1<<16)
	for {
		if err := c.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return b, true
		}
		n, err := c.r.Read(buf)
		b = append(b, buf[:n]...)
		if err != nil {
			var timeout net.Error
			return b, !(errors.As(err, &timeout) && timeout.Timeout())
		}
	}
}

func readReply(r *bufio.Reader, b []byte) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	b = append(b, line...)
	n, err := strconv.Atoi(string(line[1 : len(line)-2]))
	switch line[0] {
	case '$', '=', '!':
		if err != nil || n < 0 {
			return b, err
		}
		from := len(b)
		b = append(b, make([]byte, n+2)...)
		_, err = io.ReadFull(r, b[from:])
		return b, err
	case '*', '~', '>', '%', '|':
		if line[0] == '%' || line[0] == '|' {
			n *= 2
		}
		for ; err == nil && n > 0; n-- {
			b, err = readReply(r, b)
		}
		return b, err
	}
	return b, nil
}

// First is the reply that b begins with; all of it if that is not whole.
func First(b []byte) []byte {
	reply, err := readReply(bufio.NewReader(bytes.NewReader(b)), nil)
	if err != nil {
		return b
	}
	return reply
}
