package resp

// Limits of a request, as Redis has them.
const (
	maxInline = 64 << 10 // bytes of an inline command, or of a line that holds a length
	maxWords  = 1<<31 - 1

	maxGuestWords = 10
	maxGuestBulk  = 16 << 10
)

// DefaultMaxBulk is proto-max-bulk-len.
const DefaultMaxBulk = 512 << 20

// ProtocolError is what a client's bytes did wrong. It is answered "-ERR Protocol error: …" and ends the connection.
type ProtocolError string

func (e ProtocolError) Error() string { return "Protocol error: " + string(e) }

// Parser takes requests apart: arrays of bulk strings, or inline commands. It never reserves memory for bytes that were
// announced but have not come.
type Parser struct {
	// MaxBulk is the longest word that is accepted; 0: DefaultMaxBulk.
	MaxBulk int64
	// Guest tells that who sends has yet to say who he is. What he needs for that is short, and no more is kept for him.
	Guest bool

	in    []byte // what is to be parsed: the caller's bytes, or kept
	pos   int    // where parsing goes on in in
	start int    // where the command being parsed began
	kept  []byte // our copy of an unfinished command
	owned bool   // in is kept

	left  int64  // words still missing of the array; 0: none begun
	bulk  int64  // length of the word that comes next; -1: not read yet
	spans []span // words found, relative to start
	words [][]byte
	plain bool // the last command was a short one
	ahead ahead
}

type span struct{ from, to int }

// Feed gives the parser further bytes. p must stay unchanged until Next has returned no command.
func (p *Parser) Feed(b []byte) {
	if len(p.in) == p.used() {
		p.in, p.pos, p.start, p.owned = b, 0, 0, false
		p.ahead.drop()
		return
	}
	p.Keep()
	p.kept = append(p.kept, b...)
	p.in = p.kept
}

// Keep copies what is not used up, so that the bytes given to Feed may change.
func (p *Parser) Keep() {
	p.start = p.used()
	if p.owned {
		if p.start > 0 {
			n := copy(p.kept, p.in[p.start:])
			p.kept = p.kept[:n]
		}
	} else {
		p.kept = append(p.kept[:0], p.in[p.start:]...)
	}
	p.in, p.owned = p.kept, true
	p.pos -= p.start
	p.start = 0
	p.ahead.forget()
	if len(p.kept) == 0 && cap(p.kept) > 64<<10 {
		p.kept, p.in = nil, nil
	}
}

// Buffered is the number of bytes of the command that Next gave last, until Keep, and of what waits behind it.
func (p *Parser) Buffered() int { return len(p.in) - p.start }

// Spare is what the parser holds beyond Buffered, for what comes.
func (p *Parser) Spare() int { return cap(p.kept) - len(p.kept) }

// Next gives the words of the next command, nil when it is not there in full. The words are valid until the next call of
// Next, Ahead, Feed or Keep.
func (p *Parser) Next() ([][]byte, error) {
	if p.plain = p.ahead.next < p.ahead.n || p.look(); p.plain {
		c := &p.ahead.commands[p.ahead.next]
		p.ahead.next++
		p.start, p.pos = p.pos, c.end
		return c.words[:c.n], nil
	}
	return p.any()
}

// any is Next for commands of every form.
func (p *Parser) any() ([][]byte, error) {
	for {
		p.start = p.used()
		if p.left == 0 {
			if p.pos >= len(p.in) {
				p.Keep()
				return nil, nil
			}
			if p.in[p.pos] != '*' {
				words, more, err := p.inline()
				if err != nil || words != nil {
					return words, err
				}
				if more {
					p.Keep()
					return nil, nil
				}
				continue
			}
			more, err := p.head()
			if err != nil {
				return nil, err
			}
			if more {
				p.Keep()
				return nil, nil
			}
			if p.left == 0 {
				continue
			}
		}
		more, err := p.body()
		if err != nil {
			return nil, err
		}
		if more {
			p.Keep()
			return nil, nil
		}
		return p.words, nil
	}
}

