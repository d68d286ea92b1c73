package aof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBlockBytesNeverChange(t *testing.T) {
	var b buffer
	b.db = -1
	b.reset()
	b.begin()
	b.feed(0, words("SET k v"))
	b.end()
	h := header{file: 0x0123456789abcdef, at: 4096, lsn: 7, epoch: 3, sync: 6, prev: 0xfedcba9876543210}
	block := string(h.seal(b.b[front-room:]))
	assert.Equal(t, "#HDR:v1;file:0123456789abcdef;at:4096;len:50;lsn:7;epoch:3;sync:6;prev:fedcba9876543210;xxh64:792f64b13f971fda;\r\n"+
		"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", block)
	got, n, state := parseHeader([]byte(block))
	require.Equal(t, headerOK, state)
	assert.Equal(t, h, got)
	assert.True(t, got.verify([]byte(block)[:n], []byte(block)[n:]))
}

func TestLongestHeaderFitsItsRoom(t *testing.T) {
	max := ^uint64(0)
	h := header{file: max, at: 1<<63 - 1, len: 1<<63 - 1, lsn: max, epoch: max, sync: max, prev: max}
	assert.Len(t, h.appendTo(nil), room-tail)
}

func TestHeaderHasOneSpelling(t *testing.T) {
	h := header{file: 10, at: 0, lsn: 1, epoch: 1}
	good := string(h.seal(make([]byte, room)))
	for _, bad := range []string{
		strings.Replace(good, "lsn:1;", "lsn:01;", 1),
		strings.Replace(good, "lsn:1;", "lsn:;", 1),
		strings.Replace(good, "lsn:1;", "lsn:18446744073709551616;", 1),
		strings.Replace(good, "at:0;", "at:9223372036854775808;", 1),
		strings.Replace(good, "000a", "000A", 1),
		strings.Replace(good, "v1", "v2", 1),
		strings.Replace(good, ";\r\n", ";\n\n", 1),
		strings.Replace(good, "lsn:1;epoch:1;", "epoch:1;lsn:1;", 1),
	} {
		_, _, state := parseHeader([]byte(bad))
		assert.Equal(t, headerBad, state, "%q", bad)
	}
	for i := range good {
		_, _, state := parseHeader([]byte(good[:i]))
		assert.Equal(t, headerShort, state, "%d", i)
	}
}

func TestManifestBytesNeverChange(t *testing.T) {
	m := manifest{
		base:  &entry{name: "appendonly.aof.2.base.aof", seq: 2, id: 0x9c1f, len: 88211, cutLSN: 4000, cutSum: 0x5f2e},
		incrs: []entry{{name: "appendonly.aof.5.incr.aof", seq: 5, id: 0x77ab}, {name: "appendonly.aof.6.incr.aof", seq: 6, id: 0x0b3d}},
		epoch: 7, sealed: 4711, native: true,
	}
	text := m.encode()
	assert.Equal(t, "file appendonly.aof.2.base.aof seq 2 type b id 0000000000009c1f len 88211 cut-lsn 4000 cut-sum 0000000000005f2e\n"+
		"file appendonly.aof.5.incr.aof seq 5 type i id 00000000000077ab\n"+
		"file appendonly.aof.6.incr.aof seq 6 type i id 0000000000000b3d\n"+
		"# tabdis v1 epoch 7 sealed 4711 xxh64 89008870b2445819\n", string(text))
	got, err := parseManifest(text)
	require.NoError(t, err)
	assert.Equal(t, &m, got)
}

func TestNoFlippedBitOfAManifestPasses(t *testing.T) {
	m := manifest{base: &entry{name: "a.1.base.aof", seq: 1, id: 1, len: 5, cutLSN: 4}, incrs: []entry{{name: "a.1.incr.aof", seq: 1, id: 2}}, epoch: 1, sealed: 9}
	text := m.encode()
	for i := range text {
		for bit := range 8 {
			bad := append([]byte(nil), text...)
			bad[i] ^= 1 << bit
			_, err := parseManifest(bad)
			assert.Error(t, err, "byte %d bit %d: %q", i, bit, bad)
		}
	}
	for i := 1; i < len(text); i++ {
		_, err := parseManifest(text[:i])
		assert.Error(t, err, "cut at %d: %q", i, text[:i])
	}
}

