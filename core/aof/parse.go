package aof

import (
	"bytes"
	"encoding/binary"
)

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
	return scanWords(b, i, n, args[:0])
}

// scanWords reads the n words of a command. Loading a log is mostly this, in code that a browser has not optimized yet, where a call and a
// look at each byte are dear: lengths of one digit or two, as nearly all are, have their own way.
func scanWords(b []byte, i, n int, args [][]byte) (words [][]byte, next int, state parseState) {
	for ; n > 0; n-- {
		size, from := 0, 0
		if len(b)-i >= 5 {
			w := binary.LittleEndian.Uint32(b[i:])
			switch d, e := w>>8&0xf, w>>16&0xf; {
			case w&^0xf00 == '$'|'0'<<8|newline<<16 && d <= 9:
				size, from = int(d), i+4
			case w&^0xf0f00 == '$'|'0'<<8|'0'<<16|'\r'<<24 && d <= 9 && e <= 9 && b[i+4] == '\n':
				size, from = int(10*d+e), i+5
			}
		}
		if from == 0 {
			if size, from, state = scanLength(b, i, '$', maxBulk); state != parseOK {
				return args, from, state
			}
		}
		end := from + size
		if len(b) < end+2 {
			return args, from, parseMore
		}
		if binary.LittleEndian.Uint16(b[end:]) != newline {
			return args, from, parseBad
		}
		args = append(args, b[from:end:end])
		i = end + 2
	}
	return args, i, parseOK
}

const newline = '\n'<<8 | '\r'

// scanLength reads "<mark><n>\r\n".
func scanLength(b []byte, i int, mark byte, limit int) (n, next int, state parseState) {
	if i >= len(b) {
		return 0, i, parseMore
	}
	if b[i] != mark {
		return 0, i, parseBad
	}
	if len(b)-i >= 4 {
		if w := binary.LittleEndian.Uint32(b[i:]); w>>16 == newline && w>>8&0xff-'0' <= 9 {
			return int(w>>8&0xff - '0'), i + 4, parseOK
		}
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
