package aof

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
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

// refusedUnchanged opens a disk that must be refused, and asks that no operation that changes anything was made.
func refusedUnchanged(t *testing.T, all map[string][]byte, cfg Config, reason error) {
	t.Helper()
	var changes []string
	_, err := open(t, diskOf(t, all), cfg, recorder(&changes))
	assert.ErrorIs(t, err, reason)
	assert.Empty(t, changes)
}

func TestNothingIsChangedBeforeTheVerdict(t *testing.T) {
	h := write(t, 4, false)
	damaged := maps.Clone(h.files)
	damaged[firstIncr] = bytes.Clone(damaged[firstIncr])
	damaged[firstIncr][h.ends[0]+5] ^= 1
	refusedUnchanged(t, damaged, config(), ErrCorrupt)
	torn := maps.Clone(h.files)
	torn[firstIncr] = torn[firstIncr][:h.ends[4]-1]
	cfg := config()
	cfg.LoadTruncated = false
	refusedUnchanged(t, torn, cfg, ErrTruncated)
	missing := rewritten(t)
	delete(missing, firstBase)
	refusedUnchanged(t, missing, config(), ErrCorrupt)
}

// block is one made by hand.
func made(h header, body string) []byte { return h.seal(append(make([]byte, room), body...)) }

func setCommand(key, val string) string {
	return string(appendCommand(nil, [][]byte{[]byte("SET"), []byte(key), []byte(val)}))
}

func TestALengthThatIsOnlyAnnouncedIsNotReserved(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	last, _, _ := parseHeader(incr[h.ends[2]:])
	for _, n := range []string{"9223372036854775807", "9223372036854775700", "1099511627776"} {
		next := header{file: last.file, at: int64(len(incr)), lsn: last.lsn + 1, epoch: 1, prev: last.sum}
		text := bytes.Replace(made(next, ""), []byte("len:0"), []byte("len:"+n), 1)
		s, _, err := h.change(t, append(bytes.Clone(incr), text...), config())
		require.NoError(t, err)
		assert.NotNil(t, s.rep.Truncated)
		assert.Equal(t, h.states[3], s.data)
	}
}

func TestABlockHoldsWholeUnitsOnly(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	last, _, _ := parseHeader(incr[h.ends[2]:])
	next := header{file: last.file, at: int64(len(incr)), lsn: last.lsn + 1, epoch: 1, prev: last.sum}
	whole := setCommand("a", "1")
	for _, body := range []string{whole[:len(whole)-1], whole + textMulti + whole, textMulti} {
		all := maps.Clone(h.files)
		all[firstIncr] = append(bytes.Clone(incr), made(next, body)...)
		refusedUnchanged(t, all, config(), ErrCorrupt)
	}
}

// Behind the end of the log only what is certainly another file's may be passed over without a word.
func TestWhatIsNotAnothersIsTorn(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	last, _, _ := parseHeader(incr[h.ends[2]:])
	end := int64(len(incr))
	stale := string(made(header{file: 0xdead, at: end, lsn: 9, epoch: 1, sync: 8, prev: 5}, setCommand("stale", "1")))
	own := string(made(header{file: last.file, at: end, lsn: last.lsn + 1, epoch: 1, prev: last.sum}, setCommand("own", "1")))
	flipped := string(made(header{file: last.file ^ 4, at: end, lsn: last.lsn + 1, epoch: 1, prev: last.sum}, setCommand("own", "1")))
	for name, tt := range map[string]struct {
		tail string
		torn bool
	}{
		"another's":                       {stale, false},
		"another's, and then ours":        {stale + own[:len(own)-2], true},
		"something, and then another's":   {"what?" + stale, true},
		"zeros, and then another's":       {string(make([]byte, 600)) + stale, false},
		"ours with a bit of its id wrong": {flipped, true},
	} {
		s, disk, err := h.change(t, []byte(string(incr)+tt.tail), config())
		require.NoError(t, err, name)
		assert.Equal(t, tt.torn, s.rep.Truncated != nil, name)
		assert.Equal(t, h.states[3], s.data, name)
		if tt.torn {
			assert.Equal(t, tt.tail, string(files(t, disk)[s.rep.Truncated.Kept]), name)
		}
	}
}

