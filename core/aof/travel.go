package aof

import (
	"context"
	"errors"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/storage"
)

// Point is a moment in the life of a store: the one behind a block. The zero value is the present.
type Point struct {
	LSN  uint64 // behind this block
	Time int64  // Unix seconds, if LSN is 0: behind the last block that is not of a later second
}

// Reached is where ReadTo came.
type Reached struct {
	LSN, Sum uint64 // of the last block; those of the cut if there is none behind it; 0: a log of Redis's has none
	Time     int64  // of it, Unix seconds; 0: the log does not tell
	File     string // in which it stands
	Offset   int64  // of its end
	Report          // Truncated: a torn end of the present, which is no part of it
	// Behind is what is wrong in the files behind the point; nothing of that was needed.
	Behind error
}

// Generation is what one base and its incr files can be read to.
type Generation struct {
	Base        string // "": the store was born
	Files       int
	Bytes       int64
	InForce     bool // the log; else its history
	First, Last uint64
	// FirstTime and LastTime are Unix seconds; 0: not told.
	FirstTime, LastTime int64
	Err                 error // why it cannot be read further than to Last, or (Last 0) at all
}

// ErrUnreachable: the files that are kept do not lead to that point.
var ErrUnreachable = errors.New("that point cannot be reached")

// ReadTo gives what the store at fs held at a point to to, and RDB data to ks, as Load does of the present. Nothing is changed. It
// begins with the base of the newest generation that begins at the point or before; of generations by time those count that tell
// their time, in the first block behind the base or in the base. What is damaged is refused, unless it lies behind the point. Of cfg count
// Filename, DumpName, Import and SkipFunctions. It parks.
func ReadTo(ctx context.Context, fs storage.FS, cfg *Config, at Point, to Replayer, ks *keyspace.Keyspace, progress func(Progress)) (Reached, error) {
	past, err := openPast(ctx, fs, cfg)
	if err != nil {
		return Reached{}, unreadable(err, 0)
	}
	past.log.ks = ks
	if past.from != nil {
		defer past.from.Close() // it was only read
		return past.readImport(at, to, progress)
	}
	g, doubt, err := past.pick(ctx, at)
	if err != nil {
		return Reached{}, unreadable(err, 0)
	}
	t := &travel{past: past, at: at, limit: past.limit(g), r: past.reader(g), doubt: doubt}
	t.r.a.to = to
	if err := t.open(ctx, progress); err != nil {
		return Reached{}, unreadable(err, 0)
	}
	defer past.log.closeFiles(t.r)
	reached, err := t.read()
	if err == nil {
		err = t.r.judgeSkipped(cfg.SkipFunctions)
	}
	return reached, unreadable(err, t.r.expect)
}

// readImport reads a file of a Redis that has no log.
func (p *past) readImport(at Point, to Replayer, progress func(Progress)) (Reached, error) {
	if at != (Point{}) {
		return Reached{}, p.redis()
	}
	report, err := p.log.newReader(&manifest{}, to).readImport(p.from, 0, progress)
	return Reached{File: p.from.name, Report: report}, err
}

// Generations tells what can be gone back to, oldest first. All files are read and nothing is replayed. It parks.
func Generations(ctx context.Context, fs storage.FS, cfg *Config, progress func(Progress)) ([]Generation, error) {
	past, err := openPast(ctx, fs, cfg)
	if err != nil {
		return nil, unreadable(err, 0)
	}
	if past.from != nil {
		past.from.Close() // it was not even read
	}
	if past.from != nil || !past.m.native {
		return nil, past.redis()
	}
	var all []Generation
	for i := range past.generations {
		all = append(all, past.look(ctx, i, progress))
	}
	return all, nil
}

// past is a log that is looked at.
type past struct {
	m           *manifest
	generations []generation // the last one is in force
	from        *imported    // instead of all: a file of Redis's with which a log would begin
	log         *Log         // to open files
}

// openPast finds what Load would find.
func openPast(ctx context.Context, fs storage.FS, cfg *Config) (*past, error) {
	names, err := fs.List(ctx)
	if err != nil {
		return nil, err
	}
	m, err := readManifest(ctx, fs, cfg.Filename)
	if err != nil {
		return nil, err
	}
	p := &past{m: m, log: &Log{fs: fs, cfg: cfg}}
	if m == nil {
		if err := p.log.noManifest(names); err != nil {
			return nil, err
		}
	}
	unborn := m == nil || (m.native && m.base == nil && len(m.incrs) == 0)
	if unborn || halfUpgraded(m, cfg.Filename, names) {
		if p.from, err = p.log.findImport(ctx, names, unborn); p.from != nil || err != nil {
			return p, err
		}
	}
	if m == nil {
		return nil, &LoadError{Err: storage.ErrNotExist, File: manifestName(cfg.Filename), Offset: -1, Why: "there is no append only file"}
	}
	p.generations = append(append(p.generations, m.history...), generation{m.base, m.incrs})
	return p, nil
}

