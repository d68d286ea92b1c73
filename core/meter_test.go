package core

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBucketsHoldWhatTheyTell(t *testing.T) {
	last := 0
	for ns := int64(0); ns < 1<<34; ns = ns*9/8 + 1 {
		i := bucket(ns)
		assert.GreaterOrEqual(t, i, last, "%d", ns)
		if i < bucketCount-1 {
			assert.LessOrEqual(t, ns, upTo(i), "%d", ns)
		}
		if i > 0 {
			assert.Greater(t, ns, upTo(i-1), "%d", ns)
		}
		last = i
	}
	assert.Equal(t, bucketCount-1, bucket(1<<62))
}

func meteredEngine(t *testing.T) (*Engine, func(line string) string) {
	t.Helper()
	e, err := Open(context.Background(), Options{Config: map[string]string{"appendonly": "no", "enable-debug-command": "yes"}, Now: 1_700_000_000_000, Seed: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close(context.Background())) })
	s := e.NewSession(SessionOptions{Addr: "127.0.0.1:1"})
	return e, func(lines string) string {
		e.Turn(1_700_000_000_000)
		s.Feed([]byte(strings.ReplaceAll(lines, ";", "\r\n") + "\r\n"))
		e.EndTurn()
		out := string(s.Output())
		s.Take(len(out))
		return out
	}
}

func TestEveryCommandIsCounted(t *testing.T) {
	_, do := meteredEngine(t)
	do("SET a 1" + strings.Repeat(";GET a", 100) + ";LPUSH a 1;GET;MULTI;INCR a;DEL a;EXEC;CONFIG GET save")
	stats := regexp.MustCompile(`usec=\d+,usec_per_call=[\d.]+`).ReplaceAllString(do("INFO commandstats"), "T")
	for _, want := range []string{
		"cmdstat_set:calls=1,T,rejected_calls=0,failed_calls=0", "cmdstat_get:calls=100,T,rejected_calls=1,failed_calls=0",
		"cmdstat_lpush:calls=1,T,rejected_calls=0,failed_calls=1", "cmdstat_incr:calls=1,T", "cmdstat_exec:calls=1,T", "cmdstat_config|get:calls=1,T",
	} {
		assert.Contains(t, stats, want)
	}
	assert.Contains(t, do("INFO errorstats"), "errorstat_ERR:count=1\r\nerrorstat_WRONGTYPE:count=1\r\n")
	assert.Contains(t, do("INFO latencystats"), "latency_percentiles_usec_get:p50=")
	do("CONFIG RESETSTAT")
	assert.NotContains(t, do("INFO commandstats"), "cmdstat_get")
}

func TestASlowCommandIsFoundAmongFastOnes(t *testing.T) {
	e, do := meteredEngine(t)
	do("CONFIG SET latency-monitor-threshold 0;SET a 1;GET a;DEBUG SLEEP 0.03;GET a;GET a")
	got := do("SLOWLOG GET")
	assert.True(t, strings.HasPrefix(got, "*1\r\n*6\r\n:0\r\n:1700000000\r\n"), got)
	assert.Contains(t, got, "*3\r\n$5\r\nDEBUG\r\n$5\r\nSLEEP\r\n$4\r\n0.03\r\n$11\r\n127.0.0.1:1\r\n$0\r\n\r\n")
	calls, atMost := e.Histogram(e.table.FullNamed([]byte("debug")))
	assert.EqualValues(t, 1, calls)
	require.Len(t, atMost, 1)
	assert.GreaterOrEqual(t, atMost[0][0], int64(30_000))
}

func TestTheSlowlogKeepsOnlyTheBeginningOfLongCommands(t *testing.T) {
	_, do := meteredEngine(t)
	do("CONFIG SET slowlog-log-slower-than 0;SLOWLOG RESET")
	do("MSET" + strings.Repeat(" "+strings.Repeat("y", 130), 40))
	got := do("SLOWLOG GET 1")
	assert.Contains(t, got, "*32\r\n$4\r\nMSET\r\n$146\r\n"+strings.Repeat("y", 128)+"... (2 more bytes)\r\n")
	assert.Contains(t, got, "... (10 more arguments)")
}

func TestSecretsAreHidden(t *testing.T) {
	_, do := meteredEngine(t)
	do("CONFIG SET slowlog-log-slower-than 0;HELLO 2 AUTH default secret")
	got := do("SLOWLOG GET")
	assert.NotContains(t, got, "secret")
	assert.Contains(t, got, "(redacted)")
}
