package conformance

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSamePlacesAsRedis searches among places made at random, in crowds, on grids (equal distances) and all over the map.
func TestSamePlacesAsRedis(t *testing.T) {
	for seed := range uint64(3) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			x := openTarget(t, memfs.New())
			conn := server.Connect(t)
			same := func(words ...string) {
				want, err := conn.Do(words...)
				require.NoError(t, err)
				require.Equal(t, string(want), string(x.do(0, words...)), "%q", words)
			}
			m := mapMaker{rand.New(rand.NewPCG(seed, 1))}
			for i := range 40 {
				words := []string{"GEOADD", "g"}
				for j := range 25 {
					lon, lat := m.place()
					words = append(words, lon, lat, "m"+strconv.Itoa(i*25+j))
				}
				same(words...)
			}
			same("GEOADD", "few", "1", "1", "a", "1", "1.0001", "b", "1.0001", "1", "c")
			for range 600 {
				same(append([]string{"GEOSEARCH", "g"}, m.search()...)...)
				same("GEODIST", "g", m.member(), m.member(), m.unit())
				same(append([]string{"GEOSEARCHSTORE", "d", "g"}, m.searchToStore()...)...)
				same("ZRANGE", "d", "0", "-1")
				same("GEOHASH", "d", m.member(), m.member())
			}
			x.close()
		})
	}
}

// mapMaker makes words of geo commands.
type mapMaker struct{ r *rand.Rand }

func (m mapMaker) pick(words ...string) string { return words[m.r.IntN(len(words))] }

func (m mapMaker) member() string { return "m" + strconv.Itoa(m.r.IntN(1100)) }

func (m mapMaker) unit() string { return m.pick("m", "km", "ft", "mi") }

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }

func (m mapMaker) place() (lon, lat string) {
	switch m.r.IntN(4) {
	case 0: // a crowd
		return decimal(13 + m.r.NormFloat64()), decimal(38 + m.r.NormFloat64())
	case 1: // a grid
		return decimal(float64(m.r.IntN(9)-4) * 0.25), decimal(float64(m.r.IntN(9)-4) * 0.25)
	case 2: // the edges
		return m.pick("-180", "180", "179.9", "-179.9", "0"), decimal(m.r.Float64()*170.1 - 85.05)
	}
	return decimal(m.r.Float64()*360 - 180), decimal(m.r.Float64()*170.1 - 85.05)
}

// shape gives center, shape and options that any search takes.
func (m mapMaker) shape() (words []string) {
	if m.r.IntN(2) == 0 {
		words = append(words, "FROMMEMBER", "m"+strconv.Itoa(m.r.IntN(1000)))
	} else {
		lon, lat := m.place()
		words = append(words, "FROMLONLAT", lon, lat)
	}
	length := func() string {
		scale := []float64{0.1, 10, 300, 3000, 20000}[m.r.IntN(5)]
		return decimal(m.r.Float64() * scale)
	}
	if m.r.IntN(2) == 0 {
		words = append(words, "BYRADIUS", length(), m.pick("km", "mi"))
	} else {
		words = append(words, "BYBOX", length(), length(), m.pick("km", "mi"))
	}
	if m.r.IntN(2) == 0 {
		words = append(words, "COUNT", strconv.Itoa(1+m.r.IntN(60)))
		if m.r.IntN(3) == 0 {
			words = append(words, "ANY")
		}
	}
	if m.r.IntN(2) == 0 {
		words = append(words, m.pick("ASC", "DESC"))
	}
	return words
}

func (m mapMaker) search() []string {
	words := m.shape()
	for _, w := range []string{"WITHDIST", "WITHCOORD", "WITHHASH"} {
		if m.r.IntN(2) == 0 {
			words = append(words, w)
		}
	}
	return words
}

func (m mapMaker) searchToStore() []string {
	words := m.shape()
	if m.r.IntN(2) == 0 {
		words = append(words, "STOREDIST")
	}
	return words
}
