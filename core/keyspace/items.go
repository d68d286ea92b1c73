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

// Packed is the bytes of the part where it stands as one: of a packed value, or of a list's or a stream's node, whose first ID is first. Else nil.
func (it *Items) Packed() (b []byte, first StreamID) {
	switch src := it.src.(type) {
	case *packedSource:
		return src.b, first
	case *streamSource:
		if src.nd != nil {
			return src.nd.lp, src.nd.master
		}
	}
	return nil, first
}

// Stream is a part of a stream, valid until the next call.
func (it *Items) Stream() *StreamRecord { return it.record }
