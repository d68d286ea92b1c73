// Package idb is the storage.FS of tabdis over IndexedDB, for browsers and Workers that have no OPFS.
//
// # Layout
//
// Database "tabdis:<store>", version 1, three object stores with keys of their own:
//
//	meta    "epoch"        → number of the latest opening
//	names   file name      → number of the file
//	chunks  [file, offset] → Uint8Array, at most 1 MiB; the offset of its first byte is its sequence number
//
// Chunks of a file follow each other. A power cut may take relaxed ones and leave one behind them: such a hole reads as zeros, as in a
// file, and the log tells what it means. Chunks that reach into each other, are empty, too long or too far away, numbers that two names
// share and files without an epoch are damage. Numbers of files are never used twice. Create, Remove and Replace are one strict
// transaction each, and so atomic and durable; after one that failed the names are read again, since it may have taken effect. These
// names are on users' disks: do not change them, add a version.
//
// # Writing
//
// One goroutine, the writer, has at most one writing transaction in flight. Append only copies; the writer gets its turn when
// the engine's turn ends, and sends all that was appended as one chunk. A Sync in the same turn makes that transaction strict. Without
// one it goes out relaxed, so that a closed tab loses nothing, and its bytes are kept: a later Sync puts the same bytes
// under the same keys again in a strict transaction, because a chunk is durable only when its own transaction was strict and
// completed. (Above 8 MiB of kept bytes the writer does so by itself.) Written tells when all that was appended has completed.
//
// A transaction that is aborted for want of room (QuotaExceededError) has written nothing, and all its bytes are still in memory. The file
// holds them (storage.Holder): nothing of it goes out until Resend, which puts the same chunks under the same keys, in order, in small
// strict transactions, before all that came later. So a crash at any moment leaves a prefix, and a Sync that succeeds behind it can be
// trusted, since it has put again whatever was not durable.
//
// Errors come late: after any other aborted transaction nothing more of that file is sent, and the error sticks until Truncate to what had
// completed. After a lost connection the writer opens another, reads the epoch, the names and the keys of all open files, and only if
// what had completed is there puts the same chunks under the same keys: that changes nothing if they had been committed. A file of
// which something has vanished takes no more. A transaction that gives no sign of life for ten seconds is aborted, and if that is not
// heard of either, the connection counts as lost; its outcome is open, and later transactions stand behind it.
//
// # Lock and fence
//
// Open takes the Web Lock "tabdis:<store>" and waits up to Options.Wait for it; then ErrLocked. IndexedDB has no exclusive handle,
// so there is a fence too: the opener commits its epoch before it reads anything, and every later transaction, reading or writing, reads that
// record and aborts if it is not its own. Without Web Locks (an insecure context) the fence alone is there: a second
// opener gets the store, and the first one ErrLocked from its next write on, for good. So it does when another tab deletes the
// database or opens a newer version of it, in whose way this connection does not stand: it closes. A store that was deleted is not
// made again by its old leader. Lost tells it; the log then says so once, and tries nothing more.
//
// # Caveats
//
// Among relaxed chunks a power cut may take any and leave any. The log takes what stands behind a hole for a torn tail, and keeps it aside
// with the hole's zeros in it. A browser that evicts the storage of a site ends the connections with it: opening another finds no
// database, and the store is lost like a deleted one.
package idb
