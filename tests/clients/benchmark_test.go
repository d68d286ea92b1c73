//go:build !js

package clients

import (
	"encoding/csv"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// benchmarks are what redis-benchmark runs unless it is told which.
var benchmarks = []string{
	"PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP", "SADD", "HSET", "SPOP", "ZADD", "ZPOPMIN", "LPUSH (needed to benchmark LRANGE)",
	"LRANGE_100 (first 100 elements)", "LRANGE_300 (first 300 elements)", "LRANGE_500 (first 500 elements)", "LRANGE_600 (first 600 elements)", "MSET (10 keys)",
}

// Each runs to its end; how fast is what tests/bench measures.
func TestRedisBenchmark(t *testing.T) {
	for _, args := range []string{"", "-P 16", "-3 -P 16 --threads 2", "-c 200 -r 1000 -n 1000", "-3 -k 0 -n 200"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := peer{"tabdis", serve(t)}
			words := append([]string{"-p", p.port(), "-n", "2000", "--csv"}, strings.Fields(args)...)
			cmd := exec.Command("redis-benchmark", words...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			require.NoError(t, err, "%s%s", out, stderr.String())
			assert.NotContains(t, strings.ToLower(stderr.String()), "error")
			rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
			require.NoError(t, err)
			var names []string
			for _, row := range rows[1:] {
				names = append(names, row[0])
			}
			assert.Equal(t, benchmarks, names)
			assert.Contains(t, cli(t, p, "", "info", "stats"), "total_error_replies:0\r\n")
			assert.Contains(t, cli(t, p, "", "info", "clients"), "connected_clients:1\r\n")
		})
	}
}
