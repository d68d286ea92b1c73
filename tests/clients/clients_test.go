// Package clients runs programs of other people's Redis clients over real sockets, the same ones against tabdis and against a
// real redis-server, and compares what the clients report.
//
// A program writes a line for each step: what was asked, and what the client made of the reply. So a difference shows
// where it was seen, and how a user would see it. Where 7.2, which tabdis follows, differs from the redis-server beside it on
// purpose, the test names the line (differences.go).
package clients

import (
	"bufio"
	"bytes"
	"net"
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

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// serve starts tabdis on a free port, for as long as the test runs, and gives its address. It must end cleanly.
func serve(t *testing.T, flags ...string) string {
	t.Helper()
	addr, _ := process(t, flags...)
	return addr
}

// process is serve that also gives the process's id.
func process(t *testing.T, flags ...string) (addr string, pid int) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(program.Path(t), append([]string{"serve", "--port", "0", "--dir", t.TempDir()}, flags...)...)
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // if it has ended, Wait tells how
		slow := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		slow.Stop()
		require.NoError(t, err, "tabdis ended badly: %s", stderr.String())
	})
	require.NoError(t, err, "it is not ready: %s", stderr.String())
	words := strings.Fields(line)
	return words[len(words)-1], cmd.Process.Pid
}

// peer is one of the two servers a test talks to.
type peer struct {
	name, addr string
}

func (p peer) port() string {
	_, port, err := net.SplitHostPort(p.addr)
	if err != nil {
		panic(err) // redistest and serve give addresses of this form
	}
	return port
}

// peers are a real redis-server and tabdis.
func peers(t *testing.T) [2]peer {
	t.Helper()
	return [2]peer{{"redis", redistest.Start(t).Addr}, {"tabdis", serve(t)}}
}

// same runs a program against a real redis-server and tabdis and requires that it reports the same. What may differ is given
// as the line that tabdis's report has for one of Redis's; each such line must come.
func same(t *testing.T, run func(t *testing.T, p peer) []string, differ ...difference) {
	t.Helper()
	compare(t, peers(t), run, differ...)
}

func compare(t *testing.T, both [2]peer, run func(t *testing.T, p peer) []string, differ ...difference) {
	t.Helper()
	want, got := run(t, both[0]), run(t, both[1])
	require.NotEmpty(t, want)
	seen := map[difference]bool{}
	for i, line := range want {
		for _, d := range differ {
			if line == d.redis {
				want[i], seen[d] = d.tabdis, true
			}
		}
	}
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "line %d, behind %q", i, want[:i][max(0, i-3):])
	}
	require.Len(t, got, len(want), "%q", got)
	for _, d := range differ {
		require.True(t, seen[d], "redis-server does not say: %s", d.redis)
	}
}

// difference is a line of a report that tabdis has on purpose otherwise than redis-server 7.0.
type difference struct {
	redis, tabdis string
	why           string
}
