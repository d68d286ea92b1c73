package crash

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	commands "tabdis/core/command"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
	"tabdis/tests/grammar"
)

// soakGrammar makes all commands that may run in a soak.
func soakGrammar(t testing.TB, seed uint64) *grammar.Grammar {
	g := grammar.New(seed)
	for _, path := range []string{"../conformance/testdata/random/commands.txt", "../conformance/testdata/random/sequences.txt", "testdata/soak.txt"} {
		require.NoError(t, g.Read(path))
	}
	return g
}

// unfit are the commands that no soak runs, and why.
var unfit = map[string]string{
	"multi": "around other commands", "exec": "around other commands", "discard": "ends what was never begun", "debug": "by the manager",
	"bgrewriteaof": "by the manager", "bgsave": "by the manager", "save": "by the manager", "waitaof": "by those who may wait",
	"blpop": "by those who may wait", "brpop": "by those who may wait", "blmove": "by those who may wait", "brpoplpush": "by those who may wait",
	"blmpop": "by those who may wait", "bzpopmin": "by those who may wait", "bzpopmax": "by those who may wait", "bzmpop": "by those who may wait",
	"auth": "the session", "hello": "the session", "quit": "the session", "reset": "the session", "monitor": "the session",
	"subscribe": "the session", "psubscribe": "the session", "ssubscribe": "the session", "unsubscribe": "the session",
	"punsubscribe": "the session", "sunsubscribe": "the session", "shutdown": "it would end the engine",
	"sync": "not there", "psync": "not there", "replconf": "not there", "failover": "not there", "migrate": "not there", "dump": "changes nothing",
}

func TestASoakRunsAllCommands(t *testing.T) {
	starts := soakGrammar(t, 1).Starts()
	for _, c := range commands.NewTable().All() {
		_, reason := unfit[c.Name]
		assert.NotEqual(t, reason, starts[strings.ToUpper(c.Name)] && c.Name != "debug", "%s: either it runs, or there is a reason", c.Name)
	}
}

// All commands, on an engine whose disk fails and crashes, beside an oracle. Without TABDIS_SOAK a few rounds, the same every time; it is a time, or a number
// of rounds. TABDIS_SOAK_SEED is where they begin: a failure names its own.
func TestSoakBesideAnOracle(t *testing.T) {
	const players = 2
	rounds, until, first := 30, time.Time{}, uint64(1)
	if text := os.Getenv("TABDIS_SOAK"); text != "" {
		if n, err := strconv.Atoi(text); err == nil {
			rounds = n
		} else {
			d, err := time.ParseDuration(text)
			require.NoError(t, err, "TABDIS_SOAK is a number of rounds or a time, as in 2h")
			rounds, until = math.MaxInt, time.Now().Add(d)
		}
		first = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("TABDIS_SOAK_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		first = n
	}
	t.Logf("TABDIS_SOAK_SEED=%d", first)
	var lock sync.Mutex
	var played, executed, crashes, refusals int
	t.Cleanup(func() {
		t.Logf("%d rounds begun, %d commands, %d crashes and kills, %d commands refused; 0 differences", played, executed, crashes, refusals)
	})
	next := func() (seed uint64, ok bool) {
		lock.Lock()
		defer lock.Unlock()
		played++
		return first + uint64(played-1), played <= rounds && (until.IsZero() || time.Now().Before(until)) && !t.Failed()
	}
	for i := range players {
		t.Run(fmt.Sprintf("player %d", i+1), func(t *testing.T) {
			t.Parallel()
			for seed, ok := next(); ok; seed, ok = next() {
				s := soakRound(t, seed)
				lock.Lock()
				executed, crashes, refusals = executed+s.count.commands, crashes+s.count.crashes, refusals+s.count.refused
				lock.Unlock()
			}
		})
	}
}

// soakRound is a store's life: some generations, each with a fault at a random operation, each ended by a crash, a kill or a close.
func soakRound(t testing.TB, seed uint64) *soak {
	r := newRand(seed, 11)
	s := &soak{g: soakGrammar(t, seed), world: &world{TB: t, rng: r, policy: pick(r, "always", "everysec", "no"), disk: memfs.New(), now: 1_700_000_000_000,
		what: fmt.Sprintf("TABDIS_SOAK_SEED=%d", seed), late: r.IntN(3) == 0, auto: r.IntN(2) == 0, noSync: r.IntN(4) == 0}}
	s.mode = []memfs.SyncMode{memfs.SyncInline, memfs.SyncHeldLater, memfs.SyncHeld}[r.IntN(3)]
	s.config = map[string]string{"enable-debug-command": "yes", "aof-use-rdb-preamble": pick(r, "yes", "no"), "aof-timestamp-enabled": pick(r, "yes", "no"),
		"aof-history-keep":       pick(r, "0", "0", "2"),
		"list-max-listpack-size": pick(r, "-2", "3"), "zset-max-listpack-entries": pick(r, "128", "3"), "hash-max-listpack-entries": pick(r, "512", "3"),
		"stream-node-max-entries": pick(r, "100", "3")}
	require.NoError(t, s.open(nil), s.what)
	for range 4 {
		s.begin()
		s.trouble()
		for range 20 + r.IntN(60) {
			if s.step(); s.fs.Crashed() || s.engine.Dead() != "" {
				break
			}
		}
		s.finish()
	}
	return s
}

// trouble sets what will fail: one of the faults, at a random operation. A disk that lies promises nothing, so there is none.
func (s *soak) trouble() {
	kind := faults[s.rng.IntN(len(faults)-1)]
	if s.rng.IntN(3) == 0 {
		return
	}
	left, at := kind.count, faultfs.From(s.rng.IntN(250), faultfs.Changes, kind.fault)
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		fault := at.Fault(c)
		if at.Fired() {
			if left--; left < 0 {
				return nil
			}
			if !s.faulty {
				s.note("%s: %s %s fails", kind.name, c.Op, c.Name)
			}
			s.faulty = true
		}
		return fault
	}))
}

