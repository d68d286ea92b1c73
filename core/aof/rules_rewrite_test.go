package aof

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// A flush that waits for a sync is no reason for the cut to forget it: all that was fed before stands in the file before.
func TestACutWritesWhatWasPostponed(t *testing.T) {
	s, disk := filled(t, 3)
	s.cfg.Policy = Everysec
	s.log.Rewrite(false)
	s.posted()
	require.Equal(t, prepared, s.log.rw.phase)
	disk.SetSync(memfs.SyncHeld)
	s.host.now += 1100
	s.do(0, "SET synced 1")
	s.turn()
	require.Equal(t, 1, disk.HeldSyncs())
	s.do(0, "SET postponed 1")
	s.turn()
	require.Positive(t, s.log.buf.len())
	s.log.Tick()
	require.Equal(t, secondIncr, s.log.current().name)
	s.do(0, "SET behind 1")
	s.turn()
	want := s.data
	disk.SetSync(memfs.SyncInline)
	all := files(t, disk)
	assert.Contains(t, string(all[firstIncr]), "postponed")
	assert.Equal(t, want, reopened(t, disk))
}

// The next file whose naming failed is named before anything is written into it, the second time, too.
func TestANextFileThatIsUsedAgainIsNamedFirst(t *testing.T) {
	s, disk := filled(t, 3)
	s.fs.Inject(faultfs.At(0, faultfs.Replace, faultfs.Fault{}))
	s.log.Rewrite(false)
	s.posted()
	require.Nil(t, s.log.rw)
	require.Len(t, s.log.spares, 1)
	s.log.Rewrite(false)
	for i := 0; s.log.current().name == firstIncr; i++ {
		require.Less(t, i, 100)
		s.tick(1)
	}
	s.do(0, "SET behind 1")
	_, err := s.turn()
	require.NoError(t, err)
	require.Equal(t, writing, s.log.rw.phase)
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)
}
