package aof

// Stats are the fields of INFO persistence and some more.
func (l *Log) Stats() Stats {
	s := Stats{
		Enabled: l.on, RewriteScheduled: l.scheduled, LastRewriteTime: l.lastTime, CurrentRewriteTime: -1,
		LastRewriteOK: l.lastOK, Rewrites: l.rewrites, ConsecutiveFailures: l.failures, LastWriteOK: l.wroteLastOK,
		LastCOWSize: l.lastCOW, CurrentSize: l.size(), BaseSize: l.growthBase, PendingRewrite: l.scheduled || l.state == enabling,
		BufferLength: l.buf.len(), DelayedSync: l.delayed, LSN: l.lastData, DurableLSN: min(l.durable, l.lastData),
		Epoch: l.epoch, LastSync: l.lastSync,
		Cause: l.trouble.cause, RoomUsed: l.trouble.room.used, RoomFree: l.trouble.room.free, RoomLimit: l.trouble.room.limit,
	}
	s.State, s.Since = l.condition()
	if l.ballast.there {
		s.Ballast = ballastSize
	}
	s.HistoryGenerations, s.HistoryBytes, s.OldestLSN = l.historyStats()
	for _, o := range l.ops {
		if o.kind == opSync {
			s.PendingSync++
		}
	}
	if l.rw != nil {
		s.RewriteInProgress = true
		s.CurrentRewriteTime = (l.host.Now() - l.rw.started) / 1000
		if l.rw.snap != nil {
			s.RewriteProgress, s.RewriteHeld = l.rw.snap.Progress(), l.rw.w.held()
			s.COWSize = l.rw.held()
			s.COWPeak = max(s.COWSize, l.rw.pace.peak)
		}
		if l.rw.base != nil {
			s.RewriteBytes = l.rw.base.size
		}
	}
	return s
}

// size is that of all files in force.
//
//go:noinline
func (l *Log) size() (n int64) {
	if l.base != nil {
		n = l.base.size
	}
	for _, f := range l.chain {
		n += f.size
	}
	return n
}
