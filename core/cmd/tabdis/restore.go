//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"tabdis/core/aof"
)

const restoreUsage = `tabdis restore: makes a store of what another one held at an earlier point.

  tabdis restore --dir D                        tells what can be gone back to
  tabdis restore --dir D --to-lsn N --out E     the state behind block N
  tabdis restore --dir D --to-time T --out E    behind the last block that is not of a later second

D is the directory that a server has as dir, or the directory of the log in it. It is only read,
and no server may use it: stop the server, or copy the directory. E must be empty or not be there;
it becomes what D is, with one base and an empty log behind it, and tabdis serve --dir E and
redis-server --dir E --appendonly yes start on it (where D is the directory that a server has as
dir). The manifest is written last.

T is 2006-01-02T15:04:05Z (RFC 3339), "2006-01-02 15:04:05" or 2006-01-02 of this machine's time
zone, Unix seconds or milliseconds, or so long ago: -90s, -15m, -2h, -1d. The log tells the seconds
of blocks that are written while aof-timestamp-enabled is yes. It reaches back to the last rewrite,
and over as many before it as aof-history-keep says.

  --dry-run                          read, tell, and write nothing (without --out)
  --appenddirname, --appendfilename  as the server has them
  --skip-functions                   go on without functions and what modules keep

Exit codes: 0 done; 1 that point cannot be reached, the log is damaged before it or in use, or E
could not be written, and standard error tells why; 2 wrong usage.
`

func restoreStore(args []string) int {
	f := newPastFlags("restore")
	lsn, at, out := f.String("to-lsn", "", ""), f.String("to-time", "", ""), f.String("out", "", "")
	dry := f.Bool("dry-run", false, "")
	err := f.parse(args)
	var point aof.Point
	if err == nil {
		point, err = parsePoint(*lsn, *at, time.Now())
	}
	wanted := *lsn != "" || *at != ""
	switch {
	case err != nil:
	case wanted && *out == "" && !*dry:
		err = errors.New("--out is missing")
	case !wanted && (*out != "" || *dry):
		err = errors.New("--to-lsn or --to-time is missing")
	}
	if err != nil {
		return misused("restore", restoreUsage, err, 2)
	}
	log, err := f.open()
	if err != nil {
		return failedAt("restore", f.dir, err)
	}
	defer log.fs.Close() // it was only read
	if !wanted {
		err = log.list()
	} else {
		err = log.restore(point, *out, *dry)
	}
	if err != nil {
		return failedAt("restore", log.dir, err)
	}
	return 0
}

func (p *pastLog) restore(at aof.Point, out string, dry bool) error {
	if !dry {
		if err := wantEmpty(out); err != nil { // before much is read
			return err
		}
	}
	e, reached, err := p.load(at, nil, nil)
	if err != nil {
		return err
	}
	defer e.Close(context.Background()) // it is in memory
	warn(&reached)
	if dry {
		fmt.Println("would restore", describe(e, &reached))
		return nil
	}
	if err := writeStore(e, reached, out, p.below, p.cfg.Filename); err != nil {
		return err
	}
	fmt.Printf("restored %s to %s\n", describe(e, &reached), out)
	return nil
}

// list prints the generations.
func (p *pastLog) list() error {
	all, err := aof.Generations(context.Background(), p.fs, p.cfg, p.progress)
	p.endProgress()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "first lsn\tlast lsn\tfrom\tto\tfiles\tbytes\tbase\t")
	for _, g := range all {
		base, state := g.Base, ""
		if base == "" {
			base = "(empty)"
		}
		if g.InForce {
			state = "in force"
		}
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%d\t%d\t%s\t%s\n", max(g.First, 1), g.Last, when(g.FirstTime), when(g.LastTime), g.Files, g.Bytes, base, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, g := range all {
		if g.Err != nil && g.InForce {
			return fmt.Errorf("the log in force can be read to lsn %d only: %w", g.Last, g.Err)
		} else if g.Err != nil {
			fmt.Fprintf(os.Stderr, "The generation from lsn %d on can be read to lsn %d only: %v\n", g.First, g.Last, g.Err)
		}
	}
	return nil
}

// parsePoint reads --to-lsn or --to-time; with neither it is the present.
func parsePoint(lsn, at string, now time.Time) (aof.Point, error) {
	switch {
	case lsn != "" && at != "":
		return aof.Point{}, errors.New("--to-lsn and --to-time are two points")
	case lsn != "":
		n, err := strconv.ParseUint(lsn, 10, 64)
		if err != nil || n == 0 {
			return aof.Point{}, fmt.Errorf("--to-lsn %q is no lsn: they are counted from 1", lsn)
		}
		return aof.Point{LSN: n}, nil
	case at != "":
		t, err := parseTime(at, now)
		return aof.Point{Time: t}, err
	}
	return aof.Point{}, nil
}
