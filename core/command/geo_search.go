package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// geoSearch is one GEOSEARCH, GEOSEARCHSTORE, GEORADIUS or GEORADIUSBYMEMBER.
type geoSearch struct {
	kind      geoKind
	readOnly  bool // the _RO forms take no STORE
	z         *keyspace.ZSetValue
	shape     geoShape
	hasCenter bool
	byMember  bool
	hasShape  bool

	order                         int8 // 1: ASC, -1: DESC
	count                         int64
	any                           bool
	withDist, withHash, withCoord bool
	store                         []byte
	storeDist                     bool

	found []geoFound
	arena []byte
}

type geoKind uint8

const (
	geoRadius geoKind = iota
	geoRadiusByMember
	geoSearchOnly
	geoSearchStore
)

// geoFound is an element that the shape contains.
type geoFound struct {
	rank            int // as it was found
	member          []byte
	score, distance float64
	place           geoPoint
}

func cmdGeosearch(c *Call)           { c.geoSearch(geoSearch{kind: geoSearchOnly}) }
func cmdGeosearchstore(c *Call)      { c.geoSearch(geoSearch{kind: geoSearchStore}) }
func cmdGeoradius(c *Call)           { c.geoSearch(geoSearch{kind: geoRadius}) }
func cmdGeoradiusRo(c *Call)         { c.geoSearch(geoSearch{kind: geoRadius, readOnly: true}) }
func cmdGeoradiusbymember(c *Call)   { c.geoSearch(geoSearch{kind: geoRadiusByMember}) }
func cmdGeoradiusbymemberRo(c *Call) { c.geoSearch(geoSearch{kind: geoRadiusByMember, readOnly: true}) }

func (c *Call) geoSearch(s geoSearch) {
	source := 1
	if s.kind == geoSearchStore {
		source = 2
	}
	e, found, ok := c.ReadOf(keyspace.ZSet, c.Args[source]) // as in Redis before the other words
	if !ok {
		return
	}
	if found {
		s.z = e.ZSet()
	}
	if !s.parse(c) || !s.check(c) {
		return
	}
	if s.z != nil {
		s.search()
		s.sort()
	}
	if s.store != nil {
		s.storeResult(c)
		return
	}
	s.reply(c)
}

func (s *geoSearch) parse(c *Call) bool {
	i := 3
	switch s.kind {
	case geoRadius:
		var ok bool
		if s.shape.center, ok = c.placeArg(2); !ok || !s.parseCircle(c, 4) {
			return false
		}
		i = 6
	case geoRadiusByMember:
		if s.z != nil && (!s.centerOn(c, c.Args[2]) || !s.parseCircle(c, 3)) {
			return false
		}
		i = 5
	case geoSearchOnly:
		i = 2
	case geoSearchStore:
		s.store = c.Args[1]
	}
	for i < len(c.Args) {
		n, ok := s.parseOption(c, i)
		if !ok {
			return false
		}
		if n == 0 {
			if n, ok = s.parseShape(c, i); !ok {
				return false
			}
		}
		i += n
	}
	return true
}

// parseOption reads the option at word i and gives the number of its words, 0 when it is none of these.
func (s *geoSearch) parseOption(c *Call, i int) (words int, ok bool) {
	left := len(c.Args) - i - 1
	stores := s.kind <= geoRadiusByMember && !s.readOnly && left >= 1
	switch w := c.Args[i]; {
	case is(w, "withdist"):
		s.withDist = true
	case is(w, "withhash"):
		s.withHash = true
	case is(w, "withcoord"):
		s.withCoord = true
	case is(w, "any"):
		s.any = true
	case is(w, "asc"):
		s.order = 1
	case is(w, "desc"):
		s.order = -1
	case is(w, "count") && left >= 1:
		if s.count, ok = c.intArg(i + 1); !ok {
			return 0, false
		}
		if s.count <= 0 {
			c.W.Error("ERR COUNT must be > 0")
			return 0, false
		}
		return 2, true
	case stores && is(w, "store"):
		s.store, s.storeDist = c.Args[i+1], false
		return 2, true
	case stores && is(w, "storedist"):
		s.store, s.storeDist = c.Args[i+1], true
		return 2, true
	case s.kind == geoSearchStore && is(w, "storedist"):
		s.storeDist = true
	default:
		return 0, true
	}
	return 1, true
}

// parseShape reads the words of GEOSEARCH that say where, at word i.
func (s *geoSearch) parseShape(c *Call, i int) (words int, ok bool) {
	left := len(c.Args) - i - 1
	search := s.kind >= geoSearchOnly
	fromPlace := s.hasCenter && !s.byMember
	byCircle, byBox := s.hasShape && !s.shape.box, s.hasShape && s.shape.box
	switch w := c.Args[i]; {
	case search && !fromPlace && left >= 1 && is(w, "frommember"):
		if s.z != nil && !s.centerOn(c, c.Args[i+1]) {
			return 0, false
		}
		s.hasCenter, s.byMember = true, true
		return 2, true
	case search && !s.byMember && left >= 2 && is(w, "fromlonlat"):
		s.shape.center, ok = c.placeArg(i + 1)
		s.hasCenter = true
		return 3, ok
	case search && !byBox && left >= 2 && is(w, "byradius"):
		return 3, s.parseCircle(c, i+1)
	case search && !byCircle && left >= 3 && is(w, "bybox"):
		return 4, s.parseBox(c, i+1)
	}
	c.W.Error(resp.ErrSyntax)
	return 0, false
}

// centerOn puts the center where a member is.
func (s *geoSearch) centerOn(c *Call, member []byte) bool {
	score, ok := s.z.Score(member)
	if !ok {
		c.W.Error("ERR could not decode requested zset member")
		return false
	}
	s.shape.center = geoDecode(score)
	return true
}

