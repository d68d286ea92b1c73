//go:build js && wasm

package idb

import (
	"context"
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
	closed bool
	cache  chunk // what ReadAt fetched last
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
	err = f.fs.conn.read(func(t *tx) error {
		return t.call(chunksStore, "getAllKeys", func(keys safejs.Value) error {
			return each(keys, func(_ int, k safejs.Value) error {
				offset, err := k.Index(1)
				if err != nil {
					return err
				}
				n, err := offset.Float()
				f.starts = append(f.starts, int64(n))
				return err
			})
		}, r)
	})
	if err != nil || len(f.starts) == 0 {
		return err
	}
	if f.starts[0] != 0 {
		return storage.ErrCorrupt
	}
	last := f.starts[len(f.starts)-1]
	f.stored = -1 // not known yet: fetch takes it from the last chunk
	c, err := f.fetch(last, last+1)
	if err != nil {
		return err
	}
	f.stored = c.end()
	return nil
}

// fetch reads the chunks that begin in [from, to) as one piece, and checks that they follow each other and reach the next.
func (f *file) fetch(from, to int64) (piece chunk, err error) {
	r, err := chunkRange(f.number, from, to)
	if err != nil {
		return chunk{}, err
	}
	first, _ := slices.BinarySearch(f.starts, from)
	past, _ := slices.BinarySearch(f.starts, to)
	starts, end := f.starts[first:past], f.stored
	if past < len(f.starts) {
		end = f.starts[past]
	}
	piece.offset = from
	err = f.fs.conn.read(func(t *tx) error {
		return t.call(chunksStore, "getAll", func(arrays safejs.Value) error {
			count, err := arrays.Length()
			if err != nil {
				return err
			}
			if count != len(starts) {
				return storage.ErrCorrupt
			}
			return each(arrays, func(i int, array safejs.Value) error {
				if piece.end() != starts[i] {
					return storage.ErrCorrupt
				}
				piece.data, err = toGo(piece.data, array)
				return err
			})
		}, r)
	})
	if err == nil && end >= 0 && piece.end() != end {
		err = storage.ErrCorrupt
	}
	return piece, err
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
	var err error
	if len(puts) > 0 {
		err = f.fs.write(durability, func(t *tx) error { return t.putChunks(f.number, puts) })
	}
	if err != nil {
		f.sticky, f.sent = storage.Wrap("append", f.name, f.stored, err), 0
		f.syncs = append(syncs, f.syncs...)
		f.settle(f.sticky)
		return
	}
	f.completed(fresh, durability)
	for _, done := range syncs {
		done(nil)
	}
	f.written()
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
			if f.cache, err = f.fetch(f.around(at)); err != nil {
				f.cache = chunk{}
				return n, storage.Wrap("read", f.name, at, err)
			}
		}
	}
	return n, nil
}

// around gives the chunks to fetch for a byte: its own, and those behind it that begin less than readStep away. One that
// completes meanwhile begins at stored or later.
func (f *file) around(at int64) (from, to int64) {
	from = f.starts[f.chunkOf(at)]
	return from, min(max(at+1, from+readStep), f.stored)
}

// chunkOf is the index of the completed chunk that holds a byte.
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
		case f.sticky != nil && n > f.stored:
			return f.sticky
		case f.sticky == nil && n >= f.stored:
			f.tail = f.tail[:n-f.stored]
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
	if keep > 0 {
		last := f.starts[keep-1]
		c, err := f.fetch(last, last+1)
		if err != nil {
			return err
		}
		if c.end() > n {
			short = []chunk{{last, c.data[:n-last]}}
		}
	}
	err := f.fs.write(strict, func(t *tx) error {
		if err := t.deleteChunks(f.number, n); err != nil {
			return err
		}
		return t.putChunks(f.number, short)
	})
	if err != nil {
		return err
	}
	f.starts, f.stored = f.starts[:keep], n
	f.tail, f.sticky, f.cache = nil, nil, chunk{}
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
	for i := f.chunkOf(from); i < len(f.starts); i++ {
		c, err := f.fetch(f.starts[i], f.starts[i]+1)
		if err == nil {
			err = f.fs.write(strict, func(t *tx) error { return t.putChunks(f.number, []chunk{c}) })
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
