package core

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/storage/memfs"
)

// What a web page may send to a port of its user's machine runs nothing.
func TestHTTPEndsTheSession(t *testing.T) {
	var logged []string
	fs, err := memfs.New().Open()
	require.NoError(t, err)
	e, err := Open(context.Background(), Options{FS: fs, Now: 1_700_000_000_000, Log: func(_ aof.Level, line string) { logged = append(logged, line) }})
	require.NoError(t, err)
	for i, request := range []string{"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\nSET k evil\r\n", "host: 127.0.0.1\r\nSET k evil\r\n", "MULTI\r\nHoSt: x\r\nSET k evil\r\nEXEC\r\n"} {
		s := e.NewSession(SessionOptions{Addr: "192.0.2.1:1234"})
		e.Turn(1_700_000_000_000 + int64(i))
		s.Feed([]byte(request))
		e.EndTurn()
		assert.True(t, s.Closing(), request)
		assert.Equal(t, i == 2, strings.HasPrefix(takeOut(s), "+OK\r\n"), request)
		s.Close()
	}
	assert.Equal(t, "$-1\r\n", do(e, e.NewSession(SessionOptions{}), "GET k"))
	n := 0
	for _, line := range logged {
		if strings.Contains(line, "192.0.2.1:1234 aborted") {
			n++
		}
	}
	assert.Equal(t, 1, n, "once a minute")
}
