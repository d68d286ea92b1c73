package aof

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// decide sets what Fix would do.
func (c *Check) decide() {
	switch {
	case c.rebuilt != nil:
		c.Repair = FixManifest
	case c.fixable != "":
		c.NoRepair = c.fixable
	case c.Verdict == VerdictClean && c.Slack > 0:
		c.Repair = FixSlack
	case c.Verdict == VerdictTorn:
		c.Repair = FixTail
	case c.Verdict == VerdictDamaged && c.r != nil:
		c.Repair = FixDamage
	default:
		c.NoRepair = "there is nothing to repair"
	}
}

// FixKind is what a repair does.
type FixKind uint8

// The kinds of repair.
const (
	FixNothing  FixKind = iota
	FixSlack            // cuts bytes that belong to nothing; no data is lost
	FixTail             // cuts what a crash tore; nobody was promised it
	FixDamage           // cuts at the last good place: acknowledged data is lost
	FixManifest         // writes a manifest from what the files say about themselves; then check again
)

var fixNames = [...]string{"nothing", "slack", "tail", "damage", "manifest"}

func (k FixKind) String() string { return fixNames[k] }

// Fix does what Repair says; the names of the files that keep what was cut come back. All copies are durable before the
// first byte is cut, and each cut before the next: a crash leaves the log as it was, or with the same end as the repaired one, since
// what the verdict rests on goes last: the bytes behind the end, file by file, then the manifest's word. The last act is the
// loader's: what is not proven durable is written again, a seal, a sync, and the manifest that is sealed there.
func (c *Check) Fix(ctx context.Context) (kept []string, err error) {
	kind := c.Repair
	switch kind {
	case FixNothing:
		return nil, errors.New(c.NoRepair)
	case FixManifest:
		return nil, c.l.fs.Replace(ctx, manifestName(c.o.Filename), c.rebuiltText())
	}
	l, r := c.l, c.r
	l.man, l.loaded, l.base = *r.m, true, r.base
	l.epoch = l.nextEpoch(r.epoch)
	l.lsn, l.sum = r.expect-1, r.prev
	before := map[string]bool{}
	for _, name := range c.names {
		before[name] = true
	}
	defer func() {
		after, failed := l.fs.List(ctx)
		err = errors.Join(err, failed)
		for _, name := range after {
			if strings.Contains(name, ".torn-") && !before[name] {
				kept = append(kept, name)
			}
		}
	}()
	if err := c.keep(ctx); err != nil {
		return nil, err
	}
	if c.at == r.base && c.at != nil {
		return nil, c.fixBase(ctx)
	}
	if kind != FixSlack && len(r.incrs) > 0 {
		r.cut = &Truncation{File: c.End.File, Offset: r.at, LSN: r.expect}
	}
	if r.cut != nil {
		if err := l.setAside(ctx, r); err != nil {
			return nil, err
		}
		r.cut = nil
	}
	// From the last one back: were a Redis's file made whole first, the ones behind it would be read again after a crash.
	for i := len(r.incrs) - 1; i >= 0; i-- {
		if err := cutFile(ctx, r.incrs[i], c.rest(i)); err != nil {
			return nil, err
		}
	}
	if err := l.mend(ctx, r); err != nil {
		return nil, err
	}
	return nil, c.finish(ctx)
}

// fixBase cuts the end of a base of a Redis with nothing behind it, as of the single file of a Redis 6.
func (c *Check) fixBase(ctx context.Context) error {
	f, from := c.r.base, c.reached[c.r.base]
	if _, err := copyTail(ctx, c.l.fs, f, from, c.r.expect); err != nil {
		return err
	}
	return cutFile(ctx, f, from)
}

// keep copies what mend does not: slack that is not zeros, and files behind a missing one.
func (c *Check) keep(ctx context.Context) error {
	for i, f := range c.r.incrs {
		from := c.rest(i)
		if f.Size() <= from || i >= c.r.end && c.Verdict > VerdictClean {
			continue
		}
		zero, err := allZero(f, from)
		if err != nil {
			return err
		}
		if !zero {
			if _, err := copyTail(ctx, c.l.fs, f, from, c.r.expect); err != nil {
				return err
			}
		}
	}
	for _, e := range c.beyond {
		if err := c.keepMissing(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (c *Check) keepMissing(ctx context.Context, e entry) error {
	f, err := c.l.fs.Open(ctx, e.name)
	if err != nil {
		return ignoreNotExist(err)
	}
	if f.Size() > 0 {
		_, err = copyTail(ctx, c.l.fs, newFile(f, e), 0, c.r.expect)
	}
	return errors.Join(err, f.Close())
}

func allZero(f *logFile, from int64) (bool, error) {
	s := newSource(f)
	for at := from; at < s.size; at += chunk {
		b, err := s.need(at, chunk)
		if err != nil {
			return false, err
		}
		if len(bytes.TrimRight(b, "\x00")) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// finish ends the repaired log as a clean close would. A log that Redis's own manifest names, or to whose end a Redis wrote,
// stays without a seal: its end is what Redis takes for one.
func (c *Check) finish(ctx context.Context) error {
	l, r := c.l, c.r
	if !r.m.native {
		if len(c.beyond) == 0 {
			return nil
		}
		return c.dropNames(ctx)
	}
	if len(l.chain) == 0 {
		p := plan{fs: l.fs, file: c.o.Filename, id: l.id}
		seq := uint64(1)
		if len(c.beyond) > 0 {
			seq = c.beyond[len(c.beyond)-1].seq + 1
		}
		f, err := p.create(ctx, incrName, seq)
		if err != nil {
			return err
		}
		r.incrs, l.chain = []*logFile{f}, []*logFile{f} // closed with the others
	}
	if r.foreign {
		m := *r.m
		m.sealed, m.incrs = min(m.sealed, l.lsn), nil
		for _, f := range l.chain {
			m.incrs = append(m.incrs, f.entry)
		}
		if err := l.fs.Replace(ctx, manifestName(c.o.Filename), m.encode()); err != nil {
			return err
		}
	} else if err := l.sealOpening(ctx, nil); err != nil {
		return err
	} else {
		err := l.sealManifest(ctx)
		if l.spares == nil && len(r.incrs) > 0 {
			r.incrs = r.incrs[:r.end+1] // it has removed the empty ones
		}
		if err != nil {
			return err
		}
	}
	// What stood behind a missing file is kept under its other name.
	for _, e := range c.beyond {
		if err := ignoreNotExist(l.fs.Remove(ctx, e.name)); err != nil {
			return err
		}
	}
	return nil
}

// dropNames takes the names from the missing file on out of a manifest of Redis's.
func (c *Check) dropNames(ctx context.Context) error {
	name := manifestName(c.o.Filename)
	text, err := c.textOf(name)
	if err != nil {
		return err
	}
	var left []byte
	for _, line := range strings.SplitAfter(string(text), "\n") {
		var one manifest
		drop := false
		if one.parseFile(strings.TrimRight(line, "\r\n")) == nil && len(one.incrs) == 1 {
			for _, e := range c.beyond {
				drop = drop || e.name == one.incrs[0].name
			}
		}
		if !drop {
			left = append(left, line...)
		}
	}
	return c.l.fs.Replace(ctx, name, left)
}

// textOf reads a small file.
func (c *Check) textOf(name string) ([]byte, error) {
	f, err := c.l.fs.Open(c.ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // nothing was written
	s := newSource(&logFile{File: f, entry: entry{name: name}})
	return s.need(0, min(s.size, chunk))
}
