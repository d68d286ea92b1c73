package core

import (
	"maps"
	"slices"
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
	slowerThan, slowlogLen, latencyThreshold int // µs, entries, ms
	latencyTracking                          bool
	percentiles                              []float64 // latency-tracking-info-percentiles
	hz                                       int       // is told, and has no effect: what is due decides when a tick comes
	protectedConfigs                         string    // enable-protected-configs
	dumpVersion                              string    // rdb-write-version
	dumpCompress                             bool      // rdbcompression
	dumpChecksum                             bool      // rdbchecksum
	dumpName                                 string    // dbfilename
	save                                     []savePoint
	stopWrites                               bool              // stop-writes-on-bgsave-error
	trackingKeys                             int               // tracking-table-max-keys
	other                                    map[string]string // parameters that serve sets and CONFIG GET shows
}

// init sets the defaults: Redis's, but that the log is on.
func (c *config) init() {
	*c = config{
		aof: aof.Config{Filename: "appendonly.aof", Policy: aof.Everysec, RewritePercentage: 100, RewriteMinSize: 64 << 20,
			RewriteIncrementalSync: true, LoadTruncated: true, Clock: monotonic},
		limits: keyspace.DefaultLimits(), appendonly: true, dirname: "appendonlydir", databases: 16,
		eviction: evictionConfig{policy: noEviction, samples: 5, tenacity: 10, lfuFactor: 10, lfuMinutes: 1},
		maxBulk:  resp.DefaultMaxBulk, debug: "no", aclChannels: "resetchannels", aclLogMax: 128, loglevel: aof.Notice, slowerThan: 10000, slowlogLen: 128,
		dumpVersion: "10", dumpCompress: true, dumpChecksum: true, dumpName: "dump.rdb", stopWrites: true, trackingKeys: 1_000_000,
		latencyTracking: true, percentiles: []float64{50, 99, 99.9}, hz: 10, protectedConfigs: "no",
		other: map[string]string{},
	}
}

// CheckConfig tells what is wrong with the parameters of Options, before anything is opened.
func CheckConfig(values map[string]string) error {
	var c config
	c.init()
	return c.load(values)
}

// CheckParameter tells whether the engine has a parameter of this name, and what is wrong with a value for it; "" when nothing is.
func CheckParameter(name, value string) (known bool, wrong string) {
	p := findParam(name)
	if p == nil {
		return false, ""
	}
	var c config
	c.init()
	return true, p.set(&c, value)
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

func findParam(name string) *parameter {
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
				yield(name, p.get(&e.config))
			}
		}
	}
	for _, p := range e.programParameters() {
		for _, name := range []string{p.Name, p.Alias} {
			if name != "" && match(name) {
				yield(name, p.Get())
			}
		}
	}
}

// ConfigSet sets all pairs or none; the error is the whole reply.
func (e *Engine) ConfigSet(pairs [][2]string) error {
	settings, err := e.settings(pairs)
	if err != nil {
		return err
	}
	next := e.config
	next.other = maps.Clone(e.config.other)
	for _, s := range settings {
		if wrong := s.check(&next); wrong != "" {
			return configFailed(s.name, wrong)
		}
	}
	if next.appendonly && e.log == nil {
		return configFailed("appendonly", "this store is kept in memory alone")
	}
	if len(next.save) > 0 && e.opts.Dumps == nil {
		return configFailed("save", noDumps)
	}
	if used := e.ks.Memory(); next.maxmemory != e.config.maxmemory && next.maxmemory != 0 && next.maxmemory < used {
		e.logLine(aof.Warning, "CONFIG SET maxmemory "+strconv.FormatInt(next.maxmemory, 10)+" is less than the "+strconv.FormatInt(used, 10)+
			" bytes in use: keys will be evicted, or new data refused, as maxmemory-policy says")
	}
	undo, err := setTheirs(settings)
	if err != nil {
		return err
	}
	before := e.config
	e.config = next
	if err := e.switchLog(before.appendonly); err != nil {
		e.config = before
		undo()
		return err
	}
	e.config.apply(e)
	if slices.ContainsFunc(settings, func(s setting) bool { return s.own != nil && s.own.name == "requirepass" }) {
		e.setPassword(e.config.password)
	}
	return nil
}

// setting is one pair of CONFIG SET: of the engine's parameters, or of the program's.
type setting struct {
	name, value string
	own         *parameter
	theirs      *Parameter
}

// settings finds the parameters of all pairs, and whether they may be set.
func (e *Engine) settings(pairs [][2]string) ([]setting, error) {
	var all []setting
	for _, pair := range pairs {
		s := setting{name: pair[0], value: pair[1], own: findParam(pair[0])}
		immutable, protected := false, false
		if s.own != nil {
			immutable, protected = s.own.immutable, s.own.protected
		} else if s.theirs = e.programParameter(pair[0]); s.theirs != nil {
			immutable, protected = s.theirs.Immutable, s.theirs.Protected
		}
		switch {
		case s.own == nil && s.theirs == nil:
			return nil, resp.Error("ERR Unknown option or number of arguments for CONFIG SET - '" + pair[0] + "'")
		case protected && !e.protectedAllowed():
			return nil, configFailed(pair[0], "can't set protected config")
		case immutable:
			return nil, configFailed(pair[0], "can't set immutable config")
		case slices.ContainsFunc(all, func(other setting) bool { return strings.EqualFold(other.name, s.name) }): // by its other name it may come again
			return nil, configFailed(pair[0], "duplicate parameter")
		}
		all = append(all, s)
	}
	return all, nil
}

// check sets an engine's parameter in c, and tells what is wrong with the value, of the program's too.
func (s *setting) check(c *config) (wrong string) {
	if s.own != nil {
		return s.own.set(c, s.value)
	}
	return s.theirs.Check(s.value)
}

// protectedAllowed: enable-protected-configs yes, or local and the client local.
func (e *Engine) protectedAllowed() bool {
	allow := e.config.protectedConfigs
	return allow == "yes" || allow == "local" && (e.running == nil || isLocal(e.running.Addr()))
}

// switchLog carries CONFIG SET appendonly out.
func (e *Engine) switchLog(was bool) error {
	switch {
	case was == e.config.appendonly:
	case was:
		if e.unit.open { // inside EXEC: a log ends with a whole unit
			e.log.Abort()
			e.unit = unit{ran: e.unit.ran}
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
func (e *Engine) ConfigResetStat() {
	e.resetStats()
	if e.opts.Program != nil {
		e.opts.Program.ResetStat()
	}
}
