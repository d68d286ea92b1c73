//go:build !js

// Package interop carries directories of the log between the engine and a real redis-server, both ways.
package interop

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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

const dirname = "appendonlydir"

// store is our engine on a directory.
type store struct {
	t      *testing.T
	fs     storage.FS
	engine *core.Engine
	client *core.Session
}

// open opens it, with these parameters: name, value, name, value …
func open(t *testing.T, dir string, params ...string) *store {
	t.Helper()
	config := map[string]string{"enable-debug-command": "yes"}
	for i := 0; i+1 < len(params); i += 2 {
		config[params[i]] = params[i+1]
	}
	fs, err := osfs.Open(filepath.Join(dir, dirname))
	require.NoError(t, err)
	dumps, err := osfs.OpenDumps(dir)
	require.NoError(t, err)
	engine, err := core.Open(context.Background(), core.Options{FS: fs, Now: time.Now().UnixMilli(), Profile70: true, Dumps: dumps, Config: config})
	require.NoError(t, err)
	require.Nil(t, engine.Report().Truncated)
	return &store{t, fs, engine, engine.NewSession(core.SessionOptions{})}
}

// do runs a command and gives the reply's bytes.
func (s *store) do(words ...string) string {
	s.t.Helper()
	s.engine.Turn(time.Now().UnixMilli())
	s.client.Feed(redistest.Request(words...))
	s.engine.EndTurn()
	for n := 0; s.client.Waiting() > 0; n++ {
		require.Less(s.t, n, 5000, "the reply is held back for ever")
		time.Sleep(time.Millisecond)
		s.engine.Turn(time.Now().UnixMilli())
		s.engine.EndTurn()
	}
	out := string(s.client.Output())
	s.client.Take(len(out))
	require.NotEqual(s.t, "-", out[:1], "%q: %s", words, out)
	return out
}

func (s *store) rewrite() {
	s.t.Helper()
	s.do("BGREWRITEAOF")
	for n := 0; !strings.Contains(s.do("INFO", "persistence"), "aof_rewrites:1\r\n"); n++ {
		require.Less(s.t, n, 5000, "a rewrite without end")
		s.engine.Tick(time.Now().UnixMilli())
		time.Sleep(time.Millisecond)
	}
}

func (s *store) close() {
	s.t.Helper()
	require.NoError(s.t, s.engine.Close(context.Background()))
	require.NoError(s.t, s.fs.Close())
}

// binary is every byte there is, and what a log's reader may stumble over.
var binary = func() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b) + "\r\n#HDR:v1;\r\n*1\r\n$4\r\nEXEC\r\n"
}()

// fill writes all types, of packed and of large encoding, into several databases, with and without expiries.
func fill(do func(words ...string), tag string) {
	hour := strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10)
	for _, db := range []string{"0", "3", "15"} {
		do("SELECT", db)
		do("SET", tag+"string", "value of "+db)
		do("SET", tag+binary, binary)
		do("SET", tag+"empty", "")
		do("SET", tag+"expiring", "v", "PXAT", hour)
		do("SET", tag+"soon", "v", "EX", "5000")
		do("INCRBYFLOAT", tag+"float", "3.125")
		do("SETRANGE", tag+"range", "20", "end")
		do("RPUSH", tag+"list", "a", "", binary, "12")
		do("SADD", tag+"intset", "1", "2", "70000", "-5000000000")
		do("SADD", tag+"set", "a", "", binary)
		do("SETBIT", tag+"bits", "9001", "1")
		do("PFADD", tag+"hll", "a", "b", binary)
		do("PFCOUNT", tag+"hll")
		do("HSET", tag+"hash", "f", "v", "", "empty", binary, binary)
		do("ZADD", tag+"zset", "1.5", "a", "-inf", "b", "0.1", binary, "17", "", "1e300", "far")
		for i := range 150 {
			n := strconv.Itoa(i)
			do("RPUSH", tag+"biglist", strings.Repeat(n, 40))
			do("SADD", tag+"bigset", "member:"+n)
			do("HSET", tag+"bighash", "field:"+n, strings.Repeat("v", i))
			do("ZADD", tag+"bigzset", n+".25", "member:"+n)
		}
		fillStreams(do, tag)
		do("PEXPIREAT", tag+"bighash", hour)
		do("EXPIRE", tag+"list", "4000")
		do("SPOP", tag+"bigset", "7")
		do("LREM", tag+"biglist", "0", "1111")
		do("RENAME", tag+"string", tag+"renamed")
		do("MULTI")
		do("INCR", tag+"n")
		do("LPUSH", tag+"list", "from MULTI")
		do("EXEC")
	}
	do("SWAPDB", "3", "4")
	do("SELECT", "0")
}

