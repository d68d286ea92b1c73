package aof

import "bytes"

// What scanCommand found.
type parseState uint8

const (
	parseOK    parseState = iota
	parseMore             // the bytes end inside of it
	parseBad              // not a command
	parseBlank            // a # line; next is behind it
	parseMark             // the header of a block, where none should be
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
