package keyspace

import (
	"errors"
	"math"
	"strconv"
)

// Values in the forms in which they travel in DUMP payloads and RDB files: what core/rdb takes from the keyspace, and what it gives to it.
// What comes in may come from anywhere: it is checked down to the last entry, and brought into the form that everything here relies on.

// ErrDamaged tells that bytes from outside are not the value that they claim to be.
var ErrDamaged = errors.New("damaged value")

// Packed is the stored bytes of a packed hash, set or sorted set: a listpack or an intset, as Encoding tells. Else it is nil.
func (e Entry) Packed() []byte {
	if t := e.Type(); t == String || t == List || t == Stream || e.object() != nil {
		return nil
	}
	return e.packed()
}

// Nodes is the number of listpacks of which the list consists.
func (l *ListValue) Nodes() int {
	if l.full == nil {
		return 1
	}
	return l.full.parts()
}

// EachNode calls fn with these listpacks in order.
func (l *ListValue) EachNode(fn func(lp []byte)) {
	if l.full == nil {
		fn(l.packed)
		return
	}
	for _, c := range l.full.chunks {
		for _, nd := range c.nodes {
			fn(nd.lp)
		}
	}
}

// Listpack makes a listpack of elements in order. The zero value is empty.
type Listpack struct{ lp listpack }

// Add puts an element at the end.
func (b *Listpack) Add(text []byte) {
	if b.lp == nil {
		b.lp = appendEmptyListpack(nil)
	}
	b.lp = b.lp.append(text)
}

// Bytes is the listpack, until the next change.
func (b *Listpack) Bytes() []byte {
	if b.lp == nil {
		return emptyListpack[:]
	}
	return b.lp
}

// Unpack makes the list a quicklist, however small it is; see Settle.
func (l *ListValue) Unpack() {
	if l.full != nil {
		return
	}
	full := &quicklist{}
	if l.Len() > 0 {
		full.addNode(listPos{}, append(listpack(nil), l.packed...))
	}
	l.unpacked(EncQuicklist)
	l.full = full
}

// AddNode puts the elements of a listpack from outside behind the last one, as a node of its own whatever its size.
func (l *ListValue) AddNode(b []byte) error {
	lp, n, err := readListpack(b)
	if err != nil || n == 0 {
		return err
	}
	l.Unpack()
	l.change()
	at := listPos{}
	if l.full.n > 0 {
		at = l.full.last()
		at.node++
	}
	l.full.addNode(at, append(listpack(nil), lp...))
	return nil
}

// Settle makes a listpack of a quicklist that is small enough for one, as Redis does when it has loaded a list.
func (l *ListValue) Settle() { l.tryPack(1) }

// Unpack makes the set a table, however small it is.
func (s *SetValue) Unpack() {
	if s.full == nil {
		s.unpack()
	}
}

// LoadIntset makes an intset from outside the content of a new set.
func (s *SetValue) LoadIntset(b []byte) error {
	if validateIntset(b) != nil || intset(b).len() == 0 {
		return ErrDamaged
	}
	s.adopt(EncIntset, b)
	if s.Len() > s.limits().SetMaxIntsetEntries {
		s.unpack()
	}
	return nil
}

// LoadListpack makes a listpack from outside the content of a new set.
func (s *SetValue) LoadListpack(b []byte) error {
	lp, n, err := readListpack(b)
	switch {
	case err != nil || n == 0:
		return ErrDamaged
	case n <= s.limits().SetMaxListpackEntries && !s.limits().NoListpackSets:
		if lp.repeats(1) {
			return ErrDamaged
		}
		s.adopt(EncListpack, lp)
		return nil
	}
	s.unpack()
	var text [maxDigits]byte
	for p := lpHeader; p < lp.end(); p = lp.next(p) {
		if !s.Add(lp.text(p, text[:])) {
			return ErrDamaged
		}
	}
	return nil
}

