//go:build js && wasm

package opfs_test

import (
	"errors"
	"io"
	"strconv"
	"syscall/js"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
	"tabdis/jsbridge/opfs"
)

// rule is a fault of tests/browser/opfsfaults.mjs, which says what its fields mean.
type rule = map[string]any

// faults come between this Worker's host functions and the browser's handles.
type faults struct{ js js.Value }

func newFaults(t *testing.T) faults {
	f := faults{js.Global().Get("tabdisTest").Call("opfsFaults")}
	f.set()
	t.Cleanup(func() { f.set() })
	return f
}

// set makes these the rules, counted from now on.
func (f faults) set(rules ...rule) {
	list := make([]any, len(rules))
	for i, r := range rules {
		list[i] = r
	}
	f.js.Call("set", list)
}

func (f faults) struck() int { return f.js.Call("struck").Int() }

// noSpace is how Chromium says that the disk is full, in the place of a count.
const noSpace = 4294967288

// writeFaults are the ways in which a write fails; quota says which of them mean that there is no room.
var writeFaults = map[string]struct {
	rule  rule
	quota bool
}{
	"short":                      {rule: rule{"short": 3}},
	"nothing":                    {rule: rule{"short": 0}},
	"no space as a count":        {rule: rule{"count": float64(noSpace)}, quota: true},
	"an error as a count":        {rule: rule{"count": float64(4294967280)}},
	"a count of too much":        {rule: rule{"count": 1 << 20}},
	"QuotaExceededError":         {rule: rule{"error": "QuotaExceededError"}, quota: true},
	"NoModificationAllowedError": {rule: rule{"error": "NoModificationAllowedError"}},
	"InvalidStateError":          {rule: rule{"error": "InvalidStateError"}},
	"NotFoundError":              {rule: rule{"error": "NotFoundError"}},
	"written, then an exception": {rule: rule{"error": "UnknownError", "after": true}},
}

