package aof

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// known refuses what a store of strings does not know, as an engine does.
type known struct{}

func (known) Ahead([][]byte) {}

func (known) Replay(args [][]byte) error {
	for _, name := range []string{"SELECT", "SET", "DEL", "APPEND"} {
		if isWord(args[0], name) {
			return nil
		}
	}
	return resp.Error("ERR unknown command '" + string(args[0]) + "'")
}

// bare are the single files of a Redis.
func bare() map[string]string {
	text := line("SET one 1") + textMulti + line("SET two 2") + line("APPEND two 3") + textExec + line("DEL one")
	return map[string]string{
		"appendonly.aof":          text,
		"appendonly.aof, rdb":     rdbFile(true, rdbParts) + text,
		"dump.rdb":                rdbFile(true, rdbParts),
		"dump.rdb, without a sum": rdbFile(false, rdbParts),
	}
}

func TestTheCheckerAgreesWithTheLoaderOnSingleFiles(t *testing.T) {
	r := seed(t)
	count := map[string]int{}
	for kind, text := range bare() {
		name, _, _ := strings.Cut(kind, ",")
		for i := range rounds(t, 600) {
			all, what := map[string][]byte{name: []byte(text)}, ""
			if i > 0 {
				all, what = spoil(r, all)
			}
			if len(all) == 0 || isMark(all[name]) {
				continue
			}
			what = kind + ", " + strconv.Itoa(i) + ", " + what
			theirs := loaderSays(t, diskOf(t, all))
			single := func(fs storage.FS) *Check {
				o := checkOptions()
				o.Single, o.Filename = name, name
				c, err := CheckLog(context.Background(), fs, o)
				require.NoError(t, err, what)
				return c
			}
			disk := diskOf(t, all)
			fs, err := disk.Open()
			require.NoError(t, err)
			c := single(fs)
			mine := checkerSays(c)
			if mine.verdict >= VerdictDamaged {
				mine.commands = 0
			}
			if mine.verdict == VerdictTorn {
				mine.why = ""
			}
			theirs.lsn = 0
			require.Equal(t, theirs, mine, what)
			count[c.Verdict.String()+" "+c.Repair.String()]++
			if c.Repair != FixNothing {
				kept, err := c.Fix(context.Background())
				require.NoError(t, err, what)
				require.NoError(t, c.Close())
				again := single(fs)
				require.Equal(t, VerdictClean, again.Verdict, what)
				require.Len(t, kept, 1)
				require.NoError(t, again.Close())
				left := files(t, disk)
				require.Equal(t, string(all[name]), string(left[name])+string(left[kept[0]]), what)
				continue
			}
			require.NoError(t, c.Close())
			disk.Kill()
		}
	}
	t.Log(count)
}

func checkOptions() CheckOptions {
	return CheckOptions{Filename: "appendonly.aof", Now: 1_700_000_000_000, Replay: known{}.Replay, Keys: func(args [][]byte) [][]byte {
		if len(args) < 2 || isWord(args[0], "SELECT") {
			return nil
		}
		return args[1:2]
	}}
}

// checked checks a disk, and sees that nothing was changed.
func checked(t testing.TB, disk *memfs.Store) *Check {
	before := files(t, disk)
	fs, err := disk.Open()
	require.NoError(t, err)
	changed := faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op&faultfs.Changes != 0 {
			t.Errorf("%s %s while looking", c.Op, c.Name)
		}
		return nil
	})
	c, err := CheckLog(context.Background(), faultfs.Wrap(fs, changed), checkOptions())
	require.NoError(t, err)
	require.NoError(t, c.Close())
	disk.Kill()
	require.Equal(t, before, files(t, disk))
	return c
}

// said is a verdict, of the loader or the checker, in words that can be compared.
type said struct {
	verdict  Verdict
	file     string
	offset   int64
	lsn      uint64
	why      string
	commands int64
}

