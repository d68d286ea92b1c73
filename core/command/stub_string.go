package command

func cmdAppend(c *Call)      { stub(c) }
func cmdDecr(c *Call)        { stub(c) }
func cmdDecrby(c *Call)      { stub(c) }
func cmdGet(c *Call)         { stub(c) }
func cmdGetdel(c *Call)      { stub(c) }
func cmdGetex(c *Call)       { stub(c) }
func cmdGetrange(c *Call)    { stub(c) }
func cmdGetset(c *Call)      { stub(c) }
func cmdIncr(c *Call)        { stub(c) }
func cmdIncrby(c *Call)      { stub(c) }
func cmdIncrbyfloat(c *Call) { stub(c) }
func cmdLcs(c *Call)         { stub(c) }
func cmdMget(c *Call)        { stub(c) }
func cmdMset(c *Call)        { stub(c) }
func cmdMsetnx(c *Call)      { stub(c) }
func cmdPsetex(c *Call)      { stub(c) }
func cmdSet(c *Call)         { stub(c) }
func cmdSetex(c *Call)       { stub(c) }
func cmdSetnx(c *Call)       { stub(c) }
func cmdSetrange(c *Call)    { stub(c) }
func cmdStrlen(c *Call)      { stub(c) }
func cmdSubstr(c *Call)      { stub(c) }
