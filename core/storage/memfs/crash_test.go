package memfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
)

var ctx = context.Background()

func open(t *testing.T, s *memfs.Store) storage.FS {
	t.Helper()
	fs, err := s.Open()
	require.NoError(t, err)
	return fs
}

func create(t *testing.T, fs storage.FS, name, data string) storage.File {
	t.Helper()
	f, err := fs.Create(ctx, name)
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte(data)))
	return f
}

func sync(t *testing.T, f storage.File) {
	t.Helper()
	result := make(chan error, 1)
	f.Sync(true, func(err error) { result <- err })
	require.NoError(t, <-result)
}

// disk is every file of a store that nobody has open.
func disk(t *testing.T, s *memfs.Store) map[string]string {
	t.Helper()
	fs := open(t, s)
	defer fs.Close()
	names, err := fs.List(ctx)
	require.NoError(t, err)
	files := map[string]string{}
	for _, name := range names {
		f, err := fs.Open(ctx, name)
		require.NoError(t, err)
		data := make([]byte, f.Size())
		if len(data) > 0 {
			_, err = f.ReadAt(data, 0)
			require.NoError(t, err)
		}
		files[name] = string(data)
	}
	return files
}

type files = map[string]string

func TestWhatACrashLeaves(t *testing.T) {
	zeros := func(n int) string { return string(make([]byte, n)) }
	long := func(c byte, n int) string { return string(bytes.Repeat([]byte{c}, n)) }
	for _, c := range []struct {
		name       string
		run        func(fs storage.FS)
		nothing    files
		everything files
		zeroed     files
	}{
		{"a new file", func(fs storage.FS) {
			create(t, fs, "a", "data")
		}, files{}, files{"a": "data"}, files{"a": zeros(4)}},
		{"a synced file", func(fs storage.FS) {
			sync(t, create(t, fs, "a", "data"))
		}, files{"a": "data"}, files{"a": "data"}, files{"a": "data"}},
		{"a tail behind a sync", func(fs storage.FS) {
			f := create(t, fs, "a", "data")
			sync(t, f)
			require.NoError(t, f.Append([]byte("tail")))
		}, files{"a": "data"}, files{"a": "datatail"}, files{"a": "data" + zeros(4)}},
		{"close does not sync", func(fs storage.FS) {
			require.NoError(t, create(t, fs, "a", "data").Close())
			require.NoError(t, fs.Close())
		}, files{}, files{"a": "data"}, files{"a": zeros(4)}},
		{"a new file that a Replace names", func(fs storage.FS) {
			create(t, fs, "a", "data")
			create(t, fs, "b", "data")
			require.NoError(t, fs.Replace(ctx, "manifest", []byte("file a")))
		}, files{"manifest": "file a", "a": ""}, files{"manifest": "file a", "a": "data", "b": "data"},
			files{"manifest": "file a", "a": zeros(4), "b": zeros(4)}},
		{"a replaced file", func(fs storage.FS) {
			require.NoError(t, fs.Replace(ctx, "a", []byte("old")))
			require.NoError(t, fs.Replace(ctx, "a", []byte("new")))
		}, files{"a": "new"}, files{"a": "new"}, files{"a": "new"}},
		{"a removed file", func(fs storage.FS) {
			f := create(t, fs, "a", "data")
			sync(t, f)
			require.NoError(t, f.Close())
			require.NoError(t, fs.Remove(ctx, "a"))
		}, files{"a": "data"}, files{}, files{}},
		{"a name used again", func(fs storage.FS) {
			require.NoError(t, fs.Replace(ctx, "a", []byte("old")))
			require.NoError(t, fs.Remove(ctx, "a"))
			create(t, fs, "a", "new!")
		}, files{"a": "old"}, files{"a": "new!"}, files{"a": zeros(4)}},
		{"a truncated file", func(fs storage.FS) {
			f := create(t, fs, "a", long('x', 9000))
			sync(t, f)
			require.NoError(t, f.Truncate(ctx, 5000))
		}, files{"a": long('x', 9000)}, files{"a": long('x', 5000)}, files{"a": long('x', 5000)}},
		{"a truncation that was synced", func(fs storage.FS) {
			f := create(t, fs, "a", long('x', 9000))
			sync(t, f)
			require.NoError(t, f.Truncate(ctx, 5000))
			sync(t, f)
		}, files{"a": long('x', 5000)}, files{"a": long('x', 5000)}, files{"a": long('x', 5000)}},
		{"hardened bytes", func(fs storage.FS) {
			f := create(t, fs, "a", "data")
			require.NoError(t, f.Harden(ctx, 2))
		}, files{"a": "data"}, files{"a": "data"}, files{"a": "data"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := memfs.New()
			c.run(open(t, s))
			assert.Equal(t, c.nothing, disk(t, s.CrashClone(memfs.Nothing())), "nothing stays")
			assert.Equal(t, c.everything, disk(t, s.CrashClone(memfs.Everything())), "everything stays")
			assert.Equal(t, c.zeroed, disk(t, s.CrashClone(memfs.Zeros())), "sizes stay")
		})
	}
}

