//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tabdis/core"
	"tabdis/core/resp"
)

// configuration gathers what the configuration file and the flags say, directive by directive: the later one counts.
type configuration struct {
	p      *program          // whose parameters are set as they come
	values map[string]string // the engine's
	users  [][]string
	depth  int // of include
}

// confError is a directive that cannot be carried out.
type confError struct {
	line  int // from 1, in the file that has it
	text  string
	wrong string
}

func (e *confError) Error() string {
	return fmt.Sprintf("\n*** FATAL CONFIG FILE ERROR (tabdis %s) ***\nReading the configuration file, at line %d\n>>> '%s'\n%s", core.Version, e.line, e.text, e.wrong)
}

// What is wrong with a directive, as Redis tells it.
const (
	badDirective  = "Bad directive or wrong number of arguments"
	wrongNumber   = "wrong number of arguments"
	unbalanced    = "Unbalanced quotes in configuration line"
	blanks        = " \t\r\n"
	includeNested = 16 // files inside of one another
)

// load carries out a text in redis.conf's syntax: a directive a line, with redis-cli's quoting; a line that begins with # is a comment.
func (c *configuration) load(text string) error {
	for i, line := range strings.Split(text, "\n") {
		words, ok := splitLine(line)
		wrong := unbalanced
		if ok {
			if len(words) == 0 {
				continue
			}
			var err error
			if wrong, err = c.apply(words); err != nil {
				return err
			}
		}
		if wrong != "" {
			return &confError{i + 1, strings.Trim(line, blanks), wrong}
		}
	}
	return nil
}

// splitLine takes a line apart; none are the words of a comment.
func splitLine(line string) (words []string, ok bool) {
	line = strings.Trim(line, blanks)
	if line == "" || line[0] == '#' {
		return nil, true
	}
	parts, ok := resp.SplitWords([]byte(line))
	for _, w := range parts {
		words = append(words, string(w))
	}
	return words, ok
}

// apply carries out one directive. wrong is what is wrong with it; an error is one of another kind or place.
func (c *configuration) apply(words []string) (wrong string, err error) {
	name, args := strings.ToLower(words[0]), words[1:]
	switch name {
	case "include":
		if len(args) != 1 {
			return badDirective, nil
		}
		return "", c.include(args[0])
	case "user":
		if len(args) == 0 {
			return badDirective, nil
		}
		c.users = append(c.users, args)
		return "", nil
	case "rename-command":
		return "rename-command is not possible here: take commands from users with ACL rules (user default … -config)", nil
	case "loadmodule":
		return "tabdis loads no modules", nil
	case "sentinel":
		return "sentinel directive while not in sentinel mode", nil
	}
	return c.set(name, args), nil
}

// set sets a parameter, of the program or of the engine.
func (c *configuration) set(name string, args []string) (wrong string) {
	theirs := c.p.find(name)
	known, _ := core.CheckParameter(name, "")
	switch {
	case theirs == nil && !known:
		return badDirective
	case len(args) == 0, len(args) > 1 && !(theirs != nil && theirs.multi || takesSeveral[name]):
		return wrongNumber
	}
	value := strings.Join(args, " ")
	if theirs != nil {
		if wrong := theirs.Check(value); wrong != "" {
			return wrong
		}
		if err := theirs.Set(value); err != nil {
			return err.Error()
		}
		return ""
	}
	if _, wrong := core.CheckParameter(name, value); wrong != "" {
		return wrong
	}
	if name == "save" {
		value = morePoints(c.values[name], value)
	}
	c.values[name] = value
	return ""
}

// morePoints adds what one line of save says to those before it; an empty one forgets them.
func morePoints(before, value string) string {
	if before == "" || value == "" {
		return value
	}
	return before + " " + value
}

// takesSeveral are the engine's parameters that have several words.
var takesSeveral = map[string]bool{"save": true, "latency-tracking-info-percentiles": true}

// include loads further files. A pattern that fits none is no error, a name is.
func (c *configuration) include(name string) error {
	if c.depth++; c.depth > includeNested {
		return fmt.Errorf("configuration files include one another more than %d deep: %s", includeNested, name)
	}
	defer func() { c.depth-- }()
	text, err := readConf(name)
	if err != nil {
		return err
	}
	return c.load(text)
}

// readConf gives the text of a file, or of all that fit a pattern, in order of their names.
func readConf(name string) (text string, err error) {
	names := []string{name}
	if strings.ContainsAny(name, "*?[") {
		if names, err = filepath.Glob(name); err != nil {
			return "", fmt.Errorf("Fatal error, can't open config file '%s': %w", name, err)
		}
	}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			return "", fmt.Errorf("Fatal error, can't open config file '%s': %w", n, reason(err))
		}
		text += string(data)
	}
	return text, nil
}
