package aof

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// stampsOf gives, for each block of a file that holds anything, the second that it tells; 0: none.
func stampsOf(t *testing.T, text []byte) (told []int64) {
	for at := 0; at < len(text); {
		h, n, state := parseHeader(text[at:])
		require.Equal(t, headerOK, state)
		if at += n + int(h.len); h.len > 0 {
			told = append(told, stampOf(text[at-int(h.len):at]))
		}
	}
	return told
}

func timed() Config {
	cfg := config()
	cfg.Timestamps = true
	return cfg
}

func TestTheFirstBlockOfEachFileAndOfEachSecondTellsItsTime(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, timed())
	const start = 1_700_000_000
	for i := range 4 {
		s.do(0, "SET a "+strconv.Itoa(i))
		s.turn()
		s.host.now += 500
	}
	s.log.Rewrite(false)
	s.rewriteAll()
	s.do(0, "SET a 5")
	s.turn()
	require.NoError(t, s.close())
	all := files(t, disk)
	assert.Equal(t, []int64{start + 2}, stampsOf(t, all["appendonly.aof.1.base.aof"]))
	assert.Equal(t, []int64{start + 2, 0}, stampsOf(t, all["appendonly.aof.2.incr.aof"]), "the second is that of the file before")

	disk.Kill()
	s = mustOpen(t, disk, timed())
	assert.EqualValues(t, start+2, s.log.stamped)
}

func TestTheTimeIsThatOfTheWrite(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, timed())
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.do(0, "SET a 1")
	s.turn()
	s.tick(5000)
	require.NoError(t, s.log.Refusing())
	require.NoError(t, s.close())
	assert.Equal(t, []int64{1_700_000_005}, stampsOf(t, files(t, disk)[firstIncr]))
}

func TestAUnitThatIsTakenBackLeavesNoTime(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, timed())
	s.log.Begin()
	s.log.Feed(0, words("SET a 1"))
	s.log.Abort()
	s.turn()
	assert.Zero(t, s.log.lastData-s.log.lsn)
	assert.NotContains(t, string(files(t, disk)[firstIncr]), stampMark)
}

func TestTimesNeverGoBack(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, timed())
	s.do(0, "SET a 1")
	s.turn()
	s.host.now -= 10_000 // the machine's clock, after a restart
	s.do(0, "SET a 2")
	s.turn()
	require.NoError(t, s.close())
	disk.Kill()
	inner, err := disk.Open()
	require.NoError(t, err)
	s = &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: timed(), data: map[string]string{},
		host: &fakeHost{now: 1_600_000_000_000, posts: make(chan func(), 1000)}}
	s.newLog()
	_, err = s.log.Load(t.Context(), s.apply(), nil)
	require.NoError(t, err)
	s.do(0, "SET a 3")
	s.turn()
	s.log.Rewrite(false)
	s.rewriteAll()
	require.NoError(t, s.close())
	all := files(t, disk)
	assert.Equal(t, []int64{1_700_000_000}, stampsOf(t, all["appendonly.aof.1.base.aof"]))
	assert.Equal(t, []int64{1_700_000_000}, stampsOf(t, all["appendonly.aof.2.incr.aof"]))
}

func TestTurnedOnInTheMiddleTimesAreTold(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	for i, on := range []bool{false, true, false, true, true} {
		s.cfg.Timestamps = on
		s.do(0, "SET a "+strconv.Itoa(i))
		s.turn()
	}
	require.NoError(t, s.close())
	text := files(t, disk)[firstIncr]
	assert.Equal(t, []int64{0, 1_700_000_000, 0, 0, 0}, stampsOf(t, text))
	assert.Equal(t, 1, strings.Count(string(text), stampMark))
}
