package opfs

import (
	"bytes"
	"encoding/binary"
	"maps"

	"github.com/cespare/xxhash/v2"

	"tabdis/core/storage"
)

// On users' disks: do not change.
const (
	slotSize = 64 << 10
	maxPool  = 64 // pool files
	magic    = "tabdisSB"
	version  = 1
	head     = len(magic) + 4 + 4 + 8 + 8 + 8 + 4 + 4
	tagPool  = 'p'
	tagData  = 'i'
)

// directory is what a slot holds.
type directory struct {
	generation uint64
	epoch      uint64 // counts the openings
	nextID     uint64 // of log files; never used twice
	pool       int    // number of pool files
	entries    map[string]entry
}

// entry is a log file in a pool file, or a small replaced file right here.
type entry struct {
	pool int // inline: -1
	id   uint64
	data []byte
}

const inline = -1

func (e entry) isInline() bool { return e.pool == inline }

// clone gives a directory whose entries can be changed without changing d's.
func (d directory) clone() directory {
	d.entries = maps.Clone(d.entries)
	return d
}

// names are sorted: the same directory has the same bytes.
func (d directory) names() []string { return storage.SortedNames(d.entries) }

// encodedSize is the number of bytes of encode.
func (d directory) encodedSize() int {
	n := head + 8
	for name, e := range d.entries {
		n += 1 + len(name) + 1
		if e.isInline() {
			n += 4 + len(e.data)
		} else {
			n += 4 + 8
		}
	}
	return n
}

func (d directory) encode() []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, d.encodedSize())
	b = append(b, magic...)
	b = le.AppendUint32(b, version)
	b = le.AppendUint32(b, uint32(d.encodedSize()))
	b = le.AppendUint64(b, d.generation)
	b = le.AppendUint64(b, d.epoch)
	b = le.AppendUint64(b, d.nextID)
	b = le.AppendUint32(b, uint32(d.pool))
	b = le.AppendUint32(b, uint32(len(d.entries)))
	for _, name := range d.names() {
		e := d.entries[name]
		b = append(b, byte(len(name)))
		b = append(b, name...)
		if e.isInline() {
			b = append(b, tagData)
			b = le.AppendUint32(b, uint32(len(e.data)))
			b = append(b, e.data...)
		} else {
			b = append(b, tagPool)
			b = le.AppendUint32(b, uint32(e.pool))
			b = le.AppendUint64(b, e.id)
		}
	}
	return le.AppendUint64(b, xxhash.Sum64(b))
}

// decode gives false for bytes that are no slot: torn, never written, flipped. A slot that proves itself and yet makes no sense is
// damage, or of a version that this program does not know: an error.
func decode(slot []byte) (d directory, ok bool, err error) {
	le := binary.LittleEndian
	if len(slot) < head+8 || string(slot[:len(magic)]) != magic {
		return d, false, nil
	}
	length := int(le.Uint32(slot[len(magic)+4:]))
	if length < head+8 || length > len(slot) {
		return d, false, nil
	}
	body, sum := slot[:length-8], le.Uint64(slot[length-8:])
	if xxhash.Sum64(body) != sum {
		return d, false, nil
	}
	if le.Uint32(slot[len(magic):]) != version {
		return d, false, errVersion
	}
	r := reader{body[len(magic)+8:], true}
	d.generation, d.epoch, d.nextID = r.u64(), r.u64(), r.u64()
	d.pool = int(r.u32())
	d.entries = map[string]entry{}
	for count := r.u32(); count > 0 && r.ok; count-- {
		name := string(r.take(int(r.byte())))
		e := entry{pool: inline}
		switch r.byte() {
		case tagData:
			e.data = bytes.Clone(r.take(int(r.u32())))
		case tagPool:
			e.pool, e.id = int(r.u32()), r.u64()
			r.ok = r.ok && e.pool < d.pool
		default:
			r.ok = false
		}
		d.entries[name] = e
	}
	if !r.ok || len(r.b) > 0 || d.pool > maxPool {
		return d, false, errDirectory
	}
	return d, true, nil
}

