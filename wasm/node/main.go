//go:build js && wasm

// Command node is the engine as a thread of Node runs it: over real files instead of the browser's storage. They stand where
// redis-server and tabdis serve keep them in a directory.
package main

import (
	"context"

	"tabdis/core/storage"
	"tabdis/jsbridge"
	"tabdis/jsbridge/nodefs"
)

func main() {
	jsbridge.Run(map[string]jsbridge.Backend{
		"files": func(ctx context.Context, dir string) (storage.FS, error) {
			return nodefs.Open(ctx, dir+"/appendonlydir")
		},
	}, jsbridge.Tools{})
}
