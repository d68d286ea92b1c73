//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tabdis/core/aof"
	"tabdis/core/storage/osfs"
)

const exportUsage = `tabdis export: gives out what a store holds, in a form that a redis-server loads.

  tabdis export --dir D --rdb FILE [--rdb-version 10|11]   as an RDB file
  tabdis export --dir D --aof E                            as a clean log

D is the directory that a server has as dir, or the directory of the log in it; a Redis's, too,
whatever tabdis serve would load. It is only read, and no server may use it: stop the server, or
copy the directory. An incomplete write at the end of the log is left out, and told. FILE is
replaced at once, when it is whole; E must be empty or not be there. RDB version 10, for Redis 7.0
and later, is the default; 11 is for 7.2 and later.

  --appenddirname, --appendfilename, --dbfilename  as the server has them
  --skip-functions                                 go on without functions and what modules keep

Exit codes: 0 done; 1 the log is damaged or in use, or the output could not be written, and
standard error tells why; 2 wrong usage.
`

func exportStore(args []string) int {
	f := newPastFlags("export")
	file, version, out := f.String("rdb", "", ""), f.String("rdb-version", "", ""), f.String("aof", "", "")
	err := f.parse(args)
	switch {
	case err != nil:
	case (*file == "") == (*out == ""):
		err = errors.New("either --rdb or --aof says what is wanted")
	case *version != "" && *file == "":
		err = errors.New("--rdb-version goes with --rdb")
	case *version != "" && *version != "10" && *version != "11":
		err = fmt.Errorf("--rdb-version %q: there are 10 and 11", *version)
	}
	if err != nil {
		return misused("export", exportUsage, err, 2)
	}
	log, err := f.open()
	if err != nil {
		return failedAt("export", f.dir, err)
	}
	defer log.fs.Close() // it was only read
	if *file != "" {
		err = log.exportRDB(*file, *version)
	} else {
		err = log.exportAOF(*out)
	}
	if err != nil {
		return failedAt("export", log.dir, err)
	}
	return 0
}

func (p *pastLog) exportAOF(out string) error {
	if err := wantEmpty(out); err != nil { // before much is read
		return err
	}
	e, reached, err := p.load(aof.Point{}, nil, nil)
	if err != nil {
		return err
	}
	defer e.Close(context.Background()) // it is in memory
	warn(&reached)
	if err := writeStore(e, reached, out, p.below, p.cfg.Filename); err != nil {
		return err
	}
	fmt.Printf("exported %s to %s\n", describe(e, &reached), out)
	return nil
}

func (p *pastLog) exportRDB(path, version string) error {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is no directory", dir)
	}
	if name == "" {
		return fmt.Errorf("%s is a directory", path)
	}
	if err := regular(path); err != nil { // before much is read
		return err
	}
	config := map[string]string{"dbfilename": name}
	if version != "" {
		config["rdb-write-version"] = version
	}
	e, reached, err := p.load(aof.Point{}, osfs.DumpsIn(dir), config)
	if err != nil {
		return err
	}
	defer e.Close(context.Background()) // it is in memory
	warn(&reached)
	if e.Save() != nil { // its log line tells why
		return fmt.Errorf("%s could not be written", path)
	}
	fmt.Printf("exported %s to %s\n", describe(e, &reached), path)
	return nil
}
