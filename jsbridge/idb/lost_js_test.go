//go:build js && wasm

package idb

import (
	"bytes"
	"strconv"
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// alter changes a store behind the back of whoever has it open.
func alter(t *testing.T, name string, fill func(t *tx) error) {
	t.Helper()
	c, err := connect(ctx, name, true)
	require.NoError(t, err)
	require.NoError(t, c.run("readwrite", strict, fill))
	require.NoError(t, c.close())
}

func remove(t *tx, store string, key any) error { return t.call(store, "delete", nil, key) }

// three is a file of three chunks, written and not synced.
func three(t *testing.T, fs *FS, name string) *file {
	t.Helper()
	f := create(t, fs, name)
	for range 3 {
		require.NoError(t, f.Append([]byte("0123456789")))
		require.NoError(t, written(f))
	}
	return f
}

func cutOff(t *testing.T, fs *FS) {
	t.Helper()
	_, err := fs.conn.db.Call("close")
	require.NoError(t, err)
}

func TestWhatHasVanishedWithAConnectionIsFoundBeforeAnythingIsWritten(t *testing.T) {
	for name, loss := range map[string]func(t *tx, f *file) error{
		"the first chunk":      func(t *tx, f *file) error { return remove(t, chunksStore, key(f.number, 0)) },
		"the last chunk":       func(t *tx, f *file) error { return remove(t, chunksStore, key(f.number, 20)) },
		"bytes of the last":    func(t *tx, f *file) error { return t.putChunks(f.number, []chunk{{20, []byte("012345678")}}) },
		"a chunk between them": func(t *tx, f *file) error { return t.putChunks(f.number, []chunk{{15, []byte("x")}}) },
		"the name":             func(t *tx, f *file) error { return remove(t, namesStore, f.name) },
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			fs := open(t, store)
			f, other := three(t, fs, "log"), create(t, fs, "other")
			alter(t, store, func(t *tx) error { return loss(t, f) })
			cutOff(t, fs)
			require.NoError(t, f.Append([]byte("more")))
			require.ErrorIs(t, sync(f, true), storage.ErrCorrupt)
			require.ErrorIs(t, f.Append([]byte("more")), storage.ErrCorrupt, "it sticks")
			require.ErrorIs(t, f.Truncate(ctx, 0), storage.ErrCorrupt, "what had completed is not sound")
			require.NoError(t, other.Append([]byte("x")))
			require.NoError(t, sync(other, true))
			require.NoError(t, fs.Close())
		})
	}
}

func TestALostConnectionIsOpenedAgainToRead(t *testing.T) {
	fs := open(t, newStore(t))
	f := three(t, fs, "log")
	cutOff(t, fs)
	b := make([]byte, 30)
	_, err := f.ReadAt(b, 0)
	require.NoError(t, err)
	assert.Equal(t, "012345678901234567890123456789", string(b))
	require.NoError(t, f.Close())
	cutOff(t, fs)
	assert.Len(t, read(t, fs, "log"), 30)
	require.NoError(t, fs.Close())
}

// The chunks of a transaction that was lost are put again as they were, though more has been appended since.
func TestWhatIsPutAgainIsNotRegrouped(t *testing.T) {
	for _, kind := range []string{"dropped", "committed", "closed", "abort:"} {
		t.Run(kind, func(t *testing.T) {
			faults, s := installFaults(t), watch(t)
			name := newStore(t)
			fs := open(t, name)
			f := create(t, fs, "log")
			s.take()
			faults.at(0, 2, kind)
			require.NoError(t, f.Append([]byte("one ")))
			result := make(chan error, 1)
			f.Sync(true, func(err error) { result <- err })
			for f.sent == 0 {
				pause()
			}
			require.NoError(t, f.Append([]byte("two")))
			require.NoError(t, <-result)
			require.NoError(t, sync(f, true))
			log := strings.Join(s.take(), "|")
			assert.Regexp(t, `^(strict:\|)*strict: 0\+4(\|strict:|\|strict: 0\+4)*(\|relaxed: 4\+3)?\|strict: 4\+3$`, log)
			require.NoError(t, fs.Close())
			fs = open(t, name)
			assert.Equal(t, "one two", read(t, fs, "log"))
			require.NoError(t, fs.Close())
			faults.uninstall()
		})
	}
}

