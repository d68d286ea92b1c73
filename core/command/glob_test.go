package command

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text  string
		match, ignored bool // as it stands, and with case ignored
	}{
		{"", "", true, true}, {"*", "", false, false}, {"", "a", false, false}, {"*", "a", true, true}, {"**", "abc", true, true},
		{"abc", "abc", true, true}, {"abc", "ABC", false, true}, {"abc", "abcd", false, false}, {"abcd", "abc", false, false},
		{"a?c", "abc", true, true}, {"a?c", "ac", false, false}, {"?", "\x00", true, true},
		{"a*c", "ac", true, true}, {"a*c", "abbbc", true, true}, {"a*c", "abbb", false, false}, {"*a*b*c*", "xaybzc", true, true},
		{"a*", "a", true, true}, {"a**", "a", true, true}, {"*a", "aaa", true, true}, {"*ab", "aab", true, true},
		{"h[ae]llo", "hallo", true, true}, {"h[ae]llo", "hillo", false, false}, {"h[^e]llo", "hallo", true, true},
		{"h[^e]llo", "hello", false, false}, {"h[a-c]llo", "hbllo", true, true}, {"h[c-a]llo", "hbllo", true, true},
		{"h[a-c]llo", "hBllo", false, true}, {"h[AB]llo", "hallo", false, true}, {"[^a-c]", "b", false, false},
		{"[a-]", "-", false, false}, {"[a-]", "^", true, true}, {"[-a]", "-", true, true}, {"[\\]]", "]", true, true}, {"[\\-a]", "-", true, true},
		{"[]", "]", false, false}, {"[]a", "a", false, false}, {"[^]", "x", true, true}, {"[a", "a", true, true},
		{"[", "[", false, false}, {"[^", "x", true, true}, {"[a-c", "b", true, true}, {"x[ab*", "xa", true, true},
		{"\\*", "*", true, true}, {"\\*", "a", false, false}, {"\\a", "a", true, true}, {"a\\", "a\\", true, true}, {"\\\\", "\\", true, true},
		{"[\x80-\xff]", "\x90", true, true}, {"[a-\xff]", "\x80", false, false}, {"[a-\xff]", "b", false, false}, {"[a-\xff]", "A", true, true},
	} {
		assert.Equal(t, c.match, globMatch([]byte(c.pattern), []byte(c.text), false), "%q %q", c.pattern, c.text)
		assert.Equal(t, c.ignored, globMatch([]byte(c.pattern), []byte(c.text), true), "%q %q without case", c.pattern, c.text)
	}
}

// globSlow tries every length for every *.
func globSlow(pattern, s []byte) bool {
	if len(pattern) == 0 || len(s) == 0 {
		return len(s) == 0 && strings.Trim(string(pattern), "*") == ""
	}
	if pattern[0] == '*' {
		return globSlow(pattern[1:], s) || globSlow(pattern, s[1:])
	}
	n, ok := globOne(pattern, s[0], false)
	return ok && globSlow(pattern[n:], s[1:])
}

func TestGlobGivesUpNoMatchThatBacktrackingFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(alphabet string, n int) []byte {
		b := make([]byte, 1+r.IntN(n))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return b
	}
	for range 50_000 {
		pattern, text := word("ab*?[]^-\\", 8), word("ab-]", 8)
		require.Equal(t, globSlow(pattern, text), globMatch(pattern, text, false), "%q %q", pattern, text)
	}
}

func TestGlobIsNotExponential(t *testing.T) {
	pattern := []byte(strings.Repeat("a*", 50_000) + "b")
	assert.False(t, globMatch(pattern[len(pattern)-2001:], []byte(strings.Repeat("a", 20_000)), false))
	assert.False(t, globMatch(pattern, []byte(strings.Repeat("a", 10_000)), false))
}

// FuzzGlob compares short ones with what tries everything, and lets any others end.
func FuzzGlob(f *testing.F) {
	for _, c := range [][2]string{{"a*b?[c-d]\\*", "axbyc*"}, {"[^]", "x"}, {"*[", "["}, {"[\\", "\\"}, {"[a-\xff\x80-]*", "\x80"}, {"*a*a*a*b", "aaaaaaaa"}} {
		f.Add([]byte(c[0]), []byte(c[1]))
	}
	f.Fuzz(func(t *testing.T, pattern, text []byte) {
		got := globMatch(pattern, text, false)
		if len(pattern) <= 10 && 0 < len(text) && len(text) <= 10 { // * does not match an empty name, which globSlow does not know
			require.Equal(t, globSlow(pattern, text), got)
		}
		if got && string(lowered(pattern)) == string(pattern) && string(lowered(text)) == string(text) && !strings.ContainsAny(string(pattern), "[\\") {
			require.True(t, globMatch(pattern, text, true), "nor does it matter then that case does not")
		}
	})
}

func lowered(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = lower(b[i])
	}
	return out
}
