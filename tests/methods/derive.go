package methods

import (
	"errors"
	"strings"

	"tabdis/core/command"
)

// derived is what the table tells of a command's arguments: a method's parameters in TypeScript, and its shape. An error says which
// argument has no mechanical shape.
func derived(cmd *command.Command) (params, shape string, err error) {
	var d derivation
	args := cmd.Args
	for i, arg := range args {
		if arg.Type == command.ArgInteger && arg.Name == "numkeys" && i+1 < len(args) && args[i+1].Flags&command.Multiple != 0 {
			d.counted = true
			continue
		}
		if err := d.add(arg, len(args)); err != nil {
			return "", "", errors.New(strings.ToUpper(cmd.FullName()) + ": " + arg.Name + ": " + err.Error())
		}
	}
	if len(d.options) > 0 {
		d.shape = append(d.shape, "{"+strings.Join(d.options, ",")+"}")
		d.params = append(d.params, "options?: { "+strings.Join(d.fields, "; ")+" }")
	}
	return strings.Join(d.params, ", "), strings.Join(d.shape, " "), nil
}

type derivation struct {
	params, shape   []string
	options, fields []string
	counted         bool // the number of what follows goes before it
}

func (d *derivation) add(arg command.Arg, of int) error {
	optional, multiple := arg.Flags&command.Optional != 0, arg.Flags&command.Multiple != 0
	switch {
	case arg.Type == command.ArgBlock:
		return errors.New("is a block")
	case arg.Type == command.ArgPureToken && !optional:
		d.shape = append(d.shape, arg.Token)
	case arg.Type == command.ArgPureToken:
		d.option(arg.Token, arg.Token, "boolean")
	case arg.Token != "" && optional && !multiple && arg.Type != command.ArgOneOf:
		d.option(arg.Token, arg.Token+"="+code(arg), typed(arg))
	case arg.Token != "":
		return errors.New("has a word before it")
	case len(d.options) > 0:
		return errors.New("stands behind options")
	case arg.Type == command.ArgOneOf && tokens(arg) == "" && optional:
		return errors.New("is one of several that are not words")
	default:
		d.positional(arg, optional, multiple)
	}
	return nil
}

func (d *derivation) option(name, entry, kind string) {
	d.options = append(d.options, entry)
	d.fields = append(d.fields, name+"?: "+kind)
}

func (d *derivation) positional(arg command.Arg, optional, multiple bool) {
	name, kind, shape := camel(arg.Name), typed(arg), "a"
	if c := code(arg); c != "" {
		shape = c
	}
	if multiple {
		kind, shape = "Many<"+kind+">", "v"
		if d.counted {
			shape, d.counted = "n", false
		}
	}
	if optional {
		name, shape = name+"?", shape+"?"
	}
	d.shape = append(d.shape, shape)
	d.params = append(d.params, name+": "+kind)
}

// code is how a value is written, where that is not as it stands.
func code(arg command.Arg) string {
	switch {
	case arg.Type == command.ArgDouble:
		return "d"
	case arg.Type == command.ArgUnixTime && strings.Contains(arg.Name, "milli"):
		return "T"
	case arg.Type == command.ArgUnixTime:
		return "t"
	}
	return ""
}

// typed is the TypeScript type of a value.
func typed(arg command.Arg) string {
	switch arg.Type {
	case command.ArgKey:
		return "Key"
	case command.ArgInteger:
		return "Integer"
	case command.ArgDouble:
		return "number"
	case command.ArgUnixTime:
		return "number | Date"
	case command.ArgPattern:
		return "Text"
	case command.ArgOneOf:
		if words := tokens(arg); words != "" {
			return words
		}
	}
	return "Argument"
}

// tokens is the union of the words that an argument is one of, empty if it may be something else.
func tokens(arg command.Arg) string {
	var words []string
	for _, a := range arg.Args {
		if a.Type != command.ArgPureToken {
			return ""
		}
		words = append(words, `"`+a.Token+`"`)
	}
	return strings.Join(words, " | ")
}

// camel is a name of the table's as JavaScript writes it.
func camel(name string) string {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' || r == ':' })
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	joined := strings.Join(parts, "")
	if joined == "function" {
		return "name"
	}
	return joined
}
