package command_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/resp"
	"tabdis/core/storage/memfs"
)

// What Redis 7.2 does differently from 7.0, with which tests/conformance compares all else. The sources are the pages of the
// commands at redis.io, their "History", and the release notes of 7.2.

// engine is one in memory with one session.
type engine struct {
	t testing.TB
	e *core.Engine
	s *core.Session
}

func newEngine(t testing.TB, config ...string) *engine {
	t.Helper()
	values := map[string]string{"appendonly": "no"}
	for i := 0; i < len(config); i += 2 {
		values[config[i]] = config[i+1]
	}
	e, err := core.Open(context.Background(), core.Options{Config: values, Now: 1_700_000_000_000, Seed: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close(context.Background())) })
	return &engine{t, e, e.NewSession(core.SessionOptions{Addr: "127.0.0.1:1", LocalAddr: "127.0.0.1:2"})}
}

// do runs a line, whose words may be quoted as redis-cli takes them, and gives the reply's bytes.
func (x *engine) do(line string) string {
	x.t.Helper()
	words, ok := resp.SplitWords([]byte(line))
	require.True(x.t, ok, line)
	request := "*" + strconv.Itoa(len(words)) + "\r\n"
	for _, w := range words {
		request += "$" + strconv.Itoa(len(w)) + "\r\n" + string(w) + "\r\n"
	}
	x.e.Turn(1_700_000_000_000)
	x.s.Feed([]byte(request))
	x.e.EndTurn()
	out := string(x.s.Output())
	x.s.Take(len(out))
	return out
}

// same runs lines and compares the replies: those of RESP2, then, where they differ, those of RESP3.
func same(t *testing.T, setup []string, want [][3]string) {
	t.Helper()
	for i, hello := range []string{"HELLO 2", "HELLO 3"} {
		x := newEngine(t, "enable-debug-command", "yes")
		x.do(hello)
		for _, line := range setup {
			require.NotContains(t, x.do(line), "-ERR", line)
		}
		for _, w := range want {
			reply := w[1]
			if i == 1 && w[2] != "" {
				reply = w[2]
			}
			assert.Equal(t, strings.ReplaceAll(reply, " ", "\r\n")+"\r\n", strings.ReplaceAll(x.do(w[0]), " ", "_"), "%s after %s", w[0], hello)
		}
	}
}

func TestZrankWithScore(t *testing.T) {
	same(t, []string{"ZADD z 1 a 2.5 b 3 c", "SET str x"}, [][3]string{
		{"ZRANK z b WITHSCORE", "*2 :1 $3 2.5", "*2 :1 ,2.5"},
		{"ZREVRANK z a withscore", "*2 :2 $1 1", "*2 :2 ,1"},
		{"ZRANK z b", ":1", ""},
		{"ZRANK z nope WITHSCORE", "*-1", "_"},
		{"ZRANK none b WITHSCORE", "*-1", "_"},
		{"ZRANK z b SCORE", "-ERR_syntax_error", ""},
		{"ZRANK z b WITHSCORE x", "-ERR_syntax_error", ""},
		{"ZRANK z", "-ERR_wrong_number_of_arguments_for_'zrank'_command", ""},
		{"ZRANK str b WITHSCORE", "-WRONGTYPE_Operation_against_a_key_holding_the_wrong_kind_of_value", ""},
	})
}

func TestDoublesAreTheShortest(t *testing.T) {
	same(t, []string{"ZADD z 0.1 a 1e20 b 1e-7 c"}, [][3]string{
		{"ZSCORE z a", "$3 0.1", ",0.1"},
		{"ZINCRBY z 0.2 a", "$19 0.30000000000000004", ",0.30000000000000004"},
		{"ZSCORE z b", "$5 1e+20", ",1e+20"},
		{"ZSCORE z c", "$4 1e-7", ",1e-7"},
		{"ZSCAN z 0 MATCH c", "*2 $1 0 *2 $1 c $4 1e-7", ""},
	})
}

