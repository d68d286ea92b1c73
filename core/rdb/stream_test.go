package rdb

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

func describedStream(v *keyspace.StreamValue) []byte {
	b := strconv.AppendInt(nil, int64(v.Len()), 10)
	id := func(id keyspace.StreamID) {
		b = strconv.AppendUint(append(b, ' '), id.Ms, 10)
		b = strconv.AppendUint(append(b, '-'), id.Seq, 10)
	}
	number := func(n int64) { b = strconv.AppendInt(append(b, ' '), n, 10) }
	id(v.LastID())
	id(v.MaxDeletedID())
	number(int64(v.EntriesAdded()))
	v.Range(keyspace.StreamID{}, keyspace.MaxStreamID, false, func(at keyspace.StreamID, fields [][]byte) bool {
		id(at)
		b = append(append(b, ' '), bytes.Join(fields, []byte(" "))...)
		return true
	})
	for i := range v.Groups() {
		g := v.GroupAt(i)
		b = append(append(b, " | "...), g.Name()...)
		id(g.LastID())
		number(g.EntriesRead())
		number(int64(g.Pending()))
		for k := range g.Consumers() {
			c := g.ConsumerAt(k)
			b = append(append(b, ' '), c.Name()...)
			number(c.SeenAt())
			number(c.ActiveAt())
			c.EachPending(keyspace.StreamID{}, func(at keyspace.StreamID, d keyspace.Delivery) bool {
				id(at)
				number(d.Time)
				number(int64(d.Count))
				return true
			})
		}
	}
	return b
}

func rawIDText(ms, seq uint64) string {
	return string(appendRawID(nil, keyspace.StreamID{Ms: ms, Seq: seq}))
}

func u64(n int64) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

// node is one of three entries, 1-1 (a 1 b 2), 1-2 deleted, 2-0 (c d), and so many more words.
func node(more ...string) string {
	entries := []string{"\x02\x01", "\x01\x01", "\x02\x01", "\x81a\x02", "\x81b\x02", "\x00\x01",
		"\x02\x01", "\x00\x01", "\x00\x01", "\x01\x01", "\x02\x01", "\x05\x01",
		"\x03\x01", "\x00\x01", "\x01\x01", "\x01\x01", "\x02\x01", "\x05\x01",
		"\x00\x01", "\x01\x01", "\xdf\xff\x02", "\x01\x01", "\x81c\x02", "\x81d\x02", "\x06\x01"}
	return listpack(append(entries, more...)...)
}

// streamParts are what streamGolden joins.
func streamParts(t Type) []string {
	later := func(s string) string {
		if t == TypeStream {
			return ""
		}
		return s
	}
	active := ""
	if t == TypeStream3 {
		active = u64(8)
	}
	return []string{string([]byte{byte(t)}), "\x02", "\x10", rawIDText(1, 1), node(), "\x10", rawIDText(5, 0),
		listpack("\x01\x01", "\x00\x01", "\x01\x01", "\x81a\x02", "\x00\x01", "\x02\x01", "\x00\x01", "\x00\x01", "\x07\x01", "\x04\x01"),
		"\x03", "\x06\x00", later("\x01\x01\x01\x02\x09"), "\x01", "\x01g", "\x02\x00", later("\x02"),
		"\x02", rawIDText(2, 0), u64(100), "\x03", rawIDText(1, 1), u64(90), "\x01",
		"\x02", "\x01x", u64(7), active, "\x01", rawIDText(1, 1), "\x01y", u64(7), active, "\x01", rawIDText(2, 0)}
}

func streamGolden(t Type) string { return strings.Join(streamParts(t), "") }

// streamWant is what it holds; the first form tells neither what was deleted nor what was read and added.
func streamWant(read, added, active string) string {
	deleted := "1-2"
	if added == "3" {
		deleted, read = "0-0", "-1"
	}
	return "stream 3 6-0 " + deleted + " " + added + " 1-1 a 1 b 2 2-0 c d 5-0 a 7 | g 2-0 " + read + " 2 x 7 " + active + " 1-1 90 1 y 7 " + active + " 2-0 100 3"
}

