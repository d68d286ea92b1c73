//go:build js && wasm

package idb

import (
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

//go:embed testdata/steps.js
var stepsJS string

// steps is the layer of testdata/steps.js, over every connection of this Worker while the test lasts.
type steps struct{ js.Value }

func installSteps(t *testing.T) steps {
	control := js.Global().Get("Object").New()
	for name, v := range map[string]any{"stepped": false, "steps": 0, "at": -1, "asleep": false, "where": "", "pending": 0} {
		control.Set(name, v)
	}
	uninstall := js.Global().Get("Function").New("control", stepsJS).Invoke(control)
	t.Cleanup(func() { uninstall.Invoke() })
	return steps{control}
}

func (s steps) asleep() bool  { return s.Get("asleep").Bool() }
func (s steps) pending() bool { return s.Get("pending").Int() > 0 }

// dump is all that a store holds.
func (s steps) dump(t testing.TB, store string) string {
	v, err := host.Await(ctx, safejs.Safe(s.Call("dump", databasePrefix+store)))
	require.NoError(t, err)
	text, err := v.String()
	require.NoError(t, err)
	return text
}

// withoutLocks hides Web Locks while the test lasts: then nothing but the fence keeps two leaders apart.
func withoutLocks(t *testing.T) {
	navigator := js.Global().Get("navigator")
	if navigator.IsUndefined() || navigator.Get("locks").IsUndefined() {
		return
	}
	object := js.Global().Get("Object")
	object.Call("defineProperty", navigator, "locks", map[string]any{"value": js.Undefined(), "configurable": true})
	t.Cleanup(func() { js.Global().Get("Reflect").Call("deleteProperty", navigator, "locks") })
}

// leader is a world whose life runs on a goroutine of its own, and stands still while it is asleep.
type leader struct {
	*world
	sent    []string // in order
	heard   int      // so many of them were acknowledged
	slept   bool
	aborted bool   // with the transaction that it was in
	last    string // what it answered to a write long after it woke
	opening error
	closing error
	ended   chan struct{}
	over    bool
}

func newLeader(t *testing.T, what, name, policy string, seed uint64) *leader {
	told := js.Global().Get("Object").New()
	told.Set("fired", 1) // each failure here has a cause
	told.Set("crashed", false)
	w := &world{TB: t, what: what, name: name, policy: policy, rng: rand.New(rand.NewPCG(seed, 1)), now: 1_700_000_000_000,
		faults: &faults{TB: t, control: told}}
	return &leader{world: w, ended: make(chan struct{})}
}

// put writes a unit of several effects, and tells whether it was acknowledged.
func (l *leader) put() bool {
	l.Helper()
	item := strconv.Itoa(len(l.sent)) + "-" + strings.Repeat("x", l.rng.IntN(300))
	l.sent = append(l.sent, item)
	reply := l.ask([]string{"MULTI"}, []string{"RPUSH", "l", item}, []string{"SET", "s", item}, []string{"HSET", "h", "f", item}, []string{"EXEC"})
	if !strings.Contains(reply, "\r\n*3\r\n") {
		require.Regexp(l, `-(NOTDURABLE|EXECABORT) `, reply, "%s", l)
		return false
	}
	l.heard = len(l.sent)
	return true
}

// rewrites is a rewrite, with a write in the middle of it: a new log, a new base, a manifest, and the old files go.
func (l *leader) rewrites() {
	l.ask([]string{"BGREWRITEAOF"})
	l.put()
	for range 40 {
		if l.info("aof_rewrite_in_progress")+l.info("aof_rewrite_scheduled") == "00" {
			return
		}
		l.turn("")
	}
}

// run is its whole life.
func (l *leader) run() {
	defer close(l.ended)
	defer func() { l.over = true }()
	if l.opening = l.open(); l.opening != nil {
		return
	}
	for _, step := range []func(){l.puts, l.second, l.rewrites, l.puts, l.second} {
		step()
	}
	if l.slept {
		l.puts()
		l.second()
		l.last = l.ask([]string{"SET", "other", "x"})
	}
	l.closing = errors.Join(l.engine.Close(ctx), l.fs.Close())
}

func (l *leader) puts() { l.put(); l.put() }

// holds gives how many of another's units are in the store, in order and each as a whole, then its own.
func (l *leader) holds(other *leader) int {
	l.Helper()
	reply := l.ask([]string{"LRANGE", "l", "0", "-1"}, []string{"GET", "s"}, []string{"HGET", "h", "f"})
	for n := len(other.sent); n >= 0; n-- {
		want, last := "*"+strconv.Itoa(n+len(l.sent))+"\r\n", "$-1\r\n"
		for _, item := range append(other.sent[:n:n], l.sent...) {
			last = "$" + strconv.Itoa(len(item)) + "\r\n" + item + "\r\n"
			want += last
		}
		if reply == want+last+last {
			return n
		}
	}
	require.Fail(l, "a state that never was", "%s: %.300q", l, reply)
	return 0
}

// A leader is put to sleep before each of its operations on IndexedDB, one after the other: while it opens, appends and syncs, rolls, rewrites,
// replaces the manifest, removes files and closes. Another one takes the store over, writes, rewrites. Then the first one wakes, with
// the transaction that it was in, or without it. What it had acknowledged is with the other one, and of what it had not, each unit is there as
// a whole or not at all; it acknowledges nothing that is not there, says why, and changes nothing any more.
//
// TABDIS_IDB_STRIDE=1 tries all operations, 5 every fifth; without it a few under each policy.
func TestALeaderThatWakesAfterItWasTakenOver(t *testing.T) {
	stride := int(number64(t, "TABDIS_IDB_STRIDE", 0))
	withoutLocks(t)
	control := installSteps(t)
	for p, policy := range []string{"always", "everysec", "no"} {
		t.Run(policy, func(t *testing.T) {
			lives := 0
			life := func(at int, aborted bool) (slept, pending bool) {
				lives++
				return takeover(t, control, policy, at, aborted)
			}
			at, each := 0, stride
			if stride == 0 {
				at, each = 7*p, operations/5
			}
			for {
				slept, pending := life(at, false)
				if !slept {
					break
				}
				if pending {
					life(at, true)
				}
				at += each
			}
			require.Greater(t, at, operations, "it is over too early")
			t.Logf("TABDIS_IDB_STRIDE=%d: %d lives", stride, lives)
		})
	}
}

// operations is how many a life has at least.
const operations = 150

// takeover is one life and its take-over at an operation; aborted: the browser ends the transaction that the sleeper is in. It tells whether
// there were so many operations, and such a transaction.
func takeover(t *testing.T, control steps, policy string, at int, aborted bool) (slept, pending bool) {
	t.Helper()
	name := newName()
	old := newLeader(t, fmt.Sprintf("%s, asleep at %d, aborted: %v", policy, at, aborted), name, policy, 1)
	for name, v := range map[string]any{"stepped": true, "steps": 0, "at": at, "where": "", "pending": 0} {
		control.Set(name, v)
	}
	old.still = func() {
		for control.asleep() {
			pause()
		}
	}
	go old.run()
	for !control.asleep() && !old.over {
		pause()
	}
	control.Set("stepped", false)
	if slept = control.asleep(); slept {
		pending = overtake(t, control, old, aborted)
	} else {
		require.NoError(t, errors.Join(old.opening, old.closing), "%s", old)
	}
	require.NoError(t, Delete(ctx, name))
	return slept, pending
}

// overtake takes over from the sleeper, and wakes it; it tells whether a transaction of the sleeper stood in the way.
func overtake(t *testing.T, control steps, old *leader, aborted bool) (pending bool) {
	t.Helper()
	old.slept = true
	old.what += " before " + control.Get("where").String()
	next := newLeader(t, "after "+old.what, old.name, old.policy, 2)
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		next.opening = next.open()
	}()
	waited := 0
	for next.fs == nil && next.opening == nil {
		if pause(); control.pending() {
			waited++
		}
		switch { // nobody gets past a transaction that is not over
		case waited > 5 && aborted:
			old.aborted = true
			control.Call("abort")
		case waited > 5 && control.asleep():
			control.Set("stepped", true)
			control.Call("wake")
		}
	}
	<-opened
	require.NoError(t, next.opening, "%s", next)
	at := next.holds(old)
	heard := old.heard
	require.LessOrEqual(t, heard, at, "%s: what was acknowledged is not there", next)
	next.puts()
	next.rewrites()
	next.puts()
	next.second()
	require.Equal(t, 5, next.heard, "%s", next)
	before := control.dump(t, old.name)
	control.Set("stepped", true)
	if control.asleep() {
		control.Call("wake")
	}
	<-old.ended
	if old.fs != nil && old.fs.Epoch() > next.fs.Epoch() { // it had not taken the store when it fell asleep, and now it has
		superseded(t, old, next)
		return waited > 0
	}
	require.Equal(t, before, control.dump(t, old.name), "%s: it has changed what is not its own", old)
	require.LessOrEqual(t, old.heard, at, "%s: acknowledged, and it is not there", old)
	old.tells(t)
	require.Equal(t, at, next.holds(old), "%s", next)
	require.True(t, next.put(), "%s", next)
	require.NoError(t, errors.Join(next.engine.Close(ctx), next.fs.Close()), "%s", next)
	last := newLeader(t, "at last, "+next.what, old.name, old.policy, 3)
	require.NoError(t, last.open(), "%s", last)
	last.sent = next.sent
	require.Equal(t, at, last.holds(old), "%s", last)
	require.NoError(t, errors.Join(last.engine.Close(ctx), last.fs.Close()), "%s", last)
	return waited > 0
}

