package conformance

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// While a BGSAVE or a rewrite is under way: Redis's child is slow, and ours waits for a tick.
func TestSameRepliesWhileSaving(t *testing.T) {
	for _, name := range []string{"saving", "rewriting", "transaction"} {
		for _, proto := range []string{"2", "3"} {
			t.Run(name+"/resp"+proto, func(t *testing.T) {
				t.Parallel()
				server := redistest.Start(t, "--rdb-key-save-delay", "300000")
				x := openTarget(t, memfs.New())
				runBoth(t, readScript(t, "testdata/save/"+name+".txt"), proto, server, x, nil)
				x.close()
			})
		}
	}
}

// When a BGSAVE has failed, for want of a directory there.
func TestSameRepliesAfterAFailedSave(t *testing.T) {
	for _, proto := range []string{"2", "3"} {
		t.Run("resp"+proto, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			x := openTarget(t, memfs.New())
			x.dumps.Fail = func(op string) error {
				if op == "commit" {
					return storage.ErrQuota
				}
				return nil
			}
			require.NoError(t, os.Remove(server.Dir))
			c := server.Connect(t)
			both := func(want string, words ...string) {
				reply, err := c.Do(words...)
				require.NoError(t, err)
				require.Equal(t, want, string(reply))
				require.Equal(t, want, string(x.do(9, words...)))
			}
			both("+OK\r\n", "CONFIG", "SET", "save", "10000 1")
			both("+OK\r\n", "SET", "a", "b")
			both("-ERR\r\n", "SAVE")
			both("+Background saving started\r\n", "BGSAVE")
			for n := 0; ; n++ {
				require.Less(t, n, 2000, "it does not fail")
				x.engine.Tick(time.Now().UnixMilli())
				ours := string(x.do(9, "INFO", "persistence"))
				theirs, err := c.Do("INFO", "persistence")
				require.NoError(t, err)
				const failed = "rdb_last_bgsave_status:err"
				if strings.Contains(ours, failed) && strings.Contains(string(theirs), failed) {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			runBoth(t, readScript(t, "testdata/save/failed.txt"), proto, server, x, nil)
			require.NoError(t, os.Mkdir(server.Dir, 0o755))
			x.dumps.Fail = nil
			x.close()
		})
	}
}

// The fields of INFO's persistence are Redis's, in its order; what only we tell comes behind.
func TestInfoPersistenceHasRedissFields(t *testing.T) {
	fields := func(info []byte) (names []string) {
		for line := range strings.Lines(string(info)) {
			if name, _, ok := strings.Cut(line, ":"); ok {
				names = append(names, name)
			}
		}
		return names
	}
	server := redistest.Start(t)
	c := server.Connect(t)
	theirs, err := c.Do("INFO", "persistence")
	require.NoError(t, err)
	want := fields(theirs)
	if i := slices.Index(want, "aof_current_size"); i >= 0 { // of a log that is on
		want = want[:i]
	}
	require.Contains(t, want, "current_cow_size")
	x := openTarget(t, memfs.New())
	defer x.close()
	require.Equal(t, want, fields(x.do(9, "INFO", "persistence"))[:len(want)])
}
