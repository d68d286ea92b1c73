//go:build js && wasm

package opfs_test

import (
	"context"
	"os"
	"strconv"
	"syscall/js"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/storagetest"
	"tabdis/jsbridge/host"
	"tabdis/jsbridge/opfs"
)

var ctx = context.Background()

var stores int

// newName gives a name that no other test of this origin has.
func newName() string {
	stores++
	return "opfs-test-" + strconv.Itoa(stores) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
}

// newStore gives the name of a store that is removed with the test.
func newStore(t *testing.T) string {
	name := newName()
	t.Cleanup(func() { remove(t, name) })
	return name
}

// remove waits for handles that a Worker which has just ended still holds.
func remove(t *testing.T, name string) {
	require.Eventually(t, func() bool { return opfs.Delete(ctx, name) == nil }, 5*time.Second, 5*time.Millisecond)
}

// A lock that was just given back comes as late as a busy browser process wants: each refusal that is waited for costs this.
var options = opfs.Options{Wait: 2 * time.Second}

func open(t *testing.T, name string) *opfs.FS {
	t.Helper()
	fs, err := opfs.Open(ctx, name, opfs.Options{})
	require.NoError(t, err)
	return fs
}

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		name := newStore(t)
		return storagetest.Opener(func() (storage.FS, error) {
			fs, err := opfs.Open(ctx, name, options)
			if err != nil {
				return nil, err
			}
			return fs, nil
		})
	})
}

// raw opens a file of a store behind the back of package opfs.
func raw(t *testing.T, store, file, mode string) (host.Handle, error) {
	t.Helper()
	dir, err := host.AwaitCall(ctx, safejs.Safe(js.Global().Get("navigator").Get("storage")), "getDirectory")
	for _, part := range []string{"tabdis", store} {
		require.NoError(t, err)
		dir, err = host.AwaitCall(ctx, dir, "getDirectoryHandle", part, map[string]any{"create": true})
	}
	require.NoError(t, err)
	f, err := host.AwaitCall(ctx, dir, "getFileHandle", file, map[string]any{"create": true})
	require.NoError(t, err)
	access, err := host.AwaitCall(ctx, f, "createSyncAccessHandle", map[string]any{"mode": mode})
	if err != nil {
		return 0, err
	}
	return host.Register(access, nil)
}

// edit changes a file of a closed store.
func edit(t *testing.T, store, file string, change func(h host.Handle)) {
	t.Helper()
	var h host.Handle
	require.Eventually(t, func() bool {
		var err error
		h, err = raw(t, store, file, "readwrite")
		return err == nil
	}, 5*time.Second, 5*time.Millisecond)
	change(h)
	require.NoError(t, h.Flush())
	require.NoError(t, h.Close())
}

func TestTheSuperblocksHandleIsTheLock(t *testing.T) {
	name := newStore(t)
	require.NoError(t, open(t, name).Close())
	var fs *opfs.FS
	edit(t, name, "superblock", func(host.Handle) {
		var err error
		fs, err = opfs.Open(ctx, name, opfs.Options{Wait: 50 * time.Millisecond})
		require.ErrorIs(t, err, storage.ErrLocked)
		assert.Contains(t, err.Error(), "NoModificationAllowedError")
	})
	require.Nil(t, fs)
	require.NoError(t, open(t, name).Close())
}

// A browser that is slow with its first lock has nobody who holds it: that is no reason to refuse.
func TestALockThatComesLate(t *testing.T) {
	locks := js.Global().Get("navigator").Get("locks")
	late := js.FuncOf(func(js.Value, []js.Value) any {
		locks.Delete("request") // the next one is the browser's own
		timeout := js.Global().Get("DOMException").New("as the test wants", "TimeoutError")
		return js.Global().Get("Promise").Call("reject", timeout)
	})
	defer late.Release()
	locks.Set("request", late)
	require.NoError(t, open(t, newStore(t)).Close())
	require.False(t, js.Global().Get("Object").Call("hasOwn", locks, "request").Bool(), "it was asked")
}

func TestNobodyElseGetsTheSuperblock(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	for _, mode := range []string{"readwrite", "readwrite-unsafe", "read-only"} {
		_, err := raw(t, name, "superblock", mode)
		require.ErrorIs(t, err, storage.ErrLocked, mode)
	}
	require.NoError(t, fs.Close())
}

