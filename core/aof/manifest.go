package aof

import (
	"errors"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// The manifest names the files of the log, in Redis's lines with pairs that Redis ignores, LOG §3:
//
//	file appendonly.aof.2.base.aof seq 2 type b id 9c1f… len 88211 cut-lsn 4000 cut-sum 5f2e…
//	file appendonly.aof.5.incr.aof seq 5 type i id 77ab…
//	# tabdis-history file appendonly.aof.1.incr.aof seq 4 type i id 41d0… len 5120
//	# tabdis v1 epoch 7 sealed 4711 xxh64 <of all other bytes>
//
// The base comes first, then the incr files in order. Lines of generations that were superseded and are
// kept follow, as history.go says. The sum, 16 hexadecimal digits, covers every byte of the manifest but
// its own digits; the line that holds it is the last one.
type manifest struct {
	base    *entry // nil: none
	incrs   []entry
	old     []string     // files of type h: no longer needed
	history []generation // superseded, oldest first
	epoch   uint64
	sealed  uint64 // every block up to this lsn was durable when the manifest was written; 0: nothing is said
	native  bool   // it carries our fields
}

//go:noinline
func (m *manifest) copy() *manifest {
	c := *m
	c.incrs = append([]entry(nil), m.incrs...)
	c.history = append([]generation(nil), m.history...)
	return &c
}

// entry is one file of the log.
type entry struct {
	name           string
	seq            uint64
	id             uint64 // 0: a file of Redis's
	len            int64  // of a base, or a file of the history
	cutLSN, cutSum uint64 // of a base: the last block that it stands for
	last           uint64 // of an incr file of the history: its last block; 0: not known
}

const manifestMark = "# tabdis v1 "

// encode gives the manifest's bytes.
func (m *manifest) encode() []byte {
	var b []byte
	if m.base != nil {
		b = m.base.appendTo(b, 'b')
	}
	for i := range m.incrs {
		b = m.incrs[i].appendTo(b, 'i')
	}
	for i := range m.history {
		b = m.history[i].appendTo(b)
	}
	b = appendInt(append(b, manifestMark+"epoch "...), m.epoch)
	if m.sealed > 0 {
		b = appendInt(append(b, " sealed "...), m.sealed)
	}
	b = append(b, " xxh64 "...)
	b = appendHex(b, checksum(b, []byte{'\n'}))
	return append(b, '\n')
}

func (e *entry) appendTo(b []byte, kind byte) []byte {
	b = append(append(b, "file "...), e.name...)
	b = appendInt(append(b, " seq "...), e.seq)
	b = append(append(b, " type "...), kind)
	if e.id != 0 {
		b = appendHex(append(b, " id "...), e.id)
		if kind == 'b' {
			b = appendInt(append(b, " len "...), uint64(e.len))
			b = appendInt(append(b, " cut-lsn "...), e.cutLSN)
			b = appendHex(append(b, " cut-sum "...), e.cutSum)
		}
	}
	return append(b, '\n')
}

// parseManifest reads a manifest, ours or Redis's. With any of our fields in it the sum must be there and right: no flipped bit
// makes it pass for Redis's.
func parseManifest(text []byte) (*manifest, error) {
	m := &manifest{}
	if len(text) == 0 {
		return nil, errors.New("it is empty")
	}
	if text[len(text)-1] != '\n' {
		return nil, errors.New("its last line has no end")
	}
	lines := strings.Split(string(text[:len(text)-1]), "\n")
	summed, files := false, 0
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		var err error
		switch {
		case strings.HasPrefix(line, manifestMark):
			m.native = true
			if i != len(lines)-1 {
				return nil, errors.New("lines stand behind its sum")
			}
			err, summed = m.parseSum(line, text), true
		case strings.HasPrefix(line, historyMark):
			err = m.parseHistory(line[len(historyMark):])
		case strings.HasPrefix(line, "#"):
		default:
			files++
			err = m.parseFile(line)
		}
		if err != nil {
			return nil, err
		}
	}
	if m.native && !summed {
		return nil, errors.New("its sum is missing")
	}
	if files == 0 && !m.native {
		return nil, errors.New("it names no file")
	}
	return m, nil
}

func (m *manifest) parseSum(line string, text []byte) error {
	words := strings.Split(line, " ")
	if len(words) == 9 && words[5] == "sealed" {
		n, ok := parseDec(words[6])
		if !ok || n == 0 {
			return errors.New("bad seal")
		}
		m.sealed = n
		words = append(words[:5], words[7:]...)
	}
	if len(words) != 7 || words[3] != "epoch" || words[5] != "xxh64" || len(words[6]) != 16 {
		return errors.New("bad last line")
	}
	epoch, ok := parseDec(words[4])
	sum, ok2 := parseHex(words[6])
	if !ok || !ok2 {
		return errors.New("bad last line")
	}
	m.epoch = epoch
	at := len(text) - 17
	if at < 0 || string(text[at:at+16]) != words[6] {
		return errors.New("bad last line")
	}
	var d xxhash.Digest
	d.Reset()
	d.Write(text[:at])
	d.Write(text[at+16:])
	if d.Sum64() != sum {
		return errors.New("its checksum is wrong")
	}
	return nil
}

