package memfs

import (
	"context"
	"io"
	"slices"

	"tabdis/core/storage"
)

// inode is the content of a file: what the system sees, and what the disk is known to hold.
type inode struct {
	data    []byte
	over    int    // bytes at its end that found no room
	arrived int    // so much of data is with the platform (all of it, but for late writes)
	durable []byte // on the disk for certain
	clean   int    // data[:clean] was handed to completed syncs; the rest is dirty
	// Ranges of data that a failed sync gave up: they count as clean but never reached the disk.
	lost []span
	// Contents the file had before it was truncated, while they may still be what the disk holds.
	ghosts [][]byte
	seq    uint64 // of the last sync called
	done   uint64 // of the last sync completed
	// It came by Replace: a crash leaves the old file or this one, never none.
	replaced bool
}

type span struct{ from, to int }

// cut forgets the bytes from to on. What is appended there later is new, and dirty.
func (n *inode) cut(to int) {
	n.data, n.over = n.data[:to], 0
	n.arrived, n.clean = min(n.arrived, to), min(n.clean, to)
	for i := range n.lost {
		n.lost[i] = span{min(n.lost[i].from, to), min(n.lost[i].to, to)}
	}
}

// pending is a Sync that was called.
type pending struct {
	file   *file
	done   func(error)
	seq    uint64
	from   int    // first dirty byte at the call
	image  []byte // what the disk holds from there on when it completes
	low    int    // lowest truncation since the call
	ghosts int    // ghosts at the call
}

// file is an open file. promptFile and lateFile add what platforms differ in.
type file struct {
	fs     *fs
	store  *Store
	name   string
	node   *inode
	late   bool  // Append only starts the write
	sticky error // of an Append
	wait   []waiter
	calls  []*pending // syncs not completed
	closed bool
}

// waiter is a Written that waits for the bytes before upto.
type waiter struct {
	upto int
	done func(error)
}

type promptFile struct{ *file }

// TruncateNow cuts in the turn.
func (f promptFile) TruncateNow(n int64) error { return f.Truncate(context.Background(), n) }

type lateFile struct{ *file }

// Written tells when all that was appended is with the platform.
func (f lateFile) Written(done func(error)) {
	f.store.mu.Lock()
	if f.closed {
		f.store.mu.Unlock()
		done(f.fail("append", storage.ErrClosed))
		return
	}
	f.wait = append(f.wait, waiter{len(f.node.data), done})
	if f.store.hold {
		f.store.written(f.file)
		f.store.runReleased()
		return
	}
	f.store.mu.Unlock()
	go func() {
		f.store.mu.Lock()
		f.store.written(f.file)
		f.store.runReleased()
	}()
}

// written collects the callbacks of Written that can run now.
func (s *Store) written(f *file) {
	rest := f.wait[:0]
	for _, w := range f.wait {
		switch err := f.sticky; {
		case w.upto <= f.node.arrived:
			s.released = append(s.released, func() { w.done(nil) })
		case err != nil:
			s.released = append(s.released, func() { w.done(err) })
		default:
			rest = append(rest, w)
		}
	}
	f.wait = rest
}

func (f *file) fail(op string, err error) error { return storage.Wrap(op, f.name, -1, err) }

func (f *file) Append(p []byte) error {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	if f.closed {
		return f.fail("append", storage.ErrClosed)
	}
	if f.sticky != nil {
		return f.sticky
	}
	fit := f.store.fits(f.node, len(p))
	if fit < len(p) {
		f.sticky = storage.Wrap("append", f.name, int64(len(f.node.data)), storage.ErrQuota)
	}
	switch {
	case fit == len(p):
	case f.late: // the error comes later, and all of p is missing
		f.node.data = append(f.node.data, p...)
		f.node.over = len(p)
		return nil
	default:
		p = p[:fit]
	}
	f.node.data = append(f.node.data, p...)
	if !f.store.hold {
		f.node.arrived = len(f.node.data)
	}
	return f.sticky
}

func (f *file) Sync(now bool, done func(error)) {
	s := f.store
	s.mu.Lock()
	if err := f.sticky; f.closed || err != nil {
		if f.closed {
			err = f.fail("sync", storage.ErrClosed)
		}
		s.mu.Unlock()
		done(err)
		return
	}
	p := f.begin(done)
	switch {
	case s.mode == SyncHeld, s.mode == SyncHeldLater && !now:
		s.syncs = append(s.syncs, p)
	case s.mode == SyncBackground && !now:
		go func() {
			s.mu.Lock()
			s.complete(p, nil)
			s.runReleased()
		}()
	default:
		s.complete(p, nil)
	}
	s.runReleased()
}

// begin takes what the disk will hold when this sync completes: the dirty bytes, without those a failed sync gave up.
func (f *file) begin(done func(error)) *pending {
	n := f.node
	n.seq++
	p := &pending{file: f, done: done, seq: n.seq, from: n.clean, low: len(n.data), ghosts: len(n.ghosts)}
	p.image = slices.Clone(n.data[n.clean:])
	for _, l := range n.lost {
		p.lose(l)
	}
	f.calls = append(f.calls, p)
	return p
}

