package aof

import (
	"bytes"
	"context"
	"maps"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

func filled(t *testing.T, n int) (*store, *memfs.Store) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	for i := range n {
		s.do(i%2, "SET k"+strconv.Itoa(i)+" "+strconv.Itoa(i))
	}
	s.turn()
	return s, disk
}

func TestARewriteUnderWritesKeepsEverything(t *testing.T) {
	s, disk := filled(t, 100)
	scheduled, err := s.log.Rewrite(false)
	require.NoError(t, err)
	assert.False(t, scheduled)
	_, err = s.log.Rewrite(false)
	assert.EqualError(t, err, "Background append only file rewriting already in progress")
	for i := 0; s.log.rw != nil; i++ {
		assert.True(t, s.log.Stats().RewriteInProgress)
		s.do(0, "APPEND k"+strconv.Itoa(i%100)+" x", "APPEND shared y") // twice would be seen
		s.tick(1)
		clone := disk.CrashClone(memfs.Nothing())
		assert.Equal(t, s.data, mustOpen(t, clone, config()).data, "step %d", i)
	}
	stats := s.log.Stats()
	assert.EqualValues(t, 1, stats.Rewrites)
	assert.True(t, stats.LastRewriteOK)
	assert.EqualValues(t, 0, stats.LastRewriteTime)
	want := maps.Clone(s.data)
	require.NoError(t, s.close())
	all := files(t, disk)
	assert.Len(t, all, 3, "manifest, base, incr")
	assert.NotContains(t, all, firstIncr)
	assert.Equal(t, want, reopened(t, disk))
}

func TestTheFirstBlockBehindACutStandsThereEvenIfNothingFollows(t *testing.T) {
	s, disk := filled(t, 3)
	s.log.Rewrite(false)
	s.rewriteAll()
	lsn := s.log.man.base.cutLSN
	assert.Equal(t, lsn+1, s.log.current().first)
	text := files(t, disk.CrashClone(memfs.Nothing()))["appendonly.aof.2.incr.aof"]
	h, n, state := parseHeader(text)
	require.Equal(t, headerOK, state)
	assert.Equal(t, s.log.man.base.cutSum, h.prev)
	assert.Equal(t, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", string(text[n:n+int(h.len)]))
}

func TestABaseIsBlocksFromOneWithAnEmptyLast(t *testing.T) {
	s, disk := filled(t, 5000)
	s.log.Rewrite(false)
	s.rewriteAll()
	text := files(t, disk.CrashClone(memfs.Nothing()))["appendonly.aof.1.base.aof"]
	lsn, prev, blocks := uint64(1), uint64(0), 0
	for at := 0; at < len(text); blocks++ {
		h, n, state := parseHeader(text[at:])
		require.Equal(t, headerOK, state)
		assert.Equal(t, []uint64{lsn, prev, 0}, []uint64{h.lsn, h.prev, h.sync})
		at += n + int(h.len)
		assert.Equal(t, at == len(text), h.len == 0)
		lsn, prev = lsn+1, h.sum
	}
	assert.Greater(t, blocks, 2)
}

func TestAnyFlippedBitOrCutOfABaseIsDamage(t *testing.T) {
	s, disk := filled(t, 20)
	s.log.Rewrite(false)
	s.rewriteAll()
	all := files(t, disk.CrashClone(memfs.Nothing()))
	base := all["appendonly.aof.1.base.aof"]
	for i := range base {
		bad := maps.Clone(all)
		text := bytes.Clone(base)
		text[i] ^= 1 << (i % 8)
		bad["appendonly.aof.1.base.aof"] = text
		_, err := open(t, diskOf(t, bad), config(), nil)
		require.ErrorIs(t, err, ErrCorrupt, "byte %d", i)
		if i%5 == 0 {
			bad["appendonly.aof.1.base.aof"] = base[:i]
			_, err = open(t, diskOf(t, bad), config(), nil)
			require.ErrorIs(t, err, ErrCorrupt, "cut at %d", i)
		}
	}
}

func TestABrokenLogBetweenFilesIsDamageOrTorn(t *testing.T) {
	s, disk := filled(t, 4)
	s.host.parked = true
	s.log.Rewrite(false)
	s.do(0, "SET last 1")
	s.turn()
	s.host.parked = false
	for _, job := range s.host.jobs {
		job(context.Background())
	}
	s.turn()
	s.log.Tick() // the cut
	s.do(0, "SET behind 1")
	s.turn()
	s.do(0, "SET behind 2")
	s.turn()
	all := files(t, disk)
	one, two := all[firstIncr], all["appendonly.aof.2.incr.aof"]
	require.NotEmpty(t, two)
	check := func(name string, one, two []byte, want error) {
		bad := maps.Clone(all)
		bad[firstIncr], bad["appendonly.aof.2.incr.aof"] = one, two
		_, err := open(t, diskOf(t, bad), config(), nil)
		if want == nil {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, want, name)
		}
	}
	check("as it was", one, two, nil)
	check("slack between", append(bytes.Clone(one), make([]byte, 100)...), two, nil)
	check("the end of the first is gone", one[:len(one)-5], two, ErrCorrupt)
	check("the first is empty", nil, two, ErrCorrupt)
	check("the second is empty", one, nil, nil)
	check("the start of the second is gone", one, append(make([]byte, 20), two[20:]...), ErrCorrupt)
}

