package keyspace

import (
	"math/bits"
	"runtime"
)

// A lookup in a large table waits for memory three or four times, one after the other: for the segment, for the group of slots, and for
// the record. Over several keys these waits can overlap, which is what Prefetch is for (group prefetching: Chen, Ailamaki, Gibbons,
// Mowry, "Improving hash join performance through prefetching", 2004). There is no instruction for it in Go or WebAssembly: it reads.

// maxPrefetch is how many keys are looked at together.
const maxPrefetch = 32 // of which the processor has some ten in hand at a time

// prefetchFrom is the size of a table, in bytes, from which reading ahead pays: less stays in the processor's cache. In a browser whose code is
// not optimized yet it costs more than a wait for all but the farthest cache.
var prefetchFrom = int64(1 << 19)

func init() {
	if runtime.GOARCH == "wasm" {
		prefetchFrom = 1 << 25
	}
}

// prefetch is what Prefetch works with.
type prefetch struct {
	at   [maxPrefetch]ahead
	read uint64 // of all that was read: it must seem to be of use
}

// ahead is a key's way to its record.
type ahead struct {
	h           uint64
	s           *segment
	g           *group
	first, last *byte // of the record, or of the heap's end
}

// nothing stands for the record where there is none.
var nothing byte

// Prefetch brings the places of keys that will be asked for soon into the processor's cache. It changes nothing.
func (db *DB) Prefetch(keys [][]byte) {
	t := db.t
	if t.mem < prefetchFrom || len(keys) < 4 {
		return
	}
	p := &t.sp.prefetch
	at := p.at[:min(len(keys), maxPrefetch)]
	for i := range at {
		a := &at[i]
		a.h = t.sp.place(keys[i])
		a.s = t.segment(a.h)
		a.g = &a.s.groups[home(a.h)]
	}
	// The loops that wait are as short as can be: the processor sees some two hundred instructions ahead.
	var read uint64
	for i := range at {
		read ^= uint64(at[i].s.live) ^ at[i].g.ctrl
	}
	for i := range at {
		at[i].find()
	}
	for i := range at {
		read ^= uint64(*at[i].first) ^ uint64(*at[i].last)
	}
	p.read = read
}

// find follows the way from the group to what is most likely the record.
func (a *ahead) find() {
	heap := a.s.heap
	if len(heap) == 0 {
		a.first, a.last = &nothing, &nothing
		return
	}
	off := len(heap) - 1 // where a new record goes
	x := a.g.ctrl ^ (a.h&0xff)*lowBytes
	if m := (x - lowBytes) &^ x & highBits; m != 0 {
		off = min(off, int(a.g.slot[bits.TrailingZeros64(m)>>3].off))
	}
	a.first, a.last = &heap[off], &heap[min(off+48, len(heap)-1)]
}
