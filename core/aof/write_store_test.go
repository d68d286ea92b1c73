package aof

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// TestACrashWhileAStoreIsWrittenLeavesNoneThatLooksWhole: at every operation, it is all there, or refused, or nothing.
func TestACrashWhileAStoreIsWrittenLeavesNoneThatLooksWhole(t *testing.T) {
	ks := keyspace.New(keyspace.Options{Seed: 1})
	ks.DB(0).SetString([]byte("k"), []byte("v"), keyspace.EncRaw, keyspace.NoExpiry)
	ks.DB(1).SetString([]byte("k"), []byte(strings.Repeat("w", 10_000)), keyspace.EncRaw, keyspace.NoExpiry)
	want := map[string]string{"0/k": "v", "1/k": strings.Repeat("w", 10_000)}
	whole := 0
	for _, fault := range []faultfs.Fault{{Crash: true, Short: 50}, {Short: 30}, {After: true}, {Unsure: true}} {
		for k := 0; ; k++ {
			disk := memfs.New()
			inner, err := disk.Open()
			require.NoError(t, err)
			at := faultfs.At(k, faultfs.Changes, fault)
			err = WriteStore(context.Background(), faultfs.Wrap(inner, at), "appendonly.aof", ks, Reached{LSN: 41, Sum: 7, Time: 1_600_000_000})
			if !at.Fired() {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
			for _, crash := range []memfs.Policy{memfs.Nothing(), memfs.Everything(), memfs.Names(), memfs.Random(uint64(k))} {
				clone := disk.CrashClone(crash)
				there := files(t, clone)
				s, err := open(t, clone, config(), nil)
				switch {
				case err != nil:
					require.ErrorIs(t, err, ErrCorrupt)
					require.NotContains(t, there, manName)
				case s.rep.Created:
					require.Empty(t, there)
				default:
					require.Equal(t, want, s.data)
					whole++
				}
			}
			if !at.Fired() {
				break
			}
		}
	}
	assert.Positive(t, whole)
	disk := memfs.New()
	fs, err := disk.Open()
	require.NoError(t, err)
	require.NoError(t, WriteStore(context.Background(), fs, "appendonly.aof", ks, Reached{LSN: 41, Sum: 7, Time: 1_600_000_000}))
	require.NoError(t, fs.Close())
	data, to, err := goBack(t, disk, Point{Time: 1_600_000_000})
	require.NoError(t, err)
	assert.Equal(t, want, data)
	assert.EqualValues(t, 42, to.LSN, "its seal")
	m, err := parseManifest(files(t, disk)[manName])
	require.NoError(t, err)
	assert.EqualValues(t, 42, m.sealed)
	assert.Equal(t, []uint64{41, 7}, []uint64{m.base.cutLSN, m.base.cutSum})
}
