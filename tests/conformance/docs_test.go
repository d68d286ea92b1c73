package conformance

import (
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tabdis/core/storage/memfs"
	"tabdis/tests/redistest"
)

// TestSameDocsAsRedis compares COMMAND INFO and COMMAND DOCS of every command in all but prose. Lines that one of them has alone are those of
// testdata/docs/redis72.txt, - Redis 7.0's and + ours, which 7.2 changed.
func TestSameDocsAsRedis(t *testing.T) {
	server, x := redistest.Start(t), openTarget(t, memfs.New())
	defer x.close()
	conn := server.Connect(t)
	ask := func(words ...string) (theirs, ours any) {
		b, err := conn.Do(words...)
		require.NoError(t, err)
		return decoded(t, b), decoded(t, x.do(0, words...))
	}
	d := differ{t: t}
	theirDocs, ourDocs := ask("COMMAND", "DOCS")
	d.docs(fields(theirDocs), fields(ourDocs))
	theirInfo, ourInfo := ask("COMMAND")
	d.infos(theirInfo, ourInfo)
	known, err := os.ReadFile("testdata/docs/redis72.txt")
	require.NoError(t, err)
	sort.Strings(d.lines)
	assert.Equal(t, strings.Split(strings.TrimSpace(string(known)), "\n"), d.lines)
}

func decoded(t *testing.T, b []byte) any {
	t.Helper()
	value, rest, err := decode(b)
	require.NoError(t, err)
	require.Empty(t, rest)
	return value
}

// differ collects in what two command tables differ, as far as both know a command.
type differ struct {
	t     *testing.T
	lines []string
}

func (d *differ) docs(theirs, ours map[string]any) {
	for name, docs := range theirs {
		if ours[name] == nil {
			continue // TestEveryCommandIsCompared asks for it
		}
		their, our := fields(docs), fields(ours[name])
		assert.NotEmpty(d.t, our["summary"], name)
		d.diff(name, docLines(their), docLines(our))
		d.docs(fields(their["subcommands"]), fields(our["subcommands"]))
	}
}

func docLines(docs map[string]any) (lines []string) {
	for _, field := range []string{"since", "group", "doc_flags", "deprecated_since"} {
		if docs[field] != nil {
			lines = append(lines, field+" "+text(docs[field]))
		}
	}
	for _, prose := range []string{"complexity", "replaced_by"} {
		if docs[prose] != nil {
			lines = append(lines, prose)
		}
	}
	return append(append(lines, versions(docs["history"])...), argLines(docs["arguments"], "")...)
}

func (d *differ) infos(theirs, ours any) {
	known := map[any][]any{}
	for _, entry := range ours.([]any) {
		known[entry.([]any)[0]] = entry.([]any)
	}
	for _, entry := range theirs.([]any) {
		their := entry.([]any)
		name := their[0].(string)
		our := known[name]
		if our == nil {
			continue
		}
		d.diff(name, infoLines(their), infoLines(our))
		d.infos(their[9], our[9])
	}
}

func infoLines(info []any) (lines []string) {
	for i, field := range []string{1: "arity", 2: "flags", 3: "first", 4: "last", 5: "step", 6: "categories", 7: "tips"} {
		if field != "" {
			lines = append(lines, field+" "+text(info[i]))
		}
	}
	for _, spec := range info[8].([]any) {
		f := fields(spec)
		notes := ""
		if f["notes"] != nil { // prose
			notes = "notes"
		}
		lines = append(lines, strings.TrimSpace("key spec "+text(f["flags"])+" "+text(f["begin_search"])+" "+text(f["find_keys"])+" "+notes))
	}
	return lines
}

// diff notes the lines that one of them has and not the other.
func (d *differ) diff(name string, theirs, ours []string) {
	before := len(d.lines)
	for _, line := range theirs {
		if !slices.Contains(ours, line) {
			d.lines = append(d.lines, name+" - "+line)
		}
	}
	for _, line := range ours {
		if !slices.Contains(theirs, line) {
			d.lines = append(d.lines, name+" + "+line)
		}
	}
	if before == len(d.lines) {
		assert.Equal(d.t, theirs, ours, "%s: another order", name)
	}
}

// versions gives those of a history, without 7.2's.
func versions(history any) (list []string) {
	entries, _ := history.([]any)
	for _, e := range entries {
		if version := e.([]any)[0].(string); version < "7.2" {
			list = append(list, "changed in "+version)
		}
	}
	return list
}

// argLines gives a line for each argument, its own ones indented behind it, without 7.2's.
func argLines(args any, indent string) (lines []string) {
	list, _ := args.([]any)
	for _, arg := range list {
		f := fields(arg)
		if since, _ := f["since"].(string); since >= "7.2" {
			continue
		}
		var words []string
		for _, field := range []string{"name", "type", "token", "key_spec_index", "since", "deprecated_since", "flags"} {
			if f[field] != nil {
				words = append(words, field+"="+text(f[field]))
			}
		}
		words[0] = argName(f)
		lines = append(lines, indent+strings.Join(words, " "))
		lines = append(lines, argLines(f["arguments"], indent+"  ")...)
	}
	return lines
}

// argName is an argument's name as 7.2 has it; that of a block or a choice is none of Redis's before 7.2, which made them up.
func argName(f map[string]any) string {
	if f["type"] == "oneof" || f["type"] == "block" {
		return "name"
	}
	name := strings.ReplaceAll(f["name"].(string), "_", "-")
	if renamed, ok := renamed72[name]; ok {
		return renamed
	}
	return name
}

// renamed72 are arguments that 7.2 named anew.
var renamed72 = map[string]string{
	"groupname": "group", "consumername": "consumer", "categoryname": "category", "entries-read": "entriesread",
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = text(v[i])
		}
		if len(v) > 0 && words[0] != "type" { // sets have no order
			sort.Strings(words)
		}
		return strings.Join(words, ",")
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}
