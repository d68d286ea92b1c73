package conformance

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSameRepliesAsRedis runs every script in both protocols, then compares the whole content, and the content again after
// the log was loaded into a new engine.
func TestSameRepliesAsRedis(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	uses := newUses(2 * len(scripts))
	t.Cleanup(func() { uses.check(t) })
	for _, path := range scripts {
		steps := readScript(t, path)
		for _, proto := range []string{"2", "3"} {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/resp"+proto, func(t *testing.T) {
				t.Parallel()
				runScript(t, steps, proto, uses)
			})
		}
	}
}

func runScript(t *testing.T, steps []step, proto string, uses *uses) {
	server := redistest.Start(t)
	store := memfs.New()
	x := openTarget(t, store)
	runBoth(t, steps, proto, server, x, uses)
	uses.ran()
	want, err := server.Connect(t).Do("DEBUG", "DIGEST")
	require.NoError(t, err)
	before := string(x.do(99, "DEBUG", "DIGEST"))
	assert.Equal(t, string(want), before, "content differs from Redis's")
	x.close()
	again := openTarget(t, store)
	assert.Equal(t, before, string(again.do(99, "DEBUG", "DIGEST")), "content differs after the log was loaded")
	again.close()
	loadedByRedis(t, store)
}

// loadedByRedis loads the log into a real server and into a new engine. Both must hold the same; what comes to its time meanwhile goes from both.
func loadedByRedis(t *testing.T, store *memfs.Store) {
	dir := filepath.Join(t.TempDir(), "appendonlydir")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, data := range filesOf(t, store) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	server := redistest.Start(t, "--appendonly", "yes", "--dir", filepath.Dir(dir))
	again := openTarget(t, store)
	defer again.close()
	conn := server.Connect(t)
	require.Eventually(t, func() bool {
		theirs, err := conn.Do("DEBUG", "DIGEST")
		require.NoError(t, err)
		again.engine.Tick(time.Now().UnixMilli())
		return string(theirs) == string(again.do(99, "DEBUG", "DIGEST"))
	}, 5*time.Second, 20*time.Millisecond, "Redis and a new engine load different contents from the log")
}

// runBoth runs the steps on both and compares the replies.
func runBoth(t *testing.T, steps []step, proto string, server *redistest.Server, x *target, uses *uses) {
	conns := map[int]*redistest.Conn{}
	ids := map[int]string{}
	open := func(n int) *redistest.Conn {
		if conns[n] == nil {
			conns[n] = server.Connect(t)
			if namesIDs(steps) {
				ids[n] = sameID(t, conns[n], x, n)
			}
			_, err := conns[n].Do("HELLO", proto)
			require.NoError(t, err)
			x.do(n, "HELLO", proto)
		}
		return conns[n]
	}
	var probe *redistest.Conn // tells what Redis's clients wait for; CLIENT commands see it
	for _, s := range steps {
		if s.sleep > 0 {
			time.Sleep(time.Duration(s.sleep) * time.Millisecond)
			continue
		}
		c := open(s.conn)
		words := withIDs(s.words, func(n int) string {
			open(n)
			return ids[n]
		})
		blocked := ""
		if s.how == '&' {
			if probe == nil {
				probe = server.Connect(t)
			}
			blocked = blockedClients(t, probe)
		}
		got := ""
		switch {
		case s.expect:
			got = string(x.pushed(s.conn))
		case s.how != '<':
			_, err := c.Write(redistest.Request(words...))
			require.NoError(t, err, "line %d: %s", s.line, s.text)
			got = string(x.do(s.conn, words...))
		}
		if s.how == '&' { // nothing else tells that it has arrived
			require.Eventually(t, func() bool { return blockedClients(t, probe) != blocked }, 5*time.Second, time.Millisecond, "line %d: %s", s.line, s.text)
		}
		want, err := s.read(c)
		require.NoError(t, err, "line %d: %s", s.line, s.text)
		if got == "" && len(want) > 0 {
			got = string(x.awaitReply(s.conn))
		}
		compare(t, s, string(want), got)
		uses.note(&s, got)
	}
	for n := range conns {
		assert.Empty(t, string(x.take(n)), "messages on connection %d that no line expects", n)
	}
}

// idName is how a script names the number of a connection.
var idName = regexp.MustCompile(`\{id(\d+)\}`)

// withIDs gives the words with numbers in place of their names.
func withIDs(words []string, id func(n int) string) []string {
	words = slices.Clone(words)
	for i, w := range words {
		words[i] = idName.ReplaceAllStringFunc(w, func(name string) string {
			n, _ := strconv.Atoi(name[len("{id") : len(name)-1])
			return id(n)
		})
	}
	return words
}

func namesIDs(steps []step) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return idName.MatchString(s.text) })
}

// sameID makes the number of connection n, which is new, what it is in Redis.
func sameID(t *testing.T, c *redistest.Conn, x *target, n int) string {
	reply, err := c.Do("CLIENT", "ID")
	require.NoError(t, err)
	for string(x.do(n, "CLIENT", "ID")) != string(reply) {
		x.conns[n].Close()
		delete(x.conns, n)
		require.Less(t, len(x.do(n, "CLIENT", "ID")), len(reply)+1)
	}
	return strings.Trim(string(reply), ":\r\n")
}

// blockedClients is the line of INFO that counts them.
func blockedClients(t *testing.T, conn *redistest.Conn) string {
	t.Helper()
	info, err := conn.Do("INFO", "clients")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(info), "blocked_clients:")
	require.True(t, ok)
	line, _, _ := strings.Cut(rest, "\r\n")
	return line
}

func compare(t *testing.T, s step, want, got string) {
	t.Helper()
	switch s.how {
	case '?':
		require.NotEmpty(t, got, "line %d: %s", s.line, s.text)
		assert.Equal(t, want[:1], got[:1], "line %d: %s\nRedis: %q\nours:  %q", s.line, s.text, want, got)
	case '%':
		assert.True(t, sameButTimes(want, got), "line %d: %s\nRedis: %q\nours:  %q", s.line, s.text, want, got)
	case '~':
		assert.True(t, sameElements([]byte(want), []byte(got)), "line %d: %s\nRedis: %q\nours:  %q", s.line, s.text, want, got)
	case '!':
		known, ok := differences[s.name]
		require.True(t, ok, "line %d: no difference named %s is written down", s.line, s.name)
		assert.Equal(t, known.reply, got, "line %d: %s (%s)", s.line, s.text, known.source)
	default:
		assert.True(t, want == got, "line %d: %s\nRedis: %q\nours:  %q", s.line, s.text, want, got)
	}
}
