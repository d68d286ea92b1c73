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
	"path/filepath"
	"strings"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/command"
	"tabdis/core/storage"
	"tabdis/core/storage/osfs"
)

const checkUsage = `tabdis check-aof: reads a log as the server would, and says what it is worth.

  tabdis check-aof [--fix [--yes]] [--skip-functions] [--json] [--verbose] <path>

The path is a directory (appendonlydir, or the one it stands in), a manifest, or one file: a base
or incr file of tabdis or Redis ≥ 7, an appendonly.aof of Redis ≤ 6, an RDB file. Nothing is
changed without --fix, and nothing is read while a server uses it: stop the server, or copy the
directory. (A redis-server holds no lock; that it writes a file is seen on Linux only.) Commands
are looked up, not executed: one that the server knows and that fails on its data is not found.

  --fix             cut what no server would load: what a crash tore at the end, or all from the
                    first damage on; rewrite a manifest that is missing or damaged when the files
                    leave one reading. It asks first, and keeps what it cuts in <file>.torn-<lsn>.
                    A tabdis and a redis-server ≥ 7 load what is left.
  --yes             do not ask
  --skip-functions  pass over functions and what modules keep, as serve --skip-functions yes does
  --json            one JSON document instead of text
  --verbose         a line for each block

Exit codes: 0 clean, loads with nothing lost, or repaired; 1 torn at its end, loads without what
is cut; 2 damaged, is not loaded; 3 not readable: no log there, in use, an I/O error, or what this
version does not read; 64 wrong usage.
`

// The exit codes of check-aof and cat-aof.
const (
	exitClean      = 0
	exitTorn       = 1
	exitDamaged    = 2
	exitUnreadable = 3
	exitUsage      = 64
)

func exitOf(v aof.Verdict) int {
	return [...]int{aof.VerdictClean: exitClean, aof.VerdictTorn: exitTorn, aof.VerdictDamaged: exitDamaged, aof.VerdictUnreadable: exitUnreadable}[v]
}

// checker is a run of check-aof.
type checker struct {
	fix, yes, json, verbose bool
	skip                    bool // functions
	path                    string

	in       io.Reader
	out, err io.Writer
	asks     bool // in is a terminal
	shows    bool // err is one
	blocks   []blockLine
	table    *command.Table
	repairs  []repairDone
}

