package rdb

import (
	"encoding/binary"
	"math"

	"tabdis/core/keyspace"
)

// FileOptions are how a file is written.
type FileOptions struct {
	Options
	Checksum  bool // rdbchecksum
	Idle      bool // each key tells how long it has been idle …
	Frequency bool // … or how often it is used, as maxmemory-policy asks
	// Write takes the file piece by piece. p is reused.
	Write func(p []byte) error
}

// FileWriter writes an RDB file: either of what is in memory (Keyspace), or as the SnapshotWriter of a snapshot, whose collections come in
// parts between which other keys may come. A value in a file stands in one piece; so while one is being written all else that comes is kept
// in memory, as Redis's child keeps the pages that have changed: it is as much as commands change meanwhile.
type FileWriter struct {
	o    FileOptions
	main run      // the next of the file
	out  [][]byte // before it, for Drain
	most int      // what is written at once
	sum  uint64
	err  error

	later run   // whole keys that came while a collection was being written
	held  int64 // bytes of later and of what came early
	queue []*collection
	known map[string]*collection
	t     Type // of the value that comes next
	kept  int64

	counted int    // of later.b, in held
	naming  []byte // of name, reused
}

// run is a row of keys.
type run struct {
	full [][]byte // before b, if there is much
	b    []byte
	db   int // of the last one; -1: none yet
}

// grown is called when b has grown. A long buffer is not grown further: each time that would copy all of it, in the turn of some command.
func (r *run) grown(most int) {
	if len(r.b) >= most {
		r.full = append(r.full, r.b)
		r.b = make([]byte, 0, most+piece)
	}
}

// collection is a value that comes in parts. Only the first of the queue is written.
type collection struct {
	keyspace.SnapshotKey
	name      string // in known
	t         Type
	done      bool
	early     run    // what came before its turn
	consumers []byte // of the group of a stream that is being written; they follow what is pending
}

// NewFileWriter begins a file with words about it: name, value, name, value …
func NewFileWriter(o FileOptions, ks *keyspace.Keyspace, words ...string) *FileWriter {
	w := &FileWriter{o: o, main: run{db: -1}, later: run{db: -1}, most: 4 * piece, known: map[string]*collection{}}
	w.o.Spill = w.spill
	w.main.b = append(append(make([]byte, 0, 2*piece), magic...), '0', '0', byte('0'+o.Version/10), byte('0'+o.Version%10))
	for i := 0; i+1 < len(words); i += 2 {
		w.main.b = AppendString(AppendString(append(w.main.b, opAux), []byte(words[i]), false), []byte(words[i+1]), false)
	}
	for i := range ks.Databases() {
		if db := ks.DB(i); db.Len() > 0 {
			w.main.selects(i)
			w.main.b = AppendLength(AppendLength(append(w.main.b, opResize), uint64(db.Len())), uint64(db.Volatile()))
		}
	}
	return w
}

func (r *run) selects(db int) {
	if db != r.db {
		r.db = db
		r.b = AppendLength(append(r.b, opSelect), uint64(db))
	}
}

// head appends what stands before a value.
func (w *FileWriter) head(r *run, k *keyspace.SnapshotKey, t Type) {
	r.selects(k.DB)
	if k.ExpiresAt != keyspace.NoExpiry {
		r.b = append64(append(r.b, opExpiryMillis), uint64(k.ExpiresAt))
	}
	if w.o.Idle {
		r.b = AppendLength(append(r.b, opIdle), uint64(k.Idle))
	}
	if w.o.Frequency {
		r.b = append(r.b, opFrequency, byte(k.Frequency))
	}
	r.b = AppendString(append(r.b, byte(t)), k.Key, w.o.Compress)
}

// Err is the first error of Write. Behind it nothing is written.
func (w *FileWriter) Err() error { return w.err }

// Kept is the number of bytes that were kept in memory because their turn had not come.
func (w *FileWriter) Kept() int64 { return w.kept }

// Held is the number of bytes that are in memory now because their turn has not come, or Drain has not.
func (w *FileWriter) Held() int64 {
	n := w.held
	for _, p := range w.out {
		n += int64(len(p))
	}
	return n
}

func (w *FileWriter) write(p []byte) {
	if w.o.Checksum {
		w.sum = Checksum(w.sum, p)
	}
	if w.err == nil && len(p) > 0 {
		w.err = w.o.Write(p)
	}
}