// with gives a copy of a rule with more fields.
func with(r, more rule) rule {
	all := rule{}
	for name, value := range r {
		all[name] = value
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// noExcuse checks that an error is one of I/O: nobody may take it for an empty or a missing file.
func noExcuse(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for _, not := range []error{io.EOF, storage.ErrNotExist, storage.ErrLocked, storage.ErrClosed} {
		assert.NotErrorIs(t, err, not)
	}
}

func sync(f storage.File, now bool) error {
	result := make(chan error, 1)
	f.Sync(now, func(err error) { result <- err })
	return <-result
}

func TestAFailedWriteSticksUntilItIsCutOff(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs := open(t, name)
	want := ""
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	for what, c := range writeFaults {
		good := f.Size()
		faults.set(with(c.rule, rule{"op": "write", "file": "pool-", "times": 1}))
		err := f.Append([]byte("0123456789"))
		assert.Equal(t, 1, faults.struck(), what)
		noExcuse(t, err)
		assert.Equal(t, c.quota, errors.Is(err, storage.ErrQuota), "%s: %v", what, err)
		require.Error(t, f.Append([]byte("more")), "%s: it sticks", what)
		require.Error(t, sync(f, true), what)
		require.Error(t, sync(f, false), what)
		require.NoError(t, f.(storage.Truncater).TruncateNow(good), what)
		require.NoError(t, f.Append([]byte("after")), what)
		want += "after"
		require.NoError(t, sync(f, true), what)
	}
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, want, read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

func TestAFailedFlushIsTold(t *testing.T) {
	faults := newFaults(t)
	fs := open(t, newStore(t))
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("data")))
	for _, exception := range []string{"InvalidStateError", "NotFoundError", "QuotaExceededError", "UnknownError"} {
		faults.set(rule{"op": "flush", "file": "pool-", "error": exception})
		err := sync(f, true)
		noExcuse(t, err)
		require.ErrorContains(t, err, exception)
		noExcuse(t, f.Harden(ctx, 0))
	}
	faults.set()
	require.NoError(t, f.Harden(ctx, 0))
	require.NoError(t, fs.Close())
}

func TestATruncateThatFailsOrDoesNothing(t *testing.T) {
	faults := newFaults(t)
	fs := open(t, newStore(t))
	for i, r := range []rule{
		{"op": "truncate", "error": "InvalidStateError"},
		{"op": "truncate", "error": "UnknownError", "after": true},
		{"op": "truncate", "lost": true},
		{"op": "getSize", "add": 1},
		{"op": "getSize", "add": -1},
		{"op": "getSize", "error": "NotFoundError"},
	} {
		f, err := fs.Create(ctx, "log."+strconv.Itoa(i))
		require.NoError(t, err)
		require.NoError(t, f.Append([]byte("0123456789")))
		faults.set(r)
		noExcuse(t, f.(storage.Truncater).TruncateNow(9))
		assert.EqualValues(t, 10, f.Size(), "%v: it did not become shorter", r)
		faults.set()
	}
	require.NoError(t, fs.Close())
}

// What the platform says of a file's size is all that an opener has. A size that is too large shows when the bytes are read; one that
// cannot be asked for is no empty file.
func TestASizeThatDisagrees(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs := open(t, name)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("0123456789")))
	require.NoError(t, fs.Close())

	fs = open(t, name)
	faults.set(rule{"op": "getSize", "error": "NotFoundError"})
	_, err = fs.Open(ctx, "log")
	noExcuse(t, err)
	faults.set(rule{"op": "getSize", "add": 5})
	f, err = fs.Open(ctx, "log")
	require.NoError(t, err)
	_, err = f.ReadAt(make([]byte, 15), 0)
	noExcuse(t, err)
	noExcuse(t, f.Harden(ctx, 0))
	require.NoError(t, f.Close())
	faults.set()
	assert.Equal(t, "0123456789", read(t, fs, "log"))
	require.NoError(t, fs.Close())

	// The superblock's: nothing is begun anew.
	for _, r := range []rule{{"error": "InvalidStateError"}, {"add": 100}} {
		faults.set(with(r, rule{"op": "getSize", "file": "superblock"}))
		if fs, err = opfs.Open(ctx, name, options); err == nil {
			require.NoError(t, fs.Close())
			assert.NotContains(t, r, "error")
		} else {
			noExcuse(t, err)
		}
	}
	faults.set(rule{"op": "getSize", "file": "superblock", "add": -200_000}) // shorter than nothing
	_, err = opfs.Open(ctx, name, options)
	noExcuse(t, err)
	faults.set()
	fs = open(t, name)
	assert.Equal(t, "0123456789", read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

func TestHandlesThatAreBusyForAWhile(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs := open(t, name)
	_, err := fs.Create(ctx, "log") // in pool-00
	require.NoError(t, err)
	require.NoError(t, fs.Close())
	for _, file := range []string{"superblock", "pool-00"} {
		faults.set(rule{"op": "createSyncAccessHandle", "file": file, "times": 20, "error": "NoModificationAllowedError"})
		require.NoError(t, open(t, name).Close(), file)
		assert.Equal(t, 20, faults.struck())
		faults.set(rule{"op": "createSyncAccessHandle", "file": file, "error": "NoModificationAllowedError"})
		began := time.Now()
		_, err := opfs.Open(ctx, name, options)
		require.ErrorIs(t, err, storage.ErrLocked, file)
		assert.GreaterOrEqual(t, time.Since(began), options.Wait, "it waited")
		faults.set(rule{"op": "createSyncAccessHandle", "file": file, "error": "UnknownError"})
		_, err = opfs.Open(ctx, name, options)
		noExcuse(t, err)
		require.ErrorContains(t, err, "UnknownError")
	}
	faults.set()
	require.NoError(t, open(t, name).Close(), "those who failed hold nothing")
}

// Free pool files are opened behind the opening. Who needs one waits for it; one that does not open is out of use, and Close waits for none.
func TestFreePoolFilesOpenLater(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs, err := opfs.Open(ctx, name, opfs.Options{Pool: 2})
	require.NoError(t, err)
	_, err = fs.Create(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, fs.Close())

	busy := rule{"op": "createSyncAccessHandle", "file": "pool-01", "error": "NoModificationAllowedError"}
	faults.set(with(busy, rule{"times": 20}))
	fs = open(t, name)
	assert.Less(t, faults.struck(), 20, "it is open before")
	assert.Equal(t, 1, fs.Free(), "what comes counts")
	f, err := fs.Create(ctx, "b")
	require.NoError(t, err)
	assert.Equal(t, 20, faults.struck())
	require.NoError(t, f.Close())
	require.NoError(t, fs.Remove(ctx, "b"))
	require.NoError(t, fs.Close())

	faults.set(busy)
	require.NoError(t, open(t, name).Close())
	faults.set()
	fs = open(t, name)
	f, err = fs.Create(ctx, "b")
	require.NoError(t, err, "those who gave up hold nothing")
	require.NoError(t, f.Close())
	require.NoError(t, fs.Remove(ctx, "b"))
	require.NoError(t, fs.Close())

	faults.set(with(busy, rule{"error": "UnknownError"}))
	fs = open(t, name)
	_, err = fs.Create(ctx, "b")
	require.ErrorIs(t, err, storage.ErrQuota)
	require.ErrorContains(t, err, "pool-01")
	require.ErrorContains(t, err, "UnknownError")
	assert.Zero(t, fs.Free())
	require.NoError(t, fs.Close())
}

// Browsers do not sync the names of files: a file may be gone after a crash.
func TestAPoolFileThatIsGone(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("#HDR:v1;…")))
	require.NoError(t, fs.Close())

	removeFile(t, name, "pool-07") // free: made again
	fs = open(t, name)
	assert.Equal(t, 15, fs.Free())
	require.NoError(t, fs.Close())

	removeFile(t, name, "pool-00")
	for range 2 {
		_, err = opfs.Open(ctx, name, options)
		require.ErrorIs(t, err, storage.ErrCorrupt)
		require.ErrorContains(t, err, "pool-00")
		assert.NotContains(t, entries(t, name), "pool-00", "no empty file takes its place")
	}
}

