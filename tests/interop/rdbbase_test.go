//go:build !js

package interop

import (
	le "encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/rdb"
)

// rdbBase gives the only base of the directory, which is RDB data with a checksum that is right.
func rdbBase(t *testing.T, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, dirname, "*.base.*"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	require.Regexp(t, `\.base\.rdb$`, names[0])
	b, err := os.ReadFile(names[0])
	require.NoError(t, err)
	at := len(b) - 8
	require.Equal(t, rdb.Checksum(0, b[:at]), le.LittleEndian.Uint64(b[at:]))
	return b
}

// With aof-use-rdb-preamble the base is an RDB file, with a checksum though rdbchecksum is off, which Redis 7.0 loads.
func TestABaseOfRDBGoesToRedis(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, "aof-use-rdb-preamble", "yes", "rdbchecksum", "no", "maxmemory-policy", "allkeys-lfu")
	fill(func(words ...string) { s.do(words...) }, "ours:")
	s.do("SET", "large", strings.Repeat("long ", 300_000), "EX", "5000")
	s.do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
	s.do("SET", "past", "v", "PX", "1")
	time.Sleep(5 * time.Millisecond)
	s.rewrite()
	base := rdbBase(t, dir)
	assert.Equal(t, "REDIS0010", string(base[:9]))
	assert.Contains(t, string(base), "\xfa\x08aof-base\xc0\x01")
	assert.NotContains(t, string(base), "past", "it was past its time at the cut")
	fill(func(words ...string) { s.do(words...) }, "behind:")
	digest, streams := s.do("DEBUG", "DIGEST"), streamsOf(s.do, "ours:")
	s.close()
	manifest, err := os.ReadFile(filepath.Join(dir, dirname, "appendonly.aof.manifest"))
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^file appendonly\.aof\.\d+\.base\.rdb seq \d+ type b id [0-9a-f]{16} len \d+ cut-lsn \d+ cut-sum [0-9a-f]{16}$`, string(manifest))

	checked(t, copied(t, dir))
	r, stop := redis(t, copied(t, dir))
	assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"))
	assert.Equal(t, streams, streamsOf(func(words ...string) string { return ask(t, r, words...) }, "ours:"))
	assert.Equal(t, "$-1\r\n", ask(t, r, "GET", "past"))
	stop()

	s = open(t, dir)
	assert.Equal(t, digest, s.do("DEBUG", "DIGEST"))
	assert.Equal(t, streams, streamsOf(s.do, "ours:"))
	s.close()
}

// The form is asked for each time: CONFIG SET decides about the next base, and CONFIG REWRITE keeps it (tests/server).
func TestTheFormOfABaseIsChangedByConfigSet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	assert.Contains(t, s.do("CONFIG", "GET", "aof-use-rdb-preamble"), "\r\nno\r\n")
	fill(func(words ...string) { s.do(words...) }, "ours:")
	s.do("SET", "large", strings.Repeat("long ", 300_000), "EX", "5000")
	s.do("SET", "large too", strings.Repeat("long ", 300_000))
	s.do("CONFIG", "SET", "aof-use-rdb-preamble", "yes")
	s.rewrite()
	rdbBase(t, dir)
	s.do("CONFIG", "SET", "aof-use-rdb-preamble", "no")
	s.do("BGREWRITEAOF")
	for n := 0; !strings.Contains(s.do("INFO", "persistence"), "aof_rewrites:2\r\n"); n++ {
		require.Less(t, n, 5000)
		s.engine.Tick(time.Now().UnixMilli())
		time.Sleep(time.Millisecond)
	}
	digest := s.do("DEBUG", "DIGEST")
	s.close()
	names, err := filepath.Glob(filepath.Join(dir, dirname, "*.base.*"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	require.Regexp(t, `\.base\.aof$`, names[0])
	checked(t, dir)
	r, stop := redis(t, dir)
	assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"))
	stop()
}

// What a Redis wrote is taken over in the form that is asked for, and so is the first base of a log that is turned on.
func TestEveryBaseHasTheFormThatIsAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	fill(func(words ...string) { s.do(words...) }, "ours:")
	s.close()
	r, stop := redis(t, dir)
	ask(t, r, "SET", "naked", "v")
	digest := ask(t, r, "DEBUG", "DIGEST")
	stop()
	s = open(t, dir, "aof-use-rdb-preamble", "yes")
	rdbBase(t, dir)
	s.close()
	checked(t, copied(t, dir))
	r, stop = redis(t, copied(t, dir))
	assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"), "behind the fresh base of an opening")
	stop()

	dir = t.TempDir()
	s = open(t, dir, "aof-use-rdb-preamble", "yes", "appendonly", "no")
	fill(func(words ...string) { s.do(words...) }, "ours:")
	digest = s.do("DEBUG", "DIGEST")
	s.do("CONFIG", "SET", "appendonly", "yes")
	for n := 0; !strings.Contains(s.do("INFO", "persistence"), "aof_rewrites:1\r\n"); n++ {
		require.Less(t, n, 5000)
		s.engine.Tick(time.Now().UnixMilli())
		time.Sleep(time.Millisecond)
	}
	rdbBase(t, dir)
	s.close()
	checked(t, copied(t, dir))
	r, stop = redis(t, copied(t, dir))
	assert.Equal(t, digest, ask(t, r, "DEBUG", "DIGEST"), "of a log that was turned on")
	stop()
}
