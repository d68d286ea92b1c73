package aof

import (
	"context"
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// openPool opens a log on a storage of so many files.
func openPool(t *testing.T, disk *memfs.Store, n int) *store {
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: config(), data: map[string]string{},
		host: &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}}
	s.newLog()
	s.log.fs = strictPool{poolOf{s.fs, n}}
	s.rep, err = s.log.Load(context.Background(), s.apply(), nil)
	require.NoError(t, err)
	s.turn()
	return s
}

// killedInRewrite writes, and is killed when the rewrite has cut. It tells whether a rewrite began.
func (s *store) killedInRewrite(disk *memfs.Store, round int) (*memfs.Store, bool) {
	s.write(2)
	_, err := s.log.Rewrite(false)
	for i := 0; err == nil && i < 100 && (s.log.rw == nil || s.log.rw.phase < writing); i++ {
		s.tick(1)
	}
	s.do(0, "SET round "+strconv.Itoa(round))
	s.turn()
	return disk.CrashClone(memfs.Everything()), err == nil
}

// However often a rewrite is cut short by a kill, the next one finds its files.
func TestKillsInRewritesDoNotUseUpTheFiles(t *testing.T) {
	disk := memfs.New()
	for round := range 30 {
		s := openPool(t, disk, 12)
		if round > 0 {
			require.Equal(t, strconv.Itoa(round-1), s.data["0/round"])
		}
		s.tick(1) // what is removed is gone
		want := maps.Clone(s.data)
		require.Equal(t, want, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data, "durable")
		var began bool
		disk, began = s.killedInRewrite(disk, round)
		require.True(t, began, "round %d", round)
	}
}

// aboutToShorten is a disk whose next opening shortens the chain, and what is on it.
func aboutToShorten(t *testing.T) (*memfs.Store, map[string]string) {
	disk := memfs.New()
	for round := range 30 {
		used := disk.CrashClone(memfs.Everything())
		s := openPool(t, used, 12)
		if s.host.logged("a fresh base takes their place") {
			return disk, s.data
		}
		disk, _ = s.killedInRewrite(used, round)
	}
	require.Fail(t, "no chain is shortened")
	return nil, nil
}

// Whatever fails while the chain is shortened: all is there afterwards, and where the base cannot be written, the log opens with what it was.
func TestFaultsWhileTheChainIsShortened(t *testing.T) {
	disk, want := aboutToShorten(t)
	kept, refused := 0, 0
	for k := 0; ; k++ {
		clone := disk.CrashClone(memfs.Everything())
		inner, err := clone.Open()
		require.NoError(t, err)
		s := &store{t: t, fs: faultfs.Wrap(inner, faultfs.At(k, faultfs.Any, faultfs.Fault{Err: storage.ErrQuota})), cfg: config(),
			data: map[string]string{}, host: &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}}
		s.newLog()
		s.log.fs = strictPool{poolOf{s.fs, 12}}
		if _, err = s.log.Load(context.Background(), s.apply(), nil); err != nil {
			refused++
		} else {
			require.Equal(t, want, s.data, k)
			if s.host.logged("could not be written") {
				kept++
			}
			s.do(0, "SET later x")
			s.turn()
			delete(s.data, "0/later")
		}
		later := err == nil && s.log.Refusing() == nil
		for _, left := range []memfs.Policy{memfs.Nothing(), memfs.Everything()} {
			got := mustOpen(t, clone.CrashClone(left), config()).data
			if later {
				require.Equal(t, "x", got["0/later"], k)
			}
			delete(got, "0/later")
			require.Equal(t, want, got, k)
		}
		if s.fs.Count(faultfs.Any) <= k {
			break
		}
	}
	t.Logf("%d faults left the log as it was, %d ended the opening", kept, refused)
	assert.Greater(t, kept, 3)
	assert.Greater(t, refused, 3)
}
