package command

func cmdMulti(c *Call) {
	if c.Session.InMulti() {
		c.W.Error("ERR MULTI calls can not be nested")
		return
	}
	c.Session.Multi()
	c.W.OK()
}

func cmdExec(c *Call) {
	if !c.Session.InMulti() {
		c.W.Error("ERR EXEC without MULTI")
		return
	}
	c.Session.Exec(c)
}

func cmdDiscard(c *Call) {
	if !c.Session.InMulti() {
		c.W.Error("ERR DISCARD without MULTI")
		return
	}
	c.Session.Discard()
	c.W.OK()
}

func cmdWatch(c *Call) {
	if c.Session.InMulti() {
		c.W.Error("ERR WATCH inside MULTI is not allowed")
		return
	}
	for _, key := range c.Args[1:] {
		c.Session.Watch(c.DB, key)
	}
	c.W.OK()
}

func cmdUnwatch(c *Call) {
	c.Session.Unwatch()
	c.W.OK()
}
