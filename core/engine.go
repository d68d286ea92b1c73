// Package core is the engine: sessions, execution units, propagation, cron, INFO and CONFIG around the keyspace, the
// command table and the append-only file.
//
// It has one owner and no locks: every method of Engine and Session is called from one goroutine (in a browser: from the
// one thread of the Worker), except where it says otherwise. The owner works in turns, the event loop of Redis:
//
//	Turn(now) → Feed … Feed → EndTurn        execute what has come, write the log, release the replies
//	Tick(now)                                serverCron: expire, sync, retry, a slice of a rewrite
//
// Replies are released when the log says that what they tell is as safe as appendfsync promises; until then they are held
// in their sessions, in order.
package core

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
	"tabdis/core/storage"
)

// Options of Open. The zero value of each field means its default.
type Options struct {
	// FS keeps the log. With nil there is no log: a store in memory, only when asked for.
	FS storage.FS
	// Config holds parameters under Redis's names: {"appendfsync": "always"}.
	Config map[string]string
	// Now is the wall clock in Unix ms at the start; from then on Turn and Tick bring the time.
	Now int64
	// Seed makes hashing and chance repeatable in tests; 0: from the platform.
	Seed uint64
	// Log takes the operator's log lines.
	Log func(level aof.Level, msg string)
	// Progress is told how loading goes on.
	Progress func(aof.Progress)
	// Wake asks the host to call Turn and EndTurn soon, since something was posted. Any goroutine may call it.
	Wake func()
	// Go starts control-plane work, which may park; default: a goroutine.
	Go func(job func())
	// Dumps is where RDB files go; nil where they have no place.
	Dumps storage.Dumps
	// Importer lets a store that has no log begin with a file of Redis's, a single appendonly.aof or a dump.rdb; nil: it does not.
	Importer *aof.Importer
	// Load, without FS, fills the databases at the start: what a log once held (aof.ReadTo), to look at.
	Load func(to aof.Replayer, ks *keyspace.Keyspace) error
	// ReadOnly refuses every command that may change something.
	ReadOnly bool
	// ACLFile is the file that the parameter aclfile names; nil where there are none.
	ACLFile ACLFile
	// Shutdown is called when SHUTDOWN asks the host to end behind this turn, with Close. With nil SHUTDOWN is refused.
	Shutdown func()
	// Profile70 makes replies those of Redis 7.0 where 7.2 changed them. For tests against a real 7.0.
	Profile70 bool
	// Backend is told by INFO: "opfs", "idb", "files", "memory".
	Backend string
	// Program is the server around the engine, where there is one.
	Program Program
	// Users are the directives "user" of a configuration file, without that word: a name and rules each.
	Users [][]string
}

// Engine is one store with its clients.
type Engine struct {
	opts   Options
	ks     *keyspace.Keyspace
	table  *command.Table
	log    *aof.Log
	report aof.Report
	config config
	rng    *rand.Rand
	runID  string
	replID string // nobody follows it; programs ask for it

	now     int64 // of this turn, Unix ms
	latest  int64 // as the host told it
	started int64
	ctx     context.Context
	cancel  context.CancelFunc

	mu     sync.Mutex // guards posted alone; held for moments, never while parking
	posted []func()

	sessions map[int64]*Session
	order    []*Session // by id
	nextID   int64
	turn     []*Session // wrote something in this turn
	ready    []*Session
	watches  watches
	waiting  waiting
	pause    pause
	topics   [command.TopicKinds]topics
	running  *Session    // whose command is being executed
	late     resp.Writer // pushes that its command sends to itself, until it is answered
	tracking tracking
	acl      acl
	requests aof.Requests

	call     command.Call // of the command being executed
	inner    command.Call // of a command inside EXEC
	replyAt  int          // where its reply begins
	unit     unit
	room     int64        // bytes left of maxmemory when last looked, less what came since
	evicting bool         // stopped at the end of a slice
	victim   []byte       // the key that is evicted
	wary     bool         // something may forbid a command: each is looked at
	expired  []expiredKey // met by the snapshot; removed at the end of the turn
	stats    stats
	saver    saver
	attacked int64 // when HTTP was last heard and logged, Unix ms
	peaks    peaks
	meter    meter
	monitors []*Session
	inExec   bool // the commands of a transaction run
	loading  bool
	stalled  bool   // DEBUG LOADAOF runs: commands wait
	reload   func() // starts it, once the turn has ended
	dead     string // why the engine executes nothing any more
	closed   bool
	noExpire bool // DEBUG SET-ACTIVE-EXPIRE 0
	noCron   bool // DEBUG PAUSE-CRON 1
}