// parseFile reads a line that names a file.
func (m *manifest) parseFile(line string) error {
	e, kind, err := m.parsePairs(line)
	if err != nil {
		return err
	}
	e.last = 0
	if kind != "b" {
		e.len = 0 // no field of an incr file in force
	}
	return m.add(e, kind)
}

// parsePairs reads pairs. Those that are not known are skipped, as Redis does.
func (m *manifest) parsePairs(line string) (e entry, kind string, err error) {
	words, ok := splitWords(line)
	if !ok || len(words) < 6 || len(words)%2 != 0 {
		return e, kind, errors.New("bad line")
	}
	seen := map[string]bool{}
	for i := 0; i < len(words); i += 2 {
		key, val := words[i], words[i+1]
		if seen[key] {
			return e, kind, errors.New("a field stands twice in a line")
		}
		seen[key] = true
		ok := true
		switch key {
		case "file":
			e.name = val
			ok = val != "" && !strings.ContainsAny(val, "/\\")
		case "seq":
			e.seq, ok = parseDec(val)
		case "type":
			kind = val
		case "id":
			e.id, ok = parseHex(val)
			ok = ok && e.id != 0
			m.native = true
		case "len":
			var n uint64
			n, ok = parseDec(val)
			e.len = int64(n)
			ok = ok && e.len >= 0
			m.native = true
		case "last-lsn":
			e.last, ok = parseDec(val)
		case "cut-lsn":
			e.cutLSN, ok = parseDec(val)
			m.native = true
		case "cut-sum":
			e.cutSum, ok = parseHex(val)
			m.native = true
		}
		if !ok {
			return e, kind, errors.New("bad value of " + key)
		}
	}
	if e.name == "" || e.seq == 0 {
		return e, kind, errors.New("a line names no file or no sequence")
	}
	if e.id != 0 && kind == "b" && !(seen["len"] && seen["cut-lsn"] && seen["cut-sum"]) {
		return e, kind, errors.New("the base lacks a field")
	}
	return e, kind, nil
}

func (m *manifest) add(e entry, kind string) error {
	switch kind {
	case "b":
		if m.base != nil {
			return errors.New("two bases")
		}
		m.base = &e
	case "h":
		m.old = append(m.old, e.name)
	case "i":
		if n := len(m.incrs); n > 0 && m.incrs[n-1].seq >= e.seq {
			return errors.New("files out of order")
		}
		m.incrs = append(m.incrs, e)
	default:
		return errors.New("unknown type of file")
	}
	return nil
}

// splitWords splits at blanks; a word in double quotes may hold blanks (Redis quotes file names so).
func splitWords(line string) (words []string, ok bool) {
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return words, true
		}
		if line[0] == '"' {
			end := strings.IndexByte(line[1:], '"')
			if end < 0 || strings.Contains(line[1:end+1], "\\") {
				return nil, false
			}
			words = append(words, line[1:end+1])
			line = line[end+2:]
			continue
		}
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		words = append(words, line[:end])
		line = line[end:]
	}
}

func parseDec(s string) (uint64, bool) {
	p := fieldParser{b: append([]byte(s), ' ')}
	v := p.dec()
	return v, !p.bad && !p.short && p.i == len(s)
}

func parseHex(s string) (uint64, bool) {
	p := fieldParser{b: []byte(s)}
	v := p.hex()
	return v, !p.bad && !p.short && p.i == len(s)
}

// names of the log's files, as Redis 7 gives them.
//
//go:noinline
func manifestName(file string) string            { return file + ".manifest" }
func baseName(file string, seq uint64) string    { return file + "." + utoa(seq) + ".base.aof" }
func rdbBaseName(file string, seq uint64) string { return file + "." + utoa(seq) + rdbBaseEnd }
func incrName(file string, seq uint64) string    { return file + "." + utoa(seq) + ".incr.aof" }
func ballastName(file string) string             { return file + ".ballast" }

//go:noinline
func utoa(v uint64) string { return string(appendInt(nil, v)) }

const rdbBaseEnd = ".base.rdb"

// isRDB tells by the name of a base which form it has.
func (e *entry) isRDB() bool { return strings.HasSuffix(e.name, rdbBaseEnd) }

// isLogName tells whether name is that of a base or incr file of this log.
func isLogName(file, name string) (seq uint64, ok bool) {
	rest, ok := strings.CutPrefix(name, file+".")
	if !ok {
		return 0, false
	}
	for _, end := range []string{".base.aof", ".incr.aof", rdbBaseEnd} {
		if n, ok := strings.CutSuffix(rest, end); ok {
			return parseDec(n)
		}
	}
	return 0, false
}
