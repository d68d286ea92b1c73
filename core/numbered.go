package core

import (
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/resp"
)

// Numbered sessions are those of clients that go on with another leader when theirs dies (LOG §8). Each command that one sends counts one,
// those inside of MULTI too. When one has an effect its number and its reply are known from then on, and stand in the log in the block of the
// effect: so the next leader knows which requests were executed, and the client, which is told so before anything else, sends the others again.
//
// What is known outlives the session: the client may come back. It ends with Forget.

// What answers a request that comes again and whose reply is not kept.
const (
	errReplyLost resp.Error = "REPLYLOST The request was executed before, and its reply is not known any more"
	errNoEffect  resp.Error = "NOEFFECT The request came before and changed nothing, and its reply is not known any more"
)

// openNumbered makes s, which is new, the session of its client. An older one of the same client ends: what it was fed and has not executed comes
// again. All below its next number is acknowledged. The first output tells the highest number that had an effect, and each that has not been
// acknowledged, with the reply or, where it is not kept, null. Like every reply it waits for the log: what it tells was executed a moment ago,
// perhaps, and a crash must not undo what somebody has heard of.
//
//go:noinline
func (e *Engine) openNumbered(s *Session) {
	e.endClient(s.opts.Client)
	c := e.requests.Client(s.opts.Client)
	s.client, s.number = c, s.opts.Next-1
	c.Acknowledged(s.number)
	w := &s.out.w
	w.Array(1 + len(c.Open))
	w.Int(int64(c.Highest))
	for i := range c.Open {
		w.Array(2)
		w.Int(int64(c.Open[i].Number))
		if reply := c.Open[i].Reply; reply != nil {
			w.Bulk(reply)
		} else {
			w.Null()
		}
	}
	s.doubt(0)
	s.wrote = c.Block // what WAITAOF asks about
	s.write()
	e.opts.Wake()
}

// doubt treats the output since from, which tells of what was executed, like the reply of what changed something, if that is not durable: should
// its block have failed, or fail yet, NOTDURABLE stands in its place. A client to whom the first output says so knows nothing yet, and comes again.
//
//go:noinline
func (s *Session) doubt(from int) {
	if s.e.logging() && s.client.Block > s.e.log.Durable() {
		s.out.changed(from)
	}
}

// closeNumbered forgets a client of which nothing is known.
//
//go:noinline
func (e *Engine) closeNumbered(s *Session) {
	if s.client != nil && s.client.Highest == 0 {
		e.requests.Forget(s.client.ID)
	}
	s.client = nil
}

// executed notes that the command under way, whose reply begins at from, had an effect. It is called when the reply is whole and before anything
// else is fed to the log or written of it: the number stands in the block of the effect (logged), or neither is there. What a crash undoes it
// undoes with its number. The reply is the true one, though its block may fail and the caller hear NOTDURABLE: when a fresh base brings the
// effect back its table brings this, and when it does not, the number is gone too.
//
//go:noinline
func (s *Session) executed(from int, logged bool) {
	c, reply := s.client, s.out.w.Bytes()[from:]
	if s.number <= c.Highest { // of a command that may run again, and yet changed something
		return
	}
	if s.muted() {
		reply = reply[:0]
	}
	reply = c.Executed(s.number, reply)
	if logged {
		c.Block = s.e.log.Next()
		s.e.log.Name(aof.Request{Client: c.ID, Number: s.number, Reply: reply})
	}
}

// again answers a command that comes again though it came before, which the first output has told the client: its reply if it is kept, else
// REPLYLOST, or NOEFFECT if it had none. A client's commands are executed in order: all up to the highest number have been, and to run one that
// changes something would do it twice, or behind what came after it (and a message would be sent twice). That goes before all that would refuse
// it: who hears MISCONF may take it for not run, and send it under another number. What only reads, or changes the session, runs: it is harmless,
// and a client needs it to get its session back.
func (s *Session) again(cmd *command.Command) bool {
	if s.number > s.client.Highest {
		return false
	}
	flags := cmd.Flags
	switch {
	case s.multi != nil && cmd.Name == "exec":
		if flags = s.multi.flags; s.multi.aborted { // what would write was refused, this time
			flags |= command.Write
		}
	case s.multi != nil:
		return false
	case cmd.Name != "publish" && cmd.Name != "spublish":
		flags &^= command.PubSub // of SUBSCRIBE
	}
	if flags&(command.Write|command.PubSub) == 0 {
		return false
	}
	if s.multi != nil {
		s.Discard()
	}
	from := s.out.w.Len()
	switch reply, known := s.client.Find(s.number); {
	case !known && flags&command.PubSub == 0: // what is published leaves no trace
		s.out.w.Error(errNoEffect)
	case len(reply) == 0:
		s.out.w.Error(errReplyLost)
	default:
		s.out.w.Raw(reply)
	}
	s.doubt(from)
	return true
}

// GoOn makes next the number of the next command: a client that has settled some of its requests by the first output goes on behind them, and one
// that has got its session back, which takes commands too, goes back to where it was. What was acknowledged must not come again, but what only
// changes the session. It is false while the session holds what it has not
// executed. No number is unsafe: one that was executed is answered so.
func (s *Session) GoOn(next uint64) bool {
	if s.client == nil || next == 0 || s.parked || s.in.Buffered() > 0 {
		return false
	}
	s.number = next - 1
	return true
}

// Acknowledged tells that the client has every reply up to this number: they are kept no longer.
func (s *Session) Acknowledged(number uint64) {
	if s.client != nil {
		s.client.Acknowledged(number)
	}
}

// Forget ends what is known of a client, which has gone for good, and its session if it has one. The log forgets it with the next rewrite.
func (e *Engine) Forget(client uint64) {
	e.endClient(client)
	e.requests.Forget(client)
}

// endClient ends the session of a client, if it has one.
//
//go:noinline
func (e *Engine) endClient(id uint64) {
	for _, s := range e.order {
		if s.client != nil && s.client.ID == id {
			s.Close()
			break
		}
	}
}

// Clients are the ids of the clients of which something is known, or that have a session.
//
//go:noinline
func (e *Engine) Clients() []uint64 {
	ids := make([]uint64, len(e.requests.Clients))
	for i, c := range e.requests.Clients {
		ids[i] = c.ID
	}
	return ids
}
