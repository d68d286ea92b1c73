package conformance

import (
	"errors"
	"strings"
)

//go:generate go run ./table

// The table stands between these lines of README.md.
const (
	tableBegin = "<!-- commands, by go generate ./tests/conformance -->\n"
	tableEnd   = "<!-- end of commands -->\n"
)

// groupOrder is the order of the table's rows.
var groupOrder = []string{"string", "list", "set", "hash", "sorted-set", "stream", "bitmap", "hyperloglog", "geo", "generic", "transactions", "pubsub",
	"connection", "server", "scripting", "cluster"}

// marks are what stands behind a name, for what is not compared in full.
var marks = map[Proof]string{Form: "²", Written: "¹", NotThere: "³", Missing: "?"}

const legend = "All are compared with redis-server 7.0, reply by reply, but for these: ¹ new in 7.2, its replies are written down from the documentation; ² every " +
	"reply depends on chance, clock or machine, or is our own prose: its form is compared; ³ answers an error that says why it cannot be done here. " +
	"What is left of scripting, cluster, replication and modules answers as a server that holds none of them.\n"

// WithTable is README.md's text with the table of these rows in it.
func WithTable(readme string, rows []Row) (string, error) {
	head, rest, ok := strings.Cut(readme, tableBegin)
	_, tail, ended := strings.Cut(rest, tableEnd)
	if !ok || !ended {
		return "", errors.New("README.md has no place for the table of commands")
	}
	return head + tableBegin + Table(rows) + tableEnd + tail, nil
}

// Table is the table of commands in Markdown, a row for each group.
func Table(rows []Row) string {
	names := map[string][]string{}
	for _, row := range rows {
		if strings.HasSuffix(row.Name, "|help") {
			continue // every container has one
		}
		word := strings.ToUpper(row.Name)
		list := names[row.Group]
		if container, sub, ok := strings.Cut(word, "|"); ok { // joins the others of its container
			if n := len(list); n > 0 && strings.HasPrefix(list[n-1], container+" (") {
				list[n-1] = strings.TrimSuffix(list[n-1], ")") + " " + sub + marks[row.Proof] + ")"
				continue
			}
			word = container + " (" + sub + marks[row.Proof] + ")"
		} else {
			word += marks[row.Proof]
		}
		names[row.Group] = append(list, word)
	}
	var b strings.Builder
	b.WriteString("| group | commands |\n|---|---|\n")
	for _, group := range groupOrder {
		b.WriteString("| " + group + " | " + strings.Join(names[group], ", ") + " |\n")
	}
	b.WriteString("\n" + legend)
	return b.String()
}
