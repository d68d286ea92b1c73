package aof

import (
	"context"
	"strconv"
	"strings"
)

// dropTails gives up the tails that were set aside first where a storage has few files: with the new one kept, a rewrite, and
// a fresh base after a failure, must still find theirs. Else the tenth torn tail of a store would be its end: opened never again, or
// never rewritten. Nobody was promised what is in them.
func (l *Log) dropTails(ctx context.Context) error {
	p, ok := l.fs.(pooled)
	if !ok || p.Free() > rewriteFiles {
		return nil
	}
	names, err := l.fs.List(ctx)
	if err != nil {
		return err
	}
	for p.Free() <= rewriteFiles {
		i := oldestTail(l.cfg.Filename, names)
		if i < 0 {
			return nil
		}
		if err := l.fs.Remove(ctx, names[i]); err != nil {
			return err
		}
		l.host.Log(Warning, "Removed "+names[i]+", which was set aside long ago, since files are few")
		names = append(names[:i:i], names[i+1:]...)
	}
	return nil
}

// oldestTail is the place of the tail of this log with the lowest lsn, -1 if there is none.
func oldestTail(file string, names []string) (oldest int) {
	oldest = -1
	var lowest uint64
	for i, name := range names {
		log, tail, ok := strings.Cut(name, ".torn-")
		if _, ours := isLogName(file, log); !ok || !ours {
			continue
		}
		number, _, _ := strings.Cut(tail, "-")
		if lsn, err := strconv.ParseUint(number, 10, 64); err == nil && (oldest < 0 || lsn < lowest) {
			oldest, lowest = i, lsn
		}
	}
	return oldest
}
