//go:build js && wasm

package idb

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"time"

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
	db     safejs.Value
	handle host.Handle // of db in the host's table, which closes it
	epoch  float64
	lost   bool  // the browser closed it, or it gives no sign of life: another one may do better
	gone   error // another tab wants the database for itself: this connection was closed for it, and no other one is opened
	funcs  []safejs.Func
}

// connect opens the database. When there is none it is made, or, without create, errDeleted: an old leader does not make again what
// somebody has deleted. It does not wait for ever: the opening stands behind a deletion that another tab's connection blocks.
func connect(ctx context.Context, name string, create bool) (*conn, error) {
	object, err := safejs.Global().Get("indexedDB")
	if err != nil {
		return nil, host.FromJS(err)
	}
	if there, err := object.Truthy(); err != nil || !there {
		return nil, errMissing // idb.Global would panic
	}
	// The request lives as long as it takes: without its upgrade function it would make a database without stores.
	life, end := context.WithCancel(context.Background())
	var refused error
	request, err := idb.Global().Open(life, databasePrefix+name, version, func(db *idb.Database, old, _ uint) error {
		refused = upgrade(db, old, create)
		return nil // go-indexeddb panics otherwise
	})
	if err != nil {
		end()
		return nil, fromIDB(err)
	}
	type outcome struct {
		db  safejs.Value
		err error
	}
	opened := make(chan outcome, 1)
	go func() {
		defer end()
		db, err := request.Request.Await(life)
		opened <- outcome{safejs.Safe(db), err}
	}()
	late := time.NewTimer(openPatience * beat)
	defer late.Stop()
	select {
	case o := <-opened:
		switch {
		case refused != nil:
			return nil, refused
		case o.err != nil:
			return nil, openError(fromIDB(o.err))
		}
		return newConn(o.db)
	case <-late.C:
		err = errBlocked
	case <-ctx.Done():
		err = ctx.Err()
	}
	go func() { // a connection that nobody has would stand in everybody's way
		if o := <-opened; o.err == nil {
			_, _ = o.db.Call("close")
		}
	}()
	return nil, err
}

// upgrade makes the object stores of a new database, or refuses to.
func upgrade(db *idb.Database, old uint, create bool) error {
	var first *idb.ObjectStore
	for _, name := range []string{metaStore, namesStore, chunksStore} {
		store, err := db.CreateObjectStore(name, idb.ObjectStoreOptions{})
		if err != nil {
			return fromIDB(err)
		}
		if first == nil {
			first = store
		}
	}
	if create && old == 0 {
		return nil
	}
	// The second record under one key is an error that ends the upgrade: then there is no database, as before.
	for range 2 {
		if _, err := first.AddKey(js.ValueOf(epochKey), js.ValueOf(0)); err != nil {
			return fromIDB(err)
		}
	}
	return errDeleted
}

// openError gives an exception of opening its meaning.
func openError(err error) error {
	var e *host.Error
	if errors.As(err, &e) && e.Name == "VersionError" {
		return errNewer
	}
	return err
}

// newConn listens to what may end the connection.
func newConn(db safejs.Value) (*conn, error) {
	c := &conn{db: db}
	var err error
	if c.handle, err = host.Register(db, nil); err != nil {
		_, _ = db.Call("close")
		return nil, err
	}
	err = c.on("onclose", func([]safejs.Value) { c.lost = true })
	if err == nil {
		err = c.on("onversionchange", func(args []safejs.Value) {
			// Whoever deletes the database or brings a newer version waits for this connection's end. Transactions under way complete.
			c.gone = errNewer
			if next, err := args[0].Get("newVersion"); err == nil && next.IsNull() {
				c.gone = errDeleted
			}
			_, _ = c.db.Call("close")
		})
	}
	if err != nil {
		c.close() // the error that matters is the one above
		return nil, err
	}
	return c, nil
}

// on sets a handler of the connection.
func (c *conn) on(event string, f func(args []safejs.Value)) error {
	fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		f(args)
		return nil
	})
	if err != nil {
		return err
	}
	c.funcs = append(c.funcs, fn)
	return host.FromJS(c.db.Set(event, fn))
}

