package aof

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

const (
	secondIncr = "appendonly.aof.2.incr.aof"
	firstBase  = "appendonly.aof.1.base.aof"
)

// recorder writes the changes down.
func recorder(list *[]string) faultfs.Injector {
	return faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op&faultfs.Changes != 0 {
			*list = append(*list, c.Op.String()+" "+strings.TrimPrefix(c.Name, "appendonly.aof."))
		}
		return nil
	})
}

func TestARewriteTakesItsStepsInOrder(t *testing.T) {
	s, _ := filled(t, 3)
	s.cfg.Policy = No
	var steps []string
	s.fs.Inject(recorder(&steps))
	s.log.Rewrite(false)
	s.rewriteAll()
	assert.Equal(t, []string{
		"create 2.incr.aof", "sync 2.incr.aof", "replace manifest", "create 1.base.aof",
		"append 1.incr.aof", // a seal
		"append 2.incr.aof",
		"append 1.base.aof", "append 1.base.aof", "sync 1.base.aof", "sync 2.incr.aof",
		"replace manifest",
		"remove 1.incr.aof",
	}, steps)
}

func TestTheManifestWaitsForTheBaseAndTheFirstBlockBehindIt(t *testing.T) {
	s, disk := filled(t, 3)
	s.cfg.Policy = No
	s.log.Rewrite(false)
	s.posted()
	disk.SetSync(memfs.SyncHeld)
	replaces := s.fs.Count(faultfs.Replace)
	step := func(held int) {
		for range 5 {
			s.tick(10)
		}
		assert.Equal(t, held, disk.HeldSyncs())
		assert.Equal(t, replaces, s.fs.Count(faultfs.Replace))
	}
	step(1) // the base's
	disk.ReleaseSync(nil)
	step(1) // the first block's
	disk.ReleaseSync(nil)
	disk.SetSync(memfs.SyncInline)
	s.tick(10)
	assert.Equal(t, replaces+1, s.fs.Count(faultfs.Replace))
	assert.Nil(t, s.log.rw)
}

func TestASyncOfTheBaseThatFailsLeavesTheOldChain(t *testing.T) {
	s, disk := filled(t, 3)
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == firstBase }))
	s.log.Rewrite(false)
	s.rewriteAll()
	assert.False(t, s.log.Stats().LastRewriteOK)
	require.NoError(t, s.log.Refusing())
	assert.Nil(t, s.log.base)
	s.do(0, "SET a 1")
	s.turn()
	assert.Equal(t, s.data, mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data)
	assert.NotContains(t, files(t, disk), firstBase)
}

func TestWhatOpeningDidIsDurableBeforeTheFirstAnswer(t *testing.T) {
	h := write(t, 3, false)
	s, disk, err := h.change(t, h.files[firstIncr], config())
	require.NoError(t, err)
	seal := files(t, disk.CrashClone(memfs.Nothing()))[firstIncr]
	assert.Len(t, seal, int(s.log.current().size))
	head, _, state := parseHeader(seal[len(h.files[firstIncr]):])
	require.Equal(t, headerOK, state)
	assert.Zero(t, head.len)
	assert.Equal(t, head.lsn-1, head.sync)
}

// twoFiles is a log that goes on in a second incr file, nothing of it proven durable.
func twoFiles(t testing.TB) map[string][]byte {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = No
	s := mustOpen(t, disk, cfg)
	s.log.Rewrite(false)
	s.do(0, "SET one 1")
	s.turn()
	s.log.Tick()
	require.Equal(t, secondIncr, s.log.current().name)
	s.do(0, "SET two 2")
	s.turn()
	return files(t, disk)
}

func TestATornTailOverTwoFilesIsSetAsideFromBoth(t *testing.T) {
	all := twoFiles(t)
	one, two := all[firstIncr], all[secondIncr]
	all[firstIncr] = one[:len(one)-4]
	delete(all, firstBase)
	disk := diskOf(t, all)
	s := mustOpen(t, disk, config())
	require.NotNil(t, s.rep.Truncated)
	assert.Empty(t, s.data)
	for seed := range uint64(10) {
		clone := disk.CrashClone(memfs.Random(seed))
		left := files(t, clone)
		assert.Empty(t, left[secondIncr], "cut bytes must not come back")
		assert.Equal(t, two, left[secondIncr+".torn-2"])
		assert.NotEmpty(t, left[firstIncr+".torn-2"])
		assert.True(t, bytes.HasSuffix(one[:len(one)-4], left[firstIncr+".torn-2"]))
		again := mustOpen(t, clone, config())
		assert.Nil(t, again.rep.Truncated)
	}
}

func TestABlockIsLoadedOnlyInItsPlaceAndBehindItsPredecessor(t *testing.T) {
	h := write(t, 3, false)
	incr := h.files[firstIncr]
	last, _, state := parseHeader(incr[h.ends[2]:])
	require.Equal(t, headerOK, state)
	next := header{file: last.file, at: int64(len(incr)), lsn: last.lsn + 1, epoch: 1, prev: last.sum}
	body := append(make([]byte, room), appendCommand(nil, words("SET extra 1"))...)
	tests := []struct {
		name   string
		change func(h *header)
		loaded bool
	}{
		{"as it should be", func(*header) {}, true},
		{"another file", func(h *header) { h.file++ }, false},
		{"another place", func(h *header) { h.at++ }, false},
		{"another predecessor", func(h *header) { h.prev++ }, false},
		{"a number left out", func(h *header) { h.lsn++ }, false},
		{"a number again", func(h *header) { h.lsn-- }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			head := next
			tt.change(&head)
			s, _, err := h.change(t, append(bytes.Clone(incr), head.seal(bytes.Clone(body))...), config())
			require.NoError(t, err)
			assert.Equal(t, tt.loaded, s.data["1/extra"] == "1") // where the block before ends
			assert.Equal(t, tt.loaded, s.rep.Truncated == nil)
		})
	}
}

