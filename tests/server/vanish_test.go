package server

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// stream sends requests without end, until the connection is no more; then the channel is closed.
func stream(c net.Conn, request []byte) (ended chan struct{}) {
	ended = make(chan struct{})
	many := bytes.Repeat(request, 64<<10/len(request))
	go func() {
		defer close(ended)
		for {
			if _, err := c.Write(many); err != nil {
				return
			}
		}
	}()
	return ended
}

func waitFor(t *testing.T, what string, done chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		require.Fail(t, what)
	}
}

// Somebody who asked for much, with more requests on the way, goes without having read.
func TestWhoGoesWithoutReadingIsForgotten(t *testing.T) {
	s := serve(t, t.TempDir())
	c := s.connect()
	s.do(c, "SET", "k", strings.Repeat("v", 1<<20))
	for range 3 {
		slow := s.connect()
		s.do(slow, "CLIENT", "SETNAME", "slow")
		ended := stream(slow, redistest.Request("GET", "k"))
		until(t, "he is not read from", func() bool { return s.client(c, "slow", "omem") > 48<<20 })
		require.NoError(t, slow.Close())
		waitFor(t, "the stream ends", ended)
	}
	until(t, "all are gone", func() bool { return s.info(c, "connected_clients") == "1" })
}

// Whoever is ended is ended, though he goes on sending.
func TestWhoIsEndedIsHeardNoMore(t *testing.T) {
	s := serve(t, t.TempDir())
	c := s.connect()
	for _, last := range []string{"QUIT", "kill", "POST"} {
		busy := s.connect()
		s.do(busy, "CLIENT", "SETNAME", "busy")
		ended := make(chan struct{})
		if last == "kill" {
			ended = stream(busy, redistest.Request("CLIENT", "REPLY", "OFF"))
			until(t, "it is there", func() bool { return s.do(c, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == ":1\r\n" })
		} else {
			_, err := busy.Write(redistest.Request(last))
			require.NoError(t, err)
			ended = stream(busy, redistest.Request("PING"))
		}
		waitFor(t, "he goes on after "+last, ended)
		until(t, "he is gone", func() bool { return s.info(c, "connected_clients") == "1" })
	}
}

// A small limit of the output stops a client only until it has read.
func TestASmallOutputLimitStopsNobodyWhoReads(t *testing.T) {
	s := serve(t, t.TempDir(), "--client-output-buffer-limit", "normal", "50kb", "0", "0")
	c := s.connect()
	s.do(c, "SET", "k", strings.Repeat("v", 20_000))
	const many = 10 // what the system takes at once
	_, err := c.Write(bytes.Repeat(redistest.Request("GET", "k"), many))
	require.NoError(t, err)
	for range many {
		require.NoError(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
		reply, err := c.Reply()
		require.NoError(t, err)
		require.Len(t, reply, 20_000+len("$20000\r\n\r\n"))
	}
	assert.Equal(t, "+PONG\r\n", s.do(c, "PING"))
}

// CLIENT KILL ends who does not read, at once.
func TestWhoDoesNotReadIsKilled(t *testing.T) {
	s := serve(t, t.TempDir())
	c, slow := s.connect(), s.connect()
	s.do(c, "SET", "k", strings.Repeat("v", 1<<20))
	s.do(slow, "CLIENT", "SETNAME", "slow")
	_, err := slow.Write(bytes.Repeat(redistest.Request("GET", "k"), 40))
	require.NoError(t, err)
	until(t, "replies pile up", func() bool { return s.client(c, "slow", "omem") > 20<<20 })
	assert.Equal(t, ":1\r\n", s.do(c, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
	until(t, "he is gone", func() bool { return s.info(c, "connected_clients") == "1" })
}
