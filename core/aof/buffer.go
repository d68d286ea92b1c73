package aof

// buffer is the AOF buffer: the body of the block to come, with room for header and time in front.
type buffer struct {
	b       []byte
	db      int // selected at the end, -1: none yet in this file
	from    int // selected where it begins
	unit    int // where the unit under way begins
	unitDB  int // selected there
	first   int // where the unit's first effect begins, behind a SELECT
	effects int // of the unit under way

	requests requestLines // whose effects it holds
}

const (
	// keptBuffer is the capacity that is kept from turn to turn; one that a great turn left is given back.
	keptBuffer = 1 << 20
	textMulti  = "*1\r\n$5\r\nMULTI\r\n"
	textExec   = "*1\r\n$4\r\nEXEC\r\n"
)

func (b *buffer) reset() {
	if cap(b.b) > keptBuffer {
		b.b = nil
	}
	if b.b == nil {
		b.b = make([]byte, front, 4096)
	}
	b.b = b.b[:front]
	b.unit = front
	b.unitDB, b.from = b.db, b.db
	if b.requests.b = b.requests.b[:0]; cap(b.requests.b) > keptBuffer {
		b.requests.b = nil
	}
}

func (b *buffer) len() int { return max(len(b.b)-front, 0) }

// nameRequests puts the annotations in front of the units; unnameRequests takes them back, when the block could not be written: others may come.
//
//go:noinline
func (b *buffer) nameRequests() {
	if lines := b.requests.b; len(lines) > 0 {
		all := append(b.b, lines...)
		copy(all[front+len(lines):], all[front:])
		copy(all[front:], lines)
		b.b = all
	}
}

//go:noinline
func (b *buffer) unnameRequests() {
	b.b = append(b.b[:front], b.b[front+len(b.requests.b):]...)
}

// begin starts a unit.
func (b *buffer) begin() {
	b.unit, b.unitDB, b.effects = len(b.b), b.db, 0
}

// feed adds an effect.
func (b *buffer) feed(db int, args [][]byte) {
	b.effect(db)
	b.b = appendCommand(b.b, args)
}

// effect makes the buffer ready for another effect of the unit. When the second one comes, MULTI is put in front of the first, behind
// its SELECT, where Redis has it.
func (b *buffer) effect(db int) {
	b.effects++
	if b.effects == 2 {
		b.b = append(b.b, textMulti...)
		copy(b.b[b.first+len(textMulti):], b.b[b.first:])
		copy(b.b[b.first:], textMulti)
	}
	if db != b.db {
		b.selects(db)
	}
	if b.effects == 1 {
		b.first = len(b.b)
	}
}

// selects adds a SELECT.
func (b *buffer) selects(db int) {
	b.b = appendSelect(b.b, db)
	b.db = db
}

func (b *buffer) end() {
	if b.effects > 1 {
		b.b = append(b.b, textExec...)
	}
	b.effects = 0
}

// abort takes the unit under way back.
func (b *buffer) abort() {
	b.b, b.db, b.effects = b.b[:b.unit], b.unitDB, 0
}

func appendCommand(b []byte, args [][]byte) []byte {
	b = append(appendInt(append(b, '*'), uint64(len(args))), '\r', '\n')
	for _, arg := range args {
		b = appendBulk(b, arg)
	}
	return b
}

//go:noinline
func appendBulk(b, word []byte) []byte {
	b = append(appendInt(append(b, '$'), uint64(len(word))), '\r', '\n')
	b = append(b, word...)
	return append(b, '\r', '\n')
}

func appendSelect(b []byte, db int) []byte {
	b = append(b, "*2\r\n$6\r\nSELECT\r\n"...)
	var t [20]byte
	return appendBulk(b, appendInt(t[:0], uint64(db)))
}
