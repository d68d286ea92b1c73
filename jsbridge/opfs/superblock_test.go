package opfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

var errDisk = errors.New("disk")

// disk is a device that fails at the n-th write or flush, and remembers what a crash may leave of unflushed writes.
type disk struct {
	cache, durable []byte
	steps          int // until the failure; negative: never
	torn           int // bytes that a failing write still writes
	writes         []int
}

func (d *disk) step() bool {
	d.steps--
	return d.steps == -1
}

func (d *disk) Write(p []byte, at int64) error {
	d.writes = append(d.writes, int(at)/slotSize)
	fails := d.step()
	if fails {
		p = p[:min(d.torn, len(p))]
	}
	if need := int(at) + len(p); need > len(d.cache) {
		d.cache = append(d.cache, make([]byte, need-len(d.cache))...)
	}
	copy(d.cache[at:], p)
	if fails {
		return errDisk
	}
	return nil
}

func (d *disk) Read(p []byte, at int64) error {
	if int(at)+len(p) > len(d.cache) && len(p) > 0 {
		return errDisk
	}
	copy(p, d.cache[min(int(at), len(d.cache)):])
	return nil
}

func (d *disk) Flush() error {
	if d.step() {
		return errDisk
	}
	d.durable = slices.Clone(d.cache)
	return nil
}

func (d *disk) Size() (int64, error) { return int64(len(d.cache)), nil }

const page = 4096

// dirty gives the pages that a power cut may leave old or new.
func (d *disk) dirty() (pages []int) {
	for at := 0; at < len(d.cache); at += page {
		end := min(at+page, len(d.cache))
		if end > len(d.durable) || !bytes.Equal(d.durable[at:end], d.cache[at:end]) {
			pages = append(pages, at)
		}
	}
	return pages
}

func (d *disk) unflushed() int { return len(d.dirty()) }

// crashed gives a disk after a power cut: of each unflushed 4 KiB page the old or the new content, as the mask says.
func (d *disk) crashed(mask int) *disk {
	left := slices.Clone(d.durable)
	for bit, at := range d.dirty() {
		if mask>>bit&1 == 1 {
			copy(left[at:min(at+page, len(left))], d.cache[at:])
		}
	}
	return &disk{cache: left, durable: slices.Clone(left), steps: -1}
}

func newDisk() *disk { return &disk{steps: -1} }

func born(t *testing.T, d *disk) *superblock {
	t.Helper()
	s := &superblock{dev: d}
	require.NoError(t, s.format(directory{epoch: 1, nextID: 1, pool: 16, entries: map[string]entry{}}))
	return s
}

func reread(t *testing.T, d *disk) *superblock {
	t.Helper()
	s := &superblock{dev: d}
	found, err := s.read()
	require.NoError(t, err)
	require.True(t, found, "a valid slot")
	return s
}

// with gives a directory whose manifest holds n bytes of this value.
func with(d directory, value byte, n int) directory {
	d = d.clone()
	d.entries["manifest"] = entry{pool: inline, data: bytes.Repeat([]byte{value}, n)}
	return d
}

func manifest(s *superblock) string {
	data := s.current.entries["manifest"].data
	if len(data) == 0 {
		return ""
	}
	return string(data[:1])
}

func TestDirectoryRoundTrip(t *testing.T) {
	d := directory{generation: 7, epoch: 3, nextID: 9, pool: 16, entries: map[string]entry{
		"appendonly.aof.1.incr.aof": {pool: 15, id: 8},
		"appendonly.aof.manifest":   {pool: inline, data: []byte("file x\r\n\x00")},
		"empty":                     {pool: inline},
	}}
	raw := d.encode()
	assert.Len(t, raw, d.encodedSize())
	got, ok, err := decode(append(raw, 1, 2, 3))
	require.NoError(t, err)
	require.True(t, ok)
	got.entries["empty"] = entry{pool: inline}
	assert.Equal(t, d, got)
	for i := range raw {
		flipped := slices.Clone(raw)
		flipped[i] ^= 1
		_, ok, err := decode(flipped)
		assert.False(t, ok || err != nil, "byte %d", i)
	}
	for n := range raw {
		_, ok, err := decode(raw[:n])
		assert.False(t, ok || err != nil, "cut at %d", n)
	}
}

func TestANewerVersionIsRefused(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	raw := s.current.encode()
	raw[len(magic)]++
	raw = reseal(raw)
	copy(d.cache[slotSize:], raw)
	_, err := (&superblock{dev: d}).read()
	require.ErrorIs(t, err, errVersion)
}