// The block that proves the damage begins across the border of two pieces that are read.
func TestAProofAcrossTwoPiecesIsSeen(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	last, _, _ := parseHeader(incr[h.ends[2]:])
	for shift := range len(markBytes) + 1 {
		bad := made(header{file: last.file, at: int64(len(incr)), lsn: last.lsn + 1, epoch: 1, prev: last.sum}, setCommand("a", strings.Repeat("x", chunk)))
		bad = bad[:chunk-shift] // its end is not what it was
		proof := made(header{file: last.file, at: int64(len(incr) + len(bad)), lsn: last.lsn + 2, epoch: 1, sync: last.lsn + 1, prev: 7}, setCommand("b", "1"))
		all := maps.Clone(h.files)
		all[firstIncr] = append(append(bytes.Clone(incr), bad...), proof...)
		refusedUnchanged(t, all, config(), ErrCorrupt)
	}
}

func TestEachTornTailIsKept(t *testing.T) {
	h := write(t, 3, false)
	all := maps.Clone(h.files)
	all[firstIncr] = all[firstIncr][:h.ends[3]-1]
	const name = firstIncr + ".torn-4"
	all[name], all[name+"-2"] = []byte("of an earlier time"), []byte("of another")
	disk := diskOf(t, all)
	s := mustOpen(t, disk, config())
	require.NotNil(t, s.rep.Truncated)
	left := files(t, disk)
	assert.Equal(t, "of an earlier time", string(left[name]))
	assert.Equal(t, "of another", string(left[name+"-2"]))
	assert.Equal(t, name+"-3", s.rep.Truncated.Kept)
	assert.Equal(t, h.files[firstIncr][h.ends[2]:h.ends[3]-1], left[name+"-3"])
}

// Nothing is cut that is not kept, and what could not be cut is not gone on with.
func TestATornTailThatCannotBeKeptOrCutStays(t *testing.T) {
	h := write(t, 3, false)
	torn := h.files[firstIncr][:h.ends[3]-1]
	copied := func(c faultfs.Call) bool { return strings.Contains(c.Name, ".torn-") }
	for name, at := range map[string]*faultfs.Place{
		"create":        faultfs.At(0, faultfs.Create, faultfs.Fault{}).Where(copied),
		"append":        faultfs.At(0, faultfs.Append, faultfs.Fault{Short: 3}).Where(copied),
		"sync":          faultfs.At(0, faultfs.Sync, faultfs.Fault{}).Where(copied),
		"cut":           faultfs.At(0, faultfs.Truncate, faultfs.Fault{}),
		"cut in a lie":  faultfs.At(0, faultfs.Truncate, faultfs.Fault{Lost: true}),
		"sync of a cut": faultfs.At(0, faultfs.Sync, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == firstIncr }),
	} {
		all := maps.Clone(h.files)
		all[firstIncr] = torn
		disk := diskOf(t, all)
		_, err := open(t, disk, config(), at)
		require.True(t, at.Fired(), name)
		require.Error(t, err, name)
		if name != "sync of a cut" {
			assert.Equal(t, torn, files(t, disk)[firstIncr], name)
		}
		assert.Equal(t, h.states[2], mustOpen(t, disk, config()).data, name)
	}
}

// Commands stand behind a block, but another file follows: nobody knows what that Redis saw.
func TestNakedCommandsInAFileThatIsNotTheLastAreTorn(t *testing.T) {
	all := twoFiles(t)
	delete(all, firstBase)
	all[firstIncr] = append(all[firstIncr], setCommand("redis", "1")...)
	all[secondIncr] = all[secondIncr][5:]
	s := mustOpen(t, diskOf(t, all), config())
	require.NotNil(t, s.rep.Truncated)
	assert.Equal(t, map[string]string{"0/one": "1"}, s.data)
}

// With a manifest of Redis's the first block tells where the numbers begin. One that is broken is damage or torn like any other, never the beginning
// of an empty log.
func TestABrokenFirstBlockUnderAManifestOfRedisIsNoEmptyLog(t *testing.T) {
	h := write(t, 4, false)
	all := maps.Clone(h.files)
	all[manName] = []byte("file appendonly.aof.1.incr.aof seq 1 type i\n")
	first, _, _ := parseHeader(all[firstIncr])
	require.Zero(t, first.len)
	require.Equal(t, h.states[4], mustOpen(t, diskOf(t, all), config()).data)
	for at := range h.ends[0] {
		bad := maps.Clone(all)
		bad[firstIncr] = bytes.Clone(all[firstIncr])
		bad[firstIncr][at] ^= 2
		if at > 0 && at < len(headerMark) { // a note, and the file one of Redis's: all is there
			require.Equal(t, h.states[4], mustOpen(t, diskOf(t, bad), config()).data)
			continue
		}
		refusedUnchanged(t, bad, config(), ErrCorrupt)
	}
	moved := maps.Clone(all)
	first.at = 5
	moved[firstIncr] = made(first, "")
	refusedUnchanged(t, moved, config(), ErrCorrupt)
}
