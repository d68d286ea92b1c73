package rdb

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

var key = []byte("k")

func newDB() *keyspace.DB { return keyspace.New(keyspace.Options{Seed: 1}).DB(0) }

// described is the value at e in a line of text.
func described(e keyspace.Entry) string {
	b := []byte(e.Encoding().String())
	add := func(v []byte) { b = append(append(b, ' '), v...) }
	switch e.Type() {
	case keyspace.String:
		var digits [20]byte
		add(e.Bytes(digits[:0]))
	case keyspace.List:
		e.List().Range(0, false, func(_ int, v []byte) bool { add(v); return true })
	case keyspace.Set:
		e.Set().Each(func(m []byte) bool { add(m); return true })
	case keyspace.Hash:
		e.Hash().Each(func(field, val []byte) bool { add(field); add(val); return true })
	case keyspace.ZSet:
		e.ZSet().Each(func(m []byte, score float64) bool {
			add(m)
			add([]byte(hex.EncodeToString(binary.BigEndian.AppendUint64(nil, math.Float64bits(score))[:3])))
			return true
		})
	case keyspace.Stream:
		add(describedStream(e.Stream()))
	}
	return string(b)
}

func str(parts ...string) string {
	s := strings.Join(parts, "")
	return string(AppendLength(nil, uint64(len(s)))) + s
}

// listpack is one of these entries, as a string.
func listpack(entries ...string) string {
	all := strings.Join(entries, "")
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(all)+7))
	return str(string(binary.LittleEndian.AppendUint16(b, uint16(len(entries)))), all, "\xff")
}

// ziplist is one of these entries, given without the length of the one before, as a string.
func ziplist(entries ...string) string {
	all, before, tail := "", 0, 10
	for _, e := range entries {
		tail = 10 + len(all)
		if before < 0xFE {
			e = string([]byte{byte(before)}) + e
		} else {
			e = "\xfe" + string(binary.LittleEndian.AppendUint32(nil, uint32(before))) + e
		}
		all, before = all+e, len(e)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(all)+11))
	b = binary.LittleEndian.AppendUint32(b, uint32(tail))
	return str(string(binary.LittleEndian.AppendUint16(b, uint16(len(entries)))), all, "\xff")
}

func f64(f float64) string {
	return string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)))
}

