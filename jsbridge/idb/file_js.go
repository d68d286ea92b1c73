//go:build js && wasm

package idb

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
)

const (
	maxChunk = 1 << 20 // bytes of a chunk
	maxKept  = 8 << 20 // bytes kept for a strict repetition before the writer does it by itself
	readStep = 1 << 20 // bytes that ReadAt fetches at least
)

// chunk is a piece of a file.
type chunk struct {
	offset int64
	data   []byte
}

func (c chunk) end() int64 { return c.offset + int64(len(c.data)) }

// split cuts bytes that stand at offset into chunks.
func split(offset int64, p []byte) (chunks []chunk) {
	for len(p) > 0 {
		n := min(len(p), maxChunk)
		chunks = append(chunks, chunk{offset, p[:n:n]})
		offset, p = offset+int64(n), p[n:]
	}
	return chunks
}

// file is a storage.File and a storage.LateWriter.
//
//	0 ……… stored … stored+sent ……… size
//	 chunks  | tail: in flight | waits |
type file struct {
	fs     *FS
	name   string
	number float64
	stored int64   // completed, strictly or not
	starts []int64 // where the completed chunks begin
	tail   []byte  // what has not completed
	sent   int     // so much of tail is in flight
	kept   []chunk // completed, but not strictly
	waits  []wait
	syncs  []func(error)
	urgent bool // a reply waits for one of syncs
	sticky error
	held   int  // so much of tail found no room, and goes first when it is sent again
	alone  bool // so do kept chunks, a few at a time
	closed bool
	cache  chunk // what ReadAt fetched last

	cutting bool // a cut is under way, which the loss of a connection leaves open
}

type wait struct {
	upto int64
	done func(error)
}

func (f *file) fail(op string, err error) error { return storage.Wrap(op, f.name, -1, err) }

func (f *file) usable(op string) error {
	if f.closed {
		return f.fail(op, storage.ErrClosed)
	}
	return f.sticky
}

// load reads where the chunks begin, and how long the last one is.
func (f *file) load() error {
	r, err := chunkRange(f.number, 0, -1)
	if err != nil {
		return err
	}
	var there inventory
	err = f.fs.read(func(t *tx) error { return t.call(chunksStore, "getAllKeys", there.keys, r) })
	if f.starts = there.starts; err != nil || len(f.starts) == 0 {
		return err
	}
	last := f.starts[len(f.starts)-1]
	c, err := f.chunks(f.fs.read, last, last+1)
	if err != nil {
		return err
	}
	f.stored = c[0].end()
	return nil
}

// chunks reads those that begin in [from, to), and checks that they are what a crash can leave: each holds something, and none reaches
// into the next. (A power cut may take a relaxed chunk, and leave one behind it. Such a hole reads as zeros, as in a file; what it
// means is the log's to tell, which knows what had been durable.)
func (f *file) chunks(read func(fill func(t *tx) error) error, from, to int64) (chunks []chunk, err error) {
	r, err := chunkRange(f.number, from, to)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearch(f.starts, from)
	past, _ := slices.BinarySearch(f.starts, to)
	starts := f.starts[first:past]
	next := int64(-1)
	if past < len(f.starts) {
		next = f.starts[past]
	}
	err = read(func(t *tx) error {
		chunks = nil
		return t.call(chunksStore, "getAll", func(arrays safejs.Value) error {
			count, err := arrays.Length()
			if err != nil || count != len(starts) {
				return storage.ErrCorrupt
			}
			return each(arrays, func(i int, array safejs.Value) error {
				data, err := toGo(array)
				if n := len(chunks); err == nil && n > 0 && chunks[n-1].end() > starts[i] {
					err = storage.ErrCorrupt
				}
				chunks = append(chunks, chunk{starts[i], data})
				return err
			})
		}, r)
	})
	if n := len(chunks); err == nil && n > 0 && next >= 0 && chunks[n-1].end() > next {
		err = storage.ErrCorrupt
	}
	return chunks, err
}

// maxHole is the largest hole that a power cut may leave: bytes that went out relaxed, and were followed by others that did.
const maxHole = maxKept + maxChunk

// joined makes one piece of chunks that begins at from and ends at to, with zeros where there are none.
func joined(from, to int64, chunks []chunk) (piece chunk, err error) {
	piece.offset = from
	for _, c := range append(chunks, chunk{offset: to}) {
		hole := c.offset - piece.end()
		if hole < 0 || hole > maxHole {
			return chunk{}, storage.ErrCorrupt
		}
		piece.data = append(append(piece.data, make([]byte, hole)...), c.data...)
	}
	return piece, nil
}

