package resp

import (
	"math"
	"strconv"
)

// AppendDouble appends the text of f as Redis 7.2 prints doubles: whole numbers as integers, others with the fewest
// digits that read back as f, laid out as Grisu2's fpconv does it; inf, -inf and nan for what is no number.
func AppendDouble(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f); ok {
		return dst
	}
	if f == math.Trunc(f) && math.Abs(f) <= math.MaxInt64/2 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	var b [32]byte
	sci := strconv.AppendFloat(b[:0], f, 'e', -1, 64) // [-]d[.ddd]e±xx
	if sci[0] == '-' {
		dst = append(dst, '-')
		sci = sci[1:]
	}
	e := len(sci) - 1
	for sci[e] != 'e' {
		e--
	}
	exp, _ := strconv.Atoi(string(sci[e+1:])) // always a number: strconv wrote it
	digits := append(b[:1:1], sci[:e]...)[1:]
	if len(digits) > 1 {
		digits = append(digits[:1], digits[2:]...) // drop the point
	}
	return layoutDouble(dst, digits, exp-len(digits)+1)
}

// layoutDouble writes digits·10^k: plain while short, else with an exponent of as few digits as it needs.
func layoutDouble(dst, digits []byte, k int) []byte {
	n := len(digits)
	exp := k + n - 1
	mag := max(exp, -exp)
	switch {
	case k >= 0 && mag < n+7:
		dst = append(dst, digits...)
		for ; k > 0; k-- {
			dst = append(dst, '0')
		}
	case k < 0 && (k > -7 || mag < 4):
		if point := n + k; point > 0 {
			dst = append(dst, digits[:point]...)
			dst = append(dst, '.')
			dst = append(dst, digits[point:]...)
		} else {
			dst = append(dst, '0', '.')
			for ; point < 0; point++ {
				dst = append(dst, '0')
			}
			dst = append(dst, digits...)
		}
	default:
		dst = append(dst, digits[0])
		if n > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		dst = append(dst, 'e')
		if exp < 0 {
			dst = append(dst, '-')
		} else {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, int64(mag), 10)
	}
	return dst
}

// AppendDouble17 appends f with 17 significant digits (C's %.17g), as Redis 7.0 prints doubles.
func AppendDouble17(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f); ok {
		return dst
	}
	var b [40]byte
	sci := strconv.AppendFloat(b[:0], f, 'e', 16, 64) // 17 digits
	if sci[0] == '-' {
		dst = append(dst, '-')
		sci = sci[1:]
	}
	e := len(sci) - 1
	for sci[e] != 'e' {
		e--
	}
	exp, _ := strconv.Atoi(string(sci[e+1:]))
	digits := append([]byte{sci[0]}, sci[2:e]...)
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	n := len(digits)
	switch {
	case exp < -4 || exp >= 17:
		dst = append(dst, digits[0])
		if n > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		return append(dst, sci[e:]...)
	case exp < 0:
		dst = append(dst, '0', '.')
		for i := exp + 1; i < 0; i++ {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	case n <= exp+1:
		dst = append(dst, digits...)
		for i := n; i < exp+1; i++ {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, digits[:exp+1]...)
	dst = append(dst, '.')
	return append(dst, digits[exp+1:]...)
}

func appendSpecial(dst []byte, f float64) ([]byte, bool) {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...), true
	case math.IsInf(f, -1):
		return append(dst, "-inf"...), true
	case math.IsNaN(f):
		return append(dst, "nan"...), true
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...), true
	case f == 0:
		return append(dst, '0'), true
	}
	return dst, false
}
