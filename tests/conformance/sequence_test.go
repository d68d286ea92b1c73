package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// A sequence is random commands of several connections, with how it is set up.
type sequence struct {
	seed   uint64
	proto  string
	config []string
	steps  []step
}

// configs are the parameters among which sequences choose: Redis's own, and those that give collections full encodings early.
var configs = [][]string{
	{},
	{"list-max-listpack-size", "3", "zset-max-listpack-entries", "3", "stream-node-max-entries", "3"},
	{"list-max-listpack-size", "-1", "hash-max-listpack-entries", "3", "hash-max-listpack-value", "4", "zset-max-listpack-value", "4",
		"stream-node-max-bytes", "40", "hll-sparse-max-bytes", "40"},
}

// defaults are what a sequence that chooses others leaves.
var defaults = []string{"CONFIG", "SET", "list-max-listpack-size", "-2", "zset-max-listpack-entries", "128", "zset-max-listpack-value", "64",
	"hash-max-listpack-entries", "512", "hash-max-listpack-value", "64", "stream-node-max-entries", "100",
	"stream-node-max-bytes", "4096", "hll-sparse-max-bytes", "3000", "notify-keyspace-events", "KEAnm"}

// newSequence makes the sequence of a seed, of at most so many commands.
func newSequence(t *testing.T, seed uint64, length int) *sequence {
	g := readGrammar(t, "testdata/random/commands.txt", seed)
	g.read(t, "testdata/random/sequences.txt")
	q := &sequence{seed: seed, proto: g.Pick([]string{"2", "3"}), config: configs[g.R.IntN(len(configs))]}
	left := [2]int{} // commands until the end of a connection's transaction
	for range length/4 + g.R.IntN(length*3/4) {
		conn := max(0, g.R.IntN(5)-3)
		s := g.command()
		if slices.Contains(q.config, "hash-max-listpack-entries") && !anyOrderOfFields(&s) {
			continue
		}
		switch {
		case left[conn] == 1:
			s = step{how: '=', words: []string{g.Pick([]string{"EXEC", "EXEC", "EXEC", "EXEC", "DISCARD"})}}
		case left[conn] == 0 && g.R.IntN(25) == 0:
			s = step{how: '=', words: []string{"MULTI"}}
			left[conn] = 3 + g.R.IntN(8)
		}
		left[conn] = max(0, left[conn]-1)
		s.conn = conn
		q.steps = append(q.steps, s)
	}
	return q
}

// anyOrderOfFields has the fields of a hash compared in any order, as those of a large hash come; false if that cannot be done.
func anyOrderOfFields(s *step) bool {
	switch s.words[0] {
	case "HGETALL", "HKEYS", "HVALS":
		s.how = '~'
	case "HSCAN":
		s.how = '~'
		return !slices.Contains(s.words, "COUNT")
	}
	return true
}

