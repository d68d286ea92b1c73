package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// evictor is an engine in memory with such a policy and no bound on time.
func evictor(t *testing.T, policy string) (*Engine, *Session) {
	t.Helper()
	e, err := Open(context.Background(), Options{Now: start, Seed: 7, Config: map[string]string{
		"maxmemory-policy": policy, "maxmemory-eviction-tenacity": "100", "maxmemory-samples": "10"}})
	require.NoError(t, err)
	return e, e.NewSession(SessionOptions{})
}

// at does the lines in a turn at this second.
func at(e *Engine, s *Session, second int, lines ...string) string {
	e.Turn(start + int64(second)*1000)
	for _, line := range lines {
		s.Feed([]byte(line + "\r\n"))
	}
	e.EndTurn()
	out := string(s.Output())
	s.Take(len(out))
	return out
}

// left counts the keys of so many that are there.
func left(e *Engine, s *Session, prefix string, n int) (found int) {
	for i := range n {
		if _, ok := e.ks.DB(0).Find(fmt.Appendf(nil, "%s%d", prefix, i)); ok {
			found++
		}
	}
	return found
}

// fill makes keys of both kinds and bounds the memory to a share of what they take.
func fill(t *testing.T, e *Engine, s *Session, n int, used func(i int), share float64) {
	t.Helper()
	for i := range n {
		require.Equal(t, "+OK\r\n", at(e, s, 0, "SET old:"+strconv.Itoa(i)+" some-value-of-some-length"))
		require.Equal(t, "+OK\r\n", at(e, s, 0, "SET hot:"+strconv.Itoa(i)+" some-value-of-some-length"))
	}
	for i := range n {
		used(i)
	}
	limit := strconv.Itoa(int(float64(e.ks.Memory()) * share))
	require.Equal(t, "+OK\r\n+PONG\r\n", at(e, s, 200, "CONFIG SET maxmemory "+limit, "PING"))
	require.LessOrEqual(t, e.ks.Memory(), e.config.maxmemory)
	require.Equal(t, 2*n, e.ks.DB(0).Len()+int(e.stats.evicted))
}

func TestLRUKeepsWhatWasUsedOfLate(t *testing.T) {
	e, s := evictor(t, "allkeys-lru")
	const n = 5000
	fill(t, e, s, n, func(i int) { at(e, s, 100, "GET hot:"+strconv.Itoa(i)) }, 0.6)
	old, hot := left(e, s, "old:", n), left(e, s, "hot:", n)
	t.Log(old, hot, e.ks.Memory())
	assert.Greater(t, hot, n*97/100)
	assert.Less(t, old, n/3)
	assert.Greater(t, old+hot, 2*n*54/100, "not more goes than has to")
}

func TestLFUKeepsWhatIsUsedOften(t *testing.T) {
	e, s := evictor(t, "allkeys-lfu")
	const n = 5000
	fill(t, e, s, n, func(i int) {
		for range 30 {
			at(e, s, 0, "GET hot:"+strconv.Itoa(i))
		}
	}, 0.6)
	old, hot := left(e, s, "old:", n), left(e, s, "hot:", n)
	t.Log(old, hot)
	assert.Greater(t, hot, n*95/100)
	assert.Less(t, old, n/3)
}

func TestVolatilePoliciesSpareKeysWithoutExpiry(t *testing.T) {
	for _, policy := range []string{"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"} {
		e, s := evictor(t, policy)
		const n = 3000
		fill(t, e, s, n, func(i int) { at(e, s, 100, "EXPIRE hot:"+strconv.Itoa(i)+" "+strconv.Itoa(1000+i)) }, 0.5)
		assert.Equal(t, n, left(e, s, "old:", n), policy)
		hot := left(e, s, "hot:", n)
		assert.Less(t, hot, n*2/3, policy)
		if policy == "volatile-ttl" {
			assert.Zero(t, left(e, s, "hot:", n-hot), "the nearest expiry goes first")
		}
		limit := strconv.FormatInt(e.ks.Memory()/4, 10)
		assert.Equal(t, "+OK\r\n-OOM command not allowed when used memory > 'maxmemory'.\r\n", at(e, s, 200, "CONFIG SET maxmemory "+limit, "SET a b"))
		assert.Equal(t, n, e.ks.DB(0).Len(), policy)
		assert.Zero(t, e.ks.DB(0).Volatile())
	}
}

func TestRandomPolicyTakesFromAllDatabases(t *testing.T) {
	e, s := evictor(t, "allkeys-random")
	for db := range 4 {
		for i := range 2000 {
			at(e, s, 0, "SELECT "+strconv.Itoa(db), "SET key:"+strconv.Itoa(i)+" some-value-of-some-length")
		}
	}
	at(e, s, 0, "CONFIG SET maxmemory "+strconv.FormatInt(e.ks.Memory()*6/10, 10), "PING")
	for db := range 4 {
		assert.InDelta(t, 1100, e.ks.DB(db).Len(), 150)
	}
}

