package conformance

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestHyperLogLogsGrowAsInRedis adds elements until the values are dense and long behind that: every byte must be Redis's all the time.
func TestHyperLogLogsGrowAsInRedis(t *testing.T) {
	server := redistest.Start(t)
	conn := server.Connect(t)
	x := openTarget(t, memfs.New())
	same := func(words ...string) {
		want, err := conn.Do(words...)
		require.NoError(t, err)
		require.Equal(t, string(want), string(x.do(0, words...)), "%.100q", words)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, limit := range []string{"3000", "100", "20000"} {
		same("FLUSHALL")
		same("CONFIG", "SET", "hll-sparse-max-bytes", limit)
		for batch := range 90 {
			key := strconv.Itoa(r.IntN(3))
			add := []string{"PFADD", key}
			for range 1 + batch*3 {
				add = append(add, strconv.FormatUint(r.Uint64()>>r.IntN(50), 36))
			}
			same(add...)
			same("GET", key)
			same("PFCOUNT", key)
			same("GET", key)
			same("PFDEBUG", "ENCODING", key)
			same("PFCOUNT", "0", "1", "2")
			if batch%10 == 0 {
				same("PFMERGE", "merged", "0", strconv.Itoa(r.IntN(3)))
				same("GET", "merged")
				same("DEL", "merged")
			}
		}
		same("PFMERGE", "all", "0", "1", "2")
		same("DEBUG", "DIGEST")
	}
	x.close()
}
