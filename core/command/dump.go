package command

import (
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
)

func cmdDump(c *Call) {
	e, ok := c.LookupRead(c.Args[1])
	if !ok {
		c.W.Null()
		return
	}
	payload, ok := rdb.AppendDump(nil, e, c.Server.DumpOptions())
	if !ok {
		c.W.Error("ERR values of this type are not dumped here")
		return
	}
	c.W.Bulk(payload)
}

// restoreOptions are the words behind the payload of RESTORE.
type restoreOptions struct {
	replace, absolute bool
	idle, freq        int64 // -1: not given
}

// restoreOptions reads them.
func (c *Call) restoreOptions() (o restoreOptions, ok bool) {
	o.idle, o.freq = -1, -1
	for i := 4; i < len(c.Args); i++ {
		switch word, more := c.Args[i], i+1 < len(c.Args); {
		case is(word, "replace"):
			o.replace = true
		case is(word, "absttl"):
			o.absolute = true
		case is(word, "idletime") && more && o.freq == -1:
			i++
			if o.idle, ok = c.intArg(i); !ok {
				return o, false
			}
			if o.idle < 0 {
				c.W.Error("ERR Invalid IDLETIME value, must be >= 0")
				return o, false
			}
		case is(word, "freq") && more && o.idle == -1:
			i++
			if o.freq, ok = c.intArg(i); !ok {
				return o, false
			}
			if o.freq < 0 || o.freq > math.MaxUint8 {
				c.W.Error("ERR Invalid FREQ value, must be >= 0 and <= 255")
				return o, false
			}
		default:
			c.W.Error(resp.ErrSyntax)
			return o, false
		}
	}
	return o, true
}

func cmdRestore(c *Call) {
	key := c.Args[1]
	o, ok := c.restoreOptions()
	if !ok {
		return
	}
	if !o.replace {
		if _, exists := c.LookupWrite(key); exists {
			c.W.Error(resp.ErrBusyKey)
			return
		}
	}
	ttl, ok := c.intArg(2)
	if !ok {
		return
	}
	if ttl < 0 {
		c.W.Error("ERR Invalid TTL value, must be >= 0")
		return
	}
	version := rdb.Version
	if c.Server.Profile70() {
		version = 10
	}
	body, err := rdb.Payload(c.Args[3], version)
	if err != nil {
		c.W.Error("ERR DUMP payload version or checksum are wrong")
		return
	}
	v, err := rdb.Restore(body, version, c.Server.MaxBulkLen(), c.DB, key)
	if err != nil {
		c.W.Error("ERR Bad data format")
		return
	}
	c.restored(key, v, ttl, o)
}

// restored stores v at key, whatever is there. A time that has passed leaves nothing.
func (c *Call) restored(key []byte, v rdb.Value, ttl int64, o restoreOptions) {
	at := keyspace.NoExpiry
	if ttl > 0 {
		if at = ttl; !o.absolute {
			at += c.Now
		}
		if c.past(at) {
			if c.DB.Delete(key) {
				c.Dirty(1)
				c.PropagateAs(wordDel, key)
				c.Changed(key, ClassGeneric, "del")
			}
			c.W.OK()
			return
		}
	}
	v.Store(at)
	if e, ok := c.DB.Find(key); ok {
		if e.SetIdle(max(o.idle, 0)); o.freq >= 0 {
			e.SetFrequency(uint8(o.freq))
		}
	}
	c.created(key)
	c.Dirty(1)
	if ttl > 0 && !o.absolute {
		c.PropagateAs(c.Args...)
		c.Effects.Rewrite[2] = c.scratchInt(at)
		c.Effects.Rewrite = append(c.Effects.Rewrite, wordAbsttl)
	}
	c.Changed(key, ClassGeneric, "restore")
	c.W.OK()
}

var wordAbsttl = []byte("ABSTTL")

// MIGRATE: a tab reaches no other server, and the native program keeps to what a tab can do.
func cmdMigrate(c *Call) {
	c.W.Error("ERR MIGRATE is not possible here: no other server can be reached. Use DUMP here and RESTORE there.")
}
