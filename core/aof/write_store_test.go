package aof

import (
	"bytes"
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

// TestAStoreIsReplacedAtOnce: at every operation, a crash leaves the old content or the new one; where there was no store, none or the new one.
func TestAStoreIsReplacedAtOnce(t *testing.T) {
	ks := keyspace.New(keyspace.Options{Seed: 1})
	ks.DB(1).SetString([]byte("new"), []byte(strings.Repeat("w", 10_000)), keyspace.EncRaw, keyspace.NoExpiry)
	newData := map[string]string{"1/new": strings.Repeat("w", 10_000)}
	oldData := map[string]string{"0/old": "value"}
	const incr = "appendonly.aof.1.incr.aof"
	before := memfs.New()
	s := mustOpen(t, before, config())
	s.do(0, "SET old value")
	require.NoError(t, s.close())
	old := files(t, before)
	for name, c := range map[string]struct {
		spoil func(all map[string][]byte)
		old   map[string]string // nil: what was there does not load
	}{
		"a store":             {func(map[string][]byte) {}, oldData},
		"none":                {func(all map[string][]byte) { clear(all) }, map[string]string{}},
		"a damaged log":       {func(all map[string][]byte) { all[incr][len(all[incr])/2] ^= 1 }, nil},
		"a damaged manifest":  {func(all map[string][]byte) { all[manName][20] ^= 1 }, nil},
		"no manifest":         {func(all map[string][]byte) { delete(all, manName) }, nil},
		"a file that is gone": {func(all map[string][]byte) { delete(all, incr) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]int{}
			for _, fault := range []faultfs.Fault{{Crash: true, Short: 50}, {Short: 30}, {After: true}, {Unsure: true}} {
				for k := 0; ; k++ {
					all := map[string][]byte{}
					for name, text := range old {
						all[name] = bytes.Clone(text)
					}
					c.spoil(all)
					disk := diskOf(t, all)
					inner, err := disk.Open()
					require.NoError(t, err)
					there, err := HoldsStore(context.Background(), inner, "appendonly.aof")
					require.NoError(t, err)
					require.Equal(t, len(all) > 0, there)
					at := faultfs.At(k, faultfs.Changes, fault)
					err = ReplaceStore(context.Background(), faultfs.Wrap(inner, at), "appendonly.aof", ks, Reached{})
					if !at.Fired() {
						require.NoError(t, err)
					}
					for _, crash := range []memfs.Policy{memfs.Nothing(), memfs.Everything(), memfs.Names(), memfs.Random(uint64(k))} {
						clone := disk.CrashClone(crash)
						switch s, opened := open(t, clone, config(), nil); {
						case opened != nil:
							require.ErrorIs(t, opened, ErrCorrupt)
							require.Nil(t, c.old, "%v", opened)
							require.Error(t, err)
							seen["refused"]++
						case s.data["1/new"] != "":
							require.Equal(t, newData, s.data)
							seen["new"]++
						default:
							require.Error(t, err, "it was said to be replaced")
							require.Equal(t, c.old, s.data)
							seen["old"]++
						}
					}
					if !at.Fired() {
						require.NoError(t, inner.Close())
						names := files(t, disk)
						require.Len(t, names, 3, "a manifest, a base, an incr file: %v", names)
						break
					}
				}
			}
			t.Log(seen)
			assert.Positive(t, seen["new"])
			assert.Positive(t, seen["old"]+seen["refused"])
		})
	}
}
