package core

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/storage/memfs"
	"tabdis/tests/fromenv"
)

// traveller is an engine that writes down the digest of its databases under each lsn.
type traveller struct {
	t       *testing.T
	r       *rand.Rand
	store   *memfs.Store
	e       *Engine
	s       *Session
	now     int64
	digests map[uint64]string
	noted   uint64
	ids     int
}

func (v *traveller) do(lines ...string) string {
	v.e.Turn(v.now)
	for _, line := range lines {
		v.s.Feed([]byte(line + "\r\n"))
	}
	v.e.EndTurn()
	out := string(v.s.Output())
	v.s.Take(len(out))
	require.Empty(v.t, v.e.Dead())
	return out
}

// note gives every lsn since the last note this digest: of the blocks between them but one hold nothing.
func (v *traveller) note() {
	digest, last := v.do("DEBUG DIGEST"), v.e.log.Next()-1
	for lsn := v.noted + 1; lsn <= last; lsn++ {
		v.digests[lsn] = digest
	}
	v.noted = last
}

// command changes something of any type.
func (v *traveller) command() string {
	k, n := v.r.IntN(6), v.r.IntN(50)
	v.ids++
	return []string{
		fmt.Sprintf("SET s%d %d", k, n), fmt.Sprintf("SET s%d %d PX %d", k, n, 1_000_000+n), fmt.Sprintf("APPEND s%d x", k), fmt.Sprintf("INCRBYFLOAT f%d 1.5", k),
		fmt.Sprintf("RPUSH l%d %d x", k, n), fmt.Sprintf("LPOP l%d", k), fmt.Sprintf("SADD e%d %d m%d", k, n, n), fmt.Sprintf("SPOP e%d", k),
		fmt.Sprintf("HSET h%d f%d v", k, n), fmt.Sprintf("HDEL h%d f%d", k, n), fmt.Sprintf("ZADD z%d %d m%d", k, n, n), fmt.Sprintf("ZPOPMIN z%d", k),
		fmt.Sprintf("XADD t%d %d-1 f v", k, v.ids), fmt.Sprintf("DEL s%d l%d", k, k), fmt.Sprintf("RENAME h%d h%d", k, n%6), fmt.Sprintf("PEXPIRE z%d 900000", k),
		"SELECT " + fmt.Sprint(n%3), "SWAPDB 0 2", fmt.Sprintf("COPY e%d e%d DB 1 REPLACE", k, n%6),
	}[v.r.IntN(19)]
}

// rewritten waits until no rewrite is under way: what parks in it runs whenever the scheduler wants.
func (v *traveller) rewritten() {
	for strings.Contains(string(v.e.Info(nil, []string{"persistence"})), "aof_rewrite_in_progress:1") {
		runtime.Gosched()
		v.e.Tick(v.now)
		v.note()
	}
}

// back opens an engine in memory on what the store held.
func back(t *testing.T, store *memfs.Store, at aof.Point) (*Engine, aof.Reached, error) {
	fs, err := store.Open()
	require.NoError(t, err)
	defer fs.Close()
	var to aof.Reached
	e, err := Open(context.Background(), Options{Now: start, Seed: 1, Config: map[string]string{"enable-debug-command": "yes"},
		Load: func(r aof.Replayer, ks *keyspace.Keyspace) (err error) {
			to, err = aof.ReadTo(context.Background(), fs, &aof.Config{Filename: "appendonly.aof"}, at, r, ks, nil)
			return err
		}})
	return e, to, err
}

func digest(e *Engine) string { return do(e, e.NewSession(SessionOptions{}), "DEBUG DIGEST") }

