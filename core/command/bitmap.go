package command

import (
	"encoding/binary"
	"math/bits"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// The bits of a string are numbered from the highest bit of its first byte on.

const (
	errBitOffset resp.Error = "ERR bit offset is not an integer or out of range"
	errBitValue  resp.Error = "ERR bit is not an integer or out of range"
)

// bitOffset is word i as the offset of a bit. Where it may count fields, whose width in bits is then given (else 0), it does so behind
// a '#'.
func (c *Call) bitOffset(i int, width int64) (off int64, ok bool) {
	word := c.Args[i]
	fields := width > 0 && len(word) > 0 && word[0] == '#'
	if fields {
		word = word[1:]
	}
	off, ok = parseInt(word)
	if fields {
		off *= width // what overflows wraps, as in Redis
	}
	if !ok || off < 0 || off>>3 >= c.Server.MaxBulkLen() && !c.Server.Loading() {
		c.W.Error(errBitOffset)
		return 0, false
	}
	return off, true
}

// editBits makes room for n bytes in the string at key, which is made if it is not there, and gives its bytes to be changed. grown tells
// whether it was made or became longer; ok is false when the key holds another type, or maxmemory forbids it, and then the error is written.
func (c *Call) editBits(key []byte, n int) (b []byte, grown, ok bool) {
	e, found, ok := c.WriteOf(keyspace.String, key)
	if !ok || !c.mayGrow(e, found, n) {
		return nil, false, false
	}
	if !found {
		c.DB.SetString(key, nil, keyspace.EncRaw, keyspace.NoExpiry)
		c.created(key)
	}
	grown = !found || e.StringLen() < n
	return c.DB.Edit(key, n), grown, true
}

func cmdSetbit(c *Call) {
	key := c.Args[1]
	off, ok := c.bitOffset(2, 0)
	if !ok {
		return
	}
	on, ok := c.rangeArg(3, 0, 1, errBitValue)
	if !ok {
		return
	}
	b, grown, ok := c.editBits(key, int(off>>3)+1)
	if !ok {
		return
	}
	at, shift := &b[off>>3], uint(7-off&7)
	was := *at >> shift & 1
	if grown || was != byte(on) {
		*at = *at&^(1<<shift) | byte(on)<<shift
		c.Dirty(1)
		c.Changed(key, ClassString, "setbit")
	}
	c.W.Int(int64(was))
}

func cmdGetbit(c *Call) {
	off, ok := c.bitOffset(2, 0)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.String, c.Args[1])
	if !ok {
		return
	}
	var text []byte
	if found {
		text = e.Bytes(c.Scratch(20))
	}
	c.flag(off>>3 < int64(len(text)) && text[off>>3]>>(7-off&7)&1 != 0)
}

// bitRange is the part of a string that BITCOUNT and BITPOS look at, as their words say it.
type bitRange struct {
	start, end int64
	endGiven   bool
	inBits     bool
}

// parseBitRange reads start, end and unit from word i on; ok is false when an error was written. In Redis the unit of BITPOS is looked
// at before the end, that of BITCOUNT after it.
func (c *Call) parseBitRange(i int, unitFirst bool) (r bitRange, ok bool) {
	r.end = -1
	words := len(c.Args) - i
	if words > 3 {
		c.W.Error(resp.ErrSyntax)
		return r, false
	}
	if words > 0 {
		if r.start, ok = c.intArg(i); !ok {
			return r, false
		}
	}
	unit := words < 3
	if words == 3 {
		r.inBits = is(c.Args[i+2], "bit")
		unit = r.inBits || is(c.Args[i+2], "byte")
	}
	if !unit && unitFirst {
		c.W.Error(resp.ErrSyntax)
		return r, false
	}
	if words > 1 {
		if r.end, ok = c.intArg(i + 1); !ok {
			return r, false
		}
		r.endGiven = true
	}
	if !unit {
		c.W.Error(resp.ErrSyntax)
		return r, false
	}
	return r, true
}

