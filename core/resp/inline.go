package resp

import "bytes"

// inline reads a command typed as one line: words between spaces, "…" with escapes, '…' without.
func (p *Parser) inline() (words [][]byte, more bool, err error) {
	rest := p.in[p.pos:]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 || bytes.IndexByte(rest[:end], 0) >= 0 { // Redis looks for the line's end as in a C string: behind a NUL there is none
		if len(rest) > maxInline {
			return nil, false, ProtocolError("too big inline request")
		}
		return nil, true, nil
	}
	line := rest[:end]
	p.pos += end + 1
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	words, ok := SplitWords(line)
	if !ok {
		return nil, false, ProtocolError("unbalanced quotes in request")
	}
	if len(words) == 0 {
		return nil, false, nil
	}
	return words, false, nil
}

// SplitWords takes a line apart as redis-cli and inline commands do; false when a quote is not closed, or is closed in the middle
// of a word.
func SplitWords(line []byte) ([][]byte, bool) {
	var words [][]byte
	for i := 0; ; {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i >= len(line) {
			return words, true
		}
		word := []byte{}
		for i < len(line) && !endsWord(line[i]) {
			c := line[i]
			if c != '"' && c != '\'' {
				word = append(word, c)
				i++
				continue
			}
			var ok bool
			if word, i, ok = quoted(word, line, i+1, c); !ok {
				return nil, false
			}
		}
		words = append(words, word)
	}
}

// quoted reads behind an opening quote; the closing one must end the word.
func quoted(word, line []byte, i int, quote byte) ([]byte, int, bool) {
	for i < len(line) {
		c := line[i]
		switch {
		case c == quote:
			i++
			return word, i, i >= len(line) || isSpace(line[i])
		case c == '\\' && quote == '"' && i+3 < len(line) && line[i+1] == 'x' && isHex(line[i+2]) && isHex(line[i+3]):
			word = append(word, hex(line[i+2])<<4|hex(line[i+3]))
			i += 4
		case c == '\\' && quote == '"' && i+1 < len(line):
			word = append(word, unescape(line[i+1]))
			i += 2
		case c == '\\' && quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			word = append(word, '\'')
			i += 2
		default:
			word = append(word, c)
			i++
		}
	}
	return nil, i, false
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

func isSpace(c byte) bool { return c == ' ' || ('\t' <= c && c <= '\r') }

// endsWord is narrower: to Redis a form feed or vertical tab behind a word is part of it.
func endsWord(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isHex(c byte) bool {
	return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f') || ('A' <= c && c <= 'F')
}

func hex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