func TestIncrementalSyncOfABase(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	value := string(bytes.Repeat([]byte("x"), 1<<20))
	for i := range 20 {
		s.do(0, "SET k"+strconv.Itoa(i)+" "+value)
		s.turn()
	}
	count := 0
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op == faultfs.Sync && c.Name == "appendonly.aof.1.base.aof" {
			count++
		}
		return nil
	}))
	n := int64(0)
	s.cfg.Clock = func() int64 { n += 400; return n } // two or three entries a slice
	s.log.Rewrite(false)
	s.rewriteAll()
	assert.GreaterOrEqual(t, count, 4)
}

func TestASliceEndsWithItsTime(t *testing.T) {
	s, _ := filled(t, 100)
	n := int64(0)
	s.cfg.Clock = func() int64 { n += 100; return n }
	s.log.Rewrite(false)
	s.tick(1)
	require.Equal(t, writing, s.log.rw.phase)
	left := len(s.log.rw.snap.(*modelSnapshot).keys)
	s.log.stepRewrite()
	assert.Equal(t, 9, left-len(s.log.rw.snap.(*modelSnapshot).keys))
	assert.True(t, s.log.Urgent())
	s.rewriteAll()
	assert.False(t, s.log.Urgent())
}

func TestGrowthStartsARewrite(t *testing.T) {
	s, _ := filled(t, 10)
	s.cfg.RewritePercentage, s.cfg.RewriteMinSize = 100, 3000
	s.tick(1)
	assert.Nil(t, s.log.rw, "too small")
	for range 100 {
		s.do(0, "SET a 1")
	}
	s.turn()
	s.tick(1)
	require.NotNil(t, s.log.rw)
	s.rewriteAll()
	assert.Equal(t, s.log.Stats().BaseSize, s.log.growthBase)
	s.tick(1)
	assert.Nil(t, s.log.rw)
}

func TestFailedRewritesWaitLongerEachTime(t *testing.T) {
	s, disk := filled(t, 10)
	s.cfg.RewritePercentage, s.cfg.RewriteMinSize = 1, 100
	s.log.growthBase = 1
	s.fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{}).Where(func(c faultfs.Call) bool {
		return bytes.Contains([]byte(c.Name), []byte(".base."))
	}))
	fail := func() {
		n := s.log.failures
		for i := 0; s.log.failures == n; i++ {
			require.Less(t, i, 100)
			s.tick(1)
		}
	}
	for range 3 {
		fail()
	}
	for _, minutes := range []int64{1, 2, 4, 8, 16, 32, 60, 60} {
		require.Equal(t, minutes*60000, s.log.notBefore-s.host.now)
		s.tick(minutes*60000 - 1)
		require.Nil(t, s.log.rw)
		fail()
	}
	assert.False(t, s.log.Stats().LastRewriteOK)
	s.fs.Inject(nil)
	_, err := s.log.Rewrite(false)
	require.NoError(t, err, "by hand it may start at once")
	s.rewriteAll()
	assert.Zero(t, s.log.Stats().ConsecutiveFailures)
	want := maps.Clone(s.data)
	assert.Equal(t, want, reopened(t, disk))
	assert.Less(t, len(files(t, disk)), 5, "nothing is left behind")
}

