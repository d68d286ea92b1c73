package command

func cmdClientGetname(c *Call) { stub(c) }
func cmdClientHelp(c *Call)    { stub(c) }
func cmdClientId(c *Call)      { stub(c) }
func cmdClientInfo(c *Call)    { stub(c) }
func cmdClientKill(c *Call)    { stub(c) }
func cmdClientList(c *Call)    { stub(c) }
func cmdClientReply(c *Call)   { stub(c) }
func cmdClientSetname(c *Call) { stub(c) }
func cmdEcho(c *Call)          { stub(c) }
func cmdHello(c *Call)         { stub(c) }
func cmdPing(c *Call)          { stub(c) }
func cmdQuit(c *Call)          { stub(c) }
func cmdReset(c *Call)         { stub(c) }
func cmdSelect(c *Call)        { stub(c) }
