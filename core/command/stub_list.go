package command

func cmdLindex(c *Call)    { stub(c) }
func cmdLinsert(c *Call)   { stub(c) }
func cmdLlen(c *Call)      { stub(c) }
func cmdLmove(c *Call)     { stub(c) }
func cmdLmpop(c *Call)     { stub(c) }
func cmdLpop(c *Call)      { stub(c) }
func cmdLpos(c *Call)      { stub(c) }
func cmdLpush(c *Call)     { stub(c) }
func cmdLpushx(c *Call)    { stub(c) }
func cmdLrange(c *Call)    { stub(c) }
func cmdLrem(c *Call)      { stub(c) }
func cmdLset(c *Call)      { stub(c) }
func cmdLtrim(c *Call)     { stub(c) }
func cmdRpop(c *Call)      { stub(c) }
func cmdRpoplpush(c *Call) { stub(c) }
func cmdRpush(c *Call)     { stub(c) }
func cmdRpushx(c *Call)    { stub(c) }
