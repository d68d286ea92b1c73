// Package house holds the project to its own layout: who may import whom.
package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rules name, for each folder, what it may import beyond the standard library and beneath itself; the longest prefix counts.
var rules = map[string][]string{
	"core/resp":                {},
	"core/keyspace":            {},
	"core/storage":             {},
	"core/storage/memfs":       {"tabdis/core/storage"},
	"core/storage/faultfs":     {"tabdis/core/storage"},
	"core/storage/osfs":        {"tabdis/core/storage"},
	"core/storage/storagetest": {"tabdis/core/storage", "github.com/stretchr/testify"},
	"core/rdb":                 {"tabdis/core/keyspace"},
	"core/command":             {"tabdis/core/keyspace", "tabdis/core/rdb", "tabdis/core/resp"},
	"core/aof":                 {"tabdis/core/resp", "tabdis/core/storage", "tabdis/core/keyspace", "tabdis/core/rdb", "github.com/cespare/xxhash"},
	"core":                     {"tabdis/core/"},
	"core/cmd":                 {"tabdis/core"},
	"jsbridge":                 {"tabdis/core", "tabdis/jsbridge", "github.com/hack-pad/", "github.com/cespare/xxhash"},
	"wasm":                     {"tabdis/jsbridge", "tabdis/core/storage"},
	"tests":                    {"tabdis/", "github.com/"},
}

// touchesOS are the folders that may use the operating system, or print.
var touchesOS = []string{"core/storage/osfs", "core/cmd", "core/storage/storagetest", "tests", "jsbridge/nodefs"}

func TestImportsFollowTheHouse(t *testing.T) {
	root := "../.."
	clocks := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		require.NoError(t, err)
		folder := filepath.ToSlash(filepath.Dir(rel))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			checkImport(t, filepath.ToSlash(rel), folder, imported)
			if imported == "time" && strings.HasPrefix(folder, "core") && !allowed(folder, touchesOS) {
				clocks[filepath.ToSlash(rel)] = true
			}
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"core/clock.go": true}, clocks, "one file of the engine reads the clock")
}

func checkImport(t *testing.T, file, folder, imported string) {
	rule, prefix := []string(nil), ""
	for p, r := range rules {
		if (folder == p || strings.HasPrefix(folder, p+"/")) && len(p) > len(prefix) {
			prefix, rule = p, r
		}
	}
	require.NotEmpty(t, prefix, "%s stands in no known folder", file)
	standard := !strings.Contains(strings.Split(imported, "/")[0], ".") && !strings.HasPrefix(imported, "tabdis")
	switch {
	case imported == "syscall/js":
		assert.False(t, strings.HasPrefix(folder, "core"), "%s imports %s", file, imported)
	case imported == "os", imported == "fmt", imported == "reflect", imported == "log", imported == "os/exec":
		assert.True(t, allowed(folder, touchesOS), "%s imports %s", file, imported)
	case standard, imported == "tabdis/"+prefix, strings.HasPrefix(imported, "tabdis/"+prefix+"/"):
	default:
		ok := false
		for _, a := range rule {
			ok = ok || strings.HasPrefix(imported, a)
		}
		assert.True(t, ok, "%s imports %s", file, imported)
	}
}

func allowed(folder string, list []string) bool {
	for _, a := range list {
		if folder == a || strings.HasPrefix(folder, a+"/") {
			return true
		}
	}
	return false
}