func TestARewriteWhoseNextFileCannotBeNamedUsesItNextTime(t *testing.T) {
	s, disk := filled(t, 10)
	s.fs.Inject(faultfs.At(0, faultfs.Replace, faultfs.Fault{Unsure: true}))
	s.log.Rewrite(false)
	s.tick(1)
	require.Nil(t, s.log.rw)
	require.Len(t, s.log.spares, 1)
	assert.Contains(t, files(t, disk.CrashClone(memfs.Everything())), s.log.spares[0].name)
	spare := s.log.spares[0]
	s.log.Rewrite(false)
	s.rewriteAll()
	assert.Same(t, spare, s.log.current())
	assert.Equal(t, s.data, reopened(t, disk))
}

func TestNoCutWhenTheBufferCannotBeWritten(t *testing.T) {
	s, disk := filled(t, 10)
	s.log.Rewrite(false)
	s.posted()
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.do(0, "SET last 1")
	s.log.Tick()
	assert.Equal(t, prepared, s.log.rw.phase)
	assert.Equal(t, firstIncr, s.log.current().name)
	s.tick(1000)
	s.rewriteAll()
	assert.Equal(t, s.data, reopened(t, disk))
}

func TestARewriteIsScheduledWhileTheLogIsNotSound(t *testing.T) {
	s, _ := filled(t, 10)
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{}))
	s.do(0, "SET a 1")
	s.turn()
	scheduled, err := s.log.Rewrite(false)
	require.NoError(t, err)
	assert.True(t, scheduled)
	assert.True(t, s.log.Stats().RewriteScheduled)
	s.tick(1000)
	s.tick(1)
	s.rewriteAll()
	assert.EqualValues(t, 1, s.log.Stats().Rewrites)
	assert.False(t, s.log.Stats().RewriteScheduled)
}

func TestTheLogIsTurnedOffAndOnAgain(t *testing.T) {
	s, disk := filled(t, 10)
	s.do(0, "SET before 1")
	s.log.Disable()
	s.posted()
	assert.False(t, s.log.Enabled())
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)
	ticket, err := s.log.Flush()
	assert.NoError(t, err)
	assert.Zero(t, ticket)
	s.data["0/unlogged"] = "1"

	require.NoError(t, s.log.Enable())
	assert.True(t, s.log.Enabled())
	s.do(0, "SET early 1")
	ticket, err = s.turn()
	assert.NoError(t, err)
	assert.Zero(t, ticket)
	for i := 0; s.log.state == enabling; i++ {
		require.Less(t, i, 100)
		s.do(0, "APPEND during x")
		s.tick(1)
	}
	s.do(0, "SET after 1")
	s.turn()
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)
	want := maps.Clone(s.data)
	require.NoError(t, s.close())
	assert.Len(t, files(t, disk), 3)
	assert.Equal(t, want, reopened(t, disk))
}

func TestALogThatWasNeverLoadedReplacesWhatWasThere(t *testing.T) {
	old, disk := filled(t, 10)
	require.NoError(t, old.close())
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: config(), data: map[string]string{"0/new": "1"},
		host: &fakeHost{now: 1_800_000_000_000, posts: make(chan func(), 1000)}}
	s.newLog()
	require.NoError(t, s.log.Enable())
	for i := 0; s.log.state == enabling; i++ {
		require.Less(t, i, 100)
		s.tick(1)
	}
	assert.Greater(t, s.log.lsn, old.log.man.sealed)
	require.NoError(t, s.close())
	assert.NotContains(t, files(t, disk), firstIncr)
	assert.Equal(t, map[string]string{"0/new": "1"}, reopened(t, disk))
}

