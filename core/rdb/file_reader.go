package rdb

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"

	"tabdis/core/keyspace"
)

// ErrUnsupported tells that a file has functions or data of modules, or is of a later version: what would be missed if it were read.
var ErrUnsupported = errors.New("the RDB file has what this version does not read")

// UnsupportedError is ErrUnsupported, and says what.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string { return ErrUnsupported.Error() + ": " + e.What }
func (e *UnsupportedError) Unwrap() error { return ErrUnsupported }

// DatabaseError tells that a file has a database that the keyspace has not.
type DatabaseError struct {
	Number    uint64
	Databases int // of the keyspace
}

func (e *DatabaseError) Error() string {
	return "it has keys in database " + strconv.FormatUint(e.Number, 10) + ", and there are " + strconv.Itoa(e.Databases)
}

// ReadOptions are how a file is read.
type ReadOptions struct {
	Now       int64 // keys that are past their time then, in Unix ms, are left out; 0: none is
	MaxString int64 // the longest string that may be met
	// Word, if set, is told what the file says about itself.
	Word func(name, value []byte)
	// Skip, if set, is told of functions and what modules keep, which are left out. Without it they are an UnsupportedError.
	Skip func(Skipped)
}

// Loaded is what a file was found to have.
type Loaded struct {
	Bytes   int64 // up to the end that it names; after an error: up to the part in which it came
	Version int
	Keys    int64
	Expired int64 // keys that were left out, past their time
	Summed  bool  // a checksum stands there; without an error it is right
	Short   bool  // after ErrFormat: src ended before the file did
}

// fileReader is a file that is being read.
type fileReader struct {
	*Reader
	o   ReadOptions
	ks  *keyspace.Keyspace
	db  *keyspace.DB
	key []byte // never nil: the empty key is one, too
	err error
	at  int64 // where the part under way begins
	Loaded
	// of the next key
	expires, idle int64
	frequency     int
}

// ReadFile reads a file into ks, up to the end that it names. With an error ks has what was read before it.
func ReadFile(src io.Reader, ks *keyspace.Keyspace, o ReadOptions) error {
	_, err := Load(src, ks, o)
	return err
}

// Load is ReadFile that tells what it found. It may have read src further than to the end of the file.
func Load(src io.Reader, ks *keyspace.Keyspace, o ReadOptions) (Loaded, error) {
	f := &fileReader{Reader: NewStreamReader(src), o: o, ks: ks, db: ks.DB(0), key: make([]byte, 0, 64)}
	f.MaxString, f.summing = o.MaxString, true
	f.head()
	f.fresh()
	for more := true; more && f.err == nil; {
		f.at = f.taken
		more = f.part()
	}
	f.Loaded.Version, f.Short = f.Reader.Version, f.ended
	if f.Bytes = f.at; f.err == nil {
		f.Bytes = f.taken
	}
	return f.Loaded, f.err
}

// head reads the first bytes, which tell the version.
func (f *fileReader) head() {
	head := f.bytes(uint64(len(magic) + 4))
	if f.err != nil {
		return
	}
	n := 0
	for _, c := range head[len(magic):] {
		if c < '0' || c > '9' {
			f.err = ErrFormat
			return
		}
		n = n*10 + int(c-'0')
	}
	switch f.Reader.Version = n; {
	case string(head[:len(magic)]) != magic || n == 0:
		f.err = ErrFormat
	case n > Version:
		f.err = &UnsupportedError{What: "it is of version " + strconv.Itoa(n) + ", and versions up to " + strconv.Itoa(Version) + " are read"}
	}
}

func (f *fileReader) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *fileReader) fresh() { f.expires, f.idle, f.frequency = keyspace.NoExpiry, -1, -1 }

// expiry is a time as the log can say it, which knows none before 1970; -1 is none, as in Redis.
func expiry(at int64) int64 {
	if at == keyspace.NoExpiry {
		return at
	}
	return max(at, 1)
}

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
		if f.err == nil && n >= uint64(f.ks.Databases()) {
			f.err = &DatabaseError{Number: n, Databases: f.ks.Databases()}
		}
		if f.err != nil {
			return false
		}
		f.db = f.ks.DB(int(n))
	case opResize:
		f.length()
		f.length()
	case opExpiryMillis:
		f.expires = expiry(int64(binary.LittleEndian.Uint64(f.bytes(8))))
	case opExpirySecs:
		f.expires = expiry(int64(int32(binary.LittleEndian.Uint32(f.bytes(4)))) * 1000)
	case opIdle:
		f.idle = int64(f.length() &^ (1 << 63))
	case opFrequency:
		f.frequency = int(f.bytes(1)[0])
	case opEnd:
		f.end()
		return false
	case opFunction2, opFunctionPre:
		f.function(op)
	case opModuleAux:
		f.module(nil)
	default:
		f.value(Type(op))
	}
	return true
}

// value reads a key with its value.
func (f *fileReader) value(t Type) {
	f.key = append(f.key[:0], f.text(0)...)
	switch {
	case f.err != nil:
		return
	case t == TypeModule:
		f.err = &UnsupportedError{What: "a value of the module " + ModuleName(f.length()) + " in a form that only the module itself can read"}
		return
	case t == TypeModule2:
		f.module(f.key)
		f.fresh()
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
		f.Keys++
		e, _ := f.db.Find(f.key)
		if f.idle >= 0 {
			e.SetIdle(f.idle)
		}
		if f.frequency >= 0 {
			e.SetFrequency(uint8(f.frequency))
		}
	default:
		f.Expired++
	}
	f.ks.ReleaseViews()
	f.fresh()
}

// end checks the checksum, which stands there since version 5, and may be left out as 0.
func (f *fileReader) end() {
	if sum := f.sum; f.Reader.Version >= 5 {
		if b := f.bytes(8); f.err == nil {
			said := binary.LittleEndian.Uint64(b)
			if f.Summed = said != 0; f.Summed && said != sum {
				f.err = ErrFooter
			}
		}
	}
}
