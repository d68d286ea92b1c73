package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/fromenv"
	"tabdis/tests/redistest"
)

func TestASignalStopsItCleanly(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, policy := range []string{"always", "everysec", "no"} {
			dir := t.TempDir()
			s := serve(t, dir, "--appendfsync", policy)
			c := s.connect()
			for i := range 50 {
				require.Equal(t, fmt.Sprintf(":%d\r\n", i+1), s.do(c, "INCR", "n"))
			}
			assert.Equal(t, 0, s.signal(sig), s.stderr.String())
			assert.Contains(t, s.stderr.String(), "bye bye")
			manifest, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest"))
			require.NoError(t, err)
			assert.Regexp(t, `# tabdis v1 epoch 1 sealed \d+ xxh64 `, string(manifest))
			s = serve(t, dir, "--aof-load-truncated", "no")
			assert.Equal(t, "$2\r\n50\r\n", s.do(s.connect(), "GET", "n"))
			assert.Equal(t, 0, s.signal(sig))
			assert.NotContains(t, s.stderr.String(), "torn")
		}
	}
}

// Clients under load are all answered before it ends, or cut off; what was answered is there.
func TestASignalUnderLoad(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "--appendfsync", "always")
	l := startLoad(s)
	time.Sleep(100 * time.Millisecond)
	assert.Equal(t, 0, s.signal(syscall.SIGTERM), s.stderr.String())
	l.stop()
	s = serve(t, dir, "--aof-load-truncated", "no")
	l.check(s)
}

// kills is how often the server is killed: TABDIS_KILLS.
func kills(t *testing.T) int { return int(fromenv.Number(t, "TABDIS_KILLS", 6)) }

// A kill ends the process, not the machine: under every policy whatever was answered is there.
func TestWhatWasAnsweredOutlivesAKill(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, policy := range []string{"always", "everysec", "no"} {
		dir := t.TempDir()
		for range kills(t) / 2 {
			s := serve(t, dir, "--appendfsync", policy)
			l := startLoad(s)
			l.wait(t)
			time.Sleep(time.Duration(r.IntN(150)) * time.Millisecond)
			s.signal(syscall.SIGKILL)
			l.stop()
			s = serve(t, dir, "--appendfsync", policy)
			l.check(s)
			s.do(s.connect(), "FLUSHALL")
			if r.IntN(2) == 0 {
				s.signal(syscall.SIGKILL)
			} else {
				require.Equal(t, 0, s.signal(syscall.SIGTERM))
			}
		}
	}
}

// load is several clients that write, some of them while the log is rewritten.
type load struct {
	clients []*loader
	done    sync.WaitGroup
}

// loader is a client that pipelines a few commands at a time and counts what it hears.
type loader struct {
	id, sent, heard int
	answered        chan struct{} // closed at the first reply
	wrong           string        // a reply that was not to be expected
}

func startLoad(s *server) *load {
	l := &load{}
	for id := range 4 {
		c := &loader{id: id, answered: make(chan struct{})}
		l.clients = append(l.clients, c)
		conn := s.connect()
		l.done.Add(1)
		go func() { defer l.done.Done(); c.run(conn) }()
	}
	return l
}

// wait returns when each client has been answered something.
func (l *load) wait(t *testing.T) {
	for _, c := range l.clients {
		select {
		case <-c.answered:
		case <-time.After(time.Minute):
			require.Fail(t, "nothing was answered", "client %d", c.id)
		}
	}
}

// run writes until the connection ends. Command n puts n at the end of a list, with a counter in one unit.
func (c *loader) run(conn *redistest.Conn) {
	id := strconv.Itoa(c.id)
	for {
		var text []byte
		batch := 1 + c.sent%7
		if c.id == 0 && c.sent%500 < 7 {
			text = redistest.Request("BGREWRITEAOF")
		}
		rewrites := count(text != nil)
		for i := range batch {
			n := strconv.Itoa(c.sent + i + 1)
			text = append(text, redistest.Request("MULTI")...)
			text = append(text, redistest.Request("RPUSH", "list:"+id, n)...)
			text = append(text, redistest.Request("INCR", "count:"+id)...)
			text = append(text, redistest.Request("EXEC")...)
		}
		c.sent += batch
		if _, err := conn.Write(text); err != nil {
			return
		}
		for range rewrites {
			if _, err := conn.Reply(); err != nil {
				return
			}
		}
		for range batch {
			want := fmt.Sprintf("*2\r\n:%d\r\n:%d\r\n", c.heard+1, c.heard+1)
			for _, expected := range []string{"+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", want} {
				reply, err := conn.Reply()
				if err != nil {
					return
				}
				if string(reply) != expected {
					c.wrong = string(reply)
					return
				}
			}
			if c.heard++; c.heard == 1 {
				close(c.answered)
			}
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (l *load) stop() { l.done.Wait() }

// check: of each client the server holds a beginning of what was sent, whole transactions only, and all that was answered.
func (l *load) check(s *server) {
	t := s.t
	conn := s.connect()
	for _, c := range l.clients {
		require.Empty(t, c.wrong, "client %d", c.id)
		id := strconv.Itoa(c.id)
		length := s.do(conn, "LLEN", "list:"+id)
		n, err := strconv.Atoi(strings.Trim(length, ":\r\n"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, n, c.heard, "client %d: what was answered is lost", c.id)
		require.LessOrEqual(t, n, c.sent)
		if n == 0 {
			continue
		}
		require.Equal(t, fmt.Sprintf("$%d\r\n%d\r\n", len(strconv.Itoa(n)), n), s.do(conn, "GET", "count:"+id), "half a transaction")
		var want strings.Builder
		fmt.Fprintf(&want, "*%d\r\n", n)
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&want, "$%d\r\n%d\r\n", len(strconv.Itoa(i)), i)
		}
		require.Equal(t, want.String(), s.do(conn, "LRANGE", "list:"+id, "0", "-1"))
	}
}
