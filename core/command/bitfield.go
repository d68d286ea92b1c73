package command

import (
	"bytes"
	"encoding/binary"
	"math"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// bitfieldOp is one operation of BITFIELD on a field of width bits at bit off.
type bitfieldOp struct {
	kind     bitfieldKind
	overflow bitfieldOverflow
	signed   bool
	width    uint
	off      uint64
	arg      int64 // of SET and INCRBY
}

type bitfieldKind uint8

const (
	bitfieldGet bitfieldKind = iota
	bitfieldSet
	bitfieldIncrby
)

// bitfieldOverflow is what happens to a number that its field can't hold.
type bitfieldOverflow uint8

const (
	overflowWrap bitfieldOverflow = iota
	overflowSat
	overflowFail
)

func cmdBitfield(c *Call) { c.bitfield(false) }

func cmdBitfieldRO(c *Call) { c.bitfield(true) }

func (c *Call) bitfield(readOnly bool) {
	key := c.Args[1]
	var some [8]bitfieldOp
	ops, size, ok := c.parseBitfield(some[:0])
	switch {
	case !ok:
	case size == 0:
		e, found, ok := c.ReadOf(keyspace.String, key)
		if !ok {
			return
		}
		var text []byte
		if found {
			text = e.Bytes(c.Scratch(20))
		}
		c.W.Array(len(ops))
		for i := range ops {
			ops[i].run(c.W, text)
		}
	case readOnly:
		c.W.Error("ERR BITFIELD_RO only supports the GET subcommand")
	default:
		c.changeBitfield(key, ops, size)
	}
}

// changeBitfield runs operations some of which change the string at key, up to byte size of it.
func (c *Call) changeBitfield(key []byte, ops []bitfieldOp, size int) {
	b, grown, ok := c.editBits(key, size)
	if !ok {
		return
	}
	c.W.Array(len(ops))
	changes := 0
	for i := range ops {
		if wrote, changed := ops[i].run(c.W, b); changed || wrote && grown {
			changes++
		}
	}
	if changes > 0 {
		c.Dirty(changes)
		c.Changed(key, ClassString, "setbit")
	} else if grown {
		c.Force() // every operation failed, but the string is longer: Redis forgets that in its log
	}
}

// parseBitfield reads the operations and appends them to ops; size is how long in bytes they make the string, 0 when none of them
// writes. ok is false when an error was written.
func (c *Call) parseBitfield(ops []bitfieldOp) (_ []bitfieldOp, size int, ok bool) {
	overflow := overflowWrap
	for i := 2; i < len(c.Args); {
		word, rest := c.Args[i], len(c.Args)-i-1
		op := bitfieldOp{overflow: overflow}
		switch {
		case is(word, "get") && rest >= 2:
		case is(word, "set") && rest >= 3:
			op.kind = bitfieldSet
		case is(word, "incrby") && rest >= 3:
			op.kind = bitfieldIncrby
		case is(word, "overflow") && rest >= 1:
			if overflow, ok = c.overflowArg(i + 1); !ok {
				return nil, 0, false
			}
			i += 2
			continue
		default:
			c.W.Error(resp.ErrSyntax)
			return nil, 0, false
		}
		if op.signed, op.width, ok = c.bitfieldType(i + 1); !ok {
			return nil, 0, false
		}
		off, ok := c.bitOffset(i+2, int64(op.width))
		if !ok {
			return nil, 0, false
		}
		op.off = uint64(off)
		i += 3
		if op.kind != bitfieldGet {
			if op.arg, ok = c.intArg(i); !ok {
				return nil, 0, false
			}
			size = max(size, int((op.off+uint64(op.width)+7)>>3))
			i++
		}
		ops = append(ops, op)
	}
	return ops, size, true
}

func (c *Call) overflowArg(i int) (o bitfieldOverflow, ok bool) {
	switch word := c.Args[i]; {
	case is(word, "wrap"):
		return overflowWrap, true
	case is(word, "sat"):
		return overflowSat, true
	case is(word, "fail"):
		return overflowFail, true
	}
	c.W.Error("ERR Invalid OVERFLOW type specified")
	return 0, false
}

// bitfieldType is word i as a type: i1 to i64, u1 to u63.
func (c *Call) bitfieldType(i int) (signed bool, width uint, ok bool) {
	word := c.Args[i]
	if nul := bytes.IndexByte(word, 0); nul >= 0 { // it is a C string to Redis
		word = word[:nul]
	}
	if len(word) > 0 && (word[0] == 'i' || word[0] == 'u') {
		signed = word[0] == 'i'
		n, ok := parseInt(word[1:])
		if ok && n >= 1 && (n <= 63 || signed && n == 64) {
			return signed, uint(n), true
		}
	}
	c.W.Error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	return false, 0, false
}

// run carries the operation out on b, which is long enough for what it writes, and writes its reply.
func (op *bitfieldOp) run(w *resp.Writer, b []byte) (wrote, changed bool) {
	old := int64(readBits(b, op.off, op.width))
	if op.signed {
		old = old << (64 - op.width) >> (64 - op.width)
	}
	var next int64
	fits := true
	switch op.kind {
	case bitfieldGet:
		w.Int(old)
		return false, false
	case bitfieldSet:
		next, fits = op.sum(op.arg, 0)
	case bitfieldIncrby:
		next, fits = op.sum(old, op.arg)
	}
	if !fits && op.overflow == overflowFail {
		w.Null()
		return false, false
	}
	writeBits(b, op.off, op.width, uint64(next))
	if op.kind == bitfieldSet {
		w.Int(old)
	} else {
		w.Int(next)
	}
	return true, old != next
}

// sum is a + b as the field holds it, and whether it does so without overflow.
func (op *bitfieldOp) sum(a, b int64) (sum int64, fits bool) {
	if op.signed {
		return op.signedSum(a, b)
	}
	limit := int64(math.MaxInt64) >> (63 - op.width)
	over := uint64(a) > uint64(limit) || b > 0 && b > limit-a
	switch {
	case !over && (b >= 0 || b >= -a):
		return a + b, true
	case op.overflow == overflowWrap:
		return (a + b) & limit, false
	case over:
		return limit, false
	}
	return 0, false
}

// signedSum is sum for a signed field. What can be added to a before it leaves the field is computed modulo 2^64 as in Redis, so the
// least numbers of all, set in a narrow field, count as too large, not as too small.
func (op *bitfieldOp) signedSum(a, b int64) (sum int64, fits bool) {
	limit := int64(math.MaxInt64) >> (64 - op.width)
	least := -limit - 1
	above, below := limit-a, least-a
	over := a > limit || b > above && (op.width < 64 || a >= 0 && b > 0)
	under := a < least || b < below && (op.width < 64 || a < 0 && b < 0)
	switch {
	case !over && !under:
		return a + b, true
	case op.overflow == overflowWrap:
		return (a + b) << (64 - op.width) >> (64 - op.width), false
	case over:
		return limit, false
	}
	return least, false
}

// readBits is the unsigned field of width bits, 64 at most, at bit off of b, behind whose end are zeros.
func readBits(b []byte, off uint64, width uint) uint64 {
	var w [9]byte
	if at := off >> 3; at < uint64(len(b)) {
		copy(w[:], b[at:])
	}
	shift := off & 7
	return (binary.BigEndian.Uint64(w[:])<<shift | uint64(w[8])>>(8-shift)) >> (64 - width)
}

// writeBits puts the low bits of v into the field, which lies in b.
func writeBits(b []byte, off uint64, width uint, v uint64) {
	var w [9]byte
	b = b[off>>3:]
	copy(w[:], b)
	shift := off & 7
	mask := uint64(math.MaxUint64) << (64 - width)
	v <<= 64 - width
	binary.BigEndian.PutUint64(w[:], binary.BigEndian.Uint64(w[:])&^(mask>>shift)|v>>shift)
	w[8] = w[8]&^byte(mask<<(8-shift)) | byte(v<<(8-shift))
	copy(b, w[:])
}