// ZSCAN prints the scores of a skip list with 17 digits, unlike those of a listpack.
func TestZscanOfASkipList(t *testing.T) {
	same(t, []string{"CONFIG SET zset-max-listpack-entries 0", "ZADD z 0.1 a"}, [][3]string{
		{"OBJECT ENCODING z", "$8 skiplist", ""},
		{"ZSCAN z 0", "*2 $1 0 *2 $1 a $19 0.10000000000000001", ""},
	})
}

func TestSmallSetsAreListpacksInOrderOfInsertion(t *testing.T) {
	same(t, []string{"SADD s b a 3 1 c", "SADD other c b x"}, [][3]string{
		{"OBJECT ENCODING s", "$8 listpack", ""},
		{"SMEMBERS s", "*5 $1 b $1 a $1 3 $1 1 $1 c", "~5 $1 b $1 a $1 3 $1 1 $1 c"},
		{"SINTER s other", "*2 $1 c $1 b", "~2 $1 c $1 b"},
		{"SSCAN s 0", "*2 $1 0 *5 $1 b $1 a $1 3 $1 1 $1 c", ""},
		{"SINTERSTORE d s other", ":2", ""},
		{"SMEMBERS d", "*2 $1 c $1 b", "~2 $1 c $1 b"},
		{"SPOP s 5", "*5 $1 b $1 a $1 3 $1 1 $1 c", "~5 $1 b $1 a $1 3 $1 1 $1 c"},
	})
}

func TestSinterstoreKeepsTheOrderOfTheSmallestSet(t *testing.T) {
	same(t, []string{"SADD s b", "SADD s 3 1", "SREM s b", "SADD s b", "SADD other 1 3 b c", "SADD ints 1 2 3 4"}, [][3]string{
		{"SMEMBERS s", "*3 $1 3 $1 1 $1 b", "~3 $1 3 $1 1 $1 b"},
		{"SINTERSTORE d other s", ":3", ""},
		{"SMEMBERS d", "*3 $1 3 $1 1 $1 b", "~3 $1 3 $1 1 $1 b"},
		{"SINTERSTORE d s ints", ":2", ""},
		{"SMEMBERS d", "*2 $1 1 $1 3", "~2 $1 1 $1 3"},
		{"OBJECT ENCODING d", "$6 intset", ""},
	})
}

func TestClientsTellTheirLibrary(t *testing.T) {
	same(t, nil, [][3]string{
		{"CLIENT SETINFO lib-name tabdis", "+OK", ""},
		{"CLIENT SETINFO LIB-VER 1.2.3", "+OK", ""},
		{"CLIENT SETINFO lib-name", "-ERR_wrong_number_of_arguments_for_'client|setinfo'_command", ""},
		{`CLIENT SETINFO lib-name "a b"`, "-ERR_lib-name_cannot_contain_spaces,_newlines_or_special_characters.", ""},
		{"CLIENT SETINFO Foo bar", "-ERR_Unrecognized_option_'Foo'", ""},
		{"CLIENT NO-TOUCH on", "+OK", ""},
		{"CLIENT NO-TOUCH OFF", "+OK", ""},
		{"CLIENT NO-TOUCH maybe", "-ERR_syntax_error", ""},
		{"CLIENT NO-TOUCH", "-ERR_wrong_number_of_arguments_for_'client|no-touch'_command", ""},
	})
	x := newEngine(t)
	x.do("CLIENT SETINFO lib-name tabdis")
	x.do("CLIENT SETINFO lib-ver 1.2.3")
	assert.Contains(t, x.do("CLIENT INFO"), " lib-name=tabdis lib-ver=1.2.3")
	x.do(`CLIENT SETINFO lib-ver ""`)
	assert.Contains(t, x.do("CLIENT LIST"), " lib-name=tabdis lib-ver=\n")
}

func TestCommandGetkeysTakesACommandAlone(t *testing.T) {
	same(t, nil, [][3]string{
		{"COMMAND GETKEYS get", "-ERR_Invalid_number_of_arguments_specified_for_command", ""},
		{"COMMAND GETKEYSANDFLAGS nosuch", "-ERR_Invalid_command_specified", ""},
		{"COMMAND GETKEYS ping", "-ERR_The_command_has_no_key_arguments", ""},
		{"COMMAND GETKEYS", "-ERR_wrong_number_of_arguments_for_'command|getkeys'_command", ""},
	})
}

