package core

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/storage/memfs"
	"tabdis/tests/fromenv"
)

// A base has the moment of its cut, whatever commands do while it is written, and behind it the log goes on without a gap. So the base alone
// gives the digest and the times of then, less what was past its time, and all of the log those of the end. TABDIS_MOMENTS=200 plays
// so many rewrites, TABDIS_SEED=n begins with this one.
func TestABaseIsTheMomentOfItsCut(t *testing.T) {
	rounds, seed := fromenv.Number(t, "TABDIS_MOMENTS", 4), fromenv.Number(t, "TABDIS_SEED", rand.Uint64()>>40)
	t.Logf("TABDIS_SEED=%d, %d rewrites", seed, rounds)
	var slices, changes int
	for i := range rounds {
		seed, form := seed+i, []string{"no", "yes"}[i%2]
		if !t.Run(fmt.Sprintf("TABDIS_SEED=%d, aof-use-rdb-preamble %s", seed, form), func(t *testing.T) {
			m := newMoment(t, seed, form)
			m.play()
			slices, changes = slices+m.slices, changes+m.changes
		}) {
			break
		}
	}
	t.Logf("%d slices of rewrites, %d commands between them", slices, changes)
}

// moment is an engine with data of all types that rewrites its log under a storm of commands.
type moment struct {
	t     *testing.T
	r     *rand.Rand
	form  string
	store *memfs.Store
	e     *Engine
	s     *Session
	now   int64
	ids   int // of stream entries

	cut       map[string]string
	cutDigest string

	slices, changes int
}

func newMoment(t *testing.T, seed uint64, form string) *moment {
	m := &moment{t: t, r: rand.New(rand.NewPCG(seed, 7)), form: form, store: memfs.New(), now: start}
	m.e = m.open(m.store)
	m.s = m.e.NewSession(SessionOptions{})
	return m
}

func (m *moment) open(store *memfs.Store) *Engine {
	fs, err := store.Open()
	require.NoError(m.t, err)
	e, err := Open(context.Background(), Options{FS: fs, Now: m.now, Seed: m.r.Uint64(), Go: func(job func()) { job() }, Config: map[string]string{
		"appendfsync": "no", "auto-aof-rewrite-percentage": "0", "aof-use-rdb-preamble": m.form, "enable-debug-command": "yes", "rdbchecksum": "no",
		"hash-max-listpack-entries": "16", "set-max-listpack-entries": "16", "set-max-intset-entries": "16", "zset-max-listpack-entries": "16",
		"list-max-listpack-size": "8", "stream-node-max-entries": "8", "databases": "4"}})
	require.NoError(m.t, err)
	return e
}

// do sends commands in one turn.
func (m *moment) do(lines ...string) string {
	m.e.Turn(m.now)
	for _, line := range lines {
		m.s.Feed([]byte(line + "\r\n"))
	}
	m.e.EndTurn()
	out := string(m.s.Output())
	m.s.Take(len(out))
	require.Empty(m.t, m.e.Dead())
	return out
}

func (m *moment) play() {
	m.fill()
	m.do("DEBUG SET-ACTIVE-EXPIRE 0")
	if m.now += 3000; m.r.IntN(2) == 0 { // else some keys are past their time at the cut
		m.do("DEBUG SET-ACTIVE-EXPIRE 1")
		m.e.Tick(m.now)
	}
	clock := int64(0)
	m.e.config.aof.Clock = func() int64 { return clock } // it stands still: no slice is made before the moment is looked at
	m.do("BGREWRITEAOF")
	for {
		m.e.Tick(m.now)
		if _, total := m.e.ks.SnapshotKeys(); total > 0 {
			break
		}
	}
	m.cut, m.cutDigest = m.content()
	m.do("DEBUG SET-ACTIVE-EXPIRE 1")
	pace := int64(1 + m.r.IntN(400))
	m.e.config.aof.Clock = func() int64 { clock += pace; return clock }
	for m.e.log.Rewriting() {
		m.storm()
		m.now += m.r.Int64N(4)
		m.e.Tick(m.now)
		m.slices++
		require.Less(m.t, m.slices, 100_000, "a rewrite without end")
	}
	require.Contains(m.t, string(m.e.Info(nil, []string{"persistence"})), "aof_last_bgrewrite_status:ok")
	m.do("CONFIG SET maxmemory 0")
	m.storm()
	m.checkBase()
	live, digest := m.content()
	require.NoError(m.t, m.e.Close(context.Background()))
	m.store.Kill()
	m.e = m.open(m.store)
	require.Nil(m.t, m.e.Report().Truncated)
	m.s = m.e.NewSession(SessionOptions{})
	again, digestAgain := m.content()
	require.Empty(m.t, difference(live, again), "base and incr are what was there")
	require.Equal(m.t, digest, digestAgain)
}

