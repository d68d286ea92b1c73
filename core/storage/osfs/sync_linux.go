package osfs

import (
	"os"
	"runtime"
	"syscall"
)

// fdatasync makes durable content and size, not the times. With now somebody waits for it in the call. Where one thread alone runs Go code
// (GOMAXPROCS 1) that one keeps its place meanwhile: to hand it to another thread and get it back took as long as the sync.
func fdatasync(_ *os.File, raw syscall.RawConn, now bool) error {
	call := syscall.Syscall
	if now && runtime.GOMAXPROCS(0) == 1 {
		call = syscall.RawSyscall
	}
	var failed syscall.Errno
	err := raw.Control(func(fd uintptr) {
		for {
			if _, _, failed = call(syscall.SYS_FDATASYNC, fd, 0, 0); failed != syscall.EINTR {
				return
			}
		}
	})
	if err == nil && failed != 0 {
		err = failed
	}
	return err
}
