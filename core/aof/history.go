package aof

import (
	"context"
	"errors"

	"tabdis/core/storage"
)

// aof-history-keep: what a rewrite supersedes is kept, so many generations of it, to go back to what the store once held (travel.go). The
// manifest names them in lines of ours, oldest first, each base before its incr files:
//
//	# tabdis-history file appendonly.aof.1.incr.aof seq 1 type i id 77ab… len 5120 last-lsn 40
//	# tabdis-history file appendonly.aof.1.base.aof seq 1 type b id 9c1f… len 88211 cut-lsn 40 cut-sum 5f2e…
//	# tabdis-history file appendonly.aof.2.incr.aof seq 2 type i id 0b3d… len 70411 last-lsn 93
//
// Redis skips them. (Its own lines of type h would make it remove the files.) A store is born without a base: so may be the oldest generation.
//
// A generation is the log from the cut of its base to the cut of the next one, and nothing in its files counts from there on. The log in
// force needs none of them, and no rule of opening looks at one: a file that is missing or damaged shortens how far back one can go.
//
//   - A rewrite's old files end where the next base begins. They are durable to that end before the manifest calls them history, whatever
//     appendfsync says: a power cut would else make a hole in what one can go back to.
//   - A fresh base after a failed sync holds more than the blocks before it: what was executed while the log was in its error state. The
//     files that are not trusted any more may hold bytes of a block that failed, whose number was given once more. So a generation is read to
//     the last block that was appended well (last-lsn), and no further than to the next cut; lsn n is what memory held last under that
//     number, at the cut the new base. Numbers that went to files of a fresh base that failed as well lead nowhere.
//   - CONFIG SET appendonly yes begins a generation as well. What changed while the log was off is in its base and in no block. Of a log
//     that this process has not read the last lsn is looked for before, so that no number is given twice.
//   - FLUSHALL is a block like others: what it emptied is one lsn back, in the same generation.
//   - What a Redis has appended or rewritten has no lsn. A generation that it appended to ends with the last block of ours. A manifest that it wrote
//     names no history; then the files are orphans, and go.
//
// Files of generations that are not kept are removed when a Replace that does not name them has succeeded.
type generation struct {
	base  *entry // nil: the store was born
	incrs []entry
}

const historyMark = "# tabdis-history "

// cut is the lsn from which on it tells what the store held.
func (g *generation) cut() uint64 {
	if g.base == nil {
		return 0
	}
	return g.base.cutLSN
}

// entries are all of its files.
//
//go:noinline
func (g *generation) entries() []entry {
	if g.base == nil {
		return g.incrs
	}
	return append([]entry{*g.base}, g.incrs...)
}

func (g *generation) appendTo(b []byte) []byte {
	if g.base != nil {
		b = g.base.appendTo(append(b, historyMark...), 'b')
	}
	for i := range g.incrs {
		e := &g.incrs[i]
		b = e.appendTo(append(b, historyMark...), 'i')
		b = appendInt(append(b[:len(b)-1], " len "...), uint64(e.len))
		if e.last > 0 {
			b = appendInt(append(b, " last-lsn "...), e.last)
		}
		b = append(b, '\n')
	}
	return b
}

// parseHistory reads the pairs of a line of ours.
func (m *manifest) parseHistory(line string) error {
	m.native = true
	e, kind, err := m.parsePairs(line)
	if err != nil {
		return err
	}
	if e.id == 0 {
		return errors.New("a file of the history has no id")
	}
	n := len(m.history)
	switch kind {
	case "b":
		if n > 0 && m.history[n-1].cut() > e.cutLSN {
			return errors.New("history out of order")
		}
		m.history = append(m.history, generation{base: &e})
	case "i":
		if n == 0 {
			m.history, n = append(m.history, generation{}), 1
		}
		g := &m.history[n-1]
		if k := len(g.incrs); k > 0 && g.incrs[k-1].seq >= e.seq {
			return errors.New("history out of order")
		}
		g.incrs = append(g.incrs, e)
	default:
		return errors.New("unknown type of file")
	}
	return nil
}

