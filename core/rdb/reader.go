package rdb

import (
	"encoding/binary"
	"io"
	"strconv"
)

// Reader reads the parts of the format one after another.
type Reader struct {
	Version   int   // what may be met: types of later versions are damage
	MaxString int64 // the longest string that may be met, after decompression

	b       []byte // read, not taken
	src     io.Reader
	sum     uint64 // of what was taken, if that is wanted
	summing bool
	taken   int64 // bytes
	ended   bool  // src has no more
	texts   [2]text
}

// text is the room for a string that does not lie in the input as it is.
type text struct {
	b      []byte
	digits [20]byte
}

// NewReader reads from b, which must stay as it is.
func NewReader(b []byte) *Reader { return &Reader{Version: Version, MaxString: 1 << 62, b: b} }

// NewStreamReader reads from src, in pieces of some KiB; it reads ahead.
func NewStreamReader(src io.Reader) *Reader {
	return &Reader{Version: Version, MaxString: 1 << 62, src: src}
}

// take gives the next n bytes, valid until the next call when they come from a stream.
func (r *Reader) take(n uint64) ([]byte, error) {
	for uint64(len(r.b)) < n {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	r.taken += int64(n)
	if r.summing {
		r.sum = Checksum(r.sum, b)
	}
	return b, nil
}

const piece = 64 << 10

// fill reads some more; the room for it is not larger than what has come.
func (r *Reader) fill() error {
	if r.src == nil {
		return ErrFormat
	}
	if len(r.b) == cap(r.b) {
		r.b = append(make([]byte, 0, max(piece, 2*len(r.b))), r.b...)
	}
	for range 100 {
		n, err := r.src.Read(r.b[len(r.b):cap(r.b)])
		r.b = r.b[:len(r.b)+n]
		if n > 0 {
			return nil
		}
		if err == io.EOF {
			r.ended = true
			return ErrFormat
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// Byte reads a byte.
func (r *Reader) Byte() (byte, error) {
	b, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// Length reads a length.
func (r *Reader) Length() (uint64, error) {
	n, encoding, err := r.length()
	if err == nil && encoding != 0 {
		err = ErrFormat
	}
	return n, err
}

// length reads a length, or the encoding of a string.
func (r *Reader) length() (n uint64, encoding byte, err error) {
	h, err := r.Byte()
	if err != nil {
		return 0, 0, err
	}
	var b []byte
	switch {
	case h < len14:
		return uint64(h), 0, nil
	case h < len32:
		if b, err = r.take(1); err != nil {
			return 0, 0, err
		}
		return uint64(h&0x3F)<<8 | uint64(b[0]), 0, nil
	case h == len32:
		if b, err = r.take(4); err != nil {
			return 0, 0, err
		}
		return uint64(binary.BigEndian.Uint32(b)), 0, nil
	case h == len64:
		if b, err = r.take(8); err != nil {
			return 0, 0, err
		}
		return binary.BigEndian.Uint64(b), 0, nil
	case h >= encInt && h <= encLZF:
		return 0, h, nil
	}
	return 0, 0, ErrFormat
}

// String reads a string. It is valid until the next call.
func (r *Reader) String() ([]byte, error) { return r.text(0) }

// text reads a string that is valid until the next one with the same slot, 0 or 1.
func (r *Reader) text(slot int) ([]byte, error) {
	n, encoding, err := r.length()
	if err != nil {
		return nil, err
	}
	t := &r.texts[slot]
	switch encoding {
	case 0:
		if n > uint64(r.MaxString) {
			return nil, ErrFormat
		}
		b, err := r.take(n)
		if err == nil && r.src != nil {
			t.b = append(t.b[:0], b...)
			b = t.b
		}
		return b, err
	case encLZF:
		return r.compressed(t)
	}
	b, err := r.take(1 << (encoding - encInt))
	if err != nil {
		return nil, err
	}
	var i int64
	switch len(b) {
	case 1:
		i = int64(int8(b[0]))
	case 2:
		i = int64(int16(binary.LittleEndian.Uint16(b)))
	default:
		i = int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return strconv.AppendInt(t.digits[:0], i, 10), nil
}

func (r *Reader) compressed(t *text) ([]byte, error) {
	c, err := r.Length()
	if err != nil {
		return nil, err
	}
	n, err := r.Length()
	if err != nil || n > uint64(r.MaxString) {
		return nil, ErrFormat
	}
	b, err := r.take(c)
	if err != nil {
		return nil, err
	}
	var ok bool
	if t.b, ok = lzfExpand(t.b[:0], b, n); !ok {
		return nil, ErrFormat
	}
	return t.b, nil
}
