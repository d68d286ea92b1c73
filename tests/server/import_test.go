package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

// redisDirectory is what a real redis-server left that was given these commands, and its digest.
func redisDirectory(t *testing.T, commands [][]string, flags ...string) (dir, digest string) {
	t.Helper()
	dir = t.TempDir()
	r := redistest.Start(t, append([]string{"--dir", dir}, flags...)...).Connect(t)
	for _, words := range commands {
		reply, err := r.Do(words...)
		require.NoError(t, err)
		require.NotEqual(t, "-", string(reply[:1]), "%q: %s", words, reply)
	}
	reply, err := r.Do("DEBUG", "DIGEST")
	require.NoError(t, err)
	_, err = r.Write(redistest.Request("SHUTDOWN", "NOSAVE"))
	require.NoError(t, err)
	_, closed := r.ReadAll(10 * time.Second)
	require.True(t, closed)
	return dir, string(reply)
}

var someData = [][]string{
	{"SET", "a", "1"}, {"RPUSH", "list", "a", "b", "c"}, {"SELECT", "3"}, {"HSET", "hash", "f", "v"}, {"ZADD", "zset", "1.5", "m"},
	{"XADD", "stream", "1-1", "f", "v"}, {"SET", "later", "v", "EX", "5000"}, {"MULTI"}, {"INCR", "n"}, {"INCR", "n"}, {"EXEC"},
}

// serving starts tabdis on a directory and gives the digest, its log until now and how to end it.
func serving(t *testing.T, dir string, flags ...string) (s *server, digest string) {
	t.Helper()
	s = serve(t, dir, append([]string{"--enable-debug-command", "yes"}, flags...)...)
	return s, s.do(s.connect(), "DEBUG", "DIGEST")
}

// refused starts tabdis where it must not start, and gives what it says.
func refused(t *testing.T, dir string, flags ...string) string {
	t.Helper()
	cmd := exec.Command(program.Path(t), append([]string{"serve", "--port", "0", "--dir", dir}, flags...)...)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
	require.NotContains(t, string(out), "Ready")
	return string(out)
}

func TestADumpOfRedisIsLoaded(t *testing.T) {
	soon := append(append([][]string(nil), someData...), []string{"DEBUG", "SET-ACTIVE-EXPIRE", "0"}, []string{"SET", "gone", "v", "PX", "1"},
		[]string{"SAVE"}, []string{"DEBUG", "SLEEP", "0.01"}, []string{"GET", "gone"})
	dir, digest := redisDirectory(t, soon)

	s, got := serving(t, dir, "--appendonly", "no")
	assert.Equal(t, digest, got)
	assert.Contains(t, s.do(s.connect(), "INFO", "persistence"), "rdb_last_load_keys_loaded:7\r\n")
	s.do(s.connect(), "SET", "b", "2")
	s.do(s.connect(), "SAVE")
	_, digest = "", s.do(s.connect(), "DEBUG", "DIGEST")
	require.Equal(t, 0, s.signal(syscall.SIGTERM))
	assert.Contains(t, s.stderr.String(), "Done loading RDB, keys loaded: 7, keys expired: 1.")
	assert.Contains(t, s.stderr.String(), "DB loaded from disk: ")

	s, got = serving(t, dir, "--appendonly", "no")
	assert.Equal(t, digest, got, "what SAVE wrote is there again")
	s.signal(syscall.SIGKILL)

	s, got = serving(t, dir)
	assert.Equal(t, digest, got, "a log begins with it")
	s.do(s.connect(), "SET", "c", "3")
	digest = s.do(s.connect(), "DEBUG", "DIGEST")
	s.signal(syscall.SIGKILL)
	assert.Contains(t, s.stderr.String(), "There is no append only file. The append only file begins with dump.rdb, which stays as it is: 8 keys are loaded")
	s, got = serving(t, dir)
	assert.Equal(t, digest, got, "and then it is the log that counts")
	s.signal(syscall.SIGKILL)

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "appendonlydir")))
	path := filepath.Join(dir, "dump.rdb")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o600))
	for _, on := range []string{"yes", "no"} {
		said := refused(t, dir, "--appendonly", on)
		assert.Contains(t, said, "the RDB file is damaged: dump.rdb at ")
		assert.Contains(t, said, "Put a good copy in its place")
	}
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	assert.Contains(t, refused(t, dir), "cannot be read: dump.rdb")
	require.NoError(t, os.Rename(path, filepath.Join(dir, "other")))
	s, got = serving(t, dir, "--appendonly", "no")
	assert.Equal(t, "+"+strings.Repeat("0", 40)+"\r\n", got)
	s.signal(syscall.SIGKILL)
}

