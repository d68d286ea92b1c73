//go:build js && wasm

package jsbridge

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage"
)

// hostWake asks the host for a turn soon. hostLog gives it a line for the operator.
//
//go:wasmimport tabdis wake
func hostWake()

//go:wasmimport tabdis log
func hostLog(level uint32, line string)

// Backend opens the storage of one kind for a store.
type Backend func(ctx context.Context, name string) (storage.FS, error)

// Tools is what the module of tools has beside what the page's has (package tools).
type Tools struct {
	Operations map[string]Operation
	// Open, if not nil, may change how the store is opened whose storage is o.FS, as the host's options ask. It gives the storage that is
	// to be closed with the store; nil: none.
	Open func(options safejs.Value, o *core.Options) (storage.FS, error)
}

// Run parks until the host begins the store: an instance may stand by, started, without having touched anything. Then it opens the one
// that is asked for in globalThis.tabdisBridge and parks again; from then on the exports do the work. It returns when opening has failed,
// of which the host was told; a host that could not be told sees the program end.
func Run(backends map[string]Backend, tools Tools) {
	host, err := safejs.Global().Get("tabdisBridge")
	if err != nil {
		hostLog(uint32(aof.Warning), "no host: "+err.Error())
		return
	}
	control.host = host
	control.more = tools.Operations
	<-begun
	engine, err := open(backends, tools)
	if err == nil {
		bridge.engine, bridge.sessions = engine, map[uint32]*core.Session{}
		bridge.idle = runtime.NumGoroutine()
		if err = listenForTasks(); err == nil {
			err = opened(engine.Report())
		}
	}
	if err != nil {
		report("failed", err)
		return
	}
	select {}
}

var begun = make(chan struct{})

// begin lets Run open the store. To be called once, and Go resumed then.
//
//go:wasmexport tabdis_begin
func begin() { close(begun) }

// control is what the control plane keeps.
var control struct {
	host safejs.Value
	fs   storage.FS
	more map[string]Operation // beside those that every module has
}

// A log of up to uncollected bytes is loaded, and the first commands behind it are answered, before the collector's first cycle, which comes at
// 16 MiB then instead of 4: with one thread all that a cycle does stops both, and there is little garbage to be found yet.
const (
	uncollected  = 8 << 20
	collectAfter = 2 * time.Second // the opening
	slowPercent  = 400
	percent      = 100 // Go's usual one
)

func open(backends map[string]Backend, tools Tools) (*core.Engine, error) {
	debug.SetGCPercent(slowPercent)
	defer time.AfterFunc(collectAfter, func() { debug.SetGCPercent(percent) })
	options, err := control.host.Get("options")
	if err != nil {
		return nil, err
	}
	o := core.Options{Now: time.Now().UnixMilli(), Wake: hostWake}
	o.Log = func(level aof.Level, msg string) { hostLog(uint32(level), msg) }
	o.Progress = progress()
	if o.Backend, err = text(options, "backend"); err != nil {
		return nil, err
	}
	if o.Config, err = pairs(options, "config"); err != nil {
		return nil, err
	}
	if err := core.CheckConfig(o.Config); err != nil {
		return nil, configError{err}
	}
	name, err := text(options, "name")
	if err != nil {
		return nil, err
	}
	if o.Backend != "memory" {
		backend := backends[o.Backend]
		if backend == nil {
			return nil, errors.New("no backend of this name: " + o.Backend)
		}
		if control.fs, err = backend(context.Background(), name); err != nil {
			return nil, err
		}
		o.FS = control.fs
	}
	if tools.Open != nil {
		if control.fs, err = tools.Open(options, &o); err != nil {
			return nil, err
		}
	}
	engine, err := core.Open(context.Background(), o)
	if err != nil && control.fs != nil {
		err = errors.Join(err, control.fs.Close())
	}
	return engine, err
}

func text(v safejs.Value, field string) (string, error) {
	f, err := v.Get(field)
	if err != nil {
		return "", err
	}
	return f.String()
}

// pairs reads [name, value, name, value …].
func pairs(v safejs.Value, field string) (map[string]string, error) {
	list, err := v.Get(field)
	if err != nil {
		return nil, err
	}
	n, err := list.Length()
	if err != nil {
		return nil, err
	}
	words := make([]string, n)
	for i := range words {
		word, err := list.Index(i)
		if err != nil {
			return nil, err
		}
		if words[i], err = word.String(); err != nil {
			return nil, err
		}
	}
	m := make(map[string]string, n/2)
	for i := 0; i+1 < n; i += 2 {
		m[words[i]] = words[i+1]
	}
	return m, nil
}

// progress reports loading at most each 50 ms, and lets the host breathe then: the load itself must not starve its timers.
func progress() func(aof.Progress) {
	var last time.Time
	return func(p aof.Progress) {
		if p.Bytes > uncollected {
			debug.SetGCPercent(percent)
		}
		if now := time.Now(); now.Sub(last) >= 50*time.Millisecond {
			last = now
			// A host that does not listen must not stop the load.
			_, _ = control.host.Call("progress", p.File, float64(p.Bytes), float64(p.TotalBytes), float64(p.Commands))
		}
	}
}

func opened(r aof.Report) error {
	o := map[string]any{"commands": float64(r.Commands), "bytes": float64(r.Bytes), "created": r.Created}
	if t := r.Truncated; t != nil {
		o["truncated"] = map[string]any{"file": t.File, "offset": float64(t.Offset), "bytes": float64(t.Bytes), "kept": t.Kept}
	}
	_, err := control.host.Call("opened", o)
	return err
}

// report tells the host how opening or closing ended; the code is for programs, the text for people.
func report(method string, cause error) {
	code, message := "", ""
	if cause != nil {
		code, message = errorCode(cause), explain(cause)
	}
	if _, err := control.host.Call(method, code, message); err != nil {
		hostLog(uint32(aof.Warning), "the host did not hear "+method+": "+err.Error())
	}
}

// configError is what is wrong with the parameters, not with the store.
type configError struct{ error }

func errorCode(err error) string {
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		return failure.Code
	case errors.Is(err, storage.ErrLocked):
		return "LOCKED"
	case errors.Is(err, storage.ErrQuota):
		return "QUOTA"
	case errors.Is(err, storage.ErrCorrupt), errors.Is(err, aof.ErrCorrupt), errors.Is(err, aof.ErrTruncated):
		return "CORRUPT"
	case errors.Is(err, aof.ErrUnreachable):
		return "UNREACHABLE"
	case errors.Is(err, aof.ErrUnsupported):
		return "UNSUPPORTED"
	case errors.As(err, new(configError)), errors.Is(err, core.ErrNoDumps):
		return "CONFIG"
	case errors.Is(err, storage.ErrName):
		return "NAME"
	}
	return "IO"
}

//go:wasmexport tabdis_close
func closeStore() {
	if bridge.closed {
		return
	}
	bridge.closed = true
	go func() {
		var err error
		if !bridge.stopped {
			takeOutputs()
			err = bridge.engine.Close(context.Background())
		}
		if control.fs != nil {
			err = errors.Join(err, control.fs.Close())
		}
		report("closed", err)
	}()
	runtime.Gosched()
}
