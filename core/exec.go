package core

import (
	"math"
	"runtime"
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// unit is the execution unit under way: one command, or one EXEC. What it changes goes into the log as a whole.
type unit struct {
	open    bool // something was fed
	changed bool // by a command, not by a key that was found past its time
	ran     bool // a command changed something, in the log or not
}

// execute is Redis's processCommand: what forbids the command is told, else it is queued or called.
func (s *Session) execute(words [][]byte) {
	e := s.e
	s.write()
	from := s.out.w.Len()
	e.replyAt = from
	s.number++
	cmd, failed := e.table.Lookup(words)
	if failed == "" {
		s.last = cmd
		if s.client != nil && s.again(cmd) {
			if s.muted() {
				s.muteReply(from)
			}
			return
		}
		if e.room -= int64(2*s.in.Size() + 256); e.room <= 0 || e.wary || s.guarded || s.multi != nil || s.subscribed > 0 || s.monitor {
			failed = e.refuse(s, cmd, words)
			if e.late.Len()+len(e.tracking.pending) > 0 { // what was evicted is told first
				s.pushLate()
				from = s.out.w.Len()
				e.replyAt = from
			}
		}
	} else if speaksHTTP(words[0]) {
		s.repel()
		return
	}
	if e.pause.until != 0 && failed == "" && s.postpone(cmd) {
		s.number-- // it comes again
		return
	}
	switch {
	case failed != "":
		if s.multi != nil {
			s.multi.aborted = true
		}
		if s.isExec(words) {
			s.Discard()
			failed = "EXECABORT Transaction discarded because of: " + trimCode(failed)
		}
		e.rejected(words, failed)
		if s.tracking.Caching {
			s.endCaching(e.table.Meant(words))
		}
		s.out.w.Error(failed)
	case s.multi != nil && !runsInMulti(cmd):
		s.multi.queue(cmd, words)
		s.out.w.Simple("QUEUED")
	default:
		m := &e.meter
		plain := cmd.Flags&m.plain != 0
		if !plain || m.n == 0 {
			m.before(cmd)
		}
		e.runTop(s, cmd, words)
		if b := s.out.w.Bytes(); plain && m.n < meterGroup-1 && (len(b) == from || b[from] != '-') {
			m.group[m.n] = uint16(cmd.ID)
			m.n++
		} else {
			e.after(s, cmd, words, from)
		}
		if cmd.Flags&(command.Admin|command.Grows) != 0 {
			e.room = 0 // look again behind it
			e.wary = e.wary || cmd.Flags&command.Admin != 0 || cmd.Name == "exec"
		}
	}
	if s.muted() {
		s.muteReply(from)
	}
	if e.late.Len()+len(e.tracking.pending) > 0 {
		s.pushLate()
	}
	if len(e.waiting.ready)+len(e.waiting.ended) > 0 {
		e.serve()
		s.bind(&e.call)
	}
}

// muted tells whether the reply of the command under way will be taken back.
func (s *Session) muted() bool { return s.reply != command.ReplyOn || s.skip }

// isExec tells whether the words, be they right or wrong, mean to run a transaction.
func (s *Session) isExec(words [][]byte) bool {
	cmd := s.e.table.Named(words[0])
	return cmd != nil && cmd.Name == "exec"
}

// muteReply takes the reply back that CLIENT REPLY OFF or SKIP forbids.
func (s *Session) muteReply(from int) {
	switch {
	case s.reply == command.ReplyOff, s.skip:
		s.skip = false
		s.out.w.Truncate(from)
		for n := len(s.out.effects); n > 0 && s.out.effects[n-1].to > from; n-- {
			s.out.effects = s.out.effects[:n-1]
		}
	case s.reply == command.ReplySkip:
		s.reply, s.skip = command.ReplyOn, true
		s.out.w.Truncate(from)
	}
}

const errReadOnly resp.Error = "READONLY The store was opened to be read only."

// refuse tells why cmd may not run now, in Redis's order of checks; "" when it may.
func (e *Engine) refuse(s *Session, cmd *command.Command, words [][]byte) resp.Error {
	flags := cmd.Flags
	if e.dead != "" {
		return resp.Error("ERR tabdis has stopped: " + e.dead)
	}
	if s.guarded && s.needsAuth() && flags&command.NoAuth == 0 {
		return errNoAuth
	}
	if flags&command.NoMulti != 0 && s.multi != nil {
		return "ERR Command not allowed inside a transaction"
	}
	if s.multi != nil && cmd.FullName() == "exec" {
		flags |= s.multi.flags // EXEC is refused for what its commands would be refused for
	}
	if s.guarded {
		if denied := e.deny(s, cmd, words); denied != "" {
			return denied
		}
	}
	if e.opts.ReadOnly && flags&command.Write != 0 {
		return errReadOnly
	}
	// Inside MULTI nothing is queued when memory is full: a queue takes some too.
	refusable := flags&command.DenyOOM != 0 || s.multi != nil && !runsInMulti(cmd)
	if size := s.in.Size(); e.overMemory(size, refusable) && refusable {
		return resp.ErrOOM
	}
	if e.saver.failed && (flags&command.Write != 0 || cmd.Name == "ping") && e.saveRefuses() {
		return errSaveWrite
	}
	if e.logging() && (flags&command.Write != 0 || cmd.Name == "ping") {
		needsNone := flags&command.Write != 0 && flags&command.DenyOOM == 0 // no more memory, and so no more room
		if err := e.log.Refusing(); err != nil && !(needsNone && e.log.Freeing()) {
			return resp.Error("MISCONF " + err.Error())
		}
		if flags&command.DenyOOM != 0 && e.log.Full() {
			return resp.Error("MISCONF " + e.log.FullReason().Error())
		}
	}
	if s.Limited() && !allowedToSubscribers(cmd) {
		return resp.Error("ERR Can't execute '" + cmd.FullName() + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context")
	}
	if s.monitor && flags&(command.Write|command.ReadOnly|command.MayReplicate) != 0 {
		return "ERR Replica can't interact with the keyspace" // as Redis calls a client that monitors
	}
	return ""
}

// allowedToSubscribers names the commands that a Limited session may send.
func allowedToSubscribers(cmd *command.Command) bool {
	switch cmd.FullName() {
	case "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe", "ping", "quit", "reset":
		return true
	}
	return false
}

// overMemory tells whether the data take more than maxmemory, before a command of so many bytes, which stay if stays is set, and nothing
// can be evicted. The sum over the databases is taken anew when what came since could have used up what was left.
func (e *Engine) overMemory(size int, stays bool) bool {
	if e.room > 0 {
		return false
	}
	if e.config.maxmemory == 0 {
		e.room = math.MaxInt64
		return false
	}
	if !stays {
		size = 0
	}
	return !e.enough(size) && !e.makeRoom(size)
}

// largeCommand is the size, in bytes, from which a command must fit into what is left of maxmemory. Redis lets the one that goes past it
// through; in a browser that allocation may be the one that ends the instance.
const largeCommand = 1 << 20

// runTop runs a command that is an execution unit by itself.
func (e *Engine) runTop(s *Session, cmd *command.Command, words [][]byte) {
	c := &e.call
	from := s.out.w.Len()
	e.prepare(c, s, cmd, words)
	cmd.Do(c)
	if s.tracking.On {
		e.track(s, cmd, words)
	}
	if plain := s.in.Plain(); plain != nil && c.Effects.Verbatim() && !e.unit.open && e.logging() { // most of what changes anything
		e.stats.dirty += c.Effects.Dirty
		e.log.FeedUnit(c.DB.Index(), plain)
		s.changed(from)
		if s.client != nil {
			s.executed(from, true)
		}
		return
	}
	if c.Effects.Any() {
		e.finish(c)
	}
	if e.unit.changed {
		s.changed(from)
	}
	if s.client != nil && e.unit.ran && s.blocked == nil { // XREADGROUP makes a consumer, and then waits: it is not over
		s.executed(from, e.unit.open)
	}
	e.endUnit()
}

// changed notes that the command whose reply begins at from changed something.
func (s *Session) changed(from int) {
	s.out.changed(from)
	s.wrote = s.e.log.Next()
}

// bind makes c one of the session's calls.
func (s *Session) bind(c *command.Call) { c.W, c.Session = &s.out.w, s }

// prepare makes c, which is bound to s, ready for a command.
func (e *Engine) prepare(c *command.Call, s *Session, cmd *command.Command, words [][]byte) {
	c.Reset()
	e.ks.ReleaseViews()
	c.Cmd, c.Args, c.DB, c.Now = cmd, words, s.keyspaceDB(), e.now
	c.Events = e.config.events
	c.NoTouch, c.Watched = s.noTouch, !e.loading && len(e.watches)+len(e.waiting.on)+e.tracking.followers > 0
	e.stats.commands++
}

// finish takes what the command changed to those who follow it: the log.
func (e *Engine) finish(c *command.Call) {
	fx := &c.Effects
	e.stats.dirty += fx.Dirty
	e.unit.ran = e.unit.ran || fx.Dirty > 0 || fx.Forced
	if !e.logging() || e.loading {
		return
	}
	db := c.DB.Index()
	e.unit.changed = e.unit.changed || fx.Dirty > 0 || fx.Forced
	if (fx.Dirty > 0 || fx.Forced) && !fx.Prevent {
		if len(fx.Rewrite) > 0 {
			e.feed(db, fx.Rewrite)
		} else {
			e.feed(db, c.Args)
		}
	}
	for _, also := range fx.Also {
		e.feed(also.DB, also.Args)
	}
}

func (e *Engine) feed(db int, words [][]byte) {
	e.beginUnit()
	e.log.Feed(db, words)
}

// beginUnit opens the unit in the log with its first effect.
func (e *Engine) beginUnit() {
	if !e.unit.open {
		e.unit.open = true
		e.log.Begin()
	}
}

// endUnit closes the unit in the log, if there is one.
func (e *Engine) endUnit() {
	if e.unit.open {
		e.log.End()
	}
	e.unit = unit{}
}

// recoverPanic stops the engine when a command panicked: what it changed in memory is not known, so nothing of the
// unit goes into the log, and nobody reads the memory any more. What was acknowledged is in the log.
// running is the session that was fed, nil when none was; the one whose command it was hears of it, if it was anybody's.
func (e *Engine) recoverPanic(running *Session) {
	r, s := recover(), e.running
	e.running = nil
	if r == nil {
		return
	}
	if e.unit.open {
		e.log.Abort()
	}
	e.unit = unit{}
	name := "?"
	if s != nil && s.last != nil {
		name = s.last.FullName()
	}
	e.stop("a fault inside '" + name + "' (" + panicText(r) + "). What was acknowledged is in the log; open the store again")
	e.late.Release(0)
	e.tracking.pending = nil
	if s == nil {
		return
	}
	s.write()
	s.out.w.Truncate(e.replyAt) // half a reply would leave the client waiting for the rest
	s.out.w.Error(resp.Error("ERR tabdis has stopped: " + e.dead))
	if running != nil {
		running.in.Keep()
	}
}

func panicText(r any) string {
	switch r := r.(type) {
	case error:
		return r.Error()
	case string:
		return r
	}
	return "unknown"
}

// loadSlice is after how many commands of the log others get a turn: where there is one thread a cycle of the garbage
// collector ends only if it is given some time, and makes every store of a pointer dear until then.
const loadSlice = 4096

// load runs the whole log through the command table: no expiry, no events, no replies.
func (e *Engine) load(run func(to aof.Replayer) error) error {
	l := &loader{s: &Session{e: e}, call: command.Call{Server: e, Lookups: &e.stats.lookups}}
	l.s.bind(&l.call)
	e.loading = true
	defer func() { e.loading = false }()
	return run(l)
}

// loader is the session that the log's commands run in. Its call is its own: the sessions' may be used meanwhile (DEBUG LOADAOF).
type loader struct {
	s    *Session
	call command.Call
	n    int // commands

	from, keys int // commands and keys when it was looked at last how many are new
	room       int // keys that the keyspace has been told of
}

func (l *loader) Ahead(keys [][]byte) { l.s.keyspaceDB().Prefetch(keys) }

// learn is how many commands tell what a log is like.
const learn = 1000

// Ran tells the keyspace how many keys to expect while nearly each command brings a new one: no more than eight times what there is, since the
// rest of the log may be of those.
func (l *loader) Ran(bytes, of int64) {
	db := l.s.keyspaceDB()
	keys, ran := db.Len(), l.n-l.from
	if keys < l.room || ran < learn {
		return
	}
	if (keys-l.keys)*10 >= ran*9 {
		l.room = int(float64(keys) * min(8, float64(of)/float64(bytes)))
		db.Expect(l.room)
	}
	l.from, l.keys = l.n, keys
}

func (l *loader) Replay(words [][]byte) error {
	s, e := l.s, l.s.e
	if l.n++; l.n%loadSlice == 0 {
		runtime.Gosched()
	}
	if len(words) == 3 && isSet(words[0]) {
		e.stats.commands++
		e.ks.ReleaseViews()
		s.keyspaceDB().SetString(words[1], words[2], keyspace.EncInt, keyspace.NoExpiry)
		return nil
	}
	cmd, failed := e.table.Lookup(words)
	switch {
	case strings.HasPrefix(string(failed), "ERR unknown command"):
		return &aof.UnknownCommand{Name: strconv.Quote(string(words[0][:min(len(words[0]), 64)]))}
	case failed != "":
		return resp.Error("command " + strconv.Itoa(l.n) + " of the log: " + string(failed))
	}
	e.prepare(&l.call, s, cmd, words)
	cmd.Do(&l.call)
	b := s.out.w.Bytes()
	s.out.w.Truncate(0)
	if len(b) > 0 && b[0] == '-' {
		return resp.Error("command " + strconv.Itoa(l.n) + " of the log, " + cmd.FullName() + ": " + string(b[1:len(b)-2]))
	}
	return nil
}

// isSet tells the command that most logs are mostly made of. With no more than a value all that it does in a load is done by the keyspace.
func isSet(w []byte) bool {
	return len(w) == 3 && w[0]|0x20 == 's' && w[1]|0x20 == 'e' && w[2]|0x20 == 't'
}

// trimCode drops the "ERR " of an error that another one quotes.
func trimCode(e resp.Error) resp.Error { return resp.Error(strings.TrimPrefix(string(e), "ERR ")) }