// step is a turn, with all that goes on around it.
func (s *soak) step() {
	r := s.rng
	s.now += int64([]int{0, 0, 1, 40, 900, 2500}[r.IntN(6)])
	s.answer()
	s.turn(s.requests())
	if r.IntN(20) == 0 {
		s.manage()
	}
	for range r.IntN(4) {
		s.cron()
	}
	if r.IntN(3) > 0 {
		s.disk.ReleaseWrites(nil)
	}
	for n := r.IntN(3); n > 0 && s.disk.ReleaseSync(nil); n-- {
	}
	s.collect()
}

// requests are what is asked in one turn.
func (s *soak) requests() map[int]request {
	r, all := s.rng, map[int]request{}
	if s.faulty {
		all[r.IntN(talkers)] = s.request()
		return all
	}
	for i := range talkers {
		if r.IntN(2) == 0 {
			all[i] = s.request()
		}
	}
	for i := talkers; i < talkers+waiters; i++ {
		if p := s.speakers[i]; len(p.waiting) == 0 && r.IntN(6) == 0 {
			all[i] = request{commands: [][]string{s.patient()}}
		}
	}
	return all
}

// request is a command, or a transaction of some.
func (s *soak) request() request {
	if s.rng.IntN(10) > 0 {
		return request{commands: [][]string{s.command()}}
	}
	q := request{multi: true}
	for range 1 + s.rng.IntN(5) {
		if words := s.command(); words[0] != "SPOP" && words[0] != "WATCH" { // what chance decides stands alone
			q.commands = append(q.commands, words)
		}
	}
	q.commands = append(q.commands, []string{"INCR", "counter"})
	return q
}

// command is one of all of them.
func (s *soak) command() []string {
	words, _ := s.g.Command()
	if words[0] == "pause" {
		s.now += 60
		return []string{"INCR", "counter"}
	}
	for i, w := range words {
		if len(w) == 2 && w[0] == '@' { // a time of life
			words[i] = strconv.Itoa(int(w[1]-'0')*700 + 30)
		}
	}
	return words
}

