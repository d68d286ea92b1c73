//go:build !js

package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"tabdis/core/aof"
)

// logger writes lines in the form of Redis's log, to standard error or to a file. The file is opened for each line, so that it may be moved
// away at any time.
type logger struct {
	mu   sync.Mutex
	file string
}

func (l *logger) line(level aof.Level, msg string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var to io.Writer = os.Stderr
	if l.file != "" {
		f, err := os.OpenFile(l.file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err == nil {
			defer f.Close()
			to = f
		} else {
			fmt.Fprintf(os.Stderr, "tabdis: the log file cannot be opened, its lines come here: %v\n", err)
		}
	}
	fmt.Fprintf(to, "%d:M %s %c %s\n", os.Getpid(), time.Now().Format("02 Jan 2006 15:04:05.000"), ".-*#"[level], msg)
}

// to sends further lines to a file, "" for standard error.
func (l *logger) to(file string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file = file
}
