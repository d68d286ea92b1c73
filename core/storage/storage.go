// Package storage is the seam between the append-only log and whatever keeps its bytes: real files, OPFS, IndexedDB,
// memory. A storage.FS is one flat directory with one writer; a second opener of the same directory gets ErrLocked.
//
// Two kinds of methods. Those that may park (all that take a context, and the ones marked so) belong to the control plane:
// they are called from goroutines, never from the engine's turn. Append and Sync belong to the data plane and never park.
//
// What survives a crash (power cut, killed process, closed tab) is only what a method says is durable.
package storage

import (
	"context"
	"errors"
	"io"
)

// FS is one flat directory with one writer. Names are those of Redis's log files: letters, digits, '.', '-', '_'.
type FS interface {
	// Create makes an empty file. Its name is durable no later than the file's next successful Sync, or the Replace that
	// names it. ErrExist if there is one.
	Create(ctx context.Context, name string) (File, error)
	// Open opens a file that exists, to read it and append behind its end. ErrNotExist if there is none.
	Open(ctx context.Context, name string) (File, error)
	// Remove removes a file; an open one must have been closed. ErrNotExist if there is none. It may come undone by a crash.
	Remove(ctx context.Context, name string) error
	// List gives the names of all files, sorted.
	List(ctx context.Context) ([]string, error)
	// Replace gives the file name this content: after a crash there is the old content (or no file) or the new one, never a
	// mixture. Durable on return. After an error either may be there.
	Replace(ctx context.Context, name string, data []byte) error
	// Close closes what is open and gives up the lock.
	io.Closer
}

// File is an append-only file.
type File interface {
	// Append writes p behind the end. It never parks: the write is done, or starts by itself (then p was copied). An error
	// may come late: it is sticky, the next Append and Sync return it. After an error the file may hold any part of p:
	// Truncate, or trust the file no more.
	Append(p []byte) error
	// Sync makes Size() bytes, as of this call, durable. It never parks. now says that a reply waits for it: do it in this
	// call if the platform can. done runs once, maybe before Sync returns, maybe on another goroutine; it must only post
	// the result. After an error nothing that was not durable before can be trusted, not even by a later Sync.
	Sync(now bool, done func(error))
	// Size is the number of bytes, with those whose write has only started.
	Size() int64
	// ReadAt may park. It reads what Append was given, and never counts an unreadable byte as the end.
	io.ReaderAt
	// Truncate cuts the file to n bytes and clears a sticky error of Append if the rest is sound. It may park. Not durable by itself.
	Truncate(ctx context.Context, n int64) error
	// Harden reads the bytes from offset from to the end, writes the same bytes again in place and makes all durable: for bytes that
	// are only in a page cache whose write-back has failed or is unknown. It may park.
	Harden(ctx context.Context, from int64) error
	io.Closer
}

// Truncater is a File that can truncate in the turn, without parking.
type Truncater interface {
	TruncateNow(n int64) error
}

// The errors that callers tell apart, by errors.Is. Everything else is an I/O error: never taken for "empty" or "not there".
var (
	ErrExist    = errors.New("file exists")
	ErrNotExist = errors.New("no such file")
	ErrLocked   = errors.New("store is in use by another process or tab")
	ErrQuota    = errors.New("no space left")
	ErrClosed   = errors.New("closed")
	ErrName     = errors.New("invalid file name")
	ErrCorrupt  = errors.New("damaged")
)

// Error says what failed, where.
type Error struct {
	Op   string // "append", "sync", "open" …
	Name string // the file
	Off  int64  // offset, or -1
	Err  error  // one of the sentinels, wrapped or not, or the platform's error
}

func (e *Error) Error() string { return e.Op + " " + e.Name + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }
