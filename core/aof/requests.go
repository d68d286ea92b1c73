package aof

import (
	"bytes"
	"errors"
	"math"
	"strings"
)

// The requests of clients that are numbered, so that each is executed once though its leader dies (LOG §8). A block that holds the effect of
// some names them, in annotations at the head of its body, behind that of the time:
//
//	#REQ:<client, 16 hex digits>=<number>[,<base64 of the reply, if it is of 64 bytes or fewer>];…\r\n
//
// A block is there as a whole or not at all, so the effect is there if and only if the number is. The first block behind a base names all that
// is known, since the blocks before it may be gone.

const (
	requestMark  = "#REQ:"
	keptReply    = 64       // bytes of a reply, up to which it is kept
	keptOpen     = 16 << 10 // of a client, that it has not acknowledged: with their replies a MiB
	requestEntry = len("0123456789abcdef=;,") + 20 + (keptReply+2)/3*4
)

// Requests is what is known of the clients whose requests are numbered. A nil one knows none, and takes none.
type Requests struct {
	Clients []*Client // in the order of their coming
	byID    map[uint64]*Client
}

// Client is one of them. Its id is never used for another.
type Client struct {
	ID      uint64
	Highest uint64    // the number of the last request that had an effect; 0: none had
	Block   uint64    // the block that has this, by which its owner knows whether it is durable; 0: it is
	Open    []Request // those that had an effect and are not acknowledged, in order

	acked uint64
}

// Request is one that had an effect.
type Request struct {
	Client, Number uint64
	Reply          []byte // RESP; nil: it is not kept
}

var errRequests = errors.New("it names requests (#REQ) in a way that this version does not read")

// Client finds one, or makes it.
//
//go:noinline
func (t *Requests) Client(id uint64) *Client {
	c := t.byID[id]
	if c == nil {
		if t.byID == nil {
			t.byID = map[uint64]*Client{}
		}
		c = &Client{ID: id}
		t.byID[id], t.Clients = c, append(t.Clients, c)
	}
	return c
}

// Forget ends what is known of one.
//
//go:noinline
func (t *Requests) Forget(id uint64) {
	delete(t.byID, id)
	for i, c := range t.Clients {
		if c.ID == id {
			t.Clients = append(t.Clients[:i], t.Clients[i+1:]...)
			break
		}
	}
}

// Executed notes a request that had an effect, the highest until now, and its reply if that is short enough. It gives the reply as it is kept.
func (c *Client) Executed(number uint64, reply []byte) (kept []byte) {
	if reply != nil && len(reply) <= keptReply {
		kept = append([]byte{}, reply...)
	}
	c.Highest = number
	if c.Open = append(c.Open, Request{c.ID, number, kept}); len(c.Open) > keptOpen {
		c.Open = c.Open[1:]
	}
	return kept
}

// Acknowledged forgets the requests up to this number: none of them comes again.
//
//go:noinline
func (c *Client) Acknowledged(number uint64) {
	c.acked = max(c.acked, number)
	n := 0
	for n < len(c.Open) && c.Open[n].Number <= number {
		n++
	}
	if c.Open = c.Open[n:]; len(c.Open) == 0 {
		c.Open = nil
	}
}

// Find looks for a request up to the highest. known: it had an effect, its reply is nil where it is not kept, or nobody knows; else it had none.
// What is not among the open ones had none unless it was dropped there, by an acknowledgement, or as the oldest of too many: then they are as many
// as are kept, or else one behind it has been acknowledged, and so has it.
func (c *Client) Find(number uint64) (reply []byte, known bool) {
	if number <= c.acked || len(c.Open) == keptOpen && number < c.Open[0].Number {
		return nil, true
	}
	for i := range c.Open {
		if c.Open[i].Number == number {
			return c.Open[i].Reply, true
		}
	}
	return nil, false
}

// requestLines are annotations, each of which ends.
type requestLines struct {
	b    []byte
	last int // where the last line begins
}