func TestASyncIsNotServedByWhatIsUnderWay(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.take()
	require.NoError(t, f.Append([]byte("a")))
	for f.sent == 0 {
		pause()
	}
	require.NoError(t, sync(f, true))
	assert.Equal(t, []string{"relaxed: 0+1", "strict: 0+1"}, s.take())
	require.NoError(t, fs.Close())
}

func TestSilence(t *testing.T) {
	for _, kind := range []string{"silent", "mute"} {
		t.Run(kind, func(t *testing.T) {
			hurry(t)
			faults := installFaults(t)
			name := newStore(t)
			fs := open(t, name)
			f := create(t, fs, "log")
			faults.at(0, 1, kind)
			require.NoError(t, f.Append([]byte("x")))
			require.ErrorIs(t, sync(f, true), errSilent)
			require.ErrorIs(t, f.Append([]byte("x")), errSilent)
			assert.True(t, fs.conn.lost)
			other := create(t, fs, "other")
			require.NoError(t, other.Append([]byte("y")))
			require.NoError(t, sync(other, true))
			assert.False(t, fs.conn.lost, "another connection")
			require.NoError(t, f.Truncate(ctx, 0))
			require.NoError(t, fs.Close())
			fs = open(t, name)
			assert.Empty(t, read(t, fs, "log"))
			assert.Equal(t, "y", read(t, fs, "other"))
			require.NoError(t, fs.Close())
			faults.uninstall()
		})
	}
}

// A browser that is merely slow is not given up: what it is asked to stop it stops, and the connection stays.
func TestASlowTransactionIsAborted(t *testing.T) {
	hurry(t)
	fs := open(t, newStore(t))
	err := fs.conn.run("readwrite", strict, func(t *tx) error {
		var again func(safejs.Value) error
		again = func(safejs.Value) error { return t.call(metaStore, "get", again, epochKey) }
		return again(safejs.Null())
	})
	require.ErrorIs(t, err, errSilent)
	assert.False(t, fs.conn.lost)
	require.NoError(t, fs.Close())
}

func TestAnotherTabMayDeleteTheStore(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, Delete(ctx, name), "the connection does not stand in its way")
	require.NoError(t, f.Append([]byte("x")))
	require.ErrorIs(t, sync(f, true), errDeleted)
	require.ErrorIs(t, fs.Replace(ctx, "manifest", nil), errDeleted)
	_, err := connect(ctx, name, false)
	require.ErrorIs(t, err, errDeleted, "nobody has made it again")
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.EqualValues(t, 1, fs.Epoch())
	names, err := fs.List(ctx)
	require.NoError(t, err)
	assert.Empty(t, names)
	require.NoError(t, fs.Close())
}

// openRaw opens a database in the browser's own words.
func openRaw(t *testing.T, name string, version int) js.Value {
	t.Helper()
	promise := js.Global().Get("Function").New("name", "version", `return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, version);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	})`).Invoke(databasePrefix+name, version)
	db, err := host.Await(ctx, safejs.Safe(promise))
	require.NoError(t, err)
	return safejs.Unsafe(db)
}

func TestAnotherTabMayBringANewerVersion(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	db := openRaw(t, name, version+1)
	require.NoError(t, f.Append([]byte("x")))
	err := sync(f, true)
	require.ErrorIs(t, err, errNewer)
	require.ErrorIs(t, err, storage.ErrLocked)
	require.NoError(t, fs.Close())
	_, err = Open(ctx, name, Options{})
	require.ErrorIs(t, err, errNewer)
	db.Call("close")
}

