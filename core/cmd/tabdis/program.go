//go:build !js

package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"tabdis/core"
	"tabdis/core/aof"
)

// program is what serve has around the engine: its parameters, and what they govern.
type program struct {
	settings
	log    logger
	params []*setting
	shown  []*core.Parameter // the same, as the engine sees them
	byName map[string]*setting

	freePort int64  // that was taken for port 0
	file     string // the configuration file, absolute; "" for none
	loop     *loop  // nil until it runs
	engine   *core.Engine
}

// settings are the values of the program's parameters, where they have a meaning.
type settings struct {
	bind                         []string
	port, backlog                int64
	protected                    bool
	unixSocket                   string
	unixPerm                     int64
	timeout, keepAlive           int64 // seconds; 0: none
	maxClients, ioThreads        int64
	queryLimit                   int64 // bytes
	outputLimits                 [classes]outputLimit
	clientMemory                 memoryShare // maxmemory-clients
	logFile, pidFile, supervised string
	onSigint, onSigterm          string
}

func newProgram() *program {
	p := &program{settings: defaultSettings(), byName: map[string]*setting{}}
	p.params = append(p.parameters(), idleParameters()...)
	for _, s := range p.params {
		p.shown = append(p.shown, &s.Parameter)
		for _, name := range []string{s.Name, s.Alias} {
			if name != "" {
				p.byName[name] = s
			}
		}
	}
	return p
}

func (p *program) find(name string) *setting { return p.byName[strings.ToLower(name)] }

// What core.Program asks.

// Parameters are the program's own.
func (p *program) Parameters() []*core.Parameter { return p.shown }

// ResetStat is CONFIG RESETSTAT.
func (p *program) ResetStat() { p.loop.stats = loopStats{} }

// Info yields what only the program knows.
func (p *program) Info(section string, field func(name, value string)) {
	number := func(name string, n int64) { field(name, strconv.FormatInt(n, 10)) }
	switch section {
	case "server":
		executable, err := os.Executable()
		if err != nil {
			executable = os.Args[0]
		}
		number("tcp_port", p.port)
		field("os", runtime.GOOS+" "+runtime.GOARCH)
		number("process_id", int64(os.Getpid()))
		field("process_supervised", p.supervisor())
		field("executable", executable)
		field("config_file", p.file)
		field("io_threads_active", map[bool]string{false: "0", true: "1"}[p.ioThreads > 1])
	case "clients":
		number("maxclients", p.maxClients)
	case "stats":
		s := &p.loop.stats
		number("rejected_connections", s.rejected)
		number("evicted_clients", s.evicted)
		number("client_query_buffer_limit_disconnections", s.overInput)
		number("client_output_buffer_limit_disconnections", s.overOutput)
	case "cpu":
		if user, sys, ok := processorTime(); ok {
			field("used_cpu_sys", sys)
			field("used_cpu_user", user)
		}
	}
}

// idleUsed names the parameters that were given another value than their first, and have no effect here.
func (p *program) idleUsed() (names []string) {
	for _, s := range p.params {
		if s.idle != "" && s.Get() != s.Default {
			names = append(names, s.Name+" ("+s.idle+")")
		}
	}
	return names
}

// warn tells of what was accepted and has no effect.
func (p *program) warn() {
	if names := p.idleUsed(); len(names) > 0 {
		p.log.line(aof.Warning, "These parameters were accepted and have no effect here: "+strings.Join(names, "; "))
	}
}
