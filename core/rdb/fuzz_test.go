package rdb

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

// FuzzRestore: any bytes are refused, or are a value that can be dumped and restored again. The first byte chooses limits.
func FuzzRestore(f *testing.F) {
	for i, g := range goldens {
		f.Add(byte(i), []byte(g.body))
	}
	f.Fuzz(func(t *testing.T, how byte, body []byte) {
		db := newDB()
		if limits := &db.Keyspace().Limits; how&1 != 0 {
			limits.HashMaxListpackEntries, limits.ZSetMaxListpackEntries, limits.SetMaxListpackEntries, limits.SetMaxIntsetEntries = 2, 2, 2, 2
			limits.ListMaxListpackSize = 2
			limits.NoListpackSets, limits.ListsAlwaysQuicklist = how&2 != 0, how&2 != 0
		}
		v, err := Restore(body, Version, 1<<20, db, key)
		if err != nil {
			require.Equal(t, ErrFormat, err)
			return
		}
		v.Store(keyspace.NoExpiry)
		e, ok := db.Find(key)
		require.True(t, ok)
		_, want, _ := strings.Cut(described(e), " ")
		o := Options{Version: 10 + int(how>>2&1), Compress: how&8 != 0}
		payload, ok := AppendDump(nil, e, o)
		require.True(t, ok)
		again, err := Payload(payload, o.Version)
		require.NoError(t, err)
		v, err = Restore(again, Version, 1<<20, db, []byte("again"))
		require.NoError(t, err, "%q became %q", body, again)
		v.Store(keyspace.NoExpiry)
		e, ok = db.Find([]byte("again"))
		require.True(t, ok)
		_, got, _ := strings.Cut(described(e), " ") // a quicklist may have become a listpack
		switch {
		case e.Type() != keyspace.Stream:
			require.Len(t, got, len(want)) // members may come in another order
		case o.Version >= 11 || body[0] != byte(TypeStream3): // else the times of consumers are lost
			require.Equal(t, want, got)
		}
		change(db)
	})
}

// change does to the value what relies on its form.
func change(db *keyspace.DB) {
	e, _ := db.Find(key)
	switch e.Type() {
	case keyspace.List:
		l := e.List()
		first, _ := l.Index(0)
		l.PushTail(bytes.Clone(first))
		l.RemoveEqual(bytes.Clone(first), 0, true)
		l.Commit()
	case keyspace.Set:
		s := e.Set()
		s.Add([]byte("12"))
		s.Remove([]byte("12"))
		s.Commit()
	case keyspace.Hash:
		h := e.Hash()
		h.Set([]byte("12"), []byte("v"))
		h.Delete([]byte("12"))
		h.Commit()
	case keyspace.Stream:
		changeStream(e.Stream())
	case keyspace.ZSet:
		z := e.ZSet()
		z.Set([]byte("12"), 0.5)
		z.Remove([]byte("12"))
		z.Commit()
	}
}

// FuzzLZF: any bytes expand to no more than was said, and what is compressed comes back.
func FuzzLZF(f *testing.F) {
	f.Add([]byte("\x00a\xe0\x01\x00"), uint64(11))
	f.Fuzz(func(t *testing.T, b []byte, n uint64) {
		n %= 1 << 20
		if out, ok := lzfExpand(nil, b, n); ok {
			require.Len(t, out, int(n))
		} else {
			require.LessOrEqual(t, uint64(len(out)), n+lzfMaxMatch)
		}
		packed, ok := lzfCompress(nil, b, 2*len(b)+16)
		require.True(t, ok)
		out, ok := lzfExpand(nil, packed, uint64(len(b)))
		require.True(t, ok)
		require.True(t, bytes.Equal(b, out))
	})
}
