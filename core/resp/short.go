package resp

import "encoding/binary"

// Commands of up to so many words, each of less than so many bytes, have a way of their own: nearly all commands are.
const (
	shortWords = 8
	shortBytes = 1 << 16
)

// Window is how many short commands are taken apart at once, at most.
const Window = 32

// ahead holds short commands that were taken apart before their turn; commands[next:n] have yet to be given. The first of them begins
// at the parser's pos, and each where the one before it ends.
type ahead struct {
	commands []short // one, and Window of them from the first time that several come at once
	keys     [][]byte
	next, n  int
	used     int // how many have words
}

type short struct {
	words [shortWords][]byte
	n     int
	end   int // behind it in Parser.in
}

func (a *ahead) drop() { a.next, a.n = 0, 0 }

// forget is drop for good: the words keep alive what they are part of.
func (a *ahead) forget() {
	a.drop()
	clear(a.commands[:a.used])
	clear(a.keys[:cap(a.keys)])
	a.used = 0
}

func (a *ahead) grow() {
	if a.commands == nil {
		a.commands, a.keys = make([]short, 1), make([][]byte, 0, 1)
		return
	}
	a.commands = append(make([]short, 0, Window), a.commands...)[:Window]
	a.keys = append(make([][]byte, 0, Window), a.keys...)
}

// Ahead takes some commands apart before they are asked for, and gives the second word of each: most often a key. It is empty while there are
// such commands, and when the next one is unusual. The words are valid as those of Next.
func (p *Parser) Ahead() (keys [][]byte) {
	if p.ahead.next < p.ahead.n || !p.look() {
		return nil
	}
	return p.ahead.keys
}

// look takes apart the short commands that come next; false when there is none.
func (p *Parser) look() bool {
	a := &p.ahead
	a.drop()
	if p.left != 0 || p.Wary {
		return false
	}
	a.keys = a.keys[:0]
	for at := p.pos; a.n < Window && at < len(p.in); a.n++ {
		if a.n == len(a.commands) {
			a.grow()
		}
		c := &a.commands[a.n]
		a.used = max(a.used, a.n+1)
		size := c.take(p.in[at:])
		if size == 0 {
			break
		}
		at += size
		c.end = at
		if c.n > 1 {
			a.keys = append(a.keys, c.words[1])
		}
	}
	return a.n > 0
}

// take takes the command at the start of in apart if it is a short one and there in full, with nothing unusual about it, and gives its
// size; else 0: it is left, errors too, to the others.
func (c *short) take(in []byte) (size int) {
	if len(in) < 4 || binary.LittleEndian.Uint32(in)&0xffff00ff != '*'|crlf<<16 {
		return 0
	}
	n := int(in[1] - '0')
	if n-1 >= shortWords || n == 0 {
		return 0
	}
	i := 4
	for k := range c.words[:n] {
		size, head := wordHead(in[i:])
		from := i + head
		end := from + size
		if head == 0 || len(in)-end < 2 || binary.LittleEndian.Uint16(in[end:]) != crlf {
			return 0
		}
		c.words[k] = in[from:end:end]
		i = end + 2
	}
	c.n = n
	return i
}

const crlf = '\r' | '\n'<<8

// wordHead reads "$<n>\r\n": the word's size, and how long this head is; 0 when it is not one of a short word, or not there in full.
func wordHead(b []byte) (size, head int) {
	if len(b) >= 8 { // one or two digits, with a single load
		x := binary.LittleEndian.Uint64(b)
		ones, tens := x>>8&0xff-'0', uint64(0)
		head = 4
		if x&0xffff0000ff == '$'|crlf<<24 {
			tens, ones, head = ones, x>>16&0xff-'0', 5
		} else if x&0xffff00ff != '$'|crlf<<16 {
			head = 0
		}
		if head > 0 && ones <= 9 && tens <= 9 && (tens > 0 || head == 4) {
			return int(10*tens + ones), head
		}
	}
	return wordHeadByByte(b)
}

func wordHeadByByte(b []byte) (size, head int) {
	if len(b) < 4 || b[0] != '$' || b[1]-'0' > 9 {
		return 0, 0
	}
	size = int(b[1] - '0')
	i := 2
	for size > 0 && b[i] != '\r' {
		d := int(b[i]) - '0'
		if i++; d < 0 || d > 9 || i >= len(b) || size >= shortBytes/10 {
			return 0, 0
		}
		size = size*10 + d
	}
	if i+1 >= len(b) || b[i] != '\r' || b[i+1] != '\n' {
		return 0, 0
	}
	return size, i + 2
}
