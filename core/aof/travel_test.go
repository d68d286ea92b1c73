package aof

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// chronicle is a store whose states are written down under the lsn of the last block. What memory held last under a number counts.
type chronicle struct {
	*store
	ids     uint64
	sound   bool // when it was noted last
	noted   uint64
	states  map[uint64]map[string]string
	seconds map[uint64]int64             // of the block
	cuts    map[uint64]map[string]string // by id of the base: what counts under the cut's lsn once the base is in force
}

func newChronicle(t *testing.T) *chronicle {
	return &chronicle{store: &store{t: t}, states: map[uint64]map[string]string{}, seconds: map[uint64]int64{}, cuts: map[uint64]map[string]string{}}
}

func (c *chronicle) open(disk *memfs.Store, cfg Config) {
	c.store = mustOpen(c.t, disk, cfg)
	c.adopt()
}

func (c *chronicle) adopt() {
	for lsn := range c.states {
		if lsn > c.log.lsn {
			delete(c.states, lsn) // a crash undid it, and its number is given once more
			delete(c.seconds, lsn)
		}
	}
	c.log.id = func() uint64 { c.ids += 0x9e3779b97f4a7c15; return c.ids | 1 } // over all sessions
	cut := c.log.cut
	c.log.cut = func(to keyspace.SnapshotWriter, now func() int64) snapshot {
		c.cuts[c.log.rw.base.id] = maps.Clone(c.data)
		return cut(to, now)
	}
	c.note()
}

func (c *chronicle) note() {
	l := c.log
	behind := l.rw != nil && l.rw.phase >= writing && l.current() == l.rw.incr
	// A block whose sync failed, or behind which a cut failed, holds all, too; what comes then is in no block.
	last := c.sound && l.lsn > c.noted
	c.sound, c.noted = l.state != broken, l.lsn
	if last || l.buf.len() == 0 && (l.state == healthy || behind) {
		for lsn := l.lsn; lsn > 0; lsn-- { // a tick may write several blocks, and changes nothing
			if _, there := c.states[lsn]; there && lsn < l.lsn {
				break
			} else if !there {
				c.seconds[lsn] = l.stamped
			}
			c.states[lsn] = maps.Clone(c.data)
		}
	}
	if base := l.man.base; base != nil && base.cutLSN < l.lsn && c.cuts[base.id] != nil {
		c.states[base.cutLSN] = c.cuts[base.id]
	}
}

// live does n random things.
func (c *chronicle) live(r *rand.Rand, n int) {
	for range n {
		switch k := r.IntN(40); {
		case k < 24:
			commands := []string{"SET k" + strconv.Itoa(r.IntN(8)) + " " + strconv.Itoa(r.IntN(1000))}
			if r.IntN(4) == 0 {
				commands = append(commands, "APPEND k"+strconv.Itoa(r.IntN(8))+" x", "DEL k"+strconv.Itoa(r.IntN(8)))
			}
			c.do(r.IntN(3), commands...)
			if t := c.cfg.Requests; t != nil && r.IntN(2) == 0 {
				client := t.Client(r.Uint64N(3))
				number := client.Highest + 1 + r.Uint64N(3)
				c.log.Name(Request{client.ID, number, client.Executed(number, make([]byte, r.IntN(80)))})
			}
			c.turn()
		case k < 36:
			c.tick(int64(r.IntN(900)))
		default:
			c.log.Rewrite(false)
		}
		c.note()
	}
}

// goBack reads up to a point from what is on the disk.
func goBack(t testing.TB, disk *memfs.Store, at Point) (map[string]string, Reached, error) {
	fs, err := disk.Open()
	require.NoError(t, err)
	defer fs.Close()
	s := &store{t: t, data: map[string]string{}}
	lookOnly := faultfs.Wrap(fs, faultfs.From(0, faultfs.Changes, faultfs.Fault{Err: errors.New("it changes something")}))
	to, err := ReadTo(context.Background(), lookOnly, &Config{Filename: "appendonly.aof"}, at, s.apply(), nil, nil)
	return s.data, to, err
}

