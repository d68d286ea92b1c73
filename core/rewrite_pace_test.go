package core

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// paced is an engine that rewrites its log, with a clock of the test's.
type paced struct {
	*Engine
	t     *testing.T
	fs    *faultfs.FS
	s     *Session
	clock int64 // µs; each look at it takes one
}

// openPaced fills it with small keys and large collections of all types, and goes on to the cut.
func openPaced(t *testing.T, form string, members int) *paced {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	x := &paced{t: t, fs: faultfs.Wrap(inner, nil)}
	x.Engine, err = Open(context.Background(), Options{FS: x.fs, Now: start, Seed: 1, Go: func(job func()) { job() }, Config: map[string]string{
		"appendfsync": "no", "auto-aof-rewrite-percentage": "0", "aof-use-rdb-preamble": form, "rdbcompression": "no"}})
	require.NoError(t, err)
	x.s = x.NewSession(SessionOptions{})
	value := strings.Repeat("v", 100)
	for i := 0; i < members; i += 500 {
		var b []byte
		for k := i; k < i+500; k++ {
			b = fmt.Appendf(b, "SET k%06d %s\r\nHSET H %d %s\r\nSADD T %s%d\r\nRPUSH L %s%d\r\nZADD Z %d %s%d\r\n", k, value, k, value, value, k, value, k, k, value, k)
		}
		x.do(string(b))
	}
	x.config.aof.Clock = func() int64 { x.clock++; return x.clock }
	x.do("BGREWRITEAOF\r\n")
	for total := 0; total == 0; _, total = x.ks.SnapshotKeys() {
		x.Tick(start)
	}
	return x
}

func (x *paced) do(lines string) {
	x.Turn(start)
	x.s.Feed([]byte(lines))
	x.EndTurn()
	x.s.Take(len(x.s.Output()))
}

// What waits in memory for its turn in the base stays a fraction of the data, whatever commands change, and if no tick ever comes.
func TestARewriteHoldsLittleUnderAStorm(t *testing.T) {
	const members = 40_000
	x := openPaced(t, "yes", members)
	x.clock = -1 << 50 // no slice is ever overdue
	data, most, turns := x.ks.Memory(), int64(0), 0
	for i := 0; i < members; turns++ {
		var b []byte
		for range 20 {
			b = fmt.Appendf(b, "SET k%06d w\r\nHSET H %d w\r\nSADD T %d\r\nZADD Z -1 %s%d\r\nLSET L %d w\r\n", i, i, i, strings.Repeat("v", 100), i, i)
			i++
		}
		x.do(string(b))
		most = max(most, x.log.Stats().RewriteHeld)
	}
	t.Logf("%d turns, at most %d KB were held of %d KB", turns, most>>10, data>>10)
	assert.LessOrEqual(t, most, 1<<20+data/10)
	assert.Greater(t, most, int64(700<<10), "the storm was too weak")
}

// A host whose turns follow each other without an end may come to no tick for long; a rewrite comes to its end all the same.
func TestTurnsAloneBringARewriteToItsEnd(t *testing.T) {
	x := openPaced(t, "no", 20_000)
	longest := int64(0)
	for turns := 0; ; turns++ {
		if _, total := x.ks.SnapshotKeys(); total == 0 {
			break
		}
		require.Less(t, turns, 5000, "a rewrite without end")
		x.clock += 3000
		from := x.clock
		x.do("PING\r\n")
		longest = max(longest, x.clock-from)
	}
	assert.LessOrEqual(t, longest, int64(2000), "µs of a turn")
}

// Between turns a slice takes a share of the time that has passed, and never much.
func TestASliceTakesAShare(t *testing.T) {
	for _, c := range []struct{ between, least, most int64 }{{0, 100, 150}, {900, 170, 230}, {2400, 460, 560}, {16_000, 800, 2050}} {
		x := openPaced(t, "no", 20_000)
		for range 3 {
			x.do("PING\r\n")
		}
		if c.between >= 10_000 { // the turns above must not have found it overdue
			x.clock += c.between
			from := x.clock
			x.do("PING\r\n")
			assert.GreaterOrEqual(t, x.clock-from, c.least, "%+v", c)
			assert.LessOrEqual(t, x.clock-from, c.most, "%+v", c)
			continue
		}
		x.clock += c.between
		from := x.clock
		x.Tick(start)
		assert.GreaterOrEqual(t, x.clock-from, c.least, "%+v", c)
		assert.LessOrEqual(t, x.clock-from, c.most, "%+v", c)
	}
}
