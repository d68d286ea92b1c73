package crash

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/keyspace"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
	"tabdis/tests/grammar"
)

// soak is a world in which all commands run, on the engine and on an oracle: a second engine on a disk of its own, with no faults, that is given the same
// commands at the same times. What the engine holds is compared after every turn; after a crash it must hold what the oracle held at some moment,
// not before the last one that somebody was promised.
type soak struct {
	*world
	g        *grammar.Grammar
	oracle   *core.Engine
	speakers []*speaker
	history  []dataset // of the engine, behind every unit
	heard    int       // the last moment of which somebody heard
	kept     int       // the last one that must outlive a power cut
	marks    []mark
	told     []string // all that happened since the store was opened
	count    struct{ commands, crashes, refused int }
}

// speaker is a session of the engine, its twin of the oracle, and what the former waits for.
type speaker struct {
	engine, oracle *core.Session
	waiting        []*asked
	buf            []byte
}

// asked is a request that was not answered yet.
type asked struct {
	replies         int
	got             []string
	moment          int // what it saw, or made
	changed, always bool
	info            bool
}

// The speakers: some that never wait, some that may wait inside of a command, and two that ask and operate.
const (
	talkers  = 3
	waiters  = 2
	reporter = talkers + waiters
	manager  = reporter + 1
)

func (s *soak) note(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf("%d: ", s.now)+fmt.Sprintf(format, args...))
}

// story is what led here, to be printed.
func (s *soak) story() string {
	return s.String() + "\n" + strings.Join(s.told[max(0, len(s.told)-400):], "\n")
}

func (s *soak) String() string {
	return fmt.Sprintf("%s (moment %d, heard of %d, kept %d)", s.what, len(s.history)-1, s.heard, s.kept)
}

// begin takes what the opened engine holds for the truth, and opens an oracle with the same.
func (s *soak) begin() {
	s.dumps.Fail = nil
	s.history = []dataset{datasetOf(s.engine.Keyspace())}
	s.heard, s.kept, s.marks, s.told = 0, 0, nil, nil
	fs, err := s.disk.CrashClone(memfs.Everything()).Open()
	require.NoError(s, err)
	if s.oracle != nil {
		require.NoError(s, s.oracle.Close(context.Background()))
	}
	config := map[string]string{"appendfsync": "no", "databases": strconv.Itoa(databases), "auto-aof-rewrite-percentage": "0", "enable-debug-command": "yes"}
	s.oracle, err = core.Open(context.Background(), core.Options{FS: noBallast{faultfs.Wrap(fs, nil)}, Dumps: &memfs.Dumps{}, Now: s.now, Seed: 1, Config: config,
		Go: func(job func()) { job() }})
	require.NoError(s, err, "%s", s)
	s.speakers = nil
	for range manager + 1 {
		s.speakers = append(s.speakers, &speaker{engine: s.engine.NewSession(core.SessionOptions{}), oracle: s.oracle.NewSession(core.SessionOptions{})})
	}
	s.compare("opened")
}

// compare compares the engine with the oracle.
func (s *soak) compare(when string) {
	d := s.history[len(s.history)-1].difference(datasetOf(s.oracle.Keyspace()), s.now)
	require.Empty(s, d, "%s differs from the oracle\n%s", when, lazily(s.story))
}

// lazily is a message that is made when it is needed.
type lazily func() string

func (l lazily) String() string { return l() }

// moment notes what the engine holds now.
func (s *soak) moment() int {
	now := datasetOf(s.engine.Keyspace())
	if s.history[len(s.history)-1].difference(now, 0) != "" {
		s.history = append(s.history, now)
	}
	return len(s.history) - 1
}

// ask feeds a request to the engine.
func (s *soak) ask(i int, q request) *asked {
	s.note("@%d %+q", i, q.commands)
	p := s.speakers[i]
	a := &asked{replies: q.replies(), always: s.policy == "always" && !s.noSync}
	before := len(s.history) - 1
	p.waiting = append(p.waiting, a)
	p.engine.Feed(q.text())
	a.moment = s.moment()
	a.changed = s.history[before].difference(s.history[a.moment], s.now) != "" // a key whose time was over before is no change
	s.count.commands += len(q.commands)
	return a
}

// turn lets some speak in one turn. While something fails one at a time does, and it is waited for what it hears: a command that was refused did not run.
func (s *soak) turn(requests map[int]request) {
	s.engine.Turn(s.now)
	s.moment() // whose time was over
	s.ask(reporter, request{commands: [][]string{{"INFO", "persistence"}}}).info = true
	var order []int
	var all []*asked
	for i := range s.speakers {
		if q, ok := requests[i]; ok {
			before := s.members(i, q)
			order, all = append(order, i), append(all, s.ask(i, q))
			requests[i] = settled(q, before, s.members(i, q))
		}
	}
	s.engine.EndTurn()
	s.moment()
	s.collect()
	for n := 0; s.faulty && len(all) > 0 && len(all[0].got) < all[0].replies && n < 12 && !s.fs.Crashed(); n++ {
		s.platform(nil)
		s.engine.Turn(s.now)
		s.engine.EndTurn()
		s.collect()
	}
	s.oracle.Turn(s.now)
	for k, i := range order {
		switch {
		case all[k].refused():
			s.count.refused++
			if requests[i].multi { // it ends what is watched
				s.speakers[i].oracle.Feed(request{commands: [][]string{{"UNWATCH"}}}.text())
			}
		case requests[i].commands[0][0] == "WAITAOF": // the oracle's log is another
		case i != manager || requests[i].commands[0][0] == "DEBUG": // what else the manager asks for is about the log
			s.speakers[i].oracle.Feed(requests[i].text())
		}
	}
	s.oracle.EndTurn()
	for _, p := range s.speakers {
		p.oracle.Take(len(p.oracle.Output()))
	}
	s.compare("a turn")
}

