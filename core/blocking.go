package core

import (
	"math"
	"slices"

	"tabdis/core/command"
	"tabdis/core/keyspace"
)

// blocked is a session that waits inside of a command.
type blocked struct {
	s     *Session
	cmd   *command.Command
	words [][]byte
	wait  command.Wait
	keys  []watchKey
	end   func(c *command.Call, w *command.Wait) // set by CLIENT UNBLOCK
}

// waiting is who waits for what.
type waiting struct {
	on    map[watchKey][]*blocked // who came first is served first
	ready []watchKey              // of which something became known, in this order
	all   []*blocked
	asked int        // how many of them have a Ready
	next  int64      // the first time that runs out; math.MaxInt64: none does
	ended []*blocked // by CLIENT UNBLOCK, to be answered behind the execution unit
	freed []*Session // have been served, and have not gone on yet
}

// Block parks the session inside of the command of c.
func (s *Session) Block(c *command.Call, w command.Wait) bool {
	e := s.e
	if c != &e.call {
		return false
	}
	b := &blocked{s: s, cmd: c.Cmd, words: copyWords(c.Args), wait: w}
	for _, key := range c.Args[w.From : w.From+w.N] {
		if k := (watchKey{s.db, string(key)}); !slices.Contains(b.keys, k) {
			b.keys = append(b.keys, k)
		}
	}
	if e.waiting.on == nil {
		e.waiting.on = map[watchKey][]*blocked{}
	}
	for _, k := range b.keys {
		e.waiting.on[k] = append(e.waiting.on[k], b)
	}
	if w.Ready != nil {
		e.waiting.asked++
	}
	if e.waiting.all = append(e.waiting.all, b); w.Until != 0 {
		e.waiting.next = min(e.waiting.next, w.Until)
	}
	s.blocked, s.parked = b, true
	return true
}

// unblock ends the waiting of b. The session goes on at the end of the turn.
func (e *Engine) unblock(b *blocked) {
	is := func(other *blocked) bool { return other == b }
	for _, k := range b.keys {
		if e.waiting.on[k] = slices.DeleteFunc(e.waiting.on[k], is); len(e.waiting.on[k]) == 0 {
			delete(e.waiting.on, k)
		}
	}
	e.waiting.all = slices.DeleteFunc(e.waiting.all, is)
	if b.wait.Ready != nil {
		e.waiting.asked--
	}
	b.s.blocked, b.s.parked = nil, false
	e.waiting.freed = append(e.waiting.freed, b.s)
}

// Wake is signal for what changes a key without being told to watchers.
func (e *Engine) Wake(db *keyspace.DB, key []byte) { e.signal(db, key) }

// signal notes that a key changed for which somebody may wait. Who waits is served behind the execution unit.
func (e *Engine) signal(db *keyspace.DB, key []byte) {
	if len(e.waiting.on) == 0 {
		return
	}
	k := watchKey{db.Index(), string(key)}
	if len(e.waiting.on[k]) > 0 && !slices.Contains(e.waiting.ready, k) {
		e.waiting.ready = append(e.waiting.ready, k)
	}
}

// signalAll is signal for all keys of a database.
func (e *Engine) signalAll(db *keyspace.DB) {
	for _, b := range e.waiting.all { // who came first is served first
		for _, k := range b.keys {
			if k.db == db.Index() {
				e.signal(db, []byte(k.key))
			}
		}
	}
}

// serve gives the keys that became ready to those who wait for them, in the order in which they did: each is an execution unit of its own,
// and may make another key ready.
func (e *Engine) serve() {
	for _, b := range e.waiting.ended {
		if b.s.blocked == b {
			e.endWait(b, b.end)
		}
	}
	e.waiting.ended = nil
	for len(e.waiting.ready) > 0 {
		keys := e.waiting.ready
		e.waiting.ready = nil
		for _, k := range keys {
			db := e.ks.DB(k.db)
			for _, b := range slices.Clone(e.waiting.on[k]) {
				_, there := db.Find([]byte(k.key))
				switch {
				case b.s.blocked != b || !there && !b.wait.Gone:
				case b.s.guarded && !e.opts.Profile70 && e.denyBlocked(b):
				default:
					e.answer(b, func(c *command.Call) bool { return b.wait.Serve(c, []byte(k.key)) })
				}
			}
		}
	}
}

