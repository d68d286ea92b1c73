package aof

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A Redis has run since: what it appends, what its manifest says, and what it tears (LOG §5.4).

const redisMan = "file " + firstIncr + " seq 1 type i\n"

func TestWhatARedisAppendedIsLoadedBehindOurBlocks(t *testing.T) {
	h := write(t, 4, true)
	redis := string(appendSelect(nil, 0)) + line("SET redis 1")
	second := "file " + secondIncr + " seq 2 type i\n"
	for _, c := range []struct {
		name, man, behind, next string // "": our manifest; no next file
		torn                    int    // bytes of the end that are torn
		more                    map[string]string
	}{
		{"commands", "", redis, "", 0, map[string]string{"0/redis": "1"}},
		{"a timestamp first", "", "#TS:1\r\n" + redis, "", 0, map[string]string{"0/redis": "1"}},
		{"a timestamp alone", "", "#TS:1\r\n", "", 0, nil},
		{"a transaction", "", textMulti + redis + textExec, "", 0, map[string]string{"0/redis": "1"}},
		{"a torn command", "", redis + "*3\r\n$3\r\nSET\r\n$1\r\nx", "", 18, map[string]string{"0/redis": "1"}},
		{"a torn transaction", "", redis + textMulti + redis, "", len(textMulti + redis), map[string]string{"0/redis": "1"}},
		{"a torn timestamp", "", redis + "#TS:", "", 4, map[string]string{"0/redis": "1"}},
		{"nothing but its manifest", redisMan, "", "", 0, nil},
		{"its manifest, too", redisMan, redis, "", 0, map[string]string{"0/redis": "1"}},
		{"its manifest, and a torn end", redisMan, redis + "*3", "", 2, map[string]string{"0/redis": "1"}},
		{"its own next file", redisMan + second, "", redis, 0, map[string]string{"0/redis": "1"}},
		{"its own next file, empty", redisMan + second, redis, "-", 0, map[string]string{"0/redis": "1"}},
		{"its own next file, behind commands", redisMan + second, redis, strings.ReplaceAll(redis, "redis", "REDIS"), 0,
			map[string]string{"0/redis": "1", "0/REDIS": "1"}},
		{"its own next file, torn", redisMan + second, redis, strings.ReplaceAll(redis, "redis", "REDIS") + textMulti + redis, len(textMulti + redis),
			map[string]string{"0/redis": "1", "0/REDIS": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := maps.Clone(h.files)
			all[firstIncr] = append(append([]byte(nil), all[firstIncr]...), c.behind...)
			if c.man != "" {
				all[manName] = []byte(c.man)
			}
			if c.next != "" {
				all[secondIncr] = []byte(strings.TrimPrefix(c.next, "-"))
			}
			want := maps.Clone(h.states[4])
			maps.Copy(want, c.more)
			disk := diskOf(t, all)
			s := mustOpen(t, disk, config())
			require.Equal(t, want, s.data)
			require.Equal(t, c.torn > 0, s.rep.Truncated != nil)
			if c.torn > 0 {
				assert.EqualValues(t, c.torn, s.rep.Truncated.Bytes)
				kept := files(t, disk)[s.rep.Truncated.Kept]
				last := c.behind
				if c.next != "" {
					last = c.next
				}
				assert.Equal(t, last[len(last)-c.torn:], string(kept), "what is torn is kept")
			}
			disk.Kill()
			s = mustOpen(t, disk, config())
			require.Equal(t, want, s.data, "once more, from our own log")
			assert.Nil(t, s.rep.Truncated)
			cfg := config()
			cfg.LoadTruncated = false
			disk = diskOf(t, all)
			_, err := open(t, disk, cfg, nil)
			if c.torn > 0 {
				require.ErrorIs(t, err, ErrTruncated)
				require.Equal(t, all, files(t, disk), "nothing was changed")
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// Under a manifest of Redis's nothing is said of what was durable, but Redis has read all that was there.
func TestOurBlocksUnderAManifestOfRedisMayNotBeDamaged(t *testing.T) {
	h := write(t, 4, true)
	incr := h.files[firstIncr]
	for i := range incr {
		if i >= h.ends[4] {
			break // the last seal
		}
		all := maps.Clone(h.files)
		all[manName] = []byte(redisMan)
		all[firstIncr] = append([]byte(nil), incr...)
		all[firstIncr][i] ^= 1
		disk := diskOf(t, all)
		_, err := open(t, disk, config(), nil)
		require.ErrorIs(t, err, ErrCorrupt, "byte %d", i)
		require.Equal(t, all, files(t, disk))
	}
}

func TestAnotherLogBesideANewOneIsToldOf(t *testing.T) {
	h := write(t, 2, true)
	disk := diskOf(t, h.files)
	cfg := config()
	cfg.Filename = "other.aof"
	s, err := open(t, disk, cfg, nil)
	require.NoError(t, err)
	assert.True(t, s.rep.Created)
	assert.True(t, s.host.logged("Beside it stands appendonly.aof"))
	require.NoError(t, s.close())
	assert.Equal(t, h.states[2], mustOpen(t, disk, config()).data, "and each goes on by itself")
}