func TestMemoryStaysBelowItsBoundWhileDataComes(t *testing.T) {
	for _, policy := range evictionPolicyNames() {
		e, s := evictor(t, policy)
		at(e, s, 0, "CONFIG SET maxmemory 1mb")
		refused := 0
		for i := range 20000 {
			k := strconv.Itoa(i)
			if strings.HasPrefix(at(e, s, i/100, "SET key:"+k+" value-of-some-length EX "+strconv.Itoa(1000+i)), "-OOM") {
				refused++
			}
		}
		assert.LessOrEqual(t, e.ks.Memory(), int64(1<<20+16<<10), policy)
		assert.Greater(t, e.ks.Memory(), int64(900<<10), policy)
		assert.Equal(t, policy == noEviction, refused > 0, policy)
		assert.Greater(t, e.ks.DB(0).Len(), 8000, policy)
	}
}

// A slice bounds what one command evicts; ticks go on without any.
func TestEvictingGoesOnInTicks(t *testing.T) {
	e, s := evictor(t, "allkeys-lru")
	for i := range 20000 {
		at(e, s, 0, "SET key:"+strconv.Itoa(i)+" some-value-of-some-length")
	}
	e.config.eviction.tenacity = 0
	at(e, s, 0, "CONFIG SET maxmemory 300kb")
	assert.Equal(t, "+OK\r\n", at(e, s, 0, "SET a b"), "it is not refused")
	assert.Equal(t, evictLook, int(e.stats.evicted))
	ticks := 0
	for ; e.Tick(start) == tickUrgent; ticks++ {
	}
	assert.Greater(t, ticks, 500)
	assert.LessOrEqual(t, e.ks.Memory(), int64(300<<10))
	assert.Equal(t, "$-1\r\n", at(e, s, 0, "GET nokey"))
}

func TestEvictedKeysAreInTheLogAndBreakWatches(t *testing.T) {
	store := memfs.New()
	e := openWith(t, store, nil, map[string]string{"maxmemory-policy": "allkeys-random", "maxmemory-eviction-tenacity": "100"})
	s := e.NewSession(SessionOptions{})
	for i := range 3000 {
		at(e, s, 0, "SET key:"+strconv.Itoa(i)+" some-value-of-some-length")
	}
	watcher := e.NewSession(SessionOptions{})
	at(e, watcher, 0, "WATCH "+func() (keys string) {
		for i := range 3000 {
			keys += " key:" + strconv.Itoa(i)
		}
		return keys
	}(), "MULTI", "PING")
	at(e, s, 0, "CONFIG SET maxmemory 120kb", "SET last one")
	assert.Equal(t, "*-1\r\n", at(e, watcher, 0, "EXEC"))
	n := e.ks.DB(0).Len()
	assert.Less(t, n, 2000)
	assert.Contains(t, at(e, s, 0, "INFO stats"), "evicted_keys:"+strconv.Itoa(3001-n))
	require.NoError(t, e.Close(context.Background()))
	store.Kill()
	e = openWith(t, store, nil, map[string]string{"maxmemory-policy": "allkeys-random", "maxmemory": "1"})
	assert.Equal(t, n, e.ks.DB(0).Len(), "nothing is evicted while loading")
}

// A large value comes in once it fits; one that can never fit costs nobody a place.
func TestEvictingForALargeValue(t *testing.T) {
	e, s := evictor(t, "allkeys-lru")
	at(e, s, 0, "CONFIG SET maxmemory 4mb")
	for i := range 3000 {
		at(e, s, 0, "SET key:"+strconv.Itoa(i)+" "+strings.Repeat("v", 900))
	}
	set := func(n int) string {
		return "*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$" + strconv.Itoa(n) + "\r\n" + strings.Repeat("x", n)
	}
	assert.Equal(t, "-OOM command not allowed when used memory > 'maxmemory'.\r\n", at(e, s, 1, set(5<<20)))
	assert.Equal(t, 3000, e.ks.DB(0).Len())
	assert.Equal(t, "+OK\r\n", at(e, s, 1, set(2<<20)))
	assert.Less(t, e.ks.DB(0).Len(), 2500)
	assert.LessOrEqual(t, e.ks.Memory(), int64(4<<20+16<<10))
}

func BenchmarkSetAtMaxmemory(b *testing.B) {
	for _, policy := range []string{noEviction, "allkeys-lru", "allkeys-lfu", "volatile-ttl"} {
		b.Run(policy, func(b *testing.B) {
			e, err := Open(context.Background(), Options{Now: start, Seed: 7, Config: map[string]string{"maxmemory-policy": policy}})
			require.NoError(b, err)
			if policy != noEviction {
				require.NoError(b, e.ConfigSet([][2]string{{"maxmemory", "10mb"}}))
			}
			s := e.NewSession(SessionOptions{})
			var line []byte
			b.ReportAllocs()
			for i := range b.N + 200_000 {
				if i == 200_000 {
					b.ResetTimer()
				}
				e.Turn(start + int64(i/1000))
				line = fmt.Appendf(line[:0], "SET key:%d value-of-some-length EX 1000\r\n", i)
				s.Feed(line)
				e.EndTurn()
				s.Take(len(s.Output()))
			}
		})
	}
}
