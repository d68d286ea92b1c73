package aof

import (
	"context"
	"errors"

	"tabdis/core/storage"
)

// recover begins a fresh base when none is under way: the way out of broken and enabling. Not before it is known what an earlier process left.
func (l *Log) recover() {
	if !l.lost() && l.rw == nil && l.loaded && l.host.Now() >= l.retryAt && !l.futile() {
		if l.state == enabling {
			l.begin(first)
		} else {
			l.begin(fresh)
		}
	}
}

// writeUnderRecovery writes the buffer behind the cut of the fresh base. Before the cut, or with none on its way, it is dropped:
// memory has its effects, and so will the snapshot.
func (l *Log) writeUnderRecovery() {
	if l.buf.len() == 0 {
		return
	}
	if l.rw == nil || l.rw.phase < writing {
		l.buf.reset()
		return
	}
	l.write()
}

// abandon gives the rewrite up. The chain that was in force stays in force.
func (l *Log) abandon(err error) {
	rw := l.rw
	if rw == nil {
		return
	}
	l.rw = nil
	if rw.snap != nil {
		rw.snap.Cancel()
	}
	switch {
	case rw.base == nil: // prepared() takes care of what its job makes
	case rw.tried:
		l.doomed = append(l.doomed, rw.base)
	default:
		l.remove(rw.base)
	}
	if rw.incr != nil && rw.phase == prepared {
		if rw.kind == regular {
			l.spares, l.named = append([]*logFile{rw.incr}, l.spares...), true
		} else {
			l.remove(rw.incr)
		}
	}
	if err != nil {
		l.retryAt = l.host.Now() + retryEvery
		l.rewriteFailed(l.failedFor(rw, err))
		if rw.kind == fresh && errors.Is(err, storage.ErrQuota) { // whatever began the error state, now it is the room that keeps it
			l.blame(err)
			l.noRoom(err)
		}
		if rw.base != nil && errors.Is(err, storage.ErrQuota) {
			l.trouble.reached = max(rw.base.size, 1)
		}
	}
}

// rewriteFailed counts; after three failures in a row the wait doubles, from a minute to an hour.
func (l *Log) rewriteFailed(why string) {
	if l.worthTelling(why) {
		l.host.Log(Warning, "Background AOF rewrite failed: "+why)
	}
	l.lastOK, l.scheduled = false, false
	l.failures++
	if l.failures >= 3 {
		minutes := int64(60)
		if n := l.failures - 3; n < 6 {
			minutes = 1 << n
		}
		l.notBefore = l.host.Now() + minutes*60000
	}
}

// removeDoomed removes what no manifest names any more. Only after a Replace has succeeded.
func (l *Log) removeDoomed() {
	l.keepRemembered()
	files := l.doomed
	l.doomed = nil
	l.remove(files...)
}

// remove closes and removes files.
func (l *Log) remove(files ...*logFile) {
	if len(files) == 0 {
		return
	}
	l.job(func(ctx context.Context) func() {
		var failed error
		for _, f := range files {
			var err error
			if f.File != nil {
				err = f.Close()
			}
			if gone := l.fs.Remove(ctx, f.name); !errors.Is(gone, storage.ErrNotExist) {
				err = errors.Join(err, gone)
			}
			failed = errors.Join(failed, err)
		}
		if failed == nil {
			return nil
		}
		return func() { l.host.Log(Warning, "Removing files of the log: "+failed.Error()) }
	})
}

// Enable is CONFIG SET appendonly yes. It begins with a rewrite; until its base is in force the log promises nothing.
func (l *Log) Enable() error {
	if l.on {
		return nil
	}
	l.on, l.state, l.why, l.retryAt, l.postponed = true, enabling, nil, 0, 0
	l.buf.db = -1
	l.buf.reset()
	l.doomManifest(&l.man)
	if l.loaded {
		l.begin(first)
	} else {
		l.readOld()
	}
	return nil
}

// readOld finds out what an earlier process left, so that no name is used twice and the old files go when the new ones are in force.
func (l *Log) readOld() {
	file, keep := l.cfg.Filename, l.cfg.HistoryKeep
	l.job(func(ctx context.Context) func() {
		old, err := l.readOldLog(ctx, file, keep)
		return func() {
			if l.loaded { // by one that was called before, and the log has gone on since
				return
			}
			if err != nil {
				l.host.Log(Warning, "The append only file cannot be turned on: "+err.Error())
				l.Disable()
				return
			}
			l.takeOld(old)
		}
	})
}

