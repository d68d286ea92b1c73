package conformance

import (
	"bytes"
	"errors"
	"strconv"
)

// replyError is an error among the values of a reply.
type replyError string

var errReply = errors.New("not a reply")

// decode gives the first reply of b as strings, int64s, nil, replyErrors and []any; maps and sets are flat, as in RESP2.
func decode(b []byte) (value any, rest []byte, err error) {
	end := bytes.Index(b, []byte("\r\n"))
	if end < 1 {
		return nil, nil, errReply
	}
	kind, line, rest := b[0], string(b[1:end]), b[end+2:]
	switch kind {
	case '+', ',', '(', '#':
		return line, rest, nil
	case '-':
		return replyError(line), rest, nil
	case '_':
		return nil, rest, nil
	}
	n, err := strconv.ParseInt(line, 10, 64)
	switch {
	case err != nil:
		return nil, nil, err
	case kind == ':':
		return n, rest, nil
	case n < 0:
		return nil, rest, nil
	case kind == '$' || kind == '=' || kind == '!':
		if int64(len(rest)) < n+2 {
			return nil, nil, errReply
		}
		return string(rest[:n]), rest[n+2:], nil
	case kind == '%' || kind == '|':
		n *= 2
	}
	list := make([]any, n)
	for i := range list {
		if list[i], rest, err = decode(rest); err != nil {
			return nil, nil, err
		}
	}
	return list, rest, nil
}

// fields gives a flat map as one.
func fields(value any) map[string]any {
	list, _ := value.([]any)
	m := make(map[string]any, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		if name, ok := list[i].(string); ok {
			m[name] = list[i+1]
		}
	}
	return m
}

// sameButTimes tells whether replies are equal but for numbers that differ little.
func sameButTimes(a, b string) bool {
	x, restX, errX := decode([]byte(a))
	y, restY, errY := decode([]byte(b))
	return errX == nil && errY == nil && len(restX) == 0 && len(restY) == 0 && a[0] == b[0] && nearlySame(x, y)
}

func nearlySame(x, y any) bool {
	switch x := x.(type) {
	case []any:
		y, ok := y.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !nearlySame(x[i], y[i]) {
				return false
			}
		}
		return true
	case int64:
		y, ok := y.(int64)
		return ok && max(x-y, y-x) <= 2000
	}
	return x == y
}
