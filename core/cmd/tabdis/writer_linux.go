//go:build linux && !js

package main

import (
	"os"
	"syscall"
)

// F_SETLEASE, which package syscall does not name.
const setLease = 1024

// openForWriting tells whether a process has a file open for writing. A read lease is given only where none has; it is given back at once.
// Where leases are not to be had (another's file, some network file systems) it is not known, and false.
func openForWriting(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false // whoever reads it tells why
	}
	defer f.Close() // nothing was done with it
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return false
	}
	switch _, _, no := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), setLease, syscall.F_RDLCK); no {
	case 0:
		_, _, no = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), setLease, syscall.F_UNLCK)
		return false
	case syscall.EAGAIN:
		return true
	}
	return false
}
