package command

import (
	"bytes"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// lookupNoTouch is LookupRead without the access mark, for commands that only ask about a key.
func (c *Call) lookupNoTouch(key []byte) (keyspace.Entry, bool) {
	e, ok := c.Peek(key)
	if ok {
		c.Lookups.Hits++
		return e, true
	}
	c.Lookups.Misses++
	c.notify(key, ClassKeyMiss, "keymiss")
	return e, false
}

// peekIn is Peek in another database.
func (c *Call) peekIn(db *keyspace.DB, key []byte) (keyspace.Entry, bool) {
	own := c.DB
	c.DB = db
	e, ok := c.Peek(key)
	c.DB = own
	return e, ok
}

// changedIn is Changed in another database.
func (c *Call) changedIn(db *keyspace.DB, key []byte, class Class, event string) {
	own := c.DB
	c.DB = db
	c.Changed(key, class, event)
	c.DB = own
}

// databaseArg is word i as a database; ok is false when there is none such, and then the error is written.
func (c *Call) databaseArg(i int) (db *keyspace.DB, ok bool) {
	n, ok := c.rangeArg(i, math.MinInt32, math.MaxInt32, "")
	if !ok {
		return nil, false
	}
	ks := c.Server.Keyspace()
	if n < 0 || n >= int64(ks.Databases()) {
		c.W.Error(resp.ErrDBIndex)
		return nil, false
	}
	return ks.DB(int(n)), true
}

func cmdDel(c *Call) {
	removed := 0
	for _, key := range c.Args[1:] {
		c.expireDue(key)
		if c.DB.Delete(key) {
			c.Changed(key, ClassGeneric, "del")
			removed++
		}
	}
	c.Dirty(removed)
	c.W.Int(int64(removed))
}

// UNLINK differs from DEL in when memory is given back; here both do it at once.
func cmdUnlink(c *Call) { cmdDel(c) }

func cmdExists(c *Call) {
	n := 0
	for _, key := range c.Args[1:] {
		if _, ok := c.lookupNoTouch(key); ok {
			n++
		}
	}
	c.W.Int(int64(n))
}

func cmdTouch(c *Call) {
	n := 0
	for _, key := range c.Args[1:] {
		if _, ok := c.LookupRead(key); ok {
			n++
		}
	}
	c.W.Int(int64(n))
}

func cmdType(c *Call) {
	e, ok := c.lookupNoTouch(c.Args[1])
	if !ok {
		c.W.Simple("none")
		return
	}
	c.W.Simple(e.Type().String())
}

func cmdRename(c *Call) { c.rename(false) }

func cmdRenamenx(c *Call) { c.rename(true) }

func (c *Call) rename(nx bool) {
	src, dst := c.Args[1], c.Args[2]
	if _, found := c.LookupWrite(src); !found {
		c.W.Error(resp.ErrNoSuchKey)
		return
	}
	same := bytes.Equal(src, dst)
	_, exists := c.Peek(dst)
	if nx && exists {
		c.W.Int(0)
		return
	}
	if !same {
		c.DB.Rename(src, c.DB, dst)
		c.created(dst)
		c.Dirty(1)
		c.Server.Modified(c.Session, c.DB, src)
		c.Server.Modified(c.Session, c.DB, dst)
		c.notify(src, ClassGeneric, "rename_from")
		c.notify(dst, ClassGeneric, "rename_to")
	}
	if nx {
		c.W.Int(1)
		return
	}
	c.W.OK()
}

func cmdMove(c *Call) {
	key := c.Args[1]
	to, ok := c.databaseArg(2)
	if !ok {
		return
	}
	if to == c.DB {
		c.W.Error(resp.ErrSameObject)
		return
	}
	if _, found := c.LookupWrite(key); !found {
		c.W.Int(0)
		return
	}
	if _, exists := c.peekIn(to, key); exists {
		c.W.Int(0)
		return
	}
	c.DB.Rename(key, to, key)
	c.Server.Notify(ClassNew, "new", to, key)
	c.Dirty(1)
	c.Server.Modified(c.Session, c.DB, key)
	c.Server.Modified(c.Session, to, key)
	c.Server.Notify(ClassGeneric, "move_from", c.DB, key)
	c.Server.Notify(ClassGeneric, "move_to", to, key)
	c.W.Int(1)
}

func cmdCopy(c *Call) {
	src, dst := c.Args[1], c.Args[2]
	to, replace := c.DB, false
	for i := 3; i < len(c.Args); i++ {
		switch word := c.Args[i]; {
		case is(word, "replace"):
			replace = true
		case is(word, "db") && i+1 < len(c.Args):
			i++
			var ok bool
			if to, ok = c.databaseArg(i); !ok {
				return
			}
		default:
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	if to == c.DB && bytes.Equal(src, dst) {
		c.W.Error(resp.ErrSameObject)
		return
	}
	if _, found := c.LookupRead(src); !found {
		c.W.Int(0)
		return
	}
	if _, exists := c.peekIn(to, dst); exists && !replace {
		c.W.Int(0)
		return
	}
	c.DB.Copy(src, to, dst)
	c.Server.Notify(ClassNew, "new", to, dst)
	c.Dirty(1)
	c.changedIn(to, dst, ClassGeneric, "copy_to")
	c.W.Int(1)
}

// randomTries is after how many keys that are past their time, and stay because of a pause, one of them is told: there may be no others.
const randomTries = 100

func cmdRandomkey(c *Call) {
	for tries := 1; ; tries++ {
		e, ok := c.DB.Random(c.Server.Random())
		if !ok {
			c.W.Null()
			return
		}
		if !c.due(e) {
			c.W.Bulk(e.Key())
			return
		}
		key := append(c.Scratch(len(e.Key()))[:0], e.Key()...)
		c.Server.Expire(c.DB, key, false)
		if _, stays := c.DB.Find(key); stays && tries >= randomTries && c.DB.Volatile() == c.DB.Len() {
			c.W.Bulk(key)
			return
		}
	}
}

// due tells whether e is past its time.
func (c *Call) due(e keyspace.Entry) bool {
	at := e.ExpiresAt()
	return at != keyspace.NoExpiry && at <= c.Now && !c.Server.Loading()
}

func cmdKeys(c *Call) {
	pattern := c.Args[1]
	all := len(pattern) == 1 && pattern[0] == '*'
	m, n := c.W.Mark(), 0
	c.DB.Each(func(e keyspace.Entry) bool {
		if (all || globMatch(pattern, e.Key(), false)) && !c.due(e) {
			c.W.Bulk(e.Key())
			n++
		}
		return true
	})
	c.W.InsertArray(m, n)
}

func cmdScan(c *Call) {
	cursor, ok := c.scanCursor(1)
	if !ok {
		return
	}
	o, ok := c.parseScan(2, true)
	if !ok {
		return
	}
	var expired [][]byte // removed when the walk is over, which must not change the table
	m, n := c.W.Mark(), 0
	next := c.DB.Scan(cursor, o.count, func(e keyspace.Entry) {
		switch {
		case !o.matches(e.Key()):
		case c.due(e): // whatever its type
			expired = append(expired, bytes.Clone(e.Key()))
		default:
			if o.typ != nil { // asking for a type is a lookup
				c.Lookups.Hits++
				if !is(o.typ, e.Type().String()) {
					return
				}
			}
			c.W.Bulk(e.Key())
			n++
		}
	})
	c.scanned(m, next, n)
	for _, key := range expired {
		c.Server.Expire(c.DB, key, false)
		if o.typ != nil {
			c.Lookups.Misses++
			if c.Server.Profile70() {
				c.notify(key, ClassKeyMiss, "keymiss")
			}
		}
	}
}
