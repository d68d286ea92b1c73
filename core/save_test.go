package core

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/rdb"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// saving is an engine that may save, with the test's clock and control plane.
type saving struct {
	*Engine
	t     *testing.T
	store *memfs.Store
	fs    *faultfs.FS
	dumps *memfs.Dumps
	s     *Session
	at    int64
	jobs  []func()
	hold  bool // jobs wait
	ended bool // by SHUTDOWN
}

func openSaving(t *testing.T, config map[string]string) *saving {
	t.Helper()
	x := &saving{t: t, store: memfs.New(), dumps: &memfs.Dumps{}, at: start}
	x.reopen(config)
	return x
}

func (x *saving) reopen(config map[string]string) {
	x.t.Helper()
	inner, err := x.store.Open()
	require.NoError(x.t, err)
	x.fs = faultfs.Wrap(inner, nil)
	x.Engine, err = Open(context.Background(), Options{FS: x.fs, Now: x.at, Seed: 1, Config: config, Dumps: x.dumps, Go: x.job,
		Shutdown: func() { x.ended = true }})
	require.NoError(x.t, err)
	x.s = x.NewSession(SessionOptions{})
}

func (x *saving) job(fn func()) {
	if x.jobs = append(x.jobs, fn); !x.hold {
		x.work()
	}
}

func (x *saving) work() {
	for len(x.jobs) > 0 {
		fn := x.jobs[0]
		x.jobs = x.jobs[1:]
		fn()
	}
}

// do gives the replies in a row.
func (x *saving) do(lines ...string) string {
	x.Turn(x.at)
	for _, line := range lines {
		x.s.Feed([]byte(line + "\r\n"))
	}
	x.EndTurn()
	out := string(x.s.Output())
	x.s.Take(len(out))
	return strings.ReplaceAll(strings.TrimSuffix(out, "\r\n"), "\r\n", " ")
}

func (x *saving) info(field string) string {
	_, rest, _ := strings.Cut(x.do("INFO persistence"), " "+field+":")
	v, _, _ := strings.Cut(rest, " ")
	return v
}

// tick lets so many seconds pass.
func (x *saving) tick(seconds int) {
	x.at += int64(seconds) * 1000
	for range 3 {
		x.Tick(x.at)
	}
}

// finish ticks until the BGSAVE has ended.
func (x *saving) finish() {
	x.t.Helper()
	for n := 0; x.info("rdb_bgsave_in_progress") == "1"; n++ {
		require.Less(x.t, n, 10000)
		x.Tick(x.at)
	}
}

// keys is how many the file has.
func (x *saving) keys() int {
	x.t.Helper()
	ks := keyspace.New(keyspace.Options{Seed: 3})
	require.NoError(x.t, rdb.ReadFile(bytes.NewReader(x.dumps.File("dump.rdb")), ks, rdb.ReadOptions{MaxString: 1 << 20}), "a torn file")
	return ks.DB(0).Len()
}

func (x *saving) fill(n int) {
	x.t.Helper()
	for i := range n {
		require.Equal(x.t, "+OK", x.do("SET key:"+strconv.Itoa(i)+" "+strings.Repeat("v", 100)))
	}
}

func TestWhatASaveTells(t *testing.T) {
	x := openSaving(t, nil)
	assert.Equal(t, ":"+strconv.Itoa(start/1000), x.do("LASTSAVE"))
	x.fill(10)
	assert.Equal(t, "10", x.info("rdb_changes_since_last_save"))
	x.at += 5000
	assert.Equal(t, "+OK", x.do("SAVE"))
	assert.Equal(t, 10, x.keys())
	assert.Equal(t, ":"+strconv.Itoa(start/1000+5), x.do("LASTSAVE"))
	assert.Equal(t, "0", x.info("rdb_changes_since_last_save"))
	assert.Equal(t, "1", x.info("rdb_saves"))

	x.do("DEL key:0")
	assert.Equal(t, "+Background saving started", x.do("BGSAVE"))
	x.at += 3000
	assert.Equal(t, "3", x.info("rdb_current_bgsave_time_sec"))
	x.do("DEL key:1")
	assert.Equal(t, "-ERR Background save already in progress -ERR Background save already in progress -ERR Background save already in progress",
		x.do("SAVE", "BGSAVE", "BGSAVE SCHEDULE"))
	x.finish()
	assert.Equal(t, 9, x.keys(), "as it was at the cut")
	assert.Equal(t, "1", x.info("rdb_changes_since_last_save"), "what came behind it")
	assert.Equal(t, "3", x.info("rdb_last_bgsave_time_sec"))
	assert.Equal(t, "-1", x.info("rdb_current_bgsave_time_sec"))
	assert.Equal(t, "2", x.info("rdb_saves"))
	assert.Equal(t, "*1 +Background saving scheduled", strings.TrimPrefix(x.do("MULTI", "BGSAVE", "EXEC"), "+OK +QUEUED "))
	x.tick(0)
	x.finish()
	assert.Equal(t, 8, x.keys())
	require.NoError(t, x.Close(context.Background()))
}

