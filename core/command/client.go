package command

import (
	"bytes"
	"math"

	"tabdis/core/resp"
)

const errClientName resp.Error = "ERR Client names cannot contain spaces, newlines or special characters."

// validName tells whether a client may call itself or its library so.
func validName(name []byte) bool {
	for _, b := range name {
		if b < '!' || b > '~' {
			return false
		}
	}
	return true
}

func cmdClientId(c *Call) { c.W.Int(c.Session.ID()) }

func cmdClientInfo(c *Call) {
	c.W.Verbatim("txt", string(append(c.Session.Describe(nil), '\n')))
}

func cmdClientGetname(c *Call) {
	if name := c.Session.Name(); name != "" {
		c.W.BulkString(name)
		return
	}
	c.W.Null()
}

func cmdClientSetname(c *Call) {
	if !validName(c.Args[2]) {
		c.W.Error(errClientName)
		return
	}
	c.Session.SetName(string(c.Args[2]))
	c.W.OK()
}

func cmdClientSetinfo(c *Call) {
	attr, value := c.Args[2], c.Args[3]
	switch {
	case !is(attr, "lib-name") && !is(attr, "lib-ver"):
		c.W.Error(resp.Error("ERR Unrecognized option '" + cString(attr, len(attr)) + "'"))
	case !validName(value):
		c.W.Error(resp.Error("ERR " + cString(attr, len(attr)) + " cannot contain spaces, newlines or special characters."))
	default:
		c.Session.SetLib(string(bytes.ToLower(attr)), string(value))
		c.W.OK()
	}
}

// onOff reads the word behind a subcommand.
func (c *Call) onOff(set func(on bool)) {
	switch on := is(c.Args[2], "on"); {
	case on || is(c.Args[2], "off"):
		set(on)
		c.W.OK()
	default:
		c.W.Error(resp.ErrSyntax)
	}
}

func cmdClientNoEvict(c *Call) { c.onOff(c.Session.SetNoEvict) }
func cmdClientNoTouch(c *Call) { c.onOff(c.Session.SetNoTouch) }

func cmdClientReply(c *Call) {
	switch w := c.Args[2]; {
	case is(w, "on"):
		c.Session.SetReply(ReplyOn)
		c.W.OK()
	case is(w, "off"):
		c.Session.SetReply(ReplyOff)
	case is(w, "skip"):
		c.Session.SetReply(ReplySkip)
	default:
		c.W.Error(resp.ErrSyntax)
	}
}

// clientType is the type that a word names; "" is none of Redis's. There are no replicas here, but asking for them is
// no error.
func clientType(w []byte) string {
	for _, name := range []string{"normal", "replica", "pubsub", "master"} {
		if is(w, name) {
			return name
		}
	}
	if is(w, "slave") {
		return "replica"
	}
	return ""
}

func (c *Call) clientTypeArg(i int) (name string, ok bool) {
	w := c.Args[i]
	name = clientType(w)
	if name == "" {
		c.W.Error(resp.Error("ERR Unknown client type '" + cString(w, len(w)) + "'"))
	}
	return name, name != ""
}

func cmdClientList(c *Call) {
	var wanted func(s Session) bool
	switch n := len(c.Args); {
	case n == 2:
		wanted = func(Session) bool { return true }
	case n == 4 && is(c.Args[2], "type"):
		name, ok := c.clientTypeArg(3)
		if !ok {
			return
		}
		wanted = func(s Session) bool { return s.Type() == name }
	case n > 3 && is(c.Args[2], "id"):
		c.clientListByID()
		return
	default:
		c.W.Error(resp.ErrSyntax)
		return
	}
	var text []byte
	c.Server.Operations().Sessions(func(s Session) bool {
		if wanted(s) {
			text = append(s.Describe(text), '\n')
		}
		return true
	})
	c.W.Verbatim("txt", string(text))
}

func (c *Call) clientListByID() {
	sessions := map[int64]Session{}
	c.Server.Operations().Sessions(func(s Session) bool {
		sessions[s.ID()] = s
		return true
	})
	var text []byte
	for i := 3; i < len(c.Args); i++ {
		id, ok := c.intArgOr(i, "ERR Invalid client ID")
		if !ok {
			return
		}
		if s := sessions[id]; s != nil {
			text = append(s.Describe(text), '\n')
		}
	}
	c.W.Verbatim("txt", string(text))
}

// killFilter is which sessions CLIENT KILL ends: those that fit all that is asked.
type killFilter struct {
	id                      int64
	kind, user, addr, laddr string
	skipMe                  bool
}

func cmdClientKill(c *Call) {
	f := killFilter{skipMe: true}
	old := len(c.Args) == 3 // CLIENT KILL addr: kills the caller too
	if old {
		f.addr, f.skipMe = string(c.Args[2]), false
	} else if !c.parseKill(&f) {
		return
	}
	me, killed := false, int64(0)
	var doomed []Session
	c.Server.Operations().Sessions(func(s Session) bool {
		if f.fits(s, c.Session) {
			doomed = append(doomed, s)
		}
		return true
	})
	for _, s := range doomed {
		killed++
		if s.ID() == c.Session.ID() {
			me = true
			continue
		}
		c.Server.Operations().Kill(s)
	}
	switch {
	case !old:
		c.W.Int(killed)
	case killed == 0:
		c.W.Error("ERR No such client")
	default:
		c.W.OK()
	}
	if me {
		c.Session.CloseAfterReply()
	}
}

func (f *killFilter) fits(s, me Session) bool {
	return (f.addr == "" || s.Addr() == f.addr) && (f.laddr == "" || s.LocalAddr() == f.laddr) &&
		(f.kind == "" || s.Type() == f.kind) && (f.id == 0 || s.ID() == f.id) && (f.user == "" || s.User() == f.user) &&
		!(f.skipMe && s.ID() == me.ID())
}

func (c *Call) parseKill(f *killFilter) bool {
	for i := 2; i < len(c.Args); i += 2 {
		if i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return false
		}
		ok, value := true, c.Args[i+1]
		switch w := c.Args[i]; {
		case is(w, "id"):
			f.id, ok = c.rangeArg(i+1, 1, math.MaxInt64, "ERR client-id should be greater than 0")
		case is(w, "type"):
			f.kind, ok = c.clientTypeArg(i + 1)
		case is(w, "addr"):
			f.addr = string(value)
		case is(w, "laddr"):
			f.laddr = string(value)
		case is(w, "user"):
			f.user = string(value)
			if _, found := c.acl().User(value); !found {
				c.W.Error(resp.Error("ERR No such user '" + cString(value, len(value)) + "'"))
				return false
			}
		case is(w, "skipme") && (is(value, "yes") || is(value, "no")):
			f.skipMe = is(value, "yes")
		default:
			c.W.Error(resp.ErrSyntax)
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}
