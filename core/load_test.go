package core

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// A plain SET of the log goes to the keyspace past the command table. It leaves what the command left: over keys of each type, over one with a
// time, integers, and values of all encodings.
func TestPlainSetsLoadAsTheyRan(t *testing.T) {
	store := memfs.New()
	var e *Engine
	open := func() (done func()) {
		fs, err := store.Open()
		require.NoError(t, err)
		e, err = Open(context.Background(), Options{FS: fs, Now: start, Seed: 1})
		require.NoError(t, err)
		return func() {
			require.NoError(t, e.Close(context.Background()))
			require.NoError(t, fs.Close())
		}
	}
	run := func(lines ...string) string {
		s := e.NewSession(SessionOptions{})
		e.Turn(start)
		s.Feed([]byte(strings.Join(lines, "\r\n") + "\r\n"))
		e.EndTurn()
		return string(s.Output())
	}
	ask := []string{"DBSIZE"}
	for _, key := range []string{"timed", "list", "hash", "int", "short", "raw", "boxed", "again"} {
		ask = append(ask, "TYPE "+key, "OBJECT ENCODING "+key, "PTTL "+key, "GET "+key)
	}
	done := open()
	out := run("SET timed v EX 100", "set timed w", "RPUSH list a", "SET list x", "HSET hash f v", "Set hash y", "SET int 1234567", "SET short ab",
		"SET raw "+strings.Repeat("r", 60), "SET boxed "+strings.Repeat("b", 5000), "SET again one", "SET again 2", "SELECT 3", "SET other z")
	require.NotContains(t, out, "-ERR")
	was, other := run(ask...), run("SELECT 3", "GET other", "DBSIZE")
	require.Contains(t, was, "$3\r\nint\r\n")
	done()
	defer open()()
	assert.Equal(t, was, run(ask...))
	assert.Equal(t, other, run("SELECT 3", "GET other", "DBSIZE"))
}
