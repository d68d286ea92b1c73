//go:build !js

package clients

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// terminal is a redis-cli whose user sits at a terminal.
type terminal struct {
	t    *testing.T
	file *os.File
	cmd  *exec.Cmd
	port string
	more chan struct{} // something came, or it ended
	end  chan struct{}

	mu  sync.Mutex
	out bytes.Buffer // what came and was not expected yet
}

func openTerminal(t *testing.T, p peer, args ...string) *terminal {
	t.Helper()
	term := &terminal{t: t, port: p.port(), more: make(chan struct{}, 1), end: make(chan struct{})}
	term.cmd = exec.Command("redis-cli", append([]string{"-p", p.port()}, args...)...)
	term.cmd.Env = cliEnv(t)
	file, err := pty.StartWithSize(term.cmd, &pty.Winsize{Rows: 50, Cols: 2000})
	require.NoError(t, err)
	term.file = file
	go term.read()
	t.Cleanup(func() {
		_ = term.cmd.Process.Kill() // it may have ended
		<-term.end
		file.Close()
	})
	return term
}

func (term *terminal) read() {
	buf := make([]byte, 1<<16)
	for {
		n, err := term.file.Read(buf)
		term.mu.Lock()
		term.out.Write(buf[:n])
		term.mu.Unlock()
		if err != nil { // the terminal is gone when its program is
			_ = term.cmd.Wait() // ProcessState tells how it ended
			close(term.end)
			return
		}
		select {
		case term.more <- struct{}{}:
		default:
		}
	}
}

func (term *terminal) write(text string) {
	term.t.Helper()
	_, err := term.file.WriteString(text)
	require.NoError(term.t, err)
}

// has waits so long for what matches.
func (term *terminal) has(pattern string, wait time.Duration) bool {
	_, ok := term.await(regexp.MustCompile(pattern), wait, false)
	return ok
}

// expect waits for what matches, and takes all that came until then.
func (term *terminal) expect(pattern string) string {
	term.t.Helper()
	text, ok := term.await(regexp.MustCompile(pattern), 20*time.Second, true)
	require.True(term.t, ok, "%s does not come, but %q", pattern, text)
	return text
}

func (term *terminal) await(pattern *regexp.Regexp, wait time.Duration, take bool) (string, bool) {
	timeout := time.After(wait)
	for {
		term.mu.Lock()
		text := term.out.String()
		ok := pattern.MatchString(text)
		if ok && take {
			term.out.Reset()
		}
		term.mu.Unlock()
		if ok {
			return text, true
		}
		select {
		case <-term.more:
		case <-term.end:
			return text, false
		case <-timeout:
			return text, false
		}
	}
}

// prompt waits until the program asks for the next line, and gives what it wrote before.
func (term *terminal) prompt() string {
	term.t.Helper()
	return term.expect(`(^|\n|\^C|\x1b\[2J)127\.0\.0\.1:` + term.port + `(\[\d+\])?(\(\w+\))?> $`)
}

// command types a line and gives what is shown for it, with the prompt behind it.
func (term *terminal) command(line string) string {
	term.t.Helper()
	term.write(line + "\r")
	shown := term.prompt()
	_, shown, _ = strings.Cut(shown, "\r\n") // the line as it was drawn while it was typed
	shown = strings.ReplaceAll(plainText(shown), term.port, "PORT")
	return ownWords.ReplaceAllString(shown, "…")
}

func (term *terminal) signal(sig syscall.Signal) {
	_ = term.cmd.Process.Signal(sig) // what has ended is waited for
	term.ended()
}

// ended waits until the program has ended.
func (term *terminal) ended() {
	term.t.Helper()
	select {
	case <-term.end:
	case <-time.After(20 * time.Second):
		require.Fail(term.t, "redis-cli does not end")
	}
}

// ownWords are what a server says of itself, and the summaries, which are our own.
var ownWords = regexp.MustCompile(`(?m)summary: .*|"(version|id)" => .*`)

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]|\r`)

// plainText is text without colours and movements.
func plainText(s string) string { return escapes.ReplaceAllString(s, "") }
