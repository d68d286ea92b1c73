package aof

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// Between two units the whole buffer goes into the old file, or nothing is cut: else what it held would be in the base alone, and lost with it
// before later units that are in the log.
func TestNothingIsCutBehindABufferThatIsNotWritten(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeldLater)
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1100) // the sync of that is under way
	require.NotZero(t, disk.HeldSyncs())
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	disk.SetSync(memfs.SyncInline)
	s.posted()
	require.Equal(t, prepared, s.log.rw.phase)
	s.do(0, "SET b 2")
	s.turn()
	require.NotZero(t, s.log.buf.len(), "it waits for the sync")
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.log.Tick()
	require.Equal(t, "unwritten", s.log.Stats().State)
	for disk.ReleaseSync(nil) {
	}
	for range 4 {
		s.tick(1000)
	}
	s.log.abandon(errors.New("no base comes of it"))
	s.do(0, "SET c 3")
	require.NoError(t, outcome(s.turn()))
	disk.Kill()
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2", "0/c": "3"}, reopened(t, disk))
}

// Two snapshots at a time would be one too many.
func TestTheCutWaitsForRoom(t *testing.T) {
	s := mustOpen(t, memfs.New(), config())
	s.do(0, "SET a 1")
	s.turn()
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	s.host.crowded = true
	for range 5 {
		s.tick(10)
		require.Equal(t, prepared, s.log.rw.phase)
	}
	s.host.crowded = false
	s.rewriteAll()
	assert.EqualValues(t, 1, s.log.rewrites)
}

// A base that has not the size that was written does not come in force.
func TestABaseOfAStrangeSizeIsNoBase(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op == faultfs.Append && c.Name == firstBase {
			return &faultfs.Fault{Lost: true}
		}
		return nil
	}))
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	s.rewriteAll()
	assert.Zero(t, s.log.rewrites)
	assert.False(t, s.log.lastOK)
	assert.Equal(t, s.data, reopened(t, disk.CrashClone(memfs.Nothing())))
}

// Reload misses nothing of what the log has written.
func TestALogThatEndsTooEarlyIsNotReloaded(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	require.NoError(t, outcome(s.turn()))
	at := s.log.current().size
	s.do(0, "SET b 2")
	require.NoError(t, outcome(s.turn()))
	require.NoError(t, s.log.current().File.Truncate(context.Background(), at))
	done := make(chan error, 1)
	go func() { done <- s.log.Reload(context.Background(), s.apply()) }()
	(<-s.host.posts)()
	assert.ErrorIs(t, <-done, ErrCorrupt)
}
