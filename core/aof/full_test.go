package aof

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// size is what the keys and values of the store take.
func (s *store) size() (n int64) {
	for k, v := range s.data {
		n += int64(len(k) + len(v) + 16)
	}
	return n
}

// crowd opens a store with a ballast on a disk of so many bytes, and fills it until a write is refused.
func crowd(t *testing.T, disk *memfs.Store, capacity int64) *store {
	disk.SetCapacity(capacity)
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	s.log.data = s.size
	s.tick(1)
	require.True(t, s.log.ballast.there)
	assert.EqualValues(t, ballastSize, s.log.Stats().Ballast)
	assert.Equal(t, "healthy", s.log.Stats().State)
	value := strings.Repeat("v", 64<<10)
	for i := 0; ; i++ {
		require.Less(t, i, 1000)
		s.do(0, "SET k"+string(rune('a'+i))+" "+value)
		if _, err := s.turn(); err != nil {
			return s
		}
	}
}

func TestAFullDiskIsToldWithItsNumbers(t *testing.T) {
	disk := memfs.New()
	s := crowd(t, disk, 2<<20)
	s.posted()
	require.Error(t, s.log.Refusing())
	since := s.host.now
	assert.Equal(t, "Errors writing to the AOF file: No space left: 0B of 2.00M free, the log has 962.43K", s.log.Refusing().Error())
	st := s.log.Stats()
	assert.Equal(t, []any{"unwritten", since, "No space left", int64(2 << 20), int64(0), int64(2 << 20), int64(0)},
		[]any{st.State, st.Since, st.Cause, st.RoomUsed, st.RoomFree, st.RoomLimit, st.Ballast})
	s.tick(1)
	require.NoError(t, s.log.Refusing(), "the ballast was given up, and the block fits")
	assert.True(t, s.log.Full())
	st = s.log.Stats()
	assert.Equal(t, []any{"full", since + 1, "No space left"}, []any{st.State, st.Since, st.Cause})
	s.tick(1000)
	assert.Regexp(t, `^Errors writing to the AOF file: No space left: 1016\.00K of 2\.00M free, the log has 1\.00M; DEL, FLUSHALL, expiry and BGREWRITEAOF still work$`,
		s.log.FullReason().Error())
	s.tick(ballastEvery)
	assert.True(t, s.log.Full(), "there is no room for it")
	disk.SetCapacity(2<<20 + 100<<10)
	s.tick(ballastEvery)
	assert.True(t, s.log.Full(), "a ballast fits, and nothing behind it")
	disk.SetCapacity(4 << 20)
	s.tick(ballastEvery)
	assert.False(t, s.log.Full())
	st = s.log.Stats()
	assert.Equal(t, []any{"healthy", "", int64(ballastSize)}, []any{st.State, st.Cause, st.Ballast})
}

// Room is seen within a second or two, not at the next try to fill the ballast.
func TestRoomThatComesBackIsSeenSoon(t *testing.T) {
	disk := memfs.New()
	s := crowd(t, disk, 2<<20)
	s.tick(1)
	s.tick(1000)
	require.True(t, s.log.Full())
	disk.SetCapacity(8 << 20)
	s.tick(1000)
	s.tick(1)
	assert.False(t, s.log.Full())
}

// What frees room is logged, and durable before it is acknowledged, until the ballast is used up; then it is refused like all else.
func TestTheBallastIsForWhatFreesRoom(t *testing.T) {
	disk := memfs.New()
	s := crowd(t, disk, 2<<20)
	s.tick(1)
	require.True(t, s.log.Full())
	s.log.data = nil // no rewrite by itself
	acked := map[string]bool{}
	long := strings.Repeat("x", 30<<10)
	for i := 0; s.log.Refusing() == nil; i++ {
		require.Less(t, i, 100)
		key := "0/k" + string(rune('a'+i%10))
		s.do(0, "DEL "+key[2:], "DEL "+long)
		if ticket, err := s.turn(); err == nil && ticket == 0 {
			acked[key] = true
			_, there := mustOpen(t, disk.CrashClone(memfs.Nothing()), config()).data[key]
			require.False(t, there, "it is durable")
		}
	}
	assert.Len(t, acked, 10)
	for range 5 {
		s.tick(1000)
		require.Error(t, s.log.Refusing(), "the truth: nothing can be written")
		assert.Contains(t, s.log.Refusing().Error(), "of 2.00M free")
	}
	disk.SetCapacity(8 << 20)
	s.tick(1000)
	require.NoError(t, s.log.Refusing())
	disk.Kill()
}

