package command

import "math"

// sine, cosine and arcsine are rounded correctly (but for one case in a million or so): computed with twice the digits of a double,
// then rounded once. STOREDIST shows every bit of a distance, which so is the same on every machine. C's library, which Redis calls,
// is as good in all but some in a thousand cases; Go's own functions often are a bit off.

// twin is the unevaluated sum of two doubles, the second below the last bit of the first.
type twin struct{ hi, lo float64 }

// Pi and half of it, to 106 bits and more, and 1/n!.
var (
	piTwin     = twin{math.Pi, 1.2246467991473532e-16}
	halfPiTwin = twin{math.Pi / 2, 0.6123233995736766e-16}
	factorials = inverseFactorials()
)

// inverseFactorials gives 1/n!, as many as the series below need.
func inverseFactorials() (f [24]twin) {
	f[0] = twin{1, 0}
	for n := 1; n < len(f); n++ {
		d := float64(n)
		q := f[n-1].hi / d
		p := product(q, d)
		rest := (f[n-1].hi - p.hi) - p.lo + f[n-1].lo
		f[n] = sum(q, rest/d)
	}
	return f
}

// sum is a + b without error.
func sum(a, b float64) twin {
	s := a + b
	t := s - a
	return twin{s, (a - (s - t)) + (b - t)}
}

// product is a · b without error, by splitting both into halves of their digits.
func product(a, b float64) twin {
	p := float64(a * b)
	ah, al := halves(a)
	bh, bl := halves(b)
	return twin{p, float64(al*bl) - (((p - float64(ah*bh)) - float64(al*bh)) - float64(ah*bl))}
}

func halves(a float64) (hi, lo float64) {
	t := float64(a * (1<<27 + 1))
	hi = t - (t - a)
	return hi, a - hi
}

func (a twin) times(b twin) twin {
	p := product(a.hi, b.hi)
	return sum(p.hi, p.lo+float64(a.hi*b.lo)+float64(a.lo*b.hi))
}

func (a twin) minus(b twin) twin {
	s := sum(a.hi, -b.hi)
	t := sum(a.lo, -b.lo)
	s = sum(s.hi, s.lo+t.hi)
	return sum(s.hi, s.lo+t.lo)
}

// series is Σ (-1)^k x^2k / (2k+from)!, for x up to π/4. Its later terms, from the one with less than 2^-20 of the sum on, are so
// small that one double is enough.
func series(square twin, from int) twin {
	n, small := 22+from, 10
	if square.hi < 1./16 {
		n, small = 16+from, 6
	}
	if square.hi < 1./4096 {
		n, small = 8+from, 4
	}
	tail := factorials[n].hi
	for n -= 2; n >= small; n -= 2 {
		tail = factorials[n].hi - float64(square.hi*tail)
	}
	s := twin{tail, 0}
	for ; n >= 0; n -= 2 {
		s = factorials[n].minus(square.times(s))
	}
	return s
}

func smallSine(x twin) twin   { return x.times(series(x.times(x), 1)) }
func smallCosine(x twin) twin { return series(x.times(x), 0) }

// from is a - x for x near a.
func (a twin) from(x float64) twin { return sum(a.hi-x, a.lo) }

// sineTwin is the sine of x, which is from 0 to π.
func sineTwin(x float64) twin {
	switch {
	case x > math.Pi*3/4:
		return smallSine(piTwin.from(x))
	case x > math.Pi/4:
		return smallCosine(halfPiTwin.from(x))
	}
	return smallSine(twin{x, 0})
}

// sine is sin x for |x| ≤ π.
func sine(x float64) float64 {
	if x < 0 {
		return -sineTwin(-x).hi
	}
	return sineTwin(x).hi
}

// cosine is cos x for |x| ≤ π/2.
func cosine(x float64) float64 {
	x = math.Abs(x)
	if x > math.Pi/4 {
		return smallSine(halfPiTwin.from(x)).hi
	}
	return smallCosine(twin{x, 0}).hi
}

// arcsine is asin x for x ≥ 0; NaN above 1.
func arcsine(x float64) float64 {
	switch {
	case x == 0:
		return 0
	case x == 1:
		return halfPiTwin.hi
	case !(x < 1):
		return math.NaN()
	}
	cos := math.Sqrt((1 - x) * (1 + x))
	y := math.Atan2(x, cos)
	s := sineTwin(y) // one step of Newton's
	return y + ((x-s.hi)-s.lo)/cos
}
