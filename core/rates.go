package core

import "strconv"

// rates tell INFO how much there was of late: the mean of the last samples, each of ratePeriod.
type rates struct {
	at                      int64 // when the last sample ended, Unix ms
	commands, input, output rate
}

type rate struct {
	last    int64 // what the counter stood at
	samples [rateSamples]int64
	next    int
}

const (
	ratePeriod  = 100 // ms
	rateSamples = 16
)

// measure takes a sample, or as many as fit into a longer time.
func (r *rates) measure(now int64, s *stats) {
	took := now - r.at
	if took < ratePeriod {
		return
	}
	r.at = now
	r.commands.add(s.commands, took)
	r.input.add(s.netInput, took)
	r.output.add(s.netOutput, took)
}

func (r *rate) add(count, took int64) {
	perSecond := (count - r.last) * 1000 / took
	r.last = count
	for range min(took/ratePeriod, rateSamples) {
		r.samples[r.next] = perSecond
		r.next = (r.next + 1) % rateSamples
	}
}

func (r *rate) mean() (n int64) {
	for _, s := range r.samples {
		n += s
	}
	return n / rateSamples
}

// kilobytes is the mean in KB.
func (r *rate) kilobytes() string { return strconv.FormatFloat(float64(r.mean())/1024, 'f', 2, 64) }
