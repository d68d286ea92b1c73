//go:build js && wasm

package tools

import (
	"context"
	"errors"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/keyspace"
	"tabdis/core/storage"
	"tabdis/jsbridge"
)

// standardDatabases is how many an engine has where nobody has said otherwise.
const standardDatabases = 16

// importStore reads what a Redis left, or a store's files, out of the Blobs of args.files (and args.beside, which stand beside the directory), and makes
// a store of it, in place of one that is there if args.replace is set.
func (t tools) importStore(task *jsbridge.Task) (result any, err error) {
	from, cfg, err := source(task.Args)
	if err != nil {
		return nil, err
	}
	fs, err := t.store(task)
	if err != nil {
		return nil, err
	}
	defer func() { err = firstOf(err, fs.Close()) }()
	there, err := aof.HoldsStore(task.Context(), fs, logName)
	if err != nil {
		return nil, err
	}
	if there && !flag(task.Args, "replace") {
		return nil, &jsbridge.Failure{Code: "EXISTS", Message: "there is a store of this name, and nobody has asked to replace it"}
	}
	var reached aof.Reached
	o := core.Options{Now: time.Now().UnixMilli(), Load: func(to aof.Replayer, ks *keyspace.Keyspace) (err error) {
		reached, err = aof.ReadTo(task.Context(), from, cfg, aof.Point{}, to, ks, progress(task, "read"))
		return err
	}}
	roomy(&o)
	e, err := core.Open(task.Context(), o)
	if err != nil {
		return nil, sourceFailed(err)
	}
	if err := task.Tell("progress", "write", "", 0, 0, float64(reached.Commands)); err != nil {
		return nil, err
	}
	if err := aof.ReplaceStore(task.Context(), fs, logName, e.Keyspace(), reached); err != nil {
		return nil, err
	}
	document := imported(e, &reached)
	if document["backend"], err = text(task.Args, "backend"); err != nil {
		return nil, err
	}
	return document, e.Close(context.Background())
}

// imported tells what was imported.
func imported(e *core.Engine, r *aof.Reached) object {
	keys, databases := 0, standardDatabases
	for i := range e.Keyspace().Databases() {
		if n := e.Keyspace().DB(i).Len(); n > 0 {
			keys, databases = keys+n, max(databases, i+1)
		}
	}
	out := object{"keys": keys, "commands": float64(r.Commands), "expired": float64(r.Expired), "databases": databases}
	if t := r.Truncated; t != nil {
		out["truncated"] = object{"file": t.File, "offset": float64(t.Offset), "bytes": float64(t.Bytes)}
	}
	if s := &r.Skipped; s.Count > 0 {
		names := []any{}
		for _, name := range s.Names {
			names = append(names, name)
		}
		out["skipped"] = names
	}
	return out
}

// sourceFailed tells damage of what is imported from damage of a store.
func sourceFailed(err error) error {
	if errors.Is(err, aof.ErrCorrupt) || errors.Is(err, aof.ErrTruncated) || errors.Is(err, storage.ErrNotExist) || errors.Is(err, aof.ErrNoLog) {
		return &jsbridge.Failure{Code: "SOURCE", Message: "what is to be imported is damaged, and nothing was changed: " + err.Error()}
	}
	return err
}

func source(args safejs.Value) (*blobs, *aof.Config, error) {
	name, err := text(args, "filename")
	if err != nil {
		return nil, nil, err
	}
	dump, err := text(args, "dump")
	if err != nil {
		return nil, nil, err
	}
	files, err := args.Get("files")
	if err != nil {
		return nil, nil, err
	}
	beside, err := args.Get("beside")
	if err != nil {
		return nil, nil, err
	}
	from, err := newBlobs(files)
	if err != nil {
		return nil, nil, err
	}
	around, err := newBlobs(beside)
	if err != nil {
		return nil, nil, err
	}
	return from, &aof.Config{Filename: name, DumpName: dump, SkipFunctions: flag(args, "skipFunctions"), Import: func(name string) (aof.Import, error) {
		return around.Open(context.Background(), name)
	}}, nil
}
