// Package jsbridge is the Go side of the bridge between the engine and the Worker it lives in.
//
// Data plane: exports that the Worker calls, over linear memory. They never block; those that run the engine end with
// runtime.Gosched, so that the collector gets its turn.
//
//	ptr   = tabdis_reserve(n)       room for n bytes of a batch
//	flags = tabdis_turn(now, n)     takes the batch, executes it, writes the log, gathers the output
//	next  = tabdis_tick(now)        serverCron; gathers output too; call it again after next ms
//	n     = tabdis_outputs()        how many sessions have output, or end
//	ptr   = tabdis_output_table()   one record of four uint32 for each: session, address, length, closing
//	flags = tabdis_flags()          what the host has to do now
//	id    = tabdis_session_open(), tabdis_session_close(id)
//	id    = tabdis_session_open_numbered(hi, lo, next)
//	                                the session of a client whose requests are numbered; next is the number of its next command, and
//	                                the lowest that comes again; 0: the engine has stopped
//	ok    = tabdis_session_go_on(id, next)
//	                                the next command has this number; 0: the session holds commands that it has not executed
//	        tabdis_acked(id, n)     the client has all replies up to this number
//	        tabdis_forget(hi, lo)   the client has gone for good
//	n     = tabdis_clients()        how many clients something is known of
//	ptr   = tabdis_client_table()   their ids, a uint64 each
//	        tabdis_close()          flush, seal and close the log: the host's closed() follows
//
// A batch is a sequence of frames: session uint32, length uint32, RESP bytes. All integers are little-endian. What the output table
// points to is valid until the next call of an export; the host has copied it by then, so the next call counts it as taken.
//
// The first output of a numbered session is [highest, [number, reply] …]: the highest number that had an effect, and each that had one and is not
// acknowledged, with its reply, or null where that is not kept. A number up to the highest that is not among them had no effect
// (of those below the first nobody knows, if there are 16,384, as many as are kept). In place of it
// stands -NOTDURABLE while the log cannot be written and a crash could undo some of it: the host is to close the session and come again. A command
// that changes something and comes again is not executed; it gets its reply, -REPLYLOST (it was executed) or -NOEFFECT.
//
// Control plane: main reads the host's options, opens the store in goroutines that may await promises, and reports to the object
// globalThis.tabdisBridge: opened(report), failed(code, message), progress(…), closed(code, message).
//
// Operations beside the sessions (control_js.go) are part of the control plane: Go gives that object control(task), which runs one in a goroutine. It
// touches the engine in turns only. Exports and the log's onlookers are in every module, what package tools adds in that of the tools.
//
// A panic in a turn stops the engine for good: the flag for it stays set, nothing more is executed or written, and the log on disk
// ends at a whole block. The host starts another instance from it.
package jsbridge
