//go:build js && wasm

package idb

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/storagetest"
)

var ctx = context.Background()

var stores int

// newName gives a name that no other test of this origin has.
func newName() string {
	stores++
	return "idb-test-" + strconv.Itoa(stores) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
}

// newStore is a store that goes with the test.
func newStore(t *testing.T) string {
	name := newName()
	t.Cleanup(func() { require.NoError(t, Delete(ctx, name)) })
	return name
}

func open(t *testing.T, name string) *FS {
	t.Helper()
	fs, err := Open(ctx, name, Options{})
	require.NoError(t, err)
	return fs
}

func create(t *testing.T, fs *FS, name string) *file {
	t.Helper()
	f, err := fs.Create(ctx, name)
	require.NoError(t, err)
	return f.(*file)
}

func sync(f storage.File, now bool) error {
	result := make(chan error, 1)
	f.Sync(now, func(err error) { result <- err })
	return <-result
}

func written(f storage.LateWriter) error {
	result := make(chan error, 1)
	f.Written(func(err error) { result <- err })
	return <-result
}

func read(t *testing.T, fs *FS, name string) string {
	t.Helper()
	f, err := fs.Open(ctx, name)
	require.NoError(t, err)
	data := make([]byte, f.Size())
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return string(data)
}

// spy notes what the browser is asked to do: "strict: 0+100 100+5".
type spy struct {
	log   js.Value
	state js.Value
}

// install is in JavaScript, since a Go function cannot throw into it. broken names the exception that a put throws.
const install = `
	const transaction = IDBDatabase.prototype.transaction, put = IDBObjectStore.prototype.put;
	IDBDatabase.prototype.transaction = function (stores, mode, options) {
		if (mode === 'readwrite') {
			log.push(options.durability + ':');
		}
		return transaction.call(this, stores, mode, options);
	};
	IDBObjectStore.prototype.put = function (value, key) {
		if (this.name === 'chunks') {
			log[log.length - 1] += ' ' + key[1] + '+' + value.length;
			if (state.broken === 'abort') {
				const request = put.call(this, value, key);
				this.transaction.abort();
				return request;
			} else if (state.broken !== '') {
				throw new DOMException('broken by the test', state.broken);
			}
		}
		return put.call(this, value, key);
	};
	return () => {
		IDBDatabase.prototype.transaction = transaction;
		IDBObjectStore.prototype.put = put;
	};`

func watch(t *testing.T) *spy {
	s := &spy{log: js.Global().Get("Array").New(), state: js.Global().Get("Object").New()}
	s.breaks("")
	uninstall := js.Global().Get("Function").New("log", "state", install).Invoke(s.log, s.state)
	t.Cleanup(func() { uninstall.Invoke() })
	return s
}

// breaks makes puts of chunks fail from now on; "": no more.
func (s *spy) breaks(exception string) { s.state.Set("broken", exception) }

// take gives the log and begins a new one.
func (s *spy) take() (log []string) {
	for s.log.Length() > 0 {
		log = append(log, s.log.Call("shift").String())
	}
	return log
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		name := newStore(t)
		return storagetest.Opener(func() (storage.FS, error) {
			fs, err := Open(ctx, name, Options{Wait: 200 * time.Millisecond})
			if err != nil {
				return nil, err
			}
			return fs, nil
		})
	})
}

func TestSyncInTheTurnMakesOneStrictTransaction(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.take()
	require.NoError(t, f.Append(make([]byte, 60)))
	require.NoError(t, f.Append(make([]byte, 40)))
	require.NoError(t, sync(f, true))
	assert.Equal(t, []string{"strict: 0+100"}, s.take())
	require.NoError(t, sync(f, false))
	assert.Empty(t, s.take(), "nothing to do")
	require.NoError(t, fs.Close())
}

func TestALaterSyncPutsRelaxedChunksAgain(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.take()
	for range 2 {
		require.NoError(t, f.Append(make([]byte, 100)))
		require.NoError(t, written(f))
	}
	assert.Equal(t, []string{"relaxed: 0+100", "relaxed: 100+100"}, s.take())
	require.NoError(t, f.Append(make([]byte, 5)))
	require.NoError(t, sync(f, false))
	assert.Equal(t, []string{"strict: 0+100 100+100 200+5"}, s.take())
	require.NoError(t, f.Append(make([]byte, 1)))
	require.NoError(t, sync(f, true))
	assert.Equal(t, []string{"strict: 205+1"}, s.take())
	require.NoError(t, fs.Close())
}

func TestKeptBytesAreBounded(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.take()
	for range maxKept/maxChunk + 2 {
		require.NoError(t, f.Append(make([]byte, maxChunk)))
		require.NoError(t, written(f))
	}
	log := s.take()
	assert.Contains(t, log[len(log)-1], "strict: 0+1048576 ")
	assert.Empty(t, f.kept)
	require.NoError(t, fs.Close())
}

