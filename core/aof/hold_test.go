package aof

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// holders is a storage.FS whose files send when they are pumped, and keep what finds no room.
type holders struct {
	*faultfs.FS
	files  map[string]*holder
	prompt bool // a Sync is one at once
	lost   error
}

func (v *holders) Lost() error { return v.lost }

func (v *holders) Create(ctx context.Context, name string) (storage.File, error) {
	return v.wrap(name)(v.FS.Create(ctx, name))
}

func (v *holders) Open(ctx context.Context, name string) (storage.File, error) {
	return v.wrap(name)(v.FS.Open(ctx, name))
}

func (v *holders) wrap(name string) func(storage.File, error) (storage.File, error) {
	return func(inner storage.File, err error) (storage.File, error) {
		if err != nil {
			return nil, err
		}
		f := &holder{File: inner, fs: v, name: name}
		v.files[name] = f
		return f, nil
	}
}

type holder struct {
	storage.File
	fs     *holders
	name   string
	tail   []byte
	sticky error
	waits  []func(error)
	syncs  []func(error)
}

func (f *holder) Size() int64 { return f.File.Size() + int64(len(f.tail)) }

func (f *holder) Append(p []byte) error {
	if f.sticky == nil {
		f.tail = append(f.tail, p...)
	}
	return f.sticky
}

func (f *holder) Written(done func(error)) { f.waits = append(f.waits, done) }

func (f *holder) Sync(now bool, done func(error)) {
	f.syncs = append(f.syncs, done)
	if f.fs.prompt || len(f.tail) == 0 || !strings.Contains(f.name, ".incr.") {
		f.pump(-1) // what parks waits for it
	}
}

func (f *holder) Truncate(ctx context.Context, n int64) error {
	if f.sticky != nil || n != f.Size() {
		return errors.Join(f.sticky, errors.New("not of this test"))
	}
	return nil
}

func (f *holder) Close() error {
	delete(f.fs.files, f.name)
	return f.File.Close()
}

func (f *holder) Resend() { f.sticky = nil }
func (f *holder) Held() int64 {
	if errors.Is(f.sticky, storage.ErrQuota) {
		return int64(len(f.tail))
	}
	return 0
}

// pump sends up to n bytes of the tail, all of it if n is negative, and then syncs if that was asked for.
func (f *holder) pump(n int) {
	if f.sticky != nil {
		f.settle()
		return
	}
	if n < 0 || n > len(f.tail) {
		n = len(f.tail)
	}
	was := f.File.Size()
	if n > 0 {
		if f.sticky = f.File.Append(f.tail[:n]); f.sticky != nil {
			f.sticky = errors.Join(f.sticky, f.File.(storage.Truncater).TruncateNow(was))
			f.settle()
			return
		}
		f.tail = f.tail[n:]
	}
	if len(f.tail) > 0 {
		return
	}
	if len(f.syncs) > 0 {
		f.File.Sync(true, func(err error) { f.sticky = err })
	}
	f.settle()
}

func (f *holder) settle() {
	waits := append(f.waits, f.syncs...)
	f.waits, f.syncs = nil, nil
	for _, done := range waits {
		done(f.sticky)
	}
}

func (v *holders) pump() {
	for _, name := range storage.SortedNames(v.files) {
		v.files[name].pump(-1)
	}
}

// openHeld opens the disk over such files.
func openHeld(t testing.TB, disk *memfs.Store, cfg Config) (*store, *holders) {
	inner, err := disk.Open()
	require.NoError(t, err)
	s := &store{t: t, fs: faultfs.Wrap(inner, nil), cfg: cfg, data: map[string]string{},
		host: &fakeHost{now: 1_700_000_000_000, posts: make(chan func(), 1000)}}
	v := &holders{FS: s.fs, files: map[string]*holder{}}
	s.newLog()
	s.log.fs, s.log.ballast, s.log.data = v, ballast{}, s.size
	v.prompt = true
	_, err = s.log.Load(context.Background(), s.apply(), nil)
	v.prompt = false
	require.NoError(t, err)
	s.turn()
	return s, v
}

