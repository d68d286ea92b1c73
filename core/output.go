package core

import "tabdis/core/resp"

// output is what a session has been answered: first bytes that may leave, then bytes that wait for the log, oldest first.
//
//	0 … released                may leave
//	released … holds[0].upTo    wait for ticket holds[0].ticket
//	holds[i-1].upTo … holds[i].upTo
//	… w.Len()                   of the turn under way
type output struct {
	w        resp.Writer
	released int
	holds    []hold
	effects  []reply // replies of commands that changed something, not released yet; in order
}

type hold struct {
	upTo   int
	ticket uint64
}

type reply struct{ from, to int }

// notDurable is what a caller hears whose command ran and whose block failed (LOG §6).
func notDurable(err error) []byte {
	var w resp.Writer
	w.Error(resp.Error("NOTDURABLE The command ran, but its effect could not be made durable (" + err.Error() +
		"). It may become durable yet, or be lost by a crash; do not retry blindly."))
	return w.Bytes()
}

// changed notes that what was written since from is the reply of a command that changed something. One that said nothing has none to
// take back: it waits, and will be answered, or nobody wants to hear it.
func (o *output) changed(from int) {
	if o.w.Len() > from {
		o.effects = append(o.effects, reply{from, o.w.Len()})
	}
}

// hold lets all that was written since wait for ticket.
func (o *output) hold(ticket uint64) {
	n := o.w.Len()
	if k := len(o.holds); k > 0 && o.holds[k-1].ticket == ticket {
		o.holds[k-1].upTo = n
		return
	}
	o.holds = append(o.holds, hold{n, ticket})
}

// settle releases what waits for ticket and what waited before it; it tells whether anything may leave now that couldn't.
// A hold on ticket 0 waits for nothing but those before it.
func (o *output) settle(ticket uint64, err error) bool {
	before, n := o.released, 0
	for ; n < len(o.holds) && o.holds[n].ticket <= ticket; n++ {
		if err != nil && (o.holds[n].ticket != 0 || ticket == 0) {
			o.replace(o.holds[n].upTo, notDurable(err))
		}
		o.released = o.holds[n].upTo
	}
	o.holds = append(o.holds[:0], o.holds[n:]...)
	for n = 0; n < len(o.effects) && o.effects[n].to <= o.released; n++ {
	}
	o.effects = append(o.effects[:0], o.effects[n:]...)
	return o.released > before
}

// replace puts text in place of the replies in effects up to limit, and moves what stands behind them.
func (o *output) replace(limit int, text []byte) {
	moved := 0
	for i := range o.effects {
		r := &o.effects[i]
		r.from += moved
		r.to += moved
		if r.to > limit+moved {
			continue
		}
		o.w.Replace(r.from, r.to, text)
		moved += len(text) - (r.to - r.from)
		r.to = r.from + len(text)
	}
	for i := range o.holds {
		o.holds[i].upTo += moved
	}
}

// take forgets n released bytes.
func (o *output) take(n int) {
	if n == o.w.Len() {
		o.w.Release(keptOutput)
	} else {
		o.w.Replace(0, n, nil)
	}
	o.released -= n
	for i := range o.holds {
		o.holds[i].upTo -= n
	}
	for i := range o.effects {
		o.effects[i].from -= n
		o.effects[i].to -= n
	}
}
