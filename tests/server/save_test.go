package server

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/tests/redistest"
)

// savedLists reads an RDB file and checks that it is whole and consistent; it gives the lengths of the lists.
func savedLists(t *testing.T, path string) (lengths [4]int) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	ks := keyspace.New(keyspace.Options{Seed: 1})
	require.NoError(t, rdb.ReadFile(f, ks, rdb.ReadOptions{MaxString: 1 << 20}), "a torn file")
	for i := range lengths {
		e, ok := ks.DB(0).Find([]byte("list:" + strconv.Itoa(i)))
		if !ok {
			continue
		}
		n := 0
		e.List().Range(0, false, func(_ int, v []byte) bool {
			n++
			require.Equal(t, strconv.Itoa(n), string(v))
			return true
		})
		count, ok := ks.DB(0).Find([]byte("count:" + strconv.Itoa(i)))
		require.True(t, ok)
		require.Equal(t, strconv.Itoa(n), string(count.Bytes(nil)), "half a transaction")
		lengths[i] = n
	}
	return lengths
}

// Killed at any moment of a BGSAVE, under load: the file is the old one or the new one, of one moment, and the log has all.
func TestAKilledSaveLeavesAWholeFile(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	for range max(4, kills(t)/2) {
		s := serve(t, dir, "--appendfsync", "no")
		require.NotContains(t, strings.Join(namesIn(t, dir), " "), "temp-", "what the last one left unfinished is gone")
		s.do(s.connect(), "FLUSHALL")
		l := startLoad(s)
		saves := s.connect()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				if _, err := saves.Do("BGSAVE"); err != nil {
					return
				}
			}
		}()
		require.Eventually(t, func() bool { return exists(path) }, 20*time.Second, time.Millisecond)
		time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		s.signal(syscall.SIGKILL)
		l.stop()
		<-ended
		for i, n := range savedLists(t, path) {
			require.LessOrEqual(t, n, l.clients[i].sent)
		}
		require.NoError(t, os.Remove(path))
		s = serve(t, dir)
		l.check(s)
		require.Equal(t, 0, s.signal(syscall.SIGTERM))
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func namesIn(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// The parameter save: files by themselves, and one at the end.
func TestSavePointsAreKept(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "--save", "1 1", "--dbfilename", "other.rdb")
	c := s.connect()
	require.Equal(t, "+OK\r\n", s.do(c, "SET", "a", "b"))
	require.Eventually(t, func() bool { return exists(filepath.Join(dir, "other.rdb")) }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, "+OK\r\n", s.do(c, "CONFIG", "SET", "save", "10000 10000"))
	require.Equal(t, ":1\r\n", s.do(c, "RPUSH", "list:0", "1"))
	require.Equal(t, ":1\r\n", s.do(c, "INCR", "count:0"))
	require.Equal(t, 0, s.signal(syscall.SIGTERM))
	assert.Contains(t, s.stderr.String(), "Saving the final RDB snapshot before exiting.")
	assert.Equal(t, 1, savedLists(t, filepath.Join(dir, "other.rdb"))[0])
	out, err := exec.Command("redis-check-rdb", filepath.Join(dir, "other.rdb")).CombinedOutput()
	require.NoError(t, err, "%s", out)

	s = serve(t, dir, "--save", "1000 1000", "--dbfilename", "third.rdb")
	_, err = s.connect().Write(redistest.Request("SHUTDOWN", "NOSAVE"))
	require.NoError(t, err)
	<-s.exited
	assert.False(t, exists(filepath.Join(dir, "third.rdb")))
}
