package keyspace

import "unsafe"

// boxes are the values of a table that are Go objects: long strings and large collections. Records refer to them by number.
type boxes struct {
	chunks []*[boxChunk]box
	used   int    // numbers given out
	free   uint32 // the first of those that came back, + 1
	live   int
}

type box struct {
	bytes []byte
	obj   object
	mem   int64 // what it was accounted with
	next  uint32
}

const (
	boxChunk  = 256
	chunkSize = boxChunk * int64(unsafe.Sizeof(box{}))
	noBox     = ^uint32(0)
)

func (bs *boxes) at(i uint32) *box { return &bs.chunks[i/boxChunk][i%boxChunk] }

func (bs *boxes) alloc(t *table) uint32 {
	bs.live++
	if bs.free != 0 {
		i := bs.free - 1
		bs.free = bs.at(i).next
		return i
	}
	if bs.used == len(bs.chunks)*boxChunk {
		bs.chunks = append(bs.chunks, new([boxChunk]box))
		t.mem += chunkSize
	}
	bs.used++
	return uint32(bs.used - 1)
}

func (bs *boxes) release(t *table, i uint32) {
	b := bs.at(i)
	t.mem -= b.mem
	*b = box{next: bs.free}
	bs.free = i + 1
	if bs.live--; bs.live == 0 {
		t.mem -= chunkSize * int64(len(bs.chunks))
		*bs = boxes{}
	}
}

// setBytes copies val into box i, in place if it fits well.
func (bs *boxes) setBytes(t *table, i uint32, val []byte) {
	b := bs.at(i)
	if b.obj != nil || cap(b.bytes) < len(val) || cap(b.bytes) > 2*len(val) {
		b.bytes, b.obj = append([]byte(nil), val...), nil
	} else {
		b.bytes = append(b.bytes[:0], val...)
	}
	bs.changed(t, i)
}

// changed accounts for what box i holds now.
func (bs *boxes) changed(t *table, i uint32) {
	b := bs.at(i)
	n := int64(cap(b.bytes))
	if b.obj != nil {
		n = b.obj.memory()
	}
	t.mem += n - b.mem
	b.mem = n
}

// clone copies the boxes of members, which hold bytes only, for table t.
func (bs *boxes) clone(t *table) boxes {
	c := *bs
	c.chunks = make([]*[boxChunk]box, len(bs.chunks))
	for i, chunk := range bs.chunks {
		n := *chunk
		for j := range n {
			if b := &n[j]; b.bytes != nil {
				b.bytes = append([]byte(nil), b.bytes...)
				t.mem += int64(cap(b.bytes)) - b.mem
				b.mem = int64(cap(b.bytes))
			}
		}
		c.chunks[i] = &n
	}
	return c
}
