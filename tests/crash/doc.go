// Package crash proves the durability of the engine over memfs and faultfs: whatever operation of the storage fails, in
// whatever way, and whenever the power goes, what comes back is a state that was, with everything in it that somebody heard of.
//
//	make torture                                    all operations, with one seed after the other
//	TABDIS_CRASH_SEED=7 go test ./tests/crash       another seed; a failure names its own
//
// What is acknowledged: always: a reply that tells of a change, or, while nothing has failed, any reply; everysec and no: what INFO
// calls durable, and after the mere end of the process what was replied. A disk that lies (reports a sync as done that was not) may
// lose it, but must not bring a state that never was.
package crash
