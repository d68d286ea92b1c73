package command

import (
	"math"
	"strconv"
	"strings"

	"tabdis/core/resp"
)

// One server by itself: no cluster, no replicas, no modules.

func cmdCluster(c *Call) { c.W.Error("ERR This instance has cluster support disabled") }

func cmdRole(c *Call) {
	c.W.Array(3)
	c.W.BulkString("master")
	c.W.Int(0) // of the stream that nobody follows
	c.W.Array(0)
}

// errNoReplication refuses what would need another server.
const errNoReplication resp.Error = "ERR tabdis does not replicate: it neither follows another server nor feeds one"

func cmdReplicaof(c *Call) {
	if is(c.Args[1], "no") && is(c.Args[2], "one") {
		c.W.OK()
		return
	}
	if _, ok := c.rangeArg(2, 0, 65535, "ERR Invalid master port"); ok {
		c.W.Error(errNoReplication)
	}
}

// cmdReplconf accepts an empty list of terms, as Redis does.
func cmdReplconf(c *Call) {
	switch {
	case len(c.Args)%2 == 0:
		c.W.Error(resp.ErrSyntax)
	case len(c.Args) == 1:
		c.W.OK()
	default:
		c.W.Error(errNoReplication)
	}
}

func cmdSync(c *Call) { c.W.Error(errNoReplication) }

func cmdFailover(c *Call) {
	words := c.Args[1:]
	if len(words) == 1 && is(words[0], "abort") {
		c.W.Error("ERR No failover in progress.")
		return
	}
	timeout, to, force := false, false, false
	for i := 1; i < len(c.Args); i++ {
		switch w, left := c.Args[i], len(c.Args)-1-i; {
		case is(w, "timeout") && left > 0 && !timeout:
			i++
			n, ok := c.intArg(i)
			if !ok {
				return
			}
			if n <= 0 {
				c.W.Error("ERR FAILOVER timeout must be greater than 0")
				return
			}
			timeout = true
		case is(w, "to") && left > 1 && !to:
			i += 2
			if _, ok := c.intArg(i); !ok {
				return
			}
			to = true
		case is(w, "force") && !force:
			force = true
		default:
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	c.W.Error("ERR FAILOVER requires connected replicas.")
}

func cmdModuleList(c *Call) { c.W.Array(0) }

func cmdModuleLoad(c *Call) { c.W.Error("ERR tabdis loads no modules") }

func cmdModuleUnload(c *Call) {
	c.W.Error("ERR Error unloading module: no such module with that name")
}

func cmdModuleHelp(c *Call) {
	c.help(
		"LIST|The modules: none.",
		"LOAD <path> [<arg> ...]|Load a module: refused here.",
		"LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]|Load a module with parameters: refused here.",
		"UNLOAD <name>|Unload a module.",
	)
}

// cmdLolwut paints a shelf of tabs, each as high as chance says.
func cmdLolwut(c *Call) {
	if len(c.Args) > 2 && is(c.Args[1], "version") {
		if _, ok := c.rangeArg(2, math.MinInt32, math.MaxInt32, resp.ErrNotInteger); !ok {
			return
		}
	}
	const columns, rows = 16, 6
	var heights [columns]int
	for i := range heights {
		heights[i] = 1 + c.Server.Random().IntN(rows)
	}
	var b strings.Builder
	for row := rows; row > 0; row-- {
		for _, h := range heights {
			switch {
			case h > row:
				b.WriteString("|  |")
			case h == row:
				b.WriteString(".--.")
			default:
				b.WriteString("    ")
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString(strings.Repeat("=", 4*columns))
	b.WriteString("\n\nA shelf of " + strconv.Itoa(columns) + " tabs. Redis ver. " + RedisVersion + "\n")
	c.W.Verbatim("txt", b.String())
}

// cmdShutdown gives no reply when it succeeds: the connection ends.
func cmdShutdown(c *Call) {
	var save, nosave, now, force, abort bool
	for _, w := range c.Args[1:] {
		switch {
		case is(w, "save"):
			save = true
		case is(w, "nosave"):
			nosave = true
		case is(w, "now"):
			now = true
		case is(w, "force"):
			force = true
		case is(w, "abort"):
			abort = true
		default:
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	switch {
	case save && nosave, abort && (save || nosave || now || force):
		c.W.Error(resp.ErrSyntax)
		return
	case abort:
		c.W.Error("ERR No shutdown in progress.")
		return
	}
	if err := c.Server.Operations().Shutdown(save, nosave, force); err != nil {
		c.W.Error(resp.Error(err.Error()))
	}
}