// FLUSHALL, or many DELs, on a full disk: the log is rewritten by itself, and that gives the room back.
func TestAFullDiskIsShrunkByItself(t *testing.T) {
	disk := memfs.New()
	s := crowd(t, disk, 4<<20)
	s.tick(1)
	for range 30 {
		s.tick(1000)
	}
	require.True(t, s.log.Full())
	require.Zero(t, s.log.rewrites, "the base would not fit: it is not tried")
	for key := range s.data {
		if key != "0/ka" {
			s.do(0, "DEL "+key[2:])
		}
	}
	_, err := s.turn()
	require.NoError(t, err)
	s.tick(1000)
	assert.True(t, s.log.Rewriting())
	assert.True(t, s.host.logged("Starting automatic rewriting of AOF: the disk is full, the log has 3.01M and the data take 64."), s.host.logs)
	s.rewriteAll()
	for range 3 {
		s.tick(1000)
	}
	assert.False(t, s.log.Full())
	assert.EqualValues(t, 1, s.log.rewrites)
	assert.Less(t, s.log.size(), int64(70<<10))
	assert.Equal(t, s.data, reopened(t, disk))
}

// A rewrite that finds no room says what is missing, and takes nothing with it.
func TestARewriteThatFindsNoRoomSaysSo(t *testing.T) {
	disk := memfs.New()
	s := crowd(t, disk, 4<<20)
	s.tick(1)
	require.True(t, s.log.Full())
	used := disk.Used()
	_, err := s.log.Rewrite(false)
	require.NoError(t, err)
	for range 30 {
		s.tick(1)
	}
	assert.False(t, s.log.Rewriting())
	assert.Regexp(t, `Background AOF rewrite failed: No space left: the new base has to fit beside the old log, which has 3\.01M; 1\.00M of it did`,
		strings.Join(s.host.logs, "\n"))
	assert.LessOrEqual(t, disk.Used(), used+memfs.Page, "only the next file's first block stays")
	s.do(0, "DEL ka")
	_, err = s.turn()
	require.NoError(t, err)
	assert.Equal(t, s.data, reopened(t, disk))
}

// A process that starts on a disk that is full opens with the ballast's room, and keeps what is left for what frees room.
func TestOpeningOnAFullDisk(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	s.do(0, "SET a 1")
	s.turn()
	s.tick(1)
	disk.Kill()
	disk.SetCapacity(disk.Used())
	s = mustOpen(t, disk, config())
	assert.True(t, s.host.logged("The ballast is given up, so that the log can be opened."))
	assert.True(t, s.log.Full())
	s.do(0, "DEL a")
	_, err := s.turn()
	require.NoError(t, err)
	disk.Kill()
	disk.SetCapacity(disk.Used() + 512<<10)
	inner, err := disk.Open()
	require.NoError(t, err)
	s.fs = faultfs.Wrap(inner, nil)
	s.newLog()
	s.log.ballast = ballast{}
	_, err = s.log.Load(context.Background(), s.apply(), nil)
	require.NoError(t, err)
	s.turn()
	assert.True(t, s.log.Full(), "the ballast is missing and finds no room")
	assert.Contains(t, s.log.FullReason().Error(), "No space left: 5")
}

// A platform that tells nothing of its room: the ballast is tried every ten seconds.
func TestWithoutFiguresTheBallastIsTried(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	s.tick(1)
	s.log.fs = struct{ storage.FS }{s.fs}
	full := faultfs.NewSwitch(faultfs.Append|faultfs.Create, faultfs.Fault{Err: storage.ErrQuota})
	full.Set(true)
	s.fs.Inject(full)
	s.do(0, "SET a 1")
	_, err := s.turn()
	require.EqualError(t, err, "Errors writing to the AOF file: No space left: the log has "+Human(s.log.size()))
	full.Set(false)
	s.tick(1000)
	s.tick(1000)
	assert.True(t, s.log.Full())
	s.tick(ballastEvery)
	assert.False(t, s.log.Full())
}

func TestBytesForPeople(t *testing.T) {
	for n, want := range map[int64]string{-1: "0B", 0: "0B", 1023: "1023B", 1024: "1.00K", 1536: "1.50K", 12897485: "12.30M", 64 << 20: "64.00M", 5 << 30: "5.00G", 3 << 40: "3.00T"} {
		assert.Equal(t, want, Human(n))
	}
}