// A late writer without room: MISCONF with the figures, then the ballast, and all that ran is in the log. The file is never given up.
func TestWhatALateWriterHadNoRoomForIsSentAgain(t *testing.T) {
	for _, policy := range []Policy{Always, Everysec, No} {
		t.Run(strconv.Itoa(int(policy)), func(t *testing.T) {
			disk := memfs.New()
			disk.SetCapacity(3 << 20)
			cfg := config()
			cfg.Policy = policy
			s, v := openHeld(t, disk, cfg)
			s.tick(1)
			v.pump()
			require.True(t, s.log.ballast.there)
			value := strings.Repeat("v", 64<<10)
			i := 0
			for ; s.log.Refusing() == nil; i++ {
				require.Less(t, i, 1000)
				s.do(0, "SET k"+strconv.Itoa(i)+" "+value)
				ticket, err := s.turn()
				require.NoError(t, err)
				require.NotZero(t, ticket, "nothing is written in the turn")
				v.pump()
				s.posted()
			}
			last := s.host.settled[len(s.host.settled)-1]
			require.ErrorContains(t, last.err, "Errors writing to the AOF file: No space left", "NOTDURABLE")
			assert.Regexp(t, `: No space left: [0-9.]+[BKM] of 3\.00M free, the log has [0-9.]+M$`, s.log.Refusing().Error())
			assert.Equal(t, "unwritten", s.log.Stats().State)
			s.tick(1) // sends it again
			require.Error(t, s.log.Refusing(), "until it is heard of")
			v.pump()
			s.tick(1)
			require.NoError(t, s.log.Refusing())
			require.True(t, s.log.Full())
			assert.Equal(t, s.data, reopened(t, disk.CrashClone(memfs.Nothing())), "all that ran is durable")
			s.log.data = nil // no rewrite by itself
			for key := range s.data {
				s.do(0, "DEL "+key[2:])
				s.turn()
				v.pump()
				s.tick(1000)
				v.pump()
				s.posted()
				require.NoError(t, s.log.Refusing())
			}
			if policy == Always {
				assert.Empty(t, reopened(t, disk.CrashClone(memfs.Nothing())))
			}
			assert.False(t, s.host.logged("not trusted"), s.host.logs)
			disk.SetCapacity(32 << 20)
			for range 4 {
				s.tick(ballastEvery)
				v.pump()
			}
			assert.False(t, s.log.Full())
			v.prompt = true
			require.NoError(t, s.close())
			assert.Empty(t, reopened(t, disk))
		})
	}
}

// Close sends what is held; where there is still no room it says so, and the log does not look closed well.
func TestCloseSendsWhatIsHeld(t *testing.T) {
	for _, room := range []bool{true, false} {
		disk := memfs.New()
		s, v := openHeld(t, disk, config())
		s.log.ballast.busy = true
		disk.SetCapacity(disk.Used())
		s.do(0, "SET a "+strings.Repeat("v", 64<<10))
		s.turn()
		v.pump()
		s.posted()
		require.Error(t, s.log.Refusing())
		if room {
			disk.SetCapacity(4 << 20)
		}
		v.prompt = true
		err := s.log.Close(context.Background())
		disk.Kill()
		if room {
			require.NoError(t, err)
			assert.Equal(t, s.data, reopened(t, disk))
			continue
		}
		require.ErrorIs(t, err, storage.ErrQuota)
		disk.SetCapacity(0)
		assert.Empty(t, reopened(t, disk))
	}
}

