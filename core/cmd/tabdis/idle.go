//go:build !js

package main

import "slices"

// Why a parameter of Redis has no effect here.
const (
	noReplication = "there is no replication"
	noCluster     = "there is no cluster"
	noTLS         = "there is no TLS"
	noScripts     = "there are no scripts"
	noModules     = "there are no modules"
	noFork        = "no process is forked"
	noDefrag      = "Go's collector has no such cycle"
	noTuning      = "Go's runtime decides it"
)

// idleParameters are those that a redis.conf may hold and that have no effect here: they are accepted, shown and written back, so that one's
// file and tools go on working, and named in the log when they say something else than at first. Where that would promise what is not there
// (a cluster, encryption, copies), they are refused.
func idleParameters() []*setting {
	return slices.Concat(
		because(noReplication,
			words("masterauth"), words("masteruser"),
			count("min-replicas-max-lag", 0, maxInt32, 10).alias("min-slaves-max-lag"),
			count("min-replicas-to-write", 0, maxInt32, 0).alias("min-slaves-to-write").refused("no replica can be there to write to: tabdis does not replicate"),
			choice("propagation-error-behavior", "ignore", "ignore", "panic", "panic-on-replicas"),
			flag("rdb-del-sync-files", false),
			size("repl-backlog-size", 1, 1<<20), count("repl-backlog-ttl", 0, maxInt64, 3600), flag("repl-disable-tcp-nodelay", false),
			choice("repl-diskless-load", "disabled", "disabled", "on-empty-db", "swapdb"), flag("repl-diskless-sync", true),
			count("repl-diskless-sync-delay", 0, maxInt32, 5), count("repl-diskless-sync-max-replicas", 0, maxInt32, 0),
			count("repl-ping-replica-period", 1, maxInt32, 10).alias("repl-ping-slave-period"), count("repl-timeout", 1, maxInt32, 60),
			words("replica-announce-ip").alias("slave-announce-ip"), count("replica-announce-port", 0, 65535, 0).alias("slave-announce-port"),
			flag("replica-announced", true), flag("replica-ignore-disk-write-errors", false),
			flag("replica-ignore-maxmemory", true).alias("slave-ignore-maxmemory"), flag("replica-lazy-flush", false).alias("slave-lazy-flush"),
			count("replica-priority", 0, maxInt32, 100).alias("slave-priority"), flag("replica-read-only", true).alias("slave-read-only"),
			flag("replica-serve-stale-data", true).alias("slave-serve-stale-data"), replicaOf()),
		because(noCluster,
			flag("cluster-allow-pubsubshard-when-down", true), flag("cluster-allow-reads-when-down", false), flag("cluster-allow-replica-migration", true),
			count("cluster-announce-bus-port", 0, 65535, 0), words("cluster-announce-hostname"), words("cluster-announce-ip"),
			count("cluster-announce-port", 0, 65535, 0), count("cluster-announce-tls-port", 0, 65535, 0),
			word("cluster-config-file", "nodes.conf").immutable(),
			flag("cluster-enabled", false).immutable().refused("tabdis is no part of a cluster"),
			size("cluster-link-sendbuf-limit", 0, 0), count("cluster-migration-barrier", 0, maxInt32, 1), count("cluster-node-timeout", 0, maxInt64, 15000),
			count("cluster-port", 0, 65535, 0).immutable(), choice("cluster-preferred-endpoint-type", "ip", "ip", "hostname", "unknown-endpoint"),
			flag("cluster-replica-no-failover", false).alias("cluster-slave-no-failover"),
			count("cluster-replica-validity-factor", 0, maxInt32, 10).alias("cluster-slave-validity-factor"), flag("cluster-require-full-coverage", true)),
		because(noTLS, tlsParameters()...),
		because(noScripts, count("busy-reply-threshold", 0, maxInt64, 5000).alias("lua-time-limit")),
		because(noModules, choice("enable-module-command", "no", "no", "yes", "local").immutable()),
		because(noFork,
			words("aof_rewrite_cpulist").immutable(), words("bgsave_cpulist").immutable(), words("bio_cpulist").immutable(), words("server_cpulist").immutable(),
			flag("disable-thp", true).immutable(), choice("oom-score-adj", "no", "no", "yes", "relative", "absolute"),
			several("oom-score-adj-values", 3, "0 200 800"), flag("set-proc-title", true).immutable(), word("proc-title-template", "{title} {listen-addr} {server-mode}"),
			flag("crash-log-enabled", true), flag("crash-memcheck-enabled", true)),
		because(noDefrag,
			count("active-defrag-cycle-max", 1, 99, 25), count("active-defrag-cycle-min", 1, 99, 1), size("active-defrag-ignore-bytes", 1, 100<<20),
			count("active-defrag-max-scan-fields", 1, maxInt64, 1000), count("active-defrag-threshold-lower", 0, 1000, 10),
			count("active-defrag-threshold-upper", 0, 1000, 100), flag("activedefrag", false).refused("the collector of Go's runtime moves nothing"), flag("jemalloc-bg-thread", true)),
		because(noTuning,
			flag("dynamic-hz", true), flag("io-threads-do-reads", false).immutable(),
			words("bind-source-addr"), count("socket-mark-id", 0, maxUint32, 0).immutable(), count("shutdown-timeout", 0, maxInt32, 10)),
		because("the log stands in logfile or on standard error",
			flag("always-show-logo", false).immutable(), flag("syslog-enabled", false).immutable(),
			choice("syslog-facility", "local0", "user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7").immutable(),
			word("syslog-ident", "redis").immutable(), words("ignore-warnings")),
		because("old files are always removed", flag("aof-disable-auto-gc", false)),
	)
}

