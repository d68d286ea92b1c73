//go:build !js

package main

import (
	"os"
	"strings"

	"tabdis/core/param"
)

func defaultSettings() settings {
	return settings{
		bind: []string{"127.0.0.1", "-::1"}, port: 6379, backlog: 511, protected: true,
		keepAlive: 300, maxClients: 10000, ioThreads: 1, queryLimit: 1 << 30,
		outputLimits: defaultOutputLimits(), clientMemory: memoryShare{"0", 0, 0}, supervised: "no", onSigint: "default", onSigterm: "default",
	}
}

// parameters are those of serve that have a meaning, sorted; the engine's stand in core/config_params.go, and those without effect in idle.go.
func (p *program) parameters() []*setting {
	return []*setting{
		special("bind", func() string { return strings.Join(p.bind, " ") }, checkBind, p.setBind).then(p.listen("bind")),
		special("client-output-buffer-limit", p.formatOutputLimits, checkOutputLimits, p.setOutputLimits).then(p.limitsChanged),
		memory("client-query-buffer-limit", 1<<20, &p.queryLimit),
		oneOf("daemonize", new("no"), "no", "yes").immutable().without("it stays in the foreground: a supervisor, or the shell's &, puts it elsewhere"),
		p.directory(),
		// How many threads Go's runtime uses: one owner executes, and a second thread mostly costs more in wake-ups than it reads and writes.
		integer("io-threads", 1, 128, &p.ioThreads).immutable(),
		text("logfile", &p.logFile, checkLogFile).immutable().then(p.logTo),
		integer("maxclients", 1, maxUint32, &p.maxClients).then(p.descriptors),
		special("maxmemory-clients", func() string { return p.clientMemory.text }, checkShare, p.setShare).single(),
		text("pidfile", &p.pidFile, nil).immutable(),
		integer("port", 0, 65535, &p.port).then(p.listen("port")),
		yesNo("protected-mode", &p.protected),
		signalAction("shutdown-on-sigint", &p.onSigint),
		signalAction("shutdown-on-sigterm", &p.onSigterm),
		oneOf("supervised", &p.supervised, "upstart", "systemd", "auto", "no").immutable(),
		integer("tcp-backlog", 0, maxInt32, &p.backlog).immutable(),
		integer("tcp-keepalive", 0, maxInt32, &p.keepAlive),
		integer("timeout", 0, maxInt32, &p.timeout),
		text("unixsocket", &p.unixSocket, nil).immutable(),
		p.permissions(),
	}
}

// single takes a parameter's permission to have several words.
func (s *setting) single() *setting {
	s.multi = false
	return s
}

// without notes that a value other than the first has no effect, and why.
func (s *setting) without(why string) *setting {
	s.idle = why
	return s
}

// directory is dir: at the start the process goes there. It cannot move later, since the log is there.
func (p *program) directory() *setting {
	s := text("dir", new(""), nil).immutable()
	s.Protected = true
	s.Get = func() string {
		dir, err := os.Getwd()
		if err != nil {
			return "."
		}
		return dir
	}
	s.Default = "" // it is always written
	s.Set = func(v string) error {
		if err := os.Chdir(v); err != nil {
			return reason(err)
		}
		return nil
	}
	return s
}

func checkLogFile(v string) string {
	if v == "" {
		return ""
	}
	f, err := os.OpenFile(v, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "Can't open the log file: " + reason(err).Error()
	}
	return ""
}

func (p *program) logTo() error {
	p.log.to(p.logFile)
	return nil
}

// permissions is unixsocketperm, an octal number.
func (p *program) permissions() *setting {
	s := integer("unixsocketperm", 0, 0o777, &p.unixPerm).immutable()
	s.Get = func() string { return formatOctal(p.unixPerm) }
	s.Check = func(v string) string {
		_, wrong := param.Octal(v, 0o777)
		return wrong
	}
	s.Set = func(v string) error {
		p.unixPerm, _ = param.Octal(v, 0o777)
		return nil
	}
	return s
}

// signalAction is what a signal does: words in any order.
func signalAction(name string, at *string) *setting {
	names := []string{"default", "save", "nosave", "now", "force"}
	return special(name, func() string { return *at }, func(v string) string {
		words := strings.Fields(v)
		if len(words) == 0 {
			_, wrong := param.OneOf("", names)
			return wrong
		}
		has := map[string]bool{}
		for _, w := range words {
			i, wrong := param.OneOf(w, names)
			if wrong != "" {
				return wrong
			}
			has[names[i]] = true
		}
		if has["save"] && has["nosave"] {
			return "shutdown options SAVE and NOSAVE can't be used simultaneously"
		}
		return ""
	}, func(v string) error {
		*at = inOrder(strings.Fields(strings.ToLower(v)), names)
		return nil
	})
}

// inOrder gives each of the words once, in the order of names; the first name says nothing beside others.
func inOrder(words, names []string) string {
	var all []string
	for _, n := range names[1:] {
		for _, w := range words {
			if w == n {
				all = append(all, n)
				break
			}
		}
	}
	if len(all) == 0 {
		return names[0]
	}
	return strings.Join(all, " ")
}
