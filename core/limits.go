package core

// What a host that bounds its clients knows of a session. Without such a host nothing here is in force.

// SetOutputLimit makes the session execute nothing further once its output, as far as it was not taken, has so many bytes; 0: no limit.
func (s *Session) SetOutputLimit(n int) {
	if s.brim = n; n == 0 {
		s.brim = maxInt
	}
}

// Stuffed tells that the session has stopped with commands left, because of its output limit. Resume lets it go on, within a turn.
func (s *Session) Stuffed() bool { return s.stuffed && !s.closed && !s.closing }

// Resume executes what a stuffed session has left, as far as its limit lets it.
func (s *Session) Resume() {
	if s.Stuffed() && s.out.w.Len() < s.brim {
		s.run()
	}
}

// Killed tells that somebody else ended the session: it need not be waited for.
func (s *Session) Killed() bool { return s.killed }

// Buffered is the number of bytes that were fed and not executed yet.
func (s *Session) Buffered() int { return s.in.Buffered() }

// Idle is for how long the session has said nothing, in ms; 0 when nothing is to be expected of it: it waits, listens or monitors.
func (s *Session) Idle() int64 {
	if s.parked || s.subscribed > 0 || s.monitor {
		return 0
	}
	return s.e.now - s.active
}

// sessionSize is about what a session takes that holds nothing, in bytes.
const sessionSize = 1 << 10

// Memory is about how many bytes the session holds, here and in the host's queue.
func (s *Session) Memory() int {
	return sessionSize + s.inputMemory() + s.multiMemory() + s.out.w.Cap() + s.queued()
}

func (s *Session) inputMemory() int { return s.in.Buffered() + s.in.Spare() }

// queued is what the host has taken and the client has not.
func (s *Session) queued() int {
	if s.opts.Queued == nil {
		return 0
	}
	return s.opts.Queued()
}

// multiMemory is what the queue of MULTI holds.
func (s *Session) multiMemory() (n int) {
	if s.multi != nil {
		for _, q := range s.multi.commands {
			for _, w := range q.words {
				n += len(w)
			}
		}
	}
	return n
}

// peaks are the most that a client had in its buffers, in each of the last seconds.
type peaks struct {
	at, second    int64 // when somebody looked, ms and s
	input, output [peakSeconds]int
}

const peakSeconds = 8

// peakPause is how often a tick looks, ms.
const peakPause = 100

// measure looks at all sessions.
func (p *peaks) measure(e *Engine) {
	p.at = e.now
	now := e.now / 1000
	for p.second = max(p.second, now-peakSeconds); p.second < now; {
		p.second++
		p.input[p.second%peakSeconds], p.output[p.second%peakSeconds] = 0, 0
	}
	in, out := &p.input[now%peakSeconds], &p.output[now%peakSeconds]
	for _, s := range e.order {
		*in, *out = max(*in, s.inputMemory()), max(*out, s.queued()+s.Waiting())
	}
}

func (p *peaks) most() (in, out int) {
	for i := range peakSeconds {
		in, out = max(in, p.input[i]), max(out, p.output[i])
	}
	return in, out
}
