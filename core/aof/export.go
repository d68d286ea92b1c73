package aof

import (
	"context"

	"tabdis/core/storage"
)

// CommandFile writes a snapshot as commands without block headers, as a file of Redis's log. It begins each run of whole commands with a
// SELECT: so what was written can be parted into files behind each call of whole, in each of which a reader begins in database 0.
type CommandFile struct {
	*commandWriter
}

// NewCommandFile writes by write; whole is called behind each run of whole commands. p is reused.
func NewCommandFile(write func(p []byte) error, whole func()) *CommandFile {
	f := newFile(&pipe{write: write}, entry{})
	w := newCommandWriter(f, 0, func(int, []byte) {}) // a cut that lets nothing be past its time
	w.whole, w.db = whole, -1
	return &CommandFile{w}
}

// Drain has nothing to do: whatever comes is written.
func (w *CommandFile) Drain(func() bool) bool { return true }

// Err is the first error of write. Behind it nothing is written.
func (w *CommandFile) Err() error { return w.f.err }

// Finish writes what is left.
func (w *CommandFile) Finish() error {
	if len(w.b) > room {
		w.block()
	}
	return w.f.err
}

// Kept is the number of bytes that were kept in memory because their turn had not come: none.
func (w *CommandFile) Kept() int64 { return 0 }

// pipe is a file that only takes.
type pipe struct {
	write func(p []byte) error
	size  int64
}

func (p *pipe) Append(b []byte) error {
	p.size += int64(len(b))
	return p.write(b)
}

func (p *pipe) Size() int64                           { return p.size }
func (p *pipe) Sync(_ bool, done func(error))         { done(storage.ErrRange) }
func (p *pipe) ReadAt([]byte, int64) (int, error)     { return 0, storage.ErrRange }
func (p *pipe) Truncate(context.Context, int64) error { return storage.ErrRange }
func (p *pipe) Harden(context.Context, int64) error   { return storage.ErrRange }
func (p *pipe) Close() error                          { return nil }
