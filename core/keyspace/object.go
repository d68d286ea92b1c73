package keyspace

// object is a large collection that a record refers to by handle: a set, hash, list, sorted set (or stream) past its packed form.
type object interface {
	// memory is the number of bytes it takes. O(1): it is asked after every change.
	memory() int64
	// clone is a deep copy, no part of which is known to any snapshot.
	clone() object
	// freeze is called once a snapshot, when it meets the object, with the pending emission p. From then on every part
	// (segment, node) which is not emitted yet is emitted with p.part, or, where order matters, copied and kept, before it changes.
	// A collection whose members are in a *table passes it on: t.freeze(p).
	freeze(p *pending)
	// emitNext emits the next part through p.part and tells whether there is more; at the end it forgets p. The last part may be empty.
	// Called by later steps, even when the key is long gone. A collection in a *table: return t.emitNext(p).
	emitNext(p *pending) (more bool)
	// parts is how many elements it has, or nodes, if it is emitted by those.
	parts() int
	// thaw forgets p: the snapshot was cancelled.
	thaw(p *pending)
}

// itemSource feeds Items: it sets it.a, it.b and it.score to the next element and tells whether there was one.
type itemSource interface {
	nextItem(it *Items) bool
}