// Back gives the last command that Next gave once more.
func (p *Parser) Back() {
	p.pos = p.start
	p.ahead.drop()
}

// Size is the number of bytes of the last command that Next gave.
func (p *Parser) Size() int { return p.pos - p.start }

// Plain is the last command as it came, if it came in the form in which it would be written again; else nil.
func (p *Parser) Plain() []byte {
	if !p.plain {
		return nil
	}
	return p.in[p.start:p.pos]
}

// used is where the unfinished command begins: behind the last one when none is under way.
func (p *Parser) used() int {
	if p.left == 0 {
		return p.pos
	}
	return p.start
}

func (p *Parser) head() (more bool, err error) {
	n, next, state := p.length(p.pos + 1)
	switch {
	case state == lineLong:
		return false, ProtocolError("too big mbulk count string")
	case state == lineMore:
		return true, nil
	case state == lineBad || n > maxWords:
		return false, ProtocolError("invalid multibulk length")
	case p.Guest && n > maxGuestWords:
		return false, ProtocolError("unauthenticated multibulk length")
	}
	p.pos = next
	p.spans = p.spans[:0]
	if cap(p.spans) > 4096 {
		p.spans, p.words = nil, nil
	}
	p.bulk = -1
	if n > 0 {
		p.left = n
	}
	return false, nil
}

func (p *Parser) body() (more bool, err error) {
	limit := p.MaxBulk
	if limit == 0 {
		limit = DefaultMaxBulk
	}
	for p.left > 0 {
		if p.bulk < 0 {
			if p.pos >= len(p.in) {
				return true, nil
			}
			n, next, state := p.length(p.pos + 1)
			switch {
			case state == lineLong:
				return false, ProtocolError("too big bulk count string")
			case state == lineMore:
				return true, nil
			case p.in[p.pos] != '$':
				return false, ProtocolError("expected '$', got '" + string(p.in[p.pos:p.pos+1]) + "'")
			case state == lineBad || n < 0 || n > limit:
				return false, ProtocolError("invalid bulk length")
			case p.Guest && n > maxGuestBulk:
				return false, ProtocolError("unauthenticated bulk length")
			}
			p.pos, p.bulk = next, n
		}
		if int64(len(p.in)-p.pos) < p.bulk+2 {
			return true, nil
		}
		from := p.pos - p.start
		p.spans = append(p.spans, span{from, from + int(p.bulk)})
		p.pos += int(p.bulk) + 2
		p.bulk = -1
		p.left--
	}
	p.words = p.words[:0]
	cmd := p.in[p.start:]
	for _, s := range p.spans {
		p.words = append(p.words, cmd[s.from:s.to:s.to])
	}
	return false, nil
}

// What length found.
const (
	lineOK   = iota
	lineMore // the line's end has not come
	lineLong // nor should it have taken so long
	lineBad  // no number
)

// length reads a decimal number and its CRLF at i, behind the byte that tells of what. Like Redis it takes whatever byte follows the CR.
func (p *Parser) length(i int) (n int64, next, state int) {
	in := p.in
	from, neg := i, false
	if i < len(in) && in[i] == '-' {
		neg = true
		i++
	}
	digits := i
	for i < len(in) && in[i] >= '0' && in[i] <= '9' && i-digits < 19 {
		n = n*10 + int64(in[i]-'0')
		i++
	}
	if i+1 < len(in) && in[i] == '\r' && in[from-1] != 0 {
		if i == digits || n < 0 || (in[digits] == '0' && (i-digits > 1 || neg)) {
			return 0, 0, lineBad
		}
		if neg {
			n = -n
		}
		return n, i + 2, lineOK
	}
	// Not a plain number: find the end of the line to tell which it is.
	for j := from - 1; j < len(in) && in[j] != 0; j++ { // Redis sees no end behind a NUL, as in inline
		if in[j] == '\r' {
			if j+1 < len(in) {
				return 0, 0, lineBad
			}
			return 0, 0, lineMore
		}
	}
	if len(in)-from+1 > maxInline {
		return 0, 0, lineLong
	}
	return 0, 0, lineMore
}
