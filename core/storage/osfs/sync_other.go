//go:build !linux && !js && !wasip1

package osfs

import (
	"os"
	"syscall"
)

func fdatasync(f *os.File, _ syscall.RawConn, _ bool) error { return f.Sync() }
