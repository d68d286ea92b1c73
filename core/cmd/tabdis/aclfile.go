//go:build !js

package main

import "os"

// aclFile is the path of the file with the users.
type aclFile string

func (f aclFile) Read() ([]byte, error) { return os.ReadFile(string(f)) }

// Replace leaves the old text or the new one, whatever happens.
func (f aclFile) Replace(text []byte) error { return replaceFile(string(f), text) }
