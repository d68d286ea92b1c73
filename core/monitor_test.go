package core

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMonitorShowsWhatRan(t *testing.T) {
	e, err := Open(context.Background(), Options{Config: map[string]string{"appendonly": "no"}, Now: 1_700_000_000_042, Seed: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close(context.Background())) }()
	m, c := e.NewSession(SessionOptions{Addr: "127.0.0.1:1"}), e.NewSession(SessionOptions{Addr: "127.0.0.1:2"})
	do := func(s *Session, lines string) {
		e.Turn(1_700_000_000_042)
		s.Feed([]byte(strings.ReplaceAll(lines, ";", "\r\n") + "\r\n"))
		e.EndTurn()
	}
	take := func() string {
		out := string(m.Output())
		m.Take(len(out))
		return strings.ReplaceAll(out, "\r\n", "\n")
	}
	do(m, "MONITOR")
	assert.Equal(t, "+OK\n", take())
	do(c, `GET a;FOO;GET;PING "a\"\n\r\t\a\b\x00\xff\\";CONFIG GET save;SELECT 1;MULTI;SET a 1;get a;EXEC;HELLO 2 AUTH default x SETNAME n;EVAL x 0`)
	want := ""
	for _, line := range []string{`0 "GET" "a"`, `0 "PING" "a\"\n\r\t\a\b\x00\xff\\"`, `1 "SELECT" "1"`, `1 "MULTI"`, `1 "SET" "a" "1"`, `1 "get" "a"`, `1 "EXEC"`,
		`1 "HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "n"`, `1 "EVAL" "x" "0"`} {
		db, words, _ := strings.Cut(line, " ")
		want += "+1700000000.042000 [" + db + " 127.0.0.1:2] " + words + "\n"
	}
	assert.Equal(t, want, take())
	do(m, "RESET")
	assert.Contains(t, take(), "+RESET\n")
	do(c, "GET a")
	assert.Empty(t, take())
	do(m, "MONITOR")
	take()
	m.Close()
	do(c, "GET a")
	assert.Empty(t, e.monitors)
}

func TestAMonitorThatDoesNotReadIsEnded(t *testing.T) {
	e, err := Open(context.Background(), Options{Config: map[string]string{"appendonly": "no"}, Now: 1_700_000_000_000, Seed: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close(context.Background())) }()
	m, c := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	e.Turn(1_700_000_000_000)
	m.Feed([]byte("MONITOR\r\n"))
	c.Feed([]byte("*2\r\n$4\r\nPING\r\n$40000000\r\n" + strings.Repeat("x", 40_000_000) + "\r\n"))
	e.EndTurn()
	assert.True(t, m.Closing())
	assert.False(t, c.Closing())
}
