package aof

import "bytes"

// Unit is an execution unit of a log. It is valid during the call that gives it.
type Unit struct {
	File     string
	LSN      uint64    // of its block; 0: it stands in none
	Time     int64     // of the last #TS line before it, Unix s; 0: none
	DB       int       // that is selected before it; -1: not known
	Multi    bool      // it stands in MULTI … EXEC
	RDB      bool      // it would make what stands in RDB data: they have no commands, nor offsets
	Behind   bool      // it stands behind the end of the log, in a piece that is valid by itself
	Requests []Request // that the block names, with its first unit that is no SELECT
	Commands []UnitCommand
}

// UnitCommand is a command of a unit.
type UnitCommand struct {
	Offset int64 // in the file
	DB     int
	Args   [][]byte
}

// unitWalker takes bytes that a reader has found to be whole units apart again, to count and to show them. It judges nothing.
type unitWalker struct {
	unit     func(*Unit) // nil: they are only counted
	u        Unit
	named    []Request
	requests int64 // that the block names
	stamp    int64 // of the last #TS line in the block
	db       int
	args     [][]byte
	words    [][]byte // of a unit's commands
	starts   []int    // where each command's words begin
}

// newFile: every file starts in database 0.
func (w *unitWalker) newFile(name string) {
	w.u.File, w.db = name, 0
	w.u.Time, w.u.Behind, w.u.RDB = 0, false, false
}

// whole walks b, which stands at offset at and holds whole units.
func (w *unitWalker) whole(b []byte, lsn uint64, at int64) (units, commands int64) {
	w.u.LSN, w.named, w.requests = lsn, nil, 0
	for i := 0; i < len(b); {
		words, next, state := scanCommand(b, i, w.args)
		w.args = words
		switch {
		case state == parseBlank:
			w.annotation(b[i:next])
		case state != parseOK:
			return units, commands
		case isWord(words[0], "MULTI"):
			n, end := w.transaction(b, next, at)
			if end < 0 {
				return units, commands
			}
			units, commands, next = units+1, commands+n, end
		default:
			units, commands = units+1, commands+1
			w.begin(false)
			w.add(words, at+int64(i))
			w.end()
		}
		i = next
	}
	return units, commands
}

func (w *unitWalker) annotation(line []byte) {
	if text, ok := bytes.CutPrefix(line, []byte("#TS:")); ok {
		if n, ok := parseDec(string(bytes.TrimRight(text, "\r\n"))); ok {
			w.u.Time, w.stamp = int64(n), int64(n)
		}
	}
	if !bytes.HasPrefix(line, []byte(requestMark)) {
		return
	}
	for p := (fieldParser{b: line, i: len(requestMark)}); ; w.requests++ {
		q, ok := p.request(new([keptReply]byte))
		if !ok {
			return
		}
		if w.unit != nil {
			w.named = append(w.named, q)
		}
	}
}

// transaction walks the commands of a MULTI up to its EXEC; end is behind that, or -1.
func (w *unitWalker) transaction(b []byte, i int, at int64) (n int64, end int) {
	w.begin(true)
	for {
		words, next, state := scanCommand(b, i, w.args)
		w.args = words
		switch {
		case state == parseBlank:
			w.annotation(b[i:next])
		case state != parseOK:
			return n, -1
		case isWord(words[0], "EXEC"):
			w.end()
			return n, next
		default:
			n++
			w.add(words, at+int64(i))
		}
		i = next
	}
}

func (w *unitWalker) begin(multi bool) {
	w.u.Multi, w.u.DB, w.u.Commands = multi, w.db, w.u.Commands[:0]
	w.words, w.starts = w.words[:0], w.starts[:0]
}

func (w *unitWalker) add(words [][]byte, at int64) {
	if len(words) == 2 && isWord(words[0], "SELECT") {
		if n, ok := parseDec(string(words[1])); ok {
			w.db = int(n)
		}
	}
	if w.unit == nil {
		return
	}
	w.starts = append(w.starts, len(w.words))
	w.words = append(w.words, words...)
	w.u.Commands = append(w.u.Commands, UnitCommand{Offset: at, DB: w.db})
}

func (w *unitWalker) end() {
	if w.unit == nil {
		return
	}
	for i, from := range w.starts {
		to := len(w.words)
		if i+1 < len(w.starts) {
			to = w.starts[i+1]
		}
		w.u.Commands[i].Args = w.words[from:to:to]
	}
	if w.u.Requests = w.named; len(w.u.Commands) == 1 && isWord(w.u.Commands[0].Args[0], "SELECT") {
		w.u.Requests = nil // the next one gets them
		w.unit(&w.u)
		return
	}
	w.unit(&w.u)
	w.named = nil
}
