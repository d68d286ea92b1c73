package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

// tabdis runs a subcommand of the program.
func tabdis(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	return command(t, program.Path(t), args...)
}

func command(t *testing.T, name string, args ...string) (code int, out, errs string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if failed := (*exec.ExitError)(nil); !errors.As(cmd.Run(), &failed) {
		require.True(t, cmd.ProcessState.Success(), "%s %v: %s", name, args, e.String())
	}
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

// manyUnits is written by units of one and of several commands, of several types and databases.
func manyUnits(do func(words ...string) string, n int) {
	for i := range n {
		k := fmt.Sprint(i)
		do("SET", "s:"+k, strings.Repeat(k, i%50+1))
		do("SELECT", fmt.Sprint(i%3))
		do("MULTI")
		do("INCR", "count")
		do("RPUSH", "list", k, "x"+k, "\x00\r\n")
		do("HSET", "hash:"+fmt.Sprint(i%7), "f"+k, k)
		do("EXEC")
		do("ZADD", "zset", k, "m"+k)
		do("XADD", "stream", "1-"+fmt.Sprint(i+1), "f", k)
		if i%5 == 0 {
			do("DEL", "s:"+k)
		}
	}
}

// killed is the directory of a tabdis that was killed under its data.
func killed(t *testing.T) (dir string) {
	dir = t.TempDir()
	s := serve(t, dir, "--appendfsync", "always")
	c := s.connect()
	manyUnits(func(words ...string) string { return s.do(c, words...) }, 40)
	code, _, errs := tabdis(t, "check-aof", dir)
	assert.Equal(t, 3, code)
	assert.Contains(t, errs, "a server uses ")
	s.signal(syscall.SIGKILL)
	return dir
}

const incr = "appendonlydir/appendonly.aof.1.incr.aof"

func digestOfTabdis(t *testing.T, dir string) string {
	s := serve(t, dir, "--enable-debug-command", "yes")
	defer s.signal(syscall.SIGTERM)
	return s.do(s.connect(), "DEBUG", "DIGEST")
}

// digestOfRedis starts a redis-server on a copy.
func digestOfRedis(t *testing.T, dir string) string {
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
	redis := redistest.Start(t, "--appendonly", "yes", "--aof-load-truncated", "no", "--dir", copied)
	b, err := redis.Connect(t).Do("DEBUG", "DIGEST")
	require.NoError(t, err)
	return string(b)
}

func TestARepairedLogLoadsInTabdisAndInRedis(t *testing.T) {
	dir := killed(t)
	whole, err := os.ReadFile(filepath.Join(dir, incr))
	require.NoError(t, err)
	for _, c := range []struct {
		name   string
		code   int
		spoil  func(dir string, b []byte) []byte
		repair string
	}{
		{"torn", 1, func(_ string, b []byte) []byte { return b[:len(b)-5] }, "tail"},
		{"zeros behind", 0, func(_ string, b []byte) []byte { return append(b, make([]byte, 5000)...) }, "slack"},
		{"a block overwritten", 2, func(_ string, b []byte) []byte { copy(b[len(b)/2:], "damage"); return b }, "damage"},
		{"no manifest, and torn", 2, func(dir string, b []byte) []byte {
			require.NoError(t, os.Remove(filepath.Join(dir, "appendonlydir/appendonly.aof.manifest")))
			return b[:len(b)-50]
		}, "manifest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := t.TempDir()
			require.NoError(t, os.CopyFS(bad, os.DirFS(dir)))
			require.NoError(t, os.WriteFile(filepath.Join(bad, incr), c.spoil(bad, bytes.Clone(whole)), 0o644))
			code, out, _ := tabdis(t, "check-aof", "--json", bad)
			require.Equal(t, c.code, code, out)
			var d struct {
				Repair string `json:"repair"`
			}
			require.NoError(t, json.Unmarshal([]byte(out), &d))
			require.Equal(t, c.repair, d.Repair)
			code, out, errs := tabdis(t, "check-aof", "--fix", "--yes", bad)
			require.Equal(t, 0, code, out+errs)

			manifest := filepath.Join(bad, "appendonlydir/appendonly.aof.manifest")
			code, out, errs = command(t, "redis-check-aof", manifest)
			assert.Equal(t, 0, code, out+errs)
			want := digestOfRedis(t, bad)
			assert.Equal(t, want, digestOfTabdis(t, bad))
		})
	}
}

