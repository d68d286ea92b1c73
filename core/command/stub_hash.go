package command

func cmdHdel(c *Call)         { stub(c) }
func cmdHexists(c *Call)      { stub(c) }
func cmdHget(c *Call)         { stub(c) }
func cmdHgetall(c *Call)      { stub(c) }
func cmdHincrby(c *Call)      { stub(c) }
func cmdHincrbyfloat(c *Call) { stub(c) }
func cmdHkeys(c *Call)        { stub(c) }
func cmdHlen(c *Call)         { stub(c) }
func cmdHmget(c *Call)        { stub(c) }
func cmdHmset(c *Call)        { stub(c) }
func cmdHrandfield(c *Call)   { stub(c) }
func cmdHscan(c *Call)        { stub(c) }
func cmdHset(c *Call)         { stub(c) }
func cmdHsetnx(c *Call)       { stub(c) }
func cmdHstrlen(c *Call)      { stub(c) }
func cmdHvals(c *Call)        { stub(c) }
