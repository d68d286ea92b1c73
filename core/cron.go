package core

import "tabdis/core/command"

// How the cron paces itself, in ms.
const (
	tickUrgent = 1    // a rewrite, a retry or an expiry has more to do
	tickActive = 100  // Redis's hz 10
	tickIdle   = 1000 // nothing is due: everysec's second is the only thing that may come up
)

// expireSlice is how long one tick may spend on keys that are past their time, in µs.
const expireSlice = 2000

type expiredKey struct {
	db  int
	key []byte
}

// Tick is serverCron, a turn of its own. It returns after how many ms the host should call it again at the latest.
func (e *Engine) Tick(now int64) (next int) {
	e.Turn(now)
	if e.stalled {
		e.EndTurn()
		return tickActive
	}
	more := false
	if e.dead == "" && !e.noCron {
		e.stats.rates.measure(e.now, &e.stats)
		if !e.noExpire && !e.config.noActiveExpire && e.pause.until == 0 {
			more = e.expireDue()
		}
		more = e.ks.Maintain(maintainSlice) || more
		more = e.evictMore() || more
		e.stats.peak = max(e.stats.peak, e.ks.Memory())
		if e.now-e.peaks.at >= peakPause {
			e.peaks.measure(e)
		}
	}
	e.EndTurn()
	if e.dead != "" { // a rewrite, or a fresh base, would take what is in memory for the data
		return tickIdle
	}
	if e.logging() {
		e.log.Tick()
	} else {
		e.config.appendonly = false // the log found that it cannot be turned on
	}
	e.saveTick()
	e.afterTick()
	e.stats.peak = max(e.stats.peak, e.ks.Memory())
	next = tickIdle
	switch {
	case more || (e.logging() && e.log.Urgent()) || e.saver.urgent():
		return tickUrgent
	case e.busy(), e.trackingOver():
		next = tickActive
	}
	return int(max(tickUrgent, min(int64(next), e.waiting.next-e.now)))
}

const maintainSlice = 16 // segments

// afterTick takes what the log's tick left: keys that its snapshot found past their time, and what became durable.
func (e *Engine) afterTick() {
	if e.ask() || len(e.expired) > 0 {
		e.EndTurn()
	}
}

// busy tells whether something may come due within a second.
func (e *Engine) busy() bool {
	for i := range e.ks.Databases() {
		if e.ks.DB(i).Volatile() > 0 {
			return true
		}
	}
	return len(e.sessions) > 0 && e.log != nil && e.log.Enabled() && e.log.Stats().DurableLSN < e.log.Stats().LSN
}

// expireDue removes keys that are past their time, for as long as a slice allows; it tells whether there are more.
func (e *Engine) expireDue() (more bool) {
	end := monotonic() + expireSlice
	for i := range e.ks.Databases() {
		db := e.ks.DB(i)
		for db.Volatile() > 0 {
			left := db.Due(e.now, 64, func(key []byte) bool {
				e.Expire(db, key, false)
				e.endUnit()
				return true
			})
			if !left {
				break
			}
			if monotonic() >= end {
				return true
			}
		}
	}
	return false
}

// removeExpired removes what the snapshot met past its time, unless it is another key by now; it tells whether there was any.
func (e *Engine) removeExpired() (any bool) {
	for _, x := range e.expired {
		if db := e.ks.DB(x.db); e.isExpired(db, x.key) {
			e.Expire(db, x.key, false)
			e.endUnit()
		}
	}
	any = len(e.expired) > 0
	e.expired = e.expired[:0]
	return any
}

// stats are the counters of INFO.
type stats struct {
	connections, commands, errors int64
	netInput, netOutput           int64
	expired, evicted, dirty       int64
	peak                          int64 // of the keyspace's memory, as ticks and INFO saw it
	lookups                       command.Lookups
	rates                         rates
}

func (e *Engine) resetStats() {
	e.stats = stats{dirty: e.stats.dirty, peak: e.stats.peak, rates: rates{at: e.now}}
	clear(e.meter.stats)
	e.meter.errors = nil
}
