package memfs

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"tabdis/core/storage"
)

// SyncMode says when a Sync completes.
type SyncMode uint8

// The modes.
const (
	SyncInline     SyncMode = iota // in the call
	SyncBackground                 // in the call when a reply waits, else on a goroutine: as native
	SyncHeld                       // when the test calls ReleaseSync: as IndexedDB
	SyncHeldLater                  // in the call when a reply waits, else when the test calls ReleaseSync
)

// Store is a disk. Its methods may be called from any goroutine.
type Store struct {
	mu       sync.Mutex
	holder   *fs
	names    map[string]*inode // as the running system sees them
	durable  map[string]*inode // as they are after a crash at least; a removed one stays here
	mode     SyncMode
	late     bool       // Append only starts the write
	hold     bool       // late writes wait for ReleaseWrites
	syncs    []*pending // held, oldest first
	released []func()   // callbacks to run without the lock
	capacity int64      // bytes; 0: without end
}

// New makes an empty disk.
func New() *Store {
	return &Store{names: map[string]*inode{}, durable: map[string]*inode{}}
}

// Open locks the disk; ErrLocked while somebody else has it.
func (s *Store) Open() (storage.FS, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder != nil {
		return nil, storage.Wrap("open", "store", -1, storage.ErrLocked)
	}
	s.holder = &fs{store: s, open: map[string]*file{}}
	return s.holder, nil
}

// Kill ends the process that holds the disk, if any: its FS and files give ErrClosed, its held syncs never complete, and late
// writes that had not reached the platform are gone.
func (s *Store) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == nil {
		return
	}
	for _, f := range s.holder.open {
		f.node.cut(f.node.arrived)
		f.closed, f.calls, f.wait = true, nil, nil
	}
	s.holder.closed, s.holder, s.syncs = true, nil, nil
}

// SetSync sets when syncs complete, from now on.
func (s *Store) SetSync(mode SyncMode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// SetLateWrites makes files opened from now on storage.LateWriters without TruncateNow. With hold, what is appended reaches the
// platform when the test calls ReleaseWrites, or with a Sync; else at once, but Written tells it on a goroutine.
func (s *Store) SetLateWrites(on, hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late, s.hold = on, on && hold
}

// HeldSyncs is the number of syncs that wait for ReleaseSync.
func (s *Store) HeldSyncs() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.syncs)
}

// ReleaseSync completes the oldest held sync, successfully or with err; false if there is none. After an error the pages it
// would have written count as clean, as in a kernel: no later Sync writes them.
func (s *Store) ReleaseSync(err error) bool {
	s.mu.Lock()
	if len(s.syncs) == 0 {
		s.mu.Unlock()
		return false
	}
	p := s.syncs[0]
	s.syncs = s.syncs[1:]
	s.complete(p, err)
	s.runReleased()
	return true
}

// ReleaseWrites lets all late writes reach the platform, or fail with err: then every file that had some keeps what had reached
// the platform, and the error sticks to it.
func (s *Store) ReleaseWrites(err error) {
	s.mu.Lock()
	if s.holder != nil {
		for _, name := range sortedNames(s.holder.open) {
			f := s.holder.open[name]
			if err != nil && f.node.arrived < len(f.node.data) {
				f.sticky = storage.Wrap("append", f.name, int64(f.node.arrived), err)
			} else {
				f.node.arrived = len(f.node.data)
			}
			s.written(f)
		}
	}
	s.runReleased()
}

// runReleased unlocks, then runs the callbacks: they may call back into the store.
func (s *Store) runReleased() {
	run := s.released
	s.released = nil
	s.mu.Unlock()
	for _, f := range run {
		f()
	}
}

// fs is one process on the disk.
type fs struct {
	store  *Store
	open   map[string]*file
	closed bool
}

