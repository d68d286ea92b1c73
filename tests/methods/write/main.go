// Command write makes the client's modules of methods: go generate ./tests/methods
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"tabdis/tests/methods"
)

func main() {
	if err := run("../../jsbridge/client/src/commands"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	files, err := methods.Files()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
