//go:build !js

package interop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage"
	"tabdis/core/storage/osfs"
	"tabdis/tests/fromenv"
	"tabdis/tests/redistest"
)

// TestRounds carries directories of random content to a real redis-server and back, twice over: TABDIS_ROUNDS of them (8), from the seed
// TABDIS_ROUND_SEED (1) on. Both sides change what they get, rewrite now and then, in either form and with or without
// timestamps, and each finds what the other one left; so do those who load an RDB file of the other's.
func TestRounds(t *testing.T) {
	count, first := int64(fromenv.Number(t, "TABDIS_ROUNDS", 8)), int64(fromenv.Number(t, "TABDIS_ROUND_SEED", 1))
	var next, hops, keys atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d rounds, seeds %d to %d: %d hops, each with the same digest; %d keys at the end", min(next.Load(), count), first, first+count-1, hops.Load(), keys.Load())
	})
	for player := range 2 {
		t.Run("player"+strconv.Itoa(player), func(t *testing.T) {
			t.Parallel()
			for n := next.Add(1); n <= count; n = next.Add(1) {
				seed := first + n - 1
				t.Run("TABDIS_ROUND_SEED="+strconv.FormatInt(seed, 10), func(t *testing.T) {
					w := &round{T: t, r: rand.New(rand.NewPCG(uint64(seed), 11)), dir: t.TempDir()}
					w.play()
					hops.Add(w.hops)
					keys.Add(w.keys)
				})
			}
		})
	}
}

// round is one directory on its way.
type round struct {
	*testing.T
	r          *rand.Rand
	dir        string
	held       []view // what the last one held, and, if it is Redis, what its log says
	hops, keys int64
}

// view is what a side holds: the digest, and of each key more than that.
type view map[string]string

// side is an engine or a redis-server on the directory.
type side interface {
	send(commands [][]string) (replies []string)
	settle() // waits for the end of what goes on in the background
	stop()
}

func (w *round) play() {
	w.visit("ours, new", w.ours)
	for range 2 {
		w.visit("Redis", w.redis)
		w.visit("ours", w.ours)
	}
	w.exchangeDumps()
	w.visit("Redis, at last", w.redis)
}

// visit opens the directory at one side, which must find what the last one left; it changes things, and leaves.
func (w *round) visit(who string, open func(dir string) side) {
	w.Helper()
	s := open(w.dir)
	w.compare(who, s)
	for range 1 + w.r.IntN(3) {
		w.change(s)
		switch w.r.IntN(5) {
		case 0:
			s.send([][]string{{"BGREWRITEAOF"}})
			w.change(s)
			s.settle()
		case 1: // what is changed while it goes on
			s.send([][]string{{"BGREWRITEAOF"}})
			w.change(s)
		}
	}
	w.purge(s)
	s.settle()
	w.held = []view{w.look(s)}
	if r, ok := s.(*redisSide); ok {
		// Redis's own log says less of streams: no consumers of whom all that is pending was deleted. We may say either.
		require.Equal(w, "+OK\r\n", r.send([][]string{{"DEBUG", "LOADAOF"}})[0])
		w.held = append(w.held, w.look(s))
	}
	s.stop()
}

// compare compares what a side has found with what the last one held.
func (w *round) compare(who string, s side) {
	w.Helper()
	if w.hops++; w.held == nil {
		return
	}
	got := w.look(s)
	names := slices.Sorted(maps.Keys(got)) // the digest last
	for _, name := range names {
		text := got[name]
		if !slices.ContainsFunc(w.held, func(v view) bool { return v[name] == text }) {
			require.Equal(w, w.held[0][name], text, "%s: %s", who, name)
		}
	}
	require.Len(w, got, len(w.held[0]), who)
}

const digest = "the digest"

// look gives what stands for all that a side holds.
func (w *round) look(s side) view {
	w.Helper()
	replies := s.send([][]string{{"DEBUG", "DIGEST"}})
	all := view{digest: strings.TrimSpace(strings.TrimPrefix(replies[0], "+"))}
	require.Len(w, all[digest], 40, "%q", replies)
	w.keys = 0
	for _, db := range dbs {
		names := bulks(s.send([][]string{{"SELECT", db}, {"KEYS", "*"}})[1])
		slices.Sort(names)
		w.keys += int64(len(names))
		var commands [][]string
		for _, name := range names {
			commands = append(commands, []string{"DEBUG", "DIGEST-VALUE", name}, []string{"PEXPIRETIME", name})
			if strings.HasPrefix(name, "strm") {
				commands = append(commands, []string{"XINFO", "STREAM", name, "FULL", "COUNT", "0"})
			}
		}
		for i, reply := range s.send(commands) {
			all[fmt.Sprintf("db %s: %q", db, commands[i])] = plain(reply)
		}
	}
	return all
}

