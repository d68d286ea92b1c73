//go:build !js

package server

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// fillAll writes all types into two databases.
func fillAll(do func(words ...string), tag string) {
	for _, db := range []string{"3", "0"} {
		do("SELECT", db)
		do("SET", tag+"s", "v"+db)
		do("SET", tag+"x", "\x00\r\n*1\r\n", "EX", "50000")
		do("RPUSH", tag+"l", "a", "b", "12")
		do("SADD", tag+"e", "1", "2", "x")
		do("HSET", tag+"h", "f", "v", "g", "")
		do("ZADD", tag+"z", "1.5", "m", "-2", "n")
		do("XADD", tag+"t", "5-1", "f", "v")
	}
}

// digestOf starts a server on a directory and asks for the digest; redis tells whether it is a Redis.
func digestOf(t *testing.T, dir string, redis bool, flags ...string) string {
	t.Helper()
	if redis {
		r := redistest.Start(t, append([]string{"--dir", dir}, flags...)...)
		c := r.Connect(t)
		b, err := c.Do("DEBUG", "DIGEST")
		require.NoError(t, err)
		_, err = c.Write(redistest.Request("SHUTDOWN", "NOSAVE"))
		require.NoError(t, err)
		r.Wait(t) // else it still writes there
		return string(b)
	}
	s := serve(t, dir, append(flags, "--enable-debug-command", "yes")...)
	defer s.signal(syscall.SIGTERM)
	return s.do(s.connect(), "DEBUG", "DIGEST")
}

func number(t *testing.T, info, field string) string {
	found := regexp.MustCompile(field + `:(\d+)`).FindStringSubmatch(info)
	require.NotNil(t, found, "%s in %s", field, info)
	return found[1]
}

// TestWhatWasFlushedComesBack: a store is filled, rewritten, filled and flushed; restore brings each state back, to tabdis and to Redis.
func TestWhatWasFlushedComesBack(t *testing.T) {
	for _, form := range []string{"no", "yes"} {
		t.Run("aof-use-rdb-preamble "+form, func(t *testing.T) {
			dir := t.TempDir()
			s := serve(t, dir, "--aof-history-keep", "5", "--aof-timestamp-enabled", "yes", "--enable-debug-command", "yes", "--appendfsync", "always",
				"--aof-use-rdb-preamble", form)
			c := s.connect()
			type point struct{ lsn, digest string }
			var points []point
			note := func() {
				points = append(points, point{number(t, s.do(c, "INFO", "persistence"), "aof_lsn"), s.do(c, "DEBUG", "DIGEST")})
			}
			for i := range 3 {
				fillAll(func(words ...string) { s.do(c, words...) }, fmt.Sprint(i))
				note()
				s.do(c, "BGREWRITEAOF")
				for n := 0; !strings.Contains(s.do(c, "INFO", "persistence"), fmt.Sprintf("aof_rewrites:%d\r\n", i+1)); n++ {
					require.Less(t, n, 100_000)
				}
			}
			s.do(c, "FLUSHALL")
			note()
			code, _, text := tabdis(t, "restore", "--dir", dir)
			assert.Equal(t, 1, code)
			assert.Contains(t, text, "a server uses "+filepath.Join(dir, "appendonlydir")+": stop it")
			require.Zero(t, s.signal(syscall.SIGTERM))

			code, list, text := tabdis(t, "restore", "--dir", dir)
			require.Zero(t, code, text)
			assert.Equal(t, 5, strings.Count(list, "\n"), "a head, three generations of history, and one in force: %s", list)
			assert.Contains(t, list, "in force")
			for i, p := range points {
				out := filepath.Join(t.TempDir(), "a", "b")
				code, said, text := tabdis(t, "restore", "--dir", dir, "--to-lsn", p.lsn, "--out", out)
				require.Zero(t, code, text)
				assert.Contains(t, said, "lsn "+p.lsn)
				assert.Empty(t, text)
				check, err := exec.Command("redis-check-aof", filepath.Join(out, "appendonlydir", "appendonly.aof.manifest")).CombinedOutput()
				assert.NoError(t, err, "%s", check)
				assert.Equal(t, p.digest, digestOf(t, out, true, "--appendonly", "yes"), "point %d", i)
				out = filepath.Join(t.TempDir(), "again")
				code, _, _ = tabdis(t, "restore", "--dir", filepath.Join(dir, "appendonlydir"), "--to-lsn", p.lsn, "--out", out)
				require.Zero(t, code)
				assert.Equal(t, p.digest, digestOf(t, filepath.Dir(out), false, "--appenddirname", "again"), "point %d", i)
			}
			// A Redis loads the directory with its history, and leaves that alone.
			assert.Equal(t, points[3].digest, digestOf(t, dir, true, "--appendonly", "yes"))
			names, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "appendonly.aof.*.aof"))
			require.NoError(t, err)
			assert.Contains(t, names, filepath.Join(dir, "appendonlydir", "appendonly.aof.1.incr.aof"))
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.do(s.connect(), "SET", "a", "1")
	require.Zero(t, s.signal(syscall.SIGTERM))
	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine"), nil, 0o644))
	nowhere := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--dir " + dir + " --to-lsn 99 --out " + nowhere, 1, "the log ends with lsn"},
		{"--dir " + dir + " --to-time -15m --out " + nowhere, 1, "aof-timestamp-enabled"},
		{"--dir " + dir + " --to-lsn 2 --out " + full, 1, "is not empty (mine …)"},
		{"--dir " + nowhere, 1, "no such file"},
		{"--dir " + full, 1, "there is no append only file"},
		{"--dir " + dir + " --to-lsn 0 --out " + nowhere, 2, "counted from 1"},
		{"--dir " + dir + " --to-lsn x --out " + nowhere, 2, "is no lsn"},
		{"--dir " + dir + " --to-time yesterday --out " + nowhere, 2, "is no time"},
		{"--dir " + dir + " --to-time 5 --to-lsn 5 --out " + nowhere, 2, "two points"},
		{"--dir " + dir + " --to-lsn 5", 2, "--out is missing"},
		{"--dir " + dir + " --out " + nowhere, 2, "--to-lsn or --to-time is missing"},
		{"--dir " + dir + " more", 2, `"more" is too much`},
		{"--to-lsn 5 --out " + nowhere, 2, "--dir is missing"},
		{"--no-such-flag", 2, "no-such-flag"},
		{"--dir " + dir + " --to-lsn 2 --dry-run", 0, ""},
		{"--help", 0, ""},
	} {
		code, _, text := tabdis(t, append([]string{"restore"}, strings.Fields(c.args)...)...)
		assert.Equal(t, c.code, code, "%s: %s", c.args, text)
		assert.Contains(t, text, c.says, c.args)
	}
	assert.NoFileExists(t, nowhere)
	assert.Equal(t, []string{"mine"}, namesIn(t, full))
	for _, args := range []string{"", "--rdb a --aof b", "--aof b --rdb-version 10", "--rdb a --rdb-version 12"} {
		code, _, _ := tabdis(t, append([]string{"export", "--dir", dir}, strings.Fields(args)...)...)
		assert.Equal(t, 2, code, args)
	}
	code, _, text := tabdis(t, "export", "--dir", dir, "--rdb", filepath.Join(nowhere, "dump.rdb"))
	assert.Equal(t, 1, code)
	assert.Contains(t, text, "no such file")
}

