//go:build !unix && !js

package main

// receive calls got with what arrives, in buffers that got keeps, until the connection ends.
func (c *conn) receive(got func(p []byte)) {
	for {
		buf := buffers.Get().(*[readSize]byte)
		n, err := c.Conn.Read(buf[:])
		if n > 0 {
			got(buf[:n])
		} else {
			buffers.Put(buf)
		}
		if err != nil {
			return
		}
	}
}

type direct struct{}

// writeNow leaves all to the writer.
func (c *conn) writeNow([]byte) int { return 0 }