// add names a request, with its reply if it is kept.
func (w *requestLines) add(q *Request) {
	b := w.b
	if len(b) == 0 || len(b)-w.last+requestEntry > maxLine {
		w.last = len(b)
		b = appendText(b, requestMark)
	} else {
		b = b[:len(b)-2]
	}
	b = appendInt(appendText(appendHex(b, q.Client), "="), q.Number)
	if q.Reply != nil {
		b = appendBase64(appendText(b, ","), q.Reply)
	}
	w.b = appendText(b, ";\r\n")
}

//go:noinline
func appendText(b []byte, text string) []byte { return append(b, text...) }

// all names all that a table knows: of each client the requests that are not acknowledged, or else the highest.
func (w *requestLines) all(t *Requests) {
	if t == nil {
		return
	}
	for _, c := range t.Clients {
		for i := range c.Open {
			w.add(&c.Open[i])
		}
		if len(c.Open) == 0 && c.Highest > 0 {
			w.add(&Request{Client: c.ID, Number: c.Highest})
		}
	}
}

// Name names, in the block that is to come, a request whose effect was fed.
func (l *Log) Name(q Request) { l.buf.requests.add(&q) }

// read takes the annotations at the head of a body; n is how many requests they name. ok is false when one of them is not what is written:
// with a number passed over its request would be executed twice. Numbers of a client that are not above those before are known already, from
// the blocks before a table.
func (t *Requests) read(body []byte) (n int, ok bool) {
	var room [keptReply]byte
	for len(body) > 0 && body[0] == '#' {
		next := skipLine(body, 0)
		line := body[:next]
		body = body[next:]
		if !bytes.HasPrefix(line, []byte(requestMark)) {
			continue
		}
		p := fieldParser{b: line, i: len(requestMark)}
		for more := true; more; n++ {
			q, ok := p.request(&room)
			if !ok {
				return n, false
			}
			t.take(&q)
			more = string(line[p.i:]) != "\r\n"
		}
		if next > maxLine {
			return n, false
		}
	}
	return n, true
}

func (t *Requests) take(q *Request) {
	if t == nil {
		return
	}
	if c := t.Client(q.Client); q.Number > c.Highest {
		c.Executed(q.Number, q.Reply)
	}
}

// request reads one up to its ";". The reply goes into room.
func (p *fieldParser) request(room *[keptReply]byte) (q Request, ok bool) {
	q.Client = p.hex()
	p.text("=")
	q.Number = p.dec()
	if p.bad || p.short || q.Number == 0 || q.Number > math.MaxInt64 {
		return q, false
	}
	if p.b[p.i] == ',' {
		from := p.i + 1
		if p.i = from + bytes.IndexByte(p.b[from:], ';'); p.i < from {
			return q, false
		}
		if q.Reply = decodeBase64(room, p.b[from:p.i]); q.Reply == nil {
			return q, false
		}
	}
	p.text(";")
	return q, !p.bad && !p.short
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// appendBase64 is what encoding/base64 does, in a tenth of its size.
func appendBase64(b, text []byte) []byte {
	for ; len(text) > 0; text = text[min(3, len(text)):] {
		var v uint
		for i := range 3 {
			if v <<= 8; i < len(text) {
				v |= uint(text[i])
			}
		}
		for i := range 4 {
			c := byte('=')
			if i <= len(text) {
				c = base64Digits[v>>(18-6*i)&63]
			}
			b = append(b, c)
		}
	}
	return b
}

// decodeBase64 gives what text stands for, in its one spelling; nil: it does not, or there is too little room.
func decodeBase64(room *[keptReply]byte, text []byte) []byte {
	n, bits, v := 0, 0, 0
	for _, c := range text {
		d := strings.IndexByte(base64Digits, c)
		if d < 0 {
			break
		}
		if v, bits = v<<6|d, bits+6; bits >= 8 {
			if n == keptReply {
				return nil
			}
			bits -= 8
			room[n] = byte(v >> bits)
			n++
		}
	}
	var again [(keptReply + 2) / 3 * 4]byte
	if !bytes.Equal(appendBase64(again[:0], room[:n]), text) {
		return nil
	}
	return room[:n]
}
