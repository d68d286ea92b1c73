package aof

import (
	"errors"
	"sort"
	"strings"
)

// ErrNoLog: there is nothing that could be a log.
var ErrNoLog = errors.New("no append only file")

// judge puts what the reader said into words. The error is one of the storage that the verdict does not cover.
func (c *Check) judge(err error) error {
	c.verdict(err)
	if c.Verdict == VerdictUnreadable {
		c.fixable = "what cannot be read cannot be repaired"
	}
	if c.r != nil && c.Verdict != VerdictUnreadable {
		if err := c.place(); err != nil {
			return err
		}
		if err := c.lookBehind(); err != nil {
			return err
		}
	}
	if err := c.around(); err != nil {
		return err
	}
	c.table()
	c.decide()
	return nil
}

func (c *Check) verdict(err error) {
	var bad *LoadError
	switch {
	case err == nil:
		cut := c.imports
		if c.r != nil {
			cut = c.r.cut
		}
		if cut != nil {
			c.Verdict = VerdictTorn
			c.Problem = &Problem{File: cut.File, Offset: cut.Offset, LSN: c.native(cut.LSN), Reason: "the log ends inside of what was being written", Err: ErrTruncated}
		}
		return
	case errors.As(err, &bad) && errors.Is(err, ErrCorrupt):
		c.Verdict = VerdictDamaged
		c.Problem = &Problem{File: bad.File, Offset: bad.Offset, LSN: c.native(bad.LSN), Reason: bad.Why, Err: err}
		if cause := joined(joined{}); errors.As(err, &cause) {
			c.fixable = "the block is whole, but this version cannot replay it: nothing is to be cut"
		}
	case bad != nil:
		c.Verdict = VerdictUnreadable
		c.Problem = &Problem{File: bad.File, Offset: bad.Offset, LSN: c.native(bad.LSN), Reason: bad.Err.Error() + ": " + bad.Why, Err: err, Hint: bad.Hint()}
	default:
		c.Verdict = VerdictUnreadable
		c.Problem = &Problem{File: "", Offset: -1, Reason: err.Error(), Err: err}
		if at := c.at; at != nil {
			c.Problem.File = at.name
		}
	}
}

// native is an lsn, where blocks are what is read.
func (c *Check) native(lsn uint64) uint64 {
	if c.r == nil || c.at == nil || c.at.id == 0 {
		return 0
	}
	return lsn
}

// place finds where the log ends: behind the last that the reader applied.
func (c *Check) place() error {
	r := c.r
	if c.at == nil {
		return nil
	}
	if c.Verdict == VerdictTorn && r.torn == r.base && r.base != nil {
		c.at = r.base // a Redis's, and all behind it is empty
	}
	c.End = Place{c.at.name, c.reached[c.at]}
	if c.Verdict == VerdictDamaged {
		if c.at == r.base {
			if r.base.id != 0 || c.reached[r.base] == 0 || c.o.Single == "" {
				c.orFixable("a base stands for all that was before it: a cut would lose most of it; go back to an older one (history, a backup)")
			}
			return nil
		}
		r.cut = nil
		for i, f := range r.incrs {
			if f == c.at {
				r.end, r.at = i, c.reached[f]
			}
		}
	}
	return nil
}

func (c *Check) orFixable(why string) {
	if c.fixable == "" {
		c.fixable = why
	}
}

// rest tells from where on nothing of incr file i continues the log.
func (c *Check) rest(i int) int64 {
	if i > c.r.end {
		return 0
	}
	return c.reached[c.r.incrs[i]]
}

// lookBehind finds out what Fix would drop, and what of it is valid by itself.
func (c *Check) lookBehind() error {
	if base := c.r.base; c.at == base && c.at != nil {
		if from := c.reached[base]; c.Verdict > VerdictClean && c.fixable == "" {
			c.Loss.Bytes = base.Size() - from
			if err := c.behind(base, from); err != nil {
				return err
			}
			c.told()
		}
		return nil
	}
	for i, f := range c.r.incrs {
		from := c.rest(i)
		if f.Size() <= from {
			continue
		}
		if c.Verdict == VerdictClean || i < c.r.end {
			c.Slack += f.Size() - from
			continue
		}
		c.Loss.Bytes += f.Size() - from
		if err := c.behind(f, from); err != nil {
			return err
		}
	}
	for _, e := range c.beyond {
		if err := c.behindMissing(e); err != nil {
			return err
		}
	}
	c.told()
	return nil
}

func (c *Check) told() {
	c.Loss.Keys, c.Loss.KeyCount, c.Loss.MoreKeys = c.keys.first, int64(len(c.keys.seen)), c.keys.full
}

// behindMissing looks at a file that stands behind a missing one.
func (c *Check) behindMissing(e entry) error {
	f, err := c.l.fs.Open(c.ctx, e.name)
	if err != nil {
		return ignoreNotExist(err)
	}
	defer f.Close() // nothing was written
	c.Loss.Bytes += f.Size()
	return c.behind(newFile(f, e), 0)
}

const surroundings = 64 // bytes shown on either side of a problem

