package aof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// stepped is a disk whose files take their room in large steps.
type stepped struct{ *faultfs.FS }

func (stepped) GrowsInSteps() bool { return true }

// outcome is what Flush says of the turn.
func outcome(_ uint64, err error) error { return err }

// recovers waits until writes are taken again.
func recovers(t *testing.T, s *store) {
	t.Helper()
	for n := 0; s.log.Refusing() != nil; n++ {
		require.Less(t, n, 60, "%q", s.host.logs)
		s.tick(1000)
	}
}

// A file that cannot grow, though there is room for another one: the log goes on there, whichever of the steps fails, and wherever it crashes.
func TestTheLogGoesOnInAnotherFile(t *testing.T) {
	for k := 0; ; k++ {
		disk := memfs.New()
		s := mustOpen(t, disk, config())
		s.log.fs, s.log.ballast.busy = stepped{s.fs}, false
		s.do(0, "SET a "+strings.Repeat("v", 2*rollLeast))
		s.do(3, "SET b 1")
		require.NoError(t, outcome(s.turn()))
		full := s.log.current().name
		at, struck := faultfs.At(k, faultfs.Changes, faultfs.Fault{Err: storage.ErrQuota}), false
		s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
			got := reopened(t, disk.CrashClone(memfs.Random(uint64(k))))
			require.Equal(t, "1", got["3/b"], "what was acknowledged")
			switch {
			case c.Name == full && c.Op == faultfs.Append:
				return &faultfs.Fault{Err: storage.ErrQuota, Short: 30}
			case c.Name == ballastName("appendonly.aof"):
				return &faultfs.Fault{Err: storage.ErrQuota}
			}
			fault := at.Fault(c)
			struck = struck || fault != nil
			return fault
		}))
		s.do(3, "SET c 2")
		require.Error(t, outcome(s.turn()))
		s.do(0, "SET d 3") // behind it, in another database
		s.turn()
		recovers(t, s)
		s.do(3, "SET e 4")
		s.turn() // it may be what fails
		recovers(t, s)
		want := map[string]string{"3/b": "1", "3/c": "2", "0/d": "3", "3/e": "4"}
		got := reopened(t, disk.CrashClone(memfs.Nothing()))
		delete(got, "0/a") // it is long
		require.Equal(t, want, got, "%d: %q", k, s.host.logs)
		if !struck {
			require.True(t, s.host.logged("There is no room for appendonly.aof.1.incr.aof to grow. The log goes on in appendonly.aof.2.incr.aof"), s.host.logs)
			require.False(t, s.host.logged("not trusted"))
		}
		s.fs.Inject(nil)
		s.log.Rewrite(false)
		s.rewriteAll()
		require.NoError(t, s.close())
		require.Equal(t, s.data, reopened(t, disk))
		if !struck {
			require.Greater(t, k, 3)
			return
		}
	}
}

// A rewrite under way ends first: its manifest would not name the file behind.
func TestARewriteEndsBeforeTheLogGoesOnInAnotherFile(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.fs, s.log.ballast.busy = stepped{s.fs}, false
	s.do(0, "SET a "+strings.Repeat("v", 2*rollLeast))
	require.NoError(t, outcome(s.turn()))
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	for s.log.rw.phase != writing {
		s.tick(1)
	}
	s.do(0, "SET b "+strings.Repeat("v", 2*rollLeast))
	require.NoError(t, outcome(s.turn()))
	full := s.log.current().name
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if (c.Name == full && c.Op == faultfs.Append) || c.Name == ballastName("appendonly.aof") {
			return &faultfs.Fault{Err: storage.ErrQuota}
		}
		return nil
	}))
	s.do(0, "SET c 1")
	require.Error(t, outcome(s.turn()))
	recovers(t, s)
	require.True(t, s.host.logged("The log goes on in appendonly.aof.3.incr.aof"), s.host.logs)
	require.Len(t, s.log.chain, 3, "without waiting for the rewrite's end")
	for range 20 {
		s.tick(100)
	}
	require.Equal(t, s.data, reopened(t, disk.CrashClone(memfs.Nothing())))
}

// A file is not gone on in as long as the one before could get back what it was cut back by.
func TestTheFileBeforeIsDurablyCutBack(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.fs, s.log.ballast.busy = stepped{s.fs}, false
	s.do(0, "SET a "+strings.Repeat("v", 2*rollLeast))
	require.NoError(t, outcome(s.turn()))
	full := s.log.current().name
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		switch {
		case c.Name == full && c.Op == faultfs.Append:
			return &faultfs.Fault{Err: storage.ErrQuota, Short: c.Len}
		case c.Name == ballastName("appendonly.aof"):
			return &faultfs.Fault{Err: storage.ErrQuota}
		}
		return nil
	}))
	s.do(3, "SET c 2")
	require.Error(t, outcome(s.turn()))
	recovers(t, s)
	require.True(t, s.host.logged("The log goes on in"), s.host.logs)
	for i, v := range []string{"4", "5"} {
		s.do(3, "SET e "+v)
		require.NoError(t, outcome(s.turn()))
		for choice := range 4 {
			got, err := open(t, disk.CrashClone(memfs.Policy{
				Size: func(_ string, f memfs.Sizes) int64 { return f.High },
				Page: func(_ string, _ int64, n int) int { return min(choice, n-1) },
			}), s.cfg, nil)
			require.NoError(t, err, "%d", i)
			require.Equal(t, s.data, got.data, "%d", i)
		}
	}
}

// A sync that was called before a file was cut back does not tell that it is.
func TestASyncFromBeforeDoesNotCoverTheCut(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET a 1")
	s.turn()
	disk.SetSync(memfs.SyncHeldLater)
	s.log.start(opSync, s.log.current(), false)
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{Err: storage.ErrQuota, After: true}))
	s.do(0, "SET b 2")
	s.log.write()
	require.Equal(t, unwritten, s.log.state)
	disk.ReleaseSync(nil)
	s.posted()
	f := s.log.current()
	require.Less(t, f.synced, f.last)
	disk.SetSync(memfs.SyncInline)
	s.tick(2000)
	require.NoError(t, s.log.Refusing())
	s.tick(2000)
	require.GreaterOrEqual(t, f.synced, s.log.lastData)
}

// steppedPool is such a disk of so many files.
type steppedPool struct{ poolOf }

func (steppedPool) GrowsInSteps() bool { return true }

// However often the log goes on in another file, a rewrite can bring it back into one.
func TestALogInManyFilesCanBeRewritten(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.fs, s.log.ballast.busy = steppedPool{poolOf{s.fs, 12}}, false
	s.tick(1)
	require.True(t, s.log.ballast.there)
	full := ""
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Name == full && c.Op == faultfs.Append || full != "" && c.Name == ballastName("appendonly.aof") && c.Op == faultfs.Create {
			return &faultfs.Fault{Err: storage.ErrQuota}
		}
		return nil
	}))
	for range 20 {
		s.do(0, "SET a "+strings.Repeat("v", 2*rollLeast))
		s.turn()
		full = s.log.current().name
		s.do(0, "SET b 1")
		s.turn()
		for range 30 {
			s.tick(1000)
		}
		if s.log.Refusing() != nil {
			break
		}
	}
	require.Error(t, s.log.Refusing())
	full = ""
	for range 30 {
		s.tick(1000)
	}
	require.NoError(t, s.log.Refusing())
	require.True(t, s.log.ballast.there)
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	s.rewriteAll()
	assert.Len(t, s.log.chain, 1)
}