func (s *geoSearch) parseCircle(c *Call, i int) (ok bool) {
	if s.shape.radius, ok = c.lengthArg(i, "ERR need numeric radius", "ERR radius cannot be negative"); !ok {
		return false
	}
	s.hasShape = true
	s.shape.unit, ok = c.unitArg(i + 1)
	return ok
}

func (s *geoSearch) parseBox(c *Call, i int) (ok bool) {
	if s.shape.width, ok = c.floatArg(i, "ERR need numeric width"); !ok {
		return false
	}
	if s.shape.height, ok = c.floatArg(i+1, "ERR need numeric height"); !ok {
		return false
	}
	if s.shape.width < 0 || s.shape.height < 0 {
		c.W.Error("ERR height or width cannot be negative")
		return false
	}
	s.hasShape, s.shape.box = true, true
	s.shape.unit, ok = c.unitArg(i + 2)
	return ok
}

// check answers with an error what does not go together.
func (s *geoSearch) check(c *Call) bool {
	search := s.kind >= geoSearchOnly
	var e resp.Error
	switch {
	case s.store != nil && (s.withDist || s.withHash || s.withCoord):
		e = "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
		if search {
			e = "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
		}
	case search && !s.hasCenter:
		e = resp.Error("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + string(untilNUL(c.Args[0])))
	case search && !s.hasShape:
		e = resp.Error("ERR exactly one of BYRADIUS and BYBOX can be specified for " + string(untilNUL(c.Args[0])))
	case s.any && s.count == 0:
		e = "ERR the ANY argument requires COUNT argument"
	default:
		return true
	}
	c.W.Error(e)
	return false
}

// search finds what the shape contains, cell by cell in Redis's order. Neighbours of large cells may be one and the same.
func (s *geoSearch) search() {
	cells, origin := s.shape.cells(), originAt(s.shape.center)
	last := 0
	for i, cell := range cells {
		if cell.step == 0 || last > 0 && cell == cells[last] {
			continue
		}
		if s.enough() {
			break
		}
		s.searchCell(cell, origin)
		last = i
	}
}

// enough tells that COUNT … ANY is satisfied.
func (s *geoSearch) enough() bool { return s.any && int64(len(s.found)) >= s.count }

func (s *geoSearch) searchCell(cell geoCell, origin geoOrigin) {
	exactly := s.order != 0 || s.count > 0 && !s.any || s.withDist || s.storeDist
	from, to := cell.scores()
	first := s.z.Below(from, false)
	if first >= s.z.Len() {
		return
	}
	s.z.Range(first, false, func(m []byte, score float64) bool {
		if score >= to {
			return false
		}
		place := geoDecode(score)
		if distance, ok := s.shape.contains(origin, place, exactly); ok {
			n := len(s.arena)
			s.arena = append(s.arena, m...)
			s.found = append(s.found, geoFound{len(s.found), s.arena[n:len(s.arena):len(s.arena)], score, distance, place})
		}
		return !s.enough()
	})
}

// sort puts what was found in order and leaves as much of it as COUNT says. COUNT alone asks for the nearest.
func (s *geoSearch) sort() {
	n := len(s.found)
	if s.count > 0 && s.count < int64(n) {
		n = int(s.count)
	}
	if s.order == 0 && s.count > 0 && !s.any {
		s.order = 1
	}
	cmp := func(a, b *geoFound) int {
		switch {
		case a.distance > b.distance:
			return int(s.order)
		case a.distance == b.distance:
			return 0
		}
		return -int(s.order)
	}
	switch {
	case s.order == 0:
	case n == len(s.found): // a stable sort there, whose order the ranks give
		sortWindow(s.found, 0, n-1, func(a, b *geoFound) int {
			if order := cmp(a, b); order != 0 {
				return order
			}
			return a.rank - b.rank
		})
	default:
		sortWindow(s.found, 0, n-1, cmp)
	}
	s.found = s.found[:n]
}

func (s *geoSearch) reply(c *Call) {
	words := 1
	for _, with := range [...]bool{s.withDist, s.withHash, s.withCoord} {
		if with {
			words++
		}
	}
	c.W.Array(len(s.found))
	for i := range s.found {
		f := &s.found[i]
		if words > 1 {
			c.W.Array(words)
		}
		c.W.Bulk(f.member)
		if s.withDist {
			c.writeDistance(f.distance / s.shape.unit)
		}
		if s.withHash {
			c.W.Int(truncated(f.score))
		}
		if s.withCoord {
			c.writePlace(f.place)
		}
	}
}

// storeResult puts a sorted set of what was found, with its places or distances, in place of what is at the key.
func (s *geoSearch) storeResult(c *Call) {
	existed := c.clear(s.store)
	if len(s.found) == 0 {
		c.storedNothing(s.store, existed)
		return
	}
	longest := 0
	for i := range s.found {
		longest = max(longest, len(s.found[i].member))
	}
	z := c.DB.NewZSet(s.store)
	z.Expect(len(s.found), longest)
	for i := range s.found {
		f := &s.found[i]
		score := f.score
		if s.storeDist {
			score = f.distance / s.shape.unit
		}
		if math.IsNaN(score) { // a score can be none
			score = 0
		}
		z.Set(f.member, score)
	}
	z.Commit()
	if !existed {
		c.created(s.store)
	}
	event := "georadiusstore"
	if s.kind == geoSearchStore {
		event = "geosearchstore"
	}
	c.Changed(s.store, ClassZSet, event)
	c.Dirty(len(s.found))
	c.W.Int(int64(len(s.found)))
}
