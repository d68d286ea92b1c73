package aof

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// CONFIG SET appendonly no, when nobody knows which manifest is in force: that of the first base, or the one before. The files of both stay.
func TestTurningOffWhileTheFirstReplaceIsUnknownKeepsTheFilesOfBoth(t *testing.T) {
	for _, taken := range []bool{false, true} {
		s, disk := filled(t, 20)
		before := maps.Clone(s.data)
		s.log.Disable()
		s.posted()
		s.do(0, "SET between 1")
		require.NoError(t, s.log.Enable())
		s.fs.Inject(faultfs.From(0, faultfs.Replace, faultfs.Fault{After: taken}))
		for i := 0; s.log.rw == nil || !s.log.rw.tried || s.log.rw.busy; i++ {
			require.Less(t, i, 100)
			s.tick(1)
		}
		want := maps.Clone(s.data)
		s.log.Disable()
		s.posted()
		assert.Contains(t, []map[string]string{before, want}, reopened(t, disk.CrashClone(memfs.Everything())))
		s.fs.Inject(nil)
		require.NoError(t, s.log.Enable())
		for i := 0; s.log.state != healthy; i++ {
			require.Less(t, i, 100)
			s.tick(1000)
		}
		require.NoError(t, s.close())
		assert.Empty(t, unnamed(t, disk), "the files of the one that was given up are gone")
		assert.Equal(t, want, reopened(t, disk))
	}
}

// CONFIG SET appendonly yes begins nothing before it knows what an earlier process left, however long that takes: it would take names, and
// later the manifest of before, for what is in force.
func TestTurningOnWaitsForWhatWasThere(t *testing.T) {
	s, disk := filled(t, 20)
	require.NoError(t, s.close())
	inner, err := disk.Open()
	require.NoError(t, err)
	s.fs = faultfs.Wrap(inner, nil)
	s.newLog()
	s.host.parked = true
	require.NoError(t, s.log.Enable())
	s.log.Disable()
	require.NoError(t, s.log.Enable()) // two look now
	jobs := s.host.jobs
	s.host.jobs = nil
	for range 5 {
		s.tick(60_000)
	}
	assert.Nil(t, s.log.rw)
	s.host.parked = false
	last := jobs[len(jobs)-1]
	for _, job := range jobs[:len(jobs)-1] {
		job(context.Background())
	}
	for i := 0; s.log.state != healthy; i++ {
		require.Less(t, i, 100)
		s.tick(1000)
	}
	last(context.Background()) // the second one is late
	s.posted()
	assert.Equal(t, s.log.base.name, s.log.man.base.name)
	assert.Empty(t, s.log.doomed, "what is in force")
	s.do(0, "SET behind 1")
	s.turn()
	s.log.Rewrite(false)
	s.rewriteAll()
	want := maps.Clone(s.data)
	require.NoError(t, s.close())
	assert.Equal(t, want, reopened(t, disk))
}

// A fresh base that finds no room is what the ballast is for, also when it was another error that made it necessary.
func TestTheBallastIsGivenForAFreshBase(t *testing.T) {
	disk := memfs.New()
	disk.SetCapacity(2 << 20)
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	s.tick(1)
	require.True(t, s.log.ballast.there)
	for _, key := range strings.Fields("a b c d e f g h") {
		s.do(0, "SET "+key+" "+strings.Repeat("v", 80<<10))
		_, err := s.turn()
		require.NoError(t, err)
	}
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.Error(t, err)
	for i := 0; s.log.Refusing() != nil; i++ {
		require.Less(t, i, 100, "%v", s.host.logs)
		s.tick(1000)
	}
	want := maps.Clone(s.data)
	require.NoError(t, s.close())
	assert.Equal(t, want, reopened(t, disk))
}