// checkAOF runs check-aof and gives the exit code.
func checkAOF(args []string) int {
	out := &watched{Writer: os.Stdout}
	k := &checker{in: os.Stdin, out: out, err: os.Stderr, asks: isTerminal(os.Stdin), shows: isTerminal(os.Stderr), table: command.NewTable()}
	f := newFlags("check-aof")
	f.BoolVar(&k.fix, "fix", false, "")
	f.BoolVar(&k.yes, "yes", false, "")
	f.BoolVar(&k.json, "json", false, "")
	f.BoolVar(&k.verbose, "verbose", false, "")
	f.BoolVar(&k.skip, "skip-functions", false, "")
	var err error
	if k.path, err = parseWithPath(f, args); err != nil {
		return misused("check-aof", checkUsage, err, exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code := k.run(ctx)
	if out.err != nil {
		fmt.Fprintf(os.Stderr, "tabdis check-aof: %v\n", out.err)
		return exitUnreadable // what it says was not heard
	}
	return code
}

// watched keeps the first error of writing.
type watched struct {
	io.Writer
	err error
}

func (w *watched) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (k *checker) run(ctx context.Context) int {
	at, err := locate(k.path)
	if err == nil && k.fix && at.single != "" && at.named != "" {
		err = fmt.Errorf("%s is one of the files of %s: give that to --fix", at.single, at.named)
	}
	var fs storage.FS
	if err == nil {
		fs, err = at.open(k.fix)
	}
	if err != nil {
		return k.failed(err)
	}
	defer fs.Close()
	c, err := k.checkAndFix(ctx, fs, at)
	if err != nil {
		return k.failed(err)
	}
	code := exitOf(c.Verdict)
	if k.json {
		return k.printJSON(c, at, code)
	}
	return code
}

// failed says why nothing could be checked at all.
func (k *checker) failed(err error) int {
	text := err.Error()
	if k.json {
		k.printFailure(text)
	} else {
		fmt.Fprintf(k.err, "tabdis check-aof: %s: %s\n", k.path, text)
	}
	return exitUnreadable
}

// checkAndFix checks, and with --fix repairs and checks again, until nothing is left that could be repaired.
func (k *checker) checkAndFix(ctx context.Context, fs storage.FS, at location) (*aof.Check, error) {
	for {
		k.blocks = nil
		tell, done := k.progress()
		c, err := aof.CheckLog(ctx, fs, k.options(at, tell))
		done()
		if err != nil {
			return nil, err
		}
		if !k.json {
			k.print(c, at)
		}
		if !k.fix || c.Repair == aof.FixNothing {
			return c, c.Close()
		}
		if len(k.repairs) == 4 {
			return nil, errors.Join(errors.New("it is not whole after four repairs; nothing more is tried"), c.Close())
		}
		if !k.agreed(c) {
			return c, c.Close()
		}
		kept, err := c.Fix(ctx)
		if err := errors.Join(err, c.Close()); err != nil {
			return nil, fmt.Errorf("the repair failed, and can be repeated: %w", err)
		}
		k.repairs = append(k.repairs, repairDone{Repair: c.Repair.String(), Verdict: c.Verdict.String(), Dropped: lossOf(c), Kept: orEmpty(kept)})
		if !k.json {
			k.printKept(at, kept)
		}
	}
}

func (k *checker) options(at location, tell func(aof.Progress)) aof.CheckOptions {
	o := at.options()
	o.Progress, o.SkipFunctions, o.Replay, o.Keys = tell, k.skip, core.LogReplay(k.table), core.LogKeys(k.table)
	if k.verbose {
		o.Block = k.block
	}
	return o
}

// agreed asks. What nobody was promised is cut for a y, what was acknowledged only for the word.
func (k *checker) agreed(c *aof.Check) bool {
	question, want := "", []string{"y", "yes"}
	switch c.Repair {
	case aof.FixSlack:
		question = fmt.Sprintf("Cut %d bytes that belong to nothing? (y/N) ", c.Slack)
	case aof.FixTail:
		question = fmt.Sprintf("Cut %d bytes at %s, offset %d? (y/N) ", c.Loss.Bytes, c.End.File, c.End.Offset)
	case aof.FixManifest:
		question = "Write the manifest again, from what the files say about themselves? (y/N) "
	case aof.FixDamage:
		question = fmt.Sprintf("This cuts %d bytes of DATA THAT WAS ACKNOWLEDGED: %s. Type yes to do it: ", c.Loss.Bytes, lossText(c))
		want = want[1:]
	}
	if k.yes {
		return true
	}
	if !k.asks || k.json {
		fmt.Fprintln(k.err, "tabdis check-aof: nobody is there to ask; nothing was changed. --yes repairs without asking")
		return false
	}
	fmt.Fprint(k.out, "\n"+question)
	answer, _ := bufio.NewReader(k.in).ReadString('\n') // an end is a no
	answer = strings.TrimSpace(answer)
	for _, w := range want {
		if strings.EqualFold(answer, w) && (len(want) > 1 || answer == w) {
			return true
		}
	}
	fmt.Fprintln(k.out, "Nothing was changed.")
	return false
}

// progress tells a terminal of a long reading, once a second.
func (k *checker) progress() (tell func(aof.Progress), done func()) {
	return progressOn(k.err, k.shows)
}

func progressOn(w io.Writer, shows bool) (tell func(aof.Progress), done func()) {
	if !shows {
		return nil, func() {}
	}
	last, told := time.Now(), false
	tell = func(p aof.Progress) {
		if time.Since(last) < time.Second || p.TotalBytes == 0 {
			return
		}
		last, told = time.Now(), true
		fmt.Fprintf(w, "\r\x1b[K%s: %d%%, %d commands", p.File, 100*p.Bytes/p.TotalBytes, p.Commands)
	}
	return tell, func() {
		if told {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// location is where a log stands.
type location struct {
	dir, filename string // filename: appendfilename
	single        string // one file by itself
	named         string // the manifest beside it that names it
}

func (at location) String() string {
	if at.single != "" {
		return filepath.Join(at.dir, at.single)
	}
	return at.dir
}

// options are what it is read with. There may be any number of databases that a server may be set to have.
func (at location) options() aof.CheckOptions {
	return aof.CheckOptions{Filename: at.filename, Single: at.single, Databases: 1024, Now: time.Now().UnixMilli(),
		Import: func(name string) (aof.Import, error) { return openBeside(filepath.Join(at.dir, "..", name)) }}
}

// open opens it, to look at or to change.
func (at location) open(change bool) (storage.FS, error) {
	var fs storage.FS
	var err error
	switch {
	case change:
		var store *osfs.FS // one that is nil would not be a nil FS
		if store, err = osfs.Open(at.dir); err == nil {
			fs = store
		}
	case at.single != "":
		fs, _, err = osfs.OpenFileReadOnly(filepath.Join(at.dir, at.single))
	default:
		fs, err = osfs.OpenReadOnly(at.dir)
	}
	if err != nil {
		return nil, opened(at.dir, err)
	}
	if err = unused(at.dir, at.filename); err != nil {
		return nil, errors.Join(err, fs.Close())
	}
	return fs, nil
}