// remembers tells whether the history names this file.
//
//go:noinline
func (m *manifest) remembers(name string) bool {
	for i := range m.history {
		for _, e := range m.history[i].entries() {
			if e.name == name {
				return true
			}
		}
	}
	return false
}

// superseded is the history of the manifest to come, in which next begins the log behind its base. It holds no more generations
// than are kept, nor more files than leave room for the next rewrite, where there are only so many.
func (l *Log) superseded(next *logFile) []generation {
	all := append([]generation(nil), l.man.history...)
	if g, ok := l.inForceNow(next); ok {
		all = append(all, g)
	}
	if n := len(all) - l.cfg.HistoryKeep; n > 0 {
		all = all[n:]
	}
	p, ok := l.fs.(pooled)
	if !ok || len(all) == 0 {
		return all
	}
	goes := map[string]bool{}
	for _, f := range append(append(append([]*logFile{l.base}, l.chain...), l.spares...), l.doomed...) {
		if f != nil {
			goes[f.name] = true
		}
	}
	for i := range l.man.history {
		for _, e := range l.man.history[i].entries() {
			goes[e.name] = true
		}
	}
	delete(goes, next.name)
	free := p.Free() + len(goes)
	for i := range all {
		free -= len(all[i].entries())
	}
	for free < rewriteFiles && len(all) > 0 {
		l.host.Log(Notice, "The history of the append only file gives way: "+all[0].text()+" is not kept, since files are few")
		free += len(all[0].entries())
		all = all[1:]
	}
	return all
}

//go:noinline
func (g *generation) text() string { return "the generation from lsn " + utoa(g.cut()) + " on" }

// inForceNow is what the manifest in force names, without next and what is empty. Files of a Redis have no place in a history.
func (l *Log) inForceNow(next *logFile) (g generation, ok bool) {
	if !l.man.native {
		return g, false
	}
	if l.man.base != nil {
		if l.man.base.id == 0 {
			return g, false
		}
		base := *l.man.base
		g.base = &base
	}
	for _, e := range l.man.incrs {
		l.account(&e)
		switch {
		case e.id == 0:
			return g, false
		case e.name == next.name, e.len == 0:
			continue
		}
		g.incrs = append(g.incrs, e)
	}
	return g, g.base != nil || len(g.incrs) > 0
}

// account gives an incr file of the manifest in force its size and last block, if it is open or was.
//
//go:noinline
func (l *Log) account(e *entry) {
	for _, list := range [][]*logFile{l.chain, l.spares, l.doomed} {
		for _, f := range list {
			if f.name == e.name && f.File != nil {
				e.len, e.last = f.size, f.last
			}
		}
	}
}

// accountAll keeps the accounts of files that are about to be closed, for a history.
func (l *Log) accountAll() {
	for i := range l.man.incrs {
		l.account(&l.man.incrs[i])
	}
}

// forget dooms the files of the history in force that m does not name.
func (l *Log) forget(m *manifest) {
	for i := range l.man.history {
		for _, e := range l.man.history[i].entries() {
			if !m.remembers(e.name) {
				l.doomed = append(l.doomed, &logFile{entry: e})
			}
		}
	}
}

// keepRemembered closes the doomed files that the history names, and takes them from the list.
func (l *Log) keepRemembered() {
	var shut, goes []*logFile
	for _, f := range l.doomed {
		switch {
		case !l.man.remembers(f.name):
			goes = append(goes, f)
		case f.File != nil:
			shut = append(shut, f)
		}
	}
	if l.doomed = goes; len(shut) == 0 {
		return
	}
	l.job(func(context.Context) func() {
		var failed error
		for _, f := range shut {
			failed = errors.Join(failed, f.Close())
		}
		if failed == nil {
			return nil
		}
		return func() { l.host.Log(Warning, "Closing files of the log: "+failed.Error()) }
	})
}

