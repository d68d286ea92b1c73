package aof

// With aof-timestamp-enabled the blocks tell their time, in Redis's annotation at the head of the body:
//
//	#TS:1700000000\r\n
//
// It is the Unix second in which the block was written, so that no effect in it is younger. It stands in the first block of each file that
// holds anything, and from then on where the second is another one than in the block before: blocks without it are of the time of the last one. It
// never goes back, whatever the clock does, over restarts too. A base tells the time of its cut. A seal holds nothing, and tells none.

const (
	stampMark = "#TS:"
	// front is what a buffer keeps free in front of the body: room for a header and the time.
	front = room + len("#TS:\r\n") + 20
)

func appendStamp(b []byte, second int64) []byte {
	return append(appendInt(append(b, stampMark...), uint64(second)), '\r', '\n')
}

// stamp puts the time in front of the body b[front:] if it is to be told. It gives the bytes that begin with the header's room, and the
// second that they tell; 0: none.
func (l *Log) stamp(f *logFile, b []byte) (block []byte, second int64) {
	if !l.cfg.Timestamps || len(b) == front {
		return b[front-room:], 0
	}
	now := l.second()
	if now == l.stamped && f.stamped {
		return b[front-room:], 0
	}
	var line [front - room]byte
	text := appendStamp(line[:0], now)
	at := front - len(text)
	copy(b[at:], text)
	return b[at-room:], now
}

// second is the time that a block written now tells.
func (l *Log) second() int64 { return max(l.host.Now()/1000, l.stamped) }

// stampBase puts the time of the cut at the head of a base of commands; RDB data have their ctime.
func (l *Log) stampBase(w *commandWriter) {
	if l.cfg.Timestamps {
		l.stamped = l.second()
		w.b = appendStamp(w.b, l.stamped)
	}
}

// stampOf is the second that the body of a block tells; 0: it tells none.
func stampOf(body []byte) int64 {
	if len(body) < len(stampMark) || string(body[:len(stampMark)]) != stampMark {
		return 0
	}
	p := fieldParser{b: body, i: len(stampMark)}
	if v := p.size(); !p.bad && !p.short {
		return v
	}
	return 0
}
