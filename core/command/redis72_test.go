package command_test

import (
	"context"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/rdb"
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

// The RDB format of 7.2 is version 11, which has sets in listpacks; a payload of 7.0 gives lists and sets that are listpacks here.
func TestPayloadsOfVersion11(t *testing.T) {
	same(t, []string{"SADD s b a 12", "RPUSH l a", "CONFIG SET rdbcompression no"}, [][3]string{
		{"CONFIG GET rdb-write-version", "*2 $17 rdb-write-version $2 10", "%1 $17 rdb-write-version $2 10"},
		{"CONFIG SET rdb-write-version 11", "+OK", ""},
		{"CONFIG SET rdb-write-version 12", "-ERR_CONFIG_SET_failed_(possibly_related_to_argument_'rdb-write-version')_-_argument(s)_must_be_one_of_the_following:_10,_11", ""},
		{"RESTORE s11 0 " + payload(11, "\x14\x0f\x0f\x00\x00\x00\x03\x00\x81b\x02\x81a\x02\x0c\x01\xff"), "+OK", ""},
		{"OBJECT ENCODING s11", "$8 listpack", ""},
		{"SMEMBERS s11", "*3 $1 b $1 a $2 12", "~3 $1 b $1 a $2 12"},
		{"RESTORE s10 0 " + payload(10, "\x02\x02\x01b\x01a"), "+OK", ""},
		{"OBJECT ENCODING s10", "$8 listpack", ""},
		{"RESTORE l10 0 " + payload(10, "\x12\x01\x02\x0a\x0a\x00\x00\x00\x01\x00\x81a\x02\xff"), "+OK", ""},
		{"OBJECT ENCODING l10", "$8 listpack", ""},
		{"RESTORE l1 0 " + payload(1, "\x01\x01\x01a"), "+OK", ""},
		{"OBJECT ENCODING l1", "$8 listpack", ""},
		{"RESTORE late 0 " + payload(12, "\x01\x01\x01a"), "-ERR_DUMP_payload_version_or_checksum_are_wrong", ""},
		{"RESTORE twice 0 " + payload(11, "\x14\x0d\x0d\x00\x00\x00\x02\x00\x81a\x02\x81a\x02\xff"), "-ERR_Bad_data_format", ""},
	})
	x := newEngine(t, "rdbcompression", "no", "rdb-write-version", "11")
	x.do("SADD s b a 12")
	assert.Equal(t, payload(11, "\x14\x0f\x0f\x00\x00\x00\x03\x00\x81b\x02\x81a\x02\x0c\x01\xff"), quoted(x.do("DUMP s")[5:5+27]))
	x = newEngine(t)
	x.do("SADD s b a 12")
	assert.Equal(t, payload(10, "\x02\x03\x01b\x01a\xc0\x0c"), quoted(x.do("DUMP s")[5:5+18]))
}

// payload is a DUMP payload as a word of a line.
func payload(version byte, body string) string {
	b := append([]byte(body), version, 0)
	return quoted(string(binary.LittleEndian.AppendUint64(b, rdb.Checksum(0, b))))
}

func quoted(s string) string {
	const digits = "0123456789abcdef"
	b := []byte{'"'}
	for _, c := range []byte(s) {
		b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
	}
	return string(append(b, '"'))
}

// Redis reads on behind the value, into the footer even; here a payload is one value.
func TestNothingMayFollowTheValue(t *testing.T) {
	same(t, nil, [][3]string{
		{"RESTORE k 0 " + payload(10, "\x00\x01aa"), "-ERR_Bad_data_format", ""},
		{"RESTORE k 0 " + payload(10, "\x00\x02a"), "-ERR_Bad_data_format", ""},
		{"RESTORE k 0 " + payload(10, "\x11\x0f\x0f\x00\x00\x00\x02\x00\x81a\x02\x83nan\x04\xff"), "-ERR_Bad_data_format", ""},
		{"RESTORE k 0 " + payload(10, "\x11\x0d\x0d\x00\x00\x00\x02\x00\x81a\x02\x81x\x02\xff"), "-ERR_Bad_data_format", ""},
		{"EXISTS k", ":0", ""},
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

// Since 7.2 (redis/redis#11734) the words are read before the key is looked at.
func TestBitcountAndBitposReadTheirWordsFirst(t *testing.T) {
	const notInteger, syntax = "-ERR_value_is_not_an_integer_or_out_of_range", "-ERR_syntax_error"
	const wrongType = "-WRONGTYPE_Operation_against_a_key_holding_the_wrong_kind_of_value"
	same(t, []string{"SET k \xff\xf0", "RPUSH l x"}, [][3]string{
		{"BITCOUNT none", ":0", ""},
		{"BITCOUNT none 0 -1 BIT", ":0", ""},
		{"BITCOUNT none 0", syntax, ""},
		{"BITCOUNT none x 0", notInteger, ""},
		{"BITCOUNT none 0 x", notInteger, ""},
		{"BITCOUNT none 0 0 foo", syntax, ""},
		{"BITCOUNT none 0 0 BIT x", syntax, ""},
		{"BITCOUNT k -1 -2 foo", syntax, ""},
		{"BITCOUNT l x 0", notInteger, ""},
		{"BITCOUNT l 0 0", wrongType, ""},
		{"BITPOS none 1", ":-1", ""},
		{"BITPOS none 0 5 6 BIT", ":0", ""},
		{"BITPOS none 1 x", notInteger, ""},
		{"BITPOS none 1 0 x", notInteger, ""},
		{"BITPOS none 1 0 x foo", syntax, ""},
		{"BITPOS none 1 x 0 foo", notInteger, ""},
		{"BITPOS none 1 0 0 BIT x", syntax, ""},
		{"BITPOS l 1 x", notInteger, ""},
		{"BITPOS l 1", wrongType, ""},
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

// What a session sends to itself comes behind the reply of its command, behind that of EXEC as a whole (redis/redis#12326).
func TestMessagesToOneselfComeBehindTheReply(t *testing.T) {
	x := newEngine(t, "notify-keyspace-events", "KEA")
	x.do("HELLO 3")
	x.do("SUBSCRIBE a b __keyevent@0__:set")
	message := func(channel, text string) string {
		return ">3 $7 message $" + strconv.Itoa(len(channel)) + " " + channel + " $" + strconv.Itoa(len(text)) + " " + text
	}
	for _, w := range [][2]string{
		{"PUBLISH a x", ":1 " + message("a", "x")},
		{"PSUBSCRIBE a*", ">3 $10 psubscribe $2 a* :4"},
		{"PUBLISH a x", ":2 " + message("a", "x") + " >4 $8 pmessage $2 a* $1 a $1 x"},
		{"PUNSUBSCRIBE", ">3 $12 punsubscribe $2 a* :3"},
		{"SET k v", "+OK " + message("__keyevent@0__:set", "k")},
		{"MULTI", "+OK"},
		{"PUBLISH a x", "+QUEUED"},
		{"SET k v", "+QUEUED"},
		{"UNSUBSCRIBE a", "+QUEUED"},
		{"PUBLISH b y", "+QUEUED"},
		{"EXEC", "*4 :1 +OK >3 $11 unsubscribe $1 a :2 :1 " + message("a", "x") + " " + message("__keyevent@0__:set", "k") + " " + message("b", "y")},
		{"CLIENT REPLY OFF", ""},
		{"PUBLISH b y", message("b", "y")},
		{"SUBSCRIBE a", ">3 $9 subscribe $1 a :3"},
		{"PING", ""},
		{"CLIENT REPLY ON", "+OK"},
		{"CLIENT REPLY SKIP", ""},
		{"PUBLISH b y", message("b", "y")},
		{"PUBLISH nobody y", ":0"},
	} {
		want := w[1]
		if want != "" {
			want = strings.ReplaceAll(want, " ", "\r\n") + "\r\n"
		}
		assert.Equal(t, want, x.do(w[0]), w[0])
	}
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

// The digits of distances are those of a whole number, which math rounds half to even; those of coordinates are as in 7.0.
func TestPlacesAreWrittenAsBefore(t *testing.T) {
	same(t, []string{"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 13.361389 38.1155561 near"}, [][3]string{
		{"GEODIST g Palermo Catania", "$11 166274.1516", ""},
		{"GEODIST g Palermo Catania mi", "$8 103.3182", ""},
		{"GEODIST g Palermo Palermo", "$6 0.0000", ""},
		{"GEODIST g Palermo near km", "$6 0.0000", ""},
		{"GEOPOS g Palermo", "*1 *2 $20 13.36138933897018433 $20 38.11555639549629859", "*1 *2 ,13.36138933897018433 ,38.11555639549629859"},
		{"GEOHASH g Palermo Catania", "*2 $11 sqc8b49rny0 $11 sqdtr74hyu0", ""},
	})
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

// SCAN of a type looks every key up; since 7.2 one that is past its time is not announced as missed.
func TestScanOfATypeTellsNoMisses(t *testing.T) {
	x := newEngine(t, "notify-keyspace-events", "KEAm")
	listener := x.e.NewSession(core.SessionOptions{})
	turn := func(s *core.Session, line string, now int64) string {
		x.e.Turn(now)
		s.Feed([]byte(line + "\r\n"))
		x.e.EndTurn()
		out := string(s.Output())
		s.Take(len(out))
		return out
	}
	x.do("SET k v PX 5")
	turn(listener, "PSUBSCRIBE __keyevent*", 1_700_000_000_000)
	assert.Equal(t, "*2\r\n$1\r\n0\r\n*0\r\n", turn(x.s, "SCAN 0 TYPE list", 1_700_000_000_005))
	heard := string(listener.Output())
	assert.Contains(t, heard, "__keyevent@0__:expired")
	assert.NotContains(t, heard, "keymiss")
}
