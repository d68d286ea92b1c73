package command

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"tabdis/core/resp"
)

func cmdInfo(c *Call) {
	sections := make([]string, 0, len(c.Args)-1)
	for _, w := range c.Args[1:] {
		sections = append(sections, strings.ToLower(string(w)))
	}
	c.W.Verbatim("txt", string(c.Server.Operations().Info(nil, sections)))
}

// cmdConfigGet answers each parameter once, under the name by which it was asked for.
func cmdConfigGet(c *Call) {
	asked := map[string][]byte{} // parameter → its name in the reply
	match := func(name string) bool {
		if asked[name] != nil {
			return false
		}
		for _, pattern := range c.Args[2:] {
			switch {
			case !bytes.ContainsAny(pattern, "[*?"):
				if !strings.EqualFold(string(pattern), name) {
					continue
				}
				asked[name] = pattern
			case globMatch(pattern, []byte(name), true):
				asked[name] = []byte(name)
			default:
				continue
			}
			return true
		}
		return false
	}
	m, n := c.W.Mark(), 0
	c.Server.Operations().ConfigGet(match, func(name, value string) {
		c.W.Bulk(asked[name])
		c.W.BulkString(value)
		n++
	})
	c.W.InsertMap(m, n)
}

func cmdConfigSet(c *Call) {
	words := c.Args[2:]
	if len(words)%2 != 0 {
		c.W.Error(resp.ErrSyntax)
		return
	}
	pairs := make([][2]string, 0, len(words)/2)
	for i := 0; i < len(words); i += 2 {
		pairs = append(pairs, [2]string{string(words[i]), string(words[i+1])})
	}
	if err := c.Server.Operations().ConfigSet(pairs); err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.OK()
}

func cmdConfigResetstat(c *Call) {
	c.Server.Operations().ConfigResetStat()
	c.W.OK()
}

func cmdConfigRewrite(c *Call) {
	if err := c.Server.Operations().ConfigRewrite(); err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.OK()
}

func cmdDbsize(c *Call) { c.W.Int(int64(c.DB.Len())) }

// flushWords checks the words of FLUSHDB and FLUSHALL. Memory is given back by the garbage collector, whether ASYNC was
// said or not.
func (c *Call) flushWords() bool {
	if len(c.Args) == 1 || len(c.Args) == 2 && (is(c.Args[1], "sync") || is(c.Args[1], "async")) {
		return true
	}
	c.W.Error(resp.ErrSyntax)
	return false
}

// A flush of what is empty is logged too: a follower may have more.

func cmdFlushdb(c *Call) {
	if c.flushWords() {
		c.Dirty(c.Server.Operations().Flush(c.DB))
		c.Force()
		c.W.OK()
	}
}

func cmdFlushall(c *Call) {
	if c.flushWords() {
		c.Dirty(c.Server.Operations().Flush(nil))
		c.Force()
		c.W.OK()
	}
}

func cmdSwapdb(c *Call) {
	i, ok := c.rangeArg(1, math.MinInt32, math.MaxInt32, "ERR invalid first DB index")
	if !ok {
		return
	}
	j, ok := c.rangeArg(2, math.MinInt32, math.MaxInt32, "ERR invalid second DB index")
	if !ok {
		return
	}
	if !c.validDB(i) || !c.validDB(j) {
		c.W.Error(resp.ErrDBIndex)
		return
	}
	if i != j {
		c.Server.Operations().SwapDB(int(i), int(j))
	}
	c.Dirty(1)
	c.W.OK()
}

func cmdTime(c *Call) {
	now := c.Server.Operations().UnixMicro()
	c.W.Array(2)
	c.W.BulkInt(now / 1e6)
	c.W.BulkInt(now % 1e6)
}

func cmdLastsave(c *Call) { c.W.Int(c.Server.Operations().LastSave()) }

func cmdSave(c *Call) {
	if err := c.Server.Operations().Save(); err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.OK()
}

func cmdBgsave(c *Call) {
	schedule := len(c.Args) == 2 && is(c.Args[1], "schedule")
	if len(c.Args) > 1 && !schedule {
		c.W.Error(resp.ErrSyntax)
		return
	}
	c.started(c.Server.Operations().BGSave(schedule))
}

func cmdBgrewriteaof(c *Call) { c.started(c.Server.Operations().Rewrite()) }

// started answers what was begun, or not.
func (c *Call) started(status string, err error) {
	if err != nil {
		c.W.Error(resp.Error(err.Error()))
		return
	}
	c.W.Simple(status)
}

// debugForbidden is what DEBUG answers where enable-debug-command does not allow it.
const debugForbidden resp.Error = `ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", ` +
	`you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`

func cmdDebug(c *Call) {
	if !c.Server.Operations().DebugAllowed(c.Session) {
		c.W.Error(debugForbidden)
		return
	}
	n := len(c.Args)
	switch w := c.Args[1]; {
	case n == 2 && is(w, "help"):
		c.debugHelp()
	case n == 2 && is(w, "digest"):
		digest := c.datasetDigest()
		c.W.Simple(string(appendHex(nil, digest[:])))
	case n >= 2 && is(w, "digest-value"):
		c.debugDigestValue()
	case is(w, "loadaof"):
		c.Server.Operations().LoadAOF(c.Session)
	case (n == 3 || n == 4) && is(w, "object"):
		c.debugObject()
	case n == 3 && is(w, "sleep"):
		seconds, _, _ := floatPrefix(c.Args[2])
		if seconds > 0 {
			c.Server.Operations().Sleep(int64(min(seconds*1000, math.MaxInt32)))
		}
		c.W.OK()
	case n == 3 && is(w, "set-active-expire"):
		f, _, _ := floatPrefix(c.Args[2])
		c.Server.Operations().SetActiveExpire(int64(f) != 0)
		c.W.OK()
	case c.debugMore():
	default:
		c.wrongWords("DEBUG")
	}
}

// debugObject tells how a value is kept. Fields that mean nothing here (an address, the length in an RDB file, an LRU clock
// of 24 bits) hold what is nearest: programs parse this line.
func (c *Call) debugObject() {
	e, ok := c.DB.Find(c.Args[2])
	if !ok {
		c.W.Error(resp.ErrNoSuchKey)
		return
	}
	idle := e.Idle()
	b := append([]byte(nil), "Value at:0x0 refcount:1 encoding:"...)
	b = append(b, e.Encoding().String()...)
	b = strconv.AppendInt(append(b, " serializedlength:"...), e.Memory(), 10)
	b = strconv.AppendInt(append(b, " lru:"...), (c.Now/1000-idle)&(1<<24-1), 10)
	b = strconv.AppendInt(append(b, " lru_seconds_idle:"...), idle, 10)
	c.W.Simple(string(b))
}