// flush writes what is in main, or leaves it to Drain, if that is much: as after a large collection, behind which there may be a lot.
func (w *FileWriter) flush() {
	if len(w.out) == 0 && len(w.main.b) <= w.most {
		w.write(w.main.b)
		w.main.b = w.main.b[:0]
		return
	}
	w.out = append(w.out, w.main.b)
	w.main.b = nil
}

// Drain writes what has gathered, piece by piece, until more returns false; done when it is all written. A snapshot goes on then.
func (w *FileWriter) Drain(more func() bool) (done bool) {
	for len(w.out) > 0 {
		p := w.out[0]
		n := min(len(p), w.most)
		w.write(p[:n])
		if w.out[0] = p[n:]; n == len(p) {
			w.out = w.out[1:]
		}
		if !more() {
			break
		}
	}
	return len(w.out) == 0
}

// spill is for AppendValue, which appends to main.
func (w *FileWriter) spill(b []byte) []byte {
	w.main.b = b
	w.flush()
	return w.main.b
}

func (w *FileWriter) flushFull() {
	if len(w.main.b) >= piece {
		w.flush()
	}
}

// Finish ends the file.
func (w *FileWriter) Finish() error {
	w.main.b = append(w.main.b, opEnd)
	w.flush()
	w.Drain(func() bool { return true })
	w.main.b = append64(w.main.b, w.sum)
	w.flush()
	return w.err
}

// Keyspace writes all that is in memory, and stops at an error. No view may be in use.
func (w *FileWriter) Keyspace(ks *keyspace.Keyspace) {
	w.most = math.MaxInt // it stops all else anyway
	for i := range ks.Databases() {
		ks.DB(i).Each(func(e keyspace.Entry) bool {
			if t, ok := TypeOf(e, w.o.Options); ok {
				w.head(&w.main, &keyspace.SnapshotKey{DB: i, Key: e.Key(), ExpiresAt: e.ExpiresAt(), Idle: e.Idle(), Frequency: e.Frequency()}, t)
				w.main.b = AppendValue(w.main.b, e, t, w.o.Options)
				w.flushFull()
				ks.ReleaseViews()
			}
			return w.err == nil
		})
	}
}

// What follows makes it a keyspace.SnapshotAnnounced.

// whole is where keys go that come in one piece.
func (w *FileWriter) whole() *run {
	if len(w.queue) > 0 {
		return &w.later
	}
	return &w.main
}

// Key begins a key.
func (w *FileWriter) Key(k *keyspace.SnapshotKey) {
	t, _ := typeOf(k.Type, k.Encoding, w.o.Options)
	if !k.InParts {
		w.t = t
		w.head(w.whole(), k, t)
		return
	}
	c := &collection{SnapshotKey: *k, t: t, name: string(w.name(k.DB, k.Key))}
	c.Key = []byte(c.name[nameHead:])
	w.known[c.name] = c
	if w.queue = append(w.queue, c); len(w.queue) == 1 {
		w.open()
	}
}

const nameHead = 8

// name is what a key is known by. It is valid until the next call.
func (w *FileWriter) name(db int, key []byte) []byte {
	w.naming = append(binary.BigEndian.AppendUint64(w.naming[:0], uint64(db)), key...)
	return w.naming
}

// largeString is the length from which on a string is written as it is: compressing it would stop the turn, and take as much memory again.
const largeString = 1 << 20

// String is the value of the key that was begun.
func (w *FileWriter) String(_ int, _, val []byte, _ int64) {
	r := w.whole()
	if len(val) < largeString {
		r.b = AppendString(r.b, val, w.o.Compress)
	} else {
		r.b = AppendLength(r.b, uint64(len(val)))
		if r == &w.main {
			w.flush()
		}
		if r == &w.main && len(w.out) == 0 { // not even a copy
			w.write(val)
		} else {
			r.b = append(r.b, val...)
		}
	}
	w.written(len(val))
}

// written is called behind each whole key.
func (w *FileWriter) written(size int) {
	if len(w.queue) == 0 {
		w.flushFull()
		return
	}
	w.kept += int64(size)
	w.held += int64(len(w.later.b) - w.counted)
	w.later.grown(w.most)
	w.counted = len(w.later.b)
}

// Expired is not called for a cut that lets nothing be past its time: a file of Redis has such keys, and who loads it leaves them out.
func (w *FileWriter) Expired(int, []byte) {}

