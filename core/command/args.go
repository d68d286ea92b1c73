package command

import (
	"math"
	"strconv"

	"tabdis/core/resp"
)

// parseInt reads b as Redis reads an integer: decimal digits with at most a minus before them, nothing else, no
// leading zero, in the range of int64.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	neg := b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 1 && b[0] == '0' {
		return 0, !neg
	}
	if len(b) == 0 || b[0] < '1' || b[0] > '9' {
		return 0, false
	}
	var n uint64
	for _, d := range b {
		d -= '0'
		if d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if neg {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n <= math.MaxInt64
}

// intArg is word i as an integer; ok is false when it is none, and then the error is written.
//
//go:noinline
func (c *Call) intArg(i int) (n int64, ok bool) { return c.intArgOr(i, resp.ErrNotInteger) }

// intArgOr is intArg with an error of the caller's.
func (c *Call) intArgOr(i int, e resp.Error) (n int64, ok bool) {
	n, ok = parseInt(c.Args[i])
	if !ok {
		c.W.Error(e)
	}
	return n, ok
}

// rangeArg is word i as an integer from min to max. An empty e gives Redis's general errors, otherwise e answers
// what is no integer too.
func (c *Call) rangeArg(i int, min, max int64, e resp.Error) (n int64, ok bool) {
	n, ok = parseInt(c.Args[i])
	switch {
	case ok && min <= n && n <= max:
		return n, true
	case e != "":
		c.W.Error(e)
	case !ok:
		c.W.Error(resp.ErrNotInteger)
	default:
		c.W.Error(resp.Error("ERR value is out of range, value must between " +
			strconv.FormatInt(min, 10) + " and " + strconv.FormatInt(max, 10)))
	}
	return 0, false
}

// positiveArg is word i as an integer that is not negative.
func (c *Call) positiveArg(i int) (n int64, ok bool) {
	return c.rangeArg(i, 0, math.MaxInt64, resp.ErrNotPositive)
}

// parseFloat reads b as Redis reads a double: all of it must be what strtod takes, without leading space, and neither NaN
// nor out of range. Hexadecimal and inf are fine.
func parseFloat(b []byte) (float64, bool) {
	if len(b) == 0 || isSpace(b[0]) {
		return 0, false
	}
	f, n, outOfRange := floatPrefix(b)
	if n != len(b) || f != f || outOfRange && (f == 0 || math.IsInf(f, 0)) {
		return 0, false
	}
	return f, true
}

// floatArg is word i as a double; ok is false when it is none, and then e is written.
func (c *Call) floatArg(i int, e resp.Error) (f float64, ok bool) {
	f, ok = parseFloat(c.Args[i])
	if !ok {
		c.W.Error(e)
	}
	return f, ok
}

// floatPrefix is C's strtod: the value of the longest number that b starts with (after space) and where it ends, 0 when
// there is none. outOfRange tells what ERANGE does: too large, or too small for full precision.
func floatPrefix(b []byte) (f float64, n int, outOfRange bool) {
	start, n, kind := scanNumber(b)
	switch kind {
	case noNumber:
		return 0, 0, false
	case notANumber:
		return math.NaN(), n, false
	case hexNumber:
		text := string(b[start:n])
		if !hasByte(b[start:n], 'p', 'P') {
			text += "p0" // Go insists on an exponent
		}
		f, _ = strconv.ParseFloat(text, 64)
	default:
		f, _ = strconv.ParseFloat(string(b[start:n]), 64)
	}
	if kind != infinity && (math.IsInf(f, 0) || math.Abs(f) < 0x1p-1022 && !zeroDigits(b[start:n])) {
		outOfRange = true
	}
	return f, n, outOfRange
}

type numberKind uint8

const (
	noNumber numberKind = iota
	decimalNumber
	hexNumber
	infinity
	notANumber
)

// scanNumber finds the longest prefix of b that C's strtod would read: space, then [start, end) with the sign.
func scanNumber(b []byte) (start, end int, kind numberKind) {
	for start < len(b) && isSpace(b[start]) {
		start++
	}
	i := start
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	rest := b[i:]
	switch {
	case len(rest) >= 8 && is(rest[:8], "infinity"):
		return start, i + 8, infinity
	case len(rest) >= 3 && is(rest[:3], "inf"):
		return start, i + 3, infinity
	case len(rest) >= 3 && is(rest[:3], "nan"):
		return start, i + 3, notANumber
	case len(rest) >= 3 && rest[0] == '0' && rest[1]|0x20 == 'x':
		if n := scanDigits(rest[2:], isHex, 'p'); n > 0 {
			return start, i + 2 + n, hexNumber
		}
	}
	if n := scanDigits(rest, isDigit, 'e'); n > 0 {
		return start, i + n, decimalNumber
	}
	return start, 0, noNumber
}

// scanDigits is the length of digits with perhaps a point and an exponent; 0 when there is no digit.
func scanDigits(b []byte, digit func(byte) bool, exponent byte) int {
	i, digits := 0, 0
	for point := false; i < len(b); i++ {
		if digit(b[i]) {
			digits++
		} else if b[i] == '.' && !point {
			point = true
		} else {
			break
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(b) && b[i]|0x20 == exponent {
		j := i + 1
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		if j < len(b) && isDigit(b[j]) {
			for i = j; i < len(b) && isDigit(b[i]); i++ {
			}
		}
	}
	return i
}

// zeroDigits tells whether a number's text, a sign before it perhaps, has no digit but 0 before its exponent.
func zeroDigits(b []byte) bool {
	hex := hasByte(b, 'x', 'X')
	for _, d := range b {
		switch {
		case d == 'p' || d == 'P' || !hex && d|0x20 == 'e':
			return true
		case d != '0' && d|0x20 != 'x' && isHex(d):
			return false
		}
	}
	return true
}

func isSpace(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }
func isDigit(b byte) bool { return '0' <= b && b <= '9' }
func isHex(b byte) bool   { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }

func hasByte(b []byte, x, y byte) bool {
	for _, d := range b {
		if d == x || d == y {
			return true
		}
	}
	return false
}

// is tells whether b is the word, which stands here in lower case, in any case. As C's strcasecmp it sees b up to a NUL.
//
//go:noinline
func is(b []byte, word string) bool {
	if len(b) != len(word) && (len(b) < len(word) || b[len(word)] != 0) {
		return false
	}
	for i := range len(word) {
		if lower(b[i]) != word[i] {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b | 0x20
	}
	return b
}

// scanOptions are the words behind the cursor of SCAN, HSCAN, SSCAN and ZSCAN.
type scanOptions struct {
	count   int
	pattern []byte // nil: everything
	typ     []byte // nil: every type
}

// scanCursor is word i as a cursor, read as C's strtoul does: a sign is allowed, no digits are 0.
func (c *Call) scanCursor(i int) (cursor uint64, ok bool) {
	cursor, ok = parseCursor(c.Args[i])
	if !ok {
		c.W.Error("ERR invalid cursor")
	}
	return cursor, ok
}

func parseCursor(b []byte) (n uint64, ok bool) {
	if len(b) == 0 {
		return 0, true
	}
	digits := b
	if b[0] == '+' || b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 {
		return 0, false
	}
	for _, d := range digits {
		d -= '0'
		if d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if b[0] == '-' {
		n = -n
	}
	return n, true
}

// parseScan reads the options from word i on; TYPE belongs to SCAN alone.
func (c *Call) parseScan(i int, withType bool) (o scanOptions, ok bool) {
	o.count = 10
	for ; i < len(c.Args); i += 2 {
		if i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return o, false
		}
		switch word := c.Args[i]; {
		case is(word, "count"):
			n, ok := c.intArg(i + 1)
			if !ok {
				return o, false
			}
			if n < 1 {
				c.W.Error(resp.ErrSyntax)
				return o, false
			}
			o.count = int(min(n, math.MaxInt32))
		case is(word, "match"):
			o.pattern = c.Args[i+1]
			if len(o.pattern) == 1 && o.pattern[0] == '*' {
				o.pattern = nil
			}
		case is(word, "type") && withType:
			o.typ = c.Args[i+1]
		default:
			c.W.Error(resp.ErrSyntax)
			return o, false
		}
	}
	return o, true
}

// matches tells whether a name passes MATCH.
func (o *scanOptions) matches(name []byte) bool {
	return o.pattern == nil || globMatch(o.pattern, name, false)
}
