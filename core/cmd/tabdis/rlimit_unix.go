//go:build unix

package main

import (
	"math"
	"os"
	"os/signal"
	"syscall"
)

// raiseDescriptors asks for so many open files and gives how many are allowed.
func raiseDescriptors(want int64) (most int64) {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil {
		return want // it cannot be known: accept tells when there are no more
	}
	if l.Cur < uint64(want) {
		higher := syscall.Rlimit{Cur: min(uint64(want), l.Max), Max: l.Max}
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &higher) == nil {
			l = higher
		}
	}
	return int64(min(l.Cur, math.MaxInt64))
}

// outliveFileSize makes a write past the limit of a file's size an error, which the log answers for, instead of the end of the process.
func outliveFileSize() { signal.Ignore(syscall.SIGXFSZ) }

// setBacklog gives a listening socket another backlog than Go's.
func setBacklog(fd uintptr, n int) error {
	return os.NewSyscallError("listen", syscall.Listen(int(fd), n))
}