// around reads the bytes about the problem.
func (c *Check) around() error {
	p := c.Problem
	if p == nil || p.Offset < 0 || p.File == "" || c.Verdict == VerdictUnreadable || c.r == nil {
		return nil
	}
	for _, f := range append([]*logFile{c.r.base}, c.r.incrs...) {
		if f == nil || f.name != p.File {
			continue
		}
		p.From = max(0, p.Offset&^15-surroundings)
		b, err := newSource(f).need(p.From, p.Offset-p.From+surroundings)
		if err != nil {
			return err
		}
		p.Around = append([]byte(nil), b...)
	}
	return nil
}

// table lists the files of the directory, those of the log first, in its order.
func (c *Check) table() {
	done := map[string]bool{}
	add := func(name, role string) {
		if done[name] {
			return
		}
		done[name] = true
		f := CheckedFile{Name: name}
		if n := c.counts[name]; n != nil {
			f = *n
		}
		f.Role, f.Bytes = role, -1
		size, err := c.sizeOf(name)
		if err == nil {
			f.Bytes = size
		}
		if c.state(&f); ignoreNotExist(err) != nil {
			f.State = err.Error()
		}
		c.Files = append(c.Files, f)
	}
	if c.m != nil {
		if c.m.base != nil {
			add(c.m.base.name, "base")
		}
		for _, e := range c.m.incrs {
			add(e.name, "incr")
		}
		for _, name := range c.m.old {
			add(name, "history")
		}
		for i := range c.m.history {
			for _, e := range c.m.history[i].entries() {
				add(e.name, "history")
			}
		}
	}
	for _, name := range c.names {
		if role := c.roleOf(name); role != "" {
			add(name, role)
		}
	}
}

// roleOf tells what a file is that the manifest does not name; "" is none of the log's.
func (c *Check) roleOf(name string) string {
	if c.o.Single != "" {
		return ""
	}
	switch _, ok := isLogName(c.o.Filename, name); {
	case ok:
		return "stray"
	case name == ballastName(c.o.Filename):
		return "ballast"
	case strings.HasPrefix(name, c.o.Filename+".") && strings.Contains(name, ".torn-"):
		return "set aside"
	}
	return ""
}

func (c *Check) sizeOf(name string) (int64, error) {
	if c.r != nil {
		for _, f := range append([]*logFile{c.r.base}, c.r.incrs...) {
			if f != nil && f.name == name {
				return f.Size(), nil
			}
		}
	}
	f, err := c.l.fs.Open(c.ctx, name)
	if err != nil {
		return 0, err
	}
	n := f.Size()
	return n, f.Close()
}

// state says in a few words how far a file was good.
func (c *Check) state(f *CheckedFile) {
	part := f.Role == "base" || f.Role == "incr"
	switch index := c.indexOf(f.Name); {
	case f.Bytes < 0:
		f.State = "missing"
	case !part:
		f.State = "not read"
	case c.Problem != nil && c.Problem.File == f.Name && c.Problem.Offset >= 0:
		f.State = c.Verdict.String() + " at " + utoa(uint64(c.Problem.Offset))
	case f.Bytes == 0:
		f.State = "empty"
	case index < 0 || c.Verdict == VerdictUnreadable, c.r.base != nil && c.at == c.r.base && f.Role == "incr":
		f.State = "not read"
		if c.at != nil && c.at.name == f.Name {
			f.State = "unreadable"
		}
	case f.Role == "base":
		f.State = "ok"
	case c.Verdict > VerdictClean && index > c.r.end:
		f.State = "behind the end"
	case c.rest(index) < f.Bytes:
		f.State = utoa(uint64(f.Bytes-c.rest(index))) + " bytes of slack"
	default:
		f.State = "ok"
	}
	if n := c.fileNamed(f.Name); n != nil {
		f.Read = c.reached[n]
	}
}

// indexOf is the place of a file among the incr files; 0 for the base, -1 for one that was not opened.
func (c *Check) indexOf(name string) int {
	if c.r == nil {
		return -1
	}
	for i, f := range c.r.incrs {
		if f.name == name {
			return i
		}
	}
	if c.r.base != nil && c.r.base.name == name {
		return 0
	}
	return -1
}

func (c *Check) fileNamed(name string) *logFile {
	if c.r == nil {
		return nil
	}
	for _, f := range append([]*logFile{c.r.base}, c.r.incrs...) {
		if f != nil && f.name == name {
			return f
		}
	}
	return nil
}

// keySet counts different keys, and keeps the first of them. What it holds is bounded.
type keySet struct {
	first []string
	seen  map[uint64]struct{}
	full  bool
}

const (
	keysNamed   = 20
	keysCounted = 100_000
)

func (k *keySet) add(key []byte) {
	if k.seen == nil {
		k.seen = map[uint64]struct{}{}
	}
	sum := checksum(nil, key)
	if _, there := k.seen[sum]; there {
		return
	}
	if len(k.seen) == keysCounted {
		k.full = true
		return
	}
	k.seen[sum] = struct{}{}
	if len(k.first) < keysNamed {
		k.first = append(k.first, string(key[:min(len(key), 200)]))
	}
}

// sortRuns puts the runs of salvage in the order of their files' blocks.
func (c *Check) sortRuns() {
	sort.SliceStable(c.Salvage, func(i, j int) bool { return c.Salvage[i].First < c.Salvage[j].First })
}
