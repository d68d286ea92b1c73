package conformance

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/resp"
	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSameRepliesToRandomCommands runs commands that testdata/random describes on a few keys, which change their types all the time.
func TestSameRepliesToRandomCommands(t *testing.T) {
	for seed := range uint64(4) {
		t.Run("seed"+strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			g := readGrammar(t, "testdata/random/commands.txt", seed)
			server := redistest.Start(t)
			x := openTarget(t, memfs.New())
			conn := server.Connect(t)
			setup := [][]string{{"HELLO", strconv.FormatUint(2+seed%2, 10)}}
			if seed >= 2 { // lists of several nodes, skip lists
				setup = append(setup, []string{"CONFIG", "SET", "list-max-listpack-size", "3", "zset-max-listpack-entries", "3"})
			}
			for _, words := range setup {
				_, err := conn.Do(words...)
				require.NoError(t, err)
				x.do(0, words...)
			}
			listener := listen(t, server, x)
			for i := range 5000 {
				s := g.command()
				s.line, s.text = i, strings.Join(s.words, " ")
				want, err := conn.Do(s.words...)
				require.NoError(t, err, s.text)
				compare(t, s, string(want), string(x.do(0, s.words...)))
				events, err := readUntilPing(listener)
				require.NoError(t, err, s.text)
				got := x.take(1)
				if !strings.HasPrefix(s.words[0], "SORT") || !sameElements(events, got) { // it looks the elements of a set up in their order
					assert.Equal(t, string(events), string(got), "events of %s", s.text)
				}
				require.False(t, t.Failed(), "what follows would differ too")
			}
			x.close()
		})
	}
}

// listen makes connection 1 one that is told every keyspace event, on both.
func listen(t *testing.T, server *redistest.Server, x *target) *redistest.Conn {
	conn := server.Connect(t)
	for _, words := range [][]string{{"CONFIG", "SET", "notify-keyspace-events", "KEAnm"}, {"PSUBSCRIBE", "__key*"}} {
		want, err := conn.Do(words...)
		require.NoError(t, err)
		require.Equal(t, string(want), string(x.do(1, words...)))
	}
	return conn
}

// grammar makes commands.
type grammar struct {
	r        *rand.Rand
	values   map[string][]string
	commands [][]string
}

func readGrammar(t *testing.T, path string, seed uint64) *grammar {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	g := &grammar{r: rand.New(rand.NewPCG(seed, 0)), values: map[string][]string{}}
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if name, values, ok := strings.Cut(line, " = "); ok {
			words, ok := resp.SplitWords([]byte(values))
			require.True(t, ok, line)
			for _, w := range words {
				g.values[name] = append(g.values[name], string(w))
			}
			continue
		}
		g.commands = append(g.commands, strings.Fields(line))
	}
	return g
}

func (g *grammar) pick(words []string) string { return words[g.r.IntN(len(words))] }

func (g *grammar) command() step {
	s := step{how: '='}
	template := g.commands[g.r.IntN(len(g.commands))]
	for i := 0; i < len(template); i++ {
		word := template[i]
		switch {
		case word == "~":
			s.how = '~'
		case word == "]":
		case word == "[":
			if g.r.IntN(2) == 0 {
				for template[i] != "]" {
					i++
				}
			}
		case strings.HasPrefix(word, "<"):
			name, many := strings.CutSuffix(word, "+")
			times := 1
			if many {
				times += g.r.IntN(4)
			}
			for range times {
				s.words = append(s.words, g.pick(g.values[strings.Trim(name, "<>")]))
			}
		default:
			s.words = append(s.words, g.pick(strings.Split(word, "|")))
		}
	}
	return s
}
