package rdb

import (
	"encoding/binary"
	"math"
	"strconv"

	"tabdis/core/keyspace"
)

// Value is a value that was read and is not stored yet. Between reading and Store nothing else of its database may change.
type Value struct {
	db   *keyspace.DB
	key  []byte
	text []byte // of a string
	view interface{ Commit() (gone bool) }
}

// Store puts the value in place of whatever was at its key.
func (v *Value) Store(expiresAt int64) {
	if v.view == nil {
		v.db.SetString(v.key, v.text, keyspace.EncInt, expiresAt)
		return
	}
	v.view.Commit()
	if e, ok := v.db.Find(v.key); ok && e.ExpiresAt() != expiresAt {
		v.db.SetExpiry(v.key, expiresAt)
	}
}

// Value reads a value of type t for key of db, in the encoding that the limits in force ask for, as Redis does.
// What is no such value is ErrFormat; other errors come from the stream.
func (r *Reader) Value(t Type, db *keyspace.DB, key []byte) (Value, error) {
	v := Value{db: db, key: key}
	var err error
	switch {
	case t == TypeStream, t == TypeStream2, t == TypeStream3 && r.Version >= 11:
		s := db.NewStream(key)
		v.view, err = s, r.stream(s, t)
	case t == TypeString:
		v.text, err = r.String()
		return v, err
	case t == TypeList:
		l := db.NewList(key)
		v.view, err = l, r.list(l)
	case t == TypeQuicklist, t == TypeQuicklist2:
		l := db.NewList(key)
		v.view, err = l, r.quicklist(l, t)
	case t == TypeSet:
		s := db.NewSet(key)
		v.view, err = s, r.set(s, db.Keyspace().Limits.SetMaxIntsetEntries)
	case t == TypeZSet, t == TypeZSet2:
		z := db.NewZSet(key)
		v.view, err = z, r.zset(z, t)
	case t == TypeHash:
		h := db.NewHash(key)
		v.view, err = h, r.hash(h)
	default:
		var b []byte
		if b, err = r.String(); err == nil {
			v.view, err = r.packed(t, b, db, key)
		}
	}
	if err == keyspace.ErrDamaged {
		err = ErrFormat
	}
	return v, err
}

// packed is a value that is one string.
func (r *Reader) packed(t Type, b []byte, db *keyspace.DB, key []byte) (view interface{ Commit() bool }, err error) {
	switch {
	case t == TypeHashZipmap:
		h := db.NewHash(key)
		return h, readZipmap(b, h)
	case t == TypeListZiplist:
		l := db.NewList(key)
		return l, readListZiplist(b, l)
	case t == TypeSetIntset:
		s := db.NewSet(key)
		return s, s.LoadIntset(b)
	case t == TypeSetListpack && r.Version >= 11:
		s := db.NewSet(key)
		return s, s.LoadListpack(b)
	case t == TypeHashZiplist, t == TypeZSetZiplist:
		if b, err = listpackOf(b); err != nil {
			return nil, err
		}
	}
	switch t {
	case TypeHashListpack, TypeHashZiplist:
		h := db.NewHash(key)
		return h, h.LoadListpack(b)
	case TypeZSetListpack, TypeZSetZiplist:
		z := db.NewZSet(key)
		return z, z.LoadListpack(b)
	}
	return nil, ErrFormat
}

// count reads the number of elements, of which there is one at least.
func (r *Reader) count() (uint64, error) {
	n, err := r.Length()
	if err == nil && n == 0 {
		err = ErrFormat
	}
	return n, err
}

func (r *Reader) list(l *keyspace.ListValue) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	l.Unpack()
	for ; n > 0; n-- {
		b, err := r.String()
		if err != nil {
			return err
		}
		l.PushTail(b)
	}
	l.Settle()
	return nil
}

func (r *Reader) quicklist(l *keyspace.ListValue, t Type) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	l.Unpack()
	anyPlain := false
	for ; n > 0; n-- {
		plain, err := r.node(l, t)
		if err != nil {
			return err
		}
		anyPlain = anyPlain || plain
	}
	if l.Len() == 0 {
		return ErrFormat
	}
	if !anyPlain {
		l.Settle()
	}
	return nil
}

// node reads a node of a quicklist; plain: it was an element by itself, as Redis keeps very long ones. Here it becomes a listpack, too.
func (r *Reader) node(l *keyspace.ListValue, t Type) (plain bool, err error) {
	container := uint64(nodePacked)
	if t == TypeQuicklist2 {
		if container, err = r.Length(); err != nil {
			return false, err
		}
	}
	b, err := r.String()
	switch {
	case err != nil:
		return false, err
	case len(b) == 0 || container != nodePlain && container != nodePacked:
		return false, ErrFormat
	case container == nodePlain:
		var lp keyspace.Listpack
		lp.Add(b)
		b = lp.Bytes()
	case t == TypeQuicklist:
		if b, err = listpackOf(b); err != nil {
			return false, err
		}
	}
	return container == nodePlain, l.AddNode(b)
}

func (r *Reader) set(s *keyspace.SetValue, maxIntset int) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	if n > uint64(maxIntset) {
		s.Unpack()
	}
	for ; n > 0; n-- {
		b, err := r.String()
		if err != nil {
			return err
		}
		if !s.Add(b) {
			return ErrFormat
		}
	}
	return nil
}

func (r *Reader) hash(h *keyspace.HashValue) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	for ; n > 0; n-- {
		field, err := r.text(0)
		if err != nil {
			return err
		}
		val, err := r.text(1)
		if err != nil {
			return err
		}
		if !h.Set(field, val) {
			return ErrFormat
		}
	}
	return nil
}

func (r *Reader) zset(z *keyspace.ZSetValue, t Type) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	z.Expect(int(min(n, math.MaxInt32)), 0) // a listpack on the way would forget the sign of -0
	for ; n > 0; n-- {
		m, err := r.text(0)
		if err != nil {
			return err
		}
		score, err := r.score(t)
		if err != nil {
			return err
		}
		if added, _ := z.Set(m, score); !added {
			return ErrFormat
		}
	}
	return nil
}

// score reads a score, which is never NaN.
func (r *Reader) score(t Type) (f float64, err error) {
	if t == TypeZSet2 {
		b, err := r.take(8)
		if err != nil {
			return 0, err
		}
		f = math.Float64frombits(binary.LittleEndian.Uint64(b))
	} else {
		n, err := r.Byte()
		if err != nil {
			return 0, err
		}
		switch n {
		case 253:
			return 0, ErrFormat
		case 254:
			return math.Inf(1), nil
		case 255:
			return math.Inf(-1), nil
		}
		b, err := r.take(uint64(n))
		if err != nil {
			return 0, err
		}
		if f, err = strconv.ParseFloat(string(b), 64); err != nil {
			return 0, ErrFormat
		}
	}
	if f != f {
		return 0, ErrFormat
	}
	return f, nil
}
