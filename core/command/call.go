package command

import (
	"math/rand/v2"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
)

// Call is one execution of a command: its words, where it works, where its reply goes, and what it changed.
// A handler parses all its words before it changes anything, and keeps nothing of a Call when it returns.
type Call struct {
	Cmd  *Command
	Args [][]byte // the words as sent, Args[0] the name; of a subcommand too (Args[1] is its word)
	W    *resp.Writer
	DB   *keyspace.DB
	Now  int64 // Unix time in ms, frozen for the whole execution unit

	NoTouch bool  // CLIENT NO-TOUCH: reads leave no mark
	Watched bool  // some key is watched: changes are to be told
	Events  Class // the keyspace events that somebody wants
	Lookups *Lookups

	Server  Server
	Session Session

	// What core reads when the handler has returned.
	Effects Effects

	arena []byte
}

// Lookups counts lookups for reading, for INFO.
type Lookups struct{ Hits, Misses int64 }

// Effects is what a command did, as far as the log and others that follow it must know.
// They are taken verbatim (the words as sent) when Dirty > 0, unless the handler said otherwise.
type Effects struct {
	Dirty   int64    // number of changes, as in Redis's rdb_changes_since_last_save
	Forced  bool     // propagate though nothing is dirty (FLUSHALL of an empty store)
	Prevent bool     // don't propagate the words of the command itself
	Rewrite [][]byte // propagate these instead of the words
	Also    []Effect // and these, after it
}

// Effect is one further command to propagate, in database DB.
type Effect struct {
	DB   int
	Args [][]byte
}

// Any tells whether there are any.
func (fx *Effects) Any() bool { return fx.Dirty != 0 || fx.Forced || len(fx.Also) > 0 }

// Verbatim tells whether they are the words as sent and nothing else.
func (fx *Effects) Verbatim() bool {
	return fx.Dirty > 0 && !fx.Prevent && len(fx.Rewrite)|len(fx.Also) == 0
}

// Dirty counts n changes; n may be 0.
func (c *Call) Dirty(n int) { c.Effects.Dirty += int64(n) }

// Force makes the command propagate even if it changed nothing.
func (c *Call) Force() { c.Effects.Forced = true }

// PreventPropagation keeps the words of the command out of the log; Also still applies.
func (c *Call) PreventPropagation() { c.Effects.Prevent = true }

// PropagateAs puts these words into the log in place of the command's own: absolute times, results of chance.
func (c *Call) PropagateAs(args ...[]byte) {
	c.Effects.Rewrite = append(c.Effects.Rewrite[:0], args...)
}

// AlsoPropagate adds a command to what is propagated, in the current database.
func (c *Call) AlsoPropagate(args ...[]byte) {
	c.Effects.Also = append(c.Effects.Also, Effect{DB: c.DB.Index(), Args: append([][]byte(nil), args...)})
}

// Scratch returns n bytes that live until the end of the call.
func (c *Call) Scratch(n int) []byte {
	if cap(c.arena)-len(c.arena) < n {
		c.arena = make([]byte, 0, max(512, n))
	}
	from := len(c.arena)
	c.arena = c.arena[:from+n]
	return c.arena[from : from+n : from+n]
}

// Reset makes c ready for the next call.
func (c *Call) Reset() {
	fx := &c.Effects
	fx.Dirty, fx.Forced, fx.Prevent = 0, false, false
	if len(fx.Rewrite)|len(fx.Also)|len(c.arena) != 0 {
		c.forget()
	}
}

// forget drops what the last call left.
func (c *Call) forget() {
	c.Effects.Rewrite, c.Effects.Also = c.Effects.Rewrite[:0], c.Effects.Also[:0]
	if cap(c.arena) > 1<<16 {
		c.arena = nil
	}
	c.arena = c.arena[:0]
}

// Class is a class of keyspace events (https://redis.io/docs/latest/develop/use/keyspace-notifications/).
type Class uint16

// The classes, by their letters in notify-keyspace-events.
const (
	ClassGeneric Class = 1 << iota // g
	ClassString                    // $
	ClassList                      // l
	ClassSet                       // s
	ClassHash                      // h
	ClassZSet                      // z
	ClassExpired                   // x
	ClassEvicted                   // e
	ClassStream                    // t
	ClassKeyMiss                   // m
	ClassNew                       // n
	ClassModule                    // d; there are no modules
)

