package aof

import "bytes"

// verdict tells what it means that the log ends where it ends (LOG §5.3, 5.4). Nothing is changed before it.
func (r *reader) verdict() error {
	if len(r.incrs) == 0 {
		return nil
	}
	f := r.incrs[r.end]
	switch {
	case f.id == 0:
		return nil // Redis's: readForeign said all
	case r.anyone:
		return r.damage(f, 0, 0, "its first block is not what was written")
	}
	if r.m.sealed >= r.expect {
		return r.damage(f, r.at, r.expect, "the manifest says that it was durable up to lsn "+utoa(r.m.sealed))
	}
	if r.proven >= r.expect {
		return r.damage(f, r.at, r.expect, "the base was put in force when the block behind it was durable")
	}
	if r.m.native && r.base == nil && r.expect == 1 { // a browser that loses files may bring one back empty
		return r.damage(f, 0, r.expect, "the manifest named it when its first block was durable")
	}
	var seen evidence
	for i := r.end; i < len(r.incrs); i++ {
		from := int64(0)
		if i == r.end {
			from = r.at
		}
		switch naked, err := isNaked(newSource(r.incrs[i]), 0); {
		case err != nil:
			return err
		case naked && from == 0:
			return r.damage(r.incrs[i], 0, r.expect, "it does not begin with a header")
		}
		if err := r.scan(i, from, &seen); err != nil {
			return err
		}
	}
	if naked, err := r.nakedAt(); naked || err != nil {
		return err
	}
	for i := r.end; i < len(r.incrs); i++ {
		from := int64(0)
		if i == r.end {
			from = r.at
		}
		if err := r.glued(r.incrs[i], from); err != nil {
			return err
		}
	}
	if seen.bytes > 0 && !seen.stale() {
		r.cut = &Truncation{File: f.name, Offset: r.at, LSN: r.expect, Bytes: seen.bytes}
	}
	return nil
}

// evidence is what stands behind the end of the log.
type evidence struct {
	bytes   int64 // up to the last one that is not zero, in all files
	own     bool  // a header that names its own file
	foreign bool  // one that names another: stale bytes of a file that was here before
	other   bool  // something else comes before any header
}

// stale tells that no byte of these files' own blocks is among them.
func (e *evidence) stale() bool { return e.foreign && !e.own && !e.other }

var markBytes = []byte(headerMark)

// scan looks for headers in file i from offset from on. A valid block of this file, with the expected lsn or a later one, that was
// written when the expected one was durable proves that this one has been there: damage.
func (r *reader) scan(i int, from int64, seen *evidence) error {
	f := r.incrs[i]
	s, probe := newSource(f), newSource(f)
	end := from
	for at := from; at < s.size; {
		b, err := s.need(at, chunk)
		if err != nil {
			return err
		}
		if text := bytes.TrimRight(b, "\x00"); len(text) > 0 {
			end = at + int64(len(text))
		}
		from := 0
		for {
			k := bytes.Index(b[from:], markBytes)
			if gap := b[from:]; !seen.foreign && !seen.own {
				if k >= 0 {
					gap = gap[:k]
				}
				seen.other = seen.other || len(bytes.TrimRight(gap, "\x00")) > 0
			}
			if k < 0 {
				break
			}
			if err := r.probe(probe, f, at+int64(from+k), seen); err != nil {
				return err
			}
			from += k + len(markBytes)
		}
		if at += int64(len(b)); at < s.size {
			at -= int64(len(markBytes) - 1) // a mark may lie across
		}
	}
	seen.bytes += end - from
	return nil
}

// probe looks at the header that may begin at offset at.
func (r *reader) probe(s *source, f *logFile, at int64, seen *evidence) error {
	b, err := s.need(at, int64(room))
	if err != nil {
		return err
	}
	own := appendHex([]byte(headerMark+"file:"), f.id)
	if n := min(len(b), len(own)); string(b[:n]) != string(own[:n]) {
		// A block that would follow ours but for its file's id is ours with a flipped bit.
		if h, _, state := parseHeader(b); state == headerOK && h.prev != r.prev {
			seen.foreign = true
		} else {
			seen.other = true
		}
		return nil
	}
	seen.own = true
	h, _, _, ok, err := s.block(at, f.id)
	if err != nil || !ok {
		return err
	}
	if h.lsn >= r.expect && h.sync >= r.expect {
		return r.damage(r.incrs[r.end], r.at, r.expect, "block "+utoa(h.lsn)+" behind it, in "+f.name+" at "+utoa(uint64(at))+", proves that it was durable")
	}
	return nil
}

// nakedAt loads the commands that a Redis appended to our last file, exactly behind a block.
func (r *reader) nakedAt() (bool, error) {
	f := r.incrs[r.end]
	if r.at == 0 || !r.lastWithBytes(r.end) {
		return false, nil
	}
	s := r.source(f)
	if naked, err := isNaked(s, r.at); !naked || err != nil {
		return false, err
	}
	r.foreign = true
	from := r.at
	r.at = s.size
	return true, r.readForeign(f, s, from, true)
}

// isNaked tells whether commands, or a timestamp, stand at offset at without a header.
func isNaked(s *source, at int64) (bool, error) {
	b, err := s.need(at, 4)
	return len(b) > 0 && (b[0] == '*' || string(b) == "#TS:"), err
}

// glued refuses a log that was torn, and that a Redis then wrote to: its commands run on where the block should have ended, or follow
// in the very line of a torn header. They were acknowledged, and behind a torn block nobody can tell what they mean. A Redis appends to the last
// file that is named, so the torn block may be the first one of a file behind the end.
func (r *reader) glued(f *logFile, at int64) error {
	s := newSource(f)
	b, err := s.need(at, maxLine)
	if err != nil || len(b) == 0 || b[0] != '#' { // of the mark a byte may be left
		return err
	}
	refuse := func() error {
		return r.damage(f, at, r.expect, "commands of a Redis follow inside of an incomplete block; repair it with check-aof")
	}
	h, n, state := parseHeader(b)
	if state != headerOK {
		i := bytes.IndexByte(b[:min(skipLine(b, 0), len(b))], '*')
		if i < 0 {
			return nil
		}
		if _, next, state := scanLength(b, i, '*', maxArgs); state == parseOK && bytes.HasPrefix(b[next:], []byte("$")) {
			return refuse()
		}
		return nil
	}
	if h.file != f.id || h.at != at || h.len >= s.size { // it ends behind all that is here
		return nil
	}
	return r.runsOn(s, at+int64(n), at+int64(n)+h.len, refuse)
}

// runsOn follows whole commands from at on; it refuses when one ends behind limit.
func (r *reader) runsOn(s *source, at, limit int64, refuse func() error) error {
	var args [][]byte
	for at < s.size {
		b, err := s.need(at, max(limit-at, 0)+chunk)
		if err != nil {
			return err
		}
		i := 0
		for i < len(b) && !isMark(b[i:]) {
			words, next, state := scanCommand(b, i, args)
			if args = words; state != parseOK && state != parseBlank {
				break
			}
			if i = next; state == parseOK && at+int64(i) > limit {
				return refuse()
			}
		}
		if i == 0 || at+int64(len(b)) >= s.size || isMark(b[i:]) {
			return nil
		}
		at += int64(i)
	}
	return nil
}
