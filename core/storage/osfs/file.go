//go:build !js && !wasip1

package osfs

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"tabdis/core/storage"
)

// File is an open file. Append, Sync(true) and TruncateNow do their work in the call.
type File struct {
	fs   *FS
	name string
	f    *os.File
	raw  syscall.RawConn

	syncing sync.Mutex // held during a sync; before mu
	mu      sync.Mutex
	size    int64
	failure error         // of an Append, until a Truncate
	syncErr error         // of a sync, for ever
	waiting []func(error) // for the next sync of the syncer
	syncer  chan struct{} // closed when the syncer that runs ends; nil: none runs
	closed  bool
}

func newFile(v *FS, name string, f *os.File, raw syscall.RawConn, size int64) *File {
	return &File{fs: v, name: name, f: f, raw: raw, size: size}
}

// sound is the error that stands in the way of op. The caller holds the lock.
func (f *File) sound(op string) error {
	switch {
	case f.closed:
		return failed(op, f.name, -1, storage.ErrClosed)
	case f.syncErr != nil:
		return f.syncErr
	}
	return f.failure
}

// Append writes p at the size known. After an error Size is what it was, whatever part of p the file holds: Truncate(Size()).
func (f *File) Append(p []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.sound("append"); err != nil {
		return err
	}
	if n, err := write(f.f, f.raw, p, f.size); err != nil {
		f.failure = short("append", f.name, f.size, n, len(p), err)
		return f.failure
	}
	f.size += int64(len(p))
	return nil
}

// Sync makes what was appended durable: in the call when now, else on the file's syncer.
func (f *File) Sync(now bool, done func(error)) {
	f.mu.Lock()
	err := f.sound("sync")
	if err == nil && !now {
		f.waiting = append(f.waiting, done)
		if f.syncer == nil {
			f.syncer = make(chan struct{})
			go f.syncLoop()
		}
		f.mu.Unlock()
		return
	}
	f.mu.Unlock()
	if err == nil {
		err = f.sync(true)
	}
	done(err)
}

// sync runs without mu: appends go on meanwhile. One runs at a time, and a failed one is the last. The kernel tells of a lost page only
// one of the calls on a descriptor: of two at once the other would succeed, and what it covers is lost all the same.
func (f *File) sync(now bool) error {
	f.syncing.Lock()
	defer f.syncing.Unlock()
	f.mu.Lock()
	err := f.syncErr
	f.mu.Unlock()
	if err != nil {
		return err
	}
	err = datasync(f.f, f.raw, now)
	if err == nil {
		err = linked(f.raw)
	}
	if err = failed("sync", f.name, -1, err); err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.syncErr == nil {
			f.syncErr = err
		}
	}
	return err
}

// syncLoop is the syncer: one sync serves all who asked before it began. Each asked after its bytes were written, so the sync
// covers them.
func (f *File) syncLoop() {
	f.mu.Lock()
	for len(f.waiting) > 0 {
		batch, err := f.waiting, f.syncErr
		f.waiting = nil
		f.mu.Unlock()
		if err == nil { // after a failed sync the next would lie
			err = f.sync(false)
		}
		for _, done := range batch {
			done(err)
		}
		f.mu.Lock()
	}
	close(f.syncer)
	f.syncer = nil
	f.mu.Unlock()
}

// Size is the number of bytes whose Append succeeded.
func (f *File) Size() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.size
}

// ReadAt reads what was appended.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	size, closed := f.size, f.closed
	f.mu.Unlock()
	switch {
	case closed:
		return 0, failed("read", f.name, off, storage.ErrClosed)
	case off < 0:
		return 0, failed("read", f.name, off, storage.ErrRange)
	case len(p) == 0:
		return 0, nil
	case off >= size:
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), size-off)]
	n, err := f.f.ReadAt(want, off)
	switch {
	case err == io.EOF && n < len(want): // somebody else cut the file: these bytes are lost, not the end
		return n, failed("read", f.name, off+int64(n), io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		return n, failed("read", f.name, off+int64(n), err)
	case n < len(p):
		return n, io.EOF
	}
	return n, nil
}

// Truncate is TruncateNow.
func (f *File) Truncate(ctx context.Context, n int64) error {
	if err := ctx.Err(); err != nil {
		return failed("truncate", f.name, n, err)
	}
	return f.TruncateNow(n)
}

// TruncateNow cuts the file, also of what a failed Append left behind the size.
func (f *File) TruncateNow(n int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return failed("truncate", f.name, n, storage.ErrClosed)
	case n < 0 || n > f.size:
		return failed("truncate", f.name, n, storage.ErrRange)
	}
	if err := f.f.Truncate(n); err != nil {
		return failed("truncate", f.name, n, err)
	}
	info, err := f.f.Stat()
	if err == nil && info.Size() != n {
		err = errors.New("the size is another afterwards")
	}
	if err != nil {
		return failed("truncate", f.name, n, err)
	}
	f.size, f.failure = n, nil
	return nil
}

// Harden writes the bytes from offset from on again in place, then syncs. Not to be called while others append.
func (f *File) Harden(ctx context.Context, from int64) error {
	f.mu.Lock()
	size, err := f.size, f.sound("harden")
	f.mu.Unlock()
	if err != nil {
		return err
	}
	if from < 0 || from > size {
		return failed("harden", f.name, from, storage.ErrRange)
	}
	buf := make([]byte, min(256<<10, size-from))
	for at := from; at < size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return failed("harden", f.name, at, err)
		}
		buf = buf[:min(int64(len(buf)), size-at)]
		if n, err := f.ReadAt(buf, at); n < len(buf) {
			return failed("harden", f.name, at+int64(n), err)
		}
		if n, err := write(f.f, f.raw, buf, at); err != nil {
			return short("harden", f.name, at, n, len(buf), err)
		}
	}
	return f.sync(false)
}

// Close waits for the syncs that were asked for.
func (f *File) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return failed("close", f.name, -1, storage.ErrClosed)
	}
	f.closed = true
	syncer := f.syncer
	f.mu.Unlock()
	if syncer != nil {
		<-syncer
	}
	f.fs.mu.Lock()
	delete(f.fs.open, f.name)
	f.fs.mu.Unlock()
	return failed("close", f.name, -1, f.f.Close())
}
