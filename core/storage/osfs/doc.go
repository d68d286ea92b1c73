// Package osfs is a storage.FS of real files: one directory, each file under its own name, as Redis lays its log out.
//
// Names that begin with a dot are the store's own: .lock, an advisory lock that dies with its process, and .tmp-*, the unfinished
// content of a Replace, swept away at Open. Subdirectories and files with other names are left alone and not listed.
//
// What makes it durable:
//
//	Create   syncs the directory before it returns, Open (of the store) whatever a crashed predecessor left unsynced there
//	Sync     fdatasync; in the call when a reply waits, else on one goroutine a file, which serves all that asked meanwhile
//	Replace  temporary file, fsync, rename, fsync of the directory
//
// A failed sync sticks to its file: the kernel may have dropped the pages and would report success the next time. On macOS a
// sync is F_FULLFSYNC. On Windows directories cannot be synced: there a power cut may take a new name away.
//
// Not for GOOS=js, where package os parks.
package osfs
