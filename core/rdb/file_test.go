package rdb

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/keyspace"
)

// contents is all that a keyspace holds. A value that was large may have become small enough to be packed.
func contents(ks *keyspace.Keyspace) map[string]string {
	all := map[string]string{}
	for i := range ks.Databases() {
		ks.DB(i).Each(func(e keyspace.Entry) bool {
			text := described(e)
			if e.Type() != keyspace.String {
				_, text, _ = strings.Cut(text, " ")
				text = e.Type().String() + " " + text
			}
			if t := e.Type(); t == keyspace.Set || t == keyspace.Hash || t == keyspace.ZSet {
				words := strings.Split(text, " ")
				step := 2
				if t == keyspace.Set {
					step = 1
				}
				var members []string
				for i := 1; i < len(words); i += step {
					members = append(members, strings.Join(words[i:min(i+step, len(words))], " "))
				}
				slices.Sort(members)
				text = words[0] + " " + strings.Join(members, " ")
			}
			all[strconv.Itoa(i)+" "+string(e.Key())] = strconv.FormatInt(e.ExpiresAt(), 10) + " " + text
			return true
		})
	}
	return all
}

// muddle makes changes to values of all types, most of them large for these limits.
type muddle struct {
	r    *rand.Rand
	ks   *keyspace.Keyspace
	next uint64
}

func newMuddle(seed uint64) *muddle {
	m := &muddle{r: rand.New(rand.NewPCG(seed, 1)), ks: keyspace.New(keyspace.Options{Databases: 3, Seed: seed + 1})}
	l := &m.ks.Limits
	l.HashMaxListpackEntries, l.SetMaxListpackEntries, l.ZSetMaxListpackEntries, l.ListMaxListpackSize = 4, 4, 4, 3
	l.SetMaxIntsetEntries, l.StreamNodeMaxEntries = 4, 3
	return m
}

func (m *muddle) word() []byte { return []byte("w" + strconv.Itoa(m.r.IntN(60))) }

func (m *muddle) change() {
	db := m.ks.DB(m.r.IntN(3))
	kind := m.r.IntN(7)
	key := []byte("slhzxie"[kind:kind+1] + strconv.Itoa(m.r.IntN(6)))
	e, there := db.Find(key)
	if op := m.r.IntN(60); op < 2 {
		db.Delete(key)
		return
	} else if op == 2 {
		m.ks.Swap(0, m.r.IntN(3))
		return
	} else if op == 3 && there {
		db.Rename(key, db, append(key[:1:1], 'r'))
		return
	} else if op == 4 && m.r.IntN(20) == 0 {
		db.Flush()
		return
	} else if op == 5 && there {
		db.SetExpiry(key, 1000+int64(m.r.IntN(1000)))
		return
	}
	add := m.r.IntN(3) > 0
	switch kind {
	case 0, 6:
		db.SetString(key, m.word(), keyspace.EncEmbstr, keyspace.NoExpiry)
	case 1:
		l := db.NewList(key)
		if there {
			l = e.List()
		}
		if l.PushTail(m.word()); !add {
			l.RemoveEqual(m.word(), 0, true)
		}
		l.Commit()
	case 2:
		h := db.NewHash(key)
		if there {
			h = e.Hash()
		}
		if h.Set(m.word(), m.word()); !add {
			h.Delete(m.word())
		}
		h.Commit()
	case 3:
		z := db.NewZSet(key)
		if there {
			z = e.ZSet()
		}
		if z.Set(m.word(), float64(m.r.IntN(50))); !add {
			z.Remove(m.word())
		}
		z.Commit()
	case 5:
		s := db.NewSet(key)
		if there {
			s = e.Set()
		}
		s.Add(strconv.AppendInt(nil, int64(m.r.IntN(9)), 10))
		s.Commit()
	default:
		m.stream(db, key, e, there)
	}
}

