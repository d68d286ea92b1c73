package aof

import (
	"context"
	"errors"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
)

// WriteStore makes a clean store of what ks holds, in fs, where there is no log: a base, the incr file behind it with its seal, and last, when
// both are durable, the manifest. A crash before that leaves log files without a manifest, which no tabdis opens. The lsn goes on behind the
// point that was reached. After an error what was made stays. It parks.
func WriteStore(ctx context.Context, fs storage.FS, file string, ks *keyspace.Keyspace, at Reached) error {
	names, err := fs.List(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := isLogName(file, name); ok || name == manifestName(file) {
			return storage.Wrap("create", name, -1, storage.ErrExist)
		}
	}
	l := newStore(fs, file, ks, at)
	l.epoch = 1
	return l.writeStore(ctx)
}

// ReplaceStore makes what ks holds the content of the store in fs, whatever is there: a store, a damaged one, or none. At once: the manifest that
// names the new files alone is what puts them in force, and takes the old ones out of it. A crash before that leaves the old store as
// it was, or, where there was none, one that is empty; what is left of the new files then, the next opening removes. It parks.
func ReplaceStore(ctx context.Context, fs storage.FS, file string, ks *keyspace.Keyspace, at Reached) error {
	names, err := fs.List(ctx)
	if err != nil {
		return err
	}
	l := newStore(fs, file, ks, at)
	old, err := l.readOldLog(ctx, file, 1)
	switch {
	case errors.Is(err, ErrCorrupt): // what it says does not count; what it names stays until the new one is in force
		l.epoch = l.nextEpoch(0)
	case err != nil:
		return err
	case old.m != nil: // the lsn goes on behind that of the old one: what is left of it is older than all that is new
		l.takeOld(old)
		if l.man.history = nil; l.lsn != at.LSN {
			l.sum = 0
		}
	default:
		l.epoch = l.nextEpoch(0)
		if l.noManifest(names) == nil { // as create does: no crash leaves what looks like a damaged store
			m := manifest{native: true, epoch: l.epoch}
			if err := fs.Replace(ctx, manifestName(file), m.encode()); err != nil {
				return err
			}
		}
	}
	l.doomed = nil // all of the log's names are removed below
	if err = l.writeStore(ctx); err != nil {
		return err
	}
	for _, name := range names { // the names are from before
		if _, ok := isLogName(file, name); ok {
			_ = fs.Remove(ctx, name) // what stays is found at the next opening
		}
	}
	return nil
}

// HoldsStore tells whether there is a store in fs, be it damaged.
func HoldsStore(ctx context.Context, fs storage.FS, file string) (bool, error) {
	names, err := fs.List(ctx)
	if err != nil {
		return false, err
	}
	m, err := readManifest(ctx, fs, file)
	switch {
	case errors.Is(err, ErrCorrupt):
		return true, nil
	case err != nil:
		return false, err
	case m != nil:
		return !m.native || m.base != nil || len(m.incrs) > 0, nil // else it was never born
	}
	l := &Log{cfg: &Config{Filename: file}}
	return l.noManifest(names) != nil, nil
}

func newStore(fs storage.FS, file string, ks *keyspace.Keyspace, at Reached) *Log {
	l := New(fs, ks, &Config{Filename: file, Timestamps: at.Time > 0}, nobody{})
	l.lsn, l.sum, l.stamped = at.LSN, at.Sum, at.Time
	return l
}

// writeStore writes a base, the incr file behind it, and the manifest, and closes them.
func (l *Log) writeStore(ctx context.Context) error {
	err := l.freshBase(ctx)
	if err == nil {
		err = l.sealManifest(ctx)
	}
	for _, f := range append(l.chain, l.base) {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// nobody is the Host of a log that is written in one go, at no time but its own.
type nobody struct{}

func (nobody) Go(job func(context.Context)) { job(context.Background()) }
func (nobody) Post(fn func())               { fn() }
func (nobody) Log(Level, string)            {}
func (nobody) Expire(int, []byte)           {}
func (nobody) Settled(uint64, error)        {}
func (nobody) Room(bool) bool               { return true }
func (nobody) Now() int64                   { return 0 }
