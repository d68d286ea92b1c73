package core

import (
	"strconv"
	"strings"

	"tabdis/core/command"
)

// isLocal tells whether an address is this machine's; a client without one lives in this process.
func isLocal(addr string) bool {
	return addr == "" || strings.HasPrefix(addr, "127.") || strings.HasPrefix(addr, "[::1]") || strings.HasPrefix(addr, "/")
}

// Describe appends the line of CLIENT LIST, without the line feed. What a session here cannot have is told as Redis tells none.
func (s *Session) Describe(dst []byte) []byte {
	w := clientLine{dst}
	multi, flags, cmd, queued := -1, "", "NULL", s.queued()
	if s.monitor {
		flags += "O"
	}
	if s.subscribed > 0 {
		flags += "P"
	}
	if s.multi != nil {
		multi = len(s.multi.commands)
		flags += "x"
	}
	if s.blocked != nil || s.postponed {
		flags += "b"
	}
	if s.tracking.On {
		flags += "t"
	}
	if s.tracking.Broken {
		flags += "R"
	}
	if s.tracking.Bcast {
		flags += "B"
	}
	if s.watchBroken() {
		flags += "d"
	}
	if s.closing {
		flags += "c"
	}
	if s.noEvict {
		flags += "e"
	}
	if s.noTouch {
		flags += "T"
	}
	if s.opts.Unix {
		flags += "U"
	}
	if flags == "" {
		flags = "N"
	}
	if s.last != nil {
		cmd = s.last.FullName()
	}
	w.int("id", int(s.id))
	w.text("addr", s.opts.Addr)
	w.text("laddr", s.opts.LocalAddr)
	fd := s.opts.FD
	if fd == 0 {
		fd = -1
	}
	w.int("fd", fd)
	w.text("name", s.name)
	w.int("age", int((s.e.now-s.birth)/1000))
	w.int("idle", int((s.e.now-s.active)/1000))
	w.text("flags", flags)
	w.int("db", s.db)
	w.int("sub", s.Subscriptions(command.Channel))
	w.int("psub", s.Subscriptions(command.Pattern))
	w.int("ssub", s.Subscriptions(command.ShardChannel))
	w.int("multi", multi)
	w.int("qbuf", s.in.Buffered())
	w.int("qbuf-free", s.in.Spare())
	w.int("argv-mem", 0) // the words are part of the query buffer
	w.int("multi-mem", s.multiMemory())
	w.int("rbs", s.out.w.Cap())
	w.int("rbp", s.out.w.Cap())
	w.int("obl", s.out.w.Len())
	w.int("oll", min(queued, 1))
	w.int("omem", queued)
	w.int("tot-mem", s.Memory())
	w.text("events", "r")
	w.text("cmd", cmd)
	w.text("user", s.User())
	w.int("redir", int(s.tracking.Redirection()))
	w.int("resp", s.Proto())
	w.text("lib-name", s.lib[0])
	w.text("lib-ver", s.lib[1])
	return w.b
}

// clientLine is a line of CLIENT LIST. It takes some thirty calls: inlined, they are forty kilobytes of wasm.
type clientLine struct{ b []byte }

//go:noinline
func (w *clientLine) text(name, v string) {
	if len(w.b) > 0 && w.b[len(w.b)-1] != '\n' {
		w.b = append(w.b, ' ')
	}
	w.b = append(append(append(w.b, name...), '='), v...)
}

//go:noinline
func (w *clientLine) int(name string, n int) { w.text(name, strconv.Itoa(n)) }