// loaderSays opens the disk for good.
func loaderSays(t testing.TB, disk *memfs.Store) said {
	fs, err := disk.Open()
	require.NoError(t, err)
	defer disk.Kill()
	host := &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}
	cfg := config()
	cfg.DumpName = "dump.rdb"
	l := New(fs, keyspace.New(keyspace.Options{Databases: 16, Seed: 1}), &cfg, host)
	l.ballast.busy = true
	rep, err := l.Load(context.Background(), known{}, nil)
	var bad *LoadError
	switch {
	case err == nil && rep.Truncated == nil:
		return said{commands: rep.Commands}
	case err == nil:
		return said{VerdictTorn, rep.Truncated.File, rep.Truncated.Offset, rep.Truncated.LSN, "", rep.Commands}
	case errors.As(err, &bad) && errors.Is(err, ErrCorrupt):
		return said{VerdictDamaged, bad.File, bad.Offset, bad.LSN, bad.Why, 0}
	case bad != nil:
		return said{VerdictUnreadable, bad.File, bad.Offset, bad.LSN, bad.Err.Error() + ": " + bad.Why, 0}
	}
	return said{verdict: VerdictUnreadable, offset: -1, why: err.Error()}
}

func checkerSays(c *Check) said {
	s := said{verdict: c.Verdict}
	for _, f := range c.Files {
		s.commands += f.Commands
	}
	if p := c.Problem; p != nil {
		s.file, s.offset, s.lsn, s.why = p.File, p.Offset, p.LSN, p.Reason
	}
	return s
}

// agree compares the two. The lsn of a place in a Redis's file is not told by the checker.
func agree(t testing.TB, all map[string][]byte, name string) (*Check, said) {
	c := checked(t, diskOf(t, all))
	mine, theirs := checkerSays(c), loaderSays(t, diskOf(t, all))
	if mine.lsn == 0 {
		theirs.lsn = 0
	}
	if mine.verdict == VerdictTorn {
		mine.why = ""
	}
	if mine.offset < 0 && theirs.file == "" {
		mine.file = "" // the checker knows which one was being read
	}
	if mine.verdict >= VerdictDamaged {
		mine.commands = 0
	}
	if errors.Is(err0(c), ErrNoLog) { // the loader begins a store there
		require.Equal(t, VerdictClean, theirs.verdict, name)
		return c, theirs
	}
	require.Equal(t, theirs, mine, name)
	return c, theirs
}

func err0(c *Check) error {
	if c.Problem == nil {
		return nil
	}
	return c.Problem.Err
}

// specimens are logs of all kinds, sound.
func specimens(t testing.TB) map[string]map[string][]byte {
	set := func(k string) string { return string(appendCommand(nil, words("SET "+k+" 1"))) }
	all := map[string]map[string][]byte{}
	all["killed"] = write(t, 6, false).files
	all["sealed blocks"] = write(t, 6, true).files
	all["two files"] = twoFiles(t)
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	for i := range 40 {
		s.do(i%2, "SET k"+strconv.Itoa(i)+" "+strconv.Itoa(i))
	}
	s.turn()
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	s.rewriteAll()
	s.do(1, "SET behind 1", "APPEND behind 2")
	s.turn()
	s.tick(1100)
	s.do(0, "DEL k0")
	s.turn()
	all["rewritten"] = files(t, disk.CrashClone(memfs.Everything()))
	require.NoError(t, s.close())
	all["closed"] = files(t, disk)
	disk = memfs.New()
	s = mustOpen(t, disk, numbered())
	for i := range uint64(60) {
		s.execute(i%3, i+1, strings.Repeat("r", int(i)), "SET k"+strconv.Itoa(int(i))+" v")
		if i%20 == 19 {
			s.turn()
			s.tick(1100)
		}
	}
	all["requests"] = files(t, disk.CrashClone(memfs.Everything()))
	naked := maps.Clone(all["closed"])
	for name, b := range naked {
		if bytes.Contains(b, []byte("behind")) && name != manName {
			naked[name] = append(bytes.Clone(b), "#TS:5\r\n"+set("redis")+textMulti+set("a")+set("b")+textExec...)
		}
	}
	all["a Redis ran on it"] = naked
	all["of a Redis"] = map[string][]byte{
		manName:    []byte("file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n"),
		firstBase:  []byte(set("base")),
		firstIncr:  []byte("#TS:1\r\n" + textMulti + set("one") + set("two") + textExec),
		secondIncr: []byte(set("three") + textMulti + set("four") + textExec),
	}
	base := rdbFile(true, ourWord+rdbParts)
	all["RDB base"] = ourRDB(t, base, len(base))
	redis := maps.Clone(all["of a Redis"])
	delete(redis, firstBase)
	redis[rdbName] = []byte(rdbFile(true, rdbParts))
	redis[manName] = []byte("file " + rdbName + " seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n")
	all["of a Redis, with RDB"] = redis
	ours := maps.Clone(all["killed"])
	ours[manName] = []byte("file appendonly.aof.1.incr.aof seq 1 type i\n")
	all["ours under a Redis's manifest"] = ours
	return all
}