func TestFilesFollowTheParameters(t *testing.T) {
	for version, head := range map[string]string{"10": "REDIS0010", "11": "REDIS0011"} {
		x := openSaving(t, map[string]string{"rdb-write-version": version, "rdbchecksum": map[string]string{"10": "yes", "11": "no"}[version]})
		x.fill(30)
		x.do("SADD small a b", "XADD s 1-1 f v", "XGROUP CREATE s g 0", "XGROUP CREATECONSUMER s g c", "SAVE")
		once := x.dumps.File("dump.rdb")
		assert.True(t, bytes.HasPrefix(once, []byte(head)))
		assert.Equal(t, version == "11", bytes.HasSuffix(once, make([]byte, 8)))
		assert.Equal(t, version == "11", bytes.Contains(once, []byte("\x14\x05small")), "a packed set")
		assert.Equal(t, version == "11", bytes.Contains(once, []byte("\x15\x01s")), "the times of consumers")
		assert.Equal(t, 32, x.keys())
		x.do("BGSAVE")
		x.finish()
		assert.Len(t, x.dumps.File("dump.rdb"), len(once)+2, "the number of the database once more, behind the stream")
		require.NoError(t, x.Close(context.Background()))
	}
}

// Every operation fails in turn. The old file stays until the new one is whole; the log is none the worse, and no room stays taken.
func TestASaveThatFailsHurtsNothing(t *testing.T) {
	for _, command := range []string{"SAVE", "BGSAVE"} {
		failed := true
		for k := 0; failed; k++ {
			x := openSaving(t, map[string]string{"appendfsync": "always", "rdbcompression": "no"})
			x.fill(3)
			require.Equal(t, "+OK", x.do("SAVE"))
			x.fill(2000)
			n := 0
			failed = false
			x.dumps.Fail = func(string) error {
				if n++; n == k+1 {
					failed = true
					return storage.ErrQuota
				}
				return nil
			}
			reply := x.do(command)
			x.finish()
			status := "ok"
			if failed {
				assert.Equal(t, 3, x.keys(), "%s, operation %d", command, k)
				if command == "SAVE" || k == 0 {
					assert.Equal(t, "-ERR", reply)
				} else {
					assert.Equal(t, "+Background saving started", reply)
				}
				if command == "BGSAVE" {
					status = "err"
				}
			} else {
				assert.Equal(t, 2000, x.keys())
				require.Greater(t, k, 4, "there are several writes")
			}
			assert.Equal(t, status, x.info("rdb_last_bgsave_status"))
			assert.Zero(t, x.dumps.Open(), "what was begun is given up")
			x.dumps.Fail = nil
			assert.Equal(t, "+OK", x.do("SET after 1"), "without save points a failure forbids nothing")
			digest := x.do("SET more 1", "DBSIZE")
			require.NoError(t, x.Close(context.Background()))
			require.NoError(t, x.fs.Close())
			x.reopen(nil)
			assert.Equal(t, digest, x.do("SET more 1", "DBSIZE"), "the log has it all")
			require.NoError(t, x.Close(context.Background()))
		}
	}
}

