package aof

import (
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

const (
	itemsPerCommand = 64       // of a rewritten collection
	baseBlock       = 64 << 10 // bytes after which a block of a base ends
	syncEvery       = 4 << 20  // bytes between the syncs of aof-rewrite-incremental-fsync
)

// baseWriter turns a snapshot into the commands of a base file, in blocks numbered from 1. It is a keyspace.SnapshotWriter.
type baseWriter struct {
	f       *logFile
	epoch   uint64
	b       []byte
	db      int
	lsn     uint64
	sum     uint64
	synced  int64 // size at the last incremental sync
	err     error
	expired func(db int, key []byte)
	scratch []byte
}

func newBaseWriter(f *logFile, epoch uint64, expired func(db int, key []byte)) *baseWriter {
	return &baseWriter{f: f, epoch: epoch, b: make([]byte, room, baseBlock*2), expired: expired, scratch: make([]byte, 0, 32)}
}

// String is a key that holds a string.
func (w *baseWriter) String(db int, key, val []byte, expiresAt int64) {
	w.selectDB(db)
	if expiresAt == keyspace.NoExpiry {
		w.b = append(w.b, "*3\r\n$3\r\nSET\r\n"...)
		w.b = appendBulk(appendBulk(w.b, key), val)
	} else {
		w.b = append(w.b, "*5\r\n$3\r\nSET\r\n"...)
		w.b = appendBulk(appendBulk(w.b, key), val)
		w.b = append(w.b, "$4\r\nPXAT\r\n"...)
		w.number(expiresAt)
	}
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
func (w *baseWriter) Part(db int, key []byte, t keyspace.Type, items *keyspace.Items, last bool, expiresAt int64) {
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
		w.b = appendBulk(w.b, key)
		w.number(expiresAt)
	}
	w.cutBlock()
}

// Expired is a key that had been past its time at the cut: it is left out, and its DEL goes into the log.
func (w *baseWriter) Expired(db int, key []byte) { w.expired(db, key) }

func (w *baseWriter) number(n int64) {
	w.scratch = appendInt(w.scratch[:0], uint64(max(n, 0)))
	w.b = appendBulk(w.b, w.scratch)
}

func (w *baseWriter) selectDB(db int) {
	if db != w.db {
		w.db = db
		w.b = appendSelect(w.b, db)
	}
}

func (w *baseWriter) cutBlock() {
	if len(w.b)-room >= baseBlock {
		w.block()
	}
}

// block appends what is gathered as a block.
func (w *baseWriter) block() {
	if w.err != nil {
		w.b = w.b[:room]
		return
	}
	h := header{file: w.f.id, at: w.f.size, lsn: w.lsn + 1, epoch: w.epoch, prev: w.sum}
	text := h.seal(w.b)
	w.err = w.f.Append(text)
	w.f.size += int64(len(text))
	if w.err == nil && w.f.Size() != w.f.size {
		w.err = errSize
	}
	w.lsn, w.sum = h.lsn, h.sum
	if cap(w.b) > keptBuffer {
		w.b = make([]byte, room, baseBlock*2)
	}
	w.b = w.b[:room]
}

// finish appends what is left, and the empty block that ends a base.
func (w *baseWriter) finish() {
	if len(w.b) > room {
		w.block()
	}
	w.block()
}
