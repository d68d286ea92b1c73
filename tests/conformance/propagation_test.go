package conformance

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/resp"
	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSamePropagationAsRedis runs scripts on both and compares what stands in the logs, command by command. Absolute times may
// differ by the moment of their execution.
func TestSamePropagationAsRedis(t *testing.T) {
	scripts, err := filepath.Glob("testdata/propagation/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			store := memfs.New()
			x := openTarget(t, store)
			runBoth(t, readScript(t, path), "2", server, x, nil)
			x.close()
			data, err := os.ReadFile(filepath.Join(server.Dir, "appendonlydir", "appendonly.aof.1.incr.aof"))
			require.NoError(t, err)
			sameCommands(t, logged(t, data), logged(t, incrOf(t, store)))
		})
	}
}

// TestSamePropagationOfRandomCommands is the same with the commands of testdata/random.
func TestSamePropagationOfRandomCommands(t *testing.T) {
	for seed := range uint64(2) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			g := readGrammar(t, "testdata/random/commands.txt", 1000+seed)
			server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "no")
			store := memfs.New()
			x := openTarget(t, store)
			conn := server.Connect(t)
			for range 4000 {
				words := g.command().words
				if words[0] == "BITFIELD" && slices.Contains(words, "FAIL") {
					continue // what fails may have made the key, which Redis does not log
				}
				_, err := conn.Do(words...)
				require.NoError(t, err)
				x.do(0, words...)
			}
			x.close()
			data, err := os.ReadFile(filepath.Join(server.Dir, "appendonlydir", "appendonly.aof.1.incr.aof"))
			require.NoError(t, err)
			sameCommands(t, logged(t, data), logged(t, incrOf(t, store)))
		})
	}
}

func incrOf(t *testing.T, store *memfs.Store) []byte {
	return filesOf(t, store)["appendonly.aof.1.incr.aof"]
}

// filesOf gives all files of a store that nobody has open.
func filesOf(t *testing.T, store *memfs.Store) map[string][]byte {
	fs, err := store.Open()
	require.NoError(t, err)
	defer fs.Close()
	names, err := fs.List(context.Background())
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, name := range names {
		f, err := fs.Open(context.Background(), name)
		require.NoError(t, err)
		files[name] = make([]byte, f.Size())
		if f.Size() > 0 {
			_, err = f.ReadAt(files[name], 0)
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
	return files
}

// logged gives the commands of a log without annotations, which stand between commands.
func logged(t *testing.T, data []byte) (commands []string) {
	var p resp.Parser
	for _, line := range strings.SplitAfter(string(data), "\r\n") {
		if p.Buffered() == 0 && strings.HasPrefix(line, "#") {
			continue
		}
		p.Feed([]byte(line))
		words, err := p.Next()
		require.NoError(t, err)
		if words == nil {
			continue
		}
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = strconv.Quote(string(w))
		}
		quoted[0] = strings.ToUpper(quoted[0])
		commands = append(commands, strings.Join(quoted, " "))
		p.Keep()
	}
	return commands
}

func sameCommands(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		w, g := strings.Fields(want[i]), strings.Fields(got[i])
		for k := range min(len(w), len(g)) {
			if closeTimes(w[k], g[k]) {
				g[k] = w[k]
			}
		}
		require.Equal(t, strings.Join(w, " "), strings.Join(g, " "), "command %d of the log", i)
	}
	assert.Equal(t, len(want), len(got), "commands in the log: Redis %q, ours %q", want[min(len(got), len(want)):], got[min(len(got), len(want)):])
}

// closeTimes tells whether both words are times in ms, some seconds apart at most.
func closeTimes(a, b string) bool {
	x, errX := strconv.ParseInt(strings.Trim(a, `"`), 10, 64)
	y, errY := strconv.ParseInt(strings.Trim(b, `"`), 10, 64)
	return errX == nil && errY == nil && x > 1e12 && y > 1e12 && max(x-y, y-x) < 10_000
}
