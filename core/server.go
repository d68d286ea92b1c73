package core

import (
	"math/rand/v2"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
)

// What command.Server and command.Operations ask of the engine.

func (e *Engine) Keyspace() *keyspace.Keyspace   { return e.ks }
func (e *Engine) MaxBulkLen() int64              { return e.config.maxBulk }
func (e *Engine) Loading() bool                  { return e.loading }
func (e *Engine) Random() *rand.Rand             { return e.rng }
func (e *Engine) Table() *command.Table          { return e.table }
func (e *Engine) Profile70() bool                { return e.opts.Profile70 }
func (e *Engine) Operations() command.Operations { return e }

// Fits tells whether a value may become so many bytes larger: with noeviction, if so much is left of maxmemory; else, if it isn't more than all of
// it, since eviction does not stop half-way through a command.
func (e *Engine) Fits(more int64) bool {
	switch limit := e.config.maxmemory; {
	case limit == 0 || more <= largeCommand || e.loading:
		return true
	case e.config.eviction.policy == noEviction:
		return more <= limit-e.ks.Memory()
	default:
		return more <= limit
	}
}

// DumpOptions are rdb-write-version and rdbcompression.
func (e *Engine) DumpOptions() rdb.Options {
	o := rdb.Options{Version: 10, Compress: e.config.dumpCompress}
	if e.config.dumpVersion == "11" && !e.opts.Profile70 {
		o.Version = 11
	}
	return o
}

// Expire removes a key that is past its time; its DEL is part of the unit under way, or one of its own.
func (e *Engine) Expire(db *keyspace.DB, key []byte, writing bool) {
	if e.pause.until != 0 && !writing || !db.Delete(key) {
		return
	}
	e.stats.expired++
	e.stats.dirty++
	if e.logging() && !e.loading {
		e.feed(db.Index(), [][]byte{wordDel, key})
	}
	e.Notify(command.ClassExpired, "expired", db, key)
	e.Modified(nil, db, key)
}

var wordDel = []byte("DEL")

// Modified tells watchers, those who track it, and those who wait for it, that a key changed.
func (e *Engine) Modified(by command.Session, db *keyspace.DB, key []byte) {
	e.touchWatched(db, key)
	if e.tracking.followers > 0 {
		s, _ := by.(*Session)
		e.invalidate(s, key)
	}
	e.signal(db, key)
}

// Rewrite is BGREWRITEAOF.
func (e *Engine) Rewrite() (status string, err error) {
	if e.log == nil {
		return "", resp.Error("ERR this store has no append only file")
	}
	scheduled, err := e.log.Rewrite(e.inExec)
	switch {
	case err != nil:
		return "", resp.Error("ERR " + err.Error())
	case scheduled:
		return "Background append only file rewriting scheduled", nil
	}
	return "Background append only file rewriting started", nil
}

// DebugAllowed: enable-debug-command yes, or local and the session local.
func (e *Engine) DebugAllowed(s command.Session) bool {
	return e.config.debug == "yes" || (e.config.debug == "local" && isLocal(s.Addr()))
}

// SetActiveExpire is DEBUG SET-ACTIVE-EXPIRE.
func (e *Engine) SetActiveExpire(on bool) { e.noExpire = !on }

// Sleep is DEBUG SLEEP: the engine stands still.
func (e *Engine) Sleep(ms int64) { sleep(ms) }

// LoadAOF is DEBUG LOADAOF: what is in memory is dropped and read from the log again, on the control plane. Commands wait meanwhile.
// It begins behind this turn, whose replies are for what the log has been given. A log that does not hold all that is in memory is not
// loaded.
func (e *Engine) LoadAOF(cs command.Session) {
	s := cs.(*Session)
	switch {
	case !e.logging():
		s.out.w.Error("ERR the append only file is not enabled")
		return
	case e.call.Cmd.Name == "exec":
		s.out.w.Error("ERR DEBUG LOADAOF is not allowed in a transaction")
		return
	}
	if err := e.log.Loadable(); err != nil {
		s.out.w.Error(notLoadable(err))
		return
	}
	e.stalled = true
	e.reload = func() {
		if err := e.log.Loadable(); err != nil { // this turn's flush failed
			e.post(func() { e.resume(s, func() { s.out.w.Error(notLoadable(err)) }) })
			return
		}
		e.empty(nil)
		e.opts.Go(func() {
			err := e.load(func(to aof.Replayer) error { return e.log.Reload(e.ctx, to) })
			e.post(func() { e.reloaded(s, err) })
		})
	}
}

func notLoadable(err error) resp.Error {
	return resp.Error("ERR the append only file does not hold all that is in memory: " + err.Error())
}

func (e *Engine) reloaded(s *Session, err error) {
	if err != nil {
		e.stop("the append only file could not be read: " + err.Error())
		e.resume(s, func() { s.out.w.Error("ERR Error trying to load the AOF, check server logs.") })
		return
	}
	e.resume(s, func() {
		s.out.w.OK()
		e.invalidateAll()
	})
}

// resume answers DEBUG LOADAOF and executes what came meanwhile.
func (e *Engine) resume(s *Session, reply func()) {
	e.stalled = false
	e.setTime(e.latest)
	s.write()
	reply()
	for i := range e.ks.Databases() {
		e.signalAll(e.ks.DB(i))
	}
	e.serve()
	for _, other := range e.order {
		other.run()
	}
}

// SwapDB exchanges two databases.
func (e *Engine) SwapDB(i, j int) {
	e.touchDB(e.ks.DB(i), e.ks.DB(j))
	e.touchDB(e.ks.DB(j), e.ks.DB(i))
	e.ks.Swap(i, j)
	e.signalAll(e.ks.DB(i))
	e.signalAll(e.ks.DB(j))
}

// Flush empties db, or with nil all databases.
func (e *Engine) Flush(db *keyspace.DB) (removed int) {
	e.invalidateAll()
	return e.empty(db)
}

func (e *Engine) empty(db *keyspace.DB) (removed int) {
	for i := range e.ks.Databases() {
		d := e.ks.DB(i)
		if db == nil || d == db {
			e.touchDB(d, nil)
			removed += d.Len()
			d.Flush()
			e.signalAll(d)
		}
	}
	if db == nil && !e.stalled && !e.loading {
		e.flushedAll(removed)
	}
	return removed
}

// Sessions yields every open session, by id; one that was killed is no longer open, though its host may not have noticed yet.
func (e *Engine) Sessions(yield func(command.Session) bool) {
	for _, s := range e.order {
		if !s.closing && !yield(s) {
			return
		}
	}
}

// Kill closes a session; what it was answered before still leaves.
func (e *Engine) Kill(cs command.Session) {
	s := cs.(*Session)
	s.killed = true
	s.CloseAfterReply()
	if s.blocked != nil {
		e.unblock(s.blocked)
	}
	s.write()
}

// UnixMicro is the time of this turn.
func (e *Engine) UnixMicro() int64 { return e.now * 1000 }

var _ command.Server = (*Engine)(nil)
var _ command.Operations = (*Engine)(nil)
