//go:build !js

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tabdis/core/storage"
)

// errInUse is about a log that a server has.
type errInUse struct{ what string }

func (e *errInUse) Error() string {
	return e.what + ": stop it (SHUTDOWN), or copy the directory and name the copy"
}

// written is openForWriting, with a second's patience for a process that is just ending.
func written(path string) bool {
	for range 20 {
		if !openForWriting(path) {
			return false
		}
		time.Sleep(50 * time.Millisecond)
	}
	return true
}

func writtenBy(path string) error {
	return &errInUse{"a process that holds no lock, a redis-server most likely, is writing " + path}
}

// unused looks for a redis-server that has a log, or one of its files. It holds no lock, so that nothing else would tell: two would write one
// log. It keeps the incr file that it writes open.
func unused(dir, filename string) error {
	paths := []string{filepath.Join(dir, filename)} // of a Redis ≤ 6
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // opening it tells why
	}
	for _, e := range entries {
		if parts := logName.FindStringSubmatch(e.Name()); parts != nil && parts[1] == filename {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	for _, path := range paths {
		if written(path) {
			return writtenBy(path)
		}
	}
	return nil
}

// unusedBy is unused for a server, which would also begin with the single file of a Redis ≤ 6 in its own directory.
func unusedBy(dir, filename string) error {
	if filename == "" {
		filename = "appendonly.aof"
	}
	if written(filename) {
		return writtenBy(filename)
	}
	return unused(dir, filename)
}

// opened says of an error of opening a directory what it means.
func opened(dir string, err error) error {
	var failed *storage.Error
	switch {
	case errors.Is(err, storage.ErrLocked):
		return &errInUse{"a server uses " + dir}
	case errors.Is(err, storage.ErrNotExist) && errors.As(err, &failed):
		return fmt.Errorf("%s: no such file or directory", dir)
	}
	return err
}

// regular refuses what is no file: reading a pipe would wait for ever.
func regular(path string) error {
	switch info, err := os.Stat(path); {
	case err != nil || info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return fmt.Errorf("%s is a directory", path)
	default:
		return fmt.Errorf("%s is no regular file (%s)", path, strings.TrimLeft(info.Mode().Type().String(), "-"))
	}
}
