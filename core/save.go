package core

import (
	"strconv"
	"strings"
	"sync"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
	"tabdis/core/storage"
)

// SAVE and BGSAVE: the data as an RDB file in Options.Dumps. It has no part in what a store promises, which is the log's; a file that
// could not be written leaves the old one and the log as they were.
//
// BGSAVE forks nothing: it cuts a snapshot, as a rewrite of the log does, and ticks write it slice by slice. There is one snapshot at a
// time, so that, as with Redis's one child, one waits for the other; only a log that needs a fresh base lets nothing stand in its way.

const (
	saveSlice = 1000 // µs that a tick may spend on BGSAVE
	saveRetry = 5    // s after a BGSAVE that failed before the next one begins by itself
)

const (
	noDumps               = "RDB files have no place here: the append only file keeps the data"
	errNoDumps resp.Error = "ERR " + noDumps

	// ErrNoDumps tells that the parameter save asks for RDB files, and Options has no Dumps.
	ErrNoDumps resp.Error = "parameter 'save': " + noDumps

	errSaving    resp.Error = "ERR Background save already in progress"
	errSavedNot  resp.Error = "ERR"
	errSaveWrite resp.Error = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error."
)

// saver is what SAVE and BGSAVE keep. Times are Unix seconds, or seconds.
type saver struct {
	last, tried int64
	failed      bool // the last BGSAVE
	took        int64
	saves, kept int64
	scheduled   bool
	child       *child
	jobs        sync.WaitGroup
	loaded      int64 // keys, by the last DEBUG RELOAD
	dropped     int64 // by it, past their time
	decided     bool  // SHUTDOWN has seen to the last save
}

// child is a BGSAVE under way, which Redis has a child for.
type child struct {
	started int64 // Unix ms
	dirty   int64 // changes that its file has
	dump    storage.Dump
	w       snapshotFile
	snap    *keyspace.Snapshot // nil: the file is whole and is being made durable
	whole   bool               // snap has given all it had
	sink    Sink               // of an export; nil: a BGSAVE
	ended   func(error)        // of an export
}

// savePoint is a pair of the parameter save: so many changes in so many seconds.
type savePoint struct{ seconds, changes int64 }

// parseSave reads Redis's syntax; "" turns saving by itself off.
func parseSave(v string) (points []savePoint, ok bool) {
	if v == "" {
		return nil, true
	}
	words := strings.Split(v, " ")
	for i := 0; i+1 < len(words); i += 2 {
		seconds, err := strconv.ParseInt(words[i], 10, 64)
		changes, err2 := strconv.ParseInt(words[i+1], 10, 64)
		if err != nil || err2 != nil || seconds < 1 || changes < 0 {
			return nil, false
		}
		points = append(points, savePoint{seconds, changes})
	}
	return points, len(words)%2 == 0
}

func saveText(points []savePoint) string {
	var b []byte
	for _, p := range points {
		b = append(strconv.AppendInt(b, p.seconds, 10), ' ')
		b = append(strconv.AppendInt(b, p.changes, 10), ' ')
	}
	return strings.TrimSuffix(string(b), " ")
}

// beginDump begins a file with all that is in memory now.
func (e *Engine) beginDump() (storage.Dump, *rdb.FileWriter, error) {
	dump, err := e.opts.Dumps.Create(e.config.dumpName)
	if err != nil {
		return nil, nil, err
	}
	return dump, e.newFile(e.fileOptions(e.DumpOptions(), dump.Write), "aof-base", "0"), nil
}

// newFile begins a file with the words that Redis has, and these.
//
//go:noinline
func (e *Engine) newFile(o rdb.FileOptions, words ...string) *rdb.FileWriter {
	return rdb.NewFileWriter(o, e.ks, append([]string{"redis-ver", command.RedisVersion, "redis-bits", "64", "ctime", strconv.FormatInt(e.now/1000, 10),
		"used-mem", strconv.FormatInt(e.ks.Memory(), 10)}, words...)...)
}

