package keyspace

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStringEncodings(t *testing.T) {
	db := testKeyspace(1, ^uint64(0)).DB(0)
	long := make([]byte, 3000)
	for _, c := range []struct {
		val  string
		how  Encoding
		want Encoding
	}{
		{"12", EncInt, EncInt}, {"0", EncInt, EncInt}, {"-1", EncInt, EncInt}, {"9223372036854775807", EncInt, EncInt}, {"-9223372036854775808", EncInt, EncInt},
		{"128", EncInt, EncInt}, {"-32769", EncInt, EncInt}, {"2147483648", EncInt, EncInt},
		{"9223372036854775808", EncInt, EncEmbstr}, {"-9223372036854775809", EncInt, EncEmbstr}, {"99999999999999999999", EncInt, EncEmbstr},
		{"-0", EncInt, EncEmbstr}, {"012", EncInt, EncEmbstr}, {"+1", EncInt, EncEmbstr}, {" 1", EncInt, EncEmbstr}, {"-", EncInt, EncEmbstr}, {"", EncInt, EncEmbstr},
		{"12", EncEmbstr, EncEmbstr}, {"12", EncRaw, EncRaw},
		{string(long[:44]), EncInt, EncEmbstr}, {string(long[:45]), EncInt, EncRaw}, {string(long), EncInt, EncRaw}, {string(long[:1025]), EncEmbstr, EncRaw},
	} {
		db.SetString([]byte("k"), []byte(c.val), c.how, NoExpiry)
		e, ok := db.Find([]byte("k"))
		require.True(t, ok)
		require.Equal(t, c.want, e.Encoding(), c.val)
		require.Equal(t, String, e.Type())
		require.Equal(t, c.val, string(e.Bytes(make([]byte, 0, 20))))
		require.Equal(t, len(c.val), e.StringLen())
		n, isInt := e.Int()
		require.Equal(t, c.want == EncInt, isInt)
		if isInt {
			require.Equal(t, c.val, strconv.FormatInt(n, 10))
		}
		require.Positive(t, e.Memory())
		checkTable(t, db.t)
	}
	require.Equal(t, 1, db.Len())
}

func TestSetIntKeepsTheExpiry(t *testing.T) {
	db := testKeyspace(1, ^uint64(0)).DB(0)
	db.SetString([]byte("k"), []byte("1"), EncInt, 5000)
	db.SetInt([]byte("k"), 300, NoExpiry)
	e, _ := db.Find([]byte("k"))
	require.EqualValues(t, 5000, e.ExpiresAt())
	db.SetInt([]byte("k"), 300, 6000)
	e, _ = db.Find([]byte("k"))
	require.EqualValues(t, 6000, e.ExpiresAt())
}

func TestAppendAndSetRangeOfLongStrings(t *testing.T) {
	db := testKeyspace(1, ^uint64(0)).DB(0)
	k := []byte("k")
	db.SetString(k, []byte("12"), EncInt, 7000)
	want := "12"
	for i := range 300 {
		tail := strconv.Itoa(i)
		want += tail
		require.Equal(t, len(want), db.Append(k, []byte(tail)))
	}
	check := func() {
		e, _ := db.Find(k)
		require.Equal(t, want, string(e.Bytes(nil)))
		require.Equal(t, EncRaw, e.Encoding())
		require.EqualValues(t, 7000, e.ExpiresAt())
		checkTable(t, db.t)
	}
	check()
	for range 5 { // appends itself, from where it is stored
		e, _ := db.Find(k)
		db.Append(k, e.Bytes(nil))
		want += want
		check()
	}
	require.Equal(t, len(want)+13, db.SetRange(k, len(want)+10, []byte("end")))
	want += "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00end"
	check()
	db.SetRange(k, 3, []byte("xyz"))
	want = want[:3] + "xyz" + want[6:]
	check()
	db.SetString(k, []byte("short"), EncInt, 7000)
	require.Zero(t, db.t.boxes.live)
	db.SetRange(k, 0, []byte("S"))
	want = "Short"
	check()
}

