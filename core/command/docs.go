package command

// COMMAND DOCS.

func cmdCommandDocs(c *Call) {
	commands := c.Server.Table().All()
	if len(c.Args) > 2 {
		commands = nil
		for _, name := range c.Args[2:] {
			if cmd := c.Server.Table().FullNamed(name); cmd != nil {
				commands = append(commands, cmd)
			}
		}
	}
	c.W.Map(len(commands))
	for _, cmd := range commands {
		c.W.BulkString(cmd.FullName())
		c.commandDocs(cmd)
	}
}

// fields writes a map whose fields are told one after another, those that are empty left out.
type fields struct {
	c *Call
	n int
}

func (f *fields) name(name string) {
	f.n++
	f.c.W.BulkString(name)
}

func (f *fields) text(name, text string) {
	if text != "" {
		f.name(name)
		f.c.W.BulkString(text)
	}
}

func (c *Call) commandDocs(cmd *Command) {
	m, f := c.W.Mark(), fields{c: c}
	f.text("summary", cmd.Summary)
	f.text("since", cmd.Since)
	f.text("group", cmd.Group)
	f.text("complexity", cmd.Complexity)
	if len(cmd.DocFlags) > 0 {
		f.name("doc_flags")
		c.simpleSet(cmd.DocFlags)
	}
	f.text("deprecated_since", cmd.DeprecatedSince)
	f.text("replaced_by", cmd.ReplacedBy)
	if len(cmd.History) > 0 {
		f.name("history")
		c.W.Set(len(cmd.History))
		for _, h := range cmd.History {
			c.W.Array(2)
			c.W.BulkString(h[0])
			c.W.BulkString(h[1])
		}
	}
	if len(cmd.Args) > 0 {
		f.name("arguments")
		c.argDocs(cmd.Args)
	}
	if len(cmd.Subcommands) > 0 {
		f.name("subcommands")
		c.W.Map(len(cmd.Subcommands))
		for _, sub := range cmd.Subcommands {
			c.W.BulkString(sub.FullName())
			c.commandDocs(sub)
		}
	}
	c.W.InsertMap(m, f.n)
}

func (c *Call) argDocs(args []Arg) {
	c.W.Array(len(args))
	for i := range args {
		c.argDoc(&args[i])
	}
}

func (c *Call) argDoc(a *Arg) {
	m, f := c.W.Mark(), fields{c: c}
	f.text("name", a.Name)
	f.text("type", argTypeNames[a.Type])
	if !c.Server.Profile70() && a.Type != ArgOneOf && a.Type != ArgBlock { // since 7.2
		display := a.Display
		if display == "" {
			display = a.Name
		}
		f.text("display_text", display)
	}
	if a.HasSpec {
		f.name("key_spec_index")
		c.W.Int(int64(a.KeySpec))
	}
	if a.Type == ArgPureToken { // also the empty one, of MIGRATE
		f.name("token")
		c.W.BulkString(a.Token)
	} else {
		f.text("token", a.Token)
	}
	f.text("summary", a.Summary)
	f.text("since", a.Since)
	f.text("deprecated_since", a.Deprecated)
	if a.Flags != 0 {
		f.name("flags")
		c.simpleSet(bitNames(uint32(a.Flags), argFlagNames, ""))
	}
	if len(a.Args) > 0 {
		f.name("arguments")
		c.argDocs(a.Args)
	}
	c.W.InsertMap(m, f.n)
}

var argFlagNames = []string{"optional", "multiple", "multiple_token"}
