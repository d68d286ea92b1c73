package rdb

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// appendZiplistEntry appends an entry as Redis wrote them, integers in the shortest form; before is the length of the entry before.
func appendZiplistEntry(b []byte, text string, before int) []byte {
	if before < 0xFE {
		b = append(b, byte(before))
	} else {
		b = binary.LittleEndian.AppendUint32(append(b, 0xFE), uint32(before))
	}
	v, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || strconv.FormatInt(v, 10) != text:
		switch n := len(text); {
		case n < 1<<6:
			b = append(b, byte(n))
		case n < 1<<14:
			b = append(b, 0x40|byte(n>>8), byte(n))
		default:
			b = binary.BigEndian.AppendUint32(append(b, 0x80), uint32(n))
		}
		return append(b, text...)
	case 0 <= v && v <= 12:
		return append(b, 0xF1+byte(v))
	case v == int64(int8(v)):
		return append(b, 0xFE, byte(v))
	case v == int64(int16(v)):
		return binary.LittleEndian.AppendUint16(append(b, 0xC0), uint16(v))
	case v == v<<40>>40:
		return append(b, 0xF0, byte(v), byte(v>>8), byte(v>>16))
	case v == int64(int32(v)):
		return binary.LittleEndian.AppendUint32(append(b, 0xD0), uint32(v))
	}
	return binary.LittleEndian.AppendUint64(append(b, 0xE0), uint64(v))
}

// ziplistOf is a whole ziplist.
func ziplistOf(elements []string) []byte {
	b, last, before := make([]byte, ziplistHeader), ziplistHeader, 0
	for _, e := range elements {
		last = len(b)
		b = appendZiplistEntry(b, e, before)
		before = len(b) - last
	}
	b = append(b, 0xFF)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint32(b[4:], uint32(last))
	binary.LittleEndian.PutUint16(b[8:], uint16(min(len(elements), 65535)))
	return b
}

func readZiplist(b []byte) (elements []string, err error) {
	err = eachZiplist(b, func(text []byte) { elements = append(elements, string(text)) })
	return elements, err
}

// FuzzZiplist: what a plain writer wrote is read, what has a byte changed is refused or read, and any bytes are refused or read.
func FuzzZiplist(f *testing.F) {
	for _, s := range []string{"a|b|1|12|13|-1|127|128|-32768|8388607|2147483648|-9223372036854775808", "|||", "01|+1| 1|-0"} {
		f.Add([]byte(s), uint16(11), byte(0xFE))
	}
	f.Add(ziplistOf([]string{"abc", "7"}), uint16(0), byte(1))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, change byte) {
		_, _ = readZiplist(b) // whatever it is, no panic
		var elements []string
		for _, e := range bytes.Split(b, []byte("|")) {
			if len(e) > 0 && e[0] == '*' {
				e = bytes.Repeat(e, 300)
			}
			elements = append(elements, string(e))
		}
		packed := ziplistOf(elements)
		got, err := readZiplist(packed)
		require.NoError(t, err)
		require.Equal(t, elements, got)
		damaged := slices.Clone(packed)
		damaged[int(at)%len(damaged)] ^= change
		if got, err := readZiplist(damaged); err == nil {
			require.Len(t, got, len(elements), "the number is written")
		}
	})
}
