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

// puts are those under way, by ticket.
var (
	puts       = map[int32]*put{}
	lastTicket int32
)

type put struct {
	conn  *conn
	done  func()
	ended chan error // holds one: whoever tells of the end does not park
}

// put runs a writing transaction behind the fence that puts chunks of a file, as write would with putChunks. chunks are copied in the call. When it
// has completed, done runs before anything else does; it must not park.
func (c *conn) put(durability string, file float64, chunks []chunk, done func()) error {
	strictly, left := int32(0), patience
	if durability == strict {
		strictly = 1
	}
	size := 0
	for i := range chunks {
		size += len(chunks[i].data)
	}
	left += size >> 20
	lastTicket++
	ticket, p := lastTicket, &put{c, done, make(chan error, 1)}
	puts[ticket] = p
	if hostPutChunks(int32(c.handle), ticket, c.epoch, strictly, beat.Seconds()*1000, int32(left), file, unsafe.Pointer(unsafe.SliceData(chunks)), int32(len(chunks))) < 0 {
		delete(puts, ticket)
		return c.unavailable(host.Thrown())
	}
	return <-p.ended
}

// chunksEnded is called by the host, from an event of its own. A reply that waited is on its way when this returns; the goroutine that waits goes
// on later. (It may not here: it could call what calls Go, and this would return into the middle of that.)
//
//go:wasmexport tabdis_chunks_ended
func chunksEnded(ticket, how int32) {
	p := puts[ticket]
	if p == nil {
		return
	}
	delete(puts, ticket)
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
