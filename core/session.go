package core

import (
	"slices"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// SessionOptions of NewSession.
type SessionOptions struct {
	Addr, LocalAddr string
	// Unix tells that the client came by a Unix socket, FD is the descriptor of its connection, 0 where it has none.
	Unix bool
	FD   int
	// Queued is how many bytes the host has taken from the session and not got rid of yet; nil: none.
	Queued func() int
	// Client is the id of the client whose numbered session it is (numbered.go), and Next the number of the command that comes next; 0: its
	// requests have no numbers. None below Next comes again.
	Client, Next uint64
}

// Session is one client: its database, protocol, name, transaction, and the replies on their way to it.
//
// A parked session (blocking commands, a stalled engine) gathers what it is fed and executes nothing; a push may be written at any time
// between two replies.
type Session struct {
	// Tag is the host's: its connection.
	Tag any

	e      *Engine
	id     int64
	opts   SessionOptions
	in     resp.Parser
	out    output
	db     int
	wrote  uint64 // the block that has its last change
	name   string
	lib    [2]string // name, version
	birth  int64
	active int64 // when it last sent something
	last   *command.Command

	client *aof.Client // nil: its requests have no numbers
	number uint64      // of the command under way, or of the last one

	user          *user // nil: the log's own session
	authenticated bool
	guarded       bool // the user may not do everything, or is not known yet

	tracking   command.Tracking
	follows    bool // keys may be remembered for it
	multi      *transaction
	watched    []*watch
	subs       [command.TopicKinds]subscriptions
	subscribed int // to how many topics of all kinds
	reply      command.ReplyMode
	skip       bool // CLIENT REPLY SKIP: the next reply stays away
	noEvict    bool
	noTouch    bool
	monitor    bool // MONITOR
	parked     bool
	blocked    *blocked // why
	postponed  bool     // or by CLIENT PAUSE
	closing    bool
	killed     bool // by another
	closed     bool
	stuffed    bool
	brim       int // of out, where the session stops
	inTurn     bool
	isReady    bool
}

const keptOutput = 64 << 10 // bytes of an output buffer that a session keeps between turns

// NewSession opens a client's session.
func (e *Engine) NewSession(o SessionOptions) *Session {
	e.nextID++
	s := &Session{e: e, id: e.nextID, opts: o, birth: e.now, active: e.now, brim: maxInt}
	if e.opts.Profile70 {
		s.out.w.SetDoubles(resp.AppendDouble17)
	}
	s.greet()
	e.sessions[s.id] = s
	e.order = append(e.order, s)
	e.stats.connections++
	if o.Next > 0 {
		e.openNumbered(s)
	}
	return s
}

// Feed parses p (what is left over is kept) and executes every whole command, until the session is parked or closing.
func (s *Session) Feed(p []byte) {
	if s.closed || s.closing {
		return
	}
	s.active = s.e.now
	s.e.stats.netInput += int64(len(p))
	s.in.MaxBulk = s.e.config.maxBulk
	s.in.Feed(p)
	s.run()
}

// run executes what the parser holds. A panic in a command ends the engine, not the process: what was logged stays good.
func (s *Session) run() {
	e := s.e
	if s.parked || s.closing || e.stalled {
		s.in.Keep()
		return
	}
	s.stuffed = false
	e.running, e.replyAt = s, s.out.w.Len()
	s.bind(&e.call)
	// Between two commands only those that are looked at behind change any of this.
	e.wary = e.dead != "" || e.opts.ReadOnly || e.saveRefuses() || e.logging() && (e.log.Refusing() != nil || e.log.Full())
	defer e.recoverPanic(s)
	defer e.meter.rest()
	for !s.parked && !s.closing && !e.stalled {
		if keys := s.in.Ahead(); len(keys) > 0 {
			s.keyspaceDB().Prefetch(keys)
		}
		words, err := s.in.Next()
		if err != nil {
			s.write()
			s.out.w.Error(resp.Error("ERR " + err.Error()))
			s.CloseAfterReply()
			break
		}
		if words == nil {
			return
		}
		s.execute(words)
		if s.out.w.Len() >= s.brim {
			s.stuffed = !s.parked
			break
		}
	}
	s.in.Keep()
}

// write marks the session as one with something to say in this turn.
func (s *Session) write() {
	if !s.inTurn {
		s.inTurn = true
		s.e.turn = append(s.e.turn, s)
	}
}

// Output is what may leave: replies and pushes, in order. Take tells that n bytes of it have left. Only between turns.
func (s *Session) Output() []byte { return s.out.w.Bytes()[:s.out.released] }

// Take tells that the first n bytes of Output have left.
func (s *Session) Take(n int) {
	s.out.take(n)
	s.e.stats.netOutput += int64(n)
	s.isReady = false
}

// Waiting is the number of bytes held back until the log is as safe as appendfsync asks.
func (s *Session) Waiting() int { return s.out.w.Len() - s.out.released }

// Closing tells that the session ends once its output has left (QUIT, protocol error, CLIENT KILL).
func (s *Session) Closing() bool { return s.closing && s.Waiting() == 0 }

// Closed tells that Close was called, by the host or for a new session of the same client.
func (s *Session) Closed() bool { return s.closed }

// Close ends the session.
func (s *Session) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.Discard()
	s.unsubscribeAll()
	s.leaveTracking()
	e := s.e
	if s.blocked != nil {
		e.unblock(s.blocked)
	}
	if s.postponed {
		e.pause.postponed = slices.DeleteFunc(e.pause.postponed, func(other *Session) bool { return other == s })
	}
	e.unmonitor(s)
	e.closeNumbered(s)
	delete(e.sessions, s.id)
	for i, other := range e.order {
		if other == s {
			e.order = append(e.order[:i], e.order[i+1:]...)
			break
		}
	}
}

