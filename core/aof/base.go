package aof

import (
	"github.com/cespare/xxhash/v2"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

const (
	itemsPerCommand = 64       // of a rewritten collection
	baseBlock       = 64 << 10 // bytes after which a block of a base ends
	syncEvery       = 4 << 20  // bytes between the syncs of aof-rewrite-incremental-fsync
	largeValue      = 1 << 20  // bytes of a string that is not copied to be written
)

// baseWriter turns a snapshot into a base file, in one of its two forms. Errors of the file stay, and nothing is written behind them.
type baseWriter interface {
	keyspace.SnapshotWriter
	// drain writes what has gathered until more returns false; done when nothing is left that would have to be written before the
	// snapshot goes on.
	drain(more func() bool) (done bool)
	// finish writes what is left, and the end of the file.
	finish()
	fault() error
	// held is the number of bytes that are kept in memory because their turn has not come.
	held() int64
	// kept is the number of bytes that ever were.
	kept() int64
}

// newBaseWriter writes f in the form that its name tells. Keys that are past their time are given to expired.
func (l *Log) newBaseWriter(f *logFile, expired func(db int, key []byte)) baseWriter {
	if f.isRDB() {
		return newRDBWriter(f, l.cfg.NewRDB, expired)
	}
	w := newCommandWriter(f, l.epoch, expired)
	l.stampBase(w)
	return w
}

// baseFile is where the bytes of a base go. It is empty when it begins, and every Append is looked at.
type baseFile struct {
	file *logFile
	err  error
}

func (f *baseFile) write(p []byte) {
	if f.err != nil {
		return
	}
	f.err = f.file.Append(p)
	if f.file.size += int64(len(p)); f.err == nil && f.file.Size() != f.file.size {
		f.err = errSize
	}
}

// commandWriter writes a base as commands, in blocks numbered from 1.
type commandWriter struct {
	f       baseFile
	epoch   uint64
	b       []byte
	db      int
	lsn     uint64
	sum     uint64
	expired func(db int, key []byte)
	scratch []byte
	rest    []byte // of a SET, behind its value
	whole   func() // nil: in blocks; else without their headers, and called behind each (CommandFile)
}

func newCommandWriter(f *logFile, epoch uint64, expired func(db int, key []byte)) *commandWriter {
	return &commandWriter{f: baseFile{file: f}, epoch: epoch, b: make([]byte, room, baseBlock*2), expired: expired, scratch: make([]byte, 0, 32)}
}

func (w *commandWriter) drain(func() bool) bool { return true }
func (w *commandWriter) fault() error           { return w.f.err }
func (w *commandWriter) held() int64            { return 0 } // whatever comes is written
func (w *commandWriter) kept() int64            { return 0 }

// String is a key that holds a string.
func (w *commandWriter) String(db int, key, val []byte, expiresAt int64) {
	w.selectDB(db)
	words := uint64(3)
	w.rest = append(w.rest[:0], '\r', '\n')
	if expiresAt != keyspace.NoExpiry {
		words = 5
		w.rest = appendBulk(append(w.rest, "$4\r\nPXAT\r\n"...), w.number(expiresAt))
	}
	w.b = append(appendInt(append(w.b, '*'), words), "\r\n$3\r\nSET\r\n"...)
	w.b = append(appendInt(append(appendBulk(w.b, key), '$'), uint64(len(val))), '\r', '\n')
	if len(val) >= largeValue {
		w.large(val)
		return
	}
	w.b = append(append(w.b, val...), w.rest...)
	w.cutBlock()
}

// adders are the commands that fill a collection, and how many words an item takes.
var adders = map[keyspace.Type]struct {
	text  string
	words int
}{
	keyspace.List: {"$5\r\nRPUSH\r\n", 1},
	keyspace.Set:  {"$4\r\nSADD\r\n", 1},
	keyspace.ZSet: {"$4\r\nZADD\r\n", 2},
	keyspace.Hash: {"$5\r\nHMSET\r\n", 2},
}

// Part is some items of a collection.
func (w *commandWriter) Part(db int, key []byte, t keyspace.Type, items *keyspace.Items, last bool, expiresAt int64) {
	w.selectDB(db)
	if t == keyspace.Stream {
		w.stream(key, items)
	}
	add := adders[t]
	for left := items.Len(); left > 0 && t != keyspace.Stream; {
		n := min(left, itemsPerCommand)
		left -= n
		w.b = appendInt(append(w.b, '*'), uint64(2+n*add.words))
		w.b = append(append(w.b, '\r', '\n'), add.text...)
		w.b = appendBulk(w.b, key)
		for ; n > 0 && items.Next(); n-- {
			switch t {
			case keyspace.ZSet:
				w.scratch = resp.AppendDouble(w.scratch[:0], items.Score())
				w.b = appendBulk(appendBulk(w.b, w.scratch), items.A())
			case keyspace.Hash:
				w.b = appendBulk(appendBulk(w.b, items.A()), items.B())
			default:
				w.b = appendBulk(w.b, items.A())
			}
		}
	}
	if last && expiresAt != keyspace.NoExpiry {
		w.b = append(w.b, "*3\r\n$9\r\nPEXPIREAT\r\n"...)
		w.b = appendBulk(appendBulk(w.b, key), w.number(expiresAt))
	}
	w.cutBlock()
}

// Expired is a key that had been past its time at the cut: it is left out, and its DEL goes into the log.
func (w *commandWriter) Expired(db int, key []byte) { w.expired(db, key) }

// number gives the digits, valid until the next call. A time before 1970, which RDB data may have, is written as 1: SET takes none that is not
// positive.
func (w *commandWriter) number(n int64) []byte {
	w.scratch = appendInt(w.scratch[:0], uint64(max(n, 1)))
	return w.scratch
}

func (w *commandWriter) selectDB(db int) {
	if db != w.db {
		w.db = db
		w.b = appendSelect(w.b, db)
	}
}

func (w *commandWriter) cutBlock() {
	if len(w.b)-room >= baseBlock {
		w.block()
	}
}

// block appends what is gathered as a block.
func (w *commandWriter) block() {
	if w.whole != nil {
		w.f.write(w.b[room:])
		w.bare()
		return
	}
	h := header{file: w.f.file.id, at: w.f.file.size, lsn: w.lsn + 1, epoch: w.epoch, prev: w.sum}
	w.f.write(h.seal(w.b))
	w.lsn, w.sum = h.lsn, h.sum
	if cap(w.b) > keptBuffer {
		w.b = make([]byte, room, baseBlock*2)
	}
	w.b = w.b[:room]
}

// bare goes on behind a run of commands that is no block.
func (w *commandWriter) bare() {
	w.b, w.db = w.b[:room], -1
	w.whole()
}

// large makes a block of what has gathered, which ends in the start of a command, of val and of rest. val is not copied: for a moment
// there would be twice of it in memory.
func (w *commandWriter) large(val []byte) {
	h := header{file: w.f.file.id, at: w.f.file.size, lsn: w.lsn + 1, epoch: w.epoch, prev: w.sum}
	if w.whole == nil {
		w.f.write(h.sealParts(w.b[room:], val, w.rest))
	}
	w.f.write(w.b[room:])
	w.f.write(val)
	w.f.write(w.rest)
	if w.whole != nil {
		w.bare()
		return
	}
	w.lsn, w.sum = h.lsn, h.sum
	w.b = w.b[:room]
}

// sealParts is seal for a body in several places; it gives the line.
func (h *header) sealParts(body ...[]byte) []byte {
	h.len = 0
	for _, p := range body {
		h.len += int64(len(p))
	}
	line := h.appendTo(make([]byte, 0, room))
	var d xxhash.Digest
	d.Reset()
	d.Write(line)
	for _, p := range body {
		d.Write(p)
	}
	h.sum = d.Sum64()
	return append(appendHex(line, h.sum), ";\r\n"...)
}

// finish appends what is left, and the empty block that ends a base.
func (w *commandWriter) finish() {
	if len(w.b) > room {
		w.block()
	}
	w.block()
}