// Append copies p; the writer sends it when this turn has ended.
func (f *file) Append(p []byte) error {
	if err := f.usable("append"); err != nil {
		return err
	}
	f.tail = append(f.tail, p...)
	f.fs.kick()
	return nil
}

// Sync asks the writer for a strict transaction of all that has not been in one.
func (f *file) Sync(now bool, done func(error)) {
	if err := f.usable("sync"); err != nil {
		done(err)
		return
	}
	f.syncs = append(f.syncs, done)
	f.urgent = f.urgent || now
	f.fs.kick()
}

// Written tells when all that was appended has completed.
func (f *file) Written(done func(error)) {
	err := f.usable("append")
	if err != nil || len(f.tail) == 0 {
		done(err)
		return
	}
	f.waits = append(f.waits, wait{f.Size(), done})
}

// Size counts what has not been sent too.
func (f *file) Size() int64 { return f.stored + int64(len(f.tail)) }

// busy tells whether there is something to send.
func (f *file) busy() bool { return f.sticky == nil && (len(f.tail) > 0 || len(f.syncs) > 0) }

// send is one transaction of the writer. A Sync that comes while it is under way belongs to the next.
func (f *file) send() {
	if f.alone && !f.sendHeld() {
		return
	}
	syncs := f.syncs
	f.syncs, f.urgent = nil, false
	kept := 0
	for _, c := range f.kept {
		kept += len(c.data)
	}
	durability := relaxed
	fresh := split(f.stored, f.tail)
	puts := fresh
	if len(syncs) > 0 || kept > maxKept {
		durability = strict
		puts = append(slices.Clone(f.kept), fresh...)
	}
	f.sent = len(f.tail)
	done := func() {
		f.completed(fresh, durability)
		for _, done := range syncs {
			done(nil)
		}
		f.written()
	}
	if len(puts) == 0 {
		done()
	} else if err := f.fs.put(durability, f, puts, done); err != nil {
		f.syncs = append(syncs, f.syncs...)
		f.failed(err)
	}
}

// completed notes what a transaction has written.
func (f *file) completed(fresh []chunk, durability string) {
	for _, c := range fresh {
		f.starts = append(f.starts, c.offset)
		f.stored = c.end()
	}
	if f.tail, f.sent = f.tail[f.sent:], 0; len(f.tail) == 0 {
		f.tail = nil // kept holds the bytes as long as they are needed
	}
	if durability == strict {
		f.kept = nil
	} else {
		f.kept = append(f.kept, fresh...)
	}
}

// written runs the callbacks of Written whose bytes have completed.
func (f *file) written() {
	waits := f.waits
	f.waits = nil
	for _, w := range waits {
		if w.upto <= f.stored {
			w.done(nil)
		} else {
			f.waits = append(f.waits, w)
		}
	}
}

// settle ends everything that waits with an error, but for what has completed.
func (f *file) settle(err error) {
	f.written()
	waits, syncs := f.waits, f.syncs
	f.waits, f.syncs, f.urgent = nil, nil, false
	for _, w := range waits {
		w.done(err)
	}
	for _, done := range syncs {
		done(err)
	}
}

// ReadAt takes completed bytes from the database and the others from memory.
func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	if f.closed {
		return 0, storage.Wrap("read", f.name, off, storage.ErrClosed)
	}
	if off < 0 {
		return 0, storage.Wrap("read", f.name, off, storage.ErrRange)
	}
	for n < len(p) {
		at := off + int64(n)
		switch c := f.cache; {
		case at >= f.Size():
			return n, io.EOF
		case at >= f.stored:
			n += copy(p[n:], f.tail[at-f.stored:])
		case at >= c.offset && at < c.end():
			n += copy(p[n:], c.data[at-c.offset:])
		default:
			if f.cache, err = f.fetchAround(at); err != nil {
				f.cache = chunk{}
				return n, storage.Wrap("read", f.name, at, err)
			}
		}
	}
	return n, nil
}

// fetchAround fetches the chunk of a byte, and those behind it that begin less than readStep away, with the holes among and behind
// them. One that completes meanwhile begins at stored or later.
func (f *file) fetchAround(at int64) (chunk, error) {
	i := f.chunkOf(at)
	if i < 0 { // a hole at the beginning
		return joined(0, f.starts[0], nil)
	}
	from := f.starts[i]
	past, _ := slices.BinarySearch(f.starts, min(max(at+1, from+readStep), f.stored))
	to := f.stored
	if past < len(f.starts) {
		to = f.starts[past]
	}
	chunks, err := f.chunks(f.fs.readOutside, from, to)
	if err != nil {
		return chunk{}, err
	}
	return joined(from, to, chunks)
}

