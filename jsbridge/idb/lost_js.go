//go:build js && wasm

package idb

import (
	"context"
	"errors"
	"time"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
)

// storeError is one whose kind is an error of storage, or nil.
type storeError struct {
	text string
	kind error
}

func (e *storeError) Error() string { return e.text }
func (e *storeError) Unwrap() error { return e.kind }

var (
	errMissing  = errors.New("there is no IndexedDB here")
	errSilent   = errors.New("IndexedDB does not answer")
	errNumbers  = errors.New("too many files were made since the store was opened")
	errFenced   = &storeError{"another Worker has taken the store over", storage.ErrFenced}
	errDeleted  = &storeError{"the store was deleted", storage.ErrLocked}
	errNewer    = &storeError{"a newer version of tabdis uses the store; load the page again", storage.ErrLocked}
	errBlocked  = &storeError{"the database does not open: another tab keeps it from being deleted or changed", storage.ErrLocked}
	errNoEpoch  = &storeError{"there are files and no epoch", storage.ErrCorrupt}
	errNoStores = &storeError{"the database has not the object stores of tabdis", storage.ErrCorrupt}
	errNames    = &storeError{"the names of the files are damaged", storage.ErrCorrupt}
	errVanished = &storeError{"what was written is not there any more", storage.ErrCorrupt}
)

// beat is what time is counted in that IndexedDB takes; patience is how many of them a transaction may take (more when it
// writes much). Tests count faster.
var beat = time.Second

const patience = 10

// openPatience is the same for opening a connection.
const openPatience = 3 * patience

// attempts is how many connections a transaction may use up.
const attempts = 3

// write runs a writing transaction. When the connection is lost it opens another: then it is known what is there, and the same
// puts under the same keys change nothing if they had been committed.
func (v *FS) write(durability string, fill func(t *tx) error) error {
	return v.run(func() error { return v.conn.write(durability, fill) })
}

// read runs a reading transaction, on the writer. What fill has gathered when the connection is lost is gathered again.
func (v *FS) read(fill func(t *tx) error) error {
	return v.run(func() error { return v.conn.read(fill) })
}

// readOutside does so on another goroutine: another connection is for the writer to open.
func (v *FS) readOutside(fill func(t *tx) error) error {
	c := v.conn
	err := v.dead
	if err == nil {
		err = c.read(fill)
	}
	if !c.isLost(err) || v.closed {
		return err
	}
	return v.do(context.Background(), "read", v.name, func() error {
		c.lost = true
		return v.read(fill)
	})
}

// run makes transactions until the connection holds. Whoever has lost the store for good stays without it: it does not even try.
func (v *FS) run(transaction func() error) error {
	for attempt := 1; ; attempt++ {
		err := v.dead
		if err == nil && v.conn.lost {
			err = v.reconnect()
		}
		if err == nil {
			err = transaction()
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, storage.ErrLocked) && !errors.Is(err, errBlocked):
			v.dead = err
			return err
		case !v.conn.isLost(err) || attempt == attempts:
			return err
		}
		v.conn.lost = true
	}
}

// reconnect keeps the epoch, and looks at what is there before anything is written: the epoch, the names, and of each open file
// whether its chunks are those that had completed. Behind them may be the ones whose transaction the loss has left open.
func (v *FS) reconnect() error {
	c, err := connect(context.Background(), v.name, false)
	if err != nil {
		return err
	}
	c.epoch = v.conn.epoch
	names := map[string]float64(nil)
	found := map[*file]*inventory{}
	err = c.read(func(t *tx) error {
		for _, f := range v.inUse() {
			found[f] = &inventory{}
			if err := t.take(f, found[f]); err != nil {
				return err
			}
		}
		return t.names(c.epoch, func(read map[string]float64) { names = read })
	})
	if err != nil {
		_ = c.close() // the error that matters is the one above
		return err
	}
	_ = v.conn.close() // nothing comes over it any more
	v.conn, v.names, v.doubtful = c, names, false
	for f, there := range found {
		if err := f.compare(there, names[f.name]); err != nil && !f.cutting {
			f.sticky = storage.Wrap("reopen", f.name, -1, err)
			f.settle(f.sticky)
		}
	}
	return nil
}

// inUse are the files that are open, or not finished.
func (v *FS) inUse() (files []*file) {
	for _, f := range v.open {
		files = append(files, f)
	}
	return append(files, v.closing...)
}

// inventory is what the database has of a file.
type inventory struct {
	starts []int64
	last   int64 // bytes of the last chunk that is known to have completed
}

// take asks for a file's inventory.
func (t *tx) take(f *file, there *inventory) error {
	r, err := chunkRange(f.number, 0, -1)
	if err != nil {
		return err
	}
	if err := t.call(chunksStore, "getAllKeys", there.keys, r); err != nil || len(f.starts) == 0 {
		return err
	}
	return t.call(chunksStore, "get", func(array safejs.Value) error {
		if array.Type() != safejs.TypeObject {
			return nil // it is missing
		}
		n, err := array.Length()
		there.last = int64(n)
		return err
	}, key(f.number, f.starts[len(f.starts)-1]))
}

// keys takes the keys of chunks.
func (i *inventory) keys(keys safejs.Value) error {
	i.starts = nil
	return each(keys, func(_ int, k safejs.Value) error {
		v, err := k.Index(1)
		if err != nil {
			return err
		}
		n, valid := number(v)
		if !valid && !(len(i.starts) == 0 && v.Type() == safejs.TypeNumber && safejs.Unsafe(v).Float() == 0) {
			return storage.ErrCorrupt
		}
		i.starts = append(i.starts, int64(n))
		return nil
	})
}

// compare tells whether all that had completed is there, and nothing else but what may have been under way.
func (f *file) compare(there *inventory, number float64) error {
	n := len(f.starts)
	if number != f.number || len(there.starts) < n || n > 0 && f.starts[n-1]+there.last != f.stored {
		return errVanished
	}
	for i, start := range there.starts {
		if i < n && start != f.starts[i] || i >= n && start < f.stored {
			return errVanished
		}
	}
	return nil
}