// plain leaves out of XINFO what Redis's log does not tell: how much of a stream a group has read, since what XREADGROUP did is logged as
// XCLAIM, and consumers of whom all that was pending had been deleted.
func plain(reply string) string {
	reply = notKept.ReplaceAllString(reply, "$1")
	return idle.ReplaceAllString(untold.ReplaceAllString(reply, "$1"), "")
}

var (
	untold = regexp.MustCompile(`(entries-read|lag|consumers)\r\n(:-?\d+|\$-1|\*\d+)`)
	idle   = regexp.MustCompile(`\*8\r\n\$4\r\nname\r\n\$\d+\r\n\w+\r\n\$9\r\nseen-time\r\n\$9\r\npel-count\r\n:0\r\n\$7\r\npending\r\n\*0\r\n`)
)

// bulks are the bulk strings in an array.
func bulks(reply string) (words []string) {
	for rest := reply[strings.Index(reply, "\r\n")+2:]; rest != ""; {
		one := string(redistest.First([]byte(rest)))
		rest = rest[len(one):]
		words = append(words, one[strings.Index(one, "\r\n")+2:len(one)-2])
	}
	return words
}

// purge takes from the groups what is pending with them and has been deleted: a base of commands cannot tell Redis of that, its own neither.
func (w *round) purge(s side) {
	var commands [][]string
	for _, db := range dbs {
		commands = append(commands, []string{"SELECT", db})
		for _, key := range []string{"strm0", "strm1", "strm2"} {
			for _, group := range groups {
				commands = append(commands, []string{"XAUTOCLAIM", key, group, "c5", "0", "0", "COUNT", "5000", "JUSTID"})
			}
		}
	}
	s.send(commands)
}

// exchangeDumps has each side load what the other one saves.
func (w *round) exchangeDumps() {
	w.Helper()
	if w.r.IntN(2) == 0 {
		return
	}
	s := w.ours(w.dir)
	w.compare("ours, to save", s)
	s.send([][]string{{pick(w.r, "SAVE", "BGSAVE")}})
	s.settle()
	s.stop()
	there := w.moved("dump.rdb")
	server := redistest.Start(w, "--dir", there)
	r := &redisSide{w, server.Connect(w), server}
	w.compare("Redis, from our dump", r)
	w.change(r)
	held := []view{w.look(r)}
	require.Equal(w, "+OK\r\n", r.send([][]string{{"SAVE"}})[0])
	r.stop()

	back := w.TempDir()
	require.NoError(w, os.Rename(filepath.Join(there, "dump.rdb"), filepath.Join(back, "dump.rdb")))
	before := w.held
	w.held = held
	s = w.ours(back)
	w.compare("ours, from Redis's dump", s)
	s.stop()
	s = w.ours(back)
	w.compare("ours, from the log that began with it", s)
	s.stop()
	w.held = before
}

// moved is a new directory with a file of ours.
func (w *round) moved(name string) string {
	to := w.TempDir()
	require.NoError(w, os.Rename(filepath.Join(w.dir, name), filepath.Join(to, name)))
	return to
}

// ourSide is the engine.
type ourSide struct {
	*store
	w *round
}

