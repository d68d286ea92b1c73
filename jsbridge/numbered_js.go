//go:build js && wasm

package jsbridge

import (
	"runtime"
	"unsafe"

	"tabdis/core"
)

// clients are the ids that the client table shows.
var clients []uint64

//go:wasmexport tabdis_session_open_numbered
func sessionOpenNumbered(hi, lo uint32, next float64) (id uint32) {
	if !alive() || !(next >= 1) {
		return 0
	}
	return openSession(clientID(hi, lo), uint64(next))
}

// openSession opens a session, of requests without numbers if next is 0.
//
//go:noinline
func openSession(client, next uint64) (id uint32) {
	if !serving() {
		return 0
	}
	defer latch()
	takeOutputs()
	s := bridge.engine.NewSession(core.SessionOptions{Addr: "tab:0", LocalAddr: "worker:0", Client: client, Next: next})
	id = uint32(s.ID())
	if next > 0 {
		dropClosed()
	}
	bridge.sessions[id] = s
	runtime.Gosched()
	return id
}

// dropClosed forgets the session that the engine has ended for another's sake.
//
//go:noinline
func dropClosed() {
	for id, s := range bridge.sessions {
		if s.Closed() {
			delete(bridge.sessions, id)
		}
	}
}

//go:wasmexport tabdis_session_go_on
func sessionGoOn(id uint32, next float64) uint32 {
	if s := bridge.sessions[id]; s != nil && next >= 1 && alive() && s.GoOn(uint64(next)) {
		return 1
	}
	return 0
}

//go:wasmexport tabdis_acked
func acked(id uint32, number float64) {
	if s := bridge.sessions[id]; s != nil && number >= 1 && alive() {
		s.Acknowledged(uint64(number))
	}
}

//go:wasmexport tabdis_forget
func forgetClient(hi, lo uint32) {
	if !alive() {
		return
	}
	defer latch()
	takeOutputs()
	bridge.engine.Forget(clientID(hi, lo))
	dropClosed()
	runtime.Gosched()
}

//go:wasmexport tabdis_clients
func countClients() uint32 {
	if clients = nil; alive() {
		clients = bridge.engine.Clients()
	}
	return uint32(len(clients))
}

//go:wasmexport tabdis_client_table
func clientTable() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(clients)) }

func clientID(hi, lo uint32) uint64 { return uint64(hi)<<32 | uint64(lo) }

// alive tells that the engine has not stopped: what one that has knows may be half of a command's.
//
//go:noinline
func alive() bool { return serving() && bridge.engine.Dead() == "" }
