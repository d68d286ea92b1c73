//go:build js && wasm

package idb

import (
	"unsafe"

	"tabdis/jsbridge/host"
)

// putChunks of jsbridge/client/src/host/chunks.mjs: the transaction that replies wait for, in one call, and one for its end.
//
//go:wasmimport tabdis putChunks
func hostPutChunks(connection, ticket int32, epoch float64, strict int32, beat float64, patience int32, file float64, chunks unsafe.Pointer, count int32) int32

// It reads chunks where they are.
const _ = -(unsafe.Sizeof(chunk{}) ^ 32) - (unsafe.Offsetof(chunk{}.data) ^ 8)

// How it ends.
const (
	putDone = iota
	putFailed
	putFenced
	putDeleted
	putSilent
	putLost // and nothing more is heard of it
)

// put is one under way. They are few: one of each store that is open.
type put struct {
	ticket int32
	conn   *conn
	done   func()
	ended  chan error // holds one: whoever tells of the end does not park
}

var (
	puts       []*put
	lastTicket int32
)

// take takes the put of a ticket out of the list; nil: there is none.
func take(ticket int32) (p *put) {
	for i := range puts {
		if puts[i].ticket == ticket {
			p, puts[i] = puts[i], puts[len(puts)-1]
			puts = puts[:len(puts)-1]
			break
		}
	}
	return p
}

// put runs a writing transaction behind the fence that puts chunks of a file, as write would with putChunks. chunks are copied in the call. When it
// has completed, done runs before anything else does; it must not park.
func (c *conn) put(durability string, file float64, chunks []chunk, done func()) error {
	strictly, size := int32(0), 0
	if durability == strict {
		strictly = 1
	}
	for i := range chunks {
		size += len(chunks[i].data)
	}
	lastTicket++
	p := &put{lastTicket, c, done, make(chan error, 1)}
	puts = append(puts, p)
	if hostPutChunks(int32(c.handle), p.ticket, c.epoch, strictly, float64(beat)/1e6, int32(patience+size>>20), file, unsafe.Pointer(unsafe.SliceData(chunks)), int32(len(chunks))) < 0 {
		take(p.ticket)
		return c.unavailable(host.Thrown())
	}
	return <-p.ended
}

// chunksEnded is called by the host, from an event of its own. A reply that waited is on its way when this returns; the goroutine that waits goes
// on later. (It may not here: it could call what calls Go, and this would return into the middle of that.)
//
//go:wasmexport tabdis_chunks_ended
func chunksEnded(ticket, how int32) {
	p := take(ticket)
	if p == nil {
		return
	}
	var err error
	switch how {
	case putDone:
		p.done()
	case putFenced:
		err = errFenced
	case putDeleted:
		err = errDeleted
	case putSilent:
		err = errSilent
	case putLost:
		err, p.conn.lost = errSilent, true
	default:
		err = host.Thrown()
	}
	p.ended <- err
}

// put is write for chunks of a file and nothing else.
func (v *FS) put(durability string, f *file, chunks []chunk, done func()) error {
	return v.run(func() error {
		if f.sticky != nil { // found when the connection was opened again
			return f.sticky
		}
		return v.conn.put(durability, f.number, chunks, done)
	})
}
