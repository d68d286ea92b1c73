package aof

import (
	"context"
	"errors"
	"strings"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/storage"
)

// CheckOptions are how a log is checked.
type CheckOptions struct {
	Filename string // appendfilename, which names the manifest
	Single   string // not "": this one file by itself, of no manifest
	// Replay refuses a command that the engine would not replay; nil: all that parse are taken.
	Replay func(args [][]byte) error
	// Keys gives the keys that a command names; nil: no keys are told.
	Keys          func(args [][]byte) [][]byte
	Databases     int   // as many as there may be; at least 16
	Now           int64 // Unix ms; keys of a dump that are past their time are not looked at
	SkipFunctions bool  // as Config has it
	// Import opens a file beside the directory, as Config's does: of a Redis 7 that was stopped while it moved one. nil: there is none.
	Import   func(name string) (Import, error)
	Progress func(Progress)
	Block    func(BlockInfo) // told of each block that continues the log
	Unit     func(*Unit)     // told of each execution unit
	Force    bool            // Unit is told of what stands behind the end, too
}

// Verdict is what a log is worth. Each one is worse than the one before.
type Verdict uint8

// The verdicts, LOG §5.
const (
	VerdictClean      Verdict = iota // loads, and nothing is lost
	VerdictTorn                      // loads; what a crash tore at its end is set aside
	VerdictDamaged                   // refused: bytes that had been durable are not there or not the same
	VerdictUnreadable                // refused: it cannot be read, or not by this version
)

var verdictNames = [...]string{"clean", "torn", "damaged", "unreadable"}

func (v Verdict) String() string { return verdictNames[v] }

// CheckedFile is a file of the directory.
type CheckedFile struct {
	Name, Role, Format      string // base, incr, history, stray, set aside, ballast; blocks, commands, rdb, or ""
	Bytes                   int64  // -1: it is not there
	Read                    int64  // bytes that continue the log
	Blocks, Units, Commands int64
	Keys                    int64  // of RDB data
	First, Last             uint64 // lsn; 0: none
	State                   string
}

// BlockInfo is a block that continues the log.
type BlockInfo struct {
	File                   string
	Offset, Length         int64 // with its header
	LSN, Epoch, Sync       uint64
	Prev, Sum              uint64
	Units, Commands, Stamp int64 // Stamp: of its #TS line, Unix s; 0: none
	Requests               int64 // of clients, that it names
}

// Problem is the first thing that is wrong.
type Problem struct {
	File   string
	Offset int64  // -1: the file as a whole
	LSN    uint64 // expected there; 0: none
	Reason string
	Err    error
	Hint   string // what to do about it; <dir> in it is the directory
	Around []byte // the file's bytes about Offset
	From   int64  // offset of Around
}

// Loss is what Fix would cut.
type Loss struct {
	Bytes, Blocks, Commands int64
	Pieces                  int64    // that are no block, as a crash or damage left them
	Keys                    []string // the first few of those that dropped commands name
	KeyCount                int64    // different ones; MoreKeys: at least so many
	MoreKeys                bool
}

// Salvage is a run of blocks behind the end that are valid by themselves.
type Salvage struct {
	File             string
	Offset           int64
	First, Last      uint64
	Blocks, Commands int64
}

// CheckedManifest is what the manifest says.
type CheckedManifest struct {
	Name          string
	Native        bool // it carries our fields
	Epoch, Sealed uint64
}

// Check is a log that was read, and what was found. Its files stay open until Close.
type Check struct {
	Manifest *CheckedManifest // nil: none, or not readable
	Files    []CheckedFile
	Verdict  Verdict
	Problem  *Problem // nil: none
	End      Place    // where the log ends
	LSN      uint64   // of the last block
	Naked    bool     // a Redis's commands were read: the next opening writes a fresh base
	Slack    int64    // bytes behind blocks that no reader needs and that a Redis refuses
	Loss     Loss
	Repair   FixKind // what Fix would do
	NoRepair string  // why it can do nothing
	Salvage  []Salvage

	ctx     context.Context
	o       CheckOptions
	l       *Log
	m       *manifest
	r       *reader
	host    checkHost
	fixable string // why it cannot be repaired; "": it can
	names   []string
	size    map[string]int64
	reached map[*logFile]int64 // the log was read up to here
	at      *logFile           // the last one that was begun
	counts  map[string]*CheckedFile
	walk    unitWalker
	total   int64
	keys    keySet
	imports *Truncation
	beyond  []entry   // behind a missing file
	rebuilt *manifest // from the files themselves, in place of a broken one
}

// Place is an offset in a file.
type Place struct {
	File   string
	Offset int64
}

