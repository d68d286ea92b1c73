package keyspace

import (
	"sort"
	"unsafe"
)

// pendingList is a list of items in the order of their IDs, in chunks: what a consumer, or a whole group, was given and has not acknowledged.
type pendingList[T any] struct {
	chunks []*pendingChunk[T]
	n      int
}

type pendingChunk[T any] struct {
	epoch uint32
	items []pendingItem[T]
}

type pendingItem[T any] struct {
	id StreamID
	v  T
}

const pendingChunkMax = 128

func (c *pendingChunk[T]) memory() int64 {
	return int64(unsafe.Sizeof(*c)) + int64(unsafe.Sizeof(c)) + int64(cap(c.items))*int64(unsafe.Sizeof(pendingItem[T]{}))
}

// seek is where id is, or would be inserted: at k of chunk i; found tells which.
func (l *pendingList[T]) seek(id StreamID) (i, k int, found bool) {
	i = sort.Search(len(l.chunks), func(i int) bool { return id.Less(l.chunks[i].items[0].id) }) - 1
	if i < 0 {
		return 0, 0, false
	}
	items := l.chunks[i].items
	k = sort.Search(len(items), func(k int) bool { return !items[k].id.Less(id) })
	return i, k, k < len(items) && items[k].id == id
}

func (l *pendingList[T]) get(id StreamID) (v T, ok bool) {
	if i, k, found := l.seek(id); found {
		return l.chunks[i].items[k].v, true
	}
	return v, false
}

// own gives chunk i to change, without its memory: the caller adds what it takes afterwards.
//
//go:noinline
func (l *pendingList[T]) own(s *stream, i int) *pendingChunk[T] {
	c := l.chunks[i]
	s.bytes -= c.memory()
	if c.epoch != s.epoch {
		if s.frozen != nil {
			c = &pendingChunk[T]{items: append(make([]pendingItem[T], 0, cap(c.items)), c.items...)}
			l.chunks[i] = c
			s.copied(c.memory())
		}
		c.epoch = s.epoch
	}
	return c
}

// set puts v at id; fresh tells that nothing was there.
func (l *pendingList[T]) set(s *stream, id StreamID, v T) (fresh bool) {
	i, k, found := l.seek(id)
	if found {
		c := l.own(s, i)
		c.items[k].v = v
		s.bytes += c.memory()
		return false
	}
	l.n++
	switch {
	case len(l.chunks) == 0:
		l.addChunk(s, 0, nil)
	case len(l.chunks[i].items) < pendingChunkMax:
	case k == pendingChunkMax: // the next chunk begins with it
		i, k = i+1, 0
		l.addChunk(s, i, nil)
	default:
		const half = pendingChunkMax / 2
		c := l.own(s, i)
		right := append([]pendingItem[T](nil), c.items[half:]...)
		clear(c.items[half:])
		c.items = c.items[:half]
		s.bytes += c.memory()
		l.addChunk(s, i+1, right)
		if k > half {
			i, k = i+1, k-half
		}
	}
	c := l.own(s, i)
	c.items = append(c.items, pendingItem[T]{})
	copy(c.items[k+1:], c.items[k:])
	c.items[k] = pendingItem[T]{id, v}
	s.bytes += c.memory()
	return true
}

//go:noinline
func (l *pendingList[T]) addChunk(s *stream, i int, items []pendingItem[T]) {
	c := &pendingChunk[T]{epoch: s.epoch, items: items}
	l.chunks = append(l.chunks, nil)
	copy(l.chunks[i+1:], l.chunks[i:])
	l.chunks[i] = c
	s.bytes += c.memory()
}

// remove removes what is at id; false when nothing was.
func (l *pendingList[T]) remove(s *stream, id StreamID) bool {
	i, k, found := l.seek(id)
	if !found {
		return false
	}
	l.n--
	if len(l.chunks[i].items) == 1 {
		s.bytes -= l.chunks[i].memory()
		copy(l.chunks[i:], l.chunks[i+1:])
		l.chunks[len(l.chunks)-1] = nil
		l.chunks = l.chunks[:len(l.chunks)-1]
		return true
	}
	c := l.own(s, i)
	n := len(c.items) - 1
	copy(c.items[k:], c.items[k+1:])
	c.items[n] = pendingItem[T]{}
	if c.items = c.items[:n]; cap(c.items) > 8 && n < cap(c.items)/4 {
		c.items = append([]pendingItem[T](nil), c.items...)
	}
	s.bytes += c.memory()
	return true
}

// each calls fn with the items from an ID on until it returns false. fn must not change the list.
func (l *pendingList[T]) each(from StreamID, fn func(id StreamID, v T) bool) {
	i, k, _ := l.seek(from)
	for ; i < len(l.chunks); i, k = i+1, 0 {
		items := l.chunks[i].items
		for ; k < len(items); k++ {
			if !fn(items[k].id, items[k].v) {
				return
			}
		}
	}
}

// release takes its memory off.
func (l *pendingList[T]) release(s *stream) {
	for _, c := range l.chunks {
		s.bytes -= c.memory()
	}
}

func (l *pendingList[T]) clone(s *stream, value func(T) T) (c pendingList[T]) {
	c.n = l.n
	for _, chunk := range l.chunks {
		items := append([]pendingItem[T](nil), chunk.items...)
		for i := range items {
			items[i].v = value(items[i].v)
		}
		n := &pendingChunk[T]{items: items}
		c.chunks = append(c.chunks, n)
		s.bytes += n.memory()
	}
	return c
}
