package crash

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// sessions that speak, the operator's, which never waits inside of a command, and one that only listens.
const (
	sessions = 3
	operator = sessions + 1
	listener = operator + 1
)

// world is a disk, an engine on it that is driven step by step, and what should be in it. Everything but the ids of files follows
// from the seed.
type world struct {
	testing.TB
	what     string // the run, to repeat it
	rng      *rand.Rand
	disk     *memfs.Store
	fs       *faultfs.FS
	policy   string
	mode     memfs.SyncMode
	late     bool
	ballast  bool
	moody    bool // writes and syncs that are under way fail now and then
	auto     bool // the log is rewritten by itself, too
	noSync   bool // and not synced meanwhile
	now      int64
	released int64       // when all that had been asked of the disk was done
	dumps    memfs.Dumps // for RDB files
	dumped   []byte      // the last file that was looked at
	dumpOps  int

	engine  *core.Engine
	clients []*client
	waiting []*waiter
	jobs    []func()
	inline  bool              // control-plane work runs at once
	async   bool              // it runs on goroutines
	config  map[string]string // more parameters

	faulty  bool    // something was made to fail since the engine was opened
	lying   bool    // a sync or a Replace was reported as done, and was not: nothing can be promised
	states  []state // after each turn that changed something; the first is what was loaded
	acked   int     // the last state of which somebody heard
	durable int     // the last one that INFO calls durable, or of which somebody heard under always
	written []mark
}

// mark tells that all states up to this one stand in the blocks up to this lsn.
type mark struct {
	lsn   int
	state int
}

// client is a session with what it waits for.
type client struct {
	*core.Session
	db      int
	wrote   int // the state with its last change
	waiting []*answer
	buf     []byte
}

// answer is what a request is to be answered.
type answer struct {
	request request
	want    []string // by command; "" for any
	changed bool
	seen    int // the state that it saw
	proves  int // of WAITAOF: the state that is durable if it says so
	info    bool
	policy  string // when it was asked
	got     []string
	refused bool
}

// open opens the engine on the disk.
func (w *world) open(injector faultfs.Injector) error {
	inner, err := w.disk.Open()
	require.NoError(w, err, w.what)
	w.disk.SetSync(memfs.SyncInline)
	w.disk.SetLateWrites(w.late, w.late)
	w.fs = faultfs.Wrap(inner, injector)
	var fs storage.FS = w.fs
	if !w.ballast {
		fs = noBallast{w.fs}
	}
	w.dumps.Fail = w.failDump
	w.jobs, w.clients, w.waiting, w.inline = nil, nil, nil, false
	config := map[string]string{"appendfsync": w.policy, "databases": strconv.Itoa(databases), "auto-aof-rewrite-percentage": "0"}
	if w.auto {
		config["auto-aof-rewrite-percentage"], config["auto-aof-rewrite-min-size"] = "50", "3000"
	}
	maps.Copy(config, w.config)
	if w.noSync {
		config["no-appendfsync-on-rewrite"] = "yes"
	}
	w.engine, err = core.Open(context.Background(), core.Options{
		FS: fs, Importer: aof.NewImporter(nil), Dumps: &w.dumps, Now: w.now, Seed: 1 + w.rng.Uint64()>>1, Go: w.do, Config: config,
	})
	if err != nil {
		w.engine = nil
		return err
	}
	w.disk.SetSync(w.mode)
	w.released = w.now
	w.engine.Turn(w.now)
	w.client(listener).Feed([]byte("SUBSCRIBE news\r\n"))
	w.engine.EndTurn()
	return nil
}

// noBallast is a disk on which the ballast finds no room: it takes time, and stands in no one's way.
type noBallast struct{ *faultfs.FS }

func (fs noBallast) Create(ctx context.Context, name string) (storage.File, error) {
	if strings.HasSuffix(name, ".ballast") {
		return nil, storage.ErrQuota
	}
	return fs.FS.Create(ctx, name)
}

// do takes control-plane work.
func (w *world) do(job func()) {
	switch {
	case w.async:
		go job()
		return
	case w.inline:
		w.run(job)
		return
	}
	w.jobs = append(w.jobs, job)
}

// run runs a job to its end. What it waits for comes at once.
func (w *world) run(job func()) {
	w.disk.SetSync(memfs.SyncInline)
	job()
	if !w.inline {
		w.disk.SetSync(w.mode)
	}
}

// whileStalled feeds DEBUG LOADAOF in the turn under way, and lets turns go by until it is done: its job parks, and gets a goroutine.
func (w *world) whileStalled(feed func()) {
	w.async = true
	feed()
	w.engine.EndTurn()
	for w.engine.Stalled() && w.engine.Dead() == "" {
		runtime.Gosched()
		w.engine.Turn(w.now)
		w.engine.EndTurn()
	}
	w.async = false
}

// client is session i.
func (w *world) client(i int) *client {
	for len(w.clients) <= i {
		w.clients = append(w.clients, &client{Session: w.engine.NewSession(core.SessionOptions{})})
	}
	return w.clients[i]
}

