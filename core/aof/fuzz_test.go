package aof

import (
	"encoding/binary"
	"errors"
	"maps"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/rdb"
	"tabdis/core/storage"
)

// allocated is what has been allocated until now; all of it, so that a peak cannot hide.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// fuzzed is a directory of these bytes. By how there is a manifest of ours or of a Redis's over them, or man is one; the bytes of the incr file
// may be made the bodies of sound blocks, the base may get the checksum that it should have, and may stand alone as the file of a Redis 6.
func fuzzed(how byte, man, base, incr []byte) map[string][]byte {
	baseName, rdbData := firstBase, isRDB(base)
	if rdbData {
		baseName = rdbName
	}
	if rdbData && how&1 != 0 && len(base) > 8 {
		base = binary.LittleEndian.AppendUint64(base[:len(base)-8:len(base)-8], rdb.Checksum(0, base[:len(base)-8]))
	}
	if !rdbData && how&1 != 0 {
		base = blocksOf(5, 0, 0, append(strings.Split(string(base), "|"), ""))
	}
	if how&2 != 0 {
		incr = blocksOf(7, 4, 99, strings.Split(string(incr), "|"))
	}
	all := map[string][]byte{firstIncr: incr, secondIncr: man, baseName: base}
	m := manifest{native: true, epoch: 3, incrs: []entry{{name: firstIncr, seq: 1, id: 7}, {name: secondIncr, seq: 2, id: 8}}}
	if len(base) > 0 {
		m.base = &entry{name: baseName, seq: 1, id: 5, len: int64(len(base)), cutLSN: 4, cutSum: 99}
	}
	switch how >> 2 & 3 {
	case 0:
		all[manName] = m.encode()
	case 1:
		all[manName] = []byte("file " + baseName + " seq 1 type b\nfile " + firstIncr + " seq 1 type i\nfile " + secondIncr + " seq 2 type i\n")
	case 2:
		delete(all, secondIncr)
		all[manName] = man
	default:
		return map[string][]byte{bareName: append(base, incr...)}
	}
	return all
}

// blocksOf are sound blocks of these bodies.
func blocksOf(id, lsn, prev uint64, bodies []string) (b []byte) {
	for _, body := range bodies {
		lsn++
		h := header{file: id, at: int64(len(b)), lsn: lsn, epoch: 3, prev: prev}
		if lsn > 6 && id == 7 {
			h.sync = lsn - 2
		}
		b = append(b, h.seal(append(make([]byte, room), body...))...)
		prev = h.sum
	}
	return b
}

// FuzzLoad: a directory of any bytes is refused with nothing changed, or it is loaded, and loads once more with the same data.
func FuzzLoad(f *testing.F) {
	set := line("SET a 1")
	man := []byte("file " + rdbName + " seq 1 type b\nfile " + firstIncr + " seq 1 type i\n")
	for how := range 16 {
		f.Add(byte(how), man, []byte(rdbFile(how&4 == 0, ourWord+rdbParts)), []byte(set+"|"+textMulti+set+textExec+"|#TS:1\r\n"))
		f.Add(byte(how), []byte(set), []byte(set+"|"+set), []byte(set+"|||"+line("SELECT 3")+line("DEL a")+set[:9]))
	}
	for how := range 4 {
		f.Add(byte(how), man, []byte{}, []byte(set+"|#TS:1\r\n#REQ:00000000000000a1=1,K09LDQo=;00000000000000a1=3;00000000000000b2=9223372036854775807,;\r\n"+set))
		f.Add(byte(how), man, []byte{}, []byte(set+"|#REQ:00000000000000a1=01;\r\n"+set+"|#REQ:00000000000000a1=1,K09LDQp=;\r\n"+set))
	}
	block := string(blocksOf(7, 4, 99, []string{set, "", set}))
	f.Add(byte(0), []byte(blocksOf(8, 7, 1, []string{set})), []byte{}, []byte(block[:len(block)-5]))
	f.Add(byte(4), []byte(set), []byte{}, []byte(block+set))
	f.Add(byte(8), []byte("file appendonly.aof.1.incr.aof seq 1 type i\n# tabdis v1 epoch 7 sealed 4711 xxh64 89008870b2445819\n"), []byte{}, []byte(block))
	f.Fuzz(func(t *testing.T, how byte, man, base, incr []byte) {
		if len(man)+len(base)+len(incr) > 1<<18 {
			return
		}
		all := fuzzed(how, man, base, incr)
		size := 0
		for _, b := range all {
			size += len(b)
		}
		disk := diskOf(t, all)
		before := allocated()
		s, err := openKeys(t, disk, nil, nil)
		require.LessOrEqual(t, allocated()-before, uint64(16*size+64<<20), "memory")
		if err != nil {
			var why *LoadError
			require.True(t, errors.As(err, &why), "%v", err)
			require.NotEmpty(t, why.Hint())
			require.Equal(t, all, files(t, disk), "nothing was changed")
			return
		}
		data := s.data()
		s.close(t)
		again, err := openKeys(t, disk, nil, nil)
		require.NoError(t, err)
		require.Nil(t, again.rep.Truncated)
		require.Equal(t, data, again.data())
	})
}

// FuzzManifest: any bytes are refused, or say the same when written anew.
func FuzzManifest(f *testing.F) {
	m := manifest{native: true, epoch: 7, sealed: 4711, incrs: []entry{{name: firstIncr, seq: 5, id: 7}},
		base: &entry{name: firstBase, seq: 2, id: 5, len: 88211, cutLSN: 4000, cutSum: 0x5f2e}}
	f.Add(m.encode())
	f.Add([]byte("# made by Redis\r\nfile \"a b\" seq 1 type h startoffset 7\nfile a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := allocated()
		m, err := parseManifest(text)
		require.LessOrEqual(t, allocated()-before, uint64(16*len(text)+1<<20), "memory")
		if err != nil || !m.native {
			return
		}
		for _, e := range append(m.incrs, entry{name: "base"}) {
			if !storage.ValidName(e.name) {
				return // none is ever written
			}
		}
		if m.base != nil && !storage.ValidName(m.base.name) {
			return
		}
		again, err := parseManifest(m.encode())
		require.NoError(t, err)
		m.old = nil // they are not written anew
		require.Equal(t, m, again)
	})
}

// The seeds of FuzzLoad include logs that load: what it says of them would be empty otherwise.
func TestFuzzedDirectoriesAreNotAllRefused(t *testing.T) {
	set := line("SET a 1")
	for how, want := range map[byte]bool{0b0011: true, 0b0010: false, 0b0111: true, 0b0100: true, 0b1100: true} {
		base := rdbFile(true, ourWord+rdbParts)
		if how&1 == 0 && how&0b1100 == 0 {
			base = rdbFile(false, ourWord+rdbParts)
		}
		all := fuzzed(how, nil, []byte(base), []byte(set))
		s, err := openKeys(t, diskOf(t, all), nil, nil)
		require.Equal(t, want, err == nil, "how %b: %v", how, err)
		if want {
			data := maps.Clone(rdbData)
			data["0/a"] = "1"
			require.Equal(t, data, s.data(), "how %b", how)
		}
	}
}