func TestAPrefixStays(t *testing.T) {
	s := memfs.New()
	f := create(t, open(t, s), "a", "data")
	sync(t, f)
	require.NoError(t, f.Append([]byte("tail")))
	for n, want := range []string{"data", "datat", "datata", "datatai", "datatail", "datatail"} {
		assert.Equal(t, files{"a": want}, disk(t, s.CrashClone(memfs.Prefix(int64(n)))))
	}
}

func TestACrashCloneIsAnUnlockedDiskOfItsOwn(t *testing.T) {
	s := memfs.New()
	f := create(t, open(t, s), "a", "data")
	sync(t, f)
	clone := s.CrashClone(memfs.Nothing())
	require.NoError(t, f.Append([]byte("more")))
	sync(t, f)
	g, err := open(t, clone).Open(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, g.Append([]byte("!")))
	assert.Equal(t, files{"a": "data"}, disk(t, clone.CrashClone(memfs.Nothing())))
	assert.Equal(t, files{"a": "datamore"}, disk(t, s.CrashClone(memfs.Nothing())))
}

func TestPagesStayOneByOne(t *testing.T) {
	s := memfs.New()
	f := create(t, open(t, s), "a", "")
	sync(t, f)
	const pages = 6
	require.NoError(t, f.Append(bytes.Repeat([]byte{'x'}, pages*memfs.Page)))
	page := func(c byte) string { return string(bytes.Repeat([]byte{c}, memfs.Page)) }
	seen := map[string]bool{}
	for seed := range uint64(300) {
		data := disk(t, s.CrashClone(memfs.Random(seed)))["a"]
		if len(data) != pages*memfs.Page {
			continue
		}
		shape := ""
		for at := 0; at < len(data); at += memfs.Page {
			switch data[at : at+memfs.Page] {
			case page('x'):
				shape += "x"
			case page(0):
				shape += "0"
			default:
				t.Fatalf("seed %d: page at %d is neither", seed, at)
			}
		}
		seen[shape] = true
	}
	assert.Greater(t, len(seen), 30, "of 64 shapes; seen: %v", seen)
}

func TestALostSyncDropsOnlyWhatWasDirty(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	f := create(t, open(t, s), "a", "lost")
	f.Sync(true, func(error) {})
	require.True(t, s.ReleaseSync(errors.New("broken disk")))
	require.NoError(t, f.Append([]byte("more")))
	f.Sync(true, func(error) {})
	require.True(t, s.ReleaseSync(nil))
	assert.Equal(t, files{"a": "\x00\x00\x00\x00more"}, disk(t, s.CrashClone(memfs.Nothing())))
	require.NoError(t, f.Truncate(ctx, 0))
	require.NoError(t, f.Append([]byte("written again")))
	f.Sync(true, func(error) {})
	require.True(t, s.ReleaseSync(nil))
	assert.Equal(t, files{"a": "written again"}, disk(t, s.CrashClone(memfs.Nothing())))
}

func TestTruncatedBytesMayComeBack(t *testing.T) {
	s := memfs.New()
	f := create(t, open(t, s), "a", "")
	sync(t, f)
	require.NoError(t, f.Append([]byte("torn")))
	require.NoError(t, f.Truncate(ctx, 0))
	require.NoError(t, f.Append([]byte("ok")))
	left := func() map[string]bool {
		seen := map[string]bool{}
		for seed := range uint64(200) {
			seen[disk(t, s.CrashClone(memfs.Random(seed)))["a"]] = true
		}
		return seen
	}
	for _, want := range []string{"", "ok", "torn", "to", "ok\x00\x00", "\x00"} {
		assert.Contains(t, left(), want)
	}
	sync(t, f)
	assert.Equal(t, map[string]bool{"ok": true}, left(), "a sync ends it")
}

