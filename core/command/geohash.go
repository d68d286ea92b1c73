package command

import "math"

// A place is kept as the score of a sorted set: longitude and latitude, each as a fraction of its range in 26 bits, interleaved to
// 52 bits that a double holds exactly. Places near each other mostly share their first bits, so a square of the map is a range of scores.
//
// All arithmetic is Redis's, operation by operation, and each product is converted before it is added to: Go may fuse the two
// on some machines, and the digits would differ.

const (
	geoMaxStep = 26 // bits of each coordinate
	geoMaxLon  = 180.0
	geoMaxLat  = 85.05112878 // of the Mercator projection

	earthRadius         = 6372797.560856         // in metres
	mercatorHalf        = 20037726.37            // in metres, half the width of the projected world
	degree              = float64(math.Pi) / 180 // of the rounded pi
	evenBits     uint64 = 0x5555555555555555     // of the latitude
	oddBits      uint64 = 0xaaaaaaaaaaaaaaaa     // of the longitude
)

// geoPoint is a place, in degrees.
type geoPoint struct{ lon, lat float64 }

// valid tells whether the place lies on the map.
func (p geoPoint) valid() bool {
	return p.lon >= -geoMaxLon && p.lon <= geoMaxLon && p.lat >= -geoMaxLat && p.lat <= geoMaxLat
}

// geoCell is a square of the map with 2^step of them in each direction; step 0 is none.
type geoCell struct {
	bits uint64
	step uint8
}

// geoArea is what a cell covers, in degrees.
type geoArea struct{ minLon, maxLon, minLat, maxLat float64 }

// geoEncode finds the cell of a valid place on a map whose latitudes go to ±maxLat.
func geoEncode(p geoPoint, maxLat float64, step uint8) geoCell {
	cells := float64(uint64(1) << step)
	lat := (p.lat - -maxLat) / (maxLat - -maxLat)
	lon := (p.lon - -geoMaxLon) / (geoMaxLon - -geoMaxLon)
	return geoCell{spread(uint32(lat*cells)) | spread(uint32(lon*cells))<<1, step}
}

// geoScore is the score of a valid place.
func geoScore(p geoPoint) float64 { return float64(geoEncode(p, geoMaxLat, geoMaxStep).bits) }

// spread puts a zero before each bit of x.
func spread(x uint32) uint64 {
	w := uint64(x)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	w = (w | w<<2) & 0x3333333333333333
	return (w | w<<1) & evenBits
}

// gather takes the even bits of w together.
func gather(w uint64) uint32 {
	w &= evenBits
	w = (w | w>>1) & 0x3333333333333333
	w = (w | w>>2) & 0x0f0f0f0f0f0f0f0f
	w = (w | w>>4) & 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}

// area is what the cell covers.
func (c geoCell) area() geoArea {
	lat, lon := gather(c.bits), gather(c.bits>>1)
	edge := func(i uint32, limit float64) float64 { // where the cell i begins
		part := float64(i) / float64(uint64(1)<<c.step)
		return -limit + float64(part*(limit - -limit))
	}
	return geoArea{edge(lon, geoMaxLon), edge(lon+1, geoMaxLon), edge(lat, geoMaxLat), edge(lat+1, geoMaxLat)}
}

// geoDecode gives the middle of the smallest cell that a score, which may be any, stands for.
func geoDecode(score float64) geoPoint {
	a := geoCell{scoreBits(score), geoMaxStep}.area()
	return geoPoint{clamp((a.minLon+a.maxLon)/2, geoMaxLon), clamp((a.minLat+a.maxLat)/2, geoMaxLat)}
}

func clamp(f, limit float64) float64 {
	switch {
	case f > limit:
		return limit
	case f < -limit:
		return -limit
	}
	return f
}

// scoreBits is a double made an unsigned integer as C compilers do it on amd64, also where C leaves it open.
func scoreBits(f float64) uint64 {
	if f >= 1<<63 {
		return uint64(truncated(f-1<<63)) ^ 1<<63
	}
	return uint64(truncated(f))
}

