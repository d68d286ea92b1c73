package resp

import "strconv"

// Writer appends replies to a buffer, in RESP2 or RESP3. The zero value writes RESP2.
//
// Its methods that a hundred commands call are kept from being inlined: inlined, they make the wasm larger by 5 %.
type Writer struct {
	buf     []byte
	proto   int
	doubles func(dst []byte, f float64) []byte
}

// SetProto chooses the protocol of what is written from now on: 2 or 3.
func (w *Writer) SetProto(v int) { w.proto = v }

// Proto tells the protocol: 2 or 3.
func (w *Writer) Proto() int {
	if w.proto == 3 {
		return 3
	}
	return 2
}

// SetDoubles replaces AppendDouble for this writer; Redis 7.0 prints doubles with 17 digits.
func (w *Writer) SetDoubles(f func(dst []byte, f float64) []byte) { w.doubles = f }

// Bytes is all that was written and not yet taken. It is valid until the next write.
func (w *Writer) Bytes() []byte { return w.buf }

// Len is the number of bytes written and not yet taken.
func (w *Writer) Len() int { return len(w.buf) }

// Cap is the number of bytes that the writer holds for them.
func (w *Writer) Cap() int { return cap(w.buf) }

// Truncate forgets all but the first n bytes.
func (w *Writer) Truncate(n int) { w.buf = w.buf[:n] }

// Raw appends bytes that are RESP already.
func (w *Writer) Raw(b []byte) { w.buf = append(w.buf, b...) }

// Replace puts b, which is RESP, in place of the bytes [from, to).
func (w *Writer) Replace(from, to int, b []byte) {
	tail := len(w.buf) - to
	if grow := len(b) - (to - from); grow > 0 {
		w.buf = append(w.buf, make([]byte, grow)...)
		copy(w.buf[from+len(b):], w.buf[to:to+tail])
	} else {
		copy(w.buf[from+len(b):], w.buf[to:])
		w.buf = w.buf[:from+len(b)+tail]
	}
	copy(w.buf[from:], b)
}

// Release gives the buffer up when it has grown past keep bytes, and empties it.
func (w *Writer) Release(keep int) {
	if cap(w.buf) > keep {
		w.buf = nil
		return
	}
	w.buf = w.buf[:0]
}

func (w *Writer) head(kind byte, n int64) {
	if 0 <= n && n < 10 {
		w.buf = append(w.buf, kind, byte('0'+n), '\r', '\n')
		return
	}
	w.buf = append(w.buf, kind)
	w.buf = strconv.AppendInt(w.buf, n, 10)
	w.buf = append(w.buf, '\r', '\n')
}

// OK appends the status reply +OK.
//
//go:noinline
func (w *Writer) OK() { w.buf = append(w.buf, "+OK\r\n"...) }

// Simple appends a status reply; s must hold no CR or LF.
//
//go:noinline
func (w *Writer) Simple(s string) {
	w.buf = append(w.buf, '+')
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '\r', '\n')
}

// Error appends an error reply. CR and LF within become spaces, as in Redis.
//
//go:noinline
func (w *Writer) Error(e Error) {
	w.buf = append(w.buf, '-')
	from := len(w.buf)
	w.buf = append(w.buf, e...)
	for i := from; i < len(w.buf); i++ {
		if c := w.buf[i]; c == '\r' || c == '\n' {
			w.buf[i] = ' '
		}
	}
	w.buf = append(w.buf, '\r', '\n')
}

// Int appends an integer reply.
//
//go:noinline
func (w *Writer) Int(n int64) { w.head(':', n) }

// Bulk appends a bulk string.
//
//go:noinline
func (w *Writer) Bulk(b []byte) {
	at, n := len(w.buf), len(b)
	if n >= 100 || cap(w.buf)-at < n+7 {
		w.head('$', int64(n))
		w.buf = append(w.buf, b...)
		w.buf = append(w.buf, '\r', '\n')
		return
	}
	out := w.buf[at : at+n+7] // in one go: most values are short
	out[0] = '$'
	i := 1
	if n >= 10 {
		out[1] = byte('0' + n/10)
		i = 2
	}
	out[i], out[i+1], out[i+2] = byte('0'+n%10), '\r', '\n'
	i += 3
	copy(out[i:], b)
	out[i+n], out[i+n+1] = '\r', '\n'
	w.buf = w.buf[:at+i+n+2]
}

// BulkString appends a bulk string.
//
//go:noinline
func (w *Writer) BulkString(s string) {
	w.head('$', int64(len(s)))
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '\r', '\n')
}

// BulkInt appends the decimal text of n as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var b [20]byte
	w.Bulk(strconv.AppendInt(b[:0], n, 10))
}