// Each change of the golden makes it something that no commands could have made.
func TestDamagedStreamsAreRefused(t *testing.T) {
	for _, c := range []struct {
		why  string
		part int
		to   string
	}{
		{"a first ID that is too short", 3, rawIDText(1, 1)[1:]},
		{"a node that ends early", 4, listpack("\x01\x01", "\x00\x01", "\x01\x01")},
		{"no end of the fields", 4, listpack("\x01\x01", "\x00\x01", "\x01\x01", "\x81a\x02")},
		{"fields that are not there", 4, listpack("\x01\x01", "\x00\x01", "\x7f\x01", "\x81a\x02", "\x00\x01")},
		{"an entry more than is counted", 4, node("\x02\x01", "\x02\x01", "\x00\x01", "\x01\x01", "\x02\x01", "\x05\x01")},
		{"an entry that ends early", 4, node("\x02\x01", "\x02\x01", "\x00\x01")},
		{"text for a flag", 4, node("\x81a\x02")},
		{"a node of nothing", 4, listpack("\x00\x01", "\x00\x01", "\x01\x01", "\x81a\x02", "\x00\x01")},
		{"an empty node", 4, listpack()},
		{"nodes in disorder", 6, rawIDText(2, 0)},
		{"an entry without fields", 7, listpack("\x01\x01", "\x00\x01", "\x00\x01", "\x00\x01", "\x02\x01", "\x00\x01", "\x00\x01", "\x03\x01")},
		{"a back that leads elsewhere", 7, listpack("\x01\x01", "\x00\x01", "\x01\x01", "\x81a\x02", "\x00\x01", "\x02\x01", "\x00\x01", "\x00\x01", "\x07\x01", "\x05\x01")},
		{"an unknown flag", 7, listpack("\x01\x01", "\x00\x01", "\x01\x01", "\x81a\x02", "\x00\x01", "\x06\x01", "\x00\x01", "\x00\x01", "\x07\x01", "\x04\x01")},
		{"another number of entries", 8, "\x04"},
		{"a last ID before the last entry", 9, "\x04\x00"},
		{"a deleted ID behind the last", 10, "\x01\x01\x07\x00\x09"},
		{"fewer added than there are", 10, "\x01\x01\x01\x02\x02"},
		{"more added than can be", 10, "\x01\x01\x01\x02\x81\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"less than nothing read", 14, "\x81\xff\xff\xff\xff\xff\xff\xff\xfe"},
		{"pending twice", 19, rawIDText(2, 0)},
		{"pending with nobody", 16, rawIDText(2, 1)},
		{"two consumers of one name", 27, "\x01x"},
		{"pending with two", 31, rawIDText(1, 1)},
		{"fewer with consumers than pending", 30, "\x00"},
		{"delivered in the past of all times", 17, u64(-1)},
		{"two groups of one name", 11, "\x02"},
	} {
		parts := streamParts(TypeStream3)
		parts[c.part] = c.to
		db := newDB()
		_, err := Restore([]byte(strings.Join(parts, "")), Version, 1<<20, db, key)
		assert.Equal(t, ErrFormat, err, c.why)
	}
	_, err := Restore([]byte(streamGolden(TypeStream3)), 10, 1<<20, newDB(), key)
	assert.Equal(t, ErrFormat, err, "a later type")
}

// What is pending may stand in any order: so it does in a file that was written in parts.
func TestPendingEntriesMayStandInAnyOrder(t *testing.T) {
	parts := streamParts(TypeStream3)
	parts[16], parts[19], parts[17], parts[20], parts[18], parts[21] = parts[19], parts[16], parts[20], parts[17], parts[21], parts[18]
	db := newDB()
	v, err := Restore([]byte(strings.Join(parts, "")), Version, 1<<20, db, key)
	require.NoError(t, err)
	v.Store(keyspace.NoExpiry)
	e, _ := db.Find(key)
	assert.Equal(t, streamWant("2", "9", "8"), described(e))
}

func TestStreamsAreWrittenAsTheyWereRead(t *testing.T) {
	for _, form := range []Type{TypeStream2, TypeStream3} {
		db := newDB()
		v, err := Restore([]byte(streamGolden(form)), Version, 1<<20, db, key)
		require.NoError(t, err)
		v.Store(keyspace.NoExpiry)
		e, _ := db.Find(key)
		payload, ok := AppendDump(nil, e, Options{Version: 10 + int(form-TypeStream2)/2})
		require.True(t, ok)
		// What is pending goes out in the order of IDs.
		parts := streamParts(form)
		parts[16], parts[19], parts[17], parts[20], parts[18], parts[21] = parts[19], parts[16], parts[20], parts[17], parts[21], parts[18]
		assert.Equal(t, strings.Join(parts, ""), string(payload[:len(payload)-footer]))
	}
}

// changeStream does to a stream what relies on its form.
func changeStream(v *keyspace.StreamValue) {
	if last, ok := v.LastID().Next(); ok {
		v.Append(last, [][]byte{[]byte("f"), []byte("1")})
		v.Range(keyspace.StreamID{}, keyspace.MaxStreamID, true, func(keyspace.StreamID, [][]byte) bool { return true })
		if first := v.FirstID(); !v.Delete(first) {
			panic("the first entry is not there")
		}
	}
	for i := range v.Groups() {
		g := v.GroupAt(i)
		g.Lag()
		c, _ := g.CreateConsumer([]byte("c"), 1)
		g.Give(v.LastID(), c, keyspace.Delivery{Time: 1, Count: 1})
		if g.Consumers() > 1 {
			g.DeleteConsumer([]byte(g.ConsumerAt(0).Name()))
		}
	}
	v.Commit()
}
