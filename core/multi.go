package core

import (
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// transaction is what MULTI gathers until EXEC.
type transaction struct {
	commands []queued
	flags    command.Flag // of all queued
	aborted  bool         // a queued command was refused
	touched  bool         // a watched key changed
}

type queued struct {
	cmd   *command.Command
	words [][]byte
}

func (m *transaction) queue(cmd *command.Command, words [][]byte) {
	if m.aborted || m.touched {
		return // EXEC will fail; keep no memory for it
	}
	m.commands = append(m.commands, queued{cmd, copyWords(words)})
	m.flags |= cmd.Flags
}

// copyWords copies the words of a command, which are the parser's.
func copyWords(words [][]byte) [][]byte {
	size := 0
	for _, w := range words {
		size += len(w)
	}
	text, own := make([]byte, 0, size), make([][]byte, len(words))
	for i, w := range words {
		text = append(text, w...)
		own[i] = text[len(text)-len(w) : len(text) : len(text)]
	}
	return own
}

// runsInMulti names the commands that are not queued.
func runsInMulti(cmd *command.Command) bool {
	switch cmd.FullName() {
	case "exec", "discard", "multi", "watch", "quit", "reset":
		return true
	}
	return false
}

func (s *Session) InMulti() bool { return s.multi != nil }
func (s *Session) Multi()        { s.multi = &transaction{touched: s.watchBroken()} }

// Discard leaves MULTI and forgets the watches.
//
//go:noinline
func (s *Session) Discard() {
	s.multi = nil
	s.Unwatch()
}

// Exec runs the queue as one execution unit and writes the reply.
func (s *Session) Exec(c *command.Call) {
	m, e := s.multi, s.e
	broken := m.touched || s.watchBroken()
	s.Discard()
	switch {
	case m.aborted:
		c.W.Error(resp.ErrExecAbort)
		return
	case broken:
		c.W.NullArray()
		return
	}
	c.W.Array(len(m.commands))
	s.bind(&e.inner)
	e.inExec = true
	defer func() { e.inExec = false }()
	for _, q := range m.commands {
		if s.guarded {
			if denied := e.denyQueued(s, q); denied != "" {
				c.W.Error(denied)
				continue
			}
		}
		from := s.out.w.Len()
		e.meter.before(q.cmd)
		e.prepare(&e.inner, s, q.cmd, q.words)
		q.cmd.Do(&e.inner)
		if s.tracking.On {
			e.remember(s, q.cmd, q.words)
		}
		e.after(s, q.cmd, q.words, from)
		if e.inner.Effects.Any() {
			e.finish(&e.inner)
		}
	}
	c.PreventPropagation()
}

// watches are the watched keys of all sessions.
type watches map[watchKey][]*watch

type watchKey struct {
	db  int
	key string
}

type watch struct {
	session *Session
	key     watchKey
	expired bool // it was past its time already when WATCH was called: its removal changes nothing
	touched bool
}

// Watch is WATCH of one key.
func (s *Session) Watch(db *keyspace.DB, key []byte) {
	k := watchKey{db.Index(), string(key)}
	mine := s.watched
	if others := s.e.watches[k]; len(others) < len(mine) { // one session may watch many keys, many may watch one
		mine = others
	}
	for _, w := range mine {
		if w.session == s && w.key == k {
			return
		}
	}
	w := &watch{session: s, key: k, expired: s.e.isExpired(db, key)}
	s.watched = append(s.watched, w)
	if s.e.watches == nil {
		s.e.watches = watches{}
	}
	s.e.watches[k] = append(s.e.watches[k], w)
}

// Unwatch forgets all watched keys.
func (s *Session) Unwatch() {
	for _, w := range s.watched {
		list := s.e.watches[w.key]
		for i := range list {
			if list[i] == w {
				list = append(list[:i], list[i+1:]...)
				break
			}
		}
		if len(list) == 0 {
			delete(s.e.watches, w.key)
		} else {
			s.e.watches[w.key] = list
		}
	}
	s.watched = nil
}

// watchBroken tells whether a watched key changed, or passed its time since.
func (s *Session) watchBroken() bool {
	for _, w := range s.watched {
		if w.touched || (!w.expired && s.e.isExpired(s.e.ks.DB(w.key.db), []byte(w.key.key))) {
			return true
		}
	}
	return false
}

func (e *Engine) isExpired(db *keyspace.DB, key []byte) bool {
	entry, ok := db.Find(key)
	return ok && entry.ExpiresAt() != keyspace.NoExpiry && entry.ExpiresAt() <= e.now
}

// touchWatched tells the watchers of a key that it changed. Loading tells nobody: emptying the databases did.
func (e *Engine) touchWatched(db *keyspace.DB, key []byte) {
	if e.loading || len(e.watches) == 0 {
		return
	}
	for _, w := range e.watches[watchKey{db.Index(), string(key)}] {
		if w.expired {
			if _, there := db.Find(key); !there {
				continue // what was dead already has gone: no change
			}
			w.expired = false
		}
		w.touched = true
	}
}

// touchDB tells the watchers of db that its contents are about to change as a whole: keys that are there, or that other has
// (nil: none) and that will be there.
func (e *Engine) touchDB(db, other *keyspace.DB) {
	if e.loading {
		return
	}
	for k, list := range e.watches {
		if k.db != db.Index() {
			continue
		}
		_, here := db.Find([]byte(k.key))
		there, dead := false, false
		if other != nil {
			_, there = other.Find([]byte(k.key))
			dead = there && e.isExpired(other, []byte(k.key))
		}
		for _, w := range list {
			switch {
			case !here && !there:
			case w.expired && !there: // what was dead already goes: no change
				w.expired = false
			case dead && (w.expired || !here): // nor is it one when a dead key comes in its place, or in that of none
				w.expired = true
			default:
				w.touched = true
			}
		}
	}
}
