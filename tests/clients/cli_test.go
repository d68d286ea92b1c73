//go:build !js

package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// cli runs redis-cli with nothing of the user's around it, and tells all it wrote and its exit code.
func cli(t *testing.T, p peer, stdin string, args ...string) string {
	t.Helper()
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(limited, "redis-cli", append([]string{"-p", p.port()}, args...)...)
	cmd.Env = cliEnv(t)
	cmd.Stdin = strings.NewReader(stdin)
	out, _ := cmd.CombinedOutput() // how it ended is part of what is compared
	require.NotNil(t, cmd.ProcessState, "redis-cli is needed: apt-get install --no-install-recommends redis-tools")
	return fmt.Sprintf("%sexit %d\n", strings.ReplaceAll(string(out), p.port(), "PORT"), cmd.ProcessState.ExitCode())
}

func cliEnv(t *testing.T) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=xterm", "REDISCLI_HISTFILE=/dev/null"}
}

// filled is what the tests of redis-cli find in the server.
func filled(t *testing.T) [2]peer {
	both := peers(t)
	var fill strings.Builder
	for i := range 200 {
		fill.Write(redistest.Request("SET", fmt.Sprintf("str:%d", i), strings.Repeat("v", i)))
	}
	for _, line := range []string{"rpush l a b c", "hset h f v g w", "sadd s 1 2 3", "zadd z 1 a 2.5 b", "xadd x 1-1 f v", "set n 1"} {
		fill.Write(redistest.Request(strings.Fields(line)...))
	}
	for _, p := range both {
		require.Contains(t, cli(t, p, fill.String(), "--pipe"), "errors: 0, replies: 206\n")
	}
	return both
}

