//go:build !js

package main

import (
	"errors"
	"net"
	"os"
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

	complained atomic.Int64 // Unix seconds: accept failed

	inbox chan *conn    // has something to read, or has ended
	woken chan struct{} // the engine posted something

	ending bool // SHUTDOWN was called; the owner's

	conns map[*conn]bool // the owner's
}

const readSize = 64 << 10 // bytes that one connection may bring into one turn

func newLoop(p *program) *loop {
	return &loop{p: p, inbox: make(chan *conn, 1024), woken: make(chan struct{}, 1), fresh: make(chan *conn, 128), conns: map[*conn]bool{}}
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
		client := &conn{Conn: c, consumed: make(chan struct{}, 1), buf: make([]byte, readSize)}
		client.more.L = &client.mu
		l.fresh <- client
		l.wake()
	}
}

// start lets a connection that was admitted read and write.
func (l *loop) start(c *conn) {
	go c.read(l.inbox)
	go c.write(l)
}

// shutdown is called by the engine, within a turn.
func (l *loop) shutdown() { l.ending = true }

// run turns until a signal comes or SHUTDOWN was called (nil), or the engine has stopped.
func (l *loop) run(e *core.Engine, signals <-chan os.Signal) error {
	timer := time.NewTimer(0)
	var ticks int64 // when the timer runs out, Unix ms
	for {
		var first *conn
		select {
		case first = <-l.inbox:
		case <-l.woken:
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
		case s := <-signals:
			l.signalled(e, s)
			return nil
		}
		e.Turn(time.Now().UnixMilli())
		l.welcome(e)
		l.resume(e)
		if first != nil {
			l.feed(e, first)
			for n := len(l.inbox); n > 0; n-- {
				l.feed(e, <-l.inbox)
			}
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

func (l *loop) feed(e *core.Engine, c *conn) {
	if c.ended {
		l.drop(c)
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
	c.session.Feed(c.buf[:c.n])
	if int64(c.session.Buffered()) > l.p.queryLimit {
		l.stats.overInput++
		l.expel(c, aof.Warning, "has sent more than client-query-buffer-limit allows to wait")
	}
}

// release gives the buffer back to the reader.
func (c *conn) release() { c.consumed <- struct{}{} }

// deliver hands the replies that may leave to the writers.
func (l *loop) deliver(e *core.Engine) {
	for _, s := range e.Ready() {
		c := s.Tag.(*conn)
		out := s.Output()
		if s.Stuffed() {
			l.later(c)
		}
		c.send(out, s.Closing())
		s.Take(len(out))
		l.bound(c, len(out))
	}
}

func (l *loop) drop(c *conn) {
	if c.session != nil {
		c.session.Close()
	}
	c.send(nil, true)
	delete(l.conns, c)
}

// closeAll ends every connection once its replies have left.
func (l *loop) closeAll() {
	for c := range l.conns {
		c.send(nil, true)
		c.wait(time.Second)
	}
}

// conn is a connection: a goroutine that reads, one that writes, and the session between them.
type conn struct {
	net.Conn
	pressure
	session  *core.Session
	buf      []byte // what was read; the owner's from the send to inbox until consumed
	n        int
	ended    bool // set before the last send to inbox
	consumed chan struct{}

	mu      sync.Mutex
	more    sync.Cond
	out     []byte
	closing bool
	done    bool
}

func (c *conn) read(inbox chan<- *conn) {
	for {
		n, err := c.Conn.Read(c.buf)
		if n > 0 {
			c.n = n
			inbox <- c
			<-c.consumed
		}
		if err != nil {
			c.ended = true
			inbox <- c
			return
		}
	}
}

// send queues bytes for the writer; with closing the connection ends behind them.
func (c *conn) send(p []byte, closing bool) {
	c.mu.Lock()
	c.queued.Add(int64(len(p)))
	c.out = append(c.out, p...)
	c.closing = c.closing || closing
	c.mu.Unlock()
	c.more.Signal()
}

// abort ends the connection now, and drops what is on its way.
func (c *conn) abort() {
	c.mu.Lock()
	c.queued.Add(-int64(len(c.out)))
	c.out, c.closing = nil, true
	c.mu.Unlock()
	c.Conn.Close()
	c.more.Signal()
}

func (c *conn) write(l *loop) {
	var spare []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.closing {
			c.more.Wait()
		}
		p := c.out
		c.out = spare[:0]
		last := c.closing && len(p) == 0
		c.mu.Unlock()
		if last {
			c.Conn.Close()
			c.mu.Lock()
			c.done = true
			c.mu.Unlock()
			return
		}
		if _, err := c.Conn.Write(p); err != nil {
			c.Conn.Close() // the reader will notice and end the session
		}
		c.sent(len(p), l)
		spare = p
		if cap(spare) > readSize {
			spare = nil
		}
	}
}

// wait gives the writer so long to finish.
func (c *conn) wait(limit time.Duration) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		c.mu.Lock()
		done := c.done
		c.mu.Unlock()
		if done {
			return
		}
	}
}
