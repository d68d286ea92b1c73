//go:build unix

package main

import (
	"strconv"
	"syscall"
)

// processorTime is what the process has used of the processors, in seconds.
func processorTime() (user, sys string, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return "", "", false
	}
	return seconds(u.Utime), seconds(u.Stime), true
}

func seconds(t syscall.Timeval) string { return strconv.FormatFloat(float64(t.Nano())/1e9, 'f', 6, 64) }