// Whatever is done and whenever it crashes: what was synced is there, and every byte of the rest was once there or is zero.
func TestSyncedBytesSurviveEveryCrash(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := memfs.New()
		s.SetSync(memfs.SyncHeld)
		f := create(t, open(t, s), "a", "")
		var now, synced []byte
		var calls [][]byte // contents at the syncs held
		for step := range 40 {
			switch r.IntN(6) {
			case 0, 1:
				p := bytes.Repeat([]byte{byte(step + 1)}, r.IntN(6000))
				require.NoError(t, f.Append(p))
				now = append(now, p...)
			case 2:
				calls = append(calls, bytes.Clone(now))
				f.Sync(r.IntN(2) == 0, func(err error) { require.NoError(t, err) })
			case 3:
				if s.ReleaseSync(nil) {
					synced, calls = calls[0], calls[1:]
				}
			case 4:
				if cut := len(now) - r.IntN(3000); cut > 0 && r.IntN(2) == 0 {
					require.NoError(t, f.Truncate(ctx, int64(cut)))
					now = now[:cut]
					synced = synced[:min(len(synced), cut)]
					for i := range calls {
						calls[i] = calls[i][:min(len(calls[i]), cut)]
					}
				}
			case 5:
				crash := r.Uint64()
				left := disk(t, s.CrashClone(memfs.Random(crash)))["a"]
				require.True(t, bytes.HasPrefix([]byte(left), synced), "seed %d, step %d, crash %d: synced bytes are gone", seed, step, crash)
				require.Equal(t, left, disk(t, s.CrashClone(memfs.Random(crash)))["a"], "the same seed leaves the same")
			}
		}
		got := make([]byte, len(now))
		if len(now) > 0 {
			_, err := f.ReadAt(got, 0)
			require.NoError(t, err)
		}
		require.True(t, bytes.Equal(now, got), "seed %d: crashes of clones leave the store alone", seed)
	}
}

func TestSyncCoversTheSizeAtItsCall(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	f := create(t, open(t, s), "a", "one")
	var results []error
	done := func(err error) { results = append(results, err) }
	f.Sync(true, done)
	require.NoError(t, f.Append([]byte("two")))
	f.Sync(true, done)
	require.NoError(t, f.Append([]byte("three")))
	assert.Empty(t, results)
	assert.Equal(t, 2, s.HeldSyncs())
	assert.Empty(t, disk(t, s.CrashClone(memfs.Nothing())))
	for _, want := range []string{"one", "onetwo"} {
		require.True(t, s.ReleaseSync(nil))
		assert.Equal(t, files{"a": want}, disk(t, s.CrashClone(memfs.Nothing())))
	}
	assert.False(t, s.ReleaseSync(nil))
	assert.Equal(t, []error{nil, nil}, results)
}

func TestASyncInTheCallOvertakesAHeldOne(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeldLater)
	f := create(t, open(t, s), "a", "one")
	f.Sync(false, func(error) {})
	require.NoError(t, f.Append([]byte("two")))
	sync(t, f)
	assert.Equal(t, files{"a": "onetwo"}, disk(t, s.CrashClone(memfs.Nothing())))
	require.True(t, s.ReleaseSync(nil))
	assert.Equal(t, files{"a": "onetwo"}, disk(t, s.CrashClone(memfs.Nothing())))
}

func TestAFailedSyncLosesItsPagesForLaterOnes(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	f := create(t, open(t, s), "a", "good")
	f.Sync(true, func(error) {})
	require.True(t, s.ReleaseSync(nil))
	require.NoError(t, f.Append([]byte("lost")))
	var first, second error
	f.Sync(true, func(err error) { first = err })
	require.NoError(t, f.Append([]byte("more")))
	f.Sync(true, func(err error) { second = err })
	require.True(t, s.ReleaseSync(errors.New("broken disk")))
	require.True(t, s.ReleaseSync(nil))
	require.EqualError(t, first, "sync a: broken disk")
	require.NoError(t, second)
	assert.Equal(t, files{"a": "good\x00\x00\x00\x00more"}, disk(t, s.CrashClone(memfs.Nothing())))
	assert.Equal(t, files{"a": "goodlostmore"}, disk(t, s.CrashClone(memfs.Everything())))

	f.Sync(true, func(err error) { second = err })
	require.True(t, s.ReleaseSync(nil))
	require.NoError(t, second)
	assert.Equal(t, files{"a": "good\x00\x00\x00\x00more"}, disk(t, s.CrashClone(memfs.Nothing())), "nor by one called afterwards")

	s.Kill() // the next process reads it from the cache
	assert.Equal(t, files{"a": "goodlostmore"}, disk(t, s))
	f, err := open(t, s).Open(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Harden(ctx, 4))
	assert.Equal(t, files{"a": "goodlostmore"}, disk(t, s.CrashClone(memfs.Nothing())))
}

