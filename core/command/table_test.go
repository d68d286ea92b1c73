package command

import (
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyRow calls fn with every command and subcommand.
func everyRow(fn func(c *Command)) {
	for _, c := range NewTable().All() {
		fn(c)
		for _, sub := range c.Subcommands {
			fn(sub)
		}
	}
}

func TestEveryRowIsComplete(t *testing.T) {
	version := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	everyRow(func(c *Command) {
		name := c.FullName()
		assert.True(t, c.Do != nil || len(c.Subcommands) > 0, "%s does nothing", name)
		assert.NotEmpty(t, c.Summary, name)
		assert.True(t, strings.HasSuffix(c.Summary, "."), name)
		assert.Regexp(t, version, c.Since, name)
		assert.Contains(t, []string{"string", "list", "set", "hash", "sorted-set", "generic", "transactions", "connection", "server", "pubsub", "geo", "bitmap", "hyperloglog", "stream", "scripting", "cluster"}, c.Group, name)
		assert.NotZero(t, c.Arity, name)
		assert.Equal(t, strings.ToLower(c.Name), c.Name)
		deprecated := len(c.DocFlags) > 0 && c.DocFlags[0] == "deprecated"
		assert.Equal(t, deprecated, c.DeprecatedSince != "", name)
		assert.Equal(t, deprecated, c.ReplacedBy != "", name)
		for _, h := range c.History {
			assert.Regexp(t, version, h[0], name)
			assert.NotEmpty(t, h[1], name)
		}
		assert.False(t, c.Flags&Write != 0 && c.Flags&ReadOnly != 0, "%s writes and only reads", name)
	})
}

func TestNamesAreSortedAndUnique(t *testing.T) {
	names := func(list []*Command) (out []string) {
		for _, c := range list {
			out = append(out, c.Name)
		}
		return out
	}
	for _, list := range append([][]*Command{NewTable().All()}, subcommandLists()...) {
		got := names(list)
		assert.True(t, sort.StringsAreSorted(got), "%v", got)
		for i := 1; i < len(got); i++ {
			assert.NotEqual(t, got[i-1], got[i])
		}
	}
}

func subcommandLists() (lists [][]*Command) {
	for _, c := range NewTable().All() {
		lists = append(lists, c.Subcommands)
	}
	return lists
}

func TestArgumentsPointAtTheirKeySpecs(t *testing.T) {
	var check func(c *Command, args []Arg)
	check = func(c *Command, args []Arg) {
		for _, a := range args {
			assert.Equal(t, a.Type == ArgOneOf || a.Type == ArgBlock, len(a.Args) > 0, "%s: %s", c.FullName(), a.Name)
			if a.Type == ArgKey {
				assert.True(t, a.HasSpec, "%s: %s", c.FullName(), a.Name)
			}
			if a.HasSpec {
				assert.Less(t, a.KeySpec, len(c.Keys), "%s: %s", c.FullName(), a.Name)
			}
			check(c, a.Args)
		}
	}
	everyRow(func(c *Command) { check(c, c.Args) })
}

// With words that are as few as the arity allows, the first key stands where COMMAND INFO says.
func TestKeySpecsAgreeWithLegacyPositions(t *testing.T) {
	everyRow(func(c *Command) {
		first, last, step := c.LegacyKeys()
		if first == 0 {
			assert.Zero(t, last, c.FullName())
			assert.Zero(t, step, c.FullName())
			return
		}
		assert.Positive(t, step, c.FullName())
		n := max(c.Arity, -c.Arity)
		if c.Name == "pfmerge" {
			n++ // its sources may be missing, but then Redis too says that the words don't tell
		}
		args := words(strings.Repeat("1 ", n))
		keys, err := c.KeysOf(args, nil)
		require.NoError(t, err, c.FullName())
		if c.Keys[0].Flags&KeyNotKey != 0 { // a shard channel
			require.Empty(t, keys, c.FullName())
			return
		}
		require.NotEmpty(t, keys, c.FullName())
		assert.Equal(t, first, keys[0].Pos, c.FullName())
	})
}

func TestMovableKeysAreThoseThatNoRangeTells(t *testing.T) {
	everyRow(func(c *Command) {
		movable := false
		for _, s := range c.Keys {
			movable = movable || s.Begin.Index == 0 || s.Find.Range == nil
		}
		assert.Equal(t, movable, c.Flags&MovableKeys != 0, c.FullName())
	})
}

func TestLegacyKeys(t *testing.T) {
	for name, want := range map[string][3]int{
		"get": {1, 1, 1}, "del": {1, -1, 1}, "mset": {1, -1, 2}, "smove": {1, 2, 1}, "sunionstore": {1, -1, 1},
		"zunionstore": {1, 1, 1}, "zunion": {0, 0, 0}, "object|encoding": {2, 2, 1}, "sort": {1, 1, 1}, "ping": {0, 0, 0},
	} {
		c := NewTable().FullNamed([]byte(name))
		require.NotNil(t, c, name)
		first, last, step := c.LegacyKeys()
		assert.Equal(t, want, [3]int{first, last, step}, name)
	}
}

func TestFlagsImplyCategories(t *testing.T) {
	for name, want := range map[string][]string{
		"get":         {"@read", "@string", "@fast"},
		"set":         {"@write", "@string", "@slow"},
		"config|set":  {"@admin", "@slow", "@dangerous"},
		"client|list": {"@admin", "@slow", "@dangerous", "@connection"},
		"flushall":    {"@keyspace", "@write", "@slow", "@dangerous"},
		"exec":        {"@slow", "@transaction"},
	} {
		assert.Equal(t, want, NewTable().FullNamed([]byte(name)).CategoryNames(), name)
	}
}