// members are those of the set of which SPOP is about to take some, or has taken some.
func (s *soak) members(i int, q request) (members []string) {
	if q.multi || q.commands[0][0] != "SPOP" {
		return nil
	}
	e, ok := s.engine.Keyspace().DB(s.speakers[i].engine.Database()).Find([]byte(q.commands[0][1]))
	if ok && e.Type() == keyspace.Set {
		e.Set().Each(func(m []byte) bool {
			members = append(members, string(m))
			return true
		})
	}
	return members
}

// settled is what the oracle is to do, with what chance has decided: SREM of the members that SPOP took.
func settled(q request, before, after []string) request {
	if q.multi || q.commands[0][0] != "SPOP" {
		return q
	}
	gone := slices.DeleteFunc(before, func(m string) bool { return slices.Contains(after, m) })
	return request{commands: [][]string{append([]string{"SREM", q.commands[0][1]}, gone...)}}
}

// refused tells whether the answer is that the command did not run; a transaction with such an answer in it did not either.
func (a *asked) refused() bool {
	return slices.ContainsFunc(a.got, func(reply string) bool { return strings.HasPrefix(reply, "-MISCONF ") })
}

// collect takes the replies that were released.
func (s *soak) collect() {
	for _, p := range s.speakers {
		out := p.engine.Output()
		p.buf = append(p.buf, out...)
		p.engine.Take(len(out))
		for len(p.buf) > 0 && len(p.waiting) > 0 {
			a := p.waiting[0]
			n := replyLen(p.buf)
			a.got = append(a.got, string(p.buf[:n]))
			if p.buf = p.buf[n:]; len(a.got) == a.replies {
				p.waiting = p.waiting[1:]
				s.answered(a)
			}
		}
	}
}

// answered notes what was promised.
func (s *soak) answered(a *asked) {
	if a.info {
		s.informed(a)
		return
	}
	for _, reply := range a.got {
		if strings.HasPrefix(reply, "-NOTDURABLE ") || strings.HasPrefix(reply, "-MISCONF ") {
			require.True(s, s.faulty, "%q, and nothing had failed\n%s", reply, lazily(s.story))
			return
		}
	}
	if a.changed || !s.faulty { // after a failure reads may see what a crash undoes
		s.heard = max(s.heard, a.moment)
		if a.always && s.policy == "always" && !s.noSync {
			s.kept = max(s.kept, a.moment)
		}
	}
}

func (s *soak) informed(a *asked) {
	field := func(name string) string {
		_, rest, _ := strings.Cut(a.got[0], "\r\n"+name+":")
		v, _, _ := strings.Cut(rest, "\r\n")
		return v
	}
	lsn, _ := strconv.Atoi(field("aof_lsn"))
	durable, _ := strconv.Atoi(field("aof_durable_lsn"))
	if field("aof_last_write_status") == "ok" && field("aof_buffer_length") == "0" {
		s.marks = append(s.marks, mark{lsn, a.moment})
	}
	for _, m := range s.marks {
		if m.lsn <= durable {
			s.kept = max(s.kept, m.state)
		}
	}
}

// cron is a tick of both, and some of the work that was started.
func (s *soak) cron() {
	s.engine.Tick(s.now)
	s.moment()
	s.collect()
	s.oracle.Tick(s.now)
	for n := s.rng.IntN(3); n > 0 && len(s.jobs) > 0; n-- {
		job := s.jobs[0]
		s.jobs = s.jobs[1:]
		s.run(job)
	}
}

// reload is DEBUG LOADAOF.
func (s *soak) reload() {
	for len(s.jobs) > 0 {
		s.cron()
	}
	for i := range talkers { // a watched key that was past its time comes back from a log, and breaks the watch, but not from an oracle's dump
		s.turn(map[int]request{i: {commands: [][]string{{"UNWATCH"}}}})
	}
	s.engine.Turn(s.now)
	s.moment()
	s.whileStalled(func() { s.ask(manager, request{commands: [][]string{{"DEBUG", "LOADAOF"}}}) })
	if s.collect(); s.engine.Dead() == "" {
		s.moment()
		s.oracle.Turn(s.now)
		s.speakers[manager].oracle.Feed(request{commands: [][]string{{"DEBUG", "RELOAD"}}}.text())
		s.oracle.EndTurn()
		s.compare("LOADAOF")
	}
}