func generations(t testing.TB, disk *memfs.Store) []Generation {
	fs, err := disk.Open()
	require.NoError(t, err)
	defer fs.Close()
	all, err := Generations(context.Background(), fs, &Config{Filename: "appendonly.aof"}, nil)
	require.NoError(t, err)
	return all
}

// check goes back to every lsn and to every second. whole tells that there were no failures: then no lsn is out of reach.
func (c *chronicle) check(disk *memfs.Store, whole bool) (reached int) {
	t := c.t
	all := generations(t, disk)
	last := all[len(all)-1]
	require.NoError(t, last.Err)
	require.True(t, last.InForce)
	leads := map[uint64]bool{}
	for i, g := range all {
		end := g.Last
		if i+1 < len(all) {
			end = min(end, all[i+1].First)
		}
		if whole {
			require.NoError(t, g.Err)
		}
		for lsn := g.First; lsn <= end; lsn++ {
			leads[lsn] = true
		}
	}
	for lsn := max(all[0].First, 1); lsn <= last.Last; lsn++ {
		data, to, err := goBack(t, disk, Point{LSN: lsn})
		if !leads[lsn] {
			require.False(t, whole, "lsn %d", lsn)
			require.ErrorIs(t, err, ErrUnreachable, "lsn %d", lsn)
			continue
		}
		reached++
		require.NoError(t, err, "lsn %d", lsn)
		require.Equal(t, lsn, to.LSN)
		require.Equal(t, c.states[lsn], data, "lsn %d of %d, %+v", lsn, last.Last, all)
		require.NoError(t, to.Behind)
	}
	for _, lsn := range []uint64{last.Last + 1, last.Last + 1000} {
		_, _, err := goBack(t, disk, Point{LSN: lsn})
		require.ErrorIs(t, err, ErrUnreachable)
	}
	if all[0].First > 1 {
		_, _, err := goBack(t, disk, Point{LSN: all[0].First - 1})
		require.ErrorIs(t, err, ErrUnreachable)
	}
	if whole && last.LastTime > 0 {
		c.checkTimes(disk, all)
	}
	return reached
}

// checkTimes goes back to each second and to one in between.
func (c *chronicle) checkTimes(disk *memfs.Store, all []Generation) {
	first, last := all[0], all[len(all)-1]
	for i := 1; first.FirstTime == 0; i++ { // nothing happened in it
		first = all[i]
	}
	for second := first.FirstTime; second <= last.LastTime+1; second++ {
		data, to, err := goBack(c.t, disk, Point{Time: second})
		require.NoError(c.t, err)
		want := first.First
		for lsn := first.First; lsn <= last.Last; lsn++ {
			if c.seconds[lsn] <= second {
				want = lsn
			}
		}
		require.Equal(c.t, c.states[want], data, "second %d: lsn %d, reached %+v", second, want, to)
		require.LessOrEqual(c.t, to.Time, second)
	}
	_, _, err := goBack(c.t, disk, Point{Time: first.FirstTime - 1})
	require.ErrorIs(c.t, err, ErrUnreachable)
}

func seedOf(t *testing.T, name string) uint64 {
	seed := rand.Uint64()
	if text := os.Getenv(name); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	t.Logf("%s=%d", name, seed)
	return seed
}

// livesToTravel are the lives of the test below; TABDIS_TRAVELS=1000 lives more.
func livesToTravel(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("TABDIS_TRAVELS"))
	if os.Getenv("TABDIS_TRAVELS") == "" {
		n, err = 24, nil
	}
	require.NoError(t, err)
	return n
}

