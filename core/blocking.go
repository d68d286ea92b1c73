package core

import (
	"container/list"
	"math"

	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// blocked is a session that waits inside of a command.
type blocked struct {
	s     *Session
	cmd   *command.Command
	words [][]byte
	wait  command.Wait
	in    []place // a row for each of its keys
	inAll *list.Element
	end   func(c *command.Call, w *command.Wait) // set by CLIENT UNBLOCK

	refused bool // what it waits for may no longer be done
}

// row is those who wait for a key: who came first is served first.
type row struct {
	key   watchKey
	queue list.List // of *blocked
	gone  int       // how many of them are to be told when the key has gone
	ready bool      // it stands among those of which something became known
}

// place is where one stands in a row. He leaves at once, however many others wait.
type place struct {
	row *row
	at  *list.Element
}

// waiting is who waits for what.
type waiting struct {
	on    map[watchKey]*row
	ready []*row // of which something became known, in this order
	all   list.List
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
		b.queue(e.waiting.row(watchKey{s.db, string(key)}))
	}
	if w.Ready != nil {
		e.waiting.asked++
	}
	if b.inAll = e.waiting.all.PushBack(b); w.Until != 0 {
		e.waiting.next = min(e.waiting.next, w.Until)
	}
	s.blocked, s.parked = b, true
	return true
}

// row is that of a key, made if need be.
func (w *waiting) row(k watchKey) *row {
	if w.on == nil {
		w.on = map[watchKey]*row{}
	}
	r := w.on[k]
	if r == nil {
		r = &row{key: k}
		w.on[k] = r
	}
	return r
}

// queue lets b wait in a row, once.
func (b *blocked) queue(r *row) {
	if last := r.queue.Back(); last != nil && last.Value == b {
		return
	}
	if b.in = append(b.in, place{r, r.queue.PushBack(b)}); b.wait.Gone {
		r.gone++
	}
}

// unblock ends the waiting of b. The session goes on at the end of the turn.
func (e *Engine) unblock(b *blocked) {
	for _, p := range b.in {
		p.row.queue.Remove(p.at)
		if b.wait.Gone {
			p.row.gone--
		}
		if p.row.queue.Len() == 0 {
			delete(e.waiting.on, p.row.key)
		}
	}
	e.waiting.all.Remove(b.inAll)
	if b.wait.Ready != nil {
		e.waiting.asked--
	}
	b.s.blocked, b.s.parked, b.s.tracking.Caching = nil, false, false
	e.waiting.freed = append(e.waiting.freed, b.s)
}

// each calls fn with all who wait, who came first first; fn may end the waiting of the one it is given.
func (w *waiting) each(fn func(b *blocked)) {
	for at := w.all.Front(); at != nil; {
		b := at.Value.(*blocked)
		at = at.Next()
		fn(b)
	}
}

// Wake is signal for what changes a key without being told to watchers.
func (e *Engine) Wake(db *keyspace.DB, key []byte) { e.signal(db, key) }

// signal notes that a key changed for which somebody may wait. Who waits is served behind the execution unit. Loading, on the control plane,
// must not touch who waits; behind it all are signalled.
func (e *Engine) signal(db *keyspace.DB, key []byte) {
	if !e.loading && len(e.waiting.on) > 0 {
		e.waiting.signal(e.waiting.on[watchKey{db.Index(), string(key)}])
	}
}

func (w *waiting) signal(r *row) {
	if r != nil && !r.ready {
		r.ready = true
		w.ready = append(w.ready, r)
	}
}

// signalAll is signal for all keys of a database.
func (e *Engine) signalAll(db *keyspace.DB) {
	if e.loading {
		return
	}
	e.waiting.each(func(b *blocked) {
		for _, p := range b.in {
			if p.row.key.db == db.Index() {
				e.waiting.signal(p.row)
			}
		}
	})
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
		rows := e.waiting.ready
		e.waiting.ready = nil
		for _, r := range rows {
			r.ready = false
		}
		for _, r := range rows {
			e.serveRow(r)
		}
	}
}

