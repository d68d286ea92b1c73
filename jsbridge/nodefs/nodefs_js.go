//go:build js && wasm

package nodefs

import (
	"context"
	"slices"
	"strings"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

const (
	lockName   = ".lock"
	unfinished = ".new-"
)

// fs is one opened directory.
type fs struct {
	dir    string
	node   node
	open   map[string]*host.File
	closed bool
}

// Open opens the directory, which is made if there is none, and locks it; ErrLocked while somebody has it.
func Open(ctx context.Context, dir string) (storage.FS, error) {
	if err := ctx.Err(); err != nil {
		return nil, storage.Wrap("open", dir, -1, err)
	}
	n, err := findNode()
	if err != nil {
		return nil, storage.Wrap("open", dir, -1, err)
	}
	v := &fs{dir: dir, node: n, open: map[string]*host.File{}}
	if _, err := n.module.Call("makeDirectory", dir); err != nil {
		err = host.FromJS(err)
		return nil, storage.Wrap("open", dir, -1, err)
	}
	if _, err := n.module.Call("takeLock", v.path(lockName)); err != nil {
		return nil, storage.Wrap("lock", dir, -1, host.FromJS(err))
	}
	if err := v.clean(); err != nil {
		v.unlock() // the error that matters is this one
		return nil, storage.Wrap("open", dir, -1, err)
	}
	return v, nil
}

// clean removes what an unfinished Replace left.
func (v *fs) clean() error {
	names, err := v.node.readdir(v.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, unfinished) {
			if err := v.node.unlink(v.path(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *fs) unlock() error {
	_, err := v.node.module.Call("giveUpLock", v.path(lockName))
	return host.FromJS(err)
}

func (v *fs) path(name string) string { return v.dir + "/" + name }

func (v *fs) enter(ctx context.Context, op, name string) error {
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

// Create makes the file and syncs its name.
func (v *fs) Create(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "create", name); err != nil {
		return nil, err
	}
	f, err := v.file(name, "wx+")
	if err != nil {
		return nil, storage.Wrap("create", name, -1, err)
	}
	if err := v.node.syncDir(v.dir); err != nil {
		f.Close() // the error that matters is this one
		return nil, storage.Wrap("create", name, -1, err)
	}
	return f, nil
}

// Open opens the file.
func (v *fs) Open(ctx context.Context, name string) (storage.File, error) {
	if err := v.enter(ctx, "open", name); err != nil {
		return nil, err
	}
	f, err := v.file(name, "r+")
	if err != nil {
		return nil, storage.Wrap("open", name, -1, err)
	}
	return f, nil
}

func (v *fs) file(name, flags string) (*host.File, error) {
	handle, err := v.node.open(v.path(name), flags)
	if err != nil {
		return nil, err
	}
	size, err := handle.Size()
	if err != nil {
		handle.Close() // the error that matters is the one above
		return nil, err
	}
	f := host.NewFile(name, handle, size, func() error {
		delete(v.open, name)
		return handle.Close()
	})
	v.open[name] = f
	return f, nil
}

// Remove removes the file.
func (v *fs) Remove(ctx context.Context, name string) error {
	if err := v.enter(ctx, "remove", name); err != nil {
		return err
	}
	return storage.Wrap("remove", name, -1, v.node.unlink(v.path(name)))
}

// List gives the names.
func (v *fs) List(ctx context.Context) ([]string, error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return nil, err
	}
	names, err := v.node.readdir(v.dir)
	if err != nil {
		return nil, storage.Wrap("list", v.dir, -1, err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !storage.ValidName(name) })
	slices.Sort(names)
	return names, nil
}

// Replace writes a new file, syncs it, and renames it.
func (v *fs) Replace(ctx context.Context, name string, data []byte) error {
	if err := v.enter(ctx, "replace", name); err != nil {
		return err
	}
	temporary := v.path(unfinished + name)
	err := v.write(temporary, data)
	if err == nil {
		err = v.node.rename(temporary, v.path(name))
	}
	if err == nil {
		err = v.node.syncDir(v.dir)
	}
	return storage.Wrap("replace", name, -1, err)
}

func (v *fs) write(path string, data []byte) error {
	handle, err := v.node.open(path, "w+")
	if err != nil {
		return err
	}
	err = handle.Write(data, 0)
	if err == nil {
		err = handle.Flush()
	}
	if closeErr := handle.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Space is that of the disk.
func (v *fs) Space(ctx context.Context) (used, free, limit int64, err error) {
	if err := v.enter(ctx, "list", ""); err != nil {
		return -1, -1, -1, err
	}
	stat, err := v.node.call("statfsSync", v.dir)
	if err != nil {
		return -1, -1, -1, storage.Wrap("stat", v.dir, -1, err)
	}
	n := func(name string) int64 { return int64(safejs.Unsafe(stat).Get(name).Float()) }
	block := n("bsize")
	if n("blocks") == 0 { // a tmpfs without a limit
		return -1, -1, -1, nil
	}
	return (n("blocks") - n("bfree")) * block, n("bavail") * block, n("blocks") * block, nil
}

var _ storage.Spacer = (*fs)(nil)

// Close closes the open files, then gives up the lock.
func (v *fs) Close() error {
	if v.closed {
		return storage.Wrap("close", v.dir, -1, storage.ErrClosed)
	}
	v.closed = true
	var first error
	for _, f := range v.open {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	if err := v.unlock(); err != nil && first == nil {
		first = err
	}
	return storage.Wrap("close", v.dir, -1, first)
}

// node is Node's fs module, its calls that return at once.
type node struct{ fs, module safejs.Value }

func findNode() (node, error) {
	object, err := safejs.Global().Get("tabdisHost")
	if err != nil {
		return node{}, err
	}
	module, err := object.Get("node")
	if err != nil {
		return node{}, host.FromJS(err)
	}
	fs, err := module.Get("fs")
	return node{fs: fs, module: module}, host.FromJS(err)
}

func (n node) call(method string, args ...any) (safejs.Value, error) {
	v, err := n.fs.Call(method, args...)
	return v, host.FromJS(err)
}

func (n node) open(path, flags string) (host.Handle, error) {
	class, err := n.module.Get("NodeFile")
	if err != nil {
		return 0, host.FromJS(err)
	}
	file, err := class.New(path, flags)
	if err != nil {
		return 0, host.FromJS(err)
	}
	return host.Register(file, nil)
}

func (n node) unlink(path string) error {
	_, err := n.call("unlinkSync", path)
	return err
}

func (n node) rename(from, to string) error {
	_, err := n.call("renameSync", from, to)
	return err
}

func (n node) readdir(path string) ([]string, error) {
	array, err := n.call("readdirSync", path)
	if err != nil {
		return nil, err
	}
	length, err := array.Length()
	if err != nil {
		return nil, err
	}
	names := make([]string, length)
	for i := range names {
		v, err := array.Index(i)
		if err != nil {
			return nil, err
		}
		if names[i], err = v.String(); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// syncDir makes names durable.
func (n node) syncDir(path string) error {
	_, err := n.module.Call("syncDirectory", path)
	return host.FromJS(err)
}