// oldLog is what an earlier process left.
type oldLog struct {
	m       *manifest // nil: there was none
	lsn     uint64    // of its last block, if generations are kept
	stamped int64     // the time of that
}

func (l *Log) readOldLog(ctx context.Context, file string, keep int) (old oldLog, err error) {
	old.m, err = readManifest(ctx, l.fs, file)
	if err == nil && old.m != nil && keep > 0 {
		old.lsn, old.stamped = l.lastBlock(ctx, old.m)
	}
	return old, err
}

func (l *Log) takeOld(old oldLog) {
	l.loaded = true
	if m := old.m; m != nil {
		l.man, l.epoch = *m, max(l.epoch, m.epoch)
		l.lsn, l.stamped = max(l.lsn, m.sealed, old.lsn), max(l.stamped, old.stamped)
		if m.base != nil {
			l.lsn = max(l.lsn, m.base.cutLSN)
		}
		l.doomManifest(m)
	}
	l.epoch = l.nextEpoch(l.epoch)
}

// doomManifest dooms the files of a manifest that are not open.
//
//go:noinline
func (l *Log) doomManifest(m *manifest) {
	if m.base != nil {
		l.doomed = append(l.doomed, &logFile{entry: *m.base})
	}
	for _, e := range m.incrs {
		l.doomed = append(l.doomed, &logFile{entry: e})
	}
	for _, name := range m.old {
		l.doomed = append(l.doomed, &logFile{entry: entry{name: name}})
	}
}

// Disable is CONFIG SET appendonly no: what was fed is written and synced, then the files are closed. They stay. Replies that
// wait go on waiting for that last sync, and with them those of the turn under way.
func (l *Log) Disable() {
	if !l.on {
		return
	}
	if (l.state == healthy || l.state == unwritten) && l.buf.len() > 0 {
		l.write()
	}
	tried := l.rw != nil && l.rw.tried
	l.abandon(nil)
	failed := l.why
	if l.state == healthy {
		failed = nil
	}
	inForce := l.state != enabling
	switch {
	case !inForce: // nothing was promised; what waits does so for an earlier Disable
	case failed == nil:
		l.ticket()
	default:
		l.await(l.lsn + 1)
	}
	l.accountAll()
	files := append([]*logFile(nil), l.chain...)
	shut := append([]*logFile(nil), l.spares...)
	if l.base != nil {
		shut = append(shut, l.base)
	}
	if !inForce {
		if tried { // a manifest may name it, with the base
			l.doomed = append(l.doomed, files...)
		} else {
			l.remove(files...)
		}
		files = nil
	}
	l.on, l.state, l.why, l.wroteLastOK = false, healthy, nil, true
	l.chain, l.spares, l.base, l.named = nil, nil, nil, false
	l.buf.db = -1
	l.buf.reset()
	ticket := l.outstanding
	left := &leaving{files: files}
	l.leaving = append(l.leaving, left)
	l.job(func(ctx context.Context) func() {
		err := failed
		for _, f := range files {
			if err == nil {
				err = syncFile(ctx, f.File)
			}
		}
		for _, f := range append(files, shut...) {
			f.Close() // synced, or given up
		}
		return func() {
			if err = l.left(left, err); err != nil {
				l.host.Log(Warning, "The append only file that was turned off may lack what was written last: "+cause(err))
			}
			if inForce && ticket > l.settled {
				l.settled = ticket
				l.host.Settled(ticket, err)
			}
		}
	})
}

// leaving are the files of a log that was turned off, until they are synced and closed.
type leaving struct {
	files []*logFile
	err   error // of a sync that was under way
}

// leftBroken: a sync that had been called before the log was turned off failed. What it covered is not durable, though the last sync
// behind it may succeed.
func (l *Log) leftBroken(f *logFile, err error) {
	if errors.Is(err, storage.ErrClosed) { // it was overtaken by the last sync
		return
	}
	for _, gone := range l.leaving {
		for _, c := range gone.files {
			if c == f {
				gone.err = err
			}
		}
	}
}

// left forgets them, and gives the error that counts.
func (l *Log) left(gone *leaving, err error) error {
	for i := range l.leaving {
		if l.leaving[i] == gone {
			l.leaving = append(l.leaving[:i], l.leaving[i+1:]...)
			break
		}
	}
	if err == nil {
		err = gone.err
	}
	return err
}