func TestNothingIsSentBehindAnAbortedTransaction(t *testing.T) {
	s := watch(t)
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, f.Append([]byte("good")))
	require.NoError(t, sync(f, true))
	s.take()
	s.breaks("QuotaExceededError")
	require.NoError(t, f.Append([]byte("first")))
	results := make(chan error, 3)
	f.Sync(true, func(err error) { results <- err })
	f.Written(func(err error) { results <- err })
	require.NoError(t, f.Append([]byte("second")), "not known yet")
	for range 2 {
		err := <-results
		require.ErrorIs(t, err, storage.ErrQuota)
		assert.Contains(t, err.Error(), "QuotaExceededError: broken by the test")
	}
	assert.Len(t, s.take(), 1)
	s.breaks("")
	require.ErrorIs(t, f.Append([]byte("third")), storage.ErrQuota, "it sticks")
	require.ErrorIs(t, sync(f, true), storage.ErrQuota)
	require.ErrorIs(t, written(f), storage.ErrQuota)
	assert.Empty(t, s.take())
	require.ErrorIs(t, f.Truncate(ctx, 5), storage.ErrQuota, "not what is missing")
	require.NoError(t, f.Truncate(ctx, 4))
	require.NoError(t, f.Append([]byte("-again")))
	require.NoError(t, sync(f, true))
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, "good-again", read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

// The browser gives no reason when the transaction was aborted without an error, as with a connection that it closes.
func TestAnAbortWithoutAReasonIsAnError(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.breaks("abort")
	require.NoError(t, f.Append([]byte("x")))
	err := sync(f, true)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "AbortError")
	s.breaks("")
	require.NoError(t, f.Truncate(ctx, 0))
	require.NoError(t, fs.Close())
}

func TestAFailedTransactionConcernsOneFile(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	base, incr := create(t, fs, "base"), create(t, fs, "incr")
	s.breaks("QuotaExceededError")
	require.NoError(t, base.Append([]byte("x")))
	require.ErrorIs(t, written(base), storage.ErrQuota)
	s.breaks("")
	require.NoError(t, incr.Append([]byte("y")))
	require.NoError(t, sync(incr, true))
	require.NoError(t, fs.Close())
}

func TestALateErrorOfAClosedFileIsToldByTheStore(t *testing.T) {
	s := watch(t)
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	s.breaks("QuotaExceededError")
	require.NoError(t, f.Append([]byte("x")))
	require.NoError(t, f.Close())
	require.ErrorIs(t, fs.Close(), storage.ErrQuota)
}

func TestALostConnectionIsOpenedAgain(t *testing.T) {
	s := watch(t)
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, f.Append([]byte("one ")))
	require.NoError(t, written(f))
	s.take()
	_, err := fs.conn.db.Call("close")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("two")))
	require.NoError(t, sync(f, true))
	assert.Equal(t, []string{"strict:", "strict: 0+4 4+3"}, s.take(), "the same bytes under the same keys")
	require.NoError(t, fs.Replace(ctx, "manifest", []byte("m")))
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, "one two", read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

func TestTheFenceStopsAnOldLeader(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, f.Append([]byte("old")))
	require.NoError(t, sync(f, true))
	thief, err := connect(ctx, name, true) // as one without Web Locks would
	require.NoError(t, err)
	require.NoError(t, thief.take())
	assert.EqualValues(t, 2, thief.epoch)
	require.NoError(t, f.Append([]byte("late")))
	err = sync(f, false)
	require.ErrorIs(t, err, storage.ErrLocked)
	require.ErrorIs(t, err, errFenced)
	require.ErrorIs(t, f.Append([]byte("later")), storage.ErrLocked)
	require.ErrorIs(t, f.Truncate(ctx, 0), storage.ErrLocked)
	require.ErrorIs(t, fs.Replace(ctx, "manifest", nil), storage.ErrLocked)
	require.ErrorIs(t, fs.Remove(ctx, "manifest"), storage.ErrLocked)
	_, err = fs.Create(ctx, "new")
	require.ErrorIs(t, err, storage.ErrLocked)
	require.NoError(t, f.Close())
	require.ErrorIs(t, fs.Remove(ctx, "log"), storage.ErrLocked)
	require.NoError(t, thief.close())
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.EqualValues(t, 3, fs.Epoch())
	assert.Equal(t, "old", read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

func TestADeletedStoreIsNotMadeAgainByItsOldLeader(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, Delete(ctx, name))
	require.NoError(t, f.Append([]byte("x")))
	require.ErrorIs(t, sync(f, true), storage.ErrLocked)
	require.NoError(t, fs.Close())
}

