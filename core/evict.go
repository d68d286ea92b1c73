package core

import (
	"math"

	"tabdis/core/command"
	"tabdis/core/keyspace"
)

// evictionPolicies are the values of maxmemory-policy.
var evictionPolicies = []struct {
	name   string
	policy keyspace.Policy
}{
	{"volatile-lru", keyspace.Policy{Order: keyspace.LeastRecent, Volatile: true}},
	{"volatile-lfu", keyspace.Policy{Order: keyspace.LeastFrequent, Volatile: true}},
	{"volatile-random", keyspace.Policy{Order: keyspace.Anybody, Volatile: true}},
	{"volatile-ttl", keyspace.Policy{Order: keyspace.SoonestExpiry, Volatile: true}},
	{"allkeys-lru", keyspace.Policy{Order: keyspace.LeastRecent}},
	{"allkeys-lfu", keyspace.Policy{Order: keyspace.LeastFrequent}},
	{"allkeys-random", keyspace.Policy{Order: keyspace.Anybody}},
	{noEviction, keyspace.Policy{}},
}

const noEviction = "noeviction"

func evictionPolicyNames() (names []string) {
	for _, p := range evictionPolicies {
		names = append(names, p.name)
	}
	return names
}

// evictionPolicy is the policy in force.
func (c *config) evictionPolicy() keyspace.Policy {
	for _, p := range evictionPolicies {
		if p.name == c.eviction.policy {
			return p.policy
		}
	}
	return keyspace.Policy{}
}

// evictionConfig is maxmemory-policy and what belongs to it.
type evictionConfig struct {
	policy                string
	samples, tenacity     int
	lfuFactor, lfuMinutes int
}

// How evicting paces itself.
const (
	evictLook  = 16  // victims between two looks at the clock
	spareHeaps = 64  // that are given back at a time before a victim has to go
	spareShare = 128 // of maxmemory, which stays for reuse: evicting makes heaps smaller, what comes in larger
)

// evictSlice is for how long one command may evict, in µs: Redis's scale.
func (c *config) evictSlice() int64 {
	switch t := c.eviction.tenacity; {
	case t <= 10:
		return int64(50 * t)
	case t < 100:
		return int64(500 * math.Pow(1.15, float64(t-10)))
	}
	return math.MaxInt64 / 2
}

// enough looks how much is left of maxmemory, and whether a command of so many bytes may come.
func (e *Engine) enough(size int) bool {
	e.room = e.config.maxmemory - e.ks.Memory() - e.tracking.table.memory()
	return e.room >= 0 && (size <= largeCommand || int64(size) <= e.room)
}

// makeRoom evicts until there is enough for a command of size bytes. When its slice is over it stops and the command may come all the same:
// the next one, or the next tick, goes on. It is false when nothing is left that may go.
func (e *Engine) makeRoom(size int) bool {
	e.evicting = false
	policy := e.config.evictionPolicy()
	if policy.Order == keyspace.Nobody || e.pause.until != 0 || e.dead != "" {
		return false
	}
	fits := int64(size) <= e.config.maxmemory
	if !fits {
		size = 0 // what does not fit in any case is not worth all the rest
	}
	end := monotonic() + e.config.evictSlice()
	for n := 0; !e.enough(size); {
		if e.ks.DropSpare(e.config.maxmemory/spareShare, spareHeaps) {
			continue
		}
		victim, ok := e.ks.Victim(policy, e.config.eviction.samples, e.rng)
		if !ok {
			return false
		}
		e.evict(victim)
		if n++; n%evictLook == 0 && monotonic() >= end {
			e.evicting = true
			break
		}
	}
	return fits && (size <= largeCommand || int64(size) <= e.room)
}

// evict removes a key, an execution unit of its own.
func (e *Engine) evict(victim keyspace.Entry) {
	db := victim.DB()
	e.victim = append(e.victim[:0], victim.Key()...)
	key := e.victim
	db.Evict(key)
	e.stats.evicted++
	if e.logging() {
		e.feed(db.Index(), [][]byte{wordDel, key})
	}
	e.Modified(nil, db, key)
	e.Notify(command.ClassEvicted, "evicted", db, key)
	e.endUnit()
}

// evictMore goes on evicting in a tick; it tells whether there is more to do.
func (e *Engine) evictMore() (more bool) {
	if e.config.maxmemory != 0 && e.config.eviction.policy != noEviction && !e.enough(0) {
		e.makeRoom(0)
		return e.evicting
	}
	return false
}
