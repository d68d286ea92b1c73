package aof

import (
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
)

// rdbWriter writes a base as an RDB file, whose own checksum proves it. That covers the whole file and can be told right only when all of it
// was read, while each block of commands proves itself: so commands are our default, and not RDB as with Redis.
type rdbWriter struct {
	*rdb.FileWriter
	f       *baseFile
	expired func(db int, key []byte)
}

// newRDBWriter puts the id of the file among the words about it: the checksum proves old bytes of a reused file as well, the id does not.
func newRDBWriter(f *logFile, begin func(write func([]byte) error, words ...string) *rdb.FileWriter, expired func(db int, key []byte)) *rdbWriter {
	to := &baseFile{logFile: f}
	return &rdbWriter{f: to, expired: expired, FileWriter: begin(func(p []byte) error {
		to.write(p)
		return to.err
	}, idWord, string(appendHex(nil, f.id)))}
}

// idWord names the word of an RDB base that holds its id. Redis passes over words that it does not know.
const idWord = "tabdis-id"

// Expired is a key that had been past its time at the cut: it is left out here, too, and its DEL goes into the log.
func (w *rdbWriter) Expired(db int, key []byte) { w.expired(db, key) }

func (w *rdbWriter) drain(more func() bool) bool { return w.Drain(more) }
func (w *rdbWriter) finish()                     { _ = w.Finish() } // fault tells
func (w *rdbWriter) fault() error                { return w.f.err }
func (w *rdbWriter) held() int64                 { return w.Held() }
func (w *rdbWriter) kept() int64                 { return w.Kept() }

var _ keyspace.SnapshotAnnounced = (*rdbWriter)(nil)