// notKept is what of a stream no log keeps: the times of consumers, and how entries are spread over nodes.
var notKept = regexp.MustCompile(`(seen-time|active-time|radix-tree-(keys|nodes))\r\n:-?\d+`)

// content tells of every key that is not past its time: type, time, digest, and of a stream its groups. The digest of all is "" when others
// are there, too.
func (m *moment) content() (all map[string]string, digest string) {
	all = map[string]string{}
	digest = m.do("DEBUG DIGEST")
	for i := range m.e.ks.Databases() {
		m.do("SELECT " + strconv.Itoa(i))
		keys, about := []string{}, []string{}
		m.e.ks.DB(i).Each(func(e keyspace.Entry) bool {
			if at := e.ExpiresAt(); at != keyspace.NoExpiry && at <= m.now {
				digest = ""
				return true
			}
			keys = append(keys, string(e.Key()))
			about = append(about, e.Type().String()+" "+strconv.FormatInt(e.ExpiresAt(), 10))
			return true
		})
		for k, key := range keys {
			if about[k] += " " + m.do("DEBUG DIGEST-VALUE "+key); strings.HasPrefix(about[k], "stream") {
				about[k] += notKept.ReplaceAllString(m.do("XINFO STREAM "+key+" FULL COUNT 0"), "$1")
			}
			all[strconv.Itoa(i)+" "+key] = about[k]
		}
	}
	return all, digest
}

// checkBase loads the base alone.
func (m *moment) checkBase() {
	fs, err := m.store.CrashClone(memfs.Everything()).Open()
	require.NoError(m.t, err)
	ctx := context.Background()
	names, err := fs.List(ctx)
	require.NoError(m.t, err)
	base := ""
	for _, name := range names {
		if strings.Contains(name, ".base.") {
			require.Empty(m.t, base, "two bases")
			base = name
		}
	}
	require.True(m.t, strings.HasSuffix(base, map[string]string{"no": ".aof", "yes": ".rdb"}[m.form]), base)
	f, err := fs.Open(ctx, base)
	require.NoError(m.t, err)
	text := make([]byte, f.Size())
	_, err = f.ReadAt(text, 0)
	require.NoError(m.t, err)

	alone := memfs.New()
	to, err := alone.Open()
	require.NoError(m.t, err)
	g, err := to.Create(ctx, base)
	require.NoError(m.t, err)
	require.NoError(m.t, g.Append(text))
	g.Sync(true, func(err error) { require.NoError(m.t, err) })
	require.NoError(m.t, to.Replace(ctx, "appendonly.aof.manifest", []byte("file "+base+" seq 1 type b\n")))
	require.NoError(m.t, to.Close())
	loaded := &moment{t: m.t, r: m.r, form: m.form}
	loaded.e = loaded.open(alone)
	loaded.s = loaded.e.NewSession(SessionOptions{})
	got, digest := loaded.content()
	require.Empty(m.t, difference(m.cut, got), "the base is the moment of its cut")
	if m.cutDigest != "" {
		require.Equal(m.t, m.cutDigest, digest)
	}
}