// patient is a command that may wait.
func (s *soak) patient() []string {
	r, key := s.rng, pick(s.rng, "a", "b", "c", "d", "e")
	timeout := pick(r, "0", "0.05", "3")
	switch r.IntN(8) {
	case 0:
		return []string{"WAITAOF", "1", "0", "100"}
	case 1:
		return []string{pick(r, "BZPOPMIN", "BZPOPMAX"), key, timeout}
	case 2:
		return []string{"BLMOVE", key, pick(r, "a", "b", "l9"), "LEFT", "RIGHT", timeout}
	case 3:
		return []string{"BRPOPLPUSH", key, "l9", timeout}
	case 4:
		return []string{"BLMPOP", timeout, "2", key, "a", pick(r, "LEFT", "RIGHT")}
	case 5:
		return []string{"BZMPOP", timeout, "2", key, "b", pick(r, "MIN", "MAX")}
	}
	return []string{pick(r, "BLPOP", "BRPOP"), key, timeout}
}

// manage lets the manager do what changes no data.
func (s *soak) manage() {
	r := s.rng
	switch r.IntN(10) {
	case 0:
		s.reload()
		return
	case 1, 2:
		next := pick(r, "always", "everysec", "no")
		s.policy = "changing"
		s.turn(map[int]request{manager: {commands: [][]string{{"CONFIG", "SET", "appendfsync", next}}}})
		s.policy = next
		return
	case 3:
		s.turn(map[int]request{manager: {commands: [][]string{{"CONFIG", "SET", "aof-use-rdb-preamble", pick(r, "yes", "no")}}}})
		return
	}
	s.turn(map[int]request{manager: {commands: [][]string{pickWords(r.IntN(6))}}})
}

func pickWords(n int) []string {
	return [][]string{{"BGREWRITEAOF"}, {"BGREWRITEAOF"}, {"BGREWRITEAOF"}, {"BGSAVE"}, {"SAVE"}, {"DEBUG", "RELOAD"}}[n]
}

// finish ends the store in some way and opens it again, with faults while it does.
func (s *soak) finish() {
	r, least, proven := s.rng, s.kept, s.kept
	s.count.crashes++
	how := "a power cut"
	switch n := r.IntN(4); {
	case n == 0 && !s.faulty && !s.fs.Crashed() && s.engine.Dead() == "" && s.close():
		least, how = len(s.history)-1, "closed"
		proven = least
	case n <= 1:
		s.disk.Kill()
		least, how = s.heard, "killed"
	default:
		s.disk = s.disk.CrashClone(s.somePolicy())
	}
	s.note("%s, at least %d of %d", how, least, len(s.history)-1)
	for range r.IntN(3) {
		at := faultfs.At(r.IntN(14), faultfs.Changes|faultfs.Read|faultfs.Open|faultfs.List, faults[r.IntN(len(faults)-1)].fault)
		if err := s.open(at); err != nil {
			require.True(s, at.Fired(), "%s: refused: %v\n%s", how, err, lazily(s.story))
		} else {
			s.found(least, how)
			least, proven = len(s.history)-1, len(s.history)-1
		}
		if how += ", opened with a fault"; r.IntN(2) == 0 {
			s.disk.Kill()
		} else {
			s.disk, least = s.disk.CrashClone(s.somePolicy()), proven
		}
	}
	s.faulty = false
	require.NoError(s, s.open(nil), "%s: crashes alone never lead to a refusal\n%s", how, lazily(s.story))
	s.found(least, how)
}

// found looks for the moment that the store came back with.
func (s *soak) found(least int, how string) {
	got := datasetOf(s.engine.Keyspace())
	for i := len(s.history) - 1; i >= 0; i-- {
		if s.history[i].difference(got, s.now) == "" {
			require.GreaterOrEqual(s, i, least, "%s: what was promised is lost\n%s", how, lazily(s.story))
			s.history = s.history[:i+1]
			return
		}
	}
	require.Fail(s, "a state that never was", "%s: beside moment %d: %s\n%s", how, least, s.history[least].difference(got, s.now), lazily(s.story))
}