func TestAnImpossibleDirectoryIsDamage(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	bad := s.current.clone()
	bad.generation = 50
	bad.entries["log"] = entry{pool: 16, id: 1}
	copy(d.cache, bad.encode())
	_, err := (&superblock{dev: d}).read()
	require.ErrorIs(t, err, storage.ErrCorrupt)
}

func TestNoValidSlotIsNotFound(t *testing.T) {
	for name, d := range map[string]*disk{
		"empty": newDisk(),
		"short": {cache: []byte("tabdisSB"), steps: -1},
		"zeros": {cache: make([]byte, 2*slotSize), steps: -1},
	} {
		found, err := (&superblock{dev: d}).read()
		require.NoError(t, err, name)
		assert.False(t, found, name)
		assert.Empty(t, d.writes, name)
	}
}

func TestBothSlotsHoldTheSameAtRest(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	require.NoError(t, s.commit(with(s.current, 'a', 5000)))
	n := s.current.encodedSize()
	assert.Equal(t, d.durable[:n], d.durable[slotSize:slotSize+n])
	for i := range 2 {
		torn := d.crashed(0)
		clear(torn.cache[i*slotSize : i*slotSize+4096])
		assert.Equal(t, "a", manifest(reread(t, torn)), "without slot %d", i)
	}
}

// Every step of two changes in a row fails once; after each the power is cut with every choice of unflushed pages.
func TestAnyFailureAndAnyCrashLeaveOneOfBothDirectories(t *testing.T) {
	for _, torn := range []int{0, 4096} {
		failures := 0
		for step := 0; ; step++ {
			d := newDisk()
			s := born(t, d)
			require.NoError(t, s.commit(with(s.current, 'a', 5000)))
			d.steps, d.torn = step, torn
			first := s.commit(with(s.current, 'b', 5000))
			checkCrashes(t, d, "ab", first == nil, 'b')
			if first == nil {
				assert.Equal(t, 4, step, "a change has four steps")
				break
			}
			failures++
			require.ErrorIs(t, first, errDisk)
			assert.Equal(t, "a", manifest(s), "in memory nothing changed")
			assert.True(t, s.doubt)
			d.writes = nil
			failed := slices.Index(s.durable[:], false)
			d.steps = step % 4 // and the next one fails as well, somewhere
			second := s.commit(with(s.current, 'c', 5000))
			assert.Equal(t, failed, d.writes[0], "the failed slot goes first")
			checkCrashes(t, d, "abc", second == nil, 'c')
			d.steps = -1
			require.NoError(t, s.settle())
			checkCrashes(t, d, manifest(s), true, manifest(s)[0])
		}
		assert.Equal(t, 4, failures)
	}
}

// checkCrashes cuts the power and re-opens, and cuts it again after each step of that.
func checkCrashes(t *testing.T, d *disk, allowed string, done bool, last byte) {
	t.Helper()
	for mask := range 1 << d.unflushed() {
		got := manifest(reread(t, d.crashed(mask)))
		if done {
			allowed = string(last)
		}
		require.Contains(t, allowed, got, "mask %d", mask)
		for step := range 6 {
			again := d.crashed(mask)
			again.steps, again.torn = step, 4096
			s := &superblock{dev: again}
			if found, err := s.read(); err == nil {
				require.True(t, found)
				_ = s.commit(s.current)
			}
			for crash := range 1 << again.unflushed() {
				require.Equal(t, got, manifest(reread(t, again.crashed(crash))), "the opener decides once")
			}
		}
	}
}

func TestTheOpenerWritesTheNewerSlotAgainBeforeTheOther(t *testing.T) {
	for newer := range 2 {
		d := newDisk()
		s := born(t, d)
		next := with(s.current, 'n', 100)
		next.generation = s.tried + 1
		copy(d.cache[newer*slotSize:], next.encode()) // in the page cache only
		d.writes = nil
		s = reread(t, d)
		assert.Equal(t, []int{newer}, d.writes)
		assert.Equal(t, d.cache, d.durable, "flushed")
		require.NoError(t, s.commit(s.current))
		assert.Equal(t, []int{newer, 1 - newer, newer}, d.writes)
	}
}

func TestADirectoryThatIsTooLargeIsRefusedBeforehand(t *testing.T) {
	d := newDisk()
	s := born(t, d)
	d.writes = nil
	require.ErrorIs(t, s.commit(with(s.current, 'x', slotSize)), storage.ErrQuota)
	assert.Empty(t, d.writes)
	assert.Equal(t, "", manifest(s))
	assert.False(t, s.doubt)
}

// reseal gives a changed slot a valid sum.
func reseal(raw []byte) []byte {
	body := raw[:len(raw)-8]
	return binary.LittleEndian.AppendUint64(slices.Clone(body), xxhash.Sum64(body))
}