func TestABaseInAnotherOrderIsDamage(t *testing.T) {
	for name, change := range map[string]func(h *header){
		"lsn":  func(h *header) { h.lsn++ },
		"prev": func(h *header) { h.prev++ },
		"sync": func(h *header) { h.sync++ },
		"file": func(h *header) { h.file++ },
	} {
		s, disk := filled(t, 3)
		s.log.Rewrite(false)
		s.rewriteAll()
		all := files(t, disk)
		text := all[firstBase]
		h, n, _ := parseHeader(text)
		body := append(make([]byte, room), text[n:n+int(h.len)]...)
		closing, _, _ := parseHeader(text[n+int(h.len):])
		change(&h)
		text = bytes.Clone(h.seal(body))
		closing.at, closing.prev = int64(len(text)), h.sum
		text = append(text, closing.seal(make([]byte, room))...)
		all[firstBase] = text
		_, err := open(t, diskOf(t, all), config(), nil)
		assert.ErrorIs(t, err, ErrCorrupt, name)
	}
}

func TestABaseThatAManifestMayNameStays(t *testing.T) {
	s, disk := filled(t, 3)
	s.fs.Inject(faultfs.From(1, faultfs.Replace, faultfs.Fault{Unsure: true}))
	s.log.Rewrite(false)
	for range 10 {
		s.tick(1)
	}
	require.Equal(t, replacing, s.log.rw.phase)
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.Error(t, err)
	require.Nil(t, s.log.rw)
	want := map[string]string{"0/k0": "0", "1/k1": "1", "0/k2": "2"}
	for seed := range uint64(10) {
		got := mustOpen(t, disk.CrashClone(memfs.Random(seed)), config()).data
		delete(got, "0/a") // it ran, and was answered NOTDURABLE
		assert.Equal(t, want, got)
	}
	for range 20 {
		s.tick(500)
	}
	require.NoError(t, s.log.Refusing())
	assert.Equal(t, s.data, reopened(t, disk))
	assert.Len(t, files(t, disk), 3)
}

func TestACleanCloseSeals(t *testing.T) {
	s, disk := filled(t, 3)
	lsn := s.log.lsn
	require.NoError(t, s.close())
	all := files(t, disk)
	text := all[firstIncr]
	at := bytes.LastIndex(text, markBytes)
	h, _, state := parseHeader(text[at:])
	require.Equal(t, headerOK, state)
	assert.Equal(t, []uint64{lsn + 1, lsn, 0}, []uint64{h.lsn, h.sync, uint64(h.len)})
	m, err := parseManifest(all[manName])
	require.NoError(t, err)
	assert.Equal(t, lsn+1, m.sealed)
}

func TestEveryFileStartsInDatabaseZero(t *testing.T) {
	set := string(appendCommand(nil, words("SET k 1")))
	all := map[string][]byte{
		manName:   []byte("file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n"),
		firstBase: []byte(string(appendSelect(nil, 1)) + set),
		firstIncr: []byte(set),
	}
	s := mustOpen(t, diskOf(t, all), config())
	assert.Equal(t, map[string]string{"1/k": "1", "0/k": "1"}, s.data)
}

// oddFile writes another number of bytes than it was given, and says nothing.
type oddFile struct {
	storage.File
	extra int64
}

func (f *oddFile) Append(p []byte) error                       { f.extra++; return f.File.Append(p) }
func (f *oddFile) Size() int64                                 { return f.File.Size() + f.extra }
func (f *oddFile) Truncate(ctx context.Context, n int64) error { return f.File.Truncate(ctx, n) }

func TestAStrangeSizeIsAFailure(t *testing.T) {
	s, disk := filled(t, 3)
	s.log.current().File = &oddFile{File: s.log.current().File}
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.Error(t, err)
	s.posted()
	assert.Equal(t, broken, s.log.state, "the size is strange after the truncation, too")
	for range 20 {
		s.tick(500)
	}
	require.NoError(t, s.log.Refusing())
	want := maps.Clone(s.data)
	assert.Equal(t, want, reopened(t, disk))
}

func TestTheControlPlaneTruncatesWhereTheTurnCannot(t *testing.T) {
	s, disk := filled(t, 3)
	s.log.current().File = struct{ storage.File }{s.log.current().File}
	s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{Short: 20}))
	s.host.parked = true
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.Error(t, err)
	s.tick(2000)
	assert.Equal(t, truncating, s.log.state, "nothing is appended before the file is cut back")
	s.host.jobs[0](context.Background())
	s.host.parked = false
	s.tick(1)
	assert.NoError(t, s.log.Refusing())
	assert.Equal(t, s.data, reopened(t, disk))
}
