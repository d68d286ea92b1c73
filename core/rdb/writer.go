package rdb

import (
	"encoding/binary"
	"math"

	"tabdis/core/keyspace"
)

// AppendLength appends a length. It and append64 have many callers and are kept from being inlined, for the size of the wasm.
//
//go:noinline
func AppendLength(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, len14|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, len32), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, len64), n)
	}
}

// AppendString appends a string: as an integer if it is one, else compressed if that helps.
func AppendString(dst, s []byte, compress bool) []byte {
	if n, ok := integer(s); ok {
		return appendInt(dst, n)
	}
	if compress && len(s) > 20 {
		if out, ok := appendCompressed(dst, s); ok {
			return out
		}
	}
	return append(AppendLength(dst, uint64(len(s))), s...)
}

// integer is the number of 32 bits whose decimal text is s, if there is one. (strconv's errors are garbage, two pieces a string.)
func integer(s []byte) (n int64, ok bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 10 || digits[0] == '0' && len(s) > 1 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, n == int64(int32(n))
}

func appendInt(dst []byte, n int64) []byte {
	switch {
	case n == int64(int8(n)):
		return append(dst, encInt, byte(n))
	case n == int64(int16(n)):
		return binary.LittleEndian.AppendUint16(append(dst, encInt+1), uint16(n))
	default:
		return binary.LittleEndian.AppendUint32(append(dst, encInt+2), uint32(n))
	}
}

// appendCompressed puts the compressed bytes behind room for their length, and moves them to where it ends.
func appendCompressed(dst, s []byte) ([]byte, bool) {
	from := len(dst)
	const room = 1 + 9 + 9
	dst = append(dst, make([]byte, room)...)
	dst, ok := lzfCompress(dst, s, len(s)-4)
	if !ok {
		return dst[:from], false
	}
	packed := dst[from+room:]
	head := AppendLength(AppendLength(append(dst[:from], encLZF), uint64(len(packed))), uint64(len(s)))
	return append(head, packed...), true
}

// TypeOf is the type that AppendValue writes the value at e with; ok is false when its type has none.
func TypeOf(e keyspace.Entry, o Options) (t Type, ok bool) { return typeOf(e.Type(), e.Encoding(), o) }

func typeOf(kind keyspace.Type, enc keyspace.Encoding, o Options) (t Type, ok bool) {
	packed := enc == keyspace.EncListpack
	switch kind {
	case keyspace.String:
		return TypeString, true
	case keyspace.List:
		return TypeQuicklist2, true
	case keyspace.Set:
		switch {
		case enc == keyspace.EncIntset:
			return TypeSetIntset, true
		case packed && o.Version >= 11:
			return TypeSetListpack, true
		}
		return TypeSet, true
	case keyspace.Hash:
		if packed {
			return TypeHashListpack, true
		}
		return TypeHash, true
	case keyspace.ZSet:
		if packed {
			return TypeZSetListpack, true
		}
		return TypeZSet2, true
	case keyspace.Stream:
		if o.Version >= 11 {
			return TypeStream3, true
		}
		return TypeStream2, true
	}
	return 0, false
}

// isPacked tells whether a value of type t is one string.
func (t Type) isPacked() bool {
	return t == TypeSetIntset || t == TypeSetListpack || t == TypeHashListpack || t == TypeZSetListpack
}

//go:noinline
func append64(dst []byte, n uint64) []byte { return binary.LittleEndian.AppendUint64(dst, n) }

func appendScore(dst []byte, score float64) []byte { return append64(dst, math.Float64bits(score)) }

func appendListNode(dst, lp []byte, o Options) []byte {
	return AppendString(append(dst, nodePacked), lp, o.Compress)
}

// AppendValue appends the value at e as type t, which is TypeOf's.
func AppendValue(dst []byte, e keyspace.Entry, t Type, o Options) []byte {
	if t.isPacked() {
		return AppendString(dst, e.Packed(), o.Compress)
	}
	switch e.Type() {
	case keyspace.String:
		var digits [20]byte
		return AppendString(dst, e.Bytes(digits[:0]), o.Compress)
	case keyspace.List:
		l := e.List()
		dst = AppendLength(dst, uint64(l.Nodes()))
		l.EachNode(func(lp []byte) { dst = o.spill(appendListNode(dst, lp, o)) })
	case keyspace.Set:
		s := e.Set()
		dst = AppendLength(dst, uint64(s.Len()))
		s.Each(func(m []byte) bool {
			dst = o.spill(AppendString(dst, m, o.Compress))
			return true
		})
	case keyspace.Hash:
		h := e.Hash()
		dst = AppendLength(dst, uint64(h.Len()))
		h.Each(func(field, val []byte) bool {
			dst = o.spill(AppendString(AppendString(dst, field, o.Compress), val, o.Compress))
			return true
		})
	case keyspace.ZSet: // from the highest on: Redis then inserts each at the head
		z := e.ZSet()
		dst = AppendLength(dst, uint64(z.Len()))
		z.Range(z.Len()-1, true, func(m []byte, score float64) bool {
			dst = o.spill(appendScore(AppendString(dst, m, o.Compress), score))
			return true
		})
	case keyspace.Stream:
		dst = appendStream(dst, e.Stream(), o)
	}
	return dst
}