func TestValuesOfTheTableItselfCanBeStored(t *testing.T) {
	db := testKeyspace(3, ^uint64(0)).DB(0)
	db.ks.space.pool.limit = 1 << 30 // heaps are reused as soon as may be
	r := rand.New(rand.NewPCG(3, 3))
	model := map[string]string{}
	for range 60_000 {
		a, b := fmt.Appendf(nil, "%d", r.IntN(2000)), fmt.Appendf(nil, "%d", r.IntN(2000))
		e, ok := db.Find(a)
		switch {
		case !ok:
			v := randomValue(r)
			db.SetString(a, v, EncRaw, NoExpiry)
			model[string(a)] = string(v)
		case r.IntN(3) == 0:
			db.Delete(a)
			delete(model, string(a))
		default:
			v := e.Bytes(nil)
			v = v[r.IntN(len(v)+1):]
			model[string(b)] = string(v)
			db.SetString(b, v, EncRaw, NoExpiry)
			e, _ = db.Find(b)
			require.Equal(t, model[string(b)], string(e.Bytes(nil)))
		}
	}
	for k, v := range model {
		e, ok := db.Find([]byte(k))
		require.True(t, ok)
		require.Equal(t, v, string(e.Bytes(nil)))
	}
	checkTable(t, db.t)
}

func TestIdleAndTouch(t *testing.T) {
	ks := testKeyspace(1, ^uint64(0))
	db := ks.DB(0)
	ks.SetClock(1000)
	db.SetString([]byte("k"), []byte("v"), EncInt, NoExpiry)
	ks.SetClock(1010)
	e, _ := db.Find([]byte("k"))
	require.EqualValues(t, 10, e.Idle())
	db.SetExpiry([]byte("k"), 99)
	db.Rename([]byte("k"), ks.DB(1), []byte("l"))
	e, _ = ks.DB(1).Find([]byte("l"))
	require.EqualValues(t, 10, e.Idle(), "neither an expiry nor a new name is an access")
	e.Touch()
	require.Zero(t, e.Idle())
}

func TestSwapExchangesContents(t *testing.T) {
	ks := testKeyspace(1, ^uint64(0))
	a, b := ks.DB(0), ks.DB(1)
	a.SetString([]byte("k"), []byte("v"), EncInt, 5)
	ks.Swap(0, 1)
	require.Same(t, a, ks.DB(0))
	require.Zero(t, a.Len())
	require.Equal(t, 1, b.Len())
	e, _ := b.Find([]byte("k"))
	require.Equal(t, 1, e.DB().Index())
	b.Flush()
	require.Zero(t, b.Len()+b.Volatile())
}

func TestSetAndGetDoNotAllocate(t *testing.T) {
	db := filled(1000)
	k := []byte("k:00000007")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		db.SetString(k, benchValue, EncInt, NoExpiry)
		db.SetInt(k, 7, NoExpiry)
		db.SetString(k, benchValue[:9], EncInt, 77)
		e, _ := db.Find(k)
		sink += uint64(len(e.Bytes(nil)))
	}))
}

func TestMemoryIsWhatTheCollectorSees(t *testing.T) {
	was := heapInUse()
	db := filled(100_000)
	for i := range 1000 {
		db.SetString(fmt.Appendf(nil, "long:%d", i), make([]byte, 5000), EncRaw, NoExpiry)
	}
	require.InEpsilon(t, float64(heapInUse()-was), float64(db.ks.Memory()), 0.1)
	require.Less(t, float64(filled(100_000).ks.Memory()), 65.0*100_000)
}

func TestMaintainTrimsThePool(t *testing.T) {
	db := filled(50_000)
	pool := &db.ks.space.pool
	pool.limit = 1 << 30
	var k []byte
	for i := range 50_000 {
		k = benchKey(k, i)
		db.Delete(k)
	}
	require.Greater(t, pool.bytes, int64(poolSpare))
	steps := 0
	for db.ks.Maintain(10) {
		steps++
	}
	require.Greater(t, steps, 3)
	require.LessOrEqual(t, db.ks.Memory(), int64(poolSpare+poolSpare/4))
}
