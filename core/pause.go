package core

import (
	"tabdis/core/command"
)

// pause is CLIENT PAUSE: until then commands that may change data wait, or all do. No key expires meanwhile; one that is past its time
// is not there for readers all the same.
type pause struct {
	until     int64 // Unix ms; 0: no pause
	all       bool
	postponed []*Session // that wait with their next command
}

// Pause holds back commands until then, Unix ms. A longer or stricter one stays in force.
func (e *Engine) Pause(until int64, all bool) {
	if until <= e.now {
		return
	}
	e.pause.until, e.pause.all = max(e.pause.until, until), e.pause.all || all
	e.waiting.next = min(e.waiting.next, e.pause.until)
}

// Unpause ends the pause. Those who waited go on at the end of the turn.
func (e *Engine) Unpause() {
	e.pause.until, e.pause.all = 0, false
	for _, s := range e.pause.postponed {
		s.parked, s.postponed = false, false
		e.waiting.freed = append(e.waiting.freed, s)
	}
	e.pause.postponed = nil
}

// postpone tells whether the command, which nothing forbids, has to wait for the end of a pause, and parks the session then.
func (s *Session) postpone(cmd *command.Command) bool {
	e := s.e
	if !e.pause.all {
		flags := cmd.Flags
		if s.multi != nil && cmd.Name == "exec" {
			flags |= s.multi.flags
		}
		if flags&(command.Write|command.MayReplicate) == 0 {
			return false
		}
	}
	s.in.Back()
	s.parked, s.postponed = true, true
	e.pause.postponed = append(e.pause.postponed, s)
	return true
}
