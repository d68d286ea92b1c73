package core

import (
	"runtime"
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/command"
)

// Version of tabdis.
const Version = "0.1.0"

// infoSection is a section of INFO.
type infoSection struct {
	name  string
	write func(e *Engine, w *infoWriter)
}

var infoSections = []infoSection{
	{"server", (*Engine).infoServer},
	{"clients", (*Engine).infoClients},
	{"memory", (*Engine).infoMemory},
	{"persistence", (*Engine).infoPersistence},
	{"stats", (*Engine).infoStats},
	{"replication", (*Engine).infoReplication},
	{"cpu", (*Engine).infoCPU},
	{"modules", func(*Engine, *infoWriter) {}},
	{"commandstats", (*Engine).infoCommandstats},
	{"errorstats", (*Engine).infoErrorstats},
	{"latencystats", (*Engine).infoLatencystats},
	{"cluster", (*Engine).infoCluster},
	{"keyspace", (*Engine).infoKeyspace},
}

// Info appends the text of INFO for the named sections: none of them is the same as "default".
func (e *Engine) Info(dst []byte, sections []string) []byte {
	w := &infoWriter{b: dst}
	from := len(dst)
	for _, s := range infoSections {
		if !infoWanted(s.name, sections) {
			continue
		}
		if len(w.b) > from {
			w.b = append(w.b, "\r\n"...)
		}
		title := strings.ToUpper(s.name[:1]) + s.name[1:]
		if s.name == "cpu" {
			title = "CPU"
		}
		w.b = append(w.b, "# "+title+"\r\n"...)
		s.write(e, w)
		if e.opts.Program != nil {
			e.opts.Program.Info(s.name, w.text)
		}
	}
	return w.b
}

func infoWanted(name string, sections []string) bool {
	long := name == "commandstats" || name == "latencystats" // only when asked for
	for _, s := range sections {
		switch strings.ToLower(s) {
		case name, "everything":
			return true
		case "all":
			if name != "modules" {
				return true
			}
		case "default":
			if !long {
				return true
			}
		}
	}
	return len(sections) == 0 && !long
}

// infoWriter gathers the lines of INFO. Its many calls are not inlined, for the size of the wasm.
type infoWriter struct{ b []byte }

//go:noinline
func (w *infoWriter) text(name, v string) {
	w.b = append(w.b, name...)
	w.b = append(w.b, ':')
	w.b = append(w.b, v...)
	w.b = append(w.b, "\r\n"...)
}

//go:noinline
func (w *infoWriter) int(name string, n int64) { w.text(name, strconv.FormatInt(n, 10)) }

func (w *infoWriter) flag(name string, on bool) {
	n := int64(0)
	if on {
		n = 1
	}
	w.int(name, n)
}

func (w *infoWriter) status(name string, ok bool) {
	v := "err"
	if ok {
		v = "ok"
	}
	w.text(name, v)
}

func (e *Engine) infoServer(w *infoWriter) {
	w.text("redis_version", command.RedisVersion)
	w.text("tabdis_version", Version)
	w.text("redis_mode", "standalone")
	w.text("storage_backend", e.opts.Backend)
	w.int("arch_bits", strconv.IntSize)
	w.text("run_id", e.runID)
	w.int("server_time_usec", e.now*1000)
	w.int("uptime_in_seconds", (e.now-e.started)/1000)
	w.int("uptime_in_days", (e.now-e.started)/86_400_000)
	w.int("hz", int64(e.config.hz))
	w.int("configured_hz", int64(e.config.hz))
	w.int("lru_clock", e.now/1000&(1<<24-1))
}

func (e *Engine) infoClients(w *infoWriter) {
	w.int("connected_clients", int64(len(e.order)))
	w.int("cluster_connections", 0)
	e.peaks.measure(e)
	in, out := e.peaks.most()
	w.int("client_recent_max_input_buffer", int64(in))
	w.int("client_recent_max_output_buffer", int64(out))
	w.int("blocked_clients", int64(e.waiting.all.Len()+len(e.pause.postponed)))
	w.int("tracking_clients", int64(e.tracking.clients))
	timed := int64(0)
	e.waiting.each(func(b *blocked) {
		if b.wait.Until != 0 {
			timed++
		}
	})
	w.int("clients_in_timeout_table", timed)
}

