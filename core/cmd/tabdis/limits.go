//go:build !js

package main

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/param"
)

// The classes of client-output-buffer-limit. Nobody replicates, so the second one's limits are kept and bound nobody.
const (
	classNormal = iota
	classReplica
	classPubsub
	classes
)

var classNames = [classes]string{"normal", "slave", "pubsub"}

// outputLimit bounds what a client has not read yet, bytes; 0 is no limit. Past soft it has so many seconds to get below it again.
type outputLimit struct{ hard, soft, seconds int64 }

// How much may wait for a client that does not read. Redis lets it grow where no limit is set; here the client is not read from, and what it
// has sent not executed, until it has read its replies. What is sent to it unasked is cut off later.
const (
	mostQueued = 64 << 20  // bytes of replies
	mostPushed = 256 << 20 // and of messages
)

// loopStats are the program's counters of INFO.
type loopStats struct{ rejected, evicted, overInput, overOutput int64 }

// pressure is what a connection's bounds need to know of it.
type pressure struct {
	queued    atomic.Int64 // bytes on their way to the client
	deferred  atomic.Bool  // the owner waits for it to read
	gone      bool         // it was expelled
	holding   bool         // a batch of it is in the owner's hands
	unfed     bool         // which the session has not seen
	softSince time.Time    // when it got past the soft limit
	pushed    int          // bytes that were sent to it unasked since it has stopped reading
}

// sent notes that n bytes have left, or never will.
func (p *pressure) sent(n int, l *loop) {
	if left := p.queued.Add(-int64(n)); left <= mostQueued/2 && p.deferred.Load() {
		l.wake()
	}
}

func defaultOutputLimits() [classes]outputLimit {
	return [classes]outputLimit{classReplica: {256 << 20, 64 << 20, 60}, classPubsub: {32 << 20, 8 << 20, 60}}
}

func (p *program) formatOutputLimits() string {
	var words []string
	for i, l := range p.outputLimits {
		words = append(words, classNames[i], strconv.FormatInt(l.hard, 10), strconv.FormatInt(l.soft, 10), strconv.FormatInt(l.seconds, 10))
	}
	return strings.Join(words, " ")
}

func checkOutputLimits(v string) string {
	_, wrong := parseOutputLimits(v, [classes]outputLimit{})
	return wrong
}

func (p *program) setOutputLimits(v string) error {
	p.outputLimits, _ = parseOutputLimits(v, p.outputLimits)
	return nil
}

// parseOutputLimits reads "class hard soft seconds" any number of times; classes that are not named stay as they are.
func parseOutputLimits(v string, limits [classes]outputLimit) (_ [classes]outputLimit, wrong string) {
	words := strings.Fields(v)
	if len(words)%4 != 0 {
		return limits, "Wrong number of arguments in buffer limit configuration."
	}
	for ; len(words) > 0; words = words[4:] {
		class, unknown := param.OneOf(strings.Replace(strings.ToLower(words[0]), "replica", "slave", 1), classNames[:])
		if unknown != "" {
			return limits, "Invalid client class specified in buffer limit configuration."
		}
		var l outputLimit
		var bad [3]string
		l.hard, bad[0] = param.Memory(words[1], 0, maxInt64)
		l.soft, bad[1] = param.Memory(words[2], 0, maxInt64)
		l.seconds, bad[2] = param.Int(words[3], 0, maxInt32)
		if bad != [3]string{} {
			return limits, "Error in hard, soft or soft_seconds setting in buffer limit configuration."
		}
		limits[class] = l
	}
	return limits, ""
}

// brim is how much output a session may produce before it has to wait.
func (p *program) brim() int {
	if hard := p.outputLimits[classNormal].hard; hard > 0 {
		return int(min(hard, mostQueued))
	}
	return mostQueued
}

// limitsChanged puts other limits into force for those who are here.
func (p *program) limitsChanged() error {
	if p.loop != nil {
		for c := range p.loop.conns {
			c.session.SetOutputLimit(p.brim())
		}
	}
	return nil
}

// memoryShare is maxmemory-clients: bytes, or a percentage of maxmemory.
type memoryShare struct {
	text    string
	bytes   int64
	percent int64
}

func checkShare(v string) string {
	_, wrong := parseShare(v)
	return wrong
}

func (p *program) setShare(v string) error {
	p.clientMemory, _ = parseShare(v)
	return nil
}

func parseShare(v string) (s memoryShare, wrong string) {
	const bad = "argument must be a memory or percent value"
	if number, is := strings.CutSuffix(v, "%"); is {
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case err != nil || n < 0:
			return s, bad
		case n > 100:
			return s, "percentage argument must be less or equal to 100"
		}
		return memoryShare{strconv.FormatInt(n, 10) + "%", 0, n}, ""
	}
	n, wrong := param.Memory(v, 0, maxInt64)
	if wrong == param.NotMemory {
		wrong = bad
	}
	return memoryShare{strconv.FormatInt(n, 10), n, 0}, wrong
}

