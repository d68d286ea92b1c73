// Package program builds the native program for tests that run it.
package program

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var dir string

// Main runs a package's tests and gives the exit code; for TestMain.
func Main(m *testing.M) int {
	var err error
	if dir, err = os.MkdirTemp("", "tabdis"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	return m.Run()
}

// Path is where the program stands. The first one who asks builds it.
func Path(t testing.TB) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err, "building tabdis")
	return path
}

var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(dir, "tabdis")
	if err := dependOnSources(); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", path, "tabdis/core/cmd/tabdis").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

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
