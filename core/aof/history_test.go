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

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

func keeping(n int) Config {
	cfg := timed()
	cfg.HistoryKeep = n
	return cfg
}

// write does n units, a turn each.
func (s *store) write(n int) {
	for i := range n {
		s.do(i%2, "SET k"+strconv.Itoa(i%5)+" "+strconv.Itoa(int(s.log.lsn)))
		s.turn()
	}
}

func (s *store) rewrite() {
	_, err := s.log.Rewrite(false)
	require.NoError(s.t, err)
	s.rewriteAll()
}

// logFiles are the names of base and incr files on the disk.
func logFiles(t *testing.T, disk *memfs.Store) (names []string) {
	for name := range files(t, disk.CrashClone(memfs.Everything())) {
		if _, ok := isLogName("appendonly.aof", name); ok {
			names = append(names, strings.TrimPrefix(name, "appendonly.aof."))
		}
	}
	return names
}

func TestSoManyGenerationsAreKept(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(2))
	for range 4 {
		s.write(3)
		s.rewrite()
	}
	want := []string{"2.base.aof", "3.incr.aof", "3.base.aof", "4.incr.aof", "4.base.aof", "5.incr.aof"}
	assert.ElementsMatch(t, want, logFiles(t, disk))
	require.Len(t, s.log.man.history, 2)
	stats := s.log.Stats()
	assert.Equal(t, 2, stats.HistoryGenerations)
	assert.Equal(t, s.log.man.history[0].base.cutLSN, stats.OldestLSN)
	var size int64
	for name, b := range files(t, disk.CrashClone(memfs.Everything())) {
		if s.log.man.remembers(name) {
			size += int64(len(b))
		}
	}
	assert.Equal(t, size, stats.HistoryBytes)
	assert.Less(t, stats.CurrentSize, size, "only the log in force counts for growth")

	s = mustOpen(t, disk.CrashClone(memfs.Nothing()), keeping(2))
	assert.Len(t, s.log.man.history, 2, "a restart keeps them")
	require.NoError(t, s.close())

	all := files(t, disk)
	disk.Kill()
	s = mustOpen(t, disk, keeping(1))
	s.rewrite()
	require.NoError(t, s.close())
	left := files(t, disk)
	assert.Len(t, left, 5)
	for _, e := range s.log.man.history[0].entries() {
		assert.True(t, bytes.HasPrefix(left[e.name], all[e.name]), "history stays as it was")
	}

	disk.Kill()
	s = mustOpen(t, disk, keeping(0))
	s.rewrite()
	require.NoError(t, s.close())
	assert.Len(t, files(t, disk), 3)
}

func TestTheFirstGenerationHasNoBase(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(5))
	s.write(3)
	s.rewrite()
	require.Len(t, s.log.man.history, 1)
	assert.Nil(t, s.log.man.history[0].base)
	assert.Zero(t, s.log.Stats().OldestLSN)
	text := s.log.man.encode()
	assert.Contains(t, string(text), "\n# tabdis-history file appendonly.aof.1.incr.aof seq 1 type i id ")
	m, err := parseManifest(text)
	require.NoError(t, err)
	assert.Equal(t, s.log.man.history, m.history)
}