// turn lets some sessions speak in one turn; the first one asks INFO.
func (w *world) turn(requests map[int]request) {
	w.engine.Turn(w.now)
	before := make([]int, listener+1)
	for i := range before {
		before[i] = len(w.client(i).Output())
	}
	w.ask(0, request{commands: [][]string{{"INFO", "persistence"}}}).info = true
	var asked []*answer
	for i := 1; i <= operator; i++ {
		if q, ok := requests[i]; ok {
			asked = append(asked, w.ask(i, q))
		}
	}
	for i, c := range w.clients {
		require.Len(w, c.Output(), before[i], "%s: a reply leaves before the log was asked", w.what)
	}
	w.engine.EndTurn()
	w.collect()
	if w.ballast && w.faulty {
		w.hear()
	}
	w.execute(asked)
}

// hear lets come what waits for the log. On a full disk that may be a refusal, which stands behind what can still be logged.
func (w *world) hear() {
	held := func() (bytes int) {
		for _, c := range w.clients {
			bytes += c.Waiting()
		}
		return bytes
	}
	for n := 0; n < 10 && held() > 0 && !w.fs.Crashed(); n++ { // what waits for a retry takes longer, and is no refusal
		w.platform(nil)
		if n > 4 { // a sync that a change of the policy has left to the tick
			w.engine.Tick(w.now)
		}
		w.engine.Turn(w.now)
		w.engine.EndTurn()
		w.collect()
	}
}

func (w *world) ask(i int, q request) *answer {
	c := w.client(i)
	a := &answer{request: q, seen: len(w.states) - 1, policy: w.policy, proves: c.wrote}
	c.waiting = append(c.waiting, a)
	for _, words := range q.commands {
		if words[0] == "PUBLISH" { // of the state that this turn makes
			words[2] = w.policy + " " + strconv.Itoa(len(w.states))
		}
	}
	c.Feed(q.text())
	return a
}

// execute brings the model to where the engine is. What was answered MISCONF did not run; everything else did, whatever became
// of its block, and what is not answered yet too: refusals come at once.
func (w *world) execute(asked []*answer) {
	next := w.states[len(w.states)-1].copy()
	moved := w.timeOut()
	var waited []*answer
	for _, a := range asked {
		if a.refused {
			continue
		}
		if blocking(a.request.commands[0][0]) {
			w.wait(a)
			waited, moved = append(waited, w.serve(&next)...), true
			continue
		}
		for _, c := range a.request.commands {
			reply, changed := next.apply(w.clientOf(a).db, w.now, c)
			a.want = append(a.want, reply)
			a.changed = a.changed || changed
		}
		moved = true
		waited = append(waited, w.serve(&next)...)
	}
	if moved {
		w.states = append(w.states, next)
	}
	for _, a := range append(asked, waited...) {
		if a.seen = len(w.states) - 1; a.changed && !a.refused {
			w.clientOf(a).wrote = a.seen
		}
	}
	w.collect()
}

func (w *world) clientOf(a *answer) *client {
	for _, c := range w.clients {
		for _, other := range c.waiting {
			if other == a {
				return c
			}
		}
	}
	panic("an answer that nobody waits for")
}

// listen takes the messages that were released. While nothing has failed what they tell of is as safe as what is replied.
func (w *world) listen() {
	c := w.client(listener)
	c.buf = append(c.buf, c.Output()...)
	c.Take(len(c.Output()))
	for len(c.buf) > 0 {
		n := replyLen(c.buf)
		words := bulks(c.buf[:n])
		c.buf = c.buf[n:]
		policy, number, _ := strings.Cut(words[2], " ")
		if i, _ := strconv.Atoi(number); words[0] == "message" && !w.faulty {
			w.acked = max(w.acked, i)
			if policy == "always" && w.policy == "always" && !w.noSync {
				w.durable = max(w.durable, i)
			}
		}
	}
}

// collect takes the replies that were released.
func (w *world) collect() {
	w.listen()
	for _, c := range w.clients[:listener] {
		out := c.Output()
		c.buf = append(c.buf, out...)
		c.Take(len(out))
		for len(c.waiting) > 0 {
			a := c.waiting[0]
			for len(a.got) < a.request.replies() && len(c.buf) > 0 {
				n := replyLen(c.buf)
				a.got = append(a.got, string(c.buf[:n]))
				a.refused = a.refused || strings.HasPrefix(a.got[len(a.got)-1], "-MISCONF ")
				c.buf = c.buf[n:]
			}
			if len(a.got) < a.request.replies() || (a.want == nil && !a.refused && !a.info) {
				break
			}
			c.waiting = c.waiting[1:]
			w.answered(a)
		}
	}
}

