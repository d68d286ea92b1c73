//go:build !js

package main

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
)

// farConn is a connection that says that it comes from somewhere.
type farConn struct {
	*net.TCPConn
	from net.Addr
}

func (c farConn) RemoteAddr() net.Addr { return c.from }
func (c farConn) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 6379} }

// knock connects from an address and gives what the server says at once, and whether it let us in.
func knock(t *testing.T, p *program, from string) (says string, in bool) {
	t.Helper()
	addr, err := net.ResolveTCPAddr("tcp", from)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	ours, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer ours.Close()
	theirs, err := listener.Accept()
	require.NoError(t, err)
	said := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(ours) // it ends when either side closes
		said <- string(b)
	}()
	c := newConn(farConn{theirs.(*net.TCPConn), addr}, p.loop)
	before := len(p.loop.conns)
	p.engine.Turn(time.Now().UnixMilli())
	p.loop.admit(p.engine, c)
	p.engine.EndTurn()
	in = len(p.loop.conns) > before
	if in {
		c.abort()
	}
	return <-said, in
}

func TestProtectedModeLetsInWhoComesFromHere(t *testing.T) {
	p := newProgram()
	p.loop = newLoop(p)
	var err error
	p.engine, err = core.Open(context.Background(), core.Options{Program: p, Now: time.Now().UnixMilli(), Log: p.log.line})
	require.NoError(t, err)
	p.loop.engine = p.engine
	for from, want := range map[string]bool{"127.0.0.1:1": true, "127.1.2.3:1": true, "[::1]:1": true, "10.0.0.2:1": false, "[2001:db8::1]:1": false} {
		says, in := knock(t, p, from)
		assert.Equal(t, want, in, from)
		if !want {
			assert.Equal(t, protectedDenied, says, from)
		}
	}
	require.NoError(t, p.engine.ConfigSet([][2]string{{"requirepass", "x"}}))
	_, in := knock(t, p, "10.0.0.2:1")
	assert.True(t, in, "a password is set")
	require.NoError(t, p.engine.ConfigSet([][2]string{{"requirepass", ""}, {"protected-mode", "no"}}))
	_, in = knock(t, p, "10.0.0.2:1")
	assert.True(t, in, "it is switched off")
}

func TestWhatTheAddressesOfBindMean(t *testing.T) {
	p := newProgram()
	require.NoError(t, p.setBind("127.0.0.1 -192.0.2.1"))
	all, err := p.openAddresses(0)
	require.NoError(t, err)
	require.Len(t, all, 1, "one that may be missing is")
	require.NoError(t, all[0].Close())
	require.NoError(t, p.setBind("127.0.0.1 192.0.2.1"))
	_, err = p.openAddresses(0)
	require.Error(t, err, "one that may not")
	require.NoError(t, p.setBind(""))
	all, err = p.openAddresses(0)
	require.NoError(t, err)
	assert.Empty(t, all)
	_, err = p.open()
	assert.ErrorContains(t, err, "not listen anywhere")
	assert.NotEmpty(t, checkBind("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"))
}
