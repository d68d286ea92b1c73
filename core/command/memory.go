package command

import (
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// MemoryReport is what MEMORY STATS and INFO tell, in bytes.
type MemoryReport struct {
	Data    int64 // the databases: keys, values, and the tables that hold them …
	Tables  int64 // … which are this part of it
	Peak    int64 // the most that Data was when somebody looked
	Clients int64 // what clients sent and were answered, and is still here
	Log     int64 // the log's buffer
	Keys    int64
}

// Total is what INFO calls used_memory.
func (r *MemoryReport) Total() int64 { return r.Data + r.Clients + r.Log }

// Overhead is what is no keys and values.
func (r *MemoryReport) Overhead() int64 { return r.Tables + r.Clients + r.Log }

// HeapReport is what the runtime tells, in bytes: of live objects and garbage, of the pages that they are in, and all that the process holds.
type HeapReport struct{ Allocated, Active, Resident int64 }

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
	r, heap := c.Server.Operations().Memory(), c.Server.Operations().Heap()
	var used []*keyspace.DB
	for i := range c.Server.Keyspace().Databases() {
		if db := c.Server.Keyspace().DB(i); db.Len() > 0 {
			used = append(used, db)
		}
	}
	total, peak := r.Total(), r.Peak+r.Clients+r.Log
	c.W.Map(27 + len(used))
	c.fields([]memoryField{
		{"peak.allocated", peak}, {"total.allocated", total}, {"startup.allocated", 0}, {"replication.backlog", 0}, {"clients.slaves", 0},
		{"clients.normal", r.Clients}, {"cluster.links", 0}, {"aof.buffer", r.Log}, {"lua.caches", 0}, {"functions.caches", 0},
	})
	for _, db := range used {
		table, expiries := db.Overhead()
		c.W.BulkString("db." + strconv.Itoa(db.Index()))
		c.W.Map(3)
		c.fields([]memoryField{{"overhead.hashtable.main", table}, {"overhead.hashtable.expires", expiries}, {"overhead.hashtable.slot-to-keys", 0}})
	}
	c.fields([]memoryField{{"overhead.total", r.Overhead()}, {"keys.count", r.Keys}, {"keys.bytes-per-key", total / max(1, r.Keys)}, {"dataset.bytes", total - r.Overhead()}})
	c.share("dataset.percentage", percent(total-r.Overhead(), total))
	c.share("peak.percentage", percent(total, peak))
	c.fields([]memoryField{{"allocator.allocated", heap.Allocated}, {"allocator.active", heap.Active}, {"allocator.resident", heap.Resident}})
	c.excess("allocator-fragmentation.", heap.Active, heap.Allocated)
	c.excess("allocator-rss.", heap.Resident, heap.Active)
	c.excess("rss-overhead.", heap.Resident, heap.Resident) // nothing but Go's allocator holds memory
	c.share("fragmentation", ratio(heap.Resident, total))
	c.fields([]memoryField{{"fragmentation.bytes", heap.Resident - total}})
}

// memoryField is a figure of MEMORY STATS.
type memoryField struct {
	name string
	n    int64
}

func (c *Call) fields(fields []memoryField) {
	for _, f := range fields {
		c.W.BulkString(f.name)
		c.W.Int(f.n)
	}
}

func (c *Call) share(name string, f float64) {
	c.W.BulkString(name)
	c.W.Double(f)
}

// excess tells by how much more is above less.
func (c *Call) excess(name string, more, less int64) {
	c.share(name+"ratio", ratio(more, less))
	c.fields([]memoryField{{name + "bytes", more - less}})
}

func ratio(a, b int64) float64 { return float64(a) / float64(max(1, b)) }

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
