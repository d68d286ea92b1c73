package diskfull

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

// server is a tabdis on the disk.
type server struct {
	testing.TB
	cmd    *exec.Cmd
	addr   string
	log    string // the file with what it says
	exited chan struct{}
}

// serve starts one; it is not ready if the disk is too full to open the log, and then it has said so.
func serve(d *disk, policy string, more ...string) (s *server, ready bool) {
	d.Helper()
	out, err := os.CreateTemp(d.TempDir(), "log")
	require.NoError(d, err)
	defer out.Close()
	s = &server{TB: d.TB, log: out.Name(), exited: make(chan struct{})}
	s.cmd = exec.Command(program.Path(d), append([]string{"serve", "--port", "0", "--dir", d.dir, "--appendfsync", policy}, more...)...)
	s.cmd.Stderr = out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(d, err)
	require.NoError(d, s.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { _ = s.cmd.Wait(); close(s.exited) }() // ProcessState tells how it ended
	d.Cleanup(func() { s.signal(syscall.SIGKILL) })
	if err != nil {
		<-s.exited
		require.Contains(d, s.said(), "no space left on device", "the one reason not to open")
		return s, false
	}
	words := strings.Fields(line)
	s.addr = words[len(words)-1]
	return s, true
}

func (s *server) said() string {
	b, err := os.ReadFile(s.log)
	require.NoError(s, err)
	return string(b)
}

// signal sends one and waits for the end; it gives the exit code, -1 for a kill.
func (s *server) signal(sig syscall.Signal) int {
	_ = s.cmd.Process.Signal(sig) // it may have ended already
	select {
	case <-s.exited:
	case <-time.After(time.Minute):
		_ = s.cmd.Process.Kill() // the failure below tells
		require.Fail(s, "it does not end", "after %v: %s", sig, s.said())
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *server) connect() *redistest.Conn {
	s.Helper()
	c, err := redistest.Dial(s.addr)
	require.NoError(s, err)
	return c
}

func (s *server) do(c *redistest.Conn, words ...string) string {
	s.Helper()
	b, err := c.Do(words...)
	require.NoError(s, err, "%s", s.said())
	return string(b)
}

// info is a field of INFO persistence.
func (s *server) info(c *redistest.Conn, field string) string {
	for _, line := range bytes.Split([]byte(s.do(c, "INFO", "persistence")), []byte("\r\n")) {
		if value, ok := strings.CutPrefix(string(line), field+":"); ok {
			return value
		}
	}
	return ""
}

// until waits for something that takes its time; there is no measure in it but the patience.
func (s *server) until(what string, done func() bool) {
	s.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			require.Fail(s, what, "%s", s.said())
		}
	}
}