// reader takes fields off bytes; ok turns false where they end too soon.
type reader struct {
	b  []byte
	ok bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.ok = false
		return make([]byte, 8)[:min(max(n, 0), 8)]
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte  { return r.take(1)[0] }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// device is the superblock's file.
type device interface {
	Write(p []byte, at int64) error
	Read(p []byte, at int64) error
	Flush() error
	Size() (int64, error)
}

// superblock writes directories to the two slots.
type superblock struct {
	dev     device
	durable [2]bool // the slot is known to hold, on the disk, what was last written to it; one of them always is
	current directory
	tried   uint64 // the highest generation that may be on the disk
	doubt   bool   // a change failed: the disk may hold it or not
}

// read looks for the newest valid slot. found is false when there is none.
func (s *superblock) read() (found bool, err error) {
	size, err := s.dev.Size()
	if err != nil {
		return false, err
	}
	var raw [2][]byte
	newest := -1
	for i := range raw {
		slot := make([]byte, max(0, min(slotSize, size-int64(i)*slotSize)))
		if err := s.dev.Read(slot, int64(i)*slotSize); err != nil {
			return false, err
		}
		d, ok, err := decode(slot)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		raw[i] = slot[:d.encodedSize()]
		switch {
		case newest < 0 || d.generation > s.current.generation:
			newest, s.current = i, d
		case d.generation == s.current.generation && !bytes.Equal(raw[0], raw[1]):
			return false, errTwins
		}
	}
	if newest < 0 {
		return false, nil
	}
	s.tried = s.current.generation
	// These bytes may be in a page cache only, and torn there is no worse than torn by the crash before: they are the same.
	if err := s.put(newest, raw[newest]); err != nil {
		return false, err
	}
	return true, nil
}

// format begins a superblock in a file that holds nothing of worth. Its blocks are allocated, so that later changes fit a full disk.
func (s *superblock) format(d directory) error {
	if err := s.dev.Write(make([]byte, 2*slotSize), 0); err != nil {
		return err
	}
	if err := s.dev.Flush(); err != nil {
		return err
	}
	s.durable = [2]bool{true, true}
	return s.commit(d)
}

// commit makes d the directory, in both slots. After an error either may be there, and current is what it was.
func (s *superblock) commit(d directory) error {
	s.tried++
	d.generation = s.tried
	if d.encodedSize() > slotSize {
		return errFull
	}
	raw := d.encode()
	s.doubt = true
	first := 0
	if !s.durable[1] {
		first = 1
	}
	for _, i := range [2]int{first, 1 - first} {
		if err := s.put(i, raw); err != nil {
			return err
		}
	}
	s.current, s.doubt = d, false
	return nil
}

// settle ends the doubt that a failed change left, by writing the directory that is in force.
func (s *superblock) settle() error {
	if !s.doubt {
		return nil
	}
	return s.commit(s.current)
}

// put writes a slot and flushes. Never while the other is not known durable, but for the rewriting of the same bytes.
func (s *superblock) put(i int, raw []byte) error {
	s.durable[i] = false
	if err := s.dev.Write(raw, int64(i)*slotSize); err != nil {
		return err
	}
	if err := s.dev.Flush(); err != nil {
		return err
	}
	s.durable[i] = true
	return nil
}

// stateError is an error of the superblock.
type stateError struct {
	text string
	is   error
}

func (e *stateError) Error() string { return e.text }
func (e *stateError) Unwrap() error { return e.is }

var (
	errVersion   = &stateError{"superblock of a newer version of tabdis", nil}
	errDirectory = &stateError{"superblock with an impossible directory", storage.ErrCorrupt}
	errTwins     = &stateError{"superblock with two directories of one generation", storage.ErrCorrupt}
	errLost      = &stateError{"log files without a superblock", storage.ErrCorrupt}
	errMissing   = &stateError{"a pool file that holds a log file is missing", storage.ErrCorrupt}
	errFull      = &stateError{"directory is full", storage.ErrQuota}
	errPool      = &stateError{"all pool files are in use", storage.ErrQuota}
)
