// Package core is the engine: sessions, execution units, propagation, cron, INFO and CONFIG around the keyspace, the command table and
// the append-only file. It has one owner and no locks: every method of Engine and Session is called from one goroutine (or, in a
// browser, from the one thread of the Worker), except where it says otherwise.
package core

import (
	"context"

	"tabdis/core/aof"
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
	// Wake asks the host to call Turn soon, since something was posted. Any goroutine may call it.
	Wake func()
	// Go starts control-plane work; default: a goroutine.
	Go func(job func())
	// Profile70 makes replies those of Redis 7.0 where 7.2 changed them. For tests against a real 7.0.
	Profile70 bool
	// Backend is told by INFO: "opfs", "idb", "files", "memory".
	Backend string
}

// Open loads the store and gives the engine. It parks.
func Open(ctx context.Context, o Options) (*Engine, error) { panic("stub") }

// Engine is one store.
type Engine struct{}

// Report tells what loading found.
func (e *Engine) Report() aof.Report { panic("stub") }

// Turn begins a turn at this time (Unix ms) and takes what was posted. EndTurn is beforeSleep: it writes the log and releases replies.
// Between them: Feed. A host calls Turn and EndTurn also when woken, with nothing to feed.
func (e *Engine) Turn(now int64) { panic("stub") }
func (e *Engine) EndTurn()       { panic("stub") }

// Tick is serverCron, a turn of its own. It returns after how many ms the host should call it again at the latest.
func (e *Engine) Tick(now int64) (next int) { panic("stub") }

// SessionOptions of NewSession.
type SessionOptions struct {
	Addr, LocalAddr string
}

// NewSession opens a client's session.
func (e *Engine) NewSession(o SessionOptions) *Session { panic("stub") }

// Session is one client.
type Session struct{}

// Feed parses p (what is left over is kept) and executes every whole command.
func (s *Session) Feed(p []byte) { panic("stub") }

// Output is what may leave: replies and pushes, in order. Take tells that n bytes of it have left. Only between turns.
func (s *Session) Output() []byte { panic("stub") }
func (s *Session) Take(n int)     { panic("stub") }

// Closing tells that the session ends once its output has left (QUIT, protocol error, CLIENT KILL).
func (s *Session) Closing() bool { panic("stub") }

// Close ends the session.
func (s *Session) Close() { panic("stub") }

// Ready gives the sessions that have output or are closing, since the last call. Valid until the next turn.
func (e *Engine) Ready() []*Session { panic("stub") }

// Close flushes, seals and closes the log. It parks; no turn may run during or after it.
func (e *Engine) Close(ctx context.Context) error { panic("stub") }
