package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/program"
	"tabdis/tests/redistest"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.conf")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// Odd quoting, beside a real redis-server: both read the same file, and say what they have read.
func TestQuotingInTheFileIsReadAsRedisReadsIt(t *testing.T) {
	names := []string{"masteruser", "cluster-announce-ip", "replica-announce-ip", "syslog-ident", "bind-source-addr", "proc-title-template", "ignore-warnings", "slave-announce-ip"}
	texts := [][]string{
		{`plain`, `"quoted"`, `'single'`, `"a b"`, `'a "b'`, `"a 'b"`, `"{title} x"`, `"\x41\x7a"`},
		{`"\n\r\t\a\b\q\\"`, `'\n'`, `'it\'s'`, `"say \"x\""`, `a#b`, `#c`, `"{title}\t"`, `"\x4"`},
		{`""`, `''`, `a'b'`, `a"b c"`, `\x41`, `a\ `, `""`, `"\x00end"`},
		{"\ta\t", `  spaces   `, `"trailing"  `, "é", `"\xff\xfe"`, `'\x41'`, `'{title} \\'`, "a\r"},
	}
	for _, row := range texts {
		text := "# " + strings.Join(row, " ") + "\n\n"
		for i, v := range row {
			text += names[i] + " " + v + "\n"
		}
		file := writeFile(t, text)
		want := startOutput(t, "redis-server", file, "--port", "0")
		got := startOutput(t, program.Path(t), "serve", file, "--port", "0", "--replicaof", "x", "1")
		if fatal.MatchString(want) { // both stop there
			assert.Equal(t, fatal.FindStringSubmatch(want)[1], fatal.FindStringSubmatch(got)[1], "%s", text)
			continue
		}
		require.Contains(t, got, "does not replicate", "%s", text)
		redis := redisOn(t, file).Connect(t)
		s := serveFile(t, file)
		ours := s.connect()
		for _, name := range names {
			reply, err := redis.Do("CONFIG", "GET", name)
			require.NoError(t, err)
			assert.Equal(t, string(reply), s.do(ours, "CONFIG", "GET", name), "%s", text)
		}
	}
}

var fatal = regexp.MustCompile(`(?s)FATAL CONFIG FILE ERROR \([^)]*\) \*\*\*\n(.*)$`)

// startOutput is what a server says that cannot start.
func startOutput(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", out)
	return string(out)
}

// redisOn runs a redis-server on a configuration file.
func redisOn(t *testing.T, file string) *redistest.Server { return redistest.StartWith(t, file) }

// serveFile runs tabdis on one, on a free port.
func serveFile(t *testing.T, file string, flags ...string) *server {
	t.Helper()
	return serveArgs(t, slices.Concat([]string{file, "--port", "0", "--dir", t.TempDir()}, flags)...)
}

// What cannot be read stops both servers, with the same message for the same line.
func TestErrorsInTheFileAreToldAsRedisTellsThem(t *testing.T) {
	for _, text := range []string{
		"nosuch 1", "port", "port 1 2", "\n# x\n\n  maxmemory 5x  ", "maxmemory \"1", "maxmemory \"1\"x", "maxmemory '1", "timeout -1", "timeout 05", "maxclients 0",
		"appendonly maybe", "maxmemory-policy none", "include", "user", "client-output-buffer-limit normal 1 2", "client-output-buffer-limit normal 1 2 x",
		"client-output-buffer-limit master 1 2 3", "databases 0", "unixsocketperm 1000", "unixsocketperm x", "dir /no/such", "tcp-backlog x",
		"supervised maybe", "appendfilename a/b", "appendfilename \"\"", "appenddirname \"\"", "latency-tracking-info-percentiles 101", "notify-keyspace-events Y",
		"maxmemory-clients 101%", "oom-score-adj-values 1", "shutdown-on-sigint no", "shutdown-on-sigint save nosave", "\"po rt\" 1", "\"\" 1", "port \"\"",
		"proto-max-bulk-len 1", "enable-debug-command maybe", "acllog-max-len -1", "bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "sentinel x", "aof-use-rdb-preamble x",
	} {
		file := writeFile(t, text)
		want := startOutput(t, "redis-server", file, "--port", "0")
		got := startOutput(t, program.Path(t), "serve", file, "--port", "0")
		require.Regexp(t, fatal, want, "%q", text)
		require.Regexp(t, fatal, got, "%q", text)
		assert.Equal(t, fatal.FindStringSubmatch(want)[1], fatal.FindStringSubmatch(got)[1], "%q", text)
	}
	for _, args := range [][]string{{"--port"}, {"--timeout", "x"}, {"--port", "0", "1"}, {"--nosuch", "a b"}, {"--port 0", "x"}, {"--save", "--nosuch"}, {"--timeout", "--save", "x"}, {"--port", "0", "--", "x"}} {
		want := startOutput(t, "redis-server", args...)
		got := startOutput(t, program.Path(t), append([]string{"serve"}, args...)...)
		require.Regexp(t, fatal, want, "%q", args)
		require.Regexp(t, fatal, got, "%q", args)
		assert.Equal(t, fatal.FindStringSubmatch(want)[1], fatal.FindStringSubmatch(got)[1], "%q", args)
	}
}