// Open loads the store and gives the engine. It parks.
func Open(ctx context.Context, o Options) (*Engine, error) {
	e := &Engine{opts: o, now: o.Now, started: o.Now, sessions: map[int64]*Session{}, table: command.NewTable()}
	if e.opts.Go == nil {
		e.opts.Go = func(job func()) { go job() }
	}
	if e.opts.Wake == nil {
		e.opts.Wake = func() {}
	}
	if e.opts.Log == nil {
		e.opts.Log = func(aof.Level, string) {}
	}
	e.meter.stats = make([]commandStats, e.table.Rows())
	seed := o.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	e.rng = rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	e.runID, e.replID = hexID(e.rng, 40), hexID(e.rng, 40)
	for _, c := range []*command.Call{&e.call, &e.inner} {
		c.Server, c.Lookups = e, &e.stats.lookups
	}
	e.waiting.next = math.MaxInt64
	e.config.init()
	if err := e.config.load(o.Config); err != nil {
		return nil, err
	}
	if len(e.config.save) > 0 && o.Dumps == nil {
		return nil, ErrNoDumps
	}
	e.saver.last, e.saver.took = e.now/1000, -1
	e.ks = keyspace.New(keyspace.Options{Databases: e.config.databases, Seed: e.rng.Uint64()})
	e.ks.SetClock(e.now / 1000)
	book := e.rules()
	e.acl.init(&book)
	e.setPassword(e.config.password)
	if err := e.loadUsers(); err != nil {
		return nil, err
	}
	if err := e.loadACLFile(); err != nil {
		return nil, err
	}
	e.config.apply(e)
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.config.aof.DumpName = e.config.dumpName
	if e.config.aof.Importer = o.Importer; o.Importer != nil {
		e.config.aof.Import = o.Importer.Open
	}
	if o.FS == nil {
		e.config.appendonly = false
	} else {
		e.config.aof.NewRDB, e.config.aof.Requests = e.newBase, &e.requests
		e.log = aof.New(o.FS, e.ks, &e.config.aof, host{e})
	}
	if err := e.load(func(to aof.Replayer) (err error) {
		switch {
		case o.FS == nil && o.Load != nil:
			err = o.Load(to, e.ks)
		case e.config.appendonly:
			e.report, err = e.log.Load(ctx, to, o.Progress)
		case o.Importer != nil:
			e.report, err = o.Importer.LoadDump(e.ks, &e.config.aof, host{e}, o.Progress)
		}
		return err
	}); err != nil {
		e.cancel()
		return nil, err
	}
	e.saver.loaded, e.saver.dropped = e.report.Keys, e.report.Expired
	return e, nil
}

// Report tells what loading found.
func (e *Engine) Report() aof.Report { return e.report }

// Dead tells why the engine executes nothing any more; "" while it does. The host should end it and open the store anew.
func (e *Engine) Dead() string { return e.dead }

// Stalled tells that the control plane works on the databases; sessions only gather what they are fed.
func (e *Engine) Stalled() bool { return e.stalled }

