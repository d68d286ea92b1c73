package crash

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/storage/memfs"
)

// specimen is a log of all types to be damaged, with the content of the store after every unit that is in it, and where its blocks stand.
type specimen struct {
	testing.TB
	files  map[string][]byte
	base   string
	chain  []string // incr files, in order; what else there is belongs to the history
	states []dataset
	blocks []block // of the incr files
	sealed uint64  // of the manifest
	first  bool    // all of what can be enumerated is for this one
	stale  []byte  // an incr file of another store
	proven uint64  // every block up to here is known to have been durable, by the base or by the manifest
	now    int64
}

// block is where a block stands, and what it says.
type block struct {
	file      string
	at, end   int
	lsn, sync uint64
	state     int // the content behind it
}

// How a specimen ends.
const (
	killed    = "killed"            // some blocks at its end are not proven durable
	rewriting = "killed in rewrite" // the chain has two incr files
	closed    = "closed"
)

// newSpecimen makes a log of at least so many bytes, all files together, with a rewrite in its middle.
func newSpecimen(t testing.TB, seed uint64, size int, ending string, rdb bool) *specimen {
	s, other := grow(t, seed, size, ending, rdb), grow(t, seed+1000, size, ending, rdb)
	s.stale = other.files[other.chain[0]]
	return s
}

func grow(t testing.TB, seed uint64, size int, ending string, rdb bool) *specimen {
	w := &world{TB: t, what: ending, rng: newRand(seed, 1), disk: memfs.New(), policy: "always", now: 1_700_000_000_000, states: []state{newState()}}
	require.NoError(t, w.open(nil))
	s := &specimen{TB: t, now: w.now}
	marks := map[uint64]int{}
	s.note(w, marks)
	s.turn(w, marks, []string{"CONFIG", "SET", "aof-use-rdb-preamble", map[bool]string{false: "no", true: "yes"}[rdb], "aof-history-keep",
		map[bool]string{false: "0", true: "2"}[ending == rewriting]})
	written := func() (n int) {
		w.engine.Turn(w.now)
		n, _ = strconv.Atoi(w.info("aof_current_size"))
		w.engine.EndTurn()
		return n
	}
	for _, c := range firstCommands {
		s.turn(w, marks, c)
	}
	for rewritten := false; written() < size*9/10; {
		s.random(w, marks)
		if !rewritten && written() > size/2 {
			rewritten = true
			s.rewrite(w)
		}
	}
	if ending == rewriting {
		s.turn(w, marks, []string{"CONFIG", "SET", "appendfsync", "no"})
		for range 5 {
			s.random(w, marks)
		}
		// the next file is named, and the base is never finished
		s.turn(w, marks, []string{"BGREWRITEAOF"})
		w.engine.Tick(w.now)
		for n := 0; len(w.jobs) > 0; n++ {
			w.run(w.jobs[0])
			w.jobs = w.jobs[1:]
		}
		w.engine.Tick(w.now) // the cut
	}
	s.turn(w, marks, []string{"CONFIG", "SET", "appendfsync", "no"})
	for written() < size {
		s.random(w, marks)
	}
	if ending == closed {
		w.engine.EndTurn()
		require.True(t, w.close())
	}
	w.disk.Kill()
	s.files = map[string][]byte{}
	for name, b := range files(t, w.disk) {
		s.files[name] = b
	}
	s.find(marks)
	for name := range s.files { // the base that was not finished is no part of the log
		if strings.HasSuffix(name, ".ballast") || strings.Contains(name, ".base.") && name != s.base && !strings.Contains(string(s.files["appendonly.aof.manifest"]), name) {
			delete(s.files, name)
		}
	}
	return s
}

// firstCommands see to it that all types are there, with what is particular about each.
var firstCommands = [][]string{
	{"SET", "s1", "text\r\n"}, {"SETBIT", "b1", "77", "1"}, {"PFADD", "p1", "m0", "m1"}, {"PFCOUNT", "p1"}, {"RPUSH", "l1", "a", "", strings.Repeat("x", 300)},
	{"HSET", "h1", "f", "v", "g", "\x00\xff"}, {"SADD", "t1", "1", "2", "3"}, {"SADD", "t2", "m", "1"}, {"ZADD", "z1", "1.5", "a", "-inf", "b"},
	{"GEOADD", "g1", "13.361389", "38.115556", "Palermo"}, {"XADD", "x1", "1-*", "f", "v"}, {"XADD", "x1", "1-*", "f", "w"},
	{"XGROUP", "CREATE", "x1", "g", "0"}, {"XREADGROUP", "GROUP", "g", "alice", "COUNT", "1", "STREAMS", "x1", ">"}, {"XGROUP", "CREATECONSUMER", "x1", "g", "bob"},
	{"SET", "s2", "v", "PX", "100000"}, {"PEXPIRE", "l1", "200000"}, {"RESTORE", "l2", "0", dumpedList}, {"MOVE", "s1", "1"}, {"SWAPDB", "1", "2"},
	{"MULTI"}, {"SET", "multi", "1"}, {"RPUSH", "l0", "in", "a", "transaction"}, {"EXEC"},
}

