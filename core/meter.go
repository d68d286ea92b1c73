package core

import (
	"maps"
	"math/bits"
	"runtime/debug"
	"slices"
	"strconv"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/resp"
)

// meter measures how long commands take. Reading a clock costs as much as a small command does (in wasm 200 ns), so those that cannot
// take long by themselves, the fast ones, share a reading: up to meterGroup of them that follow one another count as equally long. The
// others are measured one by one. When thresholds are so low that a fast command could pass them, each is measured.
type meter struct {
	since    int64 // the last reading, ns; 0: none in this batch
	group    [meterGroup]uint16
	n        int
	exact    bool
	tracking bool           // latency-tracking
	plain    command.Flag   // commands with one of these need only be counted, while they go well
	stats    []commandStats // by Command.ID
	errors   map[string]int64
	slowlog  command.Slowlog
	latency  command.Latency
}

const (
	meterGroup  = 32
	exactBelow  = 1000 // µs
	firstBucket = 10   // times below 2^10 ns are one bucket
	bucketSteps = 4    // to each power of two
	bucketCount = 28 * bucketSteps
)

// commandStats are the counters of one command.
type commandStats struct {
	calls, rejected, failed int64
	ns                      int64
	histogram               *[bucketCount]uint32
}

// apply takes the thresholds in force, and whether somebody monitors.
func (m *meter) apply(c *config, monitored bool) {
	m.exact = c.slowerThan >= 0 && c.slowerThan < exactBelow || c.latencyThreshold > 0
	m.plain, m.tracking = command.Fast|command.Quick, c.latencyTracking
	if m.exact || monitored {
		m.plain = 0
	}
}

func isFast(cmd *command.Command) bool { return cmd.Flags&(command.Fast|command.Quick) != 0 }

// before is called before each command; the first of a batch, and one that is measured by itself, read the clock.
func (m *meter) before(cmd *command.Command) {
	if m.since == 0 {
		m.since = nanotime()
	} else if m.n > 0 && (m.exact || !isFast(cmd)) {
		m.read()
	}
}

// after is called when a command has run; b is its reply.
func (e *Engine) after(s *Session, cmd *command.Command, words [][]byte, from int) {
	m := &e.meter
	m.group[m.n] = uint16(cmd.ID)
	m.n++
	if b := s.out.w.Bytes(); len(b) > from && b[from] == '-' {
		e.failed(cmd, b[from+1:])
	}
	if len(e.monitors) > 0 && cmd.Flags&command.Admin == 0 {
		e.show(s, cmd, words)
	}
	if m.exact || !isFast(cmd) {
		e.slow(s, cmd, words, m.read())
	} else if m.n == meterGroup {
		m.read()
	}
}

// read ends the group with a reading, and gives the time of one command of it, ns.
func (m *meter) read() int64 {
	now := nanotime()
	each := (now - m.since) / int64(m.n)
	m.since = now
	at := bucket(each)
	for i := 0; i < m.n; { // most often many of one command
		id, from := m.group[i], i
		for i < m.n && m.group[i] == id {
			i++
		}
		n, st := i-from, &m.stats[id]
		st.calls += int64(n)
		st.ns += int64(n) * each
		if !m.tracking {
			continue
		}
		if st.histogram == nil {
			st.histogram = new([bucketCount]uint32)
		}
		st.histogram[at] += uint32(n)
	}
	m.n = 0
	return each
}

// rest ends a batch: the time until the next is nobody's.
func (m *meter) rest() {
	if m.n > 0 {
		m.read()
	}
	m.since = 0
}

// slow notes a command that took long.
func (e *Engine) slow(s *Session, cmd *command.Command, words [][]byte, ns int64) {
	us := ns / 1000
	if t := e.config.latencyThreshold; t > 0 && us/1000 >= int64(t) {
		event := "command"
		if cmd.Flags&command.Fast != 0 {
			event = "fast-command"
		}
		e.meter.latency.Add(event, e.now/1000, us/1000)
	}
	if t := e.config.slowerThan; t >= 0 && us >= int64(t) && cmd.Flags&command.SkipSlowlog == 0 {
		e.meter.slowlog.Add(command.SlowEntry{Time: e.now / 1000, Micros: us, Addr: s.opts.Addr, Name: s.name}, cmd.Shown(words), e.config.slowlogLen)
	}
}

// failed counts an error that a command answered: text is the reply without its mark.
func (e *Engine) failed(cmd *command.Command, text []byte) {
	e.meter.stats[cmd.ID].failed++
	e.countError(text)
}

// rejected counts an error that answers words before any command ran.
func (e *Engine) rejected(words [][]byte, err resp.Error) {
	if cmd := e.table.Meant(words); cmd != nil {
		e.meter.stats[cmd.ID].rejected++
	}
	e.countError([]byte(err))
}

// maxErrorCodes bounds what clients can make the table of errors hold.
const maxErrorCodes = 128

func (e *Engine) countError(text []byte) {
	e.stats.errors++
	for i, b := range text {
		if b == ' ' || b == '\r' {
			text = text[:i]
			break
		}
	}
	m := &e.meter
	if _, known := m.errors[string(text)]; known || len(m.errors) < maxErrorCodes {
		if m.errors == nil {
			m.errors = map[string]int64{}
		}
		m.errors[string(text)]++
	}
}

