package core

import (
	"context"

	"tabdis/core/aof"
)

// host is the engine as the log sees it.
type host struct{ e *Engine }

func (h host) Go(job func(ctx context.Context)) { h.e.opts.Go(func() { job(h.e.ctx) }) }
func (h host) Post(job func())                  { h.e.post(job) }
func (h host) Log(level aof.Level, msg string)  { h.e.logLine(level, msg) }
func (h host) Now() int64                       { return h.e.now }

// Expire is told of a key that the snapshot met past its time. The table must not change under the snapshot's feet, so
// the key goes at the end of the turn (by LOG §7.2 its DEL has to be in the log before the base, which lacks it, is in force).
func (h host) Expire(db int, key []byte) {
	h.e.expired = append(h.e.expired, expiredKey{db, append([]byte(nil), key...)})
}

func (h host) Settled(ticket uint64, err error) {
	for _, s := range h.e.order {
		s.settle(ticket, err)
	}
}

func (e *Engine) logLine(level aof.Level, msg string) {
	if level >= e.config.loglevel {
		e.opts.Log(level, msg)
	}
}