// goldens are bodies of payloads, put together from the format, and what they hold. Scores are told by their first three bytes.
var goldens = []struct{ name, body, want string }{
	{"a string", "\x00\x05hello", "embstr hello"},
	{"an empty string", "\x00\x00", "embstr "},
	{"an integer of 8 bits", "\x00\xc0\x80", "int -128"},
	{"an integer of 16 bits", "\x00\xc1\x00\x80", "int -32768"},
	{"an integer of 32 bits", "\x00\xc2\x00\x00\x00\x80", "int -2147483648"},
	{"digits", "\x00\x04" + "1234", "int 1234"},
	{"a length of 14 bits", "\x00\x40\x02ab", "embstr ab"},
	{"a length of 32 bits", "\x00\x80\x00\x00\x00\x02ab", "embstr ab"},
	{"a length of 64 bits", "\x00\x81\x00\x00\x00\x00\x00\x00\x00\x02ab", "embstr ab"},
	{"LZF that repeats itself", "\x00\xc3\x05\x0b\x00a\xe0\x01\x00", "embstr aaaaaaaaaaa"},
	{"LZF with a literal and a near repetition", "\x00\xc3\x09\x08\x02abc\x20\x02\x01xy", "embstr abcabcxy"},
	{"a list", "\x01\x03\x01a\xc0\x07\x00", "listpack a 7 "},
	{"a set of integers", "\x02\x03\x011\x013\xc0\x02", "intset 1 2 3"},
	{"a set of both", "\x02\x02\x011\x01a", "listpack 1 a"},
	{"scores as text", "\x03\x04\x01a\x031.5\x01b\xfe\x01c\xff\x01d\x02-2", "listpack c fff000 d c00000 a 3ff800 b 7ff000"},
	{"scores in binary", "\x05\x02\x01a" + f64(1.5) + "\x01b" + f64(-1), "listpack b bff000 a 3ff800"},
	{"a hash", "\x04\x02\x01a\x01b\x00\x00", "listpack a b  "},
	{"a hash with a long value", "\x04\x01\x01a" + str(strings.Repeat("v", 65)), "hashtable a " + strings.Repeat("v", 65)},
	{"a zipmap", "\x09" + str("\x02\x01a\x01\x00b\x00\x00\x02XX\xff"), "listpack a b  "},
	{"a zipmap that counts nothing, with long strings", "\x09" + str("\xfe", "\x01a", "\xfe\x2c\x01\x00\x00\x01", strings.Repeat("v", 300), "X", "\xff"),
		"hashtable a " + strings.Repeat("v", 300)},
	{"a ziplist with every head", "\x0a" + ziplist("\xc0\x00\x80", "\xd0\x00\x00\x00\x80", "\xe0\x00\x00\x00\x00\x00\x00\x00\x80", "\xf0\xff\xff\xff",
		"\xfe\x80", "\xf1", "\xfd", "\x80\x00\x00\x00\x01b", "\x8f\x00\x00\x00\x01c", "\x43\x00"+strings.Repeat("q", 768), "\x01z", "\x00"),
		"quicklist -32768 -2147483648 -9223372036854775808 -1 -128 0 12 b c " + strings.Repeat("q", 768) + " z "},
	{"a hash of a ziplist", "\x0d" + ziplist("\x01a", "\x01b"), "listpack a b"},
	{"a zset of a ziplist", "\x0c" + ziplist("\x01a", "\x031.5"), "listpack a 3ff800"},
	{"a quicklist of ziplists", "\x0e\x02" + ziplist("\x01a") + ziplist("\xf3"), "quicklist a 2"},
	{"an intset", "\x0b" + str("\x02\x00\x00\x00\x02\x00\x00\x00\xff\xff\x05\x00"), "intset -1 5"},
	{"an intset that is too wide", "\x0b" + str("\x04\x00\x00\x00\x01\x00\x00\x00\x05\x00\x00\x00"), "intset 5"},
	{"a hash of a listpack", "\x10" + listpack("\x81a\x02", "\x07\x01"), "listpack a 7"},
	{"a zset of a listpack in disorder", "\x11" + listpack("\x81b\x02", "\x02\x01", "\x81a\x02", "\x01\x01"), "listpack a 3ff000 b 400000"},
	{"a set of a listpack", "\x14" + listpack("\x81a\x02", "\x07\x01"), "listpack a 7"},
	{"digits in a listpack that stand as text", "\x14" + listpack("\x817\x02"), "listpack 7"},
	{"a quicklist of a listpack", "\x12\x01\x02" + listpack("\x81a\x02", "\x07\x01"), "listpack a 7"},
	{"a stream of the first form", streamGolden(15), streamWant("-1", "3", "7")},
	{"a stream of the second form", streamGolden(19), streamWant("2", "9", "7")},
	{"a stream of the third form", streamGolden(21), streamWant("2", "9", "8")},
	{"an empty stream", "\x13\x00\x00\x05\x06\x00\x00\x00\x00\x00\x00", "stream 0 5-6 0-0 0"},
	{"a quicklist of an element and an empty listpack", "\x12\x02\x01\x01a\x02\x07\x07\x00\x00\x00\x00\x00\xff", "quicklist a"},
}

