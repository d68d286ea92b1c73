package aof

import (
	"context"
	"errors"
	"strconv"

	"tabdis/core/storage"
)

// trouble is what those are told who are refused while the log cannot be written, or the disk is full.
type trouble struct {
	cause    string // the platform's words; "": there was none
	quota    bool   // there is no room
	room     space  // as of the last question, asked since it began
	asking   bool
	askAt    int64  // when to ask again
	shrinkAt int64  // when a rewrite may be tried again to get room
	told     string // why the last rewrite failed, as the operator read it
	toldAt   int64
	stuck    error  // of a block or base that found no room though the ballast is gone
	stuckAt  int64  // since when
	stuckLen int    // bytes that waited then
	rollAt   int64  // when another incr file may be tried again
	reached  int64  // bytes of the last base that found no room; 0: none did
	state    string // as INFO has it
	since    int64  // Unix ms
}

// space is what the platform tells of its room, in bytes; -1: not known.
type space struct{ used, free, limit int64 }

var unknown = space{-1, -1, -1}

const (
	askEvery = 1000 // ms between two questions how much room there is
	// openingRoom must be free for an opening: seal, manifest, what it sets aside. With less the ballast is given up first.
	openingRoom = 256 << 10
	// shrinkRoom is what a rewrite takes beside the data: two manifests, the next file's first block, part of a page here and there.
	shrinkRoom = 64 << 10
	// shrinkAnyway is so little data that a base of it is tried whatever the platform tells of its room.
	shrinkAnyway = 128 << 10
	// hopeful is for how many ms it is waited for the ballast's room.
	hopeful = 3000
	// hopeless is after how many ms a fresh base is tried all the same, though it does not look as if there were room for it.
	hopeless = 30000
	// freeingMost is how many bytes may come to wait while what frees room runs: commands that free none must not fill the memory.
	freeingMost = 4 << 20
)

// askRoom parks.
func askRoom(ctx context.Context, fs storage.FS) space {
	if s, ok := fs.(storage.Spacer); ok {
		if used, free, limit, err := s.Space(ctx); err == nil {
			return space{used, free, limit}
		}
	}
	return unknown // no question that matters: the writes themselves tell
}

// blame notes why writes are refused from now on.
//
//go:noinline
func (l *Log) blame(err error) {
	t := &l.trouble
	if t.cause == "" {
		t.room = unknown
	}
	t.cause, t.quota = cause(err), errors.Is(err, storage.ErrQuota)
	l.why = l.reason()
	l.watchRoom()
}

// watchRoom keeps the figures up to date while there is too little.
func (l *Log) watchRoom() {
	t, now := &l.trouble, l.host.Now()
	if !t.quota || t.asking || now < t.askAt || l.why == nil && !l.ballast.given {
		return
	}
	t.asking = true
	l.job(func(ctx context.Context) func() {
		r := askRoom(ctx, l.fs)
		return func() {
			t.asking, t.room, t.askAt = false, r, l.host.Now()+askEvery
			if l.why != nil && t.quota {
				l.why = l.reason()
			}
		}
	})
}

// clear ends the trouble, when all is well again.
func (l *Log) clear() {
	l.trouble.stuck, l.trouble.rollAt, l.trouble.reached = nil, 0, 0
	if l.state == healthy && !l.ballast.given {
		l.trouble.cause, l.trouble.quota = "", false
	}
}

// reason is the text of MISCONF and NOTDURABLE. It begins as Redis's, and goes on with the figures if there is no room.
func (l *Log) reason() error {
	t := &l.trouble
	text := "Errors writing to the AOF file: " + t.cause
	if t.quota {
		text += ": "
		if t.room.free >= 0 && t.room.limit >= 0 {
			text += Human(t.room.free) + " of " + Human(t.room.limit) + " free, "
		}
		text += "the log has " + Human(l.size())
		if l.Freeing() {
			text += "; DEL and FLUSHALL still run, NOTDURABLE"
		}
	}
	return errors.New(text)
}

// Full tells that the disk was full and the ballast is given up: what is left is meant for commands that free room, so those
// that need more had better be refused until it is filled again.
func (l *Log) Full() bool { return l.on && l.ballast.given }

// FullReason is the text of MISCONF for those.
func (l *Log) FullReason() error {
	return errors.New(l.reason().Error() + "; DEL, FLUSHALL, expiry and BGREWRITEAOF still work")
}

// shrink starts a rewrite by itself when the disk is full, the data are much less than the log, and the new base is likely to fit beside
// it: both must be there until the manifest names the new one. After a FLUSHALL, or many DELs, this is what gives the room back.
func (l *Log) shrink() {
	t, now := &l.trouble, l.host.Now()
	if l.data == nil || now < t.shrinkAt {
		return
	}
	data, size := l.data(), l.size()
	if 2*data > size || !l.baseFits() {
		return
	}
	t.shrinkAt = now + ballastEvery
	l.host.Log(Notice, "Starting automatic rewriting of AOF: the disk is full, the log has "+Human(size)+" and the data take "+Human(data))
	l.begin(regular)
}

// baseFits tells that a base of the data is likely to fit beside the log.
func (l *Log) baseFits() bool {
	data := l.data()
	return data <= shrinkAnyway || data+data/2+shrinkRoom <= l.roomLeft()
}

