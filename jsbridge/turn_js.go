//go:build js && wasm

package jsbridge

import (
	"encoding/binary"
	"errors"
	"runtime"
	"unsafe"

	"tabdis/core"
	"tabdis/core/storage"
)

// The flags that tell the host what to do.
const (
	flagOutput  = 1 << iota // the output table has records
	flagResume              // goroutines exist: go._resume() lets them and their timers run
	flagStopped             // the engine has stopped; start a new instance
	flagFenced              // another Worker has taken the store over
)

// batchKeep is the size up to which the batch buffer is kept between turns.
const batchKeep = 1 << 20

// output is a record of the output table.
type output struct {
	session, at, length, closing uint32
}

// bridge is the one engine of this instance and what the exports share. Its address, a global's, may go to the host.
var bridge struct {
	engine   *core.Engine
	batch    []byte
	outputs  []output
	ready    []*core.Session          // whose output the table shows, not yet taken
	sessions map[uint32]*core.Session // by their engine's id
	idle     int                      // goroutines when the store is open and nothing goes on
	stopped  bool                     // a panic outside the engine's own guard
	closed   bool
}

//go:wasmexport tabdis_reserve
func reserve(n uint32) unsafe.Pointer {
	if uint32(cap(bridge.batch)) < n || (cap(bridge.batch) > batchKeep && n <= batchKeep) {
		bridge.batch = make([]byte, max(n, 64<<10))
	}
	bridge.batch = bridge.batch[:cap(bridge.batch)]
	return unsafe.Pointer(unsafe.SliceData(bridge.batch))
}

//go:wasmexport tabdis_turn
func turn(now float64, n uint32) uint32 {
	if serving() {
		execute(int64(now), n)
	}
	runtime.Gosched()
	return flags()
}

// execute is one turn of the engine. A panic anywhere in it stops the engine.
func execute(now int64, n uint32) {
	defer latch()
	takeOutputs()
	bridge.engine.Turn(now)
	for p := bridge.batch[:n]; len(p) >= 8; {
		id, length := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(p[4:])
		if s := bridge.sessions[id]; s != nil {
			s.Feed(p[8 : 8+length])
		}
		p = p[8+length:]
	}
	bridge.engine.EndTurn()
	gatherOutputs()
}

//go:wasmexport tabdis_tick
func tick(now float64) uint32 {
	next := uint32(1000)
	if serving() {
		next = cron(int64(now))
	}
	runtime.Gosched()
	return next
}

func cron(now int64) (next uint32) {
	defer latch()
	takeOutputs()
	next = uint32(bridge.engine.Tick(now))
	gatherOutputs()
	return next
}

//go:wasmexport tabdis_flags
func flags() (f uint32) {
	if len(bridge.outputs) > 0 {
		f |= flagOutput
	}
	if runtime.NumGoroutine() > bridge.idle {
		f |= flagResume
	}
	if bridge.stopped || bridge.engine.Dead() != "" {
		f |= flagStopped
	}
	if s, ok := control.fs.(storage.Losable); ok && errors.Is(s.Lost(), storage.ErrFenced) {
		f |= flagFenced
	}
	return f
}

//go:wasmexport tabdis_outputs
func outputs() uint32 { return uint32(len(bridge.outputs)) }

//go:wasmexport tabdis_output_table
func outputTable() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(bridge.outputs)) }

//go:wasmexport tabdis_session_open
func sessionOpen() (id uint32) { return openSession(0, 0) }

//go:wasmexport tabdis_session_close
func sessionClose(id uint32) {
	if !serving() {
		return
	}
	defer latch()
	takeOutputs()
	forget(id)
	runtime.Gosched()
}

func serving() bool { return !bridge.stopped && !bridge.closed }

func forget(id uint32) {
	if s := bridge.sessions[id]; s != nil {
		delete(bridge.sessions, id)
		s.Close()
	}
}

// gatherOutputs fills the output table. A session that ends stays until its last output was taken.
func gatherOutputs() {
	for _, s := range bridge.engine.Ready() {
		o := output{session: uint32(s.ID())}
		if p := s.Output(); len(p) > 0 {
			o.at, o.length = uint32(uintptr(unsafe.Pointer(unsafe.SliceData(p)))), uint32(len(p))
		}
		if s.Closing() {
			o.closing = 1
		}
		bridge.outputs = append(bridge.outputs, o)
		bridge.ready = append(bridge.ready, s)
	}
}

// takeOutputs tells the sessions that the host has copied what the table showed.
func takeOutputs() {
	for i, s := range bridge.ready {
		o := bridge.outputs[i]
		s.Take(int(o.length))
		if o.closing != 0 {
			forget(o.session)
		}
		bridge.ready[i] = nil
	}
	bridge.outputs, bridge.ready = bridge.outputs[:0], bridge.ready[:0]
}

// latch, deferred around every use of the engine, stops it for good when it panics: what was executed and not yet written is lost,
// its callers hear nothing, and the log ends at a whole block.
func latch() {
	if cause := recover(); cause != nil {
		bridge.stopped = true
		bridge.outputs, bridge.ready = nil, nil
		hostLog(3, "engine stopped: "+panicText(cause))
	}
}

func panicText(cause any) string {
	switch c := cause.(type) {
	case error:
		return c.Error()
	case string:
		return c
	}
	return "panic"
}
