//go:build js && wasm

package host

import (
	"context"
	"io"

	"tabdis/core/storage"
)

// File is a storage.File, and a storage.Truncater, over a handle. Everything but a sync off the turn happens in the call.
type File struct {
	name    string
	handle  Handle
	size    int64                 // of what was appended; after a failed Append the platform's file may be longer
	sticky  error                 // a failed Append: until the rest is cut off nothing may follow it
	onclose func() error          // nil once closed
	syncs   map[int32]func(error) // off the turn, under way
}

// NewFile makes a File of a handle whose file has this size. onclose runs once, at the end of Close.
func NewFile(name string, handle Handle, size int64, onclose func() error) *File {
	return &File{name: name, handle: handle, size: size, onclose: onclose, syncs: map[int32]func(error){}}
}

// Append writes p behind the end, in this call.
func (f *File) Append(p []byte) error {
	if err := f.usable("append"); err != nil {
		return err
	}
	if err := f.handle.Write(p, f.size); err != nil {
		f.sticky = storage.Wrap("append", f.name, f.size, err)
		return f.sticky
	}
	f.size += int64(len(p))
	return nil
}

// Sync flushes in this call when a reply waits, else off the turn where the platform can.
func (f *File) Sync(now bool, done func(error)) {
	if err := f.usable("sync"); err != nil {
		done(err)
		return
	}
	if !now && f.syncLater(done) {
		return
	}
	done(storage.Wrap("sync", f.name, -1, f.handle.Flush()))
}

func (f *File) syncLater(done func(error)) bool {
	var ticket int32
	ticket, ok := f.handle.StartSync(func(err error) {
		delete(f.syncs, ticket)
		done(storage.Wrap("sync", f.name, -1, err))
	})
	if ok {
		f.syncs[ticket] = done
	}
	return ok
}

// Size is the number of bytes appended.
func (f *File) Size() int64 { return f.size }

// ReadAt reads in this call.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if f.onclose == nil {
		return 0, storage.Wrap("read", f.name, off, storage.ErrClosed)
	}
	if off < 0 {
		return 0, storage.Wrap("read", f.name, off, storage.ErrRange)
	}
	n := int(min(int64(len(p)), max(0, f.size-off)))
	if err := f.handle.Read(p[:n], off); err != nil {
		return 0, storage.Wrap("read", f.name, off, err)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Truncate cuts in this call.
func (f *File) Truncate(ctx context.Context, n int64) error {
	if err := ctx.Err(); err != nil {
		return storage.Wrap("truncate", f.name, n, err)
	}
	return f.TruncateNow(n)
}

// TruncateNow cuts in the turn. All up to size is sound, so any cut clears a sticky error.
func (f *File) TruncateNow(n int64) error {
	err := error(nil)
	switch {
	case f.onclose == nil:
		err = storage.ErrClosed
	case n < 0 || n > f.size:
		err = storage.ErrRange
	default:
		err = f.handle.Truncate(n)
	}
	if err != nil {
		return storage.Wrap("truncate", f.name, n, err)
	}
	f.size, f.sticky = n, nil
	return nil
}

// hardenStep is how much Harden reads and writes at once.
const hardenStep = 256 << 10

// Harden writes the bytes again in place: the kernel may have dropped the pages of a failed write-back and call them clean.
func (f *File) Harden(ctx context.Context, from int64) error {
	err := f.usable("harden")
	if err == nil && (from < 0 || from > f.size) {
		err = storage.ErrRange
	}
	buf := make([]byte, min(hardenStep, max(0, f.size-from)))
	for off := from; err == nil && off < f.size; off += int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), f.size-off)]
		if err = ctx.Err(); err == nil {
			err = f.handle.Read(buf, off)
		}
		if err == nil {
			err = f.handle.Write(buf, off)
		}
	}
	if err == nil {
		err = f.handle.Flush()
	}
	return storage.Wrap("harden", f.name, from, err)
}

// Close settles the syncs under way with ErrClosed.
func (f *File) Close() error {
	onclose := f.onclose
	if onclose == nil {
		return storage.Wrap("close", f.name, -1, storage.ErrClosed)
	}
	f.onclose = nil
	for ticket, done := range f.syncs {
		StopSync(ticket)
		done(storage.Wrap("sync", f.name, -1, storage.ErrClosed))
	}
	f.syncs = nil
	return storage.Wrap("close", f.name, -1, onclose())
}

func (f *File) usable(op string) error {
	if f.onclose == nil {
		return storage.Wrap(op, f.name, -1, storage.ErrClosed)
	}
	return f.sticky
}
