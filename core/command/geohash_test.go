package command

import (
	"math"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func randomPlace(r *rand.Rand) geoPoint {
	return geoPoint{r.Float64()*360 - 180, (r.Float64()*2 - 1) * geoMaxLat}
}

// interleaved is spread bit by bit.
func interleaved(lat, lon uint32) (w uint64) {
	for i := range 32 {
		w |= uint64(lat>>i&1)<<(2*i) | uint64(lon>>i&1)<<(2*i+1)
	}
	return w
}

func TestBitsInterleave(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		lat, lon := r.Uint32(), r.Uint32()
		w := spread(lat) | spread(lon)<<1
		require.Equal(t, interleaved(lat, lon), w)
		require.Equal(t, lat, gather(w))
		require.Equal(t, lon, gather(w>>1))
	}
}

func TestACellContainsItsPlace(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		p := randomPlace(r)
		for step := uint8(1); step <= geoMaxStep; step++ {
			a := geoEncode(p, geoMaxLat, step).area()
			require.True(t, a.minLon <= p.lon && p.lon <= a.maxLon && a.minLat <= p.lat && p.lat <= a.maxLat, "%v %d", p, step)
		}
		q := geoDecode(geoScore(p))
		require.InDelta(t, p.lon, q.lon, 360.0/(1<<26))
		require.InDelta(t, p.lat, q.lat, 180.0/(1<<26))
		require.Equal(t, geoScore(p), geoScore(q), "%v", p)
	}
}

func TestNeighboursAdjoin(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		c := geoEncode(randomPlace(r), geoMaxLat, uint8(1+r.IntN(geoMaxStep)))
		side := uint32(1) << c.step
		lat, lon := gather(c.bits), gather(c.bits>>1)
		cell := func(lat, lon uint32) geoCell { return geoCell{interleaved(lat%side, lon%side), c.step} }
		require.Equal(t, cell(lat, lon+1), c.east(1))
		require.Equal(t, cell(lat, lon-1), c.east(-1))
		require.Equal(t, cell(lat+1, lon), c.north(1))
		require.Equal(t, cell(lat-1, lon), c.north(-1))
	}
}

// Whatever the score and the shape: nothing panics, and places stay on the map.
func FuzzGeoSearch(f *testing.F) {
	f.Add(uint64(0), 15.0, 37.0, 200.0, 0.0, false)
	f.Add(math.Float64bits(math.Inf(1)), 180.0, -85.05112878, math.Inf(1), 1e300, true)
	f.Add(math.Float64bits(-1), -180.0, 85.05112878, 5e-324, 0.0, true)
	f.Fuzz(func(t *testing.T, bits uint64, lon, lat, width, height float64, box bool) {
		score, center := math.Float64frombits(bits), geoPoint{lon, lat}
		if math.IsNaN(score) || !center.valid() || !(width >= 0) || !(height >= 0) {
			return // no command lets these through
		}
		p := geoDecode(score)
		require.True(t, p.valid())
		require.Less(t, geoScore(p), math.Exp2(54))
		for _, unit := range []float64{1, 1000, 0.3048, 1609.34} {
			s := geoShape{center: center, box: box, radius: width, width: width, height: height, unit: unit}
			for _, c := range s.cells() {
				if c.step != 0 {
					require.LessOrEqual(t, c.step, uint8(geoMaxStep))
					from, to := c.scores()
					require.Less(t, from, to)
				}
			}
			if d, ok := s.contains(originAt(center), p, true); ok && !math.IsNaN(d) {
				require.True(t, 0 <= d && d <= earthRadius*math.Pi)
			}
		}
	})
}