func TestCommandDocsHasDisplayTexts(t *testing.T) {
	same(t, nil, [][3]string{
		{"COMMAND DOCS scard",
			"*2 $5 scard *10 $7 summary $33 Tells_how_many_members_a_set_has. $5 since $5 1.0.0 $5 group $3 set $10 complexity $4 O(1) " +
				"$9 arguments *1 *8 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 key_spec_index :0",
			"%1 $5 scard %5 $7 summary $33 Tells_how_many_members_a_set_has. $5 since $5 1.0.0 $5 group $3 set $10 complexity $4 O(1) " +
				"$9 arguments *1 %4 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 key_spec_index :0"},
	})
}

func TestRepeatedElementsAreBounded(t *testing.T) {
	const tooLarge = "-ERR_value_is_out_of_range,_the_reply_would_be_too_large"
	long := strings.Repeat("x", 1<<20)
	same(t, []string{"SADD s a", "SADD long " + long, "ZADD z 1 a", "ZADD longz 1 " + long}, [][3]string{
		{"SRANDMEMBER s -3", "*3 $1 a $1 a $1 a", ""},
		{"SRANDMEMBER s -9223372036854775807", tooLarge, ""},
		{"SRANDMEMBER long -100", tooLarge, ""},
		{"ZRANDMEMBER z -9223372036854775807", tooLarge, ""},
		{"ZRANDMEMBER z -4611686018427387903 WITHSCORES", tooLarge, ""},
		{"ZRANDMEMBER longz -100 WITHSCORES", tooLarge, ""},
		{"PING", "+PONG", ""},
	})
}

func TestDebugNeedsPermission(t *testing.T) {
	x := newEngine(t)
	assert.Equal(t, "-ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "+
		"local connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n", x.do("DEBUG DIGEST"))
	assert.Equal(t, "-ERR wrong number of arguments for 'debug' command\r\n", x.do("DEBUG"))
	assert.Equal(t, "+"+strings.Repeat("0", 40)+"\r\n", newEngine(t, "enable-debug-command", "local").do("DEBUG DIGEST"))
}

// With the data of one key the digest can be worked out by hand: SHA-1 over SHA-1s.
func TestDigestDependsOnDataAlone(t *testing.T) {
	x := newEngine(t, "enable-debug-command", "yes")
	x.do("ZADD z 0.1 a 2 b")
	x.do("SADD s a b c")
	before := x.do("DEBUG DIGEST")
	x.do("FLUSHALL")
	x.do("SADD s c b")
	x.do("CONFIG SET zset-max-listpack-entries 0 set-max-listpack-entries 0")
	x.do("SADD s a")
	x.do("ZADD z 2 b 0.1 a")
	assert.Equal(t, before, x.do("DEBUG DIGEST"))
	x.do("EXPIRE z 100")
	assert.NotEqual(t, before, x.do("DEBUG DIGEST"))
}

// SPOP with a count is logged as SREMs of up to 1,024 members.
func TestSpopIsLoggedInBatches(t *testing.T) {
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	e, err := core.Open(context.Background(), core.Options{FS: fs, Now: 1_700_000_000_000})
	require.NoError(t, err)
	x := &engine{t, e, e.NewSession(core.SessionOptions{})}
	var members strings.Builder
	for i := range 3000 {
		members.WriteString(" m" + strconv.Itoa(i))
	}
	x.do("SADD s" + members.String())
	x.do("SPOP s 2500")
	require.Equal(t, ":500\r\n", x.do("SCARD s"))
	require.NoError(t, e.Close(context.Background()))

	f, err := fs.Open(context.Background(), "appendonly.aof.1.incr.aof")
	require.NoError(t, err)
	log := make([]byte, f.Size())
	_, err = f.ReadAt(log, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, fs.Close())
	for _, part := range []string{"*1026\r\n$4\r\nSREM\r\n$1\r\ns\r\n", "*454\r\n$4\r\nSREM\r\n$1\r\ns\r\n", "$5\r\nMULTI\r\n", "$4\r\nEXEC\r\n"} {
		assert.Contains(t, string(log), part)
	}
	assert.Equal(t, 3, strings.Count(string(log), "SREM"))
	assert.NotContains(t, string(log), "SPOP")
}