// tells: it says why it has ended.
func (l *leader) tells(t *testing.T) {
	t.Helper()
	var lost []string
	for _, line := range l.logged {
		if strings.HasPrefix(line, "The store is lost: ") {
			lost = append(lost, line)
		}
	}
	switch {
	case l.opening != nil && l.aborted && !errors.Is(l.opening, storage.ErrLocked):
		require.Regexp(t, ": AbortError: ", l.opening.Error(), "%s", l) // it had not taken the store
	case l.opening != nil:
		require.ErrorIs(t, l.opening, errFenced, "%s", l)
	case l.last != "":
		require.Equal(t, []string{"The store is lost: another Worker has taken the store over. Nothing is written any more, and writes are refused."}, lost, "%s", l)
		require.Equal(t, "-MISCONF Errors writing to the AOF file: Another Worker has taken the store over", cutMisconf(l.last), "%s", l)
		require.Error(t, l.closing, "%s", l)
	default: // it was being closed; perhaps nothing was left to do
		require.True(t, l.closing == nil || strings.HasSuffix(strings.ToLower(l.closing.Error()), strings.ToLower(errFenced.Error())), "%s: %v", l, l.closing)
	}
}

// superseded: the one that slept took the store when it woke, from the one that had it meanwhile.
func superseded(t *testing.T, old, next *leader) {
	t.Helper()
	require.NoError(t, errors.Join(old.opening, old.closing), "%s", old)
	require.False(t, next.put(), "%s: acknowledged by a store that is another's", next)
	_ = errors.Join(next.engine.Close(ctx), next.fs.Close())
	last := newLeader(t, "at last, "+old.what, old.name, old.policy, 3)
	require.NoError(t, last.open(), "%s", last)
	last.sent = old.sent
	require.Equal(t, 5, last.holds(next), "%s", last)
	require.NoError(t, errors.Join(last.engine.Close(ctx), last.fs.Close()), "%s", last)
}