func (w *round) ours(dir string) side {
	w.Helper()
	// A redis-server that is just being started has our locks until it begins.
	files, err := osfs.Open(filepath.Join(dir, dirname))
	for n := 0; n < 1000 && errors.Is(err, storage.ErrLocked); n++ {
		time.Sleep(time.Millisecond)
		files, err = osfs.Open(filepath.Join(dir, dirname))
	}
	require.NoError(w, err)
	dumps, err := osfs.OpenDumps(dir)
	require.NoError(w, err)
	config := map[string]string{"enable-debug-command": "yes", "appendfsync": pick(w.r, "always", "everysec", "no"),
		"aof-timestamp-enabled": pick(w.r, "yes", "no"), "aof-use-rdb-preamble": pick(w.r, "yes", "no"), "rdbcompression": pick(w.r, "yes", "no")}
	engine, err := core.Open(context.Background(), core.Options{FS: files, Now: time.Now().UnixMilli(), Profile70: true, Dumps: dumps, Config: config,
		Importer: aof.NewImporter(func(name string) (aof.Import, error) { return beside(dir, name) })})
	require.NoError(w, err, "%v", config)
	require.Nil(w, engine.Report().Truncated)
	return &ourSide{&store{w.T, files, engine, engine.NewSession(core.SessionOptions{})}, w}
}

type besideFile struct {
	*os.File
	size int64
}

func (f besideFile) Size() int64 { return f.size }

func beside(dir, name string) (aof.Import, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, storage.Wrap("open", name, -1, storage.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return besideFile{f, info.Size()}, err
}

// send feeds some commands a turn: each turn is a block.
func (s *ourSide) send(commands [][]string) (replies []string) {
	s.w.Helper()
	all, want := commands, len(commands)
	var out []byte
	turn := func(request []byte) {
		s.engine.Turn(time.Now().UnixMilli())
		s.client.Feed(request)
		s.engine.EndTurn()
		out = append(out, s.client.Output()...)
		s.client.Take(len(s.client.Output()))
	}
	for len(commands) > 0 {
		n := min(len(commands), 1+s.w.r.IntN(30))
		var request []byte
		for _, words := range commands[:n] {
			request = append(request, redistest.Request(words...)...)
		}
		turn(request)
		commands = commands[n:]
		if s.w.r.IntN(4) == 0 {
			s.engine.Tick(time.Now().UnixMilli())
		}
	}
	for n := 0; s.client.Waiting() > 0; n++ {
		require.Less(s.w, n, 20000, "a reply is held back for ever")
		time.Sleep(time.Millisecond)
		turn(nil)
	}
	for len(out) > 0 {
		n := len(redistest.First(out))
		replies, out = append(replies, string(out[:n])), out[n:]
	}
	if len(replies) != want {
		require.Fail(s.w, "replies are missing", "%d of %d; behind %q; ends %v, holds %d bytes, engine %q", len(replies), want,
			all[max(0, len(replies)-1):min(len(all), len(replies)+2)], s.client.Closing(), s.client.Buffered(), s.engine.Dead())
	}
	return replies
}

func (s *ourSide) settle() {
	s.w.Helper()
	until(s.t, "the engine to be at rest", func() bool {
		s.engine.Tick(time.Now().UnixMilli())
		info := s.send([][]string{{"INFO", "persistence"}})[0]
		return strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0") && strings.Contains(info, "rdb_bgsave_in_progress:0")
	})
	require.Contains(s.w, s.send([][]string{{"INFO", "persistence"}})[0], "aof_last_bgrewrite_status:ok")
}

func (s *ourSide) stop() { s.close() }

// redisSide is a real redis-server.
type redisSide struct {
	w      *round
	conn   *redistest.Conn
	server *redistest.Server
}

func (w *round) redis(dir string) side {
	w.Helper()
	out, err := exec.Command("redis-check-aof", filepath.Join(dir, dirname, "appendonly.aof.manifest")).CombinedOutput()
	require.NoError(w, err, "%s", out)
	require.Contains(w, string(out), "All AOF files and manifest are valid")
	server := redistest.Start(w, "--dir", dir, "--appendonly", "yes", "--appenddirname", dirname, "--appendfsync", pick(w.r, "always", "everysec", "no"),
		"--aof-use-rdb-preamble", pick(w.r, "yes", "no"), "--aof-timestamp-enabled", pick(w.r, "yes", "no"))
	return &redisSide{w, server.Connect(w), server}
}

func (s *redisSide) send(commands [][]string) (replies []string) {
	s.w.Helper()
	for len(commands) > 0 {
		n := min(len(commands), 100)
		var request []byte
		for _, words := range commands[:n] {
			request = append(request, redistest.Request(words...)...)
		}
		_, err := s.conn.Write(request)
		require.NoError(s.w, err)
		for range n {
			b, err := s.conn.Reply()
			require.NoError(s.w, err)
			replies = append(replies, string(b))
		}
		commands = commands[n:]
	}
	return replies
}

func (s *redisSide) settle() {
	s.w.Helper()
	until(s.w.T, "Redis to be at rest", func() bool {
		info := s.send([][]string{{"INFO", "persistence"}})[0]
		return strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0")
	})
}

func (s *redisSide) stop() {
	s.w.Helper()
	_, err := s.conn.Write(redistest.Request("SHUTDOWN"))
	require.NoError(s.w, err)
	_, closed := s.conn.ReadAll(20 * time.Second)
	require.True(s.w, closed, "it does not end")
	s.server.Wait(s.w)
}

// ---- what is changed

var (
	dbs    = []string{"0", "3", "15"}
	groups = []string{"g\r\n", "12", "g0", "g1"}
)

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

const placeholder = "\x00the key\x00"

// made are the commands that make a value of each type and encoding, at the placeholder; in the order of their names.
var made = func() (all [][][]string) {
	byName := values(placeholder)
	var names []string
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		all = append(all, byName[name])
	}
	return all
}()

