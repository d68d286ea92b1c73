package core

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/keyspace"
)

// A store that was opened to be read refuses whatever may change it, in a transaction too.
func TestAStoreOpenedToBeReadIsNotWritten(t *testing.T) {
	e, err := Open(context.Background(), Options{Now: start, Seed: 1, ReadOnly: true, Load: func(to aof.Replayer, _ *keyspace.Keyspace) error {
		return to.Replay([][]byte{[]byte("SET"), []byte("k"), []byte("v")})
	}})
	require.NoError(t, err)
	x := &saving{Engine: e, t: t, at: start, s: e.NewSession(SessionOptions{})}
	const refused = "-READONLY The store was opened to be read only."
	for line, want := range map[string]string{
		"SET k w":                 refused,
		"FLUSHALL":                refused,
		"GETDEL k":                refused,
		"BLPOP list 0":            refused,
		"GET k":                   "$1 v",
		"SELECT 1":                "+OK",
		"SCAN 0":                  "*2 $1 0 *1 $1 k",
		"CONFIG SET hz 10":        "+OK",
		"SORT k STORE elsewhere":  refused,
		"GEORADIUS k 1 1 1 m":     refused, // as Redis: it could store
		"GEORADIUS_RO g 1 1 1 m":  "*0",
		"PUBLISH channel message": ":0",
	} {
		assert.Equal(t, want, x.do(line), line)
		x.do("SELECT 0")
	}
	x.do("MULTI", "SET k w")
	assert.Contains(t, x.do("EXEC"), "-EXECABORT")
	assert.Equal(t, "$1 v", x.do("GET k"))
}