func TestNoFlippedBitOfAManifestWithHistoryPasses(t *testing.T) {
	m := manifest{base: &entry{name: "a.3.base.aof", seq: 3, id: 1, len: 5, cutLSN: 40}, incrs: []entry{{name: "a.3.incr.aof", seq: 3, id: 2}}, epoch: 1,
		history: []generation{{incrs: []entry{{name: "a.1.incr.aof", seq: 1, id: 3, len: 99}}},
			{base: &entry{name: "a.2.base.aof", seq: 2, id: 4, len: 7, cutLSN: 20, cutSum: 9}, incrs: []entry{{name: "a.2.incr.aof", seq: 2, id: 5}}}}}
	text := m.encode()
	got, err := parseManifest(text)
	require.NoError(t, err)
	assert.Equal(t, m.history, got.history)
	for i := range text {
		for bit := range 8 {
			bad := bytes.Clone(text)
			bad[i] ^= 1 << bit
			_, err := parseManifest(bad)
			assert.Error(t, err, "byte %d bit %d: %q", i, bit, bad)
		}
	}
	for _, bad := range []string{
		"file a seq 1 type h id 0000000000000001", "file a seq 1 type i", "file a seq 1 type b id 0000000000000001", "file ../a seq 1 type i id 0000000000000001",
		"", "file a seq 2 type i id 0000000000000001\n# tabdis-history file b seq 1 type i id 0000000000000002",
	} {
		m := manifest{incrs: []entry{{name: "a.1.incr.aof", seq: 1, id: 2}}, epoch: 1}
		text := string(m.encode())
		at := strings.Index(text, manifestMark)
		head, last := text[:at]+historyMark+bad+"\n", text[at:len(text)-17]
		sum := appendHex(nil, checksum([]byte(head+last), []byte{'\n'}))
		_, err := parseManifest([]byte(head + last + string(sum) + "\n"))
		assert.Error(t, err, "%q", bad)
		assert.NotContains(t, err.Error(), "checksum")
	}
}

// The log in force never looks at its history.
func TestHistoryThatIsGoneOrDamagedIsAWarning(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	for range 3 {
		s.write(3)
		s.rewrite()
	}
	want, history := maps.Clone(s.data), s.log.man.history
	require.NoError(t, s.close())
	all := files(t, disk)
	all[history[1].base.name] = []byte("rubbish")
	all[history[2].incrs[0].name] = nil
	delete(all, history[0].incrs[0].name)
	s = mustOpen(t, diskOf(t, all), keeping(3))
	assert.Equal(t, want, s.data)
	assert.True(t, s.host.logged("history is missing: "+history[0].incrs[0].name))
	assert.Len(t, s.log.man.history, 3)
}

// Before a manifest calls files history they are durable to their end, with any policy.
func TestHistoryIsDurableBeforeItIsNamed(t *testing.T) {
	disk := memfs.New()
	cfg := keeping(2)
	cfg.Policy = No
	s := mustOpen(t, disk, cfg)
	s.write(10)
	s.rewrite()
	clone := files(t, disk.CrashClone(memfs.Nothing()))
	h, _, state := parseHeader(clone[firstIncr])
	require.Equal(t, headerOK, state)
	assert.EqualValues(t, 1, h.lsn)
	assert.Len(t, clone[firstIncr], int(s.log.man.history[0].incrs[0].len))
}

// A generation goes only when a manifest that does not name it is in force.
func TestGenerationsGoBehindTheManifest(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(1))
	for range 2 {
		s.write(3)
		s.rewrite()
	}
	names := logFiles(t, disk)
	s.fs.Inject(faultfs.From(1, faultfs.Replace, faultfs.Fault{Unsure: true})) // the first names the incr file
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	for range 20 {
		s.tick(700)
		for _, name := range names {
			require.Contains(t, logFiles(t, disk), name)
		}
	}
	s.fs.Inject(nil)
	s.rewriteAll()
	assert.Len(t, logFiles(t, disk), 4)
}

// A fresh base after a failed sync supersedes a generation as well, and so does a log that is turned on again.
func TestWhateverSupersedesALogIsAGeneration(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(5))
	s.write(3)
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.write(1)
	require.Error(t, s.log.Refusing())
	for i := 0; s.log.Refusing() != nil; i++ {
		require.Less(t, i, 100)
		s.tick(500)
	}
	require.Len(t, s.log.man.history, 1)
	assert.Equal(t, firstIncr, s.log.man.history[0].incrs[0].name)
	s.write(2)
	s.log.Disable()
	s.posted()
	s.data["0/unlogged"] = "1"
	require.NoError(t, s.log.Enable())
	for i := 0; s.log.state == enabling; i++ {
		require.Less(t, i, 100)
		s.tick(1)
	}
	require.Len(t, s.log.man.history, 2)
	assert.Positive(t, s.log.man.history[1].incrs[0].len)
	want := maps.Clone(s.data)
	assert.Equal(t, want, mustOpen(t, disk.CrashClone(memfs.Nothing()), keeping(5)).data)
	for _, g := range s.log.man.history {
		for _, e := range g.entries() {
			assert.Contains(t, files(t, disk.CrashClone(memfs.Nothing())), e.name)
		}
	}
}