func (m *muddle) stream(db *keyspace.DB, key []byte, e keyspace.Entry, there bool) {
	v := db.NewStream(key)
	if there {
		v = e.Stream()
	}
	m.next++
	id := keyspace.StreamID{Ms: m.next}
	v.Append(id, [][]byte{[]byte("f"), m.word()})
	if m.r.IntN(4) == 0 {
		v.Delete(v.FirstID())
	}
	v.CreateGroup([]byte("g"), id, 0)
	v.CreateGroup([]byte("empty"), id, -1)
	g, _ := v.Group([]byte("g"))
	c, _ := g.CreateConsumer(m.word()[:2], int64(m.next))
	c.See(int64(m.next), m.r.IntN(2) == 0)
	g.Give(id, c, keyspace.Delivery{Time: int64(m.next), Count: 1})
	if m.r.IntN(3) == 0 {
		g.Ack(keyspace.StreamID{Ms: m.r.Uint64N(m.next)})
	}
	v.Commit()
}

func (m *muddle) reader(b []byte) (*keyspace.Keyspace, error) {
	ks := keyspace.New(keyspace.Options{Databases: 3, Seed: 99})
	ks.Limits = m.ks.Limits
	return ks, ReadFile(bytes.NewReader(b), ks, ReadOptions{MaxString: 1 << 20})
}

// A file has everything as it was at the cut, whatever commands do while it is written, and the reader finds all of it.
func TestAFileHasWhatWasThereAtTheCut(t *testing.T) {
	for seed := range uint64(60) {
		m := newMuddle(seed)
		for range 3000 {
			m.change()
			m.ks.ReleaseViews()
		}
		want := contents(m.ks)
		m.ks.ReleaseViews()
		var file []byte
		o := FileOptions{Checksum: seed%3 > 0, Idle: seed%4 == 1, Frequency: seed%4 == 2}
		o.Version, o.Compress = 11-int(seed%5/4), seed%2 == 0
		if o.Version == 10 { // it does not tell when consumers were active
			for k, v := range want {
				if strings.Contains(v, " stream ") {
					delete(want, k)
				}
			}
		}
		o.Write = func(p []byte) error { file = append(file, p...); return nil }
		w := NewFileWriter(o, m.ks, "redis-ver", "7.2.4")
		if seed%2 == 0 {
			w.most = 100
		}
		snap := m.ks.Cut(w, func() int64 { return 0 })
		for done := false; !done; {
			for range m.r.IntN(8) {
				m.change()
				m.ks.ReleaseViews()
			}
			n := m.r.IntN(4)
			more := func() bool { n--; return n > 0 }
			done = w.Drain(more) && snap.Step(more)
		}
		require.NoError(t, w.Finish())
		require.NotZero(t, w.Kept())
		ks, err := m.reader(file)
		require.NoError(t, err, "seed %d", seed)
		got := contents(ks)
		if o.Version == 10 {
			for k, v := range got {
				if strings.Contains(v, " stream ") {
					delete(got, k)
				}
			}
		}
		require.Equal(t, want, got, "seed %d", seed)
		if seed > 5 {
			continue
		}

		want = contents(m.ks)
		file = file[:0]
		o.Version = 11
		w = NewFileWriter(o, m.ks)
		w.Keyspace(m.ks)
		require.NoError(t, w.Finish())
		ks, err = m.reader(file)
		require.NoError(t, err)
		require.Equal(t, want, contents(ks), "seed %d, at once", seed)
	}
}

func TestWritingStopsAtAnError(t *testing.T) {
	m := newMuddle(1)
	for i := range 30000 {
		m.ks.DB(0).SetString(strconv.AppendInt(nil, int64(i), 10), []byte("value"), keyspace.EncEmbstr, keyspace.NoExpiry)
	}
	writes := 0
	w := NewFileWriter(FileOptions{Options: Options{Version: 10}, Write: func([]byte) error {
		if writes++; writes == 2 {
			return assert.AnError
		}
		return nil
	}}, m.ks)
	w.Keyspace(m.ks)
	assert.Equal(t, assert.AnError, w.Finish())
	assert.Equal(t, 2, writes)
}

