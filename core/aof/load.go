package aof

import (
	"context"
	"errors"
	"strings"

	"tabdis/core/storage"
)

// Load opens the log of the store, or begins one, and gives every command to to, in order; a command of a MULTI comes
// without MULTI and EXEC, after its whole unit was verified. SELECT comes too. It parks; nothing else may run meanwhile.
// Then the log is on.
func (l *Log) Load(ctx context.Context, to Replayer, progress func(Progress)) (Report, error) {
	names, err := l.fs.List(ctx)
	if err != nil {
		return Report{}, unreadable(err, 0)
	}
	m, err := readManifest(ctx, l.fs, l.cfg.Filename)
	if err != nil {
		return Report{}, unreadable(err, 0)
	}
	if m == nil {
		if err := l.noManifest(names); err != nil {
			return Report{}, err
		}
	}
	unborn := m == nil || (m.native && m.base == nil && len(m.incrs) == 0)
	if unborn || halfUpgraded(m, l.cfg.Filename, names) {
		if l.cfg.Importer != nil {
			if report, ok, err := l.cfg.Importer.begin(l, ctx, m, names, to, progress); ok || err != nil {
				return report, err
			}
		} else if holds(names, l.cfg.Filename) {
			return Report{}, &LoadError{Err: ErrUnsupported, File: l.cfg.Filename, Offset: -1, Why: "the single file of a Redis 6 or older is not read here",
				hint: "Nothing was changed. Let tabdis serve, or a Redis 7, make a log of it"}
		}
	}
	if unborn {
		l.tellOthers(names)
		return Report{Created: m == nil}, l.create(ctx, m)
	}
	r := l.newReader(m, to)
	r.requests = l.cfg.Requests
	if err := l.openFiles(ctx, r); err != nil {
		return Report{}, unreadable(err, 0)
	}
	report, err := l.open(ctx, r, names, progress)
	if err != nil {
		l.closeFiles(r)
	}
	return report, err
}

// halfUpgraded tells that a Redis 7 was stopped between naming the file of a Redis 6 in its manifest and moving it into the directory.
func halfUpgraded(m *manifest, file string, names []string) bool {
	return !m.native && m.base != nil && m.base.name == file && len(m.incrs) == 0 && !holds(names, file)
}