// random lets a few random commands or transactions run in one turn, which is one block.
func (s *specimen) random(w *world, marks map[uint64]int) {
	var all [][]string
	for range 1 + w.rng.IntN(4) {
		switch q := makeRequest(w.rng, w.client(1).db); {
		case q.commands[0][0] == "EVICT" || blocking(q.commands[0][0]) || q.commands[0][0] == "WAITAOF":
		case q.multi:
			all = append(append(append(all, []string{"MULTI"}), q.commands...), []string{"EXEC"})
		default:
			all = append(all, q.commands...)
		}
	}
	if len(all) > 0 {
		s.turn(w, marks, all...)
	}
	if w.rng.IntN(8) == 0 {
		w.engine.Tick(w.now) // a seal
	}
}

// turn runs commands in a turn, and notes the content behind each.
func (s *specimen) turn(w *world, marks map[uint64]int, commands ...[]string) {
	w.engine.Turn(w.now)
	for _, c := range commands {
		w.client(1).Feed(request{commands: [][]string{c}}.text())
		s.states = append(s.states, datasetOf(w.engine.Keyspace()))
	}
	w.engine.EndTurn()
	w.client(1).Take(len(w.client(1).Output()))
	s.note(w, marks)
}

// note remembers which content the last block brought.
func (s *specimen) note(w *world, marks map[uint64]int) {
	if len(s.states) == 0 {
		s.states = append(s.states, dataset{})
	}
	w.engine.Turn(w.now)
	lsn, err := strconv.ParseUint(w.info("aof_lsn"), 10, 64)
	w.engine.EndTurn()
	require.NoError(s, err)
	marks[lsn] = len(s.states) - 1
}

// info asks for a field of INFO persistence, which is answered at once.
func (w *world) info(field string) string {
	c := w.client(operator)
	c.Feed(request{commands: [][]string{{"INFO", "persistence"}}}.text())
	w.engine.EndTurn()
	_, rest, _ := strings.Cut(string(c.Output()), "\r\n"+field+":")
	c.Take(len(c.Output()))
	v, _, _ := strings.Cut(rest, "\r\n")
	return v
}

func (s *specimen) rewrite(w *world) {
	w.engine.Turn(w.now)
	w.client(1).Feed(request{commands: [][]string{{"BGREWRITEAOF"}}}.text())
	w.engine.EndTurn()
	w.client(1).Take(len(w.client(1).Output()))
	for n := 0; n < 400 || len(w.jobs) > 0; n++ {
		w.engine.Tick(w.now)
		for len(w.jobs) > 0 {
			w.run(w.jobs[0])
			w.jobs = w.jobs[1:]
		}
	}
}

var headerOf = regexp.MustCompile(`^#HDR:v1;file:[0-9a-f]{16};at:(\d+);len:(\d+);lsn:(\d+);epoch:\d+;sync:(\d+);prev:[0-9a-f]{16};xxh64:[0-9a-f]{16};\r\n`)

// find takes the files apart.
func (s *specimen) find(marks map[uint64]int) {
	manifest := string(s.files["appendonly.aof.manifest"])
	for _, line := range strings.Split(manifest, "\n") {
		words := strings.Fields(line)
		for i, w := range words {
			switch {
			case strings.HasPrefix(line, "# tabdis-history "):
			case w == "type" && words[i+1] == "b":
				s.base = words[1]
			case w == "type" && words[i+1] == "i":
				s.chain = append(s.chain, words[1])
			case w == "sealed":
				s.sealed, _ = strconv.ParseUint(words[i+1], 10, 64)
			case w == "cut-lsn": // the manifest named the base when the block behind it was durable
				n, _ := strconv.ParseUint(words[i+1], 10, 64)
				s.proven = n + 1
			}
		}
	}
	s.proven = max(s.proven, s.sealed)
	for _, name := range s.chain {
		b := s.files[name]
		for at := 0; at < len(b); {
			m := headerOf.FindSubmatch(b[at:])
			require.NotNil(s, m, "%s at %d", name, at)
			n := func(i int) uint64 { v, _ := strconv.ParseUint(string(m[i]), 10, 64); return v }
			bl := block{file: name, at: at, end: at + len(m[0]) + int(n(2)), lsn: n(3), sync: n(4)}
			require.EqualValues(s, at, n(1))
			for lsn := bl.lsn; ; lsn-- {
				if i, ok := marks[lsn]; ok {
					bl.state = i
					break
				}
			}
			s.blocks = append(s.blocks, bl)
			at = bl.end
		}
	}
}

