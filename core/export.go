package core

import (
	"errors"

	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/storage"
)

// Sink takes an export, at its own pace.
type Sink interface {
	storage.Dump
	// Whole is called behind each run of whole commands of a log.
	Whole()
	// Full tells that nothing more is to come for now. What commands are about to change comes all the same: it is as much as they change.
	// Whoever empties the sink calls Engine.GoOn in a turn.
	Full() bool
}

// ExportForm is what an export is written as.
type ExportForm uint8

// The forms.
const (
	ExportCommands ExportForm = iota // commands, as in a file of Redis's log
	ExportRDB                        // an RDB file
)

// ErrExportStopped is why an export ended that something more important stood in the way of.
var ErrExportStopped = errors.New("the export was given up")

// snapshotFile is a file of one moment, written while commands go on.
type snapshotFile interface {
	keyspace.SnapshotWriter
	Drain(more func() bool) (done bool)
	Err() error
	Finish() error
	Kept() int64
}

var (
	_ snapshotFile = (*rdb.FileWriter)(nil)
	_ snapshotFile = (*aof.CommandFile)(nil)
)

// Export writes all that is in memory now to a sink, slice by slice, as BGSAVE does: to be called in a turn, between commands. There is one
// snapshot at a time, so it is refused while a BGSAVE or a rewrite runs, and a rewrite waits for it, unless the log needs a fresh
// base: then the export is given up. ended is called when it is whole, or with why it is not.
func (e *Engine) Export(sink Sink, form ExportForm, ended func(error)) error {
	switch {
	case e.dead != "" || e.stalled || e.closed:
		return ErrExportStopped
	case e.Snapshotting():
		return errSaving
	}
	var w snapshotFile
	if form == ExportRDB {
		o := e.fileOptions(e.DumpOptions(), sink.Write)
		o.Checksum = true
		w = e.newFile(o, "aof-base", "0")
	} else {
		w = aof.NewCommandFile(sink.Write, sink.Whole)
	}
	c := &child{started: e.now, dump: sink, w: w, sink: sink, ended: ended}
	c.snap = e.ks.Cut(w, func() int64 { return 0 }) // it has what is past its time, too
	e.saver.child = c
	e.GoOn()
	return nil
}

// Snapshotting tells that a BGSAVE, an export or a rewrite runs: nothing else can be exported.
func (e *Engine) Snapshotting() bool { return e.saver.child != nil || e.rewriting() }

// GoOn writes another slice of the export under way, unless its sink is full. To be called in a turn.
func (e *Engine) GoOn() {
	if c := e.saver.child; c != nil && c.sink != nil {
		e.stepSave()
	}
}

// StopExport gives up the export that writes to this sink. To be called in a turn.
func (e *Engine) StopExport(sink Sink) {
	if c := e.saver.child; c != nil && c.sink == sink {
		e.killSave()
	}
}

// ExportProgress is between 0 and 1: the share of the keys that were written.
func (e *Engine) ExportProgress() float64 {
	if c := e.saver.child; c != nil && c.snap != nil {
		return c.snap.Progress()
	}
	return 1
}

// full tells that a slice is not to be written now.
func (c *child) full() bool { return c.sink != nil && c.sink.Full() }

// Post queues fn for the owner's next turn and wakes the host. Any goroutine may call it.
func (e *Engine) Post(fn func()) { e.post(fn) }

// Logged gives the lsn with which all that was executed so far is in the log, and the lsn up to which the log is durable; logging is false when
// there is none. To be called in a turn.
func (e *Engine) Logged() (lsn, durable uint64, logging bool) {
	if !e.logging() {
		return 0, 0, false
	}
	return e.log.Reaches(), e.log.Durable(), true
}

// SetTap sets who looks on while the log is written; nil: nobody. It is false when there is no log.
func (e *Engine) SetTap(t aof.Tap) bool {
	if e.log != nil {
		e.log.SetTap(t)
	}
	return e.log != nil
}