// Server is what handlers need of the engine around them. core implements it.
type Server interface {
	// Keyspace gives the databases.
	Keyspace() *keyspace.Keyspace
	// Limits are the thresholds of the packed encodings in force.
	MaxBulkLen() int64 // proto-max-bulk-len
	// Fits tells whether maxmemory allows that a value becomes so many bytes larger.
	Fits(more int64) bool
	// Expire removes the key, which is past its time, and propagates its DEL. In a pause it stays, unless a command that writes has met it
	// (inside of the transaction that began the pause): what that one makes must not be made on top of it.
	Expire(db *keyspace.DB, key []byte, writing bool)
	// Loading tells that the log is being replayed: nothing expires, times in the past are kept.
	Loading() bool
	// Modified tells watchers (and whoever tracks) that key of db changed or went.
	Modified(s Session, db *keyspace.DB, key []byte)
	// Wake lets those who wait for key of db look again.
	Wake(db *keyspace.DB, key []byte)
	// Notify publishes a keyspace event.
	Notify(class Class, event string, db *keyspace.DB, key []byte)
	// Random is the engine's source of chance, seeded for each process.
	Random() *rand.Rand
	// Table is the command table.
	Table() *Table
	// Profile70 tells that replies follow Redis 7.0 where 7.2 changed them (tests against a real 7.0 only).
	Profile70() bool
	// DumpOptions tells how DUMP writes values.
	DumpOptions() rdb.Options
	// Operations is the rest: what only commands of the groups server and connection ask for.
	Operations() Operations
}

// Operations is what the commands of the group server need of the engine.
type Operations interface {
	Publisher
	// Info appends the text of INFO for the given sections (none: the default ones).
	Info(dst []byte, sections []string) []byte
	// ConfigGet yields name and value of each parameter whose name, or alias, matches.
	ConfigGet(match func(name string) bool, yield func(name, value string))
	// ConfigSet sets all pairs or none; the error is the whole reply.
	ConfigSet(pairs [][2]string) error
	ConfigResetStat()
	// ConfigRewrite writes the configuration file; the error is the whole reply.
	ConfigRewrite() error
	// Rewrite starts BGREWRITEAOF; the status is the reply's text.
	Rewrite() (status string, err error)
	// Save is SAVE, BGSave BGSAVE: the status is the reply's text.
	Save() error
	BGSave(schedule bool) (status string, err error)
	LastSave() int64 // Unix seconds
	// DebugAllowed tells whether DEBUG may run for this session (enable-debug-command).
	DebugAllowed(s Session) bool
	SetActiveExpire(on bool)
	// Sleep stops the engine for so long (DEBUG SLEEP).
	Sleep(ms int64)
	// LoadAOF flushes the log, empties the databases and loads it again (DEBUG LOADAOF); the reply is held until done.
	LoadAOF(s Session)
	// Reload writes all data as an RDB file and reads it (DEBUG RELOAD); the error is the whole reply.
	Reload() error
	// SwapDB and Flush change databases as a whole, with all that hangs on their keys (watches …).
	SwapDB(i, j int)
	Flush(db *keyspace.DB) (removed int) // nil: all databases
	// Sessions yields every open session, by id.
	Sessions(yield func(Session) bool)
	// Kill closes a session after its replies have left.
	Kill(s Session)
	// Pause holds back commands until then (Unix ms): all of them, or those that may change data. Unpause ends that.
	Pause(until int64, all bool)
	Unpause()
	// Unblock ends the waiting of the session with this id, which is answered by end; false when it does not wait.
	Unblock(id int64, end func(c *Call, w *Wait)) bool
	ACL() ACL
	UnixMicro() int64 // the wall clock of this turn, in µs
	Diagnostics
	// Shutdown ends every session and asks the host to end; force: even if something cannot be saved.
	Shutdown(save, nosave, force bool) error
}

// Session is what handlers may know and change of a client's connection.
type Session interface {
	Subscriber
	Tracker
	ID() int64
	Database() int
	Select(db int)
	SetProto(v int) // of this reply on
	Proto() int
	Name() string
	SetName(name string)
	LibName() string
	LibVer() string
	SetLib(attr, value string) // "lib-name", "lib-ver"
	NoEvict() bool
	SetNoEvict(on bool)
	NoTouch() bool
	SetNoTouch(on bool)
	SetReply(mode ReplyMode)
	// CloseAfterReply ends the session once what it was answered has left.
	CloseAfterReply()
	// InMulti: commands are queued. DenyBlocking: inside EXEC.
	InMulti() bool
	// Durable gives a function that tells whether all is durable that the session has written so far; logging is false when there is no log.
	Durable() (durable func() bool, logging bool)
	// Block parks the session until w is served or its time is over; false where nothing may wait: inside of EXEC.
	Block(c *Call, w Wait) bool
	Multi()
	Discard()     // leaves MULTI and forgets the watches
	Exec(c *Call) // runs the queue and writes the reply
	Watch(db *keyspace.DB, key []byte)
	Unwatch()
	Reset() // RESET: back to a fresh session
	// Describe appends the line of CLIENT LIST, without the line feed.
	Describe(dst []byte) []byte
	Addr() string
	LocalAddr() string
	Type() string // "normal", "pubsub"
	User() string
}

// ReplyMode is CLIENT REPLY.
type ReplyMode uint8

// The modes of CLIENT REPLY.
const (
	ReplyOn ReplyMode = iota
	ReplyOff
	ReplySkip
)
