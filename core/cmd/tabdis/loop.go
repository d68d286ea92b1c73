//go:build !js

package main

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
)

// loop is the one owner of the engine. Readers hand it what they have read; each turn takes all that is there, executes it,
// writes and syncs the log once (group commit), and then hands the replies to the writers.
type loop struct {
	p         *program
	engine    *core.Engine
	listeners []net.Listener
	fresh     chan *conn // accepted, and not yet admitted
	deferred  []*conn    // wait for their clients to read
	stats     loopStats
	looked    time.Time // by cron
	poll      func()    // makes Go look for what has arrived on the network

	complained atomic.Int64 // Unix seconds: accept failed

	woken chan struct{} // there is something to do

	ending bool           // SHUTDOWN was called; the owner's
	conns  map[*conn]bool // the owner's
	spare  []*conn        // what arrived is kept in turn; the owner's

	mu      sync.Mutex
	arrived []*conn // have something to read, or have ended
}

func newLoop(p *program) *loop {
	return &loop{p: p, woken: make(chan struct{}, 1), fresh: make(chan *conn, 128), conns: map[*conn]bool{}}
}

// arrive is called by readers.
func (l *loop) arrive(c *conn) {
	l.mu.Lock()
	l.arrived = append(l.arrived, c)
	l.mu.Unlock()
	l.wake()
}

// take gives what has arrived, valid until the next call.
func (l *loop) take() []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.spare) // it may have been long
	all := l.arrived
	l.arrived, l.spare = l.spare[:0], all
	return all
}

func (l *loop) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *loop) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of file descriptors, most likely
			l.notAccepted(err)
			time.Sleep(10 * time.Millisecond)
			continue
		}
		l.fresh <- newConn(c, l)
		l.wake()
	}
}

// start lets a connection that was admitted read.
func (l *loop) start(c *conn) { go c.read() }

// shutdown is called by the engine, within a turn.
func (l *loop) shutdown() { l.ending = true }

// run turns until a signal or SHUTDOWN ends it (nil), or the engine has stopped.
func (l *loop) run(e *core.Engine, signals <-chan os.Signal) error {
	timer := time.NewTimer(0)
	var ticks int64 // when the timer runs out, Unix ms
	for {
		var signalled os.Signal
		waits := len(l.woken) == 0
		select {
		case <-l.woken:
			l.breathe(waits)
		case <-timer.C:
			now := time.Now().UnixMilli()
			next := e.Tick(now)
			l.cron()
			ticks = now + int64(next)
			timer.Reset(time.Duration(next) * time.Millisecond)
			l.deliver(e)
			if why := e.Dead(); why != "" {
				return errors.New(why)
			}
			if l.ending {
				return nil
			}
			continue
		case signalled = <-signals:
		}
		e.Turn(time.Now().UnixMilli())
		if signalled != nil {
			l.signalled(e, signalled)
		}
		l.welcome(e)
		l.resume(e)
		for _, c := range l.take() {
			l.feed(e, c)
		}
		e.EndTurn()
		l.deliver(e)
		if end := e.Deadline(); end < ticks { // somebody waits, and not for so long
			ticks = end
			timer.Reset(time.Until(time.UnixMilli(end)))
		}
		if why := e.Dead(); why != "" {
			return errors.New(why)
		}
		if l.ending {
			return nil
		}
	}
}

// breathe lets others run before a turn: those that are ready to be read share it, and its write and sync of the log. Go looks for what has
// arrived on the network only when nobody is ready to run, and else every 10 ms: so an owner that had no need to wait makes it look.
func (l *loop) breathe(waited bool) {
	if !waited {
		l.poll()
	}
	runtime.Gosched()
}

func (l *loop) feed(e *core.Engine, c *conn) {
	if c.ended {
		l.end(e, c)
		return
	}
	c.holding, c.unfed = true, true
	if !c.gone && c.queued.Load() <= mostQueued {
		l.hand(e, c)
	}
	l.settle(c)
}

// hand gives the session what was read.
func (l *loop) hand(e *core.Engine, c *conn) {
	c.unfed = false
	c.session.Feed(c.batch)
	if int64(c.session.Buffered()) > l.p.queryLimit {
		l.stats.overInput++
		l.expel(c, aof.Warning, "has sent more than client-query-buffer-limit allows to wait")
	}
}

// deliver hands the replies that may leave to the writers.
func (l *loop) deliver(e *core.Engine) {
	for _, s := range e.Ready() {
		c := s.Tag.(*conn)
		out := s.Output()
		if s.Killed() {
			c.limitWriting()
		}
		c.send(out, s.Closing())
		s.Take(len(out))
		if s.Stuffed() {
			l.later(c)
		}
		l.bound(c, len(out))
		if c.leaving && s.Closing() {
			l.arrive(c) // to be dropped in a turn
		}
	}
}

// end is for a client that has ended. What it sent last was executed in an earlier turn, whose replies have left, unless they wait for
// the log: then it ends behind them.
func (l *loop) end(e *core.Engine, c *conn) {
	if !c.gone && c.session.Waiting() > 0 {
		c.leaving = true
		e.Kill(c.session)
		return
	}
	l.drop(c)
}

func (l *loop) drop(c *conn) {
	c.session.Close()
	c.send(nil, true)
	c.limitWriting()
	delete(l.conns, c)
}

// limitWriting is for a client that is ended: it may still read what it was sent, but not for as long as it likes.
func (c *conn) limitWriting() {
	if !c.limited {
		c.limited = true
		c.SetWriteDeadline(time.Now().Add(time.Second))
	}
}

// closeAll ends every connection once its replies have left, or a second is over.
func (l *loop) closeAll() {
	for c := range l.conns {
		c.send(nil, true)
	}
	enough := time.After(time.Second)
	for c := range l.conns {
		select {
		case <-c.written:
		case <-enough:
			return
		}
	}
}
