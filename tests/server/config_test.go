package server

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/tests/redistest"
)

// What becomes of each parameter of redis-server 7.0.
const (
	// here: it has its effect. Also where the effect is another one: hz is told and not needed.
	here = `acl-pubsub-default aclfile acllog-max-len dbfilename rdbchecksum stop-writes-on-bgsave-error tracking-table-max-keys aof-load-truncated aof-rewrite-incremental-fsync aof-timestamp-enabled aof-use-rdb-preamble appenddirname
		appendfilename appendfsync appendonly auto-aof-rewrite-min-size auto-aof-rewrite-percentage bind client-output-buffer-limit
		client-query-buffer-limit databases dir enable-debug-command enable-protected-configs hash-max-listpack-entries hash-max-listpack-value
		hash-max-ziplist-entries hash-max-ziplist-value hll-sparse-max-bytes hz latency-monitor-threshold latency-tracking
		latency-tracking-info-percentiles lfu-decay-time lfu-log-factor list-max-listpack-size list-max-ziplist-size logfile loglevel maxclients
		maxmemory maxmemory-clients maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples no-appendfsync-on-rewrite
		notify-keyspace-events pidfile port protected-mode proto-max-bulk-len rdbcompression requirepass save set-max-intset-entries
		slowlog-log-slower-than slowlog-max-len stream-node-max-bytes stream-node-max-entries supervised tcp-backlog tcp-keepalive timeout
		unixsocket unixsocketperm zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value`
	// idle: it is accepted, shown and written back, without effect. The reasons stand in core/cmd/tabdis/idle.go and core/config_params.go.
	idle = `active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower
		active-defrag-threshold-upper active-expire-effort activerehashing always-show-logo aof-disable-auto-gc
		aof_rewrite_cpulist bgsave_cpulist bind-source-addr bio_cpulist busy-reply-threshold cluster-allow-pubsubshard-when-down
		cluster-allow-reads-when-down cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-hostname cluster-announce-ip
		cluster-announce-port cluster-announce-tls-port cluster-config-file cluster-link-sendbuf-limit cluster-migration-barrier
		cluster-node-timeout cluster-port cluster-preferred-endpoint-type cluster-replica-no-failover cluster-replica-validity-factor
		cluster-require-full-coverage cluster-slave-no-failover cluster-slave-validity-factor crash-log-enabled crash-memcheck-enabled daemonize
		disable-thp dynamic-hz enable-module-command ignore-warnings io-threads io-threads-do-reads jemalloc-bg-thread
		lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush list-compress-depth
		lua-time-limit masterauth masteruser min-replicas-max-lag min-slaves-max-lag oom-score-adj oom-score-adj-values proc-title-template
		propagation-error-behavior rdb-del-sync-files rdb-save-incremental-fsync repl-backlog-size repl-backlog-ttl
		repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay repl-diskless-sync-max-replicas
		repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port replica-announced
		replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-priority replica-read-only
		replica-serve-stale-data sanitize-dump-payload server_cpulist set-proc-title shutdown-on-sigint shutdown-on-sigterm shutdown-timeout
		slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush slave-priority slave-read-only slave-serve-stale-data
		socket-mark-id syslog-enabled syslog-facility syslog-ident`
	// firm: it has the value with which Redis starts, and no other: that would promise what is not there.
	firm = `activedefrag cluster-enabled min-replicas-to-write min-slaves-to-write replicaof slaveof tls-auth-clients tls-ca-cert-dir tls-ca-cert-file
		tls-cert-file tls-ciphers tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-cluster
		tls-dh-params-file tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers tls-protocols tls-replication
		tls-session-cache-size tls-session-cache-timeout tls-session-caching`
)

// otherDefaults are the parameters that begin with another value than Redis's, and why.
var otherDefaults = map[string]string{
	"aof-use-rdb-preamble":  "blocks of commands prove themselves one by one",
	"appendonly":            "the log is on: a store keeps what it was given",
	"bind":                  "the loopback addresses alone",
	"sanitize-dump-payload": "RESTORE looks at every payload",
}

// configOf gives all parameters.
func configOf(t *testing.T, c *redistest.Conn) map[string]string {
	t.Helper()
	reply, err := c.Do("CONFIG", "GET", "*")
	require.NoError(t, err)
	words := bulks(string(reply))
	require.Zero(t, len(words)%2)
	all := map[string]string{}
	for i := 0; i < len(words); i += 2 {
		all[words[i]] = words[i+1]
	}
	return all
}

