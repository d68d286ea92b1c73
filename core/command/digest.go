package command

import (
	"strconv"

	"tabdis/core/keyspace"
)

// A digest is a checksum of data that does not depend on the order in which they are met, the one that Redis's DEBUG DIGEST
// shows. Where order doesn't matter, parts are combined with add, elsewhere with mix. A key's digest is mixed from its
// name, its type and its value; that of everything adds up all keys, after mixing in the number of each database that has some.
type digest [20]byte

// add combines b in any order.
func (d *digest) add(b []byte) {
	sum := sha1(b)
	for i := range d {
		d[i] ^= sum[i]
	}
}

// mix combines b in this order.
func (d *digest) mix(b []byte) {
	d.add(b)
	*d = sha1(d[:])
}

func (d *digest) mixNumber(n int) {
	var b [4]byte
	putUint32(b[:], uint32(n))
	d.mix(b[:])
}

// addDigest combines a part's own digest, in any order.
func (d *digest) addDigest(part digest) { d.add(part[:]) }

// value mixes the value of e into d.
func (c *Call) digestValue(d *digest, e keyspace.Entry) {
	d.mixNumber(int(e.Type()))
	switch e.Type() {
	case keyspace.String:
		d.mix(e.Bytes(make([]byte, 0, 32)))
	case keyspace.List:
		e.List().Range(0, false, func(_ int, v []byte) bool {
			d.mix(v)
			return true
		})
	case keyspace.Set:
		e.Set().Each(func(m []byte) bool {
			d.add(m)
			return true
		})
	case keyspace.ZSet:
		var b [400]byte
		e.ZSet().Each(func(m []byte, score float64) bool {
			var part digest
			part.mix(m)
			part.mix(c.W.AppendDouble(b[:0], score)) // here 7.0 and 7.2 differ: in the text of doubles
			d.addDigest(part)
			return true
		})
	case keyspace.Hash:
		e.Hash().Each(func(field, val []byte) bool {
			var part digest
			part.mix(field)
			part.mix(val)
			d.addDigest(part)
			return true
		})
	case keyspace.Stream:
		var b [41]byte
		e.Stream().Range(keyspace.StreamID{}, keyspace.MaxStreamID, false, func(id keyspace.StreamID, fields [][]byte) bool {
			text := strconv.AppendUint(b[:0], id.Ms, 10)
			d.mix(strconv.AppendUint(append(text, '.'), id.Seq, 10))
			for _, f := range fields {
				d.mix(f)
			}
			return true
		})
	}
	if e.ExpiresAt() != keyspace.NoExpiry {
		d.add([]byte("!!expire!!"))
	}
}

func (c *Call) datasetDigest() (sum digest) {
	ks := c.Server.Keyspace()
	for i := range ks.Databases() {
		db := ks.DB(i)
		if db.Len() == 0 {
			continue
		}
		sum.mixNumber(i)
		db.Each(func(e keyspace.Entry) bool {
			var one digest
			one.mix(e.Key())
			c.digestValue(&one, e)
			sum.addDigest(one)
			return true
		})
	}
	return sum
}

func (c *Call) debugDigestValue() {
	keys := c.Args[2:]
	c.W.Array(len(keys))
	for _, key := range keys {
		var d digest
		if e, ok := c.DB.Find(key); ok {
			c.digestValue(&d, e)
		}
		c.W.Simple(string(appendHex(nil, d[:])))
	}
}

func appendHex(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	for _, x := range b {
		dst = append(dst, digits[x>>4], digits[x&15])
	}
	return dst
}
