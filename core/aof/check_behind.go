package aof

import (
	"bytes"
	"errors"

	"tabdis/core/storage"
)

// pieceLimit is how much of a piece that is no block is looked at for commands.
const pieceLimit = 16 << 20

// behind walks file f from offset from on, where nothing continues the log: it counts what Fix would drop there, and the runs of
// blocks that are valid by themselves (LOG §2: a block proves itself even when the one before it is broken).
func (c *Check) behind(f *logFile, from int64) error {
	blocks, pieces := newSource(f), newSource(f)
	id := f.id
	if id == 0 { // not begun: a Redis's manifest does not name it
		b, err := blocks.need(0, int64(room))
		if err != nil {
			return err
		}
		if h, _, state := parseHeader(b); state == headerOK && h.at == 0 {
			id = h.file
		}
	}
	c.walk.newFile(f.name)
	c.walk.db, c.walk.u.Behind = -1, true
	defer func(visit func(*Unit)) { c.walk.unit, c.walk.u.Behind = visit, false }(c.walk.unit)
	c.walk.unit = c.dropped
	var run *Salvage
	for at := from; at < blocks.size; {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		h, body, next, ok, err := blocks.block(at, id)
		if err != nil {
			return err
		}
		if ok && id != 0 {
			_, commands := c.walk.whole(body, h.lsn, next-int64(len(body)))
			c.Loss.Blocks++
			if run == nil || h.lsn != run.Last+1 {
				c.Salvage = append(c.Salvage, Salvage{File: f.name, Offset: at, First: h.lsn})
				run = &c.Salvage[len(c.Salvage)-1]
			}
			run.Last, run.Blocks, run.Commands = h.lsn, run.Blocks+1, run.Commands+commands
			at = next
			continue
		}
		run = nil
		end, err := c.nextMark(pieces, at+1)
		if err != nil {
			return err
		}
		if err := c.piece(pieces, f, at, end); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// nextMark is where the next header may begin, at or behind from.
func (c *Check) nextMark(s *source, from int64) (int64, error) {
	for at := from; at < s.size; {
		b, err := s.need(at, chunk)
		if err != nil {
			return 0, err
		}
		if k := bytes.Index(b, markBytes); k >= 0 {
			return at + int64(k), nil
		}
		if at += int64(len(b)); at < s.size {
			at -= int64(len(markBytes) - 1)
		}
	}
	return s.size, nil
}

// piece looks for commands between at and end, where no block is: behind the line of a header, or right there.
func (c *Check) piece(s *source, f *logFile, at, end int64) error {
	b, err := s.need(at, min(end-at, pieceLimit))
	if err != nil {
		return err
	}
	if len(bytes.TrimRight(b, "\x00")) == 0 {
		return nil // what was reserved and never written
	}
	c.Loss.Pieces++
	i := 0
	if isMark(b) {
		i = skipLine(b, 0)
	}
	for i < len(b) {
		words, next, state := scanCommand(b, i, c.walk.args)
		c.walk.args = words
		if state != parseOK && state != parseBlank {
			break
		}
		if state == parseOK && !isWord(words[0], "MULTI") && !isWord(words[0], "EXEC") {
			c.walk.begin(false)
			c.walk.add(words, at+int64(i))
			c.count1(words)
		}
		i = next
	}
	return nil
}

// dropped takes a unit of a block that is valid by itself.
func (c *Check) dropped(u *Unit) {
	for i := range u.Commands {
		c.count1(u.Commands[i].Args)
	}
	if c.o.Force && c.o.Unit != nil {
		c.o.Unit(u)
	}
}

// count1 counts a command that would be dropped.
func (c *Check) count1(words [][]byte) {
	c.Loss.Commands++
	if c.o.Keys == nil {
		return
	}
	for _, key := range c.o.Keys(words) {
		c.keys.add(key)
	}
}

func ignoreNotExist(err error) error {
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	return err
}
