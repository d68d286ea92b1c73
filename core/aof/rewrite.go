package aof

import (
	"context"
	"errors"

	"tabdis/core/storage"
)

// snapshot is keyspace.Snapshot.
type snapshot interface {
	Step(more func() bool) (done bool)
	Cancel()
	Progress() float64
	Copied() int64
}

// rewrite is a base on its way, with the incr file behind it (LOG §7). A fresh base after a failure and the first one of CONFIG SET
// appendonly yes go the same way, except that the incr file is named by no manifest before the base is.
type rewrite struct {
	kind    rewriteKind
	phase   phase
	busy    bool // a job is under way
	started int64
	retryAt int64 // of Replace

	plan           *plan // what the job of step 0 does; its own until it has ended; nil: the history gives way first
	forgot         bool  // by that job: the manifest does not name the oldest generation any more
	base, incr     *logFile
	snap           snapshot
	w              baseWriter
	cutLSN, cutSum uint64
	whole          bool  // the snapshot has given all it had
	synced         int64 // size of the base at its last incremental sync
	pace           pace
	tried          bool // a Replace naming the base was tried: a manifest may name it
}

type rewriteKind uint8

const (
	regular rewriteKind = iota
	fresh               // after a failure
	first               // of a log that was off
)

type phase uint8

const (
	preparing phase = iota // the files are being made
	prepared               // the next Tick cuts
	writing                // slices write the base
	syncing                // base, and first block behind it
	replacing              // the manifest
)

var (
	errInProgress = errors.New("Background append only file rewriting already in progress")
	errOff        = errors.New("The append only file is not enabled")
	errNoBase     = errors.New("the first base of the append only file is not finished")
	errNoFiles    = errors.New("no files are free for a rewrite and for one more base")
)

const (
	// rewriteFiles must be free: base and incr of the rewrite, and those of a fresh base, should a sync fail meanwhile.
	rewriteFiles = 4
)

// Rewriting tells whether a rewrite, or a fresh base, is under way.
func (l *Log) Rewriting() bool { return l.rw != nil }

// Rewrite starts BGREWRITEAOF, or schedules it: if it is to come later, while the log is not sound, or somebody else takes a snapshot.
func (l *Log) Rewrite(later bool) (scheduled bool, err error) {
	switch {
	case !l.on:
		return false, errOff
	case l.rw != nil && l.rw.kind == regular:
		return false, errInProgress
	case later || l.rw != nil || l.naming || l.state != healthy || !l.host.Room(false):
		l.scheduled, l.failures, l.notBefore = true, 0, 0
		return true, nil
	}
	l.failures, l.notBefore = 0, 0
	if l.begin(regular); l.rw == nil {
		return false, errNoFiles
	}
	return false, nil
}

// autoRewrite starts what was scheduled, or what the growth of the log asks for.
func (l *Log) autoRewrite() {
	if l.rw != nil || l.naming || l.state != healthy || !l.host.Room(false) {
		return
	}
	if l.Full() && !l.scheduled {
		l.shrink()
		return
	}
	if l.host.Now() < l.notBefore {
		return
	}
	if l.scheduled {
		l.begin(regular)
		return
	}
	size := l.size() - l.sealBytes
	if l.cfg.RewritePercentage <= 0 || size <= l.cfg.RewriteMinSize {
		return
	}
	base := max(l.growthBase, 1)
	if growth := size*100/base - 100; growth >= int64(l.cfg.RewritePercentage) {
		l.host.Log(Notice, "Starting automatic rewriting of AOF on "+utoa(uint64(growth))+"% growth")
		l.begin(regular)
	}
}

// pooled is a storage.FS of a limited number of files.
type pooled interface{ Free() int }

