//go:build js && wasm

// Package trial is what the runner's own test runs: each test ends in one of the ways in which tests end.
package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall/js"
	"testing"
)

func TestPass(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "file.txt"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "copy"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	fmt.Print("stdout ", string(data))
	fmt.Fprint(os.Stderr, "stderr ", os.Getenv("TABDIS_TRIAL"), "\n")
}

func TestFail(t *testing.T) { t.Fatal("as it should") }

func TestPanic(*testing.T) { panic("as it should") }

func TestPanicInAnEvent(*testing.T) {
	f := js.FuncOf(func(js.Value, []js.Value) any { panic("as it should") })
	js.Global().Get("Array").New(1).Call("fill", 0).Call("forEach", f)
}

func TestEndlessLoop(*testing.T) {
	for {
	}
}

func TestWhere(*testing.T) {
	worker := js.Global().Get("DedicatedWorkerGlobalScope")
	fmt.Println("dedicated worker:", worker.Truthy() && js.Global().InstanceOf(worker))
}
