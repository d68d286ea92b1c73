package core

import (
	"slices"
	"strconv"

	"tabdis/core/command"
)

// maxMonitorOutput is how much a monitoring session may leave unread before it is ended, bytes.
const maxMonitorOutput = 32 << 20

// Monitor is MONITOR.
func (e *Engine) Monitor(c *command.Call) bool {
	s := c.Session.(*Session)
	switch {
	case c == &e.inner:
		return false
	case e.loading || s.monitor:
		return true
	}
	s.monitor = true
	e.monitors = append(e.monitors, s)
	e.meter.apply(&e.config, true)
	return true
}

// unmonitor ends MONITOR of a session.
func (e *Engine) unmonitor(s *Session) {
	s.monitor = false
	e.monitors = slices.DeleteFunc(e.monitors, func(other *Session) bool { return other == s })
	e.meter.apply(&e.config, len(e.monitors) > 0)
}

// show sends a command that has run to those who monitor. Those flagged skip_monitor are shown too: Redis shows a script's call
// by another way, so that it stands before what the script calls.
func (e *Engine) show(s *Session, cmd *command.Command, words [][]byte) {
	b := strconv.AppendInt([]byte{'+'}, e.now/1000, 10)
	b = append(b, '.')
	for digit := int64(100); digit > 0; digit /= 10 {
		b = append(b, '0'+byte(e.now%1000/digit%10))
	}
	b = strconv.AppendInt(append(b, "000 ["...), int64(s.db), 10)
	b = append(append(append(b, ' '), s.opts.Addr...), ']')
	for _, w := range cmd.Shown(words) {
		b = appendQuoted(append(b, ' '), w)
	}
	b = append(b, "\r\n"...)
	for _, m := range e.monitors {
		if m == s && e.inExec || m.closing {
			continue // it would stand in the middle of EXEC's own reply
		}
		m.out.w.Raw(b)
		m.write()
		m.closing = m.out.w.Len() > maxMonitorOutput
	}
}

// appendQuoted appends w as redis-cli shows a string.
func appendQuoted(b, w []byte) []byte {
	b = append(b, '"')
	for _, c := range w {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case ' ' <= c && c <= '~':
			b = append(b, c)
		case '\a' <= c && c <= '\b', c == '\t', c == '\n', c == '\r':
			b = append(b, '\\', "abtn__r"[c-'\a'])
		default:
			b = append(b, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return append(b, '"')
}