// What a missing chunk means is the log's to tell; the file is no shorter for it.
func TestAHoleReadsAsZeros(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	for range 3 {
		require.NoError(t, f.Append([]byte("0123456789")))
		require.NoError(t, written(f))
	}
	require.NoError(t, f.Close())
	remove := func(offset int64) {
		r, err := chunkRange(f.number, offset, offset+1)
		require.NoError(t, err)
		require.NoError(t, fs.conn.write(strict, func(t *tx) error { return t.call(chunksStore, "delete", nil, r) }))
	}
	hole := strings.Repeat("\x00", 10)
	remove(10)
	assert.Equal(t, "0123456789"+hole+"0123456789", read(t, fs, "log"))
	remove(0)
	assert.Equal(t, hole+hole+"0123456789", read(t, fs, "log"))
	for _, c := range []struct {
		n    int64
		want string
	}{{25, hole + hole + "01234"}, {17, hole + hole[:7]}, {9, hole[:9]}, {0, ""}} {
		opened, err := fs.Open(ctx, "log")
		require.NoError(t, err)
		require.NoError(t, opened.Harden(ctx, 3))
		require.NoError(t, opened.Truncate(ctx, c.n))
		assert.Equal(t, c.n, opened.Size())
		require.NoError(t, opened.Close())
		assert.Equal(t, c.want, read(t, fs, "log"))
	}
	require.NoError(t, fs.Close())
}

func TestAFilesNumberIsNeverUsedAgain(t *testing.T) {
	name := newStore(t)
	seen := map[float64]bool{}
	for range 3 {
		fs := open(t, name)
		for range 2 {
			f := create(t, fs, "log")
			assert.False(t, seen[f.number])
			seen[f.number] = true
			require.NoError(t, f.Close())
			require.NoError(t, fs.Remove(ctx, "log"))
		}
		require.NoError(t, fs.Close())
	}
}

func TestReadsDuringWrites(t *testing.T) {
	fs := open(t, newStore(t))
	f := create(t, fs, "log")
	var want []byte
	for i := range 50 {
		p := bytes.Repeat([]byte{byte(i)}, 1000+i)
		require.NoError(t, f.Append(p))
		want = append(want, p...)
		if i%7 == 0 {
			require.NoError(t, written(f))
		}
		got := make([]byte, len(want))
		n, err := f.ReadAt(got, 0)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got[:n]), "after append %d", i)
	}
	require.NoError(t, fs.Close())
}

func TestWithoutIndexedDB(t *testing.T) {
	object := js.Global().Get("indexedDB")
	define := func(v js.Value) {
		js.Global().Get("Object").Call("defineProperty", js.Global(), "indexedDB", map[string]any{"value": v, "configurable": true})
	}
	define(js.Undefined())
	t.Cleanup(func() { define(object) })
	_, err := Open(ctx, "anything", Options{})
	require.ErrorIs(t, err, errMissing)
	require.True(t, errors.Is(Delete(ctx, "anything"), errMissing))
}

func TestANewWorkerReadsWhatAnEndedOneWrote(t *testing.T) {
	name := newStore(t)
	said := make(chan string, 100)
	output := js.FuncOf(func(_ js.Value, args []js.Value) any {
		said <- args[0].String()
		return nil
	})
	defer output.Release()
	worker := js.Global().Get("tabdisTest").Call("spawn", []any{"-test.run=^TestChildWrites$"}, map[string]any{"TABDIS_CHILD": name}, output)
	for line := range said {
		if line == "written\n" {
			break
		}
		require.NotContains(t, line, "FAIL")
	}
	_, err := Open(ctx, name, Options{Wait: 50 * time.Millisecond})
	require.ErrorIs(t, err, storage.ErrLocked, "while it lives")
	worker.Call("terminate")
	fs := open(t, name)
	assert.EqualValues(t, 2, fs.Epoch())
	assert.Equal(t, "synced and written", read(t, fs, "log"))
	assert.Equal(t, "content", read(t, fs, "manifest"))
	require.NoError(t, fs.Close())
}

// TestChildWrites is the other Worker: it writes, says so, and waits for its end.
func TestChildWrites(t *testing.T) {
	name := os.Getenv("TABDIS_CHILD")
	if name == "" {
		return
	}
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, f.Append([]byte("synced")))
	require.NoError(t, sync(f, true))
	require.NoError(t, fs.Replace(ctx, "manifest", []byte("content")))
	require.NoError(t, f.Append([]byte(" and written")))
	require.NoError(t, written(f))
	_, err := os.Stdout.WriteString("written\n")
	require.NoError(t, err)
	select {}
}
