package core

import (
	"strconv"
	"strings"
)

// isLocal tells whether an address is this machine's; a client without one lives in this process.
func isLocal(addr string) bool {
	return addr == "" || strings.HasPrefix(addr, "127.") || strings.HasPrefix(addr, "[::1]") || strings.HasPrefix(addr, "/")
}

// Describe appends the line of CLIENT LIST, without the line feed. What a session here cannot have is told as Redis tells none.
func (s *Session) Describe(dst []byte) []byte {
	field := func(name, v string) {
		if len(dst) > 0 && dst[len(dst)-1] != '\n' {
			dst = append(dst, ' ')
		}
		dst = append(append(append(dst, name...), '='), v...)
	}
	num := func(name string, n int) { field(name, strconv.Itoa(n)) }
	multi, flags, cmd := -1, "", "NULL"
	if s.multi != nil {
		multi = len(s.multi.commands)
		flags += "x"
	}
	if s.closing {
		flags += "c"
	}
	if s.watchBroken() {
		flags += "d"
	}
	if s.noEvict {
		flags += "e"
	}
	if s.noTouch {
		flags += "T"
	}
	if flags == "" {
		flags = "N"
	}
	if s.last != nil {
		cmd = s.last.FullName()
	}
	num("id", int(s.id))
	field("addr", s.opts.Addr)
	field("laddr", s.opts.LocalAddr)
	num("fd", -1)
	field("name", s.name)
	num("age", int((s.e.now-s.birth)/1000))
	num("idle", int((s.e.now-s.active)/1000))
	field("flags", flags)
	num("db", s.db)
	num("sub", 0)
	num("psub", 0)
	num("ssub", 0)
	num("multi", multi)
	num("qbuf", s.in.Buffered())
	num("qbuf-free", 0)
	num("argv-mem", 0)
	num("multi-mem", 0)
	num("rbs", 0)
	num("rbp", 0)
	num("obl", s.out.w.Len())
	num("oll", 0)
	num("omem", 0)
	num("tot-mem", s.in.Buffered()+s.out.w.Len())
	field("events", "r")
	field("cmd", cmd)
	field("user", s.User())
	num("redir", -1)
	num("resp", s.Proto())
	field("lib-name", s.lib[0])
	field("lib-ver", s.lib[1])
	return dst
}
