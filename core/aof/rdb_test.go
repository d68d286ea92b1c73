package aof

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/resp"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// keys is a store of strings in a real keyspace, over a log.
type keys struct {
	ks   *keyspace.Keyspace
	log  *Log
	host *fakeHost
	fs   *faultfs.FS
	cfg  Config
	rep  Report
	db   int
}

func (s *keys) Ahead([][]byte) {}

func (s *keys) Replay(args [][]byte) error {
	switch name := string(args[0]); {
	case name == "SELECT" && len(args) != 2, name == "SET" && len(args) != 3 && len(args) != 5, name == "DEL" && len(args) != 2:
		return resp.Error("ERR wrong number of arguments")
	}
	switch string(args[0]) {
	case "SELECT":
		n, err := strconv.Atoi(string(args[1]))
		if err != nil || n < 0 || n >= s.ks.Databases() {
			return resp.Error("ERR DB index is out of range")
		}
		s.db = n
	case "SET":
		at := int64(keyspace.NoExpiry)
		if len(args) == 5 { // PXAT
			at, _ = strconv.ParseInt(string(args[4]), 10, 64)
		}
		s.ks.DB(s.db).SetString(args[1], args[2], keyspace.EncEmbstr, at)
	case "DEL":
		s.ks.DB(s.db).Delete(args[1])
	default:
		return &UnknownCommand{string(args[0])}
	}
	return nil
}

// openKeys opens a disk. set may change what there is before the log is loaded.
func openKeys(t testing.TB, disk *memfs.Store, set func(s *keys), injector faultfs.Injector) (*keys, error) {
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &keys{fs: faultfs.Wrap(inner, injector), cfg: config(), ks: keyspace.New(keyspace.Options{Databases: 16, Seed: 1}),
		host: &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}}
	s.log = New(s.fs, s.ks, &s.cfg, s.host)
	s.log.ballast.busy = true
	if set != nil {
		set(s)
	}
	s.rep, err = s.log.Load(context.Background(), s, nil)
	if err != nil {
		disk.Kill()
		return s, err
	}
	for len(s.host.posts) > 0 {
		(<-s.host.posts)()
	}
	return s, nil
}

// data is all that there is: database/key → value, and @ and its time where it has one.
func (s *keys) data() map[string]string {
	all := map[string]string{}
	for i := range s.ks.Databases() {
		s.ks.DB(i).Each(func(e keyspace.Entry) bool {
			v := string(e.Bytes(nil))
			if at := e.ExpiresAt(); at != keyspace.NoExpiry {
				v += "@" + strconv.FormatInt(at, 10)
			}
			all[strconv.Itoa(i)+"/"+string(e.Key())] = v
			return true
		})
	}
	return all
}

func (s *keys) close(t testing.TB) {
	require.NoError(t, s.log.Close(context.Background()))
	require.NoError(t, s.fs.Close())
}

// rdbFile is a file of these parts, with or without its checksum.
func rdbFile(checksum bool, parts string) string {
	s := "REDIS0010\xfa\x09redis-ver\x057.0.0" + parts + "\xff"
	sum := uint64(0)
	if checksum {
		sum = rdb.Checksum(0, []byte(s))
	}
	return s + string(binary.LittleEndian.AppendUint64(nil, sum))
}

// ourWord is the id of the file of ourRDB.
const ourWord = "\xfa\x09tabdis-id\x100000000000000005"

// In database 2: a, and c, which passed its time long ago.
const rdbParts = "\xfe\x02\x00\x01a\x01b\xfc\xe8\x03\x00\x00\x00\x00\x00\x00\x00\x01c\x01d"

var rdbData = map[string]string{"2/a": "b", "2/c": "d@1000"}

const rdbName = "appendonly.aof.1.base.rdb"

func line(text string) string { return string(appendCommand(nil, words(text))) }

// ourRDB is a log of ours with a base of RDB data and a block behind it.
func ourRDB(t testing.TB, base string, entryLen int) map[string][]byte {
	h := header{file: 7, lsn: 5, epoch: 3, prev: 99}
	block := h.seal(append(make([]byte, room), line("SET behind 1")...))
	m := manifest{native: true, epoch: 3,
		base:  &entry{name: rdbName, seq: 1, id: 5, len: int64(entryLen), cutLSN: 4, cutSum: 99},
		incrs: []entry{{name: firstIncr, seq: 1, id: 7}}}
	return map[string][]byte{manName: m.encode(), rdbName: []byte(base), firstIncr: block}
}

