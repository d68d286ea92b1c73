package command

import (
	"strconv"
	"strings"

	"tabdis/core/resp"
)

// Latency keeps the spikes of what is watched: events that took as long as latency-monitor-threshold or longer.
type Latency struct {
	events []*spikes // by the order in which they first came
}

// spikes are the latest of one event, at most one for each second.
type spikes struct {
	name    string
	samples []spike
	max     int64
}

type spike struct{ time, ms int64 } // Unix seconds

const keptSpikes = 160

// Add notes that an event took so long.
func (l *Latency) Add(name string, now, ms int64) {
	e := l.event(name)
	if e == nil {
		e = &spikes{name: name}
		l.events = append(l.events, e)
	}
	e.max = max(e.max, ms)
	if n := len(e.samples); n > 0 && e.samples[n-1].time == now {
		e.samples[n-1].ms = max(e.samples[n-1].ms, ms)
		return
	}
	if len(e.samples) == keptSpikes {
		e.samples = append(e.samples[:0], e.samples[1:]...)
	}
	e.samples = append(e.samples, spike{now, ms})
}

func (l *Latency) event(name string) *spikes {
	for _, e := range l.events {
		if strings.EqualFold(e.name, name) {
			return e
		}
	}
	return nil
}

func cmdLatencyLatest(c *Call) {
	events := c.Server.Operations().Latency().events
	c.W.Array(len(events))
	for _, e := range events {
		last := e.samples[len(e.samples)-1]
		c.W.Array(4)
		c.W.BulkString(e.name)
		c.W.Int(last.time)
		c.W.Int(last.ms)
		c.W.Int(e.max)
	}
}

func cmdLatencyHistory(c *Call) {
	e := c.Server.Operations().Latency().event(string(c.Args[2]))
	if e == nil {
		c.W.Array(0)
		return
	}
	c.W.Array(len(e.samples))
	for _, s := range e.samples {
		c.W.Array(2)
		c.W.Int(s.time)
		c.W.Int(s.ms)
	}
}

func cmdLatencyReset(c *Call) {
	l := c.Server.Operations().Latency()
	if len(c.Args) == 2 {
		c.W.Int(int64(len(l.events)))
		l.events = nil
		return
	}
	before := len(l.events)
	for _, name := range c.Args[2:] {
		for i, e := range l.events {
			if strings.EqualFold(e.name, string(name)) {
				l.events = append(l.events[:i:i], l.events[i+1:]...)
				break
			}
		}
	}
	c.W.Int(int64(before - len(l.events)))
}

const graphHeight = 4

// cmdLatencyGraph draws a column for each of the latest spikes, and its age below.
func cmdLatencyGraph(c *Call) {
	name := string(c.Args[2])
	e := c.Server.Operations().Latency().event(name)
	if e == nil {
		c.W.Error(resp.Error("ERR No samples available for event '" + name + "'"))
		return
	}
	low, high := e.samples[0].ms, e.samples[0].ms
	for _, s := range e.samples {
		low, high = min(low, s.ms), max(high, s.ms)
	}
	ms := func(n int64) string { return strconv.FormatInt(n, 10) + " ms" }
	b := e.name + " - high " + ms(high) + ", low " + ms(low) + " (all time high " + ms(e.max) + ")\n" + strings.Repeat("-", 80) + "\n"
	shown := e.samples[max(0, len(e.samples)-80):]
	for row := int64(graphHeight); row > 0; row-- {
		for _, s := range shown {
			if high == low || (s.ms-low)*graphHeight >= (row-1)*(high-low) {
				b += "#"
			} else {
				b += " "
			}
		}
		b += "\n"
	}
	b += "\nfrom " + age(c.Now/1000-shown[0].time) + " to " + age(c.Now/1000-shown[len(shown)-1].time) + " ago\n"
	c.W.Verbatim("txt", b)
}

// age is a time in seconds in its largest unit.
func age(s int64) string {
	switch {
	case s < 60:
		return strconv.FormatInt(s, 10) + "s"
	case s < 3600:
		return strconv.FormatInt(s/60, 10) + "m"
	case s < 86400:
		return strconv.FormatInt(s/3600, 10) + "h"
	}
	return strconv.FormatInt(s/86400, 10) + "d"
}

func cmdLatencyDoctor(c *Call) {
	ops := c.Server.Operations()
	events := ops.Latency().events
	var b strings.Builder
	switch {
	case len(events) > 0:
		for _, e := range events {
			sum := int64(0)
			for _, s := range e.samples {
				sum += s.ms
			}
			b.WriteString(e.name + ": " + strconv.Itoa(len(e.samples)) + " spikes, " + strconv.FormatInt(sum/int64(len(e.samples)), 10) +
				" ms on average, " + strconv.FormatInt(e.max, 10) + " ms at worst.\n")
		}
		b.WriteString("SLOWLOG GET names the commands. What takes long holds everybody up: ask for less at a time (SCAN, not KEYS), and keep collections small.\n")
	case !ops.LatencyWatched():
		b.WriteString("Latency is not watched: CONFIG SET latency-monitor-threshold <milliseconds> begins it.\n")
	default:
		b.WriteString("Nothing took as long as latency-monitor-threshold so far.\n")
	}
	c.W.Verbatim("txt", b.String())
}

// cmdLatencyHistogram answers, for each command, how many calls took at most so many microseconds.
func cmdLatencyHistogram(c *Call) {
	ops, table := c.Server.Operations(), c.Server.Table()
	m, n := c.W.Mark(), 0
	tell := func(cmd *Command) {
		if calls, buckets := ops.Histogram(cmd); calls > 0 {
			n++
			c.histogram(cmd.FullName(), calls, buckets)
		}
	}
	all := func(cmd *Command) {
		tell(cmd)
		for _, sub := range cmd.Subcommands {
			tell(sub)
		}
	}
	if len(c.Args) == 2 {
		for _, cmd := range table.All() {
			all(cmd)
		}
	}
	for _, name := range c.Args[2:] {
		if cmd := table.FullNamed(name); cmd != nil {
			all(cmd)
		}
	}
	c.W.InsertMap(m, n)
}

func (c *Call) histogram(name string, calls int64, buckets [][2]int64) {
	c.W.BulkString(name)
	c.W.Map(2)
	c.W.BulkString("calls")
	c.W.Int(calls)
	c.W.BulkString("histogram_usec")
	c.W.Map(len(buckets))
	for _, b := range buckets {
		c.W.Int(b[0])
		c.W.Int(b[1])
	}
}

func cmdLatencyHelp(c *Call) {
	c.help(
		"DOCTOR|The spikes in words.",
		"GRAPH <event>|The spikes of an event as a drawing.",
		"HISTOGRAM [COMMAND ...]|How many calls of commands took at most so many microseconds.",
		"HISTORY <event>|The spikes of an event with their times.",
		"LATEST|The latest spike of each event.",
		"RESET [<event> ...]|Forget the spikes of these events, or of all.",
	)
}
