package aof

import (
	"bytes"
	"context"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// history is a small log and the states of the store after each of its blocks.
type history struct {
	files  map[string][]byte
	states []map[string]string // after the n-th block that changed something
	ends   []int               // where that block ends in the only incr file
}

// write makes a log of n blocks that was left without a close. With seal each block is followed by a seal.
func write(t testing.TB, n int, seal bool) history {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	h := history{}
	mark := func() {
		h.states = append(h.states, maps.Clone(s.data))
		h.ends = append(h.ends, int(s.log.current().size))
	}
	mark()
	for i := range n {
		if i%3 == 2 {
			s.do(1, "SET m"+strconv.Itoa(i)+" x", "APPEND m"+strconv.Itoa(i)+" y")
		} else {
			s.do(0, "SET k"+strconv.Itoa(i)+" "+strings.Repeat("v", i+1))
		}
		s.turn()
		mark()
		if seal {
			s.tick(1)
		}
	}
	h.files = files(t, disk)
	return h
}

// change opens the log with the incr file replaced.
func (h *history) change(t testing.TB, incr []byte, cfg Config) (*store, *memfs.Store, error) {
	all := maps.Clone(h.files)
	all[firstIncr] = incr
	disk := diskOf(t, all)
	s, err := open(t, disk, cfg, nil)
	return s, disk, err
}

func TestANewStoreIsBornAndReopened(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	assert.True(t, s.rep.Created)
	s.do(3, "SET a 1")
	s.turn()
	require.NoError(t, s.close())
	all := files(t, disk)
	assert.Contains(t, string(all[manName]), " sealed ")
	s = mustOpen(t, disk, config())
	assert.False(t, s.rep.Created)
	assert.Nil(t, s.rep.Truncated)
	assert.Equal(t, map[string]string{"3/a": "1"}, s.data)
	assert.EqualValues(t, 2, s.log.epoch)
	assert.EqualValues(t, 2, s.rep.Commands)
}

func TestACrashAtBirthLeavesAnEmptyStore(t *testing.T) {
	for k := 0; ; k++ {
		disk := memfs.New()
		at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true})
		s, err := open(t, disk, config(), at)
		if !at.Fired() {
			require.NoError(t, err)
			break
		}
		_ = s
		for seed := range uint64(8) {
			clone := disk.CrashClone(memfs.Random(seed))
			again, err := open(t, clone, config(), nil)
			require.NoError(t, err, "operation %d seed %d", k, seed)
			assert.Empty(t, again.data)
		}
	}
}

func TestEveryCutIsATornTailOrAnEnd(t *testing.T) {
	h := write(t, 6, false)
	incr := h.files[firstIncr]
	for n := 0; n <= len(incr); n++ {
		s, disk, err := h.change(t, incr[:n], config())
		last := 0
		for last+1 < len(h.ends) && h.ends[last+1] <= n {
			last++
		}
		if n < h.ends[0] { // the manifest named the file when its first block was durable
			require.ErrorIs(t, err, ErrCorrupt, "cut at %d", n)
			require.Equal(t, incr[:n], files(t, disk)[firstIncr], "nothing was changed")
			continue
		}
		// A block proves by its sync that the one before was durable; but what is cut takes that proof along.
		require.NoError(t, err, "cut at %d", n)
		want := h.states[last]
		if len(want) == 0 {
			want = map[string]string{}
		}
		require.Equal(t, want, s.data, "cut at %d", n)
		whole := n == h.ends[last]
		require.Equal(t, whole, s.rep.Truncated == nil, "cut at %d", n)
		if !whole {
			from := h.ends[last]
			require.Equal(t, int64(from), s.rep.Truncated.Offset)
			require.Equal(t, int64(n-from), s.rep.Truncated.Bytes)
			require.Equal(t, incr[from:n], files(t, disk)[s.rep.Truncated.Kept], "the bytes are kept")
		}
	}
}

