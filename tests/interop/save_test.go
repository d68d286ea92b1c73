//go:build !js

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/rdb"
	"tabdis/tests/redistest"
)

// saved waits for the end of a BGSAVE while commands change all there is.
func (s *store) saved() {
	s.t.Helper()
	for n := 0; strings.Contains(s.do("INFO", "persistence"), "rdb_bgsave_in_progress:1"); n++ {
		require.Less(s.t, n, 20000, "a BGSAVE without end")
		key := []string{"ours:bigset", "ours:bighash", "ours:bigzset", "ours:biglist", "ours:stream", "key:" + strconv.Itoa(n*13)}[n%6]
		switch n % 5 {
		case 0:
			s.do("DEL", key)
		case 1:
			s.do("SET", "key:"+strconv.Itoa(n*7), "other")
		case 2:
			s.do("HSET", "ours:bighash", "field:"+strconv.Itoa(n), "changed")
			s.do("SELECT", strconv.Itoa(n%2*15))
		case 3:
			s.do("SWAPDB", "0", "15")
		case 4:
			s.do("SADD", "ours:bigset", "changed")
			s.do("RPOP", "ours:biglist")
			if n > 8 {
				s.do("FLUSHDB")
			}
		}
		s.engine.Tick(time.Now().UnixMilli())
	}
	require.Contains(s.t, s.do("INFO", "persistence"), "rdb_last_bgsave_status:ok")
	s.do("SELECT", "0")
}

// What SAVE and BGSAVE write is loaded by a real redis-server, with all that was there when it began.
func TestASavedFileIsLoadedByRedis(t *testing.T) {
	for _, c := range []struct {
		name, command string
		params        []string
	}{
		{"SAVE", "SAVE", nil},
		{"BGSAVE", "BGSAVE", nil},
		{"without compression", "BGSAVE", []string{"rdbcompression", "no"}},
		{"without checksum, with idle times", "BGSAVE", []string{"rdbchecksum", "no", "maxmemory-policy", "allkeys-lru"}},
		{"with frequencies", "SAVE", []string{"maxmemory-policy", "volatile-lfu", "dbfilename", "other.rdb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir, c.params...)
			defer s.close()
			fill(func(words ...string) { s.do(words...) }, "ours:")
			for i := range 5000 {
				s.do("SET", "key:"+strconv.Itoa(i), strings.Repeat("v", i%300))
			}
			digest, streams := s.do("DEBUG", "DIGEST"), streamsOf(s.do, "ours:")
			s.do(c.command)
			if c.command == "BGSAVE" {
				s.saved()
			}
			name := "dump.rdb"
			for i := range c.params {
				if c.params[i] == "dbfilename" {
					name = c.params[i+1]
				}
			}
			out, err := exec.Command("redis-check-rdb", filepath.Join(dir, name)).CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Contains(t, string(out), "RDB looks OK!")

			there := t.TempDir()
			require.NoError(t, os.Rename(filepath.Join(dir, name), filepath.Join(there, "dump.rdb")))
			server := redistest.Start(t, append([]string{"--dir", there}, policyOf(c.params)...)...)
			r := server.Connect(t)
			assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"))
			assert.Equal(t, streams, streamsOf(func(words ...string) string { return ask(t, r, words...) }, "ours:"))
		})
	}
}

func policyOf(params []string) []string {
	for i := range params {
		if params[i] == "maxmemory-policy" {
			return []string{"--maxmemory-policy", params[i+1]}
		}
	}
	return nil
}

// The other way round.
func TestAFileOfRedisIsReadAsAWhole(t *testing.T) {
	for _, policy := range []string{"noeviction", "allkeys-lru", "allkeys-lfu"} {
		server := redistest.Start(t, "--maxmemory-policy", policy)
		r := server.Connect(t)
		fill(func(words ...string) { ask(t, r, words...) }, "redis:")
		digest := ask(t, r, "DEBUG", "DIGEST")
		streams := streamsOf(func(words ...string) string { return ask(t, r, words...) }, "redis:")
		ask(t, r, "SAVE")
		f, err := os.Open(filepath.Join(server.Dir, "dump.rdb"))
		require.NoError(t, err)
		s := open(t, t.TempDir(), "appendonly", "no", "maxmemory-policy", policy)
		words := map[string]string{}
		require.NoError(t, rdb.ReadFile(f, s.engine.Keyspace(), rdb.ReadOptions{MaxString: 1 << 20,
			Word: func(name, value []byte) { words[string(name)] = string(value) }}))
		require.NoError(t, f.Close())
		assert.Equal(t, digest, s.do("DEBUG", "DIGEST"))
		assert.Equal(t, streams, streamsOf(s.do, "redis:"))
		assert.Equal(t, "64", words["redis-bits"])
		s.close()
	}
}