// A log that holds little beside the data is not rewritten, though its base would fit: it would give no room back.
func TestALogWithoutWasteIsNotShrunk(t *testing.T) {
	s := crowd(t, memfs.New(), 1<<20+320<<10)
	for range 30 {
		s.tick(1000)
	}
	require.True(t, s.log.Full())
	require.Greater(t, s.log.trouble.room.free, s.size()*3/2+shrinkRoom)
	assert.Zero(t, s.log.rewrites)
	assert.Zero(t, s.log.failures)
}

// What runs in the error state, an expiry or what was under way, is not said to be safe.
func TestNothingIsSafeInTheErrorState(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.fs.Inject(faultfs.From(0, faultfs.Append, faultfs.Fault{}))
	for _, c := range []string{"SET a 1", "SET b 2"} {
		s.do(0, c)
		ticket, err := s.turn()
		assert.Zero(t, ticket)
		require.Error(t, err)
	}
	s.fs.Inject(nil)
	s.tick(1000)
	assert.Equal(t, map[string]string{"0/a": "1", "0/b": "2"}, reopened(t, disk.CrashClone(memfs.Nothing())))
}

// A block larger than all the room there is stays unwritten. What frees memory may run all the same, NOTDURABLE, and as soon as a base of
// what is left is smaller than that block, it gets the log going again.
func TestABlockThatNeverFitsGivesWayToABase(t *testing.T) {
	for _, held := range []bool{false, true} {
		disk := memfs.New()
		disk.SetCapacity(4 << 20)
		var s *store
		pump, prompt := func() {}, new(bool)
		if held {
			var v *holders
			s, v = openHeld(t, disk, config())
			pump, prompt = v.pump, &v.prompt
		} else {
			s = mustOpen(t, disk, config())
			s.log.ballast, s.log.data = ballast{}, s.size
		}
		turn := func() error {
			ticket, err := s.turn()
			pump()
			s.posted()
			for _, settled := range s.host.settled {
				if ticket > 0 && settled.ticket >= ticket {
					err = settled.err
				}
			}
			s.host.settled = nil
			return err
		}
		s.tick(1)
		pump()
		require.True(t, s.log.ballast.there)
		s.do(0, "SET small 1", "SET large "+strings.Repeat("v", 2<<20))
		require.NoError(t, turn())
		before := reopened(t, disk.CrashClone(memfs.Nothing()))
		s.do(0, "SET huge "+strings.Repeat("v", 3<<20))
		require.Error(t, turn())
		require.False(t, s.log.Freeing(), "there is a ballast yet")
		for range 40 {
			s.tick(1000)
			pump()
			require.Equal(t, "unwritten", s.log.Stats().State, "a base would be no smaller")
			require.Equal(t, before, reopened(t, disk.CrashClone(memfs.Nothing())))
		}
		require.True(t, s.log.Freeing())
		s.do(0, "DEL huge", "DEL large")
		require.Error(t, turn(), "NOTDURABLE")
		require.Equal(t, before, reopened(t, disk.CrashClone(memfs.Nothing())), "a crash undoes it")
		require.True(t, s.log.Freeing())
		s.do(0, "SET more "+strings.Repeat("v", freeingMost), "DEL more")
		require.Error(t, turn())
		require.False(t, s.log.Freeing(), "what waits grows too much")
		*prompt = true
		for range 8 {
			s.tick(1000)
			pump()
			s.rewriteAll()
		}
		require.NoError(t, s.log.Refusing(), s.host.logs)
		assert.Equal(t, map[string]string{"0/small": "1"}, reopened(t, disk.CrashClone(memfs.Nothing())))
		for range 4 {
			s.tick(ballastEvery)
			pump()
		}
		assert.Equal(t, "healthy", s.log.Stats().State, s.host.logs)
		assert.False(t, s.log.Freeing())
	}
}

// A ballast that could not be filled as a whole takes no room, and is tried again.
func TestAPartOfABallastDoesNotStay(t *testing.T) {
	disk := memfs.New()
	s := mustOpen(t, disk, config())
	s.log.ballast = ballast{}
	name := ballastName("appendonly.aof")
	appended := 0
	s.fs.Inject(faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op == faultfs.Append && c.Name == name {
			if appended++; appended == 5 {
				return &faultfs.Fault{Err: storage.ErrQuota, Short: 100}
			}
		}
		return nil
	}))
	s.tick(1)
	require.Equal(t, 5, appended)
	_, there := files(t, disk.CrashClone(memfs.Everything()))[name]
	assert.False(t, there)
	assert.False(t, s.log.ballast.there)
	s.tick(ballastEvery)
	assert.Len(t, files(t, disk.CrashClone(memfs.Nothing()))[name], ballastSize)
	assert.True(t, s.log.ballast.there)
}
