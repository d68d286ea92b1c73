//go:build js && wasm

package opfs

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

const (
	rootName       = "tabdis"
	superblockName = "superblock"
	poolPrefix     = "pool-"
)

func poolName(i int) string {
	if i < 10 {
		return poolPrefix + "0" + strconv.Itoa(i)
	}
	return poolPrefix + strconv.Itoa(i)
}

// storeDir is a store's directory handle.
type storeDir struct {
	name  string
	value safejs.Value
}

// findStore finds, or makes, the store's directory.
func findStore(ctx context.Context, name string, create bool) (storeDir, error) {
	manager, err := storageManager()
	if err != nil {
		return storeDir{}, err
	}
	dir, err := host.AwaitCall(ctx, manager, "getDirectory")
	for _, part := range []string{rootName, name} {
		if err == nil {
			dir, err = host.AwaitCall(ctx, dir, "getDirectoryHandle", part, map[string]any{"create": create})
		}
	}
	return storeDir{name, dir}, err
}

func storageManager() (safejs.Value, error) {
	navigator, err := safejs.Global().Get("navigator")
	if err != nil {
		return safejs.Value{}, host.FromJS(err)
	}
	manager, err := navigator.Get("storage")
	return manager, host.FromJS(err)
}

// open says how to open a file.
type open struct {
	create   bool
	shared   bool // as readwrite-unsafe, where the browser knows that
	deadline time.Time
	ended    <-chan struct{} // whoever wants it no more says so here
}

// retryEvery is the pause between two attempts at a handle that another Worker, about to end, still holds.
const retryEvery = 2 * time.Millisecond

// open opens a sync access handle and registers it with the host.
func (d storeDir) open(ctx context.Context, name string, o open) (host.Handle, error) {
	file, err := host.AwaitCall(ctx, d.value, "getFileHandle", name, map[string]any{"create": o.create})
	if err != nil {
		return 0, err
	}
	options := map[string]any{"mode": "readwrite"}
	if o.shared {
		options["mode"] = "readwrite-unsafe"
	}
	for {
		access, err := host.AwaitCall(ctx, file, "createSyncAccessHandle", options)
		if err == nil {
			return d.register(access, name, o)
		}
		if !errors.Is(err, storage.ErrLocked) || time.Now().After(o.deadline) {
			return 0, err
		}
		select {
		case <-o.ended:
			return 0, storage.ErrClosed
		case <-time.After(retryEvery):
		}
	}
}

// register tells the host where the syncer finds the file, if the handle came out shared. Browsers that do not know the mode
// ignore it and give an exclusive handle without a mode.
func (d storeDir) register(access safejs.Value, name string, o open) (host.Handle, error) {
	var path []any
	if o.shared {
		mode, err := access.Get("mode")
		if err != nil {
			return 0, host.FromJS(err)
		}
		if mode.Type() == safejs.TypeString {
			path = []any{rootName, d.name, name}
		}
	}
	return host.Register(access, path)
}

// holdsLog tells whether a file begins with a block of a log, or as one of Redis's does: then this is no new store.
func (d storeDir) holdsLog(ctx context.Context) (bool, error) {
	names, err := d.value.Call("keys")
	if err != nil {
		return false, host.FromJS(err)
	}
	for {
		next, err := host.AwaitCall(ctx, names, "next")
		if err != nil {
			return false, err
		}
		if done, err := next.Get("done"); err != nil || safejs.Unsafe(done).Truthy() {
			return false, host.FromJS(err)
		}
		name, err := next.Get("value")
		if err != nil {
			return false, host.FromJS(err)
		}
		start, err := d.start(ctx, name)
		if err != nil {
			return false, err
		}
		if start == "#HDR:" || start == "REDIS" || strings.HasPrefix(start, "*") {
			return true, nil
		}
	}
}

// start gives the first bytes of a file.
func (d storeDir) start(ctx context.Context, name safejs.Value) (string, error) {
	file, err := host.AwaitCall(ctx, d.value, "getFileHandle", name)
	if err == nil {
		file, err = host.AwaitCall(ctx, file, "getFile")
	}
	if err != nil {
		return "", err
	}
	piece, err := file.Call("slice", 0, 5)
	if err != nil {
		return "", host.FromJS(err)
	}
	text, err := host.AwaitCall(ctx, piece, "text")
	if err != nil {
		return "", err
	}
	return text.String()
}

// Delete removes a store that nobody has open, with all it holds.
func Delete(ctx context.Context, name string) error {
	if err := storage.CheckName("delete", name); err != nil {
		return err
	}
	manager, err := storageManager()
	if err != nil {
		return storage.Wrap("delete", name, -1, err)
	}
	dir, err := host.AwaitCall(ctx, manager, "getDirectory")
	if err == nil {
		dir, err = host.AwaitCall(ctx, dir, "getDirectoryHandle", rootName)
	}
	if err == nil {
		_, err = host.AwaitCall(ctx, dir, "removeEntry", name, map[string]any{"recursive": true})
	}
	return storage.Wrap("delete", name, -1, err)
}