func TestALogIsPrintedAsItCanBeFedToAServer(t *testing.T) {
	dir := killed(t)
	code, out, errs := tabdis(t, "cat-aof", "--raw", dir)
	require.Equal(t, 0, code, errs)
	s := serve(t, t.TempDir(), "--enable-debug-command", "yes")
	assert.Contains(t, s.tool(out, "redis-cli", "--pipe"), "errors: 0")
	got := s.do(s.connect(), "DEBUG", "DIGEST")
	assert.Equal(t, digestOfTabdis(t, dir), got)

	_, out, _ = tabdis(t, "cat-aof", "--key", "hash:3", "--command", "hset", "--command", "del", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	assert.NotEmpty(t, lines)
	for _, unit := range strings.Split(strings.TrimSpace(out), "EXEC\n") {
		assert.Contains(t, unit, `"hash:3"`)
		assert.Contains(t, unit, "MULTI", "a unit is printed whole")
	}
	_, out, _ = tabdis(t, "cat-aof", "--key", "s:0", "--command", "DEL", dir)
	assert.Equal(t, 1, strings.Count(out, "\n"))
	assert.Contains(t, out, `"DEL" "s:0"`)
}

// A Redis's own log is repaired as redis-check-aof does: the same bytes stay.
func TestALogOfRedisIsRepairedAsItsOwnToolDoes(t *testing.T) {
	redis := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	conn := redis.Connect(t)
	do := func(words ...string) string {
		b, err := conn.Do(words...)
		require.NoError(t, err)
		return string(b)
	}
	manyUnits(do, 20)
	text, err := os.ReadFile(filepath.Join(redis.Dir, incr))
	require.NoError(t, err)
	preamble, err := os.ReadFile(filepath.Join(redis.Dir, "appendonlydir/appendonly.aof.1.base.rdb"))
	require.NoError(t, err)
	for _, single := range []bool{false, true} {
		for cut := 1; cut < 400; cut += 37 {
			ours, theirs := t.TempDir(), t.TempDir()
			for _, dir := range []string{ours, theirs} {
				if single {
					require.NoError(t, os.WriteFile(filepath.Join(dir, "appendonly.aof"), append(bytes.Clone(preamble), text[:len(text)-cut]...), 0o644))
					continue
				}
				require.NoError(t, os.CopyFS(dir, os.DirFS(redis.Dir)))
				require.NoError(t, os.WriteFile(filepath.Join(dir, incr), text[:len(text)-cut], 0o644))
			}
			path, file := "appendonlydir/appendonly.aof.manifest", incr
			if single {
				path, file = "appendonly.aof", "appendonly.aof"
			}
			code, out, errs := tabdis(t, "check-aof", ours)
			whole, _, _ := command(t, "redis-check-aof", filepath.Join(theirs, path))
			if whole == 0 {
				assert.Equal(t, 0, code, "cut by %d: %s%s", cut, out, errs)
				continue
			}
			assert.Equal(t, 1, code, "cut by %d: %s%s", cut, out, errs)
			code, out, errs = tabdis(t, "check-aof", "--fix", "--yes", filepath.Join(ours, path))
			require.Equal(t, 0, code, out+errs)
			fix := exec.Command("redis-check-aof", "--fix", filepath.Join(theirs, path))
			fix.Stdin = strings.NewReader("y\n")
			said, err := fix.CombinedOutput()
			require.NoError(t, err, string(said))
			a, err := os.ReadFile(filepath.Join(ours, file))
			require.NoError(t, err)
			b, err := os.ReadFile(filepath.Join(theirs, file))
			require.NoError(t, err)
			assert.Equal(t, len(b), len(a), "cut by %d: %s", cut, said)
			assert.True(t, bytes.Equal(a, b))
		}
	}
}
