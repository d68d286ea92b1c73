package aof

import (
	"math/rand/v2"
	"sync"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
)

// Log is the append-only file of one engine. All methods but Load, Reload and Close (control plane) belong to the owner's turn.
type Log struct {
	fs   storage.FS
	ks   *keyspace.Keyspace
	cfg  *Config
	host Host
	data func() int64 // bytes that the keyspace takes; nil: not known
	cut  func(to keyspace.SnapshotWriter, now func() int64) snapshot
	id   func() uint64 // random file ids
	tap  Tap           // nil: nobody looks on

	on     bool
	loaded bool // the manifest is known
	state  state
	why    error // of the error state

	forsaken bool // memory is not the data any more
	gone     bool // the store is lost for good

	buf       buffer
	lsn, sum  uint64 // of the last block
	lastData  uint64 // lsn of the last block that is no seal
	recorded  uint64 // the sync field of the last header
	durable   uint64 // every block up to here is durable
	epoch     uint64
	stamped   int64 // second that the log told last; it never goes back
	sealBytes int64 // of seals since the last rewrite: no growth

	man    manifest   // in force, as far as is known
	base   *logFile   // of man; nil: none
	chain  []*logFile // incr files in order; the last one is appended to
	spares []*logFile // incr files made ready, empty
	named  bool       // the manifest in force names spares[0]
	naming bool       // a job replaces the manifest: no other begins before it has ended
	doomed []*logFile // files that a manifest may still name until the next Replace succeeds

	outstanding, settled uint64 // highest tickets given and settled
	strict               uint64 // tickets up to this one were given under always: they wait for durable, whatever the policy has become
	ops                  []*op  // under way
	free                 []*op
	leaving              []*leaving // closed by Disable, not settled yet
	jobs                 sync.WaitGroup

	postponed  int64 // since when the flush waits for a sync, Unix ms; 0: it does not
	syncCalled int64 // when the last sync was called
	lastSync   int64 // when the last one succeeded
	delayed    int64
	retryAt    int64
	logged     int64 // when the last write error was logged
	tries      int   // writes that have failed one after another, though there was room
	ballast    ballast
	trouble    trouble

	rw          *rewrite
	scheduled   bool
	failures    int64
	rewrites    int64
	notBefore   int64 // no automatic rewrite before
	lastOK      bool
	lastTime    int64
	lastCOW     int64
	growthBase  int64 // size after the last rewrite, or at the start
	wroteLastOK bool
}

// state is how far the log can be written to.
type state uint8

const (
	healthy    state = iota
	truncating       // a write failed; the control plane cuts the file back
	unwritten        // a write failed, the file is sound: the buffer is tried again each second
	broken           // the tail cannot be trusted: a fresh base is on its way
	enabling         // CONFIG SET appendonly yes: the first base is on its way
)

// logFile is an open file of the log.
type logFile struct {
	storage.File
	entry
	late  storage.LateWriter // nil: Append writes
	size  int64              // as it should be
	first uint64             // lsn of the first block, 0: none
	last  uint64             // of the last one

	stamped bool   // a block written here told its time
	synced  uint64 // a sync covered all up to here
	written uint64 // is with the platform up to here
	syncing int    // syncs under way
	cuts    int    // how often it was cut back
	doubts  int    // syncs in a row that were not answered in time
	held    bool   // its late writer keeps blocks that found no room
}

//go:noinline
func newFile(f storage.File, e entry) *logFile {
	late, _ := f.(storage.LateWriter)
	return &logFile{File: f, entry: e, late: late, size: f.Size()}
}

// New makes a log that is off.
func New(fs storage.FS, ks *keyspace.Keyspace, cfg *Config, host Host) *Log {
	l := &Log{fs: fs, ks: ks, cfg: cfg, host: host, lastOK: true, wroteLastOK: true, lastTime: -1}
	l.id = func() uint64 { return rand.Uint64() | 1 }
	l.cut = func(to keyspace.SnapshotWriter, now func() int64) snapshot { return ks.Cut(to, now) }
	if ks != nil {
		l.data = ks.DataSize
	}
	l.buf.db = -1
	l.buf.reset()
	return l
}

// Begin starts an execution unit, End ends it; Feed in between adds an effect in database db. Several become MULTI … EXEC.
func (l *Log) Begin() { l.buf.begin() }

// Feed adds an effect of the unit, as it is to be replayed.
func (l *Log) Feed(db int, args [][]byte) { l.buf.feed(db, args) }

// FeedUnit is a unit of one effect that is in RESP already, written as Feed would.
func (l *Log) FeedUnit(db int, command []byte) {
	b := &l.buf
	if db != b.db {
		b.selects(db)
	}
	b.b = append(b.b, command...)
}

// End ends the unit.
func (l *Log) End() { l.buf.end() }

// Durable is the lsn up to which every block is durable; Next that of the block in which goes what is fed now.
func (l *Log) Durable() uint64 { return l.durable }
func (l *Log) Next() uint64    { return l.lsn + 1 }

// Abort forgets the unit under way.
func (l *Log) Abort() { l.buf.abort() }

// Enabled tells whether the log is on.
func (l *Log) Enabled() bool { return l.on }

// Loadable is nil when Reload would bring back all that is in memory once the buffer is flushed.
func (l *Log) Loadable() error {
	switch {
	case !l.on || l.state == enabling:
		return errOff
	case l.state != healthy:
		return l.why
	}
	return nil
}

func (l *Log) current() *logFile {
	if len(l.chain) == 0 {
		return nil
	}
	return l.chain[len(l.chain)-1]
}
