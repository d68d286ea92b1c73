package aof

import (
	"bytes"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/rdb"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

const (
	bareName = "appendonly.aof"
	dumpName = "dump.rdb"
)

// outside is what stands beside a store.
type outside map[string]string

type outsideFile struct{ *strings.Reader }

func (outsideFile) Close() error { return nil }

func (o outside) open(name string) (Import, error) {
	if text, ok := o[name]; ok {
		return outsideFile{strings.NewReader(text)}, nil
	}
	return nil, storage.Wrap("open", name, -1, storage.ErrNotExist)
}

func (o outside) set(s *keys) { s.cfg.Import, s.cfg.DumpName = o.open, dumpName }

// put puts a file into a store, or beside it.
func put(t *testing.T, inside bool, name, text string) (*memfs.Store, func(s *keys)) {
	if inside {
		return diskOf(t, map[string][]byte{name: []byte(text)}), outside{}.set
	}
	return memfs.New(), outside{name: text}.set
}

func TestTheSingleFileOfRedis6BeginsALog(t *testing.T) {
	set := line("SET a 1") + line("SELECT 3") + line("SET b 2")
	want := map[string]string{"0/a": "1", "3/b": "2"}
	withRDB := maps.Clone(want)
	maps.Copy(withRDB, rdbData)
	for _, c := range []struct {
		name, text string
		want       map[string]string
		torn       int // offset; 0: it is not
	}{
		{"commands", set, want, 0},
		{"empty", "", map[string]string{}, 0},
		{"timestamps", "#TS:12\r\n" + set + "#TS:13\r\n", want, 0},
		{"a transaction", textMulti + set + textExec, want, 0},
		{"RDB data", rdbFile(true, rdbParts), rdbData, 0},
		{"RDB data, then commands", rdbFile(false, rdbParts) + set, withRDB, 0},
		{"torn in a word", set + line("SET c 3")[:20], want, len(set)},
		{"torn in a transaction", set + textMulti + line("SET c 3"), want, len(set)},
		{"torn behind RDB data", rdbFile(true, rdbParts) + line("SET c 3")[:20], rdbData, len(rdbFile(true, rdbParts))},
		{"torn in a line", set + "#TS:1", want, len(set)},
	} {
		for _, inside := range []bool{true, false} {
			disk, how := put(t, inside, bareName, c.text)
			s, err := openKeys(t, disk, how, nil)
			require.NoError(t, err, c.name)
			assert.Equal(t, c.want, s.data(), c.name)
			assert.Equal(t, bareName, s.rep.Imported)
			assert.False(t, s.rep.Created)
			require.Equal(t, c.torn > 0, s.rep.Truncated != nil, c.name)
			if c.torn > 0 {
				assert.Equal(t, &Truncation{File: bareName, Offset: int64(c.torn), LSN: 1, Bytes: int64(len(c.text) - c.torn), Kept: bareName}, s.rep.Truncated)
				assert.True(t, s.host.logged("torn"))
			}
			assert.True(t, s.host.logged("begins with appendonly.aof"))
			s.log.Begin()
			s.log.Feed(0, words("SET after 1"))
			s.log.End()
			_, err = s.log.Flush()
			require.NoError(t, err)
			s.close(t)
			all := files(t, disk)
			if inside {
				assert.Equal(t, c.text, string(all[bareName]), "it stays as it was")
			}
			s, err = openKeys(t, disk, how, nil)
			require.NoError(t, err, c.name)
			after := maps.Clone(c.want)
			after["0/after"] = "1"
			assert.Equal(t, after, s.data(), "the log is what counts now")
			assert.Empty(t, s.rep.Imported)
			s.close(t)
		}
	}
}

func TestATornFileOfRedis6IsRefusedIfToldSo(t *testing.T) {
	for _, inside := range []bool{true, false} {
		disk, how := put(t, inside, bareName, line("SET a 1")+"*1")
		before := files(t, disk)
		_, err := openKeys(t, disk, func(s *keys) { how(s); s.cfg.LoadTruncated = false }, nil)
		assert.ErrorIs(t, err, ErrTruncated)
		assert.Equal(t, before, files(t, disk), "nothing was changed")
	}
}

func TestWhatIsNoLogOfRedisIsRefused(t *testing.T) {
	for text, at := range map[string]int64{
		line("SET a 1") + "*x\r\n":                   int64(len(line("SET a 1"))),
		line("SET a 1") + strings.Repeat("\x00", 50): int64(len(line("SET a 1"))),
		rdbFile(true, rdbParts)[:40]:                 33,
		string((&header{}).seal(make([]byte, room))): 0,
	} {
		for _, inside := range []bool{true, false} {
			disk, how := put(t, inside, bareName, text)
			before := files(t, disk)
			_, err := openKeys(t, disk, how, nil)
			require.ErrorIs(t, err, ErrCorrupt)
			var why *LoadError
			require.ErrorAs(t, err, &why)
			assert.Equal(t, at, why.Offset, "%q", text)
			assert.Equal(t, before, files(t, disk), "nothing was changed")
		}
	}
}

func TestADumpBeginsALogWhereThereIsNone(t *testing.T) {
	for _, inside := range []bool{true, false} {
		disk, how := put(t, inside, dumpName, rdbFile(true, rdbParts))
		s, err := openKeys(t, disk, how, nil)
		require.NoError(t, err)
		want := map[string]string{"2/a": "b"}
		assert.Equal(t, want, s.data(), "what is past its time is left out")
		assert.EqualValues(t, 1, s.rep.Keys)
		assert.EqualValues(t, 1, s.rep.Expired)
		assert.True(t, s.host.logged("1 keys are loaded, 1 were past their time"))
		s.close(t)
		s, err = openKeys(t, disk, how, nil)
		require.NoError(t, err)
		assert.Equal(t, want, s.data())
		assert.Empty(t, s.rep.Imported)

		disk, how = put(t, inside, dumpName, rdbFile(true, rdbParts)[:50])
		before := files(t, disk)
		_, err = openKeys(t, disk, how, nil)
		require.ErrorIs(t, err, ErrCorrupt)
		assert.ErrorContains(t, err, "the RDB file is damaged: dump.rdb at ")
		assert.Equal(t, before, files(t, disk))
	}
	beside := outside{dumpName: rdbFile(true, rdbParts), bareName: line("SET a 1")}
	s, err := openKeys(t, memfs.New(), beside.set, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"0/a": "1"}, s.data(), "a log goes before a dump")
}

