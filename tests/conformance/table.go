package conformance

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"tabdis/core/command"
)

// Proof is how a command's replies are proven.
type Proof int

const (
	// Missing: not at all.
	Missing Proof = iota
	// Compared: a script runs it against a real redis-server and expects an equal reply.
	Compared
	// Form: chance, the clock, the machine or our own words are in every reply, whose type alone is compared.
	Form
	// Written: it is new in 7.2; the replies are written down from the documentation.
	Written
	// NotThere: it answers an error that says why.
	NotThere
)

// Row is a command or subcommand with its proof.
type Row struct {
	Name  string // "config|set"
	Group string
	Proof Proof
	Why   string // for Form, Written and NotThere
}

const (
	noLua         = "there is no Lua"
	noReplication = "there is no replication"
	noModules     = "there are no modules"
)

// notThere are commands that do nothing here but to say so.
var notThere = map[string]string{
	"eval": noLua, "eval_ro": noLua, "fcall": noLua, "fcall_ro": noLua, "function|load": noLua, "script|load": noLua, "script|debug": noLua,
	"sync": noReplication, "psync": noReplication, "replconf": noReplication, "failover": noReplication,
	"module|load": noModules, "module|loadex": noModules, "module|unload": noModules,
	"migrate": "no other server can be reached",
}

// byForm are commands of whose replies no two are equal.
var byForm = map[string]string{
	"acl|genpass": "chance", "client|id": "counted", "client|info": "addresses", "command": "7.2 has more; TestSameDocsAsRedis",
	"command|count": "7.2 has more", "command|docs": "our prose; TestSameDocsAsRedis", "info": "the machine's figures",
	"latency|doctor": "our prose", "lolwut": "our art", "memory|doctor": "our prose", "memory|malloc-stats": "another allocator",
	"memory|stats": "another allocator", "time": "the clock",
}

// written72 are commands that are new in 7.2, and where their replies are written down: a test in core.
var written72 = map[string]string{
	"client|no-touch":   "TestClientsTellTheirLibrary",
	"client|setinfo":    "TestClientsTellTheirLibrary",
	"cluster|myshardid": "TestStandalone72",
	"waitaof":           "TestWaitaofWaitsForTheSync",
}

// Rows tells of every command and subcommand of the table, sorted by name, how the scripts beneath dir prove it.
func Rows(dir string) ([]Row, error) {
	lines, err := linesByCommand(dir)
	if err != nil {
		return nil, err
	}
	var rows []Row
	everyRow(func(c *command.Command) {
		row := Row{Name: c.FullName(), Group: c.Group}
		switch name := row.Name; {
		case notThere[name] != "":
			row.Proof, row.Why = NotThere, notThere[name]
		case written72[name] != "":
			row.Proof, row.Why = Written, written72[name]
		case byForm[name] != "":
			row.Proof, row.Why = Form, byForm[name]
		case strings.HasSuffix(name, "|help"):
			row.Proof, row.Why = Form, "our prose; TestSameHelpAsRedis"
		case lines[name] > 0:
			row.Proof = Compared
		}
		rows = append(rows, row)
	})
	sort.Slice(rows, func(i, j int) bool { return rows[i].Name < rows[j].Name })
	return rows, nil
}

// everyRow calls fn with whatever can be called: commands, and subcommands in place of those that have some.
func everyRow(fn func(c *command.Command)) {
	for _, c := range command.NewTable().All() {
		if c.Do != nil {
			fn(c)
		}
		for _, sub := range c.Subcommands {
			fn(sub)
		}
	}
}

// linesByCommand counts the lines that call each command with an acceptable number of words and compare all of the reply.
func linesByCommand(dir string) (map[string]int, error) {
	table, lines := command.NewTable(), map[string]int{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".txt" || filepath.Base(filepath.Dir(path)) == "random" || filepath.Base(filepath.Dir(path)) == "docs" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		steps, err := parseScript(string(data))
		for _, s := range steps {
			if c := meant(table, s.words); c != nil && s.how != '?' && s.how != '!' && c.ArityOK(len(s.words)) {
				lines[c.FullName()]++
			}
		}
		return err
	})
	return lines, err
}

// meant is the command that words call.
func meant(table *command.Table, words []string) *command.Command {
	if len(words) == 0 {
		return nil
	}
	args := make([][]byte, len(words))
	for i, w := range words {
		args[i] = []byte(w)
	}
	return table.Meant(args)
}
