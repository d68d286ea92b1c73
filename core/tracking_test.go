package core

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// invalidation is the message that tells of keys.
func invalidation(keys ...string) string {
	m := ">2\r\n$10\r\ninvalidate\r\n*" + strconv.Itoa(len(keys)) + "\r\n"
	for _, k := range keys {
		m += "$" + strconv.Itoa(len(k)) + "\r\n" + k + "\r\n"
	}
	return m
}

// An invalidation makes a client read again: it must not come before the change may be read, nor before it is as safe as its reply has to be.
func TestInvalidationsWaitForWhatTheyTell(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := &slowFS{FS: inner}
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	var s []*Session
	for range 5 {
		s = append(s, e.NewSession(SessionOptions{}))
		do(e, s[len(s)-1], "HELLO 3")
	}
	writer, reader, prefix, redirects, target := s[0], s[1], s[2], s[3], s[4]
	do(e, reader, "CLIENT TRACKING ON", "GET k")
	do(e, prefix, "CLIENT TRACKING ON BCAST")
	do(e, redirects, "CLIENT TRACKING ON REDIRECT "+strconv.FormatInt(target.ID(), 10), "GET k")
	fs.slow = true
	assert.Empty(t, do(e, writer, "SET k v", "SET l v", "SET k v"))
	assert.Empty(t, do(e, writer, "FLUSHALL"))
	for _, x := range s[1:] {
		assert.Empty(t, takeOut(x))
	}
	fs.finish()
	e.Turn(start)
	e.EndTurn()
	const all = ">2\r\n$10\r\ninvalidate\r\n_\r\n"
	assert.Equal(t, "+OK\r\n+OK\r\n+OK\r\n+OK\r\n", takeOut(writer))
	assert.Equal(t, invalidation("k")+all, takeOut(reader))
	assert.Equal(t, invalidation("k", "l")+all, takeOut(prefix))
	assert.Empty(t, takeOut(redirects))
	assert.Equal(t, invalidation("k")+all, takeOut(target))
}

// What a failed block takes back is the reply; the change is in memory, so the invalidation stays.
func TestInvalidationsStayBehindRepliesThatAreTakenBack(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "HELLO 3", "CLIENT TRACKING ON", "GET a", "GET b")
	e.Turn(start)
	s.Feed([]byte("SET a 1\r\nSET b 1\r\n"))
	s.out.hold(1)
	require.True(t, s.out.settle(1, context.Canceled))
	e.EndTurn()
	replies := strings.Split(takeOut(s), "-NOTDURABLE ")
	require.Len(t, replies, 3)
	for i, key := range []string{"a", "b"} {
		assert.Equal(t, invalidation(key), replies[i+1][strings.Index(replies[i+1], "\r\n")+2:])
	}
}

func TestTrackingEndsWithItsSession(t *testing.T) {
	e := open(t, memfs.New())
	probe := e.NewSession(SessionOptions{})
	for name, end := range map[string]func(s *Session){
		"close":          func(s *Session) { s.Close() },
		"quit":           func(s *Session) { do(e, s, "QUIT") },
		"kill":           func(s *Session) { do(e, probe, "CLIENT KILL ID "+strconv.FormatInt(s.ID(), 10)) },
		"kill itself":    func(s *Session) { do(e, s, "CLIENT KILL SKIPME no ID "+strconv.FormatInt(s.ID(), 10)) },
		"reset":          func(s *Session) { do(e, s, "RESET") },
		"off":            func(s *Session) { do(e, s, "CLIENT TRACKING OFF") },
		"protocol error": func(s *Session) { do(e, s, "*x") },
	} {
		for _, mode := range []string{"", " BCAST PREFIX a PREFIX b"} {
			s := e.NewSession(SessionOptions{})
			do(e, s, "HELLO 3", "CLIENT TRACKING ON"+mode, "GET a")
			require.Equal(t, 1, e.tracking.clients, name)
			end(s)
			do(e, probe, "SET a 1", "FLUSHALL")
			assert.Zero(t, e.tracking.clients, name)
			assert.Empty(t, e.tracking.prefixes.named, name)
			assert.Empty(t, e.tracking.prefixes.lengths, name)
			assert.NotContains(t, takeOut(s), "invalidate", name)
			s.Close()
			s.Close()
			assert.Zero(t, e.tracking.followers, name)
			assert.Zero(t, e.tracking.table.len(), name)
		}
	}
}

// What those have read who are gone is kept as in Redis while others track, and is not when nobody is left who could be told.
func TestTheTableGoesWithTheLastWhoTracked(t *testing.T) {
	e := open(t, memfs.New())
	one, two := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, one, "CLIENT TRACKING ON", "GET a", "GET b")
	do(e, two, "CLIENT TRACKING ON", "GET a")
	assert.Equal(t, [2]int{2, 3}, [2]int{e.tracking.table.len(), e.tracking.table.items})
	one.Close()
	assert.Equal(t, [2]int{2, 3}, [2]int{e.tracking.table.len(), e.tracking.table.items})
	do(e, two, "SET b 1")
	assert.Equal(t, [2]int{1, 2}, [2]int{e.tracking.table.len(), e.tracking.table.items})
	do(e, two, "CLIENT TRACKING OFF")
	assert.Equal(t, 1, e.tracking.table.len())
	two.Close()
	assert.Zero(t, e.tracking.table)
}

