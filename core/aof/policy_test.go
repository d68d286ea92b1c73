package aof

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

func TestAlwaysAnswersWhenTheSyncOfTheTurnIsDone(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	syncs := s.fs.Count(faultfs.Sync)
	s.do(0, "SET a 1")
	s.do(0, "SET b 2")
	ticket, err := s.turn()
	require.NoError(t, err)
	assert.Zero(t, ticket)
	assert.Equal(t, syncs+1, s.fs.Count(faultfs.Sync), "one sync for the whole turn")
	assert.Equal(t, s.log.lsn, s.log.durable)
	ticket, err = s.turn()
	assert.NoError(t, err)
	assert.Zero(t, ticket)
	assert.Equal(t, syncs+1, s.fs.Count(faultfs.Sync), "nothing to sync, no sync")
}

func TestAlwaysHoldsReadsTooUntilWhatTheySawIsDurable(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	first, err := s.turn()
	require.NoError(t, err)
	require.NotZero(t, first)
	read, err := s.turn()
	require.NoError(t, err)
	assert.Equal(t, first, read)
	s.do(0, "SET a 2")
	second, _ := s.turn()
	assert.Greater(t, second, first)
	disk.ReleaseSync(nil)
	assert.Empty(t, s.host.settled, "done only posts")
	s.posted()
	assert.Equal(t, []settledTicket{{first, nil}}, s.host.settled)
	disk.ReleaseSync(nil)
	read, err = s.turn()
	assert.NoError(t, err)
	assert.Zero(t, read)
	assert.Equal(t, second, s.host.settledTo())
}

func TestEverysecAnswersAfterTheWriteAndSyncsOncePerSecond(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	syncs := func() int { return s.fs.Count(faultfs.Sync) }
	before := syncs()
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	assert.Zero(t, ticket)
	assert.Equal(t, before, syncs())
	s.tick(999)
	assert.Equal(t, before, syncs())
	s.tick(1)
	assert.Equal(t, before+1, syncs(), "an idle tail is synced with an empty buffer")
	s.tick(5000)
	assert.Equal(t, before+1, syncs(), "a seal is not synced")
	s.do(0, "SET a 2")
	s.turn()
	assert.Equal(t, before+2, syncs(), "a second has passed: the flush itself syncs")
}

func TestEverysecPostponesForTwoSecondsWhileASyncRuns(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1000)
	require.Equal(t, 1, disk.HeldSyncs())
	size := s.log.current().Size()

	s.do(0, "SET a 2")
	ticket, err := s.turn()
	require.NoError(t, err)
	assert.Equal(t, s.log.lsn+1, ticket, "what is not written is not answered")
	s.tick(1000)
	assert.Equal(t, size, s.log.current().Size())
	s.tick(999)
	assert.Equal(t, size, s.log.current().Size())
	assert.Less(t, s.host.settledTo(), ticket)
	s.tick(1)
	assert.Greater(t, s.log.current().Size(), size)
	assert.Equal(t, ticket, s.host.settledTo())
	assert.EqualValues(t, 1, s.log.Stats().DelayedSync)
	assert.True(t, s.host.logged("Asynchronous AOF fsync is taking too long (disk is busy?)"))
}

func TestAPostponedFlushIsWrittenByTheTickAfterTheSync(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1000)
	s.do(0, "SET a 2")
	ticket, _ := s.turn()
	disk.ReleaseSync(nil)
	s.posted()
	assert.Less(t, s.host.settledTo(), ticket)
	s.log.Tick()
	assert.Equal(t, ticket, s.host.settledTo())
	assert.Zero(t, s.log.Stats().DelayedSync)
}

func TestPolicyNoNeverSyncs(t *testing.T) {
	cfg := config()
	cfg.Policy = No
	s := mustOpen(t, memfs.New(), cfg)
	before := s.fs.Count(faultfs.Sync)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	assert.Zero(t, ticket)
	s.tick(10000)
	assert.Equal(t, before, s.fs.Count(faultfs.Sync))
}

func TestNoSyncWhileARewriteRunsIfToldSo(t *testing.T) {
	cfg := config()
	cfg.NoSyncOnRewrite = true
	disk := memfs.New()
	s := mustOpen(t, disk, cfg)
	s.host.parked = true
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	before := s.fs.Count(faultfs.Sync)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	assert.NoError(t, err)
	assert.Zero(t, ticket)
	assert.Equal(t, before, s.fs.Count(faultfs.Sync))
}

func TestLateWritesAreAnsweredWhenTheyAreWritten(t *testing.T) {
	disk := memfs.New()
	disk.SetLateWrites(true, true)
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	require.NotZero(t, ticket)
	read, _ := s.turn()
	assert.Equal(t, ticket, read)
	disk.ReleaseWrites(nil)
	s.posted()
	assert.Equal(t, ticket, s.host.settledTo())
	read, _ = s.turn()
	assert.Zero(t, read)
}

func TestASealRecordsASyncThatNoBlockFollowed(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	lsn, data := s.log.lsn, s.log.Stats()
	syncs := s.fs.Count(faultfs.Sync)
	s.tick(100)
	assert.Equal(t, lsn+1, s.log.lsn)
	assert.Equal(t, lsn, s.log.recorded)
	s.tick(2000)
	assert.Equal(t, lsn+1, s.log.lsn, "one seal is enough")
	assert.Equal(t, syncs, s.fs.Count(faultfs.Sync), "a seal is not synced")
	assert.Equal(t, data.LSN, s.log.Stats().LSN)
	assert.Equal(t, data.DurableLSN, s.log.Stats().DurableLSN)
	ticket, err := s.turn()
	assert.NoError(t, err)
	assert.Zero(t, ticket, "nobody waits for a seal")
}

