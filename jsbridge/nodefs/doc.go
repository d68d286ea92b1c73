// Package nodefs is the storage.FS of tabdis under Node: real files, reached by host functions (package host), because Go's own os
// package parks in wasm and so cannot write in the engine's turn.
//
//	dir/appendonly.aof.1.incr.aof    the files, under their names
//	dir/.lock                        who has the store: client/src/host/nodelock.mjs draws it
//	dir/.new-<name>                  a Replace that did not finish; the next opener removes it
//
// Append is write(2), Sync is fdatasync: in the call when a reply waits, else on one of Node's own threads. Replace is write, fsync,
// rename, fsync of the directory; a new file's name is synced when it is made.
//
// Node has no advisory locks, so the lock is a file that is made exclusively and counts while its process lives. A process that
// died leaves it behind; the next opener sees that and takes it over. Without /proc a number that another process has got since
// keeps the store locked: remove the file then.
package nodefs