func TestManifestsOfRedisAreRead(t *testing.T) {
	m, err := parseManifest([]byte("# a note\nfile \"append only.aof.1.base.rdb\" seq 1 type b\nfile a.0.incr.aof seq 4 type h\nfile a.7.incr.aof seq 7 type i other 5\n"))
	require.NoError(t, err)
	assert.False(t, m.native)
	assert.Equal(t, "append only.aof.1.base.rdb", m.base.name)
	assert.Equal(t, []string{"a.0.incr.aof"}, m.old)
	assert.Equal(t, []entry{{name: "a.7.incr.aof", seq: 7}}, m.incrs)
	for _, bad := range []string{
		"", "\n", "file a seq 0 type i\n", "file a seq 1 type x\n", "file a seq 1\n", "file a seq 2 type i\nfile b seq 2 type i\n",
		"file a seq 1 type b\nfile b seq 2 type b\n", "file a seq 1 type i", "file ../a seq 1 type i\n", "file a seq 1 type i seq 2\n",
		"file a seq 1 type i id 00000000000000ff\n", "# tabdis v1 epoch 1 xxh64 0000000000000000\n",
	} {
		_, err := parseManifest([]byte(bad))
		assert.Error(t, err, "%q", bad)
	}
}

func TestUnitsInTheBuffer(t *testing.T) {
	sel := func(db string) string { return "*2\r\n$6\r\nSELECT\r\n$1\r\n" + db + "\r\n" }
	set := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"
	tests := []struct {
		name string
		feed func(b *buffer)
		want string
	}{
		{"one effect", func(b *buffer) { b.begin(); b.feed(1, words("SET k v")); b.end() }, sel("1") + set},
		{"no effect", func(b *buffer) { b.begin(); b.end() }, ""},
		{"database kept", func(b *buffer) {
			b.begin()
			b.feed(1, words("SET k v"))
			b.end()
			b.begin()
			b.feed(1, words("SET k v"))
			b.end()
		}, sel("1") + set + set},
		{"several effects", func(b *buffer) { b.begin(); b.feed(0, words("SET k v")); b.feed(2, words("SET k v")); b.end() },
			sel("0") + textMulti + set + sel("2") + set + textExec},
		{"aborted", func(b *buffer) {
			b.begin()
			b.feed(1, words("SET k v"))
			b.end()
			b.begin()
			b.feed(2, words("SET k v"))
			b.feed(2, words("SET k v"))
			b.abort()
			b.begin()
			b.feed(1, words("SET k v"))
			b.end()
		}, sel("1") + set + set},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := buffer{db: -1}
			b.reset()
			tt.feed(&b)
			assert.Equal(t, tt.want, string(b.b[front:]))
		})
	}
}

func TestABigBufferIsGivenBack(t *testing.T) {
	b := buffer{db: -1}
	b.reset()
	b.begin()
	b.feed(0, [][]byte{[]byte("SET"), []byte("k"), make([]byte, 2<<20)})
	b.end()
	b.reset()
	assert.Less(t, cap(b.b), 64<<10)
}

func TestUnitsAreAppliedWholeOrNotAtAll(t *testing.T) {
	set := string(appendCommand(nil, words("SET k v")))
	tests := []struct {
		name, text string
		used       int
		state      parseState
		applied    string
	}{
		{"commands and notes", "#REQ:x\r\n" + set + "#TS:1\r\n" + set, 14 + 1 + 2*len(set), parseOK, "SET SET "},
		{"multi", textMulti + set + "#x\n" + set + textExec, 3 + len(textMulti) + len(textExec) + 2*len(set), parseOK, "SET SET "},
		{"torn multi", set + textMulti + set + set[:9], len(set), parseMore, "SET "},
		{"nested multi", textMulti + textMulti + textExec, 0, parseBad, ""},
		{"exec alone", set + textExec, len(set), parseBad, "SET "},
		{"torn", set[:len(set)-1], 0, parseMore, ""},
		{"claims much", "*1\r\n$536870912\r\nabc", 0, parseMore, ""},
		{"no array", "PING\r\n", 0, parseBad, ""},
		{"empty array", "*0\r\n", 0, parseBad, ""},
		{"long note", "#" + strings.Repeat("x", 1100) + "\r\n", 0, parseBad, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var applied string
			a := applier{to: replay(func(args [][]byte) error { applied += string(args[0]) + " "; return nil })}
			used, state, err := a.units([]byte(tt.text))
			require.NoError(t, err)
			assert.Equal(t, tt.state, state)
			assert.Equal(t, tt.used, used)
			assert.Equal(t, tt.applied, applied)
		})
	}
}
