package aof

import "tabdis/core/storage"

// heldBack: a late writer had no room for what was appended, but still has it, so the file need not be given up as after other late
// errors. Those who wait are told NOTDURABLE, writes are refused, and the ballast goes; then the file sends the same blocks again, to
// the same places.
//
// A crash at any moment leaves a prefix of the blocks, since nothing goes out behind what is held: no append is made before a sync has
// said that all of it is durable. What had been acknowledged is in that prefix: it was heard to be written, or synced, before. And that
// later sync does not lie as one behind a failed fsync may, for it writes again whatever is not known to be durable (storage.Holder).
func (l *Log) heldBack(f *logFile, err error) bool {
	h, ok := f.File.(storage.Holder)
	if !ok || h.Held() == 0 || l.state != healthy && l.state != unwritten {
		return false
	}
	l.logWriteError(f, 0, err)
	f.held, l.state = true, unwritten
	l.wroteLastOK, l.postponed = false, 0
	l.retryAt = l.host.Now() + retryEvery
	l.blame(err)
	l.noRoom(err)
	l.failOutstanding(l.why)
	return true
}

// resend makes the files send what they hold, strictly; it tells whether any still waits for the answer.
func (l *Log) resend() (waiting bool) {
	for _, f := range l.chain {
		if f.held && f.syncing == 0 {
			f.File.(storage.Holder).Resend()
			l.start(opSync, f, true)
		}
		waiting = waiting || f.held
	}
	return waiting
}

// release is resend for a last time, at Close, which syncs all files itself.
func (l *Log) release() {
	for _, f := range l.chain {
		if f.held {
			f.held = false
			f.File.(storage.Holder).Resend()
		}
	}
}

// arrived: a sync has succeeded. If the file held something back, it does not any more.
func (l *Log) arrived(f *logFile) {
	if f.held {
		f.held = false
		l.retryAt = l.host.Now()
	}
}

// lost ends all tries to write when the storage tells that the store is lost for good, to another leader or to whoever deleted it. A fresh
// base would be refused each second, for ever. What is in memory can be read on.
func (l *Log) lost() bool {
	s, ok := l.fs.(storage.Losable)
	if !ok {
		return false
	}
	err := s.Lost()
	if err == nil {
		return false
	}
	if !l.gone {
		l.gone = true
		l.host.Log(Warning, "The store is lost: "+innermost(err)+". Nothing is written any more, and writes are refused.")
		l.distrust(l.current(), err)
	}
	return true
}
