package command

import (
	"bytes"
	"sort"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// sorting is one SORT.
type sorting struct {
	by            []byte // the pattern that names the weights; nil: the elements are their own
	asStored      bool   // BY without *: not sorted at all
	desc, alpha   bool
	get           [][]byte // the patterns of GET, "#" the element itself
	store         []byte   // nil: reply
	offset, count int64

	elements []sortElement
	arena    []byte // their bytes: what they came from may change while weights are looked up
	key      []byte
	digits   [20]byte
}

type sortElement struct {
	text      []byte
	score     float64
	weight    []byte // with ALPHA and BY
	hasWeight bool
}

func cmdSort(c *Call) { c.sort(false) }

func cmdSortRo(c *Call) { c.sort(true) }

func (c *Call) sort(readOnly bool) {
	s := sorting{count: -1}
	if !s.parse(c, readOnly) {
		return
	}
	e, found := c.LookupRead(c.Args[1])
	if found && e.Type() != keyspace.List && e.Type() != keyspace.Set && e.Type() != keyspace.ZSet {
		c.W.Error(resp.ErrWrongType)
		return
	}
	if found && e.Type() == keyspace.Set && s.asStored && s.store != nil {
		// The order of a set is chance, and what is stored must not be.
		s.asStored, s.alpha, s.by = false, true, nil
	}
	if found {
		s.load(e)
	}
	if !s.asStored {
		if !s.weigh(c) {
			c.W.Error("ERR One or more scores can't be converted into double")
			return
		}
		s.order()
		s.limit()
	}
	if s.store != nil {
		s.storeResult(c)
		return
	}
	s.reply(c)
}

func (s *sorting) parse(c *Call, readOnly bool) (ok bool) {
	for i := 2; i < len(c.Args); i++ {
		left := len(c.Args) - i - 1
		switch word := c.Args[i]; {
		case is(word, "asc"):
			s.desc = false
		case is(word, "desc"):
			s.desc = true
		case is(word, "alpha"):
			s.alpha = true
		case is(word, "limit") && left >= 2:
			if s.offset, ok = c.intArg(i + 1); !ok {
				return false
			}
			if s.count, ok = c.intArg(i + 2); !ok {
				return false
			}
			i += 2
		case is(word, "store") && left >= 1 && !readOnly:
			i++
			s.store = c.Args[i]
		case is(word, "by") && left >= 1:
			i++
			s.by = c.Args[i]
			if bytes.IndexByte(untilNUL(s.by), '*') < 0 {
				s.asStored = true
			} else if !c.acl().Unrestricted(c) {
				c.W.Error("ERR BY option of SORT denied due to insufficient ACL permissions.")
				return false
			}
		case is(word, "get") && left >= 1:
			if i++; !c.acl().Unrestricted(c) {
				c.W.Error("ERR GET option of SORT denied due to insufficient ACL permissions.")
				return false
			}
			s.get = append(s.get, c.Args[i])
		default:
			c.W.Error(resp.ErrSyntax)
			return false
		}
	}
	return true
}

// untilNUL is what C sees of b: all before the first zero byte.
func untilNUL(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// window is the part [from, to) of n elements that LIMIT asks for.
func (s *sorting) window(n int) (from, to int) {
	size := int64(n)
	start := min(max(s.offset, 0), size)
	stop := size
	if s.count >= 0 {
		stop = min(start+min(s.count, size), size)
	}
	return int(start), int(stop)
}

func (s *sorting) limit() {
	from, to := s.window(len(s.elements))
	s.elements = s.elements[from:to]
}

// load takes the elements from e; those that LIMIT leaves only, where they are not to be sorted. A sorted set stays packed, which Redis
// makes a skip list here.
func (s *sorting) load(e keyspace.Entry) {
	switch e.Type() {
	case keyspace.List:
		l := e.List()
		s.loadRanks(l.Len(), func(i int, fn func(v []byte) bool) {
			l.Range(i, s.asStored && s.desc, func(_ int, v []byte) bool { return fn(v) })
		})
	case keyspace.ZSet:
		z := e.ZSet()
		s.loadRanks(z.Len(), func(i int, fn func(v []byte) bool) {
			z.Range(i, s.asStored && s.desc, func(m []byte, _ float64) bool { return fn(m) })
		})
	case keyspace.Set:
		set := e.Set()
		s.elements = make([]sortElement, 0, set.Len())
		set.Each(func(m []byte) bool {
			s.add(m)
			return true
		})
		if s.asStored {
			s.limit()
		}
	}
}

// loadRanks loads from what has an order of its own. walk goes on from element i; backwards for DESC without sorting.
func (s *sorting) loadRanks(n int, walk func(i int, fn func(v []byte) bool)) {
	from, to := 0, n
	if s.asStored {
		from, to = s.window(n)
	}
	left := to - from
	if left == 0 {
		return
	}
	if s.asStored && s.desc {
		from = n - 1 - from
	}
	s.elements = make([]sortElement, 0, left)
	walk(from, func(v []byte) bool {
		s.add(v)
		left--
		return left > 0
	})
}

func (s *sorting) add(v []byte) {
	s.elements = append(s.elements, sortElement{text: s.keep(v)})
}

// keep copies v into the arena; what was kept before stays where it is when the arena moves.
func (s *sorting) keep(v []byte) []byte {
	n := len(s.arena)
	s.arena = append(s.arena, v...)
	return s.arena[n:len(s.arena):len(s.arena)]
}

// weigh finds what each element is compared by; false when one that should be a number is none.
func (s *sorting) weigh(c *Call) (ok bool) {
	ok = true
	for i := range s.elements {
		el := &s.elements[i]
		weight := el.text
		if s.by != nil {
			var found bool
			if weight, found = s.lookup(c, s.by, el.text); !found {
				continue
			}
		}
		switch {
		case !s.alpha:
			f, n, outOfRange := floatPrefix(weight)
			if n < len(weight) && weight[n] != 0 || outOfRange || f != f {
				ok = false
			}
			el.score = f
		case s.by != nil:
			el.weight, el.hasWeight = s.keep(weight), true
		}
	}
	return ok
}

// order sorts the elements; with BY only those that LIMIT leaves, which decides where equals come, as in Redis.
func (s *sorting) order() {
	if from, to := s.window(len(s.elements)); s.by != nil && to-from < len(s.elements) {
		if from < to {
			sortWindow(s.elements, from, to-1, func(a, b *sortElement) int { return s.compare(*a, *b) })
		}
		return
	}
	sort.SliceStable(s.elements, func(i, j int) bool { return s.compare(s.elements[i], s.elements[j]) < 0 })
}

func (s *sorting) compare(x, y sortElement) (order int) {
	switch {
	case !s.alpha && x.score > y.score:
		order = 1
	case !s.alpha && x.score < y.score:
		order = -1
	case !s.alpha:
		order = bytes.Compare(x.text, y.text)
	case s.by == nil:
		order = s.collate(x.text, y.text)
	case x.hasWeight && y.hasWeight:
		order = s.collate(x.weight, y.weight)
	case x.hasWeight:
		order = 1
	case y.hasWeight:
		order = -1
	}
	if s.desc {
		return -order
	}
	return order
}

// collate compares texts: whole ones for STORE, otherwise as C's strcoll does in the locale C.
func (s *sorting) collate(x, y []byte) int {
	if s.store != nil {
		return bytes.Compare(x, y)
	}
	return bytes.Compare(untilNUL(x), untilNUL(y))
}

// results yields what is answered or stored for the elements, ok false for what does not exist, until fn returns false.
func (s *sorting) results(c *Call, fn func(v []byte, ok bool) bool) {
	for i := range s.elements {
		text := s.elements[i].text
		if len(s.get) == 0 && !fn(text, true) {
			return
		}
		for _, pattern := range s.get {
			if !fn(s.lookup(c, pattern, text)) {
				return
			}
		}
	}
}

func (s *sorting) length() int { return len(s.elements) * max(1, len(s.get)) }

func (s *sorting) reply(c *Call) {
	from := c.W.Len()
	c.W.Array(s.length())
	s.results(c, func(v []byte, ok bool) bool {
		if ok {
			c.W.Bulk(v)
		} else {
			c.W.Null()
		}
		return !c.replyTooLarge(from)
	})
}

// storeResult gathers all before it replaces what is at the key: patterns may read that.
func (s *sorting) storeResult(c *Call) {
	var ends []int
	var all []byte
	tooLarge := false
	s.results(c, func(v []byte, _ bool) bool {
		all = append(all, v...)
		ends = append(ends, len(all))
		tooLarge = len(s.get) > 0 && int64(len(all)) > c.Server.MaxBulkLen()
		return !tooLarge
	})
	if tooLarge {
		c.W.Error(errReplyTooLarge)
		return
	}
	existed := c.clear(s.store)
	if len(ends) == 0 {
		c.storedNothing(s.store, existed)
		return
	}
	l := c.DB.NewList(s.store)
	from := 0
	for _, end := range ends {
		l.PushTail(all[from:end])
		from = end
	}
	l.Commit()
	if !existed {
		c.created(s.store)
	}
	c.Dirty(len(ends))
	c.Changed(s.store, ClassList, "sortstore")
	c.W.Int(int64(len(ends)))
}

// lookup is the value that a pattern of BY or GET names for an element: "#" the element, "a*b" the string at the key with * replaced
// by it, "a*b->f" the field f of the hash there. The value is valid until the next lookup.
func (s *sorting) lookup(c *Call, pattern, element []byte) (val []byte, ok bool) {
	if len(pattern) == 1 && pattern[0] == '#' {
		return element, true
	}
	star := bytes.IndexByte(untilNUL(pattern), '*')
	if star < 0 {
		return nil, false
	}
	prefix, rest, field := pattern[:star], pattern[star+1:], []byte(nil)
	if arrow := bytes.Index(untilNUL(rest), []byte("->")); arrow >= 0 && arrow+2 < len(rest) {
		rest, field = rest[:arrow], rest[arrow+2:]
	}
	s.key = append(append(append(s.key[:0], prefix...), element...), rest...)
	e, found := c.LookupRead(s.key)
	switch {
	case !found:
		return nil, false
	case field != nil && e.Type() == keyspace.Hash:
		return e.Hash().Get(field)
	case field == nil && e.Type() == keyspace.String:
		return e.Bytes(s.digits[:]), true
	}
	return nil, false
}
