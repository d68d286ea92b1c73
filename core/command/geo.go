package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// cmdGeoadd is a ZADD of places, and is propagated as one.
func cmdGeoadd(c *Call) {
	var o zaddOptions
	i := 2
options:
	for ; i < len(c.Args); i++ {
		switch w := c.Args[i]; {
		case is(w, "nx"):
			o.nx = true
		case is(w, "xx"):
			o.xx = true
		case is(w, "ch"):
			o.ch = true
		default:
			break options
		}
	}
	words := c.Args[i:]
	if len(words) == 0 || len(words)%3 != 0 || o.nx && o.xx {
		c.W.Error(resp.ErrSyntax)
		return
	}
	var few [8]float64
	scores := few[:0]
	for j := 0; j < len(words); j += 3 {
		p, ok := c.placeArg(i + j)
		if !ok {
			return
		}
		scores = append(scores, geoScore(p))
	}
	if c.zaddScores(&o, scores, words, 3) {
		c.propagateGeoadd(i, scores)
	}
}

// propagateGeoadd puts a ZADD of the scores in place of a GEOADD whose places begin at word i.
func (c *Call) propagateGeoadd(i int, scores []float64) {
	args := append([][]byte{[]byte("zadd")}, c.Args[1:i]...)
	for j, score := range scores {
		args = append(args, strconv.AppendInt(nil, int64(score), 10), c.Args[i+3*j+2])
	}
	c.PropagateAs(args...)
}

// placeArg is words i and i+1 as longitude and latitude.
func (c *Call) placeArg(i int) (p geoPoint, ok bool) {
	if p.lon, ok = c.floatArg(i, resp.ErrNotFloat); !ok {
		return p, false
	}
	if p.lat, ok = c.floatArg(i+1, resp.ErrNotFloat); !ok {
		return p, false
	}
	if !p.valid() {
		c.W.Error(resp.Error("ERR invalid longitude,latitude pair " + fixed(p.lon, 6) + "," + fixed(p.lat, 6)))
		return p, false
	}
	return p, true
}

// fixed is what C's "%.*f" prints.
func fixed(f float64, digits int) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'f', digits, 64)
}

// unitArg is word i as a unit of length, in metres.
func (c *Call) unitArg(i int) (metres float64, ok bool) {
	switch w := c.Args[i]; {
	case is(w, "m"):
		return 1, true
	case is(w, "km"):
		return 1000, true
	case is(w, "ft"):
		return 0.3048, true
	case is(w, "mi"):
		return 1609.34, true
	}
	c.W.Error("ERR unsupported unit provided. please use M, KM, FT, MI")
	return 0, false
}

// lengthArg is word i as a length that is not negative; the errors are the caller's.
func (c *Call) lengthArg(i int, noNumber, negative resp.Error) (f float64, ok bool) {
	if f, ok = c.floatArg(i, noNumber); ok && f < 0 {
		c.W.Error(negative)
		return 0, false
	}
	return f, ok
}

// writeDistance answers with a distance to four digits. 7.2 rounds what it has multiplied.
func (c *Call) writeDistance(d float64) {
	var b [64]byte
	switch {
	case math.IsNaN(d):
		c.W.BulkString("-nan")
	case c.Server.Profile70():
		c.W.Bulk(strconv.AppendFloat(b[:0], d, 'f', 4, 64))
	default:
		n := int64(math.RoundToEven(d * 1e4))
		text := strconv.AppendInt(b[:0], n/1e4, 10)
		text = append(text, '.')
		for unit := int64(1000); unit > 0; unit /= 10 {
			text = append(text, byte('0'+n/unit%10))
		}
		c.W.Bulk(text)
	}
}

// writePlace answers with longitude and latitude, in plain decimals to 17 places as far as they are not 0.
func (c *Call) writePlace(p geoPoint) {
	c.W.Array(2)
	for _, f := range [...]float64{p.lon, p.lat} {
		var b [64]byte
		text := strconv.AppendFloat(b[:0], f, 'f', 17, 64)
		for text[len(text)-1] == '0' {
			text = text[:len(text)-1]
		}
		if text[len(text)-1] == '.' {
			text = text[:len(text)-1]
		}
		if string(text) == "-0" {
			text = text[1:]
		}
		c.writeNumber(text)
	}
}

// writeNumber answers with the text of a double.
func (c *Call) writeNumber(text []byte) {
	if c.W.Proto() == 3 {
		c.W.Raw([]byte{','})
		c.W.Raw(text)
		c.W.Raw([]byte("\r\n"))
		return
	}
	c.W.Bulk(text)
}

func cmdGeodist(c *Call) {
	unit := 1.0
	if len(c.Args) > 5 {
		c.W.Error(resp.ErrSyntax)
		return
	}
	if len(c.Args) == 5 {
		var ok bool
		if unit, ok = c.unitArg(4); !ok {
			return
		}
	}
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[1])
	if !ok {
		return
	}
	if !found {
		c.W.Null()
		return
	}
	z := e.ZSet()
	from, ok1 := z.Score(c.Args[2])
	to, ok2 := z.Score(c.Args[3])
	if !ok1 || !ok2 {
		c.W.Null()
		return
	}
	c.writeDistance(geoDistance(geoDecode(from), geoDecode(to)) / unit)
}

const geoAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

func cmdGeohash(c *Call) {
	c.eachPlace(func(p geoPoint, ok bool) {
		if !ok {
			c.W.Null()
			return
		}
		// The standard's map goes to the poles. It has 55 bits, of which 52 are known.
		bits := geoEncode(p, 90, geoMaxStep).bits
		var text [11]byte
		for i := range 10 {
			text[i] = geoAlphabet[bits>>(47-5*i)&31]
		}
		text[10] = geoAlphabet[0]
		c.W.Bulk(text[:])
	})
}

func cmdGeopos(c *Call) {
	c.eachPlace(func(p geoPoint, ok bool) {
		if !ok {
			c.W.NullArray()
			return
		}
		c.writePlace(p)
	})
}

// eachPlace begins an array and calls fn for each member asked for; ok is false for what is not there.
func (c *Call) eachPlace(fn func(p geoPoint, ok bool)) {
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[1])
	if !ok {
		return
	}
	var z *keyspace.ZSetValue
	if found {
		z = e.ZSet()
	}
	c.W.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		if z == nil {
			fn(geoPoint{}, false)
			continue
		}
		score, ok := z.Score(m)
		fn(geoDecode(score), ok)
	}
}
