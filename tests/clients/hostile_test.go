package clients

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// answer sends bytes, and nothing after them, and gives all that comes back until the server closes.
func answer(t *testing.T, p peer, sent string) string {
	t.Helper()
	c, err := redistest.Dial(p.addr)
	require.NoError(t, err)
	defer c.Close()
	// The server may have closed before it has read everything, as both do after a protocol error.
	_, _ = c.Write([]byte(sent))
	_ = c.Conn.(*net.TCPConn).CloseWrite()
	got, closed := c.ReadAll(20 * time.Second)
	require.True(t, closed, "%s keeps a connection whose client has ended: %q", p.name, sent)
	return string(got)
}

func do(t *testing.T, p peer, words ...string) string {
	t.Helper()
	c, err := redistest.Dial(p.addr)
	require.NoError(t, err)
	defer c.Close()
	reply, err := c.Do(words...)
	require.NoError(t, err, "%s %q", p.name, words)
	return string(reply)
}

var long = strings.Repeat("x", 70<<10)

// malformed is what no client should send.
var malformed = []string{
	"", "\r\n", "\n\n\nPING\n", "PING", "PING\r", "ping\r\n", "  PING  \r\n", "PING\nPING\r\n", "PING hello\r\n", "PING \"a b\" \r\n", "'PING'\r\n", "\"\\x50ING\"\r\n", "SET k \"a\"b\r\nPING\r\n",
	"SET k 'a\r\nPING\r\n", "PI\x00NG\r\nPING\r\n", "ECHO \x00\xff\r\n", "\x00\xff\xfe\x80 garbage\r\nPING\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
	"GET / HTTP/1.1\r\nUser-Agent: x\r\nPING\r\n", "POST / HTTP/1.1\r\nPING\r\n", "Host: 127.0.0.1\r\nPING\r\n", "*3\r\n$4\r\npOSt\r\n$1\r\n/\r\n$1\r\nx\r\nPING\r\n", "NUL \x00\r\n" + long, "*\x00\r\n" + long, "*1\r\n$\x00\r\n" + long,
	"*0\r\nPING\r\n", "*-1\r\nPING\r\n", "*-10\r\nPING\r\n", "*\r\nPING\r\n", "*abc\r\nPING\r\n", "* 1\r\nPING\r\n", "*01\r\n$4\r\nPING\r\n", "*+1\r\n$4\r\nPING\r\n", "*1 \r\n$4\r\nPING\r\n", "*1\n$4\r\nPING\r\n",
	"*2147483648\r\nPING\r\n", "*9223372036854775808\r\nPING\r\n", "*1048577\r\n$4\r\nPING\r\n", "*1\r\n:1\r\nPING\r\n", "*1\r\nPING\r\n", "*1\r\n*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n*1\r\n$1\r\na\r\n",
	"*1\r\n$-1\r\nPING\r\n", "*1\r\n$abc\r\nPING\r\n", "*1\r\n$\r\nPING\r\n", "*1\r\n$04\r\nPING\r\n", "*1\r\n$536870913\r\nPING\r\n", "*1\r\n$9223372036854775808\r\nPING\r\n", "*1\r\n$4294967300\r\nPING\r\n",
	"*1\r\n$0\r\n\r\nPING\r\n", "*1\r\n$4\r\nPINGxyPING\r\n", "*1\r\n$3\r\nPING\r\nPING\r\n", "*1\r\n$5\r\nPING\r\nPING\r\n", "$4\r\nPING\r\n", "+OK\r\n", "-ERR x\r\n", ":1\r\n", "%1\r\n", "~1\r\n", ">1\r\n", "_\r\n",
	"PING\r\n*x\r\nPING\r\n", "MULTI\r\nSET k v\r\n*1\r\n$x\r\nEXEC\r\n", "*1\r\n$4\r\nPIN", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nhalf", "QUIT\r\nPING\r\n", "SUBSCRIBE a\r\nGET k\r\nPING\r\n", "MONITOR\r\n*x\r\n",
	long, "*" + long, "*1\r\n$" + long, "PING\r\n" + long, "ECHO " + long + "\r\nPING\r\n", strings.Repeat("*1\r\n", 2000), strings.Repeat("[", 5000) + "\r\n", "*" + strings.Repeat("1", 40) + "\r\n",
	strings.Repeat("*0\r\n", 5000) + "PING\r\n", strings.Repeat("\r\n", 5000) + "PING\r\n",
}

