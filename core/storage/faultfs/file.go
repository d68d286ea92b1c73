package faultfs

import (
	"context"
	"errors"
	"sync"

	"tabdis/core/storage"
)

// file is a file around another one. The four types below add what the inner one can do.
type file struct {
	fs    *FS
	name  string
	inner storage.File

	mu     sync.Mutex
	sticky error // of an Append
}

type (
	truncater     struct{ *file }
	lateWriter    struct{ *file }
	lateTruncater struct {
		*file
		truncater
		lateWriter
	}
)

func (v *FS) wrap(name string, inner storage.File) storage.File {
	f := &file{fs: v, name: name, inner: inner}
	_, now := inner.(storage.Truncater)
	_, late := inner.(storage.LateWriter)
	switch {
	case now && late:
		return lateTruncater{f, truncater{f}, lateWriter{f}}
	case now:
		return truncater{f}
	case late:
		return lateWriter{f}
	}
	return f
}

func (f *file) call(op Op, off int64, n int) Call { return Call{op, f.name, off, n} }

// stuck is the error that sticks, if any.
func (f *file) stuck() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sticky
}

func (f *file) stick(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sticky = err
}

func (f *file) Append(p []byte) error {
	fault := f.fs.before(f.call(Append, f.inner.Size(), len(p)))
	if err := f.stuck(); err != nil {
		return err
	}
	switch {
	case fault == nil:
		return f.inner.Append(p)
	case fault.Lost:
		return nil
	}
	n := min(fault.Short, len(p))
	if fault.After {
		n = len(p)
	}
	err := fault.Err
	if n > 0 {
		if inner := f.inner.Append(p[:n]); inner != nil {
			err = errors.Join(err, inner)
		}
	}
	f.stick(err)
	if fault.Late {
		return nil
	}
	return err
}

func (f *file) Sync(now bool, done func(error)) {
	fault := f.fs.before(f.call(Sync, f.inner.Size(), 0))
	if err := f.stuck(); err != nil {
		done(err)
		return
	}
	switch {
	case fault == nil:
		f.inner.Sync(now, done)
	case fault.Lost:
		done(nil)
	case fault.After:
		f.inner.Sync(now, func(err error) { done(errors.Join(fault.Err, err)) })
	default:
		if inner, ok := f.inner.(interface{ DropDirty() }); ok && !fault.Keep {
			inner.DropDirty()
		}
		done(fault.Err)
	}
}

func (f lateWriter) Written(done func(error)) {
	fault := f.fs.before(f.call(Written, f.inner.Size(), 0))
	if err := f.stuck(); err != nil {
		done(err)
		return
	}
	switch {
	case fault == nil:
		f.inner.(storage.LateWriter).Written(done)
	case fault.Lost:
		done(nil)
	default:
		f.stick(fault.Err)
		done(fault.Err)
	}
}

func (f *file) Size() int64 { return f.inner.Size() }

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	fault := f.fs.before(f.call(Read, off, len(p)))
	if fault == nil {
		return f.inner.ReadAt(p, off)
	}
	if n := min(fault.Short, len(p)); n > 0 {
		n, err := f.inner.ReadAt(p[:n], off)
		return n, errors.Join(fault.Err, err)
	}
	return 0, fault.Err
}

func (f *file) Truncate(ctx context.Context, n int64) error {
	return f.truncate(n, func() error { return f.inner.Truncate(ctx, n) })
}

func (f truncater) TruncateNow(n int64) error {
	return f.truncate(n, func() error { return f.inner.(storage.Truncater).TruncateNow(n) })
}

func (f *file) truncate(n int64, run func() error) error {
	err := f.fs.do(f.call(Truncate, n, 0), run)
	if err == nil {
		f.stick(nil)
	}
	return err
}

func (f *file) Harden(ctx context.Context, from int64) error {
	return f.fs.do(f.call(Harden, from, 0), func() error {
		if err := f.stuck(); err != nil {
			return err
		}
		return f.inner.Harden(ctx, from)
	})
}

// Close closes the inner file also when it is told to report an error: a descriptor is gone after a failed close.
func (f *file) Close() error {
	fault := f.fs.before(f.call(Close, -1, 0))
	if f.fs.Crashed() {
		return storage.Wrap("close", f.name, -1, ErrCrashed)
	}
	err := f.inner.Close()
	if fault != nil {
		return errors.Join(fault.Err, err)
	}
	return err
}
