package aof

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

func reopened(t *testing.T, disk *memfs.Store) map[string]string {
	disk.Kill()
	s := mustOpen(t, disk, config())
	disk.Kill()
	return s.data
}

func TestAFailedWriteIsCutBackAndTriedAgainEachSecond(t *testing.T) {
	for _, short := range []int{0, 1, 100, 1000} {
		disk := memfs.New()
		s := mustOpen(t, disk, config())
		s.do(0, "SET a 1")
		s.turn()
		size := s.log.current().Size()
		s.fs.Inject(faultfs.At(0, faultfs.Append, faultfs.Fault{Err: storage.ErrQuota, Short: short}))
		s.do(0, "SET b 2")
		ticket, err := s.turn()
		assert.Zero(t, ticket)
		require.EqualError(t, err, "Errors writing to the AOF file: No space left: the log has "+human(size))
		require.EqualError(t, s.log.Refusing(), "Errors writing to the AOF file: No space left: the log has "+human(size))
		assert.False(t, s.log.Stats().LastWriteOK)
		assert.Equal(t, size, s.log.current().Size())
		if short == 100 {
			assert.True(t, s.host.logged("Short write while writing to the AOF file: (nwritten=100, expected="))
		} else if short == 0 {
			assert.True(t, s.host.logged("Error writing to the AOF file: No space left"))
		}
		s.tick(999)
		assert.Error(t, s.log.Refusing())
		s.tick(1)
		assert.NoError(t, s.log.Refusing())
		assert.True(t, s.host.logged("tabdis can write again"))
		assert.True(t, s.log.Stats().LastWriteOK)
		assert.Equal(t, s.log.lsn, s.log.durable)
		assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk))
	}
}

func TestAWriteErrorIsLoggedOnceInHalfAMinute(t *testing.T) {
	s := mustOpen(t, memfs.New(), config())
	s.fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{Err: storage.ErrQuota}))
	s.do(0, "SET a 1")
	s.turn()
	about := func() (n int) {
		for _, line := range s.host.logs {
			if strings.HasPrefix(line, "Error writing to the AOF file: ") {
				n++
			}
		}
		return n
	}
	for range 29 {
		s.tick(1000)
	}
	assert.Equal(t, 1, about())
	s.tick(1000)
	assert.Equal(t, 2, about())
}

// A file to which no write succeeds, though there is room, may be broken for good: another one takes its place, from memory.
func TestAFileThatCannotBeWrittenIsLeft(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == firstIncr }))
	s.do(0, "SET a 1")
	s.turn()
	for n := 0; s.log.Refusing() != nil; n++ {
		require.Less(t, n, 30, "%q", s.host.logs)
		if n < maxTries {
			assert.Equal(t, firstIncr, s.log.current().name, "it is tried again")
		}
		s.tick(1000)
	}
	s.do(0, "SET b 2")
	s.turn()
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk))
	assert.NotContains(t, files(t, disk), firstIncr)
}

func TestATruncateThatFailsIsAFailedSync(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	old := s.log.current()
	n := 0
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op&(faultfs.Append|faultfs.Truncate) != 0 && n < 2 {
			n++
			return &faultfs.Fault{Short: 7}
		}
		return nil
	}))
	s.do(0, "SET b 2")
	_, err := s.turn()
	require.Error(t, err)
	assert.Equal(t, broken, s.log.state)
	for range 20 {
		s.tick(1000)
	}
	require.NoError(t, s.log.Refusing())
	assert.NotEqual(t, old.name, s.log.current().name)
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk))
}

func TestAfterAFailedSyncNothingIsAppendedToThatFileAgain(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	old := s.log.current()
	s.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	s.do(0, "SET b 2")
	ticket, err := s.turn()
	assert.Zero(t, ticket)
	require.Error(t, err)
	size := old.Size()
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		assert.False(t, c.Op == faultfs.Append && c.Name == old.name, "appended to a file that lost a sync")
		return nil
	}))
	s.do(0, "DEL a") // an expiry in the error state
	_, err = s.turn()
	require.Error(t, err)
	assert.Equal(t, size, old.Size())
	s.tick(1000)
	s.do(0, "SET c 3")
	_, err = s.turn()
	require.Error(t, err, "not before the manifest names the new files")
	durable := s.log.Stats().DurableLSN
	for range 20 {
		s.tick(100)
		if s.log.Refusing() != nil {
			assert.Equal(t, durable, s.log.Stats().DurableLSN)
		}
	}
	require.NoError(t, s.log.Refusing())
	s.do(0, "SET d 4")
	ticket, err = s.turn()
	require.NoError(t, err)
	assert.Zero(t, ticket)
	clone := disk.CrashClone(memfs.Nothing())
	assert.Equal(t, map[string]string{"0/b": "2", "0/c": "3", "0/d": "4"}, mustOpen(t, clone, config()).data)
	assert.NotContains(t, files(t, disk), old.name, "removed")
}

