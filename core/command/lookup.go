package command

import (
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// LookupRead finds key for reading: it counts a hit or a miss and marks the access. A key that is past its time
// is removed first. The entry is valid until the next change of its database.
func (c *Call) LookupRead(key []byte) (keyspace.Entry, bool) {
	e, ok := c.peek(key)
	if !ok {
		c.Lookups.Misses++
		c.notify(key, ClassKeyMiss, "keymiss")
		return e, false
	}
	c.Lookups.Hits++
	if !c.NoTouch {
		e.Touch()
	}
	return e, true
}

// LookupWrite finds key for a change; it counts neither hit nor miss.
func (c *Call) LookupWrite(key []byte) (keyspace.Entry, bool) {
	e, ok := c.peek(key)
	if ok && !c.NoTouch {
		e.Touch()
	}
	return e, ok
}

// Peek finds key and leaves no trace: no statistics, no access mark.
//
//go:noinline
func (c *Call) Peek(key []byte) (keyspace.Entry, bool) { return c.peek(key) }

func (c *Call) peek(key []byte) (keyspace.Entry, bool) {
	e, ok := c.DB.Find(key)
	if ok && e.ExpiresAt() != keyspace.NoExpiry && e.ExpiresAt() <= c.Now && !c.Server.Loading() {
		c.Server.Expire(c.DB, key, c.Cmd.Flags&Write != 0)
		return keyspace.Entry{}, false
	}
	return e, ok
}

// ReadOf is LookupRead for a command on values of one type. ok is false when the key holds another type;
// then the error reply is written.
func (c *Call) ReadOf(t keyspace.Type, key []byte) (e keyspace.Entry, found, ok bool) {
	e, found = c.LookupRead(key)
	return c.check(t, e, found)
}

// WriteOf is LookupWrite for a command on values of one type; ok as with ReadOf.
func (c *Call) WriteOf(t keyspace.Type, key []byte) (e keyspace.Entry, found, ok bool) {
	e, found = c.LookupWrite(key)
	return c.check(t, e, found)
}

func (c *Call) check(t keyspace.Type, e keyspace.Entry, found bool) (keyspace.Entry, bool, bool) {
	if found && e.Type() != t {
		c.W.Error(resp.ErrWrongType)
		return e, true, false
	}
	return e, found, true
}

// Changed says that key was modified by what the event's name tells: watchers and followers hear of it.
// It does not count as dirty.
func (c *Call) Changed(key []byte, class Class, event string) {
	c.modified(key)
	c.notify(key, class, event)
}

// took is Changed for commands that take elements and tell of it before the key counts as modified: a session that hears of both gets them in
// this order. gone: the last element went.
//
//go:noinline
func (c *Call) took(key []byte, class Class, event string, gone bool) {
	c.notify(key, class, event)
	if gone {
		c.removed(key)
	}
	c.modified(key)
}

func (c *Call) modified(key []byte) {
	if c.Watched {
		c.Server.Modified(c.Session, c.DB, key)
	}
}

// notify publishes a keyspace event, if anybody wants it.
func (c *Call) notify(key []byte, class Class, event string) {
	if c.Events&class != 0 {
		c.Server.Notify(class, event, c.DB, key)
	}
}
