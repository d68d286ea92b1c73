package aof

import "context"

// shorten writes a fresh base at opening where a storage has few files and the chain has taken those that a rewrite needs. Each rewrite
// that a kill cuts short leaves one incr file in the chain, and none is started that leaves no files for a fresh base (LOG §7.0): a tab that
// was killed in ten rewrites had a log that could never be rewritten again, and grew until the disk was full. At opening nothing is
// being written, so no failed sync can ask for the files that are left.
//
// Until Replace the log in force is the one that was read, whole and hardened. If the base cannot be written the log goes on with that one.
func (l *Log) shorten(ctx context.Context) (done bool, err error) {
	if len(l.chain) < 2 || !l.lacksFiles(regular) || l.lacksFiles(fresh) || len(l.man.history) > 0 {
		return false, nil // a history gives way by itself
	}
	l.host.Log(Notice, "Files are few, and the append only file is made of "+utoa(uint64(len(l.chain)))+" increments: a fresh base takes their place")
	p := l.plan()
	if err := l.writeFresh(ctx, &p); err != nil {
		l.host.Log(Warning, "The fresh base could not be written: "+innermost(err)+". The log goes on as it is, and cannot be rewritten")
		for _, f := range []*logFile{p.base, p.incr} {
			if f != nil {
				l.doomed = append(l.doomed, f)
			}
		}
		return false, nil
	}
	return true, l.adoptFresh(ctx, &p)
}