func (e *Engine) infoMemory(w *infoWriter) {
	r := e.Memory()
	used, overhead := r.Total(), r.Overhead()
	peak := max(r.Peak, r.Data) + used - r.Data
	w.int("used_memory", used)
	w.text("used_memory_human", human(used))
	held := e.Heap().Resident
	w.int("used_memory_rss", held)
	w.text("used_memory_rss_human", human(held))
	w.int("used_memory_peak", peak)
	w.text("used_memory_peak_human", human(peak))
	w.text("used_memory_peak_perc", percentage(used, peak))
	w.int("used_memory_overhead", overhead)
	w.int("used_memory_startup", 0)
	w.int("used_memory_dataset", used-overhead)
	w.text("used_memory_dataset_perc", percentage(used-overhead, used))
	w.int("mem_clients_slaves", 0)
	w.int("mem_clients_normal", r.Clients)
	w.int("mem_cluster_links", 0)
	w.int("mem_aof_buffer", r.Log)
	w.int("maxmemory", e.config.maxmemory)
	w.text("maxmemory_human", human(e.config.maxmemory))
	w.text("maxmemory_policy", e.config.eviction.policy)
	w.text("mem_fragmentation_ratio", strconv.FormatFloat(float64(held)/float64(max(1, used)), 'f', 2, 64))
	w.int("mem_fragmentation_bytes", held-used)
	w.text("mem_allocator", runtime.Version())
	w.int("lazyfree_pending_objects", 0) // the collector frees, and nothing waits for it
}

// Heap is what the runtime tells of its memory. What the process holds is with all that is no data, and what was freed and not given back.
func (e *Engine) Heap() command.HeapReport {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return command.HeapReport{Allocated: int64(m.HeapAlloc), Active: int64(m.HeapInuse), Resident: int64(m.Sys - m.HeapReleased)}
}

func percentage(part, whole int64) string {
	if whole == 0 {
		return "0.00%"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64) + "%"
}

// infoCPU tells what commands took; the processor's own account is the system's.
func (e *Engine) infoCPU(w *infoWriter) {
	ns := int64(0)
	for i := range e.meter.stats {
		ns += e.meter.stats[i].ns
	}
	w.text("used_time_commands", strconv.FormatFloat(float64(ns)/1e9, 'f', 6, 64))
}

func human(n int64) string { return aof.Human(n) }

func (e *Engine) infoPersistence(w *infoWriter) {
	w.flag("loading", e.loading)
	w.flag("async_loading", false)
	var s aof.Stats
	if e.log != nil {
		s = e.log.Stats()
	}
	w.int("current_cow_peak", s.COWPeak)
	w.int("current_cow_size", s.COWSize)
	w.int("current_cow_size_age", 0)
	done, keys := e.ks.SnapshotKeys()
	w.text("current_fork_perc", strconv.FormatFloat(100*float64(done)/float64(max(1, keys)), 'f', 2, 64))
	w.int("current_save_keys_processed", int64(done))
	w.int("current_save_keys_total", int64(keys))
	e.infoSave(w)
	w.flag("aof_enabled", e.logging())
	if e.log == nil {
		return
	}
	w.flag("aof_rewrite_in_progress", s.RewriteInProgress)
	w.flag("aof_rewrite_scheduled", s.RewriteScheduled)
	w.int("aof_last_rewrite_time_sec", s.LastRewriteTime)
	w.int("aof_current_rewrite_time_sec", s.CurrentRewriteTime)
	w.status("aof_last_bgrewrite_status", s.LastRewriteOK)
	w.int("aof_rewrites", s.Rewrites)
	w.int("aof_rewrites_consecutive_failures", s.ConsecutiveFailures)
	w.status("aof_last_write_status", s.LastWriteOK)
	w.int("aof_last_cow_size", s.LastCOWSize)
	w.flag("module_fork_in_progress", false)
	w.int("module_fork_last_cow_size", 0)
	if !e.logging() {
		return
	}
	w.int("aof_current_size", s.CurrentSize)
	w.int("aof_base_size", s.BaseSize)
	w.flag("aof_pending_rewrite", s.PendingRewrite)
	w.int("aof_buffer_length", int64(s.BufferLength))
	w.int("aof_pending_bio_fsync", int64(s.PendingSync))
	w.int("aof_delayed_fsync", s.DelayedSync)
	w.int("aof_last_fsync_ms", s.LastSync)
	w.int("aof_lsn", int64(s.LSN))
	w.int("aof_durable_lsn", int64(s.DurableLSN))
	w.int("aof_epoch", int64(s.Epoch))
	w.text("aof_state", s.State)
	w.int("aof_state_since", s.Since/1000)
	w.int("aof_ballast", s.Ballast)
	if s.Cause != "" {
		w.text("aof_error", s.Cause)
		w.int("aof_space_used", s.RoomUsed)
		w.int("aof_space_free", s.RoomFree)
		w.int("aof_space_limit", s.RoomLimit)
	}
	w.int("aof_history_generations", int64(s.HistoryGenerations))
	w.int("aof_history_bytes", s.HistoryBytes)
	w.int("aof_oldest_lsn", int64(s.OldestLSN))
	if s.RewriteInProgress {
		w.text("aof_rewrite_perc", strconv.FormatFloat(100*s.RewriteProgress, 'f', 2, 64))
		w.int("aof_rewrite_bytes_written", s.RewriteBytes)
		w.int("aof_rewrite_buffer_length", s.RewriteHeld)
	}
	if t := e.report.Truncated; t != nil {
		w.text("aof_load_truncated_file", t.File)
		w.int("aof_load_truncated_offset", t.Offset)
		w.int("aof_load_truncated_lsn", int64(t.LSN))
		w.int("aof_load_truncated_bytes", t.Bytes)
		w.text("aof_load_truncated_kept", t.Kept)
	}
}