func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	both := peers(t)
	for _, auth := range []bool{false, true} {
		if auth { // who has not said who he is may say little
			for _, p := range both {
				require.Equal(t, "+OK\r\n", do(t, p, "CONFIG", "SET", "requirepass", "secret"))
			}
		}
		for _, sent := range append(malformed, "*11\r\n$4\r\nPING\r\n", "*10\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nAUTH\r\n$16385\r\nPING\r\n", "*2\r\n$4\r\nAUTH\r\n$16384\r\nPING\r\n", "AUTH secret\r\n*11\r\nPING\r\n") {
			assert.Equal(t, answer(t, both[0], sent), answer(t, both[1], sent), "%.80q, %d bytes, password %v", sent, len(sent), auth)
		}
	}
}

// Requests of which a byte is lost, changed or doubled are the same nonsense to both, and leave the same data.
func TestDamagedRequests(t *testing.T) {
	t.Parallel()
	both := peers(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	commands := [][]string{
		{"SET", "a", "value"}, {"APPEND", "a", "\r\n$1\r\n"}, {"GET", "a"}, {"RPUSH", "list", "x", "y", "z"}, {"LRANGE", "list", "0", "5"}, {"HSET", "hash", "f", "v"}, {"HGETALL", "hash"}, {"MULTI"}, {"INCR", "n"}, {"EXEC"},
		{"ZADD", "zset", "1", "m"}, {"DEL", "a", "list"}, {"ECHO", ""}, {"SELECT", "1"}, {"EXISTS", "hash"}, {"PING", "*1"},
	}
	for i := range 400 {
		var text []byte
		for range 1 + r.IntN(6) {
			text = append(text, redistest.Request(commands[r.IntN(len(commands))]...)...)
		}
		for range 1 + r.IntN(3) { // no request is so short that nothing would stay of it
			at := r.IntN(len(text))
			switch r.IntN(5) {
			case 0:
				text[at] ^= 1 << r.IntN(8)
			case 1:
				text[at] = "*$\r\n-0123456789"[r.IntN(15)]
			case 2:
				text = append(text[:at], text[at+1:]...)
			case 3:
				text = append(text[:at], append([]byte{text[at]}, text[at:]...)...)
			case 4:
				text = text[:max(at, 10)]
			}
		}
		require.Equal(t, answer(t, both[0], string(text)), answer(t, both[1], string(text)), "seed %d, request %d: %q", seed, i, text)
	}
	for _, ask := range [][]string{{"DBSIZE"}, {"GET", "a"}, {"LRANGE", "list", "0", "-1"}, {"GET", "n"}, {"ZRANGE", "zset", "0", "-1"}} {
		assert.Equal(t, do(t, both[0], ask...), do(t, both[1], ask...), "seed %d: %q", seed, ask)
	}
}

// Those who begin a command and fall silent hold up nobody, and are answered when they go on.
func TestHalfACommandAndSilence(t *testing.T) {
	t.Parallel()
	p := peer{"tabdis", serve(t)}
	quick, err := redistest.Dial(p.addr)
	require.NoError(t, err)
	defer quick.Close()
	request := redistest.Request("RPUSH", "list", "a value")
	var silent []*redistest.Conn
	for i := range 200 {
		c, err := redistest.Dial(p.addr)
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Write(request[:i%len(request)])
		require.NoError(t, err)
		silent = append(silent, c)
	}
	for i := range 1000 {
		reply, err := quick.Do("INCR", "n")
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf(":%d\r\n", i+1), string(reply))
	}
	for i, c := range silent {
		_, err := c.Write(request[i%len(request):])
		require.NoError(t, err)
		reply, err := c.Reply()
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf(":%d\r\n", i+1), string(reply))
	}
}

