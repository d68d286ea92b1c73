package command

import (
	"math"

	"tabdis/core/keyspace"
)

// object finds the key of an OBJECT subcommand, which neither marks it as used nor tells of a miss; it replies null when there is none.
func (c *Call) object() (e keyspace.Entry, found bool) {
	e, found = c.Peek(c.Args[2])
	if !found {
		c.Lookups.Misses++
		c.W.Null()
		return e, false
	}
	c.Lookups.Hits++
	return e, true
}

func cmdObjectEncoding(c *Call) {
	if e, ok := c.object(); ok {
		c.W.BulkString(e.Encoding().String())
	}
}

// OBJECT REFCOUNT: Redis shares the objects of the integers below 10000 and then answers the largest count.
func cmdObjectRefcount(c *Call) {
	e, ok := c.object()
	if !ok {
		return
	}
	if e.Type() == keyspace.String {
		if n, ok := e.Int(); ok && 0 <= n && n < 10000 {
			c.W.Int(math.MaxInt32)
			return
		}
	}
	c.W.Int(1)
}

const lfuAdvice = " Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."

func (c *Call) lfu() bool { return c.DB.Keyspace().TracksFrequency() }

func cmdObjectIdletime(c *Call) {
	e, ok := c.object()
	if !ok {
		return
	}
	if c.lfu() {
		c.W.Error("ERR An LFU maxmemory policy is selected, idle time not tracked." + lfuAdvice)
		return
	}
	c.W.Int(e.Idle())
}

func cmdObjectFreq(c *Call) {
	e, ok := c.object()
	if !ok {
		return
	}
	if !c.lfu() {
		c.W.Error("ERR An LFU maxmemory policy is not selected, access frequency not tracked." + lfuAdvice)
		return
	}
	c.W.Int(int64(e.Frequency()))
}

func cmdObjectHelp(c *Call) {
	c.help(
		"ENCODING <key>|How the value of the key is stored.",
		"FREQ <key>|How often the key is used, on a logarithmic scale, under an LFU policy.",
		"IDLETIME <key>|The seconds since the key was last used.",
		"REFCOUNT <key>|The number of references to the value of the key.",
	)
}
