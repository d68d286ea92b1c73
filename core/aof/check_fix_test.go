package aof

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// fix checks and repairs until nothing is left to do. It tells the first verdict, and whether anything could be done.
func fix(t testing.TB, fs storage.FS) (first *Check, kept []string, err error) {
	ctx := context.Background()
	for range 5 {
		c, err := CheckLog(ctx, fs, checkOptions())
		if err != nil {
			return first, kept, err
		}
		if first == nil {
			first = c
		}
		kind := c.Repair
		if kind == FixNothing {
			return first, kept, c.Close()
		}
		names, err := c.Fix(ctx)
		kept = append(kept, names...)
		if err := errors.Join(err, c.Close()); err != nil {
			return first, kept, err
		}
	}
	t.Fatal("it is never done")
	return nil, nil, nil
}

// prefix is what a Replayer was given before the log ended, by the loader's own reader.
type prefix struct {
	known
	text []string
}

func (p *prefix) Replay(args [][]byte) error {
	if err := p.known.Replay(args); err != nil {
		return err
	}
	p.text = append(p.text, string(bytes.Join(args, []byte(" "))))
	return nil
}

// readable is all that can be read of a log before its end, whatever the verdict.
func readable(t testing.TB, disk *memfs.Store) []string {
	fs, err := disk.Open()
	require.NoError(t, err)
	defer disk.Kill()
	p := &prefix{}
	o := checkOptions()
	o.Replay = p.Replay
	c, err := CheckLog(context.Background(), fs, o)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	return p.text
}

func TestARepairedLogIsCleanAndHasAllThatWasBeforeItsEnd(t *testing.T) {
	r := seed(t)
	count := map[string]int{}
	for name, all := range specimens(t) {
		for i := range rounds(t, 150) {
			bad, what := spoil(r, all)
			what = name + ", " + strconv.Itoa(i) + ", " + what
			disk := diskOf(t, bad)
			before := readable(t, disk)
			fs, err := disk.Open()
			require.NoError(t, err)
			first, kept, err := fix(t, fs)
			require.NoError(t, err, what)
			disk.Kill()
			kind, why := first.Repair, first.NoRepair
			count[first.Verdict.String()+" "+kind.String()]++
			if kind == FixNothing {
				require.NotEmpty(t, why, what)
				require.Equal(t, files(t, diskOf(t, bad)), files(t, disk), what)
				continue
			}
			after := files(t, disk)
			require.Equal(t, VerdictClean, checked(t, diskOf(t, after)).Verdict, what)
			require.Equal(t, said{}.verdict, loaderSays(t, diskOf(t, after)).verdict, what)
			if kind != FixManifest {
				require.Equal(t, before, readable(t, diskOf(t, after)), what)
			}
			if kind == FixTail || kind == FixDamage {
				cut := 0
				for _, name := range kept {
					cut += len(after[name])
				}
				require.EqualValues(t, first.Loss.Bytes, cut, what)
			}
			keptAll(t, bad, after, what)
		}
	}
	t.Logf("%v", count)
	for _, want := range []string{"clean slack", "torn tail", "damaged damage", "damaged manifest", "damaged nothing"} {
		assert.NotZero(t, count[want], want)
	}
}

// keptAll sees that each file is what it was, or its front with perhaps a seal behind it and its end in a side file.
func keptAll(t testing.TB, bad, after map[string][]byte, what string) {
	for name, b := range bad {
		if name == manName {
			continue
		}
		now := after[name]
		same := 0
		for same < min(len(b), len(now)) && b[same] == now[same] {
			same++
		}
		rest := bytes.TrimRight(b[same:], "\x00")
		found := len(rest) == 0
		for side, text := range after {
			found = found || strings.HasPrefix(side, name+".torn-") && bytes.HasSuffix(b, text) && len(text) >= len(b)-same
		}
		require.True(t, found, "%s: %d bytes of %s are gone", what, len(rest), name)
	}
}

// At each crash of a repair the log stands as before, or loads to what the repair leaves.
func TestACrashOfARepairLeavesTheLogAsItWasOrRepaired(t *testing.T) {
	r := seed(t)
	all := specimens(t)
	crashes := 0
	for _, name := range []string{"killed", "sealed blocks", "two files", "rewritten", "closed", "a Redis ran on it", "of a Redis"} {
		for range rounds(t, 4) {
			bad, what := spoil(r, all[name])
			crashes += crashRepair(t, bad, name+": "+what, r)
		}
	}
	t.Logf("%d crashes", crashes)
}

func crashRepair(t *testing.T, bad map[string][]byte, what string, r *rand.Rand) (crashes int) {
	disk := diskOf(t, bad)
	fs, err := disk.Open()
	require.NoError(t, err)
	first, _, err := fix(t, fs)
	require.NoError(t, err, what)
	disk.Kill()
	if first.Repair == FixNothing {
		return 0
	}
	want := readable(t, disk)
	for k := 0; ; k++ {
		disk := diskOf(t, bad)
		inner, err := disk.Open()
		require.NoError(t, err)
		at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true})
		_, _, err = fix(t, faultfs.Wrap(inner, at))
		if !at.Fired() {
			require.NoError(t, err, what)
			return crashes
		}
		for range 4 {
			crashes++
			clone := disk.CrashClone(memfs.Random(r.Uint64()))
			left := files(t, clone)
			keptAll(t, bad, left, what)
			c := checked(t, diskOf(t, left))
			where := what + ", crash at " + strconv.Itoa(k)
			switch p := c.Problem; {
			case c.Verdict < VerdictDamaged:
				require.Equal(t, want, readable(t, diskOf(t, left)), where)
			case p.Offset >= 0 && p.File == first.Problem.File && p.Offset == first.Problem.Offset && len(bytes.Trim(left[p.File][p.Offset:], "\x00")) == 0:
				// The disk gives zeros for what was being cut: a Redis's file refuses them, until it is repaired again.
			default:
				require.Equal(t, first.Verdict, VerdictDamaged, "%s: %+v, was %+v", where, c.Problem, first.Problem)
			}
			fs, err := clone.Open()
			require.NoError(t, err)
			_, _, err = fix(t, fs)
			require.NoError(t, err, where)
			clone.Kill()
			require.Equal(t, want, readable(t, clone), where+", and repaired again")
			require.Equal(t, VerdictClean, loaderSays(t, clone).verdict, where)
		}
	}
}

