package command

import (
	"strings"

	"tabdis/core/resp"
)

// Replies of COMMAND and its subcommands.

// implied are the categories that follow from flags.
func (c *Command) implied() Category {
	var cat Category
	for _, rule := range [...]struct {
		flag Flag
		cat  Category
	}{{Write, CatWrite}, {ReadOnly, CatRead}, {Admin, CatAdmin | CatDangerous}, {PubSub, CatPubSub}, {Fast, CatFast}, {Blocking, CatBlocking}} {
		if c.Flags&rule.flag != 0 {
			cat |= rule.cat
		}
	}
	if c.Flags&ReadOnly != 0 && c.Categories&CatScripting != 0 {
		cat &^= CatRead
	}
	if c.Flags&Fast == 0 {
		cat |= CatSlow
	}
	return cat
}

// AllCategories are a command's ACL categories, those that its flags imply among them.
func (c *Command) AllCategories() Category { return c.Categories | c.implied() }

// FlagNames, in Redis's order, are what COMMAND INFO tells.
func (c *Command) FlagNames() []string { return bitNames(uint32(c.Flags&^ProtectedCmd), flagNames, "") }

// CategoryNamed is the category of that name, in lower case and without its @; 0 when there is none.
func CategoryNamed(name string) Category {
	for i, known := range categoryNames {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// CategoryNames are the ACL categories with their @.
func (c *Command) CategoryNames() []string {
	return bitNames(uint32(c.AllCategories()), categoryNames, "@")
}

func bitNames(bits uint32, names []string, prefix string) (set []string) {
	for i, name := range names {
		if bits&(1<<i) != 0 {
			set = append(set, prefix+name)
		}
	}
	return set
}

// simpleSet writes words as a set of status replies.
func (c *Call) simpleSet(words []string) {
	c.W.Set(len(words))
	for _, w := range words {
		c.W.Simple(w)
	}
}

func cmdCommand(c *Call) { c.commandInfoAll() }

func (c *Call) commandInfoAll() {
	all := c.Server.Table().All()
	c.W.Array(len(all))
	for _, cmd := range all {
		c.commandInfo(cmd)
	}
}

func cmdCommandInfo(c *Call) {
	if len(c.Args) == 2 {
		c.commandInfoAll()
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, name := range c.Args[2:] {
		c.commandInfo(c.Server.Table().FullNamed(name))
	}
}

func (c *Call) commandInfo(cmd *Command) {
	if cmd == nil {
		c.W.Null()
		return
	}
	first, last, step := cmd.LegacyKeys()
	c.W.Array(10)
	c.W.BulkString(cmd.FullName())
	c.W.Int(int64(cmd.Arity))
	c.simpleSet(cmd.FlagNames())
	c.W.Int(int64(first))
	c.W.Int(int64(last))
	c.W.Int(int64(step))
	c.simpleSet(cmd.CategoryNames())
	c.W.Set(len(cmd.Tips))
	for _, tip := range cmd.Tips {
		c.W.BulkString(tip)
	}
	c.W.Set(len(cmd.Keys))
	for i := range cmd.Keys {
		c.keySpec(&cmd.Keys[i])
	}
	if len(cmd.Subcommands) == 0 {
		c.W.Set(0)
		return
	}
	c.W.Array(len(cmd.Subcommands))
	for _, sub := range cmd.Subcommands {
		c.commandInfo(sub)
	}
}

func (c *Call) keySpec(s *KeySpec) {
	n := 3
	if s.Notes != "" {
		n++
	}
	c.W.Map(n)
	if s.Notes != "" {
		c.W.BulkString("notes")
		c.W.BulkString(s.Notes)
	}
	c.W.BulkString("flags")
	c.simpleSet(bitNames(uint32(s.Flags), keyFlagNames, ""))
	c.W.BulkString("begin_search")
	switch b := &s.Begin; {
	case b.Index > 0:
		c.specHead("index", 1)
		c.intField("index", b.Index)
	case b.Keyword != "":
		c.specHead("keyword", 2)
		c.W.BulkString("keyword")
		c.W.BulkString(strings.ToUpper(b.Keyword))
		c.intField("startfrom", b.StartFrom)
	default:
		c.specHead("unknown", 0)
	}
	c.W.BulkString("find_keys")
	switch f := &s.Find; {
	case f.Range != nil:
		c.specHead("range", 3)
		c.intField("lastkey", f.Range.LastKey)
		c.intField("keystep", f.Range.Step)
		c.intField("limit", f.Range.Limit)
	case f.KeyNum != nil:
		c.specHead("keynum", 3)
		c.intField("keynumidx", f.KeyNum.KeyNumIdx)
		c.intField("firstkey", f.KeyNum.FirstKey)
		c.intField("keystep", f.KeyNum.Step)
	default:
		c.specHead("unknown", 0)
	}
}

// specHead starts one half of a key spec, of n fields.
func (c *Call) specHead(kind string, n int) {
	c.W.Map(2)
	c.W.BulkString("type")
	c.W.BulkString(kind)
	c.W.BulkString("spec")
	c.W.Map(n)
}

func (c *Call) intField(name string, n int) {
	c.W.BulkString(name)
	c.W.Int(int64(n))
}

func cmdCommandCount(c *Call) { c.W.Int(int64(len(c.Server.Table().All()))) }

func cmdCommandList(c *Call) {
	var wanted func(cmd *Command) bool
	switch n := len(c.Args); {
	case n == 2:
		wanted = func(*Command) bool { return true }
	case n == 5 && is(c.Args[2], "filterby") && is(c.Args[3], "module"):
		wanted = func(*Command) bool { return false } // there are no modules
	case n == 5 && is(c.Args[2], "filterby") && is(c.Args[3], "aclcat"):
		cat := Category(0)
		for i, name := range categoryNames {
			if is(c.Args[4], name) {
				cat = 1 << i
			}
		}
		wanted = func(cmd *Command) bool { return cmd.AllCategories()&cat != 0 }
	case n == 5 && is(c.Args[2], "filterby") && is(c.Args[3], "pattern"):
		wanted = func(cmd *Command) bool { return globMatch(c.Args[4], []byte(cmd.FullName()), true) }
	default:
		c.W.Error(resp.ErrSyntax)
		return
	}
	m, n := c.W.Mark(), 0
	for _, cmd := range c.Server.Table().All() {
		for _, each := range append([]*Command{cmd}, cmd.Subcommands...) {
			if wanted(each) {
				c.W.BulkString(each.FullName())
				n++
			}
		}
	}
	c.W.InsertArray(m, n)
}

func cmdCommandGetkeys(c *Call)         { c.commandGetkeys(false) }
func cmdCommandGetkeysandflags(c *Call) { c.commandGetkeys(true) }

// hasKeys tells whether keys may be among the words; shard channels are none.
func (c *Command) hasKeys() bool {
	for i := range c.Keys {
		if c.Keys[i].Flags&KeyNotKey == 0 {
			return true
		}
	}
	return c.GetKeys != nil
}

func (c *Call) commandGetkeys(withFlags bool) {
	args := c.Args[2:]
	cmd := c.Server.Table().find(args)
	switch {
	case cmd == nil:
		c.W.Error("ERR Invalid command specified")
		return
	case !cmd.hasKeys():
		c.W.Error("ERR The command has no key arguments")
		return
	case !cmd.ArityOK(len(args)):
		c.W.Error("ERR Invalid number of arguments specified for command")
		return
	}
	keys, err := cmd.KeysOf(args, nil)
	if (err != nil || len(keys) == 0) && cmd.Flags&NoMandatoryKeys == 0 {
		c.W.Error("ERR Invalid arguments specified for command")
		return
	}
	c.W.Array(len(keys))
	for _, k := range keys {
		if withFlags {
			c.W.Array(2)
		}
		c.W.Bulk(args[k.Pos])
		if withFlags {
			c.simpleSet(bitNames(uint32(k.Flags), keyFlagNames, ""))
		}
	}
}
