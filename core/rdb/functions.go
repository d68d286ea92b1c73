package rdb

import (
	"strconv"
	"strings"
)

// What a file has for functions and modules:
//
//	245 code string                                                        a library of functions
//	246 name string | engine string | 0, or 1 description string | code string     the same, of the candidates of 7.0
//	247 module u64 as a length | part …                                    what a module keeps beside the keys
//	a value of type 7: module u64 as a length | part …                     a value of a module; type 6 does not tell where it ends
//
//	part: length 1 or 2 | length      a number        3 | f32        4 | f64        5 | string        0: the end
//
// The number of a module is its name, 9 characters of 6 bits, and 10 bits of a version.

// TypeModule2 is a value of a module; TypeModule, the older one, does not tell where it ends.
const (
	TypeModule  Type = 6
	TypeModule2 Type = 7
)

// Skipped is something of a file that is left out.
type Skipped struct {
	Offset int64
	Module bool   // of a module; else a library of functions
	Name   string // of the module or the library
	Key    []byte // of a value of a module, valid during the call; nil: it is no value
}

// String names it: "the library mylib", "data of the module ReJSON-RL".
func (s *Skipped) String() string {
	switch {
	case !s.Module:
		return "the library " + s.Name
	case s.Key != nil:
		return "a value of the module " + s.Name
	}
	return "data of the module " + s.Name
}

// ModuleName is the name in the number of a module.
func ModuleName(id uint64) string {
	const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b [9]byte
	for i := range b {
		b[i] = chars[id>>(58-6*i)&63]
	}
	return string(b[:])
}

// LibraryName is the name that a library gives itself in its first line, "#!lua name=mylib"; "?" when it gives none.
func LibraryName(code []byte) string {
	line, _, _ := strings.Cut(string(code[:min(len(code), 512)]), "\n")
	for _, word := range strings.Fields(line) {
		if name, ok := strings.CutPrefix(word, "name="); ok && name != "" {
			return plain([]byte(strings.Trim(name, `"'`)))
		}
	}
	return "?"
}

// Libraries are the names of the libraries in a payload of FUNCTION DUMP, as far as it can be read.
func Libraries(payload []byte) (names []string) {
	r := NewReader(payload[:max(len(payload)-footer, 0)])
	for {
		op, err := r.Byte()
		if err != nil || op != opFunction2 {
			return names
		}
		code, err := r.String()
		if err != nil {
			return names
		}
		names = append(names, LibraryName(code))
	}
}

// plain is a name from a file as a line of a log may have it.
func plain(name []byte) string {
	q := strconv.QuoteToASCII(string(name[:min(len(name), 64)]))
	return q[1 : len(q)-1]
}

// skip tells of something that is left out, or refuses it.
func (f *fileReader) skip(s Skipped) {
	if f.err != nil {
		return
	}
	s.Offset = f.at
	if f.o.Skip == nil {
		f.err = &UnsupportedError{What: s.String()}
		return
	}
	f.o.Skip(s)
}

func (f *fileReader) function(op byte) {
	name := ""
	if op == opFunctionPre {
		name = plain(f.text(0))
		f.text(0)
		if f.length() != 0 {
			f.text(0)
		}
	}
	if code := f.text(0); op != opFunctionPre {
		name = LibraryName(code)
	}
	f.skip(Skipped{Name: name})
}

// module reads over what a module keeps.
func (f *fileReader) module(key []byte) {
	s := Skipped{Module: true, Name: ModuleName(f.length()), Key: key}
	if f.o.Skip == nil {
		f.skip(s)
	}
	if key == nil {
		f.length() // when it is to be given to the module: a number, as a part
		f.length()
	}
	for f.err == nil {
		switch f.length() {
		case 0:
			f.skip(s)
			return
		case 1, 2:
			f.length()
		case 3:
			f.bytes(4)
		case 4:
			f.bytes(8)
		case 5:
			f.text(1)
		default:
			f.fail(ErrFormat)
		}
	}
}