func TestSavePoints(t *testing.T) {
	x := openSaving(t, map[string]string{"save": "60 3 10 100"})
	x.fill(2)
	x.tick(100)
	assert.Equal(t, "0", x.info("rdb_saves"), "too few changes")
	x.fill(1)
	x.tick(0)
	x.finish()
	assert.Equal(t, "1", x.info("rdb_saves"))
	assert.Equal(t, 2, x.keys())
	x.fill(99)
	x.tick(11)
	assert.Equal(t, "1", x.info("rdb_saves"))
	x.fill(1)
	x.do("DEBUG PAUSE-CRON 1")
	x.tick(0)
	x.finish()
	assert.Equal(t, 99, x.keys())
	assert.Equal(t, "0", x.info("rdb_changes_since_last_save"))

	x.dumps.Fail = func(string) error { return storage.ErrQuota }
	x.fill(3)
	x.tick(61)
	assert.Equal(t, "err", x.info("rdb_last_bgsave_status"))
	misconf := string("-" + errSaveWrite)
	assert.Equal(t, misconf+" "+misconf, x.do("SET a b", "PING"))
	assert.Equal(t, "$-1", x.do("GET a"))
	assert.Equal(t, "+OK "+misconf+" -EXECABORT Transaction discarded because of previous errors.", x.do("MULTI", "SET a b", "EXEC"))
	assert.Equal(t, "+OK +OK +OK", x.do("CONFIG SET stop-writes-on-bgsave-error no", "SET a b", "CONFIG SET stop-writes-on-bgsave-error yes"))
	x.dumps.Fail = nil
	saves := x.info("rdb_saves")
	x.tick(5)
	assert.Equal(t, saves, x.info("rdb_saves"), "it is not tried again at once")
	x.tick(1)
	x.finish()
	assert.Equal(t, "+OK", x.do("SET a b"))
	x.dumps.Fail = func(string) error { return storage.ErrQuota }
	assert.Equal(t, "-ERR", x.do("BGSAVE"))
	assert.Equal(t, misconf+" +OK +OK", x.do("SET a b", "CONFIG SET save ''", "SET a b"), "nobody waits for files then")
	require.NoError(t, x.Close(context.Background()))
}

// One snapshot at a time.
func TestSavesAndRewritesWaitForOneAnother(t *testing.T) {
	x := openSaving(t, nil)
	x.fill(20)
	assert.Equal(t, "+Background saving started +Background append only file rewriting scheduled", x.do("BGSAVE", "BGREWRITEAOF"))
	assert.Equal(t, "1", x.info("aof_rewrite_scheduled"))
	x.finish()
	for range 20 {
		x.Tick(x.at)
	}
	assert.Equal(t, "1", x.info("aof_rewrites"))

	assert.Equal(t, "+Background append only file rewriting started", x.do("BGREWRITEAOF"))
	assert.Equal(t, "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible. "+
		"+Background saving scheduled +OK", x.do("BGSAVE", "BGSAVE SCHEDULE", "SAVE"), "SAVE needs no snapshot")
	for range 20 {
		x.Tick(x.at)
	}
	x.finish()
	assert.Equal(t, "2", x.info("aof_rewrites"))
	assert.Equal(t, "3", x.info("rdb_saves"))
	assert.Equal(t, 20, x.keys())
	assert.Equal(t, "*1 +Background append only file rewriting scheduled", strings.TrimPrefix(x.do("MULTI", "BGREWRITEAOF", "EXEC"), "+OK +QUEUED "))
	require.NoError(t, x.Close(context.Background()))
}

// A log that cannot be trusted any more is not kept waiting; the BGSAVE comes again.
func TestAFreshBaseGoesBeforeASave(t *testing.T) {
	x := openSaving(t, map[string]string{"appendfsync": "always"})
	x.fill(20)
	x.do("BGSAVE")
	x.fs.Inject(faultfs.At(0, faultfs.Sync, faultfs.Fault{}))
	assert.Contains(t, x.do("SET a b"), "-NOTDURABLE")
	x.fs.Inject(nil)
	assert.False(t, host{x.Engine}.Room(false))
	assert.True(t, host{x.Engine}.Room(true))
	assert.Equal(t, "0", x.info("rdb_bgsave_in_progress"))
	assert.Equal(t, "ok", x.info("rdb_last_bgsave_status"))
	x.tick(2)
	for range 20 {
		x.Tick(x.at)
	}
	assert.Equal(t, "ok", x.info("aof_last_write_status"))
	x.finish()
	assert.Equal(t, "2", x.info("rdb_saves"))
	assert.Equal(t, 21, x.keys())
	assert.Zero(t, x.dumps.Open())
	require.NoError(t, x.Close(context.Background()))
}