// TestEveryLSNIsTheStateOfThen: over rewrites, failures, crashes and restarts each lsn that can be reached is what the store held
// then, and without failures all of them can be.
func TestEveryLSNIsTheStateOfThen(t *testing.T) {
	seed := seedOf(t, "TABDIS_TRAVEL_SEED")
	reached, fresh := 0, 0
	for life := range livesToTravel(t) {
		r := rand.New(rand.NewPCG(seed, uint64(life)))
		disk := memfs.New()
		cfg := config()
		cfg.HistoryKeep, cfg.Timestamps, cfg.Policy = r.IntN(6), life%2 == 0, Policy(r.IntN(3))
		if life%4 < 2 {
			cfg.Requests = &Requests{}
		}
		c := newChronicle(t)
		c.open(disk, cfg)
		whole := life%3 > 0
		for session := range 3 {
			if !whole {
				c.fs.Inject(faultfs.Func(func(call faultfs.Call) *faultfs.Fault {
					if call.Op&faultfs.Changes == 0 || r.IntN(25) > 0 {
						return nil
					}
					return &[]faultfs.Fault{{}, {Short: 30}, {After: true}, {Unsure: true}}[r.IntN(4)]
				}))
			}
			c.live(r, 60)
			c.fs.Inject(nil)
			for i := 0; c.log.Refusing() != nil || c.log.rw != nil; i++ {
				require.Less(t, i, 1000)
				c.tick(500)
				c.note()
			}
			fresh += len(c.log.man.history)
			reached += c.check(disk.CrashClone(memfs.Everything()), whole)
			all := true
			if session%2 == 0 || !whole {
				all = r.IntN(2) == 0
				disk = disk.CrashClone(map[bool]memfs.Policy{true: memfs.Everything(), false: memfs.Random(uint64(life))}[all])
			} else {
				require.NoError(t, c.close())
				disk.Kill()
			}
			host := c.host.now
			before := cfg.Requests
			if before != nil {
				cfg.Requests = &Requests{}
			}
			c.store = mustOpen(t, disk, cfg)
			if all && before != nil {
				require.ElementsMatch(t, strings.SplitAfter(before.text(), "; "), strings.SplitAfter(cfg.Requests.text(), "; "), "life %d, session %d", life, session)
			}
			c.host.now = host
			c.adopt()
		}
	}
	t.Logf("%d states gone back to, %d generations", reached, fresh)
	assert.Greater(t, reached, 1000)
}

func TestDamageBehindThePointIsToldAndNotRefused(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	for range 2 {
		s.write(4)
		s.rewrite()
	}
	s.write(8)
	require.NoError(t, s.close())
	all := files(t, disk)
	gens := generations(t, diskOf(t, all))
	require.Len(t, gens, 3)
	// A bit in the third block of the history's second generation, and one in the log in force.
	for _, g := range []Generation{gens[1], gens[2]} {
		bad := maps.Clone(all)
		_, to, err := goBack(t, diskOf(t, all), Point{LSN: g.First + 3})
		require.NoError(t, err)
		text := append([]byte(nil), bad[to.File]...)
		text[to.Offset-2] ^= 1
		bad[to.File] = text
		disk := diskOf(t, bad)
		_, _, err = goBack(t, disk, Point{LSN: g.First + 3})
		require.ErrorIs(t, err, ErrCorrupt)
		_, _, err = goBack(t, disk, Point{LSN: g.First + 4})
		require.ErrorIs(t, err, ErrCorrupt)
		_, to, err = goBack(t, disk, Point{LSN: g.First + 2})
		require.NoError(t, err)
		require.ErrorIs(t, to.Behind, ErrCorrupt)
		_, _, err = goBack(t, disk, Point{})
		if g.InForce {
			require.ErrorIs(t, err, ErrCorrupt)
		} else {
			require.NoError(t, err)
		}
	}
	// No flipped bit of the history passes.
	g := gens[1]
	want, _, err := goBack(t, diskOf(t, all), Point{LSN: g.Last - 1})
	require.NoError(t, err)
	for name := range all {
		if name != g.Base && name != "appendonly.aof.2.incr.aof" {
			continue
		}
		for i := range all[name] {
			bad := maps.Clone(all)
			bad[name] = append([]byte(nil), all[name]...)
			bad[name][i] ^= 1 << (i % 8)
			got, to, err := goBack(t, diskOf(t, bad), Point{LSN: g.Last - 1})
			if err == nil {
				require.Equal(t, want, got)
				require.GreaterOrEqual(t, int64(i), to.Offset, "%s at %d", name, i)
			}
		}
	}
}

