package aof

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
)

// FuzzCheck gives a directory of a manifest, a base and two incr files to the checker and the loader. They agree, nothing is changed, and
// what the checker allocates, garbage included, stays within 16 times the input and 64 MB.
func FuzzCheck(f *testing.F) {
	for _, all := range specimens(f) {
		base, name := all[firstBase], byte(0)
		if rdb, ok := all[rdbName]; ok {
			base, name = rdb, 1
		}
		f.Add(all[manName], base, all[firstIncr], all[secondIncr], name)
		f.Add([]byte{}, base, all[firstIncr], all[secondIncr], name)
	}
	f.Fuzz(func(t *testing.T, man, base, one, two []byte, name byte) {
		all := map[string][]byte{}
		add := func(name string, b []byte) {
			if len(b) > 0 {
				all[name] = b
			}
		}
		add(manName, man)
		add([]string{firstBase, rdbName}[name&1], base)
		add(firstIncr, one)
		add(secondIncr, two)
		if strings.Contains(string(man), manName) || len(all) == 0 {
			return // a log that names its manifest as a file of its own cannot be opened twice
		}
		c, _ := agree(t, all, "fuzzed")
		if c.Verdict < VerdictUnreadable {
			require.Zero(t, c.NoRepair == "" && c.Repair == FixNothing)
		}
		disk := diskOf(t, all)
		fs, err := disk.Open()
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		o := checkOptions()
		o.Unit, o.Force = func(*Unit) {}, true
		c, err = CheckLog(context.Background(), fs, o)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.NoError(t, c.Close())
		size := len(man) + len(base) + len(one) + len(two)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(16*size+64<<20))
		for step, repair := 0, c.Repair; repair != FixNothing; step++ {
			_, _, err := fix(t, fs)
			require.NoError(t, err)
			again := checkedAgain(t, fs)
			if again.Verdict < VerdictDamaged {
				break
			}
			// A manifest that is written again may name a log that is damaged, which is repaired next, or said not to be repairable.
			require.Zero(t, step)
			require.Equal(t, FixManifest, repair)
			require.NotEqual(t, FixManifest, again.Repair)
			require.True(t, again.Repair != FixNothing || again.NoRepair != "")
			repair = again.Repair
		}
	})
}

func checkedAgain(t testing.TB, fs storage.FS) *Check {
	c, err := CheckLog(context.Background(), fs, checkOptions())
	require.NoError(t, err)
	require.NoError(t, c.Close())
	return c
}