// roomLeft is how much room there is for a base. Where the platform does not tell, it is what the last one found, or else half of what the log has.
func (l *Log) roomLeft() int64 {
	t := &l.trouble
	switch {
	case t.room.free >= 0:
		return t.room.free
	case t.reached > 0:
		return t.reached
	}
	return max(ballastSize, l.size()) / 2
}

// Freeing tells that it is only room that the log lacks, that it has no ballast left to give, and that this has not helped for a while, which
// the platform may have needed to notice. Then what needs no more memory may run though nothing can be written. It is answered NOTDURABLE,
// and a crash may undo it; but when little enough is left in memory, a fresh base ends the trouble: that of a log that is broken already, or
// startAfresh's.
func (l *Log) Freeing() bool {
	t := &l.trouble
	return t.stuck != nil && t.quota && l.host.Now()-t.stuckAt >= hopeful && !l.gone && l.buf.len()-t.stuckLen < freeingMost
}

// noRoom notes that a block, or a fresh base, found no room. It counts as stuck when there is no ballast left to give.
func (l *Log) noRoom(err error) {
	if b, t := &l.ballast, &l.trouble; !b.there && !b.busy {
		if t.stuck == nil {
			t.stuckAt, t.stuckLen = l.host.Now(), l.buf.len()
		}
		t.stuck = err
		l.why = l.reason()
	}
	l.giveBallast()
}

// startAfresh gives up what is stuck, when a base of what is in memory is smaller and looks as if it would fit: behind a block larger than
// all the room there is, a FLUSHALL would otherwise never get the log going again. What was not written was never acknowledged.
// The log in force is sound up to there, and stays in force until the manifest names the base.
func (l *Log) startAfresh() bool {
	if l.trouble.stuck == nil || l.data == nil || !l.baseFits() {
		return false
	}
	waits := int64(l.buf.len())
	for _, f := range l.chain {
		if f.held {
			waits += f.File.(storage.Holder).Held() // 0: it is being sent again, and may arrive yet
		}
	}
	if l.data()/2 >= waits {
		return false
	}
	l.distrust(l.current(), l.trouble.stuck)
	return true
}

// futile tells that a fresh base looks too large for what is free. It is tried now and then all the same.
func (l *Log) futile() bool {
	t := &l.trouble
	if !t.quota || l.data == nil || t.room.free < 0 && t.reached == 0 || l.data()/2 <= l.roomLeft() || l.host.Now() >= l.retryAt+hopeless {
		return false
	}
	if t.stuck == nil {
		l.noRoom(storage.ErrQuota)
	}
	return true
}

// failedFor is why a rewrite ended; if there was no room, how much there would have to be.
func (l *Log) failedFor(rw *rewrite, err error) string {
	why := innermost(err)
	if errors.Is(err, storage.ErrQuota) && rw.base != nil {
		why = cause(err) + ": the new base has to fit beside the old log, which has " + Human(l.size()) + "; " + Human(rw.base.size) + " of it did"
	}
	return why
}

// worthTelling: a fresh base that is tried each second and always fails for the same reason is told of once in a while.
func (l *Log) worthTelling(why string) bool {
	t, now := &l.trouble, l.host.Now()
	if l.state == broken && why == t.told && now-t.toldAt < logEvery {
		return false
	}
	t.told, t.toldAt = why, now
	return true
}

// makeRoom gives the ballast up when there is too little room to open the log. The verdict is known, so something may be changed.
func (l *Log) makeRoom(ctx context.Context, names []string) error {
	ballast := ballastName(l.cfg.Filename)
	for _, name := range names {
		if name != ballast {
			continue
		}
		if r := askRoom(ctx, l.fs); r.free < 0 || r.free >= openingRoom {
			return nil
		}
		l.host.Log(Warning, "The disk is full. The ballast is given up, so that the log can be opened.")
		l.ballastGiven(storage.ErrQuota)
		return l.fs.Remove(ctx, name)
	}
	return nil
}

// condition is the state of the log in a word, and since when, Unix ms.
func (l *Log) condition() (state string, since int64) {
	switch {
	case !l.on:
		state = "off"
	case l.state == broken:
		state = "broken"
	case l.state == enabling:
		state = "enabling"
	case l.state != healthy:
		state = "unwritten"
	case l.ballast.given:
		state = "full"
	default:
		state = "healthy"
	}
	if t := &l.trouble; t.state != state {
		t.state, t.since = state, l.host.Now()
	}
	return state, l.trouble.since
}

// cause is the platform's word for an error, as Redis shows it.
//
//go:noinline
func cause(err error) string {
	s := innermost(err)
	if s != "" && 'a' <= s[0] && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// Human is a number of bytes as Redis shows it to people.
func Human(n int64) string {
	for _, u := range []struct {
		size int64
		name string
	}{{1 << 40, "T"}, {1 << 30, "G"}, {1 << 20, "M"}, {1 << 10, "K"}} {
		if n >= u.size {
			return strconv.FormatFloat(float64(n)/float64(u.size), 'f', 2, 64) + u.name
		}
	}
	return strconv.FormatInt(max(n, 0), 10) + "B"
}