// difference names some keys that are not the same.
func difference(want, got map[string]string) (names []string) {
	for _, all := range []map[string]string{want, got} {
		for k := range all {
			if want[k] != got[k] && len(names) < 5 {
				names = append(names, fmt.Sprintf("%s: %.300q, and not %.300q", k, got[k], want[k]))
			}
		}
	}
	return names
}

const (
	manyMembers = 3000 // of the large collections: some dozens of segments or nodes
	smallKeys   = 600
)

// fill makes large collections in every database, and small keys of all types.
func (m *moment) fill() {
	for db := range 4 {
		m.do("SELECT " + strconv.Itoa(db))
		for i := 0; i < manyMembers; i += 50 {
			var h, z, l, t strings.Builder
			for k := i; k < i+50; k++ {
				fmt.Fprintf(&h, " f%d v%d", k, k)
				fmt.Fprintf(&z, " %d.5 m%d", k%100, k)
				fmt.Fprintf(&l, " e%d", k)
				fmt.Fprintf(&t, " %d", k*7)
			}
			m.do("HSET H"+h.String(), "ZADD Z"+z.String(), "RPUSH L"+l.String(), "SADD T x"+t.String())
		}
		m.do("XGROUP CREATE X g 0 MKSTREAM", "XGROUP CREATE X idle 0")
		for range manyMembers / 8 {
			m.do(m.add("X"))
		}
		m.do("XREADGROUP GROUP g c1 COUNT 300 STREAMS X >", "XREADGROUP GROUP g c2 COUNT 100 STREAMS X >")
		for range smallKeys {
			m.do(m.command())
		}
		m.do("SETRANGE s1 1050000 x", "SETRANGE large 1100000 x", "PEXPIRE large 4000000")
		for i := range 30 {
			m.do(fmt.Sprintf("SET dies%d v PX %d", i, 1+m.r.IntN(6000)))
		}
	}
}

func (m *moment) add(key string) string {
	m.ids++
	return fmt.Sprintf("XADD %s %d-1 f v%d g %d", key, m.ids, m.ids, m.r.IntN(10))
}

// storm sends some commands in one turn.
func (m *moment) storm() {
	lines := []string{"SELECT " + strconv.Itoa(m.r.IntN(4))}
	for range m.r.IntN(12) {
		switch {
		case m.r.IntN(12) == 0:
			lines = append(lines, m.upheaval())
		case m.r.IntN(3) == 0:
			lines = append(lines, m.large())
		default:
			lines = append(lines, m.command())
		}
	}
	m.changes += len(lines)
	m.do(lines...)
}

// upheaval is what touches whole databases or keys, however large.
func (m *moment) upheaval() string {
	a, b := m.any(), m.any()
	switch m.r.IntN(60) {
	case 0:
		return "FLUSHDB"
	case 1:
		if m.r.IntN(3) == 0 {
			return "FLUSHALL"
		}
	case 2, 3:
		return fmt.Sprintf("SWAPDB %d %d", m.r.IntN(4), m.r.IntN(4))
	case 4:
		return "CONFIG SET maxmemory-policy allkeys-random maxmemory " + strconv.FormatInt(m.e.ks.Memory()*95/100, 10)
	case 5, 6, 7:
		return "CONFIG SET maxmemory 0"
	case 8, 9, 10, 11, 12:
		return "COPY " + a + " " + b + " REPLACE"
	case 13, 14, 15:
		return fmt.Sprintf("COPY %s %s DB %d REPLACE", a, b, m.r.IntN(4))
	case 16, 17, 18:
		return fmt.Sprintf("MOVE %s %d", a, m.r.IntN(4))
	case 19:
		return "DEL " + a
	case 20, 21:
		return "SUNIONSTORE " + b + " T t1 t2"
	case 22, 23:
		return "ZUNIONSTORE z1 2 Z z2"
	case 25, 26: // it is written without a copy
		return "SETRANGE s" + strconv.Itoa(m.r.IntN(smallKeys/10)) + " 1100000 x"
	case 24:
		return "SORT L ALPHA STORE l1"
	}
	return "RENAME " + a + " " + b
}

