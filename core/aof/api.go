package aof

import (
	"context"

	"tabdis/core/rdb"
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
	HistoryKeep            int    // aof-history-keep: generations kept behind the one in force; counts from the next rewrite on
	RDBPreamble            bool   // aof-use-rdb-preamble
	DumpName               string // dbfilename
	SkipFunctions          bool   // skip-functions: functions and what modules keep are left out when a log of Redis's is loaded

	// Import opens a file of Redis's that stands beside the store, by its name: storage.ErrNotExist when there is none; nil: there is none ever.
	Import func(name string) (Import, error)
	// Importer lets a store that has no log begin with such a file, or with one in the store; nil: it does not.
	Importer *Importer

	// NewRDB begins an RDB file of what is in memory, always with a checksum; words about it are name, value, name, value …
	NewRDB func(write func([]byte) error, words ...string) *rdb.FileWriter

	// Requests is what is known of numbered requests: Load adds what the log names, and a fresh base is followed by all of it; nil: there are none.
	Requests *Requests

	// Clock is a monotonic time in µs that bounds the slices of a rewrite; nil: they are bounded by number.
	Clock func() int64
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
	// Room tells whether a snapshot may be cut: there is one at a time. With urgent what stands in the way gives way.
	Room(urgent bool) bool
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
	Keys      int64 // of RDB data
	Expired   int64 // keys of an RDB file that were left out, past their time
	Bytes     int64
	Truncated *Truncation // nil: the end was clean
	Created   bool        // there was no log
	Imported  string      // the file of Redis's that the log began with; "": none
	Skipped   Skipped     // what was left out
}

// Truncation is a torn tail that was cut.
type Truncation struct {
	File   string
	Offset int64
	LSN    uint64 // of the block that would have stood there
	Bytes  int64  // set aside
	Kept   string // the file that keeps them
}

// Stats of the log; times in Unix seconds or seconds, sizes in bytes.
type Stats struct {
	Enabled, RewriteInProgress, RewriteScheduled bool
	LastRewriteTime, CurrentRewriteTime          int64 // -1: none
	LastRewriteOK                                bool
	Rewrites, ConsecutiveFailures                int64
	LastWriteOK                                  bool
	LastCOWSize                                  int64 // bytes that the last rewrite had copied because commands changed them
	CurrentSize, BaseSize                        int64
	PendingRewrite                               bool
	BufferLength                                 int
	PendingSync                                  int
	DelayedSync                                  int64
	LSN, DurableLSN, Epoch                       uint64 // LSN: of the last block that holds something; a seal need not be durable
	LastSync                                     int64  // Unix ms of the last successful sync, 0: none
	RewriteProgress                              float64
	RewriteBytes                                 int64 // of the base, so far
	RewriteHeld                                  int64 // that wait in memory for their turn in it
	COWSize, COWPeak                             int64 // in memory because of the rewrite that runs: those, and copies; now, and at most

	State                         string // off, healthy, enabling, full, unwritten, broken
	Since                         int64  // Unix ms
	Cause                         string // of full, unwritten and broken; else ""
	RoomUsed, RoomFree, RoomLimit int64  // while there is too little; -1: not known
	Ballast                       int64  // bytes kept for what frees room

	HistoryGenerations int
	HistoryBytes       int64
	OldestLSN          uint64 // that one can go back to
}