// TestOldAndNewEncodingsAreRead reads each from memory and from a stream.
func TestOldAndNewEncodingsAreRead(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			db := newDB()
			v, err := Restore([]byte(g.body), Version, 1<<20, db, key)
			require.NoError(t, err, "%q", g.body)
			_, stored := db.Find(key)
			require.False(t, stored, "reading stores nothing")
			v.Store(keyspace.NoExpiry)
			e, ok := db.Find(key)
			require.True(t, ok)
			assert.Equal(t, g.want, described(e))

			r := NewStreamReader(iotest.OneByteReader(strings.NewReader(g.body[1:] + "behind it")))
			v, err = r.Value(Type(g.body[0]), db, []byte("streamed"))
			require.NoError(t, err)
			v.Store(keyspace.NoExpiry)
			e, ok = db.Find([]byte("streamed"))
			require.True(t, ok)
			assert.Equal(t, g.want, described(e))
			rest, err := r.take(9)
			require.NoError(t, err)
			assert.Equal(t, "behind it", string(rest))
		})
	}
}

func TestWhatIsCutOrTooLongIsDamage(t *testing.T) {
	for _, g := range goldens {
		db := newDB()
		for n := range len(g.body) {
			_, err := Restore([]byte(g.body[:n]), Version, 1<<20, db, key)
			require.Equal(t, ErrFormat, err, "%s: %d bytes", g.name, n)
		}
		_, err := Restore([]byte(g.body+"\x00"), Version, 1<<20, db, key)
		require.Equal(t, ErrFormat, err, "%s, and a byte more", g.name)
	}
}

func TestStreamErrorsComeThrough(t *testing.T) {
	r := NewStreamReader(iotest.ErrReader(assert.AnError))
	_, err := r.Value(TypeString, newDB(), key)
	assert.Equal(t, assert.AnError, err)
}

// Lengths that are claimed cost nothing.
func TestNothingIsAllocatedAheadOfTheBytes(t *testing.T) {
	const huge = "\x81\x7f\xff\xff\xff\xff\xff\xff\xff"
	for _, body := range []string{"\x00" + huge, "\x00\xc3\x04" + huge + "\x00a\x20\x00", "\x00\xc3" + huge + huge, "\x01" + huge, "\x02" + huge + "\x01a",
		"\x03" + huge, "\x04" + huge, "\x05" + huge, "\x0e" + huge, "\x12" + huge + "\x01" + huge, "\x00\x80\x3f\xff\xff\xff",
		"\x13" + huge, "\x13\x01\x10" + rawIDText(1, 1) + huge, "\x13\x00\x00\x05\x06\x00\x00\x00\x00\x00" + huge,
		"\x13\x00\x00\x05\x06\x00\x00\x00\x00\x00\x01\x01g\x00\x00\x00" + huge,
		"\x13\x00\x00\x05\x06\x00\x00\x00\x00\x00\x01\x01g\x00\x00\x00\x00" + huge,
		"\x0b" + str("\x08\x00\x00\x00\x00\x00\x00\x20"), "\x10" + str("\x0b\x00\x00\x00\x01\x00\xf0\xff\xff\xff\x7f\xff")} {
		var before, after runtime.MemStats
		db := newDB()
		runtime.ReadMemStats(&before)
		_, err := Restore([]byte(body), Version, 1<<62, db, key)
		runtime.ReadMemStats(&after)
		assert.Equal(t, ErrFormat, err, "%q", body)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<10), "%q", body)
	}
}

func TestStringsMayNotExceedTheLimit(t *testing.T) {
	b := AppendString([]byte{0}, bytes.Repeat([]byte("a"), 2000), true)
	require.Less(t, len(b), 100)
	_, err := Restore(b, Version, 2000, newDB(), key)
	assert.NoError(t, err)
	_, err = Restore(b, Version, 1999, newDB(), key)
	assert.Equal(t, ErrFormat, err)
}

func TestLaterTypesNeedALaterVersion(t *testing.T) {
	body := []byte("\x14" + listpack("\x81a\x02", "\x07\x01"))
	_, err := Restore(body, 10, 1<<20, newDB(), key)
	assert.Equal(t, ErrFormat, err)
}