func TestATornTailIsRefusedIfToldSo(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	cfg := config()
	cfg.LoadTruncated = false
	_, disk, err := h.change(t, incr[:len(incr)-1], cfg)
	assert.ErrorIs(t, err, ErrTruncated)
	assert.Equal(t, incr[:len(incr)-1], files(t, disk)[firstIncr], "nothing was changed")
}

func TestNoFlippedBitIsLoaded(t *testing.T) {
	h := write(t, 5, true)
	incr := h.files[firstIncr]
	proven := h.ends[len(h.ends)-1] // each block's sync is recorded by the seal behind it
	for i := 0; i < len(incr); i++ {
		bad := append([]byte(nil), incr...)
		bad[i] ^= 1 << (i % 8)
		s, disk, err := h.change(t, bad, config())
		if i < proven {
			require.ErrorIs(t, err, ErrCorrupt, "byte %d", i)
			var at *LoadError
			require.ErrorAs(t, err, &at)
			require.LessOrEqual(t, at.Offset, int64(i))
			require.Equal(t, bad, files(t, disk)[firstIncr], "nothing was changed")
			continue
		}
		require.NoError(t, err, "byte %d: a seal says nothing that is missed", i)
		require.NotNil(t, s.rep.Truncated)
		require.Equal(t, h.states[len(h.states)-1], s.data)
	}
}

func TestAFlippedBitInAnUnsealedTailIsTorn(t *testing.T) {
	h := write(t, 3, false)
	bad := append([]byte(nil), h.files[firstIncr]...)
	bad[len(bad)-3] ^= 1
	s, _, err := h.change(t, bad, config())
	require.NoError(t, err)
	assert.NotNil(t, s.rep.Truncated)
	assert.Equal(t, h.states[2], s.data)
}

func TestAfterACleanCloseAnyCutIsDamage(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	require.NoError(t, s.close())
	h := history{files: files(t, disk)}
	incr := h.files[firstIncr]
	for n := range incr {
		_, _, err := h.change(t, incr[:n], config())
		require.ErrorIs(t, err, ErrCorrupt, "cut at %d", n)
	}
}

func TestWhatStandsBehindTheEnd(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	end := len(incr)
	other := header{file: 0xdead, at: int64(end), lsn: 9, epoch: 1, sync: 8}
	stale := other.seal(append(make([]byte, room), "*1\r\n$4\r\nPING\r\n"...))
	set := appendCommand(appendSelect(nil, 0), words("SET redis 1"))
	tests := []struct {
		name    string
		tail    []byte
		torn    bool
		refused error
		key     string
	}{
		{"zeros", make([]byte, 9000), false, nil, ""},
		{"stale bytes of another file", stale, false, nil, ""},
		{"zeros, then garbage", append(make([]byte, 5000), "garbage"...), true, nil, ""},
		{"the start of a mark", []byte("#HD"), true, nil, ""},
		{"a command of a Redis", set, false, nil, "0/redis"},
		{"a torn command of a Redis", append(append([]byte{}, set...), set[:32]...), true, nil, "0/redis"},
		{"a torn MULTI of a Redis", append(append(append([]byte{}, set...), textMulti...), set...), true, nil, "0/redis"},
		{"a note of a Redis", append([]byte("#TS:12\r\n"), set...), false, nil, "0/redis"},
		{"nonsense of a Redis", append(append([]byte{}, set...), "what?\r\n"...), false, ErrCorrupt, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := append(append([]byte(nil), incr...), tt.tail...)
			s, disk, err := h.change(t, text, config())
			if tt.refused != nil {
				assert.ErrorIs(t, err, tt.refused)
				assert.Equal(t, text, files(t, disk)[firstIncr])
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.torn, s.rep.Truncated != nil)
			want := maps.Clone(h.states[3])
			if tt.key != "" {
				want[tt.key] = "1"
				assert.NotNil(t, s.log.base, "a fresh base")
			}
			assert.Equal(t, want, s.data)
			s.do(0, "SET later 1")
			_, err = s.turn()
			require.NoError(t, err)
			want["0/later"] = "1"
			disk.Kill()
			again := mustOpen(t, disk, config())
			assert.Equal(t, want, again.data)
			assert.Nil(t, again.rep.Truncated)
		})
	}
}

