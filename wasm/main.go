//go:build js && wasm

// Command wasm is the engine as a browser Worker runs it: it wires the storage backends and hands over to the bridge.
package main

import "tabdis/jsbridge"

func main() {
	jsbridge.Run(map[string]jsbridge.Backend{})
}
