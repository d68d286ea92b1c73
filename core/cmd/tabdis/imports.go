//go:build !js

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tabdis/core/aof"
	"tabdis/core/storage"
)

// besideFile is a file of Redis's in the server's directory. It is only read.
type besideFile struct {
	*os.File
	size int64
}

func (f besideFile) Size() int64 { return f.size }

// openBeside opens such a file for the log that begins with it.
func openBeside(name string) (aof.Import, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = storage.ErrNotExist
	}
	if err != nil {
		return nil, storage.Wrap("open", name, -1, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err != nil {
		f.Close() // nothing was done with it
		return nil, storage.Wrap("open", name, -1, err)
	}
	return besideFile{f, info.Size()}, nil
}

// loadFailed adds what is to be done about it to what is wrong with a log.
func loadFailed(err error, dir string) error {
	var why *aof.LoadError
	if !errors.As(err, &why) || why.Hint() == "" {
		return err
	}
	if path, err := filepath.Abs(dir); err == nil {
		dir = path
	}
	return fmt.Errorf("%w\n%s.", err, strings.ReplaceAll(why.Hint(), "<dir>", dir))
}

// reportDump tells, as Redis does, what was loaded from an RDB file.
func (p *program) reportDump(r *aof.Report, seconds float64) {
	if r.Imported == "" {
		return
	}
	p.engine.Log(aof.Notice, fmt.Sprintf("Done loading RDB, keys loaded: %d, keys expired: %d.", r.Keys, r.Expired))
	p.engine.Log(aof.Notice, fmt.Sprintf("DB loaded from disk: %.3f seconds", seconds))
}
