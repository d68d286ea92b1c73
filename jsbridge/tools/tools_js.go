//go:build js && wasm

package tools

import (
	"context"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/storage"
	"tabdis/jsbridge"
)

// logName is appendfilename where nobody has said otherwise, as in the page.
const logName = "appendonly.aof"

// New gives the tools over these backends.
func New(backends map[string]jsbridge.Backend) jsbridge.Tools {
	t := tools{backends}
	return jsbridge.Tools{Open: open, Operations: map[string]jsbridge.Operation{"check": t.check, "import": t.importStore, "lab": lab}}
}

type tools struct {
	backends map[string]jsbridge.Backend
}

// store opens the storage that the args of a task name.
func (t tools) store(task *jsbridge.Task) (storage.FS, error) {
	backend, err := text(task.Args, "backend")
	if err != nil {
		return nil, err
	}
	name, err := text(task.Args, "name")
	if err != nil {
		return nil, err
	}
	return t.backends[backend](task.Context(), name)
}

// open is jsbridge.Tools' Open.
func open(options safejs.Value, o *core.Options) (storage.FS, error) {
	past, err := options.Get("past")
	if err != nil {
		return o.FS, err
	}
	if past.Type() == safejs.TypeObject {
		return nil, openPast(past, o)
	}
	if o.FS == nil || !flag(options, "lab") {
		return o.FS, nil
	}
	bench.fs, o.FS = wrap(o.FS)
	return o.FS, nil
}

// openPast lets the engine begin with what the store held at a point, {lsn} or {time}, and none of it. The store is free when it is read.
func openPast(past safejs.Value, o *core.Options) error {
	lsn, err := number(past, "lsn")
	if err != nil {
		return err
	}
	second, err := number(past, "time")
	if err != nil {
		return err
	}
	at := aof.Point{LSN: uint64(lsn), Time: int64(second)}
	fs, progress := o.FS, o.Progress
	roomy(o)
	o.FS, o.ReadOnly, o.Backend = nil, true, "memory"
	o.Load = func(to aof.Replayer, ks *keyspace.Keyspace) error {
		_, err := aof.ReadTo(context.Background(), fs, &aof.Config{Filename: logName}, at, to, ks, progress)
		return firstOf(err, fs.Close())
	}
	return nil
}

// roomy makes the engine take whatever any server may have written.
func roomy(o *core.Options) {
	config := map[string]string{"databases": "16384", "proto-max-bulk-len": "1024gb"}
	for name, value := range o.Config {
		config[name] = value
	}
	config["maxmemory"] = "0" // nothing of it is to be evicted
	o.Config = config
}

// progress tells the host at most each 50 ms.
func progress(task *jsbridge.Task, phase string) func(aof.Progress) {
	var last time.Time
	return func(p aof.Progress) {
		if now := time.Now(); now.Sub(last) >= 50*time.Millisecond {
			last = now
			// A host that does not listen must not stop it.
			_ = task.Tell("progress", phase, p.File, float64(p.Bytes), float64(p.TotalBytes), float64(p.Commands))
		}
	}
}

func text(v safejs.Value, field string) (string, error) {
	f, err := v.Get(field)
	if err != nil {
		return "", err
	}
	return f.String()
}

// number is 0 where there is none.
func number(v safejs.Value, field string) (float64, error) {
	f, err := v.Get(field)
	if err != nil || f.Type() != safejs.TypeNumber {
		return 0, err
	}
	return f.Float()
}

func flag(v safejs.Value, field string) bool {
	f, err := v.Get(field)
	if err != nil {
		return false
	}
	set, err := f.Truthy()
	return err == nil && set
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
