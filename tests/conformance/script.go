// Package conformance sends the same commands to a real redis-server and to the engine and compares the replies, byte for byte.
//
// A script in testdata is a text file, one command a line, with redis-cli's quoting. Marks before a command:
//
//	# …          a comment
//	@1 CMD       on connection 1 (others: connection 0)
//	~ CMD        the reply's elements come in hash-table order: compared as a multiset
//	? CMD        chance or the clock decide: only the reply's type is compared
//	% CMD        times are told: numbers may differ by what are two seconds in ms, all else is equal
//	_ CMD        no reply comes (CLIENT REPLY OFF)
//	& CMD        no reply comes yet: it blocks
//	@1 <         the reply that connection 1 waits for comes now
//	!name CMD    a known difference: the reply must be the one written down in differences.go
//	+3 CMD       so many replies come (SUBSCRIBE of three channels)
//	sleep 20     wait so many ms
//	@1 expect    in place of a command: all messages that have come on connection 1, maybe none; behind ~ in any order.
//	             A PING tells where they end, so the connection must be one that is answered
//	@1 expect 2  the same without a PING, two messages
//
// {id1} in a word stands for the number of connection 1 (CLIENT ID), which is then the same on both.
//
// A message that no line expects is taken for the reply of the next command on its connection, or fails at the end.
package conformance

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tabdis/core/resp"
	"tabdis/tests/redistest"
)

// step is a line of a script.
type step struct {
	line  int
	text  string
	conn  int
	how   byte // '=', '~', '?', '%', '_', '!', '&', '<'
	name  string
	words []string
	sleep int // ms
	// replies is how many are read, of a command or of expect; untilPing: of expect without a number
	replies int
	expect  bool
}

const untilPing = -1

// read reads what Redis sends for the step, behind its command.
func (s *step) read(c *redistest.Conn) (b []byte, err error) {
	if s.replies == untilPing {
		return readUntilPing(c)
	}
	for range s.replies {
		reply, err := c.Reply()
		if err != nil {
			return b, err
		}
		b = append(b, reply...)
	}
	return b, nil
}

// readUntilPing gives all messages that were on their way.
func readUntilPing(c *redistest.Conn) (b []byte, err error) {
	const mark = "that was all"
	reply, err := c.Do("PING", mark)
	for ; err == nil && !bytes.HasSuffix(reply, []byte("\r\n"+mark+"\r\n")); reply, err = c.Reply() {
		b = append(b, reply...)
	}
	return b, err
}

func readScript(t *testing.T, path string) []step {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	steps, err := parseScript(string(data))
	require.NoError(t, err, path)
	return steps
}

func parseScript(text string) (steps []step, err error) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s, ok := parseStep(line)
		if !ok {
			return nil, fmt.Errorf("line %d: %s", i+1, line)
		}
		s.line, s.text = i+1, line
		steps = append(steps, s)
	}
	return steps, nil
}

func parseStep(line string) (s step, ok bool) {
	s.how, s.replies = '=', 1
	for {
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case mark == "sleep":
			n, err := strconv.Atoi(rest)
			s.sleep = n
			return s, err == nil
		case mark == "<":
			s.how = '<'
			return s, rest == ""
		case mark == "expect":
			s.expect, s.replies = true, untilPing
			if rest != "" {
				n, err := strconv.Atoi(rest)
				s.replies = n
				return s, err == nil
			}
			return s, true
		case mark[0] == '+':
			n, err := strconv.Atoi(mark[1:])
			if err != nil {
				return s, false
			}
			s.replies = n
		case mark == "~", mark == "?", mark == "%", mark == "_", mark == "&":
			if s.how = mark[0]; s.how == '_' || s.how == '&' {
				s.replies = 0
			}
		case mark[0] == '!':
			s.how, s.name = '!', mark[1:]
		case mark[0] == '@':
			n, err := strconv.Atoi(mark[1:])
			if err != nil {
				return s, false
			}
			s.conn = n
		default:
			words, ok := resp.SplitWords([]byte(line))
			for _, w := range words {
				s.words = append(s.words, string(w))
			}
			return s, ok && len(words) > 0
		}
		line = strings.TrimSpace(rest)
		if line == "" {
			return s, false
		}
	}
}

// sameElements compares replies whose elements may come in any order, at any depth; several replies in any order too.
func sameElements(a, b []byte) bool {
	return slices.Equal(allCanonical(a), allCanonical(b))
}

func allCanonical(b []byte) (replies []string) {
	for len(b) > 0 {
		var reply []byte
		reply, b = canonical(b)
		replies = append(replies, string(reply))
	}
	slices.Sort(replies)
	return replies
}

// canonical gives the first reply of b with the elements of every aggregate sorted, and what follows it.
func canonical(b []byte) (reply, rest []byte) {
	end := bytes.Index(b, []byte("\r\n"))
	if end < 0 {
		return b, nil
	}
	line, rest := b[:end+2], b[end+2:]
	n, err := strconv.Atoi(string(line[1:end]))
	if err != nil || n < 0 {
		return line, rest
	}
	switch line[0] {
	case '$', '=', '!':
		if len(rest) < n+2 {
			return b, nil
		}
		return b[:end+2+n+2], rest[n+2:]
	case '*', '~', '>', '%':
		pair := 1
		if line[0] == '%' {
			pair = 2
		}
		parts := make([]string, n)
		for i := range parts {
			for range pair {
				var part []byte
				part, rest = canonical(rest)
				parts[i] += string(part)
			}
		}
		sortStrings(parts)
		return append(append([]byte(nil), line...), strings.Join(parts, "")...), rest
	}
	return line, rest
}