// Room comes and goes, parts of what waits are sent, the process ends at any moment: nothing acknowledged is lost, and what is there is a
// moment that was.
func TestHeldWritesAtRandom(t *testing.T) {
	seed := uint64(1)
	if s := os.Getenv("TABDIS_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	refusals, resent := 0, 0
	for round := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, round))
		cfg := config()
		cfg.Policy = []Policy{Always, Everysec}[round%2]
		disk := memfs.New()
		s, v := openHeld(t, disk, cfg)
		s.log.ballast.busy, s.log.data = round%4 < 2, nil // no base instead
		states, acked, tickets := []string{fmt.Sprint(s.data)}, 0, map[uint64]int{}
		for step := range 80 {
			if rng.IntN(6) == 0 {
				disk.SetCapacity(disk.Used() + rng.Int64N(40<<10))
			}
			if s.log.Refusing() == nil {
				s.do(0, "SET k"+strconv.Itoa(rng.IntN(9))+" "+strconv.Itoa(step)+strings.Repeat("v", rng.IntN(9000)))
				states = append(states, fmt.Sprint(s.data))
				held := s.log.held()
				if ticket, err := s.turn(); err == nil && ticket == 0 {
					acked = len(states) - 1
				} else if err == nil {
					tickets[ticket] = len(states) - 1
				}
				if !held && s.log.held() {
					refusals++
				}
			} else if s.log.held() {
				resent++
			}
			for _, name := range storage.SortedNames(v.files) {
				v.files[name].pump(rng.IntN(20000) - 8000)
			}
			s.tick(int64(rng.IntN(700))) // an answer within five seconds
			for _, settled := range s.host.settled {
				if settled.err == nil {
					for ticket, i := range tickets {
						if ticket <= settled.ticket {
							acked = max(acked, i)
						}
					}
				}
			}
			s.host.settled = nil
			crash := disk.CrashClone(memfs.Everything()) // the process ends
			if cfg.Policy == Always && rng.IntN(2) == 0 {
				crash = disk.CrashClone(memfs.Nothing())
			}
			crash.SetCapacity(0)
			got, found := fmt.Sprint(reopened(t, crash)), -1
			for i := len(states) - 1; i >= acked && found < 0; i-- {
				if states[i] == got {
					found = i
				}
			}
			require.GreaterOrEqual(t, found, 0, "TABDIS_SEED=%d round %d step %d: lost or falsified; %q", seed, round, step, s.host.logs)
		}
		require.False(t, s.host.logged("not trusted"), "TABDIS_SEED=%d round %d: %q", seed, round, s.host.logs)
		disk.Kill()
	}
	t.Logf("TABDIS_SEED=%d: %d steps with something held", seed, resent)
	require.Greater(t, resent, 50)
}

func (l *Log) held() bool {
	for _, f := range l.chain {
		if f.held {
			return true
		}
	}
	return false
}

// A store that another one has taken: it is told once, and nothing is tried any more.
func TestALostStoreIsNotTriedAgain(t *testing.T) {
	for name, begin := range map[string]func(s *store){
		"idle":      func(*store) {},
		"rewriting": func(s *store) { _, _ = s.log.Rewrite(false) },
		"enabling":  func(s *store) { s.log.Disable(); s.posted(); _ = s.log.Enable() },
	} {
		t.Run(name, func(t *testing.T) {
			s, v := openHeld(t, memfs.New(), config())
			begin(s)
			v.lost = errors.New("it is another's")
			s.fs.Inject(faultfs.From(0, faultfs.Changes, faultfs.Fault{Err: v.lost}))
			s.tick(1000)
			calls := s.fs.Count(faultfs.Changes)
			for range 100 {
				s.do(0, "SET a 1")
				_, err := s.turn()
				require.EqualError(t, err, "Errors writing to the AOF file: It is another's")
				s.tick(1000)
			}
			assert.Equal(t, calls, s.fs.Count(faultfs.Changes), "nothing is tried")
			assert.Equal(t, 1, strings.Count(strings.Join(s.host.logs, "\n"), "The store is lost: it is another's. Nothing is written any more"))
			assert.False(t, s.host.logged("from memory"), s.host.logs)
		})
	}
}

// What was held, and then synced, is with the platform: nobody waits for more, behind another file either.
func TestWhatIsSentAgainIsWritten(t *testing.T) {
	disk := memfs.New()
	cfg := config()
	cfg.Policy = No
	s, v := openHeld(t, disk, cfg)
	s.log.ballast.busy, s.log.data = true, nil
	s.do(0, "SET a 1")
	s.turn()
	v.pump()
	s.posted()
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	for n := 0; len(s.log.chain) < 2; n++ {
		require.Less(t, n, 100)
		s.tick(1)
	}
	disk.SetCapacity(disk.Used())
	s.do(0, "SET b 2")
	ticket, err := s.turn()
	require.NoError(t, err)
	require.NotZero(t, ticket)
	v.pump()
	s.posted()
	require.True(t, s.log.held())
	s.log.abandon(storage.ErrQuota)
	disk.SetCapacity(0)
	for range 4 {
		s.tick(1000)
		v.pump()
	}
	require.NoError(t, s.log.Refusing())
	ticket, err = s.turn()
	require.NoError(t, err)
	assert.Zero(t, ticket, "a read may be answered")
}
