package aof

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// A close syncs every file of the chain, not only the one that gets the seal.
func TestACloseMakesAllFilesDurable(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = No
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET one 1")
	s.turn()
	s.log.Rewrite(false)
	s.posted()
	s.log.Tick()
	require.Equal(t, secondIncr, s.log.current().name)
	require.NoError(t, s.close())
	assert.Equal(t, map[string]string{"0/one": "1"}, mustOpen(t, disk.CrashClone(memfs.Nothing()), cfg).data)
}

func TestACloseAnswersWhatWaits(t *testing.T) {
	s, disk := filled(t, 1)
	disk.SetSync(memfs.SyncHeld)
	s.do(0, "SET a 1")
	ticket, err := s.turn()
	require.NoError(t, err)
	require.NotZero(t, ticket)
	require.Less(t, s.host.settledTo(), ticket)
	disk.SetSync(memfs.SyncInline)
	require.NoError(t, s.log.Close(context.Background()))
	assert.Equal(t, ticket, s.host.settledTo())
}

// A store on which little happens does not rewrite its log because of the seals.
func TestSealsAreNoGrowth(t *testing.T) {
	s, _ := filled(t, 1)
	for range 20 {
		s.do(0, "SET a 1")
		s.turn()
		s.tick(10)
	}
	require.Positive(t, s.log.sealBytes)
	s.cfg.RewritePercentage, s.cfg.RewriteMinSize = 1, s.log.size()-s.log.sealBytes
	s.tick(10)
	assert.Nil(t, s.log.rw)
	s.cfg.RewriteMinSize--
	s.tick(10)
	assert.NotNil(t, s.log.rw)
}
