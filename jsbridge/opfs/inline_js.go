//go:build js && wasm

package opfs

import (
	"bytes"
	"context"
	"io"

	"tabdis/core/storage"
)

// inlineFile is an opened file that lives in the superblock: in memory, and written with the directory when it is synced, hardened
// or closed. Nobody appends to a manifest; it is a storage.File so that no caller has to know.
type inlineFile struct {
	fs     *FS
	name   string
	data   []byte
	dirty  bool
	closed bool
}

func (f *inlineFile) check(op string, off int64) error {
	if f.closed {
		return storage.Wrap(op, f.name, off, storage.ErrClosed)
	}
	return nil
}

// commit writes the content with the directory, or gives it a pool file when it has grown too large.
func (f *inlineFile) commit(op string) error {
	err := f.check(op, -1)
	if err == nil && f.dirty {
		if err = storage.Wrap(op, f.name, -1, f.fs.replace(context.Background(), f.name, bytes.Clone(f.data))); err == nil {
			f.dirty = false
		}
	}
	return err
}

// Append grows the content in memory.
func (f *inlineFile) Append(p []byte) error {
	if err := f.check("append", int64(len(f.data))); err != nil {
		return err
	}
	f.data = append(f.data, p...)
	f.dirty = f.dirty || len(p) > 0
	return nil
}

// Sync commits in the call.
func (f *inlineFile) Sync(_ bool, done func(error)) { done(f.commit("sync")) }

// Size is that of the content.
func (f *inlineFile) Size() int64 { return int64(len(f.data)) }

// ReadAt reads the content.
func (f *inlineFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.check("read", off); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, storage.Wrap("read", f.name, off, storage.ErrRange)
	}
	n := copy(p, f.data[min(off, int64(len(f.data))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Truncate cuts the content.
func (f *inlineFile) Truncate(_ context.Context, n int64) error { return f.TruncateNow(n) }

// TruncateNow cuts the content in the turn.
func (f *inlineFile) TruncateNow(n int64) error {
	if err := f.check("truncate", n); err != nil {
		return err
	}
	if n < 0 || n > int64(len(f.data)) {
		return storage.Wrap("truncate", f.name, n, storage.ErrRange)
	}
	f.dirty = f.dirty || n < int64(len(f.data))
	f.data = f.data[:n]
	return nil
}

// Harden commits: both slots are written anew.
func (f *inlineFile) Harden(_ context.Context, from int64) error {
	if err := f.check("harden", from); err != nil {
		return err
	}
	if from < 0 || from > int64(len(f.data)) {
		return storage.Wrap("harden", f.name, from, storage.ErrRange)
	}
	f.dirty = true
	return f.commit("harden")
}

// Close commits what has changed.
func (f *inlineFile) Close() error {
	if err := f.check("close", -1); err != nil {
		return err
	}
	err := f.commit("close")
	f.closed = true
	delete(f.fs.open, f.name)
	return err
}
