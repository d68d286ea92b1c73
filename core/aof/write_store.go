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
	l := New(fs, ks, &Config{Filename: file, Timestamps: at.Time > 0}, nobody{})
	l.lsn, l.sum, l.stamped, l.epoch = at.LSN, at.Sum, at.Time, 1
	if err = l.freshBase(ctx); err == nil {
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
