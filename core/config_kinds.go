package core

import (
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/param"
)

// Form is how CONFIG REWRITE writes a parameter's value.
type Form uint8

// The forms.
const (
	Plain  Form = iota
	Quoted      // "as a string"
	Bytes       // in the largest unit that it is a multiple of
)

// parameter is one of the engine's.
type parameter struct {
	name, alias string
	immutable   bool // by CONFIG SET; Open may set it
	protected   bool // by enable-protected-configs
	form        Form
	get         func(c *config) string
	set         func(c *config, v string) string // "" or what is wrong with v
}

const maxInt = 1<<63 - 1

// The kinds. None of them is inlined: else each parameter would have functions of its own, some tens of kilobytes of wasm in all.

//go:noinline
func immutable(p parameter) parameter {
	p.immutable = true
	return p
}

//go:noinline
func protected(p parameter) parameter {
	p.protected = true
	return p
}

// ignored stands for a parameter that is accepted and has no effect here.
func ignored(*config) *int { return nil }

// fixed is a parameter that stays what it is, whichever of its values is set.
//
//go:noinline
func fixed(p parameter, v string) parameter {
	p.get = func(*config) string { return v }
	return p
}

//go:noinline
func boolean(name string, at func(*config) *bool, fixed string) parameter {
	p := parameter{name: name}
	p.get = func(c *config) string {
		if at == nil {
			return c.otherOr(name, fixed)
		}
		return param.FormatBool(*at(c))
	}
	p.set = func(c *config, v string) string {
		on, wrong := param.Bool(v)
		switch {
		case wrong != "":
		case at == nil:
			c.other[name] = param.FormatBool(on)
		default:
			*at(c) = on
		}
		return wrong
	}
	return p
}

func (c *config) otherOr(name, fallback string) string {
	if v, ok := c.other[name]; ok {
		return v
	}
	return fallback
}

//go:noinline
func number(name string, min, max int, at func(*config) *int, fixed string) parameter {
	p := parameter{name: name}
	p.get = func(c *config) string {
		if n := at(c); n != nil {
			return strconv.Itoa(*n)
		}
		return c.otherOr(name, fixed)
	}
	p.set = func(c *config, v string) string {
		n, wrong := param.Int(v, int64(min), int64(max))
		if wrong != "" {
			return wrong
		}
		if to := at(c); to != nil {
			*to = int(n)
		} else {
			c.other[name] = v
		}
		return ""
	}
	return p
}

// within keeps a number inside of bounds narrower than those it is accepted in.
//
//go:noinline
func within(least, most int, at func(*config) *int, p parameter) parameter {
	set := p.set
	p.set = func(c *config, v string) string {
		wrong := set(c, v)
		if to := at(c); wrong == "" {
			*to = max(least, min(*to, most))
		}
		return wrong
	}
	return p
}

func hz(c *config) *int { return &c.hz }

//go:noinline
func limit(name, alias string, at func(*keyspace.Limits) *int) parameter {
	p := number(name, 0, maxInt, func(c *config) *int { return at(&c.limits) }, "")
	p.alias = alias
	return p
}

//go:noinline
func signedLimit(name, alias string, at func(*keyspace.Limits) *int) parameter {
	p := number(name, -1<<31, 1<<31-1, func(c *config) *int { return at(&c.limits) }, "")
	p.alias = alias
	return p
}

// memoryLimit is a limit of so many bytes.
//
//go:noinline
func memoryLimit(name, alias string, at func(*keyspace.Limits) *int) parameter {
	return parameter{
		name: name, alias: alias, form: Bytes,
		get: func(c *config) string { return strconv.Itoa(*at(&c.limits)) },
		set: func(c *config, v string) string {
			n, wrong := param.Memory(v, 0, maxInt)
			if wrong == "" {
				*at(&c.limits) = int(n)
			}
			return wrong
		},
	}
}

//go:noinline
func memory(name string, at func(*config) *int64) parameter { return memoryFrom(name, 0, at) }

// memoryFrom is a number of bytes with a lower bound.
//
//go:noinline
func memoryFrom(name string, min int64, at func(*config) *int64) parameter {
	return parameter{
		name: name, form: Bytes,
		get: func(c *config) string { return strconv.FormatInt(*at(c), 10) },
		set: func(c *config, v string) string {
			n, wrong := param.Memory(v, min, maxInt)
			if wrong == "" {
				*at(c) = n
			}
			return wrong
		},
	}
}

// text is any string.
//
//go:noinline
func text(name string, at func(*config) *string) parameter {
	return parameter{
		name: name, form: Quoted,
		get: func(c *config) string { return *at(c) },
		set: func(c *config, v string) string {
			*at(c) = v
			return ""
		},
	}
}

// word is the name of a file.
//
//go:noinline
func word(name string, at func(*config) *string) parameter {
	p := text(name, at)
	set := p.set
	p.set = func(c *config, v string) string {
		switch {
		case v == "":
			return name + " can't be empty"
		case strings.ContainsAny(v, "/\\"):
			return name + " can't be a path, just a filename"
		}
		return set(c, v)
	}
	return p
}

//go:noinline
func oneOf(name string, at func(*config) *string, names ...string) parameter {
	return parameter{
		name: name,
		get: func(c *config) string {
			if at == nil {
				return names[0]
			}
			return *at(c)
		},
		set: func(c *config, v string) string {
			i, wrong := param.OneOf(v, names)
			if wrong == "" && at != nil {
				*at(c) = names[i]
			}
			return wrong
		},
	}
}

var policyNames = []string{aof.Everysec: "everysec", aof.Always: "always", aof.No: "no"}
var levelNames = []string{aof.Debug: "debug", aof.Verbose: "verbose", aof.Notice: "notice", aof.Warning: "warning", aof.Warning + 1: "nothing"}

func setPolicy(c *config, v string) string {
	i, wrong := param.OneOf(v, policyNames)
	if wrong == "" {
		c.aof.Policy = aof.Policy(i)
	}
	return wrong
}

func setLevel(c *config, v string) string {
	i, wrong := param.OneOf(v, levelNames)
	if wrong == "" {
		c.loglevel = aof.Level(i)
	}
	return wrong
}

const maxPassword = 512 // bytes, as Redis's

func setPassword(c *config, v string) string {
	if len(v) > maxPassword {
		return "Password is longer than CONFIG_AUTHPASS_MAX_LEN"
	}
	c.password = v
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

func percentileNames(c *config) string {
	var names []string
	for _, p := range c.percentiles {
		names = append(names, formatPercentile(p))
	}
	return strings.Join(names, " ")
}

func formatPercentile(p float64) string { return strconv.FormatFloat(p, 'g', -1, 64) }

func setPercentiles(c *config, v string) string {
	var next []float64
	for _, w := range strings.Fields(v) {
		p, err := strconv.ParseFloat(w, 64)
		switch {
		case err != nil || p != p:
			return "Invalid latency-tracking-info-percentiles parameters"
		case p < 0 || p > 100:
			return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"
		}
		next = append(next, p)
	}
	c.percentiles = next
	return ""
}
