// Package opfs is the storage.FS of tabdis in a dedicated Worker, over the origin-private file system.
//
// # Layout
//
// Browsers do not sync the names of OPFS files: a file that was made, moved or removed may be gone, or back, after a power cut,
// although its content was flushed. So all files of a store are made once, at its birth, never moved and never removed. Which of
// them holds which log file, one file says by its content, the superblock.
//
//	tabdis/<store>/superblock      slot 0 | slot 1           64 KiB each, preallocated; no 4 KiB page holds bytes of both
//	tabdis/<store>/pool-00 … -15   one log file each, or free
//
//	slot: "tabdisSB" | version 4 | length 4 | generation 8 | epoch 8 | next id 8 | pool files 4 | entries 4
//	      entry: name length 1 | name | 'p' | pool file 4 | id 8              a log file
//	             name length 1 | name | 'i' | length 4 | bytes                a small replaced file: the manifest
//	      | xxh64 8 of all before it                                          integers are little-endian
//
// The names, the tag and the numbers are on users' disks: do not change them, add a version.
//
// # Why Create, Remove and Replace are atomic
//
// Each is one change of the directory. At rest both slots hold the same. A change is written to one slot, flushed, written to the
// other, flushed. A slot is written only while the other is known to be durable, so there is a valid one at any moment; after a
// failure the failed one goes first. The opener takes the valid slot with the higher generation. It does not know what of it is
// on the disk, so it writes these same bytes again in place and flushes before it touches the other slot. After a failed change the
// disk may hold the old or the new directory: nothing else is done before a directory has been written successfully.
//
// A free pool file that is used again is truncated and flushed before the directory names it. A Replace of more than fits a slot goes
// to a free pool file, which is flushed before the directory names it.
//
// Pool files that begin like a log, with no valid slot, are damage (ErrCorrupt), never a new store.
//
// # Lock and fence
//
// Open takes the Web Lock "tabdis:<store>", then the superblock's exclusive handle, and only then anything else. The handle is the
// fence: nobody gets it while another Worker, even a frozen one, could still write. Both end with the Worker; the next opener
// may see them held for some tens of ms more, and waits up to Options.Wait before it gives ErrLocked. Each opening counts the
// epoch up. Under that umbrella pool files are opened as readwrite-unsafe where the browser can (Chromium), so that
// the host's syncer can flush them: Sync(now=false) runs off the turn there, and in the turn elsewhere.
//
// # Storage that is taken away
//
// A browser may evict the storage of a site, and users clear it. Open handles go on as if nothing had happened, on files that nobody will
// find again. So once a second, if anything was written, it is looked whether the superblock can still be found; if not, everything that is
// done with the store's files fails from then on. What was acknowledged up to a second before is lost with the store.
//
// # Caveats
//
// Flushing is as good as the browser's: in a private window it does nothing. The pool is limited: with no file free Create gives
// ErrQuota. A pool file that was removed gives its space back at once if it can, else when it is used again.
package opfs