// Near what a shape contains lie only cells that are searched, as long as no edge of the map and no pole is near.
func TestCellsCoverTheShape(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 5000 {
		center := geoPoint{r.Float64()*200 - 100, r.Float64()*100 - 50}
		s := geoShape{center: center, radius: math.Exp(r.Float64()*13) + 1, unit: 1}
		spread := s.radius / earthRadius / degree
		p := geoPoint{center.lon + spread*(r.Float64()*2-1), center.lat + spread*(r.Float64()*2-1)}
		if _, ok := s.contains(originAt(center), p, true); !ok {
			continue
		}
		score, found := geoScore(p), false
		for _, c := range s.cells() {
			from, to := c.scores()
			found = found || c.step != 0 && from <= score && score < to
		}
		require.True(t, found, "%v around %v: %v", s.radius, center, p)
	}
}

// bigSine is sin x to 200 bits.
func bigSine(x *big.Float, from int64) *big.Float {
	square := new(big.Float).SetPrec(200).Mul(x, x)
	term := new(big.Float).SetPrec(200).SetInt64(1)
	if from == 1 {
		term.Set(x)
	}
	total := new(big.Float).SetPrec(200).Set(term)
	for n := from; n < 60; n += 2 {
		term.Mul(term, square)
		term.Quo(term, new(big.Float).SetPrec(200).SetInt64(-(n+1)*(n+2)))
		total.Add(total, term)
	}
	return total
}

func bigFloat(f float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(f) }

func TestFunctionsAreRoundedCorrectly(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 3000 {
		x := (r.Float64()*2 - 1) * math.Pi * math.Exp2(-float64(r.IntN(30)))
		want, _ := bigSine(bigFloat(x), 1).Float64()
		require.Equal(t, want, sine(x), "sin %v", x)
		x /= 2
		want, _ = bigSine(bigFloat(x), 0).Float64()
		require.Equal(t, want, cosine(x), "cos %v", x)

		// The sines of what lies half a step below and above arcsine(x) enclose x.
		x = 1 - r.Float64()*math.Exp2(-float64(r.IntN(40)))
		y := arcsine(x)
		half := bigFloat((math.Nextafter(y, 2) - y) / 2)
		require.True(t, bigSine(new(big.Float).SetPrec(200).Sub(bigFloat(y), half), 1).Cmp(bigFloat(x)) <= 0, "asin %v", x)
		if up := new(big.Float).SetPrec(200).Add(bigFloat(y), half); up.Cmp(bigFloat(math.Pi/2)) < 0 {
			require.True(t, bigSine(up, 1).Cmp(bigFloat(x)) >= 0, "asin %v", x)
		}
	}
	assert.Equal(t, 1.2246467991473532e-16, sine(math.Pi))
	assert.Equal(t, 0.0, sine(0))
	assert.Equal(t, 1.0, cosine(0))
	assert.Equal(t, math.Pi/2, arcsine(1))
	assert.Equal(t, 0.0, arcsine(0))
	assert.True(t, math.IsNaN(arcsine(math.Nextafter(1, 2))))
}

func TestSortWindowSortsItsWindow(t *testing.T) {
	type item struct{ key, id int }
	r := rand.New(rand.NewPCG(6, 6))
	for range 2000 {
		n := 1 + r.IntN(200)
		items, keys := make([]item, n), make([]int, n)
		for i := range items {
			items[i] = item{r.IntN(1 + r.IntN(n)), i}
			keys[i] = items[i].key
		}
		sort.Ints(keys)
		from := r.IntN(n)
		to := from + r.IntN(n-from)
		sortWindow(items, from, to, func(a, b *item) int { return a.key - b.key })
		seen := map[int]bool{}
		for i, it := range items {
			seen[it.id] = true
			if from <= i && i <= to {
				require.Equal(t, keys[i], it.key)
			}
		}
		require.Len(t, seen, n)
	}
}

func BenchmarkGeoDistance(b *testing.B) {
	p, q := geoPoint{13.36, 38.11}, geoPoint{15.08, 37.5}
	b.Run("exact", func(b *testing.B) {
		for range b.N {
			geoDistance(p, q)
		}
	})
	b.Run("near", func(b *testing.B) {
		from := originAt(p)
		for range b.N {
			from.near(q)
		}
	})
}