func TestABlockedOpeningEnds(t *testing.T) {
	hurry(t)
	name := newStore(t)
	fs := open(t, name)
	require.NoError(t, fs.Close())
	db := openRaw(t, name, version) // which hears of no version change
	deleted := make(chan error, 1)
	go func() { deleted <- Delete(ctx, name) }()
	for range 5 {
		pause()
	}
	_, err := Open(ctx, name, Options{})
	require.ErrorIs(t, err, errBlocked)
	require.ErrorIs(t, err, storage.ErrLocked)
	db.Call("close")
	require.NoError(t, <-deleted)
	fs = open(t, name)
	assert.EqualValues(t, 1, fs.Epoch(), "it is a new one")
	require.NoError(t, fs.Close())
}

func TestNamesAreReadAgainAfterAnErrorThatLeftThemOpen(t *testing.T) {
	for kind, want := range map[string]string{"doubt:UnknownError": "new", "abort:UnknownError": "old"} {
		t.Run(kind, func(t *testing.T) {
			faults := installFaults(t)
			fs := open(t, newStore(t))
			require.NoError(t, fs.Replace(ctx, "manifest", []byte("old")))
			faults.at(0, 1, kind)
			require.Error(t, fs.Replace(ctx, "manifest", []byte("new")))
			assert.Equal(t, want, read(t, fs, "manifest"), "never an empty one")
			require.NoError(t, fs.Replace(ctx, "manifest", []byte("newest")))
			assert.Equal(t, "newest", read(t, fs, "manifest"))
			var count int
			require.NoError(t, fs.conn.read(func(t *tx) error {
				return t.call(chunksStore, "count", func(n safejs.Value) (err error) { count, err = n.Int(); return err })
			}))
			assert.Equal(t, 1, count, "and no chunk is left of what nobody names")
			faults.at(0, 1, kind)
			_, err := fs.Create(ctx, "log")
			require.Error(t, err)
			names, err := fs.List(ctx)
			require.NoError(t, err)
			assert.Equal(t, want == "new", len(names) == 2)
			require.NoError(t, fs.Close())
			faults.uninstall()
		})
	}
}

// A cut whose outcome is open leaves a file that takes no more.
func TestACutThatMayHaveHappened(t *testing.T) {
	for _, kind := range []string{"doubt:UnknownError", "abort:UnknownError"} {
		t.Run(kind, func(t *testing.T) {
			faults := installFaults(t)
			fs := open(t, newStore(t))
			f := three(t, fs, "log")
			faults.at(0, 1, kind)
			require.Error(t, f.Truncate(ctx, 15))
			require.Error(t, f.Append([]byte("x")))
			require.NoError(t, fs.Close())
			faults.uninstall()
		})
	}
	for _, kind := range []string{"committed", "dropped"} {
		t.Run(kind, func(t *testing.T) {
			faults := installFaults(t)
			fs := open(t, newStore(t))
			f := three(t, fs, "log")
			faults.at(0, 1, kind)
			require.NoError(t, f.Truncate(ctx, 15))
			require.NoError(t, f.Append([]byte("x")))
			require.NoError(t, f.Close())
			assert.Equal(t, "012345678901234x", read(t, fs, "log"))
			require.NoError(t, fs.Close())
			faults.uninstall()
		})
	}
}