// any is a key, a large collection or a small one.
func (m *moment) any() string {
	if m.r.IntN(3) == 0 {
		return string("HZLTX"[m.r.IntN(5)])
	}
	return string("shzltx"[m.r.IntN(6)]) + strconv.Itoa(m.r.IntN(smallKeys/10))
}

// large changes a large collection.
func (m *moment) large() string {
	n := strconv.Itoa(m.r.IntN(manyMembers))
	switch m.r.IntN(18) {
	case 0:
		return "HSET H f" + n + " w"
	case 1:
		return "HDEL H f" + n
	case 2:
		return "HINCRBY H n" + n + " 1"
	case 3:
		return "ZADD Z 5 m" + n
	case 4:
		return "ZREM Z m" + n
	case 5:
		return "ZPOPMIN Z 3"
	case 6:
		return "LSET L " + n + " w"
	case 7:
		return "LINSERT L BEFORE e" + n + " w"
	case 8:
		return "LPUSH L a b c"
	case 9:
		return "LTRIM L 1 -2"
	case 10:
		return "SADD T " + n
	case 11:
		return "SPOP T 2"
	case 12:
		return "SMOVE T t1 " + n
	case 13:
		return m.add("X")
	case 14:
		return fmt.Sprintf("XDEL X %d-1", m.r.IntN(m.ids))
	case 15:
		return fmt.Sprintf("XACK X g %d-1 %d-1", m.r.IntN(m.ids), m.r.IntN(m.ids))
	case 16:
		return "XREADGROUP GROUP g c" + strconv.Itoa(m.r.IntN(4)) + " COUNT 5 STREAMS X >"
	}
	return fmt.Sprintf("XTRIM X MAXLEN ~ %d", m.r.IntN(manyMembers))
}

// command changes a small key.
func (m *moment) command() string {
	n, w, x := strconv.Itoa(m.r.IntN(smallKeys/10)), "w"+strconv.Itoa(m.r.IntN(40)), strconv.Itoa(m.r.IntN(100))
	switch m.r.IntN(30) {
	case 0, 1, 2:
		return "SET s" + n + " " + strings.Repeat(w, 1+m.r.IntN(20))
	case 3:
		return "SET s" + n + " " + w + " PX " + strconv.Itoa(1+m.r.IntN(5000))
	case 4:
		return "APPEND s" + n + " " + w
	case 5:
		return "INCRBY i" + n + " 3"
	case 6:
		return "SETRANGE s" + n + " " + x + " " + w
	case 7:
		return "DEL " + m.any()[:1] + n
	case 8, 9:
		return "HSET h" + n + " " + w + " " + x
	case 10:
		return "HDEL h" + n + " " + w
	case 11, 12:
		return "ZADD z" + n + " " + x + " " + w
	case 13:
		return "ZREM z" + n + " " + w
	case 14, 15:
		return "RPUSH l" + n + " " + w + " " + x
	case 16:
		return "LPOP l" + n
	case 17:
		return "LREM l" + n + " 1 " + w
	case 18, 19:
		return "SADD t" + n + " " + w + " " + x
	case 20:
		return "SREM t" + n + " " + w
	case 21:
		return "SPOP t" + n
	case 22:
		return m.add("x" + n)
	case 23:
		return "XGROUP CREATE x" + n + " g 0 MKSTREAM"
	case 24:
		return "XREADGROUP GROUP g c STREAMS x" + n + " >"
	case 25, 26:
		return "PEXPIRE " + m.any() + " " + strconv.Itoa(1+m.r.IntN(5000))
	case 27:
		return "PERSIST " + m.any()
	case 28:
		return "GETDEL s" + n
	}
	return "BITOP XOR s" + x + " s" + n + " s1"
}
