//go:build !js && !wasip1

package osfs

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"tabdis/core/storage"
)

// failed makes the system's error a storage error: the number is kept, the path is left to the name, and what callers tell apart
// gets its sentinel.
func failed(op, name string, off int64, err error) error {
	if err == nil {
		return nil
	}
	if placed, ok := err.(*storage.Error); ok {
		return placed
	}
	var number syscall.Errno
	known := errors.As(err, &number)
	if known {
		err = fmt.Errorf("%w (errno %d)", number, int(number))
	}
	switch {
	case known && full(number):
		err = noSpace{err}
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("%w: %w", storage.ErrNotExist, err)
	case errors.Is(err, os.ErrExist):
		err = fmt.Errorf("%w: %w", storage.ErrExist, err)
	case errors.Is(err, os.ErrClosed):
		err = storage.ErrClosed
	}
	return storage.Wrap(op, name, off, err)
}

// noSpace is the system's word for storage.ErrQuota.
type noSpace struct{ error }

func (e noSpace) Unwrap() []error { return []error{storage.ErrQuota, e.error} }

// partial is the error of a write of which only n of want bytes were written.
type partial struct {
	n, want int
	err     error
}

func (e *partial) Error() string {
	return fmt.Sprintf("%d of %d bytes written: %v", e.n, e.want, e.err)
}
func (e *partial) Unwrap() error { return e.err }

// Reason is the system's word without the count.
func (e *partial) Reason() error { return e.err }

func short(op, name string, off int64, n, want int, err error) error {
	var e *storage.Error
	if errors.As(failed(op, name, off, err), &e) {
		e.Err = &partial{n, want, e.Err}
	}
	return e
}
