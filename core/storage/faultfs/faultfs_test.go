package faultfs_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
	"tabdis/core/storage/storagetest"
)

var ctx = context.Background()

func open(t *testing.T, store *memfs.Store, injector faultfs.Injector) *faultfs.FS {
	t.Helper()
	inner, err := store.Open()
	require.NoError(t, err)
	return faultfs.Wrap(inner, injector)
}

func create(t *testing.T, fs storage.FS, name, data string) storage.File {
	t.Helper()
	f, err := fs.Create(ctx, name)
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte(data)))
	return f
}

func sync(f storage.File) error {
	result := make(chan error, 1)
	f.Sync(true, func(err error) { result <- err })
	return <-result
}

// content is what a file of a disk holds; "-" if there is none.
func content(t *testing.T, store *memfs.Store, name string) string {
	t.Helper()
	fs, err := store.Open()
	require.NoError(t, err)
	defer fs.Close()
	f, err := fs.Open(ctx, name)
	if errors.Is(err, storage.ErrNotExist) {
		return "-"
	}
	require.NoError(t, err)
	data := make([]byte, f.Size())
	f.ReadAt(data, 0)
	return string(data)
}

func TestConformanceWithoutFaults(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run("late "+strconv.FormatBool(late), func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Store {
				store := memfs.New()
				store.SetLateWrites(late, false)
				return storagetest.Opener(func() (storage.FS, error) {
					inner, err := store.Open()
					if err != nil {
						return nil, err
					}
					return faultfs.Wrap(inner, nil), nil
				})
			})
		})
	}
}

func TestFilesCanWhatTheInnerOnesCan(t *testing.T) {
	for _, late := range []bool{false, true} {
		store := memfs.New()
		store.SetLateWrites(late, false)
		f := create(t, open(t, store, nil), "a", "")
		_, truncater := f.(storage.Truncater)
		_, writer := f.(storage.LateWriter)
		assert.Equal(t, !late, truncater)
		assert.Equal(t, late, writer)
	}
}

func TestAFailedAppendSticksUntilTruncate(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faultfs.Fault
		left  string // what the file holds before the Truncate
	}{
		{"nothing written", faultfs.Fault{}, "good"},
		{"short", faultfs.Fault{Short: 2}, "goodba"},
		{"after", faultfs.Fault{After: true}, "goodbad"},
		{"late", faultfs.Fault{Late: true, Short: 1}, "goodb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := memfs.New()
			f := create(t, open(t, store, faultfs.At(1, faultfs.Append, c.fault)), "a", "good")
			err := f.Append([]byte("bad"))
			if c.fault.Late {
				require.NoError(t, err)
				err = f.Append([]byte("next"))
			}
			require.ErrorIs(t, err, faultfs.ErrInjected)
			assert.EqualError(t, err, "append a at 4: injected fault")
			assert.Equal(t, err, f.Append([]byte("more")))
			assert.Equal(t, err, sync(f))
			assert.Equal(t, c.left, content(t, store.CrashClone(memfs.Everything()), "a"))
			require.NoError(t, f.Truncate(ctx, 4))
			require.NoError(t, f.Append([]byte("+")))
			require.NoError(t, sync(f))
			assert.Equal(t, "good+", content(t, store.CrashClone(memfs.Nothing()), "a"))
		})
	}
}

func TestASyncThatDoesNotSync(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faultfs.Fault
		fails bool
		first string // durable after the faulty sync
		later string // durable after another one
	}{
		{"fails as in a kernel", faultfs.Fault{}, true, "good", "good\x00\x00\x00\x00+"},
		{"fails and keeps the pages dirty", faultfs.Fault{Keep: true}, true, "good", "goodlost+"},
		{"is lost", faultfs.Fault{Lost: true}, false, "good", "goodlost+"},
		{"fails after it took effect", faultfs.Fault{After: true}, true, "goodlost", "goodlost+"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := memfs.New()
			f := create(t, open(t, store, faultfs.At(1, faultfs.Sync, c.fault)), "a", "good")
			require.NoError(t, sync(f))
			require.NoError(t, f.Append([]byte("lost")))
			if err := sync(f); c.fails {
				require.EqualError(t, err, "sync a at 8: injected fault")
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, c.first, content(t, store.CrashClone(memfs.Nothing()), "a"))
			require.NoError(t, f.Append([]byte("+")))
			require.NoError(t, sync(f))
			assert.Equal(t, c.later, content(t, store.CrashClone(memfs.Nothing()), "a"))
			require.NoError(t, f.Harden(ctx, 4))
			assert.Equal(t, "goodlost+", content(t, store.CrashClone(memfs.Nothing()), "a"), "harden writes again what was given up")
		})
	}
}

func TestAFailedReplaceLeavesEither(t *testing.T) {
	for _, c := range []struct {
		name              string
		fault             faultfs.Fault
		seen, least, most string
	}{
		{"before", faultfs.Fault{}, "old", "old", "old"},
		{"after", faultfs.Fault{After: true}, "new", "new", "new"},
		{"unsure", faultfs.Fault{Unsure: true}, "new", "old", "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := memfs.New()
			fs := open(t, store, faultfs.At(1, faultfs.Replace, c.fault))
			require.NoError(t, fs.Replace(ctx, "manifest", []byte("old")))
			require.ErrorIs(t, fs.Replace(ctx, "manifest", []byte("new")), faultfs.ErrInjected)
			assert.Equal(t, c.least, content(t, store.CrashClone(memfs.Nothing()), "manifest"))
			assert.Equal(t, c.most, content(t, store.CrashClone(memfs.Everything()), "manifest"))
			store.Kill()
			assert.Equal(t, c.seen, content(t, store, "manifest"))
		})
	}
}

