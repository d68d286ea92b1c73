package rdb

import (
	"encoding/binary"
	"errors"
	"io"

	"tabdis/core/keyspace"
)

// ErrUnsupported tells that a file has functions or data of modules, or is of a later version: what would be missed if it were read.
var ErrUnsupported = errors.New("the RDB file has what this version does not read")

// ReadOptions are how a file is read.
type ReadOptions struct {
	Now       int64 // keys that are past their time then, in Unix ms, are left out; 0: none is
	MaxString int64 // the longest string that may be met
	// Word, if set, is told what the file says about itself.
	Word func(name, value []byte)
}

// fileReader is a file that is being read.
type fileReader struct {
	*Reader
	o   ReadOptions
	ks  *keyspace.Keyspace
	db  *keyspace.DB
	key []byte // never nil: the empty key is one, too
	err error
	// of the next key
	expires, idle int64
	frequency     int
}

// ReadFile reads a file into ks, up to the end that it names. With an error ks has what was read before it.
func ReadFile(src io.Reader, ks *keyspace.Keyspace, o ReadOptions) error {
	f := &fileReader{Reader: NewStreamReader(src), o: o, ks: ks, db: ks.DB(0), key: make([]byte, 0, 64)}
	f.MaxString, f.summing = o.MaxString, true
	head, err := f.take(uint64(len(magic) + 4))
	if err != nil {
		return err
	}
	f.Version = 0
	for _, c := range head[len(magic):] {
		if c < '0' || c > '9' {
			return ErrFormat
		}
		f.Version = f.Version*10 + int(c-'0')
	}
	switch {
	case string(head[:len(magic)]) != magic || f.Version == 0:
		return ErrFormat
	case f.Version > Version:
		return ErrUnsupported
	}
	f.fresh()
	for more := true; more && f.err == nil; {
		more = f.part()
	}
	return f.err
}

func (f *fileReader) fresh() { f.expires, f.idle, f.frequency = keyspace.NoExpiry, -1, -1 }

func (f *fileReader) length() (n uint64) {
	if f.err == nil {
		n, f.err = f.Length()
	}
	return n
}

func (f *fileReader) text(slot int) (b []byte) {
	if f.err == nil {
		b, f.err = f.Reader.text(slot)
	}
	return b
}

func (f *fileReader) bytes(n uint64) []byte {
	if f.err == nil {
		var b []byte
		if b, f.err = f.take(n); f.err == nil {
			return b
		}
	}
	return make([]byte, 8)
}

// part reads a part of the file; false behind the last.
func (f *fileReader) part() (more bool) {
	switch op := f.bytes(1)[0]; op {
	case opAux:
		name, value := f.text(0), f.text(1)
		if f.err == nil && f.o.Word != nil {
			f.o.Word(name, value)
		}
	case opSelect:
		n := f.length()
		if n >= uint64(f.ks.Databases()) {
			f.err = ErrFormat
			return false
		}
		f.db = f.ks.DB(int(n))
	case opResize:
		f.length()
		f.length()
	case opExpiryMillis:
		f.expires = int64(binary.LittleEndian.Uint64(f.bytes(8)))
	case opExpirySecs:
		f.expires = int64(int32(binary.LittleEndian.Uint32(f.bytes(4)))) * 1000
	case opIdle:
		f.idle = int64(f.length() &^ (1 << 63))
	case opFrequency:
		f.frequency = int(f.bytes(1)[0])
	case opEnd:
		f.end()
		return false
	case opFunction2, opFunctionPre, opModuleAux:
		f.err = ErrUnsupported
	default:
		f.value(Type(op))
	}
	return true
}

// value reads a key with its value.
func (f *fileReader) value(t Type) {
	f.key = append(f.key[:0], f.text(0)...)
	if f.err != nil {
		return
	}
	v, err := f.Value(t, f.db, f.key)
	switch _, twice := f.db.Find(f.key); {
	case err != nil:
		f.err = err
	case twice:
		f.err = ErrFormat
	case f.o.Now == 0 || f.expires == keyspace.NoExpiry || f.expires > f.o.Now:
		v.Store(f.expires)
		e, _ := f.db.Find(f.key)
		if f.idle >= 0 {
			e.SetIdle(f.idle)
		}
		if f.frequency >= 0 {
			e.SetFrequency(uint8(f.frequency))
		}
	}
	f.ks.ReleaseViews()
	f.fresh()
}

// end checks the checksum, which stands there since version 5, and may be left out as 0.
func (f *fileReader) end() {
	if sum := f.sum; f.Version >= 5 {
		if b := f.bytes(8); f.err == nil {
			if said := binary.LittleEndian.Uint64(b); said != 0 && said != sum {
				f.err = ErrFooter
			}
		}
	}
}
