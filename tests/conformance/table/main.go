// Command table writes the table of commands into README.md: go generate ./tests/conformance
package main

import (
	"fmt"
	"os"

	"tabdis/tests/conformance"
)

func main() {
	if err := run("testdata", "../../README.md"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(scripts, readme string) error {
	rows, err := conformance.Rows(scripts)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	text, err := conformance.WithTable(string(old), rows)
	if err != nil || text == string(old) {
		return err
	}
	return os.WriteFile(readme, []byte(text), 0o644)
}
