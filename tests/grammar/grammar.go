// Package grammar makes commands at random from files that describe them. A line of such a file is a name with its values, or a command:
//
//	key = a b "with blanks" "\x00"
//	SET <key> <val> [ NX|XX ]
//	~ SUNION <key>+
//
// <key> is one of the values of that name, <key>+ one to four of them, a|b one of the words, and what stands between [ and ] is there half of
// the time. A sign in front of a command (~ or %) says how its reply is to be compared.
package grammar

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"tabdis/core/resp"
)

// Grammar makes commands. The same seed and files make the same ones.
type Grammar struct {
	R        *rand.Rand
	values   map[string][]string
	commands [][]string
}

// New makes one without commands.
func New(seed uint64) *Grammar {
	return &Grammar{R: rand.New(rand.NewPCG(seed, 0)), values: map[string][]string{}}
}

// Read adds a file's values and commands.
func (g *Grammar) Read(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if name, values, ok := strings.Cut(line, " = "); ok {
			words, ok := resp.SplitWords([]byte(values))
			if !ok {
				return fmt.Errorf("%s: %s", path, line)
			}
			for _, w := range words {
				g.values[name] = append(g.values[name], string(w))
			}
			continue
		}
		g.commands = append(g.commands, strings.Fields(line))
	}
	return nil
}

// Pick gives one of several words.
func (g *Grammar) Pick(words []string) string { return words[g.R.IntN(len(words))] }

// Command makes a command, and gives the sign in front of it, '=' where there is none.
func (g *Grammar) Command() (words []string, sign byte) {
	sign = '='
	template := g.commands[g.R.IntN(len(g.commands))]
	for i := 0; i < len(template); i++ {
		word := template[i]
		switch {
		case word == "~", word == "%":
			sign = word[0]
		case word == "]":
		case word == "[":
			if g.R.IntN(2) == 0 {
				for template[i] != "]" {
					i++
				}
			}
		case strings.HasPrefix(word, "<"):
			name, many := strings.CutSuffix(word, "+")
			times := 1
			if many {
				times += g.R.IntN(4)
			}
			for range times {
				words = append(words, g.Pick(g.values[strings.Trim(name, "<>")]))
			}
		default:
			words = append(words, g.Pick(strings.Split(word, "|")))
		}
	}
	return words, sign
}

// Starts are the words with which commands may begin: the first, and the first two ("XGROUP", "XGROUP CREATE"), in capitals.
func (g *Grammar) Starts() map[string]bool {
	starts := map[string]bool{}
	for _, template := range g.commands {
		if template[0] == "~" || template[0] == "%" {
			template = template[1:]
		}
		for _, first := range strings.Split(template[0], "|") {
			starts[strings.ToUpper(first)] = true
			if len(template) > 1 {
				for _, second := range strings.Split(template[1], "|") {
					starts[strings.ToUpper(first+" "+second)] = true
				}
			}
		}
	}
	return starts
}