// Turn begins a turn at this time (Unix ms) and takes what was posted. Sessions are fed after it, then EndTurn ends it.
// A woken host calls both with nothing to feed.
func (e *Engine) Turn(now int64) {
	e.setTime(now)
	before := e.ready
	e.ready = e.ready[:0]
	for _, s := range before { // what the host has not taken yet stays ready
		if s.isReady = false; len(s.Output()) > 0 || s.Closing() && !s.closed {
			e.markReady(s)
		}
	}
	e.takePosted()
	e.timeOut()
}

// setTime never goes back: what expired stays expired. It stands still while the control plane works on the databases.
func (e *Engine) setTime(now int64) {
	e.latest = max(e.latest, now)
	if e.latest > e.now && !e.stalled {
		e.now = e.latest
		e.ks.SetClock(e.now / 1000)
	}
}

func (e *Engine) takePosted() {
	for {
		e.mu.Lock()
		jobs := e.posted
		e.posted = nil
		e.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		for _, job := range jobs {
			job()
		}
	}
}

func (e *Engine) post(job func()) {
	e.mu.Lock()
	e.posted = append(e.posted, job)
	e.mu.Unlock()
	e.opts.Wake()
}

// EndTurn is Redis's beforeSleep: what the turn changed becomes one block of the log, written, and synced as appendfsync asks,
// BEFORE any reply of the turn is released. A reply that left earlier would acknowledge what a crash can still undo.
func (e *Engine) EndTurn() {
	if e.log != nil && !e.stalled && e.dead == "" {
		e.log.EndOfTurn()
	}
	e.endTurn()
	rounds := 0
	for ; rounds < maxRounds && e.ask(); rounds++ { // what this turn made durable
		e.endTurn()
	}
	if rounds == maxRounds {
		e.opts.Wake()
	}
	if reload := e.reload; reload != nil {
		e.reload = nil
		reload()
	}
}

// maxRounds is how often one turn goes on with sessions whose WAITAOF it has answered: each time may take a sync, and the others wait.
const maxRounds = 8

func (e *Engine) endTurn() {
	e.serveIdle()
	for e.goOn(); e.removeExpired(); e.goOn() {
		e.serveIdle()
	}
	e.endTracking()
	var ticket uint64
	var err error
	if e.log != nil && (!e.stalled || e.reload != nil) {
		ticket, err = e.log.Flush()
	}
	for _, s := range e.turn {
		s.inTurn = false
		switch {
		case ticket != 0:
			s.hold(ticket)
		default:
			s.settleTurn(err)
		}
	}
	e.turn = e.turn[:0]
}

// stop ends all execution. What was acknowledged is in the log.
func (e *Engine) stop(why string) {
	e.dead = why
	e.logLine(aof.Warning, "tabdis has stopped: "+why)
}

// logging tells whether effects go into a log.
func (e *Engine) logging() bool { return e.log != nil && e.log.Enabled() }

// Ready gives the sessions that have output or are closing, since the turn began. Valid until the next turn.
func (e *Engine) Ready() []*Session { return e.ready }

func (e *Engine) markReady(s *Session) {
	if !s.isReady && !s.closed { // a session may have ended in the turn in which it was sent a message
		s.isReady = true
		e.ready = append(e.ready, s)
	}
}

// Close saves if there are save points, then flushes, seals and closes the log. It parks; no turn may run during or after it. While the log is
// being read again, memory is not the data: then there is nothing to save.
func (e *Engine) Close(ctx context.Context) error {
	if e.closed {
		return nil
	}
	e.closed = true
	defer e.cancel()
	var err error
	if e.killSave(); !e.saver.decided && e.dead == "" && !e.stalled {
		err = e.lastSave(false, false)
	}
	e.saver.jobs.Wait()
	if e.log != nil {
		if e.dead != "" || e.stalled {
			e.log.Forsake()
		}
		err = errors.Join(err, e.log.Close(ctx))
	}
	return err
}

func hexID(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[r.IntN(16)]
	}
	return string(b)
}
