package aof

import (
	"bytes"
	"context"
)

// removeOrphans removes files of ours that are named like the log's and that no manifest names: a crash left them. What is not
// provably ours, or goes on behind the end of the log, stays: it may be all that somebody has.
func (l *Log) removeOrphans(ctx context.Context, names []string) {
	known := map[string]bool{}
	if l.base != nil {
		known[l.base.name] = true
	}
	for _, list := range [][]*logFile{l.chain, l.spares, l.doomed} {
		for _, f := range list {
			known[f.name] = true
		}
	}
	for i := range l.man.history {
		for _, e := range l.man.history[i].entries() {
			known[e.name] = true
		}
	}
	var bases []*logFile
	later := false
	for _, name := range names {
		if _, ok := isLogName(l.cfg.Filename, name); !ok || known[name] || l.man.remembers(name) {
			continue
		}
		orphan, err := l.isOrphan(ctx, name)
		switch {
		case err != nil:
			l.host.Log(Warning, "The manifest does not name "+name+", and it cannot be read: "+err.Error()+". It stays.")
		case orphan && !isIncr(name):
			bases = append(bases, &logFile{entry: entry{name: name}})
		case orphan:
			l.doomed = append(l.doomed, &logFile{entry: entry{name: name}})
		default:
			later = later || isIncr(name)
			l.host.Log(Warning, "The manifest does not name "+name+", and it is not what a crash of tabdis leaves. It stays.")
		}
	}
	if later { // an older manifest is in force, as of a backup: a base may be all that leads to the file that goes on
		for _, f := range bases {
			l.host.Log(Warning, "The manifest does not name "+f.name+", and a file behind it goes on behind the end of the log. It stays.")
		}
	} else {
		l.doomed = append(l.doomed, bases...)
	}
	l.removeDoomed()
}

// isOrphan tells whether a file that no manifest names is what a crash of ours leaves: an empty file, the beginning of a header, a base, or an
// incr file whose first block is older than the end of the log.
func (l *Log) isOrphan(ctx context.Context, name string) (bool, error) {
	f, err := l.fs.Open(ctx, name)
	if err != nil {
		return false, err
	}
	defer f.Close() // it was only read
	s := newSource(&logFile{File: f, entry: entry{name: name}})
	b, err := s.need(0, 4096)
	if err != nil || len(bytes.TrimRight(b, "\x00")) == 0 && s.size <= int64(len(b)) {
		return err == nil, err
	}
	if isRDB(b) {
		return bytes.Contains(b, []byte("\x09"+idWord)), nil // behind its length
	}
	h, _, state := parseHeader(b)
	switch {
	case state == headerShort:
		return true, nil
	case state != headerOK || h.at != 0:
		return false, nil
	}
	return h.lsn <= l.lsn || !isIncr(name), nil
}

func isIncr(name string) bool { return len(name) > 9 && name[len(name)-9:] == ".incr.aof" }
