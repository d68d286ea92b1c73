package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"tabdis/core/command"
	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// help72 are the lines of HELP that 7.0 does not have, and helpOfNothing those of subcommands of DEBUG that would not tell anything here.
var (
	help72        = []string{"client NO-TOUCH (ON|OFF)", "client SETINFO <option> <value>", "debug SET-DISABLE-DENY-SCRIPTS <0|1>"}
	helpOfNothing = []string{"AOF-FLUSH-SLEEP", "ASSERT", "CONFIG-REWRITE-FORCE-ALL", "CRASH-AND-RECOVER", "LEAK", "HTSTATS-KEY", "REPLICATE",
		"MALLCTL", "MALLCTL-STR", "DROP-CLUSTER-PACKET-FILTER", "OOM", "PANIC", "POPULATE", "RESTART", "SDSLEN", "SEGFAULT",
		"SET-SKIP-CHECKSUM-VALIDATION", "STRINGMATCH-TEST", "STRUCTSIZE", "QUICKLIST", "CLIENT-EVICTION", "CLUSTERLINK"}
)

// TestSameHelpAsRedis compares the lines of HELP that show the words of a subcommand; those that explain it, indented, are our own.
func TestSameHelpAsRedis(t *testing.T) {
	server, x := redistest.Start(t), openTarget(t, memfs.New())
	defer x.close()
	conn := server.Connect(t)
	table := command.NewTable()
	for _, c := range table.All() {
		if c.Name != "debug" && c.Subcommand([]byte("help")) == nil {
			continue
		}
		b, err := conn.Do(c.Name, "HELP")
		assert.NoError(t, err)
		theirs, ours := usage(c.Name, decoded(t, b)), usage(c.Name, decoded(t, x.do(0, c.Name, "HELP")))
		for line := range theirs {
			if word := strings.Fields(line)[1]; isThere(table, c.Name, word) {
				assert.Contains(t, ours, line)
			}
		}
		for line := range ours {
			if !theirs[line] {
				assert.Contains(t, help72, line)
			}
		}
	}
}

// isThere tells whether we have the subcommand that a line of HELP begins with.
func isThere(table *command.Table, name, word string) bool {
	if name == "debug" {
		return !slices.Contains(helpOfNothing, word)
	}
	return word == "(no" || table.Named([]byte(name)).Subcommand([]byte(strings.ToLower(word))) != nil
}

// usage gives the lines of a HELP that are not indented, behind the command's name.
func usage(name string, help any) map[string]bool {
	lines := map[string]bool{}
	list, _ := help.([]any)
	for _, line := range list {
		if s := line.(string); !strings.HasPrefix(s, " ") {
			lines[name+" "+s] = true
		}
	}
	return lines
}