func (s *Session) hold(ticket uint64) { s.out.hold(ticket) }

// settleTurn releases the replies of this turn, which wait for nothing.
func (s *Session) settleTurn(err error) {
	s.out.hold(0)
	s.settle(0, err)
}

// settle releases what waited for this ticket or an earlier one. With err the commands among it that changed something
// ran and are not durable; their callers hear that instead of what they would have heard.
func (s *Session) settle(ticket uint64, err error) {
	if s.out.settle(ticket, err) || s.closing {
		s.e.markReady(s)
	}
}

// What command.Session asks.

func (s *Session) ID() int64           { return s.id }
func (s *Session) Database() int       { return s.db }
func (s *Session) Select(db int)       { s.db = db }
func (s *Session) SetProto(v int)      { s.out.w.SetProto(v) }
func (s *Session) Proto() int          { return s.out.w.Proto() }
func (s *Session) Name() string        { return s.name }
func (s *Session) SetName(name string) { s.name = name }
func (s *Session) LibName() string     { return s.lib[0] }
func (s *Session) LibVer() string      { return s.lib[1] }
func (s *Session) NoEvict() bool       { return s.noEvict }
func (s *Session) SetNoEvict(on bool)  { s.noEvict = on }
func (s *Session) NoTouch() bool       { return s.noTouch }
func (s *Session) SetNoTouch(on bool)  { s.noTouch = on }
func (s *Session) Addr() string        { return s.opts.Addr }
func (s *Session) LocalAddr() string   { return s.opts.LocalAddr }

// User is the name of the session's user.
func (s *Session) User() string {
	if s.user == nil {
		return defaultUser
	}
	return s.user.name
}

// CloseAfterReply ends the session once its output has left; it is sent no more messages.
func (s *Session) CloseAfterReply() {
	s.closing = true
	s.unsubscribeAll()
	s.StopTracking()
}

// Type is the class of clients that CLIENT LIST and CLIENT KILL know it by.
func (s *Session) Type() string {
	if s.subscribed > 0 {
		return "pubsub"
	}
	return "normal"
}

// SetReply is CLIENT REPLY; OFF outlasts a SKIP.
func (s *Session) SetReply(m command.ReplyMode) {
	if m != command.ReplySkip || s.reply != command.ReplyOff {
		s.reply = m
	}
}

// SetLib is CLIENT SETINFO.
func (s *Session) SetLib(attr, value string) {
	if attr == "lib-name" {
		s.lib[0] = value
	} else {
		s.lib[1] = value
	}
}

// Reset is RESET: all but id and address as in a fresh session.
func (s *Session) Reset() {
	s.Discard()
	s.unsubscribeAll()
	s.StopTracking()
	s.greet()
	s.db, s.name, s.reply, s.skip = 0, "", command.ReplyOn, false
	s.noEvict, s.noTouch = false, false
	s.e.unmonitor(s)
	s.out.w.SetProto(2)
}

func (s *Session) keyspaceDB() *keyspace.DB { return s.e.ks.DB(s.db) }

var _ command.Session = (*Session)(nil)
