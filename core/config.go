package core

import (
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// config holds the parameters in force. The parameters that exist stand in the table below, under Redis's names.
type config struct {
	aof                                      aof.Config
	limits                                   keyspace.Limits
	appendonly                               bool
	dirname                                  string
	databases                                int
	maxBulk                                  int64
	maxmemory                                int64
	eviction                                 evictionConfig
	debug                                    string // enable-debug-command
	loglevel                                 aof.Level
	events                                   command.Class // notify-keyspace-events
	password                                 string        // requirepass
	aclChannels                              string        // acl-pubsub-default
	aclLogMax                                int
	aclFile                                  string
	noActiveExpire                           bool
	trackingKeys                             int    // tracking-table-max-keys
	slowerThan, slowlogLen, latencyThreshold int    // µs, entries, ms
	dumpVersion                              string // rdb-write-version
	dumpCompress                             bool   // rdbcompression
	dumpChecksum                             bool   // rdbchecksum
	dumpName                                 string // dbfilename
	save                                     []savePoint
	stopWrites                               bool              // stop-writes-on-bgsave-error
	other                                    map[string]string // parameters that serve sets and CONFIG GET shows
}

// param is one parameter.
type param struct {
	name, alias string
	immutable   bool // by CONFIG SET; Open may set it
	protected   bool // the same, for another reason
	get         func(c *config) string
	set         func(c *config, v string) string // "" or what is wrong with v
}

const notMemory = "argument must be a memory value"

// params is the table of all parameters, sorted as CONFIG GET answers them.
var params = []param{
	oneOf("acl-pubsub-default", func(c *config) *string { return &c.aclChannels }, "allchannels", "resetchannels"),
	immutable(param{name: "aclfile", get: func(c *config) string { return c.aclFile }, set: setACLFile}),
	number("acllog-max-len", 0, 1<<63-1, func(c *config) *int { return &c.aclLogMax }, ""),
	number("active-expire-effort", 1, 10, ignored, "1"),
	boolean("activerehashing", nil, "yes"),
	boolean("aof-load-truncated", func(c *config) *bool { return &c.aof.LoadTruncated }, ""),
	boolean("aof-rewrite-incremental-fsync", func(c *config) *bool { return &c.aof.RewriteIncrementalSync }, ""),
	boolean("aof-timestamp-enabled", func(c *config) *bool { return &c.aof.Timestamps }, ""),
	immutable(word("appenddirname", func(c *config) *string { return &c.dirname })),
	immutable(word("appendfilename", func(c *config) *string { return &c.aof.Filename })),
	{name: "appendfsync", get: func(c *config) string { return policyNames[c.aof.Policy] }, set: setPolicy},
	boolean("appendonly", func(c *config) *bool { return &c.appendonly }, ""),
	memory("auto-aof-rewrite-min-size", func(c *config) *int64 { return &c.aof.RewriteMinSize }),
	number("auto-aof-rewrite-percentage", 0, 1<<31-1, func(c *config) *int { return &c.aof.RewritePercentage }, ""),
	immutable(number("databases", 1, 1<<31-1, func(c *config) *int { return &c.databases }, "")),
	protected(word("dbfilename", func(c *config) *string { return &c.dumpName })),
	immutable(oneOf("enable-debug-command", func(c *config) *string { return &c.debug }, "no", "yes", "local")),
	limit("hash-max-listpack-entries", "hash-max-ziplist-entries", func(l *keyspace.Limits) *int { return &l.HashMaxListpackEntries }),
	limit("hash-max-listpack-value", "hash-max-ziplist-value", func(l *keyspace.Limits) *int { return &l.HashMaxListpackValue }),
	memory("hll-sparse-max-bytes", func(c *config) *int64 { return &c.limits.HLLSparseMaxBytes }),
	number("hz", 1, 500, ignored, "10"),
	number("latency-monitor-threshold", 0, 1<<63-1, func(c *config) *int { return &c.latencyThreshold }, ""),
	boolean("lazyfree-lazy-eviction", nil, "no"), // all memory is given back lazily: the garbage collector does it
	boolean("lazyfree-lazy-expire", nil, "no"),
	boolean("lazyfree-lazy-server-del", nil, "no"),
	boolean("lazyfree-lazy-user-del", nil, "no"),
	boolean("lazyfree-lazy-user-flush", nil, "no"),
	number("lfu-decay-time", 0, 1<<31-1, func(c *config) *int { return &c.eviction.lfuMinutes }, ""),
	number("lfu-log-factor", 0, 1<<31-1, func(c *config) *int { return &c.eviction.lfuFactor }, ""),
	number("list-compress-depth", 0, 1<<31-1, ignored, "0"),
	signedLimit("list-max-listpack-size", "list-max-ziplist-size", func(l *keyspace.Limits) *int { return &l.ListMaxListpackSize }),
	{name: "loglevel", get: func(c *config) string { return levelNames[c.loglevel] }, set: setLevel},
	memory("maxmemory", func(c *config) *int64 { return &c.maxmemory }),
	number("maxmemory-eviction-tenacity", 0, 100, func(c *config) *int { return &c.eviction.tenacity }, ""),
	oneOf("maxmemory-policy", func(c *config) *string { return &c.eviction.policy }, evictionPolicyNames()...),
	number("maxmemory-samples", 1, 1<<31-1, func(c *config) *int { return &c.eviction.samples }, ""),
	boolean("no-appendfsync-on-rewrite", func(c *config) *bool { return &c.aof.NoSyncOnRewrite }, ""),
	{name: "notify-keyspace-events", get: func(c *config) string { return eventNames(c.events) }, set: setEvents},
	atLeast(1<<20, memory("proto-max-bulk-len", func(c *config) *int64 { return &c.maxBulk })),
	boolean("rdb-save-incremental-fsync", nil, "yes"), // the place of the files sees to it
	oneOf("rdb-write-version", func(c *config) *string { return &c.dumpVersion }, "10", "11"),
	immutable(boolean("rdbchecksum", func(c *config) *bool { return &c.dumpChecksum }, "")),
	boolean("rdbcompression", func(c *config) *bool { return &c.dumpCompress }, ""),
	{name: "requirepass", get: func(c *config) string { return c.password }, set: setPassword},
	oneOf("sanitize-dump-payload", nil, "yes"),
	{name: "save", get: func(c *config) string { return saveText(c.save) }, set: setSave},
	limit("set-max-intset-entries", "", func(l *keyspace.Limits) *int { return &l.SetMaxIntsetEntries }),
	limit("set-max-listpack-entries", "", func(l *keyspace.Limits) *int { return &l.SetMaxListpackEntries }),
	limit("set-max-listpack-value", "", func(l *keyspace.Limits) *int { return &l.SetMaxListpackValue }),
	number("slowlog-log-slower-than", -1, 1<<63-1, func(c *config) *int { return &c.slowerThan }, ""),
	number("slowlog-max-len", 0, 1<<63-1, func(c *config) *int { return &c.slowlogLen }, ""),
	boolean("stop-writes-on-bgsave-error", func(c *config) *bool { return &c.stopWrites }, ""),
	memory("stream-node-max-bytes", func(c *config) *int64 { return &c.limits.StreamNodeMaxBytes }),
	limit("stream-node-max-entries", "", func(l *keyspace.Limits) *int { return &l.StreamNodeMaxEntries }),
	number("tracking-table-max-keys", 0, 1<<63-1, func(c *config) *int { return &c.trackingKeys }, ""),
	limit("zset-max-listpack-entries", "zset-max-ziplist-entries", func(l *keyspace.Limits) *int { return &l.ZSetMaxListpackEntries }),
	limit("zset-max-listpack-value", "zset-max-ziplist-value", func(l *keyspace.Limits) *int { return &l.ZSetMaxListpackValue }),
}

var policyNames = []string{aof.Everysec: "everysec", aof.Always: "always", aof.No: "no"}
var levelNames = []string{aof.Debug: "debug", aof.Verbose: "verbose", aof.Notice: "notice", aof.Warning: "warning"}

// init sets the defaults: Redis's, but that the log is on.
func (c *config) init() {
	*c = config{
		aof: aof.Config{Filename: "appendonly.aof", Policy: aof.Everysec, RewritePercentage: 100, RewriteMinSize: 64 << 20,
			RewriteIncrementalSync: true, LoadTruncated: true, Clock: monotonic},
		limits: keyspace.DefaultLimits(), appendonly: true, dirname: "appendonlydir", databases: 16,
		eviction: evictionConfig{policy: noEviction, samples: 5, tenacity: 10, lfuFactor: 10, lfuMinutes: 1},
		maxBulk:  resp.DefaultMaxBulk, dumpVersion: "10", dumpCompress: true, dumpChecksum: true, dumpName: "dump.rdb", stopWrites: true, debug: "no", aclChannels: "resetchannels", aclLogMax: 128, loglevel: aof.Notice, slowerThan: 10000, slowlogLen: 128, trackingKeys: 1_000_000,
		other: map[string]string{},
	}
}

// CheckConfig tells what is wrong with the parameters of Options, before anything is opened.
func CheckConfig(values map[string]string) error {
	var c config
	c.init()
	return c.load(values)
}

// load sets parameters at the start, immutable ones too.
func (c *config) load(values map[string]string) error {
	for name, v := range values {
		p := findParam(name)
		if p == nil {
			return resp.Error("unknown parameter '" + name + "'")
		}
		if wrong := p.set(c, v); wrong != "" {
			return resp.Error("parameter '" + name + "': " + wrong)
		}
	}
	return nil
}

// apply brings what others keep a copy of in line with the parameters.
func (c *config) apply(e *Engine) {
	noListpackSets, noListpackLists := e.opts.Profile70, e.opts.Profile70
	c.limits.NoListpackSets, c.limits.ListsAlwaysQuicklist = noListpackSets, noListpackLists
	e.ks.Limits = c.limits
	e.ks.TrackFrequency(c.evictionPolicy().Order == keyspace.LeastFrequent, c.eviction.lfuFactor, c.eviction.lfuMinutes, e.rng)
	e.meter.apply(c, len(e.monitors) > 0)
	e.room = 0
}

func findParam(name string) *param {
	name = strings.ToLower(name)
	for i := range params {
		if params[i].name == name || (params[i].alias != "" && params[i].alias == name) {
			return &params[i]
		}
	}
	return nil
}

// ConfigGet yields name and value of each parameter that one of the patterns matches, under the name that matched.
func (e *Engine) ConfigGet(match func(name string) bool, yield func(name, value string)) {
	for i := range params {
		p := &params[i]
		for _, name := range []string{p.name, p.alias} {
			if name != "" && match(name) {
				yield(name, e.config.value(p))
			}
		}
	}
}

func (c *config) value(p *param) string {
	if p.get != nil {
		return p.get(c)
	}
	return c.other[p.name]
}

// ConfigSet sets all pairs or none; the error is the whole reply.
func (e *Engine) ConfigSet(pairs [][2]string) error {
	next := e.config
	next.other = map[string]string{}
	for k, v := range e.config.other {
		next.other[k] = v
	}
	seen := map[*param]bool{}
	for _, pair := range pairs {
		p := findParam(pair[0])
		switch {
		case p == nil:
			return resp.Error("ERR Unknown option or number of arguments for CONFIG SET - '" + pair[0] + "'")
		case p.immutable:
			return configFailed(pair[0], "can't set immutable config")
		case p.protected:
			return configFailed(pair[0], "can't set protected config")
		case seen[p]:
			return configFailed(pair[0], "duplicate parameter")
		}
		seen[p] = true
		if wrong := p.set(&next, pair[1]); wrong != "" {
			return configFailed(pair[0], wrong)
		}
	}
	if used := e.ks.Memory(); next.maxmemory != e.config.maxmemory && next.maxmemory != 0 && next.maxmemory < used {
		e.logLine(aof.Warning, "CONFIG SET maxmemory "+strconv.FormatInt(next.maxmemory, 10)+" is less than the "+strconv.FormatInt(used, 10)+
			" bytes in use: keys will be evicted, or new data refused, as maxmemory-policy says")
	}
	was, password := e.config.appendonly, findParam("requirepass")
	if next.appendonly && e.log == nil {
		return configFailed("appendonly", "this store is kept in memory alone")
	}
	if len(next.save) > 0 && e.opts.Dumps == nil {
		return configFailed("save", noDumps)
	}
	e.config = next
	e.config.apply(e)
	if seen[password] {
		e.setPassword(e.config.password)
	}
	return e.switchLog(was)
}

// switchLog carries CONFIG SET appendonly out.
func (e *Engine) switchLog(was bool) error {
	switch {
	case was == e.config.appendonly:
	case was:
		if e.unit.open { // inside EXEC: a log ends with a whole unit
			e.log.Abort()
			e.unit = unit{}
		}
		e.log.Disable()
	default:
		if err := e.log.Enable(); err != nil {
			e.config.appendonly = false
			return configFailed("appendonly", "Unable to turn on AOF. Check server logs.")
		}
	}
	return nil
}

func configFailed(name, why string) error {
	return resp.Error("ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + why)
}

// ConfigResetStat is CONFIG RESETSTAT.
func (e *Engine) ConfigResetStat() { e.resetStats() }

func immutable(p param) param {
	p.immutable = true
	return p
}

func protected(p param) param {
	p.protected = true
	return p
}

// ignored stands for a parameter that is accepted and has no effect here.
func ignored(*config) *int { return nil }

func boolean(name string, at func(*config) *bool, fixed string) param {
	p := param{name: name}
	p.get = func(c *config) string {
		if at == nil {
			return c.otherOr(name, fixed)
		}
		if *at(c) {
			return "yes"
		}
		return "no"
	}
	p.set = func(c *config, v string) string {
		v = strings.ToLower(v)
		switch {
		case v != "yes" && v != "no":
			return "argument must be 'yes' or 'no'"
		case at == nil:
			c.other[name] = v
		default:
			*at(c) = v == "yes"
		}
		return ""
	}
	return p
}

func (c *config) otherOr(name, fallback string) string {
	if v, ok := c.other[name]; ok {
		return v
	}
	return fallback
}

func number(name string, min, max int, at func(*config) *int, fixed string) param {
	p := param{name: name}
	p.get = func(c *config) string {
		if n := at(c); n != nil {
			return strconv.Itoa(*n)
		}
		return c.otherOr(name, fixed)
	}
	p.set = func(c *config, v string) string {
		n, err := strconv.Atoi(v)
		switch {
		case err != nil:
			return "argument couldn't be parsed into an integer"
		case n < min || n > max:
			return "argument must be between " + strconv.Itoa(min) + " and " + strconv.Itoa(max) + " inclusive"
		}
		if to := at(c); to != nil {
			*to = n
		} else {
			c.other[name] = v
		}
		return ""
	}
	return p
}

func limit(name, alias string, at func(*keyspace.Limits) *int) param {
	p := number(name, 0, 1<<63-1, func(c *config) *int { return at(&c.limits) }, "")
	p.alias = alias
	return p
}

func signedLimit(name, alias string, at func(*keyspace.Limits) *int) param {
	p := number(name, -1<<31, 1<<31-1, func(c *config) *int { return at(&c.limits) }, "")
	p.alias = alias
	return p
}

func memory(name string, at func(*config) *int64) param {
	return param{
		name: name,
		get:  func(c *config) string { return strconv.FormatInt(*at(c), 10) },
		set: func(c *config, v string) string {
			n, ok := parseMemory(v)
			if !ok {
				return notMemory
			}
			*at(c) = n
			return ""
		},
	}
}

// atLeast bounds a memory value from below.
func atLeast(min int64, p param) param {
	set := p.set
	p.set = func(c *config, v string) string {
		if n, ok := parseMemory(v); ok && n < min {
			return "argument must be between " + strconv.FormatInt(min, 10) + " and 9223372036854775807 inclusive"
		}
		return set(c, v)
	}
	return p
}

// parseMemory reads "100", "64mb", "1g": k, m, g are powers of 1000, kb, mb, gb of 1024.
func parseMemory(v string) (int64, bool) {
	v = strings.ToLower(v)
	digits := 0
	for digits < len(v) && '0' <= v[digits] && v[digits] <= '9' {
		digits++
	}
	unit := map[string]int64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000 * 1000, "mb": 1 << 20, "g": 1000 * 1000 * 1000, "gb": 1 << 30}[v[digits:]]
	n, err := strconv.ParseInt(v[:digits], 10, 64)
	if err != nil || unit == 0 || n > (1<<63-1)/unit {
		return 0, false
	}
	return n * unit, true
}

func word(name string, at func(*config) *string) param {
	return param{
		name: name,
		get:  func(c *config) string { return *at(c) },
		set: func(c *config, v string) string {
			if v == "" || strings.ContainsAny(v, "/\\") {
				return name + " can't be a path, just a filename"
			}
			*at(c) = v
			return ""
		},
	}
}

func oneOf(name string, at func(*config) *string, names ...string) param {
	return param{
		name: name,
		get: func(c *config) string {
			if at == nil {
				return names[0]
			}
			return *at(c)
		},
		set: func(c *config, v string) string {
			for _, n := range names {
				if strings.EqualFold(v, n) {
					if at != nil {
						*at(c) = n
					}
					return ""
				}
			}
			return "argument(s) must be one of the following: " + strings.Join(names, ", ")
		},
	}
}

func setPolicy(c *config, v string) string {
	for i, n := range policyNames {
		if strings.EqualFold(v, n) {
			c.aof.Policy = aof.Policy(i)
			return ""
		}
	}
	return "argument(s) must be one of the following: everysec, always, no"
}

func setLevel(c *config, v string) string {
	for i, n := range levelNames {
		if strings.EqualFold(v, n) {
			c.loglevel = aof.Level(i)
			return ""
		}
	}
	return "argument(s) must be one of the following: debug, verbose, notice, warning, nothing"
}

const maxPassword = 512 // bytes, as Redis's

func setPassword(c *config, v string) string {
	if len(v) > maxPassword {
		return "Password is longer than CONFIG_AUTHPASS_MAX_LEN"
	}
	c.password = v
	return ""
}

func setACLFile(c *config, v string) string {
	c.aclFile = v
	return ""
}

func setSave(c *config, v string) string {
	points, ok := parseSave(v)
	if !ok {
		return "Invalid save parameters"
	}
	c.save = points
	return ""
}
