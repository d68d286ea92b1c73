package aof

import (
	"bytes"
	"math"

	"github.com/cespare/xxhash/v2"
)

// The header of a block, LOG §2. Field order and spelling never change: a reader rebuilds the line from what it parsed and
// compares every byte.
//
//	#HDR:v1;file:<id>;at:<offset>;len:<n>;lsn:<n>;epoch:<n>;sync:<lsn>;prev:<xxh64>;xxh64:<sum>;\r\n
//
// file, prev and xxh64 are 16 lower-case hexadecimal digits, the others decimal without leading zeros.
type header struct {
	file  uint64 // id of the file
	at    int64  // offset of the header's first byte
	len   int64  // bytes of the body
	lsn   uint64
	epoch uint64
	sync  uint64 // all blocks up to this lsn were durable when the header was built
	prev  uint64 // sum of the block before
	sum   uint64
}

const (
	headerMark = "#HDR:v1;"
	sumMark    = ";xxh64:"
	// room is what a header takes at most; it is kept free in front of every buffer.
	room = len("#HDR:v1;file:;at:;len:;lsn:;epoch:;sync:;prev:;xxh64:;\r\n") + 3*16 + 2*19 + 3*20
	// maxLine is the longest # line that Redis skips, with CRLF.
	maxLine = 1023
	tail    = 16 + len(";\r\n") // what stands behind "xxh64:"
)

// appendTo appends the line up to and including "xxh64:": what the sum covers besides the body.
func (h *header) appendTo(b []byte) []byte {
	b = append(b, headerMark...)
	b = appendHex(append(b, "file:"...), h.file)
	b = appendInt(append(b, ";at:"...), uint64(h.at))
	b = appendInt(append(b, ";len:"...), uint64(h.len))
	b = appendInt(append(b, ";lsn:"...), h.lsn)
	b = appendInt(append(b, ";epoch:"...), h.epoch)
	b = appendInt(append(b, ";sync:"...), h.sync)
	b = appendHex(append(b, ";prev:"...), h.prev)
	return append(b, sumMark...)
}

// seal builds the header right in front of the body b[room:], without moving it, and returns the whole block. It sets h.len and h.sum.
func (h *header) seal(b []byte) []byte {
	body := b[room:]
	h.len = int64(len(body))
	var line [room]byte
	text := h.appendTo(line[:0])
	h.sum = checksum(text, body)
	text = append(appendHex(text, h.sum), ";\r\n"...)
	from := room - len(text)
	copy(b[from:room], text)
	return b[from:]
}

func checksum(head, body []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	d.Write(head)
	d.Write(body)
	return d.Sum64()
}

// What parseHeader found.
type headerState uint8

const (
	headerBad   headerState = iota // not a header
	headerShort                    // a header may be, as far as it goes
	headerOK
)

// parseHeader reads the line at the start of b; n is its length.
func parseHeader(b []byte) (h header, n int, state headerState) {
	p := fieldParser{b: b}
	p.text(headerMark + "file:")
	h.file = p.hex()
	p.text(";at:")
	h.at = p.size()
	p.text(";len:")
	h.len = p.size()
	p.text(";lsn:")
	h.lsn = p.dec()
	p.text(";epoch:")
	h.epoch = p.dec()
	p.text(";sync:")
	h.sync = p.dec()
	p.text(";prev:")
	h.prev = p.hex()
	p.text(sumMark)
	h.sum = p.hex()
	p.text(";\r\n")
	switch {
	case p.bad:
		return h, 0, headerBad
	case p.short:
		return h, 0, headerShort
	}
	return h, p.i, headerOK
}

// verify tells whether body is the body of the header whose line is given.
func (h *header) verify(line, body []byte) bool {
	return int64(len(body)) == h.len && checksum(line[:len(line)-tail], body) == h.sum
}

type fieldParser struct {
	b          []byte
	i          int
	bad, short bool
}

func (p *fieldParser) text(s string) {
	if p.bad || p.short {
		return
	}
	rest := p.b[p.i:]
	if len(rest) < len(s) {
		p.short = string(rest) == s[:len(rest)]
		p.bad = !p.short
		return
	}
	p.bad = string(rest[:len(s)]) != s
	p.i += len(s)
}

func (p *fieldParser) hex() (v uint64) {
	if p.bad || p.short {
		return 0
	}
	for k := 0; k < 16; k++ {
		if p.i == len(p.b) {
			p.short = true
			return 0
		}
		c := p.b[p.i]
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint64(c-'a'+10)
		default:
			p.bad = true
			return 0
		}
		p.i++
	}
	return v
}

// dec reads a decimal number in its one spelling.
func (p *fieldParser) dec() (v uint64) {
	if p.bad || p.short {
		return 0
	}
	from := p.i
	for ; p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9'; p.i++ {
		d := uint64(p.b[p.i] - '0')
		if v > (math.MaxUint64-d)/10 {
			p.bad = true
			return 0
		}
		v = v*10 + d
	}
	switch n := p.i - from; {
	case n > 1 && p.b[from] == '0':
		p.bad = true
	case p.i == len(p.b):
		p.short = true
	case n == 0:
		p.bad = true
	}
	return v
}

func (p *fieldParser) size() int64 {
	v := p.dec()
	if v > math.MaxInt64 {
		p.bad = true
		return 0
	}
	return int64(v)
}

const hexDigits = "0123456789abcdef"

// appendHex and appendInt are not inlined where they are called, one after the other, for the size of the wasm.
//
//go:noinline
func appendHex(b []byte, v uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[v>>uint(shift)&15])
	}
	return b
}

//go:noinline
func appendInt(b []byte, v uint64) []byte {
	if v < 10 {
		return append(b, byte('0'+v))
	}
	var t [20]byte
	i := len(t)
	for ; v > 0; v /= 10 {
		i--
		t[i] = byte('0' + v%10)
	}
	return append(b, t[i:]...)
}

// isMark tells whether b begins with a header's mark.
func isMark(b []byte) bool { return bytes.HasPrefix(b, []byte(headerMark)) }
