package aof

import (
	"tabdis/core/keyspace"
	"tabdis/core/rdb"
)

// reader reads the log in the manifest's order (LOG §5.2) and applies it.
type reader struct {
	a      applier
	ks     *keyspace.Keyspace // what RDB data are read into
	m      *manifest
	base   *logFile
	incrs  []*logFile
	tell   func(file string, bytes, commands int64)
	plan   Planner // nil: nobody plans
	total  int64   // bytes that there are to read
	ran    int64   // and whose commands have run
	expect uint64  // the lsn that comes next
	prev   uint64
	each   func(f *logFile, h *header, body []byte, next int64) // told of a block before it is applied; nil: nobody is
	anyone bool                                                 // without our manifest: the first block tells where the numbers begin

	proven   uint64 // every block up to here was durable once
	epoch    uint64
	stamped  int64   // second that the log told last
	unproven []place // blocks behind proven, in order

	end     int   // the file in which the log ends
	at      int64 // and where
	foreign bool  // commands of a Redis were read: a fresh base is due
	cut     *Truncation
	torn    *logFile // cut by Redis's rules
	left    Skipped  // functions and what modules keep
	keys    int64    // of RDB data
	expired int64    // keys of RDB data that were left out
	isDump  bool
	now     int64 // Unix ms: keys of RDB data that are past their time then are left out; 0: none is

	watch watcher // nil, but for check-aof and cat-aof

	requests *Requests // which blocks name; nil: they are read, and forgotten
}

// watcher is told what is read, in order. Slices are valid during the call.
type watcher interface {
	file(f *logFile)                                   // reading of a file begins
	block(f *logFile, at int64, h header, body []byte) // a block that continues the log was applied
	naked(f *logFile, at int64, units []byte)          // whole units without a block were
	rdb(f *logFile, found rdb.Loaded)                  // RDB data stand in the keyspace
}

// place is where a block stands.
type place struct {
	file int
	lsn  uint64
	at   int64
}

//go:noinline
func (r *reader) damage(f *logFile, at int64, lsn uint64, why string) error {
	return &LoadError{Err: ErrCorrupt, File: f.name, Offset: at, LSN: lsn, Why: why, dump: r.isDump}
}

func (r *reader) source(f *logFile) *source {
	s := newSource(f)
	s.read = r.progress(f)
	return s
}

//go:noinline
func (r *reader) begins(f *logFile) {
	if r.watch != nil {
		r.watch.file(f)
	}
}

func (r *reader) progress(f *logFile) func(n int64) {
	if r.tell == nil {
		return nil
	}
	return func(n int64) { r.tell(f.name, n, r.a.commands) }
}

// readBase reads a base. Nothing of it may be missing or different.
func (r *reader) readBase() error {
	f := r.base
	s := r.source(f)
	r.begins(f)
	b, err := s.need(0, int64(room))
	if err != nil {
		return err
	}
	switch {
	case f.id == 0 && !isMark(b): // Redis's
		r.foreign = true
		return r.readRedis(f, s, r.lastWithBytes(-1))
	case isRDB(b):
		return r.readRDBBase(f, s)
	}
	if err := r.adopt(f, s); err != nil {
		return err
	}
	want := f.len
	if f.len == 0 && r.anyone {
		want = s.size
	}
	if s.size < want {
		return r.damage(f, s.size, 0, "the base is shorter than the manifest says")
	}
	at, lsn, prev, closed := int64(0), uint64(1), uint64(0), false
	for at < want {
		h, body, next, ok, err := s.block(at, f.id)
		if err != nil {
			return err
		}
		if !ok || h.lsn != lsn || h.prev != prev || h.sync != 0 || next > want || closed {
			return r.damage(f, at, lsn, "a block of the base is not what was written")
		}
		if err := r.applyBlock(f, body, at, next, h.lsn); err != nil {
			return err
		}
		if r.watch != nil {
			r.watch.block(f, at, h, body)
		}
		at, lsn, prev, closed = next, lsn+1, h.sum, h.len == 0
		r.stamped = max(r.stamped, stampOf(body))
		r.epoch = max(r.epoch, h.epoch)
	}
	if !closed {
		return r.damage(f, at, lsn, "the base has no last block")
	}
	r.behind(f)
	return nil
}

// behind is where the log goes on behind a base. By the time that a manifest named it the block there was durable (LOG §7.3): if that is not
// there, the end of the log is damage, however clean it looks.
func (r *reader) behind(base *logFile) {
	r.expect, r.prev = base.cutLSN+1, base.cutSum
	if !r.anyone {
		r.prove(r.expect)
	}
}

// adopt takes the id of a file from its first block where the manifest gives none. A block that does not prove itself names no file: all behind it
// would be another's.
func (r *reader) adopt(f *logFile, s *source) error {
	if f.id != 0 {
		return nil
	}
	b, err := s.need(0, int64(room))
	if err != nil {
		return err
	}
	h, _, _ := parseHeader(b)
	_, _, _, ok, err := s.block(0, h.file)
	if err == nil && !ok {
		err = r.damage(f, 0, 0, "its first block is broken")
	}
	if err == nil {
		f.id = h.file
	}
	return err
}

// applyBlock applies the units of a block that has proven itself.
func (r *reader) applyBlock(f *logFile, body []byte, at, next int64, lsn uint64) error {
	r.a.file, r.a.from = f.name, next-int64(len(body))
	if _, ok := r.requests.read(body); !ok {
		return &LoadError{Err: joined{ErrCorrupt, errRequests}, File: f.name, Offset: at, LSN: lsn, Why: errRequests.Error()}
	}
	used, state, err := r.a.units(body)
	if err != nil {
		return r.refused(f, at, lsn, err)
	}
	if state != parseOK || used != len(body) {
		return r.damage(f, at, lsn, "the block holds what is no command")
	}
	r.ranTo(next - at)
	return nil
}

