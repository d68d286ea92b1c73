package core

import "time"

// The only place where core looks at a clock by itself: to bound slices of work. The time of day comes in with each turn.

var processStart = time.Now()

// monotonic is a time in µs that only grows.
func monotonic() int64 { return time.Since(processStart).Microseconds() }

// nanotime is the same in ns.
func nanotime() int64 { return int64(time.Since(processStart)) }

// sleep stands still for ms, which in a browser must not park: it spins there.
func sleep(ms int64) {
	for end := monotonic() + ms*1000; monotonic() < end; {
	}
}