func TestAFullDiskForAWhile(t *testing.T) {
	full := faultfs.NewSwitch(faultfs.Create|faultfs.Append|faultfs.Replace, faultfs.Fault{Err: storage.ErrQuota, Short: 1})
	fs := open(t, memfs.New(), full)
	f := create(t, fs, "a", "one")
	full.Set(true)
	require.ErrorIs(t, f.Append([]byte("two")), storage.ErrQuota)
	_, err := fs.Create(ctx, "b")
	require.ErrorIs(t, err, storage.ErrQuota)
	require.ErrorIs(t, fs.Replace(ctx, "c", nil), storage.ErrQuota)
	require.NoError(t, f.Truncate(ctx, 3))
	require.NoError(t, sync(f))
	full.Set(false)
	require.NoError(t, f.Append([]byte("two")))
	names, err := fs.List(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, names)
}

func TestAfterACrashEverythingFails(t *testing.T) {
	store := memfs.New()
	fs := open(t, store, faultfs.At(2, faultfs.Any, faultfs.Fault{Crash: true, Short: 2}))
	f := create(t, fs, "a", "good")
	require.ErrorIs(t, f.Append([]byte("torn")), faultfs.ErrInjected)
	require.True(t, fs.Crashed())
	assert.Error(t, f.Append(nil))
	assert.Error(t, sync(f))
	assert.Error(t, f.Truncate(ctx, 0))
	assert.Error(t, f.Harden(ctx, 0))
	_, err := f.ReadAt(make([]byte, 1), 0)
	assert.ErrorIs(t, err, faultfs.ErrCrashed)
	_, err = fs.Create(ctx, "b")
	assert.ErrorIs(t, err, faultfs.ErrCrashed)
	_, err = fs.List(ctx)
	assert.ErrorIs(t, err, faultfs.ErrCrashed)
	assert.ErrorIs(t, fs.Remove(ctx, "a"), faultfs.ErrCrashed)
	assert.ErrorIs(t, fs.Replace(ctx, "a", nil), faultfs.ErrCrashed)
	assert.ErrorIs(t, f.Close(), faultfs.ErrCrashed)
	assert.ErrorIs(t, fs.Close(), faultfs.ErrCrashed)
	_, err = store.Open()
	require.ErrorIs(t, err, storage.ErrLocked, "until the store is killed or cloned")
	store.Kill()
	assert.Equal(t, "goodto", content(t, store, "a"))
}

func TestOperationsAreCounted(t *testing.T) {
	fs := open(t, memfs.New(), faultfs.At(0, faultfs.Remove, faultfs.Fault{}))
	f := create(t, fs, "a", "x")
	require.NoError(t, sync(f))
	require.NoError(t, f.Close())
	require.Error(t, fs.Remove(ctx, "a"))
	require.NoError(t, fs.Remove(ctx, "a"))
	assert.Equal(t, 2, fs.Count(faultfs.Remove))
	assert.Equal(t, 5, fs.Count(faultfs.Changes))
	assert.Equal(t, 6, fs.Count(faultfs.Any))
	fs.Inject(faultfs.First(faultfs.At(0, faultfs.Create, faultfs.Fault{}), faultfs.From(0, faultfs.Create, faultfs.Fault{Err: storage.ErrQuota})))
	_, err := fs.Create(ctx, "b")
	require.ErrorIs(t, err, faultfs.ErrInjected)
	_, err = fs.Create(ctx, "b")
	require.ErrorIs(t, err, storage.ErrQuota)
}

// The protocol of a small log, failed and crashed at each of its operations: what was acknowledged is there afterwards.
func TestNothingAcknowledgedIsLostAtAnyCrash(t *testing.T) {
	run := func(fs storage.FS) (acknowledged string) {
		f, err := fs.Create(ctx, "log")
		if err != nil || fs.Replace(ctx, "manifest", []byte("file log")) != nil {
			return ""
		}
		for i := range 5 {
			if f.Append([]byte{'a' + byte(i)}) != nil || sync(f) != nil {
				return acknowledged
			}
			acknowledged += string(rune('a' + i))
		}
		return acknowledged
	}
	for _, fault := range []faultfs.Fault{{Crash: true}, {Crash: true, After: true}, {Crash: true, Unsure: true}} {
		k := 0
		for ; ; k++ {
			store := memfs.New()
			at := faultfs.At(k, faultfs.Changes, fault)
			acknowledged := run(open(t, store, at))
			if !at.Fired() {
				assert.Equal(t, "abcde", acknowledged)
				break
			}
			for seed := range uint64(20) {
				left := content(t, store.CrashClone(memfs.Random(seed)), "log")
				require.True(t, acknowledged == "" || len(left) >= len(acknowledged) && left[:len(acknowledged)] == acknowledged,
					"k %d, seed %d: %q acknowledged, %q left", k, seed, acknowledged, left)
			}
		}
		assert.Equal(t, 12, k, "a Create, a Replace, five Appends and Syncs")
	}
}