// answered judges the answer to one request.
func (w *world) answered(a *answer) {
	if a.info {
		w.informed(a)
		return
	}
	last := a.got[len(a.got)-1]
	if a.refused || strings.HasPrefix(last, "-NOTDURABLE ") {
		require.True(w, w.faulty, "%s: %q, and nothing had failed", w.what, last)
		return
	}
	if a.request.multi {
		want := "*" + strconv.Itoa(len(a.want)) + "\r\n" + strings.Join(a.want, "")
		for _, reply := range a.want {
			if reply == "" {
				want = last
			}
		}
		require.Equal(w, want, last, "%s: %q", w.what, a.request.commands)
	} else if a.want[0] != "" {
		require.Equal(w, a.want[0], last, "%s: %q", w.what, a.request.commands)
	}
	if a.request.commands[0][0] == "WAITAOF" && last == "*2\r\n:1\r\n:0\r\n" {
		w.acked, w.durable = max(w.acked, a.proves), max(w.durable, a.proves)
	}
	if a.changed || !w.faulty { // after a failure reads may see what a crash undoes
		w.acked = max(w.acked, a.seen)
		if w.policy == "always" && a.policy == "always" && !w.noSync {
			w.durable = max(w.durable, a.seen)
		}
	}
}

// informed takes what INFO tells of the log: which states are durable.
func (w *world) informed(a *answer) {
	field := func(name string) string {
		_, rest, _ := strings.Cut(a.got[0], "\r\n"+name+":")
		v, _, _ := strings.Cut(rest, "\r\n")
		return v
	}
	lsn, _ := strconv.Atoi(field("aof_lsn"))
	durable, _ := strconv.Atoi(field("aof_durable_lsn"))
	if field("aof_last_write_status") == "ok" && field("aof_buffer_length") == "0" {
		w.written = append(w.written, mark{lsn, a.seen})
	}
	for _, m := range w.written {
		if m.lsn <= durable {
			w.durable = max(w.durable, m.state)
		}
	}
}

// replyLen is the length of the reply that b begins with.
func replyLen(b []byte) int {
	end := strings.Index(string(b), "\r\n") + 2
	n, _ := strconv.Atoi(string(b[1 : end-2]))
	switch b[0] {
	case '$':
		if n >= 0 {
			end += n + 2
		}
	case '*':
		for ; n > 0; n-- {
			end += replyLen(b[end:])
		}
	}
	return end
}

// read asks a fresh engine for all it holds.
func (w *world) read() state {
	s := newState()
	c := w.client(0)
	ask := func(words ...string) []string {
		w.engine.Turn(w.now)
		c.Feed(request{commands: [][]string{words}}.text())
		w.engine.EndTurn()
		for n := 0; c.Waiting() > 0; n++ {
			require.Less(w, n, 1000, "%s: a read is held back for ever", w.what)
			w.platform(nil)
			w.engine.Turn(w.now)
			w.engine.EndTurn()
		}
		out := append([]byte(nil), c.Output()...)
		c.Take(len(out))
		return bulks(out)
	}
	for db := range s {
		ask("SELECT", strconv.Itoa(db))
		for _, key := range ask("KEYS", "*") {
			v := value{}
			switch key[0] {
			case 's', 'n', 'b':
				v.str = ask("GET", key)[0]
			case 'p':
				n, _ := strconv.Atoi(ask("PFCOUNT", key, key)[0]) // which keeps no count, and so changes nothing
				for v.items = map[string]string{}; n > 0; n-- {
					v.items["m"+strconv.Itoa(n-1)] = ""
				}
			case 'x':
				v.stream = readStream(ask, key, w.now)
			case 'l':
				v.list = ask("LRANGE", key, "0", "-1")
			case 't':
				v.items = map[string]string{}
				for _, m := range ask("SMEMBERS", key) {
					v.items[m] = ""
				}
			case 'h':
				v.items = pairs(ask("HGETALL", key))
			default:
				v.items = pairs(ask("ZRANGE", key, "0", "-1", "WITHSCORES"))
			}
			if at, _ := strconv.ParseInt(ask("PEXPIRETIME", key)[0], 10, 64); at > 0 {
				v.expiry = at
			}
			s[db][key] = v
		}
	}
	ask("SELECT", "0")
	return s
}

// bulks are the bulk strings, or the number, in a reply.
func bulks(reply []byte) (words []string) {
	end := strings.Index(string(reply), "\r\n") + 2
	n, _ := strconv.Atoi(string(reply[1 : end-2]))
	switch {
	case reply[0] == '$' && n >= 0:
		return []string{string(reply[end : end+n])}
	case reply[0] == '*':
		for reply = reply[end:]; n > 0; n-- {
			size := replyLen(reply)
			words = append(words, bulks(reply[:size])...)
			reply = reply[size:]
		}
		return words
	}
	return []string{string(reply[1 : end-2])}
}

func pairs(words []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(words); i += 2 {
		m[words[i]] = words[i+1]
	}
	return m
}

// platform lets what the platform has been asked for happen; nil: well.
func (w *world) platform(err error) {
	w.disk.ReleaseWrites(err)
	for w.disk.ReleaseSync(err) {
	}
}

// answer lets the disk do all that it was asked for before it has been silent for so long that this is a failure.
func (w *world) answer() {
	if w.now-w.released > 3000 {
		w.platform(nil)
		w.released = w.now
	}
}

func (w *world) String() string {
	return fmt.Sprintf("%s (%d states, heard of %d, durable %d)", w.what, len(w.states), w.acked, w.durable)
}
