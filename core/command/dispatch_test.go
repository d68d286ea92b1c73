package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func words(line string) [][]byte {
	var args [][]byte
	for _, w := range strings.Fields(line) {
		args = append(args, []byte(w))
	}
	return args
}

func TestEveryCommandIsFoundInAnyCase(t *testing.T) {
	table := NewTable()
	for _, c := range table.All() {
		for _, name := range []string{c.Name, strings.ToUpper(c.Name), strings.ToUpper(c.Name[:1]) + c.Name[1:]} {
			require.Same(t, c, table.Named([]byte(name)), name)
		}
		for _, sub := range c.Subcommands {
			require.Same(t, sub, table.FullNamed([]byte(strings.ToUpper(c.Name+"|"+sub.Name))))
			require.Equal(t, c.Name+"|"+sub.Name, sub.FullName())
		}
	}
	for _, name := range []string{"", "g", "gett", "ge\x14", "get|x", "config|", "|get", "zrangebyscorezrangebyscorezrangebyscore"} {
		assert.Nil(t, table.FullNamed([]byte(name)), "%q", name)
	}
}

func TestLookupAnswersWithRedissErrors(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, test := range []struct {
		args [][]byte
		want string
	}{
		{words("GET k"), ""},
		{words("config GET *"), ""},
		{words("command"), ""},
		{words("foo"), "ERR unknown command 'foo', with args beginning with: "},
		{words("FOO a b"), "ERR unknown command 'FOO', with args beginning with: 'a' 'b' "},
		{[][]byte{{}}, "ERR unknown command '', with args beginning with: "},
		{[][]byte{[]byte("a\x00b"), []byte("c\x00d")}, "ERR unknown command 'a', with args beginning with: 'c' "},
		{words(long + " " + long + " b"), "ERR unknown command '" + long[:128] + "', with args beginning with: '" + long[:128] + "' "},
		{words("foo " + long[:100] + " " + long + " b"), "ERR unknown command 'foo', with args beginning with: '" + long[:100] + "' '" + long[:25] + "' "},
		{words("get"), "ERR wrong number of arguments for 'get' command"},
		{words("GeT a b"), "ERR wrong number of arguments for 'get' command"},
		{words("mget"), "ERR wrong number of arguments for 'mget' command"},
		{words("config"), "ERR wrong number of arguments for 'config' command"},
		{words("CONFIG get"), "ERR wrong number of arguments for 'config|get' command"},
		{words("Config foo"), "ERR unknown subcommand 'foo'. Try CONFIG HELP."},
		{words("client " + long), "ERR unknown subcommand '" + long[:128] + "'. Try CLIENT HELP."},
		{words("config|get a"), "ERR unknown command 'config|get', with args beginning with: 'a' "},
	} {
		_, err := NewTable().Lookup(test.args)
		assert.Equal(t, test.want, string(err), "%q", test.args)
	}
}

func TestKeysAreFoundAmongTheWords(t *testing.T) {
	for _, test := range []struct {
		line string
		want []KeyAt
		err  error
	}{
		{"get k", []KeyAt{{1, KeyRO | KeyAccess}}, nil},
		{"ping", nil, nil},
		{"del a b c", []KeyAt{{1, KeyRM | KeyDelete}, {2, KeyRM | KeyDelete}, {3, KeyRM | KeyDelete}}, nil},
		{"mset a 1 b 2", []KeyAt{{1, KeyOW | KeyUpdate}, {3, KeyOW | KeyUpdate}}, nil},
		{"set k v", []KeyAt{{1, KeyOW | KeyUpdate}}, nil},
		{"set k v get", []KeyAt{{1, KeyRW | KeyAccess | KeyUpdate}}, nil},
		{"smove a b m", []KeyAt{{1, KeyRW | KeyAccess | KeyDelete}, {2, KeyRW | KeyInsert}}, nil},
		{"object encoding k", []KeyAt{{2, KeyRO}}, nil},
		{"zunion 2 a b", []KeyAt{{2, KeyRO | KeyAccess}, {3, KeyRO | KeyAccess}}, nil},
		{"zunion 3 a b", nil, ErrNoKeys},
		{"zunion x a b", nil, ErrNoKeys},
		{"zunion -1 a b", nil, ErrNoKeys},
		{"zunion 0 a b", nil, ErrNoKeys},
		{"zunion 99999999999999999999 a b", nil, ErrNoKeys},
		{"zunionstore d 2 a b weights 1 2", []KeyAt{{1, KeyOW | KeyUpdate}, {3, KeyRO | KeyAccess}, {4, KeyRO | KeyAccess}}, nil},
		{"sort l", []KeyAt{{1, KeyRO | KeyAccess}}, nil},
		{"sort l by store get store limit 0 store store d1 store d2", []KeyAt{{1, KeyRO | KeyAccess}, {12, KeyOW | KeyUpdate}}, nil},
		{"sort l store store d", []KeyAt{{1, KeyRO | KeyAccess}, {4, KeyOW | KeyUpdate}}, nil},
		{"sort_ro l get k*", []KeyAt{{1, KeyRO | KeyAccess}}, nil},
	} {
		args := words(test.line)
		c, bad := NewTable().Lookup(args)
		require.Empty(t, bad, test.line)
		keys, err := c.KeysOf(args, nil)
		assert.Equal(t, test.err, err, test.line)
		assert.ElementsMatch(t, test.want, keys, test.line)

		positions, err := c.KeyPositions(args, []int{7})
		assert.Equal(t, test.err, err, test.line)
		assert.Len(t, positions, 1+len(test.want), test.line)
		for i, k := range keys {
			assert.Equal(t, k.Pos, positions[1+i], test.line)
		}
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	table, get, config := NewTable(), words("GeT k"), words("CONFIG get *")
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		table.Lookup(get)
		table.Lookup(config)
	}))
}

func BenchmarkLookup(b *testing.B) {
	table, set := NewTable(), words("SET k v")
	b.ReportAllocs()
	for b.Loop() {
		table.Lookup(set)
	}
}
