package command

// Diagnostics is what commands that look at the engine's work need of it.
type Diagnostics interface {
	Slowlog() *Slowlog
	Latency() *Latency
	LatencyWatched() bool // latency-monitor-threshold is set
	// Histogram tells how often a command ran, and how many of its calls took at most so many µs, rising, without the steps that add none.
	Histogram(cmd *Command) (calls int64, atMost [][2]int64)
	Memory() MemoryReport
	Heap() HeapReport
	MaxMemory() int64
	// Monitor sends the calling session every command from now on; false inside of EXEC.
	Monitor(c *Call) bool
	// LogLine writes a line into the operator's log. PauseCron stops what goes on between commands. ChangeReplID takes a new master_replid.
	LogLine(msg string)
	PauseCron(on bool)
	ChangeReplID()
	Purge() // gives memory back that is not in use, in its own time
}

func cmdMonitor(c *Call) {
	if !c.Server.Operations().Monitor(c) {
		c.W.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	c.W.OK()
}