// newBase begins a base of the log. It has its checksum whatever rdbchecksum says: nothing of a log is read that does not prove itself.
func (e *Engine) newBase(write func([]byte) error, words ...string) *rdb.FileWriter {
	o := e.fileOptions(e.DumpOptions(), write)
	o.Checksum = true
	return e.newFile(o, append([]string{"aof-base", "1"}, words...)...)
}

// fileOptions tell of the access clock what maxmemory-policy asks for.
//
//go:noinline
func (e *Engine) fileOptions(o rdb.Options, write func([]byte) error) rdb.FileOptions {
	policy := e.config.eviction.policy
	return rdb.FileOptions{Options: o, Checksum: e.config.dumpChecksum, Write: write,
		Idle: strings.HasSuffix(policy, "lru"), Frequency: strings.HasSuffix(policy, "lfu")}
}

// saveNow writes a file in this turn.
func (e *Engine) saveNow() error {
	dump, w, err := e.beginDump()
	if err == nil {
		w.Keyspace(e.ks)
		if err = w.Finish(); err == nil {
			err = dump.Commit()
		} else {
			dump.Abort()
		}
	}
	if err != nil {
		e.logLine(aof.Warning, "Saving "+e.config.dumpName+" failed: "+err.Error())
		return err
	}
	e.saver.last, e.saver.failed, e.stats.dirty = e.now/1000, false, 0
	e.logLine(aof.Notice, "DB saved on disk")
	return nil
}

// Save is SAVE.
func (e *Engine) Save() error {
	switch {
	case e.opts.Dumps == nil:
		return errNoDumps
	case e.saver.child != nil:
		return errSaving
	}
	e.saver.saves++
	if e.saveNow() != nil {
		return errSavedNot // that is all that Redis says
	}
	return nil
}

// BGSave is BGSAVE.
func (e *Engine) BGSave(schedule bool) (status string, err error) {
	s := &e.saver
	switch {
	case e.opts.Dumps == nil:
		return "", errNoDumps
	case s.child != nil:
		return "", errSaving
	case e.inExec, e.rewriting() && schedule:
		s.scheduled = true
		return "Background saving scheduled", nil
	case e.rewriting():
		return "", resp.Error("ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.")
	}
	if !e.startSave() {
		return "", errSavedNot
	}
	return "Background saving started", nil
}

func (e *Engine) rewriting() bool { return e.logging() && e.log.Rewriting() }

// startSave cuts the snapshot.
func (e *Engine) startSave() bool {
	s := &e.saver
	s.saves++
	s.tried = e.now / 1000
	dump, w, err := e.beginDump()
	if err != nil {
		s.failed = true
		e.logLine(aof.Warning, "Can't save in background: "+err.Error())
		return false
	}
	s.scheduled = false
	s.child = &child{started: e.now, dirty: e.stats.dirty, dump: dump, w: w}
	s.child.snap = e.ks.Cut(w, func() int64 { return 0 }) // the file has what is past its time, too
	e.logLine(aof.Notice, "Background saving started")
	return true
}

// saveTick is serverCron's part: a slice of the BGSAVE under way, or the beginning of one that is due.
func (e *Engine) saveTick() {
	if e.saver.child != nil {
		e.stepSave()
		return
	}
	s := &e.saver
	now := e.now / 1000
	if e.opts.Dumps == nil || e.noCron || e.rewriting() || s.failed && now-s.tried <= saveRetry {
		return
	}
	due := s.scheduled
	for _, p := range e.config.save {
		if !due && e.stats.dirty >= p.changes && now-s.last > p.seconds {
			due = true
			e.logLine(aof.Notice, strconv.FormatInt(p.changes, 10)+" changes in "+strconv.FormatInt(p.seconds, 10)+" seconds. Saving...")
		}
	}
	if due {
		e.startSave()
	}
}

// urgent tells that a BGSAVE would use another tick right away.
func (s *saver) urgent() bool { return s.child != nil && s.child.snap != nil && !s.child.full() }

// saving tells that a BGSAVE runs.
func (s *saver) saving() bool { return s.child != nil && s.child.sink == nil }