func TestAClientCanKillItself(t *testing.T) {
	for _, line := range []string{"CLIENT KILL 127.0.0.1:1", "CLIENT KILL ADDR 127.0.0.1:1 SKIPME no", "CLIENT KILL ID 1 SKIPME no", "QUIT"} {
		x := newEngine(t)
		assert.Contains(t, []string{"+OK\r\n", ":1\r\n"}, x.do(line), line)
		assert.True(t, x.s.Closing(), line)
	}
	x := newEngine(t)
	assert.Equal(t, ":0\r\n", x.do("CLIENT KILL ADDR 127.0.0.1:1"), "SKIPME is yes unless told otherwise")
	assert.Equal(t, ":0\r\n", x.do("CLIENT KILL LADDR 127.0.0.1:3 SKIPME no"))
	assert.False(t, x.s.Closing())
}

func TestACLIn72(t *testing.T) {
	same(t, []string{"ACL SETUSER u on nopass +get -set +@list %R~r* ~b &c"}, [][3]string{
		{"ACL LIST", "*2 $51 user_default_on_nopass_sanitize-payload_~*_&*_+@all $82 user_u_on_nopass_sanitize-payload_%R~r*_~b_resetchannels_&c_-@all_+get_-set_+@list", ""},
		{"ACL DRYRUN u get x", "$47 User_u_has_no_permissions_to_access_the_'x'_key", ""},
		{"ACL DRYRUN u set x y", "$50 User_u_has_no_permissions_to_run_the_'set'_command", ""},
		{"AUTH u x", "+OK", ""},
		{"GET x", "-NOPERM_No_permissions_to_access_a_key", ""},
		{"SET x y", "-NOPERM_User_u_has_no_permissions_to_run_the_'set'_command", ""},
		{"LPUSH r1 x", "-NOPERM_No_permissions_to_access_a_key", ""},
	})
}

func TestACLLogIn72(t *testing.T) {
	x := newEngine(t)
	x.do("AUTH nobody a")
	x.do("AUTH nobody b")
	got := x.do("ACL LOG")
	assert.True(t, strings.HasPrefix(got, "*1\r\n*20\r\n$5\r\ncount\r\n:2\r\n$6\r\nreason\r\n$4\r\nauth\r\n$7\r\ncontext\r\n$8\r\ntoplevel\r\n"+
		"$6\r\nobject\r\n$4\r\nAUTH\r\n$8\r\nusername\r\n$6\r\nnobody\r\n$11\r\nage-seconds\r\n$1\r\n0\r\n$11\r\nclient-info\r\n"), got)
	assert.True(t, strings.HasSuffix(got, "$8\r\nentry-id\r\n:0\r\n$17\r\ntimestamp-created\r\n:1700000000000\r\n"+
		"$22\r\ntimestamp-last-updated\r\n:1700000000000\r\n"), got)
}

func TestHelloBeforeAuthenticationIn72(t *testing.T) {
	x := newEngine(t, "requirepass", "secret")
	assert.Equal(t, "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time\r\n", x.do("HELLO 3"))
	assert.Equal(t, "-ERR Syntax error in HELLO option 'FOO'\r\n", x.do("HELLO 3 AUTH default secret FOO"), "all words are read first")
	assert.Equal(t, "-NOAUTH Authentication required.\r\n", x.do("PING"))
	assert.Contains(t, x.do("HELLO 3 AUTH default secret"), "%7\r\n")
}

func TestPasswordsByChanceAreNotTheSame(t *testing.T) {
	x := newEngine(t)
	a, b := x.do("ACL GENPASS"), x.do("ACL GENPASS")
	assert.NotEqual(t, a, b)
	assert.Len(t, a, len("$64\r\n\r\n")+64)
	for bits, n := range map[int]int{1: 1, 4: 1, 5: 2, 9: 3, 4096: 1024} {
		got := x.do("ACL GENPASS " + strconv.Itoa(bits))
		assert.True(t, strings.HasPrefix(got, "$"+strconv.Itoa(n)+"\r\n"), "%d: %s", bits, got)
	}
}
