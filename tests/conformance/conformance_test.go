package conformance

import (
	"path/filepath"
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
	for _, path := range scripts {
		steps := readScript(t, path)
		for _, proto := range []string{"2", "3"} {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/resp"+proto, func(t *testing.T) {
				t.Parallel()
				runScript(t, steps, proto)
			})
		}
	}
}

func runScript(t *testing.T, steps []step, proto string) {
	server := redistest.Start(t)
	store := memfs.New()
	x := openTarget(t, store)
	conns := map[int]*redistest.Conn{}
	connect := func(n int) *redistest.Conn {
		if conns[n] == nil {
			conns[n] = server.Connect(t)
			_, err := conns[n].Do("HELLO", proto)
			require.NoError(t, err)
			x.do(n, "HELLO", proto)
		}
		return conns[n]
	}
	for _, s := range steps {
		if s.sleep > 0 {
			time.Sleep(time.Duration(s.sleep) * time.Millisecond)
			continue
		}
		c := connect(s.conn)
		if !s.expect {
			_, err := c.Write(redistest.Request(s.words...))
			require.NoError(t, err, "line %d: %s", s.line, s.text)
		}
		want, err := s.read(c)
		require.NoError(t, err, "line %d: %s", s.line, s.text)
		if s.expect {
			compare(t, s, string(want), string(x.pushed(s.conn)))
		} else {
			compare(t, s, string(want), string(x.do(s.conn, s.words...)))
		}
	}
	for n := range conns {
		assert.Empty(t, string(x.take(n)), "messages on connection %d that no line expects", n)
	}
	probe := server.Connect(t)
	want, err := probe.Do("DEBUG", "DIGEST")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(x.do(99, "DEBUG", "DIGEST")), "content differs from Redis's")
	before := string(x.do(99, "DEBUG", "DIGEST"))
	x.close()
	again := openTarget(t, store)
	assert.Equal(t, before, string(again.do(99, "DEBUG", "DIGEST")), "content differs after the log was loaded")
	again.close()
}

func compare(t *testing.T, s step, want, got string) {
	t.Helper()
	switch s.how {
	case '?':
		require.NotEmpty(t, got, "line %d: %s", s.line, s.text)
		assert.Equal(t, want[:1], got[:1], "line %d: %s\nRedis: %q\nours:  %q", s.line, s.text, want, got)
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