func tlsParameters() []*setting {
	all := []*setting{
		choice("tls-auth-clients", "yes", "no", "yes", "optional"), words("tls-ca-cert-dir"), words("tls-ca-cert-file"), words("tls-cert-file"),
		words("tls-ciphers"), words("tls-ciphersuites"), words("tls-client-cert-file"), words("tls-client-key-file"), words("tls-client-key-file-pass"),
		flag("tls-cluster", false), words("tls-dh-params-file"), words("tls-key-file"), words("tls-key-file-pass"), count("tls-port", 0, 65535, 0),
		flag("tls-prefer-server-ciphers", false), words("tls-protocols"), flag("tls-replication", false), count("tls-session-cache-size", 0, maxInt32, 20480),
		count("tls-session-cache-timeout", 0, maxInt32, 300), flag("tls-session-caching", true),
	}
	for _, s := range all {
		s.refused("tabdis speaks no TLS: put a proxy that does in front of it")
	}
	return all
}

// replicaOf may say that the server follows nobody.
func replicaOf() *setting {
	s := several("replicaof", 2, "").immutable().alias("slaveof")
	s.Check = func(v string) string {
		if !equalWords(v, "no one") {
			return "tabdis does not replicate: it neither follows another server nor feeds one"
		}
		return ""
	}
	s.Set = func(string) error { return nil }
	return s
}

// because notes why parameters have no effect.
func because(why string, all ...*setting) []*setting {
	for _, s := range all {
		s.idle = why
	}
	return all
}

func flag(name string, first bool) *setting             { return yesNo(name, &first) }
func count(name string, min, max, first int64) *setting { return integer(name, min, max, &first) }
func size(name string, min, first int64) *setting       { return memory(name, min, &first) }
func word(name, first string) *setting                  { return text(name, &first, nil) }
func words(name string) *setting                        { return word(name, "") }
func choice(name string, first string, names ...string) *setting {
	return oneOf(name, &first, names...)
}

// several takes so many words.
func several(name string, n int, first string) *setting {
	return special(name, func() string { return first }, func(v string) string {
		if len(fields(v)) != n {
			return wrongNumber
		}
		return ""
	}, func(v string) error {
		first = v
		return nil
	})
}