func TestRedisCLI(t *testing.T) {
	t.Parallel()
	both := filled(t)
	eval := filepath.Join(t.TempDir(), "script.lua")
	require.NoError(t, os.WriteFile(eval, []byte("return 1"), 0o600))
	noLua := regexp.MustCompile(`^ERR tabdis has no Lua: scripts and functions cannot run here\. Use MULTI.*\n\nexit \d\n$`)
	for _, c := range []struct {
		args  []string
		stdin string
		only  *regexp.Regexp // what of the output is to be the same: all, if there is none
		ours  *regexp.Regexp // tabdis's own answer, where Redis has another
	}{
		{args: []string{"--json", "hgetall", "h"}}, {args: []string{"-3", "--json", "hgetall", "h"}}, {args: []string{"--json", "xrange", "x", "-", "+"}}, {args: []string{"--json", "get", "none"}},
		{args: []string{"-3", "zrange", "z", "0", "-1", "withscores"}}, {args: []string{"-2", "zrange", "z", "0", "-1", "withscores"}}, {args: []string{"-3", "--no-raw", "zrange", "z", "0", "-1", "withscores"}},
		{args: []string{"-3", "--no-raw", "hgetall", "h"}}, {args: []string{"-3", "--no-raw", "xread", "streams", "x", "0"}}, {args: []string{"--no-raw", "smembers", "s"}}, {args: []string{"--csv", "lrange", "l", "0", "-1"}},
		{args: []string{"--csv", "-3", "hgetall", "h"}}, {args: []string{"-D", "|", "lrange", "l", "0", "-1"}}, {args: []string{"-r", "3", "-i", "0.01", "incr", "n"}}, {args: []string{"-e", "lpush", "n", "x"}},
		{args: []string{"-x", "set", "fromx"}, stdin: "a value\n\x00with bytes"}, {args: []string{"-X", "tag", "mset", "k", "tag", "other", "v"}, stdin: "the tag"}, {args: []string{"get", "fromx"}},
		{args: []string{"--quoted-input", "set", `"a\x00b"`, `"\xff\r\n"`}}, {args: []string{"--quoted-input", "--no-raw", "get", `"a\x00b"`}}, {args: []string{"-u", "redis://127.0.0.1/2", "set", "k", "in 2"}},
		{args: []string{"-n", "2", "set", "k", "v"}}, {args: []string{"-n", "99", "ping"}}, {args: []string{"-a", "none", "ping"}}, {args: []string{"--no-auth-warning", "-a", "none", "ping"}}, {args: []string{"--user", "nobody", "--pass", "x", "ping"}},
		{args: []string{"nosuch", "command"}}, {args: []string{"get"}}, {args: []string{"info", "nosuchsection"}}, {args: []string{"--cluster", "check", "127.0.0.1:" + "0"}}, {args: []string{"cluster", "nodes"}},
		{stdin: "multi\nincr n\nget n\nlpush n x\nexec\nselect 2\ndbsize\n"}, {stdin: "set a \"quoted\\n\"\nget a\nset b 'unbalanced\nget b\n"},
		{args: []string{"--pipe"}, stdin: "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$5\r\nLPUSH\r\n$1\r\na\r\n$1\r\n1\r\n"}, {args: []string{"--pipe"}, stdin: "SET inline 1\r\nGET inline\r\n"},
		{args: []string{"--bigkeys"}, only: regexp.MustCompile(`(?m)^(Sampled|Total|\d+ \w+ with|Biggest).*$`)}, {args: []string{"--memkeys"}, only: regexp.MustCompile(`(?m)^(Sampled|Biggest +(list|hash|zset|string|stream|set) found).*?'`)},
		{args: []string{"--hotkeys"}, only: regexp.MustCompile(`Error: .*`)},
		{args: []string{"--eval", eval, "k", ",", "a"}, ours: noLua}, {args: []string{"--ldb", "--eval", eval}, ours: regexp.MustCompile(`ERR tabdis has no Lua`)},
		{args: []string{"--rdb", filepath.Join(t.TempDir(), "dump.rdb")}, ours: regexp.MustCompile(`SYNC with master failed: -ERR tabdis does not replicate`)},
		{args: []string{"--functions-rdb", filepath.Join(t.TempDir(), "dump.rdb")}, ours: regexp.MustCompile(`Failed requesting functions only RDB from server`)},
		{args: []string{"--replica"}, ours: regexp.MustCompile(`SYNC with master failed: -ERR tabdis does not replicate`)},
	} {
		t.Run(strings.Join(c.args, " ")+strings.ReplaceAll(c.stdin, "\n", ";"), func(t *testing.T) {
			got := cli(t, both[1], c.stdin, c.args...)
			if c.ours != nil {
				assert.Regexp(t, c.ours, got)
				return
			}
			want := cli(t, both[0], c.stdin, c.args...)
			if c.only != nil {
				want, got = strings.Join(c.only.FindAllString(want, -1), "\n"), strings.Join(c.only.FindAllString(got, -1), "\n")
				require.NotEmpty(t, want)
			}
			assert.Equal(t, want, got)
		})
	}
	for _, args := range [][]string{{"--scan"}, {"--scan", "--pattern", "str:1*", "--count", "7"}, {"--scan", "--type", "zset"}} {
		lines := func(p peer) []string { return strings.Split(cli(t, p, "", args...), "\n") }
		assert.ElementsMatch(t, lines(both[0]), lines(both[1]), args)
	}
}