func TestAKilledProcessLeavesTheCache(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	fs := open(t, s)
	f := create(t, fs, "a", "data")
	f.Sync(true, func(error) { t.Error("a dead process hears nothing") })
	s.Kill()
	assert.ErrorIs(t, f.Append([]byte("x")), storage.ErrClosed)
	assert.ErrorIs(t, fs.Replace(ctx, "b", nil), storage.ErrClosed)
	assert.False(t, s.ReleaseSync(nil))
	assert.Equal(t, files{"a": "data"}, disk(t, s))
	assert.Empty(t, disk(t, s.CrashClone(memfs.Nothing())), "readable is not durable")
}

func TestLateWritesAreLostWithTheirProcessUntilWritten(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	s.SetLateWrites(true, true)
	f := create(t, open(t, s), "a", "one")
	var results []string
	tell := func(what string) func(error) {
		return func(err error) { results = append(results, fmt.Sprint(what, " ", err)) }
	}
	f.(storage.LateWriter).Written(tell("one"))
	assert.Empty(t, results)
	s.ReleaseWrites(nil)
	require.NoError(t, f.Append([]byte("two")))
	f.(storage.LateWriter).Written(tell("two"))
	assert.Equal(t, []string{"one <nil>"}, results)
	assert.Equal(t, files{"a": "one"}, disk(t, s.CrashClone(memfs.Everything())))
	f.Sync(true, tell("sync"))
	s.ReleaseSync(nil)
	require.NoError(t, f.Append([]byte("three")))
	assert.Equal(t, []string{"one <nil>", "two <nil>", "sync <nil>"}, results, "a sync brings the writes too")
	s.Kill()
	assert.Equal(t, files{"a": "onetwo"}, disk(t, s))
}

func TestWhatTakesThePlaceOfLostBytesIsNotLost(t *testing.T) {
	s := memfs.New()
	s.SetSync(memfs.SyncHeld)
	s.SetLateWrites(true, true)
	f := create(t, open(t, s), "a", "good")
	s.ReleaseWrites(nil)
	f.Sync(true, func(error) {})
	s.ReleaseSync(nil)
	require.NoError(t, f.Append([]byte("lost")))
	f.Sync(true, func(error) {})
	s.ReleaseSync(errors.New("broken disk"))
	s.Kill() // before it arrived
	s.SetSync(memfs.SyncInline)
	f, err := open(t, s).Open(ctx, "a")
	require.NoError(t, err)
	require.NoError(t, f.Append([]byte("more")))
	sync(t, f)
	assert.Equal(t, files{"a": "goodmore"}, disk(t, s.CrashClone(memfs.Nothing())))
}

func TestAFailedLateWriteSticks(t *testing.T) {
	s := memfs.New()
	s.SetLateWrites(true, true)
	f := create(t, open(t, s), "a", "good")
	s.ReleaseWrites(nil)
	require.NoError(t, f.Append([]byte("bad")))
	var written error
	f.(storage.LateWriter).Written(func(err error) { written = err })
	s.ReleaseWrites(storage.ErrQuota)
	require.ErrorIs(t, written, storage.ErrQuota)
	assert.Equal(t, written, f.Append([]byte("more")))
	var synced error
	f.Sync(true, func(err error) { synced = err })
	assert.Equal(t, written, synced)
	assert.ErrorIs(t, f.Truncate(ctx, 5), storage.ErrQuota, "byte 4 is missing")
	require.NoError(t, f.Truncate(ctx, 4))
	require.NoError(t, f.Append([]byte("+")))
	sync(t, f)
	assert.Equal(t, files{"a": "good+"}, disk(t, s.CrashClone(memfs.Nothing())))
}