// A log that is turned on over one that was never read goes on with its numbers, and keeps it.
func TestALogThatWasNeverReadBecomesHistory(t *testing.T) {
	old, disk := filled(t, 10)
	last := old.log.lsn
	disk = disk.CrashClone(memfs.Everything()) // no clean close: the manifest does not tell the last lsn
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: keeping(3), data: map[string]string{"0/new": "1"},
		host: &fakeHost{now: 1_800_000_000_000, posts: make(chan func(), 1000)}}
	s.newLog()
	require.NoError(t, s.log.Enable())
	for i := 0; s.log.state == enabling; i++ {
		require.Less(t, i, 100)
		s.tick(1)
	}
	require.Len(t, s.log.man.history, 1)
	assert.Equal(t, last, s.log.man.base.cutLSN)
	assert.Contains(t, files(t, disk.CrashClone(memfs.Nothing())), firstIncr)
}

// poolOf is a storage.FS of so many files.
type poolOf struct {
	*faultfs.FS
	n int
}

func (p poolOf) Free() int {
	names, _ := p.List(context.Background())
	return p.n - len(names)
}

func TestHistoryGivesWayWhenFilesAreFew(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(10))
	s.log.fs = poolOf{s.fs, 12}
	for range 6 {
		s.write(3)
		s.rewrite()
		assert.GreaterOrEqual(t, poolOf{s.fs, 12}.Free(), rewriteFiles)
	}
	assert.EqualValues(t, 6, s.log.Stats().Rewrites)
	assert.Len(t, s.log.man.history, 2, "manifest, 2 in force, 4 of history, 4 free")
	assert.True(t, s.host.logged("gives way"))

	// Something else takes files: what was kept goes before the rewrite.
	ctx := context.Background()
	for i := range 3 {
		_, err := s.fs.Create(ctx, "other"+strconv.Itoa(i))
		require.NoError(t, err)
	}
	s.write(3)
	s.rewrite()
	assert.EqualValues(t, 7, s.log.Stats().Rewrites)
	want := maps.Clone(s.data)
	assert.Equal(t, want, mustOpen(t, disk.CrashClone(memfs.Nothing()), keeping(10)).data)

	// A fresh base finds its files, too.
	for i := range (poolOf{s.fs, 12}).Free() {
		_, err := s.fs.Create(ctx, "more"+strconv.Itoa(i))
		require.NoError(t, err)
	}
	require.NotEmpty(t, s.log.man.history)
	s.log.fs = strictPool{poolOf{s.fs, 12}}
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.write(1)
	for i := 0; s.log.Refusing() != nil; i++ {
		require.Less(t, i, 100)
		s.tick(500)
	}
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), keeping(10)).data)
}

// strictPool makes no file when none is free.
type strictPool struct{ poolOf }

func (p strictPool) Create(ctx context.Context, name string) (storage.File, error) {
	if p.Free() < 1 {
		return nil, storage.ErrQuota
	}
	return p.poolOf.Create(ctx, name)
}

// While a job replaces the manifest no other begins: the older one might come last, and name what the newer one has removed.
func TestOneReplaceAtATime(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.write(3)
	s.host.parked = true
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	first := s.host.jobs
	s.host.jobs = nil
	s.host.parked = false
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.write(1)
	for range 10 {
		s.tick(1000)
		require.Error(t, s.log.Refusing(), "the first job has not ended")
		require.Nil(t, s.log.rw)
	}
	for _, job := range first {
		job(context.Background())
	}
	for i := 0; s.log.Refusing() != nil; i++ {
		require.Less(t, i, 100)
		s.tick(500)
	}
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)
}
