package diskfull

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/tests/fromenv"
	"tabdis/tests/redistest"
)

const (
	clients = 4
	filler  = 3 << 20
	absent  = "$-1\r\n"
)

// TestAFullDisk: TABDIS_DISKFULL_ROUNDS times (2) under each policy, on each of TABDIS_DISKFULL_ON (tmpfs). TABDIS_SEED repeats a run as
// far as the threads let it.
func TestAFullDisk(t *testing.T) {
	seed := fromenv.Seed(t, "TABDIS_SEED", rand.Uint64()>>1)
	kinds := os.Getenv("TABDIS_DISKFULL_ON")
	if kinds == "" {
		kinds = "tmpfs"
	}
	for _, kind := range strings.Split(kinds, ",") {
		for _, policy := range []string{"always", "everysec"} {
			t.Run(kind+" "+policy, func(t *testing.T) {
				f := &filling{rng: rand.New(rand.NewPCG(seed, uint64(len(policy)))), policy: policy, figures: map[string]int{}}
				for i := range fromenv.Number(t, "TABDIS_DISKFULL_ROUNDS", 2) {
					t.Run(strconv.FormatUint(i, 10), func(t *testing.T) { f.round(t, kind, int(i)) })
				}
				t.Logf("%v", f.figures)
			})
		}
	}
}

type filling struct {
	rng     *rand.Rand
	policy  string
	figures map[string]int

	*disk
	server *server
	want   map[string][]string // what each key may hold: what was acknowledged last, and what may have come after it
}

// round fills the disk, may kill the server then, frees room in one of the ways, and looks at everything after each start.
func (f *filling) round(t *testing.T, kind string, i int) {
	size := int64(8+f.rng.IntN(8)) << 20
	if kind != "tmpfs" {
		size += 8 << 20 // its own tables
	}
	f.disk, f.want = mount(t, kind, size), map[string][]string{}
	f.fill(filler)
	f.start()
	f.load(true)
	f.figures["filled"]++
	if i%2 == 1 {
		f.kill("killed while full")
	}
	f.write(100) // on the full disk
	f.recover(i)
	f.load(false)
	f.check()
	if f.rng.IntN(2) == 0 {
		f.kill("killed after it")
		f.check()
	}
	require.Equal(t, 0, f.server.signal(syscall.SIGTERM), f.server.said())
	f.inRedis()
	f.spare()
	f.start("--aof-load-truncated", "no")
	f.check()
	require.Equal(t, 0, f.server.signal(syscall.SIGTERM), f.server.said())
}

// start starts the server. If the disk is too full for that, room is made first.
func (f *filling) start(more ...string) {
	if f.policy == "always" && f.rng.IntN(2) == 0 {
		more = append(more, "--auto-aof-rewrite-min-size", "1mb")
	}
	s, ready := serve(f.disk, f.policy, more...)
	if !ready {
		f.figures["not opened until there was room"]++
		f.spare()
		s, ready = serve(f.disk, f.policy, more...)
		require.True(f, ready, s.said())
	}
	f.server = s
	c := s.connect()
	defer c.Close()
	f.server.until("the ballast is there, or the disk is known to be full", func() bool {
		return f.server.info(c, "aof_ballast") != "0" || f.server.info(c, "aof_state") != "healthy"
	})
}

func (f *filling) kill(what string) {
	f.figures[what]++
	require.Equal(f, -1, f.server.signal(syscall.SIGKILL))
	f.start()
	f.check()
}

// load lets all clients write at once: until they are refused, or for a while.
func (f *filling) load(full bool) {
	var wait sync.WaitGroup
	all := make([]*client, clients)
	for id := range all {
		c := &client{f: f, id: id, rng: rand.New(rand.NewPCG(f.rng.Uint64(), 0)), conn: f.server.connect(), want: map[string][]string{}}
		for key, want := range f.want {
			if strings.HasPrefix(key, c.prefix()) {
				c.want[key] = want
			}
		}
		all[id] = c
		wait.Add(1)
		go func() {
			defer wait.Done()
			for n := 0; c.wrong == "" && (full && c.refused < 3 || !full && n < 30); n++ {
				c.step()
			}
		}()
	}
	wait.Wait()
	for _, c := range all {
		c.conn.Close()
		require.Empty(f, c.wrong, "%s", f.server.said())
		maps.Copy(f.want, c.want)
		for what, n := range map[string]int{"acknowledged": c.acked, "NOTDURABLE": c.unsure, "MISCONF": c.refused} {
			f.figures[what] += n
		}
	}
}

// write lets one client write on.
func (f *filling) write(n int) {
	c := &client{f: f, id: 0, rng: f.rng, conn: f.server.connect(), want: f.want}
	defer c.conn.Close()
	for range n {
		c.step()
		require.Empty(f, c.wrong)
	}
	f.figures["refused on the full disk"] += c.refused
}

