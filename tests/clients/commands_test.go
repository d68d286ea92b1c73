package clients

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The package's methods do what node-redis's do: the same calls through both, on both servers.
func TestMethodsAreNodeRedis(t *testing.T) {
	both := peers(t)
	lines := output(t, "node", "node", "commands/compare.mjs", both[0].port(), both[1].port())
	require.Len(t, lines, 1, "%s", strings.Join(lines, "\n"))
	assert.Regexp(t, `^\d+ methods in \d+ calls, in 4 ways$`, lines[0])
}

// A program for node-redis runs on the package's methods when it imports them instead, and reports the same.
func TestAProgramForNodeRedisRunsOnThePackage(t *testing.T) {
	for _, p := range peers(t) {
		t.Run(p.name, func(t *testing.T) {
			want := output(t, "node", "node", "node-redis.mjs", p.port(), "3")
			got := output(t, "node", "node", "node-redis.mjs", p.port(), "3", "tabdis")
			want, got = sameForBoth(want), sameForBoth(got)
			for i := range min(len(want), len(got)) {
				require.Equal(t, want[i], got[i], "line %d", i)
			}
			require.Len(t, got, len(want), "%q", got)
		})
	}
}

var multiError = regexp.MustCompile(`^multi: (Error: 1 commands failed|MultiErrorReply: ).*`)

// sameForBoth is a report without what stands in the README's table, and with one name for errors.
func sameForBoth(lines []string) []string {
	var kept []string
	for _, line := range lines {
		if strings.HasPrefix(line, "monitor:") || strings.HasPrefix(line, "commandInfo ") {
			continue
		}
		line = multiError.ReplaceAllString(line, "multi: some failed")
		kept = append(kept, strings.NewReplacer("ReplyError:", "Error:", "SimpleError:", "Error:").Replace(line))
	}
	return kept
}
