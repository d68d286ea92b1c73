//go:build js && wasm

// Command wasm is the engine as a browser Worker runs it: it wires the storage backends and hands over to the bridge.
package main

import (
	"context"

	"tabdis/core/storage"
	"tabdis/jsbridge"
	"tabdis/jsbridge/idb"
	"tabdis/jsbridge/opfs"
)

func main() {
	jsbridge.Run(map[string]jsbridge.Backend{
		"opfs": func(ctx context.Context, name string) (storage.FS, error) {
			return opfs.Open(ctx, name, opfs.Options{})
		},
		"idb": func(ctx context.Context, name string) (storage.FS, error) { return idb.Open(ctx, name, idb.Options{}) },
	}, jsbridge.Tools{})
}