func TestNothingIsAcknowledgedWhileReplaceFails(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.do(0, "SET a 1")
	s.turn()
	fail := true
	syncs := 0
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		switch {
		case c.Op == faultfs.Replace && fail:
			return &faultfs.Fault{Unsure: true}
		case c.Op == faultfs.Sync:
			if syncs++; syncs == 1 {
				return &faultfs.Fault{}
			}
		}
		return nil
	}))
	s.do(0, "SET b 2")
	s.turn()
	durable := s.log.durable
	for range 40 {
		s.tick(500)
	}
	require.Error(t, s.log.Refusing())
	assert.Equal(t, durable, s.log.durable, "what is in a file that may not be named is not durable")
	for seed := range uint64(20) {
		again := mustOpen(t, disk.CrashClone(memfs.Random(seed)), config())
		assert.Equal(t, "1", again.data["0/a"])
	}
	fail = false
	for range 4 {
		s.tick(500)
	}
	require.NoError(t, s.log.Refusing())
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk))
}

func TestALateWriteThatFailsEndsInAFreshBase(t *testing.T) {
	disk := memfs.New()
	disk.SetLateWrites(true, true)
	cfg := config()
	cfg.Policy = Everysec
	s := mustOpen(t, disk, cfg)
	s.do(0, "SET a 1")
	ticket, _ := s.turn()
	disk.ReleaseWrites(storage.ErrQuota)
	s.posted()
	require.Equal(t, ticket, s.host.settled[len(s.host.settled)-1].ticket)
	require.Error(t, s.host.settled[len(s.host.settled)-1].err)
	disk.SetLateWrites(false, false)
	for range 20 {
		s.tick(1000)
	}
	require.NoError(t, s.log.Refusing())
	assert.Equal(t, map[string]string{"0/a": "1"}, reopened(t, disk))
}

func TestTheBallastIsGivenUpWhenTheDiskIsFull(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	s.tick(1)
	require.Len(t, files(t, disk.CrashClone(memfs.Nothing()))[ballastName("appendonly.aof")], ballastSize)
	full := true
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		switch {
		case c.Op == faultfs.Append && full:
			return &faultfs.Fault{Err: storage.ErrQuota}
		case c.Op == faultfs.Remove && c.Name == ballastName("appendonly.aof"):
			full = false
		}
		return nil
	}))
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.Error(t, err)
	s.tick(1)
	require.NoError(t, s.log.Refusing(), "there is room at once")
	assert.True(t, s.log.Full())
	s.tick(ballastEvery)
	assert.False(t, s.log.Full(), "filled again")
}

// run is a life of a store: writes, ticks, a rewrite, a clean close. It tells what was acknowledged: for each key the values that may be
// found after a crash.
type run struct {
	*store
	acked   map[string]string   // last acknowledged value
	allowed map[string][]string // acknowledged or later ones
	pending []pendingAck
}

type pendingAck struct {
	ticket     uint64
	key, value string
}

func (r *run) set(key, value string) bool {
	if r.log.Refusing() != nil {
		return false
	}
	r.do(0, "SET "+key+" "+value)
	r.allowed["0/"+key] = append(r.allowed["0/"+key], value)
	ticket, err := r.turn()
	switch {
	case err != nil:
	case ticket != 0:
		r.pending = append(r.pending, pendingAck{ticket, key, value})
	default:
		r.ack("0/"+key, value)
	}
	r.settle()
	return true
}

func (r *run) settle() {
	for len(r.pending) > 0 && r.pending[0].ticket <= r.host.settledTo() {
		r.ack("0/"+r.pending[0].key, r.pending[0].value)
		r.pending = r.pending[1:]
	}
}

func (r *run) ack(key, value string) {
	r.acked[key] = value
	for i, v := range r.allowed[key] {
		if v == value {
			r.allowed[key] = r.allowed[key][i:]
			return
		}
	}
}

// life lives it; with check after each step when it crashed.
func (r *run) life() {
	n := 0
	steps := func(count int) {
		for range count {
			n++
			r.set("k"+strconv.Itoa(n%5), strconv.Itoa(n))
			if n%3 == 0 {
				r.tick(700)
				r.settle()
			}
		}
	}
	steps(6)
	r.log.Rewrite(false)
	steps(6)
	for range 12 {
		r.tick(300)
	}
	steps(4)
	r.log.Rewrite(false)
	steps(4)
	for range 12 {
		r.tick(500)
	}
	steps(3)
	r.close()
}

// survives checks that all that was acknowledged is there after a crash.
func (r *run) survives(t *testing.T, disk *memfs.Store, durable bool, what string) {
	again, err := open(t, disk, r.cfg, nil)
	require.NoError(t, err, what)
	for key, allowed := range r.allowed {
		got, there := again.data[key]
		if !durable && !there {
			continue
		}
		if _, acked := r.acked[key]; !acked && !there {
			continue
		}
		require.Contains(t, allowed, got, "%s: %s", what, key)
	}
	again.do(0, "SET more 1")
	_, err = again.turn()
	require.NoError(t, err, what)
	require.NoError(t, again.close(), what)
	want := maps.Clone(again.data)
	disk.Kill()
	third, err := open(t, disk, r.cfg, nil)
	require.NoError(t, err, what)
	require.Equal(t, want, third.data, what)
	require.Nil(t, third.rep.Truncated, what)
	if r.cfg.HistoryKeep > 0 {
		r.historySurvives(t, third, disk, what)
	}
}

