package aof

import (
	"errors"

	"tabdis/core/storage"
)

// The reasons for which a log is not opened. Test for them with errors.Is.
var (
	// ErrCorrupt: bytes that had been durable are not there or not the same.
	ErrCorrupt = errors.New("the append only file is damaged")
	// ErrTruncated: the log ends inside of a block, and aof-load-truncated is no.
	ErrTruncated = errors.New("the append only file is truncated")
	// ErrUnreadable: an I/O error. What could not be read may be whole.
	ErrUnreadable = errors.New("the append only file cannot be read")
	// ErrUnsupported: it has what tabdis does not read.
	ErrUnsupported = errors.New("not supported by this version")
)

// LoadError says what is wrong with a log, and where. Nothing on disk was changed.
type LoadError struct {
	Err    error // one of the reasons, and its cause where there is one
	File   string
	Offset int64  // -1: the file as a whole
	LSN    uint64 // of the block expected there; 0: not known
	Why    string

	hint string
	dump bool // an RDB file, not a log
}

func (e *LoadError) Error() string {
	s := e.Err.Error()
	if e.dump && errors.Is(e.Err, ErrCorrupt) {
		s = "the RDB file is damaged"
	}
	s += ": " + e.File
	if e.Offset >= 0 {
		s += " at " + utoa(uint64(e.Offset))
	}
	if e.LSN > 0 {
		s += ", lsn " + utoa(e.LSN)
	}
	return s + ": " + e.Why
}

func (e *LoadError) Unwrap() error { return e.Err }

// Hint says what to do, in a sentence without its full stop. <dir> in it stands for the directory of the log.
func (e *LoadError) Hint() string {
	switch {
	case e.hint != "":
		return e.hint
	case errors.Is(e.Err, ErrTruncated):
		return "Nothing was changed. With aof-load-truncated yes it is cut there, and what is cut is kept in a file beside it; tabdis check-aof <dir> shows it"
	case errors.Is(e.Err, ErrUnreadable):
		return "Nothing was changed, and the log may be whole: see to the disk and to the rights of the file, and try again"
	case e.dump:
		return "Nothing was changed. Put a good copy in its place, or move it away to begin without it"
	case errors.Is(e.Err, ErrCorrupt):
		return "Nothing was changed. Keep a copy of the directory; tabdis check-aof <dir> shows what is there and what can be saved"
	}
	return ""
}

// joined is one of the reasons that keeps the cause.
type joined struct{ reason, cause error }

func (j joined) Error() string   { return j.reason.Error() }
func (j joined) Unwrap() []error { return []error{j.reason, j.cause} }

// unreadable makes an I/O error met while reading one of the reasons. What the storage itself says of its state stays as it is.
func unreadable(err error, lsn uint64) error {
	var at *storage.Error
	var known *LoadError
	if err == nil || errors.As(err, &known) || !errors.As(err, &at) {
		return err
	}
	for _, state := range []error{storage.ErrCorrupt, storage.ErrClosed, storage.ErrLocked, storage.ErrName} {
		if errors.Is(err, state) {
			return err
		}
	}
	return &LoadError{Err: joined{ErrUnreadable, err}, File: at.Name, Offset: at.Off, LSN: lsn, Why: at.Op + ": " + at.Err.Error()}
}
