package command

func cmdSadd(c *Call)        { stub(c) }
func cmdScard(c *Call)       { stub(c) }
func cmdSdiff(c *Call)       { stub(c) }
func cmdSdiffstore(c *Call)  { stub(c) }
func cmdSinter(c *Call)      { stub(c) }
func cmdSintercard(c *Call)  { stub(c) }
func cmdSinterstore(c *Call) { stub(c) }
func cmdSismember(c *Call)   { stub(c) }
func cmdSmembers(c *Call)    { stub(c) }
func cmdSmismember(c *Call)  { stub(c) }
func cmdSmove(c *Call)       { stub(c) }
func cmdSpop(c *Call)        { stub(c) }
func cmdSrandmember(c *Call) { stub(c) }
func cmdSrem(c *Call)        { stub(c) }
func cmdSscan(c *Call)       { stub(c) }
func cmdSunion(c *Call)      { stub(c) }
func cmdSunionstore(c *Call) { stub(c) }