func TestWhatIsMissingIsNotReached(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	for range 2 {
		s.write(4)
		s.rewrite()
	}
	require.NoError(t, s.close())
	all := files(t, disk)
	delete(all, "appendonly.aof.2.incr.aof")
	gens := generations(t, diskOf(t, all))
	require.ErrorIs(t, gens[1].Err, ErrCorrupt)
	_, _, err := goBack(t, diskOf(t, all), Point{LSN: gens[1].First + 1})
	require.ErrorIs(t, err, ErrCorrupt)
	for _, g := range []Generation{gens[0], gens[2]} {
		_, to, err := goBack(t, diskOf(t, all), Point{LSN: g.First + 1})
		require.NoError(t, err)
		require.Equal(t, g.First+1, to.LSN)
	}
	// A file of the history that ends too early is no shorter history.
	all = files(t, disk)
	text := all["appendonly.aof.2.incr.aof"]
	all["appendonly.aof.2.incr.aof"] = text[:len(text)/2]
	_, _, err = goBack(t, diskOf(t, all), Point{LSN: gens[2].First - 1})
	require.Error(t, err)
	_, _, err = goBack(t, diskOf(t, all), Point{Time: 1_700_000_100})
	require.NoError(t, err, "the present does not need it")
}

func TestAnUnreadableFileIsNoEnd(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	s.write(4)
	require.NoError(t, s.close())
	disk.Kill()
	inner, err := disk.Open()
	require.NoError(t, err)
	fs := faultfs.Wrap(inner, faultfs.From(1, faultfs.Read, faultfs.Fault{Err: errors.New("EIO")}))
	_, err = ReadTo(context.Background(), fs, &Config{Filename: "appendonly.aof"}, Point{}, nowhere{}, nil, nil)
	require.ErrorContains(t, err, "EIO")
}

func TestThePointsOfALogWithoutTimes(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.HistoryKeep = 2
	s := mustOpen(t, disk, cfg)
	s.write(3)
	s.rewrite()
	require.NoError(t, s.close())
	disk.Kill()
	_, _, err := goBack(t, disk, Point{Time: 1_700_000_000})
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "aof-timestamp-enabled")
	data, to, err := goBack(t, disk, Point{})
	require.NoError(t, err)
	require.Equal(t, s.data, data)
	require.Equal(t, s.log.lsn, to.LSN)
}

// A block whose write failed may be there all the same, and its number was given once more, to a file of a fresh base that failed as well: it leads nowhere.
func TestANumberThatWasGivenTwiceLeadsNowhere(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	s.write(3)
	last, bases, failedWrite, failedCut := s.log.lsn, 0, false, false
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		switch {
		case c.Op == faultfs.Append && c.Name == firstIncr && !failedWrite:
			failedWrite = true
			return &faultfs.Fault{After: true}
		case c.Op == faultfs.Truncate && !failedCut:
			failedCut = true
			return &faultfs.Fault{}
		case c.Op == faultfs.Sync && strings.Contains(c.Name, ".base."):
			if bases++; bases == 1 {
				return &faultfs.Fault{}
			}
		}
		return nil
	}))
	s.do(0, "SET failed yes")
	s.turn()
	for i := 0; s.log.Refusing() != nil; i++ {
		require.Less(t, i, 100)
		s.do(0, "SET during "+strconv.Itoa(i))
		s.tick(500)
	}
	require.NoError(t, s.close())
	all := generations(t, diskOf(t, files(t, disk)))
	require.Len(t, all, 2)
	require.Greater(t, all[1].First, last+1, "a fresh base has failed in between")
	require.Equal(t, last, all[0].Last)
	disk.Kill()
	_, _, err := goBack(t, disk, Point{LSN: last + 1})
	require.ErrorIs(t, err, ErrUnreachable)
	data, _, err := goBack(t, disk, Point{LSN: last})
	require.NoError(t, err)
	require.NotContains(t, data, "0/failed")
	data, to, err := goBack(t, disk, Point{Time: all[1].FirstTime - 1})
	require.NoError(t, err)
	require.Equal(t, last, to.LSN)
	require.NotContains(t, data, "0/failed")
}
