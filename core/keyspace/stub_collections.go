package keyspace

import "math/rand/v2"

// The views of collections. A view is opened on an entry (e.Hash()) or made for a key that does not exist (db.NewHash(key)).
// Reads go to the stored bytes. Changes are kept in the view until Commit stores them (keeping the key's expiry);
// Commit removes the key when the collection became empty, and says so. Between opening a view that is changed and its Commit
// nothing else of the database may be changed; a view only read is valid until the next change. Byte slices that a view hands out
// are valid until its next call, those given to it are copied.

// HashValue is a hash.
type HashValue struct{}

func (e Entry) Hash() *HashValue                            { panic("stub") }
func (db *DB) NewHash(key []byte) *HashValue                { panic("stub") }
func (h *HashValue) Commit() (gone bool)                    { panic("stub") }
func (h *HashValue) Len() int                               { panic("stub") }
func (h *HashValue) Get(field []byte) (val []byte, ok bool) { panic("stub") }
func (h *HashValue) Set(field, val []byte) (added bool)     { panic("stub") }
func (h *HashValue) Delete(field []byte) bool               { panic("stub") }
func (h *HashValue) Each(fn func(field, val []byte) bool)   { panic("stub") }

// Scan is as DB.Scan; a packed value comes whole, with next 0, whatever cursor and count.
func (h *HashValue) Scan(cursor uint64, count int, fn func(field, val []byte)) (next uint64) {
	panic("stub")
}

// Random is one pair chosen at random.
func (h *HashValue) Random(r *rand.Rand) (field, val []byte) { panic("stub") }

// Pick calls fn with n distinct random pairs (n ≤ Len), without visiting far more than n of them when n is small.
func (h *HashValue) Pick(r *rand.Rand, n int, fn func(field, val []byte)) { panic("stub") }

// SetValue is a set.
type SetValue struct{}

func (e Entry) Set() *SetValue                                                     { panic("stub") }
func (db *DB) NewSet(key []byte) *SetValue                                         { panic("stub") }
func (s *SetValue) Commit() (gone bool)                                            { panic("stub") }
func (s *SetValue) Len() int                                                       { panic("stub") }
func (s *SetValue) Encoding() Encoding                                             { panic("stub") }
func (s *SetValue) Has(m []byte) bool                                              { panic("stub") }
func (s *SetValue) Add(m []byte) bool                                              { panic("stub") }
func (s *SetValue) Remove(m []byte) bool                                           { panic("stub") }
func (s *SetValue) Each(fn func(m []byte) bool)                                    { panic("stub") }
func (s *SetValue) Scan(cursor uint64, count int, fn func(m []byte)) (next uint64) { panic("stub") }
func (s *SetValue) Random(r *rand.Rand) []byte                                     { panic("stub") }
func (s *SetValue) Pick(r *rand.Rand, n int, fn func(m []byte))                    { panic("stub") }

// ListValue is a list. Indexes are from 0.
type ListValue struct{}

func (e Entry) List() *ListValue                { panic("stub") }
func (db *DB) NewList(key []byte) *ListValue    { panic("stub") }
func (l *ListValue) Commit() (gone bool)        { panic("stub") }
func (l *ListValue) Len() int                   { panic("stub") }
func (l *ListValue) PushHead(v []byte)          { panic("stub") }
func (l *ListValue) PushTail(v []byte)          { panic("stub") }
func (l *ListValue) PopHead() ([]byte, bool)    { panic("stub") }
func (l *ListValue) PopTail() ([]byte, bool)    { panic("stub") }
func (l *ListValue) Index(i int) ([]byte, bool) { panic("stub") }
func (l *ListValue) Set(i int, v []byte)        { panic("stub") }

// Insert puts v before element i; i = Len appends.
func (l *ListValue) Insert(i int, v []byte) { panic("stub") }

// Delete removes n elements from i on.
func (l *ListValue) Delete(i, n int) { panic("stub") }

// Range calls fn with elements i, i+1 … (reverse: i, i-1 …) until it returns false.
func (l *ListValue) Range(i int, reverse bool, fn func(i int, v []byte) bool) { panic("stub") }

// RemoveEqual removes up to max elements equal to v (max 0: all), from the tail when reverse; it returns how many.
func (l *ListValue) RemoveEqual(v []byte, max int, reverse bool) int { panic("stub") }

// ZSetValue is a sorted set, ordered by score and then by the bytes of the member. Ranks are from 0, lowest score first.
type ZSetValue struct{}

func (e Entry) ZSet() *ZSetValue                    { panic("stub") }
func (db *DB) NewZSet(key []byte) *ZSetValue        { panic("stub") }
func (z *ZSetValue) Commit() (gone bool)            { panic("stub") }
func (z *ZSetValue) Len() int                       { panic("stub") }
func (z *ZSetValue) Score(m []byte) (float64, bool) { panic("stub") }

// Set adds m or changes its score. added: m is new; changed: it had another score.
func (z *ZSetValue) Set(m []byte, score float64) (added, changed bool) { panic("stub") }
func (z *ZSetValue) Remove(m []byte) bool                              { panic("stub") }

// Rank is the number of elements below m.
func (z *ZSetValue) Rank(m []byte) (rank int, score float64, ok bool) { panic("stub") }

// Below is the number of elements with a score < s, or ≤ s when inclusive. O(log n).
func (z *ZSetValue) Below(s float64, inclusive bool) int { panic("stub") }

// BelowLex is the number of elements with a member < m, or ≤ m when inclusive, all scores being equal. O(log n).
func (z *ZSetValue) BelowLex(m []byte, inclusive bool) int { panic("stub") }

// Range calls fn with the elements of rank i, i+1 … (reverse: i, i-1 …) until it returns false.
func (z *ZSetValue) Range(i int, reverse bool, fn func(m []byte, score float64) bool) { panic("stub") }

// DeleteRange removes n elements from rank i on.
func (z *ZSetValue) DeleteRange(i, n int)                       { panic("stub") }
func (z *ZSetValue) Each(fn func(m []byte, score float64) bool) { panic("stub") }
func (z *ZSetValue) Scan(cursor uint64, count int, fn func(m []byte, score float64)) (next uint64) {
	panic("stub")
}
func (z *ZSetValue) Random(r *rand.Rand) (m []byte, score float64)              { panic("stub") }
func (z *ZSetValue) Pick(r *rand.Rand, n int, fn func(m []byte, score float64)) { panic("stub") }