// CheckLog reads the log in fs as Load does, by the same code, and changes nothing. An error is one of the storage as a whole;
// what is wrong with the log stands in the Check.
func CheckLog(ctx context.Context, fs storage.FS, o CheckOptions) (*Check, error) {
	c := &Check{ctx: ctx, o: o, size: map[string]int64{}, reached: map[*logFile]int64{}, counts: map[string]*CheckedFile{}}
	c.l = New(fs, c.keyspace(), &Config{Filename: o.Filename, LoadTruncated: true, SkipFunctions: o.SkipFunctions, Import: o.Import}, &c.host)
	c.walk.unit = o.Unit
	var err error
	if c.names, err = fs.List(ctx); err != nil {
		return nil, err
	}
	err = c.prepare()
	if err == nil && c.r != nil {
		err = c.read(c.r)
	}
	if c.r != nil {
		err = unreadable(err, c.r.expect)
	} else {
		err = unreadable(err, 0)
	}
	if shut := ctx.Err(); shut != nil {
		return c, errors.Join(shut, c.Close())
	}
	if err := c.judge(err); err != nil {
		return c, errors.Join(err, c.Close())
	}
	return c, nil
}

// prepare finds the manifest and opens what it names.
func (c *Check) prepare() error {
	if c.o.Single != "" {
		return c.single()
	}
	m, err := readManifest(c.ctx, c.l.fs, c.o.Filename)
	if err == nil && m == nil {
		if err = c.l.noManifest(c.names); err == nil {
			err = &LoadError{Err: ErrNoLog, File: manifestName(c.o.Filename), Offset: -1, Why: "it is not there, and no file of a log is"}
		}
	}
	if err != nil {
		if errors.Is(err, ErrCorrupt) {
			c.rebuild()
		}
		return err
	}
	c.Manifest = &CheckedManifest{Name: manifestName(c.o.Filename), Native: m.native, Epoch: m.epoch, Sealed: m.sealed}
	if m.native && m.base == nil && len(m.incrs) == 0 {
		return nil // a store that was just born
	}
	if halfUpgraded(m, c.o.Filename, c.names) {
		if from, err := c.l.findImport(c.ctx, c.names, false); from != nil || err != nil {
			return c.imported(m, from, err)
		}
	}
	return c.open(m)
}

// open makes the reader of a manifest. Where one of its incr files is not there, what stands before it is read.
func (c *Check) open(m *manifest) error {
	c.m = m
	err := c.openAs(m)
	var gone *LoadError
	if err == nil || !errors.As(err, &gone) || !errors.Is(err, ErrCorrupt) {
		return err
	}
	for i := range m.incrs {
		if m.incrs[i].name != gone.File {
			continue
		}
		if i == 0 && m.base == nil {
			break
		}
		short := m.copy()
		c.beyond = append([]entry{}, m.incrs[i:]...)
		short.incrs = short.incrs[:i]
		if again := c.openAs(short); again != nil {
			return again
		}
		_ = c.read(c.r) // how far it goes; that a file is missing is the first thing to tell
		return err
	}
	c.fixable = "no cut brings back a file that is missing"
	return err
}

// imported reads the file beside the directory that a Redis 7 has named and not yet moved.
func (c *Check) imported(m *manifest, from *imported, err error) error {
	if err != nil {
		return err
	}
	defer from.Close() // it was only read
	c.m, c.fixable = m, from.name+" stands beside the directory: repair it by its own name"
	r := c.newReader(&manifest{})
	c.r = r
	if _, err = r.readImport(from, c.o.Now, c.o.Progress); err == nil {
		err = c.l.judge(r)
	}
	c.imports = r.cut
	c.r = nil
	return err
}

// openAs makes the reader, when all files that m names are there.
func (c *Check) openAs(m *manifest) error {
	r := c.newReader(m)
	err := c.l.openFiles(c.ctx, r)
	if err == nil {
		c.r = r
	}
	return err
}

func (c *Check) newReader(m *manifest) *reader {
	r := c.l.newReader(m, checkReplayer{c})
	r.watch = c
	return r
}

// keyspace is where RDB data are read into, to be forgotten.
func (c *Check) keyspace() *keyspace.Keyspace {
	return keyspace.New(keyspace.Options{Databases: max(c.o.Databases, 16), Seed: 1})
}

// single makes the reader of one file.
func (c *Check) single() error {
	m := &manifest{}
	e := entry{name: c.o.Single, seq: 1}
	if base, ok := c.looksLikeBase(e.name); ok != nil {
		return ok
	} else if base {
		m.base = &e
	} else {
		m.incrs = []entry{e}
	}
	c.m = m
	err := c.openAs(m)
	if err == nil {
		if c.r.isDump = strings.HasSuffix(e.name, ".rdb"); c.r.isDump {
			c.r.now = c.o.Now
		}
	}
	return err
}