// truncated is a double made an integer as amd64 does it: what has no place in it is the least one.
func truncated(f float64) int64 {
	if f >= -1<<63 && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// east and north give the cell d = ±1 beside; the map wraps at its edges.
func (c geoCell) east(d int) geoCell  { return c.move(d, oddBits, evenBits) }
func (c geoCell) north(d int) geoCell { return c.move(d, evenBits, oddBits) }

// move counts in the bits of mask by letting carries run over the others.
func (c geoCell) move(d int, mask, others uint64) geoCell {
	x, rest := c.bits&mask, c.bits&others
	fill := others >> (64 - 2*c.step)
	if d > 0 {
		x += fill + 1
	} else {
		x = (x | fill) - (fill + 1)
	}
	c.bits = x&(mask>>(64-2*c.step)) | rest
	return c
}

// scores gives the scores [min, max) of the places in the cell.
func (c geoCell) scores() (min, max float64) {
	shift := 2 * (geoMaxStep - c.step)
	return float64(c.bits << shift), float64((c.bits + 1) << shift)
}

// geoOrigin is where distances are measured from, in radians.
type geoOrigin struct{ lon, lat, cosLat float64 }

func originAt(p geoPoint) geoOrigin {
	lat := float64(p.lat * degree)
	return geoOrigin{float64(p.lon * degree), lat, cosine(lat)}
}

// geoDistance is the way over a sphere from p to q in metres.
func geoDistance(p, q geoPoint) float64 { return originAt(p).distance(q) }

// distance is the way to p by the haversine formula.
func (o geoOrigin) distance(p geoPoint) float64 {
	lat := float64(p.lat * degree)
	v := sine((float64(p.lon*degree) - o.lon) / 2)
	if v == 0 {
		return earthRadius * math.Abs(lat-o.lat)
	}
	u := sine((lat - o.lat) / 2)
	a := float64(u*u) + float64(float64(float64(o.cosLat*cosine(lat))*v)*v)
	return 2 * earthRadius * arcsine(math.Sqrt(a))
}

// near is distance in a fraction of its time, nearly right.
func (o geoOrigin) near(p geoPoint) float64 {
	lat := p.lat * degree
	u, v := math.Sin((lat-o.lat)/2), math.Sin((p.lon*degree-o.lon)/2)
	return 2 * earthRadius * math.Asin(min(1, math.Sqrt(u*u+o.cosLat*math.Cos(lat)*v*v)))
}

// within tells whether p is no farther than limit, and how far it is; if that was not asked for, maybe not exactly. Only near the
// limit the answer takes the exact distance.
func (o geoOrigin) within(limit float64, p geoPoint, exactly bool) (distance float64, ok bool) {
	const relative, absolute = 1e-6, 1 // far more than near is off by
	near := o.near(p)
	if near > limit*(1+relative)+absolute {
		return near, false
	}
	if !exactly && near < limit*(1-relative)-absolute {
		return near, true
	}
	distance = o.distance(p)
	return distance, !(distance > limit)
}

// geoShape is what a search covers: a circle, or a box whose sides follow meridians and parallels.
type geoShape struct {
	center        geoPoint
	box           bool
	radius        float64 // in units, as width and height
	width, height float64
	unit          float64 // in metres
}

// bounds gives the longitudes and latitudes that the shape reaches, about: meridians bend, and on which side depends on the hemisphere.
func (s *geoShape) bounds() geoArea {
	height, width := s.unit*s.radius, s.unit*s.radius
	if s.box {
		height, width = s.unit*float64(s.height/2), s.unit*float64(s.width/2)
	}
	lat := height / earthRadius / degree
	edge := s.center.lat + lat
	if s.center.lat < 0 {
		edge = s.center.lat - lat
	}
	lon := width / earthRadius / math.Cos(float64(edge*degree)) / degree
	return geoArea{s.center.lon - lon, s.center.lon + lon, s.center.lat - lat, s.center.lat + lat}
}

// step estimates how fine cells must be for nine of them to cover the shape.
func (s *geoShape) step() uint8 {
	metres := s.radius
	if s.box {
		metres = math.Sqrt(float64(s.width/2*(s.width/2)) + float64(s.height/2*(s.height/2)))
	}
	metres *= s.unit
	if metres == 0 {
		return geoMaxStep
	}
	step := -1
	for ; metres < mercatorHalf; metres *= 2 {
		step++
	}
	if lat := math.Abs(s.center.lat); lat > 80 { // cells are narrow there
		step -= 2
	} else if lat > 66 {
		step--
	}
	return uint8(min(max(step, 1), geoMaxStep))
}

// cells gives the cells to search, in Redis's order: the one in the middle, then north, south, east, west and the corners. Those
// that the shape does not reach have step 0.
func (s *geoShape) cells() (cells [9]geoCell) {
	b, step := s.bounds(), s.step()
	middle := geoEncode(s.center, geoMaxLat, step)
	if step > 1 && (middle.north(1).area().maxLat < b.maxLat || middle.north(-1).area().minLat > b.minLat ||
		middle.east(1).area().maxLon < b.maxLon || middle.east(-1).area().minLon > b.minLon) {
		step--
		middle = geoEncode(s.center, geoMaxLat, step)
	}
	n, z := middle.north(1), middle.north(-1)
	e, w := middle.east(1), middle.east(-1)
	cells = [9]geoCell{middle, n, z, e, w, n.east(1), n.east(-1), z.east(1), z.east(-1)}
	if step < 2 {
		return cells
	}
	drop := func(which ...int) {
		for _, i := range which {
			cells[i] = geoCell{}
		}
	}
	a := middle.area()
	if a.minLat < b.minLat {
		drop(2, 7, 8)
	}
	if a.maxLat > b.maxLat {
		drop(1, 5, 6)
	}
	if a.minLon < b.minLon {
		drop(4, 6, 8)
	}
	if a.maxLon > b.maxLon {
		drop(3, 5, 7)
	}
	return cells
}

// contains tells whether p is in the shape, and how far from its center, which is o; exactly as with within.
func (s *geoShape) contains(o geoOrigin, p geoPoint, exactly bool) (distance float64, ok bool) {
	if !s.box {
		return o.within(s.radius*s.unit, p, exactly)
	}
	lat := float64(p.lat * degree)
	if earthRadius*math.Abs(lat-o.lat) > s.unit*s.height/2 {
		return 0, false
	}
	middle := geoOrigin{o.lon, lat, math.Cos(lat)} // on the meridian of the center, as high as p
	if near := middle.near(p); !(near < s.unit*s.width/2*(1-1e-6)-1) {
		middle.cosLat = cosine(lat)
		if _, ok := middle.within(s.unit*s.width/2, p, false); !ok {
			return 0, false
		}
	}
	if exactly {
		distance = o.distance(p)
	}
	return distance, true
}
