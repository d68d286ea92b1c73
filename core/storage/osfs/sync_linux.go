package osfs

import (
	"os"
	"syscall"
)

// datasync is fdatasync: content and size, not the times.
func datasync(_ *os.File, raw syscall.RawConn) error {
	var err error
	control := raw.Control(func(fd uintptr) {
		for {
			if err = syscall.Fdatasync(int(fd)); err != syscall.EINTR {
				return
			}
		}
	})
	if control != nil {
		return control
	}
	return err
}
