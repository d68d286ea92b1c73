package command

// Table is the command table, looked up by name in any case.
type Table struct {
	byName map[string]*Command
	list   []*Command // sorted by name
}
