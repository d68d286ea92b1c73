//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/core/storage/osfs"
)

// copied copies a directory of testdata, so that it can be changed.
func copied(t *testing.T, name string) string {
	to := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.CopyFS(to, os.DirFS(filepath.Join("testdata", "check", name))))
	return to
}

// contents is what stands in a directory.
func contents(t *testing.T, dir string) map[string]string {
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, failed := os.ReadFile(path)
			all[path], err = string(b), failed
		}
		return err
	}))
	return all
}

// run runs check-aof, with what a user answers; "" is nobody.
func run(t *testing.T, answer string, k checker) (code int, out, errs string) {
	var o, e bytes.Buffer
	k.in, k.out, k.err, k.asks, k.table = strings.NewReader(answer), &o, &e, answer != "", command.NewTable()
	code = k.run(context.Background())
	return code, o.String(), e.String()
}

// golden compares with testdata; TABDIS_UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", "check", name)
	if os.Getenv("TABDIS_UPDATE") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestCheckTellsWhatALogIsWorth(t *testing.T) {
	for name, want := range map[string]int{"closed": 0, "torn": 1, "damaged": 2, "redis": 1, "nomanifest": 2, "base": 2, "zeros": 0} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, name)
			before := contents(t, dir)
			code, out, errs := run(t, "", checker{path: dir})
			assert.Equal(t, want, code)
			assert.Empty(t, errs)
			golden(t, name+".txt", strings.ReplaceAll(out, dir, "DIR"))
			code, out, _ = run(t, "", checker{path: dir, json: true, verbose: true})
			assert.Equal(t, want, code)
			golden(t, name+".json", strings.ReplaceAll(out, dir, "DIR"))
			var d checkDocument
			require.NoError(t, json.Unmarshal([]byte(out), &d))
			assert.Equal(t, want, d.Exit)
			assert.Equal(t, before, contents(t, dir), "looking changes nothing")

			code, _, errs = run(t, "", checker{path: dir, fix: true})
			assert.Equal(t, want, code)
			if d.Repair != "nothing" {
				assert.Contains(t, errs, "nobody is there to ask")
			}
			code, out, _ = run(t, "n\n", checker{path: dir, fix: true})
			assert.Equal(t, want, code)
			if d.Repair != "nothing" {
				assert.Contains(t, out, "Nothing was changed")
			}
			after := contents(t, dir)
			delete(after, filepath.Join(dir, ".lock"))
			assert.Equal(t, before, after)

			code, out, _ = run(t, "", checker{path: dir, fix: true, yes: true, json: true})
			require.NoError(t, json.Unmarshal([]byte(out), &d))
			if d.Repair == "nothing" && len(d.Repaired) == 0 {
				assert.Equal(t, want, code, "nothing can be done")
				return
			}
			assert.Equal(t, 0, code)
			assert.Equal(t, "clean", d.Verdict)
			code, _, _ = run(t, "", checker{path: dir})
			assert.Equal(t, 0, code)
		})
	}
}

func TestAcknowledgedDataIsCutForTheWholeWordOnly(t *testing.T) {
	dir := copied(t, "damaged")
	for _, answer := range []string{"y\n", "YES\n", "Y\n", "\n"} {
		code, out, _ := run(t, answer, checker{path: dir, fix: true})
		assert.Equal(t, exitDamaged, code, answer)
		assert.Contains(t, out, "Type yes")
	}
	code, out, _ := run(t, "yes\n", checker{path: dir, fix: true})
	assert.Equal(t, exitClean, code)
	assert.Contains(t, out, "Kept what was cut in appendonly.aof.1.incr.aof.torn-")

	dir = copied(t, "torn")
	code, _, _ = run(t, "y\n", checker{path: dir, fix: true})
	assert.Equal(t, exitClean, code)
}

func TestCheckSaysWhyItCannotRead(t *testing.T) {
	dir := copied(t, "closed")
	store, err := osfs.Open(dir)
	require.NoError(t, err)
	for _, k := range []checker{{path: dir}, {path: dir, fix: true, yes: true}} {
		code, _, errs := run(t, "", k)
		assert.Equal(t, exitUnreadable, code)
		assert.Contains(t, errs, "a server uses ")
	}
	require.NoError(t, store.Close())
	for _, path := range []string{filepath.Join(dir, "none"), t.TempDir()} {
		code, _, errs := run(t, "", checker{path: path})
		assert.Equal(t, exitUnreadable, code, errs)
		code, out, _ := run(t, "", checker{path: path, json: true})
		assert.Equal(t, exitUnreadable, code)
		var d checkDocument
		require.NoError(t, json.Unmarshal([]byte(out), &d))
		assert.NotEmpty(t, d.Error)
		assert.Equal(t, "unreadable", d.Verdict)
	}
	assert.Equal(t, exitUsage, checkAOF([]string{"--what", dir}))
	assert.Equal(t, exitUsage, checkAOF(nil))
	assert.Equal(t, exitUsage, checkAOF([]string{dir, dir}))
}

func TestALogIsFoundAsPeopleNameIt(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "appendonlydir")
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/check/closed")))
	one := "appendonly.aof.1.incr.aof"
	for path, want := range map[string]location{
		top: {dir: dir, filename: "appendonly.aof"},
		dir: {dir: dir, filename: "appendonly.aof"},
		filepath.Join(dir, "appendonly.aof.manifest"): {dir: dir, filename: "appendonly.aof"},
		filepath.Join(dir, one):                       {dir: dir, filename: "appendonly.aof", single: one, named: "appendonly.aof.manifest"},
	} {
		got, err := locate(path)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	code, _, errs := run(t, "", checker{path: filepath.Join(dir, one), fix: true, yes: true})
	assert.Equal(t, exitUnreadable, code)
	assert.Contains(t, errs, "one of the files of appendonly.aof.manifest")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.aof.manifest"), nil, 0o644))
	_, err := locate(dir)
	assert.ErrorContains(t, err, "several logs")
}
