package aof

import (
	"bytes"
	"errors"
	"sort"
	"strings"

	"tabdis/core/rdb"
)

// A manifest that is missing or damaged can be written again when the files leave one reading only. What a file tells of itself: its
// name and sequence, its id, a base whether it is whole, an incr file where its blocks begin and end. What no base tells is
// the block behind which it was cut: old incr files that a crash left beside it look as if they followed it. So the start is taken
// from the broken manifest's own cut-lsn and cut-sum where they fit a file's first block, and else there must be no choice.

// foundFile is a log file as it tells of itself.
type foundFile struct {
	entry
	native, whole bool
	size          int64
	first, last   uint64 // lsn
	prev, sum     uint64 // before the first block; of the last
	epoch         uint64
}

// rebuild tries to find the one manifest that the files allow.
func (c *Check) rebuild() {
	bases, incrs, err := c.survey()
	if err == nil {
		c.rebuilt, err = c.only(bases, incrs)
	}
	if err != nil {
		c.fixable = "the manifest cannot be rebuilt from the files: " + err.Error()
	}
}

func (c *Check) survey() (bases, incrs []foundFile, err error) {
	for _, name := range c.names {
		seq, ok := isLogName(c.o.Filename, name)
		if !ok {
			continue
		}
		base := !strings.HasSuffix(name, ".incr.aof")
		f, err := c.look(entry{name: name, seq: seq}, base)
		switch {
		case err != nil:
			return nil, nil, err
		case f.size == 0: // it holds nothing, whoever named it
		case base:
			bases = append(bases, f)
		default:
			incrs = append(incrs, f)
		}
	}
	sort.Slice(incrs, func(i, j int) bool { return incrs[i].seq < incrs[j].seq })
	return bases, incrs, nil
}

// look reads one file by itself, with the loader's code.
func (c *Check) look(e entry, base bool) (foundFile, error) {
	file, err := c.l.fs.Open(c.ctx, e.name)
	if err != nil {
		return foundFile{}, err
	}
	defer file.Close() // nothing was written
	f := newFile(file, e)
	w := &firstBlock{}
	r := c.newReader(&manifest{})
	r.watch, r.ks = w, c.keyspace()
	if base {
		r.base = f
		err = r.readBase()
	} else {
		r.incrs = []*logFile{f}
		err = r.readIncrs()
	}
	if err != nil && !errors.Is(err, ErrCorrupt) {
		return foundFile{}, err
	}
	if f.id == 0 { // a flipped bit must not make a file of ours pass for a Redis's
		if at, err := c.nextMark(newSource(f), 0); err != nil {
			return foundFile{}, err
		} else if at < f.Size() && !(base && at == 0) { // a base of ours that is broken is none that is whole
			return foundFile{}, errors.New(f.name + " has blocks of ours, and does not begin with one")
		}
	}
	found := foundFile{entry: f.entry, native: f.id != 0, whole: err == nil && (!base || r.cut == nil), size: f.Size(), epoch: r.epoch}
	if found.whole && base && w.data.Bytes > 0 {
		if found.id, err = ownRDB(f, w.data); err != nil {
			return foundFile{}, err
		}
		found.native = found.id != 0
	}
	found.first, found.prev, found.last, found.sum = w.first.lsn, w.first.prev, w.last.lsn, w.last.sum
	return found, nil
}

// ownRDB is the id of a base of RDB data that we wrote; 0: it is a Redis's.
func ownRDB(f *logFile, data rdb.Loaded) (uint64, error) {
	b, err := newSource(f).need(0, 4096)
	mark := rdb.AppendString(nil, []byte(idWord), false)
	at := bytes.Index(b, mark) + len(mark) + 1 // behind the length of what follows
	if err != nil || at < len(mark)+1 || at+16 > len(b) || !data.Summed || data.Bytes != f.Size() {
		return 0, err
	}
	id, _ := parseHex(string(b[at : at+16]))
	return id, nil
}

// firstBlock keeps the first and the last block of a file, and what its RDB data are.
type firstBlock struct {
	first, last header
	data        rdb.Loaded
}

func (*firstBlock) file(*logFile)                      {}
func (*firstBlock) naked(*logFile, int64, []byte)      {}
func (w *firstBlock) rdb(_ *logFile, found rdb.Loaded) { w.data = found }
func (w *firstBlock) block(_ *logFile, _ int64, h header, _ []byte) {
	if w.first.lsn == 0 {
		w.first = h
	}
	w.last = h
}

