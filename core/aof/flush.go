package aof

import "math"

const (
	everysec    = 1000 // ms between the syncs of everysec
	maxPostpone = 2000 // ms that a flush waits for a sync under way
	silent      = 5000 // ms after which a syncer is given up
)

// Flush is beforeSleep: the buffer becomes a block, is written, and synced as the policy asks. ticket 0: replies may leave
// now (err nil) or the commands of this turn that changed something get NOTDURABLE (err). Otherwise all replies of this turn
// wait until Settled names this ticket or a higher one.
func (l *Log) Flush() (ticket uint64, err error) {
	if !l.on {
		return l.lastSyncOfDisable(), nil
	}
	switch l.state {
	case enabling:
		// The promise begins when the first base is in force. What was fed before the cut is in its snapshot.
		l.writeUnderRecovery()
		return l.lastSyncOfDisable(), nil
	case broken:
		l.writeUnderRecovery()
		return 0, l.why
	case truncating, unwritten:
		return 0, l.why
	}
	if l.buf.len() > 0 && !l.postpone() {
		l.write()
		l.syncWritten()
		if l.state != healthy {
			return 0, l.why
		}
	}
	return l.ticket(), nil
}

// ticket is what the replies of this turn wait for, reads too: they may have seen what an earlier turn wrote.
func (l *Log) ticket() uint64 {
	l.settle()
	want := l.lastData
	if l.buf.len() > 0 {
		want = l.lsn + 1 // postponed: the block to come
	}
	if l.safe() >= want {
		return 0
	}
	l.await(want)
	if l.policy() == Always {
		l.strict = want
	}
	return want
}

// await makes replies wait for lsn. It may have been settled before: as failed, when a postponed block is written at the second
// try under the number it was promised, or as written, before the policy became always. Those who come now wait for it again.
func (l *Log) await(lsn uint64) {
	l.outstanding, l.settled = max(l.outstanding, lsn), min(l.settled, lsn-1)
}

// lastSyncOfDisable is the ticket for what was logged before the log was turned off, while its sync is on its way.
func (l *Log) lastSyncOfDisable() uint64 {
	if l.outstanding > l.settled {
		return l.outstanding
	}
	return 0
}

// policy is the one in effect.
func (l *Log) policy() Policy {
	if l.cfg.NoSyncOnRewrite && l.rw != nil {
		return No
	}
	return l.cfg.Policy
}

// safe is the lsn up to which replies may leave.
func (l *Log) safe() uint64 {
	if l.state == enabling {
		return math.MaxUint64
	}
	if l.policy() == Always {
		return l.durable
	}
	if l.durable < l.strict { // who was promised more goes first
		return l.durable
	}
	// What is durable is with the platform, whatever else was or was not heard.
	return max(l.durable, l.reached(func(f *logFile) uint64 { return f.written }))
}

// reached is the lsn up to which all blocks, in the order of the files, satisfy what upTo tells of each file.
func (l *Log) reached(upTo func(*logFile) uint64) (lsn uint64) {
	for _, f := range l.chain {
		if f.last == 0 {
			continue
		}
		if n := upTo(f); n < f.last {
			return max(lsn, n)
		}
		lsn = f.last
	}
	return lsn
}

// settle tells the host what became safe.
func (l *Log) settle() {
	if l.outstanding <= l.settled || !l.on || l.state == enabling { // Disable settles what was before it
		return
	}
	if safe := min(l.safe(), l.outstanding); safe > l.settled {
		l.settled = safe
		l.host.Settled(safe, nil)
	}
}

// failOutstanding tells the host that what waits will not be said to be durable.
func (l *Log) failOutstanding(err error) {
	l.settle()
	if l.outstanding > l.settled {
		l.settled = l.outstanding
		l.host.Settled(l.outstanding, err)
	}
}

// postpone tells whether the write should wait for a background sync: a write to a file that is being synced may block for
// as long as the disk is busy. After two seconds it is made all the same.
func (l *Log) postpone() bool {
	if l.policy() != Everysec || l.current().syncing == 0 {
		l.postponed = 0
		return false
	}
	now := l.host.Now()
	switch {
	case l.postponed == 0:
		l.postponed = max(now, 1)
		return true
	case now-l.postponed < maxPostpone:
		return true
	}
	l.postponed = 0
	l.delayed++
	l.host.Log(Notice, "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to complete, this may slow down tabdis.")
	return false
}

// write appends the buffer as one block to the current file. On failure the state tells, and the buffer stays.
func (l *Log) write() {
	f := l.current()
	l.buf.nameRequests()
	if !l.append(f, l.buf.b) {
		l.buf.unnameRequests()
		return
	}
	l.lastData = l.lsn
	l.buf.reset()
}

// append appends the block with the body b[front:] to f.
func (l *Log) append(f *logFile, b []byte) bool {
	h := header{file: f.id, at: f.size, lsn: l.lsn + 1, epoch: l.epoch, sync: l.durable, prev: l.sum}
	body, second := l.stamp(f, b)
	block := h.seal(body)
	err := f.Append(block)
	if want := f.size + int64(len(block)); err == nil && f.Size() != want {
		err = errSize
	}
	if err != nil {
		l.writeFailed(f, len(block), err)
		return false
	}
	f.size += int64(len(block))
	l.lsn, l.sum, l.recorded = h.lsn, h.sum, h.sync
	if second > 0 {
		l.stamped, f.stamped = second, true
	}
	f.last = h.lsn
	if f.first == 0 {
		f.first = h.lsn
	}
	if l.tap != nil {
		l.tapped(f, &h, body[room:])
	}
	if f.late == nil {
		f.written = h.lsn
	} else {
		l.start(opWritten, f, false)
	}
	return true
}

// syncWritten syncs what was just written, if the policy asks for it now.
func (l *Log) syncWritten() {
	if l.state != healthy {
		return
	}
	switch l.policy() {
	case Always:
		for _, f := range l.chain {
			if f.synced < f.last && (f == l.current() || f.syncing == 0) {
				l.start(opSync, f, true)
			}
		}
	case Everysec:
		l.syncDue()
	}
}

// syncDue syncs off the turn whatever is written and not durable, at most once a second.
func (l *Log) syncDue() {
	now := l.host.Now()
	if l.durable >= l.lastData || now-l.syncCalled < everysec {
		return
	}
	for _, f := range l.chain {
		if f.synced < f.last && f.syncing == 0 && !f.held { // what is held is sent again first (resend)
			l.start(opSync, f, false)
		}
	}
}

// seal records the last sync in an empty block when no other block has: from then on damage to what was synced is told
// from a torn tail. The seal itself is not synced.
func (l *Log) seal() {
	if l.state != healthy || l.buf.len() > 0 || l.lastData <= l.recorded || l.durable < l.lastData {
		return
	}
	before := l.current().size
	var b [front]byte
	if l.append(l.current(), b[:]) {
		l.sealBytes += l.current().size - before
	}
}
