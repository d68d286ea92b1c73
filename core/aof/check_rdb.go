package aof

import (
	"context"
	"math"
)

// showRDB gives Unit the commands that would make what RDB data held: those of a rewrite.
func (c *Check) showRDB(f *logFile) {
	sink := &unitSink{c: c}
	w := newCommandWriter(&logFile{File: sink, entry: entry{name: f.name}}, 0, func(int, []byte) {})
	c.walk.u.RDB = true
	snap := c.r.ks.Cut(w, func() int64 { return math.MinInt64 })
	for !snap.Step(func() bool { return true }) {
	}
	w.finish()
	c.walk.newFile(f.name)
}

// unitSink is a file that keeps nothing: the blocks that are appended go to the walker.
type unitSink struct {
	c    *Check
	size int64
	b    []byte // of a block that came in parts so far
}

func (s *unitSink) Append(p []byte) error {
	s.size += int64(len(p))
	s.b = append(s.b, p...)
	h, n, state := parseHeader(s.b)
	if state != headerOK || int64(len(s.b)-n) < h.len {
		return nil
	}
	s.c.walk.whole(s.b[n:], 0, 0)
	s.b = s.b[:0]
	return nil
}

func (s *unitSink) Size() int64                         { return s.size }
func (*unitSink) Sync(_ bool, done func(error))         { done(nil) }
func (*unitSink) ReadAt([]byte, int64) (int, error)     { return 0, errSize }
func (*unitSink) Truncate(context.Context, int64) error { return errSize }
func (*unitSink) Harden(context.Context, int64) error   { return errSize }
func (*unitSink) Close() error                          { return nil }