// The table never holds more than it may for longer than some turns, and whatever it forgets is told.
func TestTheTrackingTableIsBounded(t *testing.T) {
	e := open(t, memfs.New())
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, other, "CONFIG SET tracking-table-max-keys 50")
	do(e, s, "HELLO 3", "CLIENT TRACKING ON NOLOOP")
	told := map[string]bool{}
	for i := range 200 {
		out := do(e, s, "GET k"+strconv.Itoa(i))
		if strings.Contains(out, "invalidate") {
			key := out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]
			require.Equal(t, "_\r\n"+invalidation(strings.TrimSpace(key)), out, "behind the reply")
			told[strings.TrimSpace(key)] = true
		}
		require.LessOrEqual(t, e.tracking.table.len(), 50)
	}
	assert.Len(t, told, 150)
	for i := range 200 {
		key := "k" + strconv.Itoa(i)
		do(e, other, "SET "+key+" v")
		assert.Equal(t, !told[key], takeOut(s) != "", key)
	}
	assert.Zero(t, e.tracking.table.bytes)

	// many at once take some tries, by commands or by the cron
	do(e, other, "CONFIG SET tracking-table-max-keys 0")
	words := "MGET"
	for i := range 1000 {
		words += fmt.Sprintf(" m%d", i)
	}
	do(e, s, words)
	assert.Equal(t, 1000, e.tracking.table.len())
	do(e, other, "CONFIG SET tracking-table-max-keys 1")
	assert.Equal(t, 900, e.tracking.table.len())
	assert.LessOrEqual(t, e.Tick(start+1), tickActive)
	assert.Equal(t, 700, e.tracking.table.len())
	for range 3 {
		e.Tick(start + 2)
	}
	assert.Equal(t, 1, e.tracking.table.len())
	assert.Equal(t, 999, strings.Count(takeOut(s), "invalidate"))

	// long keys, too
	long := strings.Repeat("x", 60<<10)
	for i := range 100 {
		do(e, s, "GET "+long+strconv.Itoa(i))
		require.LessOrEqual(t, e.tracking.table.bytes, trackedSpare+trackedKeySize)
	}
	do(e, other, "FLUSHALL")
	assert.Zero(t, e.tracking.table)
}

func TestTheTrackingTableAgainstAModel(t *testing.T) {
	e := open(t, memfs.New())
	table, model := trackingTable{}, map[string][]int64{}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		key := strings.Repeat("k", r.IntN(40))
		if r.IntN(50) == 0 {
			require.Equal(t, model[key], slices.Clone(table.remove([]byte(key))))
			delete(model, key)
			continue
		}
		id := 1 + r.Int64N(300)
		table.add([]byte(key), id, e)
		if at, there := slices.BinarySearch(model[key], id); !there {
			model[key] = slices.Insert(model[key], at, id)
		}
		items, bytes := 0, 0
		for key, ids := range model {
			items += len(ids)
			bytes += len(key) + len(ids)*idSize
		}
		require.Equal(t, [3]int{len(model), items, bytes}, [3]int{table.len(), table.items, table.bytes})
	}
}

// What is evicted for a command is told before its reply: what the command reads or writes then is tracked anew.
func TestEvictedKeysAreToldBeforeTheReply(t *testing.T) {
	e, s := evictor(t, "allkeys-random")
	other := e.NewSession(SessionOptions{})
	do(e, other, "HELLO 3", "CLIENT TRACKING ON BCAST", "CONFIG SET notify-keyspace-events Ee", "SUBSCRIBE __keyevent@0__:evicted")
	do(e, s, "HELLO 3", "CLIENT TRACKING ON", "SET a 1", "GET a")
	takeOut(other)
	assert.Equal(t, "+OK\r\n"+invalidation("a")+"_\r\n", do(e, s, "CONFIG SET maxmemory 1", "GET a"))
	assert.Equal(t, 1, e.tracking.table.len())
	assert.Equal(t, ">3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n$1\r\na\r\n"+invalidation("a"), takeOut(other))
	assert.Equal(t, "-OOM command not allowed when used memory > 'maxmemory'.\r\n", do(e, s, "SET a 1"))
}

func TestExpiredKeysAreTold(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	do(e, s, "HELLO 3", "CLIENT TRACKING ON", "SET a 1 PX 100", "GET a")
	e.Tick(start + 50)
	assert.Empty(t, takeOut(s))
	e.Tick(start + 1000)
	assert.Equal(t, invalidation("a"), takeOut(s))
}