// brokenImport cannot be opened, or not be read.
type brokenImport struct {
	outsideFile
	err error
}

func (b brokenImport) ReadAt([]byte, int64) (int, error) { return 0, b.err }

func TestAFileBesideTheStoreThatCannotBeReadIsNotMissing(t *testing.T) {
	for _, open := range []func(string) (Import, error){
		func(string) (Import, error) { return nil, faultfs.ErrInjected },
		func(string) (Import, error) {
			return brokenImport{outsideFile{strings.NewReader("x")}, faultfs.ErrInjected}, nil
		},
		func(string) (Import, error) { return brokenImport{outsideFile{strings.NewReader("x")}, io.EOF}, nil },
	} {
		disk := memfs.New()
		_, err := openKeys(t, disk, func(s *keys) { s.cfg.Import, s.cfg.DumpName = open, dumpName }, nil)
		require.ErrorIs(t, err, ErrUnreadable)
		assert.Empty(t, files(t, disk))
	}
}

// At every moment of an import a crash leaves the whole, or what is imported again.
func TestACrashDuringAnImportLosesNothing(t *testing.T) {
	text := rdbFile(true, "\xfe\x02\x00\x01a\x01b") + line("SET a 1")
	want := map[string]string{"0/a": "1", "2/a": "b"}
	for _, inside := range []bool{true, false} {
		for k, n := 0, 0; ; k++ {
			disk, how := put(t, inside, bareName, text)
			at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true})
			_, err := openKeys(t, disk, how, at)
			if !at.Fired() {
				require.NoError(t, err)
				require.Greater(t, k, 5)
				again, err := openKeys(t, disk.CrashClone(memfs.Nothing()), how, nil)
				require.NoError(t, err, "all is durable when it is open")
				require.Equal(t, want, again.data())
				require.Empty(t, again.rep.Imported)
				t.Logf("%d crashes", n)
				break
			}
			for seed := range uint64(8) {
				n++
				clone := disk.CrashClone(memfs.Random(seed))
				again, err := openKeys(t, clone, how, nil)
				require.NoError(t, err, "operation %d seed %d", k, seed)
				require.Equal(t, want, again.data(), "operation %d seed %d", k, seed)
				again.close(t)
				all := files(t, clone)
				delete(all, bareName)
				require.Len(t, all, 3, "manifest, base and incr: %v", maps.Keys(all))
			}
		}
	}
}

func TestAnUpgradeThatARedisDidNotEndIsTakenUp(t *testing.T) {
	man := map[string][]byte{manName: []byte("file appendonly.aof seq 1 type b\n")}
	s, err := openKeys(t, diskOf(t, man), outside{bareName: line("SET a 1")}.set, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"0/a": "1"}, s.data())

	_, err = openKeys(t, diskOf(t, man), outside{dumpName: rdbFile(true, rdbParts)}.set, nil)
	assert.ErrorIs(t, err, ErrCorrupt, "a dump is not what the manifest names")

	man[bareName] = []byte(line("SET a 2") + "*3\r\n")
	disk := diskOf(t, man)
	s, err = openKeys(t, disk, outside{bareName: line("SET a 1")}.set, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"0/a": "2"}, s.data(), "it had been moved")
	require.NotNil(t, s.rep.Truncated)
	s.close(t)
	assert.Equal(t, "*3\r\n", string(files(t, disk)[s.rep.Truncated.Kept]), "a torn base of Redis's is cut")
}

