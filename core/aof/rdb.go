package aof

import (
	"errors"
	"io"
	"math"
	"runtime"

	"tabdis/core/rdb"
)

// rdbBytes gives the bytes of a file from the front up to end to the reader of RDB data. What cannot be read is never their end.
type rdbBytes struct {
	s       *source
	at, end int64
	err     error
}

func (f *rdbBytes) Read(p []byte) (int, error) {
	if f.at >= f.end {
		return 0, io.EOF
	}
	runtime.Gosched() // in a Worker the garbage collector has no other turn while much is read
	b, err := f.s.need(f.at, min(int64(len(p)), f.end-f.at))
	if err != nil {
		f.err = err
		return 0, err
	}
	f.at += int64(len(b))
	return copy(p, b), nil
}

// readRDB reads the RDB data at the front of f, which end at end or before. No key is past its time for a base: its DEL comes in
// the log (Redis says so, too).
func (r *reader) readRDB(f *logFile, s *source, end int64) (rdb.Loaded, error) {
	bytes, id := &rdbBytes{s: s, end: end}, ""
	loaded, err := rdb.Load(bytes, r.ks, rdb.ReadOptions{MaxString: math.MaxInt64, Now: r.now,
		Word: func(name, value []byte) {
			if string(name) == idWord {
				id = string(value)
			}
		},
		Skip: func(s rdb.Skipped) { r.left.add(f.name, s.Offset, s.String()) },
	})
	r.keys += loaded.Keys
	r.expired += loaded.Expired
	switch {
	case bytes.err != nil:
		return loaded, bytes.err
	case err == nil && f.id != 0 && id != string(appendHex(nil, f.id)):
		return loaded, r.damage(f, 0, 0, "the RDB data are of another file")
	case err != nil:
		return loaded, r.badRDB(f, loaded, err)
	}
	if r.watch != nil {
		r.watch.rdb(f, loaded)
	}
	return loaded, nil
}

// badRDB says what is wrong with RDB data. Those of ours have a checksum: if it is wrong, that is what is wrong.
func (r *reader) badRDB(f *logFile, at rdb.Loaded, err error) error {
	var number *rdb.DatabaseError
	if errors.As(err, &number) || errors.Is(err, rdb.ErrUnsupported) {
		if f.id != 0 {
			if whole, failed := r.rdbIsWhole(f); failed != nil {
				return failed
			} else if !whole {
				return r.damage(f, at.Bytes, 0, "the checksum of the RDB data is wrong")
			}
		}
		return r.unsupported(f, at.Bytes, 0, err)
	}
	switch {
	case err == rdb.ErrFooter:
		return r.damage(f, at.Bytes, 0, "the checksum of the RDB data is wrong")
	case at.Short:
		return r.damage(f, at.Bytes, 0, "the RDB data end before their end")
	}
	return r.damage(f, at.Bytes, 0, "the RDB data are not what was written")
}

// rdbIsWhole looks at length and checksum alone.
func (r *reader) rdbIsWhole(f *logFile) (bool, error) {
	s, sum := newSource(f), uint64(0)
	if s.size < f.len || f.len < 8 {
		return false, nil
	}
	for at := int64(0); at < f.len-8; {
		b, err := s.need(at, min(chunk, f.len-8-at))
		if err != nil {
			return false, err
		}
		sum, at = rdb.Checksum(sum, b), at+int64(len(b))
	}
	b, err := s.need(f.len-8, 8)
	return len(b) == 8 && leUint64(b) == sum, err
}

func leUint64(b []byte) (v uint64) {
	for i := range 8 {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}

// readRDBBase reads a base of ours of RDB data: nothing may be missing or different, and RDB's checksum must stand there.
func (r *reader) readRDBBase(f *logFile, s *source) error {
	if s.size < f.len {
		return r.damage(f, s.size, 0, "the base is shorter than the manifest says")
	}
	loaded, err := r.readRDB(f, s, f.len)
	switch {
	case err != nil:
		return err
	case loaded.Bytes != f.len:
		return r.damage(f, loaded.Bytes, 0, "the RDB data end here, and by the manifest at "+utoa(uint64(f.len)))
	case !loaded.Summed:
		return r.damage(f, loaded.Bytes-8, 0, "the RDB data have no checksum")
	}
	r.behind(f)
	return nil
}

func isRDB(b []byte) bool { return len(b) >= 5 && string(b[:5]) == "REDIS" }

// readRedis reads a file of a Redis, which may begin with RDB data.
func (r *reader) readRedis(f *logFile, s *source, last bool) error {
	b, err := s.need(0, int64(room))
	if err != nil {
		return err
	}
	at := int64(0)
	switch {
	case isRDB(b) || r.isDump:
		loaded, err := r.readRDB(f, s, s.size)
		if err != nil || r.isDump {
			return err
		}
		at = loaded.Bytes
	case isMark(b):
		return r.damage(f, 0, 0, "it has blocks of a log of tabdis, without its manifest")
	}
	return r.readForeign(f, s, at, last)
}
