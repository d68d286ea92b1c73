package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// debugMore runs the subcommands of DEBUG that tests of clients and servers use; false when it is none of them.
func (c *Call) debugMore() bool {
	n := len(c.Args)
	switch w := c.Args[1]; {
	case n == 2 && is(w, "change-repl-id"):
		c.Server.Operations().ChangeReplID()
		c.W.OK()
	case n == 3 && is(w, "error"):
		c.W.Error(resp.Error(c.Args[2]))
	case (n == 3 || n == 4) && is(w, "htstats"):
		return c.debugHtstats()
	case n == 3 && is(w, "listpack"):
		c.debugListpack()
	case n == 3 && is(w, "log"):
		c.Server.Operations().LogLine("DEBUG LOG: " + string(c.Args[2]))
		c.W.OK()
	case n == 3 && is(w, "pause-cron"):
		f, _, _ := floatPrefix(c.Args[2])
		c.Server.Operations().PauseCron(int64(f) != 0)
		c.W.OK()
	case n == 3 && is(w, "protocol"):
		c.debugProtocol()
	case n == 3 && is(w, "quicklist-packed-threshold"):
		c.debugPackedThreshold()
	case is(w, "reload"):
		c.debugReload()
	case n == 4 && is(w, "replybuffer"):
		return c.debugReplybuffer()
	case n == 3 && (is(w, "set-disable-deny-scripts") || is(w, "set-skip-checksum-validation")):
		c.W.OK() // there is nothing that it would change
	default:
		return false
	}
	return true
}

// debugHtstats tells of the tables of a database; their shape is our own.
func (c *Call) debugHtstats() bool {
	if len(c.Args) == 4 && !is(c.Args[3], "full") {
		return false
	}
	i, ok := c.intArg(2)
	if !ok {
		return true
	}
	if i < 0 || !c.validDB(i) {
		c.W.Error("ERR Out of range database")
		return true
	}
	db := c.Server.Keyspace().DB(int(i))
	c.W.Verbatim("txt", "[Dictionary HT]\n number of elements: "+strconv.Itoa(db.Len())+
		"\n[Expires HT]\n number of elements: "+strconv.Itoa(db.Volatile())+"\n")
	return true
}

// debugListpack prints nothing: there is no standard output. The answers tell what is a listpack.
func (c *Call) debugListpack() {
	e, ok := c.DB.Find(c.Args[2])
	switch {
	case !ok:
		c.W.Error(resp.ErrNoSuchKey)
	case e.Encoding() != keyspace.EncListpack:
		c.W.Error("ERR Not a listpack encoded object.")
	default:
		c.W.Simple("Listpack structure printed on stdout")
	}
}

// debugReload turns all data into an RDB file and back. With MERGE that is the same, since the file has what is there. The other options
// would load what the log does not have, or end the server over a key that is in both.
func (c *Call) debugReload() {
	merge, keep, load := false, false, false
	for _, w := range c.Args[2:] {
		switch {
		case is(w, "merge"):
			merge = true
		case is(w, "noflush"):
			keep = true
		case is(w, "nosave"):
			load = true
		default:
			c.W.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
			return
		}
	}
	switch {
	case load:
		c.W.Error("ERR DEBUG RELOAD takes no NOSAVE here: what it loads must be what the append only file has")
		return
	case keep && !merge:
		c.W.Error("ERR DEBUG RELOAD takes NOFLUSH only with MERGE here: every key would be there twice")
		return
	}
	if err := c.Server.Operations().Reload(); err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.OK()
}

// debugPackedThreshold checks a size that has no effect here: a node of a list holds what it is given.
func (c *Call) debugPackedThreshold() {
	n, ok := parseSize(c.Args[2])
	if !ok || n > 1<<32-1<<20 {
		c.W.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
		return
	}
	c.W.OK()
}

// parseSize reads digits and a unit, as Redis reads a size of memory: k, m and g are powers of 1000, kb, mb and gb of 1024.
func parseSize(b []byte) (uint64, bool) {
	n, i := uint64(0), 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		if n > (math.MaxUint64-9)/10 {
			return 0, false
		}
		n = n*10 + uint64(b[i]-'0')
	}
	unit := uint64(0)
	switch rest := b[i:]; {
	case len(rest) == 0, is(rest, "b"):
		unit = 1
	case is(rest, "k"):
		unit = 1000
	case is(rest, "kb"):
		unit = 1 << 10
	case is(rest, "m"):
		unit = 1000 * 1000
	case is(rest, "mb"):
		unit = 1 << 20
	case is(rest, "g"):
		unit = 1000 * 1000 * 1000
	case is(rest, "gb"):
		unit = 1 << 30
	}
	return n * unit, unit != 0 && n <= math.MaxUint64/unit
}

// debugReplybuffer checks words that have no effect here: buffers of replies shrink by themselves.
func (c *Call) debugReplybuffer() bool {
	switch w := c.Args[3]; {
	case is(c.Args[2], "resizing"):
	case !is(c.Args[2], "peak-reset-time"):
		return false
	case !is(w, "never") && !is(w, "reset"):
		if _, ok := c.intArg(3); !ok {
			return true
		}
	}
	c.W.OK()
	return true
}

// debugProtocol answers a value of each type, for tests of clients.
func (c *Call) debugProtocol() {
	switch w := c.Args[2]; {
	case is(w, "string"):
		c.W.BulkString("Hello World")
	case is(w, "integer"):
		c.W.Int(12345)
	case is(w, "double"):
		c.W.Double(3.141)
	case is(w, "null"):
		c.W.Null()
	case is(w, "array"):
		c.W.Array(3)
		c.debugInts()
	case is(w, "set"):
		c.W.Set(3)
		c.debugInts()
	case is(w, "map"):
		c.W.Map(3)
		for i := range 3 {
			c.W.Int(int64(i))
			c.W.Bool(i == 1)
		}
	case is(w, "attrib"):
		c.debugAttribute()
	case is(w, "push"):
		c.debugPush()
	case is(w, "true"), is(w, "false"):
		c.W.Bool(is(w, "true"))
	case is(w, "verbatim"):
		c.W.Verbatim("txt", "This is a verbatim\nstring")
	case is(w, "bignum"):
		c.W.BigNumber("1234567999999999999999999999999999999")
	default:
		c.W.Error("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
}

func (c *Call) debugInts() {
	for i := range 3 {
		c.W.Int(int64(i))
	}
}

func (c *Call) debugAttribute() {
	if c.W.Proto() > 2 { // RESP2 has no attributes: nothing stands in their place
		c.W.Raw([]byte("|1\r\n"))
		c.W.BulkString("key-popularity")
		c.W.Array(2)
		c.W.BulkString("key:123")
		c.W.Int(90)
	}
	c.W.BulkString("Some real reply following the attribute")
}

func (c *Call) debugPush() {
	if c.W.Proto() < 3 {
		c.W.Error("ERR RESP2 is not supported by this command")
		return
	}
	c.W.Push(2)
	c.W.BulkString("server-cpu-usage")
	c.W.Int(42)
	c.W.BulkString("Some real reply following the push reply")
}
