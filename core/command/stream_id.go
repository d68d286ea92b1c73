package command

import (
	"bytes"
	"math"
	"strconv"

	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

const errStreamID resp.Error = "ERR Invalid stream ID specified as stream command argument"

// idForm is what a word that names an entry may look like, beyond "ms-seq" and "ms".
type idForm uint8

const (
	idStrict idForm = iota // nothing else
	idEnds                 // - and + too, the smallest and the largest
	idAuto                 // "ms-*" too: any number
)

// parseStreamID reads an ID as Redis does; seq stands in for one that is left out. auto tells of "ms-*".
func parseStreamID(b []byte, form idForm, seq uint64) (id keyspace.StreamID, auto, ok bool) {
	if len(b) > 127 {
		return id, false, false
	}
	if nul := bytes.IndexByte(b, 0); nul >= 0 { // a C string ends there
		b = b[:nul]
	}
	if len(b) == 1 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '+' {
			id = keyspace.MaxStreamID
		}
		return id, false, form == idEnds
	}
	ms, rest, dash := bytes.Cut(b, []byte{'-'})
	if id.Ms, ok = parseUnsigned(ms); !ok {
		return id, false, false
	}
	switch {
	case !dash:
		id.Seq = seq
	case form == idAuto && len(rest) == 1 && rest[0] == '*':
		return id, true, true
	default:
		id.Seq, ok = parseUnsigned(rest)
	}
	return id, false, ok
}

// parseUnsigned is Redis's string2ull: an integer that is not negative, or else whatever C's strtoull reads as a whole.
func parseUnsigned(b []byte) (n uint64, ok bool) {
	if i, ok := parseInt(b); ok {
		return uint64(i), i >= 0
	}
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	neg := len(b) > 0 && b[0] == '-'
	if neg || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	for _, d := range b {
		d -= '0'
		if d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if neg {
		n = -n
	}
	return n, true
}

// idArg is word i as an ID.
func (c *Call) idArg(i int, form idForm) (id keyspace.StreamID, ok bool) {
	if id, _, ok = parseStreamID(c.Args[i], form, 0); !ok {
		c.W.Error(errStreamID)
	}
	return id, ok
}

// idArgs is the words from i on as IDs.
func (c *Call) idArgs(i int) (ids []keyspace.StreamID, ok bool) {
	ids = make([]keyspace.StreamID, len(c.Args)-i)
	for k := range ids {
		if ids[k], ok = c.idArg(i+k, idStrict); !ok {
			return nil, false
		}
	}
	return ids, true
}

// firstIDArg is word i as the start of an interval: "(id" leaves that ID out.
func (c *Call) firstIDArg(i int) (id keyspace.StreamID, ok bool) {
	id, open, ok := c.endOfInterval(i, 0)
	if ok && open {
		if id, ok = id.Next(); !ok {
			c.W.Error("ERR invalid start ID for the interval")
		}
	}
	return id, ok
}

// lastIDArg is word i as the end of an interval.
func (c *Call) lastIDArg(i int) (id keyspace.StreamID, ok bool) {
	id, open, ok := c.endOfInterval(i, math.MaxUint64)
	if ok && open {
		if id, ok = id.Prev(); !ok {
			c.W.Error("ERR invalid end ID for the interval")
		}
	}
	return id, ok
}

func (c *Call) endOfInterval(i int, seq uint64) (id keyspace.StreamID, open, ok bool) {
	b, form := c.Args[i], idEnds
	if open = len(b) > 1 && b[0] == '('; open {
		b, form = b[1:], idStrict
	}
	if id, _, ok = parseStreamID(b, form, seq); !ok {
		c.W.Error(errStreamID)
	}
	return id, open, ok
}

func appendStreamID(dst []byte, id keyspace.StreamID) []byte {
	dst = append(strconv.AppendUint(dst, id.Ms, 10), '-')
	return strconv.AppendUint(dst, id.Seq, 10)
}

// writeID answers an ID.
func (c *Call) writeID(id keyspace.StreamID) {
	var b [41]byte
	c.W.Bulk(appendStreamID(b[:0], id))
}

// idWord is an ID as a word to propagate.
func (c *Call) idWord(id keyspace.StreamID) []byte {
	return appendStreamID(c.Scratch(41)[:0], id)
}

// intWord is an integer as a word to propagate.
func (c *Call) intWord(n int64) []byte { return strconv.AppendInt(c.Scratch(20)[:0], n, 10) }
