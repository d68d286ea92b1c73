package aof

import (
	"errors"

	"tabdis/core/storage"
)

var errSilent = errors.New("no answer from the disk")

// patience is how long an answer may take, in ms. A base may be large: a disk is slow that takes less than 1 MiB a second.
func (o *op) patience() int64 {
	if o.kind == opBase {
		return silent + o.f.size>>10
	}
	return silent
}

// awaited tells whether anything depends on the answer.
func (l *Log) awaited(o *op) bool {
	if o.kind == opBase {
		return l.rw != nil && l.rw.base == o.f
	}
	return l.inChain(o.f)
}

// checkSilence: when a syncer, or a late writer, gives no answer the log's own turn makes a sync, which tells of all that was
// asked before. Only if that fails, or is not answered either, the file is given up.
func (l *Log) checkSilence() {
	now := l.host.Now()
	for _, o := range l.ops {
		if !o.doubted && now-o.started >= o.patience() && l.awaited(o) {
			l.doubt(o.f, o.kind)
			return // l.ops is another one now
		}
	}
}

func (l *Log) doubt(f *logFile, kind opKind) {
	for _, o := range l.ops {
		if o.f == f && o.kind == kind && !o.doubted {
			o.doubted = true
			if kind != opWritten {
				f.syncing-- // nobody waits for it any more
			}
		}
	}
	if f.doubts++; f.doubts > 1 {
		err := storage.Wrap("sync", f.name, -1, errSilent)
		if kind == opBase {
			l.abandon(err)
		} else {
			l.distrust(f, err)
		}
		return
	}
	if kind == opWritten {
		kind = opSync
	}
	l.host.Log(Warning, "A sync of "+f.name+" gives no answer; syncing it in the turn")
	l.start(kind, f, true)
}
