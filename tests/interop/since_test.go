//go:build !js

package interop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage"
	"tabdis/core/storage/osfs"
	"tabdis/tests/redistest"
)

// place is where a log stands, by its two parameters.
type place struct{ dirname, filename string }

func (p place) open(t *testing.T, dir string, params ...string) *store {
	t.Helper()
	config := map[string]string{"enable-debug-command": "yes", "appendfilename": p.filename}
	for i := 0; i+1 < len(params); i += 2 {
		config[params[i]] = params[i+1]
	}
	fs, err := osfs.Open(filepath.Join(dir, p.dirname))
	for n := 0; errors.Is(err, storage.ErrLocked) && n < 2000; n++ { // a redis-server that another test starts holds all that is open until it runs
		time.Sleep(5 * time.Millisecond)
		fs, err = osfs.Open(filepath.Join(dir, p.dirname))
	}
	require.NoError(t, err)
	engine, err := core.Open(context.Background(), core.Options{FS: fs, Now: time.Now().UnixMilli(), Profile70: true, Config: config})
	require.NoError(t, err)
	return &store{t, fs, engine, engine.NewSession(core.SessionOptions{})}
}

func (p place) redis(t *testing.T, dir string, flags ...string) *redistest.Conn {
	t.Helper()
	return redistest.Start(t, append([]string{"--dir", dir, "--appendonly", "yes", "--appendfsync", "always", "--appenddirname", p.dirname,
		"--appendfilename", p.filename}, flags...)...).Connect(t)
}

// lastIncr is the file that was appended to last.
func (p place) lastIncr(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, p.dirname, p.filename+".manifest"))
	require.NoError(t, err)
	name := ""
	for _, line := range strings.Split(string(b), "\n") {
		if words := strings.Fields(line); slices.Contains(words, "i") {
			name = words[1]
		}
	}
	require.NotEmpty(t, name, "%s", b)
	return filepath.Join(dir, p.dirname, name)
}

func rewritten(t *testing.T, r *redistest.Conn) {
	t.Helper()
	until(t, "a rewrite", func() bool {
		info := ask(t, r, "INFO", "persistence")
		return strings.Contains(info, "aof_rewrite_in_progress:0\r\n") && strings.Contains(info, "aof_rewrite_scheduled:0\r\n")
	})
}

// since is what a Redis may do with a directory of ours.
var since = []struct {
	name string
	do   func(t *testing.T, r *redistest.Conn)
}{
	{"nothing", func(*testing.T, *redistest.Conn) {}},
	{"writes", func(t *testing.T, r *redistest.Conn) {}},
	{"writes timestamps", func(t *testing.T, r *redistest.Conn) { ask(t, r, "CONFIG", "SET", "aof-timestamp-enabled", "yes") }},
	{"rewrites with RDB data", func(t *testing.T, r *redistest.Conn) {
		ask(t, r, "BGREWRITEAOF")
		rewritten(t, r)
	}},
	{"rewrites with commands", func(t *testing.T, r *redistest.Conn) {
		ask(t, r, "CONFIG", "SET", "aof-use-rdb-preamble", "no")
		ask(t, r, "CONFIG", "SET", "aof-timestamp-enabled", "yes")
		ask(t, r, "BGREWRITEAOF")
		rewritten(t, r)
	}},
	{"is stopped while it rewrites", func(t *testing.T, r *redistest.Conn) {
		ask(t, r, "SET", "before the rewrite", "v")
		ask(t, r, "CONFIG", "SET", "rdb-key-save-delay", "1000000")
		ask(t, r, "BGREWRITEAOF") // what follows goes into a next file behind ours; the base comes too late
	}},
	{"turns its log off and on", func(t *testing.T, r *redistest.Conn) {
		ask(t, r, "CONFIG", "SET", "appendonly", "no")
		ask(t, r, "SET", "not logged", "v")
		ask(t, r, "CONFIG", "SET", "appendonly", "yes")
		rewritten(t, r)
	}},
}

// A Redis has run on a directory of ours, and was killed: nothing that it acknowledged is lost, by whatever names, with either kind of base of
// ours, and with a torn end.
func TestADirectoryOnWhichARedisHasRunSince(t *testing.T) {
	standard, other := place{"appendonlydir", "appendonly.aof"}, place{"logs-here", "my_log-1"}
	for i, c := range since {
		for _, preamble := range []string{"no", "yes"} {
			for _, p := range []place{standard, other} {
				if p == other && i > 0 && (i%2 == 0) == (preamble == "yes") {
					continue // half of them will do
				}
				for _, torn := range []string{"", "*3\r\n$3\r\nSET\r\n$1\r\nx", "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\nv\r\n"} {
					if p == other && torn != "" {
						continue
					}
					t.Run(c.name+" "+preamble+" "+p.filename+" "+strings.Fields(torn + " whole")[0], func(t *testing.T) {
						t.Parallel()
						ranSince(t, p, preamble, c.do, i > 0, torn)
					})
				}
			}
		}
	}
}

func ranSince(t *testing.T, p place, preamble string, do func(*testing.T, *redistest.Conn), writes bool, torn string) {
	dir := t.TempDir()
	s := p.open(t, dir, "aof-use-rdb-preamble", preamble)
	few(func(words ...string) { s.do(words...) }, "ours:")
	s.rewrite()
	few(func(words ...string) { s.do(words...) }, "behind:")
	s.close()
	r := p.redis(t, dir)
	do(t, r)
	if writes {
		few(func(words ...string) { ask(t, r, words...) }, "redis:")
	}
	digest := ask(t, r, "DEBUG", "DIGEST")
	dir = copied(t, dir) // as a kill leaves it
	if torn != "" {
		f, err := os.OpenFile(p.lastIncr(t, dir), os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		_, err = f.WriteString(torn)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}

	s = p.open(t, dir)
	assert.Equal(t, digest, s.do("DEBUG", "DIGEST"), "nothing is lost")
	require.Equal(t, torn != "", s.engine.Report().Truncated != nil)
	if torn != "" {
		assert.EqualValues(t, len(torn), s.engine.Report().Truncated.Bytes)
	}
	s.do("SET", "ours again", "v")
	digest = s.do("DEBUG", "DIGEST")
	s.close()
	s = p.open(t, dir)
	assert.Equal(t, digest, s.do("DEBUG", "DIGEST"), "once more, from our own log")
	assert.Nil(t, s.engine.Report().Truncated)
	s.close()
	r = p.redis(t, dir)
	assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"), "and in Redis again")
}

// few writes a little of every type.
func few(do func(words ...string), tag string) {
	do("SELECT", "2")
	do("SET", tag+"string", binary)
	do("SET", tag+"expiring", "v", "EX", "5000")
	do("SELECT", "0")
	do("RPUSH", tag+"list", "a", binary, "12")
	do("SADD", tag+"set", "1", "2", "x")
	do("HSET", tag+"hash", "f", binary)
	do("ZADD", tag+"zset", "0.1", "m", "-inf", binary)
	do("XADD", tag+"stream", "1-1", "f", binary)
	do("XGROUP", "CREATE", tag+"stream", "g", "0")
	do("XREADGROUP", "GROUP", "g", "c", "STREAMS", tag+"stream", ">")
	do("PFADD", tag+"hll", "a", "b")
	do("MULTI")
	do("INCR", tag+"n")
	do("LPOP", tag+"list")
	do("EXEC")
}