// TestTrackingOf72 is what Redis 7.2 changed.
func TestTrackingOf72(t *testing.T) {
	for _, profile70 := range []bool{false, true} {
		e, err := Open(context.Background(), Options{Now: start, Seed: 1, Profile70: profile70, Config: map[string]string{"appendonly": "no"}})
		require.NoError(t, err)
		version := func(of72, of70 string) string {
			if profile70 {
				return of70
			}
			return of72
		}
		one, two, three := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
		for _, s := range []*Session{one, two, three} {
			do(e, s, "HELLO 3")
		}
		// what is redirected to the session that causes it stands behind its reply
		do(e, one, "CLIENT TRACKING ON REDIRECT "+strconv.FormatInt(two.ID(), 10), "GET k")
		assert.Equal(t, version("+OK\r\n"+invalidation("k"), invalidation("k")+"+OK\r\n"), do(e, two, "SET k v"))
		do(e, one, "GET k")
		exec := do(e, two, "MULTI", "SET k v", "GET k", "EXEC")
		if !profile70 {
			assert.Equal(t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n$1\r\nv\r\n"+invalidation("k"), exec)
		}
		// who was served has read the key then
		do(e, one, "CLIENT TRACKING OFF")
		do(e, one, "CLIENT TRACKING ON", "XREAD BLOCK 0 STREAMS s $")
		do(e, two, "XADD s 1-1 a b")
		assert.Equal(t, invalidation("s")+"%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n", takeOut(one))
		do(e, two, "XADD s 1-2 a b")
		assert.Equal(t, version(invalidation("s"), ""), takeOut(one))
		do(e, one, "CLIENT TRACKING OFF")
		e.Close(context.Background())
	}
	// who is served has changed the key itself
	e := open(t, memfs.New())
	one, two := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, one, "HELLO 3", "CLIENT TRACKING ON BCAST NOLOOP", "BLPOP l 0")
	do(e, two, "HELLO 3", "CLIENT TRACKING ON BCAST NOLOOP")
	assert.Equal(t, ":1\r\n"+invalidation("l"), do(e, two, "RPUSH l a"))
	assert.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\na\r\n", takeOut(one))
	// what a session tracks is told before what it is subscribed to, both behind its reply
	three := e.NewSession(SessionOptions{})
	do(e, three, "HELLO 3", "CLIENT TRACKING ON", "GET k", "CONFIG SET notify-keyspace-events E$", "SUBSCRIBE __keyevent@0__:set")
	const event = ">3\r\n$7\r\nmessage\r\n$18\r\n__keyevent@0__:set\r\n$1\r\nk\r\n"
	assert.Equal(t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n"+invalidation("k")+event+event, do(e, three, "MULTI", "SET k 1", "SET k 2", "EXEC"))
}

// A session that waits has its CLIENT CACHING until it was served.
func TestCachingLastsWhileWaiting(t *testing.T) {
	e := open(t, memfs.New())
	one, two := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, one, "HELLO 3", "CLIENT TRACKING ON OPTIN", "CLIENT CACHING YES", "XREAD BLOCK 0 STREAMS s $")
	do(e, two, "XADD s 1-1 a b")
	assert.Contains(t, takeOut(one), invalidation("s"))
	do(e, two, "XADD s 1-2 a b")
	assert.Equal(t, invalidation("s"), takeOut(one))
	assert.False(t, one.tracking.Caching)
	do(e, one, "CLIENT CACHING YES", "BLPOP l 1")
	assert.True(t, one.tracking.Caching)
	e.Turn(start + 2000)
	e.EndTurn()
	assert.Equal(t, "_\r\n", takeOut(one))
	assert.False(t, one.tracking.Caching)
}

// Only what tracks makes writing look further.
func TestNothingIsDoneForNobody(t *testing.T) {
	e := open(t, memfs.New())
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "SET a 1")
	assert.False(t, e.call.Watched)
	do(e, other, "CLIENT TRACKING ON")
	do(e, s, "SET a 1")
	assert.True(t, e.call.Watched)
	other.Close()
	do(e, s, "SET a 1")
	assert.False(t, e.call.Watched)
}

// Prefixes in any number cost what they are, not their square.
func TestManyPrefixes(t *testing.T) {
	e := open(t, memfs.New())
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "HELLO 3")
	words := strings.Fields("CLIENT TRACKING ON BCAST")
	const n = 50_000
	for i := range n {
		words = append(words, "PREFIX", fmt.Sprintf("%06d", i))
	}
	send := func(words ...string) string {
		request := []byte("*" + strconv.Itoa(len(words)))
		for _, w := range words {
			request = fmt.Appendf(request, "\r\n$%d\r\n%s", len(w), w)
		}
		return strings.TrimSuffix(do(e, s, string(request)), "\r\n")
	}
	assert.Equal(t, "-ERR Prefixes for a single client must not overlap.", send(append(words, "PREFIX", "0499")...))
	assert.Equal(t, "+OK", send(words...))
	do(e, other, "MSET 049999 1 049999x 1 04999 1 x 1 000000 1")
	assert.Equal(t, invalidation("000000")+invalidation("049999", "049999x"), takeOut(s))
	assert.Len(t, e.tracking.prefixes.lengths, 1)
	assert.Equal(t, "-ERR Prefix 'x' overlaps with another provided prefix 'xy'. Prefixes for a single client must not overlap.", send("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "x", "PREFIX", "xy"))
	do(e, s, "CLIENT TRACKING OFF")
	assert.Zero(t, len(e.tracking.prefixes.named)+len(e.tracking.prefixes.lengths))
}