// serveRow gives a key to those who wait for it, until it has gone.
func (e *Engine) serveRow(r *row) {
	db, key := e.ks.DB(r.key.db), []byte(r.key.key)
	for at := r.queue.Front(); at != nil; {
		b := at.Value.(*blocked)
		at = at.Next()
		_, there := db.Find(key)
		switch {
		case !there && r.gone == 0:
			return
		case !there && !b.wait.Gone:
		case !e.opts.Profile70 && e.refuseBlocked(b):
		default:
			e.answer(b, func(c *command.Call) bool { return e.serveWith(b, c, key) })
		}
	}
}

// refuseBlocked ends the wait of a session that may no longer do what it waits for: its user's rights, or memory, or the log have changed.
func (e *Engine) refuseBlocked(b *blocked) bool {
	if e.room > 0 && !e.wary && !b.s.guarded {
		return false
	}
	was := e.running
	e.running, e.replyAt = b.s, b.s.out.w.Len()
	denied := e.refuse(b.s, b.cmd, b.words)
	if e.late.Len()+len(e.tracking.pending) > 0 { // what was evicted is told first
		b.s.pushLate()
	}
	if e.running = was; denied != "" {
		b.refused = true
		e.endWait(b, func(c *command.Call, _ *command.Wait) { c.W.Error(denied) })
	}
	return denied != ""
}

// serveIdle is serve where no command was executed: a key went with its time, or was evicted.
func (e *Engine) serveIdle() {
	if len(e.waiting.ready) > 0 && !e.stalled && e.dead == "" {
		defer e.recoverPanic(nil)
		e.serve()
	}
}

// serveWith gives key to b. What it has read then is tracked; 7.0 tracked only what it looked at before it waited.
func (e *Engine) serveWith(b *blocked, c *command.Call, key []byte) (done bool) {
	if done = b.wait.Serve(c, key); done && b.s.tracking.On && !e.opts.Profile70 {
		e.remember(b.s, b.cmd, b.words)
	}
	return done
}

// ask answers those for whom what they wait for has come about by itself; it tells whether there were any.
func (e *Engine) ask() (any bool) {
	if e.waiting.asked == 0 || e.stalled || e.dead != "" {
		return false
	}
	defer e.recoverPanic(nil)
	e.waiting.each(func(b *blocked) {
		if b.wait.Ready != nil && b.wait.Ready() {
			e.endWait(b, (*command.Call).EndWait)
			any = true
		}
	})
	return any
}

// Durable gives what WAITAOF asks for.
func (s *Session) Durable() (durable func() bool, logging bool) {
	wrote, log := s.wrote, s.e.log
	return func() bool { return log.Durable() >= wrote }, s.e.logging()
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
	if s.client != nil && done && e.unit.ran {
		s.executed(from, e.unit.open)
	}
	e.endUnit()
	if done {
		s.write()
		e.unblock(b)
		e.countEnd(b, s.out.w.Bytes()[from:])
		if s.muted() {
			s.muteReply(from)
		}
	}
	if e.late.Len()+len(e.tracking.pending) > 0 {
		s.pushLate()
	}
	e.running = was
}

// countEnd counts the error that a wait may have ended with.
func (e *Engine) countEnd(b *blocked, reply []byte) {
	switch {
	case len(reply) == 0 || reply[0] != '-':
	case b.refused:
		e.rejected(b.words, resp.Error(reply[1:]))
	default:
		e.failed(b.cmd, reply[1:])
	}
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
	e.waiting.each(func(b *blocked) {
		switch until := b.wait.Until; {
		case until == 0:
		case until > e.now:
			e.waiting.next = min(e.waiting.next, until)
		default:
			e.endWait(b, (*command.Call).EndWait)
		}
	})
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