// What goes on until it is stopped.
func TestRedisCLIWatches(t *testing.T) {
	t.Parallel()
	both := filled(t)
	for _, p := range both {
		require.Equal(t, "OK\nexit 0\n", cli(t, p, "", "config", "set", "maxmemory-policy", "allkeys-lfu"))
		for range 3 {
			require.Contains(t, cli(t, p, strings.Repeat("get str:7\n", 200)), "vvvvvvv\n")
		}
		hot := cli(t, p, "", "--hotkeys")
		assert.Regexp(t, `hot key found with counter: \d+\tkeyname: "str:7"`, hot, p.name)
	}
	for _, c := range []struct {
		args  []string
		shows string // what comes, and until when it is watched
		do    string // what is done meanwhile
	}{
		{[]string{"--stat", "-i", "0.1"}, `(?s)keys .*clients .*requests.*\n20\d .*\d+ \(\+\d+\).*\n20\d .*\d+ \(\+\d+\)`, ""},
		{[]string{"--latency"}, `min: \d+, max: \d+, avg: \d+\.\d+ \(\d+ samples\)`, ""},
		{[]string{"--latency-history", "-i", "1"}, `(?s)samples\) -- 1\.\d+ seconds range`, ""},
		{[]string{"--intrinsic-latency", "1"}, `(?s)total runs \(avg latency`, ""},
		{[]string{"monitor"}, `(?s)OK.*\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "set" "k" "a \\"word\\""`, `set k "a \"word\""`},
		{[]string{"-n", "1", "psubscribe", "n*s"}, `"n\*s"\r\n3\) \(integer\) 1\r\n1\) "pmessage"\r\n2\) "n\*s"\r\n3\) "news"\r\n4\) "hello"\r\n`, "publish news hello"},
		{[]string{"-3", "subscribe", "news"}, `"news"\r\n3\) \(integer\) 1\r\n1\) "message"\r\n2\) "news"\r\n3\) "hello"\r\n`, "publish news hello"},
		{[]string{"blpop", "queue", "0"}, `1\) "queue"\r\n2\) "job"\r\n`, "rpush queue job"},
	} {
		for _, p := range both {
			t.Run(p.name+" "+strings.Join(c.args, " "), func(t *testing.T) {
				t.Parallel()
				term := openTerminal(t, p, c.args...)
				if c.do != "" {
					// The other side does it again until it was heard of: nothing tells when redis-cli began to listen.
					for end := time.Now().Add(10 * time.Second); !term.has(c.shows, 50*time.Millisecond) && time.Now().Before(end); {
						cli(t, p, c.do+"\n")
					}
				}
				term.expect(c.shows)
				term.signal(syscall.SIGINT)
			})
		}
	}
}

func TestRedisCLIInteractive(t *testing.T) {
	t.Parallel()
	both := filled(t)
	compare(t, both, func(t *testing.T, p peer) []string {
		var report []string
		term := openTerminal(t, p)
		term.prompt()
		for _, line := range []string{
			"get str:3", "get none", "lrange l 0 -1", "hgetall h", "zrange z 0 -1 withscores", "xrange x - +", "set k \"a \\x00 b\"", "get k", "set k 'unbalanced", "nosuch", "lpush k x", "2 incr n",
			"multi", "incr n", "nosuch", "discard", "multi", "incr n", "get n", "exec", "watch n", "select 3", "dbsize", "select 99", "hello 3", "hgetall h", "select 0", "hgetall h", "zscore z b", "reset", "hgetall h",
			":set nohints", ":set hints", "help set", "help @hash", "help @nosuch", "help", "?", "clear",
		} {
			report = append(report, line, term.command(line))
		}
		term.write("subscribe news weather\r")
		shown := term.expect(`1\) "subscribe"\s+2\) "weather"\s+3\) \(integer\) 2\s+$`)
		report = append(report, plainText(shown[strings.Index(shown, "Reading"):]))
		require.Contains(t, cli(t, p, "publish weather rain\n"), "1\n")
		report = append(report, plainText(term.expect(`3\) "rain"\s+$`)))
		term.write("\x03")
		term.prompt()
		report = append(report, term.command("get n"))
		term.write("quit\r")
		term.ended()
		return report
	})
}

// The hints that redis-cli shows behind what was typed so far come from COMMAND DOCS.
func TestRedisCLIHints(t *testing.T) {
	t.Parallel()
	both := peers(t)
	known := strings.Fields(cli(t, both[1], "", "command", "list"))
	var names []string
	for _, name := range strings.Fields(cli(t, both[0], "", "command", "list")) {
		if slices.Contains(known, name) && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_|-") == "" {
			names = append(names, strings.ReplaceAll(name, "|", " "))
		}
	}
	require.Greater(t, len(names), 320)
	compare(t, both, func(t *testing.T, p peer) []string {
		term := openTerminal(t, p)
		term.prompt()
		var report []string
		for _, name := range names {
			term.write(name + " ")
			shown := term.expect(`> ` + regexp.QuoteMeta(name) + ` (\x1b\[0;90;49m.*\x1b\[0m)?\r\x1b\[\d+C$`)
			term.write("\x15") // away with the line
			term.expect(`> \r\x1b\[\d+C$`)
			report = append(report, plainText(shown[strings.LastIndex(shown, "> ")+2:]))
		}
		term.write("quit\r")
		term.ended()
		return report
	}, hints72...)
}
