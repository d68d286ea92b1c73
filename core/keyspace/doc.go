// Package keyspace is the databases and their values: the flat hash table, strings, collections, expiry, SCAN and the point-in-time snapshot.
//
// # Table
//
//	hash of the key, bent ── place, 64 bits: │ top bits: directory │ … │ group │ fingerprint │
//
//	directory ──► segment ──► 17 groups of 7 slots     one flat heap of bytes
//	[0]                       ┌────────────────────┐   ┌──────────────────────────────────┐
//	[1]                       │ 7 fingerprints     │   │ kind │ expiry? │ key len │ value len │
//	 …                        │ 7 × (offset,clock) │──►│ key │ value, or number of a box      │
//	                          └────────────────────┘   └──────────────────────────────────┘
//
// A small key costs no object of Go: the collector pays for objects, not for bytes, and 1 M keys of 10 bytes with values of 32 take 63 MB
// in 24 thousand objects. Values of more than 1 KiB and collections past Redis's thresholds are objects in boxes. Growth splits one
// segment, deletes merge two, a heap is compacted when a quarter of it is garbage: a command waits for one segment at most, or for
// the directory, which is 8 bytes for some 87 keys. Heaps that are given up are reused by their size.
//
// Large sets, hashes and sorted sets keep their members in the same table.
//
// # Caveats
//
// A keyspace has one owner and no locks. It reads no clock: SetClock gives the time of accesses, callers give that of expiry; a key past
// its time is there until somebody deletes it. What is handed out (an Entry, bytes, a view) is valid until the next change of
// the keyspace. Values given to be stored may be such bytes.
package keyspace
