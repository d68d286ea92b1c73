//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tabdis/core"
	"tabdis/core/aof"
	"tabdis/core/param"
	"tabdis/core/storage/osfs"
)

// serve runs until a signal comes or the store fails, and gives the exit code.
func serve(args []string) int {
	if len(args) == 1 {
		switch args[0] {
		case "--version", "-v":
			version()
			return 0
		case "--help", "-h":
			fmt.Print(usage)
			return 0
		}
	}
	outliveFileSize()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	p := newProgram()
	c, err := p.configure(args, os.Stdin)
	if err == nil {
		err = p.run(c, signals)
	}
	if err == nil {
		return 0
	}
	if broken := (*confError)(nil); errors.As(err, &broken) {
		fmt.Fprintln(os.Stderr, err)
	} else {
		fmt.Fprintf(os.Stderr, "tabdis serve: %v\n", err)
	}
	if p.logFile != "" { // who looks there finds it, too
		for text := range strings.Lines(err.Error()) {
			p.log.line(aof.Warning, strings.TrimSuffix(text, "\n"))
		}
	}
	return 1
}

// configure takes file, standard input and flags, in this order.
func (p *program) configure(args []string, stdin io.Reader) (*configuration, error) {
	line, err := parseArgs(args)
	if err != nil {
		return nil, err
	}
	p.file = line.file
	text, err := line.text(stdin)
	if err != nil {
		return nil, err
	}
	c := &configuration{p: p, values: map[string]string{}}
	return c, c.load(text)
}

// run opens the store and the listeners, and serves. p's directory is the process's by now.
func (p *program) run(c *configuration, signals <-chan os.Signal) (err error) {
	p.warn()
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(int(p.ioThreads))
	}
	if err := p.fitDescriptors(); err != nil {
		return err
	}
	listeners, err := p.open()
	if err != nil {
		return err
	}
	p.loop = newLoop(p)
	if p.loop.poll, err = newPoll(); err != nil {
		return err
	}
	p.loop.listeners = listeners
	defer func() { p.loop.closeListeners() }()
	dirname := "appendonlydir"
	if d := c.values["appenddirname"]; d != "" {
		dirname = d
	}
	fs, err := osfs.Open(dirname)
	if err != nil {
		return opened(dirname, err)
	}
	defer fs.Close()
	if err := unusedBy(dirname, c.values["appendfilename"]); err != nil {
		return err
	}
	dumps, err := osfs.OpenDumps(".")
	if err != nil {
		return err
	}
	var users core.ACLFile
	if name := c.values["aclfile"]; name != "" {
		users = aclFile(name)
	}
	began := time.Now()
	p.engine, err = core.Open(context.Background(), core.Options{
		FS: fs, Config: c.values, Now: time.Now().UnixMilli(), Log: p.log.line, Wake: p.loop.wake, Backend: "files", ACLFile: users,
		Program: p, Users: c.users, Dumps: dumps, Progress: p.progress(), Shutdown: p.loop.shutdown,
		Importer: aof.NewImporter(openBeside),
	})
	if err != nil {
		return loadFailed(err, dirname)
	}
	p.loop.engine = p.engine
	p.reportLoad(c, time.Since(began).Seconds())
	p.writePid()
	defer p.removePid()
	p.ready()
	return p.loop.serve(p.engine, signals)
}

// ready tells that clients may come, and lets them in.
func (p *program) ready() {
	for _, l := range p.loop.listeners {
		fmt.Printf("Ready to accept connections %s %s\n", l.Addr().Network(), l.Addr())
		go p.loop.accept(l)
	}
	p.notify("READY=1\nSTATUS=Ready to accept connections\n")
}

// serve turns until it is to end, and closes the engine: what was answered is in the log.
func (l *loop) serve(e *core.Engine, signals <-chan os.Signal) error {
	reason := l.run(e, signals)
	l.p.notify("STOPPING=1\n")
	l.closeListeners()
	go func() {
		for s := range signals {
			if s == os.Interrupt {
				l.p.log.line(aof.Warning, "You insist... exiting now.")
				l.p.removePid()
				os.Exit(1)
			}
		}
	}()
	closing := e.Close(context.Background())
	l.deliver(e) // replies that waited for the last sync
	l.closeAll()
	if reason != nil {
		return reason
	}
	if closing == nil {
		l.p.log.line(aof.Notice, "tabdis is now ready to exit, bye bye...")
	}
	return closing
}

// signalled is SHUTDOWN with the options that the parameter of the signal names. What cannot be saved keeps the server running.
func (l *loop) signalled(e *core.Engine, s os.Signal) {
	name, options := "SIGTERM", l.p.onSigterm
	if s == os.Interrupt {
		name, options = "SIGINT", l.p.onSigint
	}
	e.Log(aof.Warning, "Received "+name+" scheduling shutdown...")
	has := func(option string) bool { return slices.Contains(strings.Fields(options), option) }
	if e.Shutdown(has("save"), has("nosave"), has("force")) != nil {
		e.Log(aof.Warning, "Errors trying to shut down the server. Check the logs for more information.")
	}
}

// progress tells of a long load, once a second.
func (p *program) progress() func(aof.Progress) {
	last := time.Now()
	return func(at aof.Progress) {
		if time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		percent := int64(100)
		if at.TotalBytes > 0 {
			percent = 100 * at.Bytes / at.TotalBytes
		}
		p.log.line(aof.Notice, fmt.Sprintf("Loading %s: %d%%, %d commands", at.File, percent, at.Commands))
	}
}

func (p *program) reportLoad(c *configuration, seconds float64) {
	r := p.engine.Report()
	if on, _ := param.Bool(c.values["appendonly"]); c.values["appendonly"] != "" && !on {
		if strings.TrimSpace(c.values["save"]) == "" {
			p.engine.Log(aof.Warning, "appendonly is no and save names no points: what is stored is gone when the server ends")
		}
		p.reportDump(&r, seconds)
		return
	}
	if r.Created {
		p.engine.Log(aof.Notice, "Created a new append only file")
		return
	}
	if r.Imported != "" {
		return // the log told of it
	}
	if r.Keys > 0 {
		p.engine.Log(aof.Notice, fmt.Sprintf("DB loaded from RDB data: %d keys", r.Keys))
	}
	p.engine.Log(aof.Notice, fmt.Sprintf("DB loaded from append only file: %d commands, %d bytes", r.Commands, r.Bytes))
}

func (p *program) writePid() {
	if p.pidFile == "" {
		return
	}
	if err := os.WriteFile(p.pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		p.engine.Log(aof.Warning, "Failed to write PID file: "+err.Error())
		p.pidFile = "" // another's, most likely
	}
}

func (p *program) removePid() {
	if p.pidFile != "" {
		_ = os.Remove(p.pidFile) // whoever removed it before was right
	}
}

// supervisor is who is told that the server is ready: with supervised auto whoever asks to be.
func (p *program) supervisor() string {
	if there := os.Getenv("NOTIFY_SOCKET") != ""; there && (p.supervised == "systemd" || p.supervised == "auto") {
		return "systemd"
	}
	return "no"
}

// notify tells systemd how it goes.
func (p *program) notify(state string) {
	if p.supervisor() != "systemd" {
		return
	}
	c, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err == nil {
		_, err = c.Write([]byte(state))
		c.Close()
	}
	if err != nil {
		p.log.line(aof.Warning, "systemd was not told: "+err.Error())
	}
}
