//go:build js && wasm

package idb

import (
	"context"
	"errors"
	"strings"

	"github.com/hack-pad/go-indexeddb/idb"
	"github.com/hack-pad/safejs"

	"tabdis/core/storage"
	"tabdis/jsbridge/host"
)

// On users' disks: do not change.
const (
	databasePrefix = "tabdis:"
	version        = 1
	metaStore      = "meta"
	namesStore     = "names"
	chunksStore    = "chunks"
	epochKey       = "epoch"
)

// conn is a connection. go-indexeddb opens it; transactions are made with safejs, since go-indexeddb's cannot be told to have been
// aborted by their script or a closing connection: Await gives nil then, as after a commit.
type conn struct {
	db      safejs.Value
	epoch   float64
	lost    bool // the browser closed it
	onclose safejs.Func
}

var (
	errMissing = errors.New("there is no IndexedDB here")
	errFenced  = &fencedError{}
)

// fencedError says that the epoch record is another's.
type fencedError struct{}

func (*fencedError) Error() string { return "another Worker has taken the store over" }
func (*fencedError) Unwrap() error { return storage.ErrLocked }

// connect opens the database, which is made if there is none.
func connect(ctx context.Context, name string) (*conn, error) {
	object, err := safejs.Global().Get("indexedDB")
	if err != nil {
		return nil, host.FromJS(err)
	}
	if there, err := object.Truthy(); err != nil || !there {
		return nil, errMissing // idb.Global would panic
	}
	request, err := idb.Global().Open(ctx, databasePrefix+name, version, func(db *idb.Database, _, _ uint) error {
		for _, store := range []string{metaStore, namesStore, chunksStore} {
			if _, err := db.CreateObjectStore(store, idb.ObjectStoreOptions{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, host.FromJS(err)
	}
	db, err := request.Request.Await(ctx)
	if err != nil {
		return nil, fromIDB(err)
	}
	c := &conn{db: safejs.Safe(db)}
	c.onclose, err = safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		c.lost = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, host.FromJS(c.db.Set("onclose", c.onclose))
}

func (c *conn) close() error {
	_, err := c.db.Call("close")
	c.onclose.Release()
	return host.FromJS(err)
}

// fromIDB keeps the name of go-indexeddb's exceptions, which its text begins with.
func fromIDB(err error) error {
	var e idb.DOMException
	if errors.As(err, &e) {
		name, message, _ := strings.Cut(e.Error(), ": ")
		return &host.Error{Name: name, Message: message}
	}
	return host.FromJS(err)
}

// isLost tells whether err means that the connection is gone, so that another one may do better.
func (c *conn) isLost(err error) bool {
	var e *host.Error
	if err == nil || !errors.As(err, &e) {
		return false
	}
	return c.lost || e.Name == "InvalidStateError" || e.Name == "UnknownError" && strings.Contains(e.Message, "onnection")
}

// tx is a transaction that is being filled; the functions it needed live until it has ended.
type tx struct {
	value safejs.Value
	funcs []safejs.Func
	err   error // why it was aborted from here
}

func (t *tx) store(name string) (safejs.Value, error) {
	v, err := t.value.Call("objectStore", name)
	return v, host.FromJS(err)
}

// on sets an event handler.
func (t *tx) on(target safejs.Value, event string, f func()) error {
	fn, err := safejs.FuncOf(func(safejs.Value, []safejs.Value) any {
		f()
		return nil
	})
	if err != nil {
		return err
	}
	t.funcs = append(t.funcs, fn)
	return host.FromJS(target.Set(event, fn))
}

// call makes a request; then, if not nil, gets its result while the transaction is still active.
func (t *tx) call(store, method string, then func(result safejs.Value) error, args ...any) error {
	object, err := t.store(store)
	if err != nil {
		return err
	}
	request, err := object.Call(method, args...)
	if err != nil {
		return host.FromJS(err)
	}
	if then == nil {
		return nil
	}
	return t.on(request, "onsuccess", func() {
		result, err := request.Get("result")
		if err == nil {
			err = then(result)
		}
		if err != nil {
			t.abort(err)
		}
	})
}

// abort ends the transaction with this error; when it has already ended there is nothing to abort.
func (t *tx) abort(err error) {
	if t.err == nil {
		t.err = err
	}
	_, _ = t.value.Call("abort")
}

// The durabilities. A read needs none.
const (
	strict  = "strict"
	relaxed = "relaxed"
)

// run makes a transaction, fills it, and parks until it has completed (nil) or was aborted (never nil). Only "complete" counts: on a
// full disk every request succeeds, and then the transaction aborts.
func (c *conn) run(mode, durability string, fill func(t *tx) error) error {
	options := map[string]any{}
	if durability != "" {
		options["durability"] = durability
	}
	value, err := c.db.Call("transaction", []any{metaStore, namesStore, chunksStore}, mode, options)
	if err != nil {
		return host.FromJS(err)
	}
	t := &tx{value: value}
	defer func() {
		for _, f := range t.funcs {
			f.Release()
		}
	}()
	ended := make(chan error, 1)
	err = t.on(value, "oncomplete", func() { ended <- nil })
	if err == nil {
		err = t.on(value, "onabort", func() { ended <- t.reason() })
	}
	if err != nil {
		t.abort(err)
		return err
	}
	if err := fill(t); err != nil {
		t.abort(err)
	}
	return <-ended
}

// reason tells why the transaction was aborted. It is never nil.
func (t *tx) reason() error {
	if t.err != nil {
		return t.err
	}
	v, err := t.value.Get("error")
	if err != nil {
		return host.FromJS(err)
	}
	if v.IsNull() || v.IsUndefined() {
		return &host.Error{Name: "AbortError", Message: "the transaction was aborted"}
	}
	return host.FromValue(v)
}

// write runs a writing transaction behind the fence.
func (c *conn) write(durability string, fill func(t *tx) error) error {
	return c.run("readwrite", durability, func(t *tx) error {
		err := t.call(metaStore, "get", func(epoch safejs.Value) error {
			if epoch.Type() != safejs.TypeNumber || safejs.Unsafe(epoch).Float() != c.epoch {
				return errFenced
			}
			return nil
		}, epochKey)
		if err != nil {
			return err
		}
		return fill(t)
	})
}

// read runs a reading transaction.
func (c *conn) read(fill func(t *tx) error) error { return c.run("readonly", "", fill) }

// take makes this connection's the latest epoch: from then on no other one can write.
func (c *conn) take() error {
	return c.run("readwrite", strict, func(t *tx) error {
		return t.call(metaStore, "get", func(epoch safejs.Value) error {
			c.epoch = 1
			if epoch.Type() == safejs.TypeNumber {
				c.epoch += safejs.Unsafe(epoch).Float()
			}
			return t.call(metaStore, "put", nil, c.epoch, epochKey)
		}, epochKey)
	})
}

// names reads all file names and numbers.
func (c *conn) names() (map[string]float64, error) {
	names := map[string]float64{}
	var keys safejs.Value
	err := c.read(func(t *tx) error {
		err := t.call(namesStore, "getAllKeys", func(result safejs.Value) error {
			keys = result
			return nil
		})
		if err != nil {
			return err
		}
		return t.call(namesStore, "getAll", func(numbers safejs.Value) error {
			return each(keys, func(i int, key safejs.Value) error {
				name, err := key.String()
				if err != nil {
					return err
				}
				number, err := numbers.Index(i)
				if err != nil {
					return err
				}
				names[name], err = number.Float()
				return err
			})
		})
	})
	return names, err
}

// each walks an array.
func each(array safejs.Value, f func(i int, v safejs.Value) error) error {
	length, err := array.Length()
	if err != nil {
		return err
	}
	for i := range length {
		v, err := array.Index(i)
		if err == nil {
			err = f(i, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// key is a chunk's key.
func key(file float64, offset int64) []any { return []any{file, float64(offset)} }

// chunkRange holds a file's chunks that begin in [from, to); to < 0: to the end. An array sorts behind every number.
func chunkRange(file float64, from, to int64) (safejs.Value, error) {
	class, err := safejs.Global().Get("IDBKeyRange")
	if err != nil {
		return safejs.Value{}, host.FromJS(err)
	}
	upper := key(file, to)
	if to < 0 {
		upper = []any{file, []any{}}
	}
	v, err := class.Call("bound", key(file, from), upper, false, true)
	return v, host.FromJS(err)
}

// toJS copies bytes into a Uint8Array of their own.
func toJS(p []byte) (safejs.Value, error) {
	class, err := safejs.Global().Get("Uint8Array")
	if err != nil {
		return safejs.Value{}, err
	}
	array, err := class.New(len(p))
	if err != nil {
		return safejs.Value{}, host.FromJS(err)
	}
	_, err = safejs.CopyBytesToJS(array, p)
	return array, err
}

// toGo copies a Uint8Array behind p.
func toGo(p []byte, array safejs.Value) ([]byte, error) {
	length, err := array.Length()
	if err != nil {
		return p, err
	}
	p = append(p, make([]byte, length)...)
	_, err = safejs.CopyBytesToGo(p[len(p)-length:], array)
	return p, err
}

// putChunks puts chunks of a file.
func (t *tx) putChunks(file float64, chunks []chunk) error {
	for _, c := range chunks {
		array, err := toJS(c.data)
		if err != nil {
			return err
		}
		if err := t.call(chunksStore, "put", nil, array, key(file, c.offset)); err != nil {
			return err
		}
	}
	return nil
}

// deleteChunks deletes those that begin at from or behind it.
func (t *tx) deleteChunks(file float64, from int64) error {
	r, err := chunkRange(file, from, -1)
	if err != nil {
		return err
	}
	return t.call(chunksStore, "delete", nil, r)
}
