//go:build js && wasm

package idb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

// limit gives a store so many bytes; 0: without end.
func (f *faults) limit(store string, bytes int) {
	f.control.Set("limited", databasePrefix+store)
	f.control.Set("limit", bytes)
}

func (f *faults) refused() int { return f.control.Get("refused").Int() }

// What found no room is kept, and sent again chunk by chunk under the same keys, before what came later.
func TestWhatFoundNoRoomIsSentAgain(t *testing.T) {
	faults, s := installFaults(t), watch(t)
	for n := 0; !sentAgain(t, faults, s); n++ {
		require.Less(t, n, 100, "a transaction is never seen under way")
	}
}

// sentAgain tells whether the transaction that finds no room was seen under way: some are over before that.
func sentAgain(t *testing.T, faults *faults, s *spy) bool {
	name := newStore(t)
	fs := open(t, name)
	f := create(t, fs, "log")
	require.NoError(t, f.Append([]byte("0123456789")))
	require.NoError(t, written(f))
	faults.limit(name, 25)
	s.take()
	require.NoError(t, f.Append([]byte("abcdefghij")))
	first := make(chan error, 1)
	f.Sync(true, func(err error) { first <- err })
	for f.sent == 0 && len(first) == 0 {
		pause()
	}
	if len(first) > 0 {
		faults.limit(name, 0)
		require.NoError(t, errors.Join(f.Close(), fs.Close()))
		s.take()
		return false
	}
	require.NoError(t, f.Append([]byte("later")), "while it is under way")
	require.ErrorIs(t, <-first, storage.ErrQuota)
	require.NotZero(t, f.Held())
	require.ErrorIs(t, f.Append([]byte("x")), storage.ErrQuota, "until it is sent again")
	require.ErrorIs(t, sync(f, true), storage.ErrQuota)
	assert.EqualValues(t, 25, f.Size())
	b := make([]byte, 25)
	_, err := f.ReadAt(b, 0)
	require.NoError(t, err)
	assert.Equal(t, "0123456789abcdefghijlater", string(b))
	f.Resend()
	require.Zero(t, f.Held())
	require.NoError(t, sync(f, true), "one by one they fit")
	assert.Equal(t, []string{"strict: 0+10 10+10", "strict: 0+10", "strict: 10+10", "strict: 20+5"}, s.take())
	require.Zero(t, f.Held())
	faults.limit(name, 0)
	require.NoError(t, f.Append([]byte("!")))
	require.NoError(t, fs.Close())
	fs = open(t, name)
	assert.Equal(t, "0123456789abcdefghijlater!", read(t, fs, "log"))
	require.NoError(t, fs.Close())
	return true
}

// A store without room for more: writes are refused with the figures, what frees room is acknowledged when it is durable, and when there is
// room it goes on, all by itself. Whenever the process or the power ends in the course of that, nothing acknowledged is lost.
// TABDIS_IDB_STRIDE=1 ends it at each transaction, 5 at every fifth; without it at a few.
func TestAFullStoreLostNothing(t *testing.T) {
	seed, stride := number64(t, "TABDIS_IDB_SEED", 1), int(number64(t, "TABDIS_IDB_STRIDE", 0))
	lives, refused := 0, 0
	for p, policy := range []string{"always", "everysec", "no"} {
		life := func(k int, kind string) int {
			lives++
			w := &world{TB: t, what: fmt.Sprintf("%s, full, %s at %d", policy, kind, k), name: newName(), policy: policy,
				rng: rand.New(rand.NewPCG(seed, uint64(k))), now: 1_700_000_000_000, faults: installFaults(t)}
			defer w.faults.uninstall()
			require.NoError(w, w.open())
			if k >= 0 {
				w.faults.at(k, 1, kind)
			}
			begun := w.faults.seen()
			w.crowded()
			n := w.faults.seen() - begun
			if w.faults.crashed() {
				w.look(false, nil, w.acked, "the process ended")
				if policy == "always" {
					w.look(true, nil, w.durable, "a power cut")
					w.look(true, w.rng, w.durable, "another power cut")
				}
				w.shut()
			} else {
				w.faults.limit(w.name, 0)
				w.heal(nil)
			}
			refused += w.faults.refused()
			w.faults.control.Set("crashed", false)
			require.NoError(w, Delete(ctx, w.name))
			return n
		}
		n := life(-1, "")
		step := stride
		if stride == 0 {
			step = n + 1 // one, in the middle
		}
		for i, kind := range []string{"crash", "crashed"} {
			if stride == 0 && i != p%2 {
				continue
			}
			for k := step / 2; k < n; k += step {
				life(k, kind)
			}
		}
	}
	t.Logf("TABDIS_IDB_SEED=%d TABDIS_IDB_STRIDE=%d: %d lives, %d transactions without room", seed, stride, lives, refused)
}