// Null appends the null of a single value: $-1 in RESP2, _ in RESP3.
//
//go:noinline
func (w *Writer) Null() {
	if w.proto == 3 {
		w.buf = append(w.buf, "_\r\n"...)
		return
	}
	w.buf = append(w.buf, "$-1\r\n"...)
}

// NullArray appends the null of an aggregate: *-1 in RESP2, _ in RESP3.
//
//go:noinline
func (w *Writer) NullArray() {
	if w.proto == 3 {
		w.buf = append(w.buf, "_\r\n"...)
		return
	}
	w.buf = append(w.buf, "*-1\r\n"...)
}

// Bool appends #t or #f in RESP3, :1 or :0 in RESP2.
func (w *Writer) Bool(v bool) {
	switch {
	case w.proto == 3 && v:
		w.buf = append(w.buf, "#t\r\n"...)
	case w.proto == 3:
		w.buf = append(w.buf, "#f\r\n"...)
	case v:
		w.buf = append(w.buf, ":1\r\n"...)
	default:
		w.buf = append(w.buf, ":0\r\n"...)
	}
}

// Double appends a double in RESP3, its text as a bulk string in RESP2.
func (w *Writer) Double(f float64) {
	var b [400]byte
	text := w.AppendDouble(b[:0], f)
	if w.proto == 3 {
		w.buf = append(w.buf, ',')
		w.buf = append(w.buf, text...)
		w.buf = append(w.buf, '\r', '\n')
		return
	}
	w.Bulk(text)
}

// AppendDouble appends the text of f as this writer prints doubles.
func (w *Writer) AppendDouble(dst []byte, f float64) []byte {
	if w.doubles != nil {
		return w.doubles(dst, f)
	}
	return AppendDouble(dst, f)
}

// BigNumber appends a RESP3 big number, a bulk string in RESP2.
func (w *Writer) BigNumber(digits string) {
	if w.proto == 3 {
		w.buf = append(w.buf, '(')
		w.buf = append(w.buf, digits...)
		w.buf = append(w.buf, '\r', '\n')
		return
	}
	w.BulkString(digits)
}

// Verbatim appends a verbatim string of a three-letter format ("txt") in RESP3, a bulk string in RESP2.
func (w *Writer) Verbatim(format, text string) {
	if w.proto == 3 {
		w.head('=', int64(len(text)+4))
		w.buf = append(w.buf, format...)
		w.buf = append(w.buf, ':')
		w.buf = append(w.buf, text...)
		w.buf = append(w.buf, '\r', '\n')
		return
	}
	w.BulkString(text)
}

// Array starts an array of n elements.
//
//go:noinline
func (w *Writer) Array(n int) { w.head('*', int64(n)) }

// Map starts a map of n pairs: %n in RESP3, an array of 2n in RESP2.
func (w *Writer) Map(n int) {
	if w.proto == 3 {
		w.head('%', int64(n))
		return
	}
	w.head('*', int64(2*n))
}

// Set starts a set of n elements: ~n in RESP3, an array in RESP2.
func (w *Writer) Set(n int) {
	if w.proto == 3 {
		w.head('~', int64(n))
		return
	}
	w.head('*', int64(n))
}

// Push starts an out-of-band message of n elements: >n in RESP3, an array in RESP2.
func (w *Writer) Push(n int) {
	if w.proto == 3 {
		w.head('>', int64(n))
		return
	}
	w.head('*', int64(n))
}

// Mark is a place in the buffer where the head of an aggregate will be put once its length is known.
type Mark int

// Mark remembers this place for one of InsertArray, InsertMap and InsertSet.
func (w *Writer) Mark() Mark { return Mark(len(w.buf)) }

// InsertArray puts the head of an array of n elements at m.
//
//go:noinline
func (w *Writer) InsertArray(m Mark, n int) { w.insert(m, '*', n) }

// InsertSet puts the head of a set of n elements at m.
func (w *Writer) InsertSet(m Mark, n int) {
	if w.proto == 3 {
		w.insert(m, '~', n)
		return
	}
	w.insert(m, '*', n)
}

// InsertMap puts the head of a map of n pairs at m.
func (w *Writer) InsertMap(m Mark, n int) {
	if w.proto == 3 {
		w.insert(m, '%', n)
		return
	}
	w.insert(m, '*', 2*n)
}

func (w *Writer) insert(m Mark, kind byte, n int) {
	var b [24]byte
	head := strconv.AppendInt(append(b[:0], kind), int64(n), 10)
	head = append(head, '\r', '\n')
	w.Replace(int(m), int(m), head)
}
