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
	missed bool  // the last try to fill it again found no room, though the platform told of some
	nextAt int64 // when to try to fill it again
}

const (
	ballastSize  = 1 << 20
	ballastEvery = 10000 // ms between tries
)

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
			l.trouble.askAt = 0
			if err != nil {
				l.host.Log(Warning, "Removing "+name+": "+err.Error())
			}
			l.retryAt = l.host.Now() // there is room now
		}
	})
}

// fillBallast makes the ballast when it is missing. As soon as there is room for it, and as much again, it is filled: with less the
// first write behind it would find a full disk once more.
func (l *Log) fillBallast() {
	b := &l.ballast
	roomy := b.given && !b.missed && l.trouble.room.free >= 2*ballastSize
	if b.there || b.busy || l.state != healthy || l.host.Now() < b.nextAt && !roomy {
		return
	}
	b.busy = true
	name, need := ballastName(l.cfg.Filename), int64(ballastSize)
	if b.given {
		need *= 2
	}
	l.job(func(ctx context.Context) func() {
		err := writeBallast(ctx, l.fs, name, need)
		var r space
		if errors.Is(err, storage.ErrQuota) {
			r = askRoom(ctx, l.fs)
		}
		return func() { l.ballastFilled(r, err) }
	})
}

func (l *Log) ballastFilled(r space, err error) {
	given, full := l.ballast.given, errors.Is(err, storage.ErrQuota)
	l.ballast = ballast{there: err == nil, given: given && err != nil, missed: full && r.free >= 2*ballastSize, nextAt: l.host.Now() + ballastEvery}
	switch {
	case err == nil:
		l.clear()
	case !full:
		l.host.Log(Warning, "Filling the ballast: "+err.Error())
	case !given && r.free >= 0 && r.free < 2*ballastSize: // the disk was full before this process; the figure may be a little high
		l.ballastGiven(err)
		l.trouble.room = r
	}
}

// ballastGiven notes that what is left of the disk is for what frees room.
func (l *Log) ballastGiven(err error) {
	l.ballast = ballast{given: true, nextAt: l.host.Now() + ballastEvery}
	l.trouble.cause, l.trouble.quota, l.trouble.room = cause(err), true, unknown
}

// writeBallast fills the file, unless it is there in full already, or less than need is known to be free. A file that could not
// be filled does not stay.
func writeBallast(ctx context.Context, fs storage.FS, name string, need int64) error {
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
	if r := askRoom(ctx, fs); r.free >= 0 && r.free < need {
		return storage.Wrap("create", name, -1, storage.ErrQuota)
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