// ask answers those for whom what they wait for has come about by itself; it tells whether there were any.
func (e *Engine) ask() (any bool) {
	if e.waiting.asked == 0 || e.stalled || e.dead != "" {
		return false
	}
	defer e.recoverPanic(nil)
	for _, b := range slices.Clone(e.waiting.all) {
		if b.wait.Ready != nil && b.wait.Ready() {
			e.endWait(b, (*command.Call).EndWait)
			any = true
		}
	}
	return any
}

// Durable gives what WAITAOF asks for.
func (s *Session) Durable() (durable func() bool, logging bool) {
	wrote, log := s.wrote, s.e.log
	return func() bool { return log.Durable() >= wrote }, s.e.logging()
}

// denyBlocked ends the wait of a session whose user may no longer do what it waits for.
func (e *Engine) denyBlocked(b *blocked) bool {
	denied := errNoAuth
	if !b.s.needsAuth() {
		denied = e.deny(b.s, b.cmd, b.words)
	}
	if denied != "" {
		e.endWait(b, func(c *command.Call, _ *command.Wait) { c.W.Error(denied) })
	}
	return denied != ""
}

// answer lets a waiting session's command write its reply, unless that is not possible yet: then reply is false and has done nothing.
func (e *Engine) answer(b *blocked, reply func(c *command.Call) bool) {
	s, c := b.s, &e.call
	from, was := s.out.w.Len(), e.running
	e.running, e.replyAt = s, from
	s.bind(c)
	e.prepare(c, s, b.cmd, b.words)
	done := reply(c)
	if c.Effects.Any() {
		e.finish(c)
	}
	if e.unit.changed {
		s.changed(from)
	}
	e.endUnit()
	if done {
		s.write()
		e.unblock(b)
		if s.muted() {
			s.muteReply(from)
		}
	}
	if e.late.Len() > 0 {
		s.pushLate()
	}
	e.running = was
}

// timeOut answers those whose time is over.
func (e *Engine) timeOut() {
	if e.now < e.waiting.next || e.stalled || e.dead != "" {
		return
	}
	defer e.recoverPanic(nil)
	if e.waiting.next = math.MaxInt64; e.pause.until > e.now {
		e.waiting.next = e.pause.until
	} else {
		e.Unpause()
	}
	for _, b := range slices.Clone(e.waiting.all) {
		switch until := b.wait.Until; {
		case until == 0:
		case until > e.now:
			e.waiting.next = min(e.waiting.next, until)
		default:
			e.endWait(b, (*command.Call).EndWait)
		}
	}
}

// Deadline is when the first wait of a session ends, Unix ms; math.MaxInt64: none does. A host that is to tick later than that ticks then.
func (e *Engine) Deadline() int64 {
	if e.saver.urgent() { // BGSAVE has just been called
		return e.now
	}
	return e.waiting.next
}

func (e *Engine) endWait(b *blocked, end func(c *command.Call, w *command.Wait)) {
	e.answer(b, func(c *command.Call) bool {
		end(c, &b.wait)
		return true
	})
}

// Unblock is CLIENT UNBLOCK. The session is answered behind the command that says so.
func (e *Engine) Unblock(id int64, end func(c *command.Call, w *command.Wait)) bool {
	s := e.sessions[id]
	if s == nil || s.blocked == nil || s.blocked.end != nil {
		return false
	}
	s.blocked.end = end
	e.waiting.ended = append(e.waiting.ended, s.blocked)
	return true
}

// goOn lets sessions that were served execute what they were fed meanwhile.
func (e *Engine) goOn() {
	for len(e.waiting.freed) > 0 {
		s := e.waiting.freed[0]
		e.waiting.freed = e.waiting.freed[1:]
		if !s.closed {
			s.run()
		}
	}
}
