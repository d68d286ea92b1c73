//go:build js && wasm

package host

import (
	"context"
	"time"

	"github.com/hack-pad/safejs"
)

// Lock takes a Web Lock, waiting up to patience for it, and gives the function that releases it; storage.ErrLocked when somebody keeps
// it. It dies with the Worker. Where there are no Web Locks (an insecure context) it locks nothing: the caller has a fence
// of its own.
func Lock(ctx context.Context, name string, patience time.Duration) (release func(), err error) {
	promise, err := Call("lock", name, float64(patience.Milliseconds()))
	if err != nil {
		return nil, err
	}
	f, err := Await(ctx, promise)
	if err != nil {
		if ctx.Err() != nil {
			go releaseLate(promise)
		}
		return nil, err
	}
	return func() { f.Invoke() }, nil
}

// releaseLate gives up a lock that comes after its requester has gone.
func releaseLate(promise safejs.Value) {
	if f, err := Await(context.Background(), promise); err == nil {
		f.Invoke()
	}
}
