//go:build !js

package main

import (
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tabdis/core"
)

// conn is a connection: its session, and a goroutine that reads. The owner writes the replies itself and never waits for a client: what
// the system does not take at once is left to a goroutine that ends when all is written.
type conn struct {
	net.Conn
	pressure
	loop    *loop
	raw     syscall.RawConn
	session *core.Session // the owner's
	leaving bool          // it has ended, and its last replies wait for the log; the owner's
	limited bool          // it has little time left to read; the owner's
	over    atomic.Bool   // nothing more is to be read: a client that goes on sending would never let the reader go

	turn  chan struct{} // holds a token while the next two are the reader's
	batch []byte        // what was read
	ended bool          // nothing more will be

	mu      sync.Mutex
	direct  direct
	out     []byte        // what the writer is to write next
	writing bool          // a writer runs
	closing bool          // the connection ends behind out
	written chan struct{} // closed when all has been, and the connection ends
}

const readSize = 64 << 10 // bytes that one connection may bring into one turn

// buffers are what batches are read into, so that a connection that says nothing holds none.
var buffers = sync.Pool{New: func() any { return new([readSize]byte) }}

func newConn(c net.Conn, l *loop) *conn {
	client := &conn{Conn: c, loop: l, turn: make(chan struct{}, 1), written: make(chan struct{})}
	client.raw, _ = c.(syscall.Conn).SyscallConn() // every kind of socket is one
	client.turn <- struct{}{}
	return client
}

// read brings what arrives to the loop, until the connection ends. While the owner has one batch the next one is read.
func (c *conn) read() {
	c.receive(func(p []byte) {
		<-c.turn
		c.batch = p
		c.loop.arrive(c)
	})
	<-c.turn
	c.ended = true
	c.loop.arrive(c)
}

// release gives the batch back to the reader.
func (c *conn) release() {
	buffers.Put((*[readSize]byte)(c.batch[:readSize]))
	c.batch = nil
	c.turn <- struct{}{}
}

// send writes p, or leaves it to a writer; with closing the connection ends behind it, and what is sent later is dropped.
func (c *conn) send(p []byte, closing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	if !c.writing && len(p) > 0 {
		p = p[c.writeNow(p):]
	}
	c.out = append(c.out, p...)
	c.queued.Add(int64(len(p)))
	c.closing = closing
	if !c.writing && (len(c.out) > 0 || closing) {
		c.writing = true
		go c.write()
	}
}

// abort ends the connection now, and drops what is on its way. The deadline wakes reader and writer.
func (c *conn) abort() {
	c.over.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queued.Add(-int64(len(c.out)))
	c.out = nil
	c.SetDeadline(time.Unix(1, 0))
	if !c.closing && !c.writing {
		c.writing = true
		go c.write()
	}
	c.closing = true
}

// write writes what is queued, waiting for the client as long as it takes.
func (c *conn) write() {
	for {
		c.mu.Lock()
		p := c.out
		c.out = nil
		c.writing = len(p) > 0
		closing := c.closing
		c.mu.Unlock()
		switch {
		case len(p) > 0:
			if _, err := c.Conn.Write(p); err != nil {
				c.abort() // and not Close, which waits for the reader: it may wait for the owner, and he for these bytes to leave
			}
			c.sent(len(p), c.loop)
		case closing:
			close(c.written)
			c.over.Store(true)
			c.Conn.Close() // waits for the reader, which may wait for the owner: so under no lock
			return
		default:
			return
		}
	}
}
