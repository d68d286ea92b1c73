package conformance

import (
	"math"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/tests/grammar"
)

// TestRandomSequences plays sequences that testdata/random describes: all types on a few keys, transactions, times of life. Without TABDIS_SOAK
// they are the same few every time; a number there is how many new ones to play, and a time how long (make soak).
func TestRandomSequences(t *testing.T) {
	const players = 4
	count, until, next := 12, time.Time{}, seedsFrom(0)
	if soak := os.Getenv("TABDIS_SOAK"); soak != "" {
		first := newSeed()
		next = seedsFrom(first)
		t.Logf("sequences from seed %d on", first)
		n, err := strconv.Atoi(soak)
		if err != nil {
			d, err := time.ParseDuration(soak)
			require.NoError(t, err, "TABDIS_SOAK is a number of sequences or a time, as in 2h")
			n, until = math.MaxInt, time.Now().Add(d)
		}
		count = n
	}
	var played atomic.Int64
	t.Cleanup(func() { t.Logf("%d sequences played", min(played.Load(), int64(count))) })
	for i := range players {
		t.Run("player"+strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			a := newArena(t)
			for failed := 0; failed < 3 && played.Add(1) <= int64(count) && (until.IsZero() || time.Now().Before(until)); {
				if !a.check(next(), 800) {
					failed++
				}
			}
		})
	}
}

func seedsFrom(first uint64) func() uint64 {
	var n atomic.Uint64
	return func() uint64 { return first + n.Add(1) - 1 }
}

// TestAFaultIsShrunkToWhatShowsIt breaks the engine's answers on purpose, in a way that takes two commands to see.
func TestAFaultIsShrunkToWhatShowsIt(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	changed := map[string]bool{}
	a.distort = func(words []string, reply string) string {
		if words == nil { // a sequence begins
			clear(changed)
			return ""
		}
		switch name := words[0]; {
		case name == "SETRANGE" && reply[0] == ':':
			changed[words[1]] = true
		case name == "GETRANGE" && changed[words[1]] && reply[0] == '$':
			return "$5\r\nfault\r\n"
		}
		return reply
	}
	var m *mismatch
	var played *sequence
	for seed := uint64(0); m == nil; seed++ {
		require.Less(t, seed, uint64(100), "the fault was not seen")
		m, played = a.play(newSequence(t, seed, 800))
	}
	m, small := a.shrink(m, played)
	require.Len(t, small.steps, 2, small.script())
	set, get := small.steps[0].words, small.steps[1].words
	require.Equal(t, []string{"SETRANGE", "GETRANGE", set[1]}, []string{set[0], get[0], get[1]})
	require.Regexp(t, `^# seed \d+, RESP[23]\n(.*\n)*(@1 )?SETRANGE .*\n(@1 )?GETRANGE .*\n$`, small.script())
	steps, err := parseScript(small.script())
	require.NoError(t, err)
	require.Equal(t, set, steps[len(steps)-2].words, "the script says the same")
	require.Contains(t, m.String(), `ours:  "$5\r\nfault\r\n"`)
}

// random makes commands, as testdata/random describes them.
type random struct{ *grammar.Grammar }

func readGrammar(t *testing.T, path string, seed uint64) random {
	t.Helper()
	g := random{grammar.New(seed)}
	g.read(t, path)
	return g
}

// read adds a file's values and commands.
func (g random) read(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, g.Read(path))
}

func (g random) command() step {
	words, sign := g.Command()
	return step{how: sign, words: words}
}
