package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// MEMORY STATS tells the same figures as Redis, by the same names and in the same order; their values are our own.
func TestMemoryStatsHasRedissFields(t *testing.T) {
	p := newPair(t)
	for _, line := range []string{"HELLO 3", "SET a b EX 1000", "SELECT 3", "SADD s a b c"} {
		words := strings.Fields(line)
		_, err := p.conn.Do(words...)
		require.NoError(t, err)
		p.x.do(0, words...)
	}
	theirs, err := p.conn.Do("MEMORY", "STATS")
	require.NoError(t, err)
	ours := p.x.do(0, "MEMORY", "STATS")
	require.Equal(t, shape(theirs), shape(ours))
	require.Contains(t, shape(ours), "$db.3")
	p.x.close()
}

// shape is a reply in RESP3 without the values of numbers.
func shape(reply []byte) (lines []string) {
	all := strings.Split(string(reply), "\r\n")
	for i, line := range all {
		switch {
		case line == "" || strings.HasPrefix(all[max(i-1, 0)], "$"):
		case line[0] == '$':
			lines = append(lines, "$"+all[i+1])
		case line[0] == '%':
			lines = append(lines, line)
		default:
			lines = append(lines, line[:1])
		}
	}
	return lines
}