// looksLikeBase tells whether a file by itself is a base: an RDB file, or blocks under a base's name.
func (c *Check) looksLikeBase(name string) (bool, error) {
	f, err := c.l.fs.Open(c.ctx, name)
	if err != nil {
		return false, err
	}
	defer f.Close() // nothing was written
	b, err := newSource(&logFile{File: f, entry: entry{name: name}}).need(0, int64(room))
	if err != nil {
		return false, err
	}
	return isRDB(b) || strings.HasSuffix(name, ".rdb") || isMark(b) && strings.HasSuffix(name, ".base.aof"), nil
}

// read is the loader's reading and verdict.
func (c *Check) read(r *reader) error {
	for _, f := range append([]*logFile{r.base}, r.incrs...) {
		if f != nil {
			c.total += f.Size()
		}
	}
	r.telling(c.o.Progress, c.total)
	if err := r.read(); err != nil {
		return err
	}
	return c.l.judge(r)
}

// Close closes the files.
func (c *Check) Close() error {
	var err error
	if c.r != nil {
		for _, f := range append([]*logFile{c.r.base}, c.r.incrs...) {
			if f != nil {
				err = errors.Join(err, f.Close())
			}
		}
		c.r = nil
	}
	return err
}

// checkReplayer counts, and refuses what the engine would.
type checkReplayer struct{ c *Check }

func (checkReplayer) Ahead([][]byte) {}

func (t checkReplayer) Replay(args [][]byte) error {
	if err := t.c.ctx.Err(); err != nil {
		return err
	}
	if t.c.o.Replay == nil {
		return nil
	}
	return t.c.o.Replay(args)
}

// file, block and naked are the watcher of the reader.
func (c *Check) file(f *logFile) {
	c.at = f
	c.reached[f] = 0
	c.count(f.name)
	c.walk.newFile(f.name)
}

func (c *Check) block(f *logFile, at int64, h header, body []byte) {
	n := c.count(f.name)
	n.Format = "blocks"
	if n.First == 0 {
		n.First = h.lsn
	}
	n.Last = h.lsn
	n.Blocks++
	end := at + h.length()
	c.walk.stamp = 0
	units, commands := c.walk.whole(body, h.lsn, end-int64(len(body)))
	n.Units, n.Commands = n.Units+units, n.Commands+commands
	c.at, c.reached[f] = f, end
	if f != c.r.base {
		c.LSN = h.lsn
	}
	if c.o.Block != nil {
		c.o.Block(BlockInfo{File: f.name, Offset: at, Length: h.length(), LSN: h.lsn, Epoch: h.epoch, Sync: h.sync, Prev: h.prev, Sum: h.sum,
			Units: units, Commands: commands, Stamp: c.walk.stamp, Requests: c.walk.requests})
	}
}

func (c *Check) naked(f *logFile, at int64, b []byte) {
	n := c.count(f.name)
	if n.Format == "" {
		n.Format = "commands"
	}
	units, commands := c.walk.whole(b, 0, at)
	n.Units, n.Commands = n.Units+units, n.Commands+commands
	c.at, c.reached[f] = f, at+int64(len(b))
	c.Naked = true
}

func (c *Check) rdb(f *logFile, found rdb.Loaded) {
	n := c.count(f.name)
	n.Format, n.Keys = "rdb", found.Keys
	c.at, c.reached[f] = f, found.Bytes
	if c.o.Unit != nil {
		c.showRDB(f)
	}
	c.r.ks = c.keyspace()
}

func (c *Check) count(name string) *CheckedFile {
	n := c.counts[name]
	if n == nil {
		n = &CheckedFile{Name: name}
		c.counts[name] = n
	}
	return n
}

// length is the number of bytes of the block.
func (h *header) length() int64 {
	var line [room]byte
	return int64(len(h.appendTo(line[:0]))+tail) + h.len
}

// checkHost is the engine of a log that has none: what the log would tell the operator is kept.
type checkHost struct{ lines []string }

func (h *checkHost) Go(job func(context.Context)) { job(context.Background()) }
func (h *checkHost) Post(fn func())               { fn() }
func (h *checkHost) Log(_ Level, msg string)      { h.lines = append(h.lines, msg) }
func (h *checkHost) Expire(int, []byte)           {}
func (h *checkHost) Settled(uint64, error)        {}
func (h *checkHost) Room(bool) bool               { return false }
func (h *checkHost) Now() int64                   { return 0 }