// in gives the first and the last bit of the range in a string of size bytes; there is none when first > last.
func (r bitRange) in(size int) (first, last int64) {
	total := int64(size)
	if r.inBits {
		total *= 8
	}
	first, last = r.start, r.end
	if first < 0 {
		first = max(first+total, 0)
	}
	if last < 0 {
		last = max(last+total, 0)
	}
	last = min(last, total-1)
	switch {
	case first > last:
		return 0, -1
	case r.inBits:
		return first, last
	}
	return first * 8, last*8 + 7
}

// missing70 answers what Redis 7.0 says of a key that is missing or no string before it looks at the other words.
func (c *Call) missing70(key []byte, answer int64) bool {
	if !c.Server.Profile70() {
		return false
	}
	e, found := c.Peek(key)
	switch {
	case !found:
		c.LookupRead(key) // counts the miss, and tells it
		c.W.Int(answer)
	case e.Type() != keyspace.String:
		c.W.Error(resp.ErrWrongType)
	default:
		return false
	}
	return true
}

func cmdBitcount(c *Call) {
	key := c.Args[1]
	if c.missing70(key, 0) {
		return
	}
	if len(c.Args) == 3 {
		c.W.Error(resp.ErrSyntax)
		return
	}
	r, ok := c.parseBitRange(2, false)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.String, key)
	if !ok {
		return
	}
	if !found || r.start < 0 && r.end < 0 && r.start > r.end { // which is nothing, though both may lie before the string
		c.W.Int(0)
		return
	}
	text := e.Bytes(c.Scratch(20))
	c.W.Int(countBits(text, r))
}

// countBits counts the set bits of the range.
func countBits(b []byte, r bitRange) (n int64) {
	first, last := r.in(len(b))
	if first > last {
		return 0
	}
	b = b[first>>3 : last>>3+1]
	head := b[0] &^ (0xff >> (first & 7))
	tail := b[len(b)-1] & (0x7f >> (last & 7))
	n -= int64(bits.OnesCount8(head) + bits.OnesCount8(tail)) // which lie outside
	for ; len(b) >= 32; b = b[32:] {
		n += int64(bits.OnesCount64(load64(b)) + bits.OnesCount64(load64(b[8:])) + bits.OnesCount64(load64(b[16:])) + bits.OnesCount64(load64(b[24:])))
	}
	for _, x := range b {
		n += int64(bits.OnesCount8(x))
	}
	return n
}

func cmdBitpos(c *Call) {
	key := c.Args[1]
	bit, ok := c.intArg(2)
	if !ok {
		return
	}
	if bit != 0 && bit != 1 {
		c.W.Error("ERR The bit argument must be 1 or 0.")
		return
	}
	if c.missing70(key, -bit) {
		return
	}
	r, ok := c.parseBitRange(3, true)
	if !ok {
		return
	}
	e, found, ok := c.ReadOf(keyspace.String, key)
	if !ok {
		return
	}
	if !found { // endless zeros
		c.W.Int(-bit)
		return
	}
	text := e.Bytes(c.Scratch(20))
	first, last := r.in(len(text))
	pos := findBit(text, byte(bit), first, last)
	if pos < 0 && bit == 0 && !r.endGiven && first <= last {
		pos = last + 1 // without an end, zeros follow the string
	}
	c.W.Int(pos)
}

// findBit is the position of the first such bit from first to last; -1 when there is none.
func findBit(b []byte, bit byte, first, last int64) int64 {
	if first > last {
		return -1
	}
	flip := bit - 1 // all ones when a zero is sought
	at := first >> 3
	if x := (b[at] ^ flip) & (0xff >> (first & 7)); x != 0 {
		return within(at*8+int64(bits.LeadingZeros8(x)), last)
	}
	b = b[:last>>3+1]
	all := uint64(0)
	if bit == 0 {
		all = ^all
	}
	for at++; at+8 <= int64(len(b)) && load64(b[at:]) == all; at += 8 {
	}
	for ; at < int64(len(b)); at++ {
		if x := b[at] ^ flip; x != 0 {
			return within(at*8+int64(bits.LeadingZeros8(x)), last)
		}
	}
	return -1
}