func TestEachOpeningHasItsEpoch(t *testing.T) {
	name := newStore(t)
	for want := range uint64(3) {
		fs := open(t, name)
		assert.Equal(t, want+1, fs.Epoch())
		require.NoError(t, fs.Close())
	}
}

func TestATornSlotIsReadFromTheOther(t *testing.T) {
	for slot := range int64(2) {
		name := newStore(t)
		fs := open(t, name)
		require.NoError(t, fs.Replace(ctx, "manifest", []byte("content")))
		require.NoError(t, fs.Close())
		edit(t, name, "superblock", func(h host.Handle) {
			require.NoError(t, h.Write(make([]byte, 100), slot*65536+20))
		})
		fs = open(t, name)
		assert.Equal(t, "content", read(t, fs, "manifest"))
		require.NoError(t, fs.Close())
		edit(t, name, "superblock", func(h host.Handle) { // the opener has repaired it
			require.NoError(t, h.Write(make([]byte, 100), (1-slot)*65536+20))
		})
		fs = open(t, name)
		assert.Equal(t, "content", read(t, fs, "manifest"))
		require.NoError(t, fs.Close())
	}
}

func TestALogWithoutSuperblockIsDamage(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("#HDR:v1;…")))
	require.NoError(t, fs.Close())
	edit(t, name, "superblock", func(h host.Handle) { require.NoError(t, h.Truncate(0)) })
	_, err = opfs.Open(ctx, name, opfs.Options{})
	require.ErrorIs(t, err, storage.ErrCorrupt)
	edit(t, name, "pool-00", func(h host.Handle) {
		size, err := h.Size()
		require.NoError(t, err)
		assert.NotZero(t, size, "nothing was changed")
	})
}

func TestAStoreThatWasNotFinishedBegins(t *testing.T) {
	name := newStore(t)
	require.NoError(t, open(t, name).Close())
	edit(t, name, "superblock", func(h host.Handle) { require.NoError(t, h.Truncate(1000)) })
	fs := open(t, name)
	list, err := fs.List(ctx)
	require.NoError(t, err)
	assert.Empty(t, list)
	require.NoError(t, fs.Close())
}

func TestPoolFilesAreUsedAgainAndEmptied(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	assert.Equal(t, 16, fs.Free())
	for i := range 40 {
		file := "log." + strconv.Itoa(i)
		f, err := fs.Create(ctx, file)
		require.NoError(t, err)
		assert.Zero(t, f.Size())
		require.NoError(t, f.Append(make([]byte, 5000+i)))
		require.NoError(t, f.Close())
		require.NoError(t, fs.Remove(ctx, file))
	}
	require.Eventually(t, func() bool { return fs.Free() == 16 }, 5*time.Second, time.Millisecond)
	require.NoError(t, fs.Close())
	for _, file := range []string{"pool-00", "pool-15"} {
		edit(t, name, file, func(h host.Handle) {
			size, err := h.Size()
			require.NoError(t, err)
			assert.Zero(t, size, "the space was given back")
		})
	}
}

// A large file is emptied in steps, between which others go on. Until it is empty nobody gets it.
func TestALargeFileIsGivenBackInSteps(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	fill := func(file string) {
		f, err := fs.Create(ctx, file)
		require.NoError(t, err)
		for range 5 {
			require.NoError(t, f.Append(make([]byte, 4<<20)))
		}
		require.NoError(t, f.Close())
	}
	fill("large")
	require.NoError(t, fs.Remove(ctx, "large"))
	assert.Equal(t, 15, fs.Free(), "it is being emptied")
	f, err := fs.Create(ctx, "next")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("stays")))
	require.Eventually(t, func() bool { return fs.Free() == 15 }, 5*time.Second, time.Millisecond)
	require.NoError(t, f.Close())
	assert.Equal(t, "stays", read(t, fs, "next"))
	edited := func(file string) (size int64) {
		edit(t, name, file, func(h host.Handle) { size, err = h.Size() })
		return size
	}
	fill("large") // each pool file in its turn: this is the third
	require.NoError(t, fs.Remove(ctx, "large"))
	require.NoError(t, fs.Close()) // waits for nothing
	assert.NotZero(t, edited("pool-02"))
	fs = open(t, name)
	fill("again")
	fill("again-2")
	assert.Equal(t, "stays", read(t, fs, "next"))
	require.NoError(t, fs.Close())
	assert.EqualValues(t, 20<<20, edited("pool-02"))
}

