package storage

import "context"

// Stepper is an FS whose files may take their room in large steps: that one of them cannot grow does not tell that there is no room for another.
type Stepper interface {
	GrowsInSteps() bool
}

// Spacer is an FS that knows how much room there is.
type Spacer interface {
	// Space gives, in bytes, what is used of the disk or quota, what this store could still take, and the whole; -1 for what is
	// not known. The figures may be old or rounded by the platform: they are to be told, not to be relied on. It may park.
	Space(ctx context.Context) (used, free, limit int64, err error)
}