// begin is step 0: the next incr file is made, its name and (when it joins the chain) the manifest that names it are durable
// before anything is written into it.
func (l *Log) begin(kind rewriteKind) {
	// Two jobs that replace the manifest would end in any order, and the older one might name what the newer one's success has removed.
	if l.naming {
		return
	}
	if l.lacksFiles(kind) {
		if l.giveWay(kind) {
			return
		}
		if kind == regular {
			l.rewriteFailed(errNoFiles.Error())
			return
		}
	}
	l.scheduled = l.scheduled && kind != regular
	rw := &rewrite{kind: kind, busy: true, started: l.host.Now()}
	l.rw = rw
	l.host.Log(Notice, "Background append only file rewriting started")
	l.epoch = max(l.epoch, 1)
	p := l.plan()
	if kind == regular {
		p.chain = l.man.copy()
		l.takeSpare(&p)
		l.naming = true
	}
	rw.plan = &p
	l.job(func(ctx context.Context) func() {
		p.prepare(ctx)
		return func() { l.prepared(rw, &p) }
	})
}

// seqOf is the highest sequence known.
func (l *Log) seqOf(base bool) (seq uint64) {
	see := func(f *entry) {
		if f != nil && base == (len(f.name) > 9 && f.name[len(f.name)-9:len(f.name)-4] == ".base") {
			seq = max(seq, f.seq)
		}
	}
	see(l.man.base)
	for i := range l.man.incrs {
		see(&l.man.incrs[i])
	}
	for _, list := range [][]*logFile{l.chain, l.spares, l.doomed} {
		for _, f := range list {
			see(&f.entry)
		}
	}
	return seq
}

// plan is what step 0 is to do, and what it did.
type plan struct {
	fs               storage.FS
	file             string
	id               func() uint64
	baseSeq, incrSeq uint64
	epoch            uint64
	baseName         func(file string, seq uint64) string
	chain            *manifest // in force; nil: the files join no chain
	base, incr       *logFile
	named            bool // a manifest that names incr is in force
	err              error
}

// plan names the next base and incr file; in which form the base is written is settled here.
func (l *Log) plan() plan {
	p := plan{fs: l.fs, file: l.cfg.Filename, id: l.id, baseSeq: l.seqOf(true) + 1, incrSeq: l.seqOf(false) + 1, epoch: l.epoch, baseName: baseName}
	if l.cfg.RDBPreamble {
		p.baseName = rdbBaseName
	}
	return p
}

// takeSpare uses a file that an earlier try left.
func (l *Log) takeSpare(p *plan) {
	if len(l.spares) > 0 {
		p.incr, p.named = l.spares[0], l.named
		l.spares = l.spares[1:]
	}
}

// prepare makes both files.
func (p *plan) prepare(ctx context.Context) {
	if p.extend(ctx); p.err == nil {
		p.base, p.err = p.create(ctx, p.baseName, p.baseSeq)
	}
}

// extend makes the incr file and, when it joins the chain, has the manifest name it.
func (p *plan) extend(ctx context.Context) {
	if p.incr == nil {
		if p.incr, p.err = p.create(ctx, incrName, p.incrSeq); p.err != nil {
			return
		}
		if p.err = syncFile(ctx, p.incr.File); p.err != nil {
			return
		}
	}
	if p.chain != nil && !p.named {
		p.chain.incrs = append(p.chain.incrs, p.incr.entry)
		p.chain.epoch = p.epoch
		if p.err = p.fs.Replace(ctx, manifestName(p.file), p.chain.encode()); p.err != nil {
			return
		}
		p.named = true
	}
}

// create makes a file of the first free sequence.
func (p *plan) create(ctx context.Context, name func(string, uint64) string, seq uint64) (*logFile, error) {
	for {
		f, err := p.fs.Create(ctx, name(p.file, seq))
		if err == nil {
			return newFile(f, entry{name: name(p.file, seq), seq: seq, id: p.id()}), nil
		}
		if !errors.Is(err, storage.ErrExist) {
			return nil, err
		}
		seq++
	}
}

