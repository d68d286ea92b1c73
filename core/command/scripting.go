package command

import (
	"encoding/binary"

	"tabdis/core/rdb"
	"tabdis/core/resp"
)

// There is no Lua here. What Redis answers while it holds no script and no library is answered so; what would need Lua is
// refused by one error.
const errNoLua resp.Error = "ERR tabdis has no Lua: scripts and functions cannot run here. Use MULTI, EXEC and WATCH, or the program's own code"

const (
	errNoScript   resp.Error = "NOSCRIPT No matching script. Please use EVAL."
	errNotRunning resp.Error = "NOTBUSY No scripts in execution right now."
)

// scriptKeys checks the number of keys that stands behind a script.
func (c *Call) scriptKeys() bool {
	n, ok := c.intArg(2)
	switch {
	case !ok:
	case n > int64(len(c.Args)-3):
		c.W.Error("ERR Number of keys can't be greater than number of args")
	case n < 0:
		c.W.Error("ERR Number of keys can't be negative")
	default:
		return true
	}
	return false
}

func cmdEval(c *Call) {
	if c.scriptKeys() {
		c.W.Error(errNoLua)
	}
}

// cmdEvalsha knows no script. What cannot be a digest is told so before anything else is looked at.
func cmdEvalsha(c *Call) {
	if len(c.Args[1]) != 40 || c.scriptKeys() {
		c.W.Error(errNoScript)
	}
}

func cmdFcall(c *Call) { c.W.Error("ERR Function not found") }

func cmdScriptExists(c *Call) {
	c.W.Array(len(c.Args) - 2)
	for range c.Args[2:] {
		c.W.Int(0)
	}
}

// flushMode tells whether word 2, if there is one, is ASYNC or SYNC.
func (c *Call) flushMode() bool {
	return len(c.Args) == 2 || len(c.Args) == 3 && (is(c.Args[2], "async") || is(c.Args[2], "sync"))
}

func cmdScriptFlush(c *Call) {
	if !c.flushMode() {
		c.W.Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
		return
	}
	c.W.OK()
}

func cmdScriptKill(c *Call) { c.W.Error(errNotRunning) }

func cmdScriptLoad(c *Call) { c.W.Error(errNoLua) }

func cmdScriptDebug(c *Call) {
	switch w := c.Args[2]; {
	case is(w, "no"):
		c.W.OK()
	case is(w, "yes"), is(w, "sync"):
		c.W.Error(errNoLua)
	default:
		c.W.Error("ERR Use SCRIPT DEBUG YES/SYNC/NO")
	}
}

// wrongWords answers a subcommand with too many words, where Redis leaves them to be counted by itself.
func (c *Call) wrongWords(command string) {
	c.W.Error(resp.Error("ERR unknown subcommand or wrong number of arguments for '" + cString(c.Args[1], quoteMax) + "'. Try " + command + " HELP."))
}

func cmdFunctionFlush(c *Call) {
	switch {
	case len(c.Args) > 3:
		c.wrongWords("FUNCTION")
	case !c.flushMode():
		c.W.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
	default:
		c.Dirty(1) // Redis logs it whether there are any or not
		c.W.OK()
	}
}

func cmdFunctionDelete(c *Call) { c.W.Error("ERR Library not found") }

func cmdFunctionList(c *Call) {
	withCode, named := false, false
	for i := 2; i < len(c.Args); i++ {
		switch w := c.Args[i]; {
		case !withCode && is(w, "withcode"):
			withCode = true
		case !named && is(w, "libraryname"):
			if i++; i == len(c.Args) {
				c.W.Error("ERR library name argument was not given")
				return
			}
			named = true
		default:
			c.W.Error(resp.Error("ERR Unknown argument " + cString(w, len(w))))
			return
		}
	}
	c.W.Array(0)
}

func cmdFunctionStats(c *Call) {
	c.W.Map(2)
	c.W.BulkString("running_script")
	c.W.Null()
	c.W.BulkString("engines")
	c.W.Map(1)
	c.W.BulkString("LUA")
	c.W.Map(2)
	c.W.BulkString("libraries_count")
	c.W.Int(0)
	c.W.BulkString("functions_count")
	c.W.Int(0)
}

func cmdFunctionLoad(c *Call) {
	for _, w := range c.Args[2 : len(c.Args)-1] {
		if !is(w, "replace") {
			c.W.Error(resp.Error("ERR Unknown option given: " + cString(w, len(w))))
			return
		}
	}
	c.W.Error(errNoLua)
}

// A dump ends with the version of the RDB format, two bytes, and a CRC-64 of all before it (polynomial of Jones, no
// inversion), eight bytes; both little-endian.
const dumpFooter = 10

func (c *Call) rdbVersion() uint16 {
	if c.Server.Profile70() {
		return 10
	}
	return 11
}

// cmdFunctionDump answers a dump of nothing, of the version that DUMP writes.
func cmdFunctionDump(c *Call) {
	b := binary.LittleEndian.AppendUint16(nil, uint16(c.Server.DumpOptions().Version))
	c.W.Bulk(binary.LittleEndian.AppendUint64(b, rdb.Checksum(0, b)))
}

// cmdFunctionRestore takes a dump of nothing.
func cmdFunctionRestore(c *Call) {
	if len(c.Args) > 4 {
		c.wrongWords("FUNCTION")
		return
	}
	if len(c.Args) == 4 && !is(c.Args[3], "append") && !is(c.Args[3], "replace") && !is(c.Args[3], "flush") {
		c.W.Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
		return
	}
	dump := c.Args[2]
	body := len(dump) - dumpFooter
	switch {
	case body < 0 || binary.LittleEndian.Uint16(dump[body:]) > c.rdbVersion() ||
		rdb.Checksum(0, dump[:body+2]) != binary.LittleEndian.Uint64(dump[body+2:]):
		c.W.Error("ERR DUMP payload version or checksum are wrong")
	case body > 0:
		c.W.Error(errNoLua)
	default:
		c.W.OK()
	}
}

func cmdScriptHelp(c *Call) {
	c.help(
		"DEBUG (YES|SYNC|NO)|The debugger; there is none here.",
		"EXISTS <sha1> [<sha1> ...]|Whether these scripts are cached: none is.",
		"FLUSH [ASYNC|SYNC]|Empty the cache.",
		"KILL|End the script that runs: none does.",
		"LOAD <script>|Cache a script: there is no Lua here.",
	)
}

func cmdFunctionHelp(c *Call) {
	c.help(
		"DELETE <LIBRARY NAME>|Remove a library: there is none.",
		"DUMP|All libraries as one string: the dump of nothing.",
		"FLUSH [ASYNC|SYNC]|Remove all libraries.",
		"KILL|End the function that runs: none does.",
		"LIST [LIBRARYNAME PATTERN] [WITHCODE]|The libraries: none.",
		"LOAD [REPLACE] <FUNCTION CODE>|Add a library: there is no Lua here.",
		"RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]|Bring back what a dump holds, if it holds nothing.",
		"STATS|What runs, and what engines hold.",
	)
}
