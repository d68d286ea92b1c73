package conformance

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// The connections of TestSameInvalidationsAsRedis.
const (
	trackers   = 4 // send commands; number 2 in RESP2
	subscriber = 4 // hears what is redirected to it in RESP2
	listener   = 5 // in RESP3
	trackConns = 6
)

// trackingCommands change how a connection tracks. What ends tracking comes often, for other modes are refused before.
var trackingCommands = []string{
	"ON", "ON", "ON NOLOOP", "ON OPTIN", "ON OPTIN NOLOOP", "ON OPTOUT", "ON REDIRECT {id4}", "ON REDIRECT {id5} NOLOOP",
	"ON BCAST", "ON BCAST NOLOOP", "ON BCAST PREFIX w PREFIX a", "ON BCAST PREFIX s NOLOOP", "ON BCAST PREFIX b PREFIX b",
	"ON BCAST PREFIX e REDIRECT {id4}", "ON BCAST NOLOOP REDIRECT {id5}", "OFF", "OFF", "OFF", "OFF", "OFF",
}

// trackingTest runs the same steps on a real server and on the engine.
type trackingTest struct {
	t      *testing.T
	r      *rand.Rand
	server *redistest.Server
	x      *target
	conns  [trackConns]*redistest.Conn
	ids    [trackConns]string
}

// TestSameInvalidationsAsRedis lets four sessions track in all ways while they run random commands and transactions, and looks at what every
// session was sent after each, as sets: in which order clients are told is nobody's promise.
func TestSameInvalidationsAsRedis(t *testing.T) {
	for seed := range uint64(3) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			g := readGrammar(t, "testdata/random/commands.txt", seed)
			y := &trackingTest{t: t, r: g.R, server: redistest.Start(t), x: openTarget(t, memfs.New())}
			y.connect()
			for i := range 2500 {
				y.both(g.R.IntN(trackers), y.step(g))
				if i%25 == 0 {
					require.Equal(t, y.counts(), trackingCounts(y.x.do(99, "INFO", "everything")), "step %d", i)
				}
			}
			y.x.close()
		})
	}
}

func (y *trackingTest) connect() {
	for n := range y.conns {
		y.conns[n] = y.server.Connect(y.t)
		y.ids[n] = sameID(y.t, y.conns[n], y.x, n)
		proto := "3"
		if n == 2 || n == subscriber {
			proto = "2"
		}
		y.both(n, [][]string{{"HELLO", proto}})
	}
	y.both(subscriber, [][]string{{"SUBSCRIBE", "__redis__:invalidate"}})
}

// step makes commands that are sent at once.
func (y *trackingTest) step(g random) (commands [][]string) {
	command := func() { commands = append(commands, g.command().words) }
	switch p := y.r.IntN(100); {
	case p < 8:
		commands = append(commands, []string{"MULTI"})
		for range 1 + y.r.IntN(4) {
			if y.r.IntN(6) == 0 {
				commands = append(commands, []string{"CLIENT", "CACHING", g.Pick([]string{"YES", "NO"})})
			}
			command()
		}
		commands = append(commands, []string{"EXEC"})
	case p < 14:
		commands = append(commands, []string{"CLIENT", "CACHING", g.Pick([]string{"YES", "NO"})})
		command()
		command()
	case p < 20:
		commands = append(commands, append([]string{"CLIENT", "TRACKING"}, strings.Fields(g.Pick(trackingCommands))...), []string{"CLIENT", "TRACKINGINFO"})
	case p < 21:
		commands = append(commands, []string{g.Pick([]string{"FLUSHDB", "FLUSHALL"})})
	default:
		command()
	}
	return commands
}

// both sends commands on connection n of both, and compares what all connections were sent.
func (y *trackingTest) both(n int, commands [][]string) {
	var request []byte
	for _, words := range commands {
		words = withIDs(words, func(n int) string { return y.ids[n] })
		request = append(request, redistest.Request(words...)...)
	}
	_, err := y.conns[n].Write(request)
	require.NoError(y.t, err)
	replies := y.x.raw(n, request)
	order := []int{n} // its end tells that the commands have run
	for i := range y.conns {
		if i != n && y.conns[i] != nil {
			order = append(order, i)
		}
	}
	for _, i := range order {
		want, err := readUntilPing(y.conns[i])
		require.NoError(y.t, err)
		late, err := readUntilPing(y.conns[i]) // what BCAST gathers may come behind the first PING
		require.NoError(y.t, err)
		want = append(want, late...)
		got := replies
		if i != n {
			got = y.x.take(i)
		}
		require.True(y.t, sameElements(want, got), "session %d was sent, for %q of %d\nby Redis: %q\nby us:    %q", i, commands, n, want, got)
	}
	y.x.do(n, "PING") // CLIENT CACHING has ended there, too
}

func (y *trackingTest) counts() []string {
	info, err := y.conns[0].Do("INFO", "everything")
	require.NoError(y.t, err)
	return trackingCounts(info)
}

var trackingCount = regexp.MustCompile(`tracking_\w+:\d+`)

func trackingCounts(info []byte) []string { return trackingCount.FindAllString(string(info), -1) }