// bound looks at a connection that was sent n bytes: what waits for it is its output buffer.
func (l *loop) bound(c *conn, n int) {
	if c.gone {
		return
	}
	limit, queued := l.limitOf(c), c.queued.Load()
	if queued <= mostQueued {
		c.pushed = 0
	} else if !c.session.Stuffed() { // commands are not executed now
		c.pushed += n
	}
	switch {
	case limit.hard > 0 && queued >= limit.hard, limit.hard == 0 && c.pushed >= mostPushed:
	case limit.soft > 0 && queued >= limit.soft:
		if c.softSince.IsZero() {
			c.softSince = time.Now()
		}
		if time.Since(c.softSince) <= time.Duration(limit.seconds)*time.Second {
			return
		}
	default:
		c.softSince = time.Time{}
		return
	}
	l.stats.overOutput++
	l.expel(c, aof.Warning, "has not read its replies and messages: past client-output-buffer-limit")
}

func (l *loop) limitOf(c *conn) outputLimit {
	if c.session.Type() == "pubsub" {
		return l.p.outputLimits[classPubsub]
	}
	return l.p.outputLimits[classNormal]
}

// expel ends a connection at once; what was on its way is dropped.
func (l *loop) expel(c *conn, level aof.Level, why string) {
	l.engine.Log(level, "Client "+string(c.session.Describe(nil))+" "+why)
	c.gone = true
	c.session.Close()
	c.abort()
	if c.holding {
		c.holding = false
		c.release()
	}
	if c.leaving { // its reader has ended: nobody else will tell
		l.drop(c)
	}
}

// later puts a connection off until its client has read. Where it has already, its writer will not wake the owner.
func (l *loop) later(c *conn) {
	if !c.deferred.Swap(true) {
		l.deferred = append(l.deferred, c)
	}
	if c.queued.Load() <= mostQueued/2 && c.session.Waiting() == 0 && !l.engine.Stalled() {
		l.wake()
	}
}

// resume goes on with those whose clients have read.
func (l *loop) resume(e *core.Engine) {
	waiting := l.deferred
	l.deferred = nil
	for _, c := range waiting {
		if c.deferred.Store(false); c.gone || !l.conns[c] {
			continue
		}
		switch {
		case c.over.Load(): // it has gone: gigabytes of replies may be left that nobody reads
			c.gone = true
			c.session.Close()
		case c.queued.Load() > mostQueued/2:
			l.later(c)
			continue
		default:
			if c.session.Resume(); !c.session.Stuffed() && c.unfed {
				l.hand(e, c)
			}
		}
		l.settle(c)
	}
}

// settle gives the reader its buffer back, unless the session has not come through with what was in it.
func (l *loop) settle(c *conn) {
	switch {
	case !c.gone && (c.session.Stuffed() || c.unfed):
		l.later(c)
	case c.holding:
		c.holding = false
		c.release()
	}
}

// cronPause is how often all connections are looked at, at most.
const cronPause = 100 * time.Millisecond

// cron looks at all connections: which are idle, which have been past a soft limit for too long, and whether they hold too much in all.
func (l *loop) cron() {
	timeout := l.p.timeout * 1000
	if time.Since(l.looked) < cronPause {
		return
	}
	l.looked = time.Now()
	for c := range l.conns {
		switch {
		case c.gone:
		case timeout > 0 && c.session.Idle() > timeout:
			l.expel(c, aof.Verbose, "was idle for too long: timeout")
		case !c.softSince.IsZero():
			l.bound(c, 0)
		}
	}
	l.evictClients()
}

// evictClients ends those that hold most, while all together hold more than maxmemory-clients; who has CLIENT NO-EVICT stays.
func (l *loop) evictClients() {
	limit := l.p.clientMemory.bytes
	if percent := l.p.clientMemory.percent; percent > 0 {
		limit = l.engine.MaxMemory() / 100 * percent
	}
	if limit == 0 {
		return
	}
	for {
		var largest *conn
		total, most := int64(0), 0
		l.engine.Sessions(func(s command.Session) bool {
			session := s.(*core.Session)
			c, n := session.Tag.(*conn), session.Memory()
			if total += int64(n); n > most && !session.NoEvict() {
				largest, most = c, n
			}
			return true
		})
		if total <= limit || largest == nil {
			return
		}
		l.stats.evicted++
		l.expel(largest, aof.Notice, "was evicted: maxmemory-clients")
	}
}

// descriptors tells whether the system lets so many clients connect.
func (p *program) descriptors() error {
	if p.loop == nil {
		return nil
	}
	if most := raiseDescriptors(p.maxClients + ownFiles); most < p.maxClients+ownFiles {
		return errors.New("The operating system is not able to handle the specified number of clients, try with " + strconv.FormatInt(most-ownFiles, 10))
	}
	return nil
}

// ownFiles are the descriptors that the program needs for itself.
const ownFiles = 32

// fitDescriptors lowers maxclients to what the system allows, at the start.
func (p *program) fitDescriptors() error {
	most := raiseDescriptors(p.maxClients + ownFiles)
	if most >= p.maxClients+ownFiles {
		return nil
	}
	if most <= ownFiles {
		return errors.New("the limit of open files, " + strconv.FormatInt(most, 10) + ", is too low to serve anybody")
	}
	wanted := p.maxClients
	p.maxClients = most - ownFiles
	p.log.line(aof.Warning, "maxclients is "+strconv.FormatInt(p.maxClients, 10)+" in place of "+strconv.FormatInt(wanted, 10)+
		": the system allows "+strconv.FormatInt(most, 10)+" open files (ulimit -n)")
	return nil
}
