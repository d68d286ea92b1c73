package command

import (
	"math"
	"math/bits"
	"strconv"
)

// longDouble is a number as INCRBYFLOAT and HINCRBYFLOAT compute with it: the x87's extended format, 64 bits of mantissa, in which
// Redis's long double stands where it is usually run. So 0.1 + 0.2 is 0.3 here too. The value is mant × 2^exp, the top bit
// of mant set unless it is 0.
type longDouble struct {
	neg  bool
	inf  bool
	mant uint64
	exp  int
}

// float is the float64 nearest to f.
func (f longDouble) float() float64 {
	v := math.Ldexp(float64(f.mant), f.exp)
	if f.inf {
		v = math.Inf(1)
	}
	if f.neg {
		v = -v
	}
	return v
}

const (
	longDoubleMaxExp = 16383 - 63  // largest exp of a finite number
	longDoubleMinExp = -16382 - 63 // smallest exp a bit of mant may stand for
	longDoubleMaxLen = 5119        // longest text that is read
)

// parseLongDouble reads b as Redis reads a long double: what strtold takes, whole, no space before it, no NaN, in range.
func parseLongDouble(b []byte) (f longDouble, ok bool) {
	if len(b) == 0 || len(b) > longDoubleMaxLen || isSpace(b[0]) {
		return f, false
	}
	_, end, kind := scanNumber(b)
	if end != len(b) {
		return f, false
	}
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	switch kind {
	case infinity:
		return longDouble{neg: neg, inf: true}, true
	case decimalNumber:
		f, ok = decimalLongDouble(b)
	case hexNumber:
		f, ok = hexLongDouble(b[2:])
	}
	f.neg = neg
	return f, ok
}

func decimalLongDouble(b []byte) (longDouble, bool) {
	n, exp, digits := readDigits(b, 10, 'e')
	switch {
	case n.bitLen() == 0:
		return longDouble{}, true
	case exp+digits > 4933 || exp+digits < -4951:
		return longDouble{}, false
	case exp >= 0:
		for ; exp > 0; exp-- {
			n = n.mulAdd(10, 0)
		}
		return n.round(0, false)
	}
	den := nat{1}
	for ; exp < 0; exp++ {
		den = den.mulAdd(10, 0)
	}
	q, shift, rest := n.divide(den)
	return q.round(shift, rest)
}

func hexLongDouble(b []byte) (longDouble, bool) {
	n, exp, _ := readDigits(b, 16, 'p')
	if n.bitLen() == 0 {
		return longDouble{}, true
	}
	return n.round(exp, false)
}

// readDigits gives the digits of a number without its point, and the exponent that makes up for it, of 10 in a
// decimal number and of 2 in a hexadecimal one. digits counts from the first that is not 0.
func readDigits(b []byte, base uint32, exponent byte) (n nat, exp, digits int) {
	i, point, step := 0, false, 1
	if base == 16 {
		step = 4
	}
	for ; i < len(b) && b[i]|0x20 != exponent; i++ {
		if b[i] == '.' {
			point = true
			continue
		}
		d := uint32(b[i] - '0')
		if d > 9 {
			d = uint32(b[i]|0x20-'a') + 10
		}
		n = n.mulAdd(base, d)
		if digits > 0 || d > 0 {
			digits++
		}
		if point {
			exp -= step
		}
	}
	if i < len(b) {
		e, neg := 0, b[i+1] == '-'
		for _, d := range b[i+1:] {
			if isDigit(d) && e < 1e6 {
				e = e*10 + int(d-'0')
			}
		}
		if neg {
			e = -e
		}
		exp += e
	}
	return n, exp, digits
}

// add is the rounded sum; it is infinite when it overflows or is no number.
func (f longDouble) add(g longDouble) longDouble {
	switch {
	case f.inf || g.inf:
		return longDouble{inf: true}
	case f.mant == 0:
		return g
	case g.mant == 0:
		return f
	}
	if f.exp < g.exp || f.exp == g.exp && f.mant < g.mant {
		f, g = g, f
	}
	// 128 bits, f in the upper half; what is shifted out of g below them counts as a last bit that is set.
	var lo uint64
	hi := g.mant
	switch d := uint(f.exp - g.exp); {
	case d >= 128:
		hi, lo = 0, 1
	case d > 64:
		hi, lo = 0, hi>>(d-64)
		if g.mant<<(128-d) != 0 {
			lo |= 1
		}
	case d > 0:
		hi, lo = hi>>d, hi<<(64-d)
	}
	var carry uint64
	if f.neg == g.neg {
		hi, carry = bits.Add64(f.mant, hi, 0)
	} else {
		lo, carry = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(f.mant, hi, carry)
		carry = 0
	}
	n := nat{uint32(lo), uint32(lo >> 32), uint32(hi), uint32(hi >> 32), uint32(carry)}
	sum, ok := n.round(f.exp-64, false)
	if !ok {
		return longDouble{inf: n.bitLen() > 0}
	}
	sum.neg = f.neg
	return sum
}

// append appends the text of f as Redis prints a long double for people: C's %.17Lf without trailing zeros.
func (f longDouble) append(dst []byte) []byte {
	n := nat{uint32(f.mant), uint32(f.mant >> 32)}.mulAdd(1e9, 0).mulAdd(1e8, 0)
	if f.exp >= 0 {
		n = n.shiftLeft(f.exp)
	} else {
		n = n.shiftRightEven(-f.exp)
	}
	text := n.decimal(18)
	whole, fraction := text[:len(text)-17], text[len(text)-17:]
	for len(fraction) > 0 && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if f.neg && n.bitLen() > 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, whole...)
	if len(fraction) > 0 {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst
}