func TestWhatWouldPromiseWhatIsNotThereIsRefused(t *testing.T) {
	for text, why := range map[string]string{
		"replicaof 127.0.0.1 6379": "does not replicate", "slaveof a 1": "does not replicate", "cluster-enabled yes": "no part of a cluster", "tls-port 6380": "no TLS",
		"tls-cert-file a.crt": "no TLS", "loadmodule x.so": "no modules", "rename-command CONFIG \"\"": "ACL rules", "min-replicas-to-write 1": "no replica",
		"bind 1.2.3.4.5": "1.2.3.4.5", "user default on\naclfile x": "one of the two", "user x +nosuch": "user 'x'",
	} {
		assert.Contains(t, startOutput(t, program.Path(t), "serve", writeFile(t, text), "--port", "0"), why, text)
	}
}

func TestDebiansFileStarts(t *testing.T) {
	const file = "/etc/redis/redis.conf"
	_, err := os.Stat(file)
	require.NoError(t, err, "redis-server is needed: apt-get install redis-server")
	s := serveFile(t, file, "--logfile", "", "--pidfile", "")
	c := s.connect()
	assert.Equal(t, "+OK\r\n", s.do(c, "SET", "k", "v"))
	assert.Equal(t, "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n", s.do(c, "CONFIG", "GET", "appendonly"))
	assert.Equal(t, 0, s.signal(syscall.SIGTERM))
	assert.Contains(t, s.stderr.String(), "have no effect here: daemonize")
}