func TestABaseOfRDBDataIsRead(t *testing.T) {
	base := rdbFile(true, ourWord+rdbParts)
	disk := diskOf(t, ourRDB(t, base, len(base)))
	s, err := openKeys(t, disk, nil, nil)
	require.NoError(t, err)
	want := maps.Clone(rdbData)
	want["0/behind"] = "1"
	assert.Equal(t, want, s.data(), "what is past its time stays: its DEL would come in the log")
	assert.EqualValues(t, 2, s.rep.Keys)
	assert.Equal(t, rdbName, s.log.man.base.name, "it stays the base")
	assert.EqualValues(t, len(base), s.log.base.size)
	s.close(t)
	s, err = openKeys(t, disk, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, want, s.data())
	s.close(t)

	all := ourRDB(t, base+"slack", len(base))
	s, err = openKeys(t, diskOf(t, all), nil, nil)
	require.NoError(t, err, "what lies behind its end is not its")
	assert.Equal(t, want, s.data())
}

// A bad byte in a base is damage.
func TestNoFlippedBitOfABaseOfRDBDataIsLoaded(t *testing.T) {
	base := rdbFile(true, ourWord+rdbParts)
	refused := func(all map[string][]byte, msg ...any) {
		t.Helper()
		disk := diskOf(t, all)
		_, err := openKeys(t, disk, nil, nil)
		require.ErrorIs(t, err, ErrCorrupt, msg...)
		var at *LoadError
		require.ErrorAs(t, err, &at)
		require.Equal(t, rdbName, at.File)
		require.Equal(t, all, files(t, disk), "nothing was changed")
	}
	for i := range base {
		for bit := range 8 {
			bad := []byte(base)
			bad[i] ^= 1 << bit
			refused(ourRDB(t, string(bad), len(base)), "byte %d bit %d", i, bit)
		}
		refused(ourRDB(t, base[:i], len(base)), "cut at %d", i)
		refused(ourRDB(t, base, i), "by the manifest %d long", i)
	}
	refused(ourRDB(t, base+"x", len(base)+1), "longer than the data")
	refused(ourRDB(t, rdbFile(true, rdbParts), len(base)-len(ourWord)), "without an id")
	other := rdbFile(true, strings.Replace(ourWord, "5", "6", 1)+rdbParts)
	refused(ourRDB(t, other, len(other)), "of another file")
	refused(ourRDB(t, rdbFile(false, ourWord+rdbParts), len(base)), "without a checksum")
}

func TestABaseOfRDBDataOfRedisIsReadWithWhatFollows(t *testing.T) {
	for _, checksum := range []bool{false, true} {
		man := "file " + rdbName + " seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n"
		base := rdbFile(checksum, rdbParts)
		all := map[string][]byte{manName: []byte(man), rdbName: []byte(base + line("SET preamble 1")), firstIncr: []byte(line("SET one 1"))}
		disk := diskOf(t, all)
		s, err := openKeys(t, disk, nil, nil)
		require.NoError(t, err)
		want := maps.Clone(rdbData)
		want["0/preamble"], want["0/one"] = "1", "1"
		assert.Equal(t, want, s.data())
		assert.True(t, s.log.man.native, "it has a fresh base of ours")
		s.close(t)
		s, err = openKeys(t, disk, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, want, s.data())

		all[rdbName] = []byte(base[:len(base)-9])
		_, err = openKeys(t, diskOf(t, all), nil, nil)
		assert.ErrorIs(t, err, ErrCorrupt, "RDB data are never torn")
	}
}

func TestRDBDataThatCannotBeReadAreNotTheirEnd(t *testing.T) {
	big := string(rdb.AppendString([]byte("\xfe\x00\x00\x03big"), bytes.Repeat([]byte("random?"), 300_000), false))
	base := rdbFile(true, ourWord+big)
	all := ourRDB(t, base, len(base))
	for k := 0; ; k++ {
		at := faultfs.At(k, faultfs.Read, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == rdbName })
		disk := diskOf(t, all)
		_, err := openKeys(t, disk, nil, at)
		if !at.Fired() {
			require.NoError(t, err)
			require.GreaterOrEqual(t, k, 3)
			return
		}
		require.ErrorIs(t, err, faultfs.ErrInjected)
		require.ErrorIs(t, err, ErrUnreadable)
		require.NotErrorIs(t, err, ErrCorrupt)
		require.Equal(t, all, files(t, disk))
	}
}
