package aof

import (
	"errors"
	"strings"

	"tabdis/core/rdb"
)

// Skipped are functions, and what modules keep, that a log of Redis's has. Without Config.SkipFunctions they are a reason to refuse it, else
// they are left out.
type Skipped struct {
	Count  int64
	Names  []string // each once, and not more than some: "the library mylib"
	File   string   // where the first stands
	Offset int64
}

const maxNames = 32

//go:noinline
func (s *Skipped) add(file string, at int64, what string) {
	if s.Count++; s.Count == 1 {
		s.File, s.Offset = file, at
	}
	for _, known := range s.Names {
		if known == what {
			return
		}
	}
	if len(s.Names) < maxNames {
		s.Names = append(s.Names, what)
	}
}

func (s *Skipped) String() string {
	text := strings.Join(s.Names, ", ")
	if len(s.Names) == maxNames {
		text += " …"
	}
	return text
}

// UnknownCommand is the error of a Replayer for a command that there is not.
type UnknownCommand struct{ Name string }

func (e *UnknownCommand) Error() string { return "the command " + e.Name + " is not known" }

// scriptCommand is one that only a Lua could run; what it did cannot be known.
type scriptCommand struct{ name string }

func (e *scriptCommand) Error() string { return e.name + " runs a script, and there is no Lua here" }

// leaveOut takes the error of a command that could not be replayed. Those that only make or remove functions and scripts change no key:
// they are counted and passed over, and the whole load is judged by them in the end, so that it can name them all.
func (a *applier) leaveOut(words [][]byte, err error) error {
	is := func(first, second string) bool {
		return isWord(words[0], first) && (second == "" || len(words) > 2 && isWord(words[1], second))
	}
	last := words[len(words)-1]
	switch {
	case a.left == nil:
		return err
	case is("FUNCTION", "LOAD"):
		a.leave(rdb.LibraryName(last))
	case is("FUNCTION", "DELETE"):
		if a.left.Count == 0 { // else it has been named
			a.leave("?")
		}
	case is("FUNCTION", "RESTORE"):
		names := rdb.Libraries(words[2])
		for _, name := range names {
			a.leave(name)
		}
		if len(names) == 0 {
			a.leave("?")
		}
	case is("SCRIPT", "LOAD"):
		a.left.add(a.file, a.unit, "a script of SCRIPT LOAD")
	case is("EVAL", ""), is("EVALSHA", ""), is("FCALL", ""):
		return &scriptCommand{string(words[0])}
	default:
		return err
	}
	return nil
}

//go:noinline
func (a *applier) leave(library string) {
	a.left.add(a.file, a.unit, (&rdb.Skipped{Name: library}).String())
}

// judgeSkipped refuses a log that has what would be left out, unless that is wanted.
func (r *reader) judgeSkipped(wanted bool) error {
	if r.left.Count == 0 || wanted {
		return nil
	}
	return &LoadError{Err: ErrUnsupported, File: r.left.File, Offset: r.left.Offset, Why: "here begins what only a Redis with Lua and its modules can run: " + r.left.String(),
		hint: "With skip-functions yes it is loaded without them (serve --skip-functions yes); or remove them on the Redis that wrote it"}
}

// refused is about a command that the Replayer gave an error for.
func (r *reader) refused(f *logFile, at int64, lsn uint64, err error) error {
	var number *rdb.DatabaseError
	var unknown *UnknownCommand
	var script *scriptCommand
	if errors.As(err, &number) || errors.As(err, &unknown) || errors.As(err, &script) {
		return r.unsupported(f, at, lsn, err)
	}
	return &LoadError{Err: joined{ErrCorrupt, err}, File: f.name, Offset: at, LSN: lsn, Why: "a command cannot be replayed: " + err.Error()}
}

func (r *reader) unsupported(f *logFile, at int64, lsn uint64, err error) error {
	e := &LoadError{Err: joined{ErrUnsupported, err}, File: f.name, Offset: at, LSN: lsn, Why: err.Error()}
	var number *rdb.DatabaseError
	var unknown *UnknownCommand
	switch {
	case errors.As(err, &number):
		e.hint = "Set databases to " + utoa(number.Number+1) + " or more"
	case errors.As(err, &unknown):
		e.hint = "It is a module's, or of a later version, or the file is damaged: look at it with tabdis check-aof <dir>"
	case errors.Is(err, rdb.ErrUnsupported):
		e.hint = "Let the Redis that wrote it write a log without RDB data: aof-use-rdb-preamble no, then BGREWRITEAOF"
	}
	return e
}

func tellSkipped(host Host, report *Report) {
	if s := &report.Skipped; s.Count > 0 {
		host.Log(Warning, utoa(uint64(s.Count))+" functions or values of modules are left out, since skip-functions is yes, the first in "+
			s.File+" at "+utoa(uint64(s.Offset))+": "+s.String())
	}
}
