// Package memfs is a storage.FS in memory that knows what a crash may take away.
//
//	store := memfs.New()
//	fs, err := store.Open()        // a second Open gives ErrLocked until fs is closed or the store is killed
//	…
//	after := store.CrashClone(memfs.Random(seed))   // the disk after a power cut at this moment
//
// A Store is the disk, with the page cache above it; the FS of Open is one process on it. There are three ways to end:
//
//	fs.Close()           clean: nothing is lost, nothing becomes durable
//	store.Kill()         the process or tab dies: what was written stays in the cache, readable but not durable
//	store.CrashClone(p)  the power fails: of what is not durable, the Policy decides what stays
//
// What may be lost: every 4 KiB page that differs from its durable state has one of the states it went through since; the size
// is any between the smallest and the largest since then; a page that was never written reads as zeros; a new file's name, until
// a Sync of the file or a Replace whose content names it; a Remove, for ever. Replace is atomic and durable on return.
//
// SetSync and SetLateWrites make it behave as platforms whose Sync or Append completes later.
package memfs