// A Redis ≤ 6 had one file: what a Redis 7 has in base and incr is written into one, in either form of the base.
func TestTheFileOfARedis6IsLoaded(t *testing.T) {
	for _, preamble := range []string{"yes", "no"} {
		seven, digest := redisDirectory(t, someData, "--appendonly", "yes", "--aof-use-rdb-preamble", preamble, "--aof-timestamp-enabled", "yes")
		var file []byte
		for _, pattern := range []string{"*.base.*", "*.incr.aof"} {
			names, err := filepath.Glob(filepath.Join(seven, "appendonlydir", pattern))
			require.NoError(t, err)
			for _, name := range names {
				b, err := os.ReadFile(name)
				require.NoError(t, err)
				file = append(file, b...)
			}
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "appendonly.aof")
		torn := append(append([]byte(nil), file...), "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET"...)
		require.NoError(t, os.WriteFile(path, torn, 0o600))
		assert.Contains(t, refused(t, dir, "--aof-load-truncated", "no"), "the append only file is truncated: appendonly.aof at ")
		s, got := serving(t, dir)
		assert.Equal(t, digest, got)
		s.do(s.connect(), "SET", "after", "1")
		digest = s.do(s.connect(), "DEBUG", "DIGEST")
		s.signal(syscall.SIGKILL)
		assert.Contains(t, s.stderr.String(), "The append only file begins with appendonly.aof, which stays as it is")
		assert.Contains(t, s.stderr.String(), "appendonly.aof is torn at ")
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(torn), string(left))
		s, got = serving(t, dir)
		assert.Equal(t, digest, got)
		s.signal(syscall.SIGKILL)
	}
}

func TestFunctionsAreRefusedByNameOrSkipped(t *testing.T) {
	library := "#!lua name=mylib\nredis.register_function('f', function() return 1 end)"
	for _, commands := range [][][]string{
		{{"SET", "a", "1"}, {"FUNCTION", "LOAD", library}, {"SAVE"}},                        // in a dump
		{{"FUNCTION", "LOAD", library}, {"SET", "a", "1"}},                                  // as a command
		{{"FUNCTION", "LOAD", library}, {"SET", "a", "1"}, {"BGREWRITEAOF"}},                // in a base of RDB data
		{{"FUNCTION", "LOAD", library}, {"SET", "a", "1"}, {"FUNCTION", "DELETE", "mylib"}}, // made and removed
	} {
		flags := []string{"--appendonly", "yes"}
		if commands[len(commands)-1][0] == "SAVE" {
			flags = nil
		}
		dir, digest := redisDirectory(t, commands, flags...)
		said := refused(t, dir)
		assert.Contains(t, said, "not supported by this version: ")
		assert.Contains(t, said, "the library mylib")
		assert.Contains(t, said, "serve --skip-functions yes")
		s, got := serving(t, dir, "--skip-functions", "yes")
		assert.Equal(t, digest, got)
		s.signal(syscall.SIGKILL)
		assert.Contains(t, s.stderr.String(), "functions or values of modules are left out, since skip-functions is yes")
		s, got = serving(t, dir)
		assert.Equal(t, digest, got, "the log has them no more")
		s.signal(syscall.SIGKILL)
	}
}

func TestWhatIsWrongWithALogIsSaidWithWhatToDo(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	for range 3 {
		s.do(s.connect(), "SET", "a", "1")
	}
	require.Equal(t, 0, s.signal(syscall.SIGTERM))
	path := filepath.Join(dir, "appendonlydir", "appendonly.aof.1.incr.aof")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[len(b)/2] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
	said := refused(t, dir)
	assert.Contains(t, said, "the append only file is damaged: appendonly.aof.1.incr.aof at ")
	assert.Contains(t, said, ", lsn ")
	assert.Contains(t, said, "Nothing was changed. Keep a copy of the directory; tabdis check-aof "+filepath.Join(dir, "appendonlydir")+" shows")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(b), string(after))

	seven, _ := redisDirectory(t, [][]string{{"SELECT", "15"}, {"SET", "a", "1"}}, "--appendonly", "yes")
	said = refused(t, seven, "--databases", "4")
	assert.Contains(t, said, "database 15")
	assert.Contains(t, said, "Set databases to 16 or more")
}
