//go:build !js

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/storage/osfs"
)

// settings are serve's flags: its own, and the engine's parameters.
type settings struct {
	dir, bind, port string
	config          map[string]string
}

// parseFlags reads "--name value" pairs, as redis-server takes them.
func parseFlags(args []string) (settings, error) {
	s := settings{dir: ".", bind: "127.0.0.1", port: "6379", config: map[string]string{}}
	for len(args) > 0 {
		name, ok := strings.CutPrefix(args[0], "--")
		if !ok {
			return s, fmt.Errorf("%q is not a flag; flags are --name value", args[0])
		}
		if len(args) < 2 {
			return s, fmt.Errorf("--%s needs a value", name)
		}
		value := args[1]
		args = args[2:]
		switch name {
		case "dir":
			s.dir = value
		case "bind":
			s.bind = value
		case "port":
			s.port = value
		default:
			s.config[name] = value
		}
	}
	return s, nil
}

// serve runs until a signal comes or the store fails, and gives the exit code.
func serve(args []string) int {
	set, err := parseFlags(args)
	if err == nil {
		err = core.CheckConfig(set.config)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "tabdis serve: %v\n", err)
		return 2
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := run(set, signals); err != nil {
		fmt.Fprintf(os.Stderr, "tabdis serve: %v\n", err)
		return 1
	}
	return 0
}

func run(set settings, signals <-chan os.Signal) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(set.bind, set.port))
	if err != nil {
		return err
	}
	defer listener.Close()
	dirname := "appendonlydir"
	if d := set.config["appenddirname"]; d != "" {
		dirname = d
	}
	fs, err := osfs.Open(filepath.Join(set.dir, dirname))
	if err != nil {
		return err
	}
	defer fs.Close()
	dumps, err := osfs.OpenDumps(set.dir)
	if err != nil {
		return err
	}
	var users core.ACLFile
	if name := set.config["aclfile"]; name != "" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(set.dir, name)
		}
		users = aclFile(name)
	}
	loop := newLoop()
	engine, err := core.Open(context.Background(), core.Options{
		FS: fs, Config: set.config, Now: time.Now().UnixMilli(), Log: logLine, Wake: loop.wake, Backend: "files", ACLFile: users, Dumps: dumps,
		Port: listener.Addr().(*net.TCPAddr).Port, Progress: progress(), Shutdown: loop.shutdown,
	})
	if err != nil {
		return err
	}
	reportLoad(engine.Report())
	go loop.accept(listener)
	fmt.Printf("Ready to accept connections tcp %s\n", listener.Addr())
	reason := loop.run(engine, signals)
	listener.Close()
	closing := engine.Close(context.Background())
	loop.deliver(engine) // replies that waited for the last sync
	loop.closeAll()
	if reason != nil {
		return reason
	}
	if closing == nil {
		logLine(aof.Notice, "tabdis is now ready to exit, bye bye...")
	}
	return closing
}

// logLine writes a line in the form of Redis's log, to standard error.
func logLine(level aof.Level, msg string) {
	fmt.Fprintf(os.Stderr, "%d:M %s %c %s\n", os.Getpid(), time.Now().Format("02 Jan 2006 15:04:05.000"), ".-*#"[level], msg)
}

// progress tells of a long load, once a second.
func progress() func(aof.Progress) {
	last := time.Now()
	return func(p aof.Progress) {
		if time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		percent := int64(100)
		if p.TotalBytes > 0 {
			percent = 100 * p.Bytes / p.TotalBytes
		}
		logLine(aof.Notice, fmt.Sprintf("Loading %s: %d%%, %d commands", p.File, percent, p.Commands))
	}
}

func reportLoad(r aof.Report) {
	if r.Created {
		logLine(aof.Notice, "Created a new append only file")
		return
	}
	if t := r.Truncated; t != nil {
		logLine(aof.Warning, fmt.Sprintf("The append only file ended in the middle of a block: %s was cut at offset %d (block %d); the %d bytes cut are kept in %s",
			t.File, t.Offset, t.LSN, t.Bytes, t.Kept))
	}
	logLine(aof.Notice, fmt.Sprintf("DB loaded from append only file: %d commands, %d bytes", r.Commands, r.Bytes))
}