// script is the sequence as a script of testdata.
func (q *sequence) script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# seed %d, RESP%s\n", q.seed, q.proto)
	for _, words := range [][]string{append([]string{"CONFIG", "SET"}, q.config...), {"DEBUG", "SET-ACTIVE-EXPIRE", "0"}} {
		if len(words) > 2 {
			b.WriteString(strings.Join(words, " ") + "\n")
		}
	}
	for _, s := range q.steps {
		if s.conn > 0 {
			fmt.Fprintf(&b, "@%d ", s.conn)
		}
		if s.how != '=' {
			fmt.Fprintf(&b, "%c ", s.how)
		}
		if isPause(s) {
			fmt.Fprintf(&b, "sleep %d\n", firstUnit)
			continue
		}
		for i, w := range lifetimes(s.words, firstUnit) {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(quoted(w))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// quoted is a word as a script has it.
func quoted(w string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-+.*:_$<>=~(#[]?|^", r)
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !plain(r) }) < 0 {
		return w
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(w) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, "\\x%02x", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "\""
}

func isPause(s step) bool { return len(s.words) == 1 && s.words[0] == "pause" }

// lifetimes puts times in ms in place of @0, @1 …: half a unit more than so many, so that they end between two windows of the clock.
func lifetimes(words []string, unit int64) []string {
	out := append([]string(nil), words...)
	for i, w := range words {
		if len(w) == 2 && w[0] == '@' {
			out[i] = strconv.FormatInt(int64(w[1]-'0')*unit+unit/2, 10)
		}
	}
	return out
}

func hasLifetime(s step) bool {
	for _, w := range s.words {
		if len(w) == 2 && w[0] == '@' {
			return true
		}
	}
	return false
}

// arena is a real server and how to play sequences on it and on new engines.
type arena struct {
	t       *testing.T
	server  *redistest.Server
	control *redistest.Conn
	// distort, if any, changes what the engine answers: a fault to be found. Without words it is told that a sequence begins.
	distort func(words []string, reply string) string
}

func newArena(t *testing.T) *arena {
	server := redistest.Start(t)
	return &arena{t: t, server: server, control: server.Connect(t)}
}

// mismatch is where a sequence differs.
type mismatch struct {
	step      int
	what      string
	want, got string
	tooSlow   bool // the machine: nothing is proven
}

func (m *mismatch) String() string {
	return fmt.Sprintf("command %d, %s\nRedis: %q\nours:  %q", m.step, m.what, m.want, m.got)
}

// play runs a sequence; nil: the same on both sides, to the content and what is loaded from the log. It gives the sequence with pauses where the
// clock went on by itself. On a machine that is so busy that the servers' clocks cannot be kept in step, it is run again by a slower clock.
func (a *arena) play(q *sequence) (*mismatch, *sequence) {
	for unit := int64(firstUnit); ; unit *= 2 {
		played := *q
		played.steps = nil
		m := a.playBy(q, &sharedClock{unit: unit}, &played)
		if m == nil || !m.tooSlow {
			return m, &played
		}
		require.Less(a.t, unit, int64(10_000), "the machine is too busy for sequences with times of life")
	}
}

func (a *arena) playBy(q *sequence, clock *sharedClock, played *sequence) *mismatch {
	p := a.newPlay(q)
	defer func() { p.close() }()
	for _, s := range q.steps {
		if isPause(s) {
			clock.pause()
			played.steps = append(played.steps, s)
			continue
		}
		if clock.enter(s) {
			played.steps = append(played.steps, step{how: '=', words: []string{"pause"}})
		}
		played.steps = append(played.steps, s)
		s.words = lifetimes(s.words, clock.unit)
		m := p.step(len(played.steps)-1, s)
		if !clock.leave() {
			return &mismatch{tooSlow: true}
		}
		if m != nil {
			return m
		}
	}
	return p.sameContent(clock)
}

// playing is a sequence under way.
type playing struct {
	a        *arena
	q        *sequence
	x        *target
	store    *memfs.Store
	conns    []*redistest.Conn
	listener *redistest.Conn
	queued   [2][]byte // how to compare what is queued in a connection's MULTI
	multi    [2]bool
	sorted   bool // SORT ran: it makes a skip list of a sorted set in Redis, and changes nothing here
}

const listening = 2 // the number of the connection that hears of all events

func (a *arena) newPlay(q *sequence) *playing {
	t := a.t
	store := memfs.New()
	p := &playing{a: a, q: q, store: store, x: openTarget(t, store)}
	both := func(c *redistest.Conn, n int, words ...string) {
		_, err := c.Do(words...)
		require.NoError(t, err)
		p.x.do(n, words...)
	}
	if a.distort != nil {
		a.distort(nil, "")
	}
	for n := range 2 {
		c, err := redistest.Dial(a.server.Addr)
		require.NoError(t, err)
		p.conns = append(p.conns, c)
		both(c, n, "HELLO", q.proto)
	}
	both(a.control, 3, "FLUSHALL")
	both(a.control, 3, defaults...)
	if len(q.config) > 0 {
		both(a.control, 3, append([]string{"CONFIG", "SET"}, q.config...)...)
	}
	both(a.control, 3, "DEBUG", "SET-ACTIVE-EXPIRE", "0")
	c, err := redistest.Dial(a.server.Addr)
	require.NoError(t, err)
	p.listener = c
	both(c, listening, "PSUBSCRIBE", "__key*")
	return p
}

func (p *playing) close() {
	p.x.close()
	for _, c := range append(p.conns, p.listener) {
		c.Close()
	}
}

// step runs a command on both and compares replies and events.
func (p *playing) step(i int, s step) *mismatch {
	want, err := p.conns[s.conn].Do(s.words...)
	require.NoError(p.a.t, err, "%q", s.words)
	got := string(p.x.do(s.conn, s.words...))
	if p.a.distort != nil {
		got = p.a.distort(s.words, got)
	}
	if !p.same(s, string(want), got) {
		return &mismatch{step: i, what: strings.Join(s.words, " "), want: string(want), got: got}
	}
	events, err := readUntilPing(p.listener)
	require.NoError(p.a.t, err)
	heard := sameEnd(p.x.take(listening))
	events = sameEnd(events)
	if string(events) != string(heard) && !(inHashOrder(s, string(want)) && sameElements(events, heard)) {
		return &mismatch{step: i, what: "events of " + strings.Join(s.words, " "), want: string(events), got: string(heard)}
	}
	return nil
}

// sameEnd has keys past their time deleted, not expired: which of both Redis says of one that a command was about to replace or to delete anyway
// differs from command to command.
func sameEnd(events []byte) []byte {
	return []byte(strings.NewReplacer("$7\r\nexpired", "$3\r\ndel", "$22\r\n__keyevent@0__:expired", "$18\r\n__keyevent@0__:del",
		"$22\r\n__keyevent@1__:expired", "$18\r\n__keyevent@1__:del", "$22\r\n__keyevent@2__:expired", "$18\r\n__keyevent@2__:del").
		Replace(string(events)))
}

// inHashOrder tells whether a command may look keys up in the order of a hash table: SORT, KEYS, and EXEC with them.
func inHashOrder(s step, reply string) bool {
	name := strings.ToUpper(s.words[0])
	return strings.HasPrefix(name, "SORT") || name == "KEYS" || name == "SCAN" || name == "EXEC" && strings.HasPrefix(reply, "*")
}

// same compares the replies to a command; those in the reply to EXEC each in its own way.
func (p *playing) same(s step, want, got string) bool {
	n, name := s.conn, strings.ToUpper(s.words[0])
	if p.multi[n] && name == "EXEC" {
		hows := p.queued[n]
		p.queued[n], p.multi[n] = nil, false
		return sameExec(hows, want, got)
	}
	switch {
	case name == "MULTI":
		p.multi[n] = true
	case p.multi[n] && (name == "DISCARD" || name == "RESET"):
		p.queued[n], p.multi[n] = nil, false
	case p.multi[n] && want == "+QUEUED\r\n":
		p.queued[n] = append(p.queued[n], s.how)
		return want == got
	}
	p.sorted = p.sorted || strings.HasPrefix(name, "SORT")
	return sameBy(s.how, want, got) || p.sorted && want == "$8\r\nskiplist\r\n" && got == "$8\r\nlistpack\r\n"
}

func sameBy(how byte, want, got string) bool {
	switch how {
	case '~':
		return sameElements([]byte(want), []byte(got))
	case '%':
		return sameButTimes(want, got)
	}
	return want == got
}

func sameExec(hows []byte, want, got string) bool {
	head, theirs, _ := strings.Cut(want, "\r\n")
	ourHead, ours, _ := strings.Cut(got, "\r\n")
	if head != ourHead || head != "*"+strconv.Itoa(len(hows)) {
		return want == got
	}
	for _, how := range hows {
		_, restTheirs, err := decode([]byte(theirs))
		_, restOurs, err2 := decode([]byte(ours))
		if err != nil || err2 != nil || !sameBy(how, theirs[:len(theirs)-len(restTheirs)], ours[:len(ours)-len(restOurs)]) {
			return false
		}
		theirs, ours = string(restTheirs), string(restOurs)
	}
	return theirs == ours
}

// sameContent compares all data, and then what a new engine loads from the log.
func (p *playing) sameContent(clock *sharedClock) *mismatch {
	clock.enter(step{})
	want, err := p.a.control.Do("DEBUG", "DIGEST")
	require.NoError(p.a.t, err)
	got := string(p.x.do(3, "DEBUG", "DIGEST"))
	p.x.close()
	p.x = openTarget(p.a.t, p.store, p.q.config...)
	loaded := string(p.x.do(3, "DEBUG", "DIGEST"))
	switch {
	case !clock.leave():
		return &mismatch{tooSlow: true}
	case string(want) != got:
		return &mismatch{what: "content", want: string(want), got: got}
	case got != loaded:
		return &mismatch{what: "content loaded from the log", want: got, got: loaded}
	}
	return nil
}

// sharedClock lets both servers see keys expire between the same two commands. Time has units; while a key has a short time of life, commands run
// in the second half of a unit only, and such times, which are some units and a half long, end in a first half.
type sharedClock struct {
	unit  int64 // ms
	until int64 // when the last short life is over, Unix ms
	at    int64 // the unit of the command before, while there was a short life; else 0
	bound bool  // the command under way is bound to its unit
}

const firstUnit = 60 // ms

// enter waits for a window, if the step needs one, and tells whether another unit began without a pause.
func (c *sharedClock) enter(s step) (went bool) {
	now := time.Now().UnixMilli()
	c.bound = now < c.until || hasLifetime(s)
	if !c.bound {
		went, c.at = c.at != 0, 0
		return went
	}
	for ; now%c.unit < c.unit/2 || now%c.unit > c.unit*9/10; now = time.Now().UnixMilli() {
		time.Sleep(time.Millisecond)
	}
	if hasLifetime(s) {
		c.until = max(c.until, now+2*c.unit)
	}
	went = c.at != 0 && c.at != now/c.unit
	c.at = now / c.unit
	return went
}

// leave tells whether the command ended within its unit.
func (c *sharedClock) leave() bool {
	return !c.bound || time.Now().UnixMilli()/c.unit == c.at
}

// pause lets the next unit begin.
func (c *sharedClock) pause() {
	for now := time.Now().UnixMilli(); time.Now().UnixMilli()/c.unit == now/c.unit && now < c.until; {
		time.Sleep(time.Millisecond)
	}
	c.at = 0
}

// shrink removes commands for as long as the sequence fails, larger pieces first.
func (a *arena) shrink(m *mismatch, played *sequence) (*mismatch, *sequence) {
	for piece := max(1, len(played.steps)/2); piece > 0; {
		removed := false
		for from := 0; from < len(played.steps); {
			without := *played
			without.steps = slices.Delete(slices.Clone(played.steps), from, min(from+piece, len(played.steps)))
			if again, shorter := a.play(&without); again != nil && len(shorter.steps) < len(played.steps) {
				m, played, removed = again, shorter, true
				continue
			}
			from += piece
		}
		if piece > 1 || !removed {
			piece /= 2
		}
	}
	return m, played
}

// check plays the sequence of a seed and fails with the shortest script that shows what is wrong.
func (a *arena) check(seed uint64, length int) bool {
	q := newSequence(a.t, seed, length)
	m, played := a.play(q)
	if m == nil {
		return true
	}
	m, small := a.shrink(m, played)
	a.t.Errorf("%s\n%s", m, small.script())
	return false
}

// newSeed is a seed that was not used before.
func newSeed() uint64 { return rand.Uint64() >> 11 }