// lose takes a range that a failed sync gave up out of what this one writes: the disk keeps what it had there.
func (p *pending) lose(l span) {
	for i := max(l.from, p.from); i < min(l.to, p.from+len(p.image)); i++ {
		p.image[i-p.from] = 0
		if durable := p.file.node.durable; i < len(durable) {
			p.image[i-p.from] = durable[i]
		}
	}
}

// complete ends a sync. Its callback runs with runReleased.
func (s *Store) complete(p *pending, err error) {
	f, n := p.file, p.file.node
	if !slices.Contains(f.calls, p) {
		return // the file was closed meanwhile, which settled it
	}
	f.calls = slices.DeleteFunc(f.calls, func(q *pending) bool { return q == p })
	if err == nil && f.late {
		err = f.sticky // of a late write that this sync waited for
	}
	if err != nil {
		l := span{p.from, p.low}
		n.lost = append(n.lost, l)
		for _, q := range f.calls {
			q.lose(l)
		}
		err = f.fail("sync", err)
	} else {
		if p.seq > n.done { // else a later sync has already done more
			n.durable = append(n.durable[:min(p.from, len(n.durable))], p.image...)
			n.done, n.clean = p.seq, p.low
			dropped := min(p.ghosts, len(n.ghosts))
			n.ghosts = n.ghosts[dropped:]
			for _, q := range f.calls {
				q.ghosts = max(0, q.ghosts-dropped)
			}
		}
		n.arrived = max(n.arrived, min(p.low, len(n.data)))
		s.written(f)
		if s.names[f.name] == n {
			s.durable[f.name] = n
		}
	}
	s.released = append(s.released, func() { p.done(err) })
}

// DropDirty is what a kernel does when a write-back fails: the dirty pages count as clean, and no later Sync writes them. Only
// Harden does. For faultfs.
func (f *file) DropDirty() {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	f.node.lost = append(f.node.lost, span{f.node.clean, len(f.node.data)})
}

func (f *file) Size() int64 {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	return int64(len(f.node.data))
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	switch {
	case f.closed:
		return 0, storage.Wrap("read", f.name, off, storage.ErrClosed)
	case off < 0:
		return 0, storage.Wrap("read", f.name, off, storage.ErrRange)
	case off >= int64(len(f.node.data)):
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	n := copy(p, f.node.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Truncate(ctx context.Context, to int64) error {
	if err := ctx.Err(); err != nil {
		return storage.Wrap("truncate", f.name, to, err)
	}
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	n, cut := f.node, int(to)
	if f.closed {
		return storage.Wrap("truncate", f.name, to, storage.ErrClosed)
	}
	if to < 0 || to > int64(len(n.data)) {
		return storage.Wrap("truncate", f.name, to, storage.ErrRange)
	}
	if f.sticky != nil && n.arrived < cut {
		return f.sticky // bytes before the cut are missing
	}
	if cut < len(n.data) {
		n.ghosts = append(n.ghosts, slices.Clone(n.data[:n.arrived]))
		n.cut(cut)
		for _, p := range f.calls {
			p.low = min(p.low, cut)
		}
	}
	f.sticky = nil
	return nil
}

func (f *file) Harden(ctx context.Context, from int64) error {
	if err := ctx.Err(); err != nil {
		return storage.Wrap("harden", f.name, from, err)
	}
	f.store.mu.Lock()
	n, err := f.node, f.sticky
	switch {
	case f.closed:
		err = storage.ErrClosed
	case from < 0 || from > int64(len(n.data)):
		err = storage.ErrRange
	}
	if err != nil {
		f.store.mu.Unlock()
		return storage.Wrap("harden", f.name, from, err)
	}
	for i := range n.lost { // what is written again is dirty again
		n.lost[i].to = min(n.lost[i].to, int(from))
	}
	n.lost = slices.DeleteFunc(n.lost, func(l span) bool { return l.from >= l.to })
	n.clean = min(n.clean, int(from))
	f.store.complete(f.begin(func(error) {}), nil)
	f.store.runReleased()
	return nil
}

func (f *file) Close() error {
	f.store.mu.Lock()
	if f.closed {
		f.store.mu.Unlock()
		return f.fail("close", storage.ErrClosed)
	}
	f.close()
	f.store.runReleased()
	return nil
}

// close settles what waits: late writes reach the platform, syncs that did not complete fail.
func (f *file) close() {
	f.closed = true
	if f.sticky == nil {
		f.node.arrived = len(f.node.data)
	} else {
		f.node.cut(f.node.arrived)
	}
	f.store.written(f)
	for _, p := range f.calls {
		f.store.released = append(f.store.released, func() { p.done(f.fail("sync", storage.ErrClosed)) })
		f.store.syncs = slices.DeleteFunc(f.store.syncs, func(q *pending) bool { return q == p })
	}
	f.calls = nil
	delete(f.fs.open, f.name)
}
