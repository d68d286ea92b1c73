//go:build !js && !wasip1

package osfs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"tabdis/core/storage"
)

const (
	lockName   = ".lock"
	tempPrefix = ".tmp-"
)

// The calls on whose order durability rests. Tests record them and make them fail.
var (
	write    = pwrite
	syncFile = (*os.File).Sync
	datasync = fdatasync
	syncDir  = fsyncDir
	rename   = os.Rename
)

// FS is a directory. Its methods may be called from any goroutine.
type FS struct {
	dir  string
	lock *os.File

	mu     sync.Mutex
	open   map[string]*File
	closed bool
}

// Open makes the directory if there is none, and locks it. ErrLocked while another process, or another FS of this one, has it.
func Open(dir string) (*FS, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, failed("open", dir, -1, err)
	}
	if err := makeDir(dir); err != nil {
		return nil, failed("open", dir, -1, err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, failed("lock", dir, -1, err)
	}
	v := &FS{dir: dir, lock: lock, open: map[string]*File{}}
	if err := v.sweep(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return v, nil
}

// makeDir makes dir and its parents, and the names of those it made durable.
func makeDir(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return errors.New("not a directory")
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// sweep removes what a crashed predecessor left of its Replaces, and makes durable the names that it left.
func (v *FS) sweep() error {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return failed("open", v.dir, -1, err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) {
			if err := os.Remove(v.path(entry.Name())); err != nil {
				return failed("open", entry.Name(), -1, err)
			}
		}
	}
	return failed("open", v.dir, -1, syncDir(v.dir))
}

func (v *FS) path(name string) string { return filepath.Join(v.dir, name) }

// The name or the lock that is no more: somebody removed the file, or the directory, and another process may have made its own there.
var (
	errGone  = errors.New("somebody removed it")
	errOther = errors.New("the directory, or its lock, is another one than was opened")
)

// ours tells that the names lead into the directory that was locked. Where it was removed and made again, by its next owner maybe, nothing
// must be changed.
func (v *FS) ours() error {
	there, err := os.Stat(v.path(lockName))
	if err != nil {
		return err
	}
	held, err := v.lock.Stat()
	if err == nil && !os.SameFile(there, held) {
		err = errOther
	}
	return err
}

// enter locks the FS when the operation may go on. An operation on a file that is open gives ErrOpen, but for Create.
func (v *FS) enter(ctx context.Context, op, name string) error {
	err := ctx.Err()
	if err == nil && op != "list" {
		err = storage.CheckName(op, name)
	}
	if err == nil {
		v.mu.Lock()
		if v.closed {
			err = storage.ErrClosed
		} else if v.open[name] != nil && op != "create" {
			err = storage.ErrOpen
		} else if op != "list" {
			if err = v.ours(); errors.Is(err, os.ErrNotExist) {
				err = errOther // no sign that the file is not there
			}
		}
		if err != nil {
			v.mu.Unlock()
		}
	}
	return failed(op, name, -1, err)
}

// Create makes an empty file; its name is durable on return.
func (v *FS) Create(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "create", name); err != nil {
		return nil, err
	}
	defer v.mu.Unlock()
	f, err := os.OpenFile(v.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, failed("create", name, -1, err)
	}
	if err := syncDir(v.dir); err != nil {
		return nil, failed("create", name, -1, errors.Join(err, f.Close(), os.Remove(v.path(name))))
	}
	return v.file(name, f, 0)
}

// Open opens a file that exists.
func (v *FS) Open(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "open", name); err != nil {
		return nil, err
	}
	defer v.mu.Unlock()
	f, err := os.OpenFile(v.path(name), os.O_RDWR, 0)
	if err != nil {
		return nil, failed("open", name, -1, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, failed("open", name, -1, errors.Join(err, f.Close()))
	}
	return v.file(name, f, info.Size())
}

func (v *FS) file(name string, f *os.File, size int64) (storage.File, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, failed("open", name, -1, errors.Join(err, f.Close()))
	}
	file := newFile(v, name, f, raw, size)
	v.open[name] = file
	return file, nil
}

// Remove removes a file. A crash may bring it back.
func (v *FS) Remove(ctx context.Context, name string) error {
	if err := v.enter(ctx, "remove", name); err != nil {
		return err
	}
	defer v.mu.Unlock()
	return failed("remove", name, -1, os.Remove(v.path(name)))
}

// List gives the names of all files.
func (v *FS) List(ctx context.Context) ([]string, error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return nil, err
	}
	defer v.mu.Unlock()
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, failed("list", "", -1, err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if !entry.IsDir() && storage.ValidName(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Replace writes the content beside the file and renames it. The order is what makes it atomic: the content is durable before
// the name leads to it, and the name before Replace returns.
func (v *FS) Replace(ctx context.Context, name string, data []byte) error {
	if err := v.enter(ctx, "replace", name); err != nil {
		return err
	}
	defer v.mu.Unlock()
	temp := v.path(tempPrefix + name)
	err := writeDurably(temp, data)
	if err == nil {
		err = rename(temp, v.path(name))
	}
	if err != nil {
		if gone := os.Remove(temp); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return failed("replace", name, -1, err)
	}
	return failed("replace", name, -1, syncDir(v.dir))
}

func writeDurably(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = syncFile(f)
	}
	return errors.Join(err, f.Close())
}

// Close closes the files that are open, after the syncs that run, and gives up the lock.
func (v *FS) Close() error {
	v.mu.Lock()
	if v.closed {
		v.mu.Unlock()
		return failed("close", v.dir, -1, storage.ErrClosed)
	}
	v.closed = true
	var open []*File
	for _, f := range v.open {
		open = append(open, f)
	}
	v.mu.Unlock()
	var errs []error
	for _, f := range open {
		if err := f.Close(); !errors.Is(err, storage.ErrClosed) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, failed("close", v.dir, -1, unlock(v.lock)))
	return errors.Join(errs...)
}
