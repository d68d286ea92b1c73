//go:build js && wasm

// Command tools is the engine with all tools, as a Worker runs it that checks, imports or looks back, or whose store is opened for the lab.
package main

import (
	"context"

	"tabdis/core/storage"
	"tabdis/jsbridge"
	"tabdis/jsbridge/idb"
	"tabdis/jsbridge/opfs"
	"tabdis/jsbridge/tools"
)

func main() {
	backends := map[string]jsbridge.Backend{
		"opfs": func(ctx context.Context, name string) (storage.FS, error) {
			return opfs.Open(ctx, name, opfs.Options{})
		},
		"idb": func(ctx context.Context, name string) (storage.FS, error) { return idb.Open(ctx, name, idb.Options{}) },
	}
	jsbridge.Run(backends, tools.New(backends))
}
