package rdb

import "errors"

// Version is the highest version of the format that is read.
const Version = 11

// Type is the form of a value, the byte before it.
type Type uint8

// The types. Those of modules stand in functions.go.
const (
	TypeString       Type = 0
	TypeList         Type = 1
	TypeSet          Type = 2
	TypeZSet         Type = 3
	TypeHash         Type = 4
	TypeZSet2        Type = 5
	TypeHashZipmap   Type = 9
	TypeListZiplist  Type = 10
	TypeSetIntset    Type = 11
	TypeZSetZiplist  Type = 12
	TypeHashZiplist  Type = 13
	TypeQuicklist    Type = 14
	TypeStream       Type = 15
	TypeHashListpack Type = 16
	TypeZSetListpack Type = 17
	TypeQuicklist2   Type = 18
	TypeStream2      Type = 19
	TypeSetListpack  Type = 20
	TypeStream3      Type = 21
)

// Options are how values are written.
type Options struct {
	Version  int  // 10, which Redis 7.0 reads, or 11
	Compress bool // rdbcompression: strings of more than 20 bytes by LZF, where it helps

	// Spill is given what has been appended so far, when it has become much, and gives room for more; nil: all stays.
	Spill func(b []byte) []byte
}

func (o *Options) spill(b []byte) []byte {
	if len(b) >= piece && o.Spill != nil {
		return o.Spill(b)
	}
	return b
}

// ErrFormat tells that the bytes are not a value.
var ErrFormat = errors.New("bad data format")

// ErrFooter tells that a payload is of a later version, or that its checksum, or that of a file, is another.
var ErrFooter = errors.New("DUMP payload version or checksum are wrong")

// The first byte of a length.
const (
	len6   = 0x00
	len14  = 0x40
	len32  = 0x80
	len64  = 0x81
	encInt = 0xC0 // and the two encodings of wider integers behind it
	encLZF = 0xC3
)

// The containers of a quicklist's node.
const (
	nodePlain  = 1
	nodePacked = 2
)