// recover makes room and waits until everything is accepted again.
func (f *filling) recover(i int) {
	conn := f.server.connect()
	defer conn.Close()
	c := &client{f: f, rng: f.rng, conn: conn, want: f.want}
	how := []string{"FLUSHALL", "filler", "DEL", "expiry"}[(i+f.rng.IntN(2)*2)%4]
	// An ext4 gives the room of a removed file back when its journal is committed, after some seconds.
	for end := time.Now().Add(10 * time.Second); f.server.info(conn, "aof_state") == "unwritten" && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if f.server.info(conn, "aof_state") == "unwritten" && how != "filler" {
		f.figures["the ballast was used up"]++
		how = "filler"
	}
	switch how {
	case "FLUSHALL":
		reply := f.server.do(conn, "FLUSHALL")
		for key := range f.want {
			c.learn(key, absent, reply, "+OK\r\n")
		}
	case "DEL", "expiry":
		for _, key := range slices.Sorted(maps.Keys(f.want)) {
			if how == "DEL" {
				c.do(key, absent, "DEL", key)
			} else {
				c.do(key, absent, "PEXPIRE", key, "0")
			}
		}
	case "filler":
		f.spare()
	}
	require.Empty(f, c.wrong)
	f.figures["freed by "+how]++
	f.server.until("everything is accepted again after "+how, func() bool {
		c.do("c0:probe", "$1\r\n1\r\n", "SET", "c0:probe", "1")
		return f.server.info(conn, "aof_state") == "healthy" && f.want["c0:probe"][0] != absent
	})
	require.Empty(f, c.wrong)
	f.figures["recovered"]++
}

// check: each key holds what was acknowledged last, or something that was tried after it and never acknowledged.
func (f *filling) check() {
	conn := f.server.connect()
	defer conn.Close()
	f.compare(conn, "tabdis")
	f.figures["checked"]++
}

func (f *filling) compare(conn *redistest.Conn, who string) {
	for key, want := range f.want {
		got, err := conn.Do("GET", key)
		require.NoError(f, err)
		require.True(f, slices.Contains(want, string(got)), "%s: %s holds %.40q, and may hold %.40q", who, key, got, want)
		f.want[key] = []string{string(got)}
	}
	keys := map[bool]int{}
	for _, want := range f.want {
		keys[want[0] != absent]++
	}
	size, err := conn.Do("DBSIZE")
	require.NoError(f, err)
	require.Equal(f, fmt.Sprintf(":%d\r\n", keys[true]), string(size), who)
}

// inRedis: the directory of a clean close loads in a real redis-server.
func (f *filling) inRedis() {
	home := f.TempDir()
	require.NoError(f, os.CopyFS(filepath.Join(home, "appendonlydir"), os.DirFS(filepath.Join(f.dir, "appendonlydir"))))
	conn := redistest.Start(f, "--appendonly", "yes", "--aof-load-truncated", "no", "--dir", home).Connect(f)
	f.compare(conn, "redis-server")
	f.figures["loaded in Redis"]++
}

// client is somebody who writes his own keys, and knows what they may hold.
type client struct {
	f                      *filling
	id, n                  int
	rng                    *rand.Rand
	conn                   *redistest.Conn
	want                   map[string][]string
	acked, unsure, refused int
	wrong                  string
}

func (c *client) prefix() string { return "c" + strconv.Itoa(c.id) + ":" }

func (c *client) step() {
	c.n++
	key := c.prefix() + strconv.Itoa(c.rng.IntN(60))
	switch c.rng.IntN(12) {
	case 0:
		c.do(key, absent, "DEL", key)
	case 1:
		reply, err := c.conn.Do("GET", key) // memory, whatever the log says
		if want := c.want[key]; err != nil || want != nil && !slices.Contains(want, string(reply)) {
			c.wrong = fmt.Sprintf("%s read as %.40q, not one of %.40q: %v", key, reply, want, err)
		}
	default:
		value := strconv.Itoa(c.n) + ":" + strings.Repeat(string(rune('a'+c.n%26)), 1+c.rng.IntN(32<<10))
		c.do(key, fmt.Sprintf("$%d\r\n%s\r\n", len(value), value), "SET", key, value)
	}
}

// do writes, and notes what the key may hold from then on.
func (c *client) do(key, becomes string, words ...string) {
	reply, err := c.conn.Do(words...)
	if err != nil {
		c.wrong = err.Error()
		return
	}
	want := "+OK\r\n"
	if words[0] != "SET" {
		want = ":"
	}
	c.learn(key, becomes, string(reply), want)
}

func (c *client) learn(key, becomes, reply, want string) {
	if c.want[key] == nil {
		c.want[key] = []string{absent}
	}
	switch {
	case strings.HasPrefix(reply, want):
		c.acked++
		c.want[key] = []string{becomes}
	case strings.HasPrefix(reply, "-NOTDURABLE The command ran"):
		c.unsure++
		c.want[key] = append(c.want[key], becomes)
	case strings.HasPrefix(reply, "-MISCONF Errors writing to the AOF file: No space left"):
		c.refused++
	default:
		c.wrong = fmt.Sprintf("%s: %.200q", key, reply)
	}
}
