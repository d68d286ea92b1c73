//go:build !js

package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
)

// The requests that blocks name are annotations to a Redis: many lines of them in a block, before and behind a rewrite. What it appends then does
// not take them away.
func TestARedisReadsALogThatNamesRequests(t *testing.T) {
	for _, preamble := range []string{"yes", "no"} {
		dir := t.TempDir()
		s := open(t, dir, "aof-use-rdb-preamble", preamble, "aof-timestamp-enabled", "yes", "appendfsync", "always")
		s.client = s.engine.NewSession(core.SessionOptions{Client: 0xabcdef, Next: 1})
		s.do("PING")
		fill(func(words ...string) { s.do(words...) }, "before ")
		var batch []byte
		for i := range 500 { // one block with dozens of lines
			batch = append(batch, "INCR n\r\nSET k"+strconv.Itoa(i)+" v\r\n"...)
		}
		s.client.Feed(batch)
		s.do("PING")
		s.rewrite()
		fill(func(words ...string) { s.do(words...) }, "behind ")
		s.client.Feed(batch)
		s.do("PING")
		digest := s.do("DEBUG", "DIGEST")
		s.close()

		files, err := filepath.Glob(filepath.Join(dir, dirname, "*.incr.aof"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		text, err := os.ReadFile(files[0])
		require.NoError(t, err)
		assert.Greater(t, bytes.Count(text, []byte("\n#REQ:0000000000abcdef=")), 100)
		checked(t, dir)
		c, stop := redis(t, dir)
		assert.Equal(t, digest, ask(t, c, "DEBUG", "DIGEST"))
		assert.Equal(t, "$4\r\n1000\r\n", ask(t, c, "GET", "n"))
		ask(t, c, "INCR", "n")
		stop()

		for range 2 { // the first opening writes a fresh base
			s = open(t, dir)
			assert.Equal(t, "$4\r\n1001\r\n", s.do("GET", "n"))
			back := s.engine.NewSession(core.SessionOptions{Client: 0xabcdef, Next: 1})
			s.do("PING")
			assert.Contains(t, string(back.Output()), "$7\r\n:1000\r\n\r\n")
			s.close()
		}
	}
}