func (c *conn) close() error {
	for _, event := range []string{"onclose", "onversionchange"} {
		if err := c.db.Set(event, safejs.Null()); err != nil {
			return host.FromJS(err)
		}
	}
	err := c.handle.Close()
	for _, f := range c.funcs {
		f.Release()
	}
	c.funcs = nil
	return err
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

// isLost tells whether err means that the connection is gone, so that another one may do better. A transaction that is aborted without
// a reason, and not from here, is one that the browser's closing of the connection ended: its event comes later.
func (c *conn) isLost(err error) bool {
	var e *host.Error
	if err == nil || !errors.As(err, &e) {
		return false
	}
	return c.lost || e.Name == "InvalidStateError" || e.Name == "AbortError" || e.Name == "UnknownError" && strings.Contains(e.Message, "onnection")
}

// tx is a transaction that is being filled; the functions it needed live until it has ended.
type tx struct {
	value safejs.Value
	funcs []safejs.Func
	err   error // why it was aborted from here
	puts  int   // bytes to write: they may take their time
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

// mute hears no more of the transaction.
func (t *tx) mute() {
	_ = t.value.Set("oncomplete", safejs.Null())
	_ = t.value.Set("onabort", safejs.Null())
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
		return c.unavailable(host.FromJS(err))
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
	return c.await(t, ended)
}

// await parks until the transaction has ended. One that gives no sign of life is aborted; when not even that is heard of, the
// connection counts as lost and the outcome is open. It cannot be one that changes what follows: transactions of a database that write
// take place one after the other, over whatever connection. Time is counted in beats, since a tab that was frozen for an hour
// is to hear first of what has happened meanwhile.
func (c *conn) await(t *tx, ended chan error) error {
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for left := patience + t.puts>>20; ; left-- {
		select {
		case err := <-ended:
			return err
		case <-beats.C:
		}
		switch {
		case left == 1:
			t.abort(errSilent)
		case left < 0:
			c.lost = true
			t.mute()
			return errSilent
		}
	}
}

// unavailable gives an exception of transaction() its meaning.
func (c *conn) unavailable(err error) error {
	var e *host.Error
	switch {
	case c.gone != nil:
		return c.gone
	case errors.As(err, &e) && e.Name == "NotFoundError":
		return errNoStores // never to be taken for a file that is not there
	}
	return err
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
	return c.fenced("readwrite", durability, fill)
}

func (c *conn) fenced(mode, durability string, fill func(t *tx) error) error {
	return c.run(mode, durability, func(t *tx) error {
		if err := t.fence(c.epoch); err != nil {
			return err
		}
		return fill(t)
	})
}

// fence ends the transaction unless the epoch record holds this epoch.
func (t *tx) fence(epoch float64) error {
	return t.call(metaStore, "get", func(v safejs.Value) error {
		switch n, valid := number(v); {
		case v.IsUndefined():
			return errDeleted
		case !valid || n != epoch:
			return errFenced
		}
		return nil
	}, epochKey)
}

// read runs a reading transaction, behind the fence too: what another leader has rewritten meanwhile is not to be taken for damage.
func (c *conn) read(fill func(t *tx) error) error { return c.fenced("readonly", "", fill) }

// take makes this connection's the latest epoch: from then on no other one can write. Files without a valid epoch are damage: their
// numbers could be given a second time.
func (c *conn) take() error {
	return c.run("readwrite", strict, func(t *tx) error {
		return t.call(metaStore, "get", func(epoch safejs.Value) error {
			old, valid := number(epoch)
			return t.call(namesStore, "count", func(count safejs.Value) error {
				if n, err := count.Int(); err != nil || n > 0 && !valid {
					return errNoEpoch
				}
				c.epoch = old + 1
				return t.call(metaStore, "put", nil, c.epoch, epochKey)
			})
		}, epochKey)
	})
}

// number takes a positive whole number that no addition here rounds.
func number(v safejs.Value) (n float64, valid bool) {
	if v.Type() != safejs.TypeNumber {
		return 0, false
	}
	n = safejs.Unsafe(v).Float()
	if valid = n >= 1 && n < 1<<53 && n == float64(int64(n)); !valid {
		return 0, false
	}
	return n, true
}

// names reads all file names and numbers. Each number is one file's, and was given by an opening that has been.
func (c *conn) names() (map[string]float64, error) {
	var names map[string]float64
	err := c.read(func(t *tx) error { return t.names(c.epoch, func(read map[string]float64) { names = read }) })
	return names, err
}

func (t *tx) names(epoch float64, then func(map[string]float64)) error {
	var keys safejs.Value
	err := t.call(namesStore, "getAllKeys", func(result safejs.Value) error {
		keys = result
		return nil
	})
	if err != nil {
		return err
	}
	return t.call(namesStore, "getAll", func(numbers safejs.Value) error {
		names, seen := map[string]float64{}, map[float64]bool{}
		err := each(keys, func(i int, key safejs.Value) error {
			v, err := numbers.Index(i)
			if err != nil {
				return err
			}
			n, valid := number(v)
			name, err := key.String()
			if err != nil || !valid || seen[n] || n >= (epoch+1)*perOpening || !storage.ValidName(name) {
				return errNames
			}
			names[name], seen[n] = n, true
			return nil
		})
		if err == nil {
			then(names)
		}
		return err
	})
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

// toGo copies the Uint8Array of a chunk: at least one byte.
func toGo(array safejs.Value) ([]byte, error) {
	if array.Type() != safejs.TypeObject {
		return nil, storage.ErrCorrupt
	}
	length, err := array.Length()
	if err != nil || length < 1 || length > maxChunk {
		return nil, storage.ErrCorrupt
	}
	p := make([]byte, length)
	if n, err := safejs.CopyBytesToGo(p, array); err != nil || n != length {
		return nil, storage.ErrCorrupt
	}
	return p, nil
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
		t.puts += len(c.data)
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
