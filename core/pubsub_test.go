package core

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
)

// slowFS is a store whose syncs succeed when told to.
type slowFS struct {
	storage.FS
	slow    bool
	waiting []func()
}

type slowFile struct {
	storage.File
	fs *slowFS
}

func (v *slowFS) Create(ctx context.Context, name string) (storage.File, error) {
	f, err := v.FS.Create(ctx, name)
	return slowFile{f, v}, err
}

func (v *slowFS) Open(ctx context.Context, name string) (storage.File, error) {
	f, err := v.FS.Open(ctx, name)
	return slowFile{f, v}, err
}

func (f slowFile) Sync(now bool, done func(error)) {
	if f.fs.slow {
		f.fs.waiting = append(f.fs.waiting, func() { f.File.Sync(now, done) })
		return
	}
	f.File.Sync(now, done)
}

func (v *slowFS) finish() {
	v.slow = false
	for _, sync := range v.waiting {
		sync()
	}
	v.waiting = nil
}

func takeOut(s *Session) string {
	out := string(s.Output())
	s.Take(len(out))
	return out
}

// A message tells what a crash may undo as much as a reply does: with appendfsync always it waits for all that was executed before it.
func TestMessagesWaitForWhatTheyTell(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := &slowFS{FS: inner}
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1,
		Config: map[string]string{"appendfsync": "always", "notify-keyspace-events": "E$"}})
	require.NoError(t, err)
	writer, other, reader := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, reader, "SUBSCRIBE c __keyevent@0__:set")
	fs.slow = true
	assert.Empty(t, do(e, writer, "SET k v"))
	assert.Empty(t, takeOut(reader))
	assert.Positive(t, reader.Waiting())
	assert.Empty(t, do(e, other, "PUBLISH c m"), "executed behind what is not durable")
	assert.Empty(t, takeOut(reader))
	fs.finish()
	e.Turn(start)
	e.EndTurn()
	assert.Contains(t, e.Ready(), reader)
	assert.Equal(t, "*3\r\n$7\r\nmessage\r\n$18\r\n__keyevent@0__:set\r\n$1\r\nk\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n", takeOut(reader))
	assert.Equal(t, "+OK\r\n", takeOut(writer))
	assert.Equal(t, ":1\r\n", takeOut(other))
}

// What a failed block takes back are the replies of commands; messages that stand between them stay whole.
func TestMessagesStayWholeBetweenRepliesThatAreTakenBack(t *testing.T) {
	inner, err := memfs.New().Open()
	require.NoError(t, err)
	fs := &slowFS{FS: inner}
	e, err := Open(context.Background(), Options{FS: fs, Now: start, Seed: 1, Config: map[string]string{"appendfsync": "always"}})
	require.NoError(t, err)
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "HELLO 3", "SUBSCRIBE c")
	e.Turn(start)
	s.Feed([]byte("SET a 1\r\nPUBLISH c x\r\n"))
	other.Feed([]byte("PUBLISH c y\r\n"))
	s.Feed([]byte("SET b 1\r\n"))
	s.out.hold(1)
	require.True(t, s.out.settle(1, context.Canceled))
	e.EndTurn()
	const message = ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n"
	replies := strings.Split(takeOut(s), "-NOTDURABLE ")
	require.Len(t, replies, 3)
	assert.Equal(t, ":1\r\n"+message+"x\r\n"+message+"y\r\n", replies[1][strings.Index(replies[1], "\r\n")+2:])
}

func TestSubscriptionsEndWithTheirSession(t *testing.T) {
	e := open(t, memfs.New())
	probe := e.NewSession(SessionOptions{})
	for name, end := range map[string]func(s *Session){
		"close":          func(s *Session) { s.Close() },
		"quit":           func(s *Session) { do(e, s, "QUIT") },
		"kill":           func(s *Session) { do(e, probe, "CLIENT KILL ID "+strconv.FormatInt(s.ID(), 10)) },
		"kill type":      func(*Session) { do(e, probe, "CLIENT KILL TYPE pubsub") },
		"reset":          func(s *Session) { do(e, s, "RESET") },
		"protocol error": func(s *Session) { do(e, s, "*x") },
	} {
		s := e.NewSession(SessionOptions{})
		do(e, s, "SUBSCRIBE a b", "PSUBSCRIBE a*", "SSUBSCRIBE a")
		assert.Equal(t, ":2\r\n:1\r\n", do(e, probe, "PUBLISH a x", "SPUBLISH a x"), name)
		line := string(s.Describe(nil))
		assert.Contains(t, line, " flags=P db=0 sub=2 psub=1 ssub=1 ", name)
		stats := string(e.Info(nil, []string{"stats"}))
		assert.Contains(t, stats, "pubsub_channels:2\r\npubsub_patterns:1\r\npubsubshard_channels:1\r\n", name)
		end(s)
		assert.Equal(t, ":0\r\n:0\r\n", do(e, probe, "PUBLISH a x", "SPUBLISH a x"), name)
		for kind := range e.topics {
			assert.Empty(t, e.topics[kind].named, name)
			assert.Zero(t, e.topics[kind].order.Len(), name)
		}
		assert.Contains(t, string(s.Describe(nil)), " sub=0 psub=0 ssub=0 ", name)
	}
}

