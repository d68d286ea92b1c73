package command

import (
	"math"

	"tabdis/core/resp"
)

// RedisVersion is the Redis whose commands these are.
const RedisVersion = "7.2.0"

func (c *Call) redisVersion() string {
	if c.Server.Profile70() {
		return "7.0.15"
	}
	return RedisVersion
}

func cmdPing(c *Call) {
	if len(c.Args) <= 2 && c.Session.Limited() {
		c.pingSubscriber()
		return
	}
	switch len(c.Args) {
	case 1:
		c.W.Simple("PONG")
	case 2:
		c.W.Bulk(c.Args[1])
	default:
		c.W.Error(c.Cmd.wrongArity())
	}
}

// pingSubscriber answers in the form of a message.
func (c *Call) pingSubscriber() {
	c.W.Array(2)
	c.W.BulkString("pong")
	if len(c.Args) == 2 {
		c.W.Bulk(c.Args[1])
	} else {
		c.W.BulkString("")
	}
}

func cmdEcho(c *Call) { c.W.Bulk(c.Args[1]) }

func cmdQuit(c *Call) {
	c.W.OK()
	c.Session.CloseAfterReply()
}

func cmdReset(c *Call) {
	c.Session.Reset()
	c.W.Simple("RESET")
}

func cmdSelect(c *Call) {
	n, ok := c.rangeArg(1, math.MinInt32, math.MaxInt32, "")
	if !ok {
		return
	}
	if !c.validDB(n) {
		c.W.Error(resp.ErrDBIndex)
		return
	}
	c.Session.Select(int(n))
	c.W.OK()
}

func (c *Call) validDB(n int64) bool {
	return 0 <= n && n < int64(c.Server.Keyspace().Databases())
}

// hello is what HELLO asks for.
type hello struct {
	proto    int64 // 0: as it is
	auth     bool
	user     []byte
	password []byte
	name     []byte
	withName bool
}

func cmdHello(c *Call) {
	h, ok := c.parseHello()
	if !ok {
		return
	}
	if h.auth && !c.acl().Authenticate(c, h.user, h.password) {
		c.W.Error(errWrongPass)
		return
	}
	if !c.acl().Authenticated(c.Session) {
		c.helloUnauthenticated()
		return
	}
	if h.withName {
		c.Session.SetName(string(h.name))
	}
	if h.proto != 0 {
		c.Session.SetProto(int(h.proto))
		c.W.SetProto(int(h.proto))
	}
	c.W.Map(7)
	c.W.BulkString("server")
	c.W.BulkString("redis")
	c.W.BulkString("version")
	c.W.BulkString(c.redisVersion())
	c.W.BulkString("proto")
	c.W.Int(int64(c.W.Proto()))
	c.W.BulkString("id")
	c.W.Int(c.Session.ID())
	c.W.BulkString("mode")
	c.W.BulkString("standalone")
	c.W.BulkString("role")
	c.W.BulkString("master")
	c.W.BulkString("modules")
	c.W.Array(0)
}

func (c *Call) parseHello() (h hello, ok bool) {
	if len(c.Args) > 1 {
		if h.proto, ok = c.intArgOr(1, "ERR Protocol version is not an integer or out of range"); !ok {
			return h, false
		}
		if h.proto < 2 || h.proto > 3 {
			c.W.Error(resp.ErrNoProto)
			return h, false
		}
	}
	for i := 2; i < len(c.Args); i++ {
		more := len(c.Args) - 1 - i
		switch w := c.Args[i]; {
		case more >= 2 && is(w, "auth"):
			h.auth, h.user, h.password = true, c.Args[i+1], c.Args[i+2]
			i += 2
		case more >= 1 && is(w, "setname"):
			if h.name = c.Args[i+1]; !validName(h.name) {
				c.W.Error(errClientName)
				return h, false
			}
			h.withName = true
			i++
		default:
			c.W.Error(resp.Error("ERR Syntax error in HELLO option '" + cString(w, len(w)) + "'"))
			return h, false
		}
	}
	return h, true
}
