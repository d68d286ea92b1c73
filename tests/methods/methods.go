package methods

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"tabdis/core/command"
)

//go:embed methods.txt
var lines string

// Method is one of the client's methods.
type Method struct {
	Name, Reply, Params, Shape, Transform string
	Command                               *command.Command
	Group                                 string
}

// Words are the command's own: "CLIENT GETNAME".
func (m Method) Words() string { return words(m.Command) }

// Waits says that the command may hold its session up. WAITAOF waits for what its own session has written, so it stays there.
func (m Method) Waits() bool {
	return m.Command.Flags&command.Blocking != 0 && m.Command.Name != "waitaof"
}

// Alias is the method's name as node-redis also has it: the words, and what tells it from others of the same command.
func (m Method) Alias() string {
	alias := strings.ReplaceAll(m.Words(), " ", "_")
	rest := strings.ToUpper(m.Name[len(flat(m.Words())):])
	for _, behind := range []string{"WITHVALUES", "WITHSCORES", "WITHMATCHLEN"} {
		if head, ok := strings.CutSuffix(rest, behind); ok && head != "" {
			rest = head + "_" + behind
		}
	}
	if rest == "" {
		return alias
	}
	return alias + "_" + rest
}

func words(cmd *command.Command) string {
	return strings.ToUpper(strings.ReplaceAll(cmd.FullName(), "|", " "))
}

// flat is a name without what parts its words.
func flat(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", "|", "").Replace(name))
}

// All are the methods, in the order of methods.txt, and behind them those that are not named there.
func All() ([]Method, error) {
	commands := every()
	covered := map[*command.Command]bool{}
	var methods []Method
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "- "); ok {
			if err := leaveOut(commands, covered, rest); err != nil {
				return nil, err
			}
			continue
		}
		m, err := parse(commands, line)
		if err != nil {
			return nil, err
		}
		covered[m.Command] = true
		methods = append(methods, m)
	}
	for _, cmd := range commands {
		if covered[cmd] {
			continue
		}
		params, shape, err := derived(cmd)
		if err != nil {
			return nil, err
		}
		reply := "Reply"
		if cmd.Name == "help" {
			reply = "S[]"
		}
		methods = append(methods, Method{Name: camel(strings.ReplaceAll(cmd.FullName(), "|", " ")), Reply: reply, Params: params, Shape: shape, Command: cmd})
	}
	return methods, nil
}

// every gives the commands that can be sent: a container's own row is none, unless it is one by itself.
func every() []*command.Command {
	var all []*command.Command
	for _, cmd := range command.NewTable().All() {
		if len(cmd.Subcommands) == 0 || cmd.Name == "command" {
			all = append(all, cmd)
		}
		all = append(all, cmd.Subcommands...)
	}
	return all
}

func leaveOut(commands []*command.Command, covered map[*command.Command]bool, rest string) error {
	names, _, ok := strings.Cut(rest, " :: ")
	if !ok {
		return fmt.Errorf("%s: no reason", rest)
	}
	for name := range strings.FieldsSeq(names) {
		found := false
		for _, cmd := range commands {
			if cmd.FullName() == name || strings.HasPrefix(cmd.FullName(), name+"|") {
				covered[cmd], found = true, true
			}
		}
		if !found {
			return fmt.Errorf("%s: no such command", name)
		}
	}
	return nil
}

func parse(commands []*command.Command, line string) (Method, error) {
	columns := strings.Split(line, " :: ")
	if len(columns) < 2 || len(columns) > 5 {
		return Method{}, fmt.Errorf("%q has %d columns", line, len(columns))
	}
	m := Method{Name: columns[0], Reply: columns[1]}
	for _, cmd := range commands {
		name := flat(cmd.FullName())
		if strings.HasPrefix(strings.ToLower(m.Name), name) && (m.Command == nil || len(name) > len(flat(m.Command.FullName()))) {
			m.Command = cmd
		}
	}
	if m.Command == nil {
		return m, fmt.Errorf("%s: no such command", m.Name)
	}
	columns = append(columns, slices.Repeat([]string{"."}, 5-len(columns))...)
	m.Params, m.Shape, m.Transform = strings.Trim(columns[2], "-"), columns[3], strings.Trim(columns[4], ".")
	if m.Params == "." || m.Shape == "." {
		params, shape, err := derived(m.Command)
		if err != nil {
			return m, err
		}
		if m.Params == "." {
			m.Params = params
		}
		if m.Shape == "." {
			m.Shape = shape
		}
	}
	return m, nil
}