func TestStaleBytesOfAPoolFileAreGoneBeforeItIsUsed(t *testing.T) {
	name := newStore(t)
	require.NoError(t, open(t, name).Close())
	edit(t, name, "pool-00", func(h host.Handle) { require.NoError(t, h.Write([]byte("stale"), 0)) })
	fs := open(t, name)
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	assert.Zero(t, f.Size())
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Empty(t, read(t, fs, "log"))
	require.NoError(t, fs.Close())
}

func TestAFullPoolIsNoSpace(t *testing.T) {
	name := newStore(t)
	fs, err := opfs.Open(ctx, name, opfs.Options{Pool: 3})
	require.NoError(t, err)
	for i := range 3 {
		_, err := fs.Create(ctx, "log."+strconv.Itoa(i))
		require.NoError(t, err)
	}
	_, err = fs.Create(ctx, "log.3")
	require.ErrorIs(t, err, storage.ErrQuota)
	require.NoError(t, fs.Replace(ctx, "manifest", []byte("still fits")))
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Zero(t, fs.Free(), "the pool keeps its size")
	require.NoError(t, fs.Close())
}

func TestALargeReplaceGoesToAPoolFile(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	large := make([]byte, 200_000)
	for i := range large {
		large[i] = byte(i * 7)
	}
	for _, content := range []string{"small", string(large), string(large[1:]), "small again"} {
		require.NoError(t, fs.Replace(ctx, "snapshot", []byte(content)))
		require.NoError(t, fs.Close())
		fs = open(t, name)
		assert.True(t, content == read(t, fs, "snapshot"), "%d bytes", len(content))
	}
	assert.Equal(t, 16, fs.Free())
	require.NoError(t, fs.Close())
}

func TestAppendToAReplacedFile(t *testing.T) {
	name := newStore(t)
	fs := open(t, name)
	require.NoError(t, fs.Replace(ctx, "notes", []byte("one")))
	f, err := fs.Open(ctx, "notes")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte(" two three")))
	require.NoError(t, f.Truncate(ctx, 7))
	f.Sync(true, func(err error) { require.NoError(t, err) })
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, "one two", read(t, fs, "notes"))
	require.NoError(t, fs.Close())
}

// Where handles can be shared the syncer syncs, and the turn goes on.
func TestSyncOffTheTurn(t *testing.T) {
	shares := js.Global().Get("Reflect").Call("has", js.Global().Get("FileSystemSyncAccessHandle").Get("prototype"), "mode").Bool()
	fs := open(t, newStore(t))
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, f.Append([]byte("data")))
		result := make(chan error, 2)
		f.Sync(false, func(err error) { result <- err })
		assert.Equal(t, !shares, len(result) == 1, "in the call")
		require.NoError(t, f.Append([]byte("more")))
		require.NoError(t, <-result)
		assert.Empty(t, result)
	}
	require.NoError(t, fs.Close())
}

func TestANewWorkerReadsWhatAnEndedOneWrote(t *testing.T) {
	name := newStore(t)
	ready := make(chan string, 100)
	output := js.FuncOf(func(_ js.Value, args []js.Value) any {
		ready <- args[0].String()
		return nil
	})
	defer output.Release()
	worker := js.Global().Get("tabdisTest").Call("spawn", []any{"-test.run=^TestChildWrites$"}, map[string]any{"TABDIS_CHILD": name}, output)
	for line := range ready {
		if line == "written\n" {
			break
		}
		require.NotContains(t, line, "FAIL")
	}
	_, err := opfs.Open(ctx, name, opfs.Options{Wait: 50 * time.Millisecond})
	require.ErrorIs(t, err, storage.ErrLocked, "while it lives")
	worker.Call("terminate")
	fs := open(t, name)
	assert.EqualValues(t, 2, fs.Epoch())
	assert.Equal(t, "synced and not synced", read(t, fs, "log"))
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
	f, err := fs.Create(ctx, "log")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("synced")))
	synced := make(chan error, 1)
	f.Sync(false, func(err error) { synced <- err })
	require.NoError(t, <-synced)
	require.NoError(t, fs.Replace(ctx, "manifest", []byte("content")))
	require.NoError(t, f.Append([]byte(" and not synced")))
	_, err = os.Stdout.WriteString("written\n")
	require.NoError(t, err)
	select {}
}

func read(t *testing.T, fs storage.FS, name string) string {
	t.Helper()
	f, err := fs.Open(ctx, name)
	require.NoError(t, err)
	data := make([]byte, f.Size())
	_, err = f.ReadAt(data, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return string(data)
}
