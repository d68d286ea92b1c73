//go:build js && wasm

package opfs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// Options of Open. The zero value means the defaults.
type Options struct {
	// Wait is how long Open waits for what a Worker that just ended may still hold. Default: 3 s.
	Wait time.Duration
	// Pool is the number of pool files of a new store. Default: 16.
	Pool int
}

// FS is one opened store.
type FS struct {
	name    string
	dir     storeDir
	super   superblock
	handle  host.Handle   // of the superblock
	pool    []host.Handle // by number
	taken   []bool        // free in the directory, but being emptied, or out of use
	coming  []bool        // free, and being opened
	next    int           // the pool file to look at first: each in its turn
	open    map[string]storage.File
	closed  bool
	ended   chan struct{} // closed with it
	release func()        // the Web Lock
	lost    error         // why nothing will ever be written again
	unable  error         // why a free pool file could not be opened

	giving  sync.WaitGroup // for pool files that are being emptied or opened
	pending int            // how many are
}

// Open opens the store of this name (a valid file name), or begins one; ErrLocked while another Worker has it.
func Open(ctx context.Context, name string, o Options) (*FS, error) {
	if err := storage.CheckName("open", name); err != nil {
		return nil, err
	}
	if o.Wait == 0 {
		o.Wait = 3 * time.Second
	}
	if o.Pool == 0 {
		o.Pool = 16
	}
	release, err := host.Lock(ctx, "tabdis:"+name, o.Wait)
	if err != nil {
		return nil, storage.Wrap("lock", name, -1, err)
	}
	v := &FS{name: name, open: map[string]storage.File{}, ended: make(chan struct{}), release: release}
	if err := v.start(ctx, o, time.Now().Add(o.Wait)); err != nil {
		v.closeHandles() // the error that matters is the one that stopped us
		release()
		return nil, storage.Wrap("open", name, -1, err)
	}
	go v.watch()
	return v, nil
}

// start opens the superblock first: its exclusive handle is the fence.
func (v *FS) start(ctx context.Context, o Options, deadline time.Time) error {
	dir, err := findStore(ctx, v.name, true)
	if err != nil {
		return err
	}
	v.dir = dir
	if v.handle, err = dir.open(ctx, superblockName, open{create: true, deadline: deadline}); err != nil {
		return err
	}
	v.super.dev = v.handle
	found, err := v.super.read()
	if err != nil {
		return err
	}
	if !found {
		return v.begin(ctx, dir, o, deadline)
	}
	if err := v.openPool(ctx, v.super.current.pool, false, deadline); err != nil {
		return err
	}
	d := v.super.current
	d.epoch++
	if err := v.super.commit(d); err != nil {
		return err
	}
	v.openFree()
	return nil
}

// begin makes a new store, unless there are log files.
func (v *FS) begin(ctx context.Context, dir storeDir, o Options, deadline time.Time) error {
	if lost, err := dir.holdsLog(ctx); err != nil {
		return err
	} else if lost {
		return errLost
	}
	if err := v.openPool(ctx, min(o.Pool, maxPool), true, deadline); err != nil {
		return err
	}
	return v.super.format(directory{epoch: 1, nextID: 1, pool: len(v.pool), entries: map[string]entry{}})
}

