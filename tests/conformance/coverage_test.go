package conformance

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/command"
	"tabdis/tests/redistest"
)

func TestEveryCommandIsCompared(t *testing.T) {
	rows, err := Rows("testdata")
	require.NoError(t, err)
	proofs := map[string]Row{}
	for _, row := range rows {
		proofs[row.Name] = row
		assert.NotEqual(t, Missing, row.Proof, "no script compares %s", row.Name)
	}
	b, err := redistest.Start(t).Connect(t).Do("COMMAND", "LIST")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, name := range decoded(t, b).([]any) {
		known[name.(string)] = true
		assert.NotNil(t, command.NewTable().FullNamed([]byte(name.(string))), "there is no %s", name)
	}
	for _, row := range rows {
		assert.Equal(t, known[row.Name], row.Proof != Written, "%s: only what 7.0 does not know is written down", row.Name)
	}
	for _, list := range []map[string]string{notThere, byForm, written72} {
		for name := range list {
			assert.Contains(t, proofs, name)
		}
	}
}

func TestWhatIsWrittenDownIsTested(t *testing.T) {
	var all strings.Builder
	for _, pattern := range []string{"../../core/*_test.go", "../../core/command/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			all.Write(data)
		}
	}
	for name, test := range written72 {
		assert.True(t, strings.Contains(all.String(), "func "+test+"("), "there is no %s, of %s", test, name)
	}
}

// uses are the commands and the tokens of their arguments in lines that were answered by no error.
type uses struct {
	mu      sync.Mutex
	table   *command.Table
	words   map[string]map[string]bool
	scripts int // that have not run yet
}

func newUses(scripts int) *uses {
	return &uses{table: command.NewTable(), words: map[string]map[string]bool{}, scripts: scripts}
}

// note notes what a line used. Uses may be nil.
func (u *uses) note(s *step, reply string) {
	if u == nil || s.how == '?' || s.how == '!' || strings.HasPrefix(reply, "-") {
		return
	}
	c := meant(u.table, s.words)
	if c == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	used := u.words[c.FullName()]
	if used == nil {
		used = map[string]bool{}
		u.words[c.FullName()] = used
	}
	for _, w := range s.words[1:] {
		used[strings.ToUpper(w)] = true
	}
}

func (u *uses) ran() {
	u.mu.Lock()
	u.scripts--
	u.mu.Unlock()
}

// check, if all scripts have run, asks for each command and each token of an argument in a line that went well.
func (u *uses) check(t *testing.T) {
	if u.scripts > 0 {
		return // -run chose some of them
	}
	rows, err := Rows("testdata")
	require.NoError(t, err)
	var missing []string
	for _, row := range rows {
		used := u.words[row.Name]
		if row.Proof != Compared || onlyErrors[row.Name] != "" || strings.HasPrefix(row.Name, "cluster|") {
			continue
		}
		if used == nil {
			missing = append(missing, row.Name)
			continue
		}
		for _, token := range tokens(u.table.FullNamed([]byte(row.Name)).Args) {
			if !used[token] && unusedTokens[row.Name+" "+token] == "" {
				missing = append(missing, row.Name+" "+token)
			}
		}
	}
	sort.Strings(missing)
	assert.Empty(t, missing, "no script has these in a line that goes well")
}

// tokens gives all of the arguments' tokens.
func tokens(args []command.Arg) (list []string) {
	for i := range args {
		if args[i].Token != "" {
			list = append(list, strings.ToUpper(args[i].Token))
		}
		list = append(list, tokens(args[i].Args)...)
	}
	return list
}

// onlyErrors are commands that a server such as the one we compare with answers by errors alone; those of a cluster are too.
var onlyErrors = map[string]string{
	"acl|load": "no aclfile", "acl|save": "no aclfile", "asking": "no cluster", "readonly": "no cluster", "readwrite": "no cluster",
	"evalsha": "no script is there", "evalsha_ro": "no script is there", "script|kill": "no script runs",
	"function|delete": "no library is there", "function|kill": "no function runs", "latency|graph": "figures that the clock makes",
	"config|rewrite": "no configuration file; TestConfigRewriteBesideRedis in tests/server", "shutdown": "it would end both",
}

// unusedTokens are those that no line can compare.
var unusedTokens = map[string]string{
	"client|list NORMAL": "addresses", "hello AUTH": "the reply has the version", "hello SETNAME": "the reply has the version",
	"zrank WITHSCORE": "7.2: TestZrankWithScore", "zrevrank WITHSCORE": "7.2: TestZrankWithScore",
}

func TestReadmeHasTheTable(t *testing.T) {
	rows, err := Rows("testdata")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	text, err := WithTable(string(readme), rows)
	require.NoError(t, err)
	assert.True(t, text == string(readme), "README.md is not up to date: go generate ./tests/conformance")
	for _, row := range rows {
		assert.Contains(t, groupOrder, row.Group, row.Name)
	}
}
