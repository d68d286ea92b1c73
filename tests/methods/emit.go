package methods

import (
	"regexp"
	"slices"
	"strings"
)

const head = "// Made by `go generate ./tests/methods` from core/command's table and tests/methods/methods.txt. Not to be edited.\n"

// Files are the two modules by their names in jsbridge/client/src/commands.
func Files() (map[string]string, error) {
	methods, err := All()
	if err != nil {
		return nil, err
	}
	return map[string]string{"table.ts": table(methods), "methods.ts": types(methods)}, nil
}

// table has a line for each method: its name, its words where they are not its name in capitals, a mark if it may wait, its shape, and
// what is made of the reply.
func table(methods []Method) string {
	var b strings.Builder
	b.WriteString(head + "\n/** The methods, a line for each: see shape.ts. */\nexport const table: string = `\n")
	for _, m := range methods {
		b.WriteString(m.Name)
		if m.Words() != strings.ToUpper(m.Name) {
			b.WriteString("=" + strings.ReplaceAll(m.Words(), " ", "="))
		}
		if m.Waits() {
			b.WriteString("!")
		}
		if m.Shape != "" {
			b.WriteString(" " + m.Shape)
		}
		if m.Transform != "" {
			b.WriteString(" >" + m.Transform)
		}
		b.WriteByte('\n')
	}
	b.WriteString("`;\n")
	return b.String()
}

var name = regexp.MustCompile(`\b[A-Z][A-Za-z]+\b`)

// builtin are the names in types that no import gives.
var builtin = []string{"Record", "Promise", "Date", "Uint8Array", "S"}

func types(methods []Method) string {
	var b, aliases strings.Builder
	used := map[string]bool{}
	for _, m := range methods {
		reply := "Promise<" + replace(m.Reply) + ">"
		generic := ""
		if m.Name == "getJSON" {
			generic, reply = "<T = unknown>", "Promise<T | null>"
		}
		b.WriteString("  /** " + strings.ReplaceAll(m.Command.Summary, "*/", "*\\/") + " `" + m.Words() + "`, " + m.Command.Complexity + ". */\n")
		signature := m.Name + generic + "(" + replace(m.Params) + "): " + reply + ";\n"
		b.WriteString("  " + signature)
		quoted := m.Alias()
		if strings.Contains(quoted, "-") {
			quoted = `"` + quoted + `"`
		}
		aliases.WriteString("  /** @hidden */ " + quoted + `: Methods<S>["` + m.Name + "\"];\n")
		for _, n := range name.FindAllString(plain(m), -1) {
			used[n] = true
		}
	}
	delete(used, "OK")
	var options []string
	for n := range used {
		if !slices.Contains(builtin, n) && n != "Argument" && n != "Reply" {
			options = append(options, n)
		}
	}
	options = append(options, "Ok")
	slices.Sort(options)
	return head + "import type { Argument, Reply } from \"../types.js\";\nimport type {\n  " + strings.Join(options, ",\n  ") + ",\n} from \"./options.js\";\n\n" +
		"/**\n * The commands as methods. `S` is what strings in replies come as: `string`, or `Uint8Array`.\n */\nexport interface Methods<in out S> {\n" + b.String() + "}\n\n" +
		"/** The same methods under the names of the commands, as node-redis has them too. */\nexport interface Aliases<in out S> {\n" + aliases.String() + "}\n"
}

var quoted = regexp.MustCompile(`"[^"]*"|\b[A-Z]+\??:`)

// plain is what of a method's types may be a type's name.
func plain(m Method) string { return quoted.ReplaceAllString(m.Params+" "+m.Reply, "") }

var ok = regexp.MustCompile(`\bOK\b`)

func replace(kind string) string { return ok.ReplaceAllString(kind, "Ok<S>") }
