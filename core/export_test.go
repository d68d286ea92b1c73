package core

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/storage/memfs"
	"tabdis/tests/fromenv"
)

// parted is a Sink that takes so many bytes, and begins another file where it may.
type parted struct {
	left      int
	files     [][]byte
	cut       func() bool
	committed bool
	aborted   bool
}

func (p *parted) Write(b []byte) error {
	if len(p.files) == 0 {
		p.files = append(p.files, nil)
	}
	last := &p.files[len(p.files)-1]
	*last = append(*last, b...)
	p.left -= len(b)
	return nil
}

func (p *parted) Whole() {
	if p.cut() {
		p.files = append(p.files, nil)
	}
}

func (p *parted) Full() bool { return p.left <= 0 }
func (p *parted) Abort()     { p.aborted = true }

func (p *parted) Commit() error {
	p.committed = true
	return nil
}

func (p *parted) size() (n int) {
	for _, f := range p.files {
		n += len(f)
	}
	return n
}

// An export has the moment of its cut, whatever commands do while it is written and however slowly it is taken: a log in any number of files, and
// an RDB file. TABDIS_MOMENTS and TABDIS_SEED as for bases.
func TestAnExportIsTheMomentOfItsCut(t *testing.T) {
	rounds, seed := fromenv.Number(t, "TABDIS_MOMENTS", 4), fromenv.Number(t, "TABDIS_SEED", rand.Uint64()>>40)
	t.Logf("TABDIS_SEED=%d, %d exports", seed, rounds)
	for i := range rounds {
		form := ExportForm(i % 2)
		t.Run(fmt.Sprintf("TABDIS_SEED=%d, form %d", seed+i, form), func(t *testing.T) {
			m := newMoment(t, seed+i, "no")
			m.fill()
			m.do("DEBUG SET-ACTIVE-EXPIRE 0")
			if m.now += 3000; m.r.IntN(2) == 0 { // else some keys are past their time at the cut
				m.do("DEBUG SET-ACTIVE-EXPIRE 1")
				m.e.Tick(m.now)
			}
			m.cut, m.cutDigest = m.content()
			sink := &parted{left: 1000, cut: func() bool { return m.r.IntN(3) == 0 }}
			ended := 0
			m.e.Turn(m.now)
			require.NoError(t, m.e.Export(sink, form, func(err error) { require.NoError(t, err); ended++ }))
			m.e.EndTurn()
			m.do("DEBUG SET-ACTIVE-EXPIRE 1")
			for rounds := 0; ended == 0; rounds++ {
				require.Less(t, rounds, 100_000, "an export without end")
				m.storm()
				m.now += m.r.Int64N(4)
				sink.left = max(sink.left, 0) + m.r.IntN(200_000)
				m.e.Turn(m.now)
				m.e.GoOn()
				m.e.EndTurn()
				m.e.Tick(m.now)
			}
			require.True(t, sink.committed)
			require.False(t, m.e.Snapshotting())
			loaded := &moment{t: t, r: m.r, form: "no", now: m.now}
			if form == ExportRDB {
				require.Len(t, sink.files, 1)
				loaded.e = openExported(t, m.now, map[string][]byte{"dump.rdb": sink.files[0]})
			} else {
				loaded.e = openExported(t, m.now, asDirectory(sink.files))
			}
			loaded.s = loaded.e.NewSession(SessionOptions{})
			got, digest := loaded.content()
			require.Empty(t, difference(withoutPast(m), got), "it is the moment of its cut")
			if m.cutDigest != "" && m.now == loaded.now && len(withoutPast(m)) == len(m.cut) {
				require.Equal(t, m.cutDigest, digest)
			}
		})
	}
}

// withoutPast is what was there at the cut and is not past its time by now: a dump that is loaded leaves that out.
func withoutPast(m *moment) map[string]string {
	left := map[string]string{}
	for key, about := range m.cut {
		var kind string
		var at int64
		_, err := fmt.Sscan(about, &kind, &at)
		require.NoError(m.t, err)
		if at < 0 || at > m.now {
			left[key] = about
		}
	}
	return left
}

// asDirectory is a directory of Redis's: a base and incr files behind it.
func asDirectory(files [][]byte) map[string][]byte {
	dir, manifest := map[string][]byte{}, ""
	for i, text := range files {
		name, kind := fmt.Sprintf("appendonly.aof.%d.incr.aof", i), "i"
		if i == 0 {
			name, kind = "appendonly.aof.1.base.aof", "b"
		}
		dir[name] = text
		manifest += fmt.Sprintf("file %s seq %d type %s\n", name, max(i, 1), kind)
	}
	dir["appendonly.aof.manifest"] = []byte(manifest)
	return dir
}

func openExported(t *testing.T, now int64, files map[string][]byte) *Engine {
	fs, err := memfs.New().Open()
	require.NoError(t, err)
	for name, text := range files {
		require.NoError(t, fs.Replace(context.Background(), name, text))
	}
	e, err := Open(context.Background(), Options{FS: fs, Now: now, Seed: 1, Importer: aof.NewImporter(nil), Config: map[string]string{"databases": "4", "enable-debug-command": "yes"}})
	require.NoError(t, err)
	return e
}

// A sink that is full gets nothing of what nobody changes, and costs no ticks.
func TestAnExportWaitsForItsSink(t *testing.T) {
	x := openSaving(t, map[string]string{"save": ""})
	for i := range 3000 {
		x.do(fmt.Sprintf("SET key%d %s", i, strings.Repeat("v", 100)))
	}
	sink := &parted{left: 1, cut: func() bool { return false }}
	var ended []error
	require.NoError(t, x.Export(sink, ExportRDB, func(err error) { ended = append(ended, err) }))
	sink.left = 0
	was := sink.size()
	for range 20 {
		assert.Greater(t, x.Tick(x.at), tickUrgent)
	}
	assert.Equal(t, was, sink.size())
	assert.Equal(t, errSaving, x.Export(sink, ExportRDB, nil), "there is one snapshot at a time")
	sink.left = math.MaxInt
	for range 1000 {
		x.Tick(x.at)
	}
	assert.Equal(t, []error{nil}, ended)
	assert.Greater(t, sink.size(), 3000*10)
}

// A log that needs a fresh base waits for nobody, and a BGSAVE has no part in an export, nor FLUSHALL.
func TestAnExportGivesWayToAFreshBase(t *testing.T) {
	x := openSaving(t, map[string]string{"save": ""})
	x.do("SET k v")
	for _, c := range []struct {
		stop  func(s Sink)
		ended []error
	}{
		{func(Sink) { host{x.Engine}.Room(true) }, []error{ErrExportStopped}},
		{func(s Sink) { x.StopExport(s) }, []error{ErrExportStopped}},
		{func(Sink) { x.StopExport(&parted{}) }, nil},
		{func(Sink) { x.do("FLUSHALL") }, nil},
		{func(Sink) { host{x.Engine}.Room(false) }, nil},
	} {
		sink := &parted{cut: func() bool { return false }}
		var ended []error
		require.NoError(t, x.Export(sink, ExportCommands, func(err error) { ended = append(ended, err) }))
		c.stop(sink)
		assert.Equal(t, c.ended, ended)
		assert.Equal(t, len(c.ended) > 0, sink.aborted)
		assert.Equal(t, len(c.ended) == 0, x.Snapshotting())
		assert.Equal(t, "0", x.info("rdb_bgsave_in_progress"))
		x.Tick(x.at)
		assert.False(t, x.saver.scheduled)
		x.StopExport(sink)
	}
	assert.Equal(t, "ok", x.info("rdb_last_bgsave_status"))
}