func TestARedisThatRanOnATornLogIsRefused(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	set := appendCommand(nil, words("SET redis 1"))
	last := h.ends[2]
	body := last + bytes.Index(incr[last:], []byte(";\r\n")) + 3
	whole := body + bytes.Index(incr[body:], []byte("*3"))
	for name, text := range map[string][]byte{
		"in a body":   append(append([]byte{}, incr[:whole]...), bytes.Repeat(set, 20)...),
		"in a header": append(append(append([]byte{}, incr[:last+30]...), "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"...), set...),
	} {
		_, disk, err := h.change(t, text, config())
		assert.ErrorIs(t, err, ErrCorrupt, name)
		assert.ErrorContains(t, err, "check-aof", name)
		assert.Equal(t, text, files(t, disk)[firstIncr])
	}
}

func TestBlocksInTheWrongPlaceAreNotLoaded(t *testing.T) {
	h := write(t, 4, false)
	incr, e := h.files[firstIncr], h.ends
	one, two := incr[e[1]:e[2]], incr[e[2]:e[3]]
	glue := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, text := range map[string][]byte{
		"doubled":  glue(incr[:e[2]], one, incr[e[2]:]),
		"swapped":  glue(incr[:e[1]], two, one, incr[e[3]:]),
		"left out": glue(incr[:e[1]], incr[e[2]:]),
	} {
		s, _, err := h.change(t, text, config())
		if err == nil {
			assert.NotNil(t, s.rep.Truncated, name)
			assert.Contains(t, []map[string]string{h.states[1], h.states[2]}, s.data, name)
		} else {
			assert.ErrorIs(t, err, ErrCorrupt, name)
		}
	}
}

func TestAHoleBeforeProvenBlocksIsDamage(t *testing.T) {
	h := write(t, 4, false)
	text := append([]byte(nil), h.files[firstIncr]...)
	for i := h.ends[1]; i < h.ends[2]; i++ {
		text[i] = 0
	}
	_, _, err := h.change(t, text, config())
	assert.ErrorIs(t, err, ErrCorrupt)
}

func TestMissingFilesAreDamage(t *testing.T) {
	h := write(t, 2, false)
	for _, name := range []string{firstIncr, manName} {
		all := maps.Clone(h.files)
		delete(all, name)
		disk := diskOf(t, all)
		_, err := open(t, disk, config(), nil)
		assert.ErrorIs(t, err, ErrCorrupt, name)
	}
	all := maps.Clone(h.files)
	all[firstIncr] = []byte("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n")
	_, err := open(t, diskOf(t, all), config(), nil)
	assert.ErrorIs(t, err, ErrCorrupt, "a file of ours begins with a header")
}

func TestUnreadableIsNeitherTornNorEmpty(t *testing.T) {
	h := write(t, 3, false)
	for k := 0; ; k++ {
		disk := diskOf(t, h.files)
		at := faultfs.At(k, faultfs.Read|faultfs.List|faultfs.Open, faultfs.Fault{})
		_, err := open(t, disk, config(), at)
		if !at.Fired() {
			break
		}
		if err == nil {
			continue // the ballast
		}
		require.ErrorIs(t, err, faultfs.ErrInjected)
		require.NotErrorIs(t, err, ErrCorrupt)
		require.Equal(t, h.files[firstIncr], files(t, disk)[firstIncr])
	}
}