// openPool opens the pool files that hold log files, or all, at once.
func (v *FS) openPool(ctx context.Context, n int, all bool, deadline time.Time) error {
	v.pool, v.taken, v.coming = make([]host.Handle, n), make([]bool, n), make([]bool, n)
	results := make(chan error, n)
	opening := 0
	for i, held := range v.held() {
		if v.coming[i] = !held && !all; v.coming[i] {
			continue
		}
		opening++
		go func() {
			var err error
			v.pool[i], err = v.dir.open(ctx, poolName(i), open{create: !held, shared: true, deadline: deadline})
			if held && errors.Is(err, storage.ErrNotExist) {
				err = errMissing
			}
			results <- storage.Wrap("open", poolName(i), -1, err)
		}()
	}
	var first error
	for range opening {
		if err := <-results; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// openFree opens the free pool files of a store that is in use already: it costs a browser milliseconds for each, and a log is read without
// them. Nothing that the directory names is in one, acquire waits for them, and as long as the superblock's handle is ours they are nobody
// else's. One whose name a power cut took is made again. One that does not open is out of use until the store is opened the next time.
func (v *FS) openFree() {
	for i, coming := range v.coming {
		if !coming {
			continue
		}
		v.pending++
		v.giving.Go(func() {
			h, err := v.dir.open(context.Background(), poolName(i), open{create: true, shared: true, deadline: time.Now().Add(reopenWait), ended: v.ended})
			if v.pool[i] = h; err != nil {
				v.unable = storage.Wrap("open", poolName(i), -1, err)
			}
			v.coming[i], v.taken[i] = false, err != nil
			v.pending--
		})
	}
}

// Epoch is the number of this opening.
func (v *FS) Epoch() uint64 { return v.super.current.epoch }

// GrowsInSteps is storage.Stepper's: Chromium reserves room for an open file in powers of two, from 1 MiB on, and refuses the write that
// would need the next one when there is less.
func (v *FS) GrowsInSteps() bool { return true }

// Space is that of the origin.
func (v *FS) Space(ctx context.Context) (used, free, limit int64, err error) { return host.Space(ctx) }

// Free is the number of files that can still be created.
func (v *FS) Free() int {
	n := 0
	for i, held := range v.held() {
		if !held || v.coming[i] {
			n++
		}
	}
	return n
}

func (v *FS) enter(ctx context.Context, op, name string) error {
	err := ctx.Err()
	switch {
	case err != nil:
	case v.closed:
		err = storage.ErrClosed
	case op != "list":
		err = storage.CheckName(op, name)
	}
	if err == nil && op != "create" && v.open[name] != nil {
		err = storage.ErrOpen
	}
	return storage.Wrap(op, name, -1, err)
}

// held tells of each pool file whether it is in use, or cannot be used yet or any more.
func (v *FS) held() []bool {
	held := slices.Clone(v.taken)
	for i, coming := range v.coming {
		held[i] = held[i] || coming
	}
	for _, e := range v.super.current.entries {
		if !e.isInline() {
			held[e.pool] = true
		}
	}
	return held
}

// acquire gives a free pool file, empty, and durably so: else a crash could show its old bytes under the new name. They take turns: one
// that is broken must not be given to each new try of what failed with it. While there is none, it waits for those that are being emptied or
// opened.
func (v *FS) acquire(ctx context.Context) (int, error) {
	if err := v.super.settle(); err != nil {
		return 0, err
	}
	for {
		i, err := v.free()
		if err == nil || v.pending == 0 {
			return i, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-v.ended:
			return 0, storage.ErrClosed
		case <-time.After(time.Millisecond):
		}
	}
}

// free gives the next pool file that is free and can be emptied.
func (v *FS) free() (int, error) {
	held, err := v.held(), v.exhausted()
	for range v.pool {
		i := v.next
		if v.next++; v.next == len(v.pool) {
			v.next = 0
		}
		if held[i] {
			continue
		}
		if err = v.empty(i); err == nil {
			return i, nil
		}
	}
	return 0, err
}

// exhausted is the error where no pool file is free.
func (v *FS) exhausted() error {
	if v.unable == nil {
		return errPool
	}
	return &stateError{"all pool files are in use, but for some that could not be opened: " + v.unable.Error(), storage.ErrQuota}
}

// empty makes pool file i empty. What giveBack has cut is flushed only here.
func (v *FS) empty(i int) error {
	if err := v.pool[i].Truncate(0); err != nil {
		return err
	}
	return v.pool[i].Flush()
}

// Create takes a free pool file and names it.
func (v *FS) Create(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "create", name); err != nil {
		return nil, err
	}
	_, exists := v.super.current.entries[name]
	if exists {
		return nil, storage.Wrap("create", name, -1, storage.ErrExist)
	}
	i, err := v.acquire(ctx)
	if _, exists = v.super.current.entries[name]; err == nil && exists { // made by another while this one waited
		err = storage.ErrExist
	}
	if err == nil {
		err = v.setPool(name, i)
	}
	if err != nil {
		return nil, storage.Wrap("create", name, -1, err)
	}
	return v.poolFile(name, i, 0), nil // a size asked for again could be a wrong one, and the first block stand where nobody looks for it
}

// setPool names a pool file.
func (v *FS) setPool(name string, i int) error {
	d := v.super.current.clone()
	d.entries[name] = entry{pool: i, id: d.nextID}
	d.nextID++
	return v.super.commit(d)
}

// Open opens what the directory names.
func (v *FS) Open(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "open", name); err != nil {
		return nil, err
	}
	if _, ok := v.super.current.entries[name]; !ok {
		return nil, storage.Wrap("open", name, -1, storage.ErrNotExist)
	}
	return v.file(name)
}

func (v *FS) file(name string) (storage.File, error) {
	e := v.super.current.entries[name]
	if e.isInline() {
		f := &inlineFile{fs: v, name: name, data: slices.Clone(e.data)}
		v.open[name] = f
		return f, nil
	}
	size, err := v.pool[e.pool].Size()
	if err != nil {
		return nil, storage.Wrap("open", name, -1, err)
	}
	return v.poolFile(name, e.pool, size), nil
}