// A browser that takes the storage away may be slow to say so: the log gives the silent file up, and begins a new base. Nothing of it
// goes anywhere, no write is acknowledged, and the loss is told when it is known.
func TestAStoreThatWasLostWithoutAWord(t *testing.T) {
	for _, policy := range []string{"always", "everysec", "no"} {
		t.Run(policy, func(t *testing.T) {
			name := newStore(t)
			l := newLeader(t, policy, name, policy, 1)
			require.NoError(t, l.open())
			l.puts()
			l.second()
			require.Equal(t, 2, l.heard)
			cutOff(t, l.fs)
			other := openRaw(t, name, version) // in the way of the deletion, behind which every opening waits
			asked := make(chan struct{})
			told := js.FuncOf(func(js.Value, []js.Value) any {
				close(asked)
				return nil
			})
			other.Set("onversionchange", told)
			t.Cleanup(told.Release)
			deleted := make(chan error, 1)
			go func() { deleted <- Delete(ctx, name) }()
			<-asked
			l.turn(text([]string{"SET", "s", "lost"}))
			for range 15 {
				l.second()
			}
			reply := string(l.session.Output())
			l.session.Take(len(reply))
			require.Regexp(t, `^-NOTDURABLE `, reply, "%s", l)
			require.Contains(t, strings.Join(l.logged, "\n"), "A new one is written from memory", "%s", l)
			require.False(t, l.put(), "%s", l)
			other.Call("close")
			require.NoError(t, <-deleted)
			lost := "The store is lost: the store was deleted. Nothing is written any more, and writes are refused."
			for n := 0; n < 1000 && !slices.Contains(l.logged, lost); n++ {
				l.turn("")
			}
			at := slices.Index(l.logged, lost)
			require.GreaterOrEqual(t, at, 0, "%s", l)
			for range 5 {
				require.False(t, l.put(), "%s", l)
				l.second()
			}
			rest := strings.Join(l.logged[at+1:], "\n")
			require.NotContains(t, rest, lost, "it is told again")
			require.NotContains(t, rest, "rewriting started")
			_, err := connect(ctx, name, false)
			require.ErrorIs(t, err, errDeleted, "it is made again")
			require.Error(t, errors.Join(l.engine.Close(ctx), l.fs.Close()))
		})
	}
}
