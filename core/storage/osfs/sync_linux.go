package osfs

import (
	"os"
	"syscall"
)

// fdatasync makes durable content and size, not the times.
func fdatasync(_ *os.File, raw syscall.RawConn) error {
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