// LoadListpack makes a listpack from outside the content of a new hash.
func (h *HashValue) LoadListpack(b []byte) error {
	lp, n, err := readListpack(b)
	switch {
	case err != nil || n == 0 || n%2 != 0:
		return ErrDamaged
	case n/2 <= h.limits().HashMaxListpackEntries:
		if lp.repeats(2) {
			return ErrDamaged
		}
		h.adopt(EncListpack, lp)
		return nil
	}
	h.unpack()
	var field, val [maxDigits]byte
	for p := lpHeader; p < lp.end(); {
		q := lp.next(p)
		if !h.Set(lp.text(p, field[:]), lp.text(q, val[:])) {
			return ErrDamaged
		}
		p = lp.next(q)
	}
	return nil
}

// LoadListpack makes a listpack from outside the content of a new sorted set. It may be in disorder, which Redis does not mind.
func (z *ZSetValue) LoadListpack(b []byte) error {
	lp, n, err := readListpack(b)
	if err != nil || n == 0 || n%2 != 0 {
		return ErrDamaged
	}
	small := n/2 <= z.limits().ZSetMaxListpackEntries
	sorted, ok := lp.checkScores()
	if !ok || small && lp.repeats(2) {
		return ErrDamaged
	}
	if small && sorted {
		z.adopt(EncListpack, lp)
		return nil
	}
	if !small {
		z.unpack()
	}
	z.change()
	var text [maxDigits]byte
	for p := lpHeader; p < lp.end(); {
		q := lp.next(p)
		m, score := lp.text(p, text[:]), lpScore(lp, q)
		if small {
			x := newNeedle(m)
			z.insertPacked(m, &x, score)
		} else if added, _ := z.Set(m, score); !added {
			return ErrDamaged
		}
		p = lp.next(q)
	}
	return nil
}

// adopt makes b the packed content of a view that has none.
func (v *view) adopt(enc Encoding, b []byte) {
	v.change()
	v.enc, v.packed = enc, append(v.packed[:0], b...)
}

// readListpack checks b and gives it, or a copy, in canonical form: what is an integer stands as one, all in the shortest encoding.
// Redis writes no other, and searching relies on it.
func readListpack(b []byte) (lp listpack, n int, err error) {
	if n, err = validateListpack(b); err != nil {
		return nil, 0, ErrDamaged
	}
	lp = b
	var scratch [maxDigits]byte
	for p := lpHeader; p < lp.end(); p = lp.next(p) {
		if x := newNeedle(lp.text(p, scratch[:])); lpEntrySize(&x) != lp.next(p)-p || x.isInt == lp.isText(p) {
			return lp.rewritten(), n, nil
		}
	}
	return lp, n, nil
}

func (lp listpack) isText(p int) bool {
	_, _, isInt := lp.value(p)
	return !isInt
}

// rewritten is a copy whose entries are encoded anew.
func (lp listpack) rewritten() listpack {
	out := appendEmptyListpack(make([]byte, 0, len(lp)))
	var scratch [maxDigits]byte
	for p := lpHeader; p < lp.end(); p = lp.next(p) {
		out = out.append(lp.text(p, scratch[:]))
	}
	return out
}

// repeats tells whether one of the elements 0, step, 2·step … is there twice.
func (lp listpack) repeats(step int) bool {
	seen := make(map[string]struct{})
	var scratch [maxDigits]byte
	for p, i := lpHeader, 0; p < lp.end(); p, i = lp.next(p), i+1 {
		if i%step != 0 {
			continue
		}
		text := lp.text(p, scratch[:])
		if _, again := seen[string(text)]; again {
			return true
		}
		seen[string(text)] = struct{}{}
	}
	return false
}

// checkScores tells whether every second element is a score, and whether the pairs are in order.
func (lp listpack) checkScores() (sorted, ok bool) {
	sorted = true
	last, lastMember := math.Inf(-1), ""
	var scratch [maxDigits]byte
	for p := lpHeader; p < lp.end(); {
		q := lp.next(p)
		if text, _, isInt := lp.value(q); !isInt {
			if f, err := strconv.ParseFloat(string(text), 64); f != f || err != nil && !errors.Is(err, strconv.ErrRange) {
				return false, false
			}
		}
		score, member := lpScore(lp, q), string(lp.text(p, scratch[:]))
		if p > lpHeader && (score < last || score == last && member <= lastMember) {
			sorted = false
		}
		last, lastMember = score, member
		p = lp.next(q)
	}
	return sorted, true
}
