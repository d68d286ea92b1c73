package aof

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// hush opens a store whose syncs and late writes wait until the test lets them go.
func hush(t *testing.T, policy Policy, mode memfs.SyncMode, late bool) (*memfs.Store, *store) {
	disk := memfs.New()
	disk.SetLateWrites(late, late)
	cfg := config()
	cfg.Policy = policy
	s := mustOpen(t, disk, cfg)
	disk.SetSync(mode)
	return disk, s
}

// The turn's own sync may give no answer either, where it is asynchronous: then nothing is waited for any more.
func TestASyncThatIsNeverAnsweredEndsInAFreshBase(t *testing.T) {
	disk, s := hush(t, Always, memfs.SyncHeld, false)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	require.NotZero(t, ticket)
	s.tick(silent - 1)
	require.Equal(t, 1, disk.HeldSyncs())
	s.tick(1)
	require.Equal(t, 2, disk.HeldSyncs(), "asked once more")
	require.NoError(t, s.log.Refusing())
	s.tick(silent)
	require.EqualError(t, s.log.Refusing(), "Errors writing to the AOF file: No answer from the disk")
	last := s.host.settled[len(s.host.settled)-1]
	assert.Equal(t, ticket, last.ticket)
	assert.Error(t, last.err, "who waits hears that it is not durable")
	disk.SetSync(memfs.SyncInline)
	for range 20 {
		s.tick(1000)
	}
	require.NoError(t, s.log.Refusing())
	assert.Equal(t, map[string]string{"0/a": "1"}, reopened(t, disk.CrashClone(memfs.Nothing())))
}

func TestALateAnswerEndsTheDoubt(t *testing.T) {
	disk, s := hush(t, Always, memfs.SyncHeld, false)
	for i := range 3 { // never twice in a row
		s.do(0, "SET a "+string(rune('1'+i)))
		ticket, _ := s.turn()
		s.tick(silent)
		require.Equal(t, 2, disk.HeldSyncs())
		disk.ReleaseSync(nil)
		s.posted()
		assert.Equal(t, ticket, s.host.settledTo())
		disk.ReleaseSync(nil)
		s.posted()
	}
	assert.NoError(t, s.log.Refusing())
}

// A late write that is not told to have arrived: a sync tells, since what is durable is with the platform.
func TestAWriteThatIsNeverToldIsSynced(t *testing.T) {
	disk, s := hush(t, No, memfs.SyncHeld, true)
	s.do(0, "SET a 1")
	ticket, _ := s.turn()
	s.do(0, "SET b 2")
	last, _ := s.turn()
	require.Greater(t, last, ticket)
	s.tick(silent - 1)
	require.Zero(t, disk.HeldSyncs())
	s.tick(1)
	require.Equal(t, 1, disk.HeldSyncs())
	require.NoError(t, s.log.Refusing())
	assert.Less(t, s.host.settledTo(), ticket)
	disk.ReleaseSync(nil)
	s.posted()
	assert.Equal(t, last, s.host.settledTo())
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)

	s.do(0, "SET c 3")
	s.turn()
	s.tick(silent)
	s.tick(silent)
	require.Error(t, s.log.Refusing(), "nothing answers")
}

// A base whose sync is not answered does not stand in the way of the next rewrite for ever.
func TestABaseWhoseSyncIsNeverAnswered(t *testing.T) {
	disk, s := hush(t, No, memfs.SyncInline, false)
	s.do(0, "SET a 1")
	s.turn()
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	disk.SetSync(memfs.SyncHeld)
	for i := 0; disk.HeldSyncs() == 0; i++ {
		require.Less(t, i, 10)
		s.tick(1)
	}
	require.Equal(t, syncing, s.log.rw.phase)
	base := s.log.rw.base
	s.tick(silent)
	require.NotNil(t, s.log.rw)
	s.tick(silent)
	assert.Nil(t, s.log.rw)
	assert.True(t, s.host.logged("A sync of "+base.name+" gives no answer"))
	assert.True(t, s.host.logged("Background AOF rewrite failed: no answer from the disk"))
	assert.NoError(t, s.log.Refusing(), "the log itself is as it was")
	disk.SetSync(memfs.SyncInline)
	_, err = s.log.Rewrite(false)
	require.NoError(t, err)
	s.rewriteAll()
	assert.EqualValues(t, 1, s.log.rewrites)

	s.do(0, "SET b 2")
	s.turn()
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk))
}

// A large base may take its time.
func TestALargeBaseMayTakeLonger(t *testing.T) {
	f := &logFile{size: 100 << 20}
	assert.EqualValues(t, silent, (&op{kind: opSync, f: f}).patience())
	assert.EqualValues(t, silent+100<<10, (&op{kind: opBase, f: f}).patience())
}

// A sync that failed while nobody took its result any more is not forgotten by the last one, which succeeds.
func TestClosingHearsOfASyncThatFailed(t *testing.T) {
	disk, s := hush(t, Everysec, memfs.SyncHeldLater, false)
	s.tick(1000)
	s.do(0, "SET a 1")
	s.turn()
	require.Equal(t, 1, disk.HeldSyncs())
	disk.ReleaseSync(faultfs.ErrInjected)
	s.host.posts = make(chan func(), 10) // no turn takes it
	require.ErrorIs(t, s.log.Close(context.Background()), faultfs.ErrInjected)
	again := mustOpen(t, disk.CrashClone(memfs.Nothing()), config())
	assert.Empty(t, again.data, "it was lost, and the log does not call that damage")
}

// The same of a log that is turned off.
func TestTurningOffHearsOfASyncThatFailed(t *testing.T) {
	disk, s := hush(t, Always, memfs.SyncHeld, false)
	s.do(0, "SET a 1")
	ticket, _ := s.turn()
	require.Equal(t, 1, disk.HeldSyncs())
	s.host.parked = true
	s.log.Disable()
	disk.ReleaseSync(faultfs.ErrInjected)
	s.posted()
	disk.SetSync(memfs.SyncInline)
	for _, job := range s.host.jobs {
		job(context.Background())
	}
	s.posted()
	last := s.host.settled[len(s.host.settled)-1]
	assert.Equal(t, ticket, last.ticket)
	assert.ErrorIs(t, last.err, faultfs.ErrInjected)
	assert.True(t, s.host.logged("that was turned off may lack what was written last"))
}
