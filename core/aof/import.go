package aof

import (
	"context"
	"errors"
	"io"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
)

// Import is a file of Redis's that a store without a log begins with: the single appendonly.aof of a Redis ≤ 6, or a dump.rdb. It is read, and
// never changed.
type Import interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// imported is such a file that was found.
type imported struct {
	Import
	name string
	dump bool // an RDB file, which a redis-server with appendonly yes would not look at
}

// findImport looks among the files of the store, then beside it, for a log and, if told so, for a dump. What cannot be opened is not
// taken for missing.
func (l *Log) findImport(ctx context.Context, names []string, dumps bool) (*imported, error) {
	inside := map[string]bool{}
	for _, name := range names {
		inside[name] = true
	}
	for _, name := range []string{l.cfg.Filename, l.cfg.DumpName} {
		dump := name == l.cfg.DumpName
		if name == "" || dump && !dumps {
			continue
		}
		if inside[name] {
			f, err := l.fs.Open(ctx, name)
			return &imported{Import: f, name: name, dump: dump}, err
		}
		if from, err := openBeside(l.cfg, name); from != nil || err != nil {
			return from, err
		}
	}
	return nil, nil
}

// openBeside opens a file beside the store; nil when there is none.
func openBeside(cfg *Config, name string) (*imported, error) {
	if cfg.Import == nil {
		return nil, nil
	}
	f, err := cfg.Import(name)
	if errors.Is(err, storage.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, storage.Wrap("open", name, -1, err)
	}
	return &imported{Import: f, name: name, dump: name == cfg.DumpName}, nil
}

// halfUpgraded tells that a Redis 7 was stopped between naming the file of a Redis 6 in its manifest and moving it into the directory.
func halfUpgraded(m *manifest, file string, names []string) bool {
	if m.native || m.base == nil || m.base.name != file || len(m.incrs) > 0 {
		return false
	}
	for _, name := range names {
		if name == file {
			return false
		}
	}
	return true
}

// importLog begins the log with what a Redis left. A manifest that names no file comes first: until the one that names the base
// is durable a crash leaves a store that was never born, and the file, which nobody has touched, is imported again.
func (l *Log) importLog(ctx context.Context, m *manifest, names []string, from *imported, to Replayer, progress func(Progress)) (Report, error) {
	r := l.newReader(&manifest{}, to)
	report, err := r.readImport(from, l.host.Now(), progress)
	if err == nil {
		err = l.judge(r)
	}
	if err != nil {
		return report, err
	}
	l.man = manifest{native: true}
	if m != nil {
		l.man.epoch = m.epoch
	}
	l.man.epoch = l.nextEpoch(l.man.epoch)
	l.epoch = l.man.epoch
	if err := l.fs.Replace(ctx, manifestName(l.cfg.Filename), l.man.encode()); err != nil {
		return report, err
	}
	if err := l.freshBase(ctx); err != nil {
		l.closeFiles(r)
		return report, err
	}
	l.turnOn()
	l.removeOrphans(ctx, names)
	l.tellImport(from, &report)
	return report, nil
}

func (l *Log) tellImport(from *imported, report *Report) {
	what := "The append only file begins with " + from.name + ", which stays as it is: "
	switch {
	case from.dump:
		l.host.Log(Warning, "There is no append only file. "+what+utoa(uint64(report.Keys))+" keys are loaded, "+utoa(uint64(report.Expired))+
			" were past their time. (A redis-server would have begun empty.)")
	default:
		l.host.Log(Notice, what+utoa(uint64(report.Keys))+" keys and "+utoa(uint64(report.Commands))+" commands are loaded")
	}
	if t := report.Truncated; t != nil {
		l.host.Log(Warning, from.name+" is torn at "+utoa(uint64(t.Offset))+"; its last "+utoa(uint64(t.Bytes))+" bytes are not loaded")
	}
	tellSkipped(l.host, report)
}

func tellSkipped(host Host, report *Report) {
	if s := &report.Skipped; s.Count > 0 {
		host.Log(Warning, utoa(uint64(s.Count))+" functions or values of modules are left out, since skip-functions is yes, the first in "+
			s.File+" at "+utoa(uint64(s.Offset))+": "+s.String())
	}
}

// readImport reads it by Redis's rules: RDB data, and behind them, but for a dump, commands, the last of which may be torn. The keys of a dump
// that are past their time are left out, those of a log not: their DEL follows.
func (r *reader) readImport(from *imported, now int64, progress func(Progress)) (Report, error) {
	f := &logFile{entry: entry{name: from.name}}
	s := &source{f: from, name: from.name, size: from.Size()}
	r.foreign, r.isDump = true, from.dump
	if from.dump {
		r.now = now
	}
	r.telling(progress, s.size)
	s.read = r.progress(f)
	r.begins(f)
	err := r.readRedis(f, s, true)
	report := r.report(s.size)
	report.Imported = from.name
	if report.Truncated != nil {
		report.Truncated.Kept = from.name
	}
	return report, unreadable(err, 0)
}

// readRedis reads a file of a Redis, which may begin with RDB data.
func (r *reader) readRedis(f *logFile, s *source, last bool) error {
	b, err := s.need(0, int64(room))
	if err != nil {
		return err
	}
	at := int64(0)
	switch {
	case isRDB(b) || r.isDump:
		loaded, err := r.readRDB(f, s, s.size)
		if err != nil {
			return err
		}
		if r.isDump {
			return nil
		}
		at = loaded.Bytes
	case isMark(b):
		return r.damage(f, 0, 0, "it has blocks of a log of tabdis, without its manifest")
	}
	return r.readForeign(f, s, at, last)
}

// LoadDump reads the RDB file Config.DumpName beside the store into ks, where there is one: the data of a server that keeps no log.
func LoadDump(ks *keyspace.Keyspace, cfg *Config, host Host, progress func(Progress)) (Report, error) {
	from, err := openBeside(cfg, cfg.DumpName)
	if from == nil || err != nil {
		return Report{}, unreadable(err, 0)
	}
	defer from.Close() // it was only read
	r := &reader{ks: ks}
	report, err := r.readImport(from, host.Now(), progress)
	if err == nil {
		err = r.judgeSkipped(cfg.SkipFunctions)
	}
	if err == nil {
		tellSkipped(host, &report)
	}
	return report, err
}
