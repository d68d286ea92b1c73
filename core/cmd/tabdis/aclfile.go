package main

import (
	"os"
	"path/filepath"
)

// aclFile is the path of the file with the users.
type aclFile string

func (f aclFile) Read() ([]byte, error) { return os.ReadFile(string(f)) }

// Replace writes another file, syncs it and renames it: a crash leaves the old text or the new one.
func (f aclFile) Replace(text []byte) (err error) {
	dir := filepath.Dir(string(f))
	next, err := os.CreateTemp(dir, filepath.Base(string(f))+".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // once it has its name there is nothing to remove
	_, err = next.Write(text)
	if err == nil {
		err = next.Sync()
	}
	if closing := next.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(next.Name(), string(f))
	}
	if err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
