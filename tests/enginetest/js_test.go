//go:build js && wasm

package enginetest

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tabdis/core/storage"
	"tabdis/core/storage/memfs"
	"tabdis/core/storage/storagetest"
	"tabdis/jsbridge/idb"
	"tabdis/jsbridge/nodefs"
	"tabdis/jsbridge/opfs"
)

// backends are the stores that a platform may offer. newStore's stores never meet others of this origin.
var backends = map[string]func(t *testing.T) storagetest.Store{
	"memfs": func(*testing.T) storagetest.Store { return memfs.New() },
	"nodefs": func(t *testing.T) storagetest.Store {
		dir := t.TempDir()
		return storagetest.Opener(func() (storage.FS, error) { return nodefs.Open(context.Background(), dir) })
	},
	"opfs": func(t *testing.T) storagetest.Store {
		name := newName()
		deleteAfter(t, func() error { return opfs.Delete(context.Background(), name) })
		return storagetest.Opener(func() (storage.FS, error) {
			return opfs.Open(context.Background(), name, opfs.Options{Wait: 2 * time.Second})
		})
	},
	"idb": func(t *testing.T) storagetest.Store {
		name := newName()
		deleteAfter(t, func() error { return idb.Delete(context.Background(), name) })
		return storagetest.Opener(func() (storage.FS, error) {
			return idb.Open(context.Background(), name, idb.Options{})
		})
	},
}

// TestEngine runs the suite over each backend that TABDIS_BACKENDS names ("opfs+idb"): which ones there are depends on where the binary
// runs, and one that is missing must fail.
func TestEngine(t *testing.T) {
	names := os.Getenv("TABDIS_BACKENDS")
	require.NotEmpty(t, names, "TABDIS_BACKENDS names the backends to test")
	for _, name := range strings.Split(names, "+") {
		newStore := backends[name]
		require.NotNil(t, newStore, "no backend %q", name)
		t.Run(name, func(t *testing.T) { Run(t, newStore) })
	}
}

var stores int

func newName() string {
	stores++
	return "enginetest-" + strconv.Itoa(stores) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
}

func deleteAfter(t *testing.T, remove func() error) {
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return remove() == nil }, 5*time.Second, 5*time.Millisecond)
	})
}