// spoil does something bad to one file.
func spoil(r *rand.Rand, all map[string][]byte) (map[string][]byte, string) {
	bad := maps.Clone(all)
	names := slices.Sorted(maps.Keys(all))
	name := names[r.IntN(len(names))]
	b := bytes.Clone(all[name])
	at := func() int { return r.IntN(len(b) + 1) }
	what := ""
	switch n := r.IntN(9); {
	case n == 0:
		delete(bad, name)
		return bad, "without " + name
	case n <= 2 && len(b) > 0:
		i := r.IntN(len(b))
		b[i] ^= 1 << r.IntN(8)
		what = "bit"
	case n <= 4:
		b, what = b[:at()], "cut"
	case n == 5:
		b, what = append(b, make([]byte, r.IntN(300))...), "zeros"
	case n == 6:
		i := at()
		b, what = slices.Concat(b[:i], b[at():]), "part doubled or lost"
	case n == 7:
		other := all[names[r.IntN(len(names))]]
		i := r.IntN(len(other) + 1)
		b, what = append(b[:at()], other[i:]...), "end of another"
	default:
		i := at()
		for k := i; k < min(len(b), i+50); k++ {
			b[k] = 0
		}
		what = "zeroed"
	}
	bad[name] = b
	return bad, name + ": " + what
}

// seed is printed, and taken from TABDIS_SEED to repeat.
func seed(t testing.TB) *rand.Rand {
	n := rand.Uint64()
	if v := os.Getenv("TABDIS_SEED"); v != "" {
		var err error
		n, err = strconv.ParseUint(v, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("TABDIS_SEED=%d", n)
	return rand.New(rand.NewPCG(n, 0))
}

// rounds is how often a random test goes round: TABDIS_ROUNDS, else few.
func rounds(t testing.TB, few int) int {
	if v := os.Getenv("TABDIS_ROUNDS"); v != "" {
		n, err := strconv.Atoi(v)
		require.NoError(t, err)
		return n
	}
	return few
}

func TestTheCheckerAgreesWithTheLoader(t *testing.T) {
	r := seed(t)
	count := map[Verdict]int{}
	for name, all := range specimens(t) {
		c, _ := agree(t, all, name)
		require.Equal(t, VerdictClean, c.Verdict, name)
		for i := range rounds(t, 400) {
			bad, what := spoil(r, all)
			if r.IntN(4) == 0 {
				var more string
				bad, more = spoil(r, bad)
				what += ", " + more
			}
			c, _ := agree(t, bad, name+", "+strconv.Itoa(i)+", "+what)
			count[c.Verdict]++
		}
	}
	for v := range VerdictUnreadable {
		assert.NotZero(t, count[v], v)
	}
	t.Logf("%v", count)
}

// Under a manifest of Redis's the first block tells where the numbers begin: without it nothing is proven, least of all that nothing was there.
func TestABrokenFirstBlockUnderARedisManifestIsDamage(t *testing.T) {
	all := specimens(t)["ours under a Redis's manifest"]
	first, _, state := parseHeader(all[firstIncr])
	require.Equal(t, headerOK, state)
	for i := len(headerMark); i < int(first.length()); i++ { // without its mark the file would be a Redis's
		bad := maps.Clone(all)
		bad[firstIncr] = bytes.Clone(all[firstIncr])
		bad[firstIncr][i] ^= 1
		c, _ := agree(t, bad, strconv.Itoa(i))
		require.Equal(t, VerdictDamaged, c.Verdict, i)
	}
}

func TestFunctionsAreRefusedByNameOrPassedOver(t *testing.T) {
	all := specimens(t)["of a Redis"]
	all[firstIncr] = append(bytes.Clone(all[firstIncr]), appendCommand(nil, [][]byte{[]byte("FUNCTION"), []byte("LOAD"), []byte("#!lua name=mylib\n")})...)
	c, _ := agree(t, all, "functions")
	assert.Equal(t, VerdictUnreadable, c.Verdict)
	assert.Contains(t, c.Problem.Reason, "mylib")
	disk := diskOf(t, all)
	fs, err := disk.Open()
	require.NoError(t, err)
	o := checkOptions()
	o.SkipFunctions = true
	c, err = CheckLog(context.Background(), fs, o)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	assert.Equal(t, VerdictClean, c.Verdict)
}
