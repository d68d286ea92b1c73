package aof

// How a rewrite shares the owner's time with commands, and bounds what it keeps in memory.
//
// Ticks write slices. While nobody sends anything one takes 1 ms. Between turns it takes a share of the time that went by since the one
// before, so that commands wait about as long as without a rewrite, and a rewrite ends however many there are: what it has to write is
// settled at the cut. A host whose ticks come late, since its turns follow each other, does not hold it up: the turns make slices then.
//
// Memory: a list's node is copied before it changes, and an RDB file has each value in one piece, so that all else that changes waits in
// memory while a large one is written. Neither is more than commands change, but that may come to as much as there is. So a turn pays for
// what it adds, by so many times as much of the base: of the base there is no more than that.
const (
	slice      = 1000   // µs that a tick may spend on a rewrite
	sliceLeast = 100    // µs
	sliceMost  = 5000   // µs, when turns take long themselves
	sliceSteps = 16     // asked without a clock
	share      = 5      // of the time between slices one takes this part
	overdue    = 10_000 // µs after which a turn makes the slice that no tick has made

	heldFree  = 1 << 20 // bytes that may be held for nothing, …
	freePart  = 32      // … or this part of the data
	heldPrice = 16      // bytes of the base for each further one
	payMost   = 2000    // µs that a turn pays at most; the rest is for the next one
)

// pace is what a rewrite keeps for that. Times are those of Config.Clock.
type pace struct {
	ended int64 // the last slice
	turns int   // since
	held  int64 // at the end of the last turn
	peak  int64 // of that
	debt  int64 // bytes of the base that turns owe
	free  int64 // bytes that may be held for nothing
}

// begin is for the moment of the cut.
func (p *pace) begin(l *Log) {
	if p.free = heldFree; l.ks != nil {
		p.free = max(heldFree, l.ks.Memory()/freePart)
	}
	l.sliceEnded(p)
}

// budget tells while a slice lasts.
func (l *Log) budget(p *pace) func() bool {
	if l.cfg.Clock == nil {
		n := 0
		return func() bool { n++; return n <= sliceSteps }
	}
	now, length := l.cfg.Clock(), int64(slice)
	if p.turns > 1 { // one belongs to the tick
		between := now - p.ended
		length = min(max(between/share, sliceLeast), max(slice, between/8), sliceMost)
	}
	return l.until(now + length)
}

func (l *Log) until(end int64) func() bool {
	return func() bool { return l.cfg.Clock() < end }
}

// sliceEnded begins to count what comes between.
func (l *Log) sliceEnded(p *pace) {
	if p.turns = 0; l.cfg.Clock != nil {
		p.ended = l.cfg.Clock()
	}
}

// EndOfTurn is for the owner to call between the commands of a turn and Flush. What it meets past its time is told to Host.Expire.
func (l *Log) EndOfTurn() {
	rw := l.rw
	if rw == nil || rw.phase != writing || l.cfg.Clock == nil {
		return
	}
	p := &rw.pace
	p.turns++
	held := rw.held()
	p.peak = max(p.peak, held)
	if held > p.free {
		p.debt += max(0, held-p.held) * heldPrice
	}
	now := l.cfg.Clock()
	switch {
	case p.debt > 0:
		from, more := rw.base.size, l.until(now+payMost)
		l.writeSlice(rw, func() bool { return rw.base.size-from < p.debt && more() })
		p.debt = max(0, p.debt-(rw.base.size-from))
	case now-p.ended >= overdue:
		l.writeSlice(rw, l.budget(p))
	}
	if l.rw == rw && rw.phase == writing {
		p.held = rw.held()
	}
}

// held is what is in memory because of the rewrite: what waits for its turn, and the nodes that were copied, as if none of them had been
// written yet.
func (rw *rewrite) held() int64 { return rw.w.held() + rw.snap.Copied() }
