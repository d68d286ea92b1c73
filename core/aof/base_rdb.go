package aof

import (
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
)

// rdbBase writes a base as an RDB file, whose own checksum proves it. That covers the whole file and can be told right only when all of it
// was read, while each block of commands proves itself: so commands are our default, and not RDB as with Redis.
type rdbBase struct {
	*rdb.FileWriter
	f       *baseFile
	expired func(db int, key []byte)
}

// newRDBBase puts the id of the file among the words about it: the checksum proves old bytes of a reused file as well, the id does not.
func newRDBBase(f *logFile, begin func(write func([]byte) error, words ...string) *rdb.FileWriter, expired func(db int, key []byte)) *rdbBase {
	to := &baseFile{logFile: f}
	return &rdbBase{f: to, expired: expired, FileWriter: begin(func(p []byte) error {
		to.write(p)
		return to.err
	}, idWord, string(appendHex(nil, f.id)))}
}

// idWord names the word of an RDB base that holds its id. Redis passes over words that it does not know.
const idWord = "tabdis-id"

// Expired is a key that had been past its time at the cut: it is left out here, too, and its DEL goes into the log.
func (w *rdbBase) Expired(db int, key []byte) { w.expired(db, key) }

func (w *rdbBase) drain(more func() bool) bool { return w.Drain(more) }
func (w *rdbBase) finish()                     { _ = w.Finish() } // fault tells
func (w *rdbBase) fault() error                { return w.f.err }
func (w *rdbBase) held() int64                 { return w.Held() }

var _ keyspace.SnapshotAnnounced = (*rdbBase)(nil)