// only gives the one manifest, or why there is none.
func (c *Check) only(bases, incrs []foundFile) (*manifest, error) {
	hint := c.hints()
	if len(incrs) == 0 {
		return nil, errors.New("no incr file holds anything")
	}
	native := incrs[len(incrs)-1].native
	base, from, known := byHint(bases, incrs, hint)
	err := follow(incrs[from:])
	if err == nil && !known {
		base, err = choose(bases, incrs, hint)
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{native: native}
	if base != nil {
		e := base.entry
		m.epoch = base.epoch
		if e.id != 0 {
			e.len, e.cutLSN, e.cutSum = base.size, incrs[from].first-1, incrs[from].prev
		}
		m.base = &e
	}
	for _, f := range incrs[from:] {
		m.incrs = append(m.incrs, f.entry)
		m.epoch = max(m.epoch, f.epoch)
	}
	if native { // should the files end before it, the next check finds damage
		m.sealed = hint.sealed
	}
	return m, nil
}

// follow tells whether the incr files are of one kind, and each one of ours goes on where the one before ends.
func follow(incrs []foundFile) error {
	native := incrs[0].native
	for i, f := range incrs {
		switch {
		case f.native != native:
			return errors.New("some files are Redis's, some are not")
		case native && f.first == 0:
			return errors.New(f.name + " begins with no block that is whole")
		case native && i > 0 && (f.first != incrs[i-1].last+1 || f.prev != incrs[i-1].sum):
			return errors.New(f.name + " does not follow " + incrs[i-1].name)
		}
	}
	return nil
}

// byHint finds the base and the first incr file behind it where what is left of the manifest and a file's first block agree.
func byHint(bases, incrs []foundFile, hint hints) (base *foundFile, from int, ok bool) {
	for i, f := range incrs {
		if !f.native || f.first != hint.cutLSN+1 || f.prev != hint.cutSum || hint.cutSum == 0 {
			continue
		}
		for k := range bases {
			if b := &bases[k]; b.native && b.whole && (b.id == hint.baseID || len(bases) == 1 && b.name == hint.baseName) {
				return b, i, true
			}
		}
	}
	return nil, 0, false
}

// choose finds the base behind which all incr files stand, if there is no choice. One that is not whole may be what a crash left of a rewrite, or
// the one in force, damaged.
func choose(bases, incrs []foundFile, hint hints) (*foundFile, error) {
	native := incrs[0].native
	switch {
	case len(bases) > 1:
		return nil, errors.New("there are several bases: " + bases[0].name + " and " + bases[1].name)
	case len(bases) == 0 && native && incrs[0].first == 1 && incrs[0].prev == 0 && !hint.base:
		return nil, nil
	case len(bases) == 0:
		return nil, errors.New("there is no base, and the incr files do not begin with the first block")
	case !bases[0].whole:
		return nil, errors.New("the base " + bases[0].name + " is not whole")
	case hint.baseName != "" && bases[0].name != hint.baseName && bases[0].id != hint.baseID:
		return nil, errors.New("the base is " + bases[0].name + ", and the manifest named " + hint.baseName)
	case bases[0].native != native:
		return nil, errors.New("one of base and incr files is a Redis's, the other is not")
	case len(incrs) > 1:
		return nil, errors.New("nothing tells whether " + bases[0].name + " stands before " + incrs[0].name + " or a later file")
	}
	return &bases[0], nil
}

// hints are what can still be read of a broken manifest. Each is believed only where a file agrees.
type hints struct {
	base                   bool
	baseName               string
	baseID, cutLSN, cutSum uint64
	sealed                 uint64
}

func (c *Check) hints() (h hints) {
	text, err := c.textOf(manifestName(c.o.Filename))
	if err != nil {
		return h // there is none
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, historyMark) {
			continue
		}
		words, _ := splitWords(strings.TrimRight(line, "\r"))
		base := strings.Contains(line, " type b")
		h.base = h.base || base || strings.Contains(line, ".base.")
		for i := 0; i+1 < len(words); i++ {
			switch key, val := words[i], words[i+1]; {
			case key == "file" && base:
				h.baseName = val
			case key == "id" && base:
				h.baseID, _ = parseHex(val)
			case key == "cut-lsn":
				h.cutLSN, _ = parseDec(val)
			case key == "cut-sum":
				h.cutSum, _ = parseHex(val)
			case key == "sealed":
				h.sealed, _ = parseDec(val)
			}
		}
	}
	return h
}

// rebuiltText is the rebuilt manifest: ours, or for Redis's files as Redis writes it.
func (c *Check) rebuiltText() []byte {
	m := c.rebuilt
	if m.native {
		return m.encode()
	}
	var b []byte
	if m.base != nil {
		b = m.base.appendTo(b, 'b')
	}
	for i := range m.incrs {
		b = m.incrs[i].appendTo(b, 'i')
	}
	return b
}
