package command

import (
	"math"
	"sort"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// The results of these commands come in the order of a set into which they were put one after another, as in Redis:
// sorted while all are integers and few. Such a result is a set under a key where it may never be stored.

// readSets opens the sets at keys; nil for one that isn't there. ok is false when the error of a wrong type is written.
func (c *Call) readSets(keys [][]byte) (sets []*keyspace.SetValue, ok bool) {
	for _, key := range keys { // a lookup may remove a key past its time: views are opened when all is looked up
		if _, _, ok := c.ReadOf(keyspace.Set, key); !ok {
			return nil, false
		}
	}
	sets = make([]*keyspace.SetValue, len(keys))
	for i, key := range keys {
		if e, found := c.Peek(key); found {
			sets[i] = e.Set()
		}
	}
	return sets, true
}

func size(s *keyspace.SetValue) int {
	if s == nil {
		return 0
	}
	return s.Len()
}

func cmdSinter(c *Call) {
	sets, ok := c.readSets(c.Args[1:])
	if !ok {
		return
	}
	m, n := c.W.Mark(), 0
	intersect(sets, func(e []byte) bool {
		c.W.Bulk(e)
		n++
		return true
	})
	c.W.InsertSet(m, n)
}

func cmdSinterstore(c *Call) {
	sets, ok := c.readSets(c.Args[2:])
	if !ok {
		return
	}
	result := c.DB.NewSet(c.Args[1])
	result.KeepOrder()
	intersect(sets, func(e []byte) bool {
		result.Add(e)
		return true
	})
	result.TryIntset()
	c.storeSet(result, "sinterstore")
}

func cmdSintercard(c *Call) {
	n, ok := c.rangeArg(1, 1, math.MaxInt64, "ERR numkeys should be greater than 0")
	if !ok {
		return
	}
	if n > int64(len(c.Args)-2) {
		c.W.Error("ERR Number of keys can't be greater than number of args")
		return
	}
	limit := int64(0)
	for i := 2 + int(n); i < len(c.Args); i += 2 {
		if !is(c.Args[i], "limit") || i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return
		}
		if limit, ok = c.rangeArg(i+1, 0, math.MaxInt64, "ERR LIMIT can't be negative"); !ok {
			return
		}
	}
	sets, ok := c.readSets(c.Args[2 : 2+n])
	if !ok {
		return
	}
	card := int64(0)
	intersect(sets, func([]byte) bool {
		card++
		return card != limit
	})
	c.W.Int(card)
}

// intersect calls fn with what is in all sets, in the order of the smallest, until fn returns false.
func intersect(sets []*keyspace.SetValue, fn func(m []byte) bool) {
	sets = append([]*keyspace.SetValue(nil), sets...)
	sort.SliceStable(sets, func(i, j int) bool { return size(sets[i]) < size(sets[j]) })
	if sets[0] == nil {
		return
	}
	sets[0].Each(func(m []byte) bool {
		for _, s := range sets[1:] {
			if !s.Has(m) {
				return true
			}
		}
		return fn(m)
	})
}

func cmdSunion(c *Call) { c.combine(union, 1, c.writeSet) }
func cmdSdiff(c *Call)  { c.combine(difference, 1, c.writeSet) }
func cmdSunionstore(c *Call) {
	c.combine(union, 2, func(r *keyspace.SetValue) { c.storeSet(r, "sunionstore") })
}
func cmdSdiffstore(c *Call) {
	c.combine(difference, 2, func(r *keyspace.SetValue) { c.storeSet(r, "sdiffstore") })
}

// combine gives done the result of op on the sets at the keys from word i on.
func (c *Call) combine(op func(result *keyspace.SetValue, sets []*keyspace.SetValue), i int, done func(*keyspace.SetValue)) {
	sets, ok := c.readSets(c.Args[i:])
	if !ok {
		return
	}
	result := c.DB.NewSet(c.Args[1])
	op(result, sets)
	done(result)
}

func union(result *keyspace.SetValue, sets []*keyspace.SetValue) {
	for _, s := range sets {
		addAll(result, s)
	}
}

func addAll(result, s *keyspace.SetValue) {
	if s != nil {
		s.Each(func(m []byte) bool {
			result.Add(m)
			return true
		})
	}
}

// difference puts into result what only the first set has. Of two ways it takes the one with less work: to ask all other sets for each
// member of the first, or to take the members of all others away from a copy of the first.
func difference(result *keyspace.SetValue, sets []*keyspace.SetValue) {
	first, others := sets[0], append([]*keyspace.SetValue(nil), sets[1:]...)
	if first == nil {
		return
	}
	ask, takeAway := 0, 0
	for _, s := range sets {
		if s != nil {
			ask += first.Len()
			takeAway += s.Len()
		}
	}
	if ask/2 > takeAway { // asking costs half, and ends early
		addAll(result, first)
		for _, s := range others {
			if s != nil && result.Len() > 0 {
				s.Each(func(m []byte) bool {
					result.Remove(m)
					return result.Len() > 0
				})
			}
		}
		return
	}
	sort.SliceStable(others, func(i, j int) bool { return size(others[i]) > size(others[j]) })
	first.Each(func(m []byte) bool {
		for _, s := range others {
			if s != nil && s.Has(m) {
				return true
			}
		}
		result.Add(m)
		return true
	})
}

// storeSet stores a result, which was made for the first key, in place of whatever is there, and answers with its size.
func (c *Call) storeSet(result *keyspace.SetValue, event string) {
	n, existed := result.Len(), c.clear(c.Args[1])
	if n == 0 {
		c.storedNothing(c.Args[1], existed)
		return
	}
	result.Commit()
	c.stored(c.Args[1], existed, ClassSet, event, n)
}

// clear removes what is at key, to make room for what a STORE command puts there; a key past its time counts as not there.
func (c *Call) clear(key []byte) (existed bool) {
	if _, found := c.Peek(key); !found {
		return false
	}
	return c.DB.Delete(key)
}

// stored ends a STORE command whose result of n elements is under key now.
func (c *Call) stored(key []byte, existed bool, class Class, event string, n int) {
	if !existed {
		c.created(key)
	}
	c.Changed(key, class, event)
	c.Dirty(1)
	c.W.Int(int64(n))
}

// storedNothing ends a STORE command with an empty result, which removed key if it existed.
func (c *Call) storedNothing(key []byte, existed bool) {
	if existed {
		c.Changed(key, ClassGeneric, "del")
		c.Dirty(1)
	}
	c.W.Int(0)
}