func within(pos, last int64) int64 {
	if pos > last {
		return -1
	}
	return pos
}

func cmdBitop(c *Call) {
	op, target, keys := c.Args[1], c.Args[2], c.Args[3:]
	var combine func(dst, src []byte)
	switch {
	case is(op, "and"):
		combine = andBits
	case is(op, "or"):
		combine = orBits
	case is(op, "xor"):
		combine = xorBits
	case !is(op, "not"):
		c.W.Error(resp.ErrSyntax)
		return
	case len(keys) != 1:
		c.W.Error("ERR BITOP NOT must be called with a single source key.")
		return
	}
	size := 0
	for _, key := range keys {
		e, found, ok := c.ReadOf(keyspace.String, key)
		if !ok {
			return
		}
		if found {
			size = max(size, e.StringLen())
		}
	}
	switch {
	case size > 0:
		result := c.combined(keys, size, combine)
		c.expireDue(target)
		n := c.DB.Len()
		c.DB.SetRaw(target, result)
		if c.DB.Len() > n {
			c.created(target)
		}
		c.Dirty(1)
		c.Changed(target, ClassString, "set")
	case c.DB.Delete(target):
		c.Dirty(1)
		c.Changed(target, ClassGeneric, "del")
	}
	c.W.Int(int64(size))
}

// combined is the combination of the strings at keys, the longest of which has size bytes; nil for combine inverts the only one.
func (c *Call) combined(keys [][]byte, size int, combine func(dst, src []byte)) []byte {
	result := make([]byte, size)
	var digits [20]byte
	for i, key := range keys {
		var src []byte
		if e, found := c.Peek(key); found {
			src = e.Bytes(digits[:])
		}
		if i == 0 {
			copy(result, src)
		} else {
			combine(result, src)
		}
	}
	if combine == nil {
		invertBits(result)
	}
	return result
}

// andBits, orBits and xorBits combine src, which is not longer and counts as padded with zeros, into dst.
func andBits(dst, src []byte) {
	clear(dst[len(src):])
	for ; len(src) >= 32 && len(dst) >= 32; dst, src = dst[32:], src[32:] {
		store64(dst, load64(dst)&load64(src))
		store64(dst[8:], load64(dst[8:])&load64(src[8:]))
		store64(dst[16:], load64(dst[16:])&load64(src[16:]))
		store64(dst[24:], load64(dst[24:])&load64(src[24:]))
	}
	for i, x := range src {
		dst[i] &= x
	}
}

func orBits(dst, src []byte) {
	for ; len(src) >= 32 && len(dst) >= 32; dst, src = dst[32:], src[32:] {
		store64(dst, load64(dst)|load64(src))
		store64(dst[8:], load64(dst[8:])|load64(src[8:]))
		store64(dst[16:], load64(dst[16:])|load64(src[16:]))
		store64(dst[24:], load64(dst[24:])|load64(src[24:]))
	}
	for i, x := range src {
		dst[i] |= x
	}
}

func xorBits(dst, src []byte) {
	for ; len(src) >= 32 && len(dst) >= 32; dst, src = dst[32:], src[32:] {
		store64(dst, load64(dst)^load64(src))
		store64(dst[8:], load64(dst[8:])^load64(src[8:]))
		store64(dst[16:], load64(dst[16:])^load64(src[16:]))
		store64(dst[24:], load64(dst[24:])^load64(src[24:]))
	}
	for i, x := range src {
		dst[i] ^= x
	}
}

func invertBits(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		store64(b, ^load64(b))
	}
	for i := range b {
		b[i] = ^b[i]
	}
}

func load64(b []byte) uint64     { return binary.LittleEndian.Uint64(b) }
func store64(b []byte, w uint64) { binary.LittleEndian.PutUint64(b, w) }