func TestLogsOfRedisAreLoadedAndGetABaseOfOurs(t *testing.T) {
	set := func(k string) string { return string(appendCommand(nil, words("SET "+k+" 1"))) }
	man := "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n"
	all := map[string][]byte{
		manName:                     []byte(man),
		"appendonly.aof.1.base.aof": []byte(set("base")),
		firstIncr:                   []byte("#TS:1\r\n" + textMulti + set("one") + set("two") + textExec),
		"appendonly.aof.2.incr.aof": []byte(set("three") + textMulti + set("four")),
	}
	disk := diskOf(t, all)
	s := mustOpen(t, disk, config())
	want := map[string]string{"0/base": "1", "0/one": "1", "0/two": "1", "0/three": "1"}
	assert.Equal(t, want, s.data)
	require.NotNil(t, s.rep.Truncated)
	assert.Equal(t, int64(len(set("three"))), s.rep.Truncated.Offset)
	disk.Kill()
	again := mustOpen(t, disk, config())
	assert.Equal(t, want, again.data)
	assert.True(t, again.log.man.native)

	all[firstIncr] = []byte(set("one")[:9])
	_, err := open(t, diskOf(t, all), config(), nil)
	assert.ErrorIs(t, err, ErrCorrupt, "torn, and not the last")
}

func TestARedisManifestOverFilesOfOursIsLoaded(t *testing.T) {
	h := write(t, 4, false)
	all := maps.Clone(h.files)
	set := string(appendCommand(appendSelect(nil, 0), words("SET redis 1")))
	all[manName] = []byte("file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n")
	all[firstIncr] = append(append([]byte{}, all[firstIncr]...), set...)
	all["appendonly.aof.2.incr.aof"] = []byte(strings.ReplaceAll(set, "redis", "Redis"))
	s := mustOpen(t, diskOf(t, all), config())
	want := maps.Clone(h.states[4])
	want["0/redis"], want["0/Redis"] = "1", "1"
	assert.Equal(t, want, s.data)
	assert.NotNil(t, s.log.base)
}

func TestBlocksLargerThanTheWindowAreLoaded(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	big := strings.Repeat("x", 3<<20)
	s.do(0, "SET small 1")
	s.do(0, "SET big "+big)
	s.turn()
	s.do(0, "SET after 1")
	s.turn()
	disk.Kill()
	s = mustOpen(t, disk, config())
	assert.Equal(t, big, s.data["0/big"])
	assert.Equal(t, "1", s.data["0/after"])
}

func TestOpeningHardensWhatIsNotProven(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = No
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET a 1")
	s.turn()
	disk.Kill()
	s = mustOpen(t, disk, cfg)
	assert.Equal(t, 1, s.fs.Count(faultfs.Harden))
	require.Equal(t, "1", s.data["0/a"])
	clone := disk.CrashClone(memfs.Nothing())
	assert.Equal(t, "1", mustOpen(t, clone, cfg).data["0/a"], "what was answered from survives")
	require.NoError(t, s.close())
	s = mustOpen(t, disk, cfg)
	assert.Zero(t, s.fs.Count(faultfs.Harden), "after a clean close all is proven")
}

func TestProgressIsTold(t *testing.T) {
	h := write(t, 4, false)
	disk := diskOf(t, h.files)
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: config(), data: map[string]string{}, host: &fakeHost{posts: make(chan func(), 100)}}
	s.newLog()
	var last Progress
	_, err = s.log.Load(context.Background(), s.apply(), func(p Progress) { last = p })
	require.NoError(t, err)
	assert.Equal(t, int64(len(h.files[firstIncr])), last.Bytes)
	assert.Equal(t, last.Bytes, last.TotalBytes)
	assert.Equal(t, firstIncr, last.File)
}

func TestReloadReadsWhatIsThere(t *testing.T) {
	s := mustOpen(t, memfs.New(), config())
	for i := range 5 {
		s.do(0, "SET k"+strconv.Itoa(i)+" 1")
		s.turn()
	}
	s.log.Rewrite(false)
	s.rewriteAll()
	s.do(0, "SET behind 1")
	want := maps.Clone(s.data)
	clear(s.data)
	done := make(chan error, 1)
	go func() { done <- s.log.Reload(context.Background(), s.apply()) }()
	(<-s.host.posts)()
	require.NoError(t, <-done)
	assert.Equal(t, want, s.data)
	s.do(0, "SET after 1")
	_, err := s.turn()
	assert.NoError(t, err)
}
