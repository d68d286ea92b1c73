package conformance

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// messageCommands are what TestSameMessagesAsRedis sends; UNSUBSCRIBE without words isn't among them, for Redis's order is that of a
// hash table, and the numbers follow it.
var messageCommands = [][]string{
	{"SUBSCRIBE", "name", "name"}, {"SUBSCRIBE", "name"}, {"PSUBSCRIBE", "pattern"}, {"SSUBSCRIBE", "name"},
	{"UNSUBSCRIBE", "name"}, {"UNSUBSCRIBE", "name", "name"}, {"PUNSUBSCRIBE", "pattern"}, {"SUNSUBSCRIBE", "name"},
	{"PUBLISH", "name", "name"}, {"PUBLISH", "name", "name"}, {"PUBLISH", "name", ""}, {"SPUBLISH", "name", "name"},
	{"PUBSUB", "NUMSUB", "name", "name"}, {"PUBSUB", "NUMPAT"}, {"PUBSUB", "CHANNELS"}, {"PUBSUB", "CHANNELS", "pattern"},
	{"PUBSUB", "SHARDNUMSUB", "name"}, {"PUBSUB", "SHARDCHANNELS"}, {"SET", "name", "v"}, {"DEL", "name"}, {"GET", "name"},
	{"RENAME", "name", "name"}, {"RESET"},
}

var (
	messageNames    = []string{"", "a", "b", "ab", "abc", "A", "\x00\xff", "__keyspace@0__:a", "__keyevent@0__:del"}
	messagePatterns = []string{"*", "a*", "?", "[ab]", "[^a]", "__key*", "__keyevent@*:set", "\\a", "*b*", "**", ""}
)

// TestSameMessagesAsRedis lets three sessions subscribe and publish at random, and looks at what each was sent after every command.
func TestSameMessagesAsRedis(t *testing.T) {
	const sessions = 3
	for seed := range uint64(3) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			server, x := redistest.Start(t), openTarget(t, memfs.New())
			var conns [sessions]*redistest.Conn
			both := func(n int, words ...string) {
				_, err := conns[n].Write(redistest.Request(words...))
				require.NoError(t, err)
				replies := x.do(n, words...)
				for i := range conns {
					want, err := readUntilPing(conns[i])
					require.NoError(t, err)
					got := replies
					if i != n {
						got = x.take(i)
					}
					require.True(t, sameElements(want, got), "session %d was sent, for %q of %d\nby Redis: %q\nby us:    %q", i, words, n, want, got)
				}
			}
			for i := range conns {
				conns[i] = server.Connect(t)
				for _, words := range [][]string{{"HELLO", strconv.Itoa(2 + (i+1)%2)}, {"CONFIG", "SET", "notify-keyspace-events", "KEAn"}} {
					_, err := conns[i].Do(words...)
					require.NoError(t, err)
					x.do(i, words...)
				}
			}
			for range 3000 {
				var words []string
				for _, w := range messageCommands[r.IntN(len(messageCommands))] {
					switch w {
					case "name":
						w = messageNames[r.IntN(len(messageNames))]
					case "pattern":
						w = messagePatterns[r.IntN(len(messagePatterns))]
					}
					words = append(words, w)
				}
				both(r.IntN(sessions), words...)
			}
			x.close()
		})
	}
}
