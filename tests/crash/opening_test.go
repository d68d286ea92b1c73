package crash

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// directories are what an engine may find: logs of ours that ended in different ways, and what a Redis left.
func directories(t *testing.T) map[string]map[string][]byte {
	const incr1, incr2 = "appendonly.aof.1.incr.aof", "appendonly.aof.2.incr.aof"
	set := func(words ...string) string { return string(request{commands: [][]string{words}}.text()) }
	all := map[string]map[string][]byte{}
	for _, e := range endings[:3] {
		s := newSpecimen(t, seed(t), 8<<10, e.name, e.rdb)
		all[e.name] = s.files
		if e.name == closed { // a Redis went on with it
			ran, last := maps.Clone(s.files), s.chain[len(s.chain)-1]
			ran[last] = append(bytes.Clone(ran[last]), set("SET", "redis", "1")+set("MULTI")+set("SET", "torn", "1")...)
			all["a Redis ran on ours, and its MULTI is torn"] = ran
			continue
		}
		torn, last := maps.Clone(s.files), s.blocks[len(s.blocks)-3]
		torn[last.file] = torn[last.file][:last.end-5]
		all[e.name+", torn"] = torn
	}
	all["a Redis's, torn"] = map[string][]byte{
		"appendonly.aof.manifest":   []byte("file appendonly.aof.1.base.aof seq 1 type b\nfile " + incr1 + " seq 1 type i\nfile " + incr2 + " seq 2 type i\n"),
		"appendonly.aof.1.base.aof": []byte(set("SET", "base", "1") + set("RPUSH", "list", "a", "b")),
		incr1:                       []byte("#TS:1\r\n" + set("MULTI") + set("SET", "one", "1") + set("INCR", "one") + set("EXEC")),
		incr2:                       []byte(set("SELECT", "1") + set("SADD", "set", "a", "b") + set("SET", "torn", "1")[:20]),
	}
	all["the file of an old Redis, torn"] = map[string][]byte{"appendonly.aof": []byte(set("SET", "old", "1") + set("INCR", "old") + set("SET", "torn", "1")[:9])}
	return all
}

// Wherever the opening of a log fails, in whatever way, and whatever a crash then leaves: the log is opened in the end, and nothing is missing. What was
// opened all the same keeps what it acknowledges.
func TestOpeningFailsAtAnyOperation(t *testing.T) {
	full := runs(t) > 0
	for name, all := range directories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean := (&world{TB: t, what: name, policy: "always", now: 1_700_000_000_000}).with(all)
			require.NoError(t, clean.open(nil))
			want := datasetOf(clean.engine.Keyspace())
			require.NotEmpty(t, want)
			cases := 0
			for f, kind := range faults {
				for k := 0; !kind.lies; k++ {
					w := (&world{TB: t, what: fmt.Sprintf("%s, %s at operation %d", name, kind.name, k), policy: "always", now: clean.now}).with(all)
					w.late = f%3 == 1
					if !w.openWith(kind.fault, kind.count, k, want, full) {
						break
					}
					cases++
				}
			}
			assert.Greater(t, cases, 30)
			t.Logf("%d openings", cases)
		})
	}
}

// openWith opens a disk with a fault at operation k, lets the power go, and opens it again; false when there is no such operation.
func (w *world) openWith(fault faultfs.Fault, count, k int, want dataset, full bool) bool {
	at, left := faultfs.From(k, faultfs.Changes, fault), count
	err := w.open(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		answer := at.Fault(c)
		if at.Fired() {
			if left--; left < 0 {
				return nil
			}
		}
		return answer
	}))
	if !at.Fired() {
		require.NoError(w, err, w.what)
		return false
	}
	if err == nil {
		require.Empty(w, want.difference(datasetOf(w.engine.Keyspace()), w.now), w.what)
		w.engine.Turn(w.now)
		w.client(1).Feed(request{commands: [][]string{{"SET", "written", "1"}}}.text())
		w.engine.EndTurn()
		w.platform(nil)
		w.engine.Turn(w.now)
		w.engine.EndTurn()
		if string(w.client(1).Output()) == ok {
			want = datasetOf(w.engine.Keyspace())
		}
	} else {
		var why *aof.LoadError
		require.False(w, errors.As(err, &why) && errors.Is(why, aof.ErrCorrupt), "%s: a fault is no damage: %v", w.what, err)
	}
	policies := append(worstChoices(uint64(k)), memfs.Everything(), memfs.Nothing(), memfs.Names(), memfs.Zeros(), memfs.Random(uint64(k)), memfs.Random(uint64(k)+1000))
	for i, p := range policies {
		if !full && (i+k)%6 > 0 {
			continue
		}
		v := &world{TB: w.TB, what: w.what, rng: newRand(1, 2), disk: w.disk.CrashClone(p), policy: "always", now: w.now}
		require.NoError(w, v.open(nil), "%s, crash %d", w.what, i)
		got := datasetOf(v.engine.Keyspace())
		delete(got, "0/written")
		if d := want.difference(datasetOf(v.engine.Keyspace()), w.now); d != "" {
			require.Empty(w, want.difference(got, w.now), "%s, crash %d", w.what, i) // it was written, and not acknowledged
		}
	}
	return true
}

// What cannot be read is neither torn nor empty nor damaged: the log is refused, and nothing is changed.
func TestReadingFailsAtAnyOperation(t *testing.T) {
	for name, all := range directories(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := 0
			for ; ; k++ {
				w := (&world{TB: t, what: name + " " + strconv.Itoa(k), policy: "always", now: 1_700_000_000_000}).with(all)
				at := faultfs.At(k, faultfs.Read|faultfs.List|faultfs.Open, faultfs.Fault{})
				err := w.open(at)
				if !at.Fired() {
					require.NoError(t, err)
					break
				}
				if err == nil { // what was to be removed, or the ballast, was not read
					continue
				}
				require.ErrorIs(t, err, faultfs.ErrInjected, w.what)
				require.NotErrorIs(t, err, aof.ErrCorrupt, w.what)
				require.NotErrorIs(t, err, aof.ErrTruncated, w.what)
				left := files(t, w.release())
				for file, b := range all {
					require.Equal(t, b, left[file], "%s: %s", w.what, file)
				}
				for file := range left {
					require.True(t, all[file] != nil || strings.Contains(file, ".torn-"), "%s: %s was made", w.what, file) // a copy that could not be finished
				}
			}
			assert.Greater(t, k, 2)
			t.Logf("%d reads", k)
		})
	}
}
