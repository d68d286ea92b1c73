package aof

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
	"tabdis/core/storage/memfs"
)

// unnamed are the files of the log that the manifest does not name.
func unnamed(t *testing.T, disk *memfs.Store) (names []string) {
	all := files(t, disk)
	for name := range all {
		if name != "appendonly.aof.manifest" && !strings.Contains(string(all["appendonly.aof.manifest"]), name+" ") {
			names = append(names, name)
		}
	}
	return names
}

// A close gives a rewrite up wherever it is, and leaves none of its files: also when a job has ended of which no turn has heard.
func TestACloseGivesARewriteUpAndLeavesNoFile(t *testing.T) {
	for _, unheard := range []bool{false, true} {
		for steps := 0; ; steps++ {
			name := strconv.Itoa(steps) + " steps, the last job unheard of: " + strconv.FormatBool(unheard)
			s, disk := filled(t, 60)
			s.cfg.Policy = Everysec
			s.log.Rewrite(false)
			for i := 0; i < steps && s.log.rw != nil; i++ {
				s.do(0, "APPEND k1 x")
				if unheard && i == steps-1 {
					s.log.Tick() // what it posts is not taken
				} else {
					s.tick(1)
				}
			}
			var snap *modelSnapshot
			rw := s.log.rw
			if rw != nil && rw.snap != nil {
				snap = rw.snap.(*modelSnapshot)
			}
			want := maps.Clone(s.data)
			require.NoError(t, s.close(), name)
			assert.Empty(t, unnamed(t, disk), name)
			if snap != nil {
				assert.True(t, snap.cancelled, name)
			}
			assert.Equal(t, want, reopened(t, disk), name)
			if rw == nil {
				assert.Greater(t, steps, 4)
				break
			}
		}
	}
}

// A first base is given up in the same way; what is on disk is from before.
func TestACloseGivesAFirstBaseUp(t *testing.T) {
	for steps := range 8 {
		s, disk := filled(t, 60)
		before := maps.Clone(s.data)
		s.log.Disable()
		s.posted()
		require.NoError(t, s.log.Enable())
		for range steps {
			s.tick(1)
		}
		if s.log.state != enabling {
			before = s.data
			require.Greater(t, steps, 3)
		}
		s.log.Close(t.Context())
		assert.Empty(t, unnamed(t, disk), "%d steps", steps)
		assert.Equal(t, before, reopened(t, disk), "%d steps", steps)
	}
}

// A rewrite that an error ends leaves no file and no snapshot, and the chain as it was.
func TestAnErrorGivesARewriteUp(t *testing.T) {
	for k := 0; ; k++ {
		s, disk := filled(t, 60)
		s.fs.Inject(faultfs.At(k, faultfs.Append|faultfs.Sync, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return strings.Contains(c.Name, ".base.") }))
		s.log.Rewrite(false)
		var snap *modelSnapshot
		for s.log.rw != nil {
			s.do(0, "APPEND k1 x")
			s.tick(1)
			if rw := s.log.rw; rw != nil && rw.snap != nil {
				snap = rw.snap.(*modelSnapshot)
			}
		}
		if s.log.Stats().LastRewriteOK {
			require.Greater(t, k, 1)
			break
		}
		require.True(t, s.host.logged("Background AOF rewrite failed"))
		if snap != nil && len(snap.keys) > 0 {
			assert.True(t, snap.cancelled)
		}
		s.posted()
		assert.Empty(t, unnamed(t, disk.CrashClone(memfs.Everything())), "error %d", k)
		assert.Equal(t, s.data, reopened(t, disk))
	}
}