// TestEveryLSNHasTheDigestOfThen, with commands of all types, both forms of a base, with times and without. TABDIS_SEED=n repeats.
func TestEveryLSNHasTheDigestOfThen(t *testing.T) {
	seed := fromenv.Number(t, "TABDIS_SEED", rand.Uint64()>>40)
	for i, params := range [][2]string{{"no", "yes"}, {"yes", "yes"}, {"yes", "no"}} {
		t.Run(fmt.Sprintf("TABDIS_SEED=%d, aof-use-rdb-preamble %s, aof-timestamp-enabled %s", seed, params[0], params[1]), func(t *testing.T) {
			v := &traveller{t: t, r: rand.New(rand.NewPCG(seed, uint64(i))), store: memfs.New(), now: start, digests: map[uint64]string{}}
			v.e = openWith(t, v.store, nil, map[string]string{"aof-history-keep": "3", "aof-use-rdb-preamble": params[0], "aof-timestamp-enabled": params[1],
				"enable-debug-command": "yes", "auto-aof-rewrite-percentage": "0"})
			v.s = v.e.NewSession(SessionOptions{})
			for n := range 180 {
				lines := []string{v.command(), v.command()}
				if v.r.IntN(5) == 0 {
					lines = append(append([]string{"MULTI"}, lines...), "EXEC")
				}
				if n == 150 {
					lines = []string{"FLUSHALL"}
				}
				v.do(lines...)
				v.now += v.r.Int64N(400)
				v.note()
				if n%36 == 35 {
					v.rewritten() // the one before: else there are fewer generations than are counted on
					v.do("BGREWRITEAOF")
				}
				v.e.Tick(v.now)
				v.note()
			}
			v.rewritten()
			require.Contains(t, string(v.e.Info(nil, []string{"persistence"})), "aof_history_generations:3\r\n")
			require.NoError(t, v.e.Close(context.Background()))
			v.store.Kill()
			v.check(params[1] == "yes")
		})
	}
}

func (v *traveller) check(times bool) {
	t := v.t
	fs, err := v.store.Open()
	require.NoError(t, err)
	all, err := aof.Generations(context.Background(), fs, &aof.Config{Filename: "appendonly.aof"}, nil)
	require.NoError(t, err)
	require.NoError(t, fs.Close())
	require.Len(t, all, 4)
	reached := 0
	for _, g := range all {
		require.NoError(t, g.Err)
		require.Equal(t, times, g.FirstTime > 0)
	}
	first := max(all[0].First, 1) // a rewrite that was late leaves the generation of the beginning, behind no block
	for lsn := first; lsn <= v.noted; lsn++ {
		e, to, err := back(t, v.store, aof.Point{LSN: lsn})
		require.NoError(t, err)
		require.Equal(t, lsn, to.LSN)
		require.Equal(t, v.digests[lsn], digest(e), "lsn %d of %+v", lsn, all)
		reached++
		if lsn%20 == 0 {
			v.restored(e, to)
		}
	}
	assert.Greater(t, reached, 60)
	if first > 1 {
		_, _, err = back(t, v.store, aof.Point{LSN: first - 1})
		require.ErrorIs(t, err, aof.ErrUnreachable)
	}
	if !times { // a base of RDB data tells when it was begun, and nobody knows of the blocks behind it
		_, _, err = back(t, v.store, aof.Point{Time: v.now/1000 + 1})
		require.ErrorIs(t, err, aof.ErrUnreachable)
	}
}

// restored makes a store of it, which an engine opens like any other.
func (v *traveller) restored(e *Engine, to aof.Reached) {
	t := v.t
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	require.NoError(t, aof.WriteStore(context.Background(), fs, "appendonly.aof", e.Keyspace(), to))
	names, err := fs.List(context.Background())
	require.NoError(t, err)
	require.Equal(t, "appendonly.aof.1.base.aof appendonly.aof.1.incr.aof appendonly.aof.manifest", strings.Join(names, " "))
	require.Error(t, aof.WriteStore(context.Background(), fs, "appendonly.aof", e.Keyspace(), to), "there is a log")
	require.NoError(t, fs.Close())
	again := openWith(t, store, nil, map[string]string{"enable-debug-command": "yes"})
	require.Equal(t, v.digests[to.LSN], digest(again))
	require.Nil(t, again.Report().Truncated)
	require.Greater(t, again.log.Next(), to.LSN)
	require.NoError(t, again.Close(context.Background()))
	store.Kill()
	_, first, err := back(t, store, aof.Point{LSN: to.LSN})
	require.NoError(t, err)
	require.Equal(t, to.Time, first.Time)
}

// A store in memory says why it could not be filled.
func TestWhatCannotBeReachedIsNoEmptyStore(t *testing.T) {
	e, err := Open(context.Background(), Options{Now: start, Load: func(aof.Replayer, *keyspace.Keyspace) error { return errors.New("not there") }})
	require.EqualError(t, err, "not there")
	require.Nil(t, e)
}
