// Package program builds the native program for tests that run it.
package program

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Path is where the program stands, while Main runs.
var Path string

// Main builds the program, runs a package's tests and gives the exit code; for TestMain.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tabdis")
	if err == nil {
		defer os.RemoveAll(dir)
		err = build(filepath.Join(dir, "tabdis"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "building tabdis:", err)
		return 1
	}
	return m.Run()
}

func build(path string) error {
	if err := dependOnSources(); err != nil {
		return err
	}
	Path = path
	if out, err := exec.Command("go", "build", "-o", path, "tabdis/core/cmd/tabdis").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// dependOnSources looks at every source of the program. The go command notes which files a test looks at, and takes a result from its cache only
// while these are the same: what the go build above reads it does not see.
func dependOnSources() error {
	core := filepath.Join("..", "..", "core") // tests run in their package's folder
	return filepath.WalkDir(core, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			_, err = os.Stat(path)
		}
		return err
	})
}
