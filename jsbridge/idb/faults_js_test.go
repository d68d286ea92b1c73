//go:build js && wasm

package idb

import (
	_ "embed"
	"math/rand/v2"
	"syscall/js"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/require"

	"tabdis/jsbridge/host"
)

//go:embed testdata/faults.js
var faultsJS string

// faults is the layer of testdata/faults.js, over every connection of this Worker while the test lasts.
type faults struct {
	testing.TB
	control   js.Value
	uninstall func()
}

func installFaults(t testing.TB) *faults {
	control := js.Global().Get("Object").New()
	for name, v := range map[string]any{"at": 0, "count": 0, "kind": "", "seen": 0, "fired": 0, "limit": 0, "limited": "", "refused": 0, "crashed": false, "journal": []any{}} {
		control.Set(name, v)
	}
	uninstall := js.Global().Get("Function").New("control", faultsJS).Invoke(control)
	f := &faults{TB: t, control: control}
	f.uninstall = func() {
		if !uninstall.IsUndefined() {
			uninstall.Invoke()
			uninstall = js.Undefined()
		}
	}
	t.Cleanup(f.uninstall)
	return f
}

// at makes the k-th writing transaction from now on, and so many in all, meet with kind.
func (f *faults) at(k, count int, kind string) {
	f.control.Set("at", f.seen()+k)
	f.control.Set("count", count)
	f.control.Set("kind", kind)
	f.control.Set("fired", 0)
}

func (f *faults) off()          { f.control.Set("count", 0) }
func (f *faults) seen() int     { return f.control.Get("seen").Int() }
func (f *faults) fired() bool   { return f.control.Get("fired").Int() > 0 }
func (f *faults) crashed() bool { return f.control.Get("crashed").Bool() }

// committed is how many transactions of a store have.
func (f *faults) committed(store string) (n int) {
	journal := f.control.Get("journal")
	for i := range journal.Length() {
		if journal.Index(i).Get("name").String() == databasePrefix+store {
			n++
		}
	}
	return n
}

// after makes a store as a crash leaves another one: all that has committed, or, when power is cut, what was strict, and of the rest
// what rng leaves (nil: nothing).
func (f *faults) after(store, name string, powerCut bool, rng *rand.Rand) {
	f.Helper()
	journal := f.control.Get("journal")
	keep := make([]any, journal.Length())
	for i := range keep {
		record := journal.Index(i)
		strictly := record.Get("durability").String() == strict
		keep[i] = record.Get("name").String() == databasePrefix+store && (strictly || !powerCut || rng != nil && rng.IntN(2) == 0)
	}
	promise := safejs.Safe(f.control.Call("replay", databasePrefix+name, keep))
	_, err := host.Await(ctx, promise)
	require.NoError(f, err)
}

// hurry makes IndexedDB's silence short while the test lasts.
func hurry(t testing.TB) {
	was := beat
	t.Cleanup(func() { beat = was })
	beat = 30 * time.Millisecond
}

// inBrowser tells a Worker from Node with the fake.
func inBrowser() bool { return !js.Global().Get("tabdisTest").IsUndefined() }

// pause gives goroutines and IndexedDB's events their time.
func pause() {
	if inBrowser() {
		time.Sleep(time.Millisecond)
		return
	}
	passed := make(chan struct{})
	f := js.FuncOf(func(js.Value, []js.Value) any {
		close(passed)
		return nil
	})
	defer f.Release()
	js.Global().Call("setImmediate", f)
	<-passed
}