// limit is the lsn behind which nothing in the files of generation g counts: that of the last block that was appended well, and before the
// next cut.
func (p *past) limit(g int) uint64 {
	if g+1 == len(p.generations) {
		return math.MaxUint64
	}
	limit := p.generations[g+1].cut()
	if incrs := p.generations[g].incrs; len(incrs) > 0 && incrs[len(incrs)-1].last > 0 {
		limit = min(limit, incrs[len(incrs)-1].last)
	}
	return limit
}

// reader reads generation g, as the loader does.
func (p *past) reader(g int) *reader {
	m := *p.m
	if g+1 < len(p.generations) {
		m = manifest{base: p.generations[g].base, incrs: p.generations[g].incrs, native: true}
	}
	return p.log.newReader(&m, nowhere{})
}

func (p *past) unreachable(lsn uint64, why string) error {
	return &LoadError{Err: ErrUnreachable, File: manifestName(p.log.cfg.Filename), Offset: -1, LSN: lsn, Why: why}
}

func (p *past) redis() error {
	return &LoadError{Err: ErrUnsupported, File: manifestName(p.log.cfg.Filename), Offset: -1, Why: "a log that a Redis wrote has no lsn, only its present can be read"}
}

// pick gives the newest generation that begins at the point or before. doubt is why a newer one does not tell when it begins: it may be the
// one that holds the point.
func (p *past) pick(ctx context.Context, at Point) (g int, doubt, err error) {
	last := len(p.generations) - 1
	if at == (Point{}) {
		return last, nil, nil
	}
	if !p.m.native {
		return 0, nil, p.redis()
	}
	oldest := int64(0)
	for g = last; g >= 0; g-- {
		if at.LSN > 0 {
			if p.generations[g].cut() <= at.LSN {
				return g, nil, nil
			}
			continue
		}
		second, err := p.begins(ctx, g)
		switch {
		case err != nil && g == last:
			return 0, nil, err
		case err != nil:
			if doubt == nil {
				doubt = err
			}
		case second == 0: // it has no time that could be told
		case second <= at.Time:
			return g, doubt, nil
		default:
			oldest, doubt = second, nil // it begins later, and so do those behind it
		}
	}
	switch {
	case doubt != nil:
		return 0, nil, doubt
	case at.LSN > 0:
		return 0, nil, p.unreachable(0, "the oldest that is kept is lsn "+utoa(p.generations[0].cut()))
	case oldest == 0:
		return 0, nil, p.unreachable(0, "the log tells no times (aof-timestamp-enabled); name an lsn")
	}
	return 0, nil, p.unreachable(0, "the oldest time that is told is "+utoa(uint64(oldest))+" (Unix seconds)")
}

// begins is the second at which generation g begins; 0: it is not told. The first block behind the cut tells it. If that tells none nobody
// knows when the ones behind it were written, whatever the base tells; if there is none, the base counts.
func (p *past) begins(ctx context.Context, g int) (second int64, err error) {
	r := p.reader(g)
	if err := p.log.openFiles(ctx, r); err != nil {
		return 0, err
	}
	defer p.log.closeFiles(r)
	if len(r.incrs) > 0 {
		s := newSource(r.incrs[0])
		for at := int64(0); at < s.size; {
			_, body, next, ok, err := s.block(at, r.incrs[0].id)
			if err != nil {
				return 0, err
			}
			if !ok {
				break
			}
			if len(body) > 0 { // not a seal
				return stampOf(body), nil
			}
			at = next
		}
	}
	if r.base == nil {
		return 0, nil
	}
	return stampOfBase(r.base)
}

// stampOfBase is the second that a base tells. Whether it is sound is found out when it is read.
func stampOfBase(f *logFile) (int64, error) {
	s := newSource(f)
	if f.isRDB() {
		b, err := s.need(0, 1024)
		return createdAt(b), err
	}
	_, body, _, _, err := s.block(0, f.id)
	return stampOf(body), err
}

// createdAt is the ctime among the first words of RDB data; 0: it is not there.
func createdAt(b []byte) int64 {
	const word = "\xfa\x05ctime\xc2" // and four bytes
	for i := 0; i+len(word)+4 <= len(b); i++ {
		if string(b[i:i+len(word)]) == word {
			n := b[i+len(word):]
			return int64(uint32(n[0]) | uint32(n[1])<<8 | uint32(n[2])<<16 | uint32(n[3])<<24)
		}
	}
	return 0
}

// travel reads one generation up to a point, and what is behind it only to know whether it is sound.
type travel struct {
	past   *past
	r      *reader
	at     Point
	limit  uint64 // blocks behind it do not count
	look   bool   // nothing is replayed
	passed bool   // the point lies behind the reader
	later  bool   // a block was seen that is of a later second
	doubt  error  // of a newer generation, which may hold the second that is wanted
	told   bool   // a block told its time
	to     Reached
}

