// Package aof is the append-only file: the buffer of effects, the policy by which it is written and synced, the manifest, the
// rewrite, and the opening of a log after any kind of end.
//
// # The directory
//
// It is Redis 7's. A redis-server ≥ 7 loads it, since what is ours stands in # lines and extra pairs, which Redis skips.
//
//	appendonly.aof.manifest                   names the files, in order; replaced as a whole
//	appendonly.aof.3.base.aof                 the data at the moment of the last rewrite, as commands; a base.rdb as RDB data
//	appendonly.aof.7.incr.aof                 what happened since, one or more files
//	appendonly.aof.7.incr.aof.torn-93         what a crash tore, set aside by the opening: from the block of this lsn on
//	appendonly.aof.ballast                    1 MiB, given up when the disk is full
//
// Which form a base gets is aof-use-rdb-preamble; both are read always. With aof-history-keep the files that a rewrite supersedes stay,
// named by lines of ours in the manifest (history.go), and ReadTo gives what the store held at any block of them (travel.go); with
// aof-timestamp-enabled blocks tell their second (stamp.go).
//
// A store without a log begins with what a Redis left in it or beside it, where an Importer is given: the single file of a Redis ≤ 6, or
// else a dump.rdb. A log of Redis's, or one of ours that a Redis has written to, gets a fresh base before anything is appended.
//
// # Where what is
//
//	Log        log.go, api.go; op.go and flush.go: what is under way with the platform; tick.go, silence.go, close.go, stats.go
//	writing    buffer.go, block.go, stamp.go, requests.go; failure.go, recover.go, full.go, ballast.go, roll.go: when it fails or the disk is full
//	rewrite    rewrite.go, pace.go; base.go, base_stream.go, base_rdb.go: the two forms; history.go, orphans.go: what becomes of the files
//	reading    load.go, read.go, source.go, parse.go, apply.go, skip.go, rdb.go; verdict.go, harden.go, tails.go: how an opening ends
//	tools      check*.go: Check, its verdict and Fix; travel.go and write_store.go: ReadTo, and a store of it; import.go: Importer
//
// # The file
//
// A file is a sequence of blocks, each one flush of the buffer: a header line, then whole execution units.
//
//	#HDR:v1;file:<id>;at:<offset>;len:<n>;lsn:<n>;epoch:<n>;sync:<lsn>;prev:<xxh64>;xxh64:<sum>;\r\n
//	*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n…
//
// Between both may stand annotations: #TS, the time (stamp.go), and #REQ, the requests of clients whose effects the block holds (requests.go).
//
// A block proves itself (xxh64), its place (file, at) and its order (lsn, prev); sync tells which blocks had been durable
// when it was written. From the last one follows what a broken place means: blocks behind it that were built when it was durable
// tell of damage, none tell of a write that a crash tore. Damage is refused (ErrCorrupt), what is torn is set aside.
//
// # Why nothing acknowledged is lost
//
//   - always: a reply waits until a sync that was called after its block was written has succeeded, in all files up to it.
//   - After a failed write the file is cut back to the last whole block before anything else is appended.
//   - After a failed sync the pages may be marked clean and lost, so the file is never appended to again: what is in memory becomes
//     a fresh base in a new file, and only when a manifest that names it is durable are writes accepted again.
//   - A rewrite cuts its snapshot and switches to the next incr file in one turn; the manifest that drops the old files is written
//     when the base and the first block behind it are durable. At every moment before, the old chain is whole.
//   - Opening writes again what was verified but is not proven durable, ends with a synced seal, and only then lets the engine answer.
//
// # Who may call what
//
// The methods of Log belong to the owner's turn and never park, but for Load, Reload and Close. Work that parks runs through
// Host.Go and brings its result back through Host.Post. The tools need a store that nobody writes to; ReadTo and CheckLog change
// nothing, Fix keeps copies. The page calls none of them, and so must nothing that it links: an engine gets an Importer from its owner.
//
// Small functions that are called from many places and from no hot one are noinline: in wasm each copy counts.
//
// # Caveats
//
// A tail that was synced but not yet sealed (the header that records the sync comes with the next block, or with the next
// tick) is reported as torn when it is damaged later. What modules keep is never read; functions are left out with skip-functions, else refused.
package aof
