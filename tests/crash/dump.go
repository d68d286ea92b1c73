package crash

import (
	"bytes"
	"strconv"

	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
	"tabdis/core/storage/faultfs"
)

// failDump lets every fifth operation on RDB files fail.
func (w *world) failDump(string) error {
	if w.dumpOps++; w.dumpOps%5 == 0 {
		return faultfs.ErrInjected
	}
	return nil
}

// checkDump reads the RDB file, if it is a new one: it is whole, and holds a state that was.
func (w *world) checkDump() {
	file := w.dumps.File("dump.rdb")
	if bytes.Equal(file, w.dumped) {
		return
	}
	w.dumped = file
	ks := keyspace.New(keyspace.Options{Databases: databases, Seed: 1})
	require.NoError(w, rdb.ReadFile(bytes.NewReader(file), ks, rdb.ReadOptions{MaxString: 1 << 20}), "%s: a torn RDB file", w)
	got := contentsOf(ks)
	got = got.at(w.now)
	for i := len(w.states) - 1; i >= 0; i-- {
		if want := w.states[i].at(w.now); want.difference(&got) == "" {
			return
		}
	}
	require.Fail(w, "an RDB file with a state that never was", "%s", w)
}

func contentsOf(ks *keyspace.Keyspace) state {
	s := newState()
	for db := range s {
		ks.DB(db).Each(func(e keyspace.Entry) bool {
			v := value{items: map[string]string{}}
			switch e.Type() {
			case keyspace.String:
				v.str = string(e.Bytes(nil))
			case keyspace.List:
				e.List().Range(0, false, func(_ int, b []byte) bool { v.list = append(v.list, string(b)); return true })
			case keyspace.Set:
				e.Set().Each(func(m []byte) bool { v.items[string(m)] = ""; return true })
			case keyspace.Hash:
				e.Hash().Each(func(f, b []byte) bool { v.items[string(f)] = string(b); return true })
			case keyspace.ZSet:
				e.ZSet().Each(func(m []byte, score float64) bool {
					v.items[string(m)] = string(resp.AppendDouble(nil, score))
					return true
				})
			default:
				panic("a type that no command makes: " + strconv.Itoa(int(e.Type())))
			}
			if at := e.ExpiresAt(); at != keyspace.NoExpiry {
				v.expiry = at
			}
			s[db][string(e.Key())] = v
			return true
		})
	}
	return s
}