// change makes values and changes what there is. A command may be an error: what it does is the same on both sides, nothing.
func (w *round) change(s side) {
	w.Helper()
	r := w.r
	commands := [][]string{{"SELECT", pick(r, dbs...)}}
	for range 5 + r.IntN(40) {
		switch r.IntN(12) {
		case 0:
			commands = append(commands, []string{"SELECT", pick(r, dbs...)})
		case 1, 2, 3:
			commands = append(commands, w.value()...)
		case 4:
			commands = append(commands, []string{"MULTI"})
			for range r.IntN(6) {
				commands = append(commands, w.command())
			}
			commands = append(commands, []string{pick(r, "EXEC", "EXEC", "EXEC", "DISCARD")})
		default:
			commands = append(commands, w.command())
		}
	}
	s.send(append(commands, []string{"SELECT", "0"}))
}

// key is one of a few, of any type. Those of streams are known by name.
func (w *round) key() string {
	if w.r.IntN(5) == 0 {
		return "strm" + strconv.Itoa(w.r.IntN(3))
	}
	return pick(w.r, "k", "k:", "\r\n#HDR:v1;", "\x00\xff") + strconv.Itoa(w.r.IntN(8))
}

// value makes one, as a whole or the beginning of it.
func (w *round) value() (commands [][]string) {
	all := made[w.r.IntN(len(made))]
	for len(all) > 400 && w.r.IntN(8) > 0 {
		all = made[w.r.IntN(len(made))]
	}
	if w.r.IntN(3) == 0 {
		all = all[:1+w.r.IntN(len(all))]
	}
	key := w.key()
	if all[0][0] == "XADD" {
		key = "strm" + strconv.Itoa(w.r.IntN(3))
	} else if strings.HasPrefix(key, "strm") {
		key = "k0"
	}
	if w.r.IntN(2) == 0 {
		commands = append(commands, []string{"DEL", key})
	}
	for _, words := range all {
		words = slices.Clone(words)
		for i := range words {
			switch words[i] {
			case placeholder:
				words[i] = key
			case "-0": // a base of commands makes listpacks on the way, which forget the sign: ours and Redis's
				words[i] = "0"
			}
		}
		commands = append(commands, words)
	}
	return commands
}

