package core

import (
	"bytes"
	"io"
	"math"

	"tabdis/core/aof"
	"tabdis/core/rdb"
	"tabdis/core/resp"
)

const errReload resp.Error = "ERR Error trying to load the RDB dump, check server logs."

// Reload is DEBUG RELOAD: all that is in memory becomes an RDB file and is read again, in this turn. The file stays in memory, and is of
// the latest version, so that nothing is lost on the way: the log has the same data before and after. They are read beside what is there,
// which goes only when all of it was read.
func (e *Engine) Reload() error {
	for i := range e.ks.Databases() {
		e.touchDB(e.ks.DB(i), nil)
	}
	expired := e.dropExpired()
	var file pieces
	w := rdb.NewFileWriter(e.fileOptions(rdb.Options{Version: rdb.Version}, file.write), e.ks)
	w.Keyspace(e.ks)
	err := w.Finish()
	fresh := e.ks.Beside()
	if err == nil {
		err = rdb.ReadFile(&file, fresh, rdb.ReadOptions{MaxString: math.MaxInt64})
	}
	if err != nil {
		e.logLine(aof.Warning, "DEBUG RELOAD: "+err.Error())
		return errReload
	}
	e.saver.loaded, e.saver.dropped = 0, expired
	e.invalidateAll()
	for i := range e.ks.Databases() {
		db := e.ks.DB(i)
		e.saver.loaded += int64(fresh.DB(i).Len())
		e.signalAll(db)
	}
	e.ks.Take(fresh)
	e.logLine(aof.Notice, "DB reloaded by DEBUG RELOAD")
	return nil
}

// dropExpired removes what is past its time, which does not come back from a file, nor is it anybody's event. The log hears of it.
func (e *Engine) dropExpired() (n int64) {
	for i := range e.ks.Databases() {
		db := e.ks.DB(i)
		for more := true; more; {
			more = db.Due(e.now, math.MaxInt, func(key []byte) bool {
				if e.logging() {
					e.feed(i, [][]byte{wordDel, key})
				}
				n++
				return db.Delete(key)
			})
		}
	}
	return n
}

// pieces are a file in memory, which goes as it is read.
type pieces [][]byte

func (f *pieces) write(p []byte) error {
	*f = append(*f, bytes.Clone(p))
	return nil
}

func (f *pieces) Read(p []byte) (int, error) {
	for len(*f) > 0 {
		if first := (*f)[0]; len(first) > 0 {
			n := copy(p, first)
			(*f)[0] = first[n:]
			return n, nil
		}
		(*f)[0] = nil
		*f = (*f)[1:]
	}
	return 0, io.EOF
}
