package crash

import (
	"slices"
	"strconv"
)

// waiter is a session that waits inside of a command, for one key.
type waiter struct {
	*client
	answer *answer
	key    string
	until  int64 // Unix ms; 0: for ever
}

// blocking tells whether a command may wait.
func blocking(name string) bool { return name == "BLPOP" || name == "BLMOVE" || name == "BZPOPMIN" }

// wait lets the session of an answer wait. Whether it has to is seen when those who wait are served.
func (w *world) wait(a *answer) {
	words := a.request.commands[0]
	b := &waiter{client: w.clientOf(a), answer: a, key: words[1]}
	if seconds, _ := strconv.ParseFloat(words[len(words)-1], 64); seconds > 0 {
		b.until = w.now + int64(seconds*1000)
	}
	w.waiting = append(w.waiting, b)
}

// waits tells whether session i waits inside of a command.
func (w *world) waits(i int) bool {
	c := w.client(i)
	if len(c.waiting) > 0 && c.waiting[len(c.waiting)-1].request.commands[0][0] == "WAITAOF" {
		return true
	}
	return slices.ContainsFunc(w.waiting, func(b *waiter) bool { return b.client == c })
}

// timeOut ends the waits whose time is over: that happens before anything else in a turn. It tells whether there were any.
func (w *world) timeOut() bool {
	n := len(w.waiting)
	w.waiting = slices.DeleteFunc(w.waiting, func(b *waiter) bool {
		over := b.until != 0 && b.until <= w.now
		if over {
			b.answer.want, b.answer.seen = []string{"*-1\r\n"}, len(w.states)-1
		}
		return over
	})
	return len(w.waiting) < n
}

// serve gives those who wait what is there for them, in the order of their coming; it gives the answers of those who were served.
func (w *world) serve(s *state) (served []*answer) {
	*s = s.at(w.now)
	w.waiting = slices.DeleteFunc(w.waiting, func(b *waiter) bool {
		v, there := s[b.db][b.key]
		switch {
		case !there:
			return false
		case b.answer.refused: // what forbids a command forbids to serve it, too
			return true
		}
		b.answer.want, b.answer.changed, b.answer.policy = []string{s.pop(b, v)}, true, w.policy
		served = append(served, b.answer)
		return true
	})
	return served
}

// pop executes what was waited for.
func (s *state) pop(b *waiter, v value) (reply string) {
	keys, words := s[b.db], b.answer.request.commands[0]
	if words[0] == "BZPOPMIN" {
		least, score := "", 0
		for m, text := range v.items {
			if n, _ := strconv.Atoi(text); least == "" || n < score || n == score && m < least {
				least, score = m, n
			}
		}
		s.collection(keys, b.key, "ZREM", []string{least})
		return "*3\r\n" + bulk(b.key) + bulk(least) + bulk(strconv.Itoa(score))
	}
	reply, _ = s.list(keys, b.key, "LPOP", nil)
	if words[0] == "BLPOP" {
		return "*2\r\n" + bulk(b.key) + reply
	}
	s.list(keys, words[2], "RPUSH", []string{v.list[0]})
	return reply
}