func TestFlushallGivesABGSAVEUp(t *testing.T) {
	for _, points := range []string{"", "1000 1000"} {
		x := openSaving(t, map[string]string{"save": points})
		x.fill(20)
		x.do("SAVE")
		x.fill(20)
		x.hold = true
		x.do("BGSAVE")
		if points != "" { // while it is made durable
			x.tick(0)
		}
		assert.Equal(t, "+OK", x.do("FLUSHALL"))
		x.hold = false
		x.work()
		x.tick(0)
		assert.Equal(t, "0", x.info("rdb_bgsave_in_progress"))
		assert.Equal(t, "ok", x.info("rdb_last_bgsave_status"))
		if points == "" {
			assert.Equal(t, 20, x.keys(), "the file is left alone")
			assert.Equal(t, "40", x.info("rdb_changes_since_last_save"))
		} else {
			assert.Equal(t, 0, x.keys(), "the file is as empty as the store, and stays so")
			assert.Equal(t, "0", x.info("rdb_changes_since_last_save"))
		}
		assert.Zero(t, x.dumps.Open())
		require.NoError(t, x.Close(context.Background()))
	}
}

func TestTheLastSave(t *testing.T) {
	for _, c := range []struct {
		points, command string
		want            int // keys
	}{
		{"", "SHUTDOWN", 1}, {"", "SHUTDOWN SAVE", 4}, {"1000 1000", "SHUTDOWN", 4}, {"1000 1000", "SHUTDOWN NOSAVE", 1},
		{"1000 1000", "PING", 4}, {"", "PING", 1},
	} {
		x := openSaving(t, map[string]string{"save": c.points})
		x.fill(1)
		x.do("SAVE")
		x.fill(4)
		x.do("BGSAVE") // it is given up
		x.do(c.command)
		assert.Equal(t, strings.HasPrefix(c.command, "SHUTDOWN"), x.ended)
		require.NoError(t, x.Close(context.Background()))
		assert.Equal(t, c.want, x.keys(), "%s with %q", c.command, c.points)
		assert.Zero(t, x.dumps.Open())
	}
	x := openSaving(t, map[string]string{"save": "1000 1000"})
	x.dumps.Fail = func(string) error { return storage.ErrQuota }
	assert.Equal(t, string("-"+errShutdown), x.do("SHUTDOWN"))
	assert.False(t, x.ended)
	x.do("SHUTDOWN FORCE")
	assert.True(t, x.ended)
	require.NoError(t, x.Close(context.Background()))
}

// While the log is read again there is less in memory than the data: that takes no file's place.
func TestAnEndInTheMiddleOfLoadingSavesNothing(t *testing.T) {
	x := openSaving(t, map[string]string{"save": "1000 1000", "enable-debug-command": "yes"})
	x.fill(4)
	x.do("SAVE")
	x.hold = true
	assert.Empty(t, x.do("DEBUG LOADAOF"))
	assert.Zero(t, x.ks.DB(0).Len())
	require.NoError(t, x.Close(context.Background()))
	assert.Equal(t, 4, x.keys())
	require.NoError(t, x.fs.Close())
	x.hold, x.jobs = false, nil
	x.reopen(map[string]string{"save": "1000 1000"})
	assert.Equal(t, 4, x.ks.DB(0).Len())
}

// A store that has no place for files says so.
func TestNoPlaceForFiles(t *testing.T) {
	e := open(t, memfs.New())
	s := e.NewSession(SessionOptions{})
	no := string("-" + errNoDumps + "\r\n")
	assert.Equal(t, no+no+no, do(e, s, "SAVE", "BGSAVE", "BGSAVE SCHEDULE"))
	assert.Equal(t, "+OK\r\n-ERR CONFIG SET failed (possibly related to argument 'save') - "+noDumps+"\r\n", do(e, s, "CONFIG SET save ''", "CONFIG SET save '60 1'"))
	_, err := Open(context.Background(), Options{Config: map[string]string{"save": "60 1"}})
	assert.ErrorContains(t, err, noDumps)
}

// As with Redis: how far a BGSAVE has come.
func TestInfoTellsHowManyKeysWereSaved(t *testing.T) {
	x := openSaving(t, nil)
	x.do("MSET a 1 b 2 c 3", "SELECT 1", "SET d 4", "BGSAVE")
	assert.Equal(t, "4", x.info("current_save_keys_total"))
	assert.Equal(t, "0", x.info("current_save_keys_processed"))
	x.do("SET d 5")
	assert.Equal(t, "1", x.info("current_save_keys_processed"), "what is about to change goes first")
	assert.Equal(t, "25.00", x.info("current_fork_perc"))
	x.finish()
	assert.Equal(t, "0", x.info("current_save_keys_total"))
}
