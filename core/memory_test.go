package core

import (
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heapInUse is what live objects take of Go's heap. What earlier tests left behind with finalizers or in goroutines that are about to end
// goes over some cycles.
func heapInUse() int64 {
	var m runtime.MemStats
	for before := uint64(math.MaxUint64); ; before = m.HeapAlloc {
		runtime.GC()
		time.Sleep(time.Millisecond)
		if runtime.ReadMemStats(&m); before < m.HeapAlloc+1<<10 {
			return int64(m.HeapAlloc)
		}
	}
}

// Who listens to many channels, or watches many keys, is accounted for with the clients.
func TestListenersAreAccounted(t *testing.T) {
	for _, c := range []struct {
		command          string
		sessions, topics int
		shared           bool
	}{
		{"SUBSCRIBE", 1, 30_000, false},
		{"PSUBSCRIBE", 100, 300, false},
		{"SUBSCRIBE", 100, 300, true},
		{"SSUBSCRIBE", 1000, 30, true},
		{"WATCH", 100, 300, false},
	} {
		e, _ := evictor(t, noEviction)
		sessions := make([]*Session, c.sessions)
		for i := range sessions {
			sessions[i] = e.NewSession(SessionOptions{})
			at(e, sessions[i], 0, "PING")
		}
		heap, told := heapInUse(), e.Memory().Clients
		for i, s := range sessions {
			for k := range c.topics {
				who := i
				if c.shared {
					who = 0
				}
				at(e, s, 0, c.command+" name:"+strconv.Itoa(who)+":"+strconv.Itoa(k))
			}
		}
		assert.InEpsilon(t, heapInUse()-heap, e.Memory().Clients-told, 0.25, "%+v", c)
		for _, s := range sessions {
			s.Close()
		}
		assert.LessOrEqual(t, e.Memory().Clients, told, "%+v", c)
	}
}

// What INFO tells of memory, of a database of all types, adds up, and is what the collector sees.
func TestWhatInfoTellsOfMemoryIsTrue(t *testing.T) {
	heap := heapInUse()
	e, s := evictor(t, noEviction)
	heapEmpty, told := heapInUse(), infoInt(t, e, "used_memory")
	assert.Less(t, heapEmpty-heap, int64(4<<20))
	for i := range 20_000 {
		k := strconv.Itoa(i)
		at(e, s, 0, "SET s:"+k+" "+strings.Repeat("v", 20+i%100), "HSET h:"+strconv.Itoa(i%500)+" f"+k+" v"+k, "ZADD z "+k+" m"+k,
			"SADD set m"+k, "RPUSH l:"+strconv.Itoa(i%50)+" element"+k, "XADD x * a "+k+" b c")
	}
	e.Tick(start)
	grown := float64(heapInUse() - heapEmpty)
	assert.InEpsilon(t, grown, float64(infoInt(t, e, "used_memory")-told), 0.1)
	assert.Equal(t, infoInt(t, e, "used_memory"), infoInt(t, e, "used_memory_dataset")+infoInt(t, e, "used_memory_overhead"))
	assert.GreaterOrEqual(t, infoInt(t, e, "used_memory_peak"), infoInt(t, e, "used_memory"))
	peak := infoInt(t, e, "used_memory_peak")
	at(e, s, 1, "FLUSHALL")
	assert.Less(t, infoInt(t, e, "used_memory"), int64(1<<20))
	assert.GreaterOrEqual(t, infoInt(t, e, "used_memory_peak"), peak, "a peak stays")
	runtime.KeepAlive(s)
}

func infoInt(t *testing.T, e *Engine, field string) int64 {
	t.Helper()
	_, rest, ok := strings.Cut(string(e.Info(nil, []string{"memory"})), field+":")
	require.True(t, ok, field)
	line, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseInt(line, 10, 64)
	require.NoError(t, err)
	return n
}

// Whatever command lets a large collection go allocates what it allocates for a small one: nothing is made of its members.
func TestDeletingALargeCollectionMakesNothingOfIt(t *testing.T) {
	for _, way := range []string{"DEL k%", "UNLINK k%", "SET k% x", "RENAME small% k%", "PEXPIREAT k% 1", "COPY small% k% REPLACE", "SINTERSTORE k% none none",
		"LTRIM list% 1 0", "XTRIM stream% MAXLEN 0", "FLUSHDB", "FLUSHALL ASYNC", "SWAPDB 0 1"} {
		cost := map[int]float64{}
		for _, members := range []int{1, 3000} {
			e, s := evictor(t, noEviction)
			const runs = 4
			for k := range runs + 1 {
				i := strconv.Itoa(k)
				at(e, s, 0, "SET small"+i+" x")
				for m := range members {
					n := strconv.Itoa(m)
					at(e, s, 0, "SADD k"+i+" m"+n, "RPUSH list"+i+" m"+n, "XADD stream"+i+" * f v")
				}
			}
			k := 0
			cost[members] = testing.AllocsPerRun(runs, func() {
				at(e, s, 0, strings.ReplaceAll(way, "%", strconv.Itoa(k)))
				e.Tick(start)
				k++
			})
		}
		assert.InDelta(t, cost[1], cost[3000], 5, way)
	}
}