// A close while the history gives way, of whose job no turn has heard.
func TestACloseWhileTheHistoryGivesWay(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(10))
	s.write(3)
	s.rewrite()
	s.write(3)
	s.rewrite()
	require.Len(t, s.log.man.history, 2)
	s.log.fs = poolOf{s.fs, s.files() + rewriteFiles - 1}
	s.write(1)
	s.log.Rewrite(false)
	require.NotNil(t, s.log.rw)
	want := maps.Clone(s.data)
	require.NoError(t, s.close())
	all := files(t, disk)
	assert.NotContains(t, all, firstIncr)
	assert.NotContains(t, string(all[manName]), firstIncr+" ", "what was removed is not named")
	assert.Equal(t, want, reopened(t, disk))
}

// files is how many the store has.
func (s *store) files() int {
	names, err := s.fs.List(context.Background())
	require.NoError(s.t, err)
	return len(names)
}

// plain is a file that cannot be truncated in the turn.
type plain struct{ storage.File }

// A file that has been cut back after a failed write, while the sync of what stood before failed, is not trusted again.
func TestACutBackDoesNotEndAFailedSync(t *testing.T) {
	_, s := hush(t, Everysec, memfs.SyncHeld, false)
	disk := s.fs
	s.log.chain[0].File = plain{s.log.chain[0].File}
	s.do(0, "SET a 1")
	s.turn()
	s.log.start(opSync, s.log.current(), false)
	disk.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.host.parked = true
	s.do(0, "SET a 2")
	s.log.write()
	require.Equal(t, truncating, s.log.state)
	s.log.finish(s.log.ops[len(s.log.ops)-1].failed(errSize))
	require.Equal(t, broken, s.log.state)
	jobs := s.host.jobs
	s.host.jobs, s.host.parked = nil, false
	for _, job := range jobs {
		job(context.Background())
	}
	s.posted()
	assert.Equal(t, broken, s.log.state)
}

// failed is the op with this result.
func (o *op) failed(err error) *op {
	o.err = err
	return o
}

// What a late writer was given before may be lost with what it refuses: its file is not cut back and used again.
func TestALateWriterThatRefusesIsNotTrusted(t *testing.T) {
	disk := memfs.New()
	disk.SetLateWrites(true, true)
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.do(0, "SET a 2")
	_, err := s.turn()
	require.Error(t, err)
	assert.Equal(t, broken, s.log.state)
}

// A read under always may be the first to wait for what was written without a sync; then the policy becomes another one, and nothing is
// written any more. The tick syncs for it.
func TestAReaderUnderAlwaysIsAnsweredThoughThePolicyChanges(t *testing.T) {
	for _, policy := range []Policy{No, Everysec} {
		cfg := config()
		cfg.Policy = No
		s := mustOpen(t, memfs.New(), cfg)
		s.do(0, "SET a 1")
		ticket, err := s.turn()
		require.NoError(t, err)
		require.Zero(t, ticket)
		s.cfg.Policy = Always
		ticket, err = s.turn()
		require.NoError(t, err)
		require.NotZero(t, ticket)
		s.cfg.Policy = policy
		s.tick(1)
		assert.Equal(t, ticket, s.host.settledTo())
	}
}

// What was acknowledged before a write failed is synced within its time, however long there is no room for more.
func TestWhatIsWrittenIsSyncedWhileMoreIsNot(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	s.tick(2000)
	s.do(0, "SET a 1")
	require.NoError(t, outcome(s.turn()))
	s.tick(100)
	s.do(0, "SET b 2")
	require.NoError(t, outcome(s.turn()))
	require.Empty(t, reopened(t, disk.CrashClone(memfs.Nothing()))["0/b"], "its time is not over")
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op == faultfs.Append {
			return &faultfs.Fault{Err: storage.ErrQuota}
		}
		return nil
	}))
	s.do(0, "SET c 3")
	require.Error(t, outcome(s.turn()))
	for range 20 {
		s.tick(100)
	}
	require.Equal(t, "unwritten", s.log.Stats().State)
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk.CrashClone(memfs.Nothing())))
}
