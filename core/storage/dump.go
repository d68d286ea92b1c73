package storage

// Dumps is a place for files that are written as a whole: RDB files. Each takes the place of the one of its name at once.
type Dumps interface {
	// Create begins a file. What stands under its name stays until Commit. It does not park for long: it is called within a turn.
	Create(name string) (Dump, error)
}

// Dump is a file on its way. A crash before Commit has returned leaves the old file or the new one, never a mixture, and perhaps a file of
// another name, which a later opening of the place removes.
type Dump interface {
	// Write appends p. It does not park for long.
	Write(p []byte) error
	// Commit makes all durable and gives it its name. It may park. After an error the old file stands, or the new one, whole.
	Commit() error
	// Abort gives it up and frees its room, even while Commit is under way on another goroutine: then the file has its name when Abort
	// returns, or never gets it.
	Abort()
}
