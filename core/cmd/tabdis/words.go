//go:build !js

package main

import (
	"errors"
	goflag "flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// newFlags are the options of a tool, which tells itself what is wrong with them.
func newFlags(name string) *goflag.FlagSet {
	f := goflag.NewFlagSet(name, goflag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parseWithPath parses options, and one path that may stand anywhere among them.
func parseWithPath(f *goflag.FlagSet, args []string) (path string, err error) {
	for err = f.Parse(args); err == nil && f.NArg() > 0; err = f.Parse(f.Args()[1:]) {
		if path != "" {
			return "", unwanted(f.Arg(0))
		}
		path = f.Arg(0)
	}
	if err == nil && path == "" {
		err = errors.New("a path is needed")
	}
	return path, err
}

func unwanted(word string) error {
	if strings.HasPrefix(word, "-") {
		return fmt.Errorf("unknown option %s", word)
	}
	return fmt.Errorf("%q is too much", word)
}

// misused answers wrong usage, and --help, with the exit code: 0 for help, else the given one.
func misused(name, usage string, err error, code int) int {
	if errors.Is(err, goflag.ErrHelp) {
		fmt.Print(usage)
		return 0
	}
	if option, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		err = unwanted("--" + option)
	}
	fmt.Fprintf(os.Stderr, "tabdis %s: %v\nTry: tabdis %s --help\n", name, err, name)
	return code
}
