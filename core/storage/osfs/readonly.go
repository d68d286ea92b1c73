//go:build !js && !wasip1

package osfs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"tabdis/core/storage"
)

// ErrReadOnly is what everything that would change something gives.
var ErrReadOnly = errors.New("opened read-only")

// readOnly is a directory, or one file of it, that is looked at and never changed.
type readOnly struct {
	dir  string
	only string // the one file that is there; "": all
	lock *os.File
}

// OpenReadOnly opens a directory to look at it: nothing is made, swept or changed. ErrLocked while a writer has
// it, since what is being written reads as if it were torn. ErrNotExist when it is not there.
func OpenReadOnly(dir string) (storage.FS, error) { return look(dir, "") }

// OpenFileReadOnly opens one file as a directory that holds nothing else. Its name is taken as it is.
func OpenFileReadOnly(path string) (fs storage.FS, name string, err error) {
	name = filepath.Base(path)
	fs, err = look(filepath.Dir(path), name)
	return fs, name, err
}

func look(dir, only string) (storage.FS, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	if err != nil {
		return nil, failed("open", dir, -1, err)
	}
	lock, err := lockShared(filepath.Join(dir, lockName))
	if err != nil && !errors.Is(err, os.ErrNotExist) { // not there: a Redis's directory, or a copy
		return nil, failed("lock", dir, -1, err)
	}
	return &readOnly{dir: dir, only: only, lock: lock}, nil
}

func (v *readOnly) Open(ctx context.Context, name string) (storage.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed("open", name, -1, err)
	}
	if v.only != "" && name != v.only {
		return nil, failed("open", name, -1, storage.ErrNotExist)
	}
	f, err := os.Open(filepath.Join(v.dir, name))
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
	return &readOnlyFile{File: f, name: name, size: info.Size()}, nil
}

func (v *readOnly) List(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed("list", "", -1, err)
	}
	if v.only != "" {
		return []string{v.only}, nil
	}
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, failed("list", "", -1, err)
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() && storage.ValidName(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (v *readOnly) Create(_ context.Context, name string) (storage.File, error) {
	return nil, failed("create", name, -1, ErrReadOnly)
}

func (v *readOnly) Remove(_ context.Context, name string) error {
	return failed("remove", name, -1, ErrReadOnly)
}

func (v *readOnly) Replace(_ context.Context, name string, _ []byte) error {
	return failed("replace", name, -1, ErrReadOnly)
}

// Close gives up what keeps a writer away. Files that are open stay so.
func (v *readOnly) Close() error {
	if v.lock == nil {
		return nil
	}
	return failed("close", v.dir, -1, v.lock.Close())
}

type readOnlyFile struct {
	*os.File
	name string
	size int64
}

func (f *readOnlyFile) refuse(op string) error { return failed(op, f.name, -1, ErrReadOnly) }

func (f *readOnlyFile) Append([]byte) error                   { return f.refuse("append") }
func (f *readOnlyFile) Sync(_ bool, done func(error))         { done(f.refuse("sync")) }
func (f *readOnlyFile) Size() int64                           { return f.size }
func (f *readOnlyFile) Truncate(context.Context, int64) error { return f.refuse("truncate") }
func (f *readOnlyFile) Harden(context.Context, int64) error   { return f.refuse("harden") }
