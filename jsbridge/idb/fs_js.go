//go:build js && wasm

package idb

import (
	"bytes"
	"context"
	"time"

	"github.com/hack-pad/go-indexeddb/idb"
	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// Options of Open. The zero value means the defaults.
type Options struct {
	// Wait is how long Open waits for the lock of a Worker that just ended. Default: 3 s.
	Wait time.Duration
}

// FS is one opened store. It has no locks: in wasm goroutines change only where one parks, and only the writer parks between
// a look at the state and its change.
type FS struct {
	name    string
	conn    *conn
	release func() // the Web Lock
	names   map[string]float64
	files   float64 // made by this opening
	open    map[string]*file
	closing []*file // closed, but not all of it sent
	jobs    []job
	wake    chan struct{} // holds one token when the writer has something to do
	stopped chan struct{}
	closed  bool
	lost    error // of a write that nobody could be told of any more
	dead    error // why this opening has lost the store for good

	// A change of names has failed, and may have taken effect all the same.
	doubtful bool
}

type job struct {
	run    func() error
	result chan error
}

// Open opens the store of this name (a valid file name), or begins one; ErrLocked while another Worker has it.
func Open(ctx context.Context, name string, o Options) (*FS, error) {
	if err := storage.CheckName("open", name); err != nil {
		return nil, err
	}
	if o.Wait == 0 {
		o.Wait = 3 * time.Second
	}
	release, err := host.Lock(ctx, databasePrefix+name, o.Wait)
	if err != nil {
		return nil, storage.Wrap("lock", name, -1, err)
	}
	v := &FS{name: name, release: release, open: map[string]*file{}, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	if err := v.start(ctx); err != nil {
		release()
		return nil, storage.Wrap("open", name, -1, err)
	}
	go v.writer()
	return v, nil
}

// start commits the epoch before it reads anything.
func (v *FS) start(ctx context.Context) error {
	c, err := connect(ctx, v.name, true)
	if err != nil {
		return err
	}
	if err = c.take(); err == nil {
		v.names, err = c.names()
	}
	if err != nil {
		c.close() // the error that matters is the one above
		return err
	}
	v.conn = c
	return nil
}

// Epoch is the number of this opening.
func (v *FS) Epoch() uint64 { return uint64(v.conn.epoch) }

// Space is that of the origin.
func (v *FS) Space(ctx context.Context) (used, free, limit int64, err error) { return host.Space(ctx) }

// kick wakes the writer. It never parks.
func (v *FS) kick() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// writer is the only one that writes: what closed files have left, then jobs, then what open files have to send.
func (v *FS) writer() {
	for {
		switch f := v.next(); {
		case len(v.closing) > 0:
			v.finish(v.closing[0])
			v.closing = v.closing[1:]
		case len(v.jobs) > 0:
			j := v.jobs[0]
			v.jobs = v.jobs[1:]
			err := v.certain()
			if err == nil {
				err = j.run()
			}
			j.result <- err
		case f != nil:
			f.send()
		case v.closed:
			close(v.stopped)
			return
		default:
			<-v.wake
		}
	}
}

// next gives a file that has something to send; one for which a reply waits goes first.
func (v *FS) next() *file {
	var next *file
	for _, name := range storage.SortedNames(v.open) {
		f := v.open[name]
		if f.urgent {
			return f
		}
		if next == nil && f.busy() {
			next = f
		}
	}
	return next
}

// finish sends the rest of a closed file.
func (v *FS) finish(f *file) {
	if f.busy() {
		if f.send(); v.lost == nil {
			v.lost = f.sticky
		}
	}
	f.settle(f.fail("sync", storage.ErrClosed))
}

// do runs a job of the control plane on the writer.
func (v *FS) do(ctx context.Context, op, name string, run func() error) error {
	err := ctx.Err()
	if err == nil && op != "list" {
		err = storage.CheckName(op, name)
	}
	if err == nil && v.closed {
		err = storage.ErrClosed
	}
	if err != nil {
		return storage.Wrap(op, name, -1, err)
	}
	j := job{run, make(chan error, 1)}
	v.jobs = append(v.jobs, j)
	v.kick()
	select {
	case err = <-j.result:
	case <-ctx.Done():
		err = ctx.Err() // the job runs all the same
	}
	return storage.Wrap(op, name, -1, err)
}

// perOpening is how many files an opening may make.
const perOpening = 1 << 20

// number gives a new file its number: the epoch, which nobody else has, and a count.
func (v *FS) number() (float64, error) {
	if v.files++; v.files >= perOpening {
		return 0, errNumbers
	}
	return v.conn.epoch*perOpening + v.files, nil
}

// change runs a transaction that changes names. When it fails nobody knows which names there are: they are read again first.
func (v *FS) change(fill func(t *tx) error) error {
	err := v.write(strict, fill)
	v.doubtful = v.doubtful || err != nil
	return err
}

// certain reads the names again when that is due.
func (v *FS) certain() error {
	if !v.doubtful {
		return nil
	}
	var names map[string]float64
	err := v.read(func(t *tx) error { return t.names(v.conn.epoch, func(read map[string]float64) { names = read }) })
	if err == nil {
		v.names, v.doubtful = names, false
	}
	return err
}

// Create writes the name, strictly.
func (v *FS) Create(ctx context.Context, name string) (storage.File, error) {
	var f *file
	err := v.do(ctx, "create", name, func() error {
		if _, ok := v.names[name]; ok {
			return storage.ErrExist
		}
		number, err := v.number()
		if err == nil {
			err = v.change(func(t *tx) error { return t.call(namesStore, "put", nil, number, name) })
		}
		if err != nil {
			return err
		}
		v.names[name] = number
		f = &file{fs: v, name: name, number: number}
		v.open[name] = f
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Open reads where the file's chunks begin.
func (v *FS) Open(ctx context.Context, name string) (storage.File, error) {
	var f *file
	err := v.do(ctx, "open", name, func() error {
		if v.open[name] != nil {
			return storage.ErrOpen
		}
		number, ok := v.names[name]
		if !ok {
			return storage.ErrNotExist
		}
		opened := &file{fs: v, name: name, number: number}
		if err := opened.load(); err != nil {
			return err
		}
		f = opened
		v.open[name] = f
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Remove deletes the name and the chunks in one transaction.
func (v *FS) Remove(ctx context.Context, name string) error {
	return v.do(ctx, "remove", name, func() error {
		number, ok := v.names[name]
		switch {
		case v.open[name] != nil:
			return storage.ErrOpen
		case !ok:
			return storage.ErrNotExist
		}
		err := v.change(func(t *tx) error {
			if err := t.call(namesStore, "delete", nil, name); err != nil {
				return err
			}
			return t.deleteChunks(number, 0)
		})
		if err == nil {
			delete(v.names, name)
		}
		return err
	})
}

// List gives the names.
func (v *FS) List(ctx context.Context) ([]string, error) {
	var names []string
	err := v.do(ctx, "list", v.name, func() error {
		names = storage.SortedNames(v.names)
		return nil
	})
	return names, err
}

// Replace writes a new file and gives it the name of the old one, in one transaction.
func (v *FS) Replace(ctx context.Context, name string, data []byte) error {
	chunks := split(0, bytes.Clone(data))
	return v.do(ctx, "replace", name, func() error {
		if v.open[name] != nil {
			return storage.ErrOpen
		}
		number, err := v.number()
		if err != nil {
			return err
		}
		old, existed := v.names[name]
		err = v.change(func(t *tx) error {
			if existed {
				if err := t.deleteChunks(old, 0); err != nil {
					return err
				}
			}
			if err := t.call(namesStore, "put", nil, number, name); err != nil {
				return err
			}
			return t.putChunks(number, chunks)
		})
		if err == nil {
			v.names[name] = number
		}
		return err
	})
}

// Close sends what is left, closes the connection and gives up the lock. An error may be that of a file closed before.
func (v *FS) Close() error {
	if v.closed {
		return storage.Wrap("close", v.name, -1, storage.ErrClosed)
	}
	for _, f := range v.open {
		f.shut()
	}
	v.closed = true
	v.kick()
	<-v.stopped
	err := v.lost
	if closeErr := v.conn.close(); err == nil {
		err = closeErr
	}
	v.release()
	return storage.Wrap("close", v.name, -1, err)
}

// Delete removes a store that nobody has open, with all it holds.
func Delete(ctx context.Context, name string) error {
	if err := storage.CheckName("delete", name); err != nil {
		return err
	}
	object, err := safejs.Global().Get("indexedDB")
	if err != nil {
		return storage.Wrap("delete", name, -1, host.FromJS(err))
	}
	if there, err := object.Truthy(); err != nil || !there {
		return storage.Wrap("delete", name, -1, errMissing)
	}
	request, err := idb.Global().DeleteDatabase(databasePrefix + name)
	if err == nil {
		err = request.Await(ctx)
	}
	return storage.Wrap("delete", name, -1, fromIDB(err))
}
