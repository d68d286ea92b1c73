package command_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/storage/memfs"
)

// Streams in 7.2: a consumer is made whether or not there is anything for it, seen-time is that of any attempt and active-time that of the last
// one that got something (redis/redis#11099); how far a group has come is always logged (#12898).

func TestStreamsOf72(t *testing.T) {
	same(t, []string{"XADD s 1-1 a 1", "XGROUP CREATE s g $"}, [][3]string{
		{"XREADGROUP GROUP g idle STREAMS s >", "*-1", "_"},
		{"XCLAIM s g claimer 0 1-1", "*0", ""},
		{"XAUTOCLAIM s g sweeper 0 -", "*3 $3 0-0 *0 *0", ""},
		{"XGROUP CREATECONSUMER s g made", ":1", ""},
		{"XGROUP SETID s g 0", "+OK", ""},
		{"XGROUP DELCONSUMER s g sweeper", ":0", ""},
		{"XREADGROUP GROUP g claimer COUNT 1 STREAMS s >", "*1 *2 $1 s *1 *2 $3 1-1 *2 $1 a $1 1",
			"%1 $1 s *1 *2 $3 1-1 *2 $1 a $1 1"},
		{"XINFO CONSUMERS s g",
			"*3 " +
				"*8 $4 name $7 claimer $7 pending :1 $4 idle :0 $8 inactive :0 " +
				"*8 $4 name $4 idle $7 pending :0 $4 idle :0 $8 inactive :-1 " +
				"*8 $4 name $4 made $7 pending :0 $4 idle :0 $8 inactive :-1",
			"*3 " +
				"%4 $4 name $7 claimer $7 pending :1 $4 idle :0 $8 inactive :0 " +
				"%4 $4 name $4 idle $7 pending :0 $4 idle :0 $8 inactive :-1 " +
				"%4 $4 name $4 made $7 pending :0 $4 idle :0 $8 inactive :-1"},
		{"XREAD STREAMS s", "-ERR_wrong_number_of_arguments_for_'xread'_command", ""},
		{"XREAD STREAMS s t 0", "-ERR_Unbalanced_'xread'_list_of_streams:_for_each_stream_key_an_ID_or_'$'_must_be_specified.", ""},
		{"XREADGROUP GROUP g c STREAMS s t 0", "-ERR_Unbalanced_'xreadgroup'_list_of_streams:_for_each_stream_key_an_ID_or_'>'_must_be_specified.", ""},
		{"XREAD BLOCK 9223372036854775807 STREAMS s $", "-ERR_timeout_is_out_of_range", ""},
		{"XADD s 2-1 a 1", "$3 2-1", ""},
		{"XDEL s 2-1", ":1", ""},
		{"XSETID s 1-1", "-ERR_The_ID_specified_in_XSETID_is_smaller_than_current_max_deleted_entry_id", ""},
	})
}

func TestStreamTellsActiveTime(t *testing.T) {
	x := newEngine(t)
	x.do("XADD s 1-1 a 1")
	x.do("XGROUP CREATE s g 0")
	x.do("XREADGROUP GROUP g a STREAMS s >")
	x.do("XREADGROUP GROUP g b STREAMS s >")
	info := x.do("XINFO STREAM s FULL")
	assert.Contains(t, info, "$1\r\na\r\n$9\r\nseen-time\r\n:1700000000000\r\n$11\r\nactive-time\r\n:1700000000000\r\n$9\r\npel-count\r\n:1\r\n")
	assert.Contains(t, info, "$1\r\nb\r\n$9\r\nseen-time\r\n:1700000000000\r\n$11\r\nactive-time\r\n:-1\r\n$9\r\npel-count\r\n:0\r\n")
}

// What a group was given is logged with how far it has come, and a consumer that got nothing is logged too.
func TestReadingByAGroupIsLogged(t *testing.T) {
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	e, err := core.Open(context.Background(), core.Options{FS: fs, Now: 1_700_000_000_000})
	require.NoError(t, err)
	x := &engine{t, e, e.NewSession(core.SessionOptions{})}
	x.do("XADD s 1-1 a 1")
	x.do("XGROUP CREATE s g 0")
	x.do("XREADGROUP GROUP g c STREAMS s >")
	x.do("XCLAIM s g d 0 9-9")
	require.NoError(t, e.Close(context.Background()))

	f, err := fs.Open(context.Background(), "appendonly.aof.1.incr.aof")
	require.NoError(t, err)
	log := make([]byte, f.Size())
	_, err = f.ReadAt(log, 0)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.NoError(t, fs.Close())
	words := strings.Join(strings.Fields(string(log)), " ")
	at := 0
	for _, part := range []string{
		"$5 MULTI", "$6 XGROUP $14 CREATECONSUMER $1 s $1 g $1 c",
		"$6 XCLAIM $1 s $1 g $1 c $1 0 $3 1-1 $4 TIME $13 1700000000000 $10 RETRYCOUNT $1 1 $5 FORCE $6 JUSTID $6 LASTID $3 1-1",
		"$6 XGROUP $5 SETID $1 s $1 g $3 1-1 $11 ENTRIESREAD $1 1", "$4 EXEC", "$6 XGROUP $14 CREATECONSUMER $1 s $1 g $1 d",
	} {
		i := strings.Index(words[at:], part)
		require.GreaterOrEqual(t, i, 0, "%s\nin %s", part, words)
		at += i + len(part)
	}
}

// Redis 7.0 may set a last ID below that of a deleted entry; what it logged then is read all the same.
func TestALogOf70WithALastIDBelowADeletedOneIsRead(t *testing.T) {
	store := memfs.New()
	fs, err := store.Open()
	require.NoError(t, err)
	open := func(profile70 bool) *engine {
		e, err := core.Open(context.Background(), core.Options{FS: fs, Now: 1_700_000_000_000, Profile70: profile70})
		require.NoError(t, err)
		return &engine{t, e, e.NewSession(core.SessionOptions{})}
	}
	x := open(true)
	x.do("XADD s 5-1 a 1")
	x.do("XDEL s 5-1")
	require.Equal(t, "+OK\r\n", x.do("XSETID s 3"))
	before := x.do("XINFO STREAM s")
	require.NoError(t, x.e.Close(context.Background()))
	x = open(false)
	require.Equal(t, before, x.do("XINFO STREAM s"))
	require.Equal(t, "+Background append only file rewriting started\r\n", x.do("BGREWRITEAOF"))
	for n := 0; !strings.Contains(x.do("INFO persistence"), "aof_rewrites:1\r\n"); n++ {
		require.Less(t, n, 10_000)
		x.e.Tick(1_700_000_000_000)
		time.Sleep(time.Millisecond / 10) // where there is one thread, the files are made in it
	}
	require.NoError(t, x.e.Close(context.Background()))
	x = open(false)
	require.Equal(t, before, x.do("XINFO STREAM s"))
	require.NoError(t, x.e.Close(context.Background()))
	require.NoError(t, fs.Close())
}
