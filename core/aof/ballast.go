package aof

import (
	"context"
	"errors"

	"tabdis/core/storage"
)

// The ballast is 1 MiB of written bytes in a file of its own. When the disk is full it is given up, so that what frees room
// (DEL, FLUSHALL, expiry, a rewrite) can be logged although nothing else fits. It is filled again when there is room.
type ballast struct {
	there  bool
	given  bool // given up, and not filled again yet
	busy   bool
	nextAt int64 // when to try to fill it again
}

const (
	ballastSize  = 1 << 20
	ballastEvery = 10000 // ms between tries
)

// Full tells that the disk was full and the ballast is given up: what is left is meant for commands that free room, so those
// that need more had better be refused until it is filled again.
func (l *Log) Full() bool { return l.on && l.ballast.given }

func (l *Log) giveBallast() {
	if !l.ballast.there || l.ballast.busy {
		return
	}
	l.ballast.busy = true
	name := ballastName(l.cfg.Filename)
	l.host.Log(Warning, "The disk is full. The ballast is given up, so that what frees room can be logged.")
	l.job(func(ctx context.Context) func() {
		err := l.fs.Remove(ctx, name)
		return func() {
			l.ballast = ballast{given: true, nextAt: l.host.Now() + ballastEvery}
			if err != nil {
				l.host.Log(Warning, "Removing "+name+": "+err.Error())
			}
			l.retryAt = l.host.Now() // there is room now
		}
	})
}

// fillBallast makes the ballast when it is missing.
func (l *Log) fillBallast() {
	if l.ballast.there || l.ballast.busy || l.state != healthy || l.host.Now() < l.ballast.nextAt {
		return
	}
	l.ballast.busy = true
	name := ballastName(l.cfg.Filename)
	l.job(func(ctx context.Context) func() {
		err := writeBallast(ctx, l.fs, name)
		return func() {
			l.ballast = ballast{there: err == nil, given: l.ballast.given && err != nil, nextAt: l.host.Now() + ballastEvery}
			if err != nil && !errors.Is(err, storage.ErrQuota) {
				l.host.Log(Warning, "Filling the ballast: "+err.Error())
			}
		}
	})
}

// writeBallast fills the file, unless it is there in full already. A file that could not be filled does not stay.
func writeBallast(ctx context.Context, fs storage.FS, name string) error {
	if f, err := fs.Open(ctx, name); err == nil {
		size := f.Size()
		if err := f.Close(); err != nil || size == ballastSize {
			return err
		}
		if err := fs.Remove(ctx, name); err != nil {
			return err
		}
	} else if !errors.Is(err, storage.ErrNotExist) {
		return err
	}
	f, err := fs.Create(ctx, name)
	if err != nil {
		return err
	}
	chunk := make([]byte, 64<<10)
	for i := range chunk {
		chunk[i] = byte(i*7 + i>>8)
	}
	for n := 0; n < ballastSize && err == nil; n += len(chunk) {
		err = f.Append(chunk)
	}
	if err == nil {
		err = syncFile(ctx, f)
	}
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err != nil {
		if gone := fs.Remove(ctx, name); gone != nil {
			return errors.Join(err, gone)
		}
	}
	return err
}