// command is one that changes something, if its key is of the right type.
func (w *round) command() []string {
	r, key, other := w.r, w.key(), w.key()
	n, m, far := strconv.Itoa(r.IntN(300)-20), "member:"+strconv.Itoa(r.IntN(120)), strconv.FormatInt(time.Now().UnixMilli()+int64(3600+r.IntN(90000))*1000, 10)
	word := pick(r, "", "v", m, n, binary, strings.Repeat("long ", r.IntN(40)))
	commands := [][]string{
		{"SET", key, word}, {"SET", key, n, "PXAT", far}, {"SET", key, word, "KEEPTTL"}, {"APPEND", key, word}, {"INCRBY", key, n}, {"INCRBYFLOAT", key, "0.125"},
		{"SETRANGE", key, strconv.Itoa(r.IntN(200)), word}, {"SETBIT", key, strconv.Itoa(r.IntN(9000)), "1"}, {"BITOP", pick(r, "AND", "OR", "XOR"), key, key, other},
		{"BITFIELD", key, "SET", "u8", "#3", "200", "INCRBY", "i16", "#2", "-7"}, {"GETDEL", key}, {"GETEX", key, "PERSIST"}, {"MSET", "k1", word, "k2", n},
		{"RPUSH", key, word, n, m}, {"LPUSH", key, m}, {"LPOP", key, "3"}, {"RPOP", key}, {"LINSERT", key, "BEFORE", m, word}, {"LSET", key, "1", word}, {"LREM", key, "0", m},
		{"LTRIM", key, "1", "-2"}, {"RPOPLPUSH", key, other}, {"LMOVE", key, other, "LEFT", "LEFT"},
		{"SADD", key, m, n}, {"SADD", key, n, "12"}, {"SREM", key, m}, {"SPOP", key, "3"}, {"SMOVE", key, other, m}, {"SUNIONSTORE", key, key, other}, {"SDIFFSTORE", key, key, other},
		{"HSET", key, m, word, "f", n}, {"HDEL", key, m}, {"HINCRBY", key, "count", n}, {"HINCRBYFLOAT", key, "float", "0.5"}, {"HSETNX", key, n, m},
		{"ZADD", key, n, m}, {"ZADD", key, n + ".25", word}, {"ZADD", key, "GT", "CH", n, m}, {"ZINCRBY", key, "0.5", m}, {"ZREM", key, m}, {"ZPOPMIN", key, "2"}, {"ZPOPMAX", key},
		{"ZREMRANGEBYRANK", key, "0", "3"}, {"ZUNIONSTORE", key, "2", key, other}, {"ZRANGESTORE", key, other, "0", "9"}, {"GEOADD", key, "13.361389", "38.115556", m},
		{"PFADD", key, m, n, word}, {"PFMERGE", key, other}, {"PFCOUNT", key},
		{"XADD", key, "*", "f", word}, {"XADD", key, "MAXLEN", "~", "100", "*", m, n}, {"XDEL", key, n + "-1"}, {"XTRIM", key, "MAXLEN", "90"}, {"XSETID", key, "9999999999999-7"},
		{"XGROUP", "CREATE", key, pick(r, groups...), pick(r, "0", "$", n)}, {"XGROUP", "CREATE", key, "g\r\n", "0"}, {"XGROUP", "DESTROY", key, "12"}, {"XGROUP", "SETID", key, "g\r\n", n},
		{"XREADGROUP", "GROUP", "g\r\n", pick(r, "c1", "c4"), "COUNT", "5", "STREAMS", key, ">"}, {"XACK", key, "g\r\n", n + "-1"}, {"XGROUP", "DELCONSUMER", key, "g\r\n", "c2"},
		{"XAUTOCLAIM", key, "g\r\n", "c5", "0", "0", "COUNT", "7"}, {"XCLAIM", key, "g\r\n", "c6", "0", n + "-1", "FORCE", "JUSTID"},
		{"DEL", key}, {"UNLINK", key, other}, {"PEXPIREAT", key, far}, {"EXPIREAT", key, far[:10]}, {"PERSIST", key}, {"COPY", key, other, "REPLACE"},
		{"SORT", key, "ALPHA", "STORE", other}, {"RESTORE", key, "0", "nonsense"},
	}
	switch i := r.IntN(len(commands) + 8); {
	case i < len(commands):
		return commands[i]
	case i == len(commands) && r.IntN(20) == 0:
		return []string{pick(r, "FLUSHALL", "FLUSHDB")}
	case i == len(commands)+1:
		return []string{"SWAPDB", pick(r, dbs...), pick(r, dbs...)}
	case i == len(commands)+2:
		return w.together(key, other, "MOVE", pick(r, dbs...))
	case i == len(commands)+3:
		return w.together(key, other, "RENAME", "")
	}
	return []string{"SET", "k" + n, word}
}

// together moves a key to a name, or database, that tells streams from others as this one does.
func (w *round) together(key, other, command, db string) []string {
	switch {
	case command == "MOVE":
		return []string{"MOVE", key, db}
	case strings.HasPrefix(key, "strm") == strings.HasPrefix(other, "strm"):
		return []string{"RENAME", key, other}
	}
	return []string{"RENAMENX", key, key + "'"}
}
