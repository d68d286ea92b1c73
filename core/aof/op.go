package aof

import (
	"errors"
	"sync/atomic"
)

var errSize = errors.New("the file has not the size it should have")

// op is one call of Sync or Written on its way. They are reused: a flush allocates nothing.
type op struct {
	l       *Log
	f       *logFile
	kind    opKind
	lsn     uint64 // covered
	cuts    int    // of f, too
	started int64
	doubted bool // silent for too long; another sync was called

	state  atomic.Int32
	err    error
	done   func(error)
	finish func()
}

type opKind uint8

const (
	opSync opKind = iota
	opWritten
	opBase // a sync of the base being written
)

// Whether done or the return of the call came first.
const (
	opCalled   = iota
	opDone     // done ran; while the call was under way: the caller finishes
	opReturned // the call is back: done posts
)

func (l *Log) start(kind opKind, f *logFile, now bool) {
	var o *op
	if n := len(l.free); n > 0 {
		o, l.free = l.free[n-1], l.free[:n-1]
	} else {
		o = &op{l: l}
		o.done = func(err error) {
			o.err = err
			if !o.state.CompareAndSwap(opCalled, opDone) {
				o.state.Store(opDone) // for Close, behind which no turn takes what is posted
				o.l.host.Post(o.finish)
			}
		}
		o.finish = func() { o.l.finish(o) }
	}
	o.f, o.kind, o.lsn, o.cuts, o.started, o.doubted, o.err = f, kind, f.last, f.cuts, l.host.Now(), false, nil
	o.state.Store(opCalled)
	l.ops = append(l.ops, o)
	if kind == opWritten {
		f.late.Written(o.done)
	} else {
		f.syncing++
		if kind == opSync {
			l.syncCalled = o.started
		}
		f.Sync(now, o.done)
	}
	if !o.state.CompareAndSwap(opCalled, opReturned) {
		l.finish(o)
	}
}

// finish takes the result in the owner's turn. A sync covers what had been written when it was called.
func (l *Log) finish(o *op) {
	for i := range l.ops {
		if l.ops[i] == o {
			l.ops = append(l.ops[:i], l.ops[i+1:]...)
			break
		}
	}
	f, kind, lsn, err := o.f, o.kind, o.lsn, o.err
	if o.cuts != f.cuts {
		lsn = min(lsn, max(f.last, 1)-1) // truncated tells why
	}
	counted := kind != opWritten && !o.doubted
	o.f = nil
	l.free = append(l.free, o)
	if counted {
		f.syncing--
	}
	if err == nil {
		f.doubts = 0
	}
	switch {
	case kind == opBase:
		l.baseSynced(f, lsn, err)
		return
	case err != nil:
		switch {
		case !l.inChain(f):
			l.leftBroken(f, err)
		case !l.heldBack(f, err):
			l.distrust(f, err)
		}
		return
	case kind == opWritten:
		f.written = max(f.written, lsn)
	default:
		f.synced = max(f.synced, lsn)
		l.arrived(f)
		l.lastSync = l.host.Now()
		if l.state != broken {
			f.written = max(f.written, lsn) // though Written may have failed before
			l.advance(0)
		}
	}
	l.settle()
}

//go:noinline
func (l *Log) inChain(f *logFile) bool {
	for _, c := range l.chain {
		if c == f {
			return true
		}
	}
	return false
}