func TestASuperblockThatIsGone(t *testing.T) {
	for _, log := range []string{"#HDR:v1;…", "REDIS0009", "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"} {
		name := newStore(t)
		fs := open(t, name)
		f, err := fs.Create(ctx, "log")
		require.NoError(t, err)
		require.NoError(t, f.Append([]byte(log)))
		require.NoError(t, fs.Close())
		removeFile(t, name, "superblock")
		for range 2 {
			_, err = opfs.Open(ctx, name, options)
			require.ErrorIs(t, err, storage.ErrCorrupt, log)
		}
	}
}

// The k-th step of the birth of a store fails; the next opener begins again. No step of it is taken for a store that was there.
func TestABirthThatFailsBeginsAgain(t *testing.T) {
	faults := newFaults(t)
	for k := 0; ; k++ {
		name := newStore(t)
		faults.set(rule{"op": "write flush getFileHandle createSyncAccessHandle", "from": k, "times": 1, "error": "UnknownError"})
		fs, err := opfs.Open(ctx, name, opfs.Options{Wait: options.Wait, Pool: 2})
		struck := faults.struck()
		faults.set()
		if struck == 0 {
			require.NoError(t, err)
			require.NoError(t, fs.Close())
			t.Logf("%d steps", k)
			break
		}
		require.ErrorContains(t, err, "UnknownError")
		fs = open(t, name)
		list, err := fs.List(ctx)
		require.NoError(t, err)
		assert.Empty(t, list)
		require.NoError(t, fs.Replace(ctx, "manifest", []byte("content")))
		require.NoError(t, fs.Close())
		fs = open(t, name)
		assert.Equal(t, "content", read(t, fs, "manifest"))
		require.NoError(t, fs.Close())
	}
}

// A pool file that is broken for good is not given to each who asks for one.
func TestABrokenPoolFileIsPassedOver(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs, err := opfs.Open(ctx, name, opfs.Options{Pool: 4})
	require.NoError(t, err)
	for i := range 4 {
		f, err := fs.Create(ctx, "old."+strconv.Itoa(i))
		require.NoError(t, err)
		require.NoError(t, f.Append([]byte("stale")))
		require.NoError(t, f.Close())
	}
	rules := []rule{{"op": "truncate", "file": "pool-01", "error": "InvalidStateError"}}
	for _, file := range []string{"pool-00", "pool-02", "pool-03"} {
		rules = append(rules, rule{"op": "createSyncAccessHandle", "file": file, "wait": 50}) // the broken one is the first to be free
	}
	faults.set(rules...)
	for i := range 4 {
		require.NoError(t, fs.Remove(ctx, "old."+strconv.Itoa(i)))
	}
	for i := range 3 {
		f, err := fs.Create(ctx, "new."+strconv.Itoa(i))
		require.NoError(t, err, i)
		require.NoError(t, f.Append([]byte("fresh")))
	}
	_, err = fs.Create(ctx, "new.3")
	noExcuse(t, err)
	require.ErrorContains(t, err, "InvalidStateError")
	faults.set()
	_, err = fs.Create(ctx, "new.3")
	require.NoError(t, err)
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, "fresh", read(t, fs, "new.0"))
	assert.Equal(t, "", read(t, fs, "new.3"), "the stale bytes are gone")
	require.NoError(t, fs.Close())

	// One whose writes fail: the next try gets another.
	name = newStore(t)
	fs = open(t, name)
	faults.set(rule{"op": "write", "file": "pool-00", "error": "InvalidStateError"})
	for i, fails := range []bool{true, false} {
		f, err := fs.Create(ctx, "try")
		require.NoError(t, err)
		assert.Equal(t, fails, f.Append([]byte("x")) != nil, i)
		require.NoError(t, f.Close())
		require.NoError(t, fs.Remove(ctx, "try"))
	}
	require.NoError(t, fs.Close())
}

