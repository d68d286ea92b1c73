package keyspace

// Items are elements of a collection: list and set elements in A; hash fields in A, values in B; sorted set members in A with Score;
// parts of a stream in Stream.
type Items struct {
	n      int
	src    itemSource
	a, b   []byte
	score  float64
	record *StreamRecord
}

// Len is the number of elements of this part; it does not change as Next moves on. The last part may have none.
func (it *Items) Len() int { return it.n }

// Next moves on; false at the end. A and B are valid until the next call.
func (it *Items) Next() bool     { return it.src != nil && it.src.nextItem(it) }
func (it *Items) A() []byte      { return it.a }
func (it *Items) B() []byte      { return it.b }
func (it *Items) Score() float64 { return it.score }

// Stream is a part of a stream, valid until the next call.
func (it *Items) Stream() *StreamRecord { return it.record }
