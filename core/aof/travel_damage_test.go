package aof

import (
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
)

// threeGenerations is a log with two generations of history, each some seconds long.
func threeGenerations(t *testing.T) (all map[string][]byte, gens []Generation) {
	disk := memfs.New()
	s := mustOpen(t, disk, keeping(3))
	for range 2 {
		s.write(2)
		s.tick(20_000)
		s.write(2)
		s.tick(20_000)
		s.rewrite()
		s.tick(20_000)
	}
	s.write(3)
	require.NoError(t, s.close())
	all = files(t, disk)
	disk.Kill()
	gens = generations(t, diskOf(t, all))
	require.Len(t, gens, 3)
	for _, g := range gens {
		require.NoError(t, g.Err)
	}
	return all, gens
}

// A base that was cut short is damage, however short, and its checksum is not looked for behind its end.
func TestAShortBaseOfTheHistoryIsDamage(t *testing.T) {
	all, gens := threeGenerations(t)
	broken := func(all map[string][]byte, name string) {
		for _, n := range []int{0, 1, 7, len(all[name]) - 1} {
			bad := maps.Clone(all)
			bad[name] = bad[name][:n]
			for _, g := range generations(t, diskOf(t, bad)) {
				assert.Equal(t, g.Base == name, errors.Is(g.Err, ErrCorrupt), "%s, %d bytes: %v", g.Base, n, g.Err)
			}
		}
	}
	broken(all, gens[1].Base)
	base := rdbFile(true, ourWord+rdbParts)
	all = ourRDB(t, base, len(base))
	m, err := parseManifest(all[manName])
	require.NoError(t, err)
	m.history = []generation{{base: m.base, incrs: m.incrs}}
	all[manName] = m.encode()
	broken(all, rdbName)
}

// The generation that holds a second may be the one that cannot be read: the end of an older one is not what was held then.
func TestATimeInABrokenGenerationIsNotTheEndOfAnOlderOne(t *testing.T) {
	all, gens := threeGenerations(t)
	inside := Point{Time: gens[1].LastTime - 1}
	require.Greater(t, inside.Time, gens[1].FirstTime)
	_, to, err := goBack(t, diskOf(t, all), inside)
	require.NoError(t, err)
	require.Greater(t, to.LSN, gens[0].Last)
	bad := maps.Clone(all)
	delete(bad, gens[1].Base)
	_, to, err = goBack(t, diskOf(t, bad), inside)
	require.ErrorIs(t, err, ErrCorrupt, "%+v", to)
	assert.ErrorContains(t, err, gens[1].Base)
	_, to, err = goBack(t, diskOf(t, bad), Point{Time: gens[0].LastTime - 1})
	require.NoError(t, err, "what lies before it is sure")
	assert.Less(t, to.LSN, gens[0].Last)
}