func TestConfigRewriteBesideRedis(t *testing.T) {
	const text = "# my own\n  timeout   7\n\n\nhash-max-ziplist-entries 100\nmaxmemory 100mb\n# twice\nmaxmemory 200mb\nslave-priority 50\ninclude %s\n" +
		"client-output-buffer-limit normal 1mb 0 0\nuser bob on +@all ~* nopass\nlogfile \"\"\nnotify-keyspace-events \"\"\n"
	included := writeFile(t, "tcp-keepalive 77\n")
	sets := []string{"timeout", "0", "maxmemory", "1500000", "maxclients", "500", "notify-keyspace-events", "KEA", "latency-tracking-info-percentiles", "1 2",
		"proto-max-bulk-len", "3gb", "client-output-buffer-limit", "pubsub 1mb 2 3", "hash-max-listpack-entries", "512", "maxmemory-clients", "5%",
		"requirepass", `a"b`, "appendfsync", "no", "repl-backlog-size", "2000000", "stream-node-max-bytes", "5k", "zset-max-ziplist-value", "128", "shutdown-on-sigterm", "now save"}
	rewrite := func(c *redistest.Conn, file string) []string {
		for _, words := range [][]string{append([]string{"CONFIG", "SET"}, sets...), {"CONFIG", "REWRITE"}, {"CONFIG", "REWRITE"}} {
			reply, err := c.Do(words...)
			require.NoError(t, err)
			require.Equal(t, "+OK\r\n", string(reply), "%q", words)
		}
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		return strings.Split(string(b), "\n")
	}
	theirs, ours := writeFile(t, strings.Replace(text, "%s", included, 1)), writeFile(t, strings.Replace(text, "%s", included, 1))
	redis := redisOn(t, theirs)
	s := serveFile(t, ours)
	want, got := rewrite(redis.Connect(t), theirs), rewrite(s.connect(), ours)
	at := slices.Index(got, "# Generated by CONFIG REWRITE")
	require.Positive(t, at, "%q", got)
	// Redis writes a class's limits over another's, empty lines at other places, and the default user where requirepass tells the same.
	own := func(line string) bool {
		for _, name := range []string{"client-output-buffer-limit", "port", "bind", "dir", "save", "enable-debug-command", "user default", "appendonly"} {
			if strings.HasPrefix(line, name) {
				return true
			}
		}
		return line == ""
	}
	want, got = slices.DeleteFunc(want, own), slices.DeleteFunc(got, own)
	for i := range got {
		got[i] = strings.Replace(got[i], " sanitize-payload", "", 1) // 7.2 names it
	}
	above := slices.Index(want, "# Generated by CONFIG REWRITE")
	assert.Equal(t, want[:above], got[:above], "what stood there is at its place")
	assert.ElementsMatch(t, want[above:], got[above:])

	assert.Equal(t, 0, s.signal(syscall.SIGTERM))
	again := serveFile(t, ours)
	c := again.connect()
	assert.Equal(t, "+OK\r\n", again.do(c, "AUTH", `a"b`))
	for i := 0; i < len(sets); i += 2 {
		if name := sets[i]; name != "client-output-buffer-limit" && name != "shutdown-on-sigterm" {
			reply, err := authenticated(t, redis, `a"b`).Do("CONFIG", "GET", name)
			require.NoError(t, err)
			assert.Equal(t, string(reply), again.do(c, "CONFIG", "GET", name), "after a new start")
		}
	}
	assert.Contains(t, again.do(c, "CONFIG", "GET", "client-output-buffer-limit"), "normal 1048576 0 0 slave 268435456 67108864 60 pubsub 1048576 2 3")
	assert.Contains(t, again.do(c, "ACL", "LIST"), "user bob on nopass sanitize-payload ~* resetchannels +@all")
}

func authenticated(t *testing.T, s *redistest.Server, password string) *redistest.Conn {
	c := s.Connect(t)
	reply, err := c.Do("AUTH", password)
	require.NoError(t, err)
	require.Equal(t, "+OK\r\n", string(reply))
	return c
}

func TestConfigRewriteThatCannotBeDone(t *testing.T) {
	s := serve(t, t.TempDir())
	assert.Equal(t, "-ERR The server is running without a config file\r\n", s.do(s.connect(), "CONFIG", "REWRITE"))
	dir := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.Mkdir(dir, 0o755))
	file := filepath.Join(dir, "x.conf")
	require.NoError(t, os.WriteFile(file, []byte("timeout 3\n"), 0o640))
	s = serveFile(t, file)
	c := s.connect()
	assert.Contains(t, s.do(c, "INFO", "server"), "config_file:"+file+"\r\n")
	require.NoError(t, os.Remove(file))
	assert.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "REWRITE"), "a file that is gone is made anew")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "\ntimeout 3\n")
	require.NoError(t, os.RemoveAll(dir))
	assert.Equal(t, "-ERR Rewriting config file: No such file or directory\r\n", s.do(c, "CONFIG", "REWRITE"))
}

func TestConfigurationFromStandardInputAndFlags(t *testing.T) {
	s := newServer(t, "-", "--port", "0", "--dir", t.TempDir(), "--timeout", "8")
	s.cmd.Stdin = strings.NewReader("timeout 9\nmaxclients 77\n")
	s.start()
	c := s.connect()
	assert.Equal(t, "*4\r\n$10\r\nmaxclients\r\n$2\r\n77\r\n$7\r\ntimeout\r\n$1\r\n8\r\n", s.do(c, "CONFIG", "GET", "timeout", "maxclients"))
}