func TestASyncThatFailsLateFailsWhatWaitsForIt(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	ticket, _ := s.turn()
	disk.ReleaseSync(faultfs.ErrInjected)
	s.posted()
	require.Len(t, s.host.settled, 1)
	assert.Equal(t, ticket, s.host.settled[0].ticket)
	assert.ErrorContains(t, s.host.settled[0].err, "Errors writing to the AOF file: Injected fault")
	assert.Error(t, s.log.Refusing())
}

func TestASilentSyncerIsReplacedByASyncInTheTurn(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeldLater)
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1000)
	require.Equal(t, 1, disk.HeldSyncs())
	s.tick(4999)
	assert.Less(t, s.log.durable, s.log.lastData)
	s.tick(1)
	assert.GreaterOrEqual(t, s.log.durable, s.log.lastData)
	assert.NoError(t, s.log.Refusing())

	s.do(0, "SET a 2")
	s.turn()
	s.tick(1000)
	s.fs.Inject(faultfs.From(0, faultfs.Sync, faultfs.Fault{}))
	s.tick(5000)
	assert.Error(t, s.log.Refusing(), "its own sync failed, too")
}

func TestTimestampsStandAtTheHeadOfABlock(t *testing.T) {
	cfg := config()
	cfg.Timestamps = true
	disk := memfs.New()
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET a 1")
	s.turn()
	s.do(0, "SET a 2")
	s.turn()
	s.host.now += 1000
	s.do(0, "SET a 3")
	s.turn()
	require.NoError(t, s.close())
	text := string(files(t, disk)[firstIncr])
	assert.Contains(t, text, ";\r\n#TS:1700000000\r\n*2\r\n")
	assert.Contains(t, text, ";\r\n#TS:1700000001\r\n*3\r\n")
	assert.NotContains(t, text, "#TS:1700000000\r\n*3")
	disk.Kill()
	assert.Equal(t, "3", mustOpen(t, disk, cfg).data["0/a"])
}

func TestFeedAndFlushDoNotAllocate(t *testing.T) {
	s := mustOpen(t, memfs.New(), config())
	s.log.chain[0].File = &nullFile{size: s.log.chain[0].size}
	args := words("SET key:1234 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		s.log.Begin()
		s.log.Feed(0, args)
		s.log.End()
		s.log.Flush()
	}))
}

func TestAReaderOfWhatWasWrittenAtTheSecondTryIsAnsweredToo(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1000)
	s.do(0, "SET a 2")
	promised, err := s.turn() // postponed
	require.NoError(t, err)
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.tick(1)
	s.tick(2000)
	require.Error(t, s.log.Refusing())
	require.Equal(t, promised, s.host.settled[len(s.host.settled)-1].ticket)
	s.tick(1000)
	require.NoError(t, s.log.Refusing())
	s.cfg.Policy = Always
	read, err := s.turn()
	require.NoError(t, err)
	require.Equal(t, promised, read, "the block got the number that it had been promised")
	for range 3 {
		for disk.ReleaseSync(nil) {
		}
		s.tick(1)
	}
	assert.Equal(t, read, s.host.settledTo())
}

func TestWhatWasAnsweredAsWrittenIsWaitedForWhenThePolicyBecomesAlways(t *testing.T) {
	cfg := config()
	cfg.Policy = No
	disk := memfs.New()
	s := mustOpen(t, disk, cfg)
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	require.Zero(t, ticket)
	s.log.outstanding, s.log.settled = s.log.lsn, s.log.lsn // as a late writer's answer leaves it
	s.cfg.Policy = Always
	read, err := s.turn()
	require.NoError(t, err)
	require.Equal(t, s.log.lsn, read)
	s.tick(1)
	disk.ReleaseSync(nil)
	s.turn()
	assert.Equal(t, read, s.host.settledTo())
}

// What was asked under always waits for its sync, whatever the policy becomes meanwhile; so does what comes behind it.
func TestWhatWasAskedUnderAlwaysIsDurableWhenItIsAnswered(t *testing.T) {
	for _, fails := range []bool{false, true} {
		disk, s := hush(t, Always, memfs.SyncHeld, false)
		s.do(0, "SET a 1")
		ticket, err := s.turn()
		require.NoError(t, err)
		require.NotZero(t, ticket)
		s.cfg.Policy = No
		s.do(0, "SET b 2")
		second, err := s.turn()
		require.NoError(t, err)
		require.Greater(t, second, ticket)
		s.tick(100)
		assert.Less(t, s.host.settledTo(), ticket)
		if fails {
			disk.ReleaseSync(faultfs.ErrInjected)
			s.posted()
			assert.Less(t, s.host.settledTo(), ticket)
			assert.Error(t, s.host.settled[len(s.host.settled)-1].err)
			disk.SetSync(memfs.SyncInline)
			for range 20 {
				s.tick(1000)
			}
		} else {
			disk.ReleaseSync(nil)
			s.posted()
			assert.Equal(t, second, s.host.settledTo())
		}
		s.do(0, "SET c 3")
		last, err := s.turn()
		require.NoError(t, err)
		assert.Zero(t, last, "the new policy holds")
	}
}
