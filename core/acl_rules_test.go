package core

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
)

func book() *ruleBook { return &ruleBook{table: command.NewTable()} }

// userOf makes a user by rules; wrong is what is wrong with the first that cannot be applied.
func userOf(r *ruleBook, rules string) (u *user, wrong string) {
	u = r.newUser("u")
	merged, unmatched := mergeSelectors(bytes.Fields([]byte(rules)))
	if unmatched != nil {
		return u, "unmatched " + string(unmatched)
	}
	for _, rule := range merged {
		if wrong := r.apply(u, rule); wrong != "" {
			return u, string(rule) + ": " + string(wrong)
		}
	}
	return u, ""
}

func TestRulesAreDescribedInTheOrderTheyCame(t *testing.T) {
	const head, none = "user u off sanitize-payload ", "resetchannels -@all"
	for rules, want := range map[string]string{
		"":                                          none,
		"+get +SET -get +get":                       none + " +set +get",
		"+@read -get +@read":                        none + " -get +@read",
		"+client -client|id -client":                none + " -client",
		"-client|id +client|id":                     none + " +client|id",
		"+@all +@read -get":                         "resetchannels +@all +@read -get",
		"+get -@all +set":                           none + " +set",
		"+select|0 +select|1 +SELECT|0":             none + " +select|1 +select|0",
		"+select|0 +select":                         none + " +select",
		"~a %R~b %W~c %R~c ~* resetkeys ~d":         "~d " + none,
		"%W~x %R~x %RW~y":                           "~x ~y " + none,
		"%R~* %W~* ~a":                              "%RW~* ~a " + none,
		"&b &a &b":                                  "resetchannels &b &a -@all",
		"allchannels allkeys allcommands":           "~* &* +@all",
		"(+get ~x) (allkeys) clearselectors (%R~q)": none + " (%R~q " + none + ")",
	} {
		u, wrong := userOf(book(), rules)
		require.Empty(t, wrong, rules)
		assert.Equal(t, head+want, u.describe(), rules)
	}
}

func TestACLCheckTellsTheHeaviestDenial(t *testing.T) {
	r := book()
	for _, c := range []struct {
		rules, call string
		why         denial
		at          int
	}{
		{"+get ~a", "get a", granted, 0},
		{"+get ~a", "get b", deniedKey, 1},
		{"+get ~a", "set a 1", deniedCommand, 0},
		{"+mget ~a", "mget a b c", deniedKey, 2},
		{"+mget ~a (+mget ~b ~a)", "mget a b c", deniedKey, 3},
		{"(+get ~a) (+set ~b)", "get b", deniedKey, 1},
		{"(+get ~a) (+set ~b)", "set b 1", granted, 0},
		{"+select|1", "select 1", granted, 0},
		{"+select|1", "select 2", deniedCommand, 0},
		{"+select|1 -@fast", "select 1", deniedCommand, 0},
		{"", "auth x", granted, 0},
		{"+@all -@dangerous ~*", "flushall", deniedCommand, 0},
		{"+@all -config|set", "config get x", granted, 0},
	} {
		u, wrong := userOf(r, c.rules)
		require.Empty(t, wrong)
		words := bytes.Fields([]byte(c.call))
		cmd, failed := r.table.Lookup(words)
		require.Empty(t, failed)
		why, at := u.check(cmd, words)
		assert.Equal(t, c.why, why, "%s: %s", c.rules, c.call)
		assert.Equal(t, c.at, at, "%s: %s", c.rules, c.call)
	}
}

func TestACopyOfAUserIsItsOwn(t *testing.T) {
	r := book()
	u, wrong := userOf(r, "on >a ~a &a +get +select|0 (+set ~b)")
	require.Empty(t, wrong)
	before := u.describe()
	c := u.clone()
	for _, rule := range []string{"off", "<a", ">b", "%W~c", "&c", "-get", "+select|1", "(+del)"} {
		require.Empty(t, r.apply(c, []byte(rule)), rule)
	}
	require.Empty(t, r.applyRight(&c.selectors[0], []byte("+mget")))
	assert.Equal(t, before, u.describe())
	words := [][]byte{[]byte("select"), []byte("1")}
	why, _ := u.check(r.table.Named(words[0]), words)
	assert.Equal(t, deniedCommand, why)
}

func TestChannelsOfPubSubCommands(t *testing.T) {
	r := book()
	u, _ := userOf(r, "+@all ~* resetchannels &news.* &x")
	for _, c := range []struct {
		name, words string
		want        denial
	}{
		{"publish", "publish news.a m", granted}, {"publish", "publish old m", deniedChannel},
		{"subscribe", "subscribe x news.b", granted}, {"subscribe", "subscribe x y", deniedChannel},
		{"psubscribe", "psubscribe news.*", granted}, {"psubscribe", "psubscribe news.a*", deniedChannel},
		{"unsubscribe", "unsubscribe y", granted},
	} {
		why, _ := u.check(&command.Command{Name: c.name}, bytes.Fields([]byte(c.words)))
		assert.Equal(t, c.want, why, c.words)
	}
}

// Whatever the rules, a description makes the same user again.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{"on >pw ~a* %R~b +get -set +@read (+@all ~x) &c", "nopass allkeys allchannels allcommands -get|x",
		"+select|0 +config|get -config (", "%RW~* ~a", "reset resetkeys #abc !", "+client|id|x % ~ & + - ( ) ()"} {
		f.Add(seed)
	}
	r := book()
	f.Fuzz(func(t *testing.T, rules string) {
		u, wrong := userOf(r, rules)
		if wrong != "" || strings.ContainsAny(rules, "()") && strings.ContainsAny(u.describe(), "()") && odd(rules) {
			return
		}
		text := u.describe()
		again, wrong := userOf(r, strings.TrimPrefix(text, "user u "))
		if wrong != "" || again.describe() != text {
			t.Fatalf("%q gives %q, and that %q (%s)", rules, text, again.describe(), wrong)
		}
		for i := range u.root.allowed {
			if u.root.allowed[i] != again.root.allowed[i] {
				t.Fatalf("%q allows other commands than %q", text, rules)
			}
		}
	})
}

// odd tells whether parentheses stand inside of words: Redis's form cannot tell those of patterns from those of selectors.
func odd(rules string) bool {
	for _, w := range strings.Fields(rules) {
		if strings.ContainsAny(strings.TrimSuffix(strings.TrimPrefix(w, "("), ")"), "()") || strings.HasPrefix(w, "~") && strings.HasSuffix(w, ")") {
			return true
		}
	}
	return false
}