// chunkOf is the index of the completed chunk that holds a byte, or of the one before the hole that does; -1: there is none before.
func (f *file) chunkOf(at int64) int {
	i, found := slices.BinarySearch(f.starts, at)
	if !found {
		i--
	}
	return i
}

// Truncate cuts, strictly. What had completed is sound; a cut to no more than that clears a sticky error.
func (f *file) Truncate(ctx context.Context, n int64) error {
	if f.closed {
		return storage.Wrap("truncate", f.name, n, storage.ErrClosed)
	}
	return f.fs.do(ctx, "truncate", f.name, func() error {
		switch {
		case n < 0 || n > f.Size():
			return storage.Wrap("truncate", f.name, n, storage.ErrRange)
		case f.sticky != nil && (n > f.stored || errors.Is(f.sticky, storage.ErrCorrupt)):
			return f.sticky
		case f.sticky == nil && n >= f.stored:
			f.tail = f.tail[:n-f.stored]
			f.held = min(f.held, len(f.tail))
		default:
			if err := f.cut(n); err != nil {
				return err
			}
		}
		for i := range f.waits {
			f.waits[i].upto = min(f.waits[i].upto, n)
		}
		f.written()
		return nil
	})
}

// cut deletes the chunks behind n and shortens the one that holds it. After an error that left the outcome open there may be
// chunks behind stored, too: they go with the others.
func (f *file) cut(n int64) error {
	keep, _ := slices.BinarySearch(f.starts, n)
	var short []chunk
	end := int64(0) // of what is kept
	if keep > 0 {
		last := f.starts[keep-1]
		c, err := f.chunks(f.fs.read, last, last+1)
		if err != nil {
			return err
		}
		if end = min(c[0].end(), n); end < c[0].end() {
			short = split(last, c[0].data[:n-last])
			keep--
		}
	}
	if n-end > maxHole {
		return storage.ErrCorrupt
	}
	short = append(short, split(end, make([]byte, n-end))...) // it ends in a hole
	f.cutting = true
	err := f.fs.write(strict, func(t *tx) error {
		if err := t.deleteChunks(f.number, n); err != nil {
			return err
		}
		return t.putChunks(f.number, short)
	})
	if f.cutting = false; err != nil {
		f.sticky = storage.Wrap("truncate", f.name, n, err) // it may have been cut: what follows would leave a hole
		return f.sticky
	}
	f.starts, f.stored = f.starts[:keep:keep], n
	for _, c := range short {
		f.starts = append(f.starts, c.offset)
	}
	f.tail, f.held, f.alone, f.sticky, f.cache = nil, 0, false, nil, chunk{}
	// The shortened chunk is durable; those before it are as durable as they were.
	f.kept = slices.DeleteFunc(f.kept, func(c chunk) bool { return c.end() > n })
	return nil
}

// Harden puts the same bytes under the same keys again, strictly.
func (f *file) Harden(ctx context.Context, from int64) error {
	if f.closed {
		return storage.Wrap("harden", f.name, from, storage.ErrClosed)
	}
	return f.fs.do(ctx, "harden", f.name, func() error {
		if from < 0 || from > f.Size() {
			return storage.Wrap("harden", f.name, from, storage.ErrRange)
		}
		if f.sticky == nil {
			f.syncs = append(f.syncs, func(error) {}) // makes it strict; an error sticks
			f.send()
		}
		if f.sticky != nil {
			return f.sticky
		}
		return f.repeat(from)
	})
}

// repeat puts completed chunks again, one by one as they are.
func (f *file) repeat(from int64) error {
	if from >= f.stored {
		return nil
	}
	for i := max(0, f.chunkOf(from)); i < len(f.starts); i++ {
		c, err := f.chunks(f.fs.read, f.starts[i], f.starts[i]+1)
		if err == nil {
			err = f.fs.put(strict, f, c, func() {})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close leaves it to the writer to send what is left. It does not park; what opens the file again waits for that.
func (f *file) Close() error {
	if f.closed {
		return f.fail("close", storage.ErrClosed)
	}
	f.shut()
	return nil
}

func (f *file) shut() {
	f.closed = true
	delete(f.fs.open, f.name)
	f.fs.closing = append(f.fs.closing, f)
	f.fs.kick()
}