// A header promises what may never come: nothing is reserved for it.
func TestPromisesCostNothing(t *testing.T) {
	t.Parallel()
	addr, pid := process(t)
	p := peer{"tabdis", addr}
	for range 50 {
		for _, header := range []string{"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nbegun", "*1048576\r\n$4\r\nPING\r\n", strings.Repeat("*1048576\r\n", 3)} {
			c, err := redistest.Dial(p.addr)
			require.NoError(t, err)
			defer c.Close()
			_, err = c.Write([]byte(header))
			require.NoError(t, err)
		}
	}
	assert.Equal(t, "+PONG\r\n", do(t, p, "PING"))
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(t, peak, string(status))
	kB, err := strconv.Atoi(string(peak[1]))
	require.NoError(t, err)
	assert.Less(t, kB, 200<<10, "150 connections took %d kB", kB)
}

// A thousand connections end in the middle of whatever they did, and nothing of them stays.
func TestConnectionsThatBreak(t *testing.T) {
	t.Parallel()
	both := peers(t)
	for _, p := range both {
		doing := []string{
			"", "PING\r\n", "*2\r\n$3\r\nGE", "BLPOP none 0\r\n", "MULTI\r\nINCR n\r\n", "WATCH n\r\n", "SUBSCRIBE a b\r\nPSUBSCRIBE c*\r\n", "SSUBSCRIBE s\r\n", "MONITOR\r\n", "XREAD BLOCK 0 STREAMS none $\r\n",
			"HELLO 3\r\nCLIENT SETNAME x\r\n", "CLIENT REPLY OFF\r\n", "SELECT 3\r\nINCR done\r\n", strings.Repeat("INFO\r\n", 50), "WAIT 1 0\r\n", "BZMPOP 0 1 none MIN\r\n",
		}
		var group sync.WaitGroup
		for worker := range 10 {
			group.Go(func() {
				for i := range 100 {
					c, err := net.Dial("tcp", p.addr)
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = c.Write([]byte(doing[(worker*100+i)%len(doing)])) // it may be gone already: MONITOR's peers are many
					if i%3 > 0 {
						_ = c.(*net.TCPConn).SetLinger(0) // a reset instead of an end
					}
					if i%2 == 0 { // some answer, some never will
						_ = c.SetReadDeadline(time.Now().Add(2 * time.Millisecond))
						_, _ = c.Read(make([]byte, 10))
					}
					c.Close()
				}
			})
		}
		group.Wait()
		c, err := redistest.Dial(p.addr)
		require.NoError(t, err)
		defer c.Close()
		ask := func(words ...string) string {
			reply, err := c.Do(words...)
			require.NoError(t, err)
			return string(reply)
		}
		require.Eventually(t, func() bool { return strings.Contains(ask("INFO", "clients"), "connected_clients:1\r\n") }, 20*time.Second, 5*time.Millisecond, p.name)
		assert.Contains(t, ask("INFO", "clients"), "blocked_clients:0\r\n", p.name)
		assert.Equal(t, "*0\r\n", ask("PUBSUB", "CHANNELS"), p.name)
		assert.Equal(t, ":0\r\n", ask("PUBSUB", "NUMPAT"), p.name)
		assert.Equal(t, ":1\r\n", ask("INCR", "n"), p.name)
		assert.Equal(t, ":0\r\n", ask("PUBLISH", "a", "x"), p.name)
	}
}

// A million commands in one go, in pieces of any size, are answered each, in order.
func TestAMillionCommandsInARow(t *testing.T) {
	t.Parallel()
	c, err := redistest.Dial(serve(t))
	require.NoError(t, err)
	defer c.Close()
	const n = 1_000_000
	go func() {
		all := append(bytes.Repeat([]byte("PING\r\n*2\r\n$4\r\necho\r\n$1\r\nx\r\nincr n\r\n*1\r\n$4\r\nPING\r\n"), n/4), "QUIT\r\n"...)
		for len(all) > 0 {
			piece := min(len(all), 7919)
			if _, err := c.Write(all[:piece]); err != nil {
				t.Error(err)
				return
			}
			all = all[piece:]
		}
	}()
	got, closed := c.ReadAll(20 * time.Second)
	require.True(t, closed)
	var want bytes.Buffer
	for i := range n / 4 {
		fmt.Fprintf(&want, "+PONG\r\n$1\r\nx\r\n:%d\r\n+PONG\r\n", i+1)
	}
	want.WriteString("+OK\r\n")
	assert.True(t, bytes.Equal(want.Bytes(), got), "%d bytes instead of %d", len(got), want.Len())
}