// small is a file put together by hand.
const small = "REDIS0010" + "\xfa\x09redis-ver\x057.0.0" + "\xfe\x02" + "\xfb\x03\x01" + "\x00\x01a\x01b" +
	"\xfc\xe8\x03\x00\x00\x00\x00\x00\x00\x00\x01c\xc0\x07" + "\xfd\x02\x00\x00\x00\xf8\x05\x00\x01d\x01e" + "\xff"

func checksummed(s string) string { return s + u64(int64(Checksum(0, []byte(s)))) }

func TestFilesAreRead(t *testing.T) {
	for _, file := range []string{checksummed(small), small + u64(0), "REDIS0004" + small[9:]} {
		ks := keyspace.New(keyspace.Options{Databases: 3, Seed: 1})
		ks.SetClock(100)
		words := ""
		r := iotest.OneByteReader(strings.NewReader(file))
		require.NoError(t, ReadFile(r, ks, ReadOptions{MaxString: 100, Word: func(name, value []byte) { words += string(name) + "=" + string(value) }}))
		assert.Equal(t, map[string]string{"2 a": "-1 embstr b", "2 c": "1000 int 7", "2 d": "2000 embstr e"}, contents(ks))
		assert.Equal(t, "redis-ver=7.0.0", words)
		e, _ := ks.DB(2).Find([]byte("d"))
		assert.EqualValues(t, 5, e.Idle())
		e, _ = ks.DB(2).Find([]byte("a"))
		assert.EqualValues(t, 0, e.Idle(), "it goes with one key")

		ks = keyspace.New(keyspace.Options{Databases: 3, Seed: 1})
		require.NoError(t, ReadFile(strings.NewReader(file), ks, ReadOptions{MaxString: 100, Now: 1000}))
		assert.Equal(t, 2, ks.DB(2).Len(), "what is past its time is left out")
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	whole := checksummed(small)
	read := func(file string) error {
		return ReadFile(strings.NewReader(file), keyspace.New(keyspace.Options{Databases: 3, Seed: 1}), ReadOptions{MaxString: 100})
	}
	for n := range whole {
		require.Error(t, read(whole[:n]), "%d bytes", n)
		b := []byte(whole)
		b[n] ^= 4
		require.Error(t, read(string(b)), "byte %d", n)
	}
	for file, want := range map[string]error{
		"REDIS0012" + whole[9:]:                 ErrUnsupported,
		"REDIS0010\xf5\x01f\xff" + u64(0):       ErrUnsupported,
		"REDIS0010\xf7\x01\xff" + u64(0):        ErrUnsupported,
		"REDIS0010\x07\x01k\x01\xff" + u64(0):   ErrUnsupported,
		"REDIS0010\x06\x01k\x01\xff" + u64(0):   ErrUnsupported,
		"REDIS0010\xfe\x03\xff" + u64(0):        &DatabaseError{3, 3},
		"REDIS0010\x00\x01a\x01b\x00\x01a\x01b": ErrFormat,
		small + u64(1):                          ErrFooter,
		"REDIS00x0":                             ErrFormat,
	} {
		if got := read(file); want != ErrUnsupported {
			assert.Equal(t, want, got, "%q", file)
		} else {
			assert.ErrorIs(t, got, want, "%q", file)
		}
	}
	assert.Equal(t, assert.AnError, ReadFile(iotest.ErrReader(assert.AnError), keyspace.New(keyspace.Options{}), ReadOptions{}))
}

// skippedParts are functions and what modules keep, in each form that can be left out.
const skippedParts = "\xf5\x19#!lua name=mylib\nreturn 1" + "\xf6\x03old\x03LUA\x01\x04text\x08return 2" + "\xf6\x03old\x03LUA\x00\x08return 2" +
	"\xf7\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03\x02\x01\x05\x03abc\x00" +
	"\xfe\x01\xfc\xe8\x03\x00\x00\x00\x00\x00\x00\x07\x06module\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03\x01\x07\x02\x08\x03abcd\x04abcdefgh\x05\x01x\x00" +
	"\x00\x01z\x01z"

func TestFunctionsAndModulesAreNamedAndLeftOut(t *testing.T) {
	var told []string
	ks := keyspace.New(keyspace.Options{Databases: 3, Seed: 1})
	loaded, err := Load(strings.NewReader(checksummed("REDIS0010"+skippedParts+"\xff")), ks, ReadOptions{MaxString: 100,
		Skip: func(s Skipped) { told = append(told, strconv.FormatInt(s.Offset, 10)+" "+s.String()+" "+string(s.Key)) }})
	require.NoError(t, err)
	assert.Equal(t, []string{"9 the library mylib ", "36 the library old ", "60 the library old ", "79 data of the module ReJSON-RL ", "108 a value of the module ReJSON-RL module"}, told)
	assert.Equal(t, map[string]string{"1 z": "-1 embstr z"}, contents(ks), "the time of a value that is left out is no other key's")
	assert.Equal(t, int64(len(skippedParts)+9+9), loaded.Bytes)
	assert.True(t, loaded.Summed)
	for n := range skippedParts {
		_, err := Load(strings.NewReader("REDIS0010"+skippedParts[:n]), ks.Beside(), ReadOptions{MaxString: 100, Skip: func(Skipped) {}})
		require.Equal(t, ErrFormat, err, "%d bytes", n)
	}
	_, err = Load(strings.NewReader("REDIS0010"+skippedParts), ks, ReadOptions{MaxString: 100})
	assert.EqualError(t, err, ErrUnsupported.Error()+": the library mylib")

	assert.Equal(t, "mylib", LibraryName([]byte("#!lua  name=mylib\n")))
	assert.Equal(t, "?", LibraryName([]byte("#!lua\nname=x")))
	assert.Equal(t, "a\\x00b", LibraryName([]byte("#!lua name=a\x00b")))
	assert.Equal(t, []string{"mylib"}, Libraries([]byte("\xf5\x11#!lua name=mylib\n"+"0123456789")))
	assert.Empty(t, Libraries([]byte("\xf5")))
}

// FuzzReadFile: any bytes are refused, or read. Whether functions and modules are left out is up to the first argument.
func FuzzReadFile(f *testing.F) {
	f.Add(true, []byte(small+u64(0)))
	f.Add(true, []byte("REDIS0011\xfe\x00\x13\x00\x00\x00\x05\x06\x00\x00\x00\x00\x00\x00\xff"+u64(0)))
	f.Add(true, []byte("REDIS0011\xfe\x00"+streamGolden(TypeStream3)[:1]+"\x01k"+streamGolden(TypeStream3)[1:]+"\xff"+u64(0)))
	f.Add(true, []byte("REDIS0010"+skippedParts+"\xff"+u64(0)))
	for i, g := range goldens {
		f.Add(i%2 == 0, []byte("REDIS0011"+g.body[:1]+"\x01k"+g.body[1:]+"\xff"+u64(0)))
	}
	f.Fuzz(func(t *testing.T, skip bool, b []byte) {
		if len(b) > 1<<19 {
			return
		}
		o := ReadOptions{MaxString: 1 << 20}
		if skip {
			o.Skip = func(s Skipped) { require.LessOrEqual(t, len(s.String()), 300) }
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ks := keyspace.New(keyspace.Options{Databases: 3, Seed: 1})
		loaded, err := Load(bytes.NewReader(b), ks, o)
		runtime.ReadMemStats(&after)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(16*len(b)+64<<20), "memory")
		require.LessOrEqual(t, loaded.Bytes, int64(len(b)))
		if number := (*DatabaseError)(nil); errors.As(err, &number) {
			return
		}
		if err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrFooter) && !errors.Is(err, ErrUnsupported) {
			t.Fatal(err)
		}
		contents(ks)
	})
}