// historySurvives checks that each generation that a manifest names leads to its last block, unless a failure ended it.
func (r *run) historySurvives(t *testing.T, s *store, disk *memfs.Store, what string) {
	require.NotContains(t, strings.Join(s.host.logs, "\n"), "history is missing", what)
	for _, g := range generations(t, disk.CrashClone(memfs.Everything())) {
		require.NoError(t, g.Err, what)
		require.LessOrEqual(t, g.First, g.Last, what)
	}
}

func newRun(t *testing.T, disk *memfs.Store, cfg Config, injector faultfs.Injector) *run {
	s, err := open(t, disk, cfg, injector)
	r := &run{store: s, acked: map[string]string{}, allowed: map[string][]string{}}
	if err != nil {
		return nil
	}
	return r
}

// TestACrashAtAnyOperationLosesNothingAcknowledged: the k-th change on the disk is the last, for every k.
func TestACrashAtAnyOperationLosesNothingAcknowledged(t *testing.T) {
	crashAtAnyOperation(t, config(), []bool{false, true})
}

// TestACrashAtAnyOperationWithHistory: what is kept neither hurts the log in force nor is lost itself.
func TestACrashAtAnyOperationWithHistory(t *testing.T) {
	crashAtAnyOperation(t, keeping(1), []bool{false})
}

func crashAtAnyOperation(t *testing.T, cfg Config, lates []bool) {
	for _, policy := range []Policy{Always, Everysec, No} {
		for _, late := range lates {
			for k := 0; ; k++ {
				disk := memfs.New()
				disk.SetLateWrites(late, false)
				cfg := cfg
				cfg.Policy = policy
				at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true, Short: k * 7 % 90})
				r := newRun(t, disk, cfg, at)
				if r != nil {
					r.life()
				}
				if !at.Fired() {
					break
				}
				if r == nil {
					continue // at birth: tested elsewhere
				}
				crashes := []memfs.Policy{memfs.Nothing(), memfs.Zeros(), memfs.Names(), memfs.Random(uint64(k)), memfs.Random(uint64(k) + 1000)}
				if policy != Always {
					crashes = []memfs.Policy{memfs.Everything()} // a killed process loses nothing that was answered
				}
				for c, crash := range crashes {
					r.survives(t, disk.CrashClone(crash), true, "policy "+strconv.Itoa(int(policy))+" operation "+strconv.Itoa(k)+" crash "+strconv.Itoa(c))
				}
			}
		}
	}
}

// TestAFailureAtAnyOperationLosesNothingAcknowledged: the k-th change fails, the store lives on, and crashes at the end or in between.
func TestAFailureAtAnyOperationLosesNothingAcknowledged(t *testing.T) {
	faults := []faultfs.Fault{{}, {Short: 30}, {After: true}, {Unsure: true}}
	for _, fault := range faults {
		for k := 0; ; k++ {
			disk := memfs.New()
			at := faultfs.At(k, faultfs.Changes, fault)
			r := newRun(t, disk, config(), at)
			if r != nil {
				r.life()
			}
			if !at.Fired() {
				break
			}
			if r == nil {
				continue
			}
			what := "operation " + strconv.Itoa(k)
			for seed := range uint64(2) {
				r.survives(t, disk.CrashClone(memfs.Random(seed+uint64(k)*7)), true, what)
			}
			r.survives(t, disk.CrashClone(memfs.Everything()), true, what)
		}
	}
}

// TestTwoFailuresLoseNothingAcknowledged: a sync fails, and then something on the way out of it.
func TestTwoFailuresLoseNothingAcknowledged(t *testing.T) {
	for first := range 12 {
		for k := 0; k < 12; k++ {
			disk := memfs.New()
			syncs, after := 0, -1
			fired := false
			r := newRun(t, disk, config(), faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
				if c.Op&faultfs.Changes == 0 {
					return nil
				}
				if c.Op == faultfs.Sync && after < 0 {
					if syncs++; syncs == first+3 {
						after = 0
						return &faultfs.Fault{}
					}
				}
				if after >= 0 {
					if after++; after == k+2 {
						fired = true
						return &faultfs.Fault{Unsure: true}
					}
				}
				return nil
			}))
			if r == nil {
				continue
			}
			r.life()
			if !fired {
				continue
			}
			r.survives(t, disk.CrashClone(memfs.Random(uint64(k))), true, "sync "+strconv.Itoa(first)+" then "+strconv.Itoa(k))
		}
	}
}