// pastSynced tells whether the files that become history are durable to their end, and syncs them. Should that fail they are as little
// trusted as ever after a failed sync.
func (l *Log) pastSynced(rw *rewrite) bool {
	if l.cfg.HistoryKeep == 0 || rw.kind != regular {
		return true
	}
	whole := true
	for _, f := range l.chain {
		if f == rw.incr || l.rw != rw {
			break
		}
		if f.synced < f.last && f.syncing == 0 && l.state == healthy {
			l.start(opSync, f, false)
		}
		whole = whole && f.synced >= f.last
	}
	return whole && l.rw == rw
}

// lacksFiles tells that there are too few for a rewrite: base and incr, and for a regular one those of a fresh base, too.
func (l *Log) lacksFiles(kind rewriteKind) bool {
	p, ok := l.fs.(pooled)
	if !ok {
		return false
	}
	if kind == regular {
		return p.Free()+len(l.spares) < rewriteFiles
	}
	return p.Free() < 2
}

// giveWay removes the oldest generation, so that a rewrite of this kind has files. The log in force stays the same: the manifest says again what
// it said, without that generation, and only then its files go. It tells whether there was one.
func (l *Log) giveWay(kind rewriteKind) bool {
	if len(l.man.history) == 0 {
		return false
	}
	oldest, m := l.man.history[0], l.man.copy()
	m.history = m.history[1:]
	l.host.Log(Notice, "The history of the append only file gives way: "+oldest.text()+" is removed, since files are few")
	rw := &rewrite{kind: kind, busy: true, started: l.host.Now()}
	l.rw, l.naming = rw, true
	name, text := manifestName(l.cfg.Filename), m.encode()
	l.job(func(ctx context.Context) func() {
		err := l.fs.Replace(ctx, name, text)
		rw.forgot = err == nil
		for _, e := range oldest.entries() {
			if rw.forgot {
				if gone := l.fs.Remove(ctx, e.name); !errors.Is(gone, storage.ErrNotExist) {
					err = errors.Join(err, gone)
				}
			}
		}
		return func() {
			l.naming = false
			if rw.forgot {
				l.man.history = m.history
			}
			if l.rw != rw {
				return
			}
			if l.rw = nil; err != nil {
				l.retryAt = l.host.Now() + retryEvery
				l.rewriteFailed(innermost(err))
				return
			}
			l.begin(kind)
		}
	})
	return true
}

// nowhere takes commands that are only looked at.
type nowhere struct{}

func (nowhere) Replay([][]byte) error { return nil }
func (nowhere) Ahead([][]byte)        {}

// lastBlock looks in a log that was not loaded for the last lsn that it gave, and the last second that it told, as far as it can be read.
// It gives the files of m their accounts.
func (l *Log) lastBlock(ctx context.Context, m *manifest) (lsn uint64, second int64) {
	old := &Log{fs: l.fs}
	r := old.newReader(m, nowhere{})
	if !m.native || old.openFiles(ctx, r) != nil {
		return 0, 0
	}
	defer old.closeFiles(r)
	if r.base != nil {
		r.expect, r.prev = r.base.cutLSN+1, r.base.cutSum
	}
	_ = r.readIncrs() // what can be read counts
	for i, f := range r.incrs {
		m.incrs[i].len, m.incrs[i].last = f.Size(), f.last
	}
	return r.expect - 1, r.stamped
}

// warnOfHistory names the files of the history that are not there.
func (l *Log) warnOfHistory(names []string) {
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for i := range l.man.history {
		for _, e := range l.man.history[i].entries() {
			if !there[e.name] {
				l.host.Log(Warning, "A file of the append only file's history is missing: "+e.name+". What the log holds is not affected; "+
					l.man.history[i].text()+" cannot be gone back to.")
			}
		}
	}
}

// historyStats are how many generations are kept, their bytes, and the oldest lsn that one can go back to.
func (l *Log) historyStats() (generations int, bytes int64, oldest uint64) {
	for i := range l.man.history {
		for _, e := range l.man.history[i].entries() {
			bytes += e.len
		}
	}
	if n := len(l.man.history); n > 0 {
		return n, bytes, l.man.history[0].cut()
	}
	if l.man.base != nil {
		oldest = l.man.base.cutLSN
	}
	return 0, 0, oldest
}