func (e *Engine) infoStats(w *infoWriter) {
	w.int("total_connections_received", e.stats.connections)
	w.int("total_commands_processed", e.stats.commands)
	w.int("instantaneous_ops_per_sec", e.stats.rates.commands.mean())
	w.int("total_net_input_bytes", e.stats.netInput)
	w.int("total_net_output_bytes", e.stats.netOutput)
	w.text("instantaneous_input_kbps", e.stats.rates.input.kilobytes())
	w.text("instantaneous_output_kbps", e.stats.rates.output.kilobytes())
	w.int("expired_keys", e.stats.expired)
	w.int("evicted_keys", e.stats.evicted)
	w.int("keyspace_hits", e.stats.lookups.Hits)
	w.int("keyspace_misses", e.stats.lookups.Misses)
	w.int("pubsub_channels", int64(e.TopicCount(command.Channel)))
	w.int("pubsub_patterns", int64(e.TopicCount(command.Pattern)))
	w.int("pubsubshard_channels", int64(e.TopicCount(command.ShardChannel)))
	w.int("tracking_total_keys", int64(e.tracking.table.len()))
	w.int("tracking_total_items", int64(e.tracking.table.items))
	w.int("tracking_total_prefixes", int64(len(e.tracking.prefixes.named)))
	w.int("total_error_replies", e.stats.errors)
	denied := &e.acl.log.denied
	w.int("acl_access_denied_auth", denied[granted])
	w.int("acl_access_denied_cmd", denied[deniedCommand])
	w.int("acl_access_denied_key", denied[deniedKey])
	w.int("acl_access_denied_channel", denied[deniedChannel])
}

func (e *Engine) infoReplication(w *infoWriter) {
	w.text("role", "master")
	w.int("connected_slaves", 0)
	w.text("master_failover_state", "no-failover")
	w.text("master_replid", e.replID)
	w.text("master_replid2", strings.Repeat("0", 40))
	w.int("master_repl_offset", 0)
	w.int("second_repl_offset", -1)
	w.flag("repl_backlog_active", false)
}

func (e *Engine) infoCluster(w *infoWriter) { w.flag("cluster_enabled", false) }

func (e *Engine) infoKeyspace(w *infoWriter) {
	for i := range e.ks.Databases() {
		db := e.ks.DB(i)
		if db.Len() == 0 {
			continue
		}
		w.text("db"+strconv.Itoa(i), "keys="+strconv.Itoa(db.Len())+",expires="+strconv.Itoa(db.Volatile())+
			",avg_ttl="+strconv.FormatInt(db.AverageTTL(e.now), 10))
	}
}
