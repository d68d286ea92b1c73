package aof

import (
	"context"

	"tabdis/core/storage"
)

// rollLeast is the size, in bytes, below which a file that cannot grow tells that another one would not do better.
const rollLeast = 64 << 10

// rollOver goes on in another incr file when a block is stuck that the one in use may have no room for only because that would take a large
// step (storage.Stepper). The files are those of step 0 of a rewrite, and the chain is one that a rewrite which failed leaves: the name is
// durable, and the manifest names it, before anything is appended to it; the block before is the last of the file before, which was cut back
// to there. So a crash at any moment leaves one chain of whole blocks. It tells whether a job for that is under way.
func (l *Log) rollOver() bool {
	t := &l.trouble
	s, ok := l.fs.(storage.Stepper)
	if t.stuck == nil || l.host.Now() < t.rollAt || !ok || !s.GrowsInSteps() || l.current().held {
		return false
	}
	if rw := l.rw; rw != nil { // its base takes room, and its manifest would not name what comes behind
		if !rw.tried {
			l.abandon(t.stuck)
		}
		return false
	}
	switch {
	case l.naming:
		return true
	case l.current().size < rollLeast:
		return false
	case len(l.spares) > 0 && l.named:
		l.goOn()
		return false
	}
	if p, ok := l.fs.(pooled); ok && p.Free()+len(l.spares) < rewriteFiles+2 { // besides the new one: a rewrite's, and the ballast's
		return false
	}
	p := l.plan()
	p.chain = l.man.copy()
	l.takeSpare(&p)
	l.naming = true
	l.job(func(ctx context.Context) func() {
		p.extend(ctx)
		return func() {
			l.naming = false
			l.keepIncr(&p)
			if l.retryAt = l.host.Now(); p.err != nil {
				t.rollAt = l.retryAt + ballastEvery
			}
		}
	})
	return true
}

// goOn puts the next file behind the chain. A file begins in database 0, and what waits begins in that of the last block's end: its SELECT is
// part of the same block, so that neither is there without the other.
func (l *Log) goOn() {
	f := l.spares[0]
	l.host.Log(Notice, "There is no room for "+l.current().name+" to grow. The log goes on in "+f.name)
	l.spares, l.trouble.stuck = l.spares[1:], nil
	l.chain = append(l.chain, f)
	switch b := &l.buf; {
	case b.len() == 0:
		b.db = -1
		b.reset()
	case b.from > 0:
		waits := b.b[front:]
		b.b = append(appendSelect(make([]byte, front, len(b.b)+32), b.from), waits...)
		b.from = 0
	}
}
