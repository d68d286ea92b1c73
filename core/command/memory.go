package command

import (
	"math"
	"strconv"

	"tabdis/core/resp"
)

// MemoryReport is what MEMORY STATS and INFO tell, in bytes.
type MemoryReport struct {
	Data    int64 // the databases: keys, values, and the tables that hold them
	Peak    int64 // the most that Data was when somebody looked
	Clients int64 // what clients sent and were answered, and is still here
	Log     int64 // the log's buffer
	Keys    int64
}

// cmdMemoryUsage answers from the accounting of the keyspace, which is exact: there is nothing to sample.
func cmdMemoryUsage(c *Call) {
	for i := 3; i < len(c.Args); i += 2 {
		if !is(c.Args[i], "samples") || i+1 == len(c.Args) {
			c.W.Error(resp.ErrSyntax)
			return
		}
		n, ok := c.intArg(i + 1)
		if !ok {
			return
		}
		if n < 0 {
			c.W.Error(resp.ErrSyntax)
			return
		}
	}
	e, ok := c.DB.Find(c.Args[2])
	if !ok {
		c.W.Null()
		return
	}
	c.W.Int(e.Memory())
}

func cmdMemoryStats(c *Call) {
	r := c.Server.Operations().Memory()
	overhead := r.Clients + r.Log
	total := r.Data + overhead
	ints := []struct {
		name string
		n    int64
	}{
		{"peak.allocated", r.Peak + overhead}, {"total.allocated", total}, {"startup.allocated", 0}, {"replication.backlog", 0},
		{"clients.slaves", 0}, {"clients.normal", r.Clients}, {"cluster.links", 0}, {"aof.buffer", r.Log}, {"lua.caches", 0},
		{"functions.caches", 0}, {"overhead.total", overhead}, {"keys.count", r.Keys}, {"keys.bytes-per-key", r.Data / max(1, r.Keys)},
		{"dataset.bytes", r.Data},
	}
	c.W.Map(len(ints) + 2)
	for _, f := range ints {
		c.W.BulkString(f.name)
		c.W.Int(f.n)
	}
	c.W.BulkString("dataset.percentage")
	c.W.Double(percent(r.Data, total))
	c.W.BulkString("peak.percentage")
	c.W.Double(percent(total, r.Peak+overhead))
}

func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return math.Min(100, 100*float64(part)/float64(whole))
}

// largeShare is how much of maxmemory is worth a warning, in percent.
const largeShare = 90

func cmdMemoryDoctor(c *Call) {
	r, limit := c.Server.Operations().Memory(), c.Server.Operations().MaxMemory()
	text := "Nothing is wrong: the data take " + strconv.FormatInt(r.Data, 10) + " bytes.\n"
	switch {
	case limit > 0 && r.Data > limit/100*largeShare:
		text = "The data take " + strconv.FormatInt(r.Data, 10) + " bytes of the " + strconv.FormatInt(limit, 10) +
			" that maxmemory allows: remove keys, give them an expiry, or allow more.\n"
	case r.Clients > r.Data && r.Clients > 1<<20:
		text = "Clients hold more than the data: " + strconv.FormatInt(r.Clients, 10) + " bytes. Somebody does not read replies.\n"
	}
	c.W.Verbatim("txt", text)
}

func cmdMemoryMallocStats(c *Call) {
	c.W.Verbatim("txt", "The Go runtime allocates; it keeps no report for this command. See MEMORY STATS.\n")
}

func cmdMemoryPurge(c *Call) {
	c.Server.Operations().Purge()
	c.W.OK()
}

func cmdMemoryHelp(c *Call) {
	c.help(
		"DOCTOR|What is wrong, in words.",
		"MALLOC-STATS|The report of the allocator; there is none here.",
		"PURGE|Give memory back that is not in use.",
		"STATS|What memory is used for.",
		"USAGE <key> [SAMPLES <count>]|How many bytes a key and its value take.",
	)
}