// bucket is where a time in ns is counted.
func bucket(ns int64) int {
	e := bits.Len64(uint64(ns)) - 1
	if e < firstBucket {
		return 0
	}
	return min((e-firstBucket)*bucketSteps+int(ns>>(e-2)&(bucketSteps-1))+1, bucketCount-1)
}

// upTo is the longest time that is counted in bucket i, ns.
func upTo(i int) int64 {
	e, step := firstBucket+i/bucketSteps, int64(i%bucketSteps)
	return 1<<e + step<<(e-2) - 1
}

// Histogram is what LATENCY HISTOGRAM tells of a command. The steps are Redis's: powers of two in ns, as a histogram of two digits rounds them up.
func (e *Engine) Histogram(cmd *command.Command) (calls int64, atMost [][2]int64) {
	st := &e.meter.stats[cmd.ID]
	if st.histogram == nil {
		return 0, nil
	}
	sum := int64(0)
	for i, n := range st.histogram {
		sum += int64(n)
		if (i%bucketSteps == 0 || i == bucketCount-1) && sum > calls {
			top := int64(1) << (firstBucket + (i+bucketSteps-1)/bucketSteps)
			calls = sum
			atMost = append(atMost, [2]int64{(top + top>>7 - 1) / 1000, sum})
		}
	}
	return calls, atMost
}

// infoCommandstats, infoErrorstats and infoLatencystats are sections of INFO.
func (e *Engine) infoCommandstats(w *infoWriter) {
	e.eachCommand(func(cmd *command.Command, st *commandStats) {
		if st.calls == 0 && st.rejected == 0 {
			return
		}
		us, per := st.ns/1000, 0.0
		if st.calls > 0 {
			per = float64(st.ns) / 1000 / float64(st.calls)
		}
		w.text("cmdstat_"+cmd.FullName(), "calls="+itoa(st.calls)+",usec="+itoa(us)+",usec_per_call="+strconv.FormatFloat(per, 'f', 2, 64)+
			",rejected_calls="+itoa(st.rejected)+",failed_calls="+itoa(st.failed))
	})
}

func (e *Engine) infoErrorstats(w *infoWriter) {
	for _, code := range slices.Sorted(maps.Keys(e.meter.errors)) {
		w.text("errorstat_"+code, "count="+itoa(e.meter.errors[code]))
	}
}

func (e *Engine) infoLatencystats(w *infoWriter) {
	if !e.config.latencyTracking {
		return
	}
	e.eachCommand(func(cmd *command.Command, st *commandStats) {
		if st.histogram == nil {
			return
		}
		text := ""
		for _, p := range e.config.percentiles {
			if text != "" {
				text += ","
			}
			text += "p" + formatPercentile(p) + "=" + strconv.FormatFloat(float64(st.percentile(p/100))/1000, 'f', 3, 64)
		}
		w.text("latency_percentiles_usec_"+cmd.FullName(), text)
	})
}

// percentile is a time in ns that this share of the calls did not pass.
func (st *commandStats) percentile(share float64) int64 {
	total, sum := int64(0), int64(0)
	for _, n := range st.histogram {
		total += int64(n)
	}
	for i, n := range st.histogram {
		if sum += int64(n); sum > 0 && float64(sum) >= share*float64(total) {
			return upTo(i)
		}
	}
	return 0
}

func (e *Engine) eachCommand(yield func(cmd *command.Command, st *commandStats)) {
	for _, cmd := range e.table.All() {
		yield(cmd, &e.meter.stats[cmd.ID])
		for _, sub := range cmd.Subcommands {
			yield(sub, &e.meter.stats[sub.ID])
		}
	}
}

// What command.Diagnostics asks.

func (e *Engine) Slowlog() *command.Slowlog { return &e.meter.slowlog }
func (e *Engine) Latency() *command.Latency { return &e.meter.latency }
func (e *Engine) LatencyWatched() bool      { return e.config.latencyThreshold > 0 }
func (e *Engine) MaxMemory() int64          { return e.config.maxmemory }

// Memory also notes the peak: it is looked at here and with each tick.
func (e *Engine) Memory() command.MemoryReport {
	r := command.MemoryReport{Data: e.ks.Memory()}
	e.stats.peak = max(e.stats.peak, r.Data)
	r.Peak = e.stats.peak
	r.Clients = e.tracking.table.memory()
	for _, s := range e.order {
		r.Clients += int64(s.Memory())
	}
	if e.logging() {
		r.Log = int64(e.log.Stats().BufferLength)
	}
	for i := range e.ks.Databases() {
		r.Keys += int64(e.ks.DB(i).Len())
		table, _ := e.ks.DB(i).Overhead()
		r.Tables += table
	}
	r.Clients += e.listening()
	return r
}

// LogLine is DEBUG LOG, PauseCron is DEBUG PAUSE-CRON, ChangeReplID is DEBUG CHANGE-REPL-ID.
func (e *Engine) LogLine(msg string) { e.logLine(aof.Warning, msg) }
func (e *Engine) PauseCron(on bool)  { e.noCron = on }
func (e *Engine) ChangeReplID()      { e.replID = hexID(e.rng, 40) }

// Purge works on the control plane: a collection parks whoever asks for it.
func (e *Engine) Purge() { e.opts.Go(debug.FreeOSMemory) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
