package command

import (
	"tabdis/core/keyspace"
	"tabdis/core/resp"
)

// lcs is one LCS: two strings, what is asked, and the walk back through the table of lengths. Of the table itself only
// one row and one bit a cell are kept, which say where the walk goes on: a 32nd of what Redis takes.
type lcs struct {
	a, b         []byte
	idx, len     bool
	withMatchLen bool
	minMatchLen  int64

	length int
	left   []uint64 // bit (i-1)*len(b)+(j-1): go to a[:i-1] rather than to b[:j-1]
}

func cmdLcs(c *Call) {
	var l lcs
	texts := [2]*[]byte{&l.a, &l.b}
	for i, key := range c.Args[1:3] {
		// Both are looked at before either is judged, and the second lookup may remove a key: so the text is copied.
		e, found := c.LookupRead(key)
		if !found {
			continue
		}
		if e.Type() != keyspace.String {
			if i == 0 {
				c.LookupRead(c.Args[2])
			}
			c.W.Error("ERR The specified keys must contain string values")
			return
		}
		*texts[i] = append([]byte(nil), e.Bytes(c.Scratch(20))...)
	}
	if !l.options(c) {
		return
	}
	cells := uint64(len(l.a)+1) * uint64(len(l.b)+1)
	if 4*cells > uint64(c.Server.MaxBulkLen()) {
		c.W.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
		return
	}
	l.measure()
	switch {
	case l.idx:
		c.W.Map(2)
		c.W.BulkString("matches")
		m := c.W.Mark()
		c.W.InsertArray(m, l.matches(c.W))
		c.W.BulkString("len")
		c.W.Int(int64(l.length))
	case l.len:
		c.W.Int(int64(l.length))
	default:
		c.W.Bulk(l.common())
	}
}

func (l *lcs) options(c *Call) (ok bool) {
	for i := 3; i < len(c.Args); i++ {
		switch word := c.Args[i]; {
		case is(word, "idx"):
			l.idx = true
		case is(word, "len"):
			l.len = true
		case is(word, "withmatchlen"):
			l.withMatchLen = true
		case is(word, "minmatchlen") && i+1 < len(c.Args):
			i++
			if l.minMatchLen, ok = c.intArg(i); !ok {
				return false
			}
		default:
			c.W.Error(resp.ErrSyntax)
			return false
		}
	}
	if l.idx && l.len {
		c.W.Error("ERR If you want both the length and indexes, please just use IDX.")
		return false
	}
	return true
}

// measure fills the table row by row.
func (l *lcs) measure() {
	l.left = make([]uint64, (len(l.a)*len(l.b)+63)/64)
	row := make([]uint32, len(l.b)+1) // of the a seen so far; overwritten from the left
	cell := 0
	for _, x := range l.a {
		var diagonal uint32
		for j, y := range l.b {
			above := row[j+1]
			switch {
			case x == y:
				row[j+1] = diagonal + 1
			case above > row[j]:
				l.left[cell/64] |= 1 << (cell % 64)
			default:
				row[j+1] = row[j]
			}
			diagonal = above
			cell++
		}
	}
	l.length = int(row[len(l.b)])
}

// walk goes back from the end of both strings and calls fn with every pair of positions that match, the last first.
func (l *lcs) walk(fn func(i, j int)) {
	for i, j := len(l.a), len(l.b); i > 0 && j > 0; {
		cell := (i-1)*len(l.b) + j - 1
		switch {
		case l.a[i-1] == l.b[j-1]:
			i, j = i-1, j-1
			fn(i, j)
		case l.left[cell/64]>>(cell%64)&1 == 1:
			i--
		default:
			j--
		}
	}
}

// common is the subsequence itself.
func (l *lcs) common() []byte {
	text := make([]byte, l.length)
	n := l.length
	l.walk(func(i, j int) {
		n--
		text[n] = l.a[i]
	})
	return text
}

// matches writes the runs of positions that match, the last first, and tells how many it wrote.
func (l *lcs) matches(w *resp.Writer) (n int) {
	var fromA, fromB, size int
	emit := func() {
		if size == 0 || int64(size) < l.minMatchLen {
			return
		}
		n++
		if l.withMatchLen {
			w.Array(3)
		} else {
			w.Array(2)
		}
		for _, from := range [2]int{fromA, fromB} {
			w.Array(2)
			w.Int(int64(from))
			w.Int(int64(from + size - 1))
		}
		if l.withMatchLen {
			w.Int(int64(size))
		}
	}
	l.walk(func(i, j int) {
		if size == 0 || i != fromA-1 || j != fromB-1 {
			emit()
			size = 0
		}
		fromA, fromB, size = i, j, size+1
	})
	emit()
	return n
}