func TestEnablingTriesUntilItSucceeds(t *testing.T) {
	s, disk := filled(t, 10)
	s.log.Disable()
	s.posted()
	s.fs.Inject(faultfs.At(3, faultfs.Changes, faultfs.Fault{}))
	require.NoError(t, s.log.Enable())
	for i := 0; s.log.state == enabling; i++ {
		require.Less(t, i, 100)
		s.do(0, "APPEND during x")
		s.tick(300)
	}
	assert.Equal(t, s.data, reopened(t, disk))
}

func TestABaseHoldsWhatTheSnapshotTells(t *testing.T) {
	f := &nullFile{}
	var expired []string
	w := newCommandWriter(newFile(f, entry{id: 1}), 1, func(db int, key []byte) { expired = append(expired, strconv.Itoa(db)+"/"+string(key)) })
	ks := keyspace.New(keyspace.Options{Seed: 1})
	ks.Limits = keyspace.DefaultLimits()
	db := ks.DB(2)
	db.SetString([]byte("s"), []byte("v"), keyspace.EncInt, 5000)
	db.SetString([]byte("gone"), []byte("v"), keyspace.EncInt, 5)
	list := db.NewList([]byte("l"))
	for i := range 70 {
		list.PushTail([]byte(strconv.Itoa(i)))
	}
	list.Commit()
	set := db.NewSet([]byte("e"))
	set.Add([]byte("m"))
	set.Commit()
	hash := ks.DB(0).NewHash([]byte("h"))
	hash.Set([]byte("f"), []byte("v"))
	hash.Commit()
	ks.DB(0).SetExpiry([]byte("h"), 6000)
	zset := ks.DB(0).NewZSet([]byte("z"))
	zset.Set([]byte("m"), 1.5)
	zset.Commit()
	snap := ks.Cut(w, func() int64 { return 10 })
	for !snap.Step(func() bool { return true }) {
	}
	require.NoError(t, w.fault())
	var got []string
	a := applier{to: replay(func(args [][]byte) error {
		text := string(bytes.Join(args, []byte(" ")))
		got = append(got, text[:min(len(text), 40)]+" "+strconv.Itoa(len(args)))
		return nil
	})}
	_, state, err := a.units(w.b[room:])
	require.NoError(t, err)
	require.Equal(t, parseOK, state)
	for _, want := range []string{"SET s v PXAT 5000 5", "RPUSH l 64 65 66 67 68 69 8", "SADD e m 3", "HMSET h f v 4", "PEXPIREAT h 6000 3", "ZADD z 1.5 m 4", "SELECT 2 2"} {
		assert.Contains(t, got, want)
	}
	assert.Equal(t, []string{"2/gone"}, expired)
	assert.Len(t, got, 8, "%q", got)
}

// pool is a storage.FS with so many files left.
type pool struct {
	*faultfs.FS
	free int
}

func (p pool) Free() int { return p.free }

func TestNoRewriteWithoutFilesForOneMoreBase(t *testing.T) {
	s, _ := filled(t, 3)
	s.log.fs = pool{s.fs, 3}
	_, err := s.log.Rewrite(false)
	assert.ErrorContains(t, err, "no files are free")
	assert.Nil(t, s.log.rw)
	assert.False(t, s.log.Stats().LastRewriteOK)
	assert.True(t, s.host.logged("no files are free"))
	s.log.fs = pool{s.fs, 4}
	s.log.Rewrite(false)
	assert.NotNil(t, s.log.rw)
}

// While somebody else takes a snapshot a rewrite waits, and one that is to come later is scheduled.
func TestRewritesWaitForRoom(t *testing.T) {
	s := mustOpen(t, memfs.New(), config())
	s.host.crowded = true
	scheduled, err := s.log.Rewrite(false)
	require.NoError(t, err)
	assert.True(t, scheduled)
	for range 5 {
		s.log.Tick()
	}
	assert.False(t, s.log.Rewriting())
	s.host.crowded = false
	s.log.Tick()
	assert.True(t, s.log.Rewriting(), "it was scheduled")

	s = mustOpen(t, memfs.New(), config())
	scheduled, err = s.log.Rewrite(true)
	require.NoError(t, err)
	assert.True(t, scheduled)
	assert.False(t, s.log.Rewriting())
}