func holds(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// tellOthers warns of logs of other names, since a new one is about to be begun beside them: as by Redis, the name is taken at its word.
func (l *Log) tellOthers(names []string) {
	for _, name := range names {
		if other, ok := strings.CutSuffix(name, ".manifest"); ok && other != l.cfg.Filename {
			l.host.Log(Warning, "There is no log of the name "+l.cfg.Filename+", and a new one is begun. Beside it stands "+other+": is appendfilename another one?")
		}
	}
}

//go:noinline
func (l *Log) newReader(m *manifest, to Replayer) *reader {
	r := &reader{m: m, expect: 1, proven: m.sealed, epoch: m.epoch, anyone: !m.native, ks: l.ks, a: applier{to: to}}
	r.a.left = &r.left
	if l.ks != nil {
		r.a.databases = l.ks.Databases()
	}
	return r
}

// noManifest: log files without a manifest are damage, never a new store.
func (l *Log) noManifest(names []string) error {
	for _, name := range names {
		if _, ok := isLogName(l.cfg.Filename, name); ok {
			return &LoadError{Err: ErrCorrupt, File: name, Offset: -1, Why: "there is no " + manifestName(l.cfg.Filename) + " beside it"}
		}
	}
	return nil
}

// readManifest reads the manifest; nil when there is none.
func readManifest(ctx context.Context, fs storage.FS, file string) (*manifest, error) {
	name := manifestName(file)
	f, err := fs.Open(ctx, name)
	if errors.Is(err, storage.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	s := newSource(&logFile{File: f, entry: entry{name: name}})
	text, err := s.need(0, s.size)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, &LoadError{Err: ErrCorrupt, File: name, Offset: -1, Why: err.Error()}
	}
	return m, nil
}

// create begins a new log. The first manifest names no file: a crash before the second one leaves a store that is empty, not one
// that looks damaged.
func (l *Log) create(ctx context.Context, m *manifest) error {
	l.man = manifest{native: true, epoch: l.nextEpoch(0)}
	if m != nil {
		l.man.epoch = l.nextEpoch(m.epoch)
	}
	l.epoch = l.man.epoch
	name := manifestName(l.cfg.Filename)
	if err := l.fs.Replace(ctx, name, l.man.encode()); err != nil {
		return err
	}
	p := plan{fs: l.fs, file: l.cfg.Filename, id: l.id}
	f, err := p.create(ctx, incrName, 1)
	if err != nil {
		return err
	}
	l.chain = []*logFile{f}
	if err := l.sealOpening(ctx, nil); err != nil {
		return err
	}
	l.man.incrs = []entry{f.entry}
	if err := l.fs.Replace(ctx, name, l.man.encode()); err != nil {
		return err
	}
	l.turnOn()
	return nil
}

// nextEpoch is the number of this leadership: the storage's, where it keeps one, else the next one.
//
//go:noinline
func (l *Log) nextEpoch(last uint64) uint64 {
	if s, ok := l.fs.(interface{ Epoch() uint64 }); ok {
		return s.Epoch()
	}
	return last + 1
}

func (l *Log) openFiles(ctx context.Context, r *reader) error {
	open := func(e entry) (*logFile, error) {
		f, err := l.fs.Open(ctx, e.name)
		if errors.Is(err, storage.ErrNotExist) {
			err = &LoadError{Err: ErrCorrupt, File: e.name, Offset: -1, Why: "the manifest names it, and it is not there"}
		}
		switch {
		case errors.Is(err, storage.ErrOpen):
			err = &LoadError{Err: ErrCorrupt, File: e.name, Offset: -1, Why: "the manifest names it twice"}
		case errors.Is(err, storage.ErrName):
			err = &LoadError{Err: ErrUnsupported, File: e.name, Offset: -1, Why: "files have names of letters, digits, '.', '-' and '_' here",
				hint: "Nothing was changed. Give the file another name, and the manifest too"}
		}
		if err != nil {
			return nil, err
		}
		return newFile(f, e), nil
	}
	var err error
	if r.m.base != nil {
		r.base, err = open(*r.m.base)
	}
	for i := 0; i < len(r.m.incrs) && err == nil; i++ {
		var f *logFile
		if f, err = open(r.m.incrs[i]); err == nil {
			r.incrs = append(r.incrs, f)
		}
	}
	if err != nil {
		l.closeFiles(r)
	}
	return err
}

func (l *Log) closeFiles(r *reader) {
	for _, f := range append([]*logFile{r.base}, r.incrs...) {
		if f != nil {
			f.Close() // nothing of it will be used
		}
	}
	l.chain, l.base = nil, nil
}

// open reads, judges, and makes the log ready for its first append.
func (l *Log) open(ctx context.Context, r *reader, names []string, progress func(Progress)) (Report, error) {
	var report Report
	var total int64
	for _, f := range append([]*logFile{r.base}, r.incrs...) {
		if f != nil {
			total += f.Size()
		}
	}
	r.telling(progress, total)
	if err := r.read(); err != nil {
		return report, unreadable(err, r.expect)
	}
	report = r.report(total)
	if err := l.judge(r); err != nil {
		return report, err
	}
	l.man, l.loaded = *r.m, true
	l.epoch = l.nextEpoch(r.epoch)
	l.lsn, l.sum, l.stamped = r.expect-1, r.prev, r.stamped
	l.base = r.base
	if r.base != nil {
		l.base.size = r.base.Size()
	}
	if err := l.makeRoom(ctx, names); err != nil {
		return report, err
	}
	if err := l.mend(ctx, r); err != nil {
		return report, err
	}
	if r.foreign || !r.m.native || len(l.chain) == 0 {
		if err := l.freshBase(ctx); err != nil {
			return report, err
		}
	} else if shorter, err := l.shorten(ctx); err != nil {
		return report, err
	} else if !shorter {
		// The manifest that was read may be in a cache only, after a Replace whose end nobody saw. An older one that comes back would
		// miss what is acknowledged from here on, and name files that are about to be removed.
		l.man.epoch = l.epoch
		if err := l.fs.Replace(ctx, manifestName(l.cfg.Filename), l.man.encode()); err != nil {
			return report, err
		}
		if err := l.sealOpening(ctx, nil); err != nil {
			return report, err
		}
	}
	l.turnOn()
	l.warnOfHistory(names)
	l.removeOrphans(ctx, names)
	tellSkipped(l.host, &report)
	return report, nil
}

// judge refuses what was read whole if the parameters do not want it. Nothing is changed before it.
func (l *Log) judge(r *reader) error {
	if r.cut != nil && !l.cfg.LoadTruncated {
		return &LoadError{Err: ErrTruncated, File: r.cut.File, Offset: r.cut.Offset, LSN: r.cut.LSN, Why: "aof-load-truncated is no, and what stands there is incomplete"}
	}
	return r.judgeSkipped(l.cfg.SkipFunctions)
}

// telling tells progress how far the reading has come, and who plans.
func (r *reader) telling(progress func(Progress), total int64) {
	r.total = total
	r.plan, _ = r.a.to.(Planner)
	if progress == nil {
		return
	}
	var done int64
	r.tell = func(file string, n, commands int64) {
		done += n
		progress(Progress{File: file, Bytes: done, TotalBytes: total, Commands: commands})
	}
}

func (r *reader) report(bytes int64) Report {
	return Report{Commands: r.a.commands, Keys: r.keys, Expired: r.expired, Bytes: bytes, Truncated: r.cut, Skipped: r.left}
}

// read reads everything and comes to the verdict.
func (r *reader) read() error {
	if r.base != nil {
		if err := r.readBase(); err != nil {
			return err
		}
	}
	if err := r.readIncrs(); err != nil {
		return err
	}
	return r.verdict()
}

// turnOn lets the log be written.
func (l *Log) turnOn() {
	l.on, l.loaded, l.state, l.wroteLastOK = true, true, healthy, true
	l.lastData, l.durable = l.lsn, l.lsn
	l.outstanding, l.settled = l.lsn, l.lsn
	l.growthBase = l.size()
	l.lastSync, l.syncCalled = l.host.Now(), l.host.Now()
	l.buf.db = -1
	l.buf.reset()
	l.fillBallast()
}
