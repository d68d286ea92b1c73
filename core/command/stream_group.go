package command

import (
	"bytes"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

const (
	errNoStream  resp.Error = "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically."
	errBusyGroup resp.Error = "BUSYGROUP Consumer Group name already exists"
)

// wrongSubcommand is the error for words that a subcommand doesn't know.
func (c *Call) wrongSubcommand() {
	c.W.Error(resp.Error("ERR unknown subcommand or wrong number of arguments for '" + cString(c.Args[1], quoteMax) + "'. Try " +
		string(bytes.ToUpper(c.Args[0])) + " HELP."))
}

// groupOf finds the stream and the group that an XGROUP subcommand names.
func (c *Call) groupOf() (v *keyspace.StreamValue, g keyspace.StreamGroup, ok bool) {
	e, found, ok := c.WriteOf(keyspace.Stream, c.Args[2])
	if !ok {
		return nil, g, false
	}
	if !found {
		c.W.Error(errNoStream)
		return nil, g, false
	}
	v = e.Stream()
	if g, ok = v.Group(c.Args[3]); !ok {
		c.noSuchGroup()
	}
	return v, g, ok
}

// noSuchGroup answers that the stream has no such group.
func (c *Call) noSuchGroup() {
	key, group := c.Args[2], c.Args[3]
	c.W.Error(resp.Error("NOGROUP No such consumer group '" + cString(group, len(group)) + "' for key name '" + cString(key, len(key)) + "'"))
}

// groupOptions reads the words behind the ID of XGROUP CREATE (create) and SETID.
func (c *Call) groupOptions(create bool) (read int64, mkStream, ok bool) {
	read = keyspace.UnknownRead
	for i := 5; i < len(c.Args); i++ {
		switch {
		case create && is(c.Args[i], "mkstream"):
			mkStream = true
		case is(c.Args[i], "entriesread") && i+1 < len(c.Args):
			i++
			if read, ok = c.intArg(i); !ok {
				return 0, false, false
			}
			if read < 0 && read != keyspace.UnknownRead {
				c.W.Error("ERR value for ENTRIESREAD must be positive or -1")
				return 0, false, false
			}
		default:
			c.wrongSubcommand()
			return 0, false, false
		}
	}
	return read, mkStream, true
}

func cmdXgroupCreate(c *Call) {
	read, mkStream, ok := c.groupOptions(true)
	if !ok {
		return
	}
	key, name := c.Args[2], c.Args[3]
	e, found, ok := c.WriteOf(keyspace.Stream, key)
	if !ok {
		return
	}
	var v *keyspace.StreamValue
	switch {
	case found:
		v = e.Stream()
	case !mkStream:
		c.W.Error(errNoStream)
		return
	}
	if len(c.Args) > 8 {
		c.wrongSubcommand()
		return
	}
	var id keyspace.StreamID
	if string(c.Args[4]) != "$" {
		if id, ok = c.idArg(4, idStrict); !ok {
			return
		}
	} else if found {
		id = v.LastID()
	}
	if !found {
		v = c.DB.NewStream(key)
	}
	if !v.CreateGroup(name, id, read) {
		c.W.Error(errBusyGroup)
		return
	}
	v.Commit()
	if found { // whoever watches the key doesn't mind a group, in Redis
		c.notify(key, ClassStream, "xgroup-create")
	} else {
		c.created(key)
		c.Changed(key, ClassStream, "xgroup-create")
	}
	c.Dirty(1)
	c.W.OK()
}

func cmdXgroupSetid(c *Call) {
	read, _, ok := c.groupOptions(false)
	if !ok {
		return
	}
	v, g, ok := c.groupOf()
	if !ok {
		return
	}
	if len(c.Args) != 5 && len(c.Args) != 7 {
		c.wrongSubcommand()
		return
	}
	id := v.LastID()
	if string(c.Args[4]) != "$" {
		if id, ok = c.idArg(4, idEnds); !ok {
			return
		}
	}
	g.SetID(id, read)
	v.Commit()
	c.notify(c.Args[2], ClassStream, "xgroup-setid")
	c.Dirty(1)
	c.W.OK()
}

func cmdXgroupDestroy(c *Call) {
	e, found, ok := c.WriteOf(keyspace.Stream, c.Args[2])
	if !ok {
		return
	}
	if !found {
		c.W.Error(errNoStream)
		return
	}
	v := e.Stream()
	if ok = v.DestroyGroup(c.Args[3]); ok {
		v.Commit()
		c.notify(c.Args[2], ClassStream, "xgroup-destroy")
		c.Server.Wake(c.DB, c.Args[2]) // who waits for the group is to hear of it
		c.Dirty(1)
	}
	c.flag(ok)
}

func cmdXgroupCreateconsumer(c *Call) {
	v, g, ok := c.groupOf()
	if !ok {
		return
	}
	_, fresh := g.CreateConsumer(c.Args[4], c.Now)
	if fresh {
		v.Commit()
		c.notify(c.Args[2], ClassStream, "xgroup-createconsumer")
		c.Dirty(1)
	}
	c.flag(fresh)
}

func cmdXgroupDelconsumer(c *Call) {
	v, g, ok := c.groupOf()
	if !ok {
		return
	}
	pending, found := g.DeleteConsumer(c.Args[4])
	if found {
		v.Commit()
		c.notify(c.Args[2], ClassStream, "xgroup-delconsumer")
		c.Dirty(1)
	}
	c.W.Int(int64(pending))
}

func cmdXgroupHelp(c *Call) {
	c.help(
		"CREATE <key> <groupname> <id|$> [option]|Make a group that reads what comes behind this ID. MKSTREAM makes the stream too, ENTRIESREAD tells how much came before.",
		"CREATECONSUMER <key> <groupname> <consumer>|Make a consumer.",
		"DELCONSUMER <key> <groupname> <consumer>|Remove a consumer with what it has pending.",
		"DESTROY <key> <groupname>|Remove a group.",
		"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]|Let a group go on behind this ID.",
	)
}

func cmdXack(c *Call) {
	e, found, ok := c.ReadOf(keyspace.Stream, c.Args[1])
	if !ok {
		return
	}
	var v *keyspace.StreamValue
	var g keyspace.StreamGroup
	if found {
		v = e.Stream()
		g, found = v.Group(c.Args[2])
	}
	if !found {
		c.W.Int(0)
		return
	}
	ids, ok := c.idArgs(3)
	if !ok {
		return
	}
	acked := 0
	for _, id := range ids {
		if g.Ack(id) {
			acked++
		}
	}
	v.Commit()
	c.Dirty(acked)
	c.W.Int(int64(acked))
}
