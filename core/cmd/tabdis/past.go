//go:build !js

package main

import (
	"context"
	"errors"
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/storage"
	"tabdis/core/storage/osfs"
)

// pastFlags are what restore and export have in common.
type pastFlags struct {
	*goflag.FlagSet
	dir, dirname string
	cfg          aof.Config
}

func newPastFlags(name string) *pastFlags {
	f := &pastFlags{FlagSet: newFlags(name)}
	f.StringVar(&f.dir, "dir", "", "")
	f.StringVar(&f.dirname, "appenddirname", "appendonlydir", "")
	f.StringVar(&f.cfg.Filename, "appendfilename", "appendonly.aof", "")
	f.StringVar(&f.cfg.DumpName, "dbfilename", "dump.rdb", "")
	f.BoolVar(&f.cfg.SkipFunctions, "skip-functions", false, "")
	return f
}

// parse gives what is wrong with the words, or help.
func (f *pastFlags) parse(args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	switch {
	case f.NArg() > 0:
		return unwanted(f.Arg(0))
	case f.dir == "":
		return errors.New("--dir is missing")
	}
	return nil
}

// failedAt says why a run ended, and what is to be done.
func failedAt(name, dir string, err error) int {
	fmt.Fprintf(os.Stderr, "tabdis %s: %v\n", name, loadFailed(err, dir))
	return 1
}

// pastLog is a log that is looked at.
type pastLog struct {
	fs     storage.FS
	dir    string // of the log
	below  string // its name in the directory that was named; "": it is that directory
	cfg    *aof.Config
	shown  time.Time
	silent bool
}

// open finds the log: in the directory that a server was given as dir, or that directory itself.
func (f *pastFlags) open() (*pastLog, error) {
	p := &pastLog{dir: f.dir, cfg: &f.cfg, shown: time.Now()}
	if info, err := os.Stat(filepath.Join(f.dir, f.dirname)); err == nil && info.IsDir() {
		p.dir, p.below = filepath.Join(f.dir, f.dirname), f.dirname
		f.cfg.Import = func(name string) (aof.Import, error) { return openBeside(filepath.Join(f.dir, name)) }
	}
	var err error
	p.fs, err = osfs.OpenReadOnly(p.dir)
	if err != nil {
		return nil, opened(p.dir, err)
	}
	if err = unused(p.dir, f.cfg.Filename); err != nil {
		return nil, errors.Join(err, p.fs.Close())
	}
	return p, nil
}

// load gives an engine in memory that holds what the store held at a point.
func (p *pastLog) load(at aof.Point, dumps storage.Dumps, config map[string]string) (*core.Engine, aof.Reached, error) {
	var reached aof.Reached
	values := map[string]string{"databases": "16384", "proto-max-bulk-len": "1024gb"} // more than any server has that wrote a log
	for name, value := range config {
		values[name] = value
	}
	e, err := core.Open(context.Background(), core.Options{
		Now: time.Now().UnixMilli(), Config: values, Dumps: dumps,
		Log: func(level aof.Level, msg string) {
			if level == aof.Warning {
				fmt.Fprintln(os.Stderr, msg)
			}
		},
		Load: func(to aof.Replayer, ks *keyspace.Keyspace) (err error) {
			reached, err = aof.ReadTo(context.Background(), p.fs, p.cfg, at, to, ks, p.progress)
			return err
		},
	})
	p.endProgress()
	return e, reached, err
}

// progress tells on standard error how far the reading has come, once a second.
func (p *pastLog) progress(to aof.Progress) {
	if now := time.Now(); now.Sub(p.shown) >= time.Second && to.TotalBytes > 0 {
		p.shown, p.silent = now, true
		fmt.Fprintf(os.Stderr, "\r%3d %% of %d MB, %s, %d commands ", 100*to.Bytes/to.TotalBytes, to.TotalBytes>>20, to.File, to.Commands)
	}
}

func (p *pastLog) endProgress() {
	if p.silent {
		fmt.Fprintln(os.Stderr)
		p.silent = false
	}
}

// warn tells what is not part of what was reached.
func warn(r *aof.Reached) {
	if t := r.Truncated; t != nil {
		fmt.Fprintf(os.Stderr, "The log is torn: its last %d bytes, from %s at %d on, are an incomplete write, and are left out.\n", t.Bytes, t.File, t.Offset)
	}
	if r.Behind != nil {
		fmt.Fprintf(os.Stderr, "Nothing behind that point is needed. What stands there: %v\n", r.Behind)
	}
	if s := &r.Skipped; s.Count > 0 {
		fmt.Fprintf(os.Stderr, "%d functions or values of modules are left out, the first in %s at %d: %s\n", s.Count, s.File, s.Offset, s.String())
	}
}

// describe says where a reading ended.
func describe(e *core.Engine, r *aof.Reached) string {
	keys := 0
	for i := range e.Keyspace().Databases() {
		keys += e.Keyspace().DB(i).Len()
	}
	var b strings.Builder
	b.WriteString(many(int64(keys), "key"))
	if r.LSN > 0 {
		fmt.Fprintf(&b, ", lsn %d", r.LSN)
	}
	if r.Time > 0 {
		fmt.Fprintf(&b, ", %s", when(r.Time))
	}
	if r.File != "" && r.LSN > 0 {
		fmt.Fprintf(&b, " (%s up to %d)", r.File, r.Offset)
	}
	return b.String()
}

// when is a second as people read it; 0: it is not known.
func when(second int64) string {
	if second == 0 {
		return "-"
	}
	return time.Unix(second, 0).Format(time.RFC3339)
}

// writeStore makes a store of what an engine holds in a directory that is not there, or empty, as below says: in a directory of that name in it,
// or in itself. The manifest comes last. After an error nothing is left.
func writeStore(e *core.Engine, r aof.Reached, out, below, filename string) (err error) {
	_, there := os.Stat(out)
	if err := wantEmpty(out); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, emptyAgain(out, there == nil))
		}
	}()
	fs, err := osfs.Open(filepath.Join(out, below))
	if err != nil {
		return err
	}
	return errors.Join(aof.WriteStore(context.Background(), fs, filename, e.Keyspace(), r), fs.Close())
}

func wantEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty (%s …): name a directory that is not there", dir, entries[0].Name())
	}
	return nil
}

// emptyAgain removes what was made in a directory that had been empty, or not there.
func emptyAgain(dir string, keep bool) error {
	if !keep {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}