func (e *Engine) stepSave() {
	c := e.saver.child
	if c.snap == nil || c.full() {
		return
	}
	end := monotonic() + saveSlice
	more := func() bool { return c.w.Err() == nil && !c.full() && monotonic() < end }
	done := c.w.Drain(more)
	if done && !c.whole {
		c.whole = c.snap.Step(more)
		done = c.whole && c.w.Drain(more)
	}
	err := c.w.Err()
	if done && err == nil {
		if c.sink == nil {
			e.saver.kept = c.snap.Copied() + c.w.Kept()
		}
		c.snap = nil
		err = c.w.Finish()
	}
	if err != nil {
		c.dump.Abort()
		e.saveEnded(c, err)
		return
	}
	if done { // what takes long is for the control plane
		e.saver.jobs.Add(1)
		e.opts.Go(func() {
			defer e.saver.jobs.Done()
			err := c.dump.Commit()
			e.post(func() { e.saveEnded(c, err) })
		})
	}
}

// saveEnded takes the end of a BGSAVE, unless it was killed meanwhile.
func (e *Engine) saveEnded(c *child, err error) {
	s := &e.saver
	if s.child != c {
		return
	}
	e.endChild()
	if c.sink != nil {
		c.ended(err)
		return
	}
	if s.failed = err != nil; s.failed {
		e.logLine(aof.Warning, "Background saving error: "+err.Error())
		return
	}
	e.stats.dirty -= c.dirty
	s.last = e.now / 1000
	e.logLine(aof.Notice, "Background saving terminated with success")
}

func (e *Engine) endChild() {
	s := &e.saver
	if s.child.snap != nil {
		s.child.snap.Cancel()
	}
	if s.saving() {
		s.took = (e.now - s.child.started) / 1000
	}
	s.child = nil
}

// killSave gives up the BGSAVE or export under way, if there is one. That is no failure.
func (e *Engine) killSave() {
	if c := e.saver.child; c != nil {
		c.dump.Abort()
		e.endChild()
		if c.sink != nil {
			c.ended(ErrExportStopped)
			return
		}
		e.logLine(aof.Warning, "Background saving was given up")
	}
}

// flushedAll is FLUSHALL's part: a BGSAVE would bring back what is gone.
func (e *Engine) flushedAll(removed int) {
	if e.saver.saving() {
		e.killSave()
	}
	if len(e.config.save) > 0 && e.saveNow() == nil {
		e.stats.dirty -= int64(removed) // which the command will count
	}
}

// lastSave saves at the end, as the save points or SHUTDOWN ask.
func (e *Engine) lastSave(save, nosave bool) error {
	e.killSave()
	if !save && (nosave || len(e.config.save) == 0) {
		return nil
	}
	if e.opts.Dumps == nil {
		return errNoDumps
	}
	e.logLine(aof.Notice, "Saving the final RDB snapshot before exiting.")
	return e.saveNow()
}

// saveRefuses tells that stop-writes-on-bgsave-error forbids writing.
func (e *Engine) saveRefuses() bool {
	return e.saver.failed && e.config.stopWrites && len(e.config.save) > 0
}

// Room tells the log whether a snapshot may be cut. With urgent what stands in the way gives way, and comes again later.
func (h host) Room(urgent bool) bool {
	s := &h.e.saver
	if c := s.child; urgent && c != nil && c.snap != nil {
		h.e.killSave()
		s.scheduled = c.sink == nil
	}
	return s.child == nil || urgent
}

// LastSave is when a file was last saved, or else the store was opened, in Unix seconds.
func (e *Engine) LastSave() int64 { return e.saver.last }

func (e *Engine) infoSave(w *infoWriter) {
	s := &e.saver
	w.int("rdb_changes_since_last_save", e.stats.dirty)
	w.flag("rdb_bgsave_in_progress", s.saving())
	w.int("rdb_last_save_time", s.last)
	w.status("rdb_last_bgsave_status", !s.failed)
	w.int("rdb_last_bgsave_time_sec", s.took)
	current := int64(-1)
	if s.saving() {
		current = (e.now - s.child.started) / 1000
	}
	w.int("rdb_current_bgsave_time_sec", current)
	w.int("rdb_saves", s.saves)
	w.int("rdb_last_cow_size", s.kept)
	w.int("rdb_last_load_keys_expired", s.dropped)
	w.int("rdb_last_load_keys_loaded", s.loaded)
}