func TestPayloadChecksItsFooter(t *testing.T) {
	assert.Equal(t, uint64(0xe9c6d914c4b8d9ca), Checksum(0, []byte("123456789")))
	assert.Equal(t, Checksum(0, []byte("123456789")), Checksum(Checksum(0, []byte("12345")), []byte("6789")))
	b := []byte("\x00\x05hello\x0a\x00cr\xdfve4 \n") // of redis-server 7.0
	body, err := Payload(b, 10)
	require.NoError(t, err)
	assert.Equal(t, "\x00\x05hello", string(body))
	_, err = Payload(b, 9)
	assert.Equal(t, ErrFooter, err)
	for i := range b {
		c := bytes.Clone(b)
		c[i] ^= 1
		_, err = Payload(c, 11)
		assert.Equal(t, ErrFooter, err)
	}
	_, err = Payload(b[2:], 10)
	assert.Equal(t, ErrFooter, err)
	_, err = Payload(b[:9], 10)
	assert.Equal(t, ErrFooter, err)
}

func TestLengths(t *testing.T) {
	for n, size := range map[uint64]int{0: 1, 63: 1, 64: 2, 16383: 2, 16384: 5, math.MaxUint32: 5, math.MaxUint32 + 1: 9, math.MaxUint64: 9} {
		b := AppendLength(nil, n)
		assert.Len(t, b, size)
		got, err := NewReader(b).Length()
		assert.NoError(t, err)
		assert.Equal(t, n, got)
	}
}

func TestStringsAreReadAsTheyWereWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		s := make([]byte, r.IntN(1<<r.IntN(15)))
		letters := 1 + r.IntN(256)
		for i := range s {
			if s[i] = byte(r.IntN(letters)); i > 10 && r.IntN(20) == 0 {
				i += copy(s[i:], s[r.IntN(i):i])
			}
		}
		for _, compress := range []bool{true, false} {
			b := AppendString([]byte("before"), s, compress)
			require.Equal(t, "before", string(b[:6]))
			got, err := NewReader(b[6:]).String()
			require.NoError(t, err)
			require.True(t, bytes.Equal(s, got))
			require.LessOrEqual(t, len(b)-6, len(s)+5)
		}
	}
}

func TestCompressionHelps(t *testing.T) {
	text := strings.Repeat("All happy families are alike; ", 40)
	assert.Less(t, len(AppendString(nil, []byte(text), true)), 80)
	zeros := make([]byte, 1<<20)
	assert.Less(t, len(AppendString(nil, zeros, true)), len(zeros)/80)
}

// Version 11 has packed sets, version 10 writes their members.
func TestPackedSetsAreWrittenSinceVersion11(t *testing.T) {
	db := newDB()
	s := db.NewSet(key)
	s.Add([]byte("a"))
	s.Add([]byte("b"))
	s.Commit()
	e, _ := db.Find(key)
	for version, want := range map[int]string{10: "\x02\x02\x01a\x01b", 11: "\x14" + listpack("\x81a\x02", "\x81b\x02")} {
		payload, ok := AppendDump(nil, e, Options{Version: version})
		require.True(t, ok)
		body, err := Payload(payload, version)
		require.NoError(t, err)
		assert.Equal(t, want, string(body))
	}
}

func TestAnIntegerIsTheTextThatItWouldBeWrittenAs(t *testing.T) {
	for _, text := range []string{"", "-", "0", "-0", "00", "07", "7", "-7", "+7", "7x", " 7", "2147483647", "2147483648", "-2147483648", "-2147483649", "9999999999", "99999999999", "-1000000000", "1e3"} {
		want, err := strconv.ParseInt(text, 10, 32)
		got, ok := integer([]byte(text))
		assert.Equal(t, err == nil && strconv.FormatInt(want, 10) == text, ok, "%q", text)
		if ok {
			assert.Equal(t, want, got)
		}
	}
}
