package command

func cmdDiscard(c *Call) { stub(c) }
func cmdExec(c *Call)    { stub(c) }
func cmdMulti(c *Call)   { stub(c) }
func cmdUnwatch(c *Call) { stub(c) }
func cmdWatch(c *Call)   { stub(c) }
