package aof

import (
	"errors"
	"io"

	"tabdis/core/storage"
)

const chunk = 1 << 20 // bytes read at once

// source reads a file from front to back through a window. It reserves no more than a chunk ahead of what it has read.
type source struct {
	f    io.ReaderAt
	name string
	size int64
	off  int64 // of buf[0]
	buf  []byte
	read func(n int64) // told of progress
}

//go:noinline
func newSource(f *logFile) *source {
	return &source{f: f.File, name: f.name, size: f.Size()}
}

// need gives the bytes from at on: n of them, or fewer where the file ends. They are valid until the next call.
func (s *source) need(at, n int64) ([]byte, error) {
	n = min(n, s.size-at)
	if n <= 0 {
		return nil, nil
	}
	end := s.off + int64(len(s.buf))
	if at < s.off || at > end {
		s.off, s.buf, end = at, s.buf[:0], at
	}
	if at+n <= end {
		return s.buf[at-s.off : at-s.off+n], nil
	}
	if at > s.off {
		kept := copy(s.buf, s.buf[at-s.off:])
		s.buf, s.off = s.buf[:kept], at
	}
	for int64(len(s.buf)) < n {
		if err := s.more(); err != nil {
			return nil, err
		}
	}
	return s.buf[:n], nil
}

// more reads a chunk. A file that ends before its size is unreadable: that is never taken for its end.
func (s *source) more() error {
	from := s.off + int64(len(s.buf))
	n := int(min(chunk, s.size-from))
	if cap(s.buf)-len(s.buf) < n {
		room := int64(max(2*len(s.buf), chunk) + n) // no more than the file holds
		grown := make([]byte, len(s.buf), min(room, s.size-s.off))
		copy(grown, s.buf)
		s.buf = grown
	}
	got, err := s.f.ReadAt(s.buf[len(s.buf):len(s.buf)+n], from)
	if got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return storage.Wrap("read", s.name, from, err)
	}
	s.buf = s.buf[:len(s.buf)+n]
	if s.read != nil {
		s.read(int64(n))
	}
	return nil
}

// block reads the block at offset at of the file with this id; ok tells that it is valid by itself and stands in its place.
func (s *source) block(at int64, id uint64) (h header, body []byte, next int64, ok bool, err error) {
	b, err := s.need(at, int64(room))
	if err != nil {
		return
	}
	h, n, state := parseHeader(b)
	if state != headerOK || h.file != id || h.at != at || h.len > s.size-at-int64(n) {
		return
	}
	if b, err = s.need(at, int64(n)+h.len); err != nil {
		return
	}
	ok = h.verify(b[:n], b[n:])
	return h, b[n:], at + int64(n) + h.len, ok, nil
}