// ranTo counts bytes whose commands have run.
func (r *reader) ranTo(bytes int64) {
	if r.ran += bytes; r.plan != nil {
		r.plan.Ran(r.ran, r.total)
	}
}

// readIncrs reads the incr files block by block, to the end of the log.
func (r *reader) readIncrs() error {
	for i, f := range r.incrs {
		s := r.source(f)
		r.begins(f)
		if err := r.a.newFile(); err != nil {
			return err
		}
		b, err := s.need(0, int64(room))
		if err != nil {
			return err
		}
		if f.id == 0 && len(b) > 0 {
			if !isMark(b) {
				r.foreign, r.end, r.at = true, i, s.size
				if err := r.readForeign(f, s, 0, r.lastWithBytes(i)); err != nil {
					return err
				}
				continue
			}
			if err := r.adopt(f, s); err != nil {
				return err
			}
		}
		at, err := r.readBlocks(i, s)
		if err != nil {
			return err
		}
		r.end, r.at = i, at
		if i+1 == len(r.incrs) {
			break
		}
		on, err := r.continues(i+1, at, s)
		if err != nil {
			return err
		}
		if !on {
			break
		}
	}
	return nil
}

// continues tells whether the log goes on at the start of file i; what lies between is slack then.
func (r *reader) continues(i int, at int64, before *source) (bool, error) {
	last := r.incrs[i-1]
	for r.incrs[i].id == 0 && r.incrs[i].Size() == 0 { // a Redis's, whose rewrite failed before it wrote anything
		if i++; i == len(r.incrs) {
			return false, nil
		}
	}
	f := r.incrs[i]
	s := newSource(f)
	b, err := s.need(0, int64(room))
	if err != nil {
		return false, err
	}
	if f.id == 0 {
		if isMark(b) {
			if err := r.adopt(f, s); err != nil {
				return false, err
			}
		} else if at == before.size {
			return true, nil // Redis's own next file
		} else {
			return true, r.foreignBetween(last, at, before)
		}
	}
	h, _, _, ok, err := s.block(0, f.id)
	return ok && h.lsn == r.expect && h.prev == r.prev, err
}

// foreignBetween reads what a Redis appended to one of our files before it began its own.
func (r *reader) foreignBetween(f *logFile, at int64, s *source) error {
	r.foreign = true
	return r.readForeign(f, s, at, false)
}

// readBlocks reads the blocks of file i as long as they continue the log, and gives the place behind them.
func (r *reader) readBlocks(i int, s *source) (at int64, err error) {
	f := r.incrs[i]
	for at < s.size {
		h, body, next, ok, err := s.block(at, f.id)
		if err != nil {
			return at, err
		}
		if ok && r.anyone {
			r.expect, r.prev, r.anyone = h.lsn, h.prev, false
		}
		if !ok || h.lsn != r.expect || h.prev != r.prev {
			return at, nil
		}
		if r.each != nil {
			r.each(f, &h, body, next)
		}
		if err := r.applyBlock(f, body, at, next, h.lsn); err != nil {
			return at, err
		}
		if r.watch != nil {
			r.watch.block(f, at, h, body)
		}
		if f.first == 0 {
			f.first = h.lsn
		}
		f.last, r.stamped = h.lsn, max(r.stamped, stampOf(body))
		r.prove(h.sync)
		if h.lsn > r.proven {
			r.unproven = append(r.unproven, place{i, h.lsn, at})
		}
		at, r.expect, r.prev = next, r.expect+1, h.sum
		r.epoch = max(r.epoch, h.epoch)
	}
	return at, nil
}

// prove forgets the places of blocks that were durable.
func (r *reader) prove(lsn uint64) {
	if lsn <= r.proven {
		return
	}
	r.proven = lsn
	n := 0
	for n < len(r.unproven) && r.unproven[n].lsn <= lsn {
		n++
	}
	if r.unproven = r.unproven[n:]; len(r.unproven) == 0 {
		r.unproven = nil
	}
}

//go:noinline
func (r *reader) lastWithBytes(i int) bool {
	for _, f := range r.incrs[i+1:] {
		if f.Size() > 0 {
			return false
		}
	}
	return true
}

// readForeign reads commands without blocks by Redis's rules: # lines are skipped, a torn end may be cut in the last file, a
// torn MULTI at its MULTI.
func (r *reader) readForeign(f *logFile, s *source, at int64, last bool) error {
	window := int64(chunk)
	for at < s.size {
		b, err := s.need(at, window)
		if err != nil {
			return err
		}
		r.a.file, r.a.from = f.name, at
		used, state, err := r.a.units(b)
		if err != nil {
			return r.refused(f, r.a.unit, 0, err)
		}
		if r.watch != nil {
			r.watch.naked(f, at, b[:used])
		}
		r.ranTo(int64(used))
		at += int64(used)
		switch {
		case state == parseMark: // no Redis writes one
			return r.damage(f, at, r.expect, "a block of tabdis stands here, and what is before it is none")
		case state == parseBad:
			return r.damage(f, at, 0, "it holds what is no command")
		case at == s.size:
			return nil
		case used > 0:
			window = chunk
		case at+int64(len(b)) < s.size:
			window *= 2 // a unit that is longer
		case !last:
			return r.damage(f, at, 0, "it ends inside of a command, and other files follow")
		default:
			r.cut, r.torn = &Truncation{File: f.name, Offset: at, LSN: r.expect, Bytes: s.size - at}, f
			r.at = at
			return nil
		}
	}
	return nil
}
