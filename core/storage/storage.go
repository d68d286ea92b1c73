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
	"sort"
	"strconv"
)

// FS is one flat directory with one writer. Names are those of Redis's log files: letters, digits, '.', '-', '_' (ValidName);
// another name gives ErrName. A file is open once at a time: Open, Remove and Replace of an open one give ErrOpen. After Close
// everything gives ErrClosed.
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
	// Size is the number of bytes, with those whose write has only started. After an error of Append it may or may not count
	// the bytes of p.
	Size() int64
	// ReadAt may park. It reads what Append was given, and never counts an unreadable byte as the end. It gives io.EOF where
	// the file ends before p is full.
	io.ReaderAt
	// Truncate cuts the file to n bytes and clears a sticky error of Append if the rest is sound. It may park. Not durable by itself.
	// An error if the file is shorter than n.
	Truncate(ctx context.Context, n int64) error
	// Harden reads the bytes from offset from to the end, writes the same bytes again in place and makes all durable: for bytes that
	// are only in a page cache whose write-back has failed or is unknown. It may park.
	Harden(ctx context.Context, from int64) error
	// Close does not sync.
	io.Closer
}

// Truncater is a File that can truncate in the turn, without parking.
type Truncater interface {
	TruncateNow(n int64) error
}

// LateWriter is a File whose Append only starts the write. done runs once, when all that was appended before the call is with
// the platform, so that a closed tab or a killed process loses none of it (a power cut may), or with the error. It may run
// before Written returns or on another goroutine, and must only post the result. Written never parks.
type LateWriter interface {
	Written(done func(error))
}

// The errors that callers tell apart, by errors.Is. Everything else is an I/O error: never taken for "empty" or "not there".
var (
	ErrExist    = errors.New("file exists")
	ErrNotExist = errors.New("no such file")
	ErrLocked   = errors.New("store is in use by another process or tab")
	ErrQuota    = errors.New("no space left")
	ErrClosed   = errors.New("closed")
	ErrName     = errors.New("invalid file name")
	ErrOpen     = errors.New("file is open")
	ErrRange    = errors.New("offset outside of the file")
	ErrCorrupt  = errors.New("damaged")

	// ErrFenced is an ErrLocked: another one has taken over the store that was open here.
	ErrFenced error = fenced{}
)

type fenced struct{}

func (fenced) Error() string { return "store was taken over" }
func (fenced) Unwrap() error { return ErrLocked }

// Error says what failed, where.
type Error struct {
	Op   string // "append", "sync", "open" …
	Name string // the file, or the store
	Off  int64  // offset, or -1
	Err  error  // one of the sentinels, wrapped or not, or the platform's error
}

// Wrap gives err its place. A nil err stays nil, an *Error stays what it is: the innermost place is the one that helps.
//
//go:noinline
func Wrap(op, name string, off int64, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*Error); ok {
		return err
	}
	return &Error{Op: op, Name: name, Off: off, Err: err}
}

func (e *Error) Error() string {
	s := e.Op
	if e.Name != "" {
		s += " " + e.Name
	}
	if e.Off >= 0 {
		s += " at " + strconv.FormatInt(e.Off, 10)
	}
	return s + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// MaxName is the longest name, in bytes.
const MaxName = 200

// ValidName tells whether a file may have this name. A leading dot is kept for the backends' own files (lock, temporary ones).
func ValidName(name string) bool {
	if name == "" || len(name) > MaxName || name[0] == '.' {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// SortedNames gives the keys of files in order. By package sort, since one of slices' sorts would be made for each type of key.
func SortedNames[V any](files map[string]V) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	return names
}

// CheckName is nil for a valid name, else an *Error with ErrName.
func CheckName(op, name string) error {
	if ValidName(name) {
		return nil
	}
	return &Error{Op: op, Name: strconv.Quote(name), Off: -1, Err: ErrName}
}
