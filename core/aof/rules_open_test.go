package aof

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rewritten is a log whose base is in force, and its files.
func rewritten(t *testing.T) map[string][]byte {
	s, disk := filled(t, 3)
	s.log.Rewrite(false)
	s.rewriteAll()
	s.do(0, "SET behind 1")
	s.turn()
	return files(t, disk)
}

// A base is put in force when the block behind it is durable. An incr file that ends before it has lost what was proven, however clean it looks.
func TestTheFirstBlockBehindABaseIsProvenByTheBase(t *testing.T) {
	all := rewritten(t)
	incr := all[secondIncr]
	h, n, state := parseHeader(incr)
	require.Equal(t, headerOK, state)
	end := n + int(h.len)
	for at := range len(incr) + 1 {
		changed := maps.Clone(all)
		changed[secondIncr] = incr[:at]
		_, err := open(t, diskOf(t, changed), config(), nil)
		if at < end {
			assert.ErrorIs(t, err, ErrCorrupt, "cut at %d", at)
		} else {
			assert.NoError(t, err, "cut at %d", at)
		}
	}
}

// A bit that flips at the end of a header's line looks as if commands followed in it, but no Redis writes two stars.
func TestAFlippedEndOfAHeaderIsNoCommandOfARedis(t *testing.T) {
	h := write(t, 3, false)
	bad := append([]byte(nil), h.files[firstIncr]...)
	_, n, state := parseHeader(bad[h.ends[2]:])
	require.Equal(t, headerOK, state)
	end := h.ends[2] + n - 1
	require.EqualValues(t, '\n', bad[end])
	bad[end] ^= 1 << 5
	require.EqualValues(t, '*', bad[end])
	s, _, err := h.change(t, bad, config())
	require.NoError(t, err)
	assert.NotNil(t, s.rep.Truncated)
	assert.Equal(t, h.states[2], s.data)
}
