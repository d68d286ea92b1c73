package aof

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
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
	keptReply    = 64      // bytes of a reply, up to which it is kept
	keptReplies  = 4 << 10 // of a client, that it has not acknowledged
	keptNumbers  = 64 << 10
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
	Highest uint64 // the number of the last request that had an effect; 0: none had
	Block   uint64 // the block that has this, by which its owner knows whether it is durable; 0: it is

	acked   uint64
	numbers []uint64 // of those that had an effect and are not acknowledged
	replies []byte   // oldest first: the number, the length, the bytes
	from    int      // where the first one begins
	count   int
}

const replyHead = 8 + 1

var errRequests = errors.New("it names requests (#REQ) in a way that this version does not read")

// Client finds one, or makes it.
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
func (t *Requests) Forget(id uint64) {
	delete(t.byID, id)
	for i, c := range t.Clients {
		if c.ID == id {
			t.Clients = append(t.Clients[:i], t.Clients[i+1:]...)
			break
		}
	}
}

// Executed notes a request that had an effect, the highest until now, and its reply if that is short enough; it tells whether it is.
func (c *Client) Executed(number uint64, reply []byte) (kept bool) {
	kept = len(reply) <= keptReply
	c.executed(number, reply, kept)
	return kept
}

func (c *Client) executed(number uint64, reply []byte, kept bool) {
	c.Highest = number
	if c.numbers = append(c.numbers, number); len(c.numbers) > keptNumbers {
		c.numbers = c.numbers[1:]
	}
	if !kept {
		return
	}
	c.replies = append(append(binary.LittleEndian.AppendUint64(c.replies, number), byte(len(reply))), reply...)
	if c.count++; c.count > keptReplies {
		c.drop()
	}
}

// drop forgets the oldest reply.
func (c *Client) drop() {
	_, reply := c.at(c.from)
	c.from += replyHead + len(reply)
	if c.count--; c.from > len(c.replies)/2 {
		c.replies, c.from = append(c.replies[:0], c.replies[c.from:]...), 0
	}
}

func (c *Client) at(i int) (number uint64, reply []byte) {
	n := i + replyHead
	return binary.LittleEndian.Uint64(c.replies[i:]), c.replies[n : n+int(c.replies[n-1])]
}

// Acknowledged forgets the requests up to this number: none of them comes again.
func (c *Client) Acknowledged(number uint64) {
	c.acked = max(c.acked, number)
	n := 0
	for n < len(c.numbers) && c.numbers[n] <= number {
		n++
	}
	if c.numbers = c.numbers[n:]; len(c.numbers) == 0 {
		c.numbers = nil
	}
	for c.count > 0 {
		if first, _ := c.at(c.from); first > number {
			break
		}
		c.drop()
	}
}

// Open is the number of requests that are not acknowledged and had an effect. Each gives them in order; the reply is nil where it is not kept.
func (c *Client) Open() int { return len(c.numbers) }

// Each calls fn for each of them.
func (c *Client) Each(fn func(number uint64, reply []byte)) {
	at := c.from
	for _, number := range c.numbers {
		var reply []byte
		for at < len(c.replies) {
			other, text := c.at(at)
			if other > number {
				break
			}
			if at += replyHead + len(text); other == number {
				reply = text
				break
			}
		}
		fn(number, reply)
	}
}

// Find looks for a request up to the highest. known: it had an effect, its reply is nil where it is not kept, or nobody knows; else it had none.
// What is not among the numbers had none unless it was dropped there, by an acknowledgement, or as the oldest of too many: then they are as many
// as are kept, or else one behind it has been acknowledged, and so has it.
func (c *Client) Find(number uint64) (reply []byte, known bool) {
	if number <= c.acked || len(c.numbers) == keptNumbers && number < c.numbers[0] {
		return nil, true
	}
	c.Each(func(other uint64, text []byte) {
		if other == number {
			reply, known = text, true
		}
	})
	return reply, known
}

// requestLines are annotations, each of which ends.
type requestLines struct {
	b    []byte
	last int // where the last line begins
}

// add names a request; kept: with its reply.
func (w *requestLines) add(id, number uint64, reply []byte, kept bool) {
	if len(w.b) == 0 || len(w.b)-w.last+requestEntry > maxLine {
		w.last = len(w.b)
		w.b = append(w.b, requestMark...)
	} else {
		w.b = w.b[:len(w.b)-2]
	}
	w.b = appendInt(append(appendHex(w.b, id), '='), number)
	if kept {
		w.b = appendBase64(append(w.b, ','), reply)
	}
	w.b = append(w.b, ";\r\n"...)
}

// all names all that a table knows: of each client the requests that are not acknowledged, or else the highest.
func (w *requestLines) all(t *Requests) {
	if t == nil {
		return
	}
	for _, c := range t.Clients {
		c.Each(func(number uint64, reply []byte) { w.add(c.ID, number, reply, reply != nil) })
		if len(c.numbers) == 0 && c.Highest > 0 {
			w.add(c.ID, c.Highest, nil, false)
		}
	}
}

// Name names, in the block that is to come, a request whose effect was fed.
func (l *Log) Name(id, number uint64, reply []byte, kept bool) {
	l.buf.requests.add(id, number, reply, kept)
}

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
			q, ok := p.request(room[:0])
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
		c.executed(q.Number, q.Reply, q.Kept)
	}
}

// Request is one that a block names.
type Request struct {
	Client, Number uint64
	Reply          []byte // RESP
	Kept           bool   // Reply is there
}

// request reads one up to its ";". The reply goes into room.
func (p *fieldParser) request(room []byte) (q Request, ok bool) {
	q.Client = p.hex()
	p.text("=")
	q.Number = p.dec()
	if p.bad || p.short || q.Number == 0 || q.Number > math.MaxInt64 {
		return q, false
	}
	if q.Kept = p.b[p.i] == ','; q.Kept {
		from := p.i + 1
		if p.i = from + bytes.IndexByte(p.b[from:], ';'); p.i < from {
			return q, false
		}
		if q.Reply, ok = decodeBase64(room, p.b[from:p.i]); !ok {
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
			if i > len(text) {
				b = append(b, '=')
			} else {
				b = append(b, base64Digits[v>>(18-6*i)&63])
			}
		}
	}
	return b
}

// decodeBase64 appends to b what text stands for, in its one spelling, and no more than there is room for in b.
func decodeBase64(b, text []byte) (out []byte, ok bool) {
	out = b
	for i := 0; i+4 <= len(text); i += 4 {
		var v uint
		pad := 0
		for _, c := range text[i : i+4] {
			d := bytes.IndexByte([]byte(base64Digits), c)
			if d < 0 {
				d = 0
				pad++
			}
			v = v<<6 | uint(d)
		}
		n := 3 - pad
		if n <= 0 || len(out)+n > cap(out) {
			return b, false
		}
		for k := range n {
			out = append(out, byte(v>>(16-8*k)))
		}
	}
	var again [(keptReply + 2) / 3 * 4]byte
	return out, bytes.Equal(appendBase64(again[:0], out[len(b):]), text)
}