func TestAMissingOrDamagedManifestIsRebuiltWhereTheFilesLeaveOneReading(t *testing.T) {
	all := specimens(t)
	rebuilt := func(name string, bad map[string][]byte) (*Check, FixKind, string) {
		c := checked(t, diskOf(t, bad))
		kind, why := c.Repair, c.NoRepair
		if kind != FixManifest {
			return c, kind, why
		}
		disk := diskOf(t, bad)
		fs, err := disk.Open()
		require.NoError(t, err)
		_, _, err = fix(t, fs)
		require.NoError(t, err)
		disk.Kill()
		require.Equal(t, readable(t, diskOf(t, all[name])), readable(t, disk), name)
		return c, kind, why
	}
	for _, name := range []string{"killed", "closed", "rewritten", "RDB base"} {
		bad := maps.Clone(all[name])
		delete(bad, manName)
		_, kind, why := rebuilt(name, bad)
		assert.Equal(t, FixManifest, kind, "%s: %s", name, why)
		for i := range all[name][manName] {
			bad := maps.Clone(all[name])
			bad[manName] = bytes.Clone(bad[manName])
			bad[manName][i] ^= 4
			_, kind, why = rebuilt(name, bad)
			require.Equal(t, FixManifest, kind, "%s: byte %d: %s", name, i, why)
		}
	}
	two := maps.Clone(all["two files"])
	require.Contains(t, two, firstBase, "a base that is not yet in force")
	delete(two, manName)
	_, kind, why := rebuilt("two files", two)
	assert.Equal(t, FixManifest, kind, why)

	// An old incr file that a crash left looks as if it stood behind the base.
	old := maps.Clone(all["closed"])
	delete(old, manName)
	old[firstIncr] = all["killed"][firstIncr]
	_, kind, why = rebuilt("closed", old)
	assert.Equal(t, FixNothing, kind)
	assert.Contains(t, why, "follow")
}

// An operation of a repair that fails is told, and the repair can be repeated, with the same end.
func TestARepairThatFailsCanBeRepeated(t *testing.T) {
	all := specimens(t)
	bad := maps.Clone(all["sealed blocks"])
	bad[firstIncr] = bytes.Clone(bad[firstIncr])
	bad[firstIncr][len(bad[firstIncr])/2] ^= 1
	torn := maps.Clone(all["killed"])
	torn[firstIncr] = torn[firstIncr][:len(torn[firstIncr])-3]
	lost := maps.Clone(all["rewritten"])
	delete(lost, manName)
	for name, spoiled := range map[string]map[string][]byte{"damage": bad, "tail": torn, "manifest": lost} {
		disk := diskOf(t, spoiled)
		fs, err := disk.Open()
		require.NoError(t, err)
		first, _, err := fix(t, fs)
		require.NoError(t, err)
		require.Equal(t, name, first.Repair.String())
		disk.Kill()
		want := readable(t, disk)
		k := 0
		for ; ; k++ {
			disk := diskOf(t, spoiled)
			inner, err := disk.Open()
			require.NoError(t, err)
			at := faultfs.At(k, faultfs.Changes, faultfs.Fault{})
			_, _, err = fix(t, faultfs.Wrap(inner, at))
			if !at.Fired() {
				require.NoError(t, err)
				break
			}
			where := name + ", operation " + strconv.Itoa(k)
			if err != nil { // only the removal of an empty file may fail without being told
				require.ErrorIs(t, err, faultfs.ErrInjected, where)
			}
			_, _, err = fix(t, inner)
			require.NoError(t, err, where)
			disk.Kill()
			require.Equal(t, want, readable(t, disk), where)
			require.Equal(t, VerdictClean, loaderSays(t, disk).verdict, where)
		}
		require.Positive(t, k)
	}
}

// What cannot be read is never clean, nor torn, nor damaged, and nothing can be repaired on it.
func TestWhatCannotBeReadIsNotJudged(t *testing.T) {
	for name, all := range specimens(t) {
		delete(all, "appendonly.aof.ballast")
		for k := 0; ; k++ {
			disk := diskOf(t, all)
			inner, err := disk.Open()
			require.NoError(t, err)
			at := faultfs.At(k, faultfs.Read|faultfs.List|faultfs.Open, faultfs.Fault{})
			c, err := CheckLog(context.Background(), faultfs.Wrap(inner, at), checkOptions())
			if !at.Fired() {
				require.NoError(t, err)
				break
			}
			if err != nil {
				require.ErrorIs(t, err, faultfs.ErrInjected)
				disk.Kill()
				continue
			}
			require.NoError(t, c.Close())
			if !strings.Contains(states(c), faultfs.ErrInjected.Error()) { // a stray file, whose size alone was asked for
				require.Equal(t, VerdictUnreadable, c.Verdict, "%s, operation %d", name, k)
				require.Equal(t, FixNothing, c.Repair)
			}
			disk.Kill()
		}
	}
}

func states(c *Check) (all string) {
	for _, f := range c.Files {
		all += f.State + "\n"
	}
	return all
}
