package aof

import (
	"context"
	"errors"
)

// Close flushes, seals, syncs and closes the files; the manifest then says up to where all is durable. Control plane; no turn may
// run during or after it.
func (l *Log) Close(ctx context.Context) error {
	if !l.on {
		l.jobs.Wait()
		return nil
	}
	l.jobs.Wait()
	strays := l.abandonQuietly()
	sealed := l.state != enabling
	l.on = false
	err := l.finalBlocks(ctx)
	l.removeStrays(ctx, strays, err == nil && sealed)
	if l.outstanding > l.settled {
		l.settled = l.outstanding
		l.host.Settled(l.outstanding, err)
	}
	l.jobs.Wait()
	for _, list := range [][]*logFile{l.chain, l.spares, {l.base}} {
		for _, f := range list {
			if f != nil {
				err = errors.Join(err, f.Close())
			}
		}
	}
	return err
}

// stray is a file of a rewrite that was given up.
type stray struct {
	file   *logFile
	unsure bool // a manifest may name it, until another one is in force
}

// abandonQuietly ends a rewrite, and gives its files that are no part of the log. Its job has ended, and what it would have posted does
// not come any more.
func (l *Log) abandonQuietly() (strays []stray) {
	rw := l.rw
	if rw == nil {
		return nil
	}
	l.rw = nil
	if rw.snap != nil {
		rw.snap.Cancel()
	}
	switch {
	case rw.plan == nil:
		if rw.forgot {
			l.man.history = l.man.history[1:]
		}
	case rw.phase == preparing:
		strays = append(strays, stray{rw.plan.base, false}, stray{rw.plan.incr, rw.kind == regular})
	case rw.kind == regular && rw.phase == prepared:
		l.spares = append(l.spares, rw.incr)
		strays = append(strays, stray{rw.base, false})
	case rw.kind == regular:
		strays = append(strays, stray{rw.base, rw.tried})
	default:
		if rw.phase > prepared {
			l.chain = nil // of rw.incr alone
		}
		strays = append(strays, stray{rw.base, rw.tried}, stray{rw.incr, rw.tried})
	}
	return strays
}

// removeStrays removes what no manifest names: with sealed the one in force is known. What stays is found at the next opening.
func (l *Log) removeStrays(ctx context.Context, strays []stray, sealed bool) {
	for _, f := range strays {
		if f.file == nil {
			continue
		}
		err := f.file.Close()
		if !f.unsure || sealed {
			err = errors.Join(err, l.fs.Remove(ctx, f.file.name))
		}
		if err != nil {
			l.host.Log(Warning, "Removing "+f.file.name+": "+err.Error())
		}
	}
}

// finalBlocks writes what is left, syncs, seals, syncs, and puts the seal into the manifest.
func (l *Log) finalBlocks(ctx context.Context) error {
	switch l.state {
	case enabling:
		if err := l.firstAtLast(ctx); err != nil {
			return err
		}
	case broken:
		return l.why
	case truncating, unwritten:
		l.release()
		if err := l.current().Truncate(ctx, l.current().size); err != nil {
			return err
		}
		l.state = unwritten
	}
	if l.buf.len() > 0 {
		if l.write(); l.buf.len() > 0 {
			return l.why
		}
	}
	if l.durable < l.lsn {
		for _, f := range l.chain {
			if f.synced < f.last {
				if err := syncFile(ctx, f.File); err != nil {
					return err
				}
				f.synced = f.last
			}
		}
		if err := l.unheard(); err != nil {
			return err
		}
		l.durable = l.lsn
	}
	if l.recorded < l.lastData {
		if err := l.appendParked(l.current(), l.durable, nil); err != nil {
			return err
		}
		if err := syncFile(ctx, l.current().File); err != nil {
			return err
		}
	}
	return l.sealManifest(ctx)
}

