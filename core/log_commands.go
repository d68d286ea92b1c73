package core

import (
	"errors"
	"strconv"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/rdb"
)

// LogReplay is aof.CheckOptions' Replay: it refuses what is no command, in the loader's words.
func LogReplay(table *command.Table) func(args [][]byte) error {
	n := 0
	refused := func(why string) error {
		return errors.New("command " + strconv.Itoa(n) + " of the log: " + why)
	}
	return func(args [][]byte) error {
		n++
		switch cmd, failed := table.Lookup(args); {
		case strings.HasPrefix(string(failed), "ERR unknown command"):
			return &aof.UnknownCommand{Name: strconv.Quote(string(args[0][:min(len(args[0]), 64)]))}
		case failed != "":
			return refused(string(failed))
		case needsLua(cmd.FullName(), args):
			return refused("there is no Lua")
		}
		return nil
	}
}

// needsLua tells of what the server knows and cannot run: the log names what it would make, and the loader judges it.
func needsLua(name string, args [][]byte) bool {
	switch name {
	case "function|load", "function|delete", "script|load", "eval", "evalsha", "fcall":
		return true
	case "function|restore":
		return len(rdb.Libraries(args[2])) > 0
	}
	return false
}

// LogKeys is aof.CheckOptions' Keys: the keys that a command names.
func LogKeys(table *command.Table) func(args [][]byte) [][]byte {
	var at []int
	var keys [][]byte
	return func(args [][]byte) [][]byte {
		cmd, failed := table.Lookup(args)
		if failed != "" {
			return nil
		}
		at, _ = cmd.KeyPositions(args, at[:0])
		keys = keys[:0]
		for _, i := range at {
			keys = append(keys, args[i])
		}
		return keys
	}
}

// Quote quotes as redis-cli does: what can be printed as it is, other bytes escaped.
func Quote(word []byte) string {
	b := make([]byte, 0, len(word)+2)
	b = append(b, '"')
	for _, c := range word {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\a':
			b = append(b, '\\', 'a')
		case c == '\b':
			b = append(b, '\\', 'b')
		case c < 32 || c > 126:
			const digits = "0123456789abcdef"
			b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}
