package command

func cmdBgrewriteaof(c *Call)           { stub(c) }
func cmdCommandCount(c *Call)           { stub(c) }
func cmdCommandDocs(c *Call)            { stub(c) }
func cmdCommandGetkeys(c *Call)         { stub(c) }
func cmdCommandGetkeysandflags(c *Call) { stub(c) }
func cmdCommandHelp(c *Call)            { stub(c) }
func cmdCommandInfo(c *Call)            { stub(c) }
func cmdCommandList(c *Call)            { stub(c) }
func cmdConfigGet(c *Call)              { stub(c) }
func cmdConfigHelp(c *Call)             { stub(c) }
func cmdConfigResetstat(c *Call)        { stub(c) }
func cmdConfigSet(c *Call)              { stub(c) }
func cmdDbsize(c *Call)                 { stub(c) }
func cmdDebug(c *Call)                  { stub(c) }
func cmdFlushall(c *Call)               { stub(c) }
func cmdFlushdb(c *Call)                { stub(c) }
func cmdInfo(c *Call)                   { stub(c) }
func cmdLastsave(c *Call)               { stub(c) }
func cmdSwapdb(c *Call)                 { stub(c) }
func cmdTime(c *Call)                   { stub(c) }
func cmdCommand(c *Call)                { stub(c) }