// bulks gives the bulk strings of an array.
func bulks(reply string) (words []string) {
	for {
		_, rest, ok := strings.Cut(reply, "$")
		if !ok {
			return words
		}
		length, rest, _ := strings.Cut(rest, "\r\n")
		n := 0
		for _, d := range length {
			n = 10*n + int(d-'0')
		}
		words = append(words, rest[:n])
		reply = rest[n+2:]
	}
}

func TestEveryParameterOfRedisIsDecided(t *testing.T) {
	redis := configOf(t, redistest.Start(t).Connect(t))
	ours := configOf(t, serve(t, t.TempDir(), "--enable-debug-command", "yes").connect())
	decided := strings.Fields(here + " " + idle + " " + firm)
	assert.Len(t, decided, len(slices.Compact(slices.Sorted(slices.Values(decided)))), "something is decided twice")
	assert.Equal(t, slices.Sorted(maps.Keys(redis)), slices.Sorted(slices.Values(decided)))
	for _, name := range decided {
		v, there := ours[name]
		assert.True(t, there, "%s is not shown", name)
		if own := name == "port" || name == "dir"; !own && otherDefaults[name] == "" {
			assert.Equal(t, redis[name], v, name)
		}
	}
}

// otherAnswers are the values for which CONFIG SET answers something else than Redis 7.0, and why. "*" stands for all.
var otherAnswers = map[string]string{
	"cluster-announce-hostname 1 kb":                  "it has no effect: no host's name is checked",
	"cluster-link-sendbuf-limit 18446744073709551616": "bytes are counted with 63 bits",
	"maxmemory 18446744073709551616":                  "bytes are counted with 63 bits",
	"maxmemory-clients 18446744073709551616":          "bytes are counted with 63 bits",
	"repl-backlog-size *":                             "it has no effect: Redis makes a small one larger",
	"activedefrag yes":                                "refused by Redis too where its allocator is not there, in other words",
	"loglevel *":                                      "7.2 has the level nothing",
	"proc-title-template *":                           "no title is set, whatever the template",
	"bind *":                                          "tested elsewhere",
	"port *":                                          "tested elsewhere",
	"dir *":                                           "the directory stays: the log is there",
	"requirepass *":                                   "the probe would lock itself out",
	"tls-port 1":                                      "refused, in other words",
	"tls-cluster yes":                                 "refused, in other words",
	"tls-replication yes":                             "refused, in other words",
	"min-replicas-to-write *":                         "refused",
	"min-slaves-to-write *":                           "refused",
}

func TestConfigSetAnswersAsRedis(t *testing.T) {
	redis := redistest.Start(t).Connect(t)
	s := serve(t, t.TempDir(), "--enable-debug-command", "yes")
	ours := s.connect()
	first := configOf(t, redis)
	refused := strings.Fields(firm)
	for _, name := range slices.Sorted(maps.Keys(first)) {
		values := []string{first[name], "x", "", "yes", "NO", "0", "1", "-1", "007", "1kb", "1 kb", "-9223372036854775808", "9223372036854775807", "18446744073709551616"}
		for _, v := range values {
			if otherAnswers[name+" "+v] != "" || otherAnswers[name+" *"] != "" {
				continue
			}
			want, err := redis.Do("CONFIG", "SET", name, v)
			require.NoError(t, err)
			got := s.do(ours, "CONFIG", "SET", name, v)
			if slices.Contains(refused, name) && !strings.EqualFold(v, first[name]) && string(want) == "+OK\r\n" {
				assert.Contains(t, got, "-ERR CONFIG SET failed", "%s %q", name, v)
				continue
			}
			assert.Equal(t, string(want), got, "CONFIG SET %s %q", name, v)
			if got == "+OK\r\n" && name != "sanitize-dump-payload" {
				want, err := redis.Do("CONFIG", "GET", name)
				require.NoError(t, err)
				assert.Equal(t, string(want), s.do(ours, "CONFIG", "GET", name), "after CONFIG SET %s %q", name, v)
			}
		}
		for _, c := range []*redistest.Conn{redis, ours} { // not everything can be undone
			_, err := c.Do("CONFIG", "SET", name, first[name])
			require.NoError(t, err)
		}
	}
}
