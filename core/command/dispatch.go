package command

import (
	"bytes"
	"sort"

	"tabdis/core/resp"
)

// Table is the command table, looked up by name in any case.
type Table struct {
	slots []slot     // open addressing by the packed name; a power of two, at most a quarter full
	shift uint8      // from a hash to a slot
	list  []*Command // sorted by name
	rows  int        // with subcommands
}

type slot struct {
	name   uint64 // packed
	cmd    *Command
	simple bool // the packed name says it all, and there are no subcommands
}

// groups are the rows, as COMMAND DOCS groups them.
var groups = [][]*Command{
	aclCommands,
	bitmapCommands,
	clusterCommands,
	connectionCommands,
	diagnosticsCommands,
	genericCommands,
	geoCommands,
	hashCommands,
	hyperLogLogCommands,
	listCommands,
	pubsubCommands,
	replicationCommands,
	scriptingCommands,
	serverCommands,
	setCommands,
	sortedSetCommands,
	standaloneCommands,
	streamCommands,
	stringCommands,
	transactionsCommands,
}

// NewTable builds the table of all commands. Every table holds the same rows.
func NewTable() *Table {
	t := &Table{}
	for _, group := range groups {
		t.list = append(t.list, group...)
	}
	sort.Slice(t.list, func(i, j int) bool { return t.list[i].Name < t.list[j].Name })
	n := 64
	for t.shift = 64 - 6; n < 4*len(t.list); t.shift-- {
		n *= 2
	}
	t.slots = make([]slot, n)
	for _, c := range t.list {
		c.ID = t.rows
		t.rows++
		for _, sub := range c.Subcommands {
			sub.parent, sub.ID = c, t.rows
			t.rows++
		}
		name := pack([]byte(c.Name))
		i := t.home(name)
		for t.slots[i].cmd != nil {
			i = (i + 1) & (n - 1)
		}
		t.slots[i] = slot{name, c, len(c.Subcommands) == 0 && isLetters(c.Name)}
	}
	return t
}

// All gives the commands, without subcommands, sorted by name.
func (t *Table) All() []*Command { return t.list }

// pack puts a name's length and its last seven bytes, whatever the case of its letters, into one word.
func pack(name []byte) uint64 {
	w := uint64(len(name))
	for _, b := range name[max(0, len(name)-7):] {
		w = w<<8 | uint64(b|0x20)
	}
	return w
}

// isLetters tells whether nothing but this name, in any case, packs as it does.
func isLetters(name string) bool {
	for _, b := range []byte(name) {
		if b < 'a' || b > 'z' {
			return false
		}
	}
	return len(name) <= 7
}

func (t *Table) home(name uint64) int { return int(name * 0x9e3779b97f4a7c15 >> t.shift) }

// Named finds a command by its own name; nil when there is none.
func (t *Table) Named(name []byte) *Command {
	w := pack(name)
	for i := t.home(w); t.slots[i].cmd != nil; i = (i + 1) & (len(t.slots) - 1) {
		if t.slots[i].name == w && is(name, t.slots[i].cmd.Name) {
			return t.slots[i].cmd
		}
	}
	return nil
}

// FullNamed finds a command by its full name, "config|set" for a subcommand; nil when there is none.
func (t *Table) FullNamed(name []byte) *Command {
	bar := bytes.IndexByte(name, '|')
	if bar < 0 {
		return t.Named(name)
	}
	if c := t.Named(name[:bar]); c != nil {
		return c.Subcommand(name[bar+1:])
	}
	return nil
}

// Subcommand finds a subcommand by its word; nil when there is none.
func (c *Command) Subcommand(word []byte) *Command {
	for _, sub := range c.Subcommands {
		if len(word) == len(sub.Name) && is(word, sub.Name) {
			return sub
		}
	}
	return nil
}

// Rows counts commands and subcommands: IDs are less.
func (t *Table) Rows() int { return t.rows }

// Meant is the command that these words call, even if they are too few or too many; nil when there is none.
func (t *Table) Meant(words [][]byte) *Command { return t.find(words) }

// find finds the command that these words, at least one, call, whatever their number. Its own row stands in for a
// command with subcommands that is called by itself.
func (t *Table) find(args [][]byte) *Command {
	c := t.Named(args[0])
	if c == nil || len(c.Subcommands) == 0 || len(args) == 1 {
		return c
	}
	return c.Subcommand(args[1])
}

// Lookup finds the command that these words, at least one, call: a subcommand where there is one. The error is the
// reply for words that name no command, or are too few or too many; it is empty when all is well.
func (t *Table) Lookup(args [][]byte) (*Command, resp.Error) {
	w := pack(args[0])
	for i := t.home(w); t.slots[i].cmd != nil; i = (i + 1) & (len(t.slots) - 1) {
		if sl := &t.slots[i]; sl.name == w && sl.simple {
			if c := sl.cmd; len(args) == c.Arity || c.Arity < 0 && len(args) >= -c.Arity {
				return c, ""
			}
			break
		}
	}
	return t.lookup(args)
}

// lookup is Lookup for what is not simply there.
func (t *Table) lookup(args [][]byte) (*Command, resp.Error) {
	c := t.find(args)
	if c == nil {
		return nil, t.unknown(args)
	}
	if !c.ArityOK(len(args)) {
		return nil, c.wrongArity()
	}
	return c, ""
}

// ArityOK tells whether the command can have n words.
func (c *Command) ArityOK(n int) bool {
	return n == c.Arity || c.Arity < 0 && n >= -c.Arity
}

func (c *Command) wrongArity() resp.Error {
	return resp.Error("ERR wrong number of arguments for '" + c.FullName() + "' command")
}

// FullName is the name by which errors and COMMAND speak of a command: "get", "config|set".
func (c *Command) FullName() string {
	if c.parent == nil {
		return c.Name
	}
	return c.parent.Name + "|" + c.Name
}

// quoteMax is how much of a client's words an error repeats.
const quoteMax = 128

// cString is what C's "%.*s" prints of b: at most n bytes, up to the first NUL.
func cString(b []byte, n int) string {
	if len(b) > n {
		b = b[:n]
	}
	if nul := bytes.IndexByte(b, 0); nul >= 0 {
		b = b[:nul]
	}
	return string(b)
}

// CString is what an error repeats of a client's word: up to the first NUL.
func CString(b []byte) string { return cString(b, len(b)) }

func (t *Table) unknown(args [][]byte) resp.Error {
	if len(args) > 1 && t.Named(args[0]) != nil {
		return resp.Error("ERR unknown subcommand '" + cString(args[1], quoteMax) + "'. Try " +
			cString(bytes.ToUpper(args[0]), len(args[0])) + " HELP.")
	}
	var quoted []byte
	for _, a := range args[1:] {
		if len(quoted) >= quoteMax {
			break
		}
		quoted = append(quoted, '\'')
		quoted = append(quoted, cString(a, quoteMax-len(quoted)+1)...)
		quoted = append(quoted, "' "...)
	}
	return resp.Error("ERR unknown command '" + cString(args[0], quoteMax) + "', with args beginning with: " + string(quoted))
}
