package aof

import "bytes"

// What scanCommand found.
type parseState uint8

const (
	parseOK    parseState = iota
	parseMore             // the bytes end inside of it
	parseBad              // not a command
	parseBlank            // a # line; next is behind it
)

// maxArgs and maxBulk bound what a log may claim, as Redis does.
const (
	maxArgs = 1<<31 - 1
	maxBulk = 1 << 40
)

// scanCommand reads one command at b[i:] in place; args is reused. Nothing is reserved for what is only announced.
func scanCommand(b []byte, i int, args [][]byte) (words [][]byte, next int, state parseState) {
	if i >= len(b) {
		return args[:0], i, parseMore
	}
	if b[i] == '#' {
		return args[:0], skipLine(b, i), lineState(b, i)
	}
	n, i, state := scanLength(b, i, '*', maxArgs)
	if state != parseOK || n == 0 {
		if state == parseOK {
			state = parseBad
		}
		return args[:0], i, state
	}
	args = args[:0]
	for ; n > 0; n-- {
		var size int
		if size, i, state = scanLength(b, i, '$', maxBulk); state != parseOK {
			return args, i, state
		}
		if len(b)-i < size+2 {
			return args, i, parseMore
		}
		if b[i+size] != '\r' || b[i+size+1] != '\n' {
			return args, i, parseBad
		}
		args = append(args, b[i:i+size:i+size])
		i += size + 2
	}
	return args, i, parseOK
}

// scanLength reads "<mark><n>\r\n".
func scanLength(b []byte, i int, mark byte, limit int) (n, next int, state parseState) {
	if i >= len(b) {
		return 0, i, parseMore
	}
	if b[i] != mark {
		return 0, i, parseBad
	}
	i++
	from := i
	for i < len(b) && b[i]-'0' <= 9 {
		n = n*10 + int(b[i]-'0')
		if n > limit {
			return 0, i, parseBad
		}
		i++
	}
	switch {
	case i == len(b):
		return 0, i, parseMore
	case i == from || b[i] != '\r':
		return 0, i, parseBad
	case i+1 == len(b):
		return 0, i, parseMore
	case b[i+1] != '\n':
		return 0, i, parseBad
	}
	return n, i + 2, parseOK
}

func lineState(b []byte, i int) parseState {
	end := bytes.IndexByte(b[i:min(len(b), i+maxLine)], '\n')
	switch {
	case end >= 0:
		return parseBlank
	case len(b)-i >= maxLine:
		return parseBad
	}
	return parseMore
}

func skipLine(b []byte, i int) int {
	if end := bytes.IndexByte(b[i:], '\n'); end >= 0 {
		return i + end + 1
	}
	return len(b)
}

func isWord(word []byte, upper string) bool {
	if len(word) != len(upper) {
		return false
	}
	for i := range word {
		c := word[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// applier hands the commands of whole units on.
type applier struct {
	apply    func(args [][]byte) error
	args     [][]byte
	commands int64
	db       int // selected at the end
}

// units applies the units in b, which must all be whole when whole is set; it tells how far it came: to the end of the last whole
// unit (and of the # lines behind it). A unit of MULTI is parsed to its EXEC before its first command is applied.
func (a *applier) units(b []byte) (used int, state parseState, err error) {
	for used < len(b) {
		words, next, state := scanCommand(b, used, a.args)
		a.args = words
		switch {
		case state == parseBlank:
			used = next
			continue
		case state != parseOK:
			return used, state, nil
		case isWord(words[0], "MULTI"):
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
		case isWord(words[0], "EXEC"):
			return used, parseBad, nil
		default:
			if err := a.one(words); err != nil {
				return used, parseOK, err
			}
		}
		used = next
	}
	return used, parseOK, nil
}

// transaction finds the end of the EXEC that ends the MULTI before i.
func (a *applier) transaction(b []byte, i int) (end int, state parseState) {
	for {
		words, next, state := scanCommand(b, i, a.args)
		a.args = words
		switch {
		case state == parseBlank:
		case state != parseOK:
			return i, state
		case isWord(words[0], "MULTI"):
			return i, parseBad
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
	return a.apply(selectZero)
}

func (a *applier) one(words [][]byte) error {
	a.commands++
	if len(words) == 2 && isWord(words[0], "SELECT") {
		if n, ok := parseDec(string(words[1])); ok {
			a.db = int(n)
		}
	}
	return a.apply(words)
}