func (t *travel) open(ctx context.Context, progress func(Progress)) error {
	if err := t.past.log.openFiles(ctx, t.r); err != nil {
		return err
	}
	t.r.telling(progress, t.size())
	t.r.each = t.block
	return nil
}

func (t *travel) size() (n int64) {
	for _, f := range append([]*logFile{t.r.base}, t.r.incrs...) {
		if f != nil {
			n += f.Size()
		}
	}
	return n
}

// block is told of each block behind the base before it is replayed.
func (t *travel) block(f *logFile, h *header, body []byte, next int64) {
	second := stampOf(body)
	t.later = t.later || h.lsn <= t.limit && second > t.at.Time
	if !t.passed && (h.lsn > t.limit || t.at.LSN > 0 && h.lsn > t.at.LSN || t.at.Time > 0 && t.at.LSN == 0 && second > t.at.Time) {
		t.pass()
	}
	if t.passed {
		return
	}
	t.to.LSN, t.to.Sum, t.to.File, t.to.Offset = h.lsn, h.sum, f.name, next
	if second > 0 {
		t.to.Time, t.told = second, true
	} else if !t.told && h.len > 0 {
		t.to.Time = 0
	}
}

// pass: what comes now is no part of the past that is wanted.
func (t *travel) pass() {
	t.passed = true
	t.to.Commands = t.r.a.commands
	t.r.a.to = nowhere{}
}

func (t *travel) read() (Reached, error) {
	r := t.r
	if err := t.readBase(); err != nil {
		return t.to, err
	}
	err := r.readIncrs()
	var unreadable *storage.Error
	if err == nil || errors.As(err, &unreadable) { // else the last block could not be replayed
		t.arrive()
	}
	if err == nil && t.at != (Point{}) {
		if r.foreign {
			err = t.past.redis()
		}
		r.a.to = nowhere{} // what a Redis has appended has no place in time
	}
	if err == nil && !(t.passed && r.expect > t.limit) {
		err = r.verdict()
	}
	commands := t.to.Commands
	if t.to.Report = r.report(t.size()); t.passed {
		t.to.Commands, t.to.Truncated = commands, nil
	}
	switch {
	case err != nil && t.passed:
		t.to.Behind = err
	case err != nil:
		return t.to, err
	}
	return t.to, t.judge()
}

// arrive: the point may be the end of the blocks.
func (t *travel) arrive() {
	if !t.passed && (t.at.LSN > 0 && t.to.LSN == t.at.LSN || t.to.LSN == t.limit) {
		t.pass()
	}
}

// judge tells whether the point was reached when the log has ended without damage.
func (t *travel) judge() error {
	switch history := t.limit < math.MaxUint64; {
	case t.doubt != nil && !t.later:
		return t.doubt
	case history && t.to.LSN < t.limit && !t.passed:
		return t.past.unreachable(t.to.LSN+1, "its generation goes on to lsn "+utoa(t.limit)+", and what is left of it ends behind lsn "+utoa(t.to.LSN))
	case t.at.LSN > t.to.LSN && history:
		return t.past.unreachable(t.at.LSN, "no block of that number is kept; its generation ends with lsn "+utoa(t.to.LSN))
	case t.at.LSN > t.to.LSN:
		return t.past.unreachable(t.at.LSN, "the log ends with lsn "+utoa(t.to.LSN))
	}
	return nil
}

// readBase reads the base. What is only looked at is not replayed, and of RDB data the checksum tells.
func (t *travel) readBase() error {
	r := t.r
	if r.base == nil {
		return nil
	}
	f := r.base
	if t.look && f.id != 0 && f.isRDB() {
		switch whole, err := r.rdbIsWhole(f); {
		case err != nil:
			return err
		case !whole:
			return r.damage(f, 0, 0, "the checksum of the RDB data is wrong")
		}
		r.expect, r.prev = f.cutLSN+1, f.cutSum
	} else if err := r.readBase(); err != nil {
		return err
	}
	second, err := stampOfBase(f)
	t.to.LSN, t.to.Sum, t.to.File, t.to.Offset, t.to.Time = f.cutLSN, f.cutSum, f.name, f.len, second
	return err
}

// look reads generation g through.
func (p *past) look(ctx context.Context, g int, progress func(Progress)) Generation {
	names := p.generations[g]
	out := Generation{Files: len(names.entries()), First: names.cut(), InForce: g+1 == len(p.generations)}
	if names.base != nil {
		out.Base = names.base.name
	}
	t := &travel{past: p, r: p.reader(g), limit: p.limit(g), look: true}
	if out.FirstTime, out.Err = p.begins(ctx, g); out.Err != nil {
		return out
	}
	if out.Err = t.open(ctx, progress); out.Err != nil {
		return out
	}
	defer p.log.closeFiles(t.r)
	out.Bytes = t.size()
	to, err := t.read()
	out.Last, out.LastTime, out.Err = to.LSN, to.Time, err
	return out
}
