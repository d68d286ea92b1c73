package command

func stub(c *Call) { c.W.Error("ERR " + "not built") }
