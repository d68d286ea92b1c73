package aof

import (
	"context"
	"errors"
	"math"

	"tabdis/core/storage"
)

// mend makes the files what the verdict says they are. A torn tail is set aside, durably, before anything is cut; then what was
// verified but is not proven durable is written again, since it may be in a page cache only, which after a failed sync no new
// sync would write.
func (l *Log) mend(ctx context.Context, r *reader) error {
	if r.cut != nil {
		if err := l.setAside(ctx, r); err != nil {
			return err
		}
	}
	for i := r.end; i < len(r.incrs); i++ {
		at := int64(0)
		if i == r.end {
			at = r.at
		}
		if err := cutFile(ctx, r.incrs[i], at); err != nil {
			return err
		}
	}
	hardened := -1
	for _, p := range r.unproven {
		if p.file != hardened {
			hardened = p.file
			if err := r.incrs[p.file].Harden(ctx, p.at); err != nil {
				return err
			}
		}
	}
	for i, f := range r.incrs {
		f.synced, f.written = f.last, f.last
		if i <= r.end {
			l.chain = append(l.chain, f)
		} else {
			l.spares, l.named = append(l.spares, f), true
		}
	}
	return nil
}

// cutFile cuts what lies behind at. The cut is made durable: bytes that came back would be judged again with other blocks before them.
func cutFile(ctx context.Context, f *logFile, at int64) error {
	if f.Size() == at {
		return nil
	}
	if err := f.Truncate(ctx, at); err != nil {
		return err
	}
	if f.size = f.Size(); f.size != at {
		return storage.Wrap("truncate", f.name, at, errSize)
	}
	return syncFile(ctx, f.File)
}

// setAside copies what is to be cut into files of its own.
func (l *Log) setAside(ctx context.Context, r *reader) error {
	r.cut.Bytes = 0
	if r.torn != nil && r.torn == r.base { // a Redis's, which the fresh base takes the place of
		if err := l.keep(ctx, r, r.base, r.cut.Offset); err != nil {
			return err
		}
	}
	for i := r.end; i < len(r.incrs); i++ {
		f, from := r.incrs[i], int64(0)
		if i == r.end {
			from = r.at
		}
		if f.Size() <= from {
			continue
		}
		if err := l.keep(ctx, r, f, from); err != nil {
			return err
		}
	}
	l.host.Log(Warning, "The append only file "+r.cut.File+" is torn at "+utoa(uint64(r.cut.Offset))+"; "+
		utoa(uint64(r.cut.Bytes))+" bytes are set aside in "+r.cut.Kept)
	return nil
}

func (l *Log) keep(ctx context.Context, r *reader, f *logFile, from int64) error {
	if err := l.dropTails(ctx); err != nil {
		return err
	}
	name, err := copyTail(ctx, l.fs, f, from, r.expect)
	if err != nil {
		return err
	}
	if r.cut.Kept == "" {
		r.cut.Kept = name
	}
	r.cut.Bytes += f.Size() - from
	return nil
}

// copyTail copies the bytes of f behind from to a file "<name>.torn-<lsn>[-<n>]", and makes it durable.
func copyTail(ctx context.Context, fs storage.FS, f *logFile, from int64, lsn uint64) (string, error) {
	name := f.name + ".torn-" + utoa(lsn)
	to, err := fs.Create(ctx, name)
	for n := uint64(2); errors.Is(err, storage.ErrExist); n++ {
		name = f.name + ".torn-" + utoa(lsn) + "-" + utoa(n)
		to, err = fs.Create(ctx, name)
	}
	if err != nil {
		return "", err
	}
	s := newSource(f)
	for at := from; at < s.size && err == nil; {
		var b []byte
		if b, err = s.need(at, chunk); err == nil {
			err = to.Append(b)
			at += int64(len(b))
		}
	}
	if err == nil {
		err = syncFile(ctx, to)
	}
	if shut := to.Close(); err == nil {
		err = shut
	}
	return name, err
}

// sealOpening is the last act of opening: an empty block at the end of the log, and a sync. Only then may anything be answered
// or appended. Behind a fresh base the block has what is known of requests.
func (l *Log) sealOpening(ctx context.Context, requests []byte) error {
	f := l.current()
	if err := l.appendParked(f, l.lsn, requests); err != nil {
		return err
	}
	if err := syncFile(ctx, f.File); err != nil {
		return err
	}
	f.synced, f.written = l.lsn, l.lsn
	return nil
}

// appendParked appends a block of annotations, or of nothing, from the control plane, where an error ends the opening or the closing.
func (l *Log) appendParked(f *logFile, durable uint64, lines []byte) error {
	b, second := l.stamp(f, append(make([]byte, front, front+len(lines)), lines...))
	h := header{file: f.id, at: f.size, lsn: l.lsn + 1, epoch: l.epoch, sync: durable, prev: l.sum}
	text := h.seal(b)
	if err := f.Append(text); err != nil {
		return err
	}
	if f.size += int64(len(text)); f.Size() != f.size {
		return storage.Wrap("append", f.name, f.size, errSize)
	}
	l.lsn, l.sum, l.recorded, f.last = h.lsn, h.sum, h.sync, h.lsn
	if second > 0 {
		l.stamped, f.stamped = second, true
	}
	if f.first == 0 {
		f.first = h.lsn
	}
	return nil
}

// freshBase writes a base of what was loaded, with a new incr file behind it, when the log was a Redis's or a Redis wrote to it.
func (l *Log) freshBase(ctx context.Context) error {
	p := l.plan()
	if err := l.writeFresh(ctx, &p); err != nil {
		return err
	}
	return l.adoptFresh(ctx, &p)
}

// writeFresh makes both files and writes the base. The log in force stays what it is.
func (l *Log) writeFresh(ctx context.Context, p *plan) error {
	if p.prepare(ctx); p.err != nil {
		return p.err
	}
	w := l.newBaseWriter(p.base, func(int, []byte) {})
	// Time stands still: what is past its time is written, and expires later with a DEL in the log.
	snap := l.cut(w, func() int64 { return math.MinInt64 })
	sound := func() bool { return w.fault() == nil }
	for !snap.Step(func() bool { return sound() && w.drain(sound) }) && sound() {
	}
	if !sound() {
		snap.Cancel()
		return w.fault()
	}
	if w.finish(); !sound() {
		return w.fault()
	}
	return syncFile(ctx, p.base.File)
}

// adoptFresh puts them in force.
func (l *Log) adoptFresh(ctx context.Context, p *plan) error {
	lsn, sum := l.lsn, l.sum
	for _, f := range append([]*logFile{l.base}, append(l.chain, l.spares...)...) {
		if f != nil {
			l.doomed = append(l.doomed, f)
		}
	}
	for _, name := range l.man.old { // a Redis says that they are no longer needed; one that is gone may have lent its name to a new one
		if name != p.base.name && name != p.incr.name {
			l.doomed = append(l.doomed, &logFile{entry: entry{name: name}})
		}
	}
	l.chain, l.spares, l.named = []*logFile{p.incr}, nil, false
	var known requestLines
	known.all(l.cfg.Requests)
	if err := l.sealOpening(ctx, known.b); err != nil {
		return err
	}
	p.base.len, p.base.cutLSN, p.base.cutSum = p.base.size, lsn, sum
	l.base = p.base
	base := p.base.entry
	l.man = manifest{base: &base, incrs: []entry{p.incr.entry}, history: l.superseded(p.incr), epoch: l.epoch, native: true}
	return l.fs.Replace(ctx, manifestName(l.cfg.Filename), l.man.encode())
}
