// Package faultfs is a storage.FS around another one that fails when told to.
//
// An Injector sees every operation and may answer with a Fault. The usual test goes through all places at which a run can fail:
//
//	for k := 0; ; k++ {
//		store := memfs.New()
//		inner, _ := store.Open()
//		at := faultfs.At(k, faultfs.Changes, faultfs.Fault{Crash: true})
//		run(faultfs.Wrap(inner, at))
//		if !at.Fired() {
//			break // the run has no k-th operation
//		}
//		check(store.CrashClone(memfs.Random(seed)))
//	}
//
// Whether a file is a storage.Truncater or a storage.LateWriter is as with the file inside. A failed Append sticks to its file
// until a Truncate, as the contract says.
package faultfs

import (
	"context"
	"errors"
	"sync"

	"tabdis/core/storage"
)

// Op is a kind of operation, or a set of them.
type Op uint16

// The operations. Truncate is TruncateNow too.
const (
	Create Op = 1 << iota
	Open
	Remove
	List
	Replace
	Append
	Sync
	Written
	Read
	Truncate
	Harden
	Close // of a file

	Changes = Create | Remove | Replace | Append | Sync | Truncate | Harden // all that may change what a crash leaves
	Any     = Close<<1 - 1
)

var opNames = [...]string{"create", "open", "remove", "list", "replace", "append", "sync", "written", "read", "truncate", "harden", "close"}

// String is the name of one operation, as in a storage.Error.
func (o Op) String() string {
	for i, name := range opNames {
		if o == 1<<i {
			return name
		}
	}
	return "several"
}

// Call is an operation about to happen.
type Call struct {
	Op   Op
	Name string
	Off  int64 // where, or -1
	Len  int   // bytes to append, replace, read
}

// Fault is what happens instead. The zero Fault fails with ErrInjected and does nothing.
type Fault struct {
	Err    error // what is returned; nil: ErrInjected
	Short  int   // Append: so many bytes are written first
	After  bool  // it takes effect, then it is reported as failed
	Lost   bool  // it is reported as done, and is not
	Unsure bool  // Replace: it is seen to take effect and reported as failed, and a crash may bring the old content back
	Late   bool  // Append: it is reported as done; the next Append or Sync reports the error
	Keep   bool  // Sync: the pages stay dirty, so that a later Sync writes them; a kernel's do not
	Crash  bool  // all that comes after fails too, with ErrCrashed
}

// The errors of faults.
var (
	ErrInjected = errors.New("injected fault")
	ErrCrashed  = errors.New("crashed")
)

// FS wraps another one. Its methods may be called from any goroutine.
type FS struct {
	inner storage.FS

	mu       sync.Mutex
	injector Injector
	counts   [len(opNames)]int
	crashed  bool
}

// Wrap puts injector, which may be nil, before inner.
func Wrap(inner storage.FS, injector Injector) *FS { return &FS{inner: inner, injector: injector} }

// Inject sets another injector; nil: no more faults.
func (v *FS) Inject(injector Injector) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.injector = injector
}

// Crash makes everything fail from now on.
func (v *FS) Crash() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.crashed = true
}

// Crashed tells whether it did.
func (v *FS) Crashed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.crashed
}

// Count is the number of operations of these kinds so far, those that failed too.
func (v *FS) Count(ops Op) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for i, count := range v.counts {
		if ops&(1<<i) != 0 {
			n += count
		}
	}
	return n
}

// before counts an operation and asks for its fault; nil: none. Err is set in the fault.
func (v *FS) before(c Call) *Fault {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.counts {
		if c.Op == 1<<i {
			v.counts[i]++
		}
	}
	if v.crashed {
		return &Fault{Err: c.failed(ErrCrashed)}
	}
	if v.injector == nil {
		return nil
	}
	answer := v.injector.Fault(c)
	if answer == nil {
		return nil
	}
	fault := *answer
	if fault.Err == nil {
		fault.Err = ErrInjected
	}
	fault.Err = c.failed(fault.Err)
	v.crashed = fault.Crash
	return &fault
}

func (c Call) failed(err error) error { return storage.Wrap(c.Op.String(), c.Name, c.Off, err) }

// do runs an operation with its fault, if any.
func (v *FS) do(c Call, run func() error) error {
	switch fault := v.before(c); {
	case fault == nil:
		return run()
	case fault.Lost:
		return nil
	case fault.After:
		return errors.Join(fault.Err, run())
	default:
		return fault.Err
	}
}

func (v *FS) Create(ctx context.Context, name string) (f storage.File, err error) {
	err = v.do(Call{Create, name, -1, 0}, v.opening(name, &f, func() (storage.File, error) { return v.inner.Create(ctx, name) }))
	return v.opened(f, err)
}

func (v *FS) Open(ctx context.Context, name string) (f storage.File, err error) {
	err = v.do(Call{Open, name, -1, 0}, v.opening(name, &f, func() (storage.File, error) { return v.inner.Open(ctx, name) }))
	return v.opened(f, err)
}

func (v *FS) opening(name string, f *storage.File, open func() (storage.File, error)) func() error {
	return func() error {
		inner, err := open()
		if err == nil {
			*f = v.wrap(name, inner)
		}
		return err
	}
}

// opened closes a file that was opened and then reported as failed, and makes an error of one lost.
func (v *FS) opened(f storage.File, err error) (storage.File, error) {
	if err == nil && f == nil {
		err = ErrInjected
	}
	if err != nil && f != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, err
}

func (v *FS) Remove(ctx context.Context, name string) error {
	return v.do(Call{Remove, name, -1, 0}, func() error { return v.inner.Remove(ctx, name) })
}

func (v *FS) List(ctx context.Context) (names []string, err error) {
	err = v.do(Call{List, "", -1, 0}, func() (err error) {
		names, err = v.inner.List(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return names, nil
}

func (v *FS) Replace(ctx context.Context, name string, data []byte) error {
	fault := v.before(Call{Replace, name, -1, len(data)})
	switch {
	case fault == nil:
		return v.inner.Replace(ctx, name, data)
	case fault.Lost:
		return nil
	case fault.Unsure:
		if inner, ok := v.inner.(interface {
			ReplaceUnsure(context.Context, string, []byte) error
		}); ok {
			return errors.Join(fault.Err, inner.ReplaceUnsure(ctx, name, data))
		}
		return errors.Join(fault.Err, v.inner.Replace(ctx, name, data))
	case fault.After:
		return errors.Join(fault.Err, v.inner.Replace(ctx, name, data))
	}
	return fault.Err
}

// Space is that of the inner FS, if it knows. No fault meets it: nobody relies on it.
func (v *FS) Space(ctx context.Context) (used, free, limit int64, err error) {
	if inner, ok := v.inner.(storage.Spacer); ok && !v.Crashed() {
		return inner.Space(ctx)
	}
	return -1, -1, -1, nil
}

// Close closes the inner FS, unless this one has crashed: a crashed process closes nothing (see memfs.Store.Kill).
func (v *FS) Close() error {
	if v.Crashed() {
		return storage.Wrap("close", "store", -1, ErrCrashed)
	}
	return v.inner.Close()
}
