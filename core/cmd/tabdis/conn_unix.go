//go:build unix

package main

import "syscall"

// receive calls got with what arrives, in buffers that got keeps, until the connection ends. It stays inside the poller: a connection
// that is waited for has no buffer, and one that is read costs no more than its system calls.
func (c *conn) receive(got func(p []byte)) {
	c.raw.Read(func(fd uintptr) bool {
		for {
			buf := buffers.Get().(*[readSize]byte)
			n, err := syscall.Read(int(fd), buf[:])
			if n > 0 {
				if got(buf[:n]); c.over.Load() {
					return true
				}
				continue
			}
			buffers.Put(buf)
			switch err {
			case syscall.EINTR:
			case syscall.EAGAIN:
				return false
			default: // the end, or an error
				return true
			}
		}
	})
}

// direct is what writeNow writes. Its function is made once for a connection: one for each reply would be garbage.
type direct struct {
	p     []byte
	n     int
	write func(fd uintptr) bool
}

// writeNow writes as much of p as the system takes at once.
func (c *conn) writeNow(p []byte) int {
	d := &c.direct
	if d.write == nil {
		d.write = func(fd uintptr) bool {
			d.n, _ = syscall.Write(int(fd), d.p)
			return true
		}
	}
	d.p, d.n = p, 0
	c.raw.Write(d.write)
	d.p = nil
	return max(d.n, 0)
}