// crowded fills the store, frees it, fills it again, until the process ends.
func (w *world) crowded() {
	for _, free := range []string{"DEL", "FLUSHALL"} {
		w.faults.limit(w.name, 0)
		for w.second(); !w.faults.crashed() && (w.info("aof_ballast") == "0" || w.info("aof_state") != "healthy"); w.later() {
		}
		w.ask([]string{"SET", "pad", strings.Repeat("p", 1150<<10)})
		w.second()
		w.faults.limit(w.name, 2<<20+256<<10)
		if w.fill(); w.faults.crashed() {
			return
		}
		refused := w.faults.refused()
		for n := 0; !w.free(free) && !w.faults.crashed(); n++ {
			require.Less(w, n, 20, "%s: %s is not possible", w, free)
			w.later()
		}
		require.LessOrEqual(w, refused, w.faults.refused())
		for from := time.Now(); !w.faults.crashed() && !w.write(); w.later() {
			require.Less(w, time.Since(from), time.Minute, "%s: it does not recover", w)
		}
	}
	require.True(w, w.faults.crashed() || !strings.Contains(strings.Join(w.logged, "\n"), "not trusted"), "%s: %q", w, w.logged)
}

// later lets IndexedDB come to rest before a second passes: by the clock of the test five are over before one transaction of a browser is.
func (w *world) later() {
	for n := 0; n < 5; n++ {
		if pause(); inBrowser() {
			time.Sleep(20 * time.Millisecond)
		}
		if w.fs.next() != nil {
			n = 0
		}
	}
	w.second()
}

// peek is look, but in a life that is to end at a transaction of its own.
func (w *world) peek(powerCut bool, least int, how string) {
	if w.faults.control.Get("count").Int() == 0 {
		w.look(powerCut, nil, least, how)
	}
}

// fill writes until there is no room: the refusal has the figures.
func (w *world) fill() {
	for n := 0; !w.faults.crashed() && (w.write() || !strings.HasPrefix(w.ask([]string{"APPEND", "pad", "p"}), "-MISCONF ")); n++ {
		require.Less(w, n, 1000)
	}
	if !w.faults.crashed() {
		w.later() // the figures are up to a second old
	}
	if w.faults.crashed() {
		return
	}
	const figures = `([0-9.]+[BKM] of 2\.25M free, )?`
	for range 3 {
		reply := w.ask([]string{"APPEND", "pad", "p"})
		if w.faults.crashed() {
			return
		}
		require.Regexp(w, `^-MISCONF Errors writing to the AOF file: QuotaExceededError: no room: `+figures+`the log has [0-9.]+[KM]`, reply, "%s", w)
		require.True(w, strings.HasPrefix(w.ask([]string{"LLEN", "l"}), ":"), "reads go on")
		w.turn("")
	}
	w.peek(false, w.acked, "full")
}

// free frees room; it tells whether that was acknowledged.
func (w *world) free(command string) bool {
	words := map[string][]string{"DEL": {"DEL", "l", "s", "h", "pad"}, "FLUSHALL": {"FLUSHALL"}}[command]
	acked, durable := w.acked, w.durable
	w.acked, w.durable = 0, 0 // it may be there or not
	reply := w.ask(words)
	switch {
	case strings.HasPrefix(reply, ":") || strings.HasPrefix(reply, "+OK"):
		w.done = nil
		w.peek(false, 0, command)
		if w.policy == "always" {
			w.peek(true, 0, command)
		}
		return true
	case strings.HasPrefix(reply, "-MISCONF "):
		w.acked, w.durable = acked, durable
	default:
		require.Regexp(w, "^-NOTDURABLE ", reply, "%s", w)
	}
	return false
}
