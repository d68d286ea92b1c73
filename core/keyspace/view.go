package keyspace

// The views of collections. A view is opened on an entry (e.Hash()) or made for a key that does not exist (db.NewHash(key)).
// Reads go to the stored bytes. Changes are kept in the view until Commit stores them (keeping the key's expiry);
// Commit removes the key when the collection became empty, and says so. Between opening a view that is changed and its Commit
// nothing else of the database may be changed; a view only read is valid until the next change. Byte slices that a view hands out
// are valid until its next call, those given to it are copied; they must not be ones that the same view handed out, except what
// a list's Pop gave, and to be removed.
//
// Len and Each have many callers and are kept from being inlined, for the size of the wasm.
//
// Views come from the keyspace and go back with ReleaseViews, which is for between commands.

// view is what the views of all types share: a packed value, or nil when there is an object.
type view struct {
	db     *DB
	e      Entry
	key    []byte // of a value that is not stored yet
	t      Type
	enc    Encoding
	dirty  bool
	fresh  bool // the object is not stored yet
	packed []byte
	texts  [2][20]byte // of integers
}

// viewBuffers is what views need, reused.
type viewBuffers struct {
	packed []byte // the packed value that is being changed; at most one is
	key    []byte
	popped []byte

	hashes  viewPool[HashValue]
	sets    viewPool[SetValue]
	lists   viewPool[ListValue]
	zsets   viewPool[ZSetValue]
	streams viewPool[StreamValue]
	out     bool // some view is out
}

// viewKeep is the size from which a buffer is given up.
const viewKeep = 64 << 10

// viewPool gives out views; beyond its size, new ones.
type viewPool[T any] struct {
	views [32]T
	used  int
}

func (p *viewPool[T]) get(b *viewBuffers) *T {
	b.out = true
	if p.used == len(p.views) {
		return new(T)
	}
	p.used++
	return &p.views[p.used-1]
}

func (p *viewPool[T]) release() {
	clear(p.views[:p.used])
	p.used = 0
}

// ReleaseViews takes all views back: none that was opened before may be used any more. Without it views are garbage like all else.
func (ks *Keyspace) ReleaseViews() {
	if ks.views.out {
		ks.views.release()
	}
}

func (b *viewBuffers) release() {
	b.out = false
	b.hashes.release()
	b.sets.release()
	b.lists.release()
	b.zsets.release()
	b.streams.release()
}

func (v *view) open(e Entry) { v.db, v.e, v.t, v.enc = e.DB(), e, e.Type(), e.Encoding() }

func (v *view) create(db *DB, key []byte, t Type, enc Encoding) {
	v.db, v.key, v.t, v.enc, v.packed = db, key, t, enc, emptyListpack[:]
}

func (v *view) buffers() *viewBuffers { return &v.db.ks.views }

func (v *view) limits() *Limits { return &v.db.ks.Limits }

func (v *view) text1() []byte { return v.texts[0][:] }
func (v *view) text2() []byte { return v.texts[1][:] }

// change is called before the first change and any other: from then on packed is ours, or the object may be changed in place.
func (v *view) change() {
	if v.dirty {
		return
	}
	v.dirty = true
	switch {
	case v.packed != nil:
		v.packed = append(v.buffers().packed[:0], v.packed...)
	case !v.fresh:
		v.e.willChange()
	}
}

// unpacked tells that the value is an object from now on, one that is not stored yet.
func (v *view) unpacked(enc Encoding) {
	v.keep()
	v.packed, v.enc, v.fresh, v.dirty = nil, enc, true, true
}

// keep saves the buffer of packed for the next view, if it is ours.
func (v *view) keep() {
	if v.packed == nil || !v.dirty {
		return
	}
	b := v.buffers()
	if b.packed = v.packed; cap(b.packed) > viewKeep {
		b.packed = nil
	}
}

// commit stores packed or o, which has n elements.
func (v *view) commit(n int, o object) (gone bool) {
	if !v.dirty {
		return false
	}
	v.keep()
	v.dirty = false
	switch {
	case n == 0:
		if v.key != nil {
			return false
		}
		v.db.Delete(v.entryKey())
		return true
	case v.packed == nil && !v.fresh:
		v.e.changed()
	case v.packed == nil:
		v.db.storeObject(v.entryKey(), v.t, v.enc, o)
	case v.key != nil:
		v.db.storePacked(v.key, v.t, v.enc, v.packed)
	default:
		v.e.replacePacked(v.enc, v.packed)
	}
	return false
}

// entryKey is the key; a copy of one that is stored, since storing moves bytes.
func (v *view) entryKey() []byte {
	if v.key != nil {
		return v.key
	}
	b := v.buffers()
	b.key = append(b.key[:0], v.e.Key()...)
	return b.key
}

// members is a large hash or set: an object around a table.
type members struct{ *table }

func (m members) clone() object { return members{m.table.clone()} }
