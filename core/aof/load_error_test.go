package aof

import (
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/faultfs"
)

// Each of the outcomes tells file, offset, lsn and what to do.
func TestEachOutcomeTellsWhereItIsAndWhatToDo(t *testing.T) {
	h := write(t, 3, true)
	incr := h.files[firstIncr]
	ends := h.ends
	outcome := func(all map[string][]byte, injector faultfs.Injector, truncated bool) *LoadError {
		t.Helper()
		disk := diskOf(t, all)
		cfg := config()
		cfg.LoadTruncated = truncated
		_, err := open(t, disk, cfg, injector)
		var why *LoadError
		require.ErrorAs(t, err, &why)
		assert.Equal(t, all, files(t, disk), "nothing was changed")
		return why
	}
	torn := maps.Clone(h.files)
	torn[firstIncr] = incr[:ends[3]-1]
	why := outcome(torn, nil, false)
	assert.ErrorIs(t, why, ErrTruncated)
	assert.EqualError(t, why, "the append only file is truncated: "+firstIncr+" at "+utoa(uint64(why.Offset))+", lsn "+utoa(why.LSN)+
		": aof-load-truncated is no, and what stands there is incomplete")
	assert.NotZero(t, why.LSN)
	assert.Contains(t, why.Hint(), "With aof-load-truncated yes it is cut there")
	assert.Contains(t, why.Hint(), "tabdis check-aof <dir>")

	bad := maps.Clone(h.files)
	bad[firstIncr] = append([]byte(nil), incr...)
	bad[firstIncr][ends[0]+200] ^= 1
	why = outcome(bad, nil, true)
	assert.ErrorIs(t, why, ErrCorrupt)
	assert.NotZero(t, why.LSN)
	assert.Contains(t, why.Error(), "the append only file is damaged: "+firstIncr+" at ")
	assert.Contains(t, why.Hint(), "Nothing was changed. Keep a copy of the directory; tabdis check-aof <dir>")

	missing := maps.Clone(h.files)
	delete(missing, firstIncr)
	why = outcome(missing, nil, true)
	assert.EqualError(t, why, "the append only file is damaged: "+firstIncr+": the manifest names it, and it is not there")
	assert.Contains(t, why.Hint(), "tabdis check-aof <dir>")

	for _, op := range []faultfs.Op{faultfs.Read, faultfs.Open} {
		at := faultfs.At(0, op, faultfs.Fault{}).Where(func(c faultfs.Call) bool { return c.Name == firstIncr })
		why = outcome(h.files, at, true)
		assert.ErrorIs(t, why, ErrUnreadable)
		assert.ErrorIs(t, why, faultfs.ErrInjected, "the cause is kept")
		assert.NotErrorIs(t, why, ErrCorrupt)
		assert.Equal(t, firstIncr, why.File)
		assert.Contains(t, why.Error(), "the append only file cannot be read: "+firstIncr)
		assert.Contains(t, why.Hint(), "Nothing was changed, and the log may be whole")
	}
	why = outcome(h.files, faultfs.At(0, faultfs.List, faultfs.Fault{}), true)
	assert.ErrorIs(t, why, ErrUnreadable)
}

func TestWhatAStorageSaysOfItselfIsNoUnreadableLog(t *testing.T) {
	for _, state := range []error{storage.ErrCorrupt, storage.ErrLocked, storage.ErrClosed} {
		err := storage.Wrap("open", "pool", -1, state)
		assert.Equal(t, err, unreadable(err, 1))
	}
	assert.NoError(t, unreadable(nil, 1))
	other := errors.New("other")
	assert.Equal(t, other, unreadable(other, 1))
}