func (l *Log) prepared(rw *rewrite, p *plan) {
	rw.busy = false
	if rw.kind == regular {
		l.naming = false
	}
	if l.rw == rw && p.err == nil {
		if p.named {
			l.man = *p.chain
		}
		rw.base, rw.incr, rw.phase = p.base, p.incr, prepared
		return
	}
	// Given up, or failed.
	switch {
	case rw.kind == regular:
		l.keepIncr(p)
	case p.incr != nil:
		l.remove(p.incr)
	}
	if p.base != nil {
		l.remove(p.base)
	}
	if l.rw == rw {
		l.abandon(p.err)
	}
}

// keepIncr keeps what extend made. A manifest may name the file, even if Replace gave an error: it is used next time.
func (l *Log) keepIncr(p *plan) {
	if p.named {
		l.man = *p.chain
	}
	switch {
	case p.incr == nil:
	case l.on && l.state != enabling:
		l.spares, l.named = append([]*logFile{p.incr}, l.spares...), p.named
	default:
		l.doomed = append(l.doomed, p.incr)
	}
}

// stepRewrite takes the rewrite on, for at most a slice of time.
func (l *Log) stepRewrite() {
	rw := l.rw
	if rw == nil || rw.busy {
		return
	}
	switch rw.phase {
	case prepared:
		l.cutOver(rw)
	case writing:
		l.writeSlice(rw, l.budget(&rw.pace))
	case syncing:
		l.checkSynced(rw)
	case replacing:
		if l.host.Now() >= rw.retryAt {
			l.replace(rw)
		}
	}
}

// cutOver is step 1, between units: all that was fed is in the old file, the snapshot is cut, and from here on blocks go to the
// new file. The first one stands there even if nothing else follows: what the base stands for ends where it begins.
func (l *Log) cutOver(rw *rewrite) {
	if !l.host.Room(rw.kind == fresh) {
		return
	}
	db := max(l.buf.db, 0)
	if rw.kind == regular {
		if l.state != healthy {
			return
		}
		if l.buf.len() > 0 {
			l.postponed = 0
			l.write()
			l.syncWritten()
		}
		if l.state != healthy || l.rw != rw {
			return
		}
	} else {
		l.doomed = append(append(l.doomed, l.chain...), l.spares...)
		l.chain, l.spares = nil, nil
	}
	now := l.host.Now()
	rw.cutLSN, rw.cutSum = l.lsn, l.sum
	rw.w = l.newBaseWriter(rw.base, l.host.Expire)
	// What is past its time at the cut is left out; what passes it later is written with its time, since a command behind the cut may
	// have given it another one.
	rw.snap = l.cut(rw.w, func() int64 { return now })
	rw.phase = writing
	rw.pace.begin(l)
	l.chain = append(l.chain, rw.incr)
	l.buf.reset()
	l.Begin()
	l.buf.b, l.buf.db = appendSelect(l.buf.b, db), db
	l.End()
	l.buf.requests.all(l.cfg.Requests)
	l.write()
	l.syncWritten()
}

// writeSlice takes the base on until more returns false, or to its end.
func (l *Log) writeSlice(rw *rewrite, more func() bool) {
	l.writeBase(rw, more)
	l.sliceEnded(&rw.pace)
	if err := rw.w.fault(); err != nil {
		l.abandon(err)
		return
	}
	done := rw.phase == syncing
	if size := rw.base.size; done || (l.cfg.RewriteIncrementalSync && size-rw.synced >= syncEvery && rw.base.syncing == 0) {
		rw.synced, rw.base.last = size, uint64(size)
		l.start(opBase, rw.base, false)
	}
}

// writeBase takes the base on until more returns false, and to its end.
func (l *Log) writeBase(rw *rewrite, more func() bool) {
	sound := func() bool { return rw.w.fault() == nil && more() }
	going := func() bool { return sound() && rw.w.drain(sound) } // or all that follows would gather behind it
	if !rw.w.drain(sound) || !rw.whole && !rw.snap.Step(going) {
		return
	}
	if rw.whole = true; !rw.w.drain(sound) || rw.w.fault() != nil {
		return
	}
	l.lastCOW = rw.snap.Copied() + rw.w.kept()
	rw.snap = nil
	rw.w.finish()
	rw.phase = syncing
}

