package aof

// Tick is the log's part of serverCron: everysec, seals, retries, a slice of the rewrite, automatic rewrite.
func (l *Log) Tick() {
	if !l.on {
		return
	}
	l.checkSilence()
	l.lost()
	switch l.state {
	case healthy:
		l.seal()
		if l.buf.len() > 0 && !l.postpone() {
			l.write()
		}
		if l.state == healthy {
			l.syncTick()
		}
	case unwritten:
		if l.retry(); l.state == unwritten {
			l.syncTick() // what was written before was acknowledged
		}
	case broken, enabling:
		l.recover()
	}
	l.stepRewrite()
	l.autoRewrite()
	l.fillBallast()
	l.watchRoom()
	l.condition()
	l.settle()
}

// syncTick syncs what no flush synced, with an empty buffer too: an idle tail must not stay unsynced.
func (l *Log) syncTick() {
	switch policy := l.policy(); {
	case policy == Everysec && l.durable >= l.strict:
		l.syncDue()
	case policy == Always, l.durable < l.strict:
		for _, f := range l.chain {
			if (l.state == healthy || l.state == unwritten) && l.durable < l.lastData && f.synced < f.last && f.syncing == 0 && !f.held {
				l.start(opSync, f, true)
			}
		}
	}
}

// Urgent tells that a rewrite or a retry would use another Tick right away.
func (l *Log) Urgent() bool {
	if !l.on {
		return false
	}
	if l.rw != nil && !l.rw.busy {
		switch l.rw.phase {
		case prepared, writing:
			return true
		}
	}
	return false
}
