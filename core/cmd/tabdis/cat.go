//go:build !js

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/storage"
)

const catUsage = `tabdis cat-aof: prints the commands of a log.

  tabdis cat-aof [options] <path>

The path is what check-aof takes. A line is: lsn (or file:offset, where a Redis wrote it), time
(where the log has it), database, command. Of RDB data the commands are printed that would make
them. A unit, MULTI to EXEC, is printed whole when one of its commands is wanted.

  --from-lsn N, --to-lsn N    blocks of these numbers, both included
  --from-time T, --to-time T  by the log's timestamps, both included; what has none is left out.
                              T is 2006-01-02T15:04:05Z (RFC 3339), "2006-01-02 15:04:05" or
                              2006-01-02 of this machine's time zone, Unix seconds or milliseconds,
                              or so long ago: -90s, -15m, -2h, -1d
  --key GLOB                  commands that name such a key at any place; may be repeated
  --command NAME              these commands; may be repeated
  --db N                      of this database
  --json                      a JSON object a line for each unit; words that are no text are
                              {"base64": "…"}
  --raw                       RESP, as it can be piped to a server
  --no-values                 only the names of commands and keys, and the sizes of other words
  --max-len N                 no more than N bytes of a word
  --force                     go on behind the end of a damaged log, with blocks that are valid by
                              themselves

Exit codes are those of check-aof; what stands before the end is printed whatever comes behind it.
`

// printer is a run of cat-aof.
type printer struct {
	o     catOptions
	out   *bufio.Writer
	table *command.Table
	keys  func(args [][]byte) [][]byte
	pos   []int
	db    int  // selected in what --raw has printed
	late  bool // what stands behind the end was announced
	err   error
}

type catOptions struct {
	path                       string
	fromLSN, toLSN             uint64
	fromTime, toTime           int64 // Unix s; 0: any
	globs, names               [][]byte
	db                         int // -1: any
	json, raw, noValues, force bool
	maxLen                     int // -1: any
}

func catAOF(args []string) int {
	o, err := parseCat(args)
	if err != nil {
		return misused("cat-aof", catUsage, err, exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return cat(ctx, o, os.Stdout, os.Stderr)
}

func parseCat(args []string) (o catOptions, err error) {
	f := newFlags("cat-aof")
	for name, to := range map[string]*uint64{"from-lsn": &o.fromLSN, "to-lsn": &o.toLSN} {
		f.Func(name, "", func(text string) (err error) {
			if *to, err = strconv.ParseUint(text, 10, 64); err != nil || *to == 0 {
				return errors.New("it is no lsn: they are counted from 1")
			}
			return nil
		})
	}
	for name, to := range map[string]*int64{"from-time": &o.fromTime, "to-time": &o.toTime} {
		f.Func(name, "", func(text string) (err error) {
			*to, err = parseTime(text, time.Now())
			return err
		})
	}
	for name, to := range map[string]*[][]byte{"key": &o.globs, "command": &o.names} {
		f.Func(name, "", func(text string) error {
			*to = append(*to, []byte(text))
			return nil
		})
	}
	o.db, o.maxLen = -1, -1
	for name, to := range map[string]*int{"db": &o.db, "max-len": &o.maxLen} {
		f.Func(name, "", func(text string) (err error) {
			if *to, err = strconv.Atoi(text); err != nil || *to < 0 {
				return errors.New("it is no number")
			}
			return nil
		})
	}
	f.BoolVar(&o.json, "json", false, "")
	f.BoolVar(&o.raw, "raw", false, "")
	f.BoolVar(&o.noValues, "no-values", false, "")
	f.BoolVar(&o.force, "force", false, "")
	o.path, err = parseWithPath(f, args)
	switch {
	case err != nil:
	case o.toLSN > 0 && o.fromLSN > o.toLSN, o.toTime > 0 && o.fromTime > o.toTime:
		err = errors.New("the range ends before it begins")
	case o.raw && (o.json || o.noValues || o.maxLen >= 0):
		err = errors.New("--raw prints what was written, whole")
	case o.noValues && o.maxLen >= 0:
		err = errors.New("--no-values and --max-len exclude each other")
	}
	return o, err
}

func cat(ctx context.Context, o catOptions, out, errs io.Writer) int {
	failed := func(err error) int {
		fmt.Fprintf(errs, "tabdis cat-aof: %s: %v\n", o.path, err)
		return exitUnreadable
	}
	at, err := locate(o.path)
	var fs storage.FS
	if err == nil {
		fs, err = at.open(false)
	}
	if err != nil {
		return failed(err)
	}
	defer fs.Close()
	table := command.NewTable()
	p := &printer{o: o, out: bufio.NewWriterSize(out, 64<<10), table: table, keys: core.LogKeys(table)}
	tell, done := progressOn(os.Stderr, isTerminal(os.Stderr) && !isTerminal(os.Stdout))
	options := at.options()
	options.Progress, options.Unit, options.Force, options.SkipFunctions = tell, p.unit, o.force, true
	c, err := aof.CheckLog(ctx, fs, options)
	done()
	if err == nil {
		err = errors.Join(c.Close(), p.out.Flush(), p.err)
	}
	if err != nil {
		return failed(err)
	}
	if c.Problem != nil {
		fmt.Fprintf(errs, "tabdis cat-aof: %s\n%s\n", verdictText(c), problemText(c.Problem))
		if c.Loss.Commands > 0 && !o.force {
			fmt.Fprintf(errs, "Behind it: %s. --force prints the blocks that are valid by themselves.\n", lossText(c))
		}
	}
	return exitOf(c.Verdict)
}

// unit prints a unit, if it is wanted.
func (p *printer) unit(u *aof.Unit) {
	if p.err != nil || !p.wanted(u) {
		return
	}
	if u.Behind && !p.late && !p.o.raw && !p.o.json {
		p.late = true
		p.out.WriteString("# behind the end of the log: blocks that are valid by themselves\n")
	}
	switch {
	case p.o.raw:
		p.raw(u)
	case p.o.json:
		p.json(u)
	default:
		p.text(u)
	}
}

func (p *printer) wanted(u *aof.Unit) bool {
	o := &p.o
	switch {
	case o.fromLSN > 0 && u.LSN < o.fromLSN, o.toLSN > 0 && (u.LSN > o.toLSN || u.LSN == 0):
		return false
	case o.fromTime > 0 && u.Time < o.fromTime, o.toTime > 0 && (u.Time > o.toTime || u.Time == 0):
		return false
	}
	for i := range u.Commands {
		if p.wantedCommand(&u.Commands[i]) {
			return true
		}
	}
	return false
}

func (p *printer) wantedCommand(c *aof.UnitCommand) bool {
	o := &p.o
	if isSelect(c.Args) || o.db >= 0 && c.DB != o.db {
		return false
	}
	if len(o.names) > 0 {
		named := false
		for _, name := range o.names {
			named = named || strings.EqualFold(string(name), string(c.Args[0]))
		}
		if !named {
			return false
		}
	}
	if len(o.globs) == 0 {
		return true
	}
	for _, key := range p.keys(c.Args) {
		for _, glob := range o.globs {
			if command.Match(glob, key) {
				return true
			}
		}
	}
	return false
}

func isSelect(args [][]byte) bool {
	return len(args) == 2 && strings.EqualFold(string(args[0]), "SELECT")
}
