package storage

// Holder is a LateWriter that keeps what its platform had no room for. An error of it that is ErrQuota is definite when it holds something:
// nothing of what was refused counts as written, nothing behind it was sent, and all that is not durable is still in memory. That is why,
// unlike after any other failed Sync, a later one can be trusted: it writes these bytes again.
type Holder interface {
	LateWriter
	// Held is how many bytes there was no room for, 0 where anything else is missing. Until Resend, Append and Sync give the error.
	Held() int64
	// Resend sends the same bytes to the same places again, before all that is appended from now on. It never parks; the next Sync tells
	// how it went.
	Resend()
}

// Losable is an FS that can lose its store for good while it is open: another one has taken it over, or it was removed.
type Losable interface {
	// Lost is why nothing will ever be written here again, nil as long as that is not so. It never parks.
	Lost() error
}
