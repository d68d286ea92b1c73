package command

// Diagnostics is what commands that look at the engine's work need of it.
type Diagnostics interface {
	Slowlog() *Slowlog
	Latency() *Latency
	LatencyWatched() bool // latency-monitor-threshold is set
	// Histogram tells how often a command ran, and how many of its calls took at most so many µs, rising, without the steps that add none.
	Histogram(cmd *Command) (calls int64, atMost [][2]int64)
	Memory() MemoryReport
	MaxMemory() int64
	Purge() // gives memory back that is not in use, in its own time
}