// enter locks the store when the operation may go on.
func (v *fs) enter(ctx context.Context, op, name string) error {
	err := ctx.Err()
	if err == nil && op != "list" {
		err = storage.CheckName(op, name)
	}
	if err == nil {
		v.store.mu.Lock()
		if !v.closed {
			return nil
		}
		v.store.mu.Unlock()
		err = storage.ErrClosed
	}
	return storage.Wrap(op, name, -1, err)
}

func (v *fs) Create(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "create", name); err != nil {
		return nil, err
	}
	defer v.store.mu.Unlock()
	if v.store.names[name] != nil {
		return nil, storage.Wrap("create", name, -1, storage.ErrExist)
	}
	n := &inode{}
	v.store.names[name] = n
	return v.file(name, n), nil
}

func (v *fs) Open(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "open", name); err != nil {
		return nil, err
	}
	defer v.store.mu.Unlock()
	n := v.store.names[name]
	if n == nil {
		return nil, storage.Wrap("open", name, -1, storage.ErrNotExist)
	}
	if v.open[name] != nil {
		return nil, storage.Wrap("open", name, -1, storage.ErrOpen)
	}
	return v.file(name, n), nil
}

func (v *fs) file(name string, n *inode) storage.File {
	f := &file{fs: v, store: v.store, name: name, node: n, late: v.store.late}
	v.open[name] = f
	if f.late {
		return lateFile{f}
	}
	return promptFile{f}
}

func (v *fs) Remove(ctx context.Context, name string) error {
	if err := v.enter(ctx, "remove", name); err != nil {
		return err
	}
	defer v.store.mu.Unlock()
	if v.store.names[name] == nil {
		return storage.Wrap("remove", name, -1, storage.ErrNotExist)
	}
	if v.open[name] != nil {
		return storage.Wrap("remove", name, -1, storage.ErrOpen)
	}
	delete(v.store.names, name)
	return nil
}

func (v *fs) List(ctx context.Context) ([]string, error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return nil, err
	}
	defer v.store.mu.Unlock()
	return sortedNames(v.store.names), nil
}

// Replace also makes the new files durable that data names, as the contract says; no others.
func (v *fs) Replace(ctx context.Context, name string, data []byte) error {
	if err := v.replace(ctx, name, data); err != nil {
		return err
	}
	defer v.store.mu.Unlock()
	v.store.durable[name] = v.store.names[name]
	for other, n := range v.store.names {
		if bytes.Contains(data, []byte(other)) {
			v.store.durable[other] = n
		}
	}
	return nil
}

// ReplaceUnsure is a Replace that took effect but whose sync failed: a crash may bring the old content back. For faultfs.
func (v *fs) ReplaceUnsure(ctx context.Context, name string, data []byte) error {
	if err := v.replace(ctx, name, data); err != nil {
		return err
	}
	v.store.mu.Unlock()
	return nil
}

// replace leaves the store locked when there is no error.
func (v *fs) replace(ctx context.Context, name string, data []byte) error {
	if err := v.enter(ctx, "replace", name); err != nil {
		return err
	}
	if v.open[name] != nil {
		v.store.mu.Unlock()
		return storage.Wrap("replace", name, -1, storage.ErrOpen)
	}
	if v.store.fits(&inode{}, len(data)) < len(data) {
		v.store.mu.Unlock()
		return storage.Wrap("replace", name, -1, storage.ErrQuota)
	}
	n := &inode{data: bytes.Clone(data), durable: bytes.Clone(data)}
	n.arrived, n.clean, n.replaced = len(data), len(data), true
	v.store.names[name] = n
	return nil
}

func (v *fs) Close() error {
	v.store.mu.Lock()
	if v.closed {
		v.store.mu.Unlock()
		return storage.Wrap("close", "store", -1, storage.ErrClosed)
	}
	for _, name := range sortedNames(v.open) {
		v.open[name].close()
	}
	v.closed, v.store.holder = true, nil
	v.store.runReleased()
	return nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
