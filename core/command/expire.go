package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// The conditions of EXPIRE and its sisters.
const (
	expireNX = 1 << iota
	expireXX
	expireGT
	expireLT
)

func cmdExpire(c *Call)    { c.expire(c.Now, true) }
func cmdPexpire(c *Call)   { c.expire(c.Now, false) }
func cmdExpireat(c *Call)  { c.expire(0, true) }
func cmdPexpireat(c *Call) { c.expire(0, false) }

// expire is what they share: word 2 counts seconds or milliseconds from base. A time in the past removes the key.
func (c *Call) expire(base int64, inSeconds bool) {
	key := c.Args[1]
	conditions, ok := c.expireConditions()
	if !ok {
		return
	}
	at, ok := c.intArg(2)
	if !ok {
		return
	}
	if inSeconds {
		if at > math.MaxInt64/1000 || at < math.MinInt64/1000 {
			c.errExpireTime()
			return
		}
		at *= 1000
	}
	if at > math.MaxInt64-base {
		c.errExpireTime()
		return
	}
	at += base
	e, found := c.LookupWrite(key)
	if !found || !expireAllowed(conditions, e.ExpiresAt(), at) {
		c.W.Int(0)
		return
	}
	c.W.Int(1)
	removed := c.past(at)
	c.setDeadline(key, at)
	if !removed {
		c.Effects.Rewrite = append(c.Effects.Rewrite, c.Args[3:]...)
	}
}

func (c *Call) expireConditions() (conditions int, ok bool) {
	for _, word := range c.Args[3:] {
		switch {
		case is(word, "nx"):
			conditions |= expireNX
		case is(word, "xx"):
			conditions |= expireXX
		case is(word, "gt"):
			conditions |= expireGT
		case is(word, "lt"):
			conditions |= expireLT
		default:
			c.W.Error(resp.Error("ERR Unsupported option " + string(word)))
			return 0, false
		}
	}
	switch {
	case conditions&expireNX != 0 && conditions != expireNX:
		c.W.Error("ERR NX and XX, GT or LT options at the same time are not compatible")
		return 0, false
	case conditions&expireGT != 0 && conditions&expireLT != 0:
		c.W.Error("ERR GT and LT options at the same time are not compatible")
		return 0, false
	}
	return conditions, true
}

// expireAllowed tells whether the conditions let a key with the time old have the time at. No expiry is later than any time.
func expireAllowed(conditions int, old, at int64) bool {
	volatile := old != keyspace.NoExpiry
	switch {
	case conditions&expireNX != 0 && volatile:
		return false
	case conditions&expireXX != 0 && !volatile:
		return false
	case conditions&expireGT != 0 && (!volatile || at <= old):
		return false
	case conditions&expireLT != 0 && volatile && at >= old:
		return false
	}
	return true
}

func cmdPersist(c *Call) {
	key := c.Args[1]
	e, found := c.LookupWrite(key)
	if !found || e.ExpiresAt() == keyspace.NoExpiry {
		c.W.Int(0)
		return
	}
	c.DB.SetExpiry(key, keyspace.NoExpiry)
	c.Dirty(1)
	c.Changed(key, ClassGeneric, "persist")
	c.W.Int(1)
}

func cmdTtl(c *Call)         { c.timeLeft(c.Now, true) }
func cmdPttl(c *Call)        { c.timeLeft(c.Now, false) }
func cmdExpiretime(c *Call)  { c.timeLeft(0, true) }
func cmdPexpiretime(c *Call) { c.timeLeft(0, false) }

// timeLeft replies with the time of a key from base on: -2 without a key, -1 without a time. Seconds are rounded to the nearest.
func (c *Call) timeLeft(base int64, inSeconds bool) {
	e, found := c.lookupNoTouch(c.Args[1])
	if !found {
		c.W.Int(-2)
		return
	}
	at := e.ExpiresAt()
	if at == keyspace.NoExpiry {
		c.W.Int(-1)
		return
	}
	left := max(at-base, 0)
	if inSeconds {
		left = int64((uint64(left) + 500) / 1000)
	}
	c.W.Int(left)
}
