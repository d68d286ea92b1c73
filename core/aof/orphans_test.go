package aof

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
)

func TestOnlyWhatACrashOfOursLeftIsRemoved(t *testing.T) {
	h := write(t, 4, true)
	blockOf := func(lsn uint64) string {
		b := header{file: 77, lsn: lsn, epoch: 9}
		return string(b.seal(append(make([]byte, room), line("SET stray 1")...)))
	}
	for _, c := range []struct {
		what, name, text string
		stays            bool
	}{
		{"an empty file", secondIncr, "", false},
		{"a file of zeros", secondIncr, "\x00\x00\x00", false},
		{"the beginning of a header", secondIncr, blockOf(1)[:40], false},
		{"an old file of ours", secondIncr, blockOf(2), false},
		{"a base of ours", "appendonly.aof.9.base.aof", blockOf(1), false},
		{"a base of ours of RDB data", "appendonly.aof.9.base.rdb", rdbFile(true, ourWord+rdbParts), false},
		{"the beginning of such a base", "appendonly.aof.9.base.rdb", rdbFile(true, ourWord+rdbParts)[:60], false},

		{"a file of ours that is newer than the log", secondIncr, blockOf(1 << 40), true},
		{"a base of Redis's", "appendonly.aof.9.base.rdb", rdbFile(true, rdbParts), true},
		{"commands of a Redis", secondIncr, line("SET a 1"), true},
		{"timestamps of a Redis", secondIncr, "#TS:1\r\n", true},
		{"zeros, then more", secondIncr, string(make([]byte, 5000)) + line("SET a 1"), true},
		{"anything", "appendonly.aof.9.base.aof", "anything", true},
		{"what is not named like the log's", "appendonly.aof.9.base.txt", "", true},
		{"a torn tail that was kept", firstIncr + ".torn-7", blockOf(1), true},
		{"the log of another name", "other.aof.1.incr.aof", blockOf(1), true},
	} {
		all := maps.Clone(h.files)
		all[c.name] = []byte(c.text)
		disk := diskOf(t, all)
		s := mustOpen(t, disk, config())
		assert.Equal(t, h.states[len(h.states)-1], s.data, c.what)
		left, stays := files(t, disk)[c.name]
		assert.Equal(t, c.stays, stays, c.what)
		if stays {
			assert.Equal(t, c.text, string(left), c.what)
		}
	}
}

// With an older manifest put back the base of the newer one is all that leads to the incr file that stays.
func TestABaseStaysWhereAFileGoesOnBehindTheLog(t *testing.T) {
	h := write(t, 4, true)
	b := header{file: 77, lsn: 1 << 40, epoch: 9}
	newer := b.seal(append(make([]byte, room), line("SET stray 1")...))
	all := maps.Clone(h.files)
	base := header{file: 78, lsn: 1, epoch: 9}
	all["appendonly.aof.9.base.aof"] = base.seal(append(make([]byte, room), line("SET k 1")...))
	all[secondIncr] = newer
	disk := diskOf(t, all)
	s := mustOpen(t, disk, config())
	assert.True(t, s.host.logged("appendonly.aof.9.base.aof, and a file behind it"))
	left := files(t, disk)
	assert.Equal(t, all["appendonly.aof.9.base.aof"], left["appendonly.aof.9.base.aof"])
	assert.Equal(t, newer, left[secondIncr])
}

func TestAStrayFileThatCannotBeReadStays(t *testing.T) {
	h := write(t, 2, true)
	all := maps.Clone(h.files)
	all[secondIncr] = nil
	for _, op := range []faultfs.Op{faultfs.Open} {
		disk := diskOf(t, all)
		at := faultfs.At(0, op, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == secondIncr })
		s, err := open(t, disk, config(), at)
		require.NoError(t, err)
		require.True(t, at.Fired())
		assert.True(t, s.host.logged(secondIncr+", and it cannot be read"))
		assert.Contains(t, files(t, disk), secondIncr)
	}
}

// A Redis removes a file that it no longer needs, and then the line of its manifest that says so. If it was stopped in between, the name is free.
func TestTheNameOfAFileThatARedisRemovedMayBeUsedAgain(t *testing.T) {
	all := map[string][]byte{
		manName: []byte("file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.2.base.aof seq 2 type h\n" +
			"file " + firstIncr + " seq 1 type i\nfile " + secondIncr + " seq 2 type h\nfile appendonly.aof.1.base.rdb seq 1 type h\n"),
		firstBase: []byte(line("SET a 1")), firstIncr: []byte(line("SET b 1")), "appendonly.aof.1.base.rdb": []byte("old"),
	}
	disk := diskOf(t, all)
	s := mustOpen(t, disk, config())
	want := map[string]string{"0/a": "1", "0/b": "1"}
	assert.Equal(t, want, s.data)
	assert.False(t, s.host.logged("Removing files"))
	require.NoError(t, s.close())
	left := files(t, disk)
	assert.NotContains(t, left, "appendonly.aof.1.base.rdb", "what a Redis no longer needs is removed")
	assert.Contains(t, left, secondIncr)
	assert.Contains(t, left, "appendonly.aof.2.base.aof")
	assert.Equal(t, want, mustOpen(t, disk, config()).data)
}