func TestFunctionsAndModulesAreRefusedByNameOrLeftOut(t *testing.T) {
	code := "#!lua name=mylib\nredis.register_function('f', function() end)"
	library := rdb.AppendString([]byte{245}, []byte(code), false)
	payload := string(append(rdb.AppendString([]byte{245}, []byte(strings.Replace(code, "mylib", "other", 1)), false), make([]byte, 10)...))
	id := uint64(0)
	for _, c := range []byte("ReJSON-RL") {
		id = id<<6 | uint64(strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c))
	}
	number := string(rdb.AppendLength(nil, id<<10|3))
	base := rdbFile(true, string(library)+"\xf7"+number+"\x02\x01\x05\x03abc\x00"+rdbParts+
		"\xfc\xe8\x03\x00\x00\x00\x00\x00\x00\x07\x06module"+number+"\x01\x07\x02\x08\x03abcd\x04abcdefgh\x05\x01x\x00\x00\x01z\x01z")
	log := line("SET one 1") + string(appendCommand(nil, [][]byte{[]byte("FUNCTION"), []byte("LOAD"), []byte("REPLACE"), []byte(code)})) +
		string(appendCommand(nil, [][]byte{[]byte("FUNCTION"), []byte("restore"), []byte(payload)})) +
		textMulti + line("function delete mylib") + line("SET two 2") + textExec + line("SCRIPT LOAD x")
	all := map[string][]byte{
		manName: []byte("file " + rdbName + " seq 1 type b\nfile " + firstIncr + " seq 1 type i\n"),
		rdbName: []byte(base), firstIncr: []byte(log)}
	disk := diskOf(t, all)
	_, err := openKeys(t, disk, nil, nil)
	require.ErrorIs(t, err, ErrUnsupported)
	var why *LoadError
	require.ErrorAs(t, err, &why)
	assert.Equal(t, rdbName, why.File)
	assert.EqualValues(t, len("REDIS0010\xfa\x09redis-ver\x057.0.0"), why.Offset)
	assert.Contains(t, why.Error(), "the library mylib, data of the module ReJSON-RL, a value of the module ReJSON-RL, the library other, the deletion of a library, a script of SCRIPT LOAD")
	assert.Contains(t, why.Hint(), "skip-functions yes")
	assert.Equal(t, all, files(t, disk), "nothing was changed")

	disk = diskOf(t, all)
	s, err := openKeys(t, disk, func(s *keys) { s.cfg.SkipFunctions = true }, nil)
	require.NoError(t, err)
	want := maps.Clone(rdbData)
	want["0/one"], want["0/two"], want["2/z"] = "1", "2", "z"
	assert.Equal(t, want, s.data())
	assert.EqualValues(t, 7, s.rep.Skipped.Count)
	assert.True(t, s.host.logged("7 functions or values of modules are left out"))
	s.close(t)
	s, err = openKeys(t, disk, nil, nil)
	require.NoError(t, err, "they are gone")
	assert.Equal(t, want, s.data())
}

func TestWhatElseIsUnknownStaysRefused(t *testing.T) {
	for text, want := range map[string]string{
		line("JSON.SET a b c"):                    "not supported by this version: appendonly.aof at 29: the command JSON.SET is not known",
		line("EVAL x 0"):                          "not supported by this version: appendonly.aof at 29: EVAL runs a script, and there is no Lua here",
		line("SELECT 16"):                         "not supported by this version: appendonly.aof at 29: it has keys in database 16, and there are 16",
		line("FUNCTION FLUSH"):                    "not supported by this version: appendonly.aof at 29: the command FUNCTION is not known",
		textMulti + line("JSON.SET a") + textExec: "not supported by this version: appendonly.aof at 29: the command JSON.SET is not known",
	} {
		text = line("SET alone 1") + text
		require.Len(t, line("SET alone 1"), 31)
		want = strings.Replace(want, "at 29", "at 31", 1)
		disk := diskOf(t, map[string][]byte{bareName: []byte(text)})
		_, err := openKeys(t, disk, func(s *keys) { s.cfg.SkipFunctions = true }, nil)
		assert.EqualError(t, err, want)
		assert.Len(t, files(t, disk), 1)
	}
	old := rdbFile(true, "\x06\x01k\x81"+string(bytes.Repeat([]byte{0}, 8)))
	_, err := openKeys(t, diskOf(t, map[string][]byte{bareName: []byte(old)}), func(s *keys) { s.cfg.SkipFunctions = true }, nil)
	require.ErrorIs(t, err, ErrUnsupported)
	assert.ErrorContains(t, err, "a value of the module AAAAAAAAA in a form that only the module itself can read")
	many := rdbFile(true, "\xfe\x14\x00\x01a\x01b")
	_, err = openKeys(t, diskOf(t, map[string][]byte{bareName: []byte(many)}), nil, nil)
	require.ErrorIs(t, err, ErrUnsupported)
	var why *LoadError
	require.ErrorAs(t, err, &why)
	assert.Equal(t, "Set databases to 21 or more", why.Hint())
}