// A file that was given back and is taken again is empty on the disk, too: a crash must not show old bytes under the new name.
func TestAFileTakenAgainIsDurablyEmpty(t *testing.T) {
	faults := newFaults(t)
	fs, err := opfs.Open(ctx, newStore(t), opfs.Options{Pool: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, fs.Close()) }()
	f, err := fs.Create(ctx, "old")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("stale")))
	require.NoError(t, sync(f, true))
	require.NoError(t, f.Close())
	require.NoError(t, fs.Remove(ctx, "old"))
	faults.set(rule{"op": "flush", "file": "pool-00", "error": "UnknownError", "times": 1})
	_, err = fs.Create(ctx, "new")
	require.ErrorContains(t, err, "UnknownError")
	_, err = fs.Create(ctx, "new")
	require.NoError(t, err)
}

// A wrong size, told while a file is made, moves nothing: its first block stands at 0.
func TestAWrongSizeAtACreation(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs := open(t, name)
	want := map[string]string{}
	for _, add := range []int{-1, 1} {
		for k := range 3 {
			file := "log." + strconv.Itoa(len(want))
			faults.set(rule{"op": "getSize", "file": "pool-", "from": k, "times": 1, "add": add})
			f, err := fs.Create(ctx, file)
			faults.set()
			require.NoError(t, err) // there are other files to take
			require.NoError(t, f.Append([]byte(file)))
			want[file] = file
		}
	}
	require.NoError(t, fs.Close())
	fs = open(t, name)
	for file, content := range want {
		assert.Equal(t, content, read(t, fs, file))
	}
	require.NoError(t, fs.Close())
}

// A pool file that does not open again after it was emptied is out of use; the others serve, and nobody waits for it.
func TestAPoolFileThatDoesNotOpenAgain(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs, err := opfs.Open(ctx, name, opfs.Options{Pool: 2})
	require.NoError(t, err)
	write := func(file string) error {
		f, err := fs.Create(ctx, file)
		if err == nil {
			err = errors.Join(f.Append([]byte(file)), f.Close())
		}
		return err
	}
	require.NoError(t, write("a"))
	faults.set(rule{"op": "createSyncAccessHandle", "file": "pool-00", "error": "InvalidStateError"})
	require.NoError(t, fs.Remove(ctx, "a"))
	require.NoError(t, write("b"))
	require.ErrorContains(t, write("c"), "all pool files are in use")
	require.Equal(t, 1, faults.struck())
	faults.set()
	require.NoError(t, fs.Close())

	fs = open(t, name)
	require.NoError(t, write("c"))
	assert.Equal(t, "b", read(t, fs, "b"))
	assert.Equal(t, "c", read(t, fs, "c"))
	require.NoError(t, fs.Close())
}

// Each step of a change of the directory fails, in each way; then the next change fails, too, or succeeds, or the store is opened again.
func TestAReplaceThatFailsLeavesTheOldOrTheNew(t *testing.T) {
	faults := newFaults(t)
	name := newStore(t)
	fs := open(t, name)
	last := "0"
	require.NoError(t, fs.Replace(ctx, "manifest", []byte(last)))
	for what, c := range writeFaults {
		for _, op := range []string{"write", "flush"} {
			if op == "flush" && c.rule["error"] == nil {
				continue
			}
			for k := range 2 {
				faults.set(with(c.rule, rule{"op": op, "file": "superblock", "from": k, "times": 1}))
				noExcuse(t, fs.Replace(ctx, "manifest", []byte(last+"?")))
				require.Equal(t, 1, faults.struck())
				faults.set()
				require.NoError(t, fs.Close())
				fs = open(t, name)
				got := read(t, fs, "manifest")
				require.Contains(t, []string{last, last + "?"}, got, "%s of a %s", what, op)
				last = strconv.Itoa(len(last) % 7)
				require.NoError(t, fs.Replace(ctx, "manifest", []byte(last)))
			}
		}
	}
	require.NoError(t, fs.Close())
}

// entries are the names in a store's directory.
func entries(t *testing.T, store string) (names []string) {
	t.Helper()
	dir := directory(t, store)
	keys := dir.Call("keys")
	for {
		next := await(t, keys.Call("next"))
		if next.Get("done").Bool() {
			return names
		}
		names = append(names, next.Get("value").String())
	}
}

// removeFile takes a file from a closed store, as a lost name would.
func removeFile(t *testing.T, store, file string) {
	t.Helper()
	dir := directory(t, store)
	require.Eventually(t, func() bool {
		_, err := host.AwaitCall(ctx, safejs.Safe(dir), "removeEntry", file)
		return err == nil
	}, 5*time.Second, 5*time.Millisecond)
}

func directory(t *testing.T, store string) js.Value {
	t.Helper()
	dir := await(t, js.Global().Get("navigator").Get("storage").Call("getDirectory"))
	for _, part := range []string{"tabdis", store} {
		dir = await(t, dir.Call("getDirectoryHandle", part))
	}
	return dir
}

func await(t *testing.T, promise js.Value) js.Value {
	t.Helper()
	v, err := host.Await(ctx, safejs.Safe(promise))
	require.NoError(t, err)
	return safejs.Unsafe(v)
}
