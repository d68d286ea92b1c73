package aof

import (
	"bytes"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A rebuilt manifest says what the broken one said of what had been durable: else a log that has lost its end would pass for torn, or clean.
func TestARebuiltManifestKeepsItsSeal(t *testing.T) {
	sound := specimens(t)["closed"]
	all := maps.Clone(sound)
	all[manName] = bytes.Replace(all[manName], []byte("epoch 1 "), []byte("epoch 2 "), 1)
	require.NotEqual(t, sound[manName], all[manName])
	text := sound[secondIncr]
	last := bytes.LastIndex(text, []byte(headerMark)) // the seal
	for _, end := range []int{last, len(text) - 1, bytes.LastIndex(text[:last], []byte(headerMark)) + 9} {
		all[secondIncr] = text[:end]
		disk := diskOf(t, all)
		c := checked(t, disk)
		require.Equal(t, FixManifest, c.Repair, c.NoRepair)
		fs, err := disk.Open()
		require.NoError(t, err)
		c, err = CheckLog(t.Context(), fs, checkOptions())
		require.NoError(t, err)
		_, err = c.Fix(t.Context())
		require.NoError(t, err)
		require.NoError(t, c.Close())
		disk.Kill()
		_, err = open(t, disk, config(), nil)
		require.ErrorIs(t, err, ErrCorrupt)
		assert.ErrorContains(t, err, "the manifest says that it was durable up to lsn")
	}
}

// The one base that is left may be that of a rewrite that did not end, in place of a missing one: what stands behind the cut of the one that
// was in force would come twice.
func TestABaseThatTheBrokenManifestDoesNotNameIsNotTakenForIt(t *testing.T) {
	all := maps.Clone(specimens(t)["closed"])
	all[manName] = bytes.Replace(all[manName], []byte("epoch 1 "), []byte("epoch 2 "), 1)
	require.Equal(t, FixManifest, checked(t, diskOf(t, all)).Repair)
	m := all[manName]
	from := bytes.Index(m, []byte(" id ")) + 4
	other := bytes.Clone(m)
	copy(other[from:], "00000000000000ff")
	all[manName] = bytes.Replace(other, []byte(firstBase), []byte("appendonly.aof.7.base.aof"), 1)
	assert.Equal(t, FixNothing, checked(t, diskOf(t, all)).Repair)
}
