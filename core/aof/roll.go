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
	if t.stuck == nil || t.rolled || !ok || !s.GrowsInSteps() || l.current().held {
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
		t.rolled = true
		return false
	case len(l.spares) > 0 && l.named:
		l.goOn()
		return false
	}
	if p, ok := l.fs.(pooled); ok && p.Free()+len(l.spares) < rewriteFiles-1 { // those of a fresh base stay free
		t.rolled = true
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
			t.rolled = p.err != nil
			l.retryAt = l.host.Now()
		}
	})
	return true
}

// goOn puts the next file behind the chain. A file begins in database 0, and what waits begins where the last block ended.
func (l *Log) goOn() {
	f := l.spares[0]
	l.host.Log(Notice, "There is no room for "+l.current().name+" to grow. The log goes on in "+f.name)
	l.spares, l.trouble.stuck = l.spares[1:], nil
	l.chain = append(l.chain, f)
	if l.buf.from > 0 {
		l.append(f, appendSelect(make([]byte, front, front+32), l.buf.from))
	}
}