// fillStreams writes streams with and without entries, groups, consumers and pending entries.
func fillStreams(do func(words ...string), tag string) {
	key := tag + "stream"
	for i := range 250 {
		n := strconv.Itoa(i + 1)
		do("XADD", key, n+"-7", "field", n, "f"+strconv.Itoa(i%9/8), binary[:i])
	}
	do("XDEL", key, "3-7", "200-7", "250-7")
	do("XTRIM", key, "MAXLEN", "~", "150")
	do("XGROUP", "CREATE", key, "g\r\n", "120")
	do("XGROUP", "CREATE", key, "idle", "$", "ENTRIESREAD", "9")
	do("XREADGROUP", "GROUP", "g\r\n", "c1", "COUNT", "90", "STREAMS", key, ">")
	do("XREADGROUP", "GROUP", "g\r\n", "c2", "COUNT", "9", "NOACK", "STREAMS", key, ">")
	do("XCLAIM", key, "g\r\n", "c3", "0", "150-7", "RETRYCOUNT", "5", "TIME", "1600000000000")
	do("XACK", key, "g\r\n", "130-7", "131-7")
	do("XGROUP", "CREATE", tag+"empty stream", "g", "5-5", "MKSTREAM")
	do("XGROUP", "CREATECONSUMER", tag+"empty stream", "g", "c")
	do("XADD", tag+"gone stream", "8", "a", "b")
	do("XDEL", tag+"gone stream", "8")
}

// notKept is what of a stream no log keeps: the times of consumers, and how entries are spread over nodes.
var notKept = regexp.MustCompile(`(seen-time|radix-tree-(keys|nodes))\r\n:\d+`)

// streamsOf tells all of the streams that fillStreams wrote.
func streamsOf(ask func(words ...string) string, tag string) (all string) {
	for _, name := range []string{"stream", "empty stream", "gone stream"} {
		all += notKept.ReplaceAllString(ask("XINFO", "STREAM", tag+name, "FULL", "COUNT", "0"), "$1")
	}
	return all
}

// redis starts a real server on the directory.
func redis(t *testing.T, dir string) (*redistest.Conn, func()) {
	t.Helper()
	server := redistest.Start(t, "--dir", dir, "--appendonly", "yes", "--appenddirname", dirname)
	c := server.Connect(t)
	return c, func() {
		t.Helper()
		_, err := c.Write(redistest.Request("SHUTDOWN"))
		require.NoError(t, err)
		_, closed := c.ReadAll(10 * time.Second)
		require.True(t, closed, "it does not end")
		until(t, "the server to end", func() bool {
			other, err := redistest.Dial(server.Addr)
			if err == nil {
				other.Close()
			}
			return err != nil
		})
	}
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for n := 0; !done(); n++ {
		require.Less(t, n, 2000, "waiting for %s", what)
		time.Sleep(5 * time.Millisecond)
	}
}

func ask(t *testing.T, c *redistest.Conn, words ...string) string {
	t.Helper()
	b, err := c.Do(words...)
	require.NoError(t, err)
	require.NotEqual(t, "-", string(b[:1]), "%q: %s", words, b)
	return string(b)
}

// checked runs redis-check-aof on the manifest.
func checked(t *testing.T, dir string) {
	t.Helper()
	manifest := filepath.Join(dir, dirname, "appendonly.aof.manifest")
	out, err := exec.Command("redis-check-aof", manifest).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "All AOF files and manifest are valid")
}