func (l *Log) baseSynced(f *logFile, lsn uint64, err error) {
	if l.rw == nil || l.rw.base != f {
		return
	}
	if err != nil {
		l.abandon(err)
		return
	}
	f.synced = max(f.synced, lsn)
}

// checkSynced is step 3: the base and the first block behind it are durable, whatever the policy. Else a crash would find a base
// and behind it nothing that says whether something was lost.
func (l *Log) checkSynced(rw *rewrite) {
	if rw.base.synced < uint64(rw.base.size) || !l.pastSynced(rw) {
		return
	}
	if f := rw.incr; f.synced <= rw.cutLSN {
		if f.last > rw.cutLSN && f.syncing == 0 && (l.state == healthy || rw.kind != regular) {
			l.start(opSync, f, false)
		}
		if f.synced <= rw.cutLSN || l.rw != rw {
			return
		}
	}
	rw.phase = replacing
	l.replace(rw)
}

// replace is step 4. When it fails nobody knows which manifest is in force: the files of both stay, and it is tried again
// until it succeeds.
func (l *Log) replace(rw *rewrite) {
	base := rw.base.entry
	base.len, base.cutLSN, base.cutSum = rw.base.size, rw.cutLSN, rw.cutSum
	m := manifest{base: &base, incrs: []entry{rw.incr.entry}, history: l.superseded(rw.incr), epoch: l.epoch, native: true}
	rw.busy, rw.tried, l.naming = true, true, true
	name, text := manifestName(l.cfg.Filename), m.encode()
	l.job(func(ctx context.Context) func() {
		err := l.fs.Replace(ctx, name, text)
		return func() { l.replaced(rw, m, err) }
	})
}

func (l *Log) replaced(rw *rewrite, m manifest, err error) {
	rw.busy, l.naming = false, false
	switch {
	case l.rw != rw: // given up meanwhile; its files are among the doomed
	case err != nil:
		l.host.Log(Warning, "Replacing "+manifestName(l.cfg.Filename)+": "+innermost(err)+". It is tried again.")
		l.lastOK = false
		rw.retryAt = l.host.Now() + retryEvery
	default:
		rw.base.entry = *m.base
		l.inForce(rw, m)
	}
}

// inForce: the new manifest holds. What it does not name is removed.
func (l *Log) inForce(rw *rewrite, m manifest) {
	for i, f := range l.chain {
		if f == rw.incr {
			l.doomed = append(l.doomed, l.chain[:i]...)
			l.chain = append([]*logFile(nil), l.chain[i:]...)
			break
		}
	}
	if l.base != nil {
		l.doomed = append(l.doomed, l.base)
	}
	l.doomed = append(l.doomed, l.spares...)
	l.forget(&m)
	l.man, l.base, l.spares, l.named, l.rw = m, rw.base, nil, false, nil
	l.advance(rw.cutLSN)
	l.growthBase, l.sealBytes = l.size(), 0
	l.rewrites++
	l.failures, l.notBefore, l.lastOK = 0, 0, true
	l.lastTime = (l.host.Now() - rw.started) / 1000
	ms := uint64(l.host.Now() - rw.started)
	l.host.Log(Notice, "Background AOF rewrite finished successfully: "+rw.base.name+" of "+utoa(uint64(rw.base.size))+" bytes in "+
		utoa(ms/1000)+"."+utoa(ms%1000/100)+" seconds, "+utoa(uint64(l.lastCOW))+" bytes were copied meanwhile")
	l.removeDoomed()
	switch rw.kind {
	case fresh:
		l.recovered()
	case first:
		l.state = healthy
	}
	l.syncWritten()
	l.settle()
}