// TestWhatIsExportedIsLoadedByRedis: as an RDB file and as a clean log, from a directory with a torn end, and from a Redis's.
func TestWhatIsExportedIsLoadedByRedis(t *testing.T) {
	ours := t.TempDir()
	s := serve(t, ours, "--enable-debug-command", "yes")
	c := s.connect()
	fillAll(func(words ...string) { s.do(c, words...) }, "k")
	s.do(c, "SET", "dies", "v", "PX", "1")
	s.do(c, "DEL", "dies")
	digests := map[string]string{ours: s.do(c, "DEBUG", "DIGEST")}
	s.signal(syscall.SIGKILL)
	incr := filepath.Join(ours, "appendonlydir", "appendonly.aof.1.incr.aof")
	text, err := os.ReadFile(incr)
	require.NoError(t, err)
	torn := append(text, "#HDR:v1;file:0123"...)
	require.NoError(t, os.WriteFile(incr, torn, 0o644))

	theirs := t.TempDir()
	r := redistest.Start(t, "--dir", theirs, "--appendonly", "yes")
	rc := r.Connect(t)
	fillAll(func(words ...string) { _, err := rc.Do(words...); require.NoError(t, err) }, "r")
	b, err := rc.Do("DEBUG", "DIGEST")
	require.NoError(t, err)
	digests[theirs] = string(b)
	_, err = rc.Write(redistest.Request("SHUTDOWN", "NOSAVE"))
	require.NoError(t, err)
	r.Wait(t) // what it still writes is left alone

	for dir, digest := range digests {
		for _, version := range []string{"", "10", "11"} {
			to := t.TempDir()
			args := []string{"export", "--dir", dir, "--rdb", filepath.Join(to, "dump.rdb")}
			if version != "" {
				args = append(args, "--rdb-version", version)
			}
			code, out, text := tabdis(t, args...)
			require.Zero(t, code, text)
			assert.Contains(t, out, "14 keys")
			assert.Equal(t, dir == ours, strings.Contains(text, "The log is torn"), text)
			assert.Equal(t, []string{"dump.rdb"}, namesIn(t, to))
			if version != "11" { // a Redis 7.0 does not read it
				assert.Equal(t, digest, digestOf(t, to, true))
			}
			back := filepath.Join(t.TempDir(), "back")
			code, _, text = tabdis(t, "export", "--dir", to, "--aof", back)
			require.Zero(t, code, text)
			assert.Equal(t, digest, digestOf(t, filepath.Dir(back), true, "--appendonly", "yes", "--appenddirname", "back"))
		}
		to := filepath.Join(t.TempDir(), "clean")
		code, _, text := tabdis(t, "export", "--dir", dir, "--aof", to)
		require.Zero(t, code, text)
		assert.Equal(t, digest, digestOf(t, to, true, "--appendonly", "yes"))
		assert.Equal(t, digest, digestOf(t, to, false), "and what a Redis did with it")
	}
	left, err := os.ReadFile(incr)
	require.NoError(t, err)
	assert.Equal(t, torn, left, "what is exported stays as it was")
}
