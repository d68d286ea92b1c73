package aof

import (
	"context"
	"errors"

	"tabdis/core/storage"
)

const (
	retryEvery = 1000  // ms between the tries to write what could not be written
	logEvery   = 30000 // ms between two lines about the same trouble
	maxTries   = 10    // writes that fail, though there is room: then it may be the file, and another one is taken
)

// Refusing is nil while writes are accepted, else why not, as it stands in MISCONF.
func (l *Log) Refusing() error {
	if l.state == healthy || l.state == enabling {
		return nil
	}
	return l.why
}

func innermost(err error) string {
	var place *storage.Error
	for errors.As(err, &place) && place.Err != nil {
		err = place.Err
		place = nil
	}
	if partial, ok := err.(interface{ Reason() error }); ok { // without how much of it was written
		err = partial.Reason()
	}
	return err.Error()
}

// writeFailed: Append gave an error, so the file may hold any part of the block. It is cut back to the last whole block, in this
// turn if the platform can, before anything else may be appended. A late writer's error may be about earlier blocks, whose
// bytes are gone from memory: such a file is not trusted again.
func (l *Log) writeFailed(f *logFile, expected int, err error) {
	if l.heldBack(f, err) {
		return
	}
	l.logWriteError(f, expected, err)
	if f.late != nil || (l.state != healthy && l.state != unwritten) {
		l.distrust(f, err)
		return
	}
	l.wroteLastOK = false
	l.postponed = 0
	l.retryAt = l.host.Now() + retryEvery
	l.blame(err)
	if errors.Is(err, storage.ErrQuota) {
		l.noRoom(err)
	} else if l.tries++; l.tries > maxTries {
		l.distrust(f, err)
		return
	}
	if now, ok := f.File.(storage.Truncater); ok {
		l.truncated(f, now.TruncateNow(f.size))
	} else {
		l.state = truncating
		l.job(func(ctx context.Context) func() {
			err := f.Truncate(ctx, f.size)
			return func() { l.truncated(f, err) }
		})
	}
	l.failOutstanding(l.why)
}

// truncated: the file is sound again, or it cannot be told what it holds.
func (l *Log) truncated(f *logFile, err error) {
	if l.state == broken || !l.inChain(f) {
		return
	}
	if err == nil && f.Size() != f.size {
		err = errSize
	}
	if err != nil {
		l.host.Log(Warning, "Could not remove short write from the append-only file. tabdis may refuse to load the AOF the next time it starts: "+innermost(err))
		l.distrust(f, err)
		return
	}
	// What was cut off may be a whole block, and come back with a crash: the blocks of a file behind would not follow on that. So none
	// of them is durable before a sync of f that is called from now on.
	f.synced, f.cuts = min(f.synced, max(f.last, 1)-1), f.cuts+1
	l.state = unwritten
}

func (l *Log) logWriteError(f *logFile, expected int, err error) {
	now := l.host.Now()
	if l.logged != 0 && now-l.logged < logEvery {
		return
	}
	l.logged = max(now, 1)
	if n := f.Size() - f.size; n > 0 && n < int64(expected) {
		l.host.Log(Warning, "Short write while writing to the AOF file: (nwritten="+utoa(uint64(n))+", expected="+utoa(uint64(expected))+")")
		return
	}
	l.host.Log(Warning, "Error writing to the AOF file: "+cause(err))
}

// retry writes again what could not be written.
func (l *Log) retry() {
	if l.state != unwritten || l.host.Now() < l.retryAt {
		return
	}
	if l.rollOver() || l.startAfresh() {
		return
	}
	if l.resend() { // what was refused goes first
		return
	}
	if l.buf.len() > 0 {
		l.write()
		if l.state != unwritten || l.buf.len() > 0 {
			return
		}
	}
	l.recovered()
	l.syncWritten()
}

// recovered ends the error state.
func (l *Log) recovered() {
	l.state, l.why, l.wroteLastOK, l.logged, l.tries = healthy, nil, true, 0, 0
	l.clear()
	if l.Full() {
		l.host.Log(Warning, "What there was no room for is written, in the place of the ballast. What needs more memory is refused until there is more room.")
		return
	}
	l.host.Log(Warning, "AOF write error looks solved, tabdis can write again.")
}

// distrust: a sync of f failed, or what it holds cannot be told. The pages may be gone while the next sync succeeds, so nothing
// is appended to it any more, and nothing that was not durable before will be called durable because of it. A fresh base
// from memory takes its place (recover.go).
func (l *Log) distrust(f *logFile, err error) {
	if l.state == enabling && !l.lost() {
		l.abandon(err)
		return
	}
	if l.state != broken && !l.lost() {
		l.host.Log(Warning, "The append-only file "+f.name+" is not trusted any more ("+innermost(err)+"). A new one is written from memory.")
	}
	l.wroteLastOK, l.postponed = false, 0
	l.state = broken
	l.blame(err)
	l.retryAt = l.host.Now() + retryEvery
	l.failOutstanding(l.why)
	l.abandon(err)
	if errors.Is(err, storage.ErrQuota) {
		l.giveBallast()
	}
}

// job runs work that parks on the control plane; what it returns runs in the owner's turn.
func (l *Log) job(work func(ctx context.Context) func()) {
	l.jobs.Add(1)
	l.host.Go(func(ctx context.Context) {
		defer l.jobs.Done()
		if after := work(ctx); after != nil {
			l.host.Post(after)
		}
	})
}

// syncFile syncs f and parks until it is done. Control plane only.
func syncFile(ctx context.Context, f storage.File) error {
	done := make(chan error, 1)
	f.Sync(true, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
