//go:build js && wasm

package tools

import (
	"context"
	"errors"
	"io"
	"syscall/js"

	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// blobs is a directory of Blobs, which can only be read.
type blobs struct {
	files map[string]safejs.Value
}

var errOnlyRead = errors.New("a Blob can only be read")

// newBlobs takes an object of names and Blobs.
func newBlobs(object safejs.Value) (*blobs, error) {
	all := &blobs{map[string]safejs.Value{}}
	names := js.Global().Get("Object").Call("keys", safejs.Unsafe(object))
	for i := range names.Length() {
		name := names.Index(i).String()
		blob, err := object.Get(name)
		if err != nil {
			return nil, err
		}
		all.files[name] = blob
	}
	return all, nil
}

func (b *blobs) Open(ctx context.Context, name string) (storage.File, error) {
	blob, ok := b.files[name]
	if !ok {
		return nil, storage.Wrap("open", name, -1, storage.ErrNotExist)
	}
	size, err := blob.Get("size")
	if err != nil {
		return nil, err
	}
	n, err := size.Float()
	return &blobFile{name: name, blob: blob, size: int64(n)}, err
}

func (b *blobs) List(context.Context) ([]string, error) { return storage.SortedNames(b.files), nil }
func (b *blobs) Close() error                           { return nil }

func (b *blobs) Create(_ context.Context, name string) (storage.File, error) {
	return nil, storage.Wrap("create", name, -1, errOnlyRead)
}

func (b *blobs) Remove(_ context.Context, name string) error {
	return storage.Wrap("remove", name, -1, errOnlyRead)
}

func (b *blobs) Replace(_ context.Context, name string, _ []byte) error {
	return storage.Wrap("replace", name, -1, errOnlyRead)
}

// blobFile is a file that can only be read.
type blobFile struct {
	name string
	blob safejs.Value
	size int64
}

// ReadAt awaits the browser.
func (f *blobFile) ReadAt(p []byte, at int64) (int, error) {
	n := int(min(int64(len(p)), max(0, f.size-at)))
	if n > 0 {
		piece, err := f.blob.Call("slice", float64(at), float64(at+int64(n)))
		if err != nil {
			return 0, storage.Wrap("read", f.name, at, host.FromJS(err))
		}
		buffer, err := host.AwaitCall(context.Background(), piece, "arrayBuffer")
		if err != nil { // it changed on the disk since it was chosen, or cannot be read
			return 0, storage.Wrap("read", f.name, at, err)
		}
		if got := js.CopyBytesToGo(p[:n], js.Global().Get("Uint8Array").New(safejs.Unsafe(buffer))); got != n {
			return got, storage.Wrap("read", f.name, at, io.ErrUnexpectedEOF)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *blobFile) refuse(op string) error { return storage.Wrap(op, f.name, -1, errOnlyRead) }

func (f *blobFile) Size() int64                           { return f.size }
func (f *blobFile) Append([]byte) error                   { return f.refuse("append") }
func (f *blobFile) Sync(_ bool, done func(error))         { done(f.refuse("sync")) }
func (f *blobFile) Truncate(context.Context, int64) error { return f.refuse("truncate") }
func (f *blobFile) Harden(context.Context, int64) error   { return f.refuse("harden") }
func (f *blobFile) Close() error                          { return nil }
