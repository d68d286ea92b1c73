//go:build !js

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"tabdis/core/storage"
)

const manifestEnd = ".manifest"

// locate finds the log that a path means, as people type it: the directory, the one above it, its manifest, or one file.
func locate(path string) (location, error) {
	info, err := os.Stat(path)
	if err != nil {
		return location{}, errors.Unwrap(err)
	}
	if info.IsDir() {
		return locateIn(path)
	}
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if filename, ok := strings.CutSuffix(name, manifestEnd); ok {
		return location{dir: filepath.Clean(dir), filename: filename}, nil
	}
	if err := regular(path); err != nil {
		return location{}, err
	}
	at := location{dir: filepath.Clean(dir), single: name, filename: name}
	if parts := logName.FindStringSubmatch(name); parts != nil {
		at.filename = parts[1]
		if text, err := os.ReadFile(filepath.Join(dir, parts[1]+manifestEnd)); err == nil && strings.Contains(string(text), name) {
			at.named = parts[1] + manifestEnd
		}
	}
	return at, nil
}

// logName is that of a base or incr file: the log's name comes first.
var logName = regexp.MustCompile(`^(.+)\.[0-9]+\.(base|incr)\.(aof|rdb)$`)

func locateIn(dir string) (location, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return location{}, err
	}
	var logs []string // that have a manifest, or files without one
	note := func(filename string) {
		if filename != "" && !slices.Contains(logs, filename) {
			logs = append(logs, filename)
		}
	}
	below, singles := "", map[string]bool{}
	for _, e := range entries {
		name := e.Name()
		parts := logName.FindStringSubmatch(name)
		switch {
		case e.IsDir():
			if name == "appendonlydir" {
				below = filepath.Join(dir, name)
			}
		case !storage.ValidName(name):
		case strings.HasSuffix(name, manifestEnd):
			note(strings.TrimSuffix(name, manifestEnd))
		case parts != nil:
			note(parts[1])
		case name == "appendonly.aof" || name == "dump.rdb":
			singles[name] = true
		}
		if parts != nil || singles[name] {
			if err := regular(filepath.Join(dir, name)); err != nil {
				return location{}, err
			}
		}
	}
	switch {
	case len(logs) == 1:
		return location{dir: dir, filename: logs[0]}, nil
	case len(logs) > 1:
		return location{}, fmt.Errorf("there are several logs: %s; name the manifest of one", strings.Join(logs, ", "))
	case below != "":
		return locateIn(below)
	}
	for _, name := range []string{"appendonly.aof", "dump.rdb"} {
		if singles[name] {
			return location{dir: dir, single: name, filename: name}, nil
		}
	}
	return location{}, errors.New("there is no append only file, and no appendonlydir")
}
