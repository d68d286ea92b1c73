package aof

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// seen is a Tap that notes.
type seen struct {
	blocks  []TappedBlock
	durable []uint64
}

func (s *seen) Block(b *TappedBlock) {
	c := *b
	c.Body = append([]byte(nil), b.Body...)
	s.blocks = append(s.blocks, c)
}

func (s *seen) Durable(lsn uint64) { s.durable = append(s.durable, lsn) }

// TestATapSeesWhatIsWritten: each block, where it stands and as it stands there, seals too, and each sync.
func TestATapSeesWhatIsWritten(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy, cfg.Timestamps = Everysec, true
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET unseen value")
	s.turn()
	var tap seen
	before := s.log.Stats().LSN
	s.log.SetTap(&tap)
	for _, value := range []string{"SET k v", "SET k w"} {
		s.do(3, value)
		assert.Equal(t, s.log.lsn+1, s.log.Reaches(), "not written yet")
		s.turn()
		assert.Equal(t, s.log.Stats().LSN, s.log.Reaches())
		s.tick(1100)
		s.tick(1100)
	}
	require.GreaterOrEqual(t, len(tap.blocks), 3, "two blocks and at least a seal")
	text := files(t, disk)
	for i, b := range tap.blocks {
		assert.Equal(t, before+uint64(i)+1, b.LSN)
		h, body, state := parseHeader(text[b.File][b.Offset:])
		require.Equal(t, headerOK, state)
		assert.Equal(t, []uint64{h.lsn, h.epoch, h.sync}, []uint64{b.LSN, b.Epoch, b.Sync})
		assert.Equal(t, string(text[b.File][b.Offset:][body:][:h.len]), string(b.Body))
	}
	require.NotEmpty(t, tap.durable)
	assert.IsIncreasing(t, tap.durable)
	assert.Equal(t, s.log.Durable(), tap.durable[len(tap.durable)-1])
	s.log.SetTap(nil)
	count := len(tap.blocks)
	s.do(0, "SET k x")
	s.turn()
	assert.Len(t, tap.blocks, count)
}
