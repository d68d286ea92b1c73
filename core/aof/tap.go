package aof

// Tap looks on while a log is written, for tools. It is called in the owner's turn, and must not park. Where nobody looks on, it costs a
// comparison for each block and each sync.
type Tap interface {
	// Block is told of each block that was appended. Its body, the annotation lines and the units, is valid during the call.
	Block(b *TappedBlock)
	// Durable is told that all blocks up to this lsn are durable now.
	Durable(lsn uint64)
}

// TappedBlock is a block that was appended to a file; it is not durable yet.
type TappedBlock struct {
	File             string
	Offset           int64 // of its header
	LSN, Epoch, Sync uint64
	Body             []byte // empty: a seal
}

// SetTap sets who looks on; nil: nobody.
func (l *Log) SetTap(t Tap) { l.tap = t }

// Reaches gives the lsn with which all that was fed so far is in the log.
func (l *Log) Reaches() uint64 {
	if l.buf.len() > 0 {
		return l.lsn + 1
	}
	return l.lastData
}

// tapped tells the tap of a block.
//
//go:noinline
func (l *Log) tapped(f *logFile, h *header, body []byte) {
	l.tap.Block(&TappedBlock{File: f.name, Offset: h.at, LSN: h.lsn, Epoch: h.epoch, Sync: h.sync, Body: body})
}

// advance takes what syncs have made durable, in the order of the files, and at least least.
func (l *Log) advance(least uint64) {
	was := l.durable
	l.durable = max(was, least, l.reached(func(f *logFile) uint64 { return f.synced }))
	if l.tap != nil && l.durable > was {
		l.tap.Durable(l.durable)
	}
}