// size is that of all files.
func (s *specimen) size() (n int) {
	for _, b := range s.files {
		n += len(b)
	}
	return n
}

// outcome is what came of opening a damaged log.
type outcome string

const (
	refused  outcome = "refused"
	harmless outcome = "harmless"
	cut      outcome = "cut and reported"
	ended    outcome = "ended at a block" // cut exactly where a block ends: nothing is torn there
)

// want is what must come of the log when its files are these: a block counts if its bytes stand where they stood. damage is a damaged manifest or base.
func (s *specimen) want(all map[string][]byte) (damage bool, end *block, last int) {
	for name, b := range s.files {
		switch {
		case strings.HasSuffix(name, ".manifest") && !bytes.Equal(all[name], b), name == s.base && !bytes.HasPrefix(all[name], b): // behind its length is none of it
			return true, nil, 0
		}
	}
	first := uint64(0)
	for i := range s.blocks {
		b := &s.blocks[i]
		now := all[b.file]
		good := len(now) >= b.end && bytes.Equal(now[b.at:b.end], s.files[b.file][b.at:b.end])
		switch {
		case first == 0 && !good:
			first, end = b.lsn, b
			if damage = s.proven >= first; damage {
				return true, end, last
			}
		case first != 0 && good && b.sync >= first:
			return true, end, last
		case first == 0:
			last = b.state
		}
	}
	return false, end, last
}

// mayRefuse tells of the two refusals that are not for what is proven: where a length is damaged what it counted looks as if a Redis had written into
// a torn block (LOG §5.4), and a file that has an id must begin with a header (LOG §3).
func mayRefuse(why string) bool {
	return strings.Contains(why, "commands of a Redis follow inside of an incomplete block") || strings.HasSuffix(why, "it does not begin with a header")
}

// judge opens the log with these files and compares what comes of it with what must; then it restarts, twice, and writes between the restarts.
func (s *specimen) judge(all map[string][]byte, what string) outcome {
	damage, end, last := s.want(all)
	w := (&world{TB: s, what: what, policy: "always", now: s.now}).with(all)
	if err := w.open(nil); err != nil {
		var why *aof.LoadError
		require.True(s, errors.As(err, &why), "%s: %v", what, err)
		require.ErrorIs(s, err, aof.ErrCorrupt, what)
		require.True(s, damage || mayRefuse(err.Error()), "%s: refused, and only what is not proven is wrong: %v", what, err)
		require.Equal(s, all, files(s, w.release()), "%s: refused, and something was changed", what)
		return refused
	}
	got := datasetOf(w.engine.Keyspace())
	require.False(s, damage, "%s: what was durable is damaged, and it loads", what)
	require.Empty(s, s.states[last].difference(got, s.now), what)
	torn := w.engine.Report().Truncated
	s.restarts(w, got, what)
	switch {
	case end == nil:
		return harmless
	case torn != nil:
		return cut
	}
	// Nothing of the log's own may stand behind the place where it ended.
	require.True(s, s.nothingBehind(all, end), "%s: bytes are dropped, and nothing is said", what)
	return ended
}

// nothingBehind tells whether only zeros, or blocks of other files, stand behind the place where the log ends.
func (s *specimen) nothingBehind(all map[string][]byte, end *block) bool {
	at := end.at
	for _, name := range s.chain[slices.Index(s.chain, end.file):] {
		rest := all[name][min(at, len(all[name])):]
		if at = 0; len(bytes.TrimRight(rest, "\x00")) > 0 && !stale(rest, s.files[name]) {
			return false
		}
	}
	return true
}

// stale tells whether rest begins with a block of another file than that of ours.
func stale(rest, ours []byte) bool {
	const id = len("#HDR:v1;file:") + 16
	return headerOf.Match(rest) && !bytes.Equal(rest[:id], ours[:id])
}

// restarts restarts the store twice, by a kill and by a power cut, and writes in between: nothing more is cut, and nothing that was written is lost.
func (s *specimen) restarts(w *world, want dataset, what string) {
	for i := range 3 {
		if i == 1 {
			w.disk = w.disk.CrashClone(memfs.Nothing())
		} else {
			w.disk.Kill()
		}
		require.NoError(s, w.open(nil), "%s: restart %d", what, i+1)
		require.Nil(s, w.engine.Report().Truncated, "%s: restart %d", what, i+1)
		require.Empty(s, want.difference(datasetOf(w.engine.Keyspace()), s.now), "%s: restart %d", what, i+1)
		w.engine.Turn(w.now)
		w.client(1).Feed(request{commands: [][]string{{"SET", fmt.Sprintf("written after %d", i), what}}}.text())
		w.engine.EndTurn()
		require.Equal(s, ok, string(w.client(1).Output()), what)
		want = datasetOf(w.engine.Keyspace())
	}
	w.disk.Kill()
}
