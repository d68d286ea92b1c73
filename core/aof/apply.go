package aof

import "tabdis/core/rdb"

// Replayer takes the commands of a log, in order.
type Replayer interface {
	// Replay runs one. An error ends the loading.
	Replay(args [][]byte) error
	// Ahead names keys that the next commands are most likely about. They are valid during the call.
	Ahead(keys [][]byte)
}

// Planner is a Replayer that can use to know how much is to come.
type Planner interface {
	// Ran tells how many bytes of the log have run, and of how many.
	Ran(bytes, of int64)
}

// applier hands the commands of whole units on.
type applier struct {
	to       Replayer
	args     [][]byte
	ahead    [window]command // that were scanned before their turn
	keys     [][]byte
	commands int64
	db       int // selected at the end

	databases int    // that there are; 0: not known
	file      string // what is being applied is of this file,
	from      int64  // stands there,
	unit      int64  // and the unit under way begins there
	left      *Skipped
}

// window is how many commands are scanned before the first of them runs, if they are of so many words at the most: each keeps its array.
const (
	window      = 32
	windowWords = 16
)

type command struct {
	args [][]byte
	end  int
}

// units applies the units in b; it tells how far it came: to the end of the last whole
// unit (and of the # lines behind it), no further than to the header of a block. A unit of MULTI is parsed to its EXEC before its first
// command is applied.
func (a *applier) units(b []byte) (used int, state parseState, err error) {
	for used < len(b) {
		a.unit = a.from + int64(used)
		if n := a.scan(b, used); n > 0 {
			a.to.Ahead(a.keys)
			for i := range a.ahead[:n] {
				a.unit = a.from + int64(used)
				if err := a.one(a.ahead[i].args); err != nil {
					return used, parseOK, err
				}
				used = a.ahead[i].end
			}
			continue
		}
		words, next, state := scanCommand(b, used, a.args)
		a.args = words
		switch {
		case state == parseBlank && isMark(b[used:]):
			return used, parseMark, nil
		case state == parseBlank:
		case state != parseOK:
			return used, state, nil
		case isWord(words[0], "EXEC"):
			return used, parseBad, nil
		case !isWord(words[0], "MULTI"): // a long one
			if err := a.one(words); err != nil {
				return used, parseOK, err
			}
		default:
			end, state := a.transaction(b, next)
			if state != parseOK {
				return used, state, nil
			}
			for next < end {
				if words, next, state = scanCommand(b, next, a.args); state == parseBlank || isWord(words[0], "EXEC") {
					continue
				}
				a.args = words
				if err := a.one(words); err != nil {
					return used, parseOK, err
				}
			}
		}
		used = next
	}
	return used, parseOK, nil
}

// scan scans commands that are units by themselves, from i on, into ahead; n of them.
func (a *applier) scan(b []byte, i int) (n int) {
	a.keys = a.keys[:0]
	for ; n < window; n++ {
		count, next, state := scanLength(b, i, '*', maxArgs)
		if state != parseOK || count == 0 || count > windowWords {
			break
		}
		c := &a.ahead[n]
		words, next, state := scanWords(b, next, count, c.args[:0])
		c.args, c.end = words, next
		if state != parseOK || isWord(words[0], "MULTI") || isWord(words[0], "EXEC") {
			break
		}
		if len(words) > 1 {
			a.keys = append(a.keys, words[1])
		}
		i = next
	}
	return n
}

// transaction finds the end of the EXEC that ends the MULTI before i.
func (a *applier) transaction(b []byte, i int) (end int, state parseState) {
	for {
		words, next, state := scanCommand(b, i, a.args)
		a.args = words
		switch {
		case state == parseBlank && !isMark(b[i:]):
		case state == parseBlank || state == parseOK && isWord(words[0], "MULTI"):
			return i, parseBad
		case state != parseOK:
			return i, state
		case isWord(words[0], "EXEC"):
			return next, parseOK
		}
		i = next
	}
}

var selectZero = [][]byte{[]byte("SELECT"), []byte("0")}

// newFile: every file starts in database 0.
func (a *applier) newFile() error {
	if a.db == 0 {
		return nil
	}
	a.db = 0
	return a.to.Replay(selectZero)
}

func (a *applier) one(words [][]byte) error {
	a.commands++
	if len(words) == 2 && isWord(words[0], "SELECT") {
		if n, ok := parseDec(string(words[1])); ok {
			if a.databases > 0 && n >= uint64(a.databases) {
				return &rdb.DatabaseError{Number: n, Databases: a.databases}
			}
			a.db = int(n)
		}
	}
	err := a.to.Replay(words)
	if err != nil {
		return a.leaveOut(words, err)
	}
	return nil
}
