package rdb

import (
	"encoding/binary"
	"hash/crc64"

	"tabdis/core/keyspace"
)

// jones is the polynomial of the checksum, 0xad93d23594c935a9, reflected.
var jones = crc64.MakeTable(0x95ac9329ac4bc9b5)

// Checksum continues the checksum crc, 0 at the beginning, with b. Unlike hash/crc64 Redis inverts nothing.
func Checksum(crc uint64, b []byte) uint64 { return ^crc64.Update(^crc, jones, b) }

const footer = 2 + 8

// AppendDump appends the payload of the value at e; ok is false when its type has none.
func AppendDump(dst []byte, e keyspace.Entry, o Options) (payload []byte, ok bool) {
	t, ok := TypeOf(e, o)
	if !ok {
		return dst, false
	}
	from := len(dst)
	dst = AppendValue(append(dst, byte(t)), e, t, o)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(o.Version))
	return binary.LittleEndian.AppendUint64(dst, Checksum(0, dst[from:])), true
}

// Payload checks the footer of a payload, whose version may be up to version, and gives what is before it. The error is ErrFooter.
func Payload(b []byte, version int) (body []byte, err error) {
	n := len(b) - footer
	if n < 0 || int(binary.LittleEndian.Uint16(b[n:])) > version || binary.LittleEndian.Uint64(b[n+2:]) != Checksum(0, b[:n+2]) {
		return nil, ErrFooter
	}
	return b[:n], nil
}

// Restore reads the body of a payload for key of db: one value and nothing behind it. Strings longer than maxString are damage.
func Restore(body []byte, version int, maxString int64, db *keyspace.DB, key []byte) (Value, error) {
	if len(body) == 0 {
		return Value{}, ErrFormat
	}
	r := NewReader(body[1:])
	r.Version, r.MaxString = version, maxString
	v, err := r.Value(Type(body[0]), db, key)
	if err != nil || len(r.b) > 0 {
		return Value{}, ErrFormat
	}
	return v, nil
}
