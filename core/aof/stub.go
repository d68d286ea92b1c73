// Package aof is the append-only file.
package aof

import (
	"context"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
)

// Policy is appendfsync.
type Policy uint8

// The policies.
const (
	Everysec Policy = iota
	Always
	No
)

// Config holds the parameters, under Redis's names. The owner may change them between turns.
type Config struct {
	Filename               string // appendfilename
	Policy                 Policy // appendfsync
	NoSyncOnRewrite        bool   // no-appendfsync-on-rewrite
	RewritePercentage      int    // auto-aof-rewrite-percentage; 0: never by itself
	RewriteMinSize         int64  // auto-aof-rewrite-min-size, bytes
	RewriteIncrementalSync bool   // aof-rewrite-incremental-fsync
	LoadTruncated          bool   // aof-load-truncated
	Timestamps             bool   // aof-timestamp-enabled
}

// Level is a log level, in Redis's order.
type Level uint8

// The levels.
const (
	Debug Level = iota
	Verbose
	Notice
	Warning
)

// Host is what the log needs of the engine around it.
type Host interface {
	// Go starts control-plane work, which may park.
	Go(job func(ctx context.Context))
	// Post queues fn for the owner's next turn and wakes the owner. Any goroutine may call it.
	Post(fn func())
	// Log writes a line for the operator.
	Log(level Level, msg string)
	// Expire removes a key that is past its time, and logs its DEL, in the owner's turn.
	Expire(db int, key []byte)
	// Settled tells, in the owner's turn and in order, that what Flush gave this ticket for is durable as the policy asks
	// (err nil), or that it is not and cannot be said to be (NOTDURABLE).
	Settled(ticket uint64, err error)
	// Now is the time of this turn, Unix ms.
	Now() int64
}

// Progress of loading.
type Progress struct {
	File              string
	Bytes, TotalBytes int64
	Commands          int64
}

// Report is what loading found.
type Report struct {
	Commands  int64
	Bytes     int64
	Truncated *Truncation // nil: the end was clean
	Created   bool        // there was no log
}

// Truncation is a torn tail that was cut.
type Truncation struct {
	File   string
	Offset int64
	LSN    uint64 // of the block that would have stood there
	Bytes  int64  // set aside
	Kept   string // the file that keeps them
}

// Log is the append-only file of one engine. All methods but Load, Close (control plane) belong to the owner's turn.
type Log struct{}

// New makes a log that is off.
func New(fs storage.FS, ks *keyspace.Keyspace, cfg *Config, host Host) *Log { panic("stub") }

// Load opens the log of the store, or begins one, and calls apply with every command in order; a command of a MULTI comes without
// MULTI and EXEC, after its whole unit was verified. SELECT comes too. It parks; nothing else may run meanwhile. Then the log is on.
func (l *Log) Load(ctx context.Context, apply func(args [][]byte) error, progress func(Progress)) (Report, error) {
	panic("stub")
}

// Begin starts an execution unit, End ends it; Feed in between adds an effect in database db. Several become MULTI … EXEC.
func (l *Log) Begin()                     { panic("stub") }
func (l *Log) Feed(db int, args [][]byte) { panic("stub") }
func (l *Log) End()                       { panic("stub") }

// Flush is beforeSleep: the buffer becomes a block, is written, and synced as the policy asks. ticket 0: replies may leave
// now (err nil) or the commands of this turn that changed something get NOTDURABLE (err). Otherwise all replies of this turn wait until
// Settled names this ticket or a higher one.
func (l *Log) Flush() (ticket uint64, err error) { panic("stub") }

// Tick is the log's part of serverCron: everysec, seals, retries, a slice of the rewrite, automatic rewrite.
func (l *Log) Tick() { panic("stub") }

// Urgent tells that a rewrite or a retry would use another Tick right away.
func (l *Log) Urgent() bool { panic("stub") }

// Enabled tells whether the log is on. Enable and Disable are CONFIG SET appendonly; Enable begins with a rewrite.
func (l *Log) Enabled() bool { panic("stub") }
func (l *Log) Enable() error { panic("stub") }
func (l *Log) Disable()      { panic("stub") }

// Refusing is nil while writes are accepted, else why not, as it stands in MISCONF.
func (l *Log) Refusing() error { panic("stub") }

// Rewrite starts BGREWRITEAOF, or schedules it.
func (l *Log) Rewrite() (scheduled bool, err error) { panic("stub") }

// Reload flushes and reads the whole log again (DEBUG LOADAOF); the caller has emptied the databases. Parks.
func (l *Log) Reload(ctx context.Context, apply func(args [][]byte) error) error { panic("stub") }

// Stats are the fields of INFO persistence and some more.
func (l *Log) Stats() Stats { panic("stub") }

// Stats of the log; times in Unix seconds or seconds, sizes in bytes.
type Stats struct {
	Enabled, RewriteInProgress, RewriteScheduled bool
	LastRewriteTime, CurrentRewriteTime          int64 // -1: none
	LastRewriteOK                                bool
	Rewrites, ConsecutiveFailures                int64
	LastWriteOK                                  bool
	LastCOWSize                                  int64 // most bytes of pre-images held at once by the last rewrite
	CurrentSize, BaseSize                        int64
	PendingRewrite                               bool
	BufferLength                                 int
	PendingSync                                  int
	DelayedSync                                  int64
	LSN, DurableLSN, Epoch                       uint64
	LastSync                                     int64 // Unix ms of the last successful sync, 0: none
	RewriteProgress                              float64
}

// Close flushes, seals, syncs and closes the files. Control plane.
func (l *Log) Close(ctx context.Context) error { panic("stub") }