func TestDamageOfAStoreIsRefused(t *testing.T) {
	object := func(text string) js.Value { return js.Global().Get("Function").New("return " + text).Invoke() }
	for name, damage := range map[string]func(t *tx, n float64) error{
		"a chunk is far away": func(t *tx, n float64) error { return t.putChunks(n, []chunk{{1 << 40, []byte("x")}}) },
		"a chunk is doubled":  func(t *tx, n float64) error { return t.putChunks(n, []chunk{{13, []byte("0123456789")}}) },
		"a chunk is too long": func(t *tx, n float64) error { return t.putChunks(n, []chunk{{10, []byte("0123456789-")}}) },
		"a chunk is empty":    func(t *tx, n float64) error { return t.putChunks(n, []chunk{{30, nil}}) },
		"a chunk is no bytes": func(t *tx, n float64) error { return t.call(chunksStore, "put", nil, "0123456789", key(n, 10)) },
		"a chunk is huge": func(t *tx, n float64) error {
			return t.call(chunksStore, "put", nil, object("{length: 2**50}"), key(n, 20))
		},
		"a chunk is larger than any": func(t *tx, n float64) error {
			return t.putChunks(n, []chunk{{20, make([]byte, maxChunk+1)}})
		},
		"an offset is no number":       func(t *tx, n float64) error { return t.call(chunksStore, "put", nil, "", []any{n, "x"}) },
		"an offset is no whole number": func(t *tx, n float64) error { return t.call(chunksStore, "put", nil, "", []any{n, 10.5}) },
		"an epoch is missing":          func(t *tx, n float64) error { return remove(t, metaStore, epochKey) },
		"an epoch is text":             func(t *tx, n float64) error { return t.call(metaStore, "put", nil, "one", epochKey) },
		"an epoch is a fraction":       func(t *tx, n float64) error { return t.call(metaStore, "put", nil, 1.5, epochKey) },
		"two names have a number":      func(t *tx, n float64) error { return t.call(namesStore, "put", nil, n, "other") },
		"a number is text":             func(t *tx, n float64) error { return t.call(namesStore, "put", nil, "x", "log") },
		"a number was never given":     func(t *tx, n float64) error { return t.call(namesStore, "put", nil, n*100, "other") },
		"a name is none":               func(t *tx, n float64) error { return t.call(namesStore, "put", nil, n+1, "a/b") },
		"a name is a number":           func(t *tx, n float64) error { return t.call(namesStore, "put", nil, n+1, 7) },
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			fs := open(t, store)
			f := three(t, fs, "log")
			require.NoError(t, fs.Close())
			alter(t, store, func(t *tx) error { return damage(t, f.number) })
			fs, err := Open(ctx, store, Options{})
			if err == nil {
				var f storage.File
				if f, err = fs.Open(ctx, "log"); err == nil {
					_, err = f.ReadAt(make([]byte, min(f.Size(), 100)), 0)
					require.NoError(t, f.Close())
				}
				require.NoError(t, fs.Close())
			}
			require.ErrorIs(t, err, storage.ErrCorrupt)
		})
	}
}

func TestADatabaseOfSomebodyElseIsNotTakenForAnEmptyStore(t *testing.T) {
	name := newStore(t)
	openRaw(t, name, version).Call("close")
	_, err := Open(ctx, name, Options{})
	require.ErrorIs(t, err, storage.ErrCorrupt)
	require.NotErrorIs(t, err, storage.ErrNotExist)
}

// Chunks as they come from random appends, syncs, truncations and losses of the connection: what is read is what was written.
func TestAFileUnderFaultsHoldsWhatWasAppended(t *testing.T) {
	faults := installFaults(t)
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	var want []byte
	kinds := []string{"dropped", "committed", "closed", "abort:"}
	for i := range 60 {
		faults.at(i%2, 1+i%2, kinds[i%len(kinds)])
		p := bytes.Repeat([]byte(strconv.Itoa(i)), 1+i*7%50)
		require.NoError(t, f.Append(p))
		want = append(want, p...)
		switch i % 5 {
		case 0:
			require.NoError(t, sync(f, true))
		case 1:
			require.NoError(t, written(f))
		case 2:
			pause()
		case 3:
			want = want[:len(want)*9/10]
			require.NoError(t, f.Truncate(ctx, int64(len(want))))
		}
		got := make([]byte, len(want))
		n, err := f.ReadAt(got, 0)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got[:n]), "after step %d", i)
	}
	faults.off()
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, string(want), read(t, fs, "log"))
	require.NoError(t, fs.Close())
}
