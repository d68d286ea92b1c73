package keyspace

// This file is the seam between the table (databases, entries, snapshot) and the collections that live in it.

// object is a large collection that a record refers to by handle: a set, hash, list, sorted set (or stream) past its packed form.
type object interface {
	// memory is the number of bytes it takes. O(1): it is asked after every change.
	memory() int64
	// length is the number of elements.
	length() int
	// clone is a deep copy, no part of which is known to any snapshot.
	clone() object
	// freeze is called once a snapshot, when it meets the object, with the pending emission p. From then on every part
	// (segment, node) which is not emitted yet is emitted with p.part, or, where order matters, copied and kept, before it changes.
	// A collection whose members are in a *table passes it on: t.freeze(p).
	freeze(p *pending)
	// emitNext emits the next part through p.part and tells whether there is more; at the end it forgets p. The last part may be empty.
	// Called by later steps, even when the key is long gone. A collection in a *table: return t.emitNext(p).
	emitNext(p *pending) (more bool)
	// thaw forgets p: the snapshot was cancelled.
	thaw(p *pending)
}

// itemSource feeds Items: it sets it.a, it.b and it.score to the next element and tells whether there was one.
type itemSource interface {
	nextItem(it *Items) bool
}

// What the table offers to the collections:
//
//	newTable(sp *space) *table             sp is db.ks.space, or e.DB().ks.space
//	(t) len() int
//	(t) get(key) (val []byte, ok bool)     valid until the next change of the table
//	(t) put(key, val) (added bool)         inserts or replaces; both are copied
//	(t) delete(key) bool
//	(t) scan(cursor, count, fn(key, val)) (next)
//	(t) each(fn(key, val) bool)
//	(t) random(r) (key, val)
//	(t) memory() int64, clone() *table
//	(t) freeze(p), emitNext(p), thaw(p)
//	    hash: value → B, set: no value, sorted set: the value is 8 bytes, little endian, of math.Float64bits(score) → Score
//
//	e.packed() []byte                      the stored bytes of a packed collection (or string), wherever they are; read only
//	e.object() object                      nil when the value is packed
//	db.storePacked(key, t, enc, b)         creates or replaces, keeps an existing key's expiry; b is copied
//	db.storeObject(key, t, enc, o)         the same for an object
//	e.replacePacked(enc, b)                as storePacked on the key of e, without a second lookup; e is invalid afterwards
//	e.willChange()                         before an object is changed in place (calls freeze on it if a snapshot is waiting for it)
//	e.changed()                            after it: memory accounting
//	db.Delete(key)
//
// And what the collections offer to the table:
//
//	packedItems(it *Items, t Type, enc Encoding, b []byte)   makes it walk over a packed collection: sets it.n and it.src