// copied is a copy of the directory, as it is.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// Ours → Redis, which writes on → ours → ours once more, behind our fresh base → Redis.
func TestADirectoryGoesToRedisAndBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		rewrite bool
		append  func(t *testing.T, c *redistest.Conn) // what Redis writes
	}{
		{"a log that was never rewritten", false, nil},
		{"behind a rewrite", true, nil},
		{"Redis writes on", false, func(t *testing.T, c *redistest.Conn) {
			fill(func(words ...string) { ask(t, c, words...) }, "redis:")
		}},
		{"Redis writes on behind our base", true, func(t *testing.T, c *redistest.Conn) {
			fill(func(words ...string) { ask(t, c, words...) }, "redis:")
		}},
		{"Redis removes all and writes one key", true, func(t *testing.T, c *redistest.Conn) {
			ask(t, c, "FLUSHALL")
			ask(t, c, "SELECT", "9")
			ask(t, c, "SET", "k", "v")
		}},
		{"Redis writes timestamps", true, func(t *testing.T, c *redistest.Conn) {
			ask(t, c, "CONFIG", "SET", "aof-timestamp-enabled", "yes")
			ask(t, c, "SET", "k", "v")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			fill(func(words ...string) { s.do(words...) }, "ours:")
			if c.rewrite {
				s.rewrite()
				fill(func(words ...string) { s.do(words...) }, "behind:")
			}
			digest := s.do("DEBUG", "DIGEST")
			streams := streamsOf(s.do, "ours:")
			s.close()

			dir = copied(t, dir)
			checked(t, dir)
			r, stop := redis(t, dir)
			assert.Equal(t, digest, "+"+strings.TrimPrefix(ask(t, r, "DEBUG", "DIGEST"), "+"), "Redis holds what we held")
			assert.Equal(t, streams, streamsOf(func(words ...string) string { return ask(t, r, words...) }, "ours:"), "and of streams all the rest too")
			if c.append != nil {
				c.append(t, r)
			}
			digest = ask(t, r, "DEBUG", "DIGEST")
			stop()

			s = open(t, dir)
			assert.Equal(t, digest, s.do("DEBUG", "DIGEST"), "nothing is lost of what Redis wrote")
			s.do("SELECT", "7")
			s.do("SET", "ours again", "v")
			digest = s.do("DEBUG", "DIGEST")
			s.close()
			checked(t, dir)
			s = open(t, dir)
			assert.Equal(t, digest, s.do("DEBUG", "DIGEST"), "once more, behind the fresh base")
			s.close()

			r, stop = redis(t, dir)
			assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"), "and in Redis again")
			stop()
		})
	}
}

// A directory that Redis began is read too, with either kind of base.
func TestADirectoryOfRedisIsRead(t *testing.T) {
	for _, preamble := range []string{"no", "yes"} {
		t.Run("aof-use-rdb-preamble "+preamble, func(t *testing.T) {
			t.Parallel()
			readsRedis(t, preamble)
		})
	}
}

func readsRedis(t *testing.T, preamble string) {
	dir := t.TempDir()
	server := redistest.Start(t, "--dir", dir, "--appendonly", "yes", "--appenddirname", dirname, "--aof-use-rdb-preamble", preamble)
	r := server.Connect(t)
	fill(func(words ...string) { ask(t, r, words...) }, "redis:")
	digest := ask(t, r, "DEBUG", "DIGEST")
	streams := streamsOf(func(words ...string) string { return ask(t, r, words...) }, "redis:")
	s := open(t, copied(t, dir))
	assert.Equal(t, digest, s.do("DEBUG", "DIGEST"))
	assert.Equal(t, streams, streamsOf(s.do, "redis:"))
	s.close()
	ask(t, r, "BGREWRITEAOF")
	until(t, "a rewrite", func() bool { return strings.Contains(ask(t, r, "INFO", "persistence"), "aof_rewrite_in_progress:0") })
	s = open(t, copied(t, dir))
	assert.Equal(t, streams, streamsOf(s.do, "redis:"), "from its rewritten base")
	s.close()
}