// A session may be fed, be sent a message and end, all in one turn.
func TestASessionThatEndedInTheTurnOfAMessageIsNotReady(t *testing.T) {
	e := open(t, memfs.New())
	s, other := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "SUBSCRIBE c")
	e.Turn(start)
	other.Feed([]byte("PUBLISH c m\r\n"))
	s.Close()
	e.EndTurn()
	assert.NotContains(t, e.Ready(), s)
	assert.Equal(t, ":1\r\n", takeOut(other))
	assert.Equal(t, ":0\r\n", do(e, other, "PUBLISH c m"))
}

// However many they are: each ends at once.
func TestManySubscriptions(t *testing.T) {
	const many = 20_000
	e := open(t, memfs.New())
	s, probe := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	var line strings.Builder
	line.WriteString("SUBSCRIBE")
	for i := range many {
		line.WriteString(" c" + strconv.Itoa(i))
	}
	all := strings.Fields(line.String())
	request := []byte("*" + strconv.Itoa(len(all)) + "\r\n")
	for _, w := range all {
		request = append(request, "$"+strconv.Itoa(len(w))+"\r\n"+w+"\r\n"...)
	}
	e.Turn(start)
	s.Feed(request)
	e.EndTurn()
	assert.True(t, strings.HasSuffix(takeOut(s), "$6\r\nc19999\r\n:20000\r\n"))
	assert.Equal(t, ":1\r\n", do(e, probe, "PUBLISH c777 m"))
	out := do(e, s, "UNSUBSCRIBE")
	assert.Equal(t, many+1, strings.Count(out, "*3\r\n"), "and the message")
	assert.Equal(t, "*0\r\n", do(e, probe, "PUBSUB CHANNELS"))
}

// Publishing leaves no trace in the log and is no change.
func TestPublishingIsNoChange(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	before := e.log.Stats().LSN
	do(e, s, "PUBLISH c m", "MULTI", "PUBLISH c m", "SPUBLISH c m", "EXEC", "SUBSCRIBE c", "UNSUBSCRIBE c")
	assert.Equal(t, before, e.log.Stats().LSN)
	assert.Zero(t, e.stats.dirty)
}

// With the events of a class off, or with nobody listening, an event costs no memory.
func TestEventsThatNobodyHearsCostNothing(t *testing.T) {
	e := open(t, memfs.New())
	e.config.events = allEvents | toKeyspace | toKeyevent
	key := []byte("k")
	assert.Zero(t, testing.AllocsPerRun(100, func() { e.Notify(1, "del", e.ks.DB(0), key) }))
}

// A log made elsewhere may hold such commands; who replays it neither listens nor speaks.
func TestALogThatPublishesIsLoaded(t *testing.T) {
	e := openWith(t, memfs.New(), func(job func()) { go job() }, map[string]string{"enable-debug-command": "yes"})
	s, reader := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	e.Turn(start)
	for _, line := range []string{"SUBSCRIBE c", "PSUBSCRIBE *", "PUBLISH c m", "UNSUBSCRIBE", "SET k v"} {
		var words [][]byte
		for _, w := range strings.Fields(line) {
			words = append(words, []byte(w))
		}
		e.feed(0, words)
	}
	e.endUnit()
	e.EndTurn()
	do(e, reader, "SUBSCRIBE c")
	out := do(e, s, "DEBUG LOADAOF")
	if out == "" {
		out = await(t, e, s)
	}
	assert.Equal(t, "+OK\r\n", out)
	assert.Empty(t, takeOut(reader))
	assert.Equal(t, "$1\r\nv\r\n:1\r\n:0\r\n", do(e, s, "GET k", "PUBLISH c m", "PUBSUB NUMPAT"))
}

// Loading the log tells nobody of what it brings back.
func TestLoadingEmitsNoEvents(t *testing.T) {
	e := openWith(t, memfs.New(), func(job func()) { go job() }, map[string]string{"enable-debug-command": "yes", "notify-keyspace-events": "KEA"})
	s, reader := e.NewSession(SessionOptions{}), e.NewSession(SessionOptions{})
	do(e, s, "SET k v")
	do(e, reader, "PSUBSCRIBE *")
	takeOut(reader)
	out := do(e, s, "DEBUG LOADAOF")
	if out == "" {
		out = await(t, e, s)
	}
	assert.Equal(t, "+OK\r\n", out)
	assert.Empty(t, takeOut(reader))
	assert.Equal(t, "$1\r\nv\r\n", do(e, s, "GET k"))
}
