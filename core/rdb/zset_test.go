package rdb

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

// A large sorted set keeps the sign of a zero, which a listpack does not: it is none on its way back.
func TestALargeSortedSetKeepsMinusZero(t *testing.T) {
	db := newDB()
	z := db.NewZSet(key)
	for i := range 200 {
		z.Set([]byte("member:"+strconv.Itoa(i)), float64(-i-1)) // below it: what is written first is the highest
	}
	z.Set([]byte("zero"), math.Copysign(0, -1))
	z.Commit()
	e, _ := db.Find(key)
	payload, ok := AppendDump(nil, e, Options{})
	require.True(t, ok)
	body, err := Payload(payload, Version)
	require.NoError(t, err)
	other := newDB()
	v, err := Restore(body, Version, 1<<20, other, key)
	require.NoError(t, err)
	v.Store(keyspace.NoExpiry)
	e, _ = other.Find(key)
	score, ok := e.ZSet().Score([]byte("zero"))
	require.True(t, ok)
	assert.True(t, math.Signbit(score))
}
