//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	goflag "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage/osfs"
)

func printed(t *testing.T, args ...string) (code int, out, errs string) {
	o, err := parseCat(args)
	require.NoError(t, err)
	var w, e bytes.Buffer
	code = cat(context.Background(), o, &w, &e)
	return code, w.String(), e.String()
}

func TestCatPrintsWhatIsWanted(t *testing.T) {
	dir := copied(t, "closed")
	for name, args := range map[string][]string{
		"all":        nil,
		"lsn":        {"--from-lsn", "4", "--to-lsn", "6"},
		"time":       {"--from-time", "1700000002", "--to-time", "2023-11-14T22:13:22Z"},
		"key":        {"--key", "na*", "--key", "nothing"},
		"command":    {"--command", "del", "--command", "append"},
		"db":         {"--db", "1"},
		"json":       {"--json"},
		"raw":        {"--raw", "--db", "1"},
		"no-values":  {"--no-values"},
		"max-len":    {"--max-len", "2", "--key", "name"},
		"nothing":    {"--key", "nothing"},
		"json short": {"--json", "--max-len", "2", "--command", "set"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := printed(t, append(args, dir)...)
			assert.Equal(t, exitClean, code)
			assert.Empty(t, errs)
			golden(t, "cat "+name+".txt", out)
		})
	}
}

func TestCatGoesToTheEndOfADamagedLogAndBeyondIfToldSo(t *testing.T) {
	dir := copied(t, "damaged")
	code, out, errs := printed(t, dir)
	assert.Equal(t, exitDamaged, code)
	assert.NotContains(t, out, "other")
	assert.Contains(t, errs, "--force prints")
	code, more, _ := printed(t, "--force", dir)
	assert.Equal(t, exitDamaged, code)
	assert.True(t, strings.HasPrefix(more, out))
	assert.Contains(t, more, "# behind the end of the log")
	assert.Contains(t, more, `"last"`)
	code, _, _ = printed(t, copied(t, "torn"))
	assert.Equal(t, exitTorn, code)
	code, _, errs = printed(t, filepath.Join(dir, "none"))
	assert.Equal(t, exitUnreadable, code)
	assert.NotEmpty(t, errs)
}

func TestCatPrintsARedisLogByItsPlaces(t *testing.T) {
	code, out, _ := printed(t, copied(t, "redis"))
	assert.Equal(t, exitTorn, code)
	golden(t, "cat redis.txt", out)
}

// Any byte may stand in a word; a key may stand at any place that the command's key specs name.
func TestCatQuotesAndFindsKeys(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "appendonly.aof")
	text := "*4\r\n$3\r\nDEL\r\n$1\r\na\r\n$4\r\n\x00\xff\"\\\r\n$1\r\nb\r\n*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$1\r\nb\r\n*5\r\n$11\r\nZUNIONSTORE\r\n$1\r\nz\r\n$1\r\n2\r\n$1\r\nb\r\n$1\r\nd\r\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	_, out, _ := printed(t, "--key", "b", dir)
	assert.Equal(t, "appendonly.aof:0 [0] \"DEL\" \"a\" \"\\x00\\xff\\\"\\\\\" \"b\"\nappendonly.aof:64 [0] \"ZUNIONSTORE\" \"z\" \"2\" \"b\" \"d\"\n", out)
	_, out, _ = printed(t, "--json", "--key", "a", path)
	var u unitJSON
	require.NoError(t, json.Unmarshal([]byte(out), &u))
	assert.Equal(t, []any{"DEL", "a", map[string]any{"base64": "AP8iXA=="}, "b"}, u.Commands[0].Args)
	_, out, _ = printed(t, "--raw", path)
	assert.Equal(t, text, out)
}

// Of RDB data the commands are printed that make them.
func TestCatPrintsRDBDataAsCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump.rdb")
	require.NoError(t, os.WriteFile(path, []byte("REDIS0010\xfe\x02\x00\x01a\x01b\xfc\xe8\x03\x00\x00\x00\x00\x00\x00\x01\x01l\x02\x01x\x01y\xff\x00\x00\x00\x00\x00\x00\x00\x00"), 0o644))
	code, out, errs := printed(t, path)
	assert.Equal(t, exitClean, code, errs)
	assert.Contains(t, out, `dump.rdb [2] "SET" "a" "b"`)
}

func TestCatRefusesWhatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{nil, {"a", "b"}, {"--key"}, {"--from-lsn", "x", "a"}, {"--to-lsn", "0", "a"}, {"--db", "-1", "a"},
		{"--from-time", "soon", "a"}, {"--raw", "--json", "a"}, {"--no-values", "--max-len", "1", "a"}, {"--what", "a"}} {
		_, err := parseCat(args)
		assert.Error(t, err, args)
	}
	_, err := parseCat([]string{"--help"})
	assert.ErrorIs(t, err, goflag.ErrHelp)
	o, err := parseCat([]string{"--db", "3", "a", "--key", "k*", "--key", "l"})
	require.NoError(t, err, "the path may stand anywhere")
	assert.Equal(t, catOptions{path: "a", db: 3, maxLen: -1, globs: [][]byte{[]byte("k*"), []byte("l")}}, o)
}

// The requests of clients that a block names are told before its first unit.
func TestCatShowsTheRequestsThatBlocksName(t *testing.T) {
	dir := t.TempDir()
	fs, err := osfs.Open(dir)
	require.NoError(t, err)
	e, err := core.Open(context.Background(), core.Options{FS: fs, Now: 1_700_000_000_000, Seed: 1})
	require.NoError(t, err)
	s := e.NewSession(core.SessionOptions{Client: 0xabc, Next: 5})
	for _, lines := range []string{"SET k v\r\nGET k\r\nINCR n\r\n", "LPUSH l a\r\nSET k " + strings.Repeat("v", 70) + "\r\nGETSET k w\r\n"} {
		e.Turn(1_700_000_000_000)
		s.Feed([]byte(lines))
		e.EndTurn()
	}
	require.NoError(t, e.Close(context.Background()))
	require.NoError(t, fs.Close())

	code, out, errs := printed(t, "--max-len", "3", dir)
	assert.Equal(t, exitClean, code, errs)
	assert.Equal(t, `# request 0000000000000abc=5 "+OK\r\n"
# request 0000000000000abc=7 ":1\r\n"
2 [0] "SET" "k" "v"
2 [0] "INCR" "n"
# request 0000000000000abc=8 ":1\r\n"
# request 0000000000000abc=9 "+OK\r\n"
# request 0000000000000abc=10
3 [0] "LPUSH" "l" "a"
3 [0] "SET" "k" "vvv"<and 67 bytes>
3 [0] "SET" "k" "w"
`, out)
	_, out, _ = printed(t, "--json", "--command", "LPUSH", dir)
	assert.Contains(t, out, `"requests":[{"client":"0000000000000abc","number":8,"reply":":1\r\n"},{"client":"0000000000000abc","number":9,"reply":"+OK\r\n"},{"client":"0000000000000abc","number":10}]`)
	_, out, _ = printed(t, "--raw", dir)
	assert.NotContains(t, out, "REQ")
	_, out, _ = printed(t, "--no-values", dir)
	assert.Contains(t, out, "# request 0000000000000abc=5 <5 bytes>\n")
}
