package aof

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/faultfs"
)

// hardened writes down from where each file is written again.
func hardened(list *[]string) faultfs.Injector {
	return faultfs.Func(func(c faultfs.Call) *faultfs.Fault {
		if c.Op == faultfs.Harden {
			*list = append(*list, strings.TrimPrefix(c.Name, "appendonly.aof.")+" from "+strconv.FormatInt(c.Off, 10))
		}
		return nil
	})
}

// What is not proven is written again in every file, from its first block that is not, and what is proven is left alone.
func TestHardeningBeginsWithTheFirstBlockThatIsNotProven(t *testing.T) {
	var list []string
	_, err := open(t, diskOf(t, twoFiles(t)), config(), hardened(&list))
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Contains(t, list[0], "1.incr.aof from ")
	assert.Equal(t, "2.incr.aof from 0", list[1])

	h := write(t, 3, true) // sealed: the last seal alone is not proven
	incr := h.files[firstIncr]
	last := strings.LastIndex(string(incr), headerMark)
	list = nil
	_, err = open(t, diskOf(t, h.files), config(), hardened(&list))
	require.NoError(t, err)
	assert.Equal(t, []string{"1.incr.aof from " + strconv.Itoa(last)}, list)
}

// First what is torn is kept, then it is cut, then the rest is hardened: Harden writes all up to the end of the file.
func TestTheOrderOfMending(t *testing.T) {
	h := write(t, 3, false)
	all := map[string][]byte{manName: h.files[manName], firstIncr: h.files[firstIncr][:h.ends[3]-1]}
	var steps []string
	_, err := open(t, diskOf(t, all), config(), recorder(&steps))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"create 1.incr.aof.torn-4", "append 1.incr.aof.torn-4", "sync 1.incr.aof.torn-4",
		"truncate 1.incr.aof", "sync 1.incr.aof", "harden 1.incr.aof", "replace manifest", "append 1.incr.aof", "sync 1.incr.aof",
	}, steps)
}

func TestALogThatCannotBeHardenedIsNotOpened(t *testing.T) {
	for _, op := range []faultfs.Op{faultfs.Harden, faultfs.Replace, faultfs.Append, faultfs.Sync} {
		h := write(t, 3, false)
		at := faultfs.At(0, op, faultfs.Fault{})
		_, err := open(t, diskOf(t, h.files), config(), at)
		require.True(t, at.Fired())
		assert.ErrorIs(t, err, faultfs.ErrInjected, op.String())
	}
}
