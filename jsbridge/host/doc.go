// Package host reaches files from Go in wasm without leaving the turn: host functions imported from the module "tabdis" work on a
// table of file handles that JavaScript keeps (jsbridge/client/src/host). The backends over such handles share File, which is
// a storage.File; Await and Error bring promises and exceptions of the control plane into Go.
//
//	Go                              JavaScript
//	File.Append → write(handle, address, length, offset) → handle.write(view of the memory, {at: offset})
//	File.Sync   → flush(handle), or sync(handle, ticket) → … → onsync(ticket, …)
//
// The addresses are only used until the call returns. No function calls back into Go; the end of a sync that runs off the turn
// comes as an event of its own.
package host