// unheard is the error of a sync whose result no turn has taken. A later sync of the same file may have succeeded all the same: the
// kernel tells of a lost page once.
func (l *Log) unheard() error {
	for _, o := range l.ops {
		if o.kind != opBase && o.state.Load() == opDone && o.err != nil && l.inChain(o.f) {
			return o.err
		}
	}
	return nil
}

// firstAtLast finishes what CONFIG SET appendonly yes began: a base of what is in memory, which nothing changes any more. Without it
// the next start would find the log of before, or none.
func (l *Log) firstAtLast(ctx context.Context) error {
	if l.forsaken {
		l.host.Log(Warning, "The append only file was turned on, and its first base is not finished: what is on disk is from before.")
		return errNoBase
	}
	if !l.loaded {
		old, err := l.readOldLog(ctx, l.cfg.Filename, l.cfg.HistoryKeep)
		if err != nil {
			return err
		}
		l.takeOld(old)
	}
	l.host.Log(Notice, "Writing initial AOF before exiting.")
	l.buf.reset()
	if err := l.freshBase(ctx); err != nil {
		return err
	}
	l.durable, l.lastData, l.state = l.lsn, l.recorded, healthy
	l.removeDoomed()
	return nil
}

// Forsake tells that memory is not what it should be, after a fault or while it is read anew: no base is written of it.
func (l *Log) Forsake() { l.forsaken = true }

// sealManifest names what is in force, and no file that is empty: a Redis that is started on the directory appends to the last one.
func (l *Log) sealManifest(ctx context.Context) error {
	m := manifest{epoch: l.epoch, sealed: l.lsn, native: true, history: l.man.history}
	if l.base != nil {
		base := l.base.entry
		m.base = &base
	}
	for _, f := range l.chain {
		m.incrs = append(m.incrs, f.entry)
	}
	if err := l.fs.Replace(ctx, manifestName(l.cfg.Filename), m.encode()); err != nil {
		return err
	}
	for _, f := range l.spares {
		err := errors.Join(f.Close(), l.fs.Remove(ctx, f.name))
		if err != nil {
			l.host.Log(Warning, "Removing "+f.name+": "+err.Error())
		}
	}
	l.spares = nil
	return nil
}

// Reload flushes and reads the whole log again (DEBUG LOADAOF); the caller has emptied the databases. It parks; meanwhile the
// owner takes what is posted, and calls nothing else.
func (l *Log) Reload(ctx context.Context, to Replayer) error {
	type ready struct {
		r   *reader
		lsn uint64
		err error
	}
	turn := make(chan ready, 1)
	l.host.Post(func() {
		if err := l.Loadable(); err != nil {
			turn <- ready{err: err}
			return
		}
		l.abandon(nil)
		if l.buf.len() > 0 {
			l.write()
		}
		if l.state != healthy {
			turn <- ready{err: l.why}
			return
		}
		r := l.newReader(l.man.copy(), to)
		r.proven, r.incrs, r.base = 0, append([]*logFile(nil), l.chain...), l.base
		turn <- ready{r: r, lsn: l.lsn}
	})
	var got ready
	select {
	case got = <-turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	if got.err != nil {
		return got.err
	}
	if err := got.r.readAgain(); err != nil {
		return err
	}
	if f := got.r.incrs[got.r.end]; got.r.expect != got.lsn+1 {
		return got.r.damage(f, got.r.at, got.r.expect, "the log goes on to lsn "+utoa(got.lsn))
	}
	return nil
}

// readAgain reads files that are open and in use: their accounts are not touched.
func (r *reader) readAgain() error {
	for i, f := range r.incrs {
		r.incrs[i] = &logFile{File: f.File, entry: f.entry}
	}
	if r.base != nil {
		r.base = &logFile{File: r.base.File, entry: r.base.entry}
		if err := r.readBase(); err != nil {
			return err
		}
	}
	if err := r.readIncrs(); err != nil {
		return err
	}
	return r.judgeSkipped(false)
}
