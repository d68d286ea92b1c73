package core

import (
	"strings"

	"tabdis/core/aof"
	"tabdis/core/resp"
)

// Program is the server program around the engine, where there is one: what CONFIG and INFO know of it. Its methods are called within a turn.
type Program interface {
	// Parameters are those that the program has beside the engine's; always the same ones.
	Parameters() []*Parameter
	// Rewrite writes the configuration file anew from the engine's ConfigState, for CONFIG REWRITE; the error is the whole reply.
	Rewrite(e *Engine) error
	// Info yields further fields of a section of INFO.
	Info(section string, field func(name, value string))
	// ResetStat is CONFIG RESETSTAT.
	ResetStat()
}

// Parameter is a parameter of the program.
type Parameter struct {
	Name, Alias string
	Immutable   bool // by CONFIG SET
	Protected   bool // by enable-protected-configs
	Form        Form
	Default     string
	Get         func() string
	// Check tells what is wrong with a value, "" when nothing is.
	Check func(v string) (wrong string)
	// Set puts a checked value into force. When it cannot, the old one stays, and the error is what CONFIG SET answers.
	Set func(v string) error
}

// ConfigState is what is in force, for the configuration file.
type ConfigState struct {
	Values []ConfigValue
	Users  []string // as ACL LIST tells them; nil when an ACL file keeps them
}

// ConfigValue is a parameter as CONFIG REWRITE needs it.
type ConfigValue struct {
	Name, Alias    string
	Value, Default string
	Form           Form
}

const errNoConfigFile resp.Error = "ERR The server is running without a config file"

func (e *Engine) programParameters() []*Parameter {
	if e.opts.Program == nil {
		return nil
	}
	return e.opts.Program.Parameters()
}

func (e *Engine) programParameter(name string) *Parameter {
	name = strings.ToLower(name)
	for _, p := range e.programParameters() {
		if p.Name == name || p.Alias != "" && p.Alias == name {
			return p
		}
	}
	return nil
}

// setTheirs puts the program's parameters into force, all of them or none.
func setTheirs(settings []setting) (undo func(), err error) {
	var done []setting
	undo = func() {
		for i := len(done) - 1; i >= 0; i-- {
			// It was in force a moment ago. Should it not come back, CONFIG GET tells what is.
			_ = done[i].theirs.Set(done[i].value)
		}
	}
	for _, s := range settings {
		if s.theirs == nil {
			continue
		}
		before := s.theirs.Get()
		if err := s.theirs.Set(s.value); err != nil {
			undo()
			return nil, configFailed(s.name, err.Error())
		}
		s.value = before
		done = append(done, s)
	}
	return undo, nil
}

// ConfigRewrite is CONFIG REWRITE.
func (e *Engine) ConfigRewrite() error {
	if e.opts.Program == nil {
		return errNoConfigFile
	}
	return e.opts.Program.Rewrite(e)
}

// Log gives the operator a line, if loglevel lets it through.
func (e *Engine) Log(level aof.Level, msg string) { e.logLine(level, msg) }

// ConfigState tells all parameters.
func (e *Engine) ConfigState() (state ConfigState) {
	var fresh config
	fresh.init()
	for i := range params {
		p := &params[i]
		state.Values = append(state.Values, ConfigValue{p.name, p.alias, p.get(&e.config), p.get(&fresh), p.form})
	}
	for _, p := range e.programParameters() {
		state.Values = append(state.Values, ConfigValue{p.Name, p.Alias, p.Get(), p.Default, p.Form})
	}
	if e.config.aclFile == "" {
		state.Users = e.userLines()
	}
	return state
}

// userLines are the users as CONFIG REWRITE writes them: without the default one while it is what requirepass makes it.
func (e *Engine) userLines() (lines []string) {
	book := e.rules()
	var fresh acl
	fresh.init(&book)
	fresh.home.setPassword(e.config.password)
	for _, line := range (aclOps{e}).Lines() {
		if line != fresh.home.describe() {
			lines = append(lines, line)
		}
	}
	return lines
}