// Part is the value of the key that was begun, or some elements of one that comes in parts.
func (w *FileWriter) Part(db int, key []byte, t keyspace.Type, items *keyspace.Items, last bool, _ int64) {
	c := (*collection)(nil)
	if len(w.queue) > 0 {
		c = w.known[string(w.name(db, key))]
	}
	switch {
	case c == nil:
		w.packed(w.whole(), t, items)
		return
	case c != w.queue[0]:
		before := len(c.early.b)
		c.early.b = w.items(c, c.early.b, items)
		n := int64(len(c.early.b) - before)
		w.kept, w.held = w.kept+n, w.held+n
		c.early.grown(w.most)
	default:
		w.main.b = w.items(c, w.main.b, items)
		w.flushFull()
	}
	if c.done = last; last {
		w.main.b = append(w.main.b, c.consumers...)
		w.advance()
	}
}

// packed writes a whole collection.
func (w *FileWriter) packed(r *run, t keyspace.Type, items *keyspace.Items) {
	b, _ := items.Packed()
	if w.t.isPacked() {
		r.b = AppendString(r.b, b, w.o.Compress)
	} else {
		n := items.Len()
		if t == keyspace.List {
			n = 1
		}
		r.b = w.items(&collection{SnapshotKey: keyspace.SnapshotKey{Type: t}}, AppendLength(r.b, uint64(n)), items)
	}
	w.written(len(b))
}

// open begins to write the first of the queue.
func (w *FileWriter) open() {
	c := w.queue[0]
	w.head(&w.main, &c.SnapshotKey, c.t)
	w.main.b = AppendLength(w.main.b, uint64(c.Count))
	if len(c.early.full)+len(c.early.b) > 0 {
		w.follow(&c.early)
	}
	w.flushFull()
}

// follow puts what was held behind main.
func (w *FileWriter) follow(r *run) {
	w.flush()
	w.out = append(w.out, r.full...)
	for _, p := range r.full {
		w.held -= int64(len(p))
	}
	w.held -= int64(len(r.b))
	w.main.b, r.full, r.b = r.b, nil, nil
}

// advance goes on behind a collection that is whole.
func (w *FileWriter) advance() {
	for len(w.queue) > 0 && w.queue[0].done {
		delete(w.known, w.queue[0].name)
		w.queue[0] = nil
		w.queue = w.queue[1:]
		if len(w.later.full)+len(w.later.b) > 0 {
			w.follow(&w.later)
			w.main.db, w.later.db, w.counted = w.later.db, -1, 0
		}
		if len(w.queue) > 0 {
			w.open()
		}
	}
	w.flushFull()
}

// items appends elements.
func (w *FileWriter) items(c *collection, dst []byte, items *keyspace.Items) []byte {
	compress := w.o.Compress
	b, first := items.Packed()
	switch c.Type {
	case keyspace.List:
		return appendListNode(dst, b, w.o.Options)
	case keyspace.Stream:
		if b != nil {
			return appendNode(dst, first, b, w.o.Options)
		}
		return w.streamRecords(c, dst, items)
	}
	for items.Next() {
		dst = AppendString(dst, items.A(), compress)
		switch c.Type {
		case keyspace.Hash:
			dst = AppendString(dst, items.B(), compress)
		case keyspace.ZSet:
			dst = appendScore(dst, items.Score())
		}
	}
	return dst
}

// streamRecords appends what follows the nodes. In the file all that a group has pending stands before its consumers.
func (w *FileWriter) streamRecords(c *collection, dst []byte, items *keyspace.Items) []byte {
	for items.Next() {
		switch r := items.Stream(); r.Kind {
		case keyspace.StreamStateRecord:
			dst = appendState(dst, r)
		case keyspace.StreamGroupRecord:
			dst = appendGroup(append(dst, c.consumers...), r)
			c.consumers = AppendLength(c.consumers[:0], uint64(r.Consumers))
		case keyspace.StreamConsumerRecord:
			c.consumers = appendConsumer(c.consumers, r, w.o.Options)
		case keyspace.StreamPendingRecord:
			dst = appendPending(dst, r.ID, r.Delivery)
			c.consumers = appendRawID(c.consumers, r.ID)
		}
	}
	return dst
}

var _ keyspace.SnapshotAnnounced = (*FileWriter)(nil)