func (v *FS) poolFile(name string, i int, size int64) storage.File {
	f := host.NewFile(name, v.pool[i], size, func() error {
		delete(v.open, name)
		return nil
	})
	v.open[name] = f
	return f
}

// Remove takes the name out of the directory, then gives the space back.
func (v *FS) Remove(ctx context.Context, name string) error {
	if err := v.enter(ctx, "remove", name); err != nil {
		return err
	}
	e, ok := v.super.current.entries[name]
	if !ok {
		return storage.Wrap("remove", name, -1, storage.ErrNotExist)
	}
	d := v.super.current.clone()
	delete(d.entries, name)
	if err := v.super.commit(d); err != nil {
		return storage.Wrap("remove", name, -1, err)
	}
	if !e.isInline() {
		v.giveBack(e.pool)
	}
	return nil
}

// giveStep is how many bytes giveBack gives back before others get a turn: a large file takes a third of a millisecond for each MiB.
const giveStep = 4 << 20

// reopenWait is how long a browser may take to let go of a file that was closed, and to open it.
const reopenWait = 10 * time.Second

// giveBack empties pool file i, which nothing names any more, from its end on; a large one in steps that others need not wait for. Then it
// is opened anew: what a browser has reserved for an open file, others get only when it is closed. Where emptying fails, or the store is
// closed meanwhile, the space stays taken until acquire, which must succeed.
func (v *FS) giveBack(i int) {
	size, err := v.pool[i].Size()
	if err != nil {
		return
	}
	step := func() error {
		size = max(0, size-giveStep)
		return v.pool[i].Truncate(size)
	}
	err = step()
	v.taken[i] = true
	v.pending++
	v.giving.Go(func() {
		defer func() { v.pending-- }()
		for err == nil && size > 0 && !v.closed {
			time.Sleep(time.Millisecond)
			if !v.closed {
				err = step()
			}
		}
		if v.reopen(i) == nil {
			v.taken[i] = false
		}
	})
}

// reopen closes a pool file that nothing uses, and opens it again. The Web Lock and the superblock keep others from it. One that does not
// open again is out of use until the store is opened the next time. Of a store that was taken away no handle is closed (host.mjs, lose).
func (v *FS) reopen(i int) error {
	if v.gone() {
		v.lose()
	}
	if v.closed || v.lost != nil {
		return nil
	}
	old := v.pool[i]
	v.pool[i] = 0
	if err := old.Close(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer time.AfterFunc(reopenWait, cancel).Stop()
	h, err := v.dir.open(ctx, poolName(i), open{shared: true, deadline: time.Now().Add(reopenWait)})
	if err == nil && v.closed {
		return h.Close()
	}
	v.pool[i] = h
	return err
}

// List gives the names.
func (v *FS) List(ctx context.Context) ([]string, error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return nil, err
	}
	return v.super.current.names(), nil
}

// Replace puts a small file into the directory itself, a larger one into a pool file that the directory names once it is durable.
func (v *FS) Replace(ctx context.Context, name string, data []byte) error {
	if err := v.enter(ctx, "replace", name); err != nil {
		return err
	}
	return storage.Wrap("replace", name, -1, v.replace(ctx, name, slices.Clone(data)))
}

func (v *FS) replace(ctx context.Context, name string, data []byte) error {
	d := v.super.current.clone()
	d.entries[name] = entry{pool: inline, data: data}
	i, err := inline, error(nil)
	if d.encodedSize() > slotSize {
		if i, err = v.fill(ctx, data); err != nil {
			return err
		}
	}
	old, existed := v.super.current.entries[name] // not before: fill may have waited
	if i == inline {
		err = v.super.commit(d)
	} else {
		err = v.setPool(name, i)
	}
	if err == nil && existed && !old.isInline() {
		_ = v.pool[old.pool].Truncate(0) // as in giveBack; it is small
	}
	return err
}

// fill gives a pool file that holds this, durably.
func (v *FS) fill(ctx context.Context, data []byte) (int, error) {
	i, err := v.acquire(ctx)
	if err == nil {
		err = v.pool[i].Write(data, 0)
	}
	if err == nil {
		err = v.pool[i].Flush()
	}
	return i, err
}

// Close closes the open files, the pool, the superblock, and gives up the lock, in this order.
func (v *FS) Close() error {
	if v.closed {
		return storage.Wrap("close", v.name, -1, storage.ErrClosed)
	}
	var first error
	for _, f := range v.open {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	v.closed = true
	close(v.ended)
	v.giving.Wait()
	if err := v.closeHandles(); err != nil && first == nil {
		first = err
	}
	v.release()
	return storage.Wrap("close", v.name, -1, first)
}

func (v *FS) closeHandles() error {
	var first error
	for _, h := range append(slices.Clone(v.pool), v.handle) {
		if h == 0 {
			continue
		}
		if err := h.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
