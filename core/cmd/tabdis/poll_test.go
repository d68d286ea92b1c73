//go:build unix

package main

import (
	"net"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who waits for the network hears of it through an owner that never waits.
func TestAPollBringsWhatHasArrived(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	poll, err := newPoll()
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	ours, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer ours.Close()
	theirs, err := listener.Accept()
	require.NoError(t, err)
	defer theirs.Close()
	var heard atomic.Int64
	go func() {
		var b [1]byte
		for {
			if _, err := theirs.Read(b[:]); err != nil {
				return // the test is over
			}
			heard.Add(1)
		}
	}()
	const rounds, few = 2000, 1000
	soon := 0 // a busy system delivers some late
	for i := range int64(rounds) {
		_, err := ours.Write([]byte{1})
		require.NoError(t, err)
		polls := 0
		for ; heard.Load() <= i; polls++ {
			poll()
			runtime.Gosched()
		}
		if polls < few {
			soon++
		}
	}
	require.Greater(t, soon, rounds/2)
}