// nat is a natural number, 32 bits a word, the lowest first.
type nat []uint32

func (n nat) bitLen() int {
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] != 0 {
			return 32*i + bits.Len32(n[i])
		}
	}
	return 0
}

// mulAdd is n × m + a, in n's place.
func (n nat) mulAdd(m, a uint32) nat {
	carry := uint64(a)
	for i, w := range n {
		carry += uint64(w) * uint64(m)
		n[i] = uint32(carry)
		carry >>= 32
	}
	if carry > 0 {
		n = append(n, uint32(carry))
	}
	return n
}

func (n nat) shiftLeft(by int) nat {
	words, rest := by/32, uint(by%32)
	r := make(nat, len(n)+words+1)
	for i, w := range n {
		r[i+words] |= w << rest
		r[i+words+1] = uint32(uint64(w) << rest >> 32)
	}
	return r
}

// bits64 is the 64 bits of n from bit at on.
func (n nat) bits64(at int) (r uint64) {
	for i := 0; i < 3; i++ {
		w := at/32 + i
		if w >= len(n) {
			break
		}
		if shift := 32*i - at%32; shift >= 0 {
			r |= uint64(n[w]) << shift
		} else {
			r |= uint64(n[w]) >> -shift
		}
	}
	return r
}

// anyBelow tells whether a bit below bit at is set.
func (n nat) anyBelow(at int) bool {
	for i, w := range n {
		if 32*i >= at {
			return false
		}
		if left := at - 32*i; left < 32 {
			w &= 1<<left - 1
		}
		if w != 0 {
			return true
		}
	}
	return false
}

// roundsUp tells whether n, cut below bit at, is to be rounded up: to the nearest, to even when halfway. more says
// that n is a little larger than its bits tell.
func (n nat) roundsUp(at int, more bool) bool {
	if at == 0 || n.bits64(at-1)&1 == 0 {
		return false
	}
	return more || n.anyBelow(at-1) || n.bits64(at)&1 == 1
}

// round is n × 2^exp, rounded; ok is false when that is out of range, or not 0 but too small.
func (n nat) round(exp int, more bool) (f longDouble, ok bool) {
	drop := max(n.bitLen()-64, longDoubleMinExp-exp, 0)
	f.exp = exp + drop
	if drop <= 32*len(n) {
		f.mant = n.bits64(drop)
		if n.roundsUp(drop, more) {
			f.mant++
			if f.mant == 0 {
				f.mant = 1 << 63
				f.exp++
			}
		}
	}
	if f.mant == 0 {
		return longDouble{}, n.bitLen() == 0
	}
	zeros := bits.LeadingZeros64(f.mant)
	f.mant <<= zeros
	f.exp -= zeros
	return f, f.exp <= longDoubleMaxExp
}

// divide gives q and shift such that n/den is q × 2^shift, q having at least 95 bits; rest tells that q was cut.
func (n nat) divide(den nat) (q nat, shift int, rest bool) {
	if d := den.bitLen() - n.bitLen(); d > 0 {
		n, shift = n.shiftLeft(d), -d
	} else {
		den, shift = den.shiftLeft(-d), -d
	}
	size := max(len(n), len(den)) + 1
	rem, sub := make(nat, size), make(nat, size)
	copy(rem, n)
	copy(sub, den)
	q = make(nat, 3)
	for bit := 95; bit >= 0; bit-- {
		if rem.atLeast(sub) {
			rem.subtract(sub)
			q[bit/32] |= 1 << (bit % 32)
		}
		rem.double()
	}
	return q, shift - 95, rem.bitLen() > 0
}

// atLeast, subtract and double work on numbers of one length and in place.
func (n nat) atLeast(m nat) bool {
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] != m[i] {
			return n[i] > m[i]
		}
	}
	return true
}

func (n nat) subtract(m nat) {
	var borrow uint32
	for i := range n {
		n[i], borrow = bits.Sub32(n[i], m[i], borrow)
	}
}

func (n nat) double() {
	var carry uint32
	for i, w := range n {
		n[i] = w<<1 | carry
		carry = w >> 31
	}
}

// shiftRightEven is n / 2^by, rounded to the nearest and to even when halfway.
func (n nat) shiftRightEven(by int) nat {
	if by > n.bitLen()+1 {
		return nat{0}
	}
	r := make(nat, 0, len(n))
	for at := by; at < 32*len(n); at += 32 {
		r = append(r, uint32(n.bits64(at)))
	}
	if n.roundsUp(by, false) {
		if r = r.mulAdd(1, 1); len(r) == 0 {
			r = nat{1}
		}
	}
	return r
}

// decimal is the decimal text of n, at least width digits.
func (n nat) decimal(width int) []byte {
	left := append(nat(nil), n...)
	var parts []uint32 // nine digits each, the lowest first
	for left.bitLen() > 0 || 9*len(parts) < width {
		var rem uint64
		for i := len(left) - 1; i >= 0; i-- {
			rem = rem<<32 | uint64(left[i])
			left[i] = uint32(rem / 1e9)
			rem %= 1e9
		}
		parts = append(parts, uint32(rem))
	}
	text := make([]byte, 0, 9*len(parts))
	for i := len(parts) - 1; i >= 0; i-- {
		text = strconv.AppendUint(text, uint64(parts[i])+1e9, 10)
		copy(text[len(text)-10:], text[len(text)-9:]) // the 1 that kept the zeros
		text = text[:len(text)-1]
	}
	for len(text) > width && text[0] == '0' {
		text = text[1:]
	}
	return text
}
